package torture

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// times is how often everything is sent at the same moment.
const times = 5

// TestTheSameCommandFiveTimesAtOnceIsOnce: a report, an action and a file, each sent five times at the same moment, to
// one process, and on PostgreSQL to two. One case, one entry, one file; everybody gets the same answer.
func TestTheSameCommandFiveTimesAtOnceIsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		nodes := []*node{s.start()}
		if s.url != "" {
			nodes = append(nodes, s.start())
		}
		dice := rand.New(rand.NewPCG(1, 2))
		var clients []*client
		for i := range times {
			clients = append(clients, newClient(s, rand.New(rand.NewPCG(2, uint64(i)))))
		}
		all := func(o order) []reply {
			t.Helper()
			replies, errs := make([]reply, times), make([]error, times)
			var ready, wg sync.WaitGroup
			ready.Add(times)
			for i, c := range clients {
				wg.Go(func() {
					ready.Done()
					ready.Wait()
					replies[i], errs[i] = c.sendTo(nodes[i%len(nodes)].address, o)
				})
			}
			wg.Wait()
			for i, err := range errs {
				if err != nil {
					t.Fatalf("%s %s, number %d: %v", o.method, o.path, i+1, err)
				}
			}
			return replies
		}
		m := newMemory()
		for range pick(10, 200) {
			id, report := reportOf(dice)
			first := agree(t, all(report), http.StatusCreated, "again", "due_at")
			m.reports[id] = told{order: report, number: first["number"].(string), code: first["code"].(string)}
			for _, step := range steps {
				command := newID()
				o := newOrder(http.MethodPost, "/api/v1/cases/"+id+"/actions/"+step.action, s.secrets[step.login], form{"command": command, "form": step.form})
				done := agree(t, all(o), http.StatusOK, "again")
				entry, _ := done["entry"].(form)
				seq, _ := entry["seq"].(float64)
				m.commands[command] = acted{id: command, kase: id, seq: int64(seq)}
			}
			picture := photo(dice)
			file := newID()
			agree(t, all(order{method: http.MethodPut, path: "/api/v1/track/" + m.reports[id].code + "/files/" + file + "?name=photo.jpg", kind: "image/jpeg", body: picture}), http.StatusCreated)
			m.files[file] = kept{kase: id, sum: sumOf(picture)}
		}
		for _, n := range nodes {
			n.stop()
		}
		s.holds(m, true)
		s.sound()
	})
}

// agree fails unless every answer says the same, but for whether it was the first and the fields named: one with the
// status of the first time, the others that it was known. It gives the answer.
func agree(t *testing.T, replies []reply, status int, but ...string) form {
	t.Helper()
	firsts, words := 0, map[string]int{}
	var answer form
	for _, r := range replies {
		if r.status != status && r.status != http.StatusOK {
			t.Fatalf("answered %d: %.500s", r.status, r.raw)
		}
		var body form
		if err := r.into(&body); err != nil {
			t.Fatal(err)
		}
		if again, _ := body["again"].(bool); !again {
			firsts++
		}
		for _, name := range but {
			delete(body, name)
		}
		text, err := json.Marshal(instants(body))
		if err != nil {
			t.Fatal(err)
		}
		words[string(text)]++
		answer = body
	}
	if len(words) != 1 {
		t.Errorf("the answers differ: %.1500s", fmt.Sprint(words))
	}
	if firsts != 1 && len(but) > 0 {
		t.Errorf("%d of %d answers say that it was the first time", firsts, len(replies))
	}
	return answer
}

// instants writes every time of an answer in one zone: the same moment is the same answer.
func instants(v any) any {
	switch v := v.(type) {
	case form:
		for k := range v {
			v[k] = instants(v[k])
		}
	case []any:
		for i := range v {
			v[i] = instants(v[i])
		}
	case string:
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	}
	return v
}
