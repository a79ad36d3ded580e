package flow

import "linli/internal/platform/lang"

// preset is what an action of the language means before the file says anything about it.
type preset struct {
	op     Op
	title  lang.Text
	hint   lang.Text
	on     []TaskKind
	by     []string
	form   []string
	events []string
}

// jointBefore and jointAfter are the actions of every joint stage; the file's own stand between them,
// so that what the lead usually does next comes first.
func jointBefore() []preset {
	return []preset{
		{op: OpMuster, title: lang.T("召集", "Muster"), hint: lang.T("应哨:定一个牵头单位和若干协办单位", "Answer the whistle: name one lead and the members"),
			on: []TaskKind{KindConfirm}, form: []string{"lead!", "members", "note"}},
		{op: OpGo, title: lang.T("不予召集", "Turn down"), hint: lang.T("不需要会办,写明理由退回", "No muster needed; send it back with the reason"),
			on: []TaskKind{KindConfirm}, form: []string{"reason!"}},
		{op: OpTake, title: lang.T("应召", "Accept"), on: []TaskKind{KindLead, KindMember}, events: []string{"taken"}},
		{op: OpReport, title: lang.T("反馈本单位部分", "Report our part"), on: []TaskKind{KindMember}, form: []string{"result!", "photo_after"}},
	}
}

func jointAfter() []preset {
	return []preset{
		{op: OpReject, title: lang.T("不属本单位", "Not ours"), hint: lang.T("写明理由,由召集人裁定", "Say why; whoever mustered rules on it"),
			on: []TaskKind{KindLead, KindMember}, form: []string{"reason!"}},
		{op: OpUphold, title: lang.T("同意退回", "Let go"), hint: lang.T("可另定一个单位;退回的是牵头单位时必须另定", "Another unit may be named; for the lead it must be"),
			on: []TaskKind{KindRuling}, form: []string{"unit", "note"}},
		{op: OpInsist, title: lang.T("维持交办", "You handle it"), on: []TaskKind{KindRuling}, form: []string{"reason!"}},
		{op: OpAdd, title: lang.T("增派单位", "Call one more unit"), on: []TaskKind{KindLead}, by: []string{"holder", "confirmer"}, form: []string{"unit!", "note"}},
	}
}

// name is how an action of the language is called; the joint stage's own are named by what is done.
func (p preset) name() string {
	switch {
	case p.op == OpGo:
		return "turn_down"
	case p.op == OpTake && len(p.on) == 2:
		return "accept"
	}
	return string(p.op)
}

func takePreset() preset {
	return preset{op: OpTake, title: lang.T("签收", "Take"), on: []TaskKind{KindMain}, events: []string{"taken"}}
}

// standingPresets are the actions possible at every stage, if the file names them.
func standingPresets() map[Op]preset {
	return byOp(
		preset{op: OpNote, title: lang.T("写进展", "Add a note"), by: []string{"involved"}, form: []string{"note!", "files", "public"}},
		preset{op: OpAsk, title: lang.T("问报事人", "Ask the reporter"), by: []string{"handler"}, form: []string{"question!"}},
		preset{op: OpAnswer, title: lang.T("回答", "Answer"), by: []string{"reporter", "handler"}, form: []string{"answer!", "files"}},
		preset{op: OpPause, title: lang.T("挂起", "Pause"), by: []string{"handler"}, form: []string{"reason!"}},
		preset{op: OpResume, title: lang.T("恢复计时", "Resume"), by: []string{"handler"}, form: []string{"note"}},
		preset{op: OpExtend, title: lang.T("申请延期", "Extend"), by: []string{"handler"}, form: []string{"days!", "reason!"}},
		preset{op: OpApprove, title: lang.T("批准", "Approve"), on: []TaskKind{KindApproval}, by: []string{"holder"}, form: []string{"note"}},
		preset{op: OpRefuse, title: lang.T("不批准", "Refuse"), on: []TaskKind{KindApproval}, by: []string{"holder"}, form: []string{"reason!"}},
		preset{op: OpUrge, title: lang.T("催办", "Urge"), form: []string{"note"}, events: []string{"urged"}},
		preset{op: OpSupervise, title: lang.T("督办", "Supervise"), form: []string{"reason!"}, events: []string{"supervised"}},
		preset{op: OpTransfer, title: lang.T("转办", "Pass on"), hint: lang.T("转给另一个单位或岗位,二选一", "To another unit or post, one of the two"),
			by: []string{"handler"}, form: []string{"unit", "post", "reason!"}},
		preset{op: OpCorrect, title: lang.T("更正信息", "Correct"), form: []string{"reason!", "category", "area", "urgency", "confidential", "public"}},
		preset{op: OpWithdraw, title: lang.T("撤回", "Withdraw"), by: []string{"reporter"}, form: []string{"reason"}},
	)
}

// afterPresets are the actions possible once a case has ended, if the file names them.
func afterPresets() map[Op]preset {
	return byOp(
		preset{op: OpRate, title: lang.T("评价", "Rate"), by: []string{"reporter"}, form: []string{"score!", "resolved", "comment"}, events: []string{"rated"}},
		preset{op: OpRateUnit, title: lang.T("评价到场单位", "Rate a unit"), by: []string{"whistler"}, form: []string{"task!", "score!", "comment"}, events: []string{"unit-rated"}},
		preset{op: OpCallBack, title: lang.T("回访", "Call back"), form: []string{"reached!", "resolved", "satisfied", "comment"}, events: []string{"called-back"}},
		preset{op: OpReopen, title: lang.T("重办", "Reopen"), form: []string{"reason!"}},
	)
}

func byOp(list ...preset) map[Op]preset {
	out := map[Op]preset{}
	for _, p := range list {
		out[p.op] = p
	}
	return out
}

// ownEvents are those the program itself sends; a model may add more.
var ownEvents = []string{"reported", "given", "taken", "closed", "reopened", "rated", "unit-rated", "called-back", "urged", "supervised", "overdue"}

// caseKinds are the kinds of case a model can be for.
var caseKinds = []string{"event", "hazard", "request", "dispute", "consult", "complaint", "praise"}

// levels from the top down, as an actor's search can begin.
var levels = []string{"county", "township", "village", "grid", "group", "building"}

// personTitle names somebody who may act, for messages.
func (d *Definition) personTitle(by string) lang.Text {
	switch by {
	case "holder":
		return lang.T("承办这一步的岗位", "the post that has this step")
	case "handler":
		return lang.T("现在的承办岗位", "the post that has the case now")
	case "involved":
		return lang.T("经办过的岗位", "the posts that have had the case")
	case "confirmer":
		return lang.T("应哨的岗位", "the post that answered the whistle")
	case "whistler":
		return lang.T("吹哨的岗位", "the post that whistled")
	case "reporter":
		return lang.T("报事人", "the reporter")
	}
	if title, ok := d.Posts[by]; ok {
		return title
	}
	return lang.T(by, by)
}

func levelTitle(level string) lang.Text {
	switch level {
	case "county":
		return lang.T("县", "county")
	case "township":
		return lang.T("镇街", "township")
	case "village":
		return lang.T("村社区", "village")
	case "grid":
		return lang.T("网格", "grid")
	case "group":
		return lang.T("联户", "household group")
	case "building":
		return lang.T("楼栋", "building")
	case "up":
		return lang.T("上一级", "one level up")
	}
	return lang.T(level, level)
}
