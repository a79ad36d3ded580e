// Package blob keeps attachments by the hash of their content: the same photo sent twice is stored once, a file never
// changes under its name, and a damaged one is seen. What kind of file it is is told from its bytes, never from what
// the sender says, and kinds that are not wanted are refused.
//
// Whoever serves a blob sends Info.Type with "X-Content-Type-Options: nosniff", and shows the public only what PublicImage made.
package blob

import (
	"context"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"

	"linli/internal/platform/fault"
)

// Store keeps blobs. Folder keeps them on a disk; an object store fits the same five methods.
type Store interface {
	// Put stores what r gives and returns where it is found. maxBytes 0 means the default of the kind (ImageLimit,
	// FileLimit). Faults: TooLarge "file-too-large", Invalid "file-type", "file-empty", "upload-interrupted", Unavailable
	// "disk-full". It is on the disk when Put returns.
	Put(ctx context.Context, r io.Reader, maxBytes int64) (Info, error)
	// Open gives the content; NotFound "file-missing".
	Open(ctx context.Context, hash string) (io.ReadSeekCloser, error)
	// Stat gives size and type; NotFound "file-missing".
	Stat(ctx context.Context, hash string) (Info, error)
	// Delete removes the content; what is not there is no error. The caller knows that nothing refers to it any more.
	Delete(ctx context.Context, hash string) error
	// Walk visits every blob in the order of the hashes until visit gives an error, which it returns.
	Walk(ctx context.Context, visit func(Info) error) error
}

// Info is what is known of a blob.
type Info struct {
	Hash string `json:"hash" doc:"SHA-256 of the content in 64 lower-case hex digits"`
	Size int64  `json:"size" doc:"length in bytes"`
	Type string `json:"type" doc:"media type told from the content"`
}

// Kind is what a blob is to its viewers.
type Kind string

const (
	Image    Kind = "image"
	Audio    Kind = "audio"
	Video    Kind = "video"
	Document Kind = "document"
	Text     Kind = "text"
)

// The default limits of Put, in bytes.
const (
	ImageLimit = 20 << 20
	FileLimit  = 50 << 20
)

// allowed are the media types taken. HEIC is kept as it came but cannot be decoded here, so it is never shown publicly;
// SVG and HTML are not images or text here, since they can carry scripts. OFD is the Chinese fixed-layout document (GB/T 33190).
func allowed() map[string]Kind {
	const office = "application/vnd.openxmlformats-officedocument."
	return map[string]Kind{
		"image/jpeg": Image, "image/png": Image, "image/webp": Image, "image/gif": Image,
		"image/heic": Image, "image/heif": Image, "image/heic-sequence": Image, "image/heif-sequence": Image,
		"audio/x-m4a": Audio, "audio/mp4": Audio, "audio/mpeg": Audio, "audio/amr": Audio, "audio/wav": Audio,
		"video/mp4":       Video,
		"application/pdf": Document, "application/ofd": Document,
		office + "wordprocessingml.document": Document, office + "spreadsheetml.sheet": Document, office + "presentationml.presentation": Document,
		"application/msword": Document, "application/vnd.ms-excel": Document, "application/vnd.ms-powerpoint": Document,
		"application/vnd.oasis.opendocument.text": Document, "application/vnd.oasis.opendocument.spreadsheet": Document,
		"application/vnd.oasis.opendocument.presentation": Document,
		"text/plain": Text, "text/csv": Text,
	}
}

// Allowed lists the media types that are taken, in alphabetical order, for the file chooser of a form.
func Allowed() []string {
	out := []string{}
	for t := range allowed() {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// KindOf gives the kind of a media type, and whether it is taken at all.
func KindOf(mediaType string) (Kind, bool) {
	k, ok := allowed()[mediaType]
	return k, ok
}

// limitOf is what one blob of the type may have.
func limitOf(mediaType string, maxBytes int64) int64 {
	if maxBytes > 0 {
		return maxBytes
	}
	if k, _ := KindOf(mediaType); k == Image {
		return ImageLimit
	}
	return FileLimit
}

// valid tells whether a hash is one: nothing else may become part of a path.
func valid(hash string) bool {
	if len(hash) != 64 || hash != strings.ToLower(hash) {
		return false
	}
	_, err := hex.DecodeString(hash)
	return err == nil
}

func missing() *fault.Error {
	return fault.New(fault.NotFound, "file-missing", "没有这个附件,可能已被删除", "There is no such attachment; it may have been deleted")
}

func tooLarge(limit int64) *fault.Error {
	return fault.Newf(fault.TooLarge, "file-too-large", "文件超过 %[1]s,请压缩后再上传", "The file is larger than %[1]s; make it smaller and send it again", size(limit))
}

func size(n int64) string {
	const units = "KMG"
	unit := "B"
	for i := 0; n >= 1024 && n%1024 == 0 && i < len(units); i++ {
		n, unit = n/1024, units[i:i+1]+"B"
	}
	return strconv.FormatInt(n, 10) + " " + unit
}

func refused(mediaType string) *fault.Error {
	return fault.Newf(fault.Invalid, "file-type",
		"不接收这种文件(%[1]s);可上传照片、PDF 或 OFD、Office 文档、录音(m4a、mp3、amr、wav)、mp4 视频和文本",
		"Files of this kind (%[1]s) are not taken; send photos, PDF or OFD, office documents, audio (m4a, mp3, amr, wav), mp4 video or plain text", mediaType)
}
