package staff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
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
func raise(tx *database.Tx) (version int64, err error) {
	if err := tx.Row(`UPDATE staff_revision SET registry = registry + 1 WHERE id = 1 RETURNING registry`).Scan(&version); err != nil {
		return 0, fmt.Errorf("raising the revision of staff: %w", err)
	}
	return version, nil
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

// streamRegistry is readRegistry for the start: accounts and appointments side by side, without conversions. The
// transactions read the same moment.
func streamRegistry(open []*database.Tx, version int64) (*registry, error) {
	var accounts []Account
	var held []Appointment
	var reading sync.WaitGroup
	var failed error
	people := func() {
		if err := open[0].Stream(`SELECT `+accountColumns+` FROM staff_account`, nil, func(r *database.Row) error {
			accounts = append(accounts, streamAccount(r))
			return r.Err()
		}); err != nil {
			failed = fmt.Errorf("reading accounts: %w", err)
		}
	}
	if len(open) > 1 {
		reading.Go(people)
	} else {
		people()
	}
	last := open[len(open)-1]
	err := last.Stream(`SELECT `+appointmentColumns+` FROM staff_appointment WHERE to_at = 0 OR to_at > $1`, []any{database.Millis(last.Now.Add(-keptAfterEnd))},
		func(r *database.Row) error {
			held = append(held, streamAppointment(r))
			return r.Err()
		})
	reading.Wait()
	if err != nil {
		return nil, fmt.Errorf("reading appointments: %w", err)
	}
	if failed != nil {
		return nil, failed
	}
	return newRegistry(version, accounts, held), nil
}

func newRegistry(version int64, accounts []Account, open []Appointment) *registry {
	r := &registry{version: version, accounts: make(map[string]*Account, len(accounts)),
		byPost: make(map[Post][]*Appointment, len(open)), byAccount: make(map[string][]*Appointment, len(open))}
	for i := range accounts {
		r.accounts[accounts[i].ID] = &accounts[i]
	}
	for i := range open {
		r.add(&open[i])
	}
	for _, list := range r.byPost {
		slices.SortFunc(list, inOrder)
	}
	for _, list := range r.byAccount {
		slices.SortFunc(list, inOrder)
	}
	slices.SortFunc(r.admins, inOrder)
	return r
}

func (r *registry) add(a *Appointment) {
	r.byPost[a.Post] = append(r.byPost[a.Post], a)
	r.byAccount[a.Account] = append(r.byAccount[a.Account], a)
	if a.Post.Role() == RoleAdministrator {
		r.admins = append(r.admins, a)
	}
}

// inOrder puts holders before deputies, then who came first.
func inOrder(a, b *Appointment) int {
	switch {
	case a.Deputy && !b.Deputy:
		return 1
	case b.Deputy && !a.Deputy:
		return -1
	}
	return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.ID, b.ID))
}

// fewChanges is up to how many accounts a registry is renewed one by one instead of read as a whole.
const fewChanges = 200

// renew gives the registry after some accounts changed, reading only these; the rest is shared with the former one.
func (r *registry) renew(tx *database.Tx, changed []string) (*registry, error) {
	if len(changed) > fewChanges {
		return readRegistry(tx)
	}
	rev, err := readRevision(tx)
	if err != nil {
		return nil, err
	}
	n := &registry{version: rev.registry, accounts: maps.Clone(r.accounts), byPost: maps.Clone(r.byPost), byAccount: maps.Clone(r.byAccount), admins: slices.Clone(r.admins)}
	for _, id := range changed {
		account, found, err := database.One(tx, scanAccount, `SELECT `+accountColumns+` FROM staff_account WHERE id = $1`, id)
		if err != nil {
			return nil, fmt.Errorf("reading an account: %w", err)
		}
		open, err := database.All(tx, scanAppointment, `SELECT `+appointmentColumns+` FROM staff_appointment WHERE account = $1 AND (to_at = 0 OR to_at > $2)`,
			id, database.Millis(tx.Now.Add(-keptAfterEnd)))
		if err != nil {
			return nil, fmt.Errorf("reading appointments: %w", err)
		}
		n.replace(id, account, found, open)
	}
	return n, nil
}

// replace takes out what the registry has of an account and puts in what is given. Lists are copied before they
// change, for the former registry shares them.
func (r *registry) replace(id string, account Account, found bool, open []Appointment) {
	touched := map[Post]bool{}
	other := func(a *Appointment) bool { return a.Account != id }
	for _, a := range r.byAccount[id] {
		touched[a.Post] = true
	}
	for p := range touched {
		r.byPost[p] = keep(r.byPost[p], other)
	}
	r.admins = keep(r.admins, other)
	delete(r.byAccount, id)
	delete(r.accounts, id)
	if found {
		r.accounts[id] = &account
	}
	for i := range open {
		p := open[i].Post
		if !touched[p] {
			r.byPost[p] = slices.Clone(r.byPost[p])
			touched[p] = true
		}
		r.add(&open[i])
	}
	for p := range touched {
		if len(r.byPost[p]) == 0 {
			delete(r.byPost, p)
			continue
		}
		slices.SortFunc(r.byPost[p], inOrder)
	}
	slices.SortFunc(r.byAccount[id], inOrder)
	slices.SortFunc(r.admins, inOrder)
}

func keep(list []*Appointment, wanted func(*Appointment) bool) []*Appointment {
	out := make([]*Appointment, 0, len(list))
	for _, a := range list {
		if wanted(a) {
			out = append(out, a)
		}
	}
	return out
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
		if r.living(a, at) && !slices.Contains(out, a.Account) {
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
