package torture

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// load sends many requests over many connections. It is lean, because it shares the machine with the program: a
// request is bytes made beforehand, an answer is its status and how long it is.
type load struct {
	site *site
	ask  func(dice *rand.Rand) []byte // the next request

	mu    sync.Mutex
	took  map[int][]time.Duration // by status, from sending to the whole answer
	wrong []string
}

func newLoad(s *site, ask func(*rand.Rand) []byte) *load {
	return &load{site: s, ask: ask, took: map[int][]time.Duration{}}
}

// bytesOf is an order as it goes over the wire.
func bytesOf(o order, from string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: linli\r\nX-Forwarded-For: %s\r\n", o.method, o.path, from)
	if o.secret != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", o.secret)
	}
	if o.kind != "" {
		fmt.Fprintf(&b, "Content-Type: %s\r\nContent-Length: %d\r\n", o.kind, len(o.body))
	}
	b.WriteString("\r\n")
	b.Write(o.body)
	return b.Bytes()
}

// wire is one connection.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(address string) (*wire, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &wire{c, bufio.NewReaderSize(c, 4<<10)}, nil
}

// send sends a request and reads the answer to its end.
func (w *wire) send(request []byte) (status int, retry bool, err error) {
	if err := w.conn.SetDeadline(time.Now().Add(40 * time.Second)); err != nil {
		return 0, false, err
	}
	if _, err := w.conn.Write(request); err != nil {
		return 0, false, err
	}
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return 0, false, err
	}
	if len(line) < 12 {
		return 0, false, fmt.Errorf("no status in %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, false, fmt.Errorf("no status in %q", line)
	}
	length, chunked := 0, false
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		if len(line) <= 2 {
			break
		}
		name, value, _ := strings.Cut(string(line), ":")
		switch value = strings.TrimSpace(value); name {
		case "Content-Length":
			length, err = strconv.Atoi(value)
		case "Transfer-Encoding":
			chunked = true
		case "Retry-After":
			retry = value != ""
		}
		if err != nil {
			return 0, false, err
		}
	}
	if chunked {
		return status, retry, w.skipChunks()
	}
	_, err = w.in.Discard(length)
	return status, retry, err
}

func (w *wire) skipChunks() error {
	for {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 64)
		if err != nil {
			return err
		}
		if _, err := w.in.Discard(int(n) + 2); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

// note keeps an answer.
func (l *load) note(status int, retry bool, err error, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		l.wrong = append(l.wrong, err.Error())
	case status < 300:
	case (status == 503 || status == 429) && retry:
	default:
		l.wrong = append(l.wrong, fmt.Sprintf("answered %d, with Retry-After: %v", status, retry))
	}
	if err == nil {
		l.took[status] = append(l.took[status], took)
	}
}

// closed keeps so many connections busy for a time: each sends its next request when the last is answered.
func (l *load) closed(t testing.TB, connections int, long time.Duration) measured {
	t.Helper()
	end := time.Now().Add(long)
	return l.run(t, connections, long, func() bool { return time.Now().Before(end) })
}

// open sends requests at a rate for a time, whether or not the earlier ones are answered, over so many connections.
func (l *load) open(t testing.TB, connections int, rate float64, long time.Duration) measured {
	t.Helper()
	due := make(chan struct{}, int(rate*long.Seconds())+1)
	began := time.Now()
	go func() {
		defer close(due)
		sent := 0
		for now := began; now.Sub(began) < long; now = time.Now() {
			for ; float64(sent) < rate*now.Sub(began).Seconds(); sent++ {
				due <- struct{}{}
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return l.run(t, connections, long, func() bool {
		_, more := <-due
		return more && time.Since(began) < long // what was due and could not be sent in time is not made up for
	})
}

// run has each connection send a request whenever next says so, until it says no.
func (l *load) run(t testing.TB, connections int, long time.Duration, next func() bool) measured {
	t.Helper()
	address := (*l.site.nodes.Load())[0]
	var wg sync.WaitGroup
	for i := range connections {
		w, err := dial(address)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			defer func() { _ = w.conn.Close() }()
			dice := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), uint64(i)))
			for next() {
				request := l.ask(dice)
				began := time.Now()
				status, retry, err := w.send(request)
				if l.note(status, retry, err, time.Since(began)); err != nil {
					return
				}
			}
		})
	}
	began := time.Now()
	wg.Wait()
	return l.tell(max(long, time.Since(began)))
}

// measured is what a load saw.
type measured struct {
	long     time.Duration
	accepted int
	refused  int
	rate     float64 // accepted in a second
	p50, p99 time.Duration
	refusal  time.Duration // p50 of the refusals
	byStatus map[int]int
	wrong    []string
}

func (m measured) String() string {
	return fmt.Sprintf("%.0f/s accepted, p50 %s, p99 %s; %d refused, each within %s", m.rate, m.p50.Round(100*time.Microsecond), m.p99.Round(100*time.Microsecond),
		m.refused, m.refusal.Round(100*time.Microsecond))
}

// tell sums up what was seen since the last time.
func (l *load) tell(long time.Duration) measured {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := measured{long: long, byStatus: map[int]int{}, wrong: l.wrong}
	var good, refused []time.Duration
	for status, list := range l.took {
		m.byStatus[status] = len(list)
		if status < 300 {
			good = append(good, list...)
		} else {
			refused = append(refused, list...)
		}
	}
	m.accepted, m.refused = len(good), len(refused)
	m.rate = float64(len(good)) / long.Seconds()
	m.p50, m.p99, m.refusal = part(good, 50), part(good, 99), part(refused, 50)
	l.took, l.wrong = map[int][]time.Duration{}, nil
	return m
}

func part(list []time.Duration, percent int) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[min(len(list)-1, len(list)*percent/100)]
}

// figures reads some of the program's own.
func figures(t testing.TB, s *site, names ...string) map[string]float64 {
	t.Helper()
	res, err := http.Get("http://" + (*s.nodes.Load())[0] + "/metrics")
	if err != nil {
		t.Fatalf("the figures: %v", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("the figures: %d %v", res.StatusCode, err)
	}
	out := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if slices.Contains(names, name) {
			out[name], err = strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatalf("the figure %s: %v", line, err)
			}
		}
	}
	for _, name := range names {
		if _, ok := out[name]; !ok {
			t.Fatalf("there is no figure %s", name)
		}
	}
	return out
}
