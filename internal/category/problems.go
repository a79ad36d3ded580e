package category

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"linli/internal/platform/fault"
)

// maxProblems told at once; whoever has more mends these first.
const maxProblems = 100

// problems gathers everything wrong in the files, so that one look tells all of it.
type problems struct {
	file string // path of the file being read, within the models folder
	all  []fault.Field
}

// at adds what is wrong at a node. The place is file:line:column, as editors take it; the wordings say what to do.
func (p *problems) at(n *yaml.Node, code, zh, en string, args ...any) {
	p.add(fmt.Sprintf("%s:%d:%d", p.file, n.Line, n.Column), code, zh, en, args...)
}

func (p *problems) add(place, code, zh, en string, args ...any) {
	if len(p.all) == maxProblems {
		return
	}
	if len(args) > 0 {
		zh, en = fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)
	}
	p.all = append(p.all, fault.New(fault.Invalid, "", "", "").At(place, code, zh, en).Fields...)
}

// err gives everything as one refusal, or nil.
func (p *problems) err() error {
	if len(p.all) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "bad-categories", "事项分类文件有误,请按下列位置改正", "The category files are wrong; correct these places")
	e.Fields = p.all
	return e
}

// short keeps a wrong value readable in a message.
func short(s string) string {
	const most = 40
	r := []rune(s)
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
