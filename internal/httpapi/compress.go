package httpapi

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// compressedFrom is the size (bytes) from which an answer is compressed: below it all fits into one packet anyway.
const compressedFrom = 1400

// compressed gives what is read to those who take it compressed: a page of fifty cases is 40 KB, all categories 130 KB, and a
// telephone far out pays for both in seconds. A little random length is added, so that the size tells nothing of what stands beside words that
// somebody else could make the reader ask for (BREACH). Files, workbooks and the stream of events go as they are.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(compressedFrom), gzhttp.CompressionLevel(3), gzhttp.RandomJitter(32, 0, false),
		gzhttp.ContentTypes([]string{"application/json", "application/problem+json", "application/geo+json"}))
	if err != nil {
		panic(err) // never: the options above are right
	}
	smaller := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path != eventsPath && strings.HasPrefix(r.URL.Path, v1+"/") {
			smaller.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
