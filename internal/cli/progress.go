package cli

import (
	"fmt"
	"io"
	"os"
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
