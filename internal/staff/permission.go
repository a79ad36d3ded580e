package staff

import (
	"linli/internal/platform/lang"
)

// Permission is one thing somebody may do. Roles grant permissions for their place; tokens narrow them.
type Permission struct {
	Key  string    // as in models/roles.yaml and in token scopes
	Text lang.Text // what it allows
	// Area tells that a post held at an organisation carries it for the whole area the organisation is
	// attached to. All others reach only what belongs to the organisation itself: the housing office of a
	// county reads its own orders, not every matter of the county.
	Area bool
	// ScopeOnly marks what is not in a role's list but follows from another of its fields; only the scopes
	// of tokens name it.
	ScopeOnly bool
}

// Keys that this package itself asks for.
const (
	StaffRead    = "staff.read"
	StaffWrite   = "staff.write"
	SystemAdmin  = "system.admin"
	CaseAct      = "case.act"
	CaseAudit    = "case.audit"
	Confidential = "case.confidential"
	Export       = "export"
	BoardWrite   = "board.write"
)

// Permissions is every permission there is. docs/staff.md shows the same table; a test compares them.
var Permissions = []Permission{
	{Key: "case.report", Text: lang.T("代人上报、登记事项", "Report a matter, for oneself or for a neighbour"), Area: true},
	{Key: "case.read", Text: lang.T("查看范围内的事项", "Read the matters in scope")},
	{Key: CaseAct, Text: lang.T("查看并办理交到本岗的任务", "See and do the tasks given to the post")},
	{Key: "case.dispatch", Text: lang.T("甄别、派单、转办、裁定退单", "Sort, hand out, transfer, rule on hand-backs")},
	{Key: "case.supervise", Text: lang.T("督办、批准延期", "Supervise, approve extensions")},
	{Key: "case.reveal", Text: lang.T("写明用途后查看报事人实名和电话", "See a reporter's name and phone for a stated purpose")},
	{Key: "case.bulk", Text: lang.T("一次处理多件", "Act on many matters at once")},
	{Key: "case.correct", Text: lang.T("更正登记错误", "Correct what was entered wrongly")},
	{Key: CaseAudit, Text: lang.T("查看谁看过实名", "Check who looked at reporters' names")},
	{Key: "hotline.take", Text: lang.T("接听热线、开工单", "Take hotline calls and open orders")},
	{Key: "area.read", Text: lang.T("查看区域和组织", "Read areas and organisations"), Area: true},
	{Key: "area.write", Text: lang.T("维护区域和组织", "Change areas and organisations")},
	{Key: StaffRead, Text: lang.T("查看人员和岗位", "Read people and posts")},
	{Key: StaffWrite, Text: lang.T("任免人员、重置密码", "Appoint and end, reset passwords")},
	{Key: BoardWrite, Text: lang.T("发通知公告、设值班电话", "Post notices, set the duty phone")},
	{Key: "report.read", Text: lang.T("查看统计", "Read rates and counts")},
	{Key: "model.read", Text: lang.T("查看办理模型", "Read governance models"), Area: true},
	{Key: "model.write", Text: lang.T("维护办理模型", "Change governance models")},
	{Key: "calendar.write", Text: lang.T("维护工作日历", "Change working calendars")},
	{Key: "import", Text: lang.T("批量导入", "Import from sheets")},
	{Key: Export, Text: lang.T("批量导出", "Export to sheets")},
	{Key: SystemAdmin, Text: lang.T("管理程序本身", "Run the program itself")},
	{Key: Confidential, Text: lang.T("令牌可用于保密事项(仅限持有人本来就能看的)", "Let a token reach confidential matters its owner may see anyway"), ScopeOnly: true},
}

// permissionBits gives each permission its bit; it is read only.
var permissionBits, areaBits = numberPermissions(Permissions)

func numberPermissions(all []Permission) (byKey map[string]uint64, area uint64) {
	byKey = make(map[string]uint64, len(all))
	for i, p := range all {
		byKey[p.Key] = 1 << i
		if p.Area {
			area |= 1 << i
		}
	}
	return byKey, area
}

// bitOf is 0 for a word that is no permission, which nobody has.
func bitOf(permission string) uint64 { return permissionBits[permission] }

// KnownPermission tells whether the word names a permission.
func KnownPermission(permission string) bool { return bitOf(permission) != 0 }
