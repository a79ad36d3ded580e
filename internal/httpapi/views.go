package httpapi

import (
	"context"

	"linli/internal/staff"
)

// viewRoutes: worklists as everybody keeps their own.
func (s *Server) viewRoutes() {
	add(s, operation{get, v1 + "/me/views", "list-views", signedIn, "session", "My saved views of the worklists", "", 0, 0}, s.views)
	add(s, operation{put, v1 + "/me/views/{id}", "save-view", signedIn, "session", "Keep a view of a worklist", "Fifty at most; one with the same id is replaced.", 0, 0}, s.saveView)
	add(s, operation{del, v1 + "/me/views/{id}", "drop-view", signedIn, "session", "Remove a saved view", "", 204, 0}, s.dropView)
}

type viewsOutput struct {
	Body struct {
		Views []staff.View `json:"views" doc:"in the order they are shown"`
	}
}

func (s *Server) views(ctx context.Context, _ *nothing) (*viewsOutput, error) {
	out := &viewsOutput{}
	var err error
	if out.Body.Views, err = s.Staff.Views(ctx, actor(ctx)); out.Body.Views == nil {
		out.Body.Views = []staff.View{}
	}
	return out, err
}

// ViewRef names a saved view in the address.
type ViewRef struct {
	ID string `path:"id" maxLength:"60" doc:"small letters, digits and dashes" example:"overdue-here"`
}

type saveViewInput struct {
	ViewRef
	Body struct {
		Title    string   `json:"title" example:"本街道超期"`
		Query    string   `json:"query" doc:"filters and order, as the query string of the list" example:"scope=area&state=overdue&sort=due"`
		Columns  []string `json:"columns,omitempty" maxItems:"40" doc:"which columns, in their order; left out: the usual ones"`
		Position int      `json:"position,omitempty" minimum:"0" maximum:"9999" doc:"place in the row of views"`
	}
}

type viewOutput struct{ Body staff.View }

func (s *Server) saveView(ctx context.Context, in *saveViewInput) (*viewOutput, error) {
	b := in.Body
	v, err := s.Staff.SaveView(ctx, actor(ctx), staff.View{ID: in.ID, Title: b.Title, Query: b.Query, Columns: b.Columns, Position: b.Position})
	return &viewOutput{Body: v}, err
}

func (s *Server) dropView(ctx context.Context, in *ViewRef) (*nothing, error) {
	return nil, s.Staff.DropView(ctx, actor(ctx), in.ID)
}
