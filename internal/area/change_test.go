package area

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// tracker rewrites paths as a listener is told to, and so proves that changes tell enough.
type tracker struct {
	s     *Service
	paths map[string]string // of a thing that lives at each area
	kinds []string
}

func follow(s *Service) *tracker {
	k := &tracker{s: s, paths: map[string]string{}}
	for _, a := range s.Tree().Areas() {
		k.paths[a.Code] = a.Path
	}
	s.OnChange(func(_ *database.Tx, c Change) error {
		k.kinds = append(k.kinds, c.Kind)
		switch c.Kind {
		case ChangeSplit:
			kept := contains(c.To, c.From[0])
			for thing, path := range k.paths {
				if path == c.OldPath && !kept {
					k.paths[thing] = c.ToPaths[0]
				}
			}
		default:
			if c.OldPath == "" || c.NewPath == "" || c.OldPath == c.NewPath {
				return nil
			}
			for thing, path := range k.paths {
				if rest, under := strings.CutPrefix(path, c.OldPath); under {
					k.paths[thing] = c.NewPath + rest
				}
			}
		}
		return nil
	})
	return k
}

// agrees checks that every followed path is that of an area there is, the one meant.
func (k *tracker) agrees(t interface{ Errorf(string, ...any) }) {
	tree := k.s.Tree()
	for thing, path := range k.paths {
		parts := strings.Split(strings.Trim(path, "/"), "/")
		at := parts[len(parts)-1]
		if tree.Path(at) != path {
			t.Errorf("what lived at %s was led to %s, but %s is at %s", thing, path, at, tree.Path(at))
		}
		if a, ok := tree.Area(thing); ok && !a.Closed && a.Path != path {
			t.Errorf("what lived at %s was led to %s, not %s", thing, path, a.Path)
		}
	}
}

func wantCode(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if !fault.Is(err, kind) || !fault.HasCode(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestChangesHaveRules(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		small(t, s)
		ctx := context.Background()
		grid := func(code, name, parent string) CreateArea {
			return CreateArea{Area: Area{Code: code, Name: name, Level: Grid, Parent: parent}}
		}
		a, err := s.Create(ctx, root, grid("320682001001003", "安定社区第3网格", "320682001001"))
		if err != nil || a.Path != "/320682/320682001/320682001001/320682001001003/" || a.Kind != KindBasic {
			t.Fatalf("%+v %v", a, err)
		}
		_, err = s.Create(ctx, root, grid("320682001001003", "又一个", "320682001001"))
		wantCode(t, err, fault.Conflict, "code-taken")
		_, err = s.Create(ctx, root, grid("3206820010", "短", "320682001001"))
		wantCode(t, err, fault.Invalid, "code-form")
		_, err = s.Create(ctx, root, grid("320682001001004", "乱挂", "320682001"))
		wantCode(t, err, fault.Invalid, "level-order")
		_, err = s.Create(ctx, root, grid("320682001001004", "无上级", "nowhere"))
		wantCode(t, err, fault.NotFound, "area-unknown")
		_, err = s.Create(ctx, person{"x", []string{"/320682/320682102/"}}, grid("320682001001004", "越权", "320682001001"))
		wantCode(t, err, fault.NotFound, "area-unknown")
		_, err = s.Rename(ctx, root, RenameArea{Code: "320682001001003", Name: "新名", Version: a.Version + 5})
		wantCode(t, err, fault.Conflict, "stale-version")
		b, err := s.Rename(ctx, root, RenameArea{Code: "320682001001003", Name: "新名", Alias: true, Version: a.Version, Reason: "居民投票"})
		if err != nil || b.Name != "新名" || b.Aliases[0] != "安定社区第3网格" {
			t.Fatalf("%+v %v", b, err)
		}
		_, err = s.Move(ctx, root, MoveArea{Code: "320682001", Parent: "320682001001"})
		wantCode(t, err, fault.Invalid, "cycle")
		_, err = s.Move(ctx, root, MoveArea{Code: "320682001001003", Parent: "320682"})
		wantCode(t, err, fault.Invalid, "level-order")
		wantCode(t, s.Close(ctx, root, CloseArea{Code: "320682001001"}), fault.Conflict, "has-open-children")
		if err := s.Close(ctx, root, CloseArea{Code: "320682001001003"}); err != nil {
			t.Fatal(err)
		}
		_, err = s.Rename(ctx, root, RenameArea{Code: "320682001001003", Name: "太迟"})
		wantCode(t, err, fault.Conflict, "area-closed")
		if up, ok := s.Tree().Above("B-1"); !ok || up.Code != "G-1" {
			t.Errorf("above B-1 is %+v", up)
		}
		history, err := s.History(ctx, root, "320682001001003")
		if err != nil || len(history) != 3 {
			t.Fatalf("%+v %v", history, err)
		}
		for i, kind := range []string{ChangeCreate, ChangeRename, ChangeClose} {
			if h := history[i]; h.Kind != kind || h.Actor != "root" || !h.At.Equal(noon) {
				t.Errorf("entry %d: %+v", i, h)
			}
		}
		if h := history[1]; h.Reason != "居民投票" || !strings.Contains(string(h.Before), "安定社区第3网格") || !strings.Contains(string(h.After), "新名") {
			t.Errorf("%s -> %s", h.Before, h.After)
		}
	})
}

func TestAnErrorOfAListenerUndoesTheChange(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		small(t, s)
		s.OnChange(func(*database.Tx, Change) error { return fault.New(fault.Conflict, "no", "不", "no") })
		_, err := s.Rename(context.Background(), root, RenameArea{Code: "320682", Name: "别名"})
		wantCode(t, err, fault.Conflict, "no")
		again := New(s.db)
		if err := again.Load(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, tree := range []*Tree{s.Tree(), again.Tree()} {
			if a, _ := tree.Area("320682"); a.Name != "如皋市" {
				t.Errorf("renamed to %s", a.Name)
			}
		}
	})
}

func TestAnotherNodeSeesChanges(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		ctx := context.Background()
		other := New(s.db)
		small(t, s)
		draw(t, s)
		if changed, err := other.Refresh(ctx); err != nil || !changed {
			t.Fatalf("changed %v, %v", changed, err)
		}
		if changed, err := other.Refresh(ctx); err != nil || changed {
			t.Fatalf("changed again: %v, %v", changed, err)
		}
		at := Place{HasPoint: true, Lat: 32.05, Lon: 120.07}
		if f := other.Locate(at); f.Area != "320682001001002" {
			t.Errorf("%+v", f)
		}
		// a node that is behind still changes what is stored, not what it remembers
		if _, err := s.Rename(ctx, root, RenameArea{Code: "320682", Name: "新皋市"}); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Create(ctx, root, CreateArea{Area: Area{Code: "320682001001003", Name: "三", Level: Grid, Parent: "320682001001"}}); err != nil {
			t.Fatal(err)
		}
		if a, _ := other.Tree().Area("320682"); a.Name != "新皋市" {
			t.Errorf("the other node shows %s", a.Name)
		}
	})
}

func TestMergeAndSplit(t *testing.T) {
	each(t, func(t *testing.T, s *Service) {
		small(t, s)
		draw(t, s)
		ctx := context.Background()
		if _, err := s.CreateOrg(ctx, root, CreateOrg{Org: Org{Code: "team", Name: "服务队", Area: "320682001001001"}}); err != nil {
			t.Fatal(err)
		}
		k := follow(s)
		before := s.Tree().Version()
		merged, err := s.Merge(ctx, root, MergeAreas{From: []string{"320682001001001", "320682001001002"}, Into: Area{Code: "320682001001009", Name: "安定大网格"}})
		if err != nil {
			t.Fatal(err)
		}
		k.agrees(t)
		if s.Tree().Version() != before+1 || s.Tree().Path("B-1") != merged.Path+"G-1/B-1/" {
			t.Errorf("version %d, B-1 at %s", s.Tree().Version(), s.Tree().Path("B-1"))
		}
		if o, _ := s.Tree().Org("team"); o.Area != merged.Code || o.Path != merged.Path {
			t.Errorf("%+v", o)
		}
		if f := s.Locate(Place{HasPoint: true, Lat: 32.05, Lon: 120.01}); f.Area != merged.Code || f.How != HowPoint {
			t.Errorf("%+v", f)
		}
		if f := s.Locate(Place{Area: "320682001001001"}); f.Area != merged.Code {
			t.Errorf("the old code leads to %+v", f)
		}
		_, err = s.Split(ctx, root, SplitArea{Code: merged.Code, Parts: []Part{{Code: "320682001001010", Name: "甲"}, {Code: "320682001001011", Name: "乙"}}})
		wantCode(t, err, fault.Invalid, "outlines-missing")
		_, err = s.Split(ctx, root, SplitArea{Code: merged.Code, Parts: []Part{{Code: "320682001001010", Name: "甲", Outline: box(32, 120, 0.1, 0.03)},
			{Code: "320682001001011", Name: "乙", Outline: box(32, 120.05, 0.1, 0.05)}}})
		wantCode(t, err, fault.Invalid, "gap")
		at := Point{Lat: 32.05, Lon: 120.09}
		if _, err := s.Update(ctx, root, UpdateArea{Code: "B-2", Center: &at}); err != nil {
			t.Fatal(err)
		}
		parts, err := s.Split(ctx, root, SplitArea{Code: merged.Code, Cut: true, Children: map[string]string{"G-1": "320682001001010"},
			Parts: []Part{{Code: "320682001001010", Name: "甲"}, {Code: "320682001001011", Name: "乙"}}})
		if err != nil || len(parts) != 2 {
			t.Fatalf("%+v %v", parts, err)
		}
		k.agrees(t)
		f := s.Locate(Place{HasPoint: true, Lat: at.Lat, Lon: at.Lon})
		if b, _ := s.Tree().Area("B-2"); b.Parent != f.Area || f.Level != Grid {
			t.Errorf("B-2 went to %s, its point lies in %+v", b.Parent, f)
		}
		if g, _ := s.Tree().Area("G-1"); g.Parent != "320682001001010" {
			t.Errorf("G-1 went to %s", g.Parent)
		}
		if old, _ := s.Tree().Area(merged.Code); !old.Closed || len(old.Successors) != 2 {
			t.Errorf("%+v", old)
		}
		findings, err := s.Check(ctx)
		for _, f := range findings {
			if f.Severity == SeverityError {
				t.Errorf("%+v", f)
			}
		}
		if err != nil {
			t.Error(err)
		}
	})
}

func TestRandomChangesKeepPathsRight(t *testing.T) {
	dir, done := t, map[string]int{}
	defer func() {
		for _, kind := range []string{ChangeMove, ChangeSplit, ChangeMerge, ChangeClose} {
			if done[kind] == 0 {
				dir.Errorf("no %s ever succeeded, so nothing was tested", kind)
			}
		}
	}()
	rapid.Check(t, func(t *rapid.T) {
		s := fast(dir)
		small(dir, s)
		k := follow(s)
		ctx := context.Background()
		for step := range rapid.IntRange(1, 12).Draw(t, "steps") {
			var open []Area
			for _, a := range s.Tree().Areas() {
				if !a.Closed {
					open = append(open, a)
				}
			}
			a := open[rapid.IntRange(0, len(open)-1).Draw(t, "area")]
			b := open[rapid.IntRange(0, len(open)-1).Draw(t, "other")]
			code := func(n int) string {
				if a.Level == Grid {
					return fmt.Sprintf("%.12s%03d", a.Parent, 500+10*step+n)
				}
				return fmt.Sprintf("X-%d-%d", step, n)
			}
			var err error
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				_, err = s.Move(ctx, root, MoveArea{Code: a.Code, Parent: b.Code})
			case 1:
				first := code(0)
				if rapid.Bool().Draw(t, "keeps its code") {
					first = a.Code
				}
				_, err = s.Split(ctx, root, SplitArea{Code: a.Code, Parts: []Part{{Code: first, Name: "甲"}, {Code: code(1), Name: "乙"}}})
			case 2:
				into := Area{Code: code(2), Name: "并"}
				if rapid.Bool().Draw(t, "into the first") {
					into = Area{Code: a.Code}
				}
				_, err = s.Merge(ctx, root, MergeAreas{From: []string{a.Code, b.Code}, Into: into})
			case 3:
				err = s.Close(ctx, root, CloseArea{Code: a.Code})
			}
			if err != nil && fault.Of(err).Kind == fault.Internal {
				t.Fatal(err)
			}
			for _, kind := range k.kinds {
				done[kind]++
			}
			k.agrees(t)
			findings, err := s.Check(ctx)
			if err != nil || len(findings) > 0 {
				t.Fatalf("%+v %v", findings, err)
			}
			stored := New(s.db)
			if err := stored.Load(ctx); err != nil {
				t.Fatal(err)
			}
			if x, y := dump(s.Tree()), dump(stored.Tree()); x != y {
				t.Fatalf("memory and database differ:\n%s\n%s", x, y)
			}
		}
	})
}

func dump(t *Tree) string {
	var lines []string
	for _, a := range t.Areas() {
		lines = append(lines, fmt.Sprintf("%+v", a))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}
