package flow

import (
	"errors"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// Bounds of a guard: it is read by people, so it is short; without functions and loops its time and
// memory are bounded by its length and by the form.
const (
	longestGuard = 500 // characters
	mostNodes    = 100
)

// guardEnv is what a guard may ask about a case.
type guardEnv struct {
	Rating       int            `expr:"rating"`       // last rating 1 to 5, 0: none
	Urgency      string         `expr:"urgency"`      // urgent, priority, normal, complex
	Kind         string         `expr:"kind"`         // kind of case
	Category     string         `expr:"category"`     // code of the category
	Channel      string         `expr:"channel"`      // where it came from
	Level        string         `expr:"level"`        // level of the responsible post
	Confidential bool           `expr:"confidential"` //
	Public       bool           `expr:"public"`       //
	HandedBack   int            `expr:"handed_back"`  // tasks closed by hand_back or released as "not ours"
	Reworked     int            `expr:"reworked"`     // tasks closed by rework
	Reopened     int            `expr:"reopened"`     // times reopened
	Form         map[string]any `expr:"form"`         // what was filled in
}

// guardError is why a guard does not compile; line and column count from 1 within its text.
type guardError struct {
	line, column int
	message      string
}

func compileGuard(source string, hint lang.Text) (*Guard, *guardError) {
	if len(source) > longestGuard {
		return nil, &guardError{1, 1, "the condition is too long"}
	}
	if tree, err := parser.Parse(source); err == nil {
		v := &boundVisitor{}
		ast.Walk(&tree.Node, v)
		if v.found != nil {
			line, column := position(source, v.found.Location().From)
			return nil, &guardError{line, column, v.what + " is not allowed here; compare and combine with and, or, not, in"}
		}
	}
	program, err := expr.Compile(source, expr.Env(guardEnv{}), expr.AsBool(), expr.MaxNodes(mostNodes),
		expr.DisableAllBuiltins(), expr.EnableBuiltin("len"))
	if err != nil {
		var at *file.Error
		if errors.As(err, &at) {
			return nil, &guardError{max(at.Line, 1), at.Column + 1, at.Message}
		}
		return nil, &guardError{1, 1, err.Error()}
	}
	return &Guard{Source: source, Hint: hint, program: program}, nil
}

// boundVisitor finds what could make a guard run long: functions over lists, ranges, calls. The
// library's own switch leaves some of them on.
type boundVisitor struct {
	found ast.Node
	what  string
}

func (v *boundVisitor) Visit(node *ast.Node) {
	what := ""
	switch n := (*node).(type) {
	case *ast.BuiltinNode:
		if n.Name != "len" {
			what = "the function " + n.Name
		}
	case *ast.CallNode:
		what = "a function"
	case *ast.PredicateNode, *ast.PointerNode:
		what = "a loop"
	case *ast.BinaryNode:
		if n.Operator == ".." || n.Operator == "**" || n.Operator == "^" {
			what = "the operator " + n.Operator
		}
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		what = "a variable"
	}
	if what != "" && (v.found == nil || v.what == "a loop") { // name the function rather than its loop
		v.found, v.what = *node, what
	}
}

// position turns an offset in characters into line and column from 1.
func position(source string, offset int) (line, column int) {
	line, column = 1, 1
	for i, r := range []rune(source) {
		if i >= offset {
			break
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column
}

// formNames lists the fields of the form a guard reads; ok is false when it reads one by a computed name.
func formNames(source string) (names []string, ok bool) {
	tree, err := parser.Parse(source)
	if err != nil {
		return nil, true // reported by the compilation
	}
	v := &formVisitor{ok: true}
	ast.Walk(&tree.Node, v)
	return v.names, v.ok
}

type formVisitor struct {
	names []string
	ok    bool
}

func (v *formVisitor) Visit(node *ast.Node) {
	m, is := (*node).(*ast.MemberNode)
	if !is {
		return
	}
	if id, is := m.Node.(*ast.IdentifierNode); !is || id.Value != "form" {
		return
	}
	if s, is := m.Property.(*ast.StringNode); is {
		v.names = append(v.names, s.Value)
		return
	}
	v.ok = false
}

// check tells whether the guard lets the action pass: nil, or fault.Conflict with code guard and the
// model's hint. A guard that cannot be evaluated refuses.
func (g *Guard) check(s *State, form map[string]any) error {
	out, err := expr.Run(g.program, environment(s, form))
	if pass, ok := out.(bool); err == nil && ok && pass {
		return nil
	}
	text := g.Hint
	if text.Empty() {
		text = lang.T("现在还不满足这一步的条件:"+g.Source, "The condition of this step does not hold: "+g.Source)
	}
	refusal := fault.New(fault.Conflict, "guard", text.ZH, text.EN)
	if err != nil {
		return refusal.Because(err)
	}
	return refusal
}

func environment(s *State, form map[string]any) guardEnv {
	if form == nil {
		form = map[string]any{}
	}
	word := func(key string) string { v, _ := s.Facts[key].(string); return v }
	flag := func(key string) bool { v, _ := s.Facts[key].(bool); return v }
	env := guardEnv{
		Rating: s.Rating, Urgency: s.Urgency, Kind: word("kind"), Category: word("category"),
		Channel: word("channel"), Level: word("level"), Confidential: flag("confidential"),
		Public: flag("public"), Reopened: s.Reopens, Form: form,
	}
	if t, ok := s.Responsible(); ok && env.Level == "" {
		env.Level = t.Level
	}
	for _, t := range s.Tasks {
		switch {
		case t.Outcome == "hand_back", t.Outcome == "uphold" && t.State == Released:
			env.HandedBack++
		case t.Outcome == "rework":
			env.Reworked++
		}
	}
	return env
}
