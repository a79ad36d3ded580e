package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"linli/internal/app"
	"linli/internal/platform/config"
)

// childVariable names what the test binary does instead of testing when a test starts it.
const childVariable = "LINLI_TORTURE_CHILD"

func child() int {
	runtime.MemProfileRate = 0 // as in the program, which has nobody who reads that profile
	var err error
	switch what := os.Getenv(childVariable); what {
	case "serve":
		return childServe()
	case "quick-day":
		err = quickDay()
	default:
		err = fmt.Errorf("there is nothing like %q", what)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// quickClock runs quicker than the machine's. Any number of processes, one after the other or at once, see the same time.
type quickClock struct {
	base  time.Time // a moment by the machine's clock
	from  time.Time // what this one showed then
	speed int       // times as quick
}

// newQuickClock shows from at this moment.
func newQuickClock(from time.Time, speed int) quickClock { return quickClock{time.Now(), from, speed} }

func (q quickClock) now() time.Time { return q.from.Add(time.Duration(q.speed) * time.Since(q.base)) }

// clockVariable tells a child its clock.
const clockVariable = "LINLI_TORTURE_CLOCK"

func (q quickClock) String() string {
	return fmt.Sprintf("%d %d %d", q.base.UnixMilli(), q.from.UnixMilli(), q.speed)
}

func quickClockOf(text string) (q quickClock, err error) {
	var base, from int64
	if _, err := fmt.Sscan(text, &base, &from, &q.speed); err != nil {
		return q, fmt.Errorf("no clock: %q: %w", text, err)
	}
	q.base, q.from = time.UnixMilli(base), time.UnixMilli(from)
	return q, nil
}

// startQuick starts the program inside the test binary, by a quick clock.
func (s *site) startQuick(clock quickClock) *node {
	s.t.Helper()
	s.starts++
	cmd := exec.Command(os.Args[0], s.serving()[1:]...)
	cmd.Env = append(os.Environ(), childVariable+"=quick-day", clockVariable+"="+clock.String())
	n, err := s.launch(cmd)
	if err != nil {
		s.t.Fatal(err)
	}
	s.answers(n.address)
	return n
}

// holding is what the program holds at a moment, after collecting garbage.
type holding struct {
	Heap       uint64    // bytes of living objects
	Memory     uint64    // bytes the process has of the machine's, without its own program file's and the pages
	Pages      uint64    // bytes of the database's file kept by the embedded database's connections
	Goroutines int       //
	Files      int       // handles
	Now        time.Time // by the quick clock
}

func (h holding) String() string {
	return fmt.Sprintf("heap %.1f MB, memory %.1f MB and %.1f MB of pages, %d goroutines, %d files", heapOf(h), memoryOf(h), pagesOf(h), h.Goroutines, h.Files)
}

// quickDay serves by a clock that runs quicker. At each SIGUSR1 it prints what it holds.
func quickDay() error {
	flags := pflag.NewFlagSet("quick-day", pflag.ContinueOnError)
	config.Flags(flags)
	if err := flags.Parse(os.Args[1:]); err != nil {
		return err
	}
	cfg, _, err := config.Load("", flags)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	clock, err := quickClockOf(os.Getenv(clockVariable))
	if err != nil {
		return err
	}
	a, err := app.New(ctx, cfg, app.Options{Now: clock.now, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Hashing: &cheap})
	if err != nil {
		return err
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for range asked {
			h, err := json.Marshal(holds(a))
			fmt.Println(string(h), err)
		}
	}()
	err = a.Serve(ctx, "torture", func(address string) { fmt.Printf("Linli answers at http://%s\n", address) })
	if closing := a.Close(); err == nil {
		err = closing
	}
	return err
}

// holds is what the program keeps when the embedded database has given back the pages of its connections, as it does by itself
// when nobody asks for anything, and how much those were.
func holds(a *app.App) holding {
	full := anonymous()
	if err := a.DB.Rest(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "the database keeps its pages:", err)
	}
	h := holding{Memory: anonymous(), Goroutines: runtime.NumGoroutine(), Now: a.DB.Now()}
	h.Pages = full - min(full, h.Memory)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.Heap = m.HeapAlloc
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		h.Files = len(files)
	}
	return h
}

// anonymous is what the process has of the machine's memory, in bytes, after collecting garbage, beside the files it has mapped: of
// the program's own, 40 MB, more is in memory the more of the code has run, and the system takes it back when it needs room.
// 0 where the system does not tell.
func anonymous() (bytes uint64) {
	debug.FreeOSMemory() // collects first
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			if strings.HasPrefix(line, "RssAnon:") {
				_, _ = fmt.Sscanf(line, "RssAnon: %d kB", &bytes) // 0 when it cannot be read
			}
		}
	}
	return bytes << 10
}
