package httpapi

import (
	"context"
	"net/http"

	"linli/internal/platform/lang"
	"linli/internal/staff"
)

type loginInput struct {
	Agent string `header:"User-Agent"`
	Body  struct {
		Login    string `json:"login" maxLength:"200" example:"zhangli" doc:"sign-in name"`
		Password string `json:"password" maxLength:"1000" doc:"password"`
	}
}

type loginOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Secret     string       `json:"secret" doc:"for clients without cookies: send it as Authorization: Bearer"`
		Session    staff.Access `json:"session"`
		MustChange bool         `json:"must_change" doc:"nothing but changing the password is permitted yet"`
		Me         meView       `json:"me"`
	}
}

func (s *Server) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	client := in.Agent
	if r := []rune(client); len(r) > 100 {
		client = string(r[:100])
	}
	res, err := s.Staff.Login(ctx, staff.LoginCommand{Login: in.Body.Login, Password: in.Body.Password, Client: client, Address: from(ctx).address})
	if err != nil {
		return nil, err
	}
	actor, err := s.Staff.Authenticate(ctx, res.Secret)
	if err != nil {
		return nil, err
	}
	out := &loginOutput{SetCookie: s.cookie(res.Secret, res.Session)}
	out.Body.Secret, out.Body.Session, out.Body.MustChange, out.Body.Me = res.Secret, res.Session, res.MustChange, s.meOf(actor)
	return out, nil
}

// cookie carries a session in a browser; it goes over HTTPS only when the program is reached by it.
func (s *Server) cookie(secret string, a staff.Access) http.Cookie {
	return http.Cookie{Name: cookieName, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: len(s.Config.PublicURL) > 5 && s.Config.PublicURL[:5] == "https", Expires: a.ExpiresAt}
}

type nothing struct{}

type logoutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) logout(ctx context.Context, _ *nothing) (*logoutOutput, error) {
	if err := s.Staff.Logout(ctx, actor(ctx)); err != nil {
		return nil, err
	}
	return &logoutOutput{SetCookie: http.Cookie{Name: cookieName, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode}}, nil
}

// meView is who is signed in.
type meView struct {
	ID         string     `json:"id"`
	Login      string     `json:"login"`
	Name       string     `json:"name"`
	MustChange bool       `json:"must_change"`
	Posts      []postView `json:"posts" doc:"the posts held at this moment"`
	Events     string     `json:"events" doc:"place in the stream of events: who follows it from here (after) is told all that happens after this answer"`
}

// postView is a post in words.
type postView struct {
	Post  staff.Post `json:"post" example:"grid-member@320682001001003"`
	Title lang.Text  `json:"title"`
	Place string     `json:"place" doc:"name of the area or organisation"`
	Path  string     `json:"path" doc:"area path of the place"`
}

func (s *Server) postOf(p staff.Post) postView {
	v := postView{Post: p}
	if p == "" {
		return v
	}
	if role, ok := s.Staff.RoleTable().Get(p.Role()); ok {
		v.Title = role.Title
	}
	tree := s.Areas.Tree()
	v.Path = tree.Path(p.Place())
	if org, ok := tree.Org(p.Place()); ok {
		v.Place = org.Name
	} else if a, ok := tree.Area(p.Place()); ok {
		v.Place = a.Name
	}
	return v
}

func (s *Server) meOf(a *staff.Actor) meView {
	v := meView{ID: a.ID(), Login: a.Login(), Name: a.Name(), MustChange: a.MustChange(), Posts: []postView{}, Events: s.Cases.Follow("").Cursor()}
	for _, p := range a.Posts() {
		v.Posts = append(v.Posts, s.postOf(p))
	}
	return v
}

type meOutput struct{ Body meView }

func (s *Server) me(ctx context.Context, _ *nothing) (*meOutput, error) {
	return &meOutput{Body: s.meOf(actor(ctx))}, nil
}

type passwordInput struct {
	Body struct {
		Old string `json:"old" maxLength:"1000"`
		New string `json:"new" maxLength:"1000" doc:"at least 10 characters"`
	}
}

func (s *Server) changePassword(ctx context.Context, in *passwordInput) (*nothing, error) {
	return nil, s.Staff.ChangePassword(ctx, actor(ctx), in.Body.Old, in.Body.New)
}

type accessOutput struct {
	Body struct {
		Sessions []staff.Access `json:"sessions"`
		Tokens   []staff.Access `json:"tokens"`
	}
}

func (s *Server) myAccess(ctx context.Context, _ *nothing) (*accessOutput, error) {
	a, out := actor(ctx), &accessOutput{}
	var err error
	if out.Body.Sessions, err = s.Staff.Sessions(ctx, a, a.ID()); err != nil {
		return nil, err
	}
	out.Body.Tokens, err = s.Staff.Tokens(ctx, a, a.ID())
	return out, err
}

type revokeInput struct {
	ID string `path:"id" doc:"id of the session or token"`
}

func (s *Server) revokeAccess(ctx context.Context, in *revokeInput) (*nothing, error) {
	a := actor(ctx)
	return nil, s.Staff.Revoke(ctx, a, a.ID(), in.ID)
}

type tokenInput struct{ Body staff.IssueTokenCommand }

type tokenOutput struct {
	Body struct {
		Secret string       `json:"secret" doc:"shown this once"`
		Token  staff.Access `json:"token"`
	}
}

func (s *Server) issueToken(ctx context.Context, in *tokenInput) (*tokenOutput, error) {
	out := &tokenOutput{}
	var err error
	out.Body.Secret, out.Body.Token, err = s.Staff.IssueToken(ctx, actor(ctx), in.Body)
	return out, err
}
