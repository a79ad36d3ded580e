package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli/internal/platform/fault"
)

const pieceID = "0193a5f0-7c1e-7000-8000-0000000000aa"

func openPieces(t testing.TB) *Pieces {
	t.Helper()
	p, err := OpenPieces(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pieceText(t testing.TB, p *Pieces) string {
	t.Helper()
	f, err := p.Open(pieceID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// However a text is cut, and however often its pieces are sent, also at once, it comes out whole.
func TestPiecesMakeTheWhole(t *testing.T) {
	p := openPieces(t)
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Repeat(rapid.StringMatching(`[a-z 邻里]{5,40}`).Draw(rt, "text"), rapid.IntRange(1, 300).Draw(rt, "times"))
		for at := 0; at < len(text); {
			n := rapid.IntRange(1, len(text)-at).Draw(rt, "length")
			var wg sync.WaitGroup
			for range rapid.IntRange(1, 3).Draw(rt, "times sent") {
				wg.Go(func() {
					if got, err := p.Write(context.Background(), pieceID, int64(at), strings.NewReader(text[at:]), int64(n)); err != nil || got != int64(n) {
						t.Errorf("%d at %d: %d %v", n, at, got, err)
					}
				})
			}
			wg.Wait()
			at += n
		}
		if got := pieceText(t, p); got != text {
			rt.Fatalf("%d bytes came out of %d", len(got), len(text))
		}
		if err := p.Delete(pieceID); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestWhatCameBeforeTheLineBrokeIsKept(t *testing.T) {
	p, gone := openPieces(t), errors.New("the line broke")
	n, err := p.Write(context.Background(), pieceID, 0, io.MultiReader(strings.NewReader("hallo"), breaking{gone}), 100)
	if n != 5 || !fault.HasCode(err, "upload-interrupted") || !errors.Is(err, gone) {
		t.Errorf("%d bytes: %v", n, err)
	}
	if got := pieceText(t, p); got != "hallo" {
		t.Errorf("kept %q", got)
	}
}

type breaking struct{ err error }

func (f breaking) Read([]byte) (int, error) { return 0, f.err }

func TestPiecesRefuseWhatIsNoFileOfTheirs(t *testing.T) {
	p, ctx := openPieces(t), context.Background()
	program := append([]byte("\x7fELF\x02\x01\x01\x00"), bytes.Repeat([]byte{1, 2, 3, 0}, 2000)...)
	if _, err := p.Write(ctx, pieceID, 0, bytes.NewReader(program), 8000); !fault.HasCode(err, "file-type") {
		t.Errorf("a program: %v", err)
	}
	if size, err := p.Size(pieceID); size != 0 || err != nil {
		t.Errorf("something of it was kept: %d %v", size, err)
	}
	if _, err := p.Write(ctx, pieceID, 0, strings.NewReader(""), 10); !fault.HasCode(err, "file-empty") {
		t.Errorf("nothing: %v", err)
	}
	for _, id := range []string{"", "../../etc/passwd", "x/y"} {
		if _, err := p.Write(ctx, id, 0, strings.NewReader("a"), 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("the id %q: %v", id, err)
		}
	}
	if _, err := p.Open(pieceID); !fault.HasCode(err, "file-missing") {
		t.Errorf("a file of which nothing is there: %v", err)
	}
}

func TestOldPiecesAreSweptAway(t *testing.T) {
	p, ctx := openPieces(t), context.Background()
	if _, err := p.Write(ctx, pieceID, 0, strings.NewReader("hallo"), 5); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Sweep(time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("a fresh one: %d %v", n, err)
	}
	if n, err := p.Sweep(time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("an old one: %d %v", n, err)
	}
}
