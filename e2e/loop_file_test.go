package e2e

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"linli/internal/casework"
	"linli/internal/platform/fault"
)

// photo is a PNG that carries the position where it was taken, as a telephone writes it.
func photo(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for x := range 40 {
		for y := range 30 {
			img.Set(x, y, color.RGBA{shade, uint8(6 * x), uint8(8 * y), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "GPS 32.3716,120.5734"...)
	chunk := append([]byte("eXIf"), exif...)
	var out bytes.Buffer
	head := 8 + 25 // signature and IHDR
	out.Write(b.Bytes()[:head])
	_ = binary.Write(&out, binary.BigEndian, uint32(len(exif)))
	out.Write(chunk)
	_ = binary.Write(&out, binary.BigEndian, crc32.ChecksumIEEE(chunk))
	out.Write(b.Bytes()[head:])
	return out.Bytes()
}

func (m *journey) attach(login string, u casework.Upload, body []byte) (casework.Attachment, error) {
	m.t.Helper()
	u.Case, u.Body = m.id, bytes.NewReader(body)
	if u.ID == "" {
		u.ID = id(m.t)
	}
	if u.Name == "" {
		u.Name = "路灯.png"
	}
	if login == "" {
		u.Code = m.code
	}
	return m.app.Cases.Attach(m.ctx, m.as(login), u)
}

// open reads a file as somebody; code is the tracking code or "".
func (w *world) openFile(login, file, code string) (casework.Attachment, []byte, error) {
	w.t.Helper()
	a, body, err := w.app.Cases.OpenFile(w.ctx, w.as(login), file, casework.Ask{Code: code})
	if err != nil {
		return a, nil, err
	}
	data, err := io.ReadAll(body)
	return a, data, errors.Join(err, body.Close())
}

func TestAnAttachmentSentTwiceIsOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		u := casework.Upload{ID: id(t), Use: "before"}
		var wg sync.WaitGroup
		errs := make([]error, 5)
		for i := range errs {
			wg.Go(func() {
				u := u
				u.Case, u.Name, u.Body = m.id, "路灯.png", bytes.NewReader(photo(t, 1))
				_, errs[i] = w.app.Cases.Attach(w.ctx, w.as("paidan"), u)
			})
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				t.Errorf("sent at once: %v", explained(err))
			}
		}
		equal(t, "files", len(m.view("paidan").Files), 1)
		equal(t, "entries", len(m.entries("attach")), 1)
		if _, err := m.attach("paidan", u, photo(t, 2)); !fault.HasCode(err, "id-used") {
			t.Errorf("the same id with another picture: %v", err)
		}
		other := w.light()
		if _, err := other.attach("paidan", u, photo(t, 1)); !fault.HasCode(err, "id-used") {
			t.Errorf("the same id for another case: %v", err)
		}
		// the same picture on two cases is stored once and belongs to both
		if _, err := other.attach("paidan", casework.Upload{}, photo(t, 1)); err != nil {
			t.Error(explained(err))
		}
	})
}

func TestAPictureIsShownInPublicWithoutItsPosition(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("路灯不亮", byModel("seven-step"), func(r *casework.Report) { r.Category = "02.04.01" })
		raw := photo(t, 9)
		public, err := m.attach("paidan", casework.Upload{Public: true, Use: "after"}, raw)
		if err != nil {
			t.Fatal(explained(err))
		}
		inner, err := m.attach("paidan", casework.Upload{}, photo(t, 8))
		if err != nil {
			t.Fatal(explained(err))
		}
		a, data, err := w.openFile("paidan", public.ID, "")
		if err != nil || !bytes.Equal(data, raw) || a.Type != "image/png" {
			t.Errorf("who serves the case gets it as it came: %d bytes of %s, %v", len(data), a.Type, err)
		}
		a, data, err = w.openFile("", public.ID, m.code)
		if err != nil || a.Type != "image/jpeg" || a.Account != "" || bytes.Contains(data, []byte("GPS 32.3716")) {
			t.Errorf("the reporter gets %d bytes of %s from %q, %v", len(data), a.Type, a.Account, err)
		}
		if cfg, _, err := image.DecodeConfig(bytes.NewReader(data)); err != nil || cfg.Width != 40 {
			t.Errorf("the public picture is %+v, %v", cfg, err)
		}
		for who, try := range map[string][3]string{
			"a stranger before the end":       {"", public.ID, ""},
			"the reporter to an inner file":   {"", inner.ID, m.code},
			"another unit":                    {"nongye", inner.ID, ""},
			"a stranger to what is not there": {"", id(t), ""},
		} {
			if _, _, err := w.openFile(try[0], try[1], try[2]); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", who, err)
			}
		}
		m.solved()
		if _, _, err := w.openFile("", public.ID, ""); err != nil {
			t.Errorf("the public picture of a public result: %v", explained(err))
		}
		if _, _, err := w.openFile("", inner.ID, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("an inner picture of a public result: %v", err)
		}
		got := w.call("", "GET", "/api/v1/files/"+public.ID, nil)
		if got.status != 200 || got.header.Get("Content-Type") != "image/jpeg" || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("over HTTP: %d %v", got.status, got.header)
		}
	})
}

func TestFilesOfTheWrongKindOrSizeAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		for _, rule := range []struct {
			name   string
			upload casework.Upload
			body   []byte
			code   string
			kind   fault.Kind
		}{
			{"a program", casework.Upload{Name: "路灯.png"}, []byte("\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 200)), "", fault.Invalid},
			{"a page with a script", casework.Upload{Name: "x.html"}, []byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), "", fault.Invalid},
			{"half a picture", casework.Upload{}, photo(t, 1)[:60], "", fault.Invalid},
			{"nothing", casework.Upload{}, nil, "", fault.Invalid},
			{"more than the limit", casework.Upload{}, append(photo(t, 1), make([]byte, 40<<20)...), "", fault.TooLarge},
			{"no id", casework.Upload{ID: "x"}, photo(t, 1), "invalid-file", fault.Invalid},
			{"an unknown use", casework.Upload{Use: "fun"}, photo(t, 1), "invalid-file", fault.Invalid},
		} {
			_, err := m.attach("paidan", rule.upload, rule.body)
			if !fault.Is(err, rule.kind) || rule.code != "" && !fault.HasCode(err, rule.code) {
				t.Errorf("%s: %v", rule.name, explained(err))
			}
		}
		if _, err := m.attach("nongye", casework.Upload{}, photo(t, 1)); !fault.Is(err, fault.NotFound) {
			t.Errorf("by somebody who may not see the case: %v", err)
		}
		equal(t, "files", len(m.view("paidan").Files), 0)
	})
}

func TestTheReporterAddsAPictureByTheCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		a, err := m.attach("", casework.Upload{}, photo(t, 3))
		if err != nil {
			t.Fatal(explained(err))
		}
		e := m.last()
		if e.Action != "attach" || e.Account != "" || e.Data.By != "reporter" {
			t.Errorf("the timeline says %+v", e)
		}
		if _, err := m.attach("", casework.Upload{Code: "x"}, photo(t, 4)); err != nil {
			t.Errorf("with the code: %v", err)
		}
		if _, err := w.app.Cases.Attach(w.ctx, w.as(""), casework.Upload{ID: id(t), Case: m.id, Name: "x.png", Body: bytes.NewReader(photo(t, 5))}); !fault.Is(err, fault.NotFound) {
			t.Errorf("without the code: %v", err)
		}
		m.does("paidan", "here", nil)
		m.does("wangge", "take", nil)
		m.refused("wangge", "feed_back", form{"result": "好了", "photo_after": []string{id(t)}}, "invalid-form")
		m.does("wangge", "feed_back", form{"result": "好了", "photo_after": []string{a.ID}})
		// over HTTP, as a telephone sends it
		file := id(t)
		for range 2 {
			if got := w.put("", "/api/v1/track/"+m.code+"/files/"+file+"?name=a.png", photo(t, 6)); got.status != 201 && got.status != 200 {
				t.Errorf("upload over HTTP: %d %s", got.status, got.raw)
			}
		}
		equal(t, "files", len(m.view("paidan").Files), 3)
	})
}

// put sends bytes as they are.
func (w *world) put(secret, path string, body []byte) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPut, w.srv.URL+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		w.t.Fatal(err)
	}
	return answer{status: res.StatusCode, header: res.Header, raw: string(raw)}
}
