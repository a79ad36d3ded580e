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
		Map     *mapView    `json:"map,omitempty" doc:"where maps get what lies below them; left out: they show outlines and marks only"`
		Demo    *demoView   `json:"demo,omitempty" doc:"only of a demonstration: ready-made accounts with a published password"`
	}
}

// mapView is the source of the tiles of maps. The reader's browser asks it, not this program.
type mapView struct {
	Tiles       string `json:"tiles" doc:"address with {z}, {x} and {y}" example:"https://tiles.example.cn/{z}/{x}/{y}.png"`
	Attribution string `json:"attribution,omitempty" doc:"text to be shown with them"`
	Datum       string `json:"datum" enum:"wgs84,gcj02" doc:"what is drawn over them is to be converted into it"`
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
	if m := s.Config.Map; m.Tiles != "" {
		b.Map = &mapView{Tiles: m.Tiles, Attribution: m.Attribution, Datum: m.Datum}
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
