package flow

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func readMini(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/mini.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func compile(t testing.TB, text string) *Definition {
	t.Helper()
	src, err := Parse("mini.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Compile(src, testRoles)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func folder(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestTheNewestVersionIsTenNotNine(t *testing.T) {
	mini := readMini(t)
	version := func(v string) string { return strings.Replace(mini, `"2026.1"`, `"`+v+`"`, 1) }
	l, err := Load(folder(map[string]string{"flows/mini.yaml": version("2026.10"), "flows/mini@2026.9.yaml": version("2026.9"), "flows/notes.txt": "x"}), "flows")
	if err != nil {
		t.Fatal(err)
	}
	newest, ok := l.Get("mini")
	old, found := l.Lookup("mini@2026.9")
	if !ok || newest.Version != "2026.10" || !found || old.Version != "2026.9" || len(l.All()) != 2 {
		t.Fatalf("newest %v, %v, %d", newest, old, len(l.All()))
	}
	if _, ok := l.Lookup("mini@2025.1"); ok {
		t.Error("a version that does not exist is found")
	}
}

func TestAFolderTellsTheProblemsOfAllItsFiles(t *testing.T) {
	mini := readMini(t)
	_, err := Load(folder(map[string]string{
		"flows/mini.yaml":  strings.Replace(mini, "to: work", "to: wrok", 1),
		"flows/other.yaml": mini,
		"flows/third.yaml": "flow: [",
	}), "flows")
	var p Problems
	if !errors.As(err, &p) || len(p) != 3 || p[0].Code != "unknown-stage" || p[1].Code != "file-name" || p[2].Code != "yaml" {
		t.Fatalf("%v", err)
	}
}

func TestTwoFilesOfOneVersionAreRefused(t *testing.T) {
	_, err := Load(folder(map[string]string{"flows/mini.yaml": readMini(t), "flows/mini@2026.1.yaml": readMini(t)}), "flows")
	var p Problems
	if !errors.As(err, &p) || p[0].Code != "same-version" {
		t.Fatalf("%v", err)
	}
}

func TestPostsAreThoseOfTheRolesFileBesideTheFolder(t *testing.T) {
	files := map[string]string{"flows/mini.yaml": readMini(t), "roles.yaml": "roles:\n  sweeper: {title: {zh: 保洁员, en: Sweeper}}\n"}
	_, err := Load(folder(files), "flows")
	var p Problems
	if !errors.As(err, &p) || p[0].Code != "unknown-post" {
		t.Fatalf("%v", err)
	}
	files["roles.yaml"] = "roles:\n  dispatcher: {title: {zh: 派单员, en: Dispatcher}}\n"
	l, err := Load(folder(files), "flows")
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := l.Get("mini"); d.Posts["dispatcher"].ZH != "派单员" {
		t.Errorf("titles of posts are not kept: %v", d.Posts)
	}
}

func TestResolveNamesTheGridsForWhichNobodyIsThere(t *testing.T) {
	d := model(t, "seven-step")
	resolver := func(a Actor, _ string, grid string) (string, bool) {
		return a.Post + "@" + grid, !(a.Post == "dispatcher" && grid == "g2") && a.At != "county"
	}
	rows := Resolve(d, resolver, []string{"g1", "g2"})
	var places []string
	for _, r := range rows {
		if strings.Join(r.Grids, " ") != "g2" || r.Actor.Post != "dispatcher" {
			t.Errorf("unexpected %+v", r)
		}
		places = append(places, r.Stage+"/"+r.Action)
	}
	if got := strings.Join(places, " "); got != "sort/ verify/ /pause" {
		t.Error(got)
	}
}

func TestNearestKnownWord(t *testing.T) {
	known := []string{"handles", "handle", "title", "actions"}
	for word, want := range map[string]string{"handels": "handles", "titel": "title", "acton": "actions", "zebra": "", "": ""} {
		if got := nearest(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
