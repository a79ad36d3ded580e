package area

import (
	"context"
	"encoding/json"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// Entry is one line of the history: who changed what, when and why.
type Entry struct {
	Version int64           `json:"version" doc:"revision of the tree the change made"`
	Seq     int64           `json:"seq"`
	At      time.Time       `json:"at"`
	Actor   string          `json:"actor"`
	Kind    string          `json:"kind"`
	Code    string          `json:"code"`
	Reason  string          `json:"reason"`
	Before  json.RawMessage `json:"before" doc:"null when it is new"`
	After   json.RawMessage `json:"after"`
}

// History lists the changes of one area or organisation, oldest first. What follows from the move of an
// area above has no entry of its own. Permission area.read at its path. Errors: NotFound, Forbidden.
func (s *Service) History(ctx context.Context, actor Actor, code string) ([]Entry, error) {
	path := s.Tree().Path(code)
	if path == "" {
		return nil, fault.Newf(fault.NotFound, "area-unknown", "没有编码为 %[1]s 的区域", "There is no area with the code %[1]s", code)
	}
	if !actor.May(PermissionRead, path) && !actor.May(PermissionWrite, path) {
		return nil, fault.New(fault.Forbidden, "forbidden", "您没有查看此区域的权限", "You may not look at this area")
	}
	var out []Entry
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		var err error
		out, err = database.All(tx, func(s database.Scanner) (Entry, error) {
			var e Entry
			var at int64
			var before, after string
			err := s.Scan(&e.Version, &e.Seq, &at, &e.Actor, &e.Kind, &e.Code, &e.Reason, &before, &after)
			e.At, e.Before, e.After = database.Time(at), json.RawMessage(before), json.RawMessage(after)
			return e, err
		}, `SELECT version, seq, at, actor, kind, code, reason, before, after FROM area_history WHERE code = $1 ORDER BY version, seq`, code)
		return err
	})
	return out, err
}
