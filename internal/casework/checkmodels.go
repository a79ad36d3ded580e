package casework

import (
	"fmt"

	"linli/internal/flow"
	"linli/internal/platform/database"
)

// checkModels proves that every version that was ever in use is still there to the letter, and that the decisions about
// which counts have no gap and name what there is.
func (k *checker) checkModels() error {
	names := map[string]string{} // version -> model
	err := k.tx.Stream(`SELECT id, name, text, digest FROM model ORDER BY id`, nil, func(r *database.Row) error {
		id, name, text, digest := r.Text(), r.Text(), r.Text(), r.Text()
		if r.Err() != nil {
			return r.Err()
		}
		names[id] = name
		if (&flow.Source{Text: []byte(text)}).Digest() != digest {
			k.found.note(ofModels, "model-text", nil, "", id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	changes, err := database.All(k.tx, scanModelChange, `SELECT `+modelChangeColumns+` FROM model_change ORDER BY name, no`)
	if err != nil {
		return err
	}
	name, last := "", int64(0)
	active := map[int64]string{} // of the model at hand
	for _, c := range changes {
		if c.Name != name {
			name, last = c.Name, 0
			clear(active)
		}
		for last++; last < c.No; last++ {
			k.found.note(ofModels, "activation-gap", nil, "", name, "n", fmt.Sprint(last))
		}
		object := fmt.Sprintf("%s %d", name, c.No)
		switch {
		case names[c.Model] != name:
			k.found.note(ofModels, "activation-lost", nil, "", object, "want", c.Model)
		case c.Kind == ChangeActivate:
			active[c.No] = c.Model
		case active[c.About] != c.Model:
			k.found.note(ofModels, "activation-lost", nil, "", object, "want", fmt.Sprint(c.About))
		}
	}
	return nil
}
