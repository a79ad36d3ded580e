package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	for i := range w.Tasks {
		t := &w.Tasks[i]
		if !t.Open() {
			continue
		}
		k.found.stats.OpenTasks++
		if t.Post != t.Holder {
			k.found.stats.Covered++
		}
		switch there, closed := k.place(t.Post); {
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
func (k *checker) place(p staff.Post) (there, closed bool) {
	if _, ok := k.s.staff.RoleTable().Get(p.Role()); !ok {
		return false, false
	}
	if a, ok := k.tree.Area(p.Place()); ok {
		return true, a.Closed
	}
	if o, ok := k.tree.Org(p.Place()); ok {
		return true, o.Closed
	}
	return p.Place() == staff.Everywhere, false
}

func (k *checker) cover(p staff.Post) staff.Cover {
	c, ok := k.covers[p]
	if !ok {
		c = k.s.staff.Cover(p, k.now)
		k.covers[p] = c
	}
	return c
}

func (k *checker) coverEarlier(p staff.Post) staff.Post {
	holder, ok := k.earlier[p]
	if !ok {
		holder = k.s.staff.Cover(p, k.now.Add(-turnOverGrace)).Holder
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
	switch a, ok := k.tree.Area(w.Area); {
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
	if w.MergedInto == "" {
		return
	}
	seen := []string{w.ID}
	for next := w.MergedInto; next != ""; {
		if slices.Contains(seen, next) || len(seen) > longestMerge {
			k.add("merged-cycle", w.Case, strings.Join(append(seen, next), " → "))
			return
		}
		seen = append(seen, next)
		var into string
		err := k.tx.Row(`SELECT merged_into FROM cases WHERE id = $1`, next).Scan(&into)
		if k.failed(err) {
			return
		}
		if err != nil {
			k.add("merged-unknown", w.Case, next)
			return
		}
		next = into
	}
}

// checkFiles: the content of every attachment is there, whole, and the timeline tells of it.
func (k *checker) checkFiles(w *whole) {
	for i := range w.files {
		a := &w.files[i]
		told := slices.ContainsFunc(w.lines, func(l line) bool { return l.action == "attach" && l.file == a.ID })
		if !told && len(w.unread) == 0 {
			k.add("file-unexplained", w.Case, a.ID, "name", a.Name)
		}
		k.stat(w, a, a.hash, a.Size)
		if a.thumb != "" {
			k.stat(w, a, a.thumb, 0)
		}
	}
}

func (k *checker) stat(w *whole, a *Attachment, hash string, size int64) {
	info, err := k.s.files.Stat(context.WithoutCancel(k.tx.Context()), hash)
	switch {
	case err != nil:
		k.add("file-missing", w.Case, a.ID, "name", a.Name)
	case size > 0 && info.Size != size:
		k.add("file-size", w.Case, a.ID, "name", a.Name, "have", fmt.Sprint(info.Size), "want", fmt.Sprint(size))
	}
}
