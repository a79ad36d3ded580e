package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is the program as a process of its own, with its log in a file as in production.
type server struct {
	cmd     *exec.Cmd
	log     *os.File
	started time.Time // just before the process was made
	address string    // host:port
	ended   chan error
	engine  *backends // of the database it works on, when they can be seen
}

// serve starts the program on a place and waits until it says where it answers. Its settings are the built-in ones
// but for trusting the proxy before it, as behind an HTTPS proxy: every report then counts against the address of
// who sent it.
func (b *bench) serve(ctx context.Context, p place, profile string) (*server, error) {
	args := []string{"serve", "--data", p.folder, "--listen", "127.0.0.1:0", "--trusted-proxies", "127.0.0.1"}
	if p.name != "" {
		args = append(args, "--db", p.address())
	}
	program, env, err := b.program(profile)
	if err != nil {
		return nil, err
	}
	return start(ctx, program, args, env, filepath.Join(p.folder, "serve.log"))
}

// serve starts the program and lets the loads upon it see what PostgreSQL's processes do.
func (s *store) serve(ctx context.Context, p place, profile string) (*server, error) {
	srv, err := s.bench.serve(ctx, p, profile)
	if err == nil {
		srv.engine = s.backends
	}
	return srv, err
}

// program is what to run and with which environment: the shipped one or, to write a profile, this binary in its place.
func (b *bench) program(profile string) (name string, env []string, err error) {
	if profile == "" {
		return b.binary, cleanEnvironment(), nil
	}
	self, err := os.Executable()
	return self, append(cleanEnvironment(), profileVariable+"="+profile), err
}

func start(ctx context.Context, program string, args, env []string, log string) (*server, error) {
	s := &server{ended: make(chan error, 1)}
	var err error
	if s.log, err = os.Create(log); err != nil {
		return nil, err
	}
	s.cmd = exec.CommandContext(context.WithoutCancel(ctx), program, args...) // it is stopped by its handle, in order
	s.cmd.Env, s.cmd.Stderr = env, s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.started = now()
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	told := make(chan string, 1)
	go s.listen(out, told)
	select {
	case s.address = <-told:
		return s, nil
	case err := <-s.ended:
		text, _ := os.ReadFile(log)
		return nil, fmt.Errorf("%s %s ended at once: %w: %s", program, args[0], err, text)
	case <-time.After(time.Minute):
		return nil, errors.Join(fmt.Errorf("%s did not say where it answers", program), s.cmd.Process.Kill())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), s.cmd.Process.Kill())
	}
}

// listen reads what the program says until it ends.
func (s *server) listen(out io.Reader, told chan<- string) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, rest, ok := strings.Cut(lines.Text(), "answers at http://"); ok {
			told <- strings.TrimSpace(rest)
		}
	}
	s.ended <- s.cmd.Wait()
}

// stop asks the program to end, as a service manager would, and waits for it.
func (s *server) stop() error {
	defer s.log.Close()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-s.ended:
		return err
	case <-time.After(time.Minute):
		return errors.Join(errors.New("the program did not end within a minute"), s.cmd.Process.Kill())
	}
}

// cpu is the processor time the program has used.
func (s *server) cpu() time.Duration {
	stat, _ := readStat(s.cmd.Process.Pid)
	return stat.used
}

// engineCPU is the processor time of the database server's processes; always nothing where they are not known.
func (s *server) engineCPU() time.Duration {
	if s.engine == nil {
		return 0
	}
	return s.engine.cpu()
}

// memory is what the program has in memory, in MB.
func (s *server) memory() (float64, error) {
	kb, err := strconv.Atoi(strings.TrimSuffix(field(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid), "VmRSS"), " kB"))
	return float64(kb) / 1024, err
}

// cleanEnvironment is this process's without settings of the program.
func cleanEnvironment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "LINLI_") {
			env = append(env, v)
		}
	}
	return env
}
