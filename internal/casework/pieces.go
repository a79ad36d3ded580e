package casework

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"linli/internal/platform/blob"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// piecesKept is how long a file may take to become whole.
const piecesKept = 7 * 24 * time.Hour

// Piece is a part of a file on its way (断点续传), for lines that break before a whole photo is through.
type Piece struct {
	Upload         // of the whole file; Body gives the part
	From, To int64 // first and last byte of the part, counted from 0
	Total    int64 // bytes of the whole file
}

// Received is how much of a file is here.
type Received struct {
	Have, Total int64
	Whole       *Attachment // the file is whole and stored with the case
}

// unfinished is a file of which something is here.
type unfinished struct {
	caseID, account string
	total, have     int64
	begun           time.Time
}

func scanUnfinished(s database.Scanner) (unfinished, error) {
	var u unfinished
	var begun int64
	err := s.Scan(&u.caseID, &u.account, &u.total, &u.have, &begun)
	u.begun = database.Time(begun)
	return u, err
}

const unfinishedColumns = `case_id, account, total, have, begun_at`

// AttachPiece takes a part of a file and, once all are here, stores the file with the case as Attach does. Parts come in
// order; one sent twice counts once; what of a part arrived before the line broke is kept. Parts belong to the
// account that sent the first, are kept for seven days, also over a restart, and count against its data budget.
//
// Errors: as Attach; Invalid "piece-range"; Conflict "piece-gap" with how much is here; TooMany "data-budget".
func (s *Service) AttachPiece(ctx context.Context, actor *staff.Actor, p Piece) (Received, error) {
	if err := p.check(); err != nil {
		return Received{}, err
	}
	p.ID = strings.ToLower(p.ID)
	if err := s.fitting(p); err != nil {
		return Received{}, err
	}
	got, err := s.received(ctx, actor, p.Case, p.ID, func(tx *database.Tx, u unfinished) error {
		if u.total != 0 && u.total != p.Total {
			return errPieceID()
		}
		if p.From > u.have {
			return fault.New(fault.Conflict, "piece-gap", "中间缺了一段,请从已收到的地方接着传", "A part between is missing; go on from what is here").
				With(map[string]any{"have": u.have, "total": p.Total})
		}
		if p.To < u.have {
			return nil // sent again
		}
		return s.afford(tx, actor, p.To+1-u.have)
	})
	if err != nil || got.Whole != nil {
		return got, err
	}
	got.Total = p.Total
	if p.To >= got.Have {
		if got.Have, err = s.keepPiece(ctx, actor, p); err != nil {
			return got, err
		}
	}
	if got.Have < p.Total {
		return got, nil
	}
	whole, err := s.assemble(ctx, actor, p)
	if err != nil {
		return got, err
	}
	got.Whole = &whole
	return got, nil
}

// fitting refuses at the first part what would be too large as a whole.
func (s *Service) fitting(p Piece) error {
	if p.From < 0 || p.To < p.From || p.Total <= p.To {
		return fault.New(fault.Invalid, "piece-range", "分段的范围不对", "The range of the part is not right").
			At("Content-Range", "range", "写作 bytes 起-止/总长,从 0 数起,止小于总长", "Write bytes FIRST-LAST/TOTAL, counted from 0, LAST less than TOTAL")
	}
	most := s.limits.File
	if most == 0 {
		most = blob.FileLimit
	}
	if most = max(most, s.limits.Image); p.Total > most {
		return fault.Newf(fault.TooLarge, "file-too-large", "文件太大,最多 %[1]d MB;请压缩后再传", "The file is too large; at most %[1]d MB. Make it smaller", most>>20)
	}
	return nil
}

// PieceState tells how much of a file is here, so that a sender goes on where the line broke. Whoever may add to the
// case may ask; of a file that somebody else sends nothing is told.
//
// Errors: NotFound for a case that the actor may not see; Conflict "id-used".
func (s *Service) PieceState(ctx context.Context, actor *staff.Actor, caseID, file string) (Received, error) {
	return s.received(ctx, actor, caseID, strings.ToLower(file), func(*database.Tx, unfinished) error { return nil })
}

// received looks how much of a file is here; also asks about what is not whole yet.
func (s *Service) received(ctx context.Context, actor *staff.Actor, caseID, file string, also func(*database.Tx, unfinished) error) (got Received, err error) {
	if actor.Anonymous() {
		return got, errSignIn()
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		c, err := load(tx, caseID, false)
		if err != nil {
			return err
		}
		if _, err := s.mayAct(actor, c, Command{Case: caseID}); err != nil {
			return err
		}
		known, found, err := database.One(tx, scanFile, `SELECT `+fileColumns+` FROM attachment WHERE id = $1`, file)
		if err != nil {
			return fmt.Errorf("looking for attachment: %w", err)
		}
		if found {
			if known.Case != caseID || known.Account != signature(actor) {
				return errPieceID()
			}
			got = Received{Have: known.Size, Total: known.Size, Whole: &known}
			return nil
		}
		u, found, err := database.One(tx, scanUnfinished, `SELECT `+unfinishedColumns+` FROM upload_piece WHERE file = $1`, file)
		if err != nil {
			return fmt.Errorf("looking for pieces: %w", err)
		}
		if found {
			if u.caseID != caseID || u.account != actor.ID() {
				return errPieceID()
			}
			size, err := s.pieces.Size(file)
			if err != nil {
				return err
			}
			u.have = min(u.have, size) // the folder may have been lost, as after restoring a backup
		}
		got = Received{Have: u.have, Total: u.total}
		return also(tx, u)
	})
	return got, err
}

// keepPiece writes the part to the disk and then down how much is there; also when only a beginning of it came.
func (s *Service) keepPiece(ctx context.Context, actor *staff.Actor, p Piece) (have int64, err error) {
	n, cut := s.pieces.Write(ctx, p.ID, p.From, p.Body, p.To-p.From+1)
	if n == 0 && cut != nil {
		return 0, cut
	}
	// who sent it may be gone by now; what came is kept all the same
	err = s.db.Write(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		u, found, err := database.One(tx, scanUnfinished, `SELECT `+unfinishedColumns+` FROM upload_piece WHERE file = $1`+tx.Lock(), p.ID)
		if err != nil {
			return fmt.Errorf("looking for pieces: %w", err)
		}
		if found && (u.caseID != p.Case || u.account != actor.ID() || u.total != p.Total) {
			return errPieceID()
		}
		size, err := s.pieces.Size(p.ID)
		if err != nil {
			return err
		}
		have = max(min(u.have, size), p.From+n) // what is noted may be gone, as when the folder was put back without its pieces
		u.have = min(u.have, have)
		if err := s.spend(tx, actor, have-u.have); err != nil {
			return err
		}
		if found {
			_, err = tx.Exec(`UPDATE upload_piece SET have = $2 WHERE file = $1`, p.ID, have)
		} else {
			_, err = tx.Exec(`INSERT INTO upload_piece (file, `+unfinishedColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`,
				p.ID, p.Case, actor.ID(), p.Total, have, database.Millis(tx.Now))
		}
		if err != nil {
			return fmt.Errorf("noting a piece: %w", err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if cut == nil && n < p.To-p.From+1 {
		cut = fault.New(fault.Invalid, "upload-interrupted", "上传中断,请检查网络后重试", "The upload was cut off; check the network and try again")
	}
	return have, cut
}

// assemble stores the whole file with the case and lets go of its parts. A file that is not taken is let go of, too:
// sending it again would not help.
func (s *Service) assemble(ctx context.Context, actor *staff.Actor, p Piece) (Attachment, error) {
	file, err := s.pieces.Open(p.ID)
	if err != nil {
		// the same last part at the same moment was quicker
		if got, again := s.PieceState(ctx, actor, p.Case, p.ID); again == nil && got.Whole != nil {
			return *got.Whole, nil
		}
		return Attachment{}, err
	}
	u := p.Upload
	u.Body, u.counted = io.LimitReader(file, p.Total), true
	a, err := s.Attach(ctx, actor, u)
	_ = file.Close() // it was only read
	if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) && !fault.Is(err, fault.Conflict) {
		return a, err // it may go better the next time
	}
	if gone := s.forgetPieces(ctx, p.ID); gone != nil {
		s.log.Warn("the pieces of a file could not be removed; they are with the next sweep", "file", p.ID, "error", gone)
	}
	return a, err
}

func (s *Service) forgetPieces(ctx context.Context, file string) error {
	if err := s.db.Write(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM upload_piece WHERE file = $1`, file)
		return err
	}); err != nil {
		return fmt.Errorf("forgetting pieces: %w", err)
	}
	return s.pieces.Delete(file)
}

// Tidy lets go of what has had its time: pieces of files that never became whole, counts of days gone by, experience
// older than anybody asks for. It runs about once an hour.
func (s *Service) Tidy(ctx context.Context) error {
	now := s.db.Now()
	var old []string
	if err := s.db.Read(ctx, func(tx *database.Tx) (err error) {
		old, err = database.Column[string](tx, `SELECT file FROM upload_piece WHERE begun_at < $1`, database.Millis(now.Add(-piecesKept)))
		return err
	}); err != nil {
		return fmt.Errorf("looking for old pieces: %w", err)
	}
	for _, file := range old {
		if err := s.forgetPieces(ctx, file); err != nil {
			return err
		}
	}
	if _, err := s.pieces.Sweep(now.Add(-2 * piecesKept)); err != nil { // whose note was lost
		return err
	}
	if err := s.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM upload_day WHERE day < $1`, day(now)-7)
		return err
	}); err != nil {
		return fmt.Errorf("removing old budgets: %w", err)
	}
	return s.forgetExperience(ctx, now.Add(-experienceKept))
}

func errPieceID() error {
	return fault.New(fault.Conflict, "id-used", "这个编号已被另一个附件使用", "This id belongs to another attachment").At("id", "used", "请换一个新的 UUIDv7", "Make a new UUIDv7")
}
