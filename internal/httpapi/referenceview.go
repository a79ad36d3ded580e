package httpapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/platform/lang"
)

// section is the operations of one tag.
type section struct {
	Tag        string
	Title      lang.Text
	Operations []described
}

var sectionTitles = []struct {
	tag   string
	title lang.Text
}{
	{"setup", lang.T("开通", "Setting up")},
	{"session", lang.T("登录", "Signing in")},
	{"cases", lang.T("事项", "Cases")},
	{"field", lang.T("外勤", "Field work")},
	{"board", lang.T("通知和值班电话", "Notices and duty phones")},
	{"hotline", lang.T("热线和知识", "Hotline and knowledge")},
	{"public", lang.T("居民和公示", "Residents and the public")},
	{"areas", lang.T("区域和组织", "Areas and organisations")},
	{"people", lang.T("人员和岗位", "People and posts")},
	{"rules", lang.T("分类、模型、日历", "Categories, models, calendars")},
	{"imports", lang.T("批量导入", "Imports")},
	{"exports", lang.T("批量导出", "Exports")},
}

// described is one operation as the page shows it.
type described struct {
	ID, Method, Path, Summary, About string
	Permission                       string
	Needs                            lang.Text
	Parameters                       []property
	BodyType                         string
	Body                             []property
	Status                           string
	AnswerType                       string
	Answer                           []property
	Refusals                         []string
	Curl                             string
}

// property is one parameter or field.
type property struct {
	Name, In, Type, Doc, Example string
	Required                     bool
	Depth                        int
}

// Indent is the class of the depth.
func (p property) Indent() string { return "d" + strconv.Itoa(min(p.Depth, 4)) }

func (o described) has(words []string) bool {
	text := strings.ToLower(o.ID + " " + o.Method + " " + o.Path + " " + o.Summary + " " + o.About + " " + o.Permission + " " + o.Needs.ZH)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// sections arranges the document by tags, operations in the order of the route table.
func (s *Server) sections() []section {
	doc := s.OpenAPI()
	byTag := map[string][]described{}
	for _, id := range s.order {
		item, method := s.find(doc, id)
		if item != nil {
			byTag[item.Tags[0]] = append(byTag[item.Tags[0]], s.describe(doc, item, method))
		}
	}
	var out []section
	for _, t := range sectionTitles {
		if len(byTag[t.tag]) > 0 {
			out = append(out, section{Tag: t.tag, Title: t.title, Operations: byTag[t.tag]})
		}
	}
	return out
}

func (s *Server) find(doc *huma.OpenAPI, id string) (*huma.Operation, string) {
	for _, item := range doc.Paths {
		for method, op := range map[string]*huma.Operation{get: item.Get, post: item.Post, put: item.Put, pat: item.Patch, del: item.Delete, http.MethodHead: item.Head} {
			if op != nil && op.OperationID == id {
				return op, method
			}
		}
	}
	return nil, ""
}

func (s *Server) describe(doc *huma.OpenAPI, op *huma.Operation, method string) described {
	permission, _ := op.Extensions["x-permission"].(string)
	d := described{ID: op.OperationID, Method: method, Path: op.Path, Summary: op.Summary, About: op.Description, Permission: permission, Needs: needs(permission)}
	for _, p := range op.Parameters {
		if p.In == "header" && p.Name != "If-Match" {
			continue
		}
		d.Parameters = append(d.Parameters, property{Name: p.Name, In: p.In, Type: typeOf(p.Schema), Doc: p.Description, Required: p.Required, Example: exampleWord(p.Schema, p.Example)})
	}
	var example any
	if op.RequestBody != nil {
		for _, kind := range slices.Sorted(maps.Keys(op.RequestBody.Content)) {
			d.BodyType = kind
			schema := op.RequestBody.Content[kind].Schema
			d.Body = flatten(doc, schema, "", 0, nil)
			if kind == "application/json" {
				example = exampleOf(doc, schema, 0)
			}
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		answer := op.Responses[status]
		if status >= "400" || status == "default" {
			if status != "default" {
				d.Refusals = append(d.Refusals, status)
			}
			continue
		}
		d.Status = status
		for kind, media := range answer.Content {
			d.AnswerType, d.Answer = kind, flatten(doc, media.Schema, "", 0, nil)
		}
	}
	d.Curl = curl(op, method, d, example)
	return d
}

// needs says in words what the asker needs.
func needs(permission string) lang.Text {
	switch permission {
	case anybody:
		return lang.T("任何人", "anybody")
	case byCode:
		return lang.T("凭查询码", "the tracking code")
	case signedIn:
		return lang.T("登录后,按岗位范围", "signed in; as far as the posts reach")
	case firstUse:
		return lang.T("登录后(包括还没改初始密码的)", "signed in, also before the first password is changed")
	}
	return lang.T("权限 "+permission, "permission "+permission)
}

func resolve(doc *huma.OpenAPI, s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

const deepest = 4 // levels of fields shown; what lies deeper is in the document

// flatten lists the fields of a body, nested ones below their owner.
func flatten(doc *huma.OpenAPI, s *huma.Schema, prefix string, depth int, above []string) []property {
	if s == nil || depth >= deepest {
		return nil
	}
	if s.Ref != "" {
		if slices.Contains(above, s.Ref) {
			return nil // a tree within itself
		}
		above = append(slices.Clone(above), s.Ref)
		s = resolve(doc, s)
	}
	if s.Type == huma.TypeArray {
		return flatten(doc, s.Items, prefix+"[]", depth, above)
	}
	var out []property
	for _, name := range propertyOrder(s) {
		f := s.Properties[name]
		if f == nil || f.Ref == "" && f.Description == "" && name == "$schema" {
			continue
		}
		inner := resolve(doc, f)
		out = append(out, property{Name: prefix + name, Type: typeOf(inner), Doc: f.Description, Required: slices.Contains(s.Required, name), Depth: depth, Example: exampleWord(f, nil)})
		if f.Description == "" && inner != f {
			out[len(out)-1].Doc = inner.Description
		}
		next := f
		path := prefix + name + "."
		if inner != nil && inner.Type == huma.TypeArray {
			next, path = inner.Items, prefix+name+"[]."
		}
		if r := resolve(doc, next); r != nil && r.Type == huma.TypeObject && len(r.Properties) > 0 && !isText(r) {
			out = append(out, flatten(doc, next, path, depth+1, above)...)
		}
	}
	return out
}

// isText tells whether a schema is a wording in both languages.
func isText(s *huma.Schema) bool {
	return len(s.Properties) == 2 && s.Properties["zh"] != nil && s.Properties["en"] != nil
}

// propertyOrder is the order of the fields: required ones first, then by name.
func propertyOrder(s *huma.Schema) []string {
	names := slices.Sorted(maps.Keys(s.Properties))
	slices.SortStableFunc(names, func(a, b string) int {
		ra, rb := slices.Contains(s.Required, a), slices.Contains(s.Required, b)
		switch {
		case ra && !rb:
			return -1
		case rb && !ra:
			return 1
		}
		return 0
	})
	return names
}

func typeOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprint(v)
		}
		return strings.Join(words, " | ")
	case s.Type == huma.TypeArray:
		return "[" + typeOf(s.Items) + "]"
	case isText(s):
		return "{zh, en}"
	case s.Format != "" && s.Type == huma.TypeString:
		return s.Format
	case s.Ref != "":
		return "object"
	case s.Type == "":
		return "any"
	}
	return s.Type
}

func exampleWord(s *huma.Schema, given any) string {
	if given == nil && s != nil && len(s.Examples) > 0 {
		given = s.Examples[0]
	}
	if given == nil {
		return ""
	}
	if text, ok := given.(string); ok {
		return text
	}
	b, err := json.Marshal(given)
	if err != nil {
		return ""
	}
	return string(b)
}

// exampleOf makes a body that shows how it is written: what is required, and what has an example.
func exampleOf(doc *huma.OpenAPI, s *huma.Schema, depth int) any {
	s = resolve(doc, s)
	switch {
	case s == nil || depth > deepest:
		return nil
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	switch s.Type {
	case huma.TypeObject:
		out := map[string]any{}
		for name, f := range s.Properties {
			inner := resolve(doc, f)
			if slices.Contains(s.Required, name) || inner != nil && len(inner.Examples) > 0 {
				out[name] = exampleOf(doc, f, depth+1)
			}
		}
		return out
	case huma.TypeArray:
		return []any{exampleOf(doc, s.Items, depth+1)}
	case huma.TypeInteger, huma.TypeNumber:
		return 1
	case huma.TypeBoolean:
		return true
	case huma.TypeString:
		switch s.Format {
		case "uuid":
			return "0193a5f0-7c1e-7000-8000-000000000001"
		case "date-time":
			return "2026-11-21T09:00:00+08:00"
		}
		return "…"
	}
	return nil
}

// curl writes the operation as a command. {host} is filled in when the page is drawn.
func curl(op *huma.Operation, method string, d described, body any) string {
	path := op.Path
	var query []string
	for _, p := range d.Parameters {
		switch {
		case p.In == "path":
			word := p.Example
			if word == "" {
				word = map[string]string{"id": "0193a5f0-7c1e-7000-8000-000000000001", "file": "0193a5f0-7c1e-7000-8000-000000000009"}[p.Name]
			}
			if word == "" {
				word = strings.ToUpper(p.Name)
			}
			path = strings.ReplaceAll(path, "{"+p.Name+"}", word)
		case p.In == "query" && (p.Required || p.Example != "" && len(query) == 0):
			query = append(query, p.Name+"="+url.QueryEscape(p.Example))
		}
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	b := "curl"
	switch method {
	case get:
	case http.MethodHead:
		b += " -I"
	default:
		b += " -X " + method
	}
	b += " '{host}" + path + "'"
	if d.Permission != anybody && d.Permission != byCode {
		b += " \\\n  -H \"Authorization: Bearer $TOKEN\""
	}
	switch {
	case body != nil:
		text, err := json.MarshalIndent(body, "  ", "  ")
		if err != nil {
			return b
		}
		b += " \\\n  -H 'Content-Type: application/json' \\\n  -d '" + strings.ReplaceAll(string(text), "'", `'\''`) + "'"
	case d.BodyType != "":
		b += " \\\n  --data-binary @FILE"
	case method == put && strings.Contains(path, "/files/"):
		b += " \\\n  --upload-file FILE"
	}
	return b
}
