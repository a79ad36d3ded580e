package torture

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"linli/internal/cli"
	"linli/internal/platform/database"
)

// smallDisk is the room the data has, in bytes.
const smallDisk = 48 << 20

// TestTheDiskIsFull: under load the disk runs full. Who writes is told so, who reads is answered, and when there is
// room again it goes on by itself with nothing lost. The disk is a small tmpfs, where mounting is allowed, and a limit to
// the size of the files everywhere.
func TestTheDiskIsFull(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("linli-torture", folder, "tmpfs", 0, "size="+strconv.Itoa(smallDisk))
	if err == nil {
		t.Cleanup(func() {
			if err := syscall.Unmount(folder, 0); err != nil {
				t.Errorf("unmounting: %v", err)
			}
		})
		t.Run("tmpfs", func(t *testing.T) { runFull(t, newSiteIn(t, database.SQLite, filepath.Join(folder, "data")), fillDisk) })
	} else if !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.EACCES) {
		t.Fatalf("mounting a small disk: %v", err)
	}
	t.Logf("mounting a small disk: %v", err)
	t.Run("limit", func(t *testing.T) { runFull(t, newSite(t, database.SQLite), limitFiles) })
}

// TestTheFoldersDiskIsFullBesidePostgres: the database has room and the data folder has none. Photos are refused, reports
// go on, and when there is room again the photos come in.
func TestTheFoldersDiskIsFullBesidePostgres(t *testing.T) {
	onPostgres(t, func(t *testing.T, s *site) {
		disk := limitFiles(t, s)
		c := newCrowd(s).gather(6)
		probe := newProbe(c, rand.New(rand.NewPCG(c.seed, 1000)))
		for range pick(1, 5) {
			before := c.done.Load()
			within(t, 20*time.Second, "work goes on", func() bool { return c.done.Load() > before+50 })
			disk.fill()
			for end := time.Now().Add(pick(500*time.Millisecond, 5*time.Second)); time.Now().Before(end) && !t.Failed(); {
				if r, err := probe.report(); err != nil || r.status != http.StatusCreated {
					t.Errorf("a report while only the folder is full: %v %d %.300s", err, r.status, r.raw)
				}
				readsGoOn(t, s, probe, c.remembered())
				uploadRefused(t, probe, c.remembered())
			}
			disk.free()
			back(t, probe, c)
			files := len(c.remembered().files)
			within(t, 20*time.Second, "photos come in again", func() bool { return len(c.remembered().files) > files })
		}
		probe.settle()
		m := c.disperse(t)
		disk.node.stop()
		s.holds(m, true)
		s.sound()
	})
}

// full is a disk that runs full when filled, and has room again when freed.
type full struct {
	node       *node
	fill, free func()
}

func runFull(t *testing.T, s *site, install func(*testing.T, *site) full) {
	disk := install(t, s)
	c := newCrowd(s).gather(6)
	dice := rand.New(rand.NewPCG(c.seed, 1000))
	probe := newProbe(c, dice)
	for range pick(1, 5) {
		before := c.done.Load()
		within(t, 20*time.Second, "work goes on", func() bool { return c.done.Load() > before+50 })
		disk.fill()
		within(t, 60*time.Second, "the disk is full", func() bool {
			r, err := probe.report()
			if err != nil {
				t.Fatalf("a report on a nearly full disk: %v", err)
			}
			if r.status < 300 {
				return false
			}
			code := r.text("code")
			if r.status != 503 || r.header.Get("Retry-After") == "" || code != "disk-full" && code != "disk-error" {
				t.Fatalf("a report on a full disk: %d %v %.300s", r.status, r.header, r.raw)
			}
			return true
		})
		for end := time.Now().Add(pick(500*time.Millisecond, 5*time.Second)); time.Now().Before(end) && !t.Failed(); {
			readsGoOn(t, s, probe, c.remembered())
			uploadRefused(t, probe, c.remembered())
		}
		disk.free()
		back(t, probe, c)
	}
	probe.settle()
	m := c.disperse(t)
	disk.node.stop()
	s.holds(m, true)
	s.sound()
}

// readsGoOn looks at what was acknowledged while nothing can be written.
func readsGoOn(t *testing.T, s *site, probe *probe, m memory) {
	t.Helper()
	looked := 0
	for id, r := range m.reports {
		for _, path := range []string{"/api/v1/cases/" + id, "/api/v1/cases?page_size=50", "/api/v1/counts", "/readyz"} {
			if a, err := probe.send(newOrder(http.MethodGet, path, s.secrets[dispatcher], nil)); err != nil || a.status != 200 {
				t.Errorf("GET %s on a full disk: %v %d %.200s", path, err, a.status, a.raw)
			}
		}
		if a, err := probe.send(newOrder(http.MethodGet, "/api/v1/track/"+r.code, "", nil)); err != nil || a.status != 200 {
			t.Errorf("following a case on a full disk: %v %d %.200s", err, a.status, a.raw)
		}
		if looked++; looked == 5 {
			break
		}
	}
}

// uploadRefused: there is no room for a file either.
func uploadRefused(t *testing.T, probe *probe, m memory) {
	t.Helper()
	for _, r := range m.reports {
		picture := make([]byte, 300<<10)
		copy(picture, photo(probe.dice))
		a, err := probe.send(order{method: http.MethodPut, path: "/api/v1/track/" + r.code + "/files/" + newID() + "?name=photo.jpg", kind: "image/jpeg", body: picture})
		if err != nil || a.status != 503 || a.header.Get("Retry-After") == "" || a.text("code") != "disk-full" {
			t.Errorf("a photo on a full disk: %v %d %.300s", err, a.status, a.raw)
		}
		return
	}
}

// fillDisk takes all the room that is left but a little, with a file beside the data.
func fillDisk(t *testing.T, s *site) full {
	ballast := filepath.Join(filepath.Dir(s.folder), "ballast")
	return full{node: s.start(), fill: func() {
		var at syscall.Statfs_t
		if err := syscall.Statfs(s.folder, &at); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(ballast)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := io.CopyN(f, zeros{}, int64(at.Bavail)*at.Bsize-128<<10); err != nil && !errors.Is(err, syscall.ENOSPC) { // the crowd takes the rest
			t.Fatalf("filling the disk: %v", err)
		}
	}, free: func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// limitFiles runs the program with a limit to the size of its files, which is set to what they have and lifted again.
func limitFiles(t *testing.T, s *site) full {
	s.starts++
	cmd := exec.Command(os.Args[0], s.serving()...)
	cmd.Env = append(os.Environ(), childVariable+"=serve")
	n, err := s.launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	s.answers(n.address)
	set := func(limit uint64) {
		l := syscall.Rlimit{Cur: limit, Max: ^uint64(0)}
		_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(cmd.Process.Pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&l)), 0, 0, 0)
		if errno != 0 {
			t.Fatalf("limiting the size of files: %v", errno)
		}
	}
	return full{node: n, fill: func() { set(64 << 10) }, free: func() { set(^uint64(0)) }}
}

// childServe is the program inside the test binary, with the one difference that a file that may not grow is an error
// of the write, not the end of the process.
func childServe() int {
	signal.Ignore(syscall.SIGXFSZ)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, "torture", os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}
