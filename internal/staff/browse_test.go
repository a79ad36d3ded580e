package staff

import (
	"slices"
	"strings"
	"testing"

	"linli/internal/platform/fault"
	"linli/internal/platform/sheet"
)

func TestTeamsAndBoards(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		head := w.with("wangzhang", MakePost("grid-head", grid))
		helper := w.with("fuzhu", MakePost("auxiliary", grid))
		boss := w.with("zhuren", MakePost("centre-head", township))
		stranger := w.with("yuanchu", MakePost("centre-head", township2))

		team, err := w.Team(boss, grid, w.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		posts := map[string]PostView{}
		for _, v := range team {
			posts[v.Post.Role()] = v
		}
		if v := posts["grid-head"]; len(v.Holders) != 1 || v.Holders[0].Account != head.ID() || v.Holders[0].Phone != "138****5678" || v.Cover != nil {
			t.Errorf("the grid head is %+v", v)
		}
		if v := posts["grid-member"]; len(v.Holders) != 0 || v.Cover == nil || v.Cover.Holder != MakePost("grid-head", grid) {
			t.Errorf("the vacant post is %+v", v)
		}
		if v := posts["auxiliary"]; len(v.Holders) != 1 || v.Holders[0].Account != helper.ID() {
			t.Errorf("the neighbour who helps is %+v", v)
		}
		if _, there := posts["instructor"]; there {
			t.Error("a post that need not exist and nobody holds is listed")
		}
		if _, err := w.Team(stranger, grid, w.clock.now()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger reads the team: %v", err)
		}
		if _, err := w.Team(boss, "9", w.clock.now()); !fault.Is(err, fault.NotFound) {
			t.Errorf("the team of nowhere: %v", err)
		}

		board, err := w.Board(grid, w.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range board {
			if v.Post.Role() == "auxiliary" || v.Post.Role() == RoleAdministrator {
				t.Errorf("the board names the post %s", v.Post)
			}
			for _, h := range v.Holders {
				if h.Phone != "" || h.Account != "" || h.Name == "" {
					t.Errorf("the board tells %+v", h)
				}
			}
		}
		if len(board) < 2 {
			t.Errorf("the board shows %d posts", len(board))
		}
	})
}

func TestWhoMayReadAPostAndAPerson(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		helper := w.with("fuzhu", MakePost("auxiliary", grid))
		boss := w.with("zhuren", MakePost("centre-head", township))
		stranger := w.with("yuanchu", MakePost("centre-head", township2))
		nobody := w.person("xinlai")
		post := MakePost("auxiliary", grid)
		for name, c := range map[string]struct {
			actor *Actor
			may   bool
		}{"the holder": {helper, true}, "staff.read above": {boss, true}, "staff.read elsewhere": {stranger, false}, "a resident": {Resident("zh"), false}} {
			if _, err := w.ReadPost(c.actor, post, w.clock.now()); (err == nil) != c.may {
				t.Errorf("%s reads the post: %v", name, err)
			}
			p, err := w.Person(c.actor, helper.ID())
			if (err == nil) != c.may || err == nil && (len(p.Appointments) != 1 || p.Phone != "138****5678") {
				t.Errorf("%s reads the person: %+v %v", name, p, err)
			}
		}
		if _, err := w.Person(stranger, nobody); err != nil {
			t.Errorf("an account without posts is there for whoever may fill posts: %v", err)
		}
		if _, err := w.Person(helper, nobody); !fault.Is(err, fault.NotFound) {
			t.Errorf("but for nobody else: %v", err)
		}
		for _, p := range []Post{"emperor@" + grid, "grid-head@9", "", "@"} {
			if _, err := w.ReadPost(boss, p, w.clock.now()); !fault.Is(err, fault.NotFound) {
				t.Errorf("the post %q: %v", p, err)
			}
		}
		v, err := w.ReadPost(boss, MakePost("grid-member", grid), w.clock.now())
		if err != nil || v.Cover == nil || len(v.Cover.Trail) == 0 {
			t.Errorf("a vacant post does not show the trail: %+v %v", v, err)
		}
	})
}

func TestVacanciesByPages(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		boss := w.with("zhuren", MakePost("centre-head", township))
		officer := w.with("danwei", MakePost("unit-head", housing))
		whole, _, err := w.FindVacancies(boss, w.clock.now(), VacancyQuery{Limit: 500})
		if err != nil || len(whole) < 5 {
			t.Fatal(len(whole), err)
		}
		var pieces []Vacancy
		for after := ""; ; {
			page, next, err := w.FindVacancies(boss, w.clock.now(), VacancyQuery{Limit: 2, After: after})
			if err != nil {
				t.Fatal(err)
			}
			pieces = append(pieces, page...)
			if after = next; next == "" {
				break
			}
		}
		same := func(a, b Vacancy) bool { return a.Post == b.Post }
		if !slices.EqualFunc(whole, pieces, same) {
			t.Errorf("pages give %d vacancies, the whole has %d", len(pieces), len(whole))
		}
		for _, v := range whole {
			if !strings.HasPrefix(v.Path, "/320682/320682001/") {
				t.Errorf("a vacancy beyond the reach: %s", v.Post)
			}
		}
		mine, _, err := w.FindVacancies(officer, w.clock.now(), VacancyQuery{})
		if err != nil || len(mine) != 1 || mine[0].Post != MakePost("unit-officer", housing) {
			t.Errorf("the head of a unit sees %v, %v", mine, err)
		}
		if _, _, err := w.FindVacancies(boss, w.clock.now(), VacancyQuery{Area: township2}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("beyond the reach: %v", err)
		}
		if _, _, err := w.FindVacancies(Resident("zh"), w.clock.now(), VacancyQuery{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a resident: %v", err)
		}
	})
}

func TestSheetsKeepTheirRowNumbers(t *testing.T) {
	text := "人员名单\n\n登录名,姓名,岗位,区域\nlisi,李四,网格员,320682001001001\n\nwang,王\x00五,,\nzhao,赵六,,\n"
	table, err := sheet.Open("人员.csv", strings.NewReader(text), int64(len(text)), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	rows, refused, err := ReadSheet(table)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Row != 4 || rows[0].Login != "lisi" || rows[1].Row != 7 || rows[1].Login != "zhao" {
		t.Errorf("rows %+v", rows)
	}
	if len(refused) != 1 || refused[0].Row != 6 {
		t.Errorf("refused %+v", refused)
	}
}
