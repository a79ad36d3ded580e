package area

import (
	"sort"
	"strings"

	"linli/internal/platform/lang"
)

// longestAddress is how many characters of an address are looked at.
const longestAddress = 300

// match is a known word in an address.
type match struct {
	from, to int // characters
	meanings []called
}

// search finds every known word in a normalised text; one that lies within a longer one is left out.
func (n *names) search(text []rune) []match {
	var all []match
	reach := 0 // end of the longest match so far: what ends before lies within it
	for i := range text {
		for _, l := range n.lengths[text[i]] {
			if i+l > len(text) {
				continue
			}
			if meanings, ok := n.words[string(text[i:i+l])]; ok {
				if i+l > reach {
					all = append(all, match{i, i + l, meanings})
					reach = i + l
				}
				break
			}
		}
	}
	return all
}

// guess is an area an address may mean.
type guess struct {
	called
	score  float64
	strong bool // its own name was given in full
	backed bool // an area above it was named too
}

// byAddress finds the area whose names, and those of the areas above it, cover most of the address. scope
// is the path within which to look, if one was chosen. ok is false when no name is known.
func (st *state) byAddress(address, scope string) (Found, bool) {
	if strings.TrimSpace(address) == "" {
		return Found{}, false
	}
	if r := []rune(address); len(r) > longestAddress {
		address = string(r[:longestAddress])
	}
	n := st.names()
	matches := n.search([]rune(normal(address)))
	guesses, apart := n.weigh(matches, scope)
	if len(guesses) == 0 {
		return Found{}, false
	}
	best := guesses[0]
	rivals := []guess{best}
	for _, g := range guesses[1:] {
		if g.score < 0.9*best.score {
			break
		}
		if !Within(best.path, g.path) { // an ancestor of the best is no rival
			rivals = append(rivals, g)
		}
	}
	if len(rivals) > 1 {
		return st.ambiguous(rivals), true
	}
	within, chosen := st.tree.Area(lastCode(scope))
	if chosen && within.Level.Depth() >= Village.Depth() {
		best.backed = true // a short name is clear where little else is called so
	}
	if !best.strong && !best.backed {
		return st.hunch(guesses, within), true
	}
	confidence := 0.0
	switch {
	case best.strong && best.backed:
		confidence = 0.95
	case best.strong:
		confidence = 0.85
	default:
		confidence = 0.8
	}
	if best.old {
		confidence *= 0.9
	}
	f := st.settle(*st.tree.areas[best.code], HowAddress, confidence)
	if apart {
		f.Confidence, f.Ask = 0.6*confidence, true
		f.Why = lang.T("地址中的地名不在一处,请确认", "The names in the address do not lie together; somebody has to decide")
	}
	if f.Ask && len(f.Candidates) == 0 {
		for _, g := range guesses[:min(len(guesses), mostCandidates)] {
			if a, ok := st.tree.Area(g.code); ok {
				f.Candidates = append(f.Candidates, Candidate{Code: a.Code, Name: a.Name, Path: a.Path, Score: g.score / (best.score + 1)})
			}
		}
	}
	return f, true
}

// hunch is the answer to a short name alone, which may be any word of the language: the area chosen or the
// root, with what was heard as candidates.
func (st *state) hunch(guesses []guess, within Area) Found {
	f := st.atRoot()
	if within.Code != "" {
		f.Area, f.Level = within.Code, within.Level
	}
	f.How, f.Confidence = HowAddress, 0.4
	for _, g := range guesses[:min(len(guesses), mostCandidates)] {
		if a, ok := st.tree.Area(g.code); ok {
			f.Candidates = append(f.Candidates, Candidate{Code: a.Code, Name: a.Name, Path: a.Path, Score: f.Confidence})
		}
	}
	f.Why = lang.T("地址里只有像地名的简称,请确认", "The address only has a word that may be a short place name; somebody has to decide")
	return f
}

// ambiguous answers with what the rivals have in common.
func (st *state) ambiguous(rivals []guess) Found {
	var areas []Area
	for _, g := range rivals {
		if a, ok := st.tree.Area(g.code); ok {
			areas = append(areas, a)
		}
	}
	common := st.common(areas)
	if common.Code == "" {
		common, _ = st.tree.Area(st.atRoot().Area)
	}
	if len(areas) > mostCandidates {
		areas = areas[:mostCandidates]
	}
	return Found{Area: common.Code, Level: common.Level, How: HowAddress, Confidence: 0.8 / float64(len(rivals)), Ask: true,
		Candidates: candidates(areas, 1/float64(len(rivals))),
		Why:        lang.T("地址可能指几个地方,请确认", "The address may mean several places; somebody has to decide")}
}

// weigh scores every area a word of the address means by the words that agree with it: its own and those
// of areas above. Words with many meanings count only below an area that another word names, or in the
// scope. apart tells that full names lie in places that exclude each other.
func (n *names) weigh(matches []match, scope string) (out []guess, apart bool) {
	seen := map[string]bool{}
	var broad []match
	for _, m := range matches {
		if len(m.meanings) > generic {
			broad = append(broad, m)
			continue
		}
		for _, c := range m.meanings {
			if seen[c.code] || scope != "" && !Within(c.path, scope) {
				continue
			}
			seen[c.code] = true
			out = append(out, n.score(c, matches))
		}
	}
	bases := append([]guess(nil), out...)
	if scope != "" {
		bases = append(bases, guess{called: called{path: scope}})
	}
	for _, m := range broad {
		for _, b := range bases {
			for _, c := range under(m.meanings, b.path) {
				if !seen[c.code] {
					seen[c.code] = true
					g := n.score(c, matches)
					g.backed = true
					out = append(out, g)
				}
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].score != out[j].score {
			return out[i].score > out[j].score
		}
		return len(out[i].path) > len(out[j].path)
	})
	if len(out) == 0 {
		return nil, false
	}
	for _, g := range out[1:] {
		if g.strong && out[0].strong && !Within(g.path, out[0].path) && !Within(out[0].path, g.path) && !n.sameWord(g, out[0], matches) {
			apart = true
		}
	}
	return out, apart
}

// score adds up the words that name the area or one above it.
func (n *names) score(c called, matches []match) guess {
	g := guess{called: c}
	for _, m := range matches {
		value := 0.0
		for _, meaning := range m.meanings {
			if !Within(c.path, meaning.path) {
				continue
			}
			v := float64(m.to - m.from)
			if meaning.weak {
				v *= 0.6
			}
			if meaning.path == c.path {
				v += 0.5 // the deeper of two equal ones
				g.strong = g.strong || !meaning.weak
			} else {
				g.backed = true
			}
			value = max(value, v)
		}
		g.score += value
	}
	return g
}

// sameWord tells whether two areas are but two meanings of one word.
func (n *names) sameWord(a, b guess, matches []match) bool {
	for _, m := range matches {
		hasA, hasB := false, false
		for _, c := range m.meanings {
			hasA, hasB = hasA || c.path == a.path, hasB || c.path == b.path
		}
		if hasA && hasB {
			return true
		}
	}
	return false
}

// under gives the meanings at or below a path; meanings are sorted by path.
func under(meanings []called, path string) []called {
	end := path[:len(path)-1] + "0"
	i := sort.Search(len(meanings), func(i int) bool { return meanings[i].path >= path })
	j := sort.Search(len(meanings), func(i int) bool { return meanings[i].path >= end })
	return meanings[i:j]
}

// lastCode is the code of the area a path leads to; "" for no path.
func lastCode(path string) string {
	path = strings.TrimSuffix(path, "/")
	return path[strings.LastIndexByte(path, '/')+1:]
}
