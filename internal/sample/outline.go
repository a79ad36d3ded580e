package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"

	"linli/internal/area"
	"linli/internal/area/geo"
)

// importOutlines cuts the county's real outline into townships, these into villages and these into
// grids, each by its share, so that every level tiles the one above and every point has exactly one grid.
// A county without an outline among the models is laid out without.
func (b *builder) importOutlines(ctx context.Context) error {
	file := outlineFile(b.app.Models, b.plan.County)
	if file == "" {
		return nil
	}
	raw, err := fs.ReadFile(b.app.Models, file)
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	features, findings, err := area.ParseGeoJSON(raw)
	if err != nil {
		return err
	}
	if len(features) != 1 || len(findings) > 0 {
		return fmt.Errorf("%s should hold one outline: %d good, %d wrong", file, len(features), len(findings))
	}
	c := collection{Type: "FeatureCollection"}
	c.add(b.county.Code, features[0].Shape)
	if err := c.cut(features[0].Shape, b.townships); err != nil {
		return err
	}
	raw, err = json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing outlines: %w", err)
	}
	done, err := b.app.Areas.ImportBoundaries(ctx, b.actor, raw, area.BoundaryOptions{Options: area.Options{Reason: "sample"}, Datum: geo.WGS84, Source: "sample"})
	if err != nil {
		return err
	}
	b.report.Outlines = done.Created
	if done.Refused > 0 {
		for _, f := range done.Findings {
			if f.Severity == area.SeverityError {
				return fmt.Errorf("%d of %d outlines refused, first of %s: %s", done.Refused, done.Features, f.Area, f.Text.EN)
			}
		}
	}
	return nil
}

// collection is a GeoJSON file being written.
type collection struct {
	Type     string    `json:"type"`
	Features []feature `json:"features"`
}

type feature struct {
	Type       string            `json:"type"`
	Properties map[string]string `json:"properties"`
	Geometry   geo.Shape         `json:"geometry"`
}

func (c *collection) add(code string, shape geo.Shape) {
	c.Features = append(c.Features, feature{Type: "Feature", Properties: map[string]string{"code": code}, Geometry: shape})
}

// cut shares an outline out among places and goes on below them.
func (c *collection) cut(outline geo.Shape, among []*place) error {
	if len(among) == 0 {
		return nil
	}
	shares := make([]float64, len(among))
	for i, p := range among {
		shares[i] = p.weight
	}
	cells, err := area.DeriveShares(outline, shares)
	if err != nil {
		return err
	}
	for i, p := range among {
		c.add(p.Code, cells[i])
		if err := c.cut(cells[i], p.below); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return nil
}
