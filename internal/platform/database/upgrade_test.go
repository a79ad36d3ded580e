package database_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// slow fills a table in one statement that takes a while on either engine, after one that writes three rows.
var slow = []database.Schema{{Name: "shop", Files: fstest.MapFS{
	"0001_thing.sql": {Data: []byte("CREATE TABLE thing (\n    n BIGINT NOT NULL\n);\n")},
	"0002_fill.sql": {Data: []byte(`INSERT INTO thing (n) VALUES (1), (2), (3);
CREATE TABLE other (
    n BIGINT NOT NULL
);
INSERT INTO other (n)
WITH RECURSIVE count_up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count_up WHERE n < 1000000)
SELECT n FROM count_up WHERE n % 1000 = 0;
`)},
}}}

func TestAMigrationTellsHowFarItIs(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			var told []database.Upgrade
			o := dbtest.Options(t, engine, nil)
			o.Upgrading, o.TellEvery = func(u database.Upgrade) { told = append(told, u) }, time.Millisecond
			taken, err := dbtest.Open(t, o).Migrate(context.Background(), slow...)
			if err != nil || len(taken) != 4 {
				t.Fatalf("taken %v, %v", taken, err)
			}
			var order []string
			atWork := database.Upgrade{}
			for _, u := range told {
				switch {
				case u.Done:
					order = append(order, "taken "+u.ID)
				case u.For == 0:
					order = append(order, "begun "+u.ID)
				case u.Part == 3:
					atWork = u
				}
				if u.Steps != 4 || taken[u.Step-1].ID != u.ID {
					t.Errorf("%s is told as step %d of %d", u.ID, u.Step, u.Steps)
				}
			}
			want := []string{"begun database/0001_start", "taken database/0001_start", "begun database/0002_index_aside", "taken database/0002_index_aside", "begun shop/0001_thing", "taken shop/0001_thing", "begun shop/0002_fill", "taken shop/0002_fill"}
			if len(order) != len(want) {
				t.Fatalf("told %v, want %v", order, want)
			}
			for i := range want {
				if order[i] != want[i] {
					t.Fatalf("told %v, want %v", order, want)
				}
			}
			// the statement that takes long is told while it runs, with the rows of those before it and nothing of the table made
			if atWork.Doing != "INSERT INTO other" || atWork.Parts != 3 || atWork.Rows != 3 || atWork.For <= 0 {
				t.Errorf("at work: %+v", atWork)
			}
		})
	}
}

func TestAMigrationThatFailsIsNotToldAsTaken(t *testing.T) {
	wrong := []database.Schema{{Name: "shop", Files: fstest.MapFS{"0001_thing.sql": {Data: []byte("CREATE TABLE thing (n BIGINT);\nINSERT INTO nothing (n) VALUES (1);\n")}}}}
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			o := dbtest.Options(t, engine, nil)
			o.Upgrading = func(u database.Upgrade) {
				if u.Done && u.ID == "shop/0001_thing" {
					t.Error("told as taken")
				}
			}
			db := dbtest.Open(t, o)
			if _, err := db.Migrate(context.Background(), wrong...); err == nil {
				t.Fatal("it was taken")
			}
			all, err := db.Migrations(context.Background(), append([]database.Schema{database.OwnSchema()}, wrong...)...)
			if err != nil || all[len(all)-1].Done {
				t.Errorf("%v, %v", all, err)
			}
		})
	}
}
