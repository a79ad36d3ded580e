package geo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"linli/internal/platform/lang"
)

// MarshalJSON writes the shape as a GeoJSON geometry, with as many digits as it takes to read it back.
func (s Shape) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 256)
	if len(s) == 1 {
		b = append(b, `{"type":"Polygon","coordinates":`...)
		b = appendPolygon(b, s[0])
	} else {
		b = append(b, `{"type":"MultiPolygon","coordinates":[`...)
		for i, poly := range s {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendPolygon(b, poly)
		}
		b = append(b, ']')
	}
	return append(b, '}'), nil
}

func appendPolygon(b []byte, poly Polygon) []byte {
	b = append(b, '[')
	for i, ring := range poly {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for j, p := range ring {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(b, '[')
			b = strconv.AppendFloat(b, p.Lon, 'f', -1, 64)
			b = append(b, ',')
			b = strconv.AppendFloat(b, p.Lat, 'f', -1, 64)
			b = append(b, ']')
		}
		b = append(b, ']')
	}
	return append(b, ']')
}

// UnmarshalJSON reads a Polygon or MultiPolygon. It checks the form only; Validate checks the meaning.
func (s *Shape) UnmarshalJSON(raw []byte) error {
	shape, flaw := ParseShape(raw)
	if flaw != nil {
		return errors.New(flaw.Text.EN)
	}
	*s = shape
	return nil
}

// ParseShape reads a GeoJSON geometry and says precisely what is wrong with its form.
func ParseShape(raw []byte) (Shape, *Flaw) {
	var g struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || string(raw) == "null" {
		return nil, &Flaw{Code: "no-geometry", Text: lang.T("没有几何数据(geometry)", "There is no geometry")}
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		return nil, formFlaw(err)
	}
	var polys [][][][]float64
	switch g.Type {
	case "Polygon":
		var one [][][]float64
		if err := json.Unmarshal(g.Coordinates, &one); err != nil {
			return nil, formFlaw(err)
		}
		polys = [][][][]float64{one}
	case "MultiPolygon":
		if err := json.Unmarshal(g.Coordinates, &polys); err != nil {
			return nil, formFlaw(err)
		}
	default:
		return nil, &Flaw{Code: "geometry-type", Text: lang.T(fmt.Sprintf("几何类型应为 Polygon 或 MultiPolygon,现在是“%s”", clip(g.Type)), fmt.Sprintf("The geometry should be a Polygon or MultiPolygon, not %q", clip(g.Type)))}
	}
	return shapeFrom(polys)
}

func shapeFrom(polys [][][][]float64) (Shape, *Flaw) {
	var s Shape
	for i, p := range polys {
		var poly Polygon
		for j, r := range p {
			ring := make(Ring, 0, len(r))
			for k, xy := range r {
				if len(xy) < 2 {
					at := fmt.Sprintf("coordinates[%d][%d][%d]", i, j, k)
					return nil, &Flaw{Code: "geometry-form", Text: lang.T(at+" 应有经度和纬度两个数", at+" should have two numbers, longitude and latitude")}
				}
				at := Point{Lat: xy[1], Lon: xy[0]}
				if len(ring) == 0 || ring[len(ring)-1] != at { // a repeated position says nothing
					ring = append(ring, at)
				}
			}
			poly = append(poly, ring)
		}
		s = append(s, poly)
	}
	return s, nil
}

func formFlaw(err error) *Flaw {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return &Flaw{Code: "geometry-form", Text: lang.T(
			fmt.Sprintf("坐标的写法不对:几何数据第 %d 字节处是 %s", kind.Offset, kind.Value),
			fmt.Sprintf("The coordinates are not of the right form: a %s at byte %d of the geometry", kind.Value, kind.Offset))}
	}
	return &Flaw{Code: "geometry-form", Text: lang.T("坐标的写法不对:"+err.Error(), "The coordinates are not of the right form: "+err.Error())}
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
