package torture

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy is the line between the program and its database, which the test can cut.
type proxy struct {
	t      testing.TB
	target string
	listen string

	mu       sync.Mutex
	listener net.Listener
	lines    map[net.Conn]bool
	hold     chan struct{} // closed: what comes is passed on; open: it waits
}

// between puts a line between a site and its PostgreSQL.
func between(t testing.TB, s *site) *proxy {
	t.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, target: u.Host, listen: "127.0.0.1:0", lines: map[net.Conn]bool{}, hold: make(chan struct{})}
	close(p.hold)
	p.mend()
	t.Cleanup(p.cut)
	u.Host = p.listen
	s.through = u.String()
	return p
}

// mend lets the program reach its database (again).
func (p *proxy) mend() {
	p.t.Helper()
	l, err := net.Listen("tcp", p.listen)
	if err != nil {
		p.t.Fatalf("the line cannot be mended: %v", err)
	}
	p.mu.Lock()
	p.listener, p.listen = l, l.Addr().String()
	p.mu.Unlock()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.carry(c)
		}
	}()
}

func (p *proxy) carry(c net.Conn) {
	d, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = c.Close()
		return
	}
	p.mu.Lock()
	p.lines[c], p.lines[d] = true, true
	p.mu.Unlock()
	var wg sync.WaitGroup
	for _, way := range [][2]net.Conn{{c, d}, {d, c}} {
		wg.Go(func() {
			_, _ = io.Copy(way[1], &held{way[0], p}) // until either side closes
			_, _ = c.Close(), d.Close()
		})
	}
	wg.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.lines, c)
	delete(p.lines, d)
}

// held passes on what it reads as long as the line is not silent.
type held struct {
	net.Conn
	p *proxy
}

func (h *held) Read(b []byte) (int, error) {
	n, err := h.Conn.Read(b)
	h.p.mu.Lock()
	hold := h.p.hold
	h.p.mu.Unlock()
	<-hold
	return n, err
}

// cut breaks every connection and refuses new ones.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for c := range p.lines {
		_ = c.Close()
	}
}

// silence keeps every connection and passes nothing on; speak ends it.
func (p *proxy) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hold = make(chan struct{})
}

func (p *proxy) speak() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.hold)
}
