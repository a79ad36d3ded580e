package e2e

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"linli/internal/casework"
	"linli/internal/platform/database/dbtest"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// grids of the small sample county, so that the benchmark's matters spread as they do in life.
func (w *world) grids() []string {
	var codes []string
	for _, a := range w.app.Areas.Tree().Areas() {
		if a.Level == "grid" && !a.Closed {
			codes = append(codes, a.Code)
		}
	}
	return codes
}

// BenchmarkSubmit is the full intake of a report: locate, model, deadlines, rows, one durable commit that
// 32 senders share as they come.
func BenchmarkSubmit(b *testing.B) {
	for _, engine := range dbtest.Engines(b) {
		b.Run(string(engine), func(b *testing.B) {
			w := begin(b, engine)
			grids := w.grids()
			var n atomic.Int64
			b.SetParallelism(16) // times two processors
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					r := casework.Report{ID: id(b), Text: fmt.Sprintf("小区东门的路灯不亮了,晚上老人走路不安全。第 %d 件", i), Name: "王秀英", Phone: "13800005678"}
					r.Place.Area = grids[int(i)%len(grids)]
					if _, err := w.app.Cases.Submit(context.Background(), staff.Resident(lang.ZH), r); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reports/s")
		})
	}
}

// BenchmarkWorklist is the first fifty of a dispatcher's open work among 2,000 cases.
func BenchmarkWorklist(b *testing.B) {
	for _, engine := range dbtest.Engines(b) {
		b.Run(string(engine), func(b *testing.B) {
			w := begin(b, engine)
			grids := w.grids()
			for i := range 2000 {
				r := casework.Report{ID: id(b), Text: fmt.Sprintf("楼道灯坏了 %d", i)}
				r.Place.Area = grids[i%len(grids)]
				if _, err := w.app.Cases.Submit(context.Background(), staff.Resident(lang.ZH), r); err != nil {
					b.Fatal(err)
				}
			}
			actor := w.as("paidan")
			b.ResetTimer()
			for b.Loop() {
				page, err := w.app.Cases.List(context.Background(), actor, casework.Filter{})
				if err != nil || len(page.Cases) == 0 {
					b.Fatal(len(page.Cases), err)
				}
			}
		})
	}
}
