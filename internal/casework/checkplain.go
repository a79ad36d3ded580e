package casework

import (
	"time"
	"unicode/utf8"
)

// plain reads JSON in the one form in which the program writes it: fields in their order, nothing between the
// tokens. The proof reads gigabytes of it, and this is some ten times faster than encoding/json. It decides nothing: at
// whatever looks different in any way it gives up (done is false), and encoding/json is asked. What it does
// accept, encoding/json accepts with the same values; a fuzz test holds it to that.
type plain struct {
	text string
	at   int
	bad  bool
}

// done tells whether the whole text was read.
func (p *plain) done() bool { return !p.bad && p.at == len(p.text) }

func (p *plain) fail() { p.bad, p.at = true, len(p.text) }

// see consumes the byte when it is next.
func (p *plain) see(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *plain) need(c byte) {
	if !p.see(c) {
		p.fail()
	}
}

// word consumes the letters when they are next.
func (p *plain) word(w string) bool {
	if len(p.text)-p.at >= len(w) && p.text[p.at:p.at+len(w)] == w {
		p.at += len(w)
		return true
	}
	return false
}

// field consumes the key of the next field of an object, with its comma and colon, when it is this one.
func (p *plain) field(name string) bool {
	at := p.at
	if at == 0 || at+len(name)+3 > len(p.text) {
		return false
	}
	if p.text[at-1] != '{' {
		if p.text[at] != ',' {
			return false
		}
		at++
	}
	end := at + 1 + len(name)
	if end+2 > len(p.text) || p.text[at] != '"' || p.text[at+1:end] != name || p.text[end:end+2] != `":` {
		return false
	}
	p.at = end + 2
	return true
}

// next goes on to the next element of a list or an object, whose bracket has been consumed; false at its end.
func (p *plain) next(end byte) bool {
	if p.bad || p.see(end) {
		return false
	}
	if c := p.text[p.at-1]; c != '[' && c != '{' {
		p.need(',')
	}
	return !p.bad
}

// string reads a text without escapes.
func (p *plain) string() string {
	p.need('"')
	ascii := true
	for i := p.at; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '"':
			s := p.text[p.at:i]
			p.at = i + 1
			if !ascii && !utf8.ValidString(s) {
				p.fail() // encoding/json puts other characters in place
			}
			return s
		case c == '\\' || c < ' ':
			p.fail()
			return ""
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	p.fail()
	return ""
}

// skipString sees that a text is well-formed.
func (p *plain) skipString() {
	p.need('"')
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch {
		case c == '"':
			return
		case c < ' ':
			p.fail()
		case c == '\\':
			p.escape()
		}
	}
	p.fail()
}

func (p *plain) escape() {
	if p.at == len(p.text) {
		return
	}
	c := p.text[p.at]
	p.at++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
	case 'u':
		for range 4 {
			if p.at == len(p.text) || !hex(p.text[p.at]) {
				p.fail()
				return
			}
			p.at++
		}
	default:
		p.fail()
	}
}

func hex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

const (
	mostDigits  = 18 // of a whole number; a longer one might not fit its type
	anyFraction = 99 // digits of a fraction; nobody writes more
)

// digits consumes at least one and so many at most.
func (p *plain) digits(most int) string {
	from := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	s := p.text[from:p.at]
	if s == "" || len(s) > most {
		p.fail()
	}
	return s
}

// integer reads a whole number.
func (p *plain) integer() (n int64) {
	minus := p.see('-')
	s := p.digits(mostDigits)
	if len(s) > 1 && s[0] == '0' || minus && s == "0" {
		p.fail()
	}
	for i := range len(s) {
		n = n*10 + int64(s[i]-'0')
	}
	if minus {
		return -n
	}
	return n
}

func (p *plain) skipNumber() {
	p.see('-')
	if s := p.digits(mostDigits); len(s) > 1 && s[0] == '0' {
		p.fail()
	}
	if p.see('.') {
		p.digits(anyFraction)
	}
	// an exponent is left over, and whatever comes next fails at it
}

func (p *plain) bool() bool {
	if p.word("true") {
		return true
	}
	if !p.word("false") {
		p.fail()
	}
	return false
}

// deepest bounds how far values lie in one another.
const deepest = 8

// skip sees that any value is well-formed.
func (p *plain) skip(depth int) {
	if p.bad || p.at == len(p.text) || depth > deepest {
		p.fail()
		return
	}
	switch p.text[p.at] {
	case '"':
		p.skipString()
	case '{':
		p.at++
		for p.next('}') {
			p.skipString()
			p.need(':')
			p.skip(depth + 1)
		}
	case '[':
		p.at++
		for p.next(']') {
			p.skip(depth + 1)
		}
	default:
		if !p.word("true") && !p.word("false") && !p.word("null") {
			p.skipNumber()
		}
	}
}

// moment reads a time as RFC 3339 writes it: 2026-11-21T08:30:00.25+08:00.
func (p *plain) moment() time.Time {
	q := plain{text: p.string()}
	year := q.two()*100 + q.two()
	q.need('-')
	month := q.two()
	q.need('-')
	day := q.two()
	q.need('T')
	hour := q.two()
	q.need(':')
	minute := q.two()
	q.need(':')
	second := q.two()
	ns := q.fraction()
	offset := q.offset()
	if !q.done() || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		p.fail()
		return time.Time{}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, ns, time.UTC)
	if t.Day() != day {
		p.fail() // such as 30 February
	}
	return t.Add(-offset)
}

// two reads a number of two digits.
func (p *plain) two() int {
	if len(p.text)-p.at < 2 {
		p.fail()
		return 0
	}
	a, b := p.text[p.at]-'0', p.text[p.at+1]-'0'
	if a > 9 || b > 9 {
		p.fail()
		return 0
	}
	p.at += 2
	return int(a)*10 + int(b)
}

// fraction reads what follows the second, in nanoseconds.
func (p *plain) fraction() int {
	if !p.see('.') {
		return 0
	}
	s := p.digits(9)
	ns := 0
	for i := range 9 {
		ns *= 10
		if i < len(s) {
			ns += int(s[i] - '0')
		}
	}
	return ns
}

// offset reads how far the zone is ahead of UTC.
func (p *plain) offset() time.Duration {
	if p.see('Z') {
		return 0
	}
	behind := !p.see('+')
	if behind {
		p.need('-')
	}
	hours := p.two()
	p.need(':')
	minutes := p.two()
	if hours > 23 || minutes > 59 {
		p.fail()
	}
	if behind {
		hours, minutes = -hours, -minutes
	}
	return time.Duration(60*hours+minutes) * time.Minute
}
