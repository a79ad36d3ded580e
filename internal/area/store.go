package area

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"linli/internal/platform/database"
)

// revision is the one row that says how new the stored data is.
type revision struct{ version, boundaries, places int64 }

func readRevision(tx *database.Tx, lock string) (revision, error) {
	r, _, err := database.One(tx, func(s database.Scanner) (revision, error) {
		var r revision
		err := s.Scan(&r.version, &r.boundaries, &r.places)
		return r, err
	}, `SELECT version, boundaries, places FROM area_revision WHERE id = 1`+lock)
	return r, err
}

func readTree(tx *database.Tx, version int64) (*Tree, error) {
	areas, err := database.All(tx, scanArea, `SELECT code, name, level, kind, parent, path, aliases, closed, successors, lat, lon, calendar, population, version FROM area`)
	if err != nil {
		return nil, fmt.Errorf("reading areas: %w", err)
	}
	orgs, err := database.All(tx, scanOrg, `SELECT code, name, kind, function, area, parent, calendar, closed, version FROM area_org`)
	if err != nil {
		return nil, fmt.Errorf("reading organisations: %w", err)
	}
	return newTree(version, areas, orgs), nil
}

func scanArea(s database.Scanner) (Area, error) {
	var a Area
	var aliases, successors string
	var lat, lon sql.NullFloat64
	if err := s.Scan(&a.Code, &a.Name, &a.Level, &a.Kind, &a.Parent, &a.Path, &aliases, &a.Closed, &successors, &lat, &lon, &a.Calendar, &a.Population, &a.Version); err != nil {
		return a, err
	}
	if lat.Valid && lon.Valid {
		a.Center = &Point{Lat: lat.Float64, Lon: lon.Float64}
	}
	var err error
	if a.Aliases, err = readList(aliases); err != nil {
		return a, fmt.Errorf("aliases of area %s: %w", a.Code, err)
	}
	if a.Successors, err = readList(successors); err != nil {
		return a, fmt.Errorf("successors of area %s: %w", a.Code, err)
	}
	return a, nil
}

func scanOrg(s database.Scanner) (Org, error) {
	var o Org
	err := s.Scan(&o.Code, &o.Name, &o.Kind, &o.Function, &o.Area, &o.Parent, &o.Calendar, &o.Closed, &o.Version)
	return o, err
}

// readList reads a JSON list of words; the empty one, most frequent by far, without parsing.
func readList(text string) ([]string, error) {
	if text == "" || text == "[]" {
		return nil, nil
	}
	var list []string
	err := json.Unmarshal([]byte(text), &list)
	return list, err
}

func writeList(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	raw, err := json.Marshal(list)
	if err != nil { // a list of strings always marshals
		return "[]"
	}
	return string(raw)
}
