package staff

import (
	"fmt"
	"testing"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

func TestImport(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		rows, err := ReadRows([][]string{
			{"\ufeff登录名", "姓名", "手机号", "岗位", "区域", "开始日期", "结束日期", "代理"},
			{"wang", "王一", "138 1234 5678", "网格员", grid, "2026/11/1", "2026年12月31日", ""},
			{"WANG", "王一", "", "grid-head", "第二网格", "", "", "是"},
			{},
			{"li", "李二", "+86 139-1111-2222", "unit-officer", "住建局", "", "", "否"},
			{"zhao", "赵三", "", "", "", "", "", ""},
			{"bad1", "错一", "abc", "网格员", grid, "", "", ""},
			{"bad2", "错二", "", "国王", "第一网格", "昨天", "", "也许"},
			{"bad3", "错三", "", "网格员", village, "", "", ""},
			{"wang", "别人", "", "网格员", grid2, "", "", ""},
			{"wang", "王一", "13900000000", "网格员", grid2, "", "", ""},
			{"li", "李二", "", "unit-officer", housing, "2026-11-01", "", ""},
		})
		wantNone(t, err)
		if len(rows) != 10 || rows[2].Row != 5 {
			t.Fatalf("%d rows, the third is line %d", len(rows), rows[2].Row)
		}
		want := map[string]bool{"7 phone phone": true, "8 role unknown-role": true, "8 place ambiguous": true, "8 from date": true, "8 deputy yes-no": true,
			"9 place post": true, "10 name login-of-another": true, "11 phone phone-differs": true, "12  already-appointed": true}
		check := func(r ImportResult) {
			t.Helper()
			if r.Rows != 10 || r.Good != 4 || r.Accounts != 3 || r.Appointed != 3 || r.Unchanged != 0 {
				t.Fatalf("%+v", r)
			}
			got := map[string]bool{}
			for _, e := range r.Errors {
				got[fmt.Sprintf("%d %s %s", e.Row, e.Field, e.Code)] = true
				if e.Text.ZH == "" || e.Text.EN == "" {
					t.Errorf("row %d says nothing", e.Row)
				}
			}
			for k := range want {
				if !got[k] {
					t.Errorf("no error %q in %v", k, r.Errors)
				}
			}
			if len(got) != len(want) {
				t.Errorf("errors %v", got)
			}
		}
		t.Run("a dry run tells the same and keeps nothing", func(t *testing.T) {
			r, err := w.Import(w.ctx, System(), ImportCommand{Rows: rows, DryRun: true, Passwords: true})
			wantNone(t, err)
			check(r)
			if len(r.Passwords) != 0 || len(w.reg.Load().accounts) != 0 {
				t.Fatal("something was kept")
			}
		})
		t.Run("good rows are taken, the others named by row and column", func(t *testing.T) {
			r, err := w.Import(w.ctx, System(), ImportCommand{Rows: rows, Passwords: true})
			wantNone(t, err)
			check(r)
			if len(r.Passwords) != 3 || r.Passwords[0].Login != "wang" {
				t.Fatalf("%+v", r.Passwords)
			}
			in := w.login("wang", r.Passwords[0].Password)
			if !in.MustChange {
				t.Fatal("a one-time password may stay")
			}
		})
		t.Run("the last day counts whole, in Chinese time", func(t *testing.T) {
			end := time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)
			if h := w.Holders(MakePost("grid-member", grid), end.Add(-time.Minute)); len(h) != 1 {
				t.Fatalf("%v", h)
			}
			if h := w.Holders(MakePost("grid-member", grid), end); len(h) != 0 {
				t.Fatalf("%v", h)
			}
		})
		t.Run("sent again, the good rows change nothing", func(t *testing.T) {
			r, err := w.Import(w.ctx, System(), ImportCommand{Rows: rows, Passwords: true})
			wantNone(t, err)
			if r.Good != 4 || r.Unchanged != 4 || r.Accounts+r.Appointed+len(r.Passwords) != 0 {
				t.Fatalf("%+v", r)
			}
		})
		t.Run("rows beyond one's reach are refused row by row", func(t *testing.T) {
			head := w.with("head", MakePost("centre-head", township))
			r, err := w.Import(w.ctx, head, ImportCommand{Rows: []ImportRow{
				{Row: 2, Login: "new1", Name: "新一", Role: "网格员", Place: grid}, {Row: 3, Login: "new2", Name: "新二", Role: "网格员", Place: farGrid}}})
			if err != nil || r.Good != 1 || len(r.Errors) != 1 || r.Errors[0].Code != "not-in-reach" {
				t.Fatalf("%+v %v", r, err)
			}
			_, err = w.Import(w.ctx, w.with("member", MakePost("grid-member", grid)), ImportCommand{})
			wantCode(t, err, "forbidden")
		})
		sameRegistry(t, w)
	})
}

func TestHeadings(t *testing.T) {
	for rule, c := range map[string]struct {
		lines [][]string
		code  string
	}{
		"an empty sheet":    {nil, "empty"},
		"an unknown column": {[][]string{{"login", "name", "shoe size"}}, "unknown-column"},
		"a column twice":    {[][]string{{"login", "name", "登录名"}}, "repeated"},
		"a missing column":  {[][]string{{"login", "role"}}, "missing-column"},
	} {
		t.Run(rule+" is named", func(t *testing.T) {
			_, err := ReadRows(c.lines)
			if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Code != c.code {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		codes := func() map[string]int {
			t.Helper()
			list, err := w.Check(w.ctx)
			wantNone(t, err)
			out := map[string]int{}
			for _, f := range list {
				out[f.Severity+" "+f.Code]++
			}
			return out
		}
		if got := codes(); got["error no-administrator"] != 1 || got["error nobody"] == 0 {
			t.Fatalf("without anybody: %v", got)
		}
		w.with("root", MakePost(RoleAdministrator, Everywhere))
		before := codes()
		if before["error nobody"] != 0 || before["warning vacant"] == 0 || before["error no-administrator"] != 0 {
			t.Fatalf("with an administrator: %v", before)
		}
		w.with("member", MakePost("grid-member", grid))
		if got := codes(); got["warning vacant"] != before["warning vacant"]-1 {
			t.Fatalf("one post filled: %v, before %v", got, before)
		}
		wantNone(t, w.db.Write(w.ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE staff_appointment SET place = 'gone' WHERE role = 'grid-member'`)
			if err == nil {
				_, err = tx.Exec(`UPDATE staff_appointment SET next_turn = 1 WHERE role = 'administrator'`)
			}
			return err
		}))
		if got := codes(); got["error wrong-place"] != 1 || got["error turnover-late"] != 1 {
			t.Fatalf("a place that is gone: %v", got)
		}
	})
}

func TestVacanciesByPath(t *testing.T) {
	w := lite(t)
	w.with("root", MakePost(RoleAdministrator, Everywhere))
	all := w.Vacancies(start, "/")
	under := w.Vacancies(start, "/320682/320682001/320682001001/320682001001001/")
	if len(under) != 2 || len(all) <= len(under) {
		t.Fatalf("%d of %d", len(under), len(all))
	}
	for _, v := range under {
		if v.Post.Place() != grid || v.Place != "第一网格" || v.Cover.Nobody {
			t.Fatalf("%+v", v)
		}
	}
}

// manyPosts is a registry of n appointments over the sample's places and made-up accounts.
func manyPosts(n int) *registry {
	accounts := make([]Account, n)
	open := make([]Appointment, n)
	for i := range n {
		id := fmt.Sprintf("account-%05d", i)
		accounts[i] = Account{ID: id, Login: id, Name: id, Active: true}
		open[i] = Appointment{ID: id, Account: id, From: start, Post: MakePost("volunteer", fmt.Sprintf("3206820010%05d", i))}
	}
	open[0].Post = MakePost(RoleAdministrator, Everywhere)
	return newRegistry(1, accounts, open)
}

func BenchmarkCoverAmongTenThousandPosts(b *testing.B) {
	w := lite(b)
	reg := manyPosts(10_000)
	p := MakePost("grid-member", grid)
	b.ReportAllocs()
	for b.Loop() {
		cover(reg, w.tree(), w.roles, p, start)
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	w := lite(b)
	id := w.person("bench")
	w.appoint(id, MakePost("dispatcher", village))
	in := w.login("bench", secretWord)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Authenticate(w.ctx, in.Secret); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMay(b *testing.B) {
	w := lite(b)
	a := w.with("bench", MakePost("grid-member", grid), MakePost("dispatcher", farVill))
	path := "/320682/320682002/320682002001/320682002001001/"
	b.ReportAllocs()
	for b.Loop() {
		if !a.May("case.dispatch", path) {
			b.Fatal("refused")
		}
	}
}

func BenchmarkAppointAmongTenThousand(b *testing.B) {
	w := lite(b)
	rows := make([]ImportRow, 10_000)
	for i := range rows {
		rows[i] = ImportRow{Row: i + 2, Login: fmt.Sprintf("login%d", i), Name: "某某", Role: "volunteer", Place: []string{village, village2, farVill}[i%3]}
	}
	if r, err := w.Import(w.ctx, System(), ImportCommand{Rows: rows}); err != nil || r.Good != len(rows) {
		b.Fatalf("%v %v", r.Errors, err)
	}
	id := w.person("bench")
	b.ReportAllocs()
	for b.Loop() {
		a := w.appoint(id, MakePost("grid-member", grid))
		w.clock.pass(time.Second)
		if _, err := w.End(w.ctx, System(), EndCommand{Appointment: a.ID, Reason: "x"}); err != nil {
			b.Fatal(err)
		}
	}
}
