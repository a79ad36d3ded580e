package board

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"linli/internal/area"
	"linli/internal/platform/database"
)

// AreaChanged keeps notices and duty phones where the people are when areas move, are merged or split: it is a listener of
// area.Service and runs in the transaction of the change. What an area that is merged away had posted stands on the
// board of its successor; of one that is split on those of all its parts.
func (s *Service) AreaChanged(tx *database.Tx, ch area.Change) error {
	switch ch.Kind {
	case area.ChangeMerge:
		if len(ch.From) > 0 && len(ch.To) > 0 {
			if err := follow(tx, ch.From[0], ch.To[:1]); err != nil {
				return err
			}
		}
		return repath(tx, ch.OldPath, ch.NewPath)
	case area.ChangeMove:
		return repath(tx, ch.OldPath, ch.NewPath)
	case area.ChangeSplit:
		if len(ch.From) == 0 || len(ch.To) == 0 {
			return nil
		}
		to := slices.Clone(ch.To)
		if i := slices.Index(to, ch.From[0]); i > 0 { // one of the parts goes on under the old code: it keeps what it has
			to[0], to[i] = to[i], to[0]
		}
		if err := follow(tx, ch.From[0], to); err != nil {
			return err
		}
		return repath(tx, ch.OldPath, strings.TrimSuffix(ch.OldPath, ch.From[0]+"/")+to[0]+"/")
	}
	return nil
}

func repath(tx *database.Tx, from, to string) error {
	if from == "" || to == "" || from == to {
		return nil
	}
	if _, err := tx.Exec(`UPDATE board_notice SET path = $1 || substr(path, $2) WHERE path >= $3 AND path < $4`, to, len(from)+1, from, from[:len(from)-1]+"0"); err != nil {
		return fmt.Errorf("rewriting paths of notices: %w", err)
	}
	return nil
}

// follow gives what an area had posted to its first successor, and copies of what is not over to the others; a duty phone to all that have none.
func follow(tx *database.Tx, from string, to []string) error {
	living, err := database.All(tx, scanNotice, `SELECT `+noticeColumns+` FROM board_notice WHERE area = $1 AND withdrawn_at = 0 AND (until_at = 0 OR until_at > $2)`, from, database.Millis(tx.Now))
	if err != nil {
		return fmt.Errorf("notices of %s: %w", from, err)
	}
	paths, err := database.Column[string](tx, `SELECT path FROM board_notice WHERE area = $1 LIMIT 1`, from)
	if err != nil {
		return fmt.Errorf("notices of %s: %w", from, err)
	}
	if _, err := tx.Exec(`UPDATE board_notice SET area = $1 WHERE area = $2`, to[0], from); err != nil {
		return fmt.Errorf("moving notices of %s: %w", from, err)
	}
	for _, part := range to {
		if part == from {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO board_duty (`+dutyColumns+`) SELECT $1, phone, hours, note, changed_at, 1 FROM board_duty WHERE place = $2 ON CONFLICT (place) DO NOTHING`, part, from); err != nil {
			return fmt.Errorf("the duty phone of %s: %w", part, err)
		}
		if part == to[0] {
			continue
		}
		for _, n := range living {
			id, err := uuid.NewV7()
			if err != nil {
				return fmt.Errorf("copying a notice: %w", err)
			}
			n.ID, n.Area = id.String(), part
			if err := insert(tx, &n, strings.TrimSuffix(paths[0], from+"/")+part+"/"); err != nil {
				return err
			}
		}
	}
	return nil
}
