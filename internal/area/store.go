package area

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"linli/internal/area/geo"
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

func writeArea(tx *database.Tx, a Area) error {
	var lat, lon any
	if a.Center != nil {
		lat, lon = a.Center.Lat, a.Center.Lon
	}
	_, err := tx.Exec(`INSERT INTO area (code, name, level, kind, parent, path, aliases, closed, successors, lat, lon, calendar, population, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level, kind = excluded.kind, parent = excluded.parent, path = excluded.path,
		aliases = excluded.aliases, closed = excluded.closed, successors = excluded.successors, lat = excluded.lat, lon = excluded.lon,
		calendar = excluded.calendar, population = excluded.population, version = excluded.version`,
		a.Code, a.Name, string(a.Level), a.Kind, a.Parent, a.Path, writeList(a.Aliases), a.Closed, writeList(a.Successors), lat, lon, a.Calendar, a.Population, a.Version)
	if err != nil {
		return fmt.Errorf("storing area %s: %w", a.Code, err)
	}
	return nil
}

func writeOrg(tx *database.Tx, o Org) error {
	_, err := tx.Exec(`INSERT INTO area_org (code, name, kind, function, area, parent, calendar, closed, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind, function = excluded.function, area = excluded.area,
		parent = excluded.parent, calendar = excluded.calendar, closed = excluded.closed, version = excluded.version`,
		o.Code, o.Name, o.Kind, o.Function, o.Area, o.Parent, o.Calendar, o.Closed, o.Version)
	if err != nil {
		return fmt.Errorf("storing organisation %s: %w", o.Code, err)
	}
	return nil
}

func scanOutline(s database.Scanner) (Outline, error) {
	var o Outline
	var geometry string
	if err := s.Scan(&o.Code, &geometry, &o.Datum, &o.Source); err != nil {
		return o, err
	}
	shape, flaw := geo.ParseShape([]byte(geometry))
	if flaw != nil {
		return o, fmt.Errorf("boundary of %s: %s", o.Code, flaw.Text.EN)
	}
	o.Shape = shape
	return o, nil
}

// writeOutline stores an outline, or removes it when o is nil.
func writeOutline(tx *database.Tx, code string, o *Outline, by string) error {
	if o == nil {
		if _, err := tx.Exec(`DELETE FROM area_boundary WHERE code = $1`, code); err != nil {
			return fmt.Errorf("removing the boundary of %s: %w", code, err)
		}
		return nil
	}
	geometry, err := o.Shape.MarshalJSON()
	if err != nil {
		return fmt.Errorf("writing the boundary of %s: %w", code, err)
	}
	_, err = tx.Exec(`INSERT INTO area_boundary (code, geometry, datum, source, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (code) DO UPDATE SET geometry = excluded.geometry, datum = excluded.datum, source = excluded.source, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
		code, string(geometry), string(o.Datum), o.Source, database.Millis(tx.Now), by)
	if err != nil {
		return fmt.Errorf("storing the boundary of %s: %w", code, err)
	}
	return nil
}

func scanPlace(s database.Scanner) (NamedPlace, error) {
	var p NamedPlace
	var aliases string
	var lat, lon sql.NullFloat64
	if err := s.Scan(&p.Code, &p.Name, &aliases, &p.Kind, &p.Area, &lat, &lon, &p.Datum); err != nil {
		return p, err
	}
	if lat.Valid && lon.Valid {
		p.At = &Point{Lat: lat.Float64, Lon: lon.Float64}
	}
	var err error
	if p.Aliases, err = readList(aliases); err != nil {
		return p, fmt.Errorf("aliases of place %s: %w", p.Code, err)
	}
	return p, nil
}

func writePlace(tx *database.Tx, code string, p *NamedPlace) error {
	var lat, lon any
	if p.At != nil {
		lat, lon = p.At.Lat, p.At.Lon
	}
	_, err := tx.Exec(`INSERT INTO area_place (code, name, aliases, kind, area, lat, lon, datum) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, aliases = excluded.aliases, kind = excluded.kind, area = excluded.area,
		lat = excluded.lat, lon = excluded.lon, datum = excluded.datum`,
		code, p.Name, writeList(p.Aliases), p.Kind, p.Area, lat, lon, string(p.Datum))
	if err != nil {
		return fmt.Errorf("storing the place %s: %w", code, err)
	}
	return nil
}
