package casework

import "linli/internal/platform/lang"

// checkRule is one thing that must hold, with the words for when it does not.
type checkRule struct {
	severity string
	text     lang.Text
}

func broken(zh, en string) checkRule { return checkRule{SeverityError, lang.T(zh, en)} }
func doubt(zh, en string) checkRule  { return checkRule{SeverityWarning, lang.T(zh, en)} }

// What to do about rows that changed without the program: the same for all of them.
const (
	restoreZH = ";请查明是谁直接改了数据库,必要时从备份恢复(linli restore)"
	restoreEN = "; find out who changed the database directly, and restore a backup if need be (linli restore)"
)

// checkRules lists every rule of Check by the code of its finding. docs/check.md explains them.
var checkRules = map[string]checkRule{
	"unreadable":          broken("{object} 存的内容读不懂({why})"+restoreZH, "What is stored of {object} cannot be read ({why})"+restoreEN),
	"orphan":              broken("{object} 属于一件不存在的事项({n} 行)"+restoreZH, "{object} belongs to a case that is not there ({n} rows)"+restoreEN),
	"sealed":              broken("报事人信息解不开({why});多半是密钥文件 linli.key 不对,请换回原来的密钥文件", "The reporter's name or phone cannot be opened ({why}); most likely linli.key is not the one it was sealed with: put the right one back"),
	"phone-index":         broken("电话的查找索引与电话不符"+restoreZH, "The phone's search index does not fit the phone"+restoreEN),
	"anonymous-named":     broken("匿名事项里存有报事人的信息;请清除并查明来源", "An anonymous case holds something about its reporter; remove it and find out how it came there"),
	"confidential-public": broken("保密事项被标为公开;请立即更正", "A confidential case is marked public; correct it at once"),

	"responsible-none":    broken("在办事项没有责任岗位;请用 transfer(转办)指定", "An open case has no responsible post; pass it to one (transfer)"),
	"responsible-several": broken("在办事项有 {n} 个责任岗位,应当只有一个"+restoreZH, "An open case has {n} responsible posts instead of one"+restoreEN),
	"ended-open-task":     broken("事项已办结,{object} 却仍未了结"+restoreZH, "The case has ended but {object} is still open"+restoreEN),
	"ended-time":          broken("办结状态与办结时间不一致"+restoreZH, "End and time of the end do not agree"+restoreEN),
	"task-times":          broken("{object} 的状态与接办、了结时间不一致"+restoreZH, "State and times of {object} do not agree"+restoreEN),
	"owner-columns":       broken("事项记的责任岗位({have})与交办记录({want})不符"+restoreZH, "The case names {have} as responsible, its hand-over {want}"+restoreEN),
	"nobody":              broken("{object}:岗位 {post} 无人任职,也无人代办;请任命,至少要有一名系统管理员", "{object}: nobody holds {post} and nobody covers; appoint somebody, at the least an administrator"),
	"holder-gone":         broken("{object}:记为由 {holder} 负责,但该岗位现在无人;应由 {want} 负责。请看定时任务是否在运行", "{object}: {holder} is named as answering, but nobody is there; it should be {want}. See whether the program's sweep runs"),
	"holder-stale":        doubt("{object}:现由 {holder} 代办,应已交还 {want}。请看定时任务是否在运行", "{object}: {holder} still answers, though it should be {want}. See whether the program's sweep runs"),
	"post-unknown":        broken("{object}:没有岗位 {post};请用 transfer(转办)交给存在的岗位", "{object}: there is no post {post}; pass the case to one that exists (transfer)"),
	"post-closed":         doubt("{object}:岗位 {post} 所在的区域或单位已撤销;请转办", "{object}: the place of {post} has been closed; pass the case on"),

	"clock-missing":    broken("{object} 没有计时,而模型规定了时限 {allow}"+restoreZH, "{object} has no clock, though its model allows {allow}"+restoreEN),
	"clock-stopped":    broken("{object} 未了结,计时却已停止"+restoreZH, "{object} is open but its clock has been stopped"+restoreEN),
	"clock-running":    broken("{object} 已了结,计时却没有停"+restoreZH, "{object} is over but its clock has not been stopped"+restoreEN),
	"pause-unrecorded": broken("{object} 的计时停着,但没有暂停记录"+restoreZH, "The clock of {object} stands still without a recorded pause"+restoreEN),
	"pause-missing":    broken("事项已暂停,{object} 的计时却还在走"+restoreZH, "The case is paused but the clock of {object} runs on"+restoreEN),
	"clock-replay":     broken("{object} 的时限是 {have},按规则和记录重新计算应为 {want}"+restoreZH, "The deadline of {object} is {have}; computed again from its policy and moves it is {want}"+restoreEN),
	"clock-policy":     broken("{object} 的起算时间或时限规则与交办不符"+restoreZH, "Start or allowance of {object} do not fit its hand-over"+restoreEN),
	"calendar-unknown": broken("{object} 按日历 {calendar} 计时,但现在没有这个日历;请把日历文件放回 models/calendars", "{object} runs by the calendar {calendar}, which is not there; put its file back into models/calendars"),
	"provisional-old":  doubt("{object} 的时限是在节假日公布前暂算的,现已公布而未重算;请重启程序", "The deadline of {object} was provisional and its calendar has arrived, but it was not computed again; start the program again"),
	"due-columns":      broken("事项的 {object} 与计时不符(存的是 {have},应为 {want})"+restoreZH, "{object} of the case does not agree with its clocks (stored {have}, should be {want})"+restoreEN),
	"task-due-column":  broken("{object} 的到期列与计时不符(存的是 {have},应为 {want})"+restoreZH, "The due column of {object} does not agree with its clock (stored {have}, should be {want})"+restoreEN),
	"next-column":      broken("下一步提醒的时间不对(存的是 {have},应为 {want}),提醒或升级可能漏掉"+restoreZH, "The time of the next step is wrong (stored {have}, should be {want}); a reminder or escalation may be missed"+restoreEN),
	"sweep-late":       doubt("有 {n} 件事项的提醒或升级早该执行(最早 {since});请看程序是否在运行", "{n} cases have a reminder or escalation long overdue (the oldest since {since}); see whether the program runs"),

	"timeline-gap":         broken("时间线缺第 {object} 条"+restoreZH, "The timeline lacks entry {object}"+restoreEN),
	"timeline-version":     broken("事项版本是 {have},时间线却到 {want}"+restoreZH, "The case is at version {have}, its timeline at {want}"+restoreEN),
	"time-backwards":       doubt("{object} 的时间早于前一条 {by};当时服务器时钟倒退过,请检查对时", "{object} is {by} earlier than the one before: the machine's clock was set back then; see to its time service"),
	"updated-at":           broken("最后更新时间与时间线不符"+restoreZH, "The time of the last change does not fit the timeline"+restoreEN),
	"action-unknown":       doubt("{object} 的操作“{action}”不在该事项的模型里", "The action {action} of {object} is not in the case's model"),
	"task-unexplained":     broken("{object} 没有在时间线里交办过"+restoreZH, "{object} was never opened by the timeline"+restoreEN),
	"task-missing":         broken("时间线里交办过的 {object} 不见了"+restoreZH, "{object} was opened by the timeline but is gone"+restoreEN),
	"task-differs":         broken("{object} 的 {field} 是 {have},时间线说是 {want}"+restoreZH, "{field} of {object} is {have}; the timeline says {want}"+restoreEN),
	"case-differs":         broken("事项的 {object} 是 {have},时间线说是 {want}"+restoreZH, "{object} of the case is {have}; the timeline says {want}"+restoreEN),
	"deadline-unexplained": broken("总时限在 {object} 之后变过,时间线里没有记录(记录为 {have},现为 {want})"+restoreZH, "The overall deadline changed after {object} without an entry (recorded {have}, now {want})"+restoreEN),

	"area-unknown":     broken("没有区域 {object};请导入该区域或更正事项", "There is no area {object}; import it or correct the case"),
	"area-closed":      doubt("在办事项所在的区域 {object} 已撤销;请更正到现有区域", "The case is open in an area that was closed ({object}); move it to one that is not"),
	"path":             broken("区域路径是 {have},应为 {want};该事项会出现在别人的列表里"+restoreZH, "The area path is {have}, should be {want}: the case shows in the wrong lists"+restoreEN),
	"model-unknown":    broken("事项的模型 {object} 找不到;请把模型文件放回 models/flows", "The model {object} of the case is gone; put its file back into models/flows"),
	"model-text":       broken("存的模型 {object} 与登记的摘要不符"+restoreZH, "The stored text of the model {object} does not fit its digest"+restoreEN),
	"activation-gap":   broken("模型 {object} 的启用记录缺第 {n} 条"+restoreZH, "Change {n} is missing among the activations of the model {object}"+restoreEN),
	"activation-lost":  broken("模型启用记录 {object} 指的版本或启用({want})不存在"+restoreZH, "The change of activation {object} names {want}, which is not there"+restoreEN),
	"category-unknown": doubt("分类目录里没有 {object};请更正事项的分类或补上该分类", "There is no category {object}; correct the case or add the category"),
	"merged-unknown":   broken("并入的事项 {object} 不存在"+restoreZH, "The case it was merged into is not there: {object}"+restoreEN),
	"merged-cycle":     broken("并案绕成了圈:{object}"+restoreZH, "The mergers go round in a circle: {object}"+restoreEN),

	"file-missing":     broken("附件 {name} 的内容不见了;请从备份恢复 files 目录", "The content of the attachment {name} is gone; restore the folder files from a backup"),
	"file-size":        broken("附件 {name} 的内容是 {have} 字节,应为 {want} 字节;请从备份恢复", "The content of the attachment {name} has {have} bytes instead of {want}; restore it from a backup"),
	"file-unexplained": broken("附件 {name} 没有记入时间线"+restoreZH, "The attachment {name} is not in the timeline"+restoreEN),
	"not-searchable":   broken("有 {n} 件事项搜不到(如 {object});请重建搜索索引", "{n} cases cannot be found by search (such as {object}); build the search index again"),
	"not-in-its-day":   broken("有 {n} 件事项(如 {object})按受理时间筛选时列不出来"+restoreZH, "{n} cases (such as {object}) are missing in lists of the time they were received"+restoreEN),
	"numbering":        broken("{object} 年的编号计数器是 {have},已用到 {want};新事项会因编号重复而失败"+restoreZH, "The counter of {object} stands at {have} though {want} has been used: new cases will be refused"+restoreEN),
	"tally-unproved":   doubt("有 {n} 件事项的时间线无法核对,统计数字因此没有重数;请先处理这些事项", "The timelines of {n} cases could not be followed, so the counters were not counted again; see to those cases first"),
	"tally":            broken("统计 {object} 是 {have},按时间线重数为 {want}"+restoreZH, "The counter {object} says {have}; counted again from the timelines it is {want}"+restoreEN),
}
