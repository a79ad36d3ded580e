package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"linli/internal/platform/fault"
)

// Hashing is the cost of argon2id (RFC 9106). It is stored in each hash, so it can rise: a sign-in with an older
// cost stores the password anew.
type Hashing struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// LowMemory is the second recommended option of RFC 9106, section 4.
var LowMemory = Hashing{Memory: 64 << 10, Time: 3, Threads: 4}

// oneTime is for passwords the program makes itself: with 80 random bits it is not the cost of the hash that
// protects them, and an import may need thousands.
var oneTime = Hashing{Memory: 8 << 10, Time: 1, Threads: 1}

const (
	saltSize = 16
	hashSize = 32

	// bounds of what a stored hash may ask for, so that a changed row cannot take all memory
	maxMemory = 1 << 20
	maxTime   = 64

	// minPassword follows issue and practice; NIST SP 800-63B asks for 8 with a second factor and to take at
	// least 64. No rule on kinds of characters, for the same source: they make passwords worse.
	minPassword = 10
	maxPassword = 128
)

// hasher computes hashes, a few at a time: each takes Memory, and sign-ins must not take all there is.
type hasher struct {
	cost    Hashing
	slots   chan struct{}
	patient time.Duration // how long to wait for a slot
}

func newHasher(cost Hashing) *hasher {
	return &hasher{cost: cost, slots: make(chan struct{}, max(2, min(4, runtime.NumCPU()))), patient: 10 * time.Second}
}

func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, h.patient)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "sign-in-busy", "登录的人太多,请稍后再试", "Too many are signing in at once; try again in a moment").After(5)
	}
}

// hash gives the password's hash in the PHC form, with its cost.
func (h *hasher) hash(ctx context.Context, password string, cost Hashing) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("drawing a salt: %w", err)
	}
	sum := argon2.IDKey([]byte(norm.NFKC.String(password)), salt, cost.Time, cost.Memory, cost.Threads, hashSize)
	return phc(cost, salt, sum), nil
}

func phc(c Hashing, salt, sum []byte) string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads, enc.EncodeToString(salt), enc.EncodeToString(sum))
}

// decoy is a hash of today's cost that no password has: it makes a sign-in for an unknown login take as long.
func (h *hasher) decoy() string { return phc(h.cost, make([]byte, saltSize), make([]byte, hashSize)) }

// check compares a password with a stored hash; stale tells that the hash should be made anew at today's cost.
func (h *hasher) check(ctx context.Context, password, stored string) (right, stale bool, err error) {
	cost, salt, sum, ok := readPHC(stored)
	if !ok {
		return false, false, fmt.Errorf("a stored password hash is damaged")
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	got := argon2.IDKey([]byte(norm.NFKC.String(password)), salt, cost.Time, cost.Memory, cost.Threads, uint32(len(sum)))
	return subtle.ConstantTimeCompare(got, sum) == 1, cost != h.cost, nil
}

func readPHC(s string) (c Hashing, salt, sum []byte, ok bool) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, false
	}
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); err != nil || n != 3 {
		return c, nil, nil, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(part[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(part[5])
	ok = err1 == nil && err2 == nil && len(salt) >= 8 && len(sum) >= 16 && len(sum) <= 64 &&
		c.Memory >= 8 && c.Memory <= maxMemory && c.Time >= 1 && c.Time <= maxTime && c.Threads >= 1
	return c, salt, sum, ok
}

//go:embed common-passwords.txt
var commonPasswords string

// checkPassword applies the rules of NIST SP 800-63B: long enough, not one that everybody uses, not the login.
func checkPassword(password, login string) error {
	wrong := func(code, zh, en string) error {
		return fault.New(fault.Invalid, code, zh, en).At("password", code, zh, en)
	}
	plain := norm.NFKC.String(password)
	n := utf8.RuneCountInString(plain)
	low := strings.ToLower(plain)
	squeezed := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, low)
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return wrong("password-characters", "密码含有无法识别的字符", "The password has characters that cannot be read")
	case n < minPassword:
		return wrong("password-short", "密码至少 10 个字符,可以是一句话", "The password needs at least 10 characters; a sentence is fine")
	case n > maxPassword:
		return wrong("password-long", "密码最多 128 个字符", "The password may have at most 128 characters")
	case utf8.RuneCountInString(login) >= 3 && strings.Contains(low, login):
		return wrong("password-has-login", "密码里不能包含登录名", "The password must not contain the login")
	case monotonous(low) || common(low) || common(squeezed):
		return wrong("password-common", "这个密码太常见,容易被猜到,请换一个", "This password is too common and easily guessed; choose another")
	}
	return nil
}

// common tells whether the word is in the list, also with digits after it or written twice.
func common(word string) bool {
	stem := strings.TrimRightFunc(word, unicode.IsDigit)
	half := word[:len(word)/2]
	for known := range strings.Lines(commonPasswords) {
		if known = strings.TrimSpace(known); known != "" && (known == word || known == stem || half == known && word == known+known) {
			return true
		}
	}
	return false
}

// monotonous tells whether the word has fewer than four different characters or only counts up or down.
func monotonous(word string) bool {
	seen := map[rune]bool{}
	steady, before, step := true, rune(-1), rune(0)
	for i, r := range []rune(word) {
		seen[r] = true
		if i == 1 {
			step = r - before
		} else if i > 1 && r-before != step && !(before == '9' && r == '0') {
			steady = false
		}
		before = r
	}
	return len(seen) < 4 || steady
}

// drawPassword makes a one-time password of 80 random bits, easy to read out: k7m2-9xqt-h4vn-p8rw.
func drawPassword() (string, error) {
	raw := make([]byte, 10)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("drawing a password: %w", err)
	}
	code := base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding).EncodeToString(raw)
	return code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:], nil
}
