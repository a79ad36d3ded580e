package app

import (
	"testing"

	"linli/internal/category"
	"linli/internal/flow"
	"linli/models"
)

func TestEveryCategoryHasAModelForItsKind(t *testing.T) {
	lib, err := flow.Load(models.Files, "flows")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := category.Load(models.Files)
	if err != nil {
		t.Fatal(err)
	}
	if err := consistent(lib, tree); err != nil {
		t.Fatal(err)
	}
}
