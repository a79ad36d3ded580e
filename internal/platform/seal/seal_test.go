package seal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"linli/internal/platform/fault"
)

func testBox(t testing.TB) *Box {
	t.Helper()
	b, err := New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestASealedValueOpensOnlyUnderItsContext(t *testing.T) {
	b := testBox(t)
	rapid.Check(t, func(t *rapid.T) {
		plain, context := rapid.String().Draw(t, "plain"), rapid.String().Draw(t, "context")
		sealed, err := b.Seal(plain, context)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.Unseal(sealed, context); err != nil || got != plain {
			t.Fatalf("opened %q, %v; sealed %q", got, err, plain)
		}
		if plain == "" {
			if sealed != nil {
				t.Fatal("the empty text was sealed")
			}
			return
		}
		other := rapid.String().Filter(func(s string) bool { return s != context }).Draw(t, "other")
		if _, err := b.Unseal(sealed, other); !fault.HasCode(err, "seal-damaged") {
			t.Fatalf("opened under %q instead of %q: %v", other, context, err)
		}
	})
}

func TestAnyFlippedBitAndAnyCutIsSeen(t *testing.T) {
	b := testBox(t)
	sealed, err := b.Seal("13812345678", "household.phone:1")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("1381234")) || len(sealed) != Overhead+11 {
		t.Fatalf("sealed value %x", sealed)
	}
	for bit := range len(sealed) * 8 {
		bad := bytes.Clone(sealed)
		bad[bit/8] ^= 1 << (bit % 8)
		if got, err := b.Unseal(bad, "household.phone:1"); !fault.Is(err, fault.Internal) {
			t.Fatalf("bit %d flipped: opened %q, %v", bit, got, err)
		}
	}
	for n := 1; n < len(sealed); n++ {
		if got, err := b.Unseal(sealed[:n], "household.phone:1"); !fault.Is(err, fault.Internal) {
			t.Fatalf("cut to %d: opened %q, %v", n, got, err)
		}
	}
}

func TestTheSameTextIsNeverSealedAlike(t *testing.T) {
	b := testBox(t)
	one, _ := b.Seal("张三", "x")
	two, _ := b.Seal("张三", "x")
	if bytes.Equal(one, two) {
		t.Fatal("equal sealed values show equal texts")
	}
}

func TestBlindIndex(t *testing.T) {
	b := testBox(t)
	x := b.Blind("phone", "13812345678")
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(x) {
		t.Fatalf("index %q", x)
	}
	if x != b.Blind("phone", "13812345678") {
		t.Error("the same value must have the same index")
	}
	for name, y := range map[string]string{
		"another value":        b.Blind("phone", "13812345679"),
		"another kind":         b.Blind("fax", "13812345678"),
		"a shifted boundary":   b.Blind("phone1", "3812345678"),
		"a code, not an index": strings.ToLower(b.Code("phone", "13812345678", 32)),
	} {
		if x == y {
			t.Errorf("%s has the same index", name)
		}
	}
	if b.Blind("phone", "") != "" {
		t.Error("rows without a value must not find each other")
	}
	other, _ := New(bytes.Repeat([]byte{8}, 32))
	if x == other.Blind("phone", "13812345678") {
		t.Error("another key gives the same index")
	}
}

func TestCodesAreReadableAndOfTheLengthAsked(t *testing.T) {
	b := testBox(t)
	for _, n := range []int{-1, 0, 1, 8, 10, 48, 49, 200} {
		c := b.Code("track", "case-1", n)
		if len(c) != max(n, 0) || strings.Trim(c, crockford) != "" {
			t.Errorf("n=%d: %q", n, c)
		}
		if !strings.HasPrefix(b.Code("track", "case-1", 200), c) {
			t.Errorf("n=%d: not a prefix of the longer code", n)
		}
	}
	if long := b.Code("track", "case-1", 96); long[:48] == long[48:] {
		t.Error("a long code repeats itself")
	}
}

func TestShortKeysAreRefused(t *testing.T) {
	if _, err := New([]byte("too short")); !fault.HasCode(err, "seal-key-short") {
		t.Fatal(err)
	}
}

func TestTheKeyFileIsMadeOnceAndReadEverAfter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "seal.key")
	b, created, err := Open(path)
	if err != nil || !created {
		t.Fatal(created, err)
	}
	sealed, err := b.Seal("张三", "c")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	again, created, err := Open(path)
	if err != nil || created {
		t.Fatal(created, err)
	}
	if got, err := again.Unseal(sealed, "c"); err != nil || got != "张三" {
		t.Fatal(got, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestManyFirstStartsAtOnceMakeOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seal.key")
	var wg sync.WaitGroup
	index := make([]string, 12)
	made := make([]bool, len(index))
	for i := range index {
		wg.Go(func() {
			b, created, err := Open(path)
			if err != nil {
				t.Error(err)
				return
			}
			index[i], made[i] = b.Blind("k", "v"), created
		})
	}
	wg.Wait()
	makers := 0
	for i := range index {
		if index[i] != index[0] {
			t.Fatal("two keys")
		}
		if made[i] {
			makers++
		}
	}
	if makers != 1 {
		t.Fatalf("%d say they made the file", makers)
	}
}

func TestKeyFilesThatAreRefused(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good")
	if _, _, err := Open(good); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	key := lines[len(lines)-1]
	flipped := strings.Replace(key, key[10:11], map[bool]string{true: "1", false: "0"}[key[10] == '0'], 1)
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		code string
		says string
	}{
		"readable by the group":   {string(text), 0o640, "seal-key-open", "chmod 600"},
		"readable by everybody":   {string(text), 0o604, "seal-key-open", "chmod 600"},
		"empty":                   {"", 0o600, "seal-key-damaged", "line 1"},
		"a newer version":         {"linli-seal-keys 9\n" + key, 0o600, "seal-key-damaged", "newer"},
		"no key":                  {lines[0] + "\n# nothing\n", 0o600, "seal-key-damaged", "no key"},
		"a mistyped digit":        {lines[0] + "\n" + flipped, 0o600, "seal-key-damaged", "line 2"},
		"a cut line":              {lines[0] + "\n" + key[:40], 0o600, "seal-key-damaged", "line 2"},
		"the same id twice":       {lines[0] + "\n" + key + "\n" + key, 0o600, "seal-key-damaged", "line 3"},
		"something else entirely": {strings.Repeat("x", maxKeyFile+1), 0o600, "seal-key-damaged", "not a key file"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "seal.key")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			_, created, err := Open(path)
			if created || !fault.HasCode(err, c.code) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("created %v, %v", created, err)
			}
			var f *fault.Error
			if !errors.As(err, &f) || f.Text.ZH == "" {
				t.Fatalf("no Chinese wording: %v", err)
			}
			if left, _ := os.ReadFile(path); string(left) != c.text {
				t.Fatal("the file was changed")
			}
		})
	}
	if _, _, err := Open(t.TempDir()); !fault.HasCode(err, "seal-key-damaged") {
		t.Errorf("a folder as key file: %v", err)
	}
	if _, _, err := Open(filepath.Join(good, "below-a-file")); !fault.HasCode(err, "seal-key-unreadable") {
		t.Errorf("no such folder can be: %v", err)
	}
}

func TestAfterRotationTheNewKeySealsTheOldOpensAndIndexesStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seal.key")
	old, _, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	before, err := old.Seal("张三", "c")
	if err != nil {
		t.Fatal(err)
	}
	if id, err := Rotate(path); err != nil || id != 2 {
		t.Fatal(id, err)
	}
	b, created, err := Open(path)
	if err != nil || created {
		t.Fatal(created, err)
	}
	if got, err := b.Unseal(before, "c"); err != nil || got != "张三" {
		t.Fatal(got, err)
	}
	after, err := b.Seal("张三", "c")
	if err != nil {
		t.Fatal(err)
	}
	if !b.Stale(before) || b.Stale(after) || b.Stale(nil) {
		t.Error("stale values are not told apart")
	}
	if _, err := old.Unseal(after, "c"); !fault.HasCode(err, "seal-key-missing") {
		t.Errorf("the old box opened a value of a key it has not: %v", err)
	}
	if b.Blind("k", "v") != old.Blind("k", "v") || b.Code("k", "v", 8) != old.Code("k", "v", 8) {
		t.Error("indexes and codes changed with the key")
	}
	if err := os.WriteFile(path+".next", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Rotate(path); !fault.HasCode(err, "seal-rotation-running") {
		t.Errorf("two rotations at once: %v", err)
	}
}

func FuzzUnseal(f *testing.F) {
	b := testBox(f)
	s, _ := b.Seal("x", "c")
	f.Add(s)
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if got, err := b.Unseal(sealed, "another context"); err == nil && len(sealed) > 0 {
			t.Fatalf("opened %q", got)
		}
	})
}

func FuzzKeyFile(f *testing.F) {
	f.Add("linli-seal-keys 1\nkey 1 00 00\n")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := parse("k", text)
		if (err == nil) != (len(keys) > 0) {
			t.Fatal(keys, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	box := testBox(b)
	for b.Loop() {
		if _, err := box.Seal("13812345678", "household.phone:0190"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnseal(b *testing.B) {
	box := testBox(b)
	s, _ := box.Seal("13812345678", "household.phone:0190")
	for b.Loop() {
		if _, err := box.Unseal(s, "household.phone:0190"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBlind(b *testing.B) {
	box := testBox(b)
	for b.Loop() {
		box.Blind("phone", "13812345678")
	}
}

func TestReadMakesNoKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seal.key")
	b, _, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := b.Seal("13812345678", "person.phone:1")
	if err != nil {
		t.Fatal(err)
	}
	reader, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := reader.Unseal(sealed, "person.phone:1"); err != nil || got != "13812345678" {
		t.Fatalf("read with the key of the file: %q, %v", got, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	without, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := without.Unseal(sealed, "person.phone:1"); err == nil {
		t.Fatalf("opened %q without the key", got)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("a key file was made: %v", err)
	}
}
