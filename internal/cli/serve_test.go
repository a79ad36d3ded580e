package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// terminal collects what a program prints while it runs.
type terminal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *terminal) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(b)
}

func (t *terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// running is `linli serve` on a folder.
type running struct {
	t        *testing.T
	out, log *terminal
	address  string
	stop     context.CancelFunc
	ended    chan int
	stopped  sync.Once
}

func startServing(t *testing.T, data string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, out: &terminal{}, log: &terminal{}, stop: stop, ended: make(chan int, 1)}
	go func() {
		r.ended <- Run(ctx, "test", []string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, strings.NewReader(""), r.out, r.log)
	}()
	t.Cleanup(r.end)
	at := regexp.MustCompile(`answers at (http://\S+)`)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if found := at.FindStringSubmatch(r.out.String()); found != nil {
			r.address = found[1]
			return r
		}
	}
	t.Fatalf("it does not answer:\n%s\n%s", r.out, r.log)
	return nil
}

func (r *running) end() {
	r.stopped.Do(func() {
		r.stop()
		if status := <-r.ended; status != exitOK {
			r.t.Errorf("it ended with %d:\n%s", status, r.log)
		}
	})
}

func (r *running) ask(method, path, secret, body string) (status int, answer map[string]any) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, r.address+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = json.Unmarshal(raw, &answer) // an answer without a body stays empty
	return res.StatusCode, answer
}

func TestTheFirstStartAsksToBeSetUp(t *testing.T) {
	data := t.TempDir()
	first := startServing(t, data)
	if status, setup := first.ask("GET", "/setup", "", ""); status != http.StatusOK || setup["needed"] != true || setup["code"] != true || len(setup["steps"].([]any)) != 5 {
		t.Fatalf("%d %v", status, setup)
	}
	var code string
	for end := time.Now().Add(10 * time.Second); code == "" && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if found := regexp.MustCompile(`开通码\s+(\S+)`).FindStringSubmatch(strings.ReplaceAll(first.out.String(), "输入开通码建立", "")); found != nil {
			code = found[1]
		}
	}
	if !regexp.MustCompile(`^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$`).MatchString(code) || strings.Contains(first.log.String(), code) {
		t.Fatalf("the code is %q:\n%s\n%s", code, first.out, first.log)
	}
	if !strings.Contains(first.out.String(), first.address+"/desk/setup") {
		t.Errorf("it does not say where:\n%s", first.out)
	}
	body := func(code string) string {
		return `{"code":"` + code + `","login":"admin","name":"李晓明","password":"a phrase of my own"}`
	}
	if status, refused := first.ask("POST", "/setup/account", "", body("0000-0000-0000")); status != http.StatusForbidden || refused["code"] != "setup-code" {
		t.Errorf("a wrong code: %d %v", status, refused)
	}
	if status, made := first.ask("POST", "/setup/account", "", body(code)); status != http.StatusCreated || made["login"] != "admin" {
		t.Fatalf("%d %v", status, made)
	}
	if status, again := first.ask("POST", "/setup/account", "", body(code)); status != http.StatusConflict {
		t.Errorf("a second time: %d %v", status, again)
	}
	status, session := first.ask("POST", "/session", "", `{"login":"admin","password":"a phrase of my own"}`)
	if status != http.StatusCreated {
		t.Fatalf("signing in: %d %v", status, session)
	}
	secret := session["secret"].(string)
	if status, setup := first.ask("GET", "/setup", secret, ""); status != http.StatusOK || setup["needed"] != true || setup["code"] != false || len(setup["steps"].([]any)) != 5 {
		t.Errorf("for the administrator: %d %v", status, setup)
	}
	for _, step := range []string{"county", "boundaries", "posts", "models"} {
		if status, answer := first.ask("POST", "/setup/done/"+step, secret, ""); status != http.StatusNoContent {
			t.Errorf("%s put off: %d %v", step, status, answer)
		}
	}
	if _, setup := first.ask("GET", "/setup", secret, ""); setup["needed"] != false {
		t.Errorf("all put off, and still: %v", setup)
	}
	if _, setup := first.ask("GET", "/setup", "", ""); setup["needed"] != false || len(setup["steps"].([]any)) != 0 {
		t.Errorf("for a visitor: %v", setup)
	}
	first.end()
	second := startServing(t, data)
	if strings.Contains(second.out.String(), "setup code") {
		t.Errorf("the second start asks again:\n%s", second.out)
	}
}
