// Package seal keeps sensitive columns (telephone numbers, identity numbers, addresses, reporters of
// confidential matters) unreadable in the database and in its backups, while they can still be found by
// exact search. Sealing is SM4-GCM (GB/T 32907), the blind index HMAC-SM3 (GB/T 32905), as the Chinese rules on commercial
// cryptography (GB/T 39786, level 3) ask of a government application.
//
// The keys live in one file beside the database, never in it. Whoever loses the file loses the sealed columns:
// it belongs in the backup, kept apart from the backup of the database.
package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"

	"linli/internal/platform/fault"
)

const (
	keySize   = 32 // bytes of a master key; every working key is derived from it
	minKey    = 16
	format    = 1 // first byte of a sealed value
	header    = 3 // format and key id
	nonceSize = 12
	tagSize   = 16
)

// Overhead is how many bytes longer a sealed value is than its text.
const Overhead = header + nonceSize + tagSize

// crockford leaves out I, L, O and U, so that a code can be read out over the telephone.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Box seals and opens values. It is safe for use by many goroutines.
type Box struct {
	seals  map[uint16]cipher.AEAD // by key id: all of them open
	newest uint16                 // this one seals
	blind  []byte                 // of the oldest key: an index must not change when a key is added
	code   []byte                 // of the oldest key, for the same reason
}

// New makes a box of a single key of at least 16 bytes, for tests and tools; the program uses Open.
func New(key []byte) (*Box, error) {
	return newBox([]masterKey{{id: 1, secret: key}})
}

// masterKey is one line of the key file.
type masterKey struct {
	id     uint16
	secret []byte
}

// newBox derives the working keys. keys are in the order of their ids, oldest first.
func newBox(keys []masterKey) (*Box, error) {
	b := &Box{seals: make(map[uint16]cipher.AEAD, len(keys))}
	for i, k := range keys {
		if len(k.secret) < minKey {
			return nil, fault.Newf(fault.Invalid, "seal-key-short", "加密密钥至少需要 %[1]d 字节", "A sealing key needs at least %[1]d bytes", minKey)
		}
		sealing, err := derive(k.secret, "linli/seal/sm4-gcm/1", sm4.BlockSize)
		if err != nil {
			return nil, err
		}
		block, err := sm4.NewCipher(sealing)
		if err != nil {
			return nil, fmt.Errorf("make the cipher of sealing key %d: %w", k.id, err)
		}
		if b.seals[k.id], err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("make the cipher mode of sealing key %d: %w", k.id, err)
		}
		b.newest = k.id
		if i > 0 {
			continue
		}
		if b.blind, err = derive(k.secret, "linli/blind/hmac-sm3/1", keySize); err != nil {
			return nil, err
		}
		if b.code, err = derive(k.secret, "linli/code/hmac-sm3/1", keySize); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func derive(secret []byte, purpose string, size int) ([]byte, error) {
	k, err := hkdf.Key(sm3.New, secret, nil, purpose, size)
	if err != nil {
		return nil, fmt.Errorf("derive the key for %s: %w", purpose, err)
	}
	return k, nil
}

// Seal makes plain unreadable for all but this box. context names the place the value belongs to, such as
// "case.reporter:"+id: a value copied to another row or column does not open there. An empty plain gives
// nil, so that "not known" stays visible as NULL. The nonce is random: one key is good for 2^32 values, some
// thousand years of a county.
func (b *Box) Seal(plain, context string) ([]byte, error) {
	if plain == "" {
		return nil, nil
	}
	out := make([]byte, header+nonceSize, Overhead+len(plain))
	out[0] = format
	binary.BigEndian.PutUint16(out[1:], b.newest)
	if _, err := rand.Read(out[header:]); err != nil {
		return nil, fmt.Errorf("draw the nonce of a sealed value: %w", err)
	}
	return b.seals[b.newest].Seal(out, out[header:], []byte(plain), bound(out[:header], context)), nil
}

// Unseal opens what Seal made under the same context. Nil opens to the empty text. A value that was changed,
// cut, moved from another row or sealed by a key this box does not have is an Internal fault "seal-damaged" or "seal-key-missing":
// it is never the asker's mistake.
func (b *Box) Unseal(sealed []byte, context string) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	if len(sealed) <= Overhead || sealed[0] != format {
		return "", damaged(nil)
	}
	id := binary.BigEndian.Uint16(sealed[1:])
	aead, ok := b.seals[id]
	if !ok {
		return "", fault.Newf(fault.Internal, "seal-key-missing",
			"这条内容由第 %[1]d 号密钥加密,密钥文件中没有该密钥;请恢复包含它的密钥文件",
			"This value was sealed by key %[1]d, which the key file does not hold; restore the key file that does", id)
	}
	plain, err := aead.Open(nil, sealed[header:header+nonceSize], sealed[header+nonceSize:], bound(sealed[:header], context))
	if err != nil {
		return "", damaged(err)
	}
	return string(plain), nil
}

// Stale tells whether a sealed value was made by an older key than the newest, and is due to be sealed again.
func (b *Box) Stale(sealed []byte) bool {
	return len(sealed) >= header && binary.BigEndian.Uint16(sealed[1:]) != b.newest
}

// bound is the additional data of a value: its header, so that the key id cannot be changed, and its context.
func bound(head []byte, context string) []byte {
	return append(append(make([]byte, 0, header+len(context)), head...), context...)
}

func damaged(cause error) error {
	e := fault.New(fault.Internal, "seal-damaged",
		"加密内容已损坏或不属于这条记录,无法解开;请从备份恢复该记录", "A sealed value is damaged or belongs to another record and does not open; restore the record from a backup")
	if cause != nil {
		return e.Because(cause)
	}
	return e
}

// Blind gives the blind index of a value: equal values of one kind have equal indexes, and nothing else can be
// read from it. The caller normalises plain first (digits only, upper case, ...). 32 hex characters; the
// empty text has the empty index, so that rows without a value do not find each other.
func (b *Box) Blind(kind, plain string) string {
	if plain == "" {
		return ""
	}
	return hex.EncodeToString(mac(b.blind, kind, plain, 0)[:16])
}

// Code gives n characters (Crockford base32: digits and capitals without I, L, O, U) that only this box can
// make for the text, for tracking codes that cannot be guessed: each carries 5 bits.
func (b *Box) Code(kind, text string, n int) string {
	if n <= 0 {
		return ""
	}
	enc := base32.NewEncoding(crockford).WithPadding(base32.NoPadding)
	out := ""
	for block := uint32(0); len(out) < n; block++ {
		// 30 of the 32 bytes: a whole number of characters per block.
		out += enc.EncodeToString(mac(b.code, kind, text, block)[:30])
	}
	return out[:n]
}

// mac binds kind and text apart by the length of the kind: ("ab","c") and ("a","bc") differ.
func mac(key []byte, kind, text string, block uint32) []byte {
	m := hmac.New(sm3.New, key)
	var head [12]byte
	binary.BigEndian.PutUint32(head[:], block)
	binary.BigEndian.PutUint64(head[4:], uint64(len(kind)))
	m.Write(head[:])
	m.Write([]byte(kind))
	m.Write([]byte(text))
	return m.Sum(nil)
}
