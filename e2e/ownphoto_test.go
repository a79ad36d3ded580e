package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/archive"
	"linli/internal/casework"
	"linli/internal/platform/blob"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// fetch gets a file as a browser does for a picture on a page.
func (w *world) fetch(path string) (status int, header http.Header, body []byte) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodGet, w.srv.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err = io.ReadAll(res.Body); err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, res.Header, body
}

func TestTheReporterSeesTheirOwnPhotosAndNobodyElsesByAPassThatRunsOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m, other := w.light(), w.light()
		own, err := m.attach("", casework.Upload{}, photo(t, 1))
		if err != nil {
			t.Fatal(explained(err))
		}
		if _, err := m.attach("paidan", casework.Upload{}, photo(t, 2)); err != nil {
			t.Fatal(explained(err))
		}
		if _, err := other.attach("", casework.Upload{}, photo(t, 3)); err != nil {
			t.Fatal(explained(err))
		}
		open, err := m.attach("paidan", casework.Upload{Public: true}, photo(t, 4))
		if err != nil {
			t.Fatal(explained(err))
		}
		track := w.call("", "GET", "/api/v1/track/"+m.code, nil)
		files := list(track, "files")
		if len(files) != 2 || files[0]["id"] != own.ID || files[0]["mine"] != true || files[1]["id"] != open.ID || files[1]["mine"] != nil || files[0]["account"] != nil {
			t.Fatalf("files of the reporter: %v", files)
		}
		pass := fmt.Sprint(files[0]["pass"])
		at := "/api/v1/files/" + own.ID
		status, header, body := w.fetch(at + "?pass=" + pass)
		if status != 200 || header.Get("Cache-Control") != "no-store" || header.Get("Content-Type") != "image/jpeg" || bytes.Contains(body, []byte("GPS")) {
			t.Errorf("by the pass: %d %v", status, header)
		}
		for what, path := range map[string]string{
			"without anything":       at,
			"with another's pass":    at + "?pass=" + fmt.Sprint(files[1]["pass"]),
			"another file with it":   "/api/v1/files/" + open.ID + "?pass=" + pass,
			"with a later end":       at + "?pass=zzzzzz-" + strings.SplitN(pass, "-", 2)[1],
			"with a word":            at + "?pass=please",
			"by the code of another": at + "?code=" + other.code,
		} {
			if status, _, _ := w.fetch(path); status != 404 {
				t.Errorf("%s: %d", what, status)
			}
		}
		if strings.Contains(w.call(w.secret("wangge"), "GET", "/api/v1/cases/"+m.id, nil).raw, `"pass"`) {
			t.Error("a pass is given to somebody who needs none")
		}
		again := list(w.call("", "GET", "/api/v1/track/"+m.code, nil), "files")
		equal(t, "the same within minutes", again[0]["pass"], files[0]["pass"])
		w.pass(21 * time.Minute)
		if a := w.call("", "GET", at+"?pass="+pass, nil); a.status != 404 || a.body["code"] != "pass-over" {
			t.Errorf("after twenty minutes: %d %s", a.status, a.raw)
		}
		renewed := list(w.call("", "GET", "/api/v1/track/"+m.code, nil), "files")
		if status, _, _ := w.fetch(at + "?pass=" + fmt.Sprint(renewed[0]["pass"])); status != 200 {
			t.Errorf("by a new pass: %d", status)
		}
	})
}

func TestAReporterWithAnAccountSeesTheirOwnPhotos(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.call(w.secret("nongye"), "POST", "/api/v1/cases", form{"id": id(t), "text": "路口的窨井盖破了", "place": form{"area": grid}})
		if a.status != 201 {
			t.Fatal(a.raw)
		}
		m := &journey{world: w, id: fmt.Sprint(a.body["id"])}
		own, err := m.attach("nongye", casework.Upload{}, photo(t, 5))
		if err != nil {
			t.Fatal(explained(err))
		}
		files := list(w.call(w.secret("nongye"), "GET", "/api/v1/cases/"+m.id, nil), "files")
		if len(files) != 1 || files[0]["id"] != own.ID || files[0]["mine"] != true {
			t.Errorf("own files: %v", files)
		}
		if got, _, err := w.openFile("nongye", own.ID, ""); err != nil || got.Type != "image/jpeg" {
			t.Errorf("looking at it: %v %s", explained(err), got.Type)
		}
		if _, _, err := w.openFile("zhifa", own.ID, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("a colleague of another office: %v", err)
		}
	})
}

func TestTheProgressNamesTheUnitOfEachStepAndNoPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		units := func() map[string]string {
			out := map[string]string{}
			for _, st := range list(w.call("", "GET", "/api/v1/track/"+m.code, nil), "stages") {
				if unit, ok := st["unit"].(map[string]any); ok {
					out[fmt.Sprint(st["name"])] = fmt.Sprint(unit["zh"])
				}
			}
			return out
		}
		tree := w.app.Areas.Tree()
		v, _ := tree.Area(village)
		office, _ := tree.Org(housing)
		first := m.now().Stage
		equal(t, "sorted by", units()[first], v.Name+"派单员")
		m.does("paidan", "assign", form{"unit": housing})
		equal(t, "handled by", units()[m.now().Stage], office.Name)
		equal(t, "still known", units()[first], v.Name+"派单员")
		equal(t, "nothing of what is to come", len(units()), 2)
		raw := w.call("", "GET", "/api/v1/track/"+m.code, nil).raw
		for _, person := range []string{"李桂兰", "胡明亮"} {
			if strings.Contains(raw, person) {
				t.Errorf("%s is named", person)
			}
		}
		whistle := w.stalled().mustered()
		m = whistle
		farm, _ := tree.Org(farming)
		equal(t, "handled together", units()[whistle.now().Stage], office.Name+"、"+farm.Name)
	})
}

func TestAfterARestoreAnUploadBeginsAnewAndIsWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m, file, body := w.light(), id(t), append(photo(t, 6), bytes.Repeat([]byte("z"), 9000)...)
		total := len(body)
		if a := w.part("paidan", m.id, file, body, 0, 5999, total); a.status != 202 {
			t.Fatal(a.raw)
		}
		source := archive.Source{DB: w.app.DB, Schemas: app.Schemas(), Files: w.app.Files, Key: filepath.Join(w.folder, app.KeyFile), Program: "test"}
		path := filepath.Join(t.TempDir(), "b.linli")
		if _, err := archive.Backup(w.ctx, source, path, archive.BackupOptions{WithKey: true}, nil); err != nil {
			t.Fatal(explained(err))
		}
		folder := t.TempDir()
		restoreInto(t, w, path, folder)
		back := &world{t: t, ctx: w.ctx, keys: map[string]string{}}
		back.now.Store(w.now.Load())
		back.app = back.open(folder, "")
		back.srv = httptest.NewServer(back.app.Server("test").Handler())
		t.Cleanup(back.srv.Close)
		equal(t, "what the program believes", back.rows(`SELECT count(*) FROM upload_piece`), 0)
		if offset, complete, status := back.uploadState("paidan", m.id, file); offset != "0" || complete != "?0" || status != 200 {
			t.Fatalf("after the restore: %s %s %d", offset, complete, status)
		}
		gap := back.part("paidan", m.id, file, body, 6000, 7999, total)
		refusedAs(t, "going on where it was", gap, 409, "piece-gap", "")
		if a := back.part("paidan", m.id, file, body, 0, 3999, total); a.status != 202 || a.body["have"] != 4000.0 {
			t.Fatalf("anew: %d %s", a.status, a.raw)
		}
		if a := back.part("paidan", m.id, file, body, 4000, total-1, total); a.status != 201 {
			t.Fatalf("whole: %d %s", a.status, a.raw)
		}
		if _, data, err := back.openFile("paidan", file, ""); err != nil || !bytes.Equal(data, body) {
			t.Errorf("what was sent is not what is kept: %v, %d bytes", explained(err), len(data))
		}
	})
}

// A database put back by its own means brings the notes of pieces that are not there.
func TestNotesOfPiecesThatAreGoneAreNotBelieved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m, file, body := w.light(), id(t), append(photo(t, 7), bytes.Repeat([]byte("z"), 9000)...)
		total := len(body)
		if a := w.part("paidan", m.id, file, body, 0, 5999, total); a.status != 202 {
			t.Fatal(a.raw)
		}
		if err := w.app.Pieces.Delete(file); err != nil {
			t.Fatal(err)
		}
		refusedAs(t, "going on where it was", w.part("paidan", m.id, file, body, 6000, 7999, total), 409, "piece-gap", "")
		if a := w.part("paidan", m.id, file, body, 0, 1999, total); a.status != 202 || a.body["have"] != 2000.0 {
			t.Fatalf("anew: %d %s", a.status, a.raw)
		}
		if a := w.part("paidan", m.id, file, body, 2000, total-1, total); a.status != 201 {
			t.Fatalf("whole: %d %s", a.status, a.raw)
		}
		if _, data, err := w.openFile("paidan", file, ""); err != nil || !bytes.Equal(data, body) {
			t.Errorf("what was sent is not what is kept: %v, %d bytes", explained(err), len(data))
		}
	})
}

func restoreInto(t *testing.T, w *world, path, folder string) {
	t.Helper()
	db, err := database.Open(w.ctx, database.Options{Dir: folder, Now: func() time.Time { return *w.now.Load() }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := db.Migrate(w.ctx, app.Schemas()...); err != nil {
		t.Fatal(err)
	}
	files, err := blob.OpenFolder(filepath.Join(folder, "files"))
	if err != nil {
		t.Fatal(err)
	}
	target := archive.Target{DB: db, Schemas: app.Schemas(), Files: files, Key: filepath.Join(folder, app.KeyFile), Program: "test"}
	if _, err := archive.Restore(w.ctx, path, target, archive.RestoreOptions{}, nil); err != nil {
		t.Fatal(explained(err))
	}
}
