package casework

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"linli/internal/flow"
	"linli/internal/platform/blob"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// Attachment is a file of a case.
type Attachment struct {
	ID      string    `json:"id"`
	Case    string    `json:"case"`
	At      time.Time `json:"at"`
	Account string    `json:"account,omitempty"`
	Name    string    `json:"name"`
	Use     string    `json:"use" doc:"evidence, before, after, answer or other"`
	Type    string    `json:"type"`
	Size    int64     `json:"size"`
	Public  bool      `json:"public" doc:"shown to the reporter and, for public results, to everybody; without the position in the picture"`
	Mine    bool      `json:"mine,omitempty" doc:"to the reporter: one of those they sent"`
	Pass    string    `json:"pass,omitempty" doc:"to who follows by the tracking code: lets in to this file for some minutes, as …/files/{file}?pass="`

	hash, thumb string
}

const (
	maxPicture  = 1600 // longest edge of a picture as the public sees it
	mostOfACase = 100
)

// Upload is a file being brought.
type Upload struct {
	ID     string // UUIDv7 made by the sender; sending it twice is once
	Case   string
	Code   string // tracking code, for the reporter
	Name   string
	Use    string
	Public bool
	Body   io.Reader
	Length int64 // bytes of the body as far as announced; 0: unknown

	counted bool // against the data budget, piece by piece
}

// Attach stores a file with a case. Whoever may see the case may add to it, and the reporter by the
// tracking code. A picture that is to be public is drawn anew without what the camera wrote into it.
//
// Errors: TooLarge; TooMany "data-budget" when the account has sent enough for the day; Invalid for a type that is not
// taken or a picture that cannot be read.
func (s *Service) Attach(ctx context.Context, actor *staff.Actor, u Upload) (Attachment, error) {
	if err := u.check(); err != nil {
		return Attachment{}, err
	}
	cmd := Command{Case: u.Case, Code: u.Code}
	var reporter bool
	if err := s.db.Read(ctx, func(tx *database.Tx) error {
		c, err := load(tx, u.Case, false)
		if err != nil {
			return err
		}
		if reporter, err = s.mayAct(actor, c, cmd); err != nil || u.Code != "" || u.counted {
			return err
		}
		return s.affordAgain(tx, actor, &u)
	}); err != nil {
		return Attachment{}, err
	}
	info, err := s.files.Put(ctx, u.Body, s.limits.File)
	if err != nil {
		return Attachment{}, err
	}
	if kind, _ := blob.KindOf(info.Type); kind == blob.Image && s.limits.Image > 0 && info.Size > s.limits.Image {
		return Attachment{}, fault.Newf(fault.TooLarge, "file-too-large", "图片太大,最多 %[1]d MB", "The picture is too large; at most %[1]d MB", s.limits.Image>>20)
	}
	thumb, err := s.redraw(ctx, info)
	if err != nil {
		return Attachment{}, err
	}
	if u.Code != "" {
		actor = staff.Resident(actor.Lang()) // by the code one is the reporter and nobody else, see Act
	}
	a := Attachment{ID: strings.ToLower(u.ID), Case: u.Case, Account: signature(actor), Name: u.Name, Use: u.Use, Type: info.Type, Size: info.Size,
		Public: u.Public, hash: info.Hash, thumb: thumb}
	store := func(tx *database.Tx) error {
		known, err := s.attach(tx, actor, &a, cmd, reporter)
		if err != nil || known || u.counted {
			return err
		}
		return s.spend(tx, actor, a.Size)
	}
	if err = s.db.Write(ctx, store); database.IsDuplicate(err) {
		err = s.db.Write(ctx, store) // the same file twice at the same moment: now the first is there to be found
	}
	return a, err
}

func (u *Upload) check() error {
	wrong := fault.New(fault.Invalid, "invalid-file", "附件信息有误", "The attachment needs correcting")
	if _, err := uuid.Parse(u.ID); err != nil {
		wrong.At("id", "uuid", "编号须为 UUIDv7", "The id must be a UUIDv7")
	}
	u.Name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) || r == utf8.RuneError {
			return '_'
		}
		return r
	}, u.Name))
	if n := utf8.RuneCountInString(u.Name); n == 0 || n > 150 {
		wrong.At("name", "length", "文件名 1 到 150 字", "A file name has 1 to 150 characters")
	}
	switch u.Use {
	case "":
		u.Use = "evidence"
	case "evidence", "before", "after", "answer", "other":
	default:
		wrong.At("use", "unknown", "用途须为 evidence、before、after、answer 或 other", "The use must be evidence, before, after, answer or other")
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	return nil
}

// redraw makes the public form of a picture; other files have none and are never shown to the public.
func (s *Service) redraw(ctx context.Context, info blob.Info) (string, error) {
	if kind, _ := blob.KindOf(info.Type); kind != blob.Image {
		return "", nil
	}
	select {
	case s.drawing <- struct{}{}:
		defer func() { <-s.drawing }()
	case <-ctx.Done():
		return "", fmt.Errorf("waiting to draw a picture: %w", ctx.Err())
	}
	f, err := s.files.Open(ctx, info.Hash)
	if err != nil {
		return "", err
	}
	defer f.Close()
	jpeg, err := blob.PublicImage(f, maxPicture)
	if fault.HasCode(err, "image-type") {
		return "", nil // kept as it came, such as HEIC, but never shown publicly
	}
	if err != nil {
		return "", err
	}
	public, err := s.files.Put(ctx, bytes.NewReader(jpeg), 0)
	return public.Hash, err
}

// affordAgain asks whether the budget covers the file, unless it is here already: sending it again is never refused.
func (s *Service) affordAgain(tx *database.Tx, actor *staff.Actor, u *Upload) error {
	short := s.afford(tx, actor, u.Length)
	if short == nil {
		return nil
	}
	var n int
	if err := tx.Row(`SELECT count(*) FROM attachment WHERE id = $1 AND case_id = $2`, strings.ToLower(u.ID), u.Case).Scan(&n); err != nil {
		return fmt.Errorf("looking for attachment: %w", err)
	}
	if n > 0 {
		return nil
	}
	return short
}

// attach writes the file down with the case; known tells that it had been before.
func (s *Service) attach(tx *database.Tx, actor *staff.Actor, a *Attachment, cmd Command, reporter bool) (again bool, err error) {
	known, found, err := database.One(tx, scanFile, `SELECT `+fileColumns+` FROM attachment WHERE id = $1`, a.ID)
	if err != nil {
		return false, fmt.Errorf("looking for attachment: %w", err)
	}
	if found {
		if known.Case != a.Case || known.hash != a.hash {
			return false, fault.New(fault.Conflict, "id-used", "这个编号已被另一个附件使用", "This id belongs to another attachment").At("id", "used", "请换一个新的 UUIDv7", "Make a new UUIDv7")
		}
		*a = known
		return true, nil
	}
	c, err := load(tx, a.Case, true)
	if err != nil {
		return false, err
	}
	if _, err := s.mayAct(actor, c, cmd); err != nil {
		return false, err // what the actor may see can have changed while the file was on its way
	}
	var n int
	if err := tx.Row(`SELECT count(*) FROM attachment WHERE case_id = $1`, c.ID).Scan(&n); err != nil {
		return false, fmt.Errorf("counting attachments: %w", err)
	}
	if n >= mostOfACase {
		return false, fault.Newf(fault.Conflict, "too-many-files", "一件事项最多 %[1]d 个附件", "A case takes at most %[1]d attachments", mostOfACase)
	}
	a.At = tx.Now
	if _, err := tx.Exec(`INSERT INTO attachment (`+fileColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		a.ID, a.Case, database.Millis(a.At), a.Account, a.Name, a.Use, a.hash, a.thumb, a.Type, a.Size, a.Public); err != nil {
		return false, fmt.Errorf("storing attachment: %w", err)
	}
	entry := Entry{Account: a.Account, Action: "attach", Data: EntryData{Text: a.Name, Form: map[string]any{"file": a.ID, "use": a.Use}}}
	if reporter && actor.Anonymous() || actor.System() {
		entry.Data.By = by(actor)
	}
	base := c.Version
	if err := s.record(tx, c, entry); err != nil {
		return false, err
	}
	return false, save(tx, c, base, nil)
}

const fileColumns = `id, case_id, at, account, name, use, hash, thumb, type, size, public`

func scanFile(s database.Scanner) (Attachment, error) {
	var a Attachment
	var at int64
	err := s.Scan(&a.ID, &a.Case, &at, &a.Account, &a.Name, &a.Use, &a.hash, &a.thumb, &a.Type, &a.Size, &a.Public)
	a.At = database.Time(at)
	return a, err
}

func filesOf(tx *database.Tx, caseID string, publicOnly bool) ([]Attachment, error) {
	files, err := database.All(tx, scanFile, `SELECT `+fileColumns+` FROM attachment WHERE case_id = $1 ORDER BY at, id`, caseID)
	if err != nil {
		return nil, fmt.Errorf("attachments: %w", err)
	}
	out := []Attachment{}
	for _, f := range files {
		if !publicOnly || f.Public && f.thumb != "" {
			if publicOnly {
				f.Account = ""
			}
			out = append(out, f)
		}
	}
	return out, nil
}

// checkFiles makes sure that the files a form names belong to the case.
func (s *Service) checkFiles(tx *database.Tx, c *Case, dec flow.Decision) error {
	for _, field := range dec.Action.Form {
		ids, ok := dec.Form[field.Key].([]string)
		if field.Type != flow.TypeFiles || !ok {
			continue
		}
		for i, id := range ids {
			var n int
			if err := tx.Row(`SELECT count(*) FROM attachment WHERE id = $1 AND case_id = $2`, strings.ToLower(id), c.ID).Scan(&n); err != nil {
				return fmt.Errorf("looking for attachment: %w", err)
			}
			if n == 0 {
				return fault.New(fault.Invalid, "invalid-form", "附件还没有上传到这件事项", "An attachment has not been uploaded to this case").
					At(fmt.Sprintf("form.%s[%d]", field.Key, i), "unknown-file", "请先上传附件", "Upload the file first")
			}
		}
	}
	return nil
}
