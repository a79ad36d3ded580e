package casework

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// A pass lets somebody who follows a case by its tracking code look at one of its files, so that the code itself stands in no
// address of a picture. It is good for ten to twenty minutes, and the same for ten, so that a page that looks again does
// not load its pictures anew.
const (
	passStep = 10 * time.Minute
	passHalf = 26 // characters that prove it, 130 bits
)

func (s *Service) filePass(file string, now time.Time) string {
	until := now.Truncate(passStep).Add(2 * passStep).Unix()
	return strconv.FormatInt(until, 36) + "-" + s.passProof(file, until)
}

func (s *Service) passProof(file string, until int64) string {
	return s.box.Code("file-pass", strings.ToLower(file)+"|"+strconv.FormatInt(until, 10), passHalf)
}

// passes tells whether the pass is one for the file that has not run out.
func (s *Service) passes(file, pass string, now time.Time) error {
	head, proof, _ := strings.Cut(pass, "-")
	until, err := strconv.ParseInt(head, 36, 64)
	if err != nil || subtle.ConstantTimeCompare([]byte(s.passProof(file, until)), []byte(proof)) != 1 {
		return errNoCase()
	}
	if now.Unix() >= until {
		return fault.New(fault.NotFound, "pass-over", "这个图片地址已过期,请刷新进度页再看", "This address of the picture has run out; open the progress page again")
	}
	return nil
}

// reporterFiles are the files that the reporter looks at by the tracking code: those they sent by it, and what was made public.
func (s *Service) reporterFiles(tx *database.Tx, c *Case, entries []Entry) ([]Attachment, error) {
	sent := map[string]bool{}
	for _, e := range entries {
		if id, ok := e.Data.Form["file"].(string); ok && e.Action == "attach" && e.Account == "" && e.Data.By == "reporter" {
			sent[id] = true
		}
	}
	all, err := database.All(tx, scanFile, `SELECT `+fileColumns+` FROM attachment WHERE case_id = $1 ORDER BY at, id`, c.ID)
	if err != nil {
		return nil, fmt.Errorf("attachments: %w", err)
	}
	out := []Attachment{}
	for _, f := range all {
		f.Mine = f.Account == "" && sent[f.ID]
		if !f.Mine && (!f.Public || f.thumb == "") {
			continue
		}
		f.Account, f.Pass = "", s.filePass(f.ID, tx.Now)
		out = append(out, f)
	}
	return out, nil
}

// Ask is what somebody has to show for a file, besides who they are.
type Ask struct {
	Code  string // tracking code
	Pass  string // of the very file, see Attachment.Pass
	Small bool   // a picture as lists show it, at most 480 pixels on the longer side; other files come whole
}

// OpenFile gives a file's content. Who serves the case gets it as it was sent; others get the redrawn picture: of what was
// made public for a public result or by tracking code, of what they sent by its pass. What the reporter sent and cannot be
// redrawn they get as they sent it.
//
// Errors: NotFound, also for what may not be known of; "pass-over" when the pass has run out.
func (s *Service) OpenFile(ctx context.Context, actor *staff.Actor, id string, ask Ask) (Attachment, io.ReadSeekCloser, error) {
	var a Attachment
	original := false
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		found := false
		var err error
		a, found, err = database.One(tx, scanFile, `SELECT `+fileColumns+` FROM attachment WHERE id = $1`, strings.ToLower(id))
		if err != nil {
			return err
		}
		if !found {
			return errNoCase()
		}
		c, err := load(tx, a.Case, false)
		if err != nil {
			return err
		}
		original, err = s.looksAt(tx, actor, c, a, ask)
		return err
	})
	if err != nil {
		return a, nil, err
	}
	hash := a.hash
	if !original {
		hash, a.Type, a.Account = a.thumb, "image/jpeg", ""
	}
	if ask.Small && a.thumb != "" {
		a.Type = "image/jpeg"
		f, err := s.small(ctx, a.thumb)
		return a, f, err
	}
	f, err := s.files.Open(ctx, hash)
	return a, f, err
}

// looksAt tells whether somebody may look at a file, and whether as it was sent.
func (s *Service) looksAt(tx *database.Tx, actor *staff.Actor, c *Case, a Attachment, ask Ask) (original bool, err error) {
	if s.serves(actor, c) {
		return true, nil
	}
	if ask.Pass != "" {
		return a.thumb == "", s.passes(a.ID, ask.Pass, tx.Now)
	}
	reporter := s.reported(actor, c)
	if ask.Code != "" {
		if reporter, err = s.mayAct(actor, c, Command{Code: ask.Code}); err != nil {
			return false, err
		}
	}
	if reporter && a.Account != "" && a.Account == actor.ID() {
		return a.thumb == "", nil
	}
	if a.thumb == "" || !a.Public || !reporter && (!c.Public || !s.show(tx, c)) {
		return false, errNoCase()
	}
	return false, nil
}
