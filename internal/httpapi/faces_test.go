package httpapi

import (
	"testing"
	"testing/fstest"
)

func TestAnAddressHasThePageThatShowsHowItsScreenBegins(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{"index.html", "field/index.html", "desk/index.html", "portal/any.html", "portal/results.html", "portal/t.one.html"} {
		files[name+".gz"] = &fstest.MapFile{Data: []byte(name)}
	}
	whole := newFaces(files)
	for address, want := range map[string]string{
		"/": "index.html", "/results": "portal/results.html", "/results/": "portal/results.html", "/t/AAAA-BBBB-CCCC": "portal/t.one.html",
		"/results/320682-2026-000123": "portal/any.html", "/track": "portal/any.html", "/t": "portal/any.html",
		"/field/": "field/index.html", "/desk/cases": "desk/index.html",
		"/elsewhere": "", "/portal/results": "", "/assets/a.js": "",
	} {
		if got := whole.page(address); got != want {
			t.Errorf("%s is drawn by %q, want %q", address, got, want)
		}
	}

	for name := range files {
		if name != "index.html.gz" {
			delete(files, name)
		}
	}
	if got := newFaces(files).page("/results"); got != "index.html" {
		t.Errorf("where no page was drawn for an address it has %q, want that of the portal", got)
	}
}
