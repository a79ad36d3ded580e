package httpapi

import (
	"log/slog"
	"testing"
	"time"

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
func serve(t *testing.T, demo bool) *Server {
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

func TestDocument(t *testing.T) {
	s := serve(t, false)
	n := 0
	for range s.OpenAPI().Paths {
		n++
	}
	t.Log(n, "paths")
}
