package blob

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"linli/internal/platform/fault"
)

// corners are red, green, blue, black: top left, top right, bottom left, bottom right.
var corners = [4]color.RGBA{{255, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 255, 255}, {0, 0, 0, 255}}

func picture(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, corners[2*(2*y/h)+2*x/w])
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withEXIF puts orientation, a camera and a position into a JPEG.
func withEXIF(jpg []byte, orientation uint16) []byte {
	le := binary.LittleEndian
	tiff := []byte("II*\x00\x08\x00\x00\x00")
	entry := func(tag, kind uint16, n uint32, value []byte) {
		tiff = le.AppendUint16(le.AppendUint16(tiff, tag), kind)
		tiff = append(le.AppendUint32(tiff, n), append(value, 0, 0, 0, 0)[:4]...)
	}
	tiff = le.AppendUint16(tiff, 3)
	entry(0x0110, 2, 4, []byte("CAM\x00"))
	entry(0x0112, 3, 1, le.AppendUint16(nil, orientation))
	entry(0x8825, 4, 1, le.AppendUint32(nil, 8+2+3*12+4)) // GPS IFD
	tiff = le.AppendUint32(tiff, 0)
	tiff = le.AppendUint16(tiff, 1)
	entry(0x0001, 2, 2, []byte("N\x00"))
	tiff = le.AppendUint32(tiff, 0)
	body := append([]byte("Exif\x00\x00"), tiff...)
	app1 := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2)), body...)
	return append(append(bytes.Clone(jpg[:2]), app1...), jpg[2:]...)
}

func decodeJPEG(t testing.TB, b []byte) image.Image {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// cornersOf gives which of the four colours stand in the corners.
func cornersOf(m image.Image) (out [4]int) {
	b := m.Bounds()
	for i, p := range [4]image.Point{{b.Dx() / 4, b.Dy() / 4}, {b.Dx() * 3 / 4, b.Dy() / 4}, {b.Dx() / 4, b.Dy() * 3 / 4}, {b.Dx() * 3 / 4, b.Dy() * 3 / 4}} {
		best := 1 << 30
		r, g, bl, _ := m.At(p.X, p.Y).RGBA()
		for c, want := range corners {
			d := func(a uint32, b uint8) int { x := int(a>>8) - int(b); return x * x }
			if n := d(r, want.R) + d(g, want.G) + d(bl, want.B); n < best {
				best, out[i] = n, c
			}
		}
	}
	return out
}

func TestAPhotoIsTurnedAsItsCameraSaysAndCarriesNothingElse(t *testing.T) {
	plain := asJPEG(t, picture(64, 32))
	for orientation, want := range map[uint16][4]int{
		1: {0, 1, 2, 3}, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1},
		5: {0, 2, 1, 3}, 6: {2, 0, 3, 1}, 7: {3, 1, 2, 0}, 8: {1, 3, 0, 2}, 9: {0, 1, 2, 3},
	} {
		in := withEXIF(plain, orientation)
		if orientation <= 8 && orientation > 1 && !bytes.Contains(in, []byte("CAM")) {
			t.Fatal("the sample has no EXIF")
		}
		out, err := PublicImage(bytes.NewReader(in), 48)
		if err != nil {
			t.Fatalf("orientation %d: %v", orientation, err)
		}
		if bytes.Contains(out, []byte("Exif")) || bytes.Contains(out, []byte("CAM")) {
			t.Errorf("orientation %d: EXIF is still there", orientation)
		}
		m := decodeJPEG(t, out)
		w, h := 48, 24
		if orientation >= 5 && orientation <= 8 {
			w, h = h, w
		}
		if m.Bounds().Dx() != w || m.Bounds().Dy() != h || cornersOf(m) != want {
			t.Errorf("orientation %d: %v, corners %v, want %v", orientation, m.Bounds(), cornersOf(m), want)
		}
	}
}

func TestEveryFormatBecomesAJPEGAndNoneGrows(t *testing.T) {
	clear := image.NewNRGBA(image.Rect(0, 0, 8, 8)) // wholly transparent
	var asPNG, asGIF bytes.Buffer
	if err := png.Encode(&asPNG, clear); err != nil {
		t.Fatal(err)
	}
	if err := gif.Encode(&asGIF, picture(8, 8), nil); err != nil {
		t.Fatal(err)
	}
	asWebP, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		in   []byte
		edge int
	}{"png": {asPNG.Bytes(), 8}, "gif": {asGIF.Bytes(), 8}, "webp": {asWebP, 1}, "jpeg": {asJPEG(t, picture(8, 8)), 8}} {
		out, err := PublicImage(bytes.NewReader(c.in), 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m := decodeJPEG(t, out)
		if m.Bounds().Dx() != c.edge {
			t.Errorf("%s: %v", name, m.Bounds())
		}
		if r, g, b, _ := m.At(0, 0).RGBA(); name == "png" && (r < 0xf000 || g < 0xf000 || b < 0xf000) {
			t.Errorf("transparent became %x %x %x, want white", r, g, b)
		}
	}
	thin, err := PublicImage(bytes.NewReader(asJPEG(t, image.NewGray(image.Rect(0, 0, 3000, 1)))), 100)
	if err != nil || decodeJPEG(t, thin).Bounds() != image.Rect(0, 0, 100, 1) {
		t.Errorf("a line: %v", err)
	}
}

func TestBombsAndBrokenPicturesAreRefused(t *testing.T) {
	// A PNG of 40,000 x 40,000 pixels in a few bytes: only its head is real.
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), 40_000), 40_000)
	head = append(head, 8, 2, 0, 0, 0)
	bomb := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	bomb = binary.BigEndian.AppendUint32(bomb, crc32.ChecksumIEEE(head))
	bomb = append(bomb, "\x00\x00\x00\x00IDAT"...)
	good := asJPEG(t, picture(64, 64))
	scans := bytes.Clone(good[:len(good)-2])
	scans = append(scans, bytes.Repeat([]byte{0xff, 0xda}, maxScans+1)...)
	for name, c := range map[string]struct {
		in   []byte
		kind fault.Kind
		code string
	}{
		"a decompression bomb":   {bomb, fault.TooLarge, "image-too-large"},
		"a bomb of scans":        {scans, fault.TooLarge, "image-too-large"},
		"a picture cut off":      {good[:len(good)/2], fault.Invalid, "image-broken"},
		"a head and nothing":     {good[:20], fault.Invalid, "image-broken"},
		"nothing":                {nil, fault.Invalid, "image-type"},
		"HEIC":                   {heic, fault.Invalid, "image-type"},
		"SVG":                    {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), fault.Invalid, "image-type"},
		"text":                   {[]byte("hello"), fault.Invalid, "image-type"},
		"more bytes than a blob": {append(bytes.Clone(good), make([]byte, ImageLimit)...), fault.TooLarge, "file-too-large"},
	} {
		if _, err := PublicImage(bytes.NewReader(c.in), 100); !fault.Is(err, c.kind) || !fault.HasCode(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamagedNotesDoNotSpoilAPhoto(t *testing.T) {
	in := withEXIF(asJPEG(t, picture(16, 16)), 6)
	for i := 4; i < 80; i++ {
		bad := bytes.Clone(in)
		bad[i] ^= 0xff
		out, err := PublicImage(bytes.NewReader(bad), 0)
		if i >= 12 && err != nil && i < 60 {
			t.Errorf("byte %d: %v", i, err)
		}
		if bytes.Contains(out, []byte("CAM")) {
			t.Errorf("byte %d: EXIF is still there", i)
		}
	}
}

func FuzzPublicImage(f *testing.F) {
	small := asJPEG(f, picture(8, 8))
	f.Add(small)
	f.Add(withEXIF(small, 6))
	var b bytes.Buffer
	_ = png.Encode(&b, picture(4, 4))
	f.Add(b.Bytes())
	webp, _ := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	f.Add(webp)
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := PublicImage(bytes.NewReader(in), 16)
		if err != nil {
			if fault.Of(err).Code == "internal" {
				t.Fatal(err)
			}
			return
		}
		if m := decodeJPEG(t, out); max(m.Bounds().Dx(), m.Bounds().Dy()) > 16 {
			t.Fatal(m.Bounds())
		}
		if strings.Contains(string(out), "Exif") {
			t.Fatal("EXIF in the result")
		}
	})
}

func BenchmarkPublicImage(b *testing.B) {
	photo := asJPEG(b, picture(4000, 3000))
	for b.Loop() {
		if _, err := PublicImage(bytes.NewReader(photo), 1600); err != nil {
			b.Fatal(err)
		}
	}
}
