package httpapi

import (
	"context"
	"time"

	"linli/internal/platform/audit"
	"linli/internal/staff"
)

type peopleInput struct {
	Text  string `query:"q" maxLength:"100" doc:"part of the name or the login" example:"李"`
	Phone string `query:"phone" maxLength:"40" doc:"a whole number"`
	Area  string `query:"area" maxLength:"40" doc:"code: with a post in this area or below"`
	Role  string `query:"role" maxLength:"60" doc:"key: with a post of this role" example:"grid-member"`
	PageOf
}

type peopleOutput struct {
	Body struct {
		People []staff.Person `json:"people" doc:"by login"`
		Next   string         `json:"next,omitempty" doc:"cursor of the next page; left out on the last"`
	}
}

func (s *Server) listPeople(ctx context.Context, in *peopleInput) (*peopleOutput, error) {
	path := ""
	if in.Area != "" {
		if path = s.Areas.Tree().Path(in.Area); path == "" {
			return nil, errNoArea(in.Area)
		}
	}
	out := &peopleOutput{}
	var err error
	out.Body.People, out.Body.Next, err = s.Staff.People(ctx, actor(ctx), staff.PeopleFilter{Text: in.Text, Phone: in.Phone, Path: path, Role: in.Role, After: in.After, Limit: in.PageSize})
	if out.Body.People == nil {
		out.Body.People = []staff.Person{}
	}
	return out, err
}

// PersonRef names an account in the address.
type PersonRef struct {
	ID string `path:"id" maxLength:"60" doc:"id of the account" example:"0193a5f0-7c1e-7000-8000-000000000002"`
}

type personOutput struct{ Body staff.Person }

func (s *Server) readPerson(ctx context.Context, in *PersonRef) (*personOutput, error) {
	p, err := s.Staff.Person(actor(ctx), in.ID)
	return &personOutput{Body: p}, err
}

type createPersonInput struct {
	Body struct {
		ID         string `json:"id,omitempty" format:"uuid" doc:"UUIDv7 made by the sender; sending it twice is once" example:"0193a5f0-7c1e-7000-8000-000000000002"`
		Login      string `json:"login" maxLength:"200" doc:"sign-in name" example:"lixiaoming"`
		Name       string `json:"name" example:"李晓明"`
		Phone      string `json:"phone,omitempty" doc:"sealed at rest, shown masked" example:"13800001234"`
		Password   string `json:"password,omitempty" maxLength:"1000" doc:"none: cannot sign in until one is set"`
		MustChange bool   `json:"must_change,omitempty" doc:"a new password at the first sign-in" example:"true"`
	}
}

type createdPersonOutput struct {
	Location string `header:"Location"`
	Body     staff.Account
}

func (s *Server) createPerson(ctx context.Context, in *createPersonInput) (*createdPersonOutput, error) {
	b := in.Body
	a, err := s.Staff.CreateAccount(ctx, actor(ctx), staff.CreateAccountCommand{ID: b.ID, Login: b.Login, Name: b.Name, Phone: b.Phone, Password: b.Password, MustChange: b.MustChange})
	return &createdPersonOutput{Location: "/api/v1/people/" + a.ID, Body: a}, err
}

type renamePersonInput struct {
	PersonRef
	Body struct {
		Name  string `json:"name" example:"李晓明"`
		Phone string `json:"phone,omitempty" doc:"left out: stays as it is" example:"13800001234"`
	}
}

func (s *Server) renamePerson(ctx context.Context, in *renamePersonInput) (*nothing, error) {
	return nil, s.Staff.Rename(ctx, actor(ctx), in.ID, in.Body.Name, in.Body.Phone)
}

type activeInput struct {
	PersonRef
	Body struct {
		Active bool   `json:"active" doc:"false ends all sessions and tokens at once; the appointments stay"`
		Reason string `json:"reason" doc:"kept in the access log" example:"调离"`
	}
}

func (s *Server) setActive(ctx context.Context, in *activeInput) (*nothing, error) {
	return nil, s.Staff.SetActive(ctx, actor(ctx), in.ID, in.Body.Active, in.Body.Reason)
}

type newPasswordOutput struct {
	Body struct {
		Password string `json:"password" doc:"one-time, shown this once; to be changed at the next sign-in"`
	}
}

func (s *Server) resetPassword(ctx context.Context, in *PersonRef) (*newPasswordOutput, error) {
	out := &newPasswordOutput{}
	var err error
	out.Body.Password, err = s.Staff.SetPassword(ctx, actor(ctx), in.ID)
	return out, err
}

type showPhoneInput struct {
	PersonRef
	Body struct {
		Purpose string `json:"purpose" doc:"why; kept in the access log" example:"联系到场处置"`
	}
}

type phoneOutput struct {
	Body struct {
		Phone string `json:"phone"`
	}
}

func (s *Server) showPhone(ctx context.Context, in *showPhoneInput) (*phoneOutput, error) {
	out := &phoneOutput{}
	var err error
	out.Body.Phone, err = s.Staff.Phone(ctx, actor(ctx), in.ID, in.Body.Purpose)
	return out, err
}

type sessionsOutput struct {
	Body struct {
		Sessions []staff.Access `json:"sessions" doc:"living ones, newest first"`
	}
}

func (s *Server) sessionsOf(ctx context.Context, in *PersonRef) (*sessionsOutput, error) {
	out := &sessionsOutput{}
	var err error
	out.Body.Sessions, err = s.Staff.Sessions(ctx, actor(ctx), in.ID)
	return out, err
}

type tokensOutput struct {
	Body struct {
		Tokens []staff.Access `json:"tokens" doc:"living ones, newest first"`
	}
}

func (s *Server) tokensOf(ctx context.Context, in *PersonRef) (*tokensOutput, error) {
	out := &tokensOutput{}
	var err error
	out.Body.Tokens, err = s.Staff.Tokens(ctx, actor(ctx), in.ID)
	return out, err
}

type revokeOfInput struct {
	PersonRef
	Access string `path:"access" maxLength:"60" doc:"id of the session or token"`
}

func (s *Server) revokeOf(ctx context.Context, in *revokeOfInput) (*nothing, error) {
	return nil, s.Staff.Revoke(ctx, actor(ctx), in.ID, in.Access)
}

type revokeAllInput struct {
	PersonRef
	Tokens bool `query:"tokens" doc:"tokens too; needs system.admin"`
}

func (s *Server) revokeAll(ctx context.Context, in *revokeAllInput) (*nothing, error) {
	return nil, s.Staff.RevokeAll(ctx, actor(ctx), in.ID, in.Tokens)
}

type accessLogInput struct {
	Actor    string    `query:"actor" maxLength:"60" doc:"id of an account"`
	What     string    `query:"what" maxLength:"60" doc:"such as staff.login, staff.appoint, case.reveal" example:"case.reveal"`
	Object   string    `query:"object" maxLength:"100" doc:"what it was done to"`
	From     time.Time `query:"from" doc:"at or after"`
	To       time.Time `query:"to" doc:"before"`
	Before   string    `query:"before" maxLength:"100" doc:"the next of the page before"`
	PageSize int       `query:"page_size" minimum:"0" maximum:"200" doc:"1 to 200, 50 when left out"`
}

type accessLogOutput struct {
	Body struct {
		Entries []audit.Entry `json:"entries" doc:"newest first"`
		Next    string        `json:"next,omitempty" doc:"cursor of the next page; left out on the last"`
	}
}

func (s *Server) accessLog(ctx context.Context, in *accessLogInput) (*accessLogOutput, error) {
	out := &accessLogOutput{}
	var err error
	out.Body.Entries, out.Body.Next, err = s.Staff.AccessLog(ctx, actor(ctx), audit.Filter{Actor: in.Actor, What: in.What, Object: in.Object, From: in.From, To: in.To},
		audit.Page{Before: in.Before, Limit: in.PageSize})
	if out.Body.Entries == nil {
		out.Body.Entries = []audit.Entry{}
	}
	return out, err
}
