package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
)

type form = map[string]any

// order is one thing to be done over HTTP. It can be sent again as it is, and is once.
type order struct {
	method, path string
	secret       string // session; empty: a resident
	login        string // of the cast: whatever session it has now
	kind         string // of the body
	body         []byte
}

func newOrder(method, path, secret string, body any) order {
	o := order{method: method, path: path, secret: secret}
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			panic(err) // a defect of the test
		}
		o.kind, o.body = "application/json", raw
	}
	return o
}

// reply is an answer that arrived whole.
type reply struct {
	status int
	header http.Header
	raw    []byte
	from   string // address of who answered
}

func (r reply) into(v any) error {
	if err := json.Unmarshal(r.raw, v); err != nil {
		return fmt.Errorf("%w: %.300s", err, r.raw)
	}
	return nil
}

// field is a value of the answer by its keys.
func (r reply) field(keys ...string) any {
	var v any
	_ = json.Unmarshal(r.raw, &v) // what is no JSON has no fields
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

func (r reply) text(keys ...string) string { s, _ := r.field(keys...).(string); return s }

// client sends one order after the other, each as if from another device: what one address may do in a minute is not
// what is tried here.
type client struct {
	site *site
	http *http.Client
	dice *rand.Rand
}

func newClient(s *site, dice *rand.Rand) *client {
	return &client{site: s, dice: dice,
		http: &http.Client{Timeout: 45 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 8, DisableCompression: true}}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

func someAddress(dice *rand.Rand) string {
	return fmt.Sprintf("10.1.%d.%d", dice.IntN(16), 1+dice.IntN(250))
}

// send sends an order once. With an error nobody knows whether it took effect.
func (c *client) send(o order) (reply, error) {
	nodes := *c.site.nodes.Load()
	return c.sendTo(nodes[c.dice.IntN(len(nodes))], o)
}

func (c *client) sendTo(address string, o order) (reply, error) {
	req, err := http.NewRequestWithContext(context.Background(), o.method, "http://"+address+o.path, bytes.NewReader(o.body))
	if err != nil {
		return reply{}, err
	}
	if o.kind != "" {
		req.Header.Set("Content-Type", o.kind)
	}
	if o.login != "" {
		o.secret = c.site.secret(o.login)
	}
	if o.secret != "" {
		req.Header.Set("Authorization", "Bearer "+o.secret)
	}
	req.Header.Set("X-Forwarded-For", someAddress(c.dice)) // as a proxy would name it
	res, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}, err
	}
	return reply{res.StatusCode, res.Header, raw, address}, nil
}

// must sends an order that has to succeed.
func (c *client) must(t testing.TB, o order) reply {
	t.Helper()
	r, err := c.send(o)
	if err != nil {
		t.Fatalf("%s %s: %v", o.method, o.path, err)
	}
	if r.status >= 300 {
		t.Fatalf("%s %s: %d %.500s", o.method, o.path, r.status, r.raw)
	}
	return r
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// words of reports, so that they differ and can be searched.
var (
	troubles = []string{"路灯不亮", "下水道堵塞", "楼道堆放杂物", "垃圾没有清运", "井盖松动", "树枝压到电线", "夜间施工噪音大", "健身器材损坏", "墙面渗水", "电动车乱停"}
	places   = []string{"小区东门", "菜场门口", "三号楼下", "河边步道", "村委会旁", "学校路口", "公交站台", "文化广场"}
)

func urgency(dice *rand.Rand) string {
	if dice.IntN(10) == 0 {
		return "urgent"
	}
	return "normal"
}

// reportOf is a resident's report of a matter in the grid where the tests play.
func reportOf(dice *rand.Rand) (id string, o order) { return reportIn(grid, dice) }

func reportIn(place string, dice *rand.Rand) (id string, o order) {
	id = newID()
	text := fmt.Sprintf("%s%s,已经%d天了,请尽快处理。", places[dice.IntN(len(places))], troubles[dice.IntN(len(troubles))], 1+dice.IntN(30))
	return id, newOrder(http.MethodPost, "/api/v1/cases", "", form{"id": id, "text": text, "place": form{"area": place}, "model": "seven-step", "urgency": urgency(dice),
		"reporter": form{"name": "王秀英", "phone": fmt.Sprintf("13%09d", dice.IntN(1_000_000_000))}, "secret": newID()})
}
