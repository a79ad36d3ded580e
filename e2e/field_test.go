package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
)

// part sends a part of a file.
func (w *world) part(login, kase, file string, body []byte, from, to, total int) answer {
	w.t.Helper()
	return w.raw(w.secret(login), "PUT", "/api/v1/cases/"+kase+"/files/"+file+"?name=路灯.png&use=before", "application/octet-stream", body[from:to+1],
		"Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, total))
}

// uploadState asks how much of a file is here.
func (w *world) uploadState(login, kase, file string) (offset, complete string, status int) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodHead, w.srv.URL+"/api/v1/cases/"+kase+"/files/"+file, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.secret(login))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.Header.Get("Upload-Offset"), res.Header.Get("Upload-Complete"), res.StatusCode
}

func TestAFileComesInPieces(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		body := append(photo(t, 3), bytes.Repeat([]byte("x"), 9000)...) // a picture with something behind it is one all the same
		total, file := len(body), id(t)
		if offset, complete, status := w.uploadState("paidan", m.id, file); offset != "0" || complete != "?0" || status != 200 {
			t.Errorf("nothing is here yet: %s %s %d", offset, complete, status)
		}
		first := w.part("paidan", m.id, file, body, 0, 3999, total)
		if first.status != 202 || first.header.Get("Range") != "bytes=0-3999" || first.body["have"] != 4000.0 {
			t.Fatalf("the first part: %d %s %s", first.status, first.header.Get("Range"), first.raw)
		}
		if again := w.part("paidan", m.id, file, body, 0, 3999, total); again.status != 202 || again.header.Get("Range") != "bytes=0-3999" {
			t.Errorf("the first part again: %d %s", again.status, again.raw)
		}
		gap := w.part("paidan", m.id, file, body, 5000, 5999, total)
		refusedAs(t, "a gap", gap, 409, "piece-gap", "")
		if extra, _ := gap.body["extra"].(map[string]any); extra["have"] != 4000.0 {
			t.Errorf("where to go on: %s", gap.raw)
		}
		refusedAs(t, "another's file", w.part("wangge", m.id, file, body, 4000, 4999, total), 409, "id-used", "id")
		refusedAs(t, "another length", w.part("paidan", m.id, file, body, 4000, 4999, total+1), 409, "id-used", "id")
		refusedAs(t, "a range that is none", w.raw(w.secret("paidan"), "PUT", "/api/v1/cases/"+m.id+"/files/"+file+"?name=a.png", "application/octet-stream", body[:10], "Content-Range", "bytes 0-9/*"), 422, "piece-range", "Content-Range")
		refusedAs(t, "a range of another length", w.raw(w.secret("paidan"), "PUT", "/api/v1/cases/"+m.id+"/files/"+file+"?name=a.png", "application/octet-stream", body[:10], "Content-Range", "bytes 0-99/1000"), 422, "piece-range", "Content-Range")
		if overlap := w.part("paidan", m.id, file, body, 3000, 6999, total); overlap.status != 202 || overlap.header.Get("Range") != "bytes=0-6999" {
			t.Errorf("a part that overlaps: %d %s", overlap.status, overlap.raw)
		}
		if offset, complete, _ := w.uploadState("paidan", m.id, file); offset != "7000" || complete != "?0" {
			t.Errorf("on its way: %s %s", offset, complete)
		}
		whole := w.part("paidan", m.id, file, body, 7000, total-1, total)
		if whole.status != 201 || whole.body["type"] != "image/png" || whole.body["size"] != float64(total) {
			t.Fatalf("the last part: %d %s", whole.status, whole.raw)
		}
		if again := w.part("paidan", m.id, file, body, 7000, total-1, total); again.status != 201 || again.body["id"] != file {
			t.Errorf("the last part again: %d %s", again.status, again.raw)
		}
		if offset, complete, _ := w.uploadState("paidan", m.id, file); offset != fmt.Sprint(total) || complete != "?1" {
			t.Errorf("whole: %s %s", offset, complete)
		}
		if _, data, err := w.openFile("paidan", file, ""); err != nil || !bytes.Equal(data, body) {
			t.Errorf("what was sent is not what is kept: %v, %d bytes", explained(err), len(data))
		}
		equal(t, "entries", len(m.entries("attach")), 1)
		equal(t, "unfinished files", w.rows(`SELECT count(*) FROM upload_piece`), 0)
		budget := w.call(w.secret("paidan"), "GET", "/api/v1/me/budget", nil)
		if budget.body["used"] != float64(total) || budget.body["limit"] != float64(300<<20) {
			t.Errorf("counted once: %s", budget.raw)
		}
	})
}

func TestPiecesOutliveABrokenLineAndAreForgottenAfterAWeek(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m, file, body := w.light(), id(t), append(photo(t, 4), bytes.Repeat([]byte("y"), 5000)...)
		broken := io.MultiReader(bytes.NewReader(body[:3000]), iotestErr{})
		_, err := w.app.Cases.AttachPiece(w.ctx, w.as("paidan"), casework.Piece{Upload: casework.Upload{ID: file, Case: m.id, Name: "a.png", Body: broken}, From: 0, To: 4999, Total: int64(len(body))})
		if err == nil {
			t.Fatal("half a part was taken for a whole one")
		}
		if offset, _, _ := w.uploadState("paidan", m.id, file); offset != "3000" {
			t.Errorf("what came before the line broke: %s", offset)
		}
		if err := w.app.Cases.Tidy(w.ctx); err != nil {
			t.Fatal(err)
		}
		if offset, _, _ := w.uploadState("paidan", m.id, file); offset != "3000" {
			t.Errorf("after tidying on the same day: %s", offset)
		}
		w.pass(8 * 24 * time.Hour)
		w.keys = map[string]string{} // the sessions are over, too
		if err := w.app.Cases.Tidy(w.ctx); err != nil {
			t.Fatal(err)
		}
		if offset, _, _ := w.uploadState("paidan", m.id, file); offset != "0" {
			t.Errorf("after eight days: %s", offset)
		}
		if size, err := w.app.Pieces.Size(file); err != nil || size != 0 {
			t.Errorf("its bytes are still here: %d %v", size, err)
		}
	})
}

// iotestErr is a line that breaks.
type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAFileOfAKindThatIsNotTakenIsRefusedAtTheFirstPiece(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m, body := w.light(), append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"), bytes.Repeat([]byte{7, 0, 9, 1}, 3000)...)
		refusedAs(t, "a program", w.part("paidan", m.id, id(t), body, 0, 5999, len(body)), 422, "file-type", "")
		refusedAs(t, "far too much", w.part("paidan", m.id, id(t), body, 0, 5999, 60<<20), 413, "file-too-large", "")
		equal(t, "unfinished files", w.rows(`SELECT count(*) FROM upload_piece`), 0)
	})
}

func TestWhoHasSentEnoughForTheDayIsToldWhenToGoOn(t *testing.T) {
	t.Setenv("LINLI_ATTACHMENTS_DAILY", "1MB")
	each(t, func(t *testing.T, w *world) {
		m, key := w.light(), w.secret("wangge")
		m.does("paidan", "here", nil)
		text := []byte(strings.Repeat("灯", 80_000)) // 240 kB
		send := func(file string) answer {
			return w.raw(key, "PUT", "/api/v1/cases/"+m.id+"/files/"+file+"?name=a.txt", "text/plain", text)
		}
		kept := id(t)
		for _, file := range []string{kept, id(t), id(t), id(t)} {
			if a := send(file); a.status != 201 {
				t.Fatalf("%d %s", a.status, a.raw)
			}
		}
		over := send(id(t))
		refusedAs(t, "beyond the budget", over, 429, "data-budget", "")
		extra, _ := over.body["extra"].(map[string]any)
		if over.header.Get("Retry-After") != fmt.Sprint(15*3600+1) || extra["resets_at"] != "2026-11-17T00:00:00+08:00" {
			t.Errorf("when it is renewed: %s %s", over.header.Get("Retry-After"), over.raw)
		}
		if a := send(kept); a.status != 201 {
			t.Errorf("what is here already, sent again: %d %s", a.status, a.raw)
		}
		refusedAs(t, "beyond it in parts", w.part("wangge", m.id, id(t), text, 0, 199_999, len(text)), 429, "data-budget", "")
		if a := w.raw(w.secret("paidan"), "PUT", "/api/v1/cases/"+m.id+"/files/"+id(t)+"?name=a.txt", "text/plain", text); a.status != 201 {
			t.Errorf("a colleague: %d %s", a.status, a.raw)
		}
		w.pass(15 * time.Hour)
		w.keys = map[string]string{}
		key = w.secret("wangge")
		if b := w.call(key, "GET", "/api/v1/me/budget", nil); b.body["used"] != 0.0 {
			t.Errorf("a new day: %s", b.raw)
		}
		if a := send(id(t)); a.status != 201 {
			t.Errorf("on the next day: %d %s", a.status, a.raw)
		}
	})
}

func TestTheFieldPackageHoldsOnesOwnWorkAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine, other := w.light(), w.report("远处的路灯不亮", byModel("seven-step"), inArea("320682001002001"))
		mine.does("paidan", "here", nil)
		key := w.secret("wangge")
		a := w.call(key, "GET", "/api/v1/field/package", nil)
		tag := a.header.Get("ETag")
		if a.status != 200 || tag == "" {
			t.Fatalf("%d %s", a.status, cut(a.raw))
		}
		tasks := list(a, "tasks")
		found := false
		for _, task := range tasks {
			if task["id"] == mine.id {
				found = true
				if actions, _ := task["actions"].([]any); len(actions) == 0 {
					t.Error("nothing can be done with the hand-over")
				}
			}
			if task["id"] == other.id {
				t.Error("somebody else's work is in the package")
			}
		}
		if !found {
			t.Errorf("the own hand-over is missing: %s", cut(a.raw))
		}
		areas := list(a, "areas")
		if len(areas) == 0 || areas[0]["code"] != grid || areas[0]["outline"] == nil || areas[0]["own"] != true {
			t.Errorf("the own grid: %v", areas)
		}
		for _, area := range areas {
			if !strings.HasPrefix(area["path"].(string), areas[0]["path"].(string)) {
				t.Errorf("%v is no ground of this post", area["path"])
			}
		}
		team := map[string]bool{}
		for _, mate := range list(a, "team") {
			team[mate["post"].(string)] = true
			if phone, _ := mate["phone"].(string); phone != "" && !strings.Contains(phone, "*") {
				t.Errorf("a whole phone number: %v", mate)
			}
		}
		for _, post := range []string{string(gridHead), string(gridMember), string(dispatcher), string(duty)} {
			if !team[post] {
				t.Errorf("the team lacks %s: %v", post, team)
			}
		}
		if len(list(a, "categories")) < 10 || len(list(a, "models")) < 7 || a.body["budget"] == nil {
			t.Errorf("categories, models and budget: %d %d %v", len(list(a, "categories")), len(list(a, "models")), a.body["budget"])
		}
		if same := w.call(key, "GET", "/api/v1/field/package", nil, "If-None-Match", tag); same.status != 304 || same.raw != "" || same.header.Get("ETag") != tag {
			t.Errorf("nothing has changed: %d %s", same.status, cut(same.raw))
		}
		mine.does("wangge", "take", nil)
		if changed := w.call(key, "GET", "/api/v1/field/package", nil, "If-None-Match", tag); changed.status != 200 || changed.header.Get("ETag") == tag {
			t.Errorf("after an action: %d", changed.status)
		}
		if foreign := w.call(w.secret("paidan"), "GET", "/api/v1/field/package", nil, "If-None-Match", tag); foreign.status != 200 {
			t.Errorf("somebody else with this tag: %d", foreign.status)
		}
	})
}
