package e2e

import (
	"context"
	"fmt"
	"testing"

	"linli/internal/casework"
	"linli/internal/staff"
	"linli/internal/platform/lang"
)

func TestSmoke(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		r, err := w.app.Cases.Submit(ctx, staff.Resident(lang.ZH), casework.Report{ID: id(t), Text: "小区东门的路灯不亮了,晚上老人走路不安全。请尽快修", Name: "王秀英", Phone: "138 0000 5678"})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%+v\n", r)
		for _, task := range r.Case.Tasks {
			fmt.Printf("%+v\n", task)
		}
		fmt.Println(w.call("", "GET", "/api/v1/track/"+r.Code, nil).raw)
		actor := w.holder(r.Case.Owner)
		v, err := w.app.Cases.Read(ctx, actor, r.Number)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range v.Offers {
			fmt.Println(o.Action.Name, o.Task, o.Primary)
		}
		out, err := w.app.Cases.Act(ctx, actor, casework.Command{Case: r.ID, Base: v.Case.Version, Action: "assign", Form: map[string]any{}})
		fmt.Println(err)
		if err == nil {
			fmt.Printf("%+v\n%+v\n", out.Entry, out.Case.Tasks[1])
		}
		if n, err := w.app.Cases.Index(ctx); err != nil {
			t.Fatal(n, err)
		}
		page, err := w.app.Cases.List(ctx, actor, casework.Filter{Scope: "area", Text: "路灯"})
		fmt.Println(len(page.Cases), err)
	})
}
