package cli

import (
	"fmt"
	"io"
	"os"

	"linli/internal/platform/database"
	"linli/internal/platform/lang"
)

// live is where progress is drawn: the terminal, or nowhere when the output goes to a file.
func (p *program) live() io.Writer {
	if f, ok := p.err.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return f
		}
	}
	return io.Discard
}

// status draws one line of progress over the last one; total 0: not known.
func (p *program) status(what string, done, total int64) {
	if total > 0 {
		fmt.Fprintf(p.live(), "\r%s %d/%d\033[K", what, done, total)
		return
	}
	fmt.Fprintf(p.live(), "\r%s\033[K", what)
}

// clear takes the line of progress away.
func (p *program) clear() { fmt.Fprint(p.live(), "\r\033[K") }

// upgrading tells how far the upgrade of the database is: what is taken on standard output, what takes long on standard error.
func (p *program) upgrading(u database.Upgrade) {
	if u.Done {
		fmt.Fprintf(p.out, "taken  %s\n", u.ID)
		return
	}
	p.slowUpgrade(u)
}

// slowUpgrade tells that a step is still at work, for those who would take the program for dead.
func (p *program) slowUpgrade(u database.Upgrade) {
	if u.Done || u.For == 0 {
		return
	}
	fmt.Fprintf(p.err, lang.T("正在升级数据库,请勿中断:%s(第 %d 步,共 %d 步),正在执行 %s(%d/%d),已写入 %d 行,已用 %s\n",
		"upgrading the database, let it finish: %s (step %d of %d), at %s (%d/%d), %d rows written, for %s\n").In(terminalLang()),
		u.ID, u.Step, u.Steps, u.Doing, u.Part, u.Parts, u.Rows, u.For)
}
