package area

import (
	"context"
	"testing"

	"linli/internal/area/geo"
	"linli/internal/platform/database"
)

// spoil changes rows behind the program's back.
func spoil(t *testing.T, s *Service, statements ...string) {
	t.Helper()
	err := s.db.Write(context.Background(), func(tx *database.Tx) error {
		for _, q := range statements {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ rule, statement, code, area string }{
		{"a path agrees with the parent", `UPDATE area SET path = '/320682/320682102/G-1/' WHERE code = 'G-1'`, "path", "G-1"},
		{"nothing open hangs under something closed", `UPDATE area SET closed = TRUE WHERE code = '320682001002'`, "open-under-closed", "320682001002001"},
		{"a parent exists", `UPDATE area SET parent = 'gone' WHERE code = 'G-1'`, "orphan", "G-1"},
		{"levels go down", `UPDATE area SET level = 'village' WHERE code = 'G-1'`, "level-order", "G-1"},
		{"an organisation's area exists", `UPDATE area_org SET area = 'gone' WHERE code = 'team'`, "org-nowhere", "team"},
		{"an outline belongs to an area", `UPDATE area_boundary SET code = 'gone' WHERE code = '320682001001002'`, "outline-of-nothing", "gone"},
		{"a grid has an outline where its siblings do", `DELETE FROM area_boundary WHERE code = '320682001001002'`, "no-outline", "320682001001002"},
		{"grids do not overlap", `UPDATE area_boundary SET geometry = (SELECT b.geometry FROM area_boundary b WHERE b.code = '320682001001') WHERE code = '320682001001001'`, "overlap", "320682001001002"},
		{"grids fill their village", `UPDATE area_boundary SET geometry = '{"type":"Polygon","coordinates":[[[120.05,32],[120.1,32],[120.1,32.05],[120.05,32.05],[120.05,32]]]}' WHERE code = '320682001001002'`, "gap", "320682001001"},
		{"a grid lies in its village", `UPDATE area_boundary SET geometry = '{"type":"Polygon","coordinates":[[[120.05,32],[120.2,32],[120.2,32.1],[120.05,32.1],[120.05,32]]]}' WHERE code = '320682001001002'`, "outside-parent", "320682001001002"},
		{"a building lies in a grid", `UPDATE area SET lat = 35, lon = 110 WHERE code = 'B-1'`, "in-no-grid", "B-1"},
		{"a building lies in its own grid", `UPDATE area SET lat = 32.05, lon = 120.02 WHERE code = 'B-1'`, "in-other-grid", "B-1"},
		{"a place lies in one grid only", `UPDATE area_boundary SET geometry = (SELECT b.geometry FROM area_boundary b WHERE b.code = '320682001001') WHERE code = '320682001001002'`, "in-several-grids", "p1"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			s := placed(t)
			ctx := context.Background()
			if _, err := s.CreateOrg(ctx, root, CreateOrg{Org: Org{Code: "team", Name: "队", Area: "320682001"}}); err != nil {
				t.Fatal(err)
			}
			if findings, err := s.Check(ctx); err != nil || len(findings) > 0 {
				t.Fatalf("before: %+v %v", findings, err)
			}
			spoil(t, s, c.statement)
			findings, err := s.Check(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if f.Code == c.code && f.Area == c.area && f.Text.ZH != "" && f.Text.EN != "" {
					return
				}
			}
			t.Errorf("not found among %+v", findings)
		})
	}
}

func TestADedicatedGridMayTakeGroundFromAVillage(t *testing.T) {
	s := fast(t)
	small(t, s)
	mustImport(t, s, rows("code,name,level,parent,kind", "M-1,大市场,grid,320682001,dedicated"))
	report := importBoundaries(t, s, collection(t,
		Outline{Code: "320682001001", Shape: box(32, 120, 0.1, 0.1)},
		Outline{Code: "320682001001001", Shape: box(32, 120, 0.1, 0.05)},
		Outline{Code: "320682001001002", Shape: box(32, 120.05, 0.05, 0.05)},
		Outline{Code: "M-1", Shape: box(32.05, 120.05, 0.05, 0.05)}), geo.WGS84)
	if report.Created != 4 || len(report.Findings) > 0 {
		t.Errorf("%+v", report)
	}
	if f := s.Locate(Place{HasPoint: true, Lat: 32.07, Lon: 120.07}); f.Area != "M-1" || f.Ask {
		t.Errorf("%+v", f)
	}
}

func TestRealVillageNamesAreFound(t *testing.T) {
	for _, file := range []string{"areas-rugao.csv", "areas-gonghe.csv", "areas-pingtang.csv"} {
		s := fast(t)
		mustImport(t, s, sample(t, file))
		villages, short := 0, 0
		for _, a := range s.Tree().Areas() {
			if a.Level != Village {
				continue
			}
			villages++
			up, _ := s.Tree().Area(a.Parent)
			if f := s.Locate(Place{Address: up.Name + a.Name + "三组"}); f.Area != a.Code {
				t.Errorf("%s%s: found %s", up.Name, a.Name, f.Area)
			}
			// as people write it: without the official endings
			if f := s.Locate(Place{Address: base(up.Name, Township) + base(a.Name, Village) + "村路灯不亮"}); f.Area == a.Code {
				short++
			} else if !f.Ask {
				t.Errorf("%s%s: sure of %s", up.Name, a.Name, f.Area)
			}
		}
		if short < villages*95/100 {
			t.Errorf("%s: only %d of %d villages are found by their short names", file, short, villages)
		}
	}
}
