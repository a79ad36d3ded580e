package httpapi

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAnswersAreCompressedForWhoTakesThem(t *testing.T) {
	h := serve(t, false).Handler()
	ask := func(path string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	plain := ask(v1 + "/categories")
	small := ask(v1+"/categories", "Accept-Encoding", "gzip, br")
	if got := small.Header().Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("content encoding %q", got)
	}
	if a, b := plain.Body.Len(), small.Body.Len(); b*4 > a {
		t.Errorf("%d bytes became %d", a, b)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(small.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil || !bytes.Equal(text, plain.Body.Bytes()) {
		t.Errorf("unpacked it is not what was asked for: %v", err)
	}
	for _, key := range []string{"Etag", "Content-Type", "Content-Security-Policy"} {
		if a, b := plain.Header().Get(key), small.Header().Get(key); a != b || a == "" {
			t.Errorf("%s is %q and, compressed, %q", key, a, b)
		}
	}
	if tiny := ask(v1+"/me", "Accept-Encoding", "gzip"); tiny.Code != http.StatusUnauthorized || tiny.Header().Get("Content-Encoding") != "" {
		t.Errorf("a small answer: %d, %q", tiny.Code, tiny.Header().Get("Content-Encoding"))
	}
}
