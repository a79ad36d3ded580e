package httpapi

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

var update = flag.Bool("update", false, "write the files that tests compare with")

// TestEveryProblemCodeIsExplained reads the wording of every refusal out of the source and compares it with the file
// the reference page shows: a new code cannot be forgotten. Run it with -update to write the file anew.
func TestEveryProblemCodeIsExplained(t *testing.T) {
	found := map[string]*problemCode{}
	for _, folder := range []string{"../httpapi", "../area", "../staff", "../casework", "../calendar", "../category", "../flow", "../emergency", "../board", "../platform"} {
		err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				collect(found, n)
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// those the face words itself
	for _, code := range []string{"invalid-request", "too-large", "media-type", "not-found", "not-acceptable", "internal"} {
		if found[code] == nil {
			found[code] = &problemCode{Code: code}
		}
	}
	list := []*problemCode{}
	for _, p := range found {
		slices.Sort(p.Statuses)
		p.Statuses = slices.Compact(p.Statuses)
		slices.SortFunc(p.Texts, func(a, b lang.Text) int { return strings.Compare(a.EN, b.EN) })
		p.Texts = slices.Compact(p.Texts)
		if len(p.Texts) == 0 {
			p.Texts = ownWords[p.Code]
		}
		if len(p.Texts) == 0 {
			t.Errorf("the code %s has no words", p.Code)
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *problemCode) int { return strings.Compare(a.Code, b.Code) })
	got, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile("pages/problems.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("pages/problems.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("pages/problems.json is not what the source says; run: go test ./internal/httpapi -run EveryProblemCode -update")
	}
	if len(list) < 80 {
		t.Errorf("only %d codes were found: the search is broken", len(list))
	}
}

// ownWords are those of refusals of the decoding, which are worded apart from their code.
var ownWords = map[string][]lang.Text{
	"invalid-request": {lang.T("请求内容有误,请改正后再试", "The request needs correcting")},
	"too-large":       {lang.T("内容太大", "The content is too large")},
	"media-type":      {lang.T("请以 application/json 提交", "Send it as application/json")},
	"guard":           {lang.T("模型给这一步定的条件不满足,以模型里的话说明", "A condition of the governance model for this step is not met; worded as the model says")},
	"not-found":       {lang.T("没有这个地址", "There is nothing at this address")},
	"not-acceptable":  {lang.T("只提供 application/json", "Only application/json is offered")},
}

var kinds = map[string]fault.Kind{"Internal": fault.Internal, "Invalid": fault.Invalid, "Unauthenticated": fault.Unauthenticated, "Forbidden": fault.Forbidden,
	"NotFound": fault.NotFound, "Conflict": fault.Conflict, "TooLarge": fault.TooLarge, "TooMany": fault.TooMany, "Unavailable": fault.Unavailable}

// collect takes fault.New(kind, code, zh, en), wrong(field, code, zh, en) and {Code: code, Text: lang.T(zh, en)}.
func collect(found map[string]*problemCode, n ast.Node) {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := called(n.Fun)
		if (name == "fault.New" || name == "fault.Newf") && len(n.Args) >= 4 {
			if kind, ok := n.Args[0].(*ast.SelectorExpr); ok {
				note(found, n.Args[1], n.Args[2], n.Args[3], statuses[kinds[kind.Sel.Name]])
			}
		}
		if name == "wrong" && len(n.Args) >= 4 {
			note(found, n.Args[1], n.Args[2], n.Args[3], 422)
		}
	case *ast.CompositeLit:
		var code ast.Expr
		var text *ast.CallExpr
		for _, e := range n.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			key, _ := kv.Key.(*ast.Ident)
			if key != nil && key.Name == "Code" {
				code = kv.Value
			}
			if call, ok := kv.Value.(*ast.CallExpr); ok && key != nil && key.Name == "Text" && called(call.Fun) == "lang.T" {
				text = call
			}
		}
		if code != nil && text != nil && len(text.Args) == 2 && strings.HasSuffix(typeName(n.Type), "Flaw") {
			note(found, code, text.Args[0], text.Args[1], 422)
		}
	}
}

func typeName(e ast.Expr) string {
	if e == nil {
		return ""
	}
	return called(e)
}

func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	}
	return ""
}

func note(found map[string]*problemCode, code, zh, en ast.Expr, status int) {
	name := literal(code)
	if !regexp.MustCompile(`^[a-z][a-z0-9-]+$`).MatchString(name) {
		return // made elsewhere
	}
	p := found[name]
	if p == nil {
		p = &problemCode{Code: name}
		found[name] = p
	}
	p.Statuses = append(p.Statuses, status)
	if text := lang.T(literal(zh), literal(en)); text.EN != "…" && len(p.Texts) < 12 {
		p.Texts = append(p.Texts, text)
	}
}

var verb = regexp.MustCompile(`%(\[\d+\])?[a-z]`)

// literal gives the words of an expression, with … for what is known only when the program runs.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			return "…"
		}
		return verb.ReplaceAllString(s, "…")
	case *ast.CallExpr:
		if called(e.Fun) == "fmt.Sprintf" {
			return literal(e.Args[0])
		}
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	}
	return "…"
}
