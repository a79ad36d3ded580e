package casework

import (
	"fmt"
	"slices"
	"time"

	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

// effect carries out what an action does beyond hand-overs and clocks, and says which posts to tell.
func (s *Service) effect(tx *database.Tx, actor *staff.Actor, c *Case, dec flow.Decision, entry *Entry) ([]staff.Post, error) {
	if err := s.checkFiles(tx, c, dec); err != nil {
		return nil, err
	}
	told := c.holder()
	switch dec.Action.Op {
	case flow.OpAsk:
		c.Asked = true
		return nil, nil
	case flow.OpAnswer:
		c.Asked = false
		return told, nil
	case flow.OpNote:
		if slices.ContainsFunc(told, actor.Holds) {
			return nil, nil // the holder's own note
		}
		return told, nil
	case flow.OpUrge, flow.OpResume, flow.OpApprove, flow.OpRefuse, flow.OpReopen:
		return told, nil
	case flow.OpSupervise:
		c.Supervised = true
		return told, nil
	case flow.OpRate:
		score, _ := dec.Form["score"].(int64)
		c.Rating = int(score)
		return s.rated(tx.Now, c, dec), nil
	case flow.OpCallBack:
		return s.rated(tx.Now, c, dec), nil
	case flow.OpRateUnit:
		return ratedUnit(tx, c, dec)
	case flow.OpCorrect:
		return told, s.correct(tx, actor, c, dec, entry)
	}
	if dec.End == "merged" {
		return nil, s.merge(tx, actor, c, dec, entry)
	}
	return nil, nil
}

// holder is who answers for the case now, as a list to tell.
func (c *Case) holder() []staff.Post {
	if t := c.owner(); t != nil {
		return []staff.Post{t.Holder}
	}
	return nil
}

// rated tells the last handler, and the first receiver who stays responsible for following up.
func (s *Service) rated(now time.Time, c *Case, dec flow.Decision) []staff.Post {
	var told []staff.Post
	for i := len(c.Tasks) - 1; i >= 0; i-- {
		if t := &c.Tasks[i]; t.State == flow.Done && t.Responsible {
			told = append(told, s.reach(t.Post, now))
			break
		}
	}
	if first := s.reach(c.FirstPost, now); first != "" && !slices.Contains(told, first) {
		told = append(told, first)
	}
	return told
}

// reach is who reads a word meant for a post that had the case before: its successor where the area was
// reorganised, its stand-in where it is vacant.
func (s *Service) reach(post staff.Post, now time.Time) staff.Post {
	if post == "" {
		return ""
	}
	tree := s.areas.Tree()
	if a, ok := tree.Area(post.Place()); ok && a.Closed {
		if heirs := tree.Current(a.Code); len(heirs) > 0 {
			post = staff.MakePost(post.Role(), heirs[0].Code)
		}
	}
	return s.cover(post, now).holder
}

// ratedUnit checks that the hand-over rated is a unit's part of a muster, once each, and tells the unit.
func ratedUnit(tx *database.Tx, c *Case, dec flow.Decision) ([]staff.Post, error) {
	no, _ := dec.Form["task"].(int64)
	t := c.Task(int(no))
	if t == nil || t.Kind != flow.KindLead && t.Kind != flow.KindMember {
		return nil, fault.New(fault.Invalid, "invalid-form", "请选择要评价的到场单位", "Choose the unit to rate").
			At("form.task", "not-a-unit", "这一项不是会办单位的任务", "That hand-over is no unit's part of a muster")
	}
	before, err := timeline(tx, c.ID, 0)
	if err != nil {
		return nil, err
	}
	for _, e := range before {
		if rated, _ := e.Data.Form["task"].(float64); e.Action == dec.Action.Name && int64(rated) == no {
			return nil, fault.New(fault.Conflict, "rated", "这个单位已评价过", "This unit has been rated already")
		}
	}
	return []staff.Post{t.Holder}, nil
}

// merge ties the case to the one it duplicates (并案): the original goes on for both.
func (s *Service) merge(tx *database.Tx, actor *staff.Actor, c *Case, dec flow.Decision, entry *Entry) error {
	ref, _ := dec.Form["original"].(string)
	original, err := byRef(tx, ref, true)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("looking for the original: %w", err)
	}
	bad := func(code, zh, en string) error {
		return fault.New(fault.Invalid, "invalid-form", "并案目标不对", "The original does not fit").At("form.original", code, zh, en)
	}
	switch {
	case err != nil || !s.sees(actor, original):
		return bad("unknown-case", "没有这个事项,或您无权查看", "There is no such case, or you may not see it")
	case original.ID == c.ID:
		return bad("itself", "不能并入自己", "A case cannot be merged into itself")
	case original.MergedInto != "":
		return bad("merged", "它自己已并入别的事项,请并入那一件", "It has been merged itself; merge into that one")
	case original.Confidential && !c.Confidential:
		return bad("confidential", "不能把公开事项并入保密事项", "An open case cannot be merged into a confidential one")
	}
	c.MergedInto, entry.Data.Case = original.ID, original.ID
	base := original.Version
	if err := s.record(tx, original, Entry{Account: entry.Account, Action: "merged_in", Data: EntryData{Case: c.ID, By: entry.Data.By}}); err != nil {
		return err
	}
	return save(tx, original, base, nil)
}
