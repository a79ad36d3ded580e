package staff

import (
	"time"

	"linli/internal/platform/database"
)

// Appointment (任职) ties an account to a post from a moment to another. A deputy (代岗人) holds the post like its
// holder does, is named after them, and answers alone while nobody else does.
type Appointment struct {
	ID          string    `json:"id"`
	Account     string    `json:"account"`
	Post        Post      `json:"post"`
	From        time.Time `json:"from"`
	To          time.Time `json:"to,omitzero" doc:"the first moment it no longer counts; none: open end"`
	Deputy      bool      `json:"deputy,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	CreatedBy   string    `json:"created_by"`
	EndedAt     time.Time `json:"ended_at,omitzero" doc:"when somebody decided its end"`
	EndedBy     string    `json:"ended_by,omitempty"`
	EndedReason string    `json:"ended_reason,omitempty"`
	Continues   string    `json:"continues,omitempty" doc:"the appointment this one goes on from, after areas were merged or split"`
	Review      string    `json:"review,omitempty" doc:"why somebody should look at it"`
}

// Spans tells whether the moment lies between From and To.
func (a *Appointment) Spans(at time.Time) bool {
	return !at.Before(a.From) && (a.To.IsZero() || at.Before(a.To))
}

const appointmentColumns = `id, account, role, place, from_at, to_at, deputy, created_at, created_by, ended_at, ended_by, ended_reason, continues, review`

func scanAppointment(s database.Scanner) (Appointment, error) {
	var a Appointment
	var role, place string
	var from, to, created, ended int64
	err := s.Scan(&a.ID, &a.Account, &role, &place, &from, &to, &a.Deputy, &created, &a.CreatedBy, &ended, &a.EndedBy, &a.EndedReason, &a.Continues, &a.Review)
	a.Post, a.From, a.To = MakePost(role, place), database.Time(from), database.Time(to)
	a.CreatedAt, a.EndedAt = database.Time(created), database.Time(ended)
	return a, err
}

func streamAppointment(r *database.Row) Appointment {
	a := Appointment{ID: r.Text(), Account: r.Text()}
	role, place := r.Text(), r.Text()
	a.Post, a.From, a.To, a.Deputy = MakePost(role, place), database.Time(r.Integer()), database.Time(r.Integer()), r.Boolean()
	a.CreatedAt, a.CreatedBy = database.Time(r.Integer()), r.Text()
	a.EndedAt, a.EndedBy, a.EndedReason, a.Continues, a.Review = database.Time(r.Integer()), r.Text(), r.Text(), r.Text(), r.Text()
	return a
}
