package httpapi

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/area"
	"linli/internal/calendar"
	"linli/internal/casework"
	"linli/internal/category"
	"linli/internal/flow"
	"linli/internal/platform/config"
	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
	"linli/internal/staff"
	"linli/models"
)

// serve makes the face over an empty database: for what does not need a county.
func serve(t testing.TB, demo bool) *Server {
	t.Helper()
	db := dbtest.Open(t, database.Options{Dir: t.TempDir(), Now: func() time.Time { return time.Date(2026, 11, 16, 1, 0, 0, 0, time.UTC) }})
	cfg, _, err := config.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Demo = demo
	roles, err := staff.LoadRoles(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	lib, err := flow.Load(models.Files, "flows")
	if err != nil {
		t.Fatal(err)
	}
	cats, err := category.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	cals, err := calendar.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	areas := area.New(db)
	people := staff.New(db, areas.Tree, roles, nil, db.Now)
	cases := casework.New(casework.Parts{DB: db, Areas: areas, Staff: people, Models: lib, Categories: cats, Calendars: cals, Log: slog.New(slog.DiscardHandler)})
	return New(Parts{Config: cfg, Log: slog.New(slog.DiscardHandler), DB: db, Areas: areas, Staff: people, Cases: cases, Version: "test"})
}

func TestEveryOperationIsDescribed(t *testing.T) {
	s := serve(t, false)
	for path, item := range s.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			if op.Summary == "" || len(op.Tags) != 1 || op.Extensions["x-permission"] == nil {
				t.Errorf("%s %s lacks summary, tag or permission", op.Method, path)
			}
		}
	}
}

func TestAnOperationWithoutPermissionDoesNotStart(t *testing.T) {
	type hidden struct {
		Code string `path:"code"`
	}
	type input struct{ hidden }
	s := serve(t, false)
	for name, register := range map[string]func(){
		"no permission": func() { add(s, operation{method: get, path: "/x", id: "x", tag: "t"}, s.me) },
		"an unknown one": func() {
			add(s, operation{method: get, path: "/x", id: "x", tag: "t", permission: "case.everything"}, s.me)
		},
		"an id twice": func() { add(s, operation{method: get, path: "/x", id: "me", tag: "t", permission: signedIn}, s.me) },
		"hidden parameters": func() {
			add(s, operation{method: get, path: "/x/{code}", id: "x", tag: "t", permission: signedIn}, func(context.Context, *input) (*nothing, error) { return nil, nil })
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: the operation was registered", name)
				}
			}()
			register()
		}()
	}
}

func operationID(op *huma.Operation) string {
	if op == nil {
		return ""
	}
	return op.OperationID
}
