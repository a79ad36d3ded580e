package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"linli/internal/platform/fault"
)

// The key file is text, so that it can be printed and put into a safe:
//
//	linli-seal-keys 1
//	# what it is
//	key 1 <64 hex digits> <8 hex digits of check>
//	key 2 ...
//
// Ids rise from line to line. The newest key (the last line) seals, all of them open.
const (
	magic      = "linli-seal-keys"
	version    = "1"
	maxKeyFile = 64 << 10
	checkSize  = 4
)

// Open loads the key file at path, or makes it with a fresh random key at the first start (created), readable by
// its owner only, on the disk before it returns, and never over a file that is there. Refusals are faults:
// seal-key-open (others may read it), seal-key-damaged (with the line), seal-key-unreadable.
func Open(path string) (box *Box, created bool, err error) {
	keys, err := load(path)
	if errors.Is(err, fs.ErrNotExist) {
		if created, err = create(path); err != nil {
			return nil, false, unreadable(path, err)
		}
		// Read back what is on the disk: another process may have been first.
		keys, err = load(path)
	}
	if err != nil {
		return nil, false, unreadable(path, err)
	}
	box, err = newBox(keys)
	return box, created, err
}

// Read loads the key file at path and never makes one. Where there is none the box has a key of its own that nobody keeps:
// what is sealed stays closed to it. Refusals are those of Open.
func Read(path string) (*Box, error) {
	keys, err := load(path)
	if errors.Is(err, fs.ErrNotExist) {
		var passing masterKey
		passing, err = draw(1)
		keys = []masterKey{passing}
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	return newBox(keys)
}

// Rotate adds a fresh key to the file and gives its id. Values sealed before still open; the running program goes on
// with the key it has until it is started again. Stale finds what is to be sealed anew.
func Rotate(path string) (id uint16, err error) {
	keys, err := load(path)
	if err != nil {
		return 0, unreadable(path, err)
	}
	last := keys[len(keys)-1].id
	if last == 1<<16-1 {
		return 0, fault.New(fault.Conflict, "seal-keys-full", "密钥编号已用完", "There are no key ids left")
	}
	fresh, err := draw(last + 1)
	if err != nil {
		return 0, err
	}
	// The fixed name is the lock: two rotations at once would each lose the key of the other.
	next := path + ".next"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return 0, fault.Newf(fault.Conflict, "seal-rotation-running",
			"另一次密钥更换正在进行;若没有,请删除 %[1]s 后重试", "Another key rotation is under way; if there is none, delete %[1]s and try again", next)
	}
	if err != nil {
		return 0, unreadable(path, err)
	}
	defer os.Remove(next)
	if err := fill(f, append(keys, fresh)); err != nil {
		return 0, unreadable(path, err)
	}
	if err := os.Rename(next, path); err != nil {
		return 0, unreadable(path, err)
	}
	return fresh.id, unreadable(path, syncFolder(filepath.Dir(path)))
}

func load(path string) ([]masterKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxKeyFile {
		return nil, fault.Newf(fault.Internal, "seal-key-damaged", "%[1]s 不是密钥文件", "%[1]s is not a key file", path)
	}
	// Windows has no such bits; there the folder's rights guard the file.
	if wide := info.Mode().Perm() & 0o077; wide != 0 && runtime.GOOS != "windows" {
		return nil, fault.Newf(fault.Internal, "seal-key-open",
			"密钥文件 %[1]s 可被他人读取(权限 %04[2]o);请执行 chmod 600 %[1]s 后再启动",
			"The key file %[1]s can be read by others (mode %04[2]o); run chmod 600 %[1]s and start again", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parse(path, string(text))
}

func parse(path, text string) ([]masterKey, error) {
	bad := func(line int, zh, en string) error {
		return fault.Newf(fault.Internal, "seal-key-damaged",
			"密钥文件 %[1]s 第 %[2]d 行%[3]s;请从备份恢复该文件,不要新建,否则已加密的内容将无法解开",
			"The key file %[1]s is damaged in line %[2]d: %[4]s; restore it from a backup. A new one would not open what is sealed", path, line, zh, en)
	}
	var keys []masterKey
	lines := strings.Split(text, "\n")
	if head := strings.Fields(lines[0]); len(head) != 2 || head[0] != magic {
		return nil, bad(1, "缺少文件头", "the heading is missing")
	} else if head[1] != version {
		return nil, bad(1, "的版本不受支持,请升级程序", "its version is newer than this program, which must be updated")
	}
	for i, line := range lines[1:] {
		n, part := i+2, strings.Fields(line)
		if len(part) == 0 || strings.HasPrefix(part[0], "#") {
			continue
		}
		if len(part) != 4 || part[0] != "key" {
			return nil, bad(n, "格式不对", "it is not of the form key ID SECRET CHECK")
		}
		id, err := strconv.ParseUint(part[1], 10, 16)
		if err != nil || id == 0 || len(keys) > 0 && id <= uint64(keys[len(keys)-1].id) {
			return nil, bad(n, "密钥编号不是递增的正整数", "the key ids do not rise")
		}
		secret, err := hex.DecodeString(part[2])
		if err != nil || len(secret) != keySize {
			return nil, bad(n, "密钥长度或字符不对", "the secret is not 64 hex digits")
		}
		k := masterKey{id: uint16(id), secret: secret}
		if part[3] != k.check() {
			return nil, bad(n, "校验不符", "the check does not fit the secret")
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, bad(len(lines), "没有任何密钥", "there is no key")
	}
	return keys, nil
}

// check is a short hash by which a mistyped or cut key is seen before anything is sealed with it.
func (k masterKey) check() string {
	sum := sm3.Sum(fmt.Appendf(nil, "%s %s %d %x", magic, version, k.id, k.secret))
	return hex.EncodeToString(sum[:checkSize])
}

func draw(id uint16) (masterKey, error) {
	k := masterKey{id: id, secret: make([]byte, keySize)}
	if _, err := rand.Read(k.secret); err != nil {
		return k, fmt.Errorf("draw a sealing key: %w", err)
	}
	return k, nil
}

// create writes the first key file under a passing name and links it to its own: the link is made whole or not
// at all, and fails where there is a file already (made false: another process was first).
func create(path string) (made bool, err error) {
	key, err := draw(1)
	if err != nil {
		return false, err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*.new") // mode 0600
	if err != nil {
		return false, err
	}
	defer os.Remove(f.Name())
	if err := fill(f, []masterKey{key}); err != nil {
		return false, err
	}
	err = os.Link(f.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		// A file system without links (FAT, some network shares).
		g, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if err := fill(g, []masterKey{key}); err != nil {
			return false, err
		}
	}
	return true, syncFolder(dir)
}

// fill writes the keys, waits until the disk has them, and closes the file.
func fill(f *os.File, keys []masterKey) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s %s\n", magic, version)
	text.WriteString("# 敏感信息的加密密钥。丢失后已加密的内容无法恢复,请与数据库分开备份。\n")
	text.WriteString("# The keys of the sealed columns. Without them these cannot be read: keep a copy, apart from the database.\n")
	for _, k := range keys {
		fmt.Fprintf(&text, "key %d %x %s\n", k.id, k.secret, k.check())
	}
	_, err := f.Write(text.Bytes())
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be opened for this there; the file itself is on the disk
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// unreadable gives an error of the file system as a fault; faults and nil pass.
func unreadable(path string, err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return err
	}
	return fault.Newf(fault.Internal, "seal-key-unreadable",
		"无法读写密钥文件 %[1]s;请检查目录是否存在以及运行程序的用户是否有权限",
		"The key file %[1]s cannot be read or written; check that its folder exists and belongs to the user who runs the program", path).Because(err)
}
