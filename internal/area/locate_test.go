package area

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"linli/internal/area/geo"
)

func placed(t testing.TB) *Service {
	t.Helper()
	s := fast(t)
	small(t, s)
	draw(t, s)
	report, err := s.ImportPlaces(context.Background(), root, rows("code,name,aliases,kind,area,lat,lon",
		"p1,安定小区,老安定|安定家园,estate,,32.05,120.02",
		"p2,实验小学,,school,320682001001002,,",
		"p3,东大街,,street,320682001,,",
		"p4,实验小学,,school,320682001002,,"), Options{})
	if err != nil || report.Created != 4 {
		t.Fatalf("%+v %v", report, err)
	}
	return s
}

func TestWhereSomethingIs(t *testing.T) {
	s := placed(t)
	gcj := geo.FromWGS84(Point{Lat: 32.05, Lon: 120.0499}, geo.GCJ02)
	for _, c := range []struct {
		rule  string
		place Place
		area  string
		how   string
		ask   bool
	}{
		{"a point lies in a grid", Place{HasPoint: true, Lat: 32.05, Lon: 120.02}, "320682001001001", HowPoint, false},
		{"a point on a border has one owner", Place{HasPoint: true, Lat: 32.05, Lon: 120.05}, "320682001001002", HowPoint, false},
		{"the datum matters", Place{HasPoint: true, Lat: gcj.Lat, Lon: gcj.Lon, Datum: "gcj02"}, "320682001001001", HowPoint, false},
		{"an unknown datum says nothing", Place{HasPoint: true, Lat: gcj.Lat, Lon: gcj.Lon, Datum: "mars"}, "320682", HowParent, true},
		{"a village with one grid is that grid", Place{HasPoint: true, Lat: 32.15, Lon: 120.02}, "320682001002001", HowPoint, false},
		{"just outside is the nearest, with a question", Place{HasPoint: true, Lat: 31.999, Lon: 120.02}, "320682001001001", HowNearest, true},
		{"a township without grids asks", Place{HasPoint: true, Lat: 32.15, Lon: 120.15}, "320682102", HowParent, true},
		{"far outside is the county's, with a question", Place{HasPoint: true, Lat: 31, Lon: 121}, "320682", HowParent, true},
		{"no number is no point", Place{HasPoint: true, Lat: math.NaN(), Lon: 120}, "320682", HowParent, true},
		{"nothing is the county's, with a question", Place{}, "320682", HowParent, true},
		{"a building knows its grid", Place{Building: "B-1"}, "320682001001002", HowBuilding, false},
		{"a group knows its grid", Place{Building: "G-1", HasPoint: true, Lat: 32.05, Lon: 120.02}, "320682001001002", HowBuilding, false},
		{"an unknown building says nothing", Place{Building: "B-9", HasPoint: true, Lat: 32.05, Lon: 120.02}, "320682001001001", HowPoint, false},
		{"a grid chosen is taken", Place{Area: "320682001001001"}, "320682001001001", HowChosen, false},
		{"a village chosen asks for the grid", Place{Area: "320682001001"}, "320682001001", HowChosen, true},
		{"a village chosen and a point in it agree", Place{Area: "320682001001", HasPoint: true, Lat: 32.05, Lon: 120.02}, "320682001001001", HowPoint, false},
		{"a village chosen and a point elsewhere disagree", Place{Area: "320682102201", HasPoint: true, Lat: 32.05, Lon: 120.02}, "320682001001001", HowPoint, true},
		{"township, village and grid in words", Place{Address: "如城街道 安定社区 2 网格"}, "320682001001002", HowAddress, false},
		{"numbers in Chinese", Place{Address: "如城街道安定社区第二网格门口"}, "320682001001002", HowAddress, false},
		{"a leading zero and full width", Place{Address: "安定社区０２网格"}, "320682001001002", HowAddress, false},
		{"a building by its name", Place{Address: "幸福苑1幢302室"}, "320682001001002", HowAddress, false},
		{"a building in other words", Place{Address: "如城 幸福苑 二号楼"}, "320682001001002", HowAddress, false},
		{"an estate by its name", Place{Address: "安定小区5幢"}, "320682001001001", HowAddress, false},
		{"an estate by its alias", Place{Address: "老安定门口路灯不亮"}, "320682001001001", HowAddress, false},
		{"a village by its alias asks for the grid", Place{Address: "安定里路灯不亮"}, "320682001001", HowAddress, true},
		{"a village of one grid", Place{Address: "如城街道花园社区垃圾没清"}, "320682001002001", HowAddress, false},
		{"a street of a township asks", Place{Address: "东大街 88 号"}, "320682001", HowAddress, true},
		{"two schools of one name ask", Place{Address: "实验小学门口"}, "320682001", HowAddress, true},
		{"the village tells which school", Place{Address: "安定社区实验小学门口"}, "320682001001002", HowAddress, false},
		{"the village chosen tells which school", Place{Area: "320682001002", Address: "实验小学"}, "320682001002001", HowChosen, false},
		{"a grid's number alone says nothing", Place{Address: "2网格"}, "320682", HowAddress, true},
		{"a grid's number in the village chosen is that grid", Place{Area: "320682001001", Address: "2网格"}, "320682001001002", HowAddress, false},
		{"names that exclude each other ask", Place{Address: "雪岸镇安定社区2网格"}, "320682001001002", HowAddress, true},
		{"a short name alone is a hunch", Place{Address: "花园里的路灯坏了"}, "320682", HowAddress, true},
		{"a short name in the township chosen is a hunch there", Place{Area: "320682001", Address: "花园"}, "320682001", HowAddress, true},
		{"a short name after its township is meant", Place{Address: "如城花园"}, "320682001002001", HowAddress, false},
		{"words without a place say nothing", Place{Address: "路灯坏了，请尽快修理"}, "320682", HowParent, true},
		{"signs alone say nothing", Place{Address: "\x00 \xff ，。！"}, "320682", HowParent, true},
	} {
		t.Run(c.rule, func(t *testing.T) {
			f := s.Locate(c.place)
			if f.Area != c.area || f.How != c.how || f.Ask != c.ask {
				t.Errorf("%s %s, ask %v, confidence %.2f; want %s %s, ask %v; %+v", f.Area, f.How, f.Ask, f.Confidence, c.area, c.how, c.ask, f)
			}
			if a, _ := s.Tree().Area(f.Area); a.Level != f.Level {
				t.Errorf("level %s", f.Level)
			}
			if f.Why.ZH == "" || f.Why.EN == "" {
				t.Error("no reason given")
			}
			if !f.Ask && (f.Level != Grid || f.Confidence < sureEnough) {
				t.Errorf("sure without being: %+v", f)
			}
		})
	}
}

func TestAnEmptyTreeAsks(t *testing.T) {
	if f := fast(t).Locate(Place{HasPoint: true, Lat: 32, Lon: 120, Address: "如城街道", Building: "x"}); f.Area != "" || !f.Ask {
		t.Errorf("%+v", f)
	}
}

func TestLocateNeverPanicsAndAlwaysAnswers(t *testing.T) {
	s := placed(t)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"如城街道", "安定", "社区", "2网格", "第", "十", "一", "幢", "实验小学", "雪岸镇", "村", " ", "😀", "\x00", "08", "安定小区"})
		address := ""
		for range rapid.IntRange(0, 8).Draw(t, "words") {
			address += word.Draw(t, "word")
		}
		f := s.Locate(Place{Address: address + rapid.String().Draw(t, "noise"), Area: rapid.SampledFrom([]string{"", "320682001", "B-1", "?"}).Draw(t, "area"),
			HasPoint: rapid.Bool().Draw(t, "has"), Lat: rapid.Float64().Draw(t, "lat"), Lon: rapid.Float64().Draw(t, "lon")})
		if _, ok := s.Tree().Area(f.Area); !ok || f.Confidence < 0 || f.Confidence > 1 {
			t.Fatalf("%+v", f)
		}
		for _, c := range f.Candidates {
			if s.Tree().Path(c.Code) != c.Path || c.Score < 0 || c.Score > 1 {
				t.Fatalf("%+v", c)
			}
		}
	})
}

// rugao is the sample county with the 1,271 grids of its outline.
func rugao(t testing.TB) *Service {
	t.Helper()
	s := fast(t)
	mustImport(t, s, sample(t, "areas-rugao.csv"))
	var villages []Area
	for _, a := range s.Tree().Areas() {
		if a.Level == Village {
			villages = append(villages, a)
		}
	}
	cells, err := DeriveGrids(countyOutline(t), 1271)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{"code,name,level,parent"}
	outlines := []Outline{{Code: "320682", Shape: countyOutline(t)}}
	for i, c := range cells {
		v := villages[i*len(villages)/len(cells)]
		code := fmt.Sprintf("%s%03d", v.Code, i%999+1)
		lines = append(lines, fmt.Sprintf("%s,%s第%d网格,grid,%s", code, base(v.Name, Village), i%999+1, v.Code))
		outlines = append(outlines, Outline{Code: code, Shape: c})
	}
	mustImport(t, s, rows(lines...))
	report := importBoundaries(t, s, collection(t, outlines...), geo.WGS84)
	if report.Created != 1272 || len(report.Findings) > 0 {
		t.Fatalf("%d created, %d refused, %+v", report.Created, report.Refused, report.Findings[:min(3, len(report.Findings))])
	}
	return s
}

func TestTheWholeCountyHasExactlyOneGridEverywhere(t *testing.T) {
	s := rugao(t)
	outline := countyOutline(t)
	b := outline.Bounds()
	g := s.state.Load().ground()
	rapid.Check(t, func(t *rapid.T) {
		p := Point{Lat: rapid.Float64Range(b.Min.Lat, b.Max.Lat).Draw(t, "lat"), Lon: rapid.Float64Range(b.Min.Lon, b.Max.Lon).Draw(t, "lon")}
		in := g.covering(p)
		f := s.Locate(Place{HasPoint: true, Lat: p.Lat, Lon: p.Lon})
		switch {
		case len(in) > 1:
			t.Fatalf("%v lies in %v", p, in)
		case len(in) == 1 && (f.Area != in[0] || f.How != HowPoint || f.Ask):
			t.Fatalf("%v lies in %s, found %+v", p, in[0], f)
		case len(in) == 0 && (f.How == HowPoint || !f.Ask):
			t.Fatalf("%v lies in no grid, found %+v", p, f)
		case len(in) == 0 && outline.Contains(p) && f.How != HowNearest:
			t.Fatalf("%v lies in the county, found %+v", p, f)
		}
	})
	findings, err := s.Check(context.Background())
	if err != nil || len(findings) > 0 {
		t.Errorf("%v %+v", err, findings[:min(3, len(findings))])
	}
}

func scatter(s *Service, n int) []Place {
	o, _ := s.Outline("320682")
	b := o.Shape.Bounds()
	out := make([]Place, n)
	for i := range out {
		out[i] = Place{HasPoint: true, Lat: b.Min.Lat + math.Mod(float64(i)*0.6180339887, 1)*(b.Max.Lat-b.Min.Lat), Lon: b.Min.Lon + math.Mod(float64(i)*0.7548776662, 1)*(b.Max.Lon-b.Min.Lon)}
	}
	return out
}

// BenchmarkLocatePoint1271 is the whole answer for points inside the county.
func BenchmarkLocatePoint1271(b *testing.B) {
	s := rugao(b)
	var inside []Place
	for _, p := range scatter(s, 8192) {
		if s.Locate(p).How == HowPoint {
			inside = append(inside, p)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		s.Locate(inside[i%len(inside)])
	}
}

func BenchmarkLocateAddress(b *testing.B) {
	s := rugao(b)
	addresses := []string{"如城街道花园社区第3网格", "江苏省南通市如皋市东陈镇雪岸村12组8号门口的路灯已经坏了三天", "丁堰镇皋南社区", "没有地名的一句话,请尽快处理"}
	s.Locate(Place{Address: addresses[0]})
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		s.Locate(Place{Address: addresses[i%len(addresses)]})
	}
}

func BenchmarkCheck1271(b *testing.B) {
	s := rugao(b)
	b.ResetTimer()
	for range b.N {
		if _, err := s.Check(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLocatingGoesOnWhileAreasChange(t *testing.T) {
	s := placed(t)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, p := range []Place{{HasPoint: true, Lat: 32.05, Lon: 120.02}, {Address: "安定小区5幢"}} {
					if f := s.Locate(p); f.Area != "320682001001001" {
						t.Errorf("%+v", f)
						return
					}
				}
			}
		}()
	}
	for i := range 30 {
		if _, err := s.Rename(context.Background(), root, RenameArea{Code: "320682102", Name: fmt.Sprintf("雪岸镇%d", i)}); err != nil {
			t.Error(err)
		}
		draw := Outline{Code: "320682102", Shape: box(32, 120.1, 0.2, 0.1-float64(i)*1e-9)}
		if _, err := s.ImportBoundaries(context.Background(), root, collection(t, draw), BoundaryOptions{}); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	readers.Wait()
}
