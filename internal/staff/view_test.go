package staff

import (
	"fmt"
	"strings"
	"testing"
)

func TestViewsAreOnesOwn(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		me, other := w.with("me", MakePost("grid-member", grid)), w.with("other", MakePost("grid-member", grid))
		kept, err := w.SaveView(w.ctx, me, View{ID: "overdue", Title: " 超期 ", Query: "?scope=area&state=overdue", Columns: []string{"number", "title"}, Position: 2})
		if err != nil || kept.Title != "超期" || kept.Query != "scope=area&state=overdue" || !kept.SavedAt.Equal(start) {
			t.Fatalf("%+v %v", kept, err)
		}
		must(w.SaveView(w.ctx, me, View{ID: "first", Title: "先看", Query: "", Position: 1}))
		must(w.SaveView(w.ctx, me, View{ID: "overdue", Title: "全部超期", Query: "state=overdue", Position: 3}))
		list := must(w.Views(w.ctx, me))
		if len(list) != 2 || list[0].ID != "first" || list[1].Title != "全部超期" || len(list[1].Columns) != 0 {
			t.Fatalf("%+v", list)
		}
		if theirs := must(w.Views(w.ctx, other)); len(theirs) != 0 {
			t.Fatalf("somebody else reads %+v", theirs)
		}
		wantCode(t, w.DropView(w.ctx, other, "overdue"), "no-view")
		wantNone(t, w.DropView(w.ctx, me, "overdue"))
		wantCode(t, w.DropView(w.ctx, me, "overdue"), "no-view")
		if _, err := w.Views(w.ctx, nil); err == nil {
			t.Fatal("nobody has views")
		}
	})
}

func TestViewsAreBounded(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		me := w.with("me", MakePost("grid-member", grid))
		for i := range viewsEach {
			must(w.SaveView(w.ctx, me, View{ID: fmt.Sprintf("v%d", i), Title: "一"}))
		}
		_, err := w.SaveView(w.ctx, me, View{ID: "one-more", Title: "一"})
		wantCode(t, err, "too-many-views")
		must(w.SaveView(w.ctx, me, View{ID: "v7", Title: "换一个"})) // in the place of one that is there
		for name, v := range map[string]View{
			"no title": {ID: "v1"}, "a long title": {ID: "v1", Title: strings.Repeat("长", 61)}, "an id with a blank": {ID: "v 1", Title: "一"}, "no id": {Title: "一"},
			"a broken query": {ID: "v1", Title: "一", Query: "a=%zz"}, "a long query": {ID: "v1", Title: "一", Query: strings.Repeat("a", 2001)},
			"an empty column": {ID: "v1", Title: "一", Columns: []string{""}}, "many columns": {ID: "v1", Title: "一", Columns: make([]string, 41)}, "a position far off": {ID: "v1", Title: "一", Position: 10000},
		} {
			if _, err := w.SaveView(w.ctx, me, v); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
	})
}
