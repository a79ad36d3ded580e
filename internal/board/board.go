// Package board keeps what stands on the notice board (公示牌) of an area beside its team: notices (通知公告) and the duty
// phone (值班电话). Whoever posts for an area reaches everybody in it: what a township posts stands on the boards of all its
// grids. Notices and phones are words for the public, so nothing in them is sealed.
package board

import (
	"context"
	"embed"

	"linli/internal/area"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables this package owns.
func Schema() database.Schema { return database.SchemaIn("board", schemaFiles) }

// People is what this package asks of the one that knows people.
type People interface {
	// PrivatePhone tells whether a number is that of an account.
	PrivatePhone(ctx context.Context, phone string) (bool, error)
}

// Service posts and reads. It is safe for concurrent use.
type Service struct {
	db     *database.DB
	tree   func() *area.Tree
	people People
}

// New makes the service. Let area.Service tell AreaChanged of every change.
func New(db *database.DB, tree func() *area.Tree, people People) *Service {
	return &Service{db: db, tree: tree, people: people}
}

// may lets through whoever may post at a place: by a post above it, or at the very organisation. Who may not even know
// areas is told that there is none such, as everywhere.
func (s *Service) may(actor *staff.Actor, code string) (path string, err error) {
	tree := s.tree()
	if path = tree.Path(code); path == "" {
		return "", noPlace(code)
	}
	_, org := tree.Org(code)
	if actor.May(staff.BoardWrite, path) || org && actor.MayOrg(staff.BoardWrite, code) {
		return path, nil
	}
	return "", fault.New(fault.Forbidden, "not-permitted", "您不能替这里发通知或设值班电话(需要权限 board.write)", "You may not post notices or set the duty phone here (permission board.write needed)")
}

func noPlace(code string) error {
	return fault.Newf(fault.NotFound, "area-unknown", "没有编码为 %[1]s 的区域或组织", "There is no area or organisation with the code %[1]s", code)
}

// around are the open area of that code and those above it, nearest first. An organisation counts as its area.
func (s *Service) around(code string) ([]area.Area, error) {
	tree := s.tree()
	above := tree.Ancestors(code)
	if a, ok := tree.Area(code); ok {
		if a.Closed {
			return nil, noPlace(code)
		}
		above = append(above, a)
	} else if o, ok := tree.Org(code); !ok || o.Closed {
		return nil, noPlace(code)
	}
	out := make([]area.Area, 0, len(above))
	for i := len(above) - 1; i >= 0; i-- {
		out = append(out, above[i])
	}
	return out, nil
}
