package casework

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// perYear is the room for a year's running numbers inside a serial.
const perYear = 100_000_000

// nextSerial gives the next running number of the year in Beijing time.
func nextSerial(tx *database.Tx, at time.Time) (int64, error) {
	year := at.In(zone).Year()
	n, err := tx.Next("case_" + strconv.Itoa(year))
	if err != nil {
		return 0, fmt.Errorf("numbering a case: %w", err)
	}
	if n >= perYear {
		return 0, fmt.Errorf("more than %d cases in %d", perYear, year)
	}
	return int64(year)*perYear + n, nil
}

// Number is the case's number for people: code of the root area, year and running number.
func (s *Service) Number(c *Case) string {
	root, _, _ := strings.Cut(strings.TrimPrefix(c.Path, "/"), "/")
	return fmt.Sprintf("%s-%d-%06d", root, c.Serial/perYear, c.Serial%perYear)
}

// serialOf reads a number written for people.
func serialOf(number string) (int64, bool) {
	parts := strings.Split(strings.TrimSpace(number), "-")
	if len(parts) != 3 {
		return 0, false
	}
	year, err1 := strconv.ParseInt(parts[1], 10, 64)
	n, err2 := strconv.ParseInt(parts[2], 10, 64)
	if err1 != nil || err2 != nil || year < 1900 || year > 9999 || n < 1 || n >= perYear {
		return 0, false
	}
	return year*perYear + n, true
}

// A tracking code is 12 characters in groups of four: the first 6 carry the serial, the last 6 prove
// that this program gave it out (30 bits, behind a rate limit). It is not stored: who reads the
// database cannot follow a case with it.
const (
	firstYear = 2015
	codeHalf  = 6
	alphabet  = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford's, without I L O U
	yearBits  = 25                                 // 33 million cases a year
)

func (s *Service) trackingCode(c *Case) string {
	n := (c.Serial/perYear-firstYear)<<yearBits | c.Serial%perYear
	head := make([]byte, codeHalf)
	for i := codeHalf - 1; i >= 0; i-- {
		head[i] = alphabet[n&31]
		n >>= 5
	}
	text := string(head) + s.box.Code("tracking", strconv.FormatInt(c.Serial, 10), codeHalf)
	return text[:4] + "-" + text[4:8] + "-" + text[8:]
}

// serialOfCode checks a tracking code as people type it: any case, O for 0, I and L for 1, blanks and
// hyphens anywhere.
func (s *Service) serialOfCode(code string) (int64, error) {
	text := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	bad := fault.New(fault.NotFound, "no-code", "查询码不对,请核对后再输(12 位,不分大小写)", "The tracking code is not right; check it (12 characters, capitals do not matter)")
	if len(text) != 2*codeHalf {
		return 0, bad
	}
	var n int64
	for _, r := range text[:codeHalf] {
		v := strings.IndexRune(alphabet, r)
		if v < 0 {
			return 0, bad
		}
		n = n<<5 | int64(v)
	}
	serial := (n>>yearBits+firstYear)*perYear + n&(1<<yearBits-1)
	if s.box.Code("tracking", strconv.FormatInt(serial, 10), codeHalf) != text[codeHalf:] {
		return 0, bad
	}
	return serial, nil
}
