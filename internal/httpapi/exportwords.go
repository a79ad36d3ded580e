package httpapi

import "linli/internal/platform/lang"

// Words of the glossary for what cases are marked with.
var (
	kindWords = map[string]lang.Text{"event": lang.T("事件", "event"), "hazard": lang.T("隐患", "hazard"), "request": lang.T("诉求", "request"), "dispute": lang.T("纠纷", "dispute"),
		"consult": lang.T("咨询", "consultation"), "complaint": lang.T("投诉", "complaint"), "praise": lang.T("表扬", "praise")}
	urgencyWords = map[string]lang.Text{"urgent": lang.T("紧急", "urgent"), "priority": lang.T("优先", "priority"), "normal": lang.T("一般", "normal"), "complex": lang.T("复杂", "complex")}
	channelWords = map[string]lang.Text{"resident": lang.T("居民", "resident"), "staff": lang.T("工作人员", "staff"), "hotline": lang.T("热线", "hotline"), "partner": lang.T("协作单位", "partner"),
		"sensor": lang.T("感知设备", "sensor"), "import": lang.T("导入", "import")}
	alertWords = map[string]lang.Text{"remind": lang.T("快到期", "due soon"), "overdue": lang.T("超期了", "overdue"), "escalate": lang.T("升级提醒", "escalated"),
		"supervise": lang.T("被督办", "under supervision"), "urge": lang.T("有人催办", "somebody urges"), "answer": lang.T("居民回话了", "the resident answered"),
		"rate": lang.T("居民评价了", "the resident rated"), "reopen": lang.T("要求重办", "to be done again"), "cover": lang.T("由您代办", "covered by you"),
		"note": lang.T("有新留言", "a new note"), "merged": lang.T("有事项并入", "a case was merged in"), "whistle": lang.T("有人吹哨", "a whistle")}
	audienceWords = map[string]lang.Text{"residents": lang.T("居民", "residents"), "staff": lang.T("工作人员", "staff")}
)

// word is a mark in words, or as it is where there are none.
func word(words map[string]lang.Text, mark string) lang.Text {
	if t, ok := words[mark]; ok {
		return t
	}
	return lang.T(mark, mark)
}

// Names of the conditions of lists, as the last sheet of an export tells them.
var conditionNames = map[string]lang.Text{
	"scope": lang.T("范围", "scope"), "post": lang.T("岗位", "post"), "area": lang.T("区域", "area"), "under": lang.T("区域及以下", "area and below"),
	"parent": lang.T("上级区域", "area above"), "serving": lang.T("服务区域", "serving"), "unit": lang.T("承办单位", "unit"), "state": lang.T("状态", "state"),
	"stage": lang.T("环节", "stage"), "category": lang.T("分类", "category"), "urgency": lang.T("缓急", "urgency"), "channel": lang.T("来源", "channel"),
	"kind": lang.T("性质(类型)", "kind"), "model": lang.T("治理模型", "model"), "q": lang.T("关键词", "words"), "from": lang.T("起", "from"), "to": lang.T("止", "to"),
	"sort": lang.T("排序", "sort"), "decision": lang.T("等谁决定", "decision"), "phone": lang.T("电话", "phone"), "role": lang.T("岗位类别", "role"), "level": lang.T("层级", "level"),
	"function": lang.T("职能", "function"), "closed": lang.T("含已撤销", "closed ones too"), "actor": lang.T("账号", "account"), "what": lang.T("操作", "what"),
	"object": lang.T("对象", "object"), "case": lang.T("事项", "case"), "unseen": lang.T("只看没看过的", "not seen only"),
}

// Values of conditions that are words of the program.
var conditionValues = map[string]map[string]lang.Text{
	"urgency": urgencyWords, "channel": channelWords, "kind": kindWords,
	"scope": {"mine": lang.T("我的待办", "my worklist"), "area": lang.T("辖区", "where I may read"), "reported": lang.T("我上报的", "reported by me"), "watched": lang.T("我关注的", "watched")},
	"state": {"open": lang.T("在办", "open"), "ended": lang.T("已办结", "ended"), "paused": lang.T("挂起", "paused"), "overdue": lang.T("超期", "overdue"),
		"today": lang.T("今天到期", "due today"), "later": lang.T("今天以后到期", "due after today"),
		"supervised": lang.T("督办中", "supervised"), "unsorted": lang.T("未分类", "unsorted"), "all": lang.T("全部", "all"),
		"coming": lang.T("还没开始", "to come"), "showing": lang.T("显示中", "showing"), "over": lang.T("已过期", "over"), "withdrawn": lang.T("已撤下", "withdrawn")},
	"sort":     {"due": lang.T("按截止时间", "by deadline"), "newest": lang.T("最新在前", "newest first"), "oldest": lang.T("最早在前", "oldest first"), "updated": lang.T("最近更新在前", "lately changed first")},
	"decision": {"yes": lang.T("等我决定", "waiting for my decision"), "no": lang.T("要我办理", "mine to handle")},
	"closed":   {"true": lang.T("是", "yes")},
	"unseen":   {"true": lang.T("是", "yes")},
}

// conditionWords is a condition in words; codes of areas, organisations and categories get their names.
func (s *Server) conditionWords(c condition) (name, value lang.Text) {
	name, ok := conditionNames[c.name]
	if !ok {
		name = lang.T(c.name, c.name)
	}
	value = word(conditionValues[c.name], c.value)
	switch c.name {
	case "area", "under", "parent", "serving", "unit":
		tree, full := s.Areas.Tree(), ""
		if org, ok := tree.Org(c.value); ok {
			full = org.Name
		} else if _, ok := tree.Area(c.value); ok {
			full = tree.FullName(c.value)
		}
		if full != "" {
			value = lang.T(full+"("+c.value+")", full+" ("+c.value+")")
		}
	case "category":
		if _, ok := s.Cases.Categories().Get(c.value); ok {
			t := s.Cases.Categories().Name(c.value)
			value = lang.T(t.ZH+"("+c.value+")", t.EN+" ("+c.value+")")
		}
	}
	return name, value
}
