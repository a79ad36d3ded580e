package staff

import (
	"context"
	"strings"

	"linli/internal/platform/audit"
	"linli/internal/platform/database"
)

// ExportCommand says what somebody takes away in a sheet.
type ExportCommand struct {
	What   string // of the access log: case.export, staff.export, board.export, whatever the rows are of
	Table  string // what was asked for, such as cases
	Area   string // code of the area it was narrowed to; "": all that the actor may see
	Detail string // the other conditions, in words of the request
}

// NoteExport lets through who may take lists away in sheets, and keeps in the access log what was asked, before a row goes
// out. Permission: export; what the rows tell is bounded by the permission of the list itself.
func (s *Service) NoteExport(ctx context.Context, actor *Actor, cmd ExportCommand) error {
	if !actor.Anywhere(Export) {
		return forbidden("您没有批量导出的权限", "You may not export to sheets")
	}
	path := s.tree().Path(cmd.Area)
	if path == "" {
		path = above(actor.Paths(Export))
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		return record(tx, actor, audit.Entry{What: cmd.What, Object: "export:" + cmd.Table, Path: path, Detail: cmd.Detail})
	})
}

// above is the area above all of the paths.
func above(paths []string) string {
	if len(paths) == 0 {
		return everywherePath
	}
	common := paths[0]
	for _, p := range paths[1:] {
		for !strings.HasPrefix(p, common) {
			common = common[:strings.LastIndexByte(common[:len(common)-1], '/')+1]
		}
	}
	return common
}
