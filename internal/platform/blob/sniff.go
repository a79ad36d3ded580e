package blob

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gabriel-vasile/mimetype"
	"github.com/richardlehane/mscfb"
)

// sniffed is how much of the beginning the library looks at.
const sniffed = 3072

// undecided are containers whose kind shows only from the inside.
func undecided(mediaType string) bool {
	return mediaType == "application/zip" || mediaType == "application/x-ole-storage"
}

// typeOf tells the media type from the content, without parameters.
func typeOf(r io.ReaderAt, size int64) (string, error) {
	head := make([]byte, min(size, sniffed))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("look at the content: %w", err)
	}
	t := byHead(head)
	switch t {
	case "application/zip":
		return inZip(r, size), nil
	case "application/x-ole-storage":
		return inOLE(r), nil
	}
	return t, nil
}

func byHead(head []byte) string {
	t, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	return t
}

// inZip finds office documents whose parts stand in an order the library does not expect, and OFD.
func inZip(r io.ReaderAt, size int64) string {
	const office = "application/vnd.openxmlformats-officedocument."
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return "application/zip"
	}
	typed := false
	found := ""
	for _, f := range archive.File {
		switch f.Name {
		case "OFD.xml":
			return "application/ofd"
		case "[Content_Types].xml":
			typed = true
		case "word/document.xml":
			found = office + "wordprocessingml.document"
		case "xl/workbook.xml":
			found = office + "spreadsheetml.sheet"
		case "ppt/presentation.xml":
			found = office + "presentationml.presentation"
		}
	}
	if typed && found != "" {
		return found
	}
	return "application/zip"
}

// inOLE finds the old office documents, also those of WPS, by the name of their main stream.
func inOLE(r io.ReaderAt) (mediaType string) {
	mediaType = "application/x-ole-storage"
	defer func() {
		if recover() != nil { // the reader of a malformed container
			mediaType = "application/x-ole-storage"
		}
	}()
	doc, err := mscfb.New(r)
	if err != nil {
		return mediaType
	}
	for _, f := range doc.File {
		if len(f.Path) > 0 {
			continue
		}
		switch f.Name {
		case "WordDocument":
			return "application/msword"
		case "Workbook", "Book":
			return "application/vnd.ms-excel"
		case "PowerPoint Document":
			return "application/vnd.ms-powerpoint"
		}
	}
	return mediaType
}
