package httpapi

import (
	"time"

	"linli/internal/area"
	"linli/internal/platform/lang"
)

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
	byWords     = map[string]lang.Text{"reporter": lang.T("报事人", "reporter"), "system": lang.T("系统", "system")}
	accessWords = map[string]lang.Text{"session": lang.T("登录", "session"), "token": lang.T("令牌", "token")}
	dayWords    = map[string]lang.Text{"workday": lang.T("工作日", "working day"), "rest": lang.T("休息日", "rest day"), "holiday": lang.T("放假", "holiday"),
		"make_up": lang.T("调休上班", "make-up workday"), "closed": lang.T("本单位休", "closed by the organisation"), "opened": lang.T("本单位开放", "opened by the organisation")}
	modelStates = map[string]lang.Text{"planned": lang.T("待启用", "planned"), "active": lang.T("正在用", "in use"), "over": lang.T("已被替换", "replaced"),
		"withdrawn": lang.T("已撤回", "withdrawn"), "last": lang.T("没有在用", "not in use"), "": lang.T("旧版本", "old version")}
	orgKindWords = map[string]lang.Text{"department": lang.T("部门", "department"), "centre": lang.T("中心", "centre"), "team": lang.T("队伍", "team"),
		"committee": lang.T("委员会", "committee"), "judicial-office": lang.T("司法所", "judicial office"), "station": lang.T("站所", "station")}
	placeWords = map[string]lang.Text{string(area.County): area.County.Name(), string(area.Township): area.Township.Name(), string(area.Village): area.Village.Name(),
		string(area.Grid): area.Grid.Name(), string(area.Group): area.Group.Name(), string(area.Building): area.Building.Name(), "org": lang.T("单位", "organisation")}
	// changeWords is what was done to an area or organisation, factWords what of it was changed
	changeWords = map[string]lang.Text{"import": lang.T("导入", "imported"), "create": lang.T("新建", "added"), "rename": lang.T("改名", "renamed"), "update": lang.T("改资料", "facts changed"),
		"move": lang.T("移到别处", "moved"), "split": lang.T("拆分", "split"), "merge": lang.T("合并", "merged"), "close": lang.T("撤销", "closed"), "create-org": lang.T("新建单位", "added"),
		"update-org": lang.T("改单位资料", "facts changed"), "close-org": lang.T("撤销单位", "closed"), "boundary": lang.T("导入边界", "boundary imported"), "place": lang.T("导入地名", "places imported")}
	factWords = map[string]lang.Text{"code": lang.T("编码", "code"), "name": lang.T("名称", "name"), "level": lang.T("层级", "level"), "parent": lang.T("上级", "above"), "kind": lang.T("类型", "kind"),
		"aliases": lang.T("别名", "other names"), "calendar": lang.T("工作日历", "working calendar"), "population": lang.T("人口", "population"), "center": lang.T("中心位置", "centre"),
		"closed": lang.T("撤销", "closed"), "successors": lang.T("去向", "successors"), "function": lang.T("职能", "function"), "area": lang.T("所在区域", "area"), "datum": lang.T("坐标系", "datum"),
		"polygons": lang.T("块数", "polygons"), "source": lang.T("来源", "source"), "square_metres": lang.T("面积(平方米)", "square metres")}
	audienceWords = map[string]lang.Text{"residents": lang.T("居民", "residents"), "staff": lang.T("工作人员", "staff")}
)

// word is a mark in words, or as it is where there are none.
func word(words map[string]lang.Text, mark string) lang.Text {
	if t, ok := words[mark]; ok {
		return t
	}
	return lang.T(mark, mark)
}

// weekdayOf is the day of the week of a date written 2006-01-02.
func weekdayOf(date string) lang.Text {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return lang.Text{}
	}
	return lang.T("周"+string([]rune("日一二三四五六")[at.Weekday()]), at.Format("Mon"))
}

// Names of the conditions of lists, as the last sheet of an export tells them.
var conditionNames = map[string]lang.Text{
	"scope": lang.T("范围", "scope"), "post": lang.T("岗位", "post"), "area": lang.T("区域", "area"), "under": lang.T("区域及以下", "area and below"),
	"parent": lang.T("上级区域", "area above"), "serving": lang.T("服务区域", "serving"), "unit": lang.T("承办单位", "unit"), "state": lang.T("状态", "state"),
	"stage": lang.T("环节", "stage"), "category": lang.T("分类", "category"), "urgency": lang.T("缓急", "urgency"), "channel": lang.T("来源", "channel"),
	"kind": lang.T("性质(类型)", "kind"), "model": lang.T("治理模型", "model"), "q": lang.T("关键词", "words"), "from": lang.T("起", "from"), "to": lang.T("止", "to"),
	"sort": lang.T("排序", "sort"), "decision": lang.T("等谁决定", "decision"), "phone": lang.T("电话", "phone"), "role": lang.T("岗位类别", "role"), "level": lang.T("层级", "level"),
	"function": lang.T("职能", "function"), "closed": lang.T("含已撤销", "closed ones too"), "actor": lang.T("账号", "account"), "what": lang.T("操作", "what"),
	"object": lang.T("对象", "object"), "case": lang.T("事项", "case"), "unseen": lang.T("只看没看过的", "not seen only"), "code": lang.T("区域或组织", "area or organisation"), "person": lang.T("人员", "person"),
	"calendar": lang.T("工作日历", "working calendar"), "year": lang.T("年份", "year"), "old": lang.T("含旧版本", "old versions too"),
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
	"old":      {"true": lang.T("是", "yes")},
}

// conditionWords is a condition in words; what is told by a code or an id gets its name.
func (s *Server) conditionWords(c condition) (name, value lang.Text) {
	name, ok := conditionNames[c.name]
	if !ok {
		name = lang.T(c.name, c.name)
	}
	value = word(conditionValues[c.name], c.value)
	switch c.name {
	case "area", "under", "parent", "serving", "unit", "code":
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
	case "person":
		if a, ok := s.Staff.Account(c.value); ok {
			value = lang.T(a.Name+"("+a.Login+")", a.Name+" ("+a.Login+")")
		}
	case "calendar":
		if found, ok := s.Cases.Calendars().Lookup(c.value); ok {
			t := found.Title()
			value = lang.T(t.ZH+"("+c.value+")", t.EN+" ("+c.value+")")
		}
	case "model":
		if d, err := s.model(c.value); err == nil {
			value = lang.T(d.Title.ZH+"("+c.value+")", d.Title.EN+" ("+c.value+")")
		}
	}
	return name, value
}
