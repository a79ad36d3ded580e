package staff

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// Person is an account with the open appointments the asker may see, those to come included.
type Person struct {
	Account
	Appointments []Appointment `json:"appointments"`
}

// PeopleFilter narrows the list; empty fields do not.
type PeopleFilter struct {
	Text  string // part of the name or login
	Phone string // a whole number, found by its blind index
	Path  string // with a post at or below this area
	Role  string // with a post of this role
	After string // login of the last person of the page before
	Limit int    // 1 to 200; 0 is 50
}

// People lists accounts by login, with the cursor of the next page ("" at the end). Permission: staff.read where one of
// the account's posts is; accounts without any post show to those who have staff.write somewhere.
//
// Errors: Forbidden without staff.read anywhere; Invalid for a phone that is none.
func (s *Service) People(ctx context.Context, actor *Actor, f PeopleFilter) (page []Person, next string, err error) {
	if !actor.Anywhere(StaffRead) {
		return nil, "", forbidden("您没有查看人员的权限", "You may not see people")
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 200)
	reg := s.reg.Load()
	accounts, err := s.candidates(ctx, reg, f)
	if err != nil {
		return nil, "", err
	}
	slices.SortFunc(accounts, func(a, b *Account) int { return cmp.Compare(a.Login, b.Login) })
	now := s.now()
	for _, a := range accounts {
		if a.Login <= f.After {
			continue
		}
		shown, open := s.openOf(reg, actor, a.ID, now)
		p := Person{Account: *a, Appointments: shown}
		fits := f.Path == "" && f.Role == "" || slices.ContainsFunc(shown, func(ap Appointment) bool {
			return (f.Path == "" || area.Within(s.pathOf(ap.Post), f.Path)) && (f.Role == "" || ap.Post.Role() == f.Role)
		})
		if !fits || len(shown) == 0 && (open > 0 || !actor.Anywhere(StaffWrite)) {
			continue
		}
		if len(page) == limit {
			return page, page[limit-1].Login, nil
		}
		page = append(page, p)
	}
	return page, "", nil
}

// candidates are the accounts that fit the text and the phone.
func (s *Service) candidates(ctx context.Context, reg *registry, f PeopleFilter) ([]*Account, error) {
	var byPhone []string
	if f.Phone != "" {
		phone, ok := normalPhone(f.Phone)
		if !ok || phone == "" {
			return nil, fault.New(fault.Invalid, "bad-phone", "请输入完整的电话号码", "Give the whole phone number").At("phone", "phone", "应为完整号码", "a whole number")
		}
		err := s.db.Read(ctx, func(tx *database.Tx) (err error) {
			byPhone, err = database.Column[string](tx, `SELECT id FROM staff_account WHERE phone_blind = $1`, s.box.Blind("phone", phone))
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("looking for a phone: %w", err)
		}
	}
	text := strings.ToLower(strings.TrimSpace(f.Text))
	var out []*Account
	for _, a := range reg.accounts {
		if f.Phone != "" && !slices.Contains(byPhone, a.ID) || text != "" && !strings.Contains(a.Login, text) && !strings.Contains(strings.ToLower(a.Name), text) {
			continue
		}
		out = append(out, a)
	}
	return out, nil
}

// PrivatePhone tells whether a number is that of an account, so that it is not shown to residents by mistake. What is no
// whole number is nobody's.
func (s *Service) PrivatePhone(ctx context.Context, phone string) (bool, error) {
	number, ok := normalPhone(phone)
	if !ok || number == "" {
		return false, nil
	}
	var n int
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT count(*) FROM staff_account WHERE phone_blind = $1`, s.box.Blind("phone", number)).Scan(&n)
	})
	if err != nil {
		return false, fmt.Errorf("looking for a phone: %w", err)
	}
	return n > 0, nil
}
