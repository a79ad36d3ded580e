package httpapi

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// faces serves the residents' portal, the field app and the desk from the files of the build. Texts lie there packed
// (.br and .gz) and are sent as they lie.
type faces struct {
	files fs.FS
	tags  map[string]string // validator by file
}

// newFaces reads which files there are; nil when the program was built without its faces.
func newFaces(files fs.FS) *faces {
	if files == nil {
		return nil
	}
	f := &faces{files: files, tags: map[string]string{}}
	err := fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		sum := sha256.Sum256(content)
		f.tags[name] = `"` + hex.EncodeToString(sum[:9]) + `"`
		return err
	})
	if err != nil || f.tags["index.html.gz"] == "" {
		return nil
	}
	return f
}

// portalScreens are the first parts of the portal's addresses; each is drawn by its one page.
var portalScreens = []string{"report", "sent", "track", "t", "results", "grid", "g", "board", "help", "about"}

// page is the document for an address of a face; empty when it is none.
func (f *faces) page(address string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(address, "/"), "/")
	switch {
	case path.Ext(address) != "" && !strings.Contains(path.Base(address), "@"): // seven-step@2026.2 is no file
		return ""
	case address == "/":
		return "index.html"
	case first == "field" || first == "desk":
		return first + "/index.html"
	}
	for _, screen := range portalScreens {
		if first == screen {
			return f.portalPage(address, first)
		}
	}
	return ""
}

// portalPage is the portal's page for an address below its first: the one that already shows how the screen begins where
// the build drew one (portal/results.html for /results, portal/t.one.html for /t/…), else the one that fits every screen.
func (f *faces) portalPage(address, first string) string {
	drawn := "portal/" + first + ".html"
	if strings.Contains(strings.Trim(address, "/"), "/") {
		drawn = "portal/" + first + ".one.html"
	}
	for _, name := range []string{drawn, "portal/any.html"} {
		if f.tags[name+".gz"] != "" {
			return name
		}
	}
	return "index.html"
}

// serve answers with a face's page or file, and tells whether there was one.
func (f *faces) serve(w http.ResponseWriter, r *http.Request) bool {
	if f == nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	name := f.page(r.URL.Path)
	if name == "" {
		name = strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	}
	found, encoding := f.choose(name, r.Header.Get("Accept-Encoding"))
	if found == "" {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", f.tags[found])
	h.Set("Cache-Control", caching(name))
	if name == "field/sw.js" {
		h.Set("Service-Worker-Allowed", "/field/")
	}
	if r.Header.Get("If-None-Match") == f.tags[found] {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	if encoding != "" && encoding != "unpack" {
		h.Set("Content-Encoding", encoding)
	}
	if r.Method == http.MethodHead {
		return true
	}
	if err := f.copy(w, found, encoding == "unpack"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(http.ErrAbortHandler) // the connection is gone
	}
	return true
}

// choose finds the smallest form of a file that the client takes.
func (f *faces) choose(name, accept string) (file, encoding string) {
	if f.tags[name] != "" {
		return name, ""
	}
	switch {
	case strings.Contains(accept, "br") && f.tags[name+".br"] != "":
		return name + ".br", "br"
	case strings.Contains(accept, "gzip") && f.tags[name+".gz"] != "":
		return name + ".gz", "gzip"
	case f.tags[name+".gz"] != "":
		return name + ".gz", "unpack"
	}
	return "", ""
}

func (f *faces) copy(w io.Writer, name string, unpack bool) error {
	file, err := f.files.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	var from io.Reader = file
	if unpack {
		if from, err = gzip.NewReader(file); err != nil {
			return err
		}
	}
	_, err = io.Copy(w, from)
	return err
}

// caching keeps for a year what has its content's hash in its name; everything else is asked for anew each time.
func caching(name string) string {
	if strings.HasPrefix(name, "assets/") {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".webmanifest":
		return "application/manifest+json"
	case ".js":
		return "text/javascript; charset=utf-8"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}
