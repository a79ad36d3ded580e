package httpapi

import (
	"context"

	"linli/internal/area"
	"linli/internal/platform/lang"
)

type aboutOutput struct {
	Body struct {
		Version string      `json:"version"`
		Place   string      `json:"place" doc:"name of the county this installation is for; empty before it is set up"`
		Area    string      `json:"area,omitempty" doc:"code of that area"`
		Center  *area.Point `json:"center,omitempty" doc:"where a map begins, WGS84"`
		Demo    *demoView   `json:"demo,omitempty" doc:"only of a demonstration: ready-made accounts with a published password"`
	}
}

type demoView struct {
	Password string        `json:"password"`
	Accounts []demoAccount `json:"accounts"`
}

type demoAccount struct {
	Login string    `json:"login"`
	Name  string    `json:"name"`
	Where string    `json:"where"`
	Title lang.Text `json:"title"`
	Try   lang.Text `json:"try" doc:"what can be seen with it"`
}

func (s *Server) about(context.Context, *nothing) (*aboutOutput, error) {
	out := &aboutOutput{}
	b := &out.Body
	b.Version = s.Version
	if roots := s.Areas.Tree().Root(); len(roots) > 0 {
		b.Place, b.Area, b.Center = roots[0].Name, roots[0].Code, roots[0].Center
	}
	if s.Demo != nil {
		b.Demo = &demoView{Password: s.Demo.Password, Accounts: []demoAccount{}}
		for _, a := range s.Demo.Accounts {
			if a.Login != "" {
				b.Demo.Accounts = append(b.Demo.Accounts, demoAccount(a))
			}
		}
	}
	return out, nil
}
