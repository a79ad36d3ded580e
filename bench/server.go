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
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"linli/internal/cli"
)

// server is the program as a process of its own, with its log in a file as in production.
type server struct {
	cmd     *exec.Cmd
	log     *os.File
	started time.Time // just before the process was made
	address string    // host:port
	ended   chan error
}

// serve starts the program on a place and waits until it says where it answers. Its settings are the built-in ones
// but for trusting the proxy before it, as behind an HTTPS proxy: every report then counts against the address of
// who sent it.
func (b *bench) serve(ctx context.Context, p place, profile string) (*server, error) {
	args := []string{"serve", "--data", p.folder, "--listen", "127.0.0.1:0", "--trusted-proxies", "127.0.0.1"}
	if p.name != "" {
		args = append(args, "--db", p.address())
	}
	program, env := b.binary, cleanEnvironment()
	if profile != "" {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		program, env = self, append(env, profileVariable+"="+profile)
	}
	return start(ctx, program, args, env, filepath.Join(p.folder, "serve.log"))
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
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 wherever Linux runs
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
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

// profileVariable makes this binary act as the program itself while it is profiled: the shipped one has no way to be.
const profileVariable = "BENCH_SERVER_PROFILE"

func serveProfiled(ctx context.Context, target string, args []string) (err error) {
	f, err := os.Create(target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	if code := cli.Run(ctx, "bench", args, os.Stdin, os.Stdout, os.Stderr); code != 0 {
		return fmt.Errorf("linli %s: exit code %d", args[0], code)
	}
	return nil
}

// profiled runs f, under the CPU profiler the first time a name is met when profiles are wanted.
func (b *bench) profiled(name string, f func() error) (err error) {
	target := b.profile(name)
	if target == "" {
		return f()
	}
	out, err := os.Create(target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}

// profile is the file for a profile; empty when none is wanted or it is there already from an earlier round.
func (b *bench) profile(name string) string {
	if b.profiles == "" {
		return ""
	}
	target := filepath.Join(b.profiles, name+".prof")
	if b.profiledAlready[name] {
		return ""
	}
	b.profiledAlready[name] = true
	return target
}
