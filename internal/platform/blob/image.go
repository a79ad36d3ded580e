package blob

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"linli/internal/platform/fault"
)

const (
	defaultEdge = 1600
	quality     = 82

	// What a picture may unpack to: a telephone of today takes 50 million pixels as JPEG, which decodes in 2 bytes a
	// pixel; the other formats take 4 to 8.
	maxJPEGPixels  = 50_000_000
	maxOtherPixels = 25_000_000
	// A progressive JPEG of thousands of scans is small and takes minutes; cameras write about ten.
	maxScans = 64
)

// PublicImage makes the picture the public may see: upright as its camera says, at most maxEdge pixels on the longer side
// (0: 1600), as a JPEG that carries nothing but the picture: no position, no time, no camera, no hidden tail. JPEG, PNG, WebP and the
// first frame of GIF are taken. Faults: Invalid "image-type" (HEIC among them), "image-broken"; TooLarge "file-too-large",
// "image-too-large". A picture is refused by its declared size before it is unpacked.
func PublicImage(r io.Reader, maxEdge int) (out []byte, err error) {
	if maxEdge <= 0 {
		maxEdge = defaultEdge
	}
	data, err := io.ReadAll(io.LimitReader(r, ImageLimit+1))
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	if len(data) > ImageLimit {
		return nil, tooLarge(ImageLimit)
	}
	defer func() {
		if p := recover(); p != nil { // of a decoder, over a malformed picture
			out, err = nil, brokenImage(fmt.Errorf("decoding stopped: %v", p))
		}
	}()
	format, ok := formats()[byHead(data[:min(len(data), sniffed)])]
	if !ok {
		return nil, fault.New(fault.Invalid, "image-type", "这种图片无法公开显示,请使用 JPEG、PNG、WebP 或 GIF", "Pictures of this kind cannot be shown publicly; use JPEG, PNG, WebP or GIF")
	}
	size, err := format.config(bytes.NewReader(data))
	if err != nil {
		return nil, brokenImage(err)
	}
	if size.Width <= 0 || size.Height <= 0 {
		return nil, brokenImage(errors.New("no pixels"))
	}
	if int64(size.Width)*int64(size.Height) > format.pixels || format.meta == imagemeta.JPEG && bytes.Count(data, []byte{0xff, 0xda}) > maxScans {
		return nil, fault.Newf(fault.TooLarge, "image-too-large",
			"图片有 %[1]d×%[2]d 像素,无法处理;请缩小后再上传", "A picture of %[1]d by %[2]d pixels cannot be processed; make it smaller and send it again", size.Width, size.Height)
	}
	picture, err := format.decode(bytes.NewReader(data))
	if err != nil {
		return nil, brokenImage(err)
	}
	small := upright(shrink(picture, maxEdge), orientation(data, format.meta))
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode the picture: %w", err)
	}
	return b.Bytes(), nil
}

type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	pixels int64
	meta   imagemeta.ImageFormat // 0: carries no orientation
}

func formats() map[string]format {
	return map[string]format{
		"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode, maxJPEGPixels, imagemeta.JPEG},
		"image/png":  {png.DecodeConfig, png.Decode, maxOtherPixels, imagemeta.PNG},
		"image/webp": {webp.DecodeConfig, webp.Decode, maxOtherPixels, imagemeta.WebP},
		"image/gif":  {gif.DecodeConfig, gif.Decode, maxOtherPixels, 0},
	}
}

func brokenImage(cause error) error {
	return fault.New(fault.Invalid, "image-broken", "图片已损坏,无法打开;请重新拍摄或选择", "The picture is damaged and does not open; take or choose another").Because(cause)
}

// shrink draws the picture on white, no edge longer than edge.
func shrink(src image.Image, edge int) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > edge {
		w, h = max(1, (w*edge+long/2)/long), max(1, (h*edge+long/2)/long)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(dst, dst.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	if w == b.Dx() && h == b.Dy() {
		draw.Draw(dst, dst.Bounds(), src, b.Min, draw.Over)
	} else {
		draw.BiLinear.Scale(dst, dst.Bounds(), src, b, draw.Over, nil)
	}
	return dst
}

// orientation gives the EXIF orientation, 1 to 8; 1 where there is none or it cannot be read: a photo with damaged
// notes is still a photo.
func orientation(data []byte, f imagemeta.ImageFormat) int {
	if f == 0 {
		return 1
	}
	found := 1
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(data), ImageFormat: f, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if v, ok := t.Value.(uint16); ok && v >= 1 && v <= 8 {
				found = int(v)
			}
			return imagemeta.ErrStopWalking
		},
		Warnf: func(string, ...any) {},
	})
	return found
}

// upright turns and mirrors a picture as its orientation says (EXIF 2.32, tag 0112).
func upright(src *image.RGBA, orientation int) *image.RGBA {
	if orientation == 1 {
		return src
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range h {
		for x := range w {
			var dx, dy int
			switch orientation {
			case 2:
				dx, dy = w-1-x, y
			case 3:
				dx, dy = w-1-x, h-1-y
			case 4:
				dx, dy = x, h-1-y
			case 5:
				dx, dy = y, x
			case 6:
				dx, dy = h-1-y, x
			case 7:
				dx, dy = h-1-y, w-1-x
			default: // 8
				dx, dy = y, w-1-x
			}
			*(*[4]byte)(dst.Pix[dst.PixOffset(dx, dy):]) = [4]byte(src.Pix[src.PixOffset(x, y):])
		}
	}
	return dst
}
