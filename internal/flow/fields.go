package flow

import "linli/internal/platform/lang"

// wellKnown gives the fields every model may ask for without describing them. The deciding reads some
// of them (unit, post, lead, members, days), so a model may reword them but not change their type.
func wellKnown() map[string]Field {
	out := map[string]Field{}
	for _, f := range []Field{
		{Key: "reason", Title: lang.T("理由", "Reason"), Hint: lang.T("写清楚为什么,报事人会看到", "Say why; the reporter will read it"), Type: TypeText, Min: 2, Max: 500},
		{Key: "note", Title: lang.T("说明", "Note"), Type: TypeText, Max: 2000},
		{Key: "question", Title: lang.T("要问的问题", "Question"), Hint: lang.T("一次问清楚,用对方听得懂的话", "Ask everything at once, in plain words"), Type: TypeText, Max: 1000},
		{Key: "answer", Title: lang.T("回答", "Answer"), Type: TypeText, Max: 2000},
		{Key: "result", Title: lang.T("办理结果", "Result"), Hint: lang.T("办了什么、现在怎样,报事人会看到", "What was done and how it is now; the reporter will read it"), Type: TypeText, Min: 2, Max: 2000},
		{Key: "unit", Title: lang.T("承办单位", "Unit"), Type: TypeUnit},
		{Key: "units", Title: lang.T("单位", "Units"), Type: TypeUnits, Max: mostUnits},
		{Key: "lead", Title: lang.T("牵头单位", "Lead unit"), Type: TypeUnit},
		{Key: "members", Title: lang.T("协办单位", "Member units"), Type: TypeUnits, Max: mostUnits},
		{Key: "wanted_units", Title: lang.T("希望到场的单位", "Units wanted"), Type: TypeUnits, Max: mostUnits},
		{Key: "original", Title: lang.T("原事项", "Original case"), Hint: lang.T("先报的那一件", "The one reported first"), Type: TypeCase},
		{Key: "photo_before", Title: lang.T("办理前照片", "Photos before"), Type: TypeFiles, Max: 9},
		{Key: "photo_after", Title: lang.T("办理后照片", "Photos after"), Type: TypeFiles, Max: 9},
		{Key: "files", Title: lang.T("附件", "Files"), Type: TypeFiles, Max: 9},
		{Key: "days", Title: lang.T("天数", "Days"), Type: TypeInteger, Min: 1, Max: 366},
		{Key: "until", Title: lang.T("到哪天", "Until"), Type: TypeDate},
		{Key: "score", Title: lang.T("评分", "Score"), Hint: lang.T("1 很不满意,5 很满意", "1 very poor, 5 very good"), Type: TypeInteger, Min: 1, Max: 5},
		{Key: "resolved", Title: lang.T("解决了吗", "Solved?"), Type: TypeBool},
		{Key: "satisfied", Title: lang.T("满意吗", "Satisfied?"), Type: TypeBool},
		{Key: "satisfaction", Title: lang.T("满意程度", "Satisfaction"), Type: TypeChoice, Choices: []Choice{
			{"satisfied", lang.T("满意", "Satisfied")}, {"fair", lang.T("基本满意", "Fairly satisfied")}, {"dissatisfied", lang.T("不满意", "Dissatisfied")}}},
		{Key: "reached", Title: lang.T("联系上了吗", "Reached?"), Type: TypeBool},
		{Key: "comment", Title: lang.T("想说的话", "Comment"), Type: TypeText, Max: 1000},
		{Key: "measures", Title: lang.T("措施", "Measures"), Hint: lang.T("打算怎么办,会公开", "What will be done; shown in public"), Type: TypeText, Min: 2, Max: 2000},
		{Key: "deadline", Title: lang.T("完成时限", "Deadline"), Hint: lang.T("承诺哪天办好,会公开", "The day promised; shown in public"), Type: TypeDate},
		{Key: "steps", Title: lang.T("步骤", "Steps"), Hint: lang.T("分几步、每步到什么程度,会公开", "The steps and what each brings; shown in public"), Type: TypeText, Min: 2, Max: 2000},
		{Key: "promise", Title: lang.T("承诺", "Promise"), Type: TypeText, Max: 1000},
		{Key: "progress", Title: lang.T("进展", "Progress"), Type: TypeText, Min: 2, Max: 2000},
		{Key: "percent", Title: lang.T("完成百分比", "Percent done"), Type: TypeInteger, Min: 0, Max: 100},
		{Key: "post", Title: lang.T("岗位", "Post"), Type: TypePost},
		{Key: "task", Title: lang.T("哪一件交办件", "Which hand-over"), Type: TypeTask},
		{Key: "public", Title: lang.T("公开", "Public"), Type: TypeBool},
		{Key: "confidential", Title: lang.T("保密", "Confidential"), Type: TypeBool},
		{Key: "area", Title: lang.T("区域", "Area"), Type: TypeLine, Max: 64},
		{Key: "urgency", Title: lang.T("缓急", "Urgency"), Type: TypeChoice, Choices: []Choice{
			{"urgent", lang.T("紧急", "Urgent")}, {"priority", lang.T("优先", "Priority")},
			{"normal", lang.T("一般", "Normal")}, {"complex", lang.T("复杂", "Complex")}}},
		{Key: "category", Title: lang.T("分类", "Category"), Type: TypeLine, Max: 64},
		{Key: "address", Title: lang.T("地址", "Address"), Type: TypeLine},
		{Key: "title", Title: lang.T("标题", "Title"), Type: TypeLine},
	} {
		out[f.Key] = f
	}
	return out
}

// fieldTypes are the types a model's own field may have.
var fieldTypes = []string{"text", "line", "integer", "boolean", "date", "choice", "choices", "unit", "units", "post", "case", "task", "files"}
