package torture

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"linli/internal/platform/database"
)

// stored is what the database says of what a crowd did.
type stored struct {
	cases    map[string]int64   // id -> serial
	begun    map[string]int     // id -> how often its timeline has a report
	commands map[string][]acted // command id -> entries
	files    map[string]kept    // id
	serials  map[int64]string   // serial -> id
}

func (s *site) stored() stored {
	s.t.Helper()
	out := stored{cases: map[string]int64{}, begun: map[string]int{}, commands: map[string][]acted{}, files: map[string]kept{}, serials: map[int64]string{}}
	s.look(func(tx *database.Tx) error {
		type row struct {
			id     string
			serial int64
		}
		cases, err := database.All(tx, func(sc database.Scanner) (r row, err error) { return r, sc.Scan(&r.id, &r.serial) }, `SELECT id, serial FROM cases`)
		if err != nil {
			return err
		}
		for _, c := range cases {
			out.cases[c.id] = c.serial
			if other, twice := out.serials[c.serial]; twice {
				s.t.Errorf("cases %s and %s have the same number %d", c.id, other, c.serial)
			}
			out.serials[c.serial] = c.id
		}
		type entry struct {
			acted
			action string
		}
		entries, err := database.All(tx, func(sc database.Scanner) (e entry, err error) { return e, sc.Scan(&e.kase, &e.seq, &e.action, &e.id) },
			`SELECT case_id, seq, action, command FROM timeline`)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.action == "report" {
				out.begun[e.kase]++
			}
			if e.id != "" {
				out.commands[e.id] = append(out.commands[e.id], e.acted)
			}
		}
		type file struct {
			id string
			kept
		}
		files, err := database.All(tx, func(sc database.Scanner) (f file, err error) { return f, sc.Scan(&f.id, &f.kase, &f.sum) }, `SELECT id, case_id, hash FROM attachment`)
		for _, f := range files {
			out.files[f.id] = f.kept
		}
		return err
	})
	return out
}

// numberOf is how a case's serial is told to people: the county, the year and the running number.
func numberOf(serial int64) string {
	const perYear = 100_000_000
	return fmt.Sprintf("%s-%d-%06d", county, serial/perYear, serial%perYear)
}

// content is the hash of the bytes that are on the disk under a hash: what is served as that file.
func (s *site) content(hash string) (sum string, err error) {
	if len(hash) != 64 {
		return "", fmt.Errorf("no hash: %q", hash)
	}
	content, err := os.ReadFile(filepath.Join(s.folder, "files", hash[:2], hash[2:4], hash))
	return sumOf(content), err
}

// holds fails unless everything acknowledged is stored, exactly once and as it was told: every report under its number,
// every action as its entry, every file with its bytes on the disk. With nothing more, the database must hold nothing
// else either: the crowd has dispersed, so all it ever sent was acknowledged in the end.
func (s *site) holds(m memory, nothingMore bool) {
	s.t.Helper()
	have := s.stored()
	lost := 0
	miss := func(format string, args ...any) {
		s.t.Helper()
		if lost++; lost <= 10 {
			s.t.Errorf(format, args...)
		}
	}
	for id, r := range m.reports {
		if have.begun[id] != 1 || have.cases[id] == 0 {
			miss("report %s (%s) was acknowledged and is there %d times", id, r.number, have.begun[id])
		} else if is := numberOf(have.cases[id]); r.number != is {
			miss("report %s was acknowledged as %s and is there as %s", id, r.number, is)
		}
	}
	for id, a := range m.commands {
		if list := have.commands[id]; len(list) != 1 || list[0] != a {
			miss("action %s on %s was acknowledged as entry %d; there is %v", id, a.kase, a.seq, list)
		}
	}
	for id, f := range m.files {
		if have.files[id] != f {
			miss("file %s was acknowledged with %v; there is %v", id, f, have.files[id])
		} else if sum, err := s.content(f.sum); err != nil || sum != f.sum {
			miss("file %s was acknowledged with %v; on the disk are the bytes of %s: %v", id, f, sum, err)
		}
	}
	if nothingMore && (len(have.cases) != len(m.reports) || len(have.commands) != len(m.commands) || len(have.files) != len(m.files)) {
		s.t.Errorf("stored are %d cases, %d actions, %d files; acknowledged were %d, %d, %d", len(have.cases), len(have.commands), len(have.files),
			len(m.reports), len(m.commands), len(m.files))
	}
}

// again sends some of the acknowledged reports once more: each must be known, with the same number and code.
func (s *site) again(m memory, dice *rand.Rand, most int) {
	s.t.Helper()
	c := newClient(s, dice)
	defer c.close()
	for id, t := range m.reports {
		if most--; most < 0 {
			return
		}
		r, err := c.send(t.order)
		if known, _ := r.field("again").(bool); err != nil || r.status != 200 || !known || r.text("number") != t.number || r.text("code") != t.code {
			s.t.Errorf("report %s sent again: %v %d %.300s; the first time it was %s %s", id, err, r.status, r.raw, t.number, t.code)
		}
	}
}
