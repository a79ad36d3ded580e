package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// backends are the processes of a PostgreSQL server on this machine: they work on the processors that the program has, too.
type backends struct{ postmaster int }

// findBackends finds them by the process of a connection. nil when the server is elsewhere, or its processes cannot be seen.
func (s *store) findBackends(ctx context.Context) (*backends, error) {
	if s.server == nil {
		return nil, nil // an embedded engine has none
	}
	conn, err := s.server.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	var pid int
	var name string
	if err := conn.QueryRowContext(ctx, `SELECT pg_backend_pid(), current_database()`).Scan(&pid, &name); err != nil {
		return nil, err
	}
	// elsewhere the number may be that of any process: the server gives its own their titles
	title, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !strings.HasPrefix(string(title), "postgres") || !strings.Contains(string(title), name) {
		return nil, nil
	}
	stat, ok := readStat(pid)
	if !ok {
		return nil, nil
	}
	return &backends{stat.parent}, nil
}

// cpu is the processor time that they have used, with those that have ended.
func (b *backends) cpu() (sum time.Duration) {
	found, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0
	}
	for _, dir := range found {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if stat, ok := readStat(pid); ok && (pid == b.postmaster || stat.parent == b.postmaster) {
			sum += stat.used + stat.reaped
		}
	}
	return sum
}

// processStat is what the system says of a process.
type processStat struct {
	parent int
	used   time.Duration // processor time of its own
	reaped time.Duration // and of its children that have ended
}

func readStat(pid int) (processStat, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return processStat{}, false
	}
	return parseStat(string(text))
}

// parseStat reads a line of /proc/PID/stat. The name in it may have brackets and blanks of its own.
func parseStat(text string) (s processStat, ok bool) {
	at := strings.LastIndex(text, ") ")
	if at < 0 {
		return s, false
	}
	fields := strings.Fields(text[at+2:])
	const parent, user, children = 1, 11, 13
	if len(fields) < children+2 {
		return s, false
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 wherever Linux runs
	number := func(i int) int {
		n, _ := strconv.Atoi(fields[i])
		return n
	}
	s.parent = number(parent)
	s.used = time.Duration(number(user)+number(user+1)) * tick
	s.reaped = time.Duration(number(children)+number(children+1)) * tick
	return s, true
}

// ownCPU is the processor time that this process has used.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// effort is the processor time of n things, in us each: of this process, and of PostgreSQL's.
type effort struct{ own, engine samples }

// spent runs f, which does n things, and adds what they took. A server whose processes cannot be seen adds nothing.
func (s *store) spent(e *effort, n int, f func() error) error {
	own, engine := ownCPU(), time.Duration(0)
	if s.backends != nil {
		engine = s.backends.cpu()
	}
	err := f()
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(n) }
	e.own.add(each(ownCPU() - own))
	if s.backends != nil {
		e.engine.add(each(s.backends.cpu() - engine))
	}
	return err
}

// unseen stands where PostgreSQL's processor time would.
const unseen = "not available: the server's processes cannot be seen from here"

// serverCost adds a row with the processor time of PostgreSQL's processes, in us; none for an embedded engine.
func (s *store) serverCost(t *table, what string, us samples) {
	switch {
	case s.server == nil:
	case s.backends == nil:
		t.figure(what, unseen)
	default:
		t.figure(what, us.with(" µs"))
	}
}
