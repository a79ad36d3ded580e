package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

// floorVariable makes this binary the least server there is: it names the file with the one answer it gives.
const floorVariable = "BENCH_FLOOR"

// serveFloor answers every request with the same bytes after parsing its JSON, on Go's HTTP server as it comes: what
// no program that speaks HTTP and JSON by the standard library can be quicker than.
func serveFloor(ctx context.Context, answer string, out io.Writer) error {
	body, err := os.ReadFile(answer)
	if err != nil {
		return err
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if len(text) > 0 {
			var asked any
			err = errors.Join(err, json.Unmarshal(text, &asked))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
		}
		_, _ = w.Write(body) // the client sees when it is cut short
	})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: patience}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	fmt.Fprintf(out, "answers at http://%s\n", listener.Addr())
	if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// floor starts such a server as a process of its own.
func (b *bench) floor(ctx context.Context, p place, answer []byte) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(p.folder, "floor.json")
	if err := os.WriteFile(file, answer, 0o600); err != nil {
		return nil, err
	}
	return start(ctx, self, []string{"floor"}, append(cleanEnvironment(), floorVariable+"="+file), filepath.Join(p.folder, "floor.log"))
}

// floorOutcome is what the floor does with the same clients.
func (s *store) floorOutcome(ctx context.Context, p place, visitors []visitor) (o outcome, err error) {
	srv, err := s.serve(ctx, p, "")
	if err != nil {
		return o, err
	}
	answer, err := oneAnswer(ctx, srv, visitors[0])
	if err = errors.Join(err, srv.stop()); err != nil {
		return o, err
	}
	return s.leastOutcome(ctx, p, answer, visitors)
}

// leastOutcome is what Go's HTTP server does with these clients when it gives an answer that is there already.
func (s *store) leastOutcome(ctx context.Context, p place, answer []byte, visitors []visitor) (o outcome, err error) {
	least, err := s.floor(ctx, p, answer)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, least.stop()) }()
	if _, err := load(ctx, least, s.plan.burst/8, visitors); err != nil {
		return o, err
	}
	return load(ctx, least, s.plan.burst/2, visitors)
}

// oneAnswer is what the program itself says to a visitor.
func oneAnswer(ctx context.Context, srv *server, v visitor) ([]byte, error) {
	c, err := dial(ctx, srv.address)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	status, body, err := c.ask(v.request())
	if err != nil {
		return nil, err
	}
	return slices.Clone(body), v.judge(status, body)
}

// together is how many pages a second the bare SELECT gives when every processor does nothing else.
func (w pages) together(ctx context.Context, times int) (float64, error) {
	readers := runtime.GOMAXPROCS(0)
	failed := make([]error, readers)
	took, err := timed(func() error {
		var all sync.WaitGroup
		for i := range readers {
			all.Go(func() {
				for range times {
					if ids, err := w.bareIDs(ctx); err != nil || len(ids) != listed {
						failed[i] = errors.Join(fmt.Errorf("%d cases selected", len(ids)), err)
						return
					}
				}
			})
		}
		all.Wait()
		return errors.Join(failed...)
	})
	return perSecond(readers*times, took), err
}
