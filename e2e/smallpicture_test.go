package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"

	"linli/internal/casework"
)

// TestAListLoadsPicturesOfFewPixels: a picture of a list is small, for nobody who may not see the whole one.
func TestAListLoadsPicturesOfFewPixels(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("路灯不亮", byModel("seven-step"), byCategory("02.04.01"))
		large := image.NewRGBA(image.Rect(0, 0, 1200, 800))
		for x := range 1200 {
			for y := range 800 {
				large.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x * y), 255})
			}
		}
		var photo bytes.Buffer
		if err := jpeg.Encode(&photo, large, nil); err != nil {
			t.Fatal(err)
		}
		public, err := m.attach("paidan", casework.Upload{Public: true, Use: "after", Name: "路灯.jpg"}, photo.Bytes())
		if err != nil {
			t.Fatal(explained(err))
		}
		inner, err := m.attach("paidan", casework.Upload{Name: "里面.jpg"}, photo.Bytes())
		if err != nil {
			t.Fatal(explained(err))
		}
		look := func(secret, file string) answer {
			return w.call(secret, "GET", "/api/v1/files/"+file+"?size=small", nil)
		}
		equal(t, "a stranger before the end", look("", public.ID).status, 404)
		m.solved()
		equal(t, "an inner picture of a public result", look("", inner.ID).status, 404)
		equal(t, "the public one", look("", public.ID).status, 200)
		equal(t, "the inner one, for who serves the case", look(w.secret("paidan"), inner.ID).status, 200)
		for range 2 { // drawn, and as it was kept
			a := look("", public.ID)
			size, err := jpeg.DecodeConfig(strings.NewReader(a.raw))
			if err != nil || size.Width != 480 || size.Height != 320 || a.header.Get("Content-Type") != "image/jpeg" {
				t.Errorf("%+v of %s, %v", size, a.header.Get("Content-Type"), err)
			}
		}
		equal(t, "another size", w.call("", "GET", "/api/v1/files/"+public.ID+"?size=huge", nil).status, 422)
	})
}
