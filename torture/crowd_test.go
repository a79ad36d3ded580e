package torture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// crowd are people who use the program and remember what they were told was done. Whatever was not answered they
// send again, the same, until it is.
type crowd struct {
	site *site
	seed uint64
	pace atomic.Int64 // pause between two things somebody does, in nanoseconds
	stop atomic.Bool
	rest sync.RWMutex // held by who wants everybody to rest for a moment
	wg   sync.WaitGroup

	mu       sync.Mutex
	memory   memory
	statuses map[int]int    // answers by status; 0: none came
	wrong    []string       // answers that must not be
	cut      int            // orders sent whose connection ended without an answer
	replayed int            // of these, the ones that turned out to have been done
	by       map[string]int // orders acknowledged by the address that did
	done     atomic.Int64
}

// memory is what was acknowledged.
type memory struct {
	reports  map[string]told // case id
	commands map[string]acted
	files    map[string]kept
}

type told struct {
	order        order
	number, code string
}

type acted struct {
	id, kase string
	seq      int64
}

type kept struct {
	kase, sum string
}

func newMemory() memory {
	return memory{map[string]told{}, map[string]acted{}, map[string]kept{}}
}

func (m memory) clone() memory {
	return memory{maps.Clone(m.reports), maps.Clone(m.commands), maps.Clone(m.files)}
}

func newCrowd(s *site) *crowd {
	seed := uint64(time.Now().UnixNano())
	s.t.Logf("seed %d", seed)
	return &crowd{site: s, seed: seed, memory: newMemory(), statuses: map[int]int{}, by: map[string]int{}}
}

// steady is the pace of somebody who has other things to do as well; without one they rush.
const steady = 20 * time.Millisecond

func (c *crowd) pause() { time.Sleep(time.Duration(c.pace.Load())) }

// gather sends so many people to work.
func (c *crowd) gather(n int) *crowd {
	for i := range n {
		c.wg.Go(func() {
			dice := rand.New(rand.NewPCG(c.seed, uint64(i)))
			p := &person{crowd: c, dice: dice, client: newClient(c.site, dice)}
			defer p.client.close()
			for !c.stop.Load() {
				c.rest.RLock()
				p.live()
				c.rest.RUnlock()
				c.pause()
			}
		})
	}
	return c
}

// disperse lets everybody finish what they have begun.
func (c *crowd) disperse(t testing.TB) memory {
	t.Helper()
	c.stop.Store(true)
	c.wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, w := range c.wrong {
		if i < 10 {
			t.Errorf("an answer that must not be: %s", w)
		}
	}
	t.Logf("acknowledged: %d reports, %d actions, %d files; answers by status (0: none): %v", len(c.memory.reports), len(c.memory.commands), len(c.memory.files), c.statuses)
	return c.memory.clone()
}

// remembered is what was acknowledged up to now.
func (c *crowd) remembered() memory {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.memory.clone()
}

func (c *crowd) note(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statuses[status]++
}

// settled counts an order that was acknowledged.
func (c *crowd) settled(by string, cut, replayed bool) {
	c.done.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[by]++
	if cut {
		c.cut++
	}
	if replayed {
		c.replayed++
	}
}

// doneBy is how many orders a node has acknowledged.
func (c *crowd) doneBy(address string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[address]
}

// cutOff is how many orders were sent and not answered, and how many of these had been done.
func (c *crowd) cutOff() (cut, replayed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut, c.replayed
}

func (c *crowd) complain(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// person is one of them, with the matters still open.
type person struct {
	crowd  *crowd
	dice   *rand.Rand
	client *client
	open   []*matter
}

type matter struct {
	id, code string
	step     int
}

// steps lead a matter through the seven-step model to its end.
var steps = []struct {
	login, action string
	form          form
}{
	{dispatcher, "here", nil},
	{member, "take", nil},
	{member, "feed_back", form{"result": "已处理完毕"}},
	{dispatcher, "accept", nil},
}

// live is one thing somebody does.
func (p *person) live() {
	switch chance := p.dice.Float64(); {
	case len(p.open) == 0 || chance < 0.4:
		p.report()
	case chance < 0.92:
		p.act(p.dice.IntN(len(p.open)))
	default:
		p.upload(p.open[p.dice.IntN(len(p.open))])
	}
}

func (p *person) report() {
	id, o := reportOf(p.dice)
	r, ok := p.pursue(o)
	if !ok {
		return
	}
	t, ok := p.crowd.heard(id, o, r)
	if ok && p.dice.IntN(10) > 0 { // of some nobody takes care: the clocks do
		p.open = append(p.open, &matter{id: id, code: t.code})
	}
}

// heard remembers a report that was acknowledged.
func (c *crowd) heard(id string, o order, r reply) (told, bool) {
	t := told{order: o, number: r.text("number"), code: r.text("code")}
	if t.number == "" || t.code == "" || r.text("id") != id {
		c.complain("report %s: %.300s", id, r.raw)
		return t, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.memory.reports[id] = t
	return t, true
}

func (p *person) act(i int) {
	m, command := p.open[i], newID()
	s := steps[m.step]
	body := form{"command": command}
	if s.form != nil {
		body["form"] = s.form
	}
	o := newOrder(http.MethodPost, "/api/v1/cases/"+m.id+"/actions/"+s.action, "", body)
	o.login = s.login
	r, ok := p.pursue(o)
	if !ok {
		p.open = append(p.open[:i], p.open[i+1:]...)
		return
	}
	seq, _ := r.field("entry", "seq").(float64)
	p.crowd.mu.Lock()
	p.crowd.memory.commands[command] = acted{id: command, kase: m.id, seq: int64(seq)}
	p.crowd.mu.Unlock()
	if m.step++; m.step == len(steps) {
		p.open = append(p.open[:i], p.open[i+1:]...)
	}
}

func (p *person) upload(m *matter) {
	id, picture := newID(), photo(p.dice)
	o := order{method: http.MethodPut, path: "/api/v1/track/" + m.code + "/files/" + id + "?name=photo.jpg", kind: "image/jpeg", body: picture}
	if _, ok := p.pursue(o); !ok {
		return
	}
	p.crowd.mu.Lock()
	p.crowd.memory.files[id] = kept{kase: m.id, sum: sumOf(picture)}
	p.crowd.mu.Unlock()
}

// pursue sends an order until it is acknowledged. False: it was refused for good, which is complained about.
func (p *person) pursue(o order) (reply, bool) {
	cut := false
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		r, err := p.client.send(o)
		p.crowd.note(r.status)
		switch {
		case err != nil:
			cut = cut || !errors.Is(err, syscall.ECONNREFUSED) // then it was sent, and nobody knows what became of it
		case r.status < 300:
			again, _ := r.field("again").(bool)
			p.crowd.settled(r.from, cut, cut && again)
			return r, true
		case r.status == http.StatusServiceUnavailable || r.status == http.StatusTooManyRequests:
			if r.header.Get("Retry-After") == "" || r.header.Get("Content-Type") != "application/problem+json" {
				p.crowd.complain("%s %s: %d without Retry-After or problem: %.300s", o.method, o.path, r.status, r.raw)
			}
		case r.status == http.StatusUnauthorized && o.login != "": // the session is over
			if err := p.crowd.site.signIn(p.client, o.login); err != nil {
				p.crowd.complain("%v", err)
			}
		default:
			p.crowd.complain("%s %s: %d %.500s", o.method, o.path, r.status, r.raw)
			return r, false
		}
		time.Sleep(time.Duration(20+p.dice.IntN(30)) * time.Millisecond)
	}
	p.crowd.complain("%s %s: no answer within two minutes", o.method, o.path)
	return reply{}, false
}

// photo is a small picture that no other is like.
func photo(dice *rand.Rand) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 24, 24))
	for y := range 24 {
		for x := range 24 {
			img.Set(x, y, color.RGBA{uint8(dice.Uint32()), uint8(dice.Uint32()), uint8(x * 10), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err) // into memory: it cannot
	}
	return b.Bytes()
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
