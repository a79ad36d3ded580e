package staff

import (
	"time"

	"linli/internal/platform/database"
)

// Account is somebody who can sign in. The phone is shown masked; it is stored sealed.
type Account struct {
	ID         string    `json:"id"`
	Login      string    `json:"login" doc:"small letters, after Unicode normalisation NFKC"`
	Name       string    `json:"name"`
	Phone      string    `json:"phone,omitempty" doc:"masked, such as 138****5678"`
	Active     bool      `json:"active"`
	MustChange bool      `json:"must_change" doc:"the one-time password must be replaced at the next sign-in"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedBy  string    `json:"created_by,omitempty"`
}

const accountColumns = `id, login, name, phone_mask, active, must_change, created_at, created_by`

func scanAccount(s database.Scanner) (Account, error) {
	var a Account
	var created int64
	err := s.Scan(&a.ID, &a.Login, &a.Name, &a.Phone, &a.Active, &a.MustChange, &created, &a.CreatedBy)
	a.CreatedAt = database.Time(created)
	return a, err
}
