package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"linli/internal/platform/fault"
)

// A walk is a file of lines. "model NAME [urgency]" begins a case; "> WHO ACTION [@TASK] field=value …"
// does something; "> wait 48h" lets time pass; "offers WHO" lists what somebody may do. WHO is reporter,
// a role, or #TASK/account for whoever holds that task. The lines that follow say what came of it.
func TestWalks(t *testing.T) {
	files, err := filepath.Glob("testdata/walks/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d walks, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "walks/"+filepath.Base(file), walk(t, text))
		})
	}
}

func walk(t *testing.T, text []byte) []byte {
	var out bytes.Buffer
	var m *sim
	for _, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "model "):
			words := strings.Fields(line)
			urgency := "normal"
			if len(words) > 2 {
				urgency = words[2]
			}
			m = newSim(model(t, words[1]), urgency)
			m.start(t)
			fmt.Fprintln(&out, line)
			report(&out, m, nil)
		case strings.HasPrefix(line, "> wait "):
			wait, err := time.ParseDuration(strings.TrimPrefix(line, "> wait "))
			if err != nil {
				t.Fatal(err)
			}
			m.s.Now = m.s.Now.Add(wait)
			fmt.Fprintln(&out, line)
		case strings.HasPrefix(line, "> "):
			fmt.Fprintln(&out, line)
			who, act := parseAct(t, strings.TrimPrefix(line, "> "))
			report(&out, m, m.act(who, act))
			if err := m.invariant(); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		case strings.HasPrefix(line, "offers "):
			fmt.Fprintln(&out, line)
			who, _ := parseAct(t, strings.TrimPrefix(line, "offers "))
			for _, o := range Offers(m.d, m.s, who) {
				fmt.Fprintf(&out, "    %s%s%s\n", o.Action.Name, word(o.Task > 0, " on "+strconv.Itoa(o.Task)), word(o.Primary, ", the usual next step"))
			}
		case line == "" || strings.HasPrefix(line, "#"):
			fmt.Fprintln(&out, line)
		}
	}
	return out.Bytes()
}

func report(out *bytes.Buffer, m *sim, err error) {
	if err == nil {
		for _, line := range m.log {
			fmt.Fprintln(out, "    "+line)
		}
		return
	}
	e := fault.Of(err)
	fmt.Fprintf(out, "    refused: %s: %s\n", e.Code, e.Text.EN)
	for _, f := range e.Fields {
		fmt.Fprintf(out, "      %s %s: %s\n", f.Name, f.Code, f.Text.EN)
	}
}

func parseAct(t *testing.T, line string) (Who, Act) {
	words := split(line)
	who := Who{Account: words[0], Roles: []string{words[0]}}
	if words[0] == "reporter" {
		who = Who{Account: "reporter", Reporter: true}
	}
	if rest, ok := strings.CutPrefix(words[0], "#"); ok {
		number, account, _ := strings.Cut(rest, "/")
		no, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		who = Who{Account: account, Holds: func(task Task) bool { return task.No == no }}
	}
	act := Act{Form: map[string]any{}}
	for i, w := range words[1:] {
		switch key, value, is := strings.Cut(w, "="); {
		case i == 0:
			act.Name = w
		case strings.HasPrefix(w, "@"):
			act.Task, _ = strconv.Atoi(w[1:])
		case is:
			var v any = value
			if err := json.Unmarshal([]byte(value), &v); err != nil {
				v = value
			}
			act.Form[key] = v
		default:
			t.Fatalf("%q in %q", w, line)
		}
	}
	return who, act
}

// split cuts at spaces outside quotes.
func split(s string) []string {
	var out []string
	quoted, begin := false, 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == ' ' && !quoted:
			if i > begin {
				out = append(out, s[begin:i])
			}
			begin = i + 1
		case s[i] == '"':
			quoted = !quoted
		}
	}
	return out
}
