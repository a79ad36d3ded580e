package blob

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/internal/platform/fault"
)

var heic = []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic\x00\x00\x00\x00")

func folder(t testing.TB) *Folder {
	t.Helper()
	f, err := OpenFolder(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// files lists what lies in the folder.
func files(t testing.TB, f *Folder) (out []string) {
	t.Helper()
	err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(f.dir)+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatIsPutIsThereOnceUnderItsHash(t *testing.T) {
	f := folder(t)
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		text := "邻里 " + strings.Repeat(rapid.StringMatching(`[a-z0-9 \n]{0,9}`).Draw(t, "text"), rapid.IntRange(0, 1000).Draw(t, "times"))
		sum := sha256.Sum256([]byte(text))
		want := Info{Hash: hex.EncodeToString(sum[:]), Size: int64(len(text)), Type: "text/plain"}
		for range 2 {
			got, err := f.Put(ctx, strings.NewReader(text), 0)
			if err != nil || got.Hash != want.Hash || got.Size != want.Size {
				t.Fatalf("%+v %v, want %+v", got, err, want)
			}
		}
		r, err := f.Open(ctx, want.Hash)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if back, err := io.ReadAll(r); err != nil || string(back) != text {
			t.Fatalf("%q %v", back, err)
		}
		if got, err := f.Stat(ctx, want.Hash); err != nil || got.Size != want.Size {
			t.Fatalf("%+v %v", got, err)
		}
		if err := f.Delete(ctx, want.Hash); err != nil {
			t.Fatal(err)
		}
		if err := f.Delete(ctx, want.Hash); err != nil {
			t.Fatalf("deleting twice: %v", err)
		}
		if _, err := f.Open(ctx, want.Hash); !fault.HasCode(err, "file-missing") {
			t.Fatalf("opened after deletion: %v", err)
		}
	})
	if left := files(t, f); len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestTheSameContentFromManyAtOnceIsOneFile(t *testing.T) {
	f := folder(t)
	content := strings.Repeat("同一张照片", 5000)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := f.Put(context.Background(), strings.NewReader(content), 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := files(t, f)
	if len(got) != 1 || len(strings.Split(got[0], "/")) != 3 || !strings.HasPrefix(got[0], filepath.Base(got[0])[:2]+"/"+filepath.Base(got[0])[2:4]+"/") {
		t.Fatalf("%v", got)
	}
}

func TestHashesThatWouldLeaveTheFolderAreUnknown(t *testing.T) {
	f := folder(t)
	for _, h := range []string{"", "..", "../../etc/passwd", strings.Repeat("../", 21) + "a", strings.Repeat("A", 64), strings.Repeat("g", 64), strings.Repeat("a", 63), strings.Repeat("a", 65), "a/" + strings.Repeat("a", 62), strings.Repeat("a", 63) + "\x00"} {
		if _, err := f.Open(context.Background(), h); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q opened: %v", h, err)
		}
		if _, err := f.Stat(context.Background(), h); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", h, err)
		}
		if err := f.Delete(context.Background(), h); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q deleted: %v", h, err)
		}
	}
}

func archive(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		p, err := w.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = p.Write(bytes.Repeat([]byte("x"), 4000))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheKindIsToldFromTheContentAndUnwantedKindsAreRefused(t *testing.T) {
	const office = "application/vnd.openxmlformats-officedocument."
	ctx := context.Background()
	for name, c := range map[string]struct {
		in   []byte
		want string // empty: refused
	}{
		"jpeg":                     {asJPEG(t, picture(8, 8)), "image/jpeg"},
		"heic is kept":             {heic, "image/heic"},
		"pdf":                      {[]byte("%PDF-1.7\n%âãÏÓ\n"), "application/pdf"},
		"docx":                     {archive(t, "[Content_Types].xml", "word/document.xml"), office + "wordprocessingml.document"},
		"docx, parts out of order": {archive(t, "docProps/a", "customXml/item1.xml", "custom/x", "foo", "word/document.xml", "[Content_Types].xml"), office + "wordprocessingml.document"},
		"xlsx":                     {archive(t, "[Content_Types].xml", "xl/workbook.xml"), office + "spreadsheetml.sheet"},
		"ofd":                      {archive(t, "OFD.xml", "Doc_0/Document.xml"), "application/ofd"},
		"mp3":                      {append([]byte("\xff\xfb\x90\x64"), make([]byte, 413)...), "audio/mpeg"},
		"amr":                      {[]byte("#!AMR\n\x3c\x00"), "audio/amr"},
		"wav":                      {[]byte("RIFF\x24\x00\x00\x00WAVEfmt "), "audio/wav"},
		"m4a":                      {[]byte("\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42isom"), "audio/x-m4a"},
		"mp4":                      {[]byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2mp41"), "video/mp4"},
		"text":                     {[]byte("路灯坏了"), "text/plain"},
		"GB18030 text":             {[]byte("\xc2\xb7\xb5\xc6\xbb\xb5\xc1\xcb\r\n"), "text/plain"},
		"any archive":              {archive(t, "a.txt", "b.txt"), ""},
		"a program":                {[]byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00"), ""},
		"a Windows program":        {append([]byte("MZ\x90\x00"), make([]byte, 200)...), ""},
		"html":                     {[]byte("<!DOCTYPE html><html><script>alert(1)</script>"), ""},
		"svg":                      {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), ""},
		"an OLE file of no kind":   {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...), ""},
		"noise":                    {[]byte{1, 2, 3, 0, 255, 254}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := folder(t)
			info, err := f.Put(ctx, bytes.NewReader(c.in), 0)
			if c.want == "" {
				if !fault.HasCode(err, "file-type") || !fault.Is(err, fault.Invalid) {
					t.Fatalf("%+v %v", info, err)
				}
				if left := files(t, f); len(left) > 0 {
					t.Fatalf("left behind: %v", left)
				}
				return
			}
			if err != nil || info.Type != c.want {
				t.Fatalf("%+v %v, want %s", info, err, c.want)
			}
			again, err := f.Stat(ctx, info.Hash)
			if err != nil || again != info {
				t.Fatalf("put %+v, later %+v %v", info, again, err)
			}
			if !slices.Contains(Allowed(), info.Type) {
				t.Errorf("%s is not listed", info.Type)
			}
		})
	}
}

type failing struct {
	after int
	err   error
}

func (r *failing) Read(p []byte) (int, error) {
	if r.after <= 0 {
		return 0, r.err
	}
	n := min(len(p), r.after)
	for i := range p[:n] {
		p[i] = 'a'
	}
	r.after -= n
	return n, nil
}

// fullDisk takes some bytes, then no more.
type fullDisk struct {
	scratch
	left int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, &fs.PathError{Op: "write", Path: d.Name(), Err: syscall.ENOSPC}
	}
	return d.scratch.Write(p)
}

func TestAFailedPutLeavesNothingBehind(t *testing.T) {
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		r    io.Reader
		max  int64
		disk int // bytes the disk takes
		kind fault.Kind
		code string
	}{
		"empty":                            {r: strings.NewReader(""), kind: fault.Invalid, code: "file-empty"},
		"too large":                        {r: &failing{after: 1001, err: io.EOF}, max: 1000, kind: fault.TooLarge, code: "file-too-large"},
		"the default for an image":         {r: io.MultiReader(bytes.NewReader(asJPEG(t, picture(8, 8))), &failing{after: ImageLimit, err: io.EOF}), kind: fault.TooLarge, code: "file-too-large"},
		"the default for others":           {r: &failing{after: FileLimit + 1, err: io.EOF}, kind: fault.TooLarge, code: "file-too-large"},
		"the sender goes away":             {r: &failing{after: 100_000, err: errors.New("reset by peer")}, kind: fault.Invalid, code: "upload-interrupted"},
		"the sender goes away at once":     {r: &failing{err: errors.New("reset by peer")}, kind: fault.Invalid, code: "upload-interrupted"},
		"a limit of the request is passed": {r: &failing{after: 100_000, err: fault.New(fault.TooLarge, "body-too-large", "", "")}, kind: fault.TooLarge, code: "body-too-large"},
		"cancelled":                        {ctx: canceled, r: strings.NewReader("text"), kind: fault.Invalid, code: "upload-interrupted"},
		"the disk is full":                 {r: &failing{after: 100_000, err: io.EOF}, disk: 50_000, kind: fault.Unavailable, code: "disk-full"},
	} {
		t.Run(name, func(t *testing.T) {
			f := folder(t)
			if c.disk > 0 {
				make := f.scratch
				f.scratch = func() (scratch, error) {
					s, err := make()
					return &fullDisk{s, c.disk}, err
				}
			}
			if c.ctx == nil {
				c.ctx = context.Background()
			}
			info, err := f.Put(c.ctx, c.r, c.max)
			if !fault.Is(err, c.kind) || !fault.HasCode(err, c.code) {
				t.Fatalf("%+v %v", info, err)
			}
			if left := files(t, f); len(left) > 0 {
				t.Fatalf("left behind: %v", left)
			}
		})
	}
	f := folder(t)
	if _, err := f.Put(context.Background(), &failing{after: 1000, err: io.EOF}, 1000); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
}

func TestADamagedBlobIsReplacedByPuttingItAgain(t *testing.T) {
	f := folder(t)
	ctx := context.Background()
	info, err := f.Put(ctx, strings.NewReader("完整的内容"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.path(info.Hash), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Put(ctx, strings.NewReader("完整的内容"), 0); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Stat(ctx, info.Hash); err != nil || got != info {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestWalkVisitsEveryBlobAndNothingElse(t *testing.T) {
	f := folder(t)
	ctx := context.Background()
	want := []string{}
	for _, s := range []string{"a", "b", "c"} {
		info, err := f.Put(ctx, strings.NewReader(s), 0)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, info.Hash)
	}
	slices.Sort(want)
	for _, stray := range []string{"readme.txt", "tmp/put-1", strings.Repeat("a", 64)} {
		if err := os.WriteFile(filepath.Join(f.dir, stray), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	if err := f.Walk(ctx, func(i Info) error { got = append(got, i.Hash); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	stop := errors.New("enough")
	if err := f.Walk(ctx, func(Info) error { return stop }); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	n, err := f.Sweep(time.Now().Add(-time.Hour))
	if n != 0 || err != nil {
		t.Fatalf("fresh files swept: %d %v", n, err)
	}
	if n, err := f.Sweep(time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Fatalf("swept %d %v", n, err)
	}
}

func TestAFolderThatCannotBeIsAFault(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(path); !fault.HasCode(err, "blob-folder") {
		t.Fatal(err)
	}
}

var _ Store = (*Folder)(nil)
