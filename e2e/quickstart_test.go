package e2e

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTheQuickStartIsTrue runs every command of the quick start, in both languages, against the program as
// a newcomer starts it, and compares every answer the page shows.
func TestTheQuickStartIsTrue(t *testing.T) {
	dir := t.TempDir()
	build(t, filepath.Join(dir, "bin", "linli"))
	pages := []string{"quick-start.md", "quick-start.zh-CN.md"}
	server := demonstrate(t, dir, startOf(t, pages[0]))
	for _, page := range pages {
		t.Run(page, func(t *testing.T) {
			if start := startOf(t, page); start != startOf(t, pages[0]) {
				t.Errorf("it starts the program by %q", start)
			}
			runPage(t, dir, server, blocks(t, page, "sh"))
		})
	}
	t.Run("both pages take the same steps", func(t *testing.T) {
		one, two := steps(blocks(t, pages[0], "sh")), steps(blocks(t, pages[1], "sh"))
		if one != two {
			t.Errorf("the pages differ:\n%s\n---\n%s", one, two)
		}
	})
}

// block is one code block of a page.
type block struct {
	line int
	text string
}

func blocks(t *testing.T, page, language string) (out []block) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case line == "```"+language:
			inside = true
			out = append(out, block{line: i + 2})
		case strings.HasPrefix(line, "```"):
			inside = false
		case inside:
			out[len(out)-1].text += line + "\n"
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no blocks of %s", page, language)
	}
	return out
}

// startOf is the command by which the page starts the program.
func startOf(t *testing.T, page string) string {
	t.Helper()
	for _, b := range blocks(t, page, "console") {
		for line := range strings.Lines(b.text) {
			if strings.HasPrefix(line, "bin/linli ") {
				return strings.TrimSpace(line)
			}
		}
	}
	t.Fatalf("%s does not say how to start", page)
	return ""
}

// shown are the answers a block promises, in order; … stands for what differs from run to run.
func (b block) shown() (out []string) {
	for line := range strings.Lines(b.text) {
		if answer, ok := strings.CutPrefix(line, "# => "); ok {
			out = append(out, strings.TrimRight(answer, "\n"))
		}
	}
	return out
}

func build(t *testing.T, path string) {
	t.Helper()
	if out, err := exec.Command("go", "build", "-o", path, "../cmd/linli").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
}

// demonstrate starts the program by the page's command on a free port and gives its address.
func demonstrate(t *testing.T, dir, command string) string {
	t.Helper()
	address := freeAddress(t)
	var said bytes.Buffer
	cmd := exec.Command("sh", "-c", "exec "+command)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
	cmd.Env = append(environ(), "LINLI_LISTEN="+address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-gone:
		case <-time.After(20 * time.Second):
			t.Error("the program does not end when asked to")
			_ = cmd.Process.Kill()
		}
	})
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		select {
		case err := <-gone:
			gone <- err
			t.Fatalf("%s ended: %v\n%s", command, err, said.String())
		default:
		}
		if res, err := http.Get("http://" + address + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return "http://" + address
			}
		}
	}
	t.Fatalf("%s is not ready after two minutes", command)
	return ""
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// environ is the environment without settings of the program and of proxies.
func environ() (out []string) {
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "LINLI_") && !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			out = append(out, v)
		}
	}
	return out
}

// runPage runs all blocks in one shell, as a reader would, and compares what each prints.
func runPage(t *testing.T, dir, server string, list []block) {
	t.Helper()
	const mark = "@@block "
	var script strings.Builder
	for i, b := range list {
		fmt.Fprintf(&script, "echo '%s%d'\n%s", mark, i, b.text)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-e", "-u", "-o", "pipefail", "-c", script.String())
	cmd.Dir, cmd.Env = dir, append(environ(), "SERVER="+server)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	printed := make([][]string, len(list))
	at := -1
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), mark) {
			at++
			continue
		}
		printed[at] = append(printed[at], lines.Text())
	}
	for i, b := range list[:at+1] {
		want := b.shown()
		for j := range max(len(want), len(printed[i])) {
			have, promised := "(nothing)", "(nothing)"
			if j < len(printed[i]) {
				have = printed[i][j]
			}
			if j < len(want) {
				promised = want[j]
			}
			pattern := strings.ReplaceAll(regexp.QuoteMeta(promised), "…", ".*")
			if !regexp.MustCompile("^" + pattern + "$").MatchString(have) {
				t.Errorf("block at line %d, answer %d: the page shows %q, the program says %q", b.line, j+1, promised, have)
			}
		}
	}
	if err != nil {
		t.Fatalf("the block at line %d failed: %v\n%s", list[max(at, 0)].line, err, errs.String())
	}
}

// steps are the actions a page takes, in order, without their words.
func steps(list []block) string {
	var out []string
	action := regexp.MustCompile(`^(act \w+ \w+|code \w+|bin/linli \w+)`)
	for _, b := range list {
		for line := range strings.Lines(b.text) {
			if found := action.FindString(line); found != "" {
				out = append(out, found)
			}
		}
	}
	return strings.Join(out, "\n")
}
