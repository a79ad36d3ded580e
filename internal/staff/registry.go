package staff

import (
	"fmt"
	"sort"
	"time"

	"linli/internal/platform/database"
)

// keptAfterEnd is how long an appointment that is over stays in memory, so that a question about a moment
// just past is answered right.
const keptAfterEnd = 48 * time.Hour

// registry is an unchanging picture of accounts and open appointments.
type registry struct {
	version   int64
	accounts  map[string]*Account
	byPost    map[Post][]*Appointment // first those who hold it, then deputies; by From, then ID
	byAccount map[string][]*Appointment
	admins    []*Appointment // appointments as administrator, anywhere
}

// revision is the row that tells how new the stored data is.
type revision struct{ registry, access int64 }

func readRevision(tx *database.Tx) (r revision, err error) {
	if err := tx.Row(`SELECT registry, access FROM staff_revision WHERE id = 1`).Scan(&r.registry, &r.access); err != nil {
		return r, fmt.Errorf("reading the revision of staff: %w", err)
	}
	return r, nil
}

// raise marks that the registry changes in this transaction, and by its lock lets changes follow one another.
func raise(tx *database.Tx) error {
	if _, err := tx.Exec(`UPDATE staff_revision SET registry = registry + 1 WHERE id = 1`); err != nil {
		return fmt.Errorf("raising the revision of staff: %w", err)
	}
	return nil
}

func readRegistry(tx *database.Tx) (*registry, error) {
	rev, err := readRevision(tx)
	if err != nil {
		return nil, err
	}
	accounts, err := database.All(tx, scanAccount, `SELECT `+accountColumns+` FROM staff_account`)
	if err != nil {
		return nil, fmt.Errorf("reading accounts: %w", err)
	}
	open, err := database.All(tx, scanAppointment, `SELECT `+appointmentColumns+` FROM staff_appointment WHERE to_at = 0 OR to_at > $1`,
		database.Millis(tx.Now.Add(-keptAfterEnd)))
	if err != nil {
		return nil, fmt.Errorf("reading appointments: %w", err)
	}
	return newRegistry(rev.registry, accounts, open), nil
}

func newRegistry(version int64, accounts []Account, open []Appointment) *registry {
	r := &registry{version: version, accounts: make(map[string]*Account, len(accounts)),
		byPost: make(map[Post][]*Appointment, len(open)), byAccount: make(map[string][]*Appointment, len(open))}
	for i := range accounts {
		r.accounts[accounts[i].ID] = &accounts[i]
	}
	sort.Slice(open, func(i, j int) bool {
		a, b := &open[i], &open[j]
		switch {
		case a.Deputy != b.Deputy:
			return b.Deputy
		case !a.From.Equal(b.From):
			return a.From.Before(b.From)
		}
		return a.ID < b.ID
	})
	for i := range open {
		a := &open[i]
		r.byPost[a.Post] = append(r.byPost[a.Post], a)
		r.byAccount[a.Account] = append(r.byAccount[a.Account], a)
		if a.Post.Role() == RoleAdministrator {
			r.admins = append(r.admins, a)
		}
	}
	return r
}

// living tells whether the appointment counts at the moment: begun, not over, the account active.
func (r *registry) living(a *Appointment, at time.Time) bool {
	if !a.Spans(at) {
		return false
	}
	account := r.accounts[a.Account]
	return account != nil && account.Active
}

// holders lists the accounts that hold the post at the moment, deputies last, each once.
func (r *registry) holders(p Post, at time.Time) []string {
	var out []string
	for _, a := range r.byPost[p] {
		if r.living(a, at) && !contains(out, a.Account) {
			out = append(out, a.Account)
		}
	}
	return out
}

// lives tells whether anybody holds the post at the moment.
func (r *registry) lives(p Post, at time.Time) bool {
	for _, a := range r.byPost[p] {
		if r.living(a, at) {
			return true
		}
	}
	return false
}

// admin gives the post of a living administrator, wherever it is; the one that was there first.
func (r *registry) admin(at time.Time) (Post, bool) {
	for _, a := range r.admins {
		if r.living(a, at) {
			return a.Post, true
		}
	}
	return "", false
}

// nextChange is the first moment after at when an appointment of the account begins or ends; zero for none.
func (r *registry) nextChange(account string, at time.Time) time.Time {
	var next time.Time
	for _, a := range r.byAccount[account] {
		for _, t := range [2]time.Time{a.From, a.To} {
			if t.After(at) && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
	}
	return next
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}
