package app

import (
	"fmt"
	"slices"

	"linli/internal/category"
	"linli/internal/flow"
	"linli/internal/platform/fault"
)

// consistent sees that categories and governance models fit: every leaf names a model that is there and
// is for its kind of matter. The two are files of their own, so neither can check it alone.
func consistent(lib *flow.Library, tree *category.Tree) error {
	wrong := fault.New(fault.Invalid, "models-disagree", "事项分类与治理模型对不上", "Categories and governance models do not fit")
	for _, c := range tree.All() {
		if !c.Leaf {
			continue
		}
		d, ok := lib.Get(c.Model)
		switch {
		case !ok:
			wrong.At("category "+c.Code, "unknown-model", fmt.Sprintf("没有模型 %s", c.Model), fmt.Sprintf("There is no model %s", c.Model))
		case !slices.Contains(d.Kinds, c.Kind):
			wrong.At("category "+c.Code, "wrong-kind", fmt.Sprintf("模型 %s 不办“%s”类事项", c.Model, c.Kind), fmt.Sprintf("The model %s is not for matters of the kind %q", c.Model, c.Kind))
		}
	}
	if len(wrong.Fields) > 0 {
		return wrong
	}
	return nil
}
