package casework

import (
	"fmt"
	"slices"
	"strings"

	"linli/internal/flow"
	"linli/internal/platform/lang"
	"linli/internal/staff"
)

// unitName is who has the case, by the name of the organisation or area, never of a person.
func (s *Service) unitName(c *Case) lang.Text { return s.nameOf(c.Holder) }

// nameOf names a post to the outside: an organisation by its name, a post at an area with what it is.
func (s *Service) nameOf(post staff.Post) lang.Text {
	place := post.Place()
	tree := s.areas.Tree()
	if org, ok := tree.Org(place); ok {
		return lang.T(org.Name, org.Name)
	}
	name := ""
	if a, ok := tree.Area(place); ok {
		name = a.Name
	}
	role := lang.Text{}
	if r, ok := s.staff.RoleTable().Get(post.Role()); ok {
		role = r.Title
	}
	return lang.T(name+role.ZH, strings.TrimSpace(role.EN+", "+name))
}

// mostUnits is how many units that handle together are named; of more it is said how many.
const mostUnits = 3

// unitsOf names who has or had each stage: of a joint one lead and members, else who had it last.
func (s *Service) unitsOf(c *Case) map[string]lang.Text {
	had := map[string][]lang.Text{}
	for i := range c.Tasks {
		t := &c.Tasks[i]
		if t.State == flow.Withdrawn || t.State == flow.Released {
			continue
		}
		name := s.nameOf(t.Holder)
		switch t.Kind {
		case flow.KindMain:
			had[t.Stage] = []lang.Text{name}
		case flow.KindLead, flow.KindMember:
			if !slices.Contains(had[t.Stage], name) {
				had[t.Stage] = append(had[t.Stage], name)
			}
		}
	}
	out := map[string]lang.Text{}
	for stage, names := range had {
		var zh, en []string
		for _, n := range names[:min(mostUnits, len(names))] {
			zh, en = append(zh, n.ZH), append(en, n.EN)
		}
		text := lang.T(strings.Join(zh, "、"), strings.Join(en, "; "))
		if len(names) > mostUnits {
			text = lang.T(fmt.Sprintf("%s等 %d 个单位", text.ZH, len(names)), fmt.Sprintf("%s and %d more", text.EN, len(names)-mostUnits))
		}
		out[stage] = text
	}
	return out
}
