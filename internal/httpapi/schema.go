package httpapi

import (
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemaName names the schemas of the document. Packages may have types of one name, so those of other
// packages carry theirs in front: AreaEntry is not CaseworkEntry.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "" || !strings.Contains(t.PkgPath(), "/internal/") || path.Base(t.PkgPath()) == "httpapi" {
		return name
	}
	pkg := path.Base(t.PkgPath())
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

// hiddenEmbedded names a struct embedded under a small letter in an input or answer: the library passes over
// such a one, so its parameters would be taken from nowhere and its properties be missing in the document.
func hiddenEmbedded(t reflect.Type, seen map[reflect.Type]bool) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return ""
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && !f.IsExported() {
			return t.String() + "." + f.Name
		}
		if f.IsExported() {
			if found := hiddenEmbedded(f.Type, seen); found != "" {
				return found
			}
		}
	}
	return ""
}
