package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

func taskName(no int) string { return fmt.Sprintf("task %d", no) }

// checkResponsible: an open case has one open responsible hand-over, an ended one has none open, and the
// case's own columns say the same.
func (k *checker) checkResponsible(w *whole) {
	if w.Ended == "" != w.EndedAt.IsZero() {
		k.add("ended-time", w.Case, "")
	}
	responsible := 0
	for i := range w.Tasks {
		t := &w.Tasks[i]
		if t.Open() {
			if t.Responsible {
				responsible++
			}
			if !w.Open() {
				k.add("ended-open-task", w.Case, taskName(t.No))
			}
		}
		if t.Open() != t.ClosedAt.IsZero() || t.GivenAt.IsZero() || !t.ClosedAt.IsZero() && t.ClosedAt.Before(t.GivenAt) {
			k.add("task-times", w.Case, taskName(t.No))
		}
	}
	w.sure = responsible == 1 || !w.Open()
	switch {
	case !w.Open():
	case responsible == 0:
		k.add("responsible-none", w.Case, "")
	case responsible > 1:
		k.add("responsible-several", w.Case, "", "n", fmt.Sprint(responsible))
	}
	var post, holder staff.Post
	no := 0
	if t := w.owner(); t != nil {
		post, holder, no = t.Post, t.Holder, t.No
	}
	if w.sure && (w.Owner != post || w.Holder != holder || w.OwnerTask != no) {
		k.add("owner-columns", w.Case, "", "have", owned(w.Owner, w.Holder, w.OwnerTask), "want", owned(post, holder, no))
	}
}

func owned(post, holder staff.Post, no int) string {
	if no == 0 {
		return "-"
	}
	return fmt.Sprintf("%s (%s, %s)", post, holder, taskName(no))
}

// checkHolders: behind every open hand-over somebody living answers: the post itself or its named fall-back.
func (k *checker) checkHolders(w *whole) {
	tree := k.s.areas.Tree()
	for i := range w.Tasks {
		t := &w.Tasks[i]
		if !t.Open() {
			continue
		}
		k.stats.OpenTasks++
		if t.Post != t.Holder {
			k.stats.Covered++
		}
		switch there, closed := k.place(tree, t.Post); {
		case !there:
			k.add("post-unknown", w.Case, taskName(t.No), "post", string(t.Post))
			continue
		case closed:
			k.add("post-closed", w.Case, taskName(t.No), "post", string(t.Post))
		}
		now := k.cover(t.Post)
		switch {
		case now.Nobody:
			k.add("nobody", w.Case, taskName(t.No), "post", string(t.Post))
		case now.Holder == t.Holder || k.coverEarlier(t.Post) == t.Holder:
		case k.cover(t.Holder).Holder == t.Holder:
			k.add("holder-stale", w.Case, taskName(t.No), "holder", string(t.Holder), "want", string(now.Holder))
		default:
			k.add("holder-gone", w.Case, taskName(t.No), "holder", string(t.Holder), "want", string(now.Holder))
		}
	}
}

// place tells whether a post's role and place are there, and whether the place was closed.
func (k *checker) place(tree *area.Tree, p staff.Post) (there, closed bool) {
	if _, ok := k.s.staff.RoleTable().Get(p.Role()); !ok {
		return false, false
	}
	if a, ok := tree.Area(p.Place()); ok {
		return true, a.Closed
	}
	if o, ok := tree.Org(p.Place()); ok {
		return true, o.Closed
	}
	return p.Place() == staff.Everywhere, false
}

func (k *checker) cover(p staff.Post) staff.Cover {
	c, ok := k.covers[p]
	if !ok {
		c = k.s.staff.Cover(p, k.tx.Now)
		k.covers[p] = c
	}
	return c
}

func (k *checker) coverEarlier(p staff.Post) staff.Post {
	holder, ok := k.earlier[p]
	if !ok {
		holder = k.s.staff.Cover(p, k.tx.Now.Add(-turnOverGrace)).Holder
		k.earlier[p] = holder
	}
	return holder
}

// checkReporter: what is sealed opens, an anonymous reporter left nothing, a confidential case is not public.
func (k *checker) checkReporter(w *whole) {
	if w.Confidential && w.Public {
		k.add("confidential-public", w.Case, "")
	}
	if w.Anonymous {
		if len(w.caller) > 0 || len(w.phone) > 0 || w.phoneBlind != "" || w.Account != "" {
			k.add("anonymous-named", w.Case, "")
		}
		return
	}
	_, phone, err := k.s.unseal(w.Case)
	if err != nil {
		k.add("sealed", w.Case, "", "why", fault.Of(err).Code)
		return
	}
	blind := ""
	if phone != "" {
		blind = k.s.box.Blind("phone", phone)
	}
	if blind != w.phoneBlind {
		k.add("phone-index", w.Case, "")
	}
}

// checkPlace: the area is known, its path is the tree's, the category is in the catalogue.
func (k *checker) checkPlace(w *whole) {
	switch a, ok := k.s.areas.Tree().Area(w.Area); {
	case !ok:
		k.add("area-unknown", w.Case, w.Area)
	case a.Path != w.Path:
		k.add("path", w.Case, w.Area, "have", w.Path, "want", a.Path)
	case a.Closed && w.Open():
		k.add("area-closed", w.Case, w.Area)
	}
	if _, ok := k.s.categories.Get(w.Category); !ok && w.Category != "" {
		k.add("category-unknown", w.Case, w.Category)
	}
}

// longestMerge bounds how far mergers are followed.
const longestMerge = 1000

// checkMerged: what a case was merged into exists, and the way there ends.
func (k *checker) checkMerged(w *whole) {
	seen := []string{w.ID}
	for next := w.MergedInto; next != ""; {
		if slices.Contains(seen, next) || len(seen) > longestMerge {
			k.add("merged-cycle", w.Case, strings.Join(append(seen, next), " → "))
			return
		}
		seen = append(seen, next)
		var into string
		if err := k.tx.Row(`SELECT merged_into FROM cases WHERE id = $1`, next).Scan(&into); err != nil {
			k.add("merged-unknown", w.Case, next)
			return
		}
		next = into
	}
}

// checkFiles: the content of every attachment is there, whole, and the timeline tells of it.
func (k *checker) checkFiles(w *whole) {
	told := map[string]bool{}
	for i := range w.entries {
		if e := &w.entries[i]; e.Action == "attach" {
			if id, ok := e.Data.Form["file"].(string); ok {
				told[id] = true
			}
		}
	}
	for _, a := range w.files {
		if !told[a.ID] && !w.broken {
			k.add("file-unexplained", w.Case, a.ID, "name", a.Name)
		}
		k.stat(w, a, a.hash, a.Size)
		if a.thumb != "" {
			k.stat(w, a, a.thumb, 0)
		}
	}
}

func (k *checker) stat(w *whole, a Attachment, hash string, size int64) {
	info, err := k.s.files.Stat(context.WithoutCancel(k.tx.Context()), hash)
	switch {
	case err != nil:
		k.add("file-missing", w.Case, a.ID, "name", a.Name)
	case size > 0 && info.Size != size:
		k.add("file-size", w.Case, a.ID, "name", a.Name, "have", fmt.Sprint(info.Size), "want", fmt.Sprint(size))
	}
}

// checkOrphans: nothing belongs to a case that is not there.
func (k *checker) checkOrphans() error {
	for _, table := range []string{"task", "timeline", "alert", "watch", "attachment"} {
		err := k.each(`SELECT case_id, count(*) FROM `+table+` x WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = x.case_id)
			GROUP BY case_id ORDER BY case_id`, nil, func(row database.Scanner) error {
			var id string
			var n int64
			if err := row.Scan(&id, &n); err != nil {
				return err
			}
			k.add("orphan", nil, table+" "+id, "n", fmt.Sprint(n))
			return nil
		})
		if err != nil {
			return fmt.Errorf("looking for rows of nobody in %s: %w", table, err)
		}
	}
	return nil
}

// checkIndex: every case can be found by its words, or waits in the queue for it.
func (k *checker) checkIndex() error {
	key := "rowid"
	if k.tx.Engine() == database.Postgres {
		key = "serial"
	}
	where := ` FROM cases c WHERE NOT EXISTS (SELECT 1 FROM case_text x WHERE x.` + key + ` = c.serial)
		AND NOT EXISTS (SELECT 1 FROM search_todo q WHERE q.serial = c.serial)`
	var n int64
	var first string
	if err := k.tx.Row(`SELECT count(*), coalesce(min(c.id), '')`+where).Scan(&n, &first); err != nil {
		return fmt.Errorf("comparing the search index: %w", err)
	}
	if n > 0 {
		k.add("not-searchable", nil, first, "n", fmt.Sprint(n))
	}
	return nil
}

// checkNumbers: the counter of every year stands at or above the highest number given out.
func (k *checker) checkNumbers() error {
	type used struct{ year, most int64 }
	years, err := database.All(k.tx, func(row database.Scanner) (used, error) {
		var u used
		err := row.Scan(&u.year, &u.most)
		return u, err
	}, `SELECT serial / $1, max(serial) FROM cases GROUP BY serial / $1 ORDER BY 1`, perYear)
	if err != nil {
		return fmt.Errorf("comparing case numbers: %w", err)
	}
	for _, u := range years {
		name := fmt.Sprintf("case_%d", u.year)
		query := `SELECT coalesce(max(n), 0) FROM counter WHERE name = $1`
		if k.tx.Engine() == database.Postgres {
			query, name = `SELECT coalesce(max(last_value), 0) FROM pg_sequences WHERE schemaname = current_schema() AND sequencename = $1`, "series_"+name
		}
		var n int64
		if err := k.tx.Row(query, name).Scan(&n); err != nil {
			return fmt.Errorf("reading the counter of %d: %w", u.year, err)
		}
		if n < u.most%perYear {
			k.add("numbering", nil, fmt.Sprint(u.year), "have", fmt.Sprint(n), "want", fmt.Sprint(u.most%perYear))
		}
	}
	return nil
}
