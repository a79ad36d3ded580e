package app

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"linli/internal/platform/config"
)

// few is a server that keeps so many connections.
func few(t *testing.T, most int, h http.HandlerFunc) (address string, c *connections) {
	t.Helper()
	c = newConnections(most)
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ConnState, srv.Config.ConnContext = c.follow, c.accept
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String(), c
}

func connect(t *testing.T, address, words string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, words); err != nil {
		t.Fatal(err)
	}
	return c
}

func get(t *testing.T, c net.Conn) error {
	t.Helper()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return err
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// rested waits until so many connections are silent: who has an answer is so a moment before the server knows it.
func (c *connections) rested(t *testing.T, want int) {
	t.Helper()
	c.until(t, func(_, silent int) bool { return silent == want }, "%d connections are silent", want)
}

// counted waits until so many connections are counted.
func (c *connections) counted(t *testing.T, want int) {
	t.Helper()
	c.until(t, func(open, silent int) bool { return open == want && silent <= open }, "%d connections are counted", want)
}

func (c *connections) until(t *testing.T, met func(open, silent int) bool, what string, want int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		c.mu.Lock()
		open, silent := c.open, len(c.at)
		c.mu.Unlock()
		if met(open, silent) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf(what+" was waited for; %d are open, %d of them silent", want, open, silent)
		}
	}
}

func TestConnectionsOpenedOnlyToBeHeldGiveWay(t *testing.T) {
	address, c := few(t, 8, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	for i := range 100 {
		connect(t, address, "GET / HTTP/1.1\r\nHost:") // and never ends
		if i%10 == 9 {
			if err := get(t, connect(t, address, "")); err != nil {
				t.Fatalf("after %d held connections nobody else is answered: %v", i+1, err)
			}
		}
	}
	c.counted(t, 8)
}

func TestTheLongestSilentGoesFirst(t *testing.T) {
	address, c := few(t, 3, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	var all []net.Conn
	for range 3 {
		one := connect(t, address, "")
		if err := get(t, one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
		c.rested(t, len(all))
	}
	if err := get(t, all[0]); err != nil { // now the second has been silent for longest
		t.Fatal(err)
	}
	c.rested(t, 3)
	if err := get(t, connect(t, address, "")); err != nil {
		t.Fatal(err)
	}
	c.counted(t, 3)
	if err := get(t, all[1]); err == nil {
		t.Error("the longest silent is still there")
	}
	for _, i := range []int{0, 2} {
		if err := get(t, all[i]); err != nil {
			t.Errorf("connection %d was closed: %v", i, err)
		}
	}
}

func TestWhoHasSentARequestIsNotClosedForAnother(t *testing.T) {
	begun, finish := make(chan struct{}, 10), make(chan struct{})
	address, c := few(t, 2, func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		<-finish
		_, _ = io.WriteString(w, "ok")
	})
	t.Cleanup(sync.OnceFunc(func() { close(finish) })) // before the server is closed, which waits for them
	errs := make(chan error, 5)
	for range 5 { // more than are kept: all have work under way
		one := connect(t, address, "")
		go func() { errs <- get(t, one) }()
		<-begun
	}
	for range 20 {
		connect(t, address, "")
	}
	c.counted(t, 6) // one newcomer, who gives way to the next
	for range 5 {
		finish <- struct{}{}
	}
	for range 5 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestHangingUpLeavesWhoIsBeingAnswered(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	address, c := few(t, 10, func(w http.ResponseWriter, _ *http.Request) {
		begun <- struct{}{}
		<-finish
		_, _ = io.WriteString(w, "ok")
	})
	t.Cleanup(sync.OnceFunc(func() { close(finish) }))
	silent, half := connect(t, address, ""), connect(t, address, "GET / HT")
	busy := connect(t, address, "")
	answered := make(chan error, 1)
	go func() { answered <- get(t, busy) }()
	<-begun
	c.hangUp()
	for _, conn := range []net.Conn{silent, half} {
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("a connection without a request is still there")
		}
	}
	finish <- struct{}{}
	if err := <-answered; err != nil {
		t.Errorf("who was being answered was cut off: %v", err)
	}
}

func TestAClientThatOwesItsBodyIsSilent(t *testing.T) {
	cfg, _, err := config.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Data = t.TempDir()
	a, err := New(context.Background(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	address, _ := few(t, 8, a.Server("test").Handler().ServeHTTP)
	for i := range 100 {
		connect(t, address, "POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
		if i%10 == 9 {
			if err := get(t, connect(t, address, "")); err != nil {
				t.Fatalf("after %d bodies that do not come nobody else is answered: %v", i+1, err)
			}
		}
	}
}
