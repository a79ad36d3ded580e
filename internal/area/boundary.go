package area

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"linli/internal/area/geo"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// LargestGeoJSON is how many bytes of boundaries are taken at once.
const LargestGeoJSON = 64 << 20

// BoundaryReport tells what an import of boundaries did, or would do. Features with an error change nothing.
type BoundaryReport struct {
	Features  int       `json:"features"`
	Created   int       `json:"created"`
	Updated   int       `json:"updated"`
	Unchanged int       `json:"unchanged"`
	Refused   int       `json:"refused"`
	Findings  []Finding `json:"findings"`
	DryRun    bool      `json:"dry_run"`
}

// Feature is one outline of a GeoJSON file with what it says about its area.
type Feature struct {
	Index int
	Code  string // property code or adcode
	Name  string // property name
	Shape geo.Shape
}

// ParseGeoJSON reads a FeatureCollection or a single Feature. Each feature that is wrong is a finding; the
// others are given.
//
// Errors: TooLarge; Invalid "geojson-broken" with the byte where it breaks, "geojson-type".
func ParseGeoJSON(raw []byte) ([]Feature, []Finding, error) {
	if len(raw) > LargestGeoJSON {
		return nil, nil, fault.Newf(fault.TooLarge, "geojson-too-large", "文件超过 %[1]d MB,请拆分后分别导入", "The file is larger than %[1]d MB; split it and import the parts", LargestGeoJSON>>20)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if at := brokenUTF8(raw); at >= 0 {
		return nil, nil, broken(int64(at), "不是有效的 UTF-8 文字", "not valid UTF-8")
	}
	var file struct {
		Type     string            `json:"type"`
		Features []json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, nil, brokenBy(err)
	}
	switch file.Type {
	case "FeatureCollection":
	case "Feature":
		file.Features = []json.RawMessage{raw}
	default:
		return nil, nil, fault.Newf(fault.Invalid, "geojson-type", "文件应为 GeoJSON FeatureCollection,现在 type 是“%[1]s”", "The file should be a GeoJSON FeatureCollection; its type is %[1]q", clip(file.Type))
	}
	var out []Feature
	var findings []Finding
	for i, one := range file.Features {
		f, flaw := parseFeature(i, one)
		if flaw != nil {
			findings = append(findings, flawed(f, *flaw))
			continue
		}
		out = append(out, f)
	}
	return out, findings, nil
}

func brokenUTF8(raw []byte) int {
	if utf8.Valid(raw) {
		return -1
	}
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func broken(at int64, zh, en string) error {
	return fault.Newf(fault.Invalid, "geojson-broken", "GeoJSON 第 %[1]d 字节处有误:%[2]s", "The GeoJSON is broken at byte %[1]d: %[3]s", at, zh, en)
}

func brokenBy(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return broken(syntax.Offset, syntax.Error(), syntax.Error())
	case errors.As(err, &kind):
		return broken(kind.Offset, kind.Field+" 的类型不对("+kind.Value+")", kind.Field+" is a "+kind.Value)
	}
	return broken(0, err.Error(), err.Error())
}

func parseFeature(index int, raw []byte) (Feature, *geo.Flaw) {
	f := Feature{Index: index}
	var one struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Geometry   json.RawMessage            `json:"geometry"`
	}
	if err := json.Unmarshal(raw, &one); err != nil {
		return f, &geo.Flaw{Code: "feature-form", Text: lang.T("要素的写法不对:"+err.Error(), "The feature is not of the right form: "+err.Error())}
	}
	for _, key := range []string{"code", "adcode"} {
		if f.Code == "" {
			f.Code = word(one.Properties[key])
		}
	}
	f.Name = word(one.Properties["name"])
	if f.Code == "" && f.Name == "" {
		return f, &geo.Flaw{Code: "no-code", Text: lang.T("要素没有 code、adcode 或 name 属性", "The feature has no property code, adcode or name")}
	}
	shape, flaw := geo.ParseShape(one.Geometry)
	f.Shape = shape
	return f, flaw
}

// word reads a property that is a text or a number.
func word(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return strings.TrimSpace(text)
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

func flawed(f Feature, flaw geo.Flaw) Finding {
	index := f.Index
	out := Finding{Severity: SeverityError, Code: flaw.Code, Feature: &index, Area: f.Code, Text: flaw.Text}
	if out.Area == "" {
		out.Area = f.Name
	}
	if flaw.At != (Point{}) {
		at := flaw.At
		out.At = &at
		where := fmt.Sprintf(" (%.6f, %.6f)", at.Lon, at.Lat)
		out.Text = lang.T(out.Text.ZH+where, out.Text.EN+where)
	}
	return out
}

// BoundaryOptions of an import of boundaries.
type BoundaryOptions struct {
	Options
	Datum  geo.Datum // of the file; none: WGS84
	Source string    // name of the file
}

// ImportBoundaries stores the outlines of a GeoJSON file in WGS84. Each feature names its area by the
// property code or adcode, or by a name that only one area has. A feature that is broken, or that
// overlaps a neighbour or leaves its parent by more than a hundredth, is refused; less than that, and
// gaps, are warned of. Gaps never refuse a feature, for none of them is to blame alone.
//
// Permission area.write at each area. Errors: as ParseGeoJSON.
func (s *Service) ImportBoundaries(ctx context.Context, actor Actor, raw []byte, o BoundaryOptions) (BoundaryReport, error) {
	features, findings, err := ParseGeoJSON(raw)
	if err != nil {
		return BoundaryReport{DryRun: o.DryRun}, err
	}
	if o.Datum == "" {
		o.Datum = geo.WGS84
	}
	if _, ok := geo.ParseDatum(string(o.Datum)); !ok {
		return BoundaryReport{}, refuse(*wrong("datum", "unknown-datum", "坐标系应为 wgs84、gcj02 或 bd09", "The datum is wgs84, gcj02 or bd09"))
	}
	total := len(features) + len(findings) // so far one finding per broken feature
	var good []Feature
	for _, f := range features {
		flaws := geo.Validate(f.Shape)
		for _, flaw := range flaws {
			findings = append(findings, flawed(f, flaw))
		}
		if len(flaws) == 0 {
			f.Shape = geo.ShapeToWGS84(f.Shape, o.Datum)
			good = append(good, f)
		}
	}
	var report BoundaryReport
	err = s.apply(ctx, actor, o.Options, func(d *draft) error {
		report = BoundaryReport{Features: total, DryRun: o.DryRun, Findings: append([]Finding(nil), findings...)}
		d.importBoundaries(good, &report, o)
		return nil
	})
	return report, err
}

func (d *draft) importBoundaries(features []Feature, report *BoundaryReport, o BoundaryOptions) {
	taken := map[string]Feature{}
	var order []string
	for _, f := range features {
		code, flaw := d.meant(f)
		if _, twice := taken[code]; flaw == nil && twice {
			flaw = &geo.Flaw{Code: "duplicate", Text: lang.T("区域 "+code+" 在文件中出现了两次", "The area "+code+" appears twice in the file")}
		}
		if flaw != nil {
			report.Findings = append(report.Findings, flawed(f, *flaw))
			continue
		}
		f.Code = code
		taken[code] = f
		order = append(order, code)
	}
	for code, bad := range d.judge(taken, report) {
		if bad {
			delete(taken, code)
		}
	}
	var changed []string
	for _, code := range order {
		f, ok := taken[code]
		if !ok {
			continue
		}
		old, had := d.outline(code)
		switch {
		case had && sameShape(old.Shape, f.Shape):
			report.Unchanged++
			continue
		case had:
			report.Updated++
		default:
			report.Created++
		}
		d.putOutline(code, f.Shape, o.Datum, o.Source)
		changed = append(changed, code)
	}
	report.Refused = report.Features - report.Created - report.Updated - report.Unchanged
	if len(changed) > 0 {
		d.tell(Change{Kind: ChangeBoundary, From: changed, To: changed})
	}
}

// meant finds the area of a feature.
func (d *draft) meant(f Feature) (string, *geo.Flaw) {
	code := f.Code
	if code == "" {
		for _, a := range d.base.tree.Areas() {
			if a.Closed || a.Name != f.Name {
				continue
			}
			if code != "" {
				return "", &geo.Flaw{Code: "name-ambiguous", Text: lang.T("有多个区域叫“"+f.Name+"”,请用 code 属性", "Several areas are called "+f.Name+"; use the property code")}
			}
			code = a.Code
		}
	}
	a, ok := d.area(code)
	switch {
	case !ok:
		return "", &geo.Flaw{Code: "area-unknown", Text: lang.T("没有这个区域,请先导入区域", "There is no such area; import the areas first")}
	case a.Closed:
		return "", &geo.Flaw{Code: "area-closed", Text: lang.T(a.Name+" 已撤销", a.Name+" is closed")}
	case !d.actor.May(PermissionWrite, a.Path):
		return "", &geo.Flaw{Code: "forbidden", Text: lang.T("您没有维护 "+a.Name+" 的权限", "You may not maintain "+a.Name)}
	}
	return code, nil
}

// judge compares the new outlines with each other and with those there are, and names those to refuse.
func (d *draft) judge(taken map[string]Feature, report *BoundaryReport) map[string]bool {
	var all []Outline
	only := map[string]bool{}
	for code, f := range taken {
		only[code] = true
		all = append(all, Outline{Code: code, Shape: f.Shape})
	}
	for code, o := range d.base.outlines {
		if _, replaced := taken[code]; !replaced {
			all = append(all, o)
		}
	}
	bad := map[string]bool{}
	for _, f := range surveyAll(d.area, d.children, all, only) {
		for _, code := range []string{f.Area, f.Other} {
			if feature, here := taken[code]; here {
				index := feature.Index
				if f.Feature == nil {
					f.Feature = &index
				}
				if f.Severity == SeverityError && f.Code != "gap" && (f.Code != "outside-parent" || code == f.Area) {
					bad[code] = true
				}
			}
		}
		report.Findings = append(report.Findings, f)
	}
	return bad
}

func sameShape(a, b geo.Shape) bool {
	x, errA := a.MarshalJSON()
	y, errB := b.MarshalJSON()
	return errA == nil && errB == nil && bytes.Equal(x, y)
}
