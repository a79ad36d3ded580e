package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"linli/internal/httpapi"
	"linli/internal/platform/fault"
)

// Version is set by the build.
type Version string

// shutdownGrace is how long requests under way are waited for when the program is told to stop.
const shutdownGrace = 30 * time.Second

// Server makes the HTTP face of the program.
func (a *App) Server(v Version) *httpapi.Server {
	return httpapi.New(httpapi.Parts{Config: a.Config, Log: a.Log, DB: a.DB, Areas: a.Areas, Staff: a.Staff, Cases: a.Cases, Demo: a.Demo, Version: string(v)})
}

// Serve answers requests on the configured address, and does the background work, until the context
// ends; then it finishes what was accepted and takes nothing new. ready is told the address once
// requests are answered.
func (a *App) Serve(ctx context.Context, v Version, ready func(address string)) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Config.Listen)
	if err != nil {
		return fault.Newf(fault.Unavailable, "listen", "不能监听 %[1]s:端口可能已被占用,或地址不对。可用 --listen 换一个", "Cannot listen on %[1]s: the port may be in use or the address wrong. Choose another with --listen", a.Config.Listen).Because(err)
	}
	srv := &http.Server{Handler: a.Server(v).Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: nil}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { a.Background(background) })
	defer func() { stop(); wg.Wait() }()

	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	ready(listener.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	a.Log.Info("stopping: finishing what was accepted")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}
