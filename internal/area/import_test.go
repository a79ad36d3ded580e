package area

import (
	"context"
	"strings"
	"testing"

	"linli/internal/platform/fault"
)

func TestTheRealFilesOfSixPlacesLoad(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		for name, want := range map[string]int{"areas-rugao.csv": 377, "areas-shanyin.csv": 221, "areas-gonghe.csv": 137,
			"areas-pingtang.csv": 143, "areas-jinchuan.csv": 62, "areas-yongchang.csv": 140} {
			if report := mustImport(t, s, sample(t, name)); report.Created != want || report.Rows != want {
				t.Errorf("%s: %d of %d rows created, want %d", name, report.Created, report.Rows, want)
			}
			version := s.Tree().Version()
			if report := mustImport(t, s, sample(t, name)); report.Unchanged != want || s.Tree().Version() != version {
				t.Errorf("%s: importing twice changes something: %+v", name, report)
			}
		}
		if n := len(s.Tree().Root()); n != 6 {
			t.Errorf("%d roots, want 6", n)
		}
		for code, kind := range map[string]string{"632521402598": KindZone, "320682400": KindZone, "320682001": ""} {
			if a, ok := s.Tree().Area(code); !ok || a.Kind != kind {
				t.Errorf("%s: %+v, want kind %q", code, a, kind)
			}
		}
		if got := s.Tree().Path("632521402598"); got != "/632521/632521402/632521402598/" {
			t.Errorf("path %s", got)
		}
		again := New(s.db)
		if err := again.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(again.Tree().Areas()) != 1080 {
			t.Errorf("%d areas after a new start", len(again.Tree().Areas()))
		}
	})
}

func TestBadRowsAreNamedAndGoodOnesTaken(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		report, err := s.ImportAreas(context.Background(), root, rows("code,name,level,parent,lat,lon,kind",
			"320682,如皋市,3,3206",
			"32068200,如城街道,4,320682",                       // 3: eight digits
			"320682001,如城街道,4,320682",                      // 4
			"320682001,又一个,4,320682",                       // 5: twice
			"320682001001,,5,320682001",                    // 6: no name
			"320682001001001,网格,6,320682001001",            // 7: under a refused row
			"320682002003,花园村,5,320682999",                 // 8: orphan
			"320682001004,四村,9,320682001",                  // 9: no such level
			"320682001005,五村,5,320682",                     // 10: village under county
			"329999001006,六村,5,320682001",                  // 11: foreign prefix
			"G-1,甲,7,G-2",                                  // 12: cycle
			"G-2,乙,7,G-1",                                  // 13: cycle
			"320682001007,七村𠮷😀,5,320682001",                // 14: rare characters are fine
			"320682001008,八村,5,320682001,120.5,32.4",       // 15: swapped
			"320682001009,九\x00村,5,320682001",              // 16: NUL
			"320682001010,十村,5,320682001,x,1",              // 17
			"B/1,楼,8,320682001007",                         // 18: a slash
			"320682001007001,某网格,6,320682001007,,,special", // 19: kind
			"S-1,学校,网格,320682001,,,专属",                     // 20: dedicated under a township
			"S-2,楼,8,320682001",                            // 21: building under a township
		), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[int]string{}
		for _, r := range report.Refused {
			got[r.Row] = r.Column + " " + r.Code
			if r.Text.ZH == "" || r.Text.EN == "" {
				t.Errorf("row %d: no words", r.Row)
			}
		}
		want := map[int]string{3: "code code-form", 5: "code duplicate", 6: "name name-missing", 7: "parent parent-refused", 8: "parent orphan",
			9: "level unknown-level", 10: "level level-order", 11: "code code-prefix", 12: "parent cycle", 13: "parent cycle", 15: "lat out-of-range",
			16: "name control-character", 17: "lat not-a-number", 18: "code code-character", 19: "kind unknown-kind", 21: "level level-order"}
		for row, w := range want {
			if got[row] != w {
				t.Errorf("row %d: %q, want %q", row, got[row], w)
			}
		}
		if len(got) != len(want) || report.Created != 4 {
			t.Errorf("refused %v, created %d", got, report.Created)
		}
		for i := 1; i < len(report.Refused); i++ {
			if report.Refused[i].Row < report.Refused[i-1].Row {
				t.Error("refusals are not in the order of rows")
			}
		}
	})
}

func TestADryRunChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		report, err := s.ImportAreas(context.Background(), root, sample(t, "areas-rugao.csv"), Options{DryRun: true})
		if err != nil || report.Created != 377 || !report.DryRun {
			t.Fatalf("%+v %v", report, err)
		}
		if len(s.Tree().Areas()) != 0 || s.Tree().Version() != 0 {
			t.Error("a dry run created areas")
		}
	})
}

func TestAnImportMovesAndRenames(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		small(t, s)
		tracker := follow(s)
		report := mustImport(t, s, rows("code,name,level,parent",
			"320682001002,花园居委会,村,320682102",
			"320682001002001,花园社区第1网格,网格,320682001001",
			"320682001001001,甲网格,网格,"))
		if report.Updated != 3 {
			t.Errorf("%+v", report)
		}
		tracker.agrees(t)
		if got := s.Tree().Path("320682001002"); got != "/320682/320682102/320682001002/" {
			t.Errorf("path %s", got)
		}
		if a, _ := s.Tree().Area("320682001001002"); a.Version != 1 {
			t.Errorf("an area nobody touched has version %d", a.Version)
		}
	})
}

func TestAnImportKeepsToTheActorsArea(t *testing.T) {
	s := fast(t)
	small(t, s)
	clerk := person{"clerk", []string{"/320682/320682001/"}}
	report, err := s.ImportAreas(context.Background(), clerk, rows("code,name,level,parent",
		"320682001003,新社区,村,320682001",
		"320682102202,新村,村,320682102",
		"320682001001,安定社区居委会,村,320682102",
		"320683,别的县,县,"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Created != 1 || len(report.Refused) != 3 {
		t.Fatalf("%+v", report)
	}
	for _, r := range report.Refused {
		if r.Code != "forbidden" {
			t.Errorf("row %d: %s", r.Row, r.Code)
		}
	}
}

func TestOrganisationsAreImported(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		small(t, s)
		load := func() Report {
			report, err := s.ImportOrgs(context.Background(), root, rows("code,name,kind,function,area,parent",
				"320682-housing-team,物业科,team,,320682,320682-housing",
				"320682-housing,住房局,department,housing,320682,",
				"320682001-judicial,司法所,judicial-office,legal,320682001,",
				"x-1,无处,team,,999999,",
				"x-2,环一,team,,320682,x-3",
				"x-3,环二,team,,320682,x-2",
				"x-2,再来,team,,320682,",
				"x/4,斜杠,team,,320682,"), Options{})
			if err != nil {
				t.Fatal(err)
			}
			return report
		}
		report := load()
		codes := map[int]string{}
		for _, r := range report.Refused {
			codes[r.Row] = r.Code
		}
		if report.Created != 3 || codes[5] != "area-unknown" || codes[6] != "cycle" || codes[7] != "cycle" || codes[8] != "duplicate" || codes[9] != "code-character" {
			t.Errorf("%+v", report)
		}
		if report := load(); report.Unchanged != 3 || report.Created+report.Updated != 0 {
			t.Errorf("a second time: %+v", report)
		}
		if o, ok := s.Tree().OrgFor("B-1", "housing"); !ok || o.Code != "320682-housing" || o.Path != "/320682/" {
			t.Errorf("%+v", o)
		}
		if o, ok := s.Tree().OrgFor("320682001001001", "legal"); !ok || o.Path != "/320682/320682001/" {
			t.Errorf("%+v", o)
		}
		if _, ok := s.Tree().OrgFor("320682102201", "legal"); ok {
			t.Error("another township's office answers")
		}
	})
}

// failing breaks off in the middle of a table.
type failing struct {
	*table
	err error
}

func (f failing) Next() (int, func(...string) string, error) {
	if f.at == 1 {
		f.at++
		return 3, nil, f.err
	}
	return f.table.Next()
}

func TestATableThatBreaksOffIsNotHalfImported(t *testing.T) {
	s := fast(t)
	_, err := s.ImportAreas(context.Background(), root, failing{rows("code,name,level", "320682,如皋市,3", "", "320683,又一市,3"),
		fault.New(fault.Invalid, "sheet-broken", "坏了", "broken")}, Options{})
	if !fault.HasCode(err, "sheet-broken") || len(s.Tree().Areas()) != 0 {
		t.Errorf("%v, %d areas", err, len(s.Tree().Areas()))
	}
	report, err := s.ImportAreas(context.Background(), root, failing{rows("code,name,level", "320682,如皋市,3", "", "320683,又一市,3"),
		fault.New(fault.Invalid, "bad-row", "坏行", "bad row").At("rows[3].name", "nul", "空字符", "NUL")}, Options{})
	if err != nil || report.Created != 2 || len(report.Refused) != 1 || report.Refused[0].Code != "nul" {
		t.Errorf("%+v %v", report, err)
	}
}

func FuzzParseCode(f *testing.F) {
	for _, seed := range []string{"320682", "320682001", "320682001001", "320682001001001", "", "a/b", "３２０６８２", "\x00", strings.Repeat("9", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, code string) {
		level, bad := ParseCode(code)
		if bad != nil {
			if bad.Text.ZH == "" || bad.Text.EN == "" || bad.Code == "" {
				t.Error("a refusal without words")
			}
			return
		}
		if p := CheckCode(level, "", code); p != nil {
			t.Errorf("%q is a %s code and is refused as one: %s", code, level, p.Text.EN)
		}
		if strings.Contains(code, "/") {
			t.Errorf("%q would break paths", code)
		}
	})
}
