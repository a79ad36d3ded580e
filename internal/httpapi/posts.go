package httpapi

import (
	"context"
	"time"

	"linli/internal/platform/lang"
	"linli/internal/staff"
)

type appointInput struct {
	Body struct {
		ID      string     `json:"id,omitempty" format:"uuid" doc:"UUIDv7 made by the sender; sending it twice is once" example:"0193a5f0-7c1e-7000-8000-000000000003"`
		Account string     `json:"account" maxLength:"60" doc:"id of the account" example:"0193a5f0-7c1e-7000-8000-000000000002"`
		Post    staff.Post `json:"post" maxLength:"120" doc:"role@code of an area or organisation" example:"grid-member@320682001001003"`
		From    *time.Time `json:"from,omitempty" doc:"none: at once"`
		To      *time.Time `json:"to,omitempty" doc:"the first moment it no longer counts; none: open end"`
		Deputy  bool       `json:"deputy,omitempty" doc:"stands in for the holder"`
	}
}

type appointmentOutput struct{ Body staff.Appointment }

// moment is the time given, or the zero one.
func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (s *Server) appoint(ctx context.Context, in *appointInput) (*appointmentOutput, error) {
	b := in.Body
	made, err := s.Staff.Appoint(ctx, actor(ctx), staff.AppointCommand{ID: b.ID, Account: b.Account, Post: b.Post, From: moment(b.From), To: moment(b.To), Deputy: b.Deputy})
	return &appointmentOutput{Body: made}, err
}

// AppointmentRef names an appointment in the address.
type AppointmentRef struct {
	ID string `path:"id" maxLength:"60" doc:"id of the appointment" example:"0193a5f0-7c1e-7000-8000-000000000003"`
}

type endInput struct {
	AppointmentRef
	Body struct {
		At     *time.Time `json:"at,omitempty" doc:"none: at once"`
		Reason string     `json:"reason" doc:"kept with the appointment" example:"换届"`
	}
}

func (s *Server) endAppointment(ctx context.Context, in *endInput) (*appointmentOutput, error) {
	ended, err := s.Staff.End(ctx, actor(ctx), staff.EndCommand{Appointment: in.ID, At: moment(in.Body.At), Reason: in.Body.Reason})
	return &appointmentOutput{Body: ended}, err
}

type appointmentsOutput struct {
	Body struct {
		Appointments []staff.Appointment `json:"appointments"`
	}
}

func appointments(list []staff.Appointment, err error) (*appointmentsOutput, error) {
	out := &appointmentsOutput{}
	if out.Body.Appointments = list; list == nil {
		out.Body.Appointments = []staff.Appointment{}
	}
	return out, err
}

// appointmentsOf are all of an account, newest first.
func (s *Server) appointmentsOf(ctx context.Context, in *PersonRef) (*appointmentsOutput, error) {
	return appointments(s.Staff.History(ctx, actor(ctx), "", in.ID))
}

type postInput struct {
	Post staff.Post `path:"post" maxLength:"120" doc:"role@code of an area or organisation" example:"grid-member@320682001001003"`
}

// appointmentsAt are all of a post, newest first.
func (s *Server) appointmentsAt(ctx context.Context, in *postInput) (*appointmentsOutput, error) {
	return appointments(s.Staff.History(ctx, actor(ctx), in.Post, ""))
}

type postOutput struct{ Body staff.PostView }

func (s *Server) readPost(ctx context.Context, in *postInput) (*postOutput, error) {
	v, err := s.Staff.ReadPost(actor(ctx), in.Post, s.DB.Now())
	return &postOutput{Body: v}, err
}

type vacanciesInput struct {
	Area string `query:"area" maxLength:"40" doc:"code: in this area or below; left out: where I may see people"`
	Role string `query:"role" maxLength:"60" doc:"key of a role"`
	PageOf
}

type vacanciesOutput struct {
	Body struct {
		Vacancies []staff.Vacancy `json:"vacancies" doc:"expected posts that nobody holds, with who covers"`
		Next      string          `json:"next,omitempty" doc:"cursor of the next page; left out on the last"`
	}
}

func (s *Server) vacancies(ctx context.Context, in *vacanciesInput) (*vacanciesOutput, error) {
	out := &vacanciesOutput{}
	var err error
	out.Body.Vacancies, out.Body.Next, err = s.Staff.FindVacancies(actor(ctx), s.DB.Now(), staff.VacancyQuery{Area: in.Area, Role: in.Role, After: in.After, Limit: in.PageSize})
	return out, err
}

type reviewsInput struct {
	Area string `query:"area" maxLength:"40" doc:"code: in this area or below; left out: everywhere I may see people"`
}

func (s *Server) reviews(ctx context.Context, in *reviewsInput) (*appointmentsOutput, error) {
	path := "/"
	if in.Area != "" {
		if path = s.Areas.Tree().Path(in.Area); path == "" {
			return nil, errNoArea(in.Area)
		}
	}
	return appointments(s.Staff.Reviews(actor(ctx), path), nil)
}

func (s *Server) reviewed(ctx context.Context, in *AppointmentRef) (*nothing, error) {
	return nil, s.Staff.Reviewed(ctx, actor(ctx), in.ID)
}

type rolesOutput struct {
	Body struct {
		Version     string           `json:"version" doc:"of the roles file"`
		Roles       []staff.Role     `json:"roles"`
		Permissions []permissionView `json:"permissions" doc:"every permission there is"`
	}
}

// permissionView is one permission in words.
type permissionView struct {
	Key       string    `json:"key" example:"case.read"`
	Text      lang.Text `json:"text"`
	Area      bool      `json:"area" doc:"a post at an organisation carries it for the organisation's whole area"`
	ScopeOnly bool      `json:"scope_only" doc:"only scopes of tokens name it"`
}

func (s *Server) roles(_ context.Context, _ *nothing) (*rolesOutput, error) {
	table, out := s.Staff.RoleTable(), &rolesOutput{}
	out.Body.Version, out.Body.Roles = table.Version(), table.All()
	for _, p := range staff.Permissions {
		out.Body.Permissions = append(out.Body.Permissions, permissionView{Key: p.Key, Text: p.Text, Area: p.Area, ScopeOnly: p.ScopeOnly})
	}
	return out, nil
}
