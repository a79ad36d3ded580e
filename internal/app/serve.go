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
	"linli/web"
)

// Version is set by the build.
type Version string

// shutdownGrace is how long requests under way are waited for when the program is told to stop.
const shutdownGrace = 30 * time.Second

// Server makes the HTTP face of the program.
func (a *App) Server(v Version) *httpapi.Server {
	return httpapi.New(httpapi.Parts{Config: a.Config, Log: a.Log, DB: a.DB, Areas: a.Areas, Staff: a.Staff, Cases: a.Cases, Board: a.Board, Emergency: a.Emergency, Demo: a.Demo, Version: string(v), Faces: web.Faces()})
}

// Serve answers requests on the configured address, and does the background work, until the context
// ends; then it finishes what was accepted and takes nothing new. ready is told the address once
// requests are answered.
func (a *App) Serve(ctx context.Context, v Version, ready func(address string)) error {
	if err := a.mayServe(ctx); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Config.Listen)
	if err != nil {
		return fault.Newf(fault.Unavailable, "listen", "不能监听 %[1]s:端口可能已被占用,或地址不对。可用 --listen 换一个", "Cannot listen on %[1]s: the port may be in use or the address wrong. Choose another with --listen", a.Config.Listen).Because(err)
	}
	spareProcessor(a.DB.Engine())
	face := a.Server(v)
	clients := newConnections(a.Config.Overload.Connections)
	srv := listening(face, clients)
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { a.Background(background) })
	defer func() { stop(); wg.Wait() }()

	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	ready(listener.Addr().String())
	wg.Go(func() {
		settleMemory()
		a.rest(background)
	})
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	a.Log.Info("stopping: finishing what was accepted")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	return a.stop(grace, face, srv, clients)
}

// listening is the server around the face. How long a body may take to come and an answer to be read is the face's
// to say, since that differs by operation; here is what concerns the connection.
func listening(face *httpapi.Server, clients *connections) *http.Server {
	return &http.Server{Handler: face.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ConnState: clients.follow, ConnContext: clients.accept}
}

// stop answers what was let in, refusing what comes meanwhile, and only then closes the connections: a request that
// arrives on a connection just being closed would otherwise be done without an answer.
func (a *App) stop(grace context.Context, face *httpapi.Server, srv *http.Server, clients *connections) error {
	err := face.Drain(grace)
	if err == nil {
		clients.hangUp()
		err = srv.Shutdown(grace)
	}
	if err == nil || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	// what is still on its way has not been acknowledged, and its sender sends it again
	a.Log.Warn("stopping: not everything could be finished in time and is cut off", "error", err)
	if err := srv.Close(); err != nil {
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}
