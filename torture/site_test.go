package torture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"linli/internal/platform/database"
	"linli/internal/proof"
	"linli/internal/sample"
)

// site is a place where the program is installed: its data, and the process when one runs.
type site struct {
	t       testing.TB
	engine  database.Engine
	folder  string
	url     string // of PostgreSQL
	through string // the same as the program reaches it, when that differs
	mu      sync.Mutex
	secrets map[string]string        // login -> session; use secret where it may end
	nodes   atomic.Pointer[[]string] // addresses where the program answers
	starts  int
}

// newSite lays a county out for a test.
func newSite(t testing.TB, engine database.Engine) *site {
	t.Helper()
	return newSiteIn(t, engine, filepath.Join(t.TempDir(), "data"))
}

func newSiteIn(t testing.TB, engine database.Engine, folder string) *site {
	t.Helper()
	l := shared.counties.of(engine)
	s := &site{t: t, engine: engine, folder: folder, secrets: maps.Clone(l.secrets)}
	s.url = l.copyTo(t, folder)
	return s
}

// node is a process of the program.
type node struct {
	site    *site
	cmd     *exec.Cmd
	address string
	log     string      // path of its log
	words   chan string // other lines it prints
	exited  chan struct{}
	err     error // of the exit; read after exited
}

// flags are those of every command on the site.
func (s *site) flags() []string {
	flags := []string{"--data", s.folder}
	if s.url != "" {
		flags = append(flags, "--db", s.url)
	}
	return flags
}

// roomy are settings under which one address may do what a town does.
var roomy = []string{"--listen", "127.0.0.1:0", "--reports-per-address", "100000", "--reports-per-phone", "100000", "--reports-window", "1m",
	"--trusted-proxies", "127.0.0.1", "--sweep-interval", "1s"}

// start runs `linli serve` until it answers.
func (s *site) start(more ...string) *node {
	s.t.Helper()
	s.starts++
	n, err := s.launch(exec.Command(shared.program, s.serving(more...)...))
	if err != nil {
		s.t.Fatal(err)
	}
	s.answers(n.address)
	return n
}

// secret is the session somebody has now.
func (s *site) secret(login string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.secrets[login]
}

// signIn opens a new session for somebody whose old one is over.
func (s *site) signIn(c *client, login string) error {
	r, err := c.send(newOrder("POST", "/api/v1/session", "", form{"login": login, "password": sample.DemoPassword}))
	switch {
	case err != nil || r.status == 503 || r.status == 429:
		return nil // tried again with what it was for
	case r.status != 201:
		return fmt.Errorf("signing in as %s: %d %.300s", login, r.status, r.raw)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets[login] = r.text("secret")
	return nil
}

// answers says where the program is from now on.
func (s *site) answers(addresses ...string) { s.nodes.Store(&addresses) }

// serving are the arguments of `linli serve` on the site.
func (s *site) serving(more ...string) []string {
	flags := s.flags()
	if s.through != "" {
		flags[len(flags)-1] = s.through
	}
	return append(append(append([]string{"serve"}, flags...), roomy...), more...)
}

var answersAt = regexp.MustCompile(`Linli answers at http://(\S+)`)

// launch starts a process that prints where it answers. It is killed at the end of the test if it still runs.
func (s *site) launch(cmd *exec.Cmd) (*node, error) {
	n := &node{site: s, cmd: cmd, log: filepath.Join(s.t.TempDir(), fmt.Sprintf("%s-%d.log", filepath.Base(s.folder), s.starts)), words: make(chan string, 100), exited: make(chan struct{})}
	log, err := os.Create(n.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s.t.Cleanup(n.kill)
	address := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if m := answersAt.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
				continue
			}
			select {
			case n.words <- lines.Text():
			default: // nobody listens
			}
		}
		n.err = cmd.Wait()
		close(n.exited)
	}()
	select {
	case n.address = <-address:
		return n, nil
	case <-n.exited:
		return nil, fmt.Errorf("the program did not start: %v\n%s", n.err, n.said())
	case <-time.After(60 * time.Second):
		return nil, fmt.Errorf("the program does not answer\n%s", n.said())
	}
}

// kill is kill -9.
func (n *node) kill() {
	_ = n.cmd.Process.Kill() // it may be gone
	<-n.exited
}

// stop is SIGTERM; it gives how long the program took and fails unless it ends well.
func (n *node) stop() time.Duration {
	n.site.t.Helper()
	began := time.Now()
	if err := n.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		n.site.t.Fatalf("stopping: %v\n%s", err, n.said())
	}
	select {
	case <-n.exited:
	case <-time.After(60 * time.Second):
		n.site.t.Fatalf("the program does not stop\n%s", n.said())
	}
	if n.err != nil {
		n.site.t.Fatalf("the program stopped with %v\n%s", n.err, n.said())
	}
	return time.Since(began)
}

// said is the end of the log.
func (n *node) said() string {
	text, err := os.ReadFile(n.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}

// command runs a command of the program to its end.
func (s *site) command(args ...string) (out string, code int) {
	s.t.Helper()
	return runCommand(s.t, append(args, s.flags()...)...)
}

func runCommand(t testing.TB, args ...string) (out string, code int) {
	t.Helper()
	cmd := exec.Command(shared.program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatalf("linli %s: %v", strings.Join(args, " "), err)
	}
	return stdout.String() + stderr.String(), cmd.ProcessState.ExitCode()
}

// sound is `linli check`: everything must hold.
func (s *site) sound() proof.Result {
	s.t.Helper()
	cmd := exec.Command(shared.program, append([]string{"check", "--json"}, s.flags()...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var r proof.Result
	if jsonErr := json.Unmarshal(stdout.Bytes(), &r); err != nil || jsonErr != nil || !r.OK {
		s.t.Errorf("check: %v %v\n%s", err, jsonErr, stderr.String())
		for i, f := range r.Findings {
			if f.Severity == "error" && i < 20 {
				s.t.Errorf("check: %s %s %s: %s", f.Concept, f.Code, f.Object, f.Text.EN)
			}
		}
	}
	return r
}

// look reads the database beside the program.
func (s *site) look(fn func(tx *database.Tx) error) {
	s.t.Helper()
	ctx := context.Background()
	db, err := database.Open(ctx, database.Options{URL: s.url, Dir: s.folder, ReadOnly: true, Readers: 1})
	if err != nil {
		s.t.Fatalf("looking into the database: %v", err)
	}
	defer db.Close()
	if err := db.Read(ctx, fn); err != nil {
		s.t.Fatalf("looking into the database: %v", err)
	}
}

// number is one figure from the database.
func (s *site) number(query string, args ...any) (n int) {
	s.t.Helper()
	s.look(func(tx *database.Tx) error { return tx.Row(query, args...).Scan(&n) })
	return n
}
