package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"linli/internal/casework"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

func TestAReportSentTwiceIsOneCase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := casework.Report{ID: id(t), Text: "小区东门的路灯不亮了", Name: "王秀英", Phone: "138 0000 5678", Secret: "kept-by-the-sender-1"}
		first, err := w.app.Cases.Submit(w.ctx, staff.Resident(lang.ZH), r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.app.Cases.Submit(w.ctx, staff.Resident(lang.ZH), r)
		if err != nil {
			t.Fatal(err)
		}
		if first.Again || !again.Again || again.Number != first.Number || again.Code != first.Code {
			t.Errorf("first %+v, again %+v", first, again)
		}
		for _, secret := range []string{"", "guessed-by-somebody"} {
			stranger := r
			stranger.Secret = secret
			got, err := w.app.Cases.Submit(w.ctx, staff.Resident(lang.ZH), stranger)
			if err != nil || !got.Again || got.Code != "" {
				t.Errorf("sent again without the sender's secret: code %q, %v", got.Code, err)
			}
		}
		for name, other := range map[string]func(*casework.Report){
			"another text":    func(r *casework.Report) { r.Text = "井盖丢了" },
			"another title":   func(r *casework.Report) { r.Title = "别的事" },
			"another place":   func(r *casework.Report) { r.Place.Address = "安定小区5幢" },
			"another phone":   func(r *casework.Report) { r.Phone = "13900001111" },
			"now anonymously": func(r *casework.Report) { r.Anonymous = true },
		} {
			changed := r
			other(&changed)
			if _, err := w.app.Cases.Submit(w.ctx, staff.Resident(lang.ZH), changed); !fault.HasCode(err, "id-used") {
				t.Errorf("the same id with %s: %v", name, err)
			}
		}
		if _, err := w.app.Cases.Submit(w.ctx, w.as("wangge"), r); !fault.HasCode(err, "id-used") {
			t.Errorf("the same id from somebody else: %v", err)
		}
		equal(t, "cases", w.rows(`SELECT count(*) FROM cases`), 1)
	})
}

func TestTheSameReportFiveTimesAtOnceIsOneCase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := casework.Report{ID: id(t), Text: "小区东门的路灯不亮了"}
		var wg sync.WaitGroup
		receipts, errs := make([]casework.Receipt, 5), make([]error, 5)
		for i := range receipts {
			wg.Go(func() { receipts[i], errs[i] = w.app.Cases.Submit(w.ctx, staff.Resident(lang.ZH), r) })
		}
		wg.Wait()
		fresh := 0
		for i, receipt := range receipts {
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			if receipt.Number != receipts[0].Number {
				t.Errorf("numbers %s and %s", receipt.Number, receipts[0].Number)
			}
			if !receipt.Again {
				fresh++
			}
		}
		equal(t, "new cases", fresh, 1)
		equal(t, "cases", w.rows(`SELECT count(*) FROM cases`), 1)
		equal(t, "first entries", w.rows(`SELECT count(*) FROM timeline`), 1)
		equal(t, "counted", w.rows(`SELECT sum(n) FROM tally WHERE measure = 'reported'`), 1)
	})
}

func TestAReportFindsItsGrid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		point := w.pointIn(grid)
		for _, rule := range []struct {
			name string
			edit func(*casework.Report)
			area string
			how  string
			ask  bool
		}{
			{"by a point", func(r *casework.Report) {
				r.Place.Area, r.Place.HasPoint, r.Place.Lat, r.Place.Lon = "", true, point.Lat, point.Lon
			}, grid, "point", false},
			{"by a building", func(r *casework.Report) { r.Place.Area, r.Place.Building = "", grid+"-b01" }, grid, "building", false},
			{"by a chosen grid", func(r *casework.Report) { r.Place.Area = grid }, grid, "chosen", false},
			{"by an address", func(r *casework.Report) { r.Place.Area, r.Place.Address = "", "迎新居委会碧霞花苑3幢" }, grid, "address", false},
			{"by nothing, so whoever sorts is asked", func(r *casework.Report) { r.Place.Area = "" }, county, "", true},
		} {
			c := w.report("路灯坏了:"+rule.name, rule.edit, byModel("seven-step")).now()
			if c.Area != rule.area || c.Why.Ask != rule.ask || rule.how != "" && c.Why.How != rule.how {
				t.Errorf("%s: %s found by %s (ask %v), want %s by %s (ask %v)", rule.name, c.Area, c.Why.How, c.Why.Ask, rule.area, rule.how, rule.ask)
			}
			if c.Path != w.app.Areas.Tree().Path(c.Area) || c.Owner == "" || c.DueAt.IsZero() || c.HopDueAt.IsZero() {
				t.Errorf("%s: path %s, owner %s, due %v and %v", rule.name, c.Path, c.Owner, c.DueAt, c.HopDueAt)
			}
		}
		bad := casework.Report{ID: id(t), Text: "x"}
		bad.Place.Area, bad.Place.HasPoint, bad.Place.Lat = "999", true, 200
		_, err := w.app.Cases.Submit(w.ctx, staff.Resident(lang.ZH), bad)
		named(t, err, "place.area", "place.point")
	})
}

func TestTheWordsSuggestACategoryAndAChosenOneWins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		suggested := w.report("菜场门口占道经营,流动摊贩把路堵了").now()
		if suggested.Category != "01.02.01" || suggested.Why.Category != "suggested" || !strings.HasPrefix(suggested.Model, "whistle@") || !suggested.Public {
			t.Errorf("suggested %s (%s) under %s, public %v", suggested.Category, suggested.Why.Category, suggested.Model, suggested.Public)
		}
		chosen := w.report("菜场门口占道经营", func(r *casework.Report) { r.Category = "01.04.08" }).now()
		if chosen.Category != "01.04.08" || chosen.Why.Category != "chosen" || chosen.Urgency != "urgent" || chosen.Public {
			t.Errorf("chosen %s (%s), %s, public %v", chosen.Category, chosen.Why.Category, chosen.Urgency, chosen.Public)
		}
		none := w.report("啊啊啊啊").now()
		if none.Category != "" || none.Why.Category != "none" || none.Model != "seven-step@2026.1" || none.Urgency != "normal" {
			t.Errorf("no words: %+v", none)
		}
		_, err := w.app.Cases.Submit(w.ctx, staff.Resident(lang.ZH), casework.Report{ID: "x", Category: "77", Urgency: "now", Model: "none", Channel: "pigeon", Phone: "12x"})
		named(t, err, "id", "text", "category", "urgency", "model", "channel", "reporter.phone")
	})
}

func TestChannelsNeedTheirPermission(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, rule := range []struct {
			name, login, channel, area, want string
			refused                          bool
		}{
			{"a resident reports as a resident", "", "", grid, "resident", false},
			{"a resident is not the hotline", "", "hotline", grid, "", true},
			{"a resident is not staff", "", "staff", grid, "", true},
			{"a grid member reports as staff", "wangge", "", grid, "staff", false},
			{"a grid member reports as staff without naming the place, and it is the own grid", "wangge", "", "", "staff", false},
			{"a grid member is no staff of another village", "wangge", "staff", "320682001002001", "", true},
			{"a grid member reports elsewhere like any resident", "wangge", "resident", "320682001002001", "resident", false},
			{"a grid member is not the hotline", "wangge", "hotline", grid, "", true},
			{"the hotline takes calls for the whole county", "huawu", "hotline", "320682001002001", "hotline", false},
		} {
			r := casework.Report{ID: id(t), Text: "路灯坏了", Channel: rule.channel}
			r.Place.Area = rule.area
			receipt, err := w.app.Cases.Submit(w.ctx, w.as(rule.login), r)
			if rule.refused {
				want := fault.Forbidden
				if rule.login == "" {
					want = fault.Unauthenticated // perhaps a session that ran out
				}
				if !fault.Is(err, want) {
					t.Errorf("%s: %v", rule.name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", rule.name, explained(err))
				continue
			}
			c := receipt.Case
			equal(t, rule.name, c.Channel, rule.want)
			if rule.channel == "hotline" && !strings.HasPrefix(c.Model, "hotline@") {
				t.Errorf("%s: under %s", rule.name, c.Model)
			}
			if rule.area == "" && c.Area != grid {
				t.Errorf("%s: in %s", rule.name, c.Area)
			}
		}
	})
}

func TestAnAnonymousReportKeepsNothingOfItsReporter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, login := range []string{"", "wangge"} {
			r := casework.Report{ID: id(t), Text: "村干部吃拿卡要", Name: "李匿名", Phone: "13812349999", Anonymous: true}
			r.Place.Area = grid
			receipt, err := w.app.Cases.Submit(w.ctx, w.as(login), r)
			if err != nil {
				t.Fatal(err)
			}
			m := &journey{world: w, id: receipt.ID, code: receipt.Code, number: receipt.Number}
			v := m.view("system")
			if v.Case.Account != "" || v.Timeline[0].Account != "" || v.Timeline[0].Data.By != "reporter" || v.Reporter.Name != "" || v.Reporter.Phone != "" {
				t.Errorf("by %q: account %q, entry %+v, reporter %+v", login, v.Case.Account, v.Timeline[0], v.Reporter)
			}
			equal(t, "something about the reporter", w.rows(`SELECT count(*) FROM cases WHERE id = $1 AND (caller IS NOT NULL OR phone IS NOT NULL OR phone_blind <> '')`, m.id), 0)
			if _, err := w.app.Cases.Reveal(w.ctx, w.as("zhiban"), m.id, "回访"); !fault.HasCode(err, "anonymous") {
				t.Errorf("revealing an anonymous reporter: %v", err)
			}
			if len(m.offers("")) == 0 {
				t.Error("the tracking code of an anonymous report leads nowhere")
			}
		}
	})
}

func TestAReporterIsSealedAtRestAndMaskedInAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("路灯坏了", func(r *casework.Report) { r.Name, r.Phone = "欧阳沁瑶", "13698765432" })
		r := m.view("paidan").Reporter
		if strings.Contains(r.Name, "沁瑶") || strings.Contains(r.Phone, "9876") || r.Name == "" || r.Phone == "" {
			t.Errorf("masked as %+v", r)
		}
		equal(t, "sealed columns", w.rows(`SELECT count(*) FROM cases WHERE caller IS NOT NULL AND phone IS NOT NULL AND phone_blind <> ''`), 1)
		if w.app.DB.Engine() == database.SQLite {
			for _, word := range []string{"欧阳沁瑶", "13698765432"} {
				if file := containing(t, w.folder, word); file != "" {
					t.Errorf("%s stands readable in %s", word, file)
				}
			}
		}
		// revealing needs the permission and a purpose, and stands in the access log
		if _, err := w.app.Cases.Reveal(w.ctx, w.as("jianwei"), m.id, "回访"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("who only reads it reveals: %v", err)
		}
		if _, err := w.app.Cases.Reveal(w.ctx, w.as("guanli"), m.id, "看看"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the administrator reveals: %v", err)
		}
		if _, err := w.app.Cases.Reveal(w.ctx, w.as("zhiban"), m.id, "  "); !fault.HasCode(err, "purpose-needed") {
			t.Errorf("without a purpose: %v", err)
		}
		equal(t, "logged before", w.rows(`SELECT count(*) FROM access_log WHERE what = 'case.reveal'`), 0)
		open, err := w.app.Cases.Reveal(w.ctx, w.as("zhiban"), m.number, "电话核实地点")
		if err != nil {
			t.Fatal(explained(err))
		}
		if open.Name != "欧阳沁瑶" || open.Phone != "13698765432" {
			t.Errorf("revealed %+v", open)
		}
		equal(t, "logged", w.rows(`SELECT count(*) FROM access_log WHERE what = 'case.reveal' AND purpose = '电话核实地点' AND object = $1`, "case:"+m.id), 1)
	})
}

func TestAConfidentialReportShowsOnlyToItsHolderAndNamedPosts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.report("反映一件家里的事", byModel("seven-step"), func(r *casework.Report) { r.Confidential = true })
		m.at("sort", dispatcher)
		m.view("paidan")   // holds it
		m.view("shuji")    // secretary: named for confidential matters
		m.view("zhiban")   // duty officer of the township
		m.hidden("wangge") // reads the grid, but not this
		m.hidden("gezhang")
		m.hidden("jianwei")
		m.hidden("guanli")
		m.hidden("guijian")
		m.hidden("")
		if got := w.listed("wangge", casework.Filter{Scope: "area", State: "all"}); len(got) != 0 {
			t.Errorf("the grid member lists %v", got)
		}
		m.does("paidan", "assign", form{"unit": housing})
		m.hidden("paidan") // has passed it on
		m.view("guijian")
		if c := m.now(); c.Public {
			t.Error("a confidential case is public")
		}
		m.track()
	})
}

func TestATrackingCodeForgivesSloppyTypingAndAWrongOneTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		plain := strings.ReplaceAll(m.code, "-", "")
		for _, typed := range []string{m.code, plain, strings.ToLower(m.code), " " + plain[:5] + " " + plain[5:] + " ", strings.NewReplacer("0", "o", "1", "l").Replace(plain)} {
			p, err := w.app.Cases.Track(w.ctx, staff.Resident(lang.ZH), typed)
			if err != nil || p.Number != m.number {
				t.Errorf("typed as %q: %v", typed, err)
			}
		}
		other := w.light()
		wrong := plain[:11] + string("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(strings.IndexByte("0123456789ABCDEFGHJKMNPQRSTVWXYZ", plain[11])+1)%32])
		for _, typed := range []string{"", "x", wrong, plain + "0", strings.Repeat("U", 12), plain[:6] + strings.ReplaceAll(other.code, "-", "")[6:], strings.Repeat("路", 12)} {
			if _, err := w.app.Cases.Track(w.ctx, staff.Resident(lang.ZH), typed); !fault.HasCode(err, "no-code") {
				t.Errorf("typed as %q: %v", typed, err)
			}
		}
		// the code of one case opens no other
		if _, err := w.app.Cases.Act(w.ctx, staff.Resident(lang.ZH), casework.Command{Case: other.id, Code: m.code, Action: "withdraw"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a foreign code withdraws: %v", err)
		}
		// what is followed names no person and no post
		raw := w.call("", "GET", "/api/v1/track/"+m.code, nil)
		equal(t, "status", raw.status, 200)
		for _, word := range []string{"李桂兰", "dispatcher@", "account"} {
			if strings.Contains(raw.raw, word) {
				t.Errorf("the reporter reads %q: %s", word, raw.raw)
			}
		}
		equal(t, "a wrong code over HTTP", w.call("", "GET", "/api/v1/track/"+wrong, nil).status, 404)
	})
}

func TestTheFirstReceiverIsRecordedForGood(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		m := w.light()
		m.does("paidan", "assign", form{"unit": housing})
		m.does("guijian", "take", nil)
		equal(t, "first receiver", m.now().FirstPost, dispatcher)
		p, err := w.app.Cases.Published(w.ctx, m.id)
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("a case under way is published: %+v", p)
		}
	})
}

// named asks that a refusal names exactly these fields.
func named(t *testing.T, err error, fields ...string) {
	t.Helper()
	f := fault.Of(err)
	if err == nil || f.Kind != fault.Invalid {
		t.Fatalf("want a refusal naming %v, have %v", fields, err)
	}
	var have []string
	for _, field := range f.Fields {
		have = append(have, field.Name)
	}
	has(t, "fields", have, fields...)
	equal(t, "number of fields", len(have), len(fields))
}

// containing finds a file of the folder that holds the word readably.
func containing(t *testing.T, folder, word string) (found string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && bytes.Contains(data, []byte(word)) {
			found = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
