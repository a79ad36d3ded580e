package staff

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/platform/database"
	"linli/internal/platform/lang"
)

// Vacancy is an expected post that nobody living holds.
type Vacancy struct {
	Post  Post   `json:"post"`
	Place string `json:"place" doc:"name of the area or organisation"`
	Path  string `json:"path"`
	Cover Cover  `json:"cover" doc:"who answers meanwhile"`
}

// Vacancies lists the expected posts at or below the path without a living holder at the moment, with who covers,
// in the order of places and roles. In memory.
func (s *Service) Vacancies(at time.Time, path string) []Vacancy {
	reg, tree := s.reg.Load(), s.tree()
	atLevel, atKind := s.roles.expected()
	var out []Vacancy
	look := func(role *Role, place, name, path string) {
		p := MakePost(role.Key, place)
		if reg.lives(p, at) {
			return
		}
		c := cover(reg, tree, s.roles, p, at)
		if role.Key == RoleAdministrator && !c.Nobody {
			return // an administrator is one wherever appointed
		}
		out = append(out, Vacancy{Post: p, Place: name, Path: path, Cover: c})
	}
	for _, a := range tree.Under(path) {
		if a.Closed {
			continue
		}
		for _, role := range atLevel[a.Level] {
			look(role, a.Code, a.Name, a.Path)
		}
		for _, o := range tree.Orgs(a.Code) {
			if o.Closed {
				continue
			}
			for _, role := range atKind[o.Kind] {
				look(role, o.Code, o.Name, o.Path)
			}
		}
	}
	return out
}

// expected sorts the expected roles by level and by kind of organisation.
func (r *Roles) expected() (atLevel map[area.Level][]*Role, atKind map[string][]*Role) {
	atLevel, atKind = map[area.Level][]*Role{}, map[string][]*Role{}
	for _, key := range r.order {
		role := r.byKey[key]
		if !role.Expected {
			continue
		}
		for _, l := range role.At {
			if l != atOrg {
				atLevel[area.Level(l)] = append(atLevel[area.Level(l)], role)
			}
		}
		for _, k := range role.Orgs {
			atKind[k] = append(atKind[k], role)
		}
	}
	return atLevel, atKind
}

// Finding is one thing `linli check` reports.
type Finding struct {
	Severity string    `json:"severity" doc:"error or warning"`
	Code     string    `json:"code"`
	Object   string    `json:"object" doc:"the post, appointment or account"`
	Path     string    `json:"path,omitempty"`
	Text     lang.Text `json:"text"`
}

// Check looks for expected posts that are vacant (a warning when covered, an error when nobody is there), appointments
// to places or roles that are gone, and open appointments of accounts that are switched off. It reads the database
// itself, not the memory of the program.
func (s *Service) Check(ctx context.Context) ([]Finding, error) {
	var reg *registry
	var overdue int
	var now time.Time
	err := s.db.Read(ctx, func(tx *database.Tx) (err error) {
		now = tx.Now
		if reg, err = readRegistry(tx); err != nil {
			return err
		}
		// what the sweep should have told long ago
		return tx.Row(`SELECT count(*) FROM staff_appointment WHERE next_turn > 0 AND next_turn < $1`, database.Millis(now.Add(-time.Hour))).Scan(&overdue)
	})
	if err != nil {
		return nil, fmt.Errorf("checking staff: %w", err)
	}
	var out []Finding
	if overdue > 0 {
		out = append(out, Finding{"error", "turnover-late", fmt.Sprint(overdue), "", lang.T("有任职到期一小时以上仍未交接,定时任务可能没有运行", "Appointments began or ended over an hour ago without being acted on; the sweep may not be running")})
	}
	out = append(out, s.checkAppointments(reg, now)...)
	look := &Service{tree: s.tree, roles: s.roles}
	look.reg.Store(reg)
	for _, v := range look.Vacancies(now, everywherePath) {
		f := Finding{Severity: "warning", Code: "vacant", Object: string(v.Post), Path: v.Path}
		if v.Cover.Nobody {
			f.Severity, f.Code = "error", "nobody"
			f.Text = lang.T("{place}:岗位空缺且无人代办", "{place}: vacant, and nobody covers").Fill("place", v.Place)
		} else {
			f.Text = lang.T("{place}:岗位空缺,由 {holder} 代办", "{place}: vacant, covered by {holder}").Fill("place", v.Place, "holder", string(v.Cover.Holder))
		}
		out = append(out, f)
	}
	if _, ok := reg.admin(now); !ok {
		out = append(out, Finding{"error", "no-administrator", RoleAdministrator, "", lang.T("没有在任的系统管理员", "No administrator is there")})
	}
	return out, nil
}

func (s *Service) checkAppointments(reg *registry, now time.Time) (out []Finding) {
	all := make([]Appointment, 0, len(reg.byPost))
	for _, list := range reg.byPost {
		for _, a := range list {
			if a.To.IsZero() || a.To.After(now) {
				all = append(all, *a)
			}
		}
	}
	sortAppointments(all)
	for _, a := range all {
		path := s.tree().Path(a.Post.Place())
		account := reg.accounts[a.Account]
		switch field, why := s.postProblem(a.Post); {
		case field == "role":
			out = append(out, Finding{"error", "unknown-role", a.ID, path, why})
		case field != "":
			out = append(out, Finding{"error", "wrong-place", a.ID, path, lang.T(string(a.Post)+":"+why.ZH, string(a.Post)+": "+why.EN)})
		}
		switch {
		case account == nil:
			out = append(out, Finding{"error", "no-account", a.ID, path, lang.T("任职没有对应的账号", "The appointment belongs to no account")})
		case !account.Active:
			out = append(out, Finding{"error", "inactive-account", a.ID, path, lang.T("{name} 的账号已停用,但 {post} 的任职未结束", "The account of {name} is switched off, but the appointment as {post} is open").
				Fill("name", account.Name, "post", string(a.Post))})
		}
	}
	return out
}

func sortAppointments(list []Appointment) {
	sort.Slice(list, func(i, j int) bool {
		if c := strings.Compare(string(list[i].Post), string(list[j].Post)); c != 0 {
			return c < 0
		}
		return list[i].ID < list[j].ID
	})
}
