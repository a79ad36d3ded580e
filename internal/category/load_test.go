package category

import (
	"os"
	"testing"
)

func shipped(t testing.TB) *Tree {
	t.Helper()
	tree, err := Load(os.DirFS("../../models"))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestTheShippedTreeLoads(t *testing.T) {
	tree := shipped(t)
	leaves := 0
	for _, c := range tree.All() {
		if c.Leaf {
			leaves++
		}
	}
	if len(tree.Children("")) != 12 || leaves < 200 || len(tree.Functions()) < 30 {
		t.Fatalf("%d classes, %d leaves, %d functions", len(tree.Children("")), leaves, len(tree.Functions()))
	}
}
