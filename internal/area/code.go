package area

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// Lengths of official codes: 6, 9 and 12 digits by 统计用区划代码和城乡划分代码编制规则 (National Bureau of
// Statistics, 2009); a basic grid adds three digits to its village. Other codes are the owner's choice.
const (
	countyDigits   = 6
	townshipDigits = 9
	villageDigits  = 12
	gridDigits     = 15
	longestCode    = 64
	longestName    = 500 // characters
)

var levelWords = map[string]Level{
	"3": County, "county": County, "县": County, "县区": County, "区县": County, "县级": County,
	"4": Township, "township": Township, "乡镇": Township, "镇街": Township, "街道": Township, "镇": Township, "乡": Township, "乡级": Township,
	"5": Village, "village": Village, "村": Village, "社区": Village, "村社区": Village, "村级": Village,
	"6": Grid, "grid": Grid, "网格": Grid,
	"7": Group, "group": Group, "联户单元": Group, "联户": Group, "微网格": Group,
	"8": Building, "building": Building, "楼栋": Building, "楼": Building,
}

// ParseLevel reads a level as files write it: the number of the national files (3, 4, 5 and on), the
// English word or the Chinese one.
func ParseLevel(word string) (Level, bool) {
	l, ok := levelWords[strings.NewReplacer(" ", "", "/", "", "(", "", ")", "").Replace(strings.ToLower(strings.TrimSpace(word)))]
	return l, ok
}

// Name is the level in both languages.
func (l Level) Name() lang.Text {
	switch l {
	case County:
		return lang.T("县(市、区)", "county")
	case Township:
		return lang.T("乡镇(街道)", "township")
	case Village:
		return lang.T("村(社区)", "village")
	case Grid:
		return lang.T("网格", "grid")
	case Group:
		return lang.T("联户单元", "household group")
	case Building:
		return lang.T("楼栋", "building")
	}
	return lang.T(string(l), string(l))
}

// problem is what is wrong with one field, nil when nothing is.
type problem = fault.Field

func wrong(field, code, zh, en string, args ...any) *problem {
	return &problem{Name: field, Code: code, Text: lang.T(fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))}
}

// CheckCode tells what is wrong with the code of a new area of that level and kind; nil when it is right.
func CheckCode(level Level, kind, code string) *fault.Field {
	if p := checkWritten(code); p != nil {
		return p
	}
	want := 0
	switch {
	case level == County:
		want = countyDigits
	case level == Township:
		want = townshipDigits
	case level == Village:
		want = villageDigits
	case level == Grid && kind != KindDedicated:
		want = gridDigits
	case level.Depth() == 0:
		return wrong("level", "unknown-level", "没有“%[1]s”这一层级,应为 县、乡镇、村、网格、联户单元、楼栋", "There is no level %[1]q; use county, township, village, grid, group or building", level)
	default:
		return nil
	}
	if !digits(code) || len(code) != want {
		name := level.Name()
		return wrong("code", "code-form", "%[3]s的编码应为 %[1]d 位数字,现在是“%[2]s”(%[5]d 位)", "The code of a %[4]s has %[1]d digits; this is %[2]q (%[5]d characters)",
			want, code, name.ZH, name.EN, utf8.RuneCountInString(code))
	}
	return nil
}

// checkWritten refuses what can be no code at all: codes are parts of paths and of posts.
func checkWritten(code string) *problem {
	switch {
	case code == "":
		return wrong("code", "code-missing", "缺少编码", "The code is missing")
	case len(code) > longestCode:
		return wrong("code", "code-too-long", "编码超过 %[1]d 个字符", "The code is longer than %[1]d characters", longestCode)
	}
	for _, r := range code {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.' {
			return wrong("code", "code-character", "编码中不能有“%[1]s”,只能用数字、英文字母和 - _ .", "The code contains %[1]q; only digits, Latin letters and - _ . are allowed", string(r))
		}
	}
	return nil
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// checkName accepts any readable name, rare characters included.
func checkName(field, name string) *problem {
	switch {
	case strings.TrimSpace(name) == "":
		return wrong(field, "name-missing", "缺少名称", "The name is missing")
	case !utf8.ValidString(name):
		return wrong(field, "broken-text", "名称不是有效的 UTF-8 文字,请检查文件编码", "The name is not valid UTF-8; check the encoding of the file")
	case utf8.RuneCountInString(name) > longestName:
		return wrong(field, "name-too-long", "名称超过 %[1]d 个字", "The name is longer than %[1]d characters", longestName)
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return wrong(field, "control-character", "名称中有控制字符 U+%04[1]X,请删除", "The name contains the control character U+%04[1]X; remove it", r)
		}
	}
	return nil
}

// checkUnder tells what is wrong with putting an area under a parent. fresh areas must also carry the
// parent's code at the front where codes are official; one that moves keeps the code it was given.
func checkUnder(a Area, parent *Area, fresh bool) *problem {
	if parent == nil {
		if a.Level == County || a.Level == Township {
			return nil
		}
		name := a.Level.Name()
		return wrong("parent", "parent-missing", "缺少上级:%[1]s必须有上级", "The parent is missing: a %[2]s needs one", name.ZH, name.EN)
	}
	if parent.Closed {
		return wrong("parent", "parent-closed", "上级 %[1]s(%[2]s)已撤销", "The parent %[2]s (%[1]s) is closed", parent.Name, parent.Code)
	}
	if !fits(a, *parent) {
		own, above := a.Level.Name(), parent.Level.Name()
		return wrong("level", "level-order", "%[1]s不能挂在%[2]s %[5]s 之下", "A %[3]s cannot hang under a %[4]s (%[5]s)", own.ZH, above.ZH, own.EN, above.EN, parent.Code)
	}
	official := a.Level == Township || a.Level == Village || a.Level == Grid && a.Kind != KindDedicated
	if fresh && official && !strings.HasPrefix(a.Code, parent.Code) {
		return wrong("code", "code-prefix", "编码 %[1]s 应以上级编码 %[2]s 开头", "The code %[1]s should begin with the parent's code %[2]s", a.Code, parent.Code)
	}
	return nil
}

// fits tells which level may hang under which.
func fits(a, parent Area) bool {
	switch a.Level {
	case Township:
		return parent.Level == County
	case Village:
		return parent.Level == Township
	case Grid:
		return parent.Level == Village || a.Kind == KindDedicated && parent.Level == Township
	case Group:
		return parent.Level == Grid
	case Building:
		return parent.Level == Grid || parent.Level == Group
	}
	return false
}

// kindOf is the kind of an area that does not name one: grids are basic, and the statistics give zones
// (政企合一单位, 类似居委会, 类似村委会) the last three digits 400 to 599.
func kindOf(a Area) string {
	switch {
	case a.Kind != "":
		return a.Kind
	case a.Level == Grid:
		return KindBasic
	case a.Level == Township && len(a.Code) == townshipDigits, a.Level == Village && len(a.Code) == villageDigits:
		if c := a.Code[len(a.Code)-3]; c == '4' || c == '5' {
			return KindZone
		}
	}
	return ""
}

func checkKind(a Area) *problem {
	switch {
	case a.Level == Grid && a.Kind != KindBasic && a.Kind != KindDedicated:
		return wrong("kind", "unknown-kind", "网格类型应为 basic(基础网格)或 dedicated(专属网格),现在是“%[1]s”", "The kind of a grid is basic or dedicated, not %[1]q", a.Kind)
	case a.Level != Grid && len(a.Kind) > longestCode:
		return wrong("kind", "kind-too-long", "类型超过 %[1]d 个字符", "The kind is longer than %[1]d characters", longestCode)
	}
	return nil
}

var kindWords = map[string]string{"基础": KindBasic, "基础网格": KindBasic, "专属": KindDedicated, "专属网格": KindDedicated, "专用网格": KindDedicated, "园区": KindZone, "功能区": KindZone}

// ParseKind reads a kind as files write it, Chinese words included.
func ParseKind(word string) string {
	word = strings.TrimSpace(word)
	if k, ok := kindWords[word]; ok {
		return k
	}
	return strings.ToLower(word)
}

func checkCenter(p *Point) *problem {
	if p == nil {
		return nil
	}
	if !(p.Lat >= -90 && p.Lat <= 90) {
		return wrong("lat", "out-of-range", "纬度 %[1]v 不在 -90 到 90 之间(是否与经度颠倒?)", "The latitude %[1]v is not between -90 and 90 (swapped with the longitude?)", p.Lat)
	}
	if !(p.Lon >= -180 && p.Lon <= 180) {
		return wrong("lon", "out-of-range", "经度 %[1]v 不在 -180 到 180 之间", "The longitude %[1]v is not between -180 and 180", p.Lon)
	}
	return nil
}

// checkArea gathers what is wrong with the area's own fields.
func checkArea(a Area) []problem {
	var out []problem
	add := func(p *problem) {
		if p != nil {
			out = append(out, *p)
		}
	}
	add(CheckCode(a.Level, a.Kind, a.Code))
	add(checkName("name", a.Name))
	for _, alias := range a.Aliases {
		add(checkName("aliases", alias))
	}
	add(checkKind(a))
	add(checkCenter(a.Center))
	if a.Population < 0 {
		add(wrong("population", "negative", "人口不能为负数", "The population cannot be negative"))
	}
	return out
}

// refuse makes one error of problems; nil when there are none.
func refuse(problems ...problem) error {
	if len(problems) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, problems[0].Code, "区域信息有误,未作改动", "Something is wrong with the area; nothing was changed")
	e.Fields = problems
	return e
}
