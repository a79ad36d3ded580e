package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestLookingUpWithoutAnAccountIsBoundedByAddress(t *testing.T) {
	h := serve(t, false).Handler()
	ask := func(address, path string) int {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr = address + ":1000"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for i := range othersPerMinute {
		if code := ask("192.0.2.1", "/api/v1/categories"); code != http.StatusOK {
			t.Fatalf("request %d: %d", i+1, code)
		}
	}
	if code := ask("192.0.2.1", "/api/v1/categories"); code != http.StatusTooManyRequests {
		t.Errorf("beyond the limit: %d", code)
	}
	if code := ask("192.0.2.2", "/api/v1/categories"); code != http.StatusOK {
		t.Errorf("another address: %d", code)
	}
	if code := ask("192.0.2.1", "/healthz"); code != http.StatusOK {
		t.Errorf("health is not part of it: %d", code)
	}
}
