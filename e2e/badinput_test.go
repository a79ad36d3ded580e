package e2e

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"linli/internal/platform/sheet"
)

// raw sends bytes as they are.
func (w *world) raw(secret, method, path, kind string, body []byte, headers ...string) answer {
	w.t.Helper()
	req, err := http.NewRequest(method, w.srv.URL+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	return readAnswer(w.t, res)
}

// refusedAs looks at a refusal: a problem document with the status, the code, and the field if one is named.
func refusedAs(t *testing.T, what string, a answer, status int, code, field string) {
	t.Helper()
	if a.status != status || a.body["code"] != code {
		t.Errorf("%s: %d %v, want %d %s: %s", what, a.status, a.body["code"], status, code, cut(a.raw))
		return
	}
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("%s: a refusal of type %q", what, kind)
	}
	if title, _ := a.body["title"].(string); title == "" || a.body["request_id"] == "" {
		t.Errorf("%s: a refusal without words or request id: %s", what, cut(a.raw))
	}
	if field == "" {
		return
	}
	errors, _ := a.body["errors"].([]any)
	for _, e := range errors {
		f, _ := e.(map[string]any)
		if f["field"] == field && f["message"] != "" && f["code"] != "" {
			return
		}
	}
	t.Errorf("%s: no field %q among %s", what, field, cut(a.raw))
}

// TestBadJSONIsRefusedWithThePlace: wrong types, unknown fields, missing ones, huge numbers, depth, encodings.
func TestBadJSONIsRefusedWithThePlace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const uuid = "0193a5f0-7c1e-7000-8000-000000000001"
		deep := strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)
		for name, c := range map[string]struct {
			body        string
			status      int
			code, field string
		}{
			"nothing":               {``, 422, "invalid-request", ""},
			"not JSON":              {`{"id":`, 422, "invalid-request", "body"},
			"a list":                {`[]`, 422, "invalid-request", "body"},
			"a wrong type":          {`{"id":"` + uuid + `","text":7}`, 422, "invalid-request", "body.text"},
			"an unknown field":      {`{"id":"` + uuid + `","text":"路灯不亮","texd":""}`, 422, "invalid-request", "body.texd"},
			"a missing field":       {`{"id":"` + uuid + `"}`, 422, "invalid-request", "body"},
			"no UUID":               {`{"id":"7","text":"路灯不亮"}`, 422, "invalid-request", "body.id"},
			"a huge number":         {`{"id":"` + uuid + `","text":"路灯不亮","place":{"lat":1e400}}`, 422, "invalid-request", "body"},
			"a latitude off earth":  {`{"id":"` + uuid + `","text":"路灯不亮","place":{"lat":1e300,"lon":1}}`, 422, "invalid-report", "place.point"},
			"half a position":       {`{"id":"` + uuid + `","text":"路灯不亮","place":{"lat":32.1}}`, 422, "invalid-place", "place"},
			"deep JSON":             {deep, 422, "invalid-request", "body"},
			"deep JSON in a field":  {`{"id":"` + uuid + `","text":"x","place":` + deep + `}`, 422, "invalid-request", "body"},
			"a NUL":                 {`{"id":"` + uuid + `","text":"路灯\u0000不亮"}`, 422, "invalid-request", "body.text"},
			"no UTF-8":              {"{\"id\":\"" + uuid + "\",\"text\":\"\xff\xfe\"}", 422, "invalid-request", "body"},
			"text of blanks":        {`{"id":"` + uuid + `","text":"   "}`, 422, "invalid-report", "text"},
			"10 MB of text":         {`{"id":"` + uuid + `","text":"` + strings.Repeat("路", 10<<20/3) + `"}`, 413, "too-large", ""},
			"text past the limit":   {`{"id":"` + uuid + `","text":"` + strings.Repeat("路", 300_000) + `"}`, 422, "invalid-report", "text"},
			"a category not there":  {`{"id":"` + uuid + `","text":"路灯不亮","category":"99.99"}`, 422, "invalid-report", "category"},
			"an urgency not there":  {`{"id":"` + uuid + `","text":"路灯不亮","urgency":"yesterday"}`, 422, "invalid-report", "urgency"},
			"a date not there":      {`{"id":"` + uuid + `","text":"路灯不亮","reported_at":"gestern"}`, 422, "invalid-request", "body.reported_at"},
			"a year past reckoning": {`{"id":"` + uuid + `","text":"路灯不亮","reported_at":"9999-12-31T23:59:59Z"}`, 422, "invalid-report", "reported_at"},
		} {
			refusedAs(t, name, w.raw("", "POST", "/api/v1/cases", "application/json", []byte(c.body)), c.status, c.code, c.field)
		}
		refusedAs(t, "a wrong content type", w.raw("", "POST", "/api/v1/cases", "text/csv", []byte(`a,b`)), 415, "media-type", "")
		if a := w.call("", "GET", "/api/v1/public/cases/"+uuid, nil); a.status != 404 {
			t.Errorf("a refused report left something: %d", a.status)
		}
		a := w.call("", "POST", "/api/v1/cases", form{}, "Accept-Language", "en")
		if !strings.Contains(a.raw, "is missing") || strings.Contains(a.raw, "缺少") {
			t.Errorf("the refusal is not in English: %s", a.raw)
		}
	})
}

// TestWordsAreKeptAsTheyCame: emoji, rare characters outside the basic plane, right-to-left text, quotes.
func TestWordsAreKeptAsTheyCame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		text := "𠮷野家门口🚧积水,住户𡈽先生说“不能走”; DROP TABLE cases; -- <script>alert(1)</script> עברית 👨‍👩‍👧"
		caseID := id(t)
		a := w.call("", "POST", "/api/v1/cases", form{"id": caseID, "title": "𠮷野家🚧", "text": text, "place": form{"area": grid}})
		if a.status != 201 {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		v := w.call(w.secret("paidan"), "GET", "/api/v1/cases/"+caseID, nil)
		if v.body["body"] != text || v.body["title"] != "𠮷野家🚧" {
			t.Errorf("kept as %q, %q", v.body["title"], v.body["body"])
		}
		n := w.raw(w.secret("guanli"), "POST", "/api/v1/imports/areas", "text/csv", []byte("code,name,level,parent\n"+village+"811,𠮷祥🏮网格,grid,"+village+"\n"))
		if n.status != 200 || n.body["created"] != float64(1) {
			t.Fatalf("%d %s", n.status, n.raw)
		}
		if got := w.call("", "GET", "/api/v1/areas/"+village+"811", nil); got.body["name"] != "𠮷祥🏮网格" {
			t.Errorf("the name became %v", got.body["name"])
		}
	})
}

// TestBadAddressesAndHeaders: what is wrong before any operation is asked.
func TestBadAddressesAndHeaders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := w.secret("paidan")
		for name, c := range map[string]struct {
			method, path string
			status       int
			code, field  string
			headers      []string
		}{
			"no such address":          {"GET", "/api/v1/kases", 404, "no-operation", "", nil},
			"no such version":          {"GET", "/api/v2/cases", 404, "no-operation", "", nil},
			"a wrong method":           {"DELETE", "/api/v1/cases", 405, "method", "", nil},
			"a wrong method on one":    {"PATCH", "/api/v1/me", 405, "method", "", nil},
			"a NUL in the address":     {"GET", "/api/v1/areas/a%00b", 422, "invalid-request", "path", nil},
			"no UTF-8 in the address":  {"GET", "/api/v1/areas/a%ff", 422, "invalid-request", "path", nil},
			"a NUL in the query":       {"GET", "/api/v1/areas?q=a%00", 422, "invalid-request", "query.q", nil},
			"no UTF-8 in the query":    {"GET", "/api/v1/areas?q=%ff", 422, "invalid-request", "query.q", nil},
			"a broken query":           {"GET", "/api/v1/areas?q=%zz", 422, "invalid-request", "query", nil},
			"an unknown parameter":     {"GET", "/api/v1/areas?quer=a", 422, "invalid-request", "query.quer", nil},
			"a page size of words":     {"GET", "/api/v1/areas?page_size=lots", 422, "invalid-request", "query.page_size", nil},
			"a page size past all":     {"GET", "/api/v1/areas?page_size=99999999999999999999", 422, "invalid-request", "query.page_size", nil},
			"a level not there":        {"GET", "/api/v1/areas?level=galaxy", 422, "invalid-filter", "level", nil},
			"a cursor of another list": {"GET", "/api/v1/areas?after=xyz", 422, "invalid-filter", "after", nil},
			"a cursor of no list":      {"GET", "/api/v1/cases?scope=area&after=xyz", 422, "invalid-filter", "after", nil},
			"a scope not there":        {"GET", "/api/v1/cases?scope=everything", 422, "invalid-filter", "scope", nil},
			"a time not there":         {"GET", "/api/v1/cases?from=gestern", 422, "invalid-request", "query.from", nil},
			"a parent not there":       {"GET", "/api/v1/areas?parent=999999", 404, "area-unknown", "", nil},
			"a case that is none":      {"GET", "/api/v1/cases/../../etc", 404, "no-operation", "", nil},
			"a file that is none":      {"GET", "/api/v1/files/7", 422, "invalid-request", "path.file", nil},
			"a year past all":          {"GET", "/api/v1/calendars/office/days/99999", 422, "invalid-request", "path.year", nil},
			"a giant header":           {"GET", "/api/v1/areas", 413, "header-too-large", "", []string{"X-Giant", strings.Repeat("x", 20<<10)}},
			"an agent of bytes":        {"GET", "/api/v1/areas", 422, "invalid-request", "header.User-Agent", []string{"User-Agent", "a\xffb"}},
			"another scheme":           {"GET", "/api/v1/me", 401, "scheme", "", []string{"Authorization", "Basic YTpi"}},
			"a secret of nonsense":     {"GET", "/api/v1/me", 401, "signed-out", "", []string{"Authorization", "Bearer \xff"}},
		} {
			if !strings.Contains(c.path, "/me") {
				c.headers = append([]string{"Authorization", "Bearer " + key}, c.headers...)
			}
			refusedAs(t, name, w.raw("", c.method, c.path, "", nil, c.headers...), c.status, c.code, c.field)
		}
		a := w.raw(key, "DELETE", "/api/v1/cases", "", nil)
		if got := a.header.Get("Allow"); got != "GET, POST" {
			t.Errorf("405 allows %q", got)
		}
		caseID := id(t)
		w.call("", "POST", "/api/v1/cases", form{"id": caseID, "text": "路灯不亮", "place": form{"area": grid}})
		refusedAs(t, "a tag that is none", w.call(key, "POST", "/api/v1/cases/"+caseID+"/actions/note", form{"form": form{"note": "x"}}, "If-Match", `"yesterday"`), 422, "invalid-request", "If-Match")
		w.tooMuchHeader()
	})
}

// tooMuchHeader sends more header than the program reads at all: the connection is answered and closed.
func (w *world) tooMuchHeader() {
	w.t.Helper()
	u, err := url.Parse(w.srv.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		_, _ = fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-A: %s\r\n\r\n", strings.Repeat("x", 2<<20))
	}() // it is closed while we write
	line := make([]byte, 12)
	if _, err := io.ReadFull(conn, line); err != nil || string(line) != "HTTP/1.1 431" {
		w.t.Errorf("2 MB of header: %q, %v", line, err)
	}
}

func readAnswer(t testing.TB, res *http.Response) answer {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, raw: string(b)}
	a.body = decoded(b)
	return a
}

// workbook makes an XLSX of the rows.
func workbook(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	var columns []sheet.Column
	for _, title := range rows[0] {
		columns = append(columns, sheet.Column{Title: fmt.Sprint(title)})
	}
	var out bytes.Buffer
	w, err := sheet.NewXLSX(&out, "表", columns)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		if err := w.Write(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bomb is a zip that unpacks to far more than it is, called a workbook.
func bomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 64 {
			if _, err := f.Write(make([]byte, 1<<20)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
