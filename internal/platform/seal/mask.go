package seal

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The masks follow the usual practice of Chinese public services (GB/T 35273, and the display rules of
// government platforms): enough to recognise one's own entry, not enough to learn another's.

// MaskPhone shows 138****5678 of a mobile number; of a shorter one only its last two digits. Anything that is
// not a number shows as stars.
func MaskPhone(s string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, norm.NFKC.String(s))
	switch n := len(digits); {
	case strings.TrimSpace(s) == "":
		return ""
	case n > 11 && strings.HasSuffix(digits[:n-11], "86"): // +86, 0086
		digits = digits[n-11:]
		return digits[:3] + "****" + digits[7:]
	case n >= 10:
		return digits[:3] + "****" + digits[n-4:]
	case n >= 7:
		return "****" + digits[n-2:]
	}
	return "****"
}

// compound are the surnames of two characters still met (百家姓 and the census lists of the Ministry of Public Security).
const compound = " 欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚 左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 南荣 东里 东宫 仲长 子书 子桑 即墨 达奚 褚师 纳兰 叶赫 歐陽 司馬 諸葛 東方 "

// MaskName shows the surname: 张*, 欧阳**, J***. A single character is hidden whole, since it may be the given name.
func MaskName(s string) string {
	r := []rune(strings.TrimSpace(norm.NFKC.String(s)))
	switch {
	case len(r) == 0:
		return ""
	case len(r) == 1:
		return "*"
	case !allHan(r):
		return string(r[0]) + "***" // always three: the length of a long name tells much
	case len(r) > 2 && strings.Contains(compound, " "+string(r[:2])+" "):
		return string(r[:2]) + strings.Repeat("*", len(r)-2)
	}
	return string(r[0]) + strings.Repeat("*", len(r)-1)
}

func allHan(rs []rune) bool {
	for _, r := range rs {
		if !unicode.Is(unicode.Han, r) {
			return false
		}
	}
	return true
}

// MaskID shows the first three and last four of an identity number (110***********002X); of any other document
// only the last two characters, and of a short one nothing.
func MaskID(s string) string {
	r := []rune(strings.TrimSpace(norm.NFKC.String(s)))
	n := len(r)
	switch {
	case n == 0:
		return ""
	case n == 18 || n == 15:
		return string(r[:3]) + strings.Repeat("*", n-7) + string(r[n-4:])
	case n >= 8:
		return strings.Repeat("*", n-2) + string(r[n-2:])
	}
	return strings.Repeat("*", n)
}

// Where an address stops pointing at one household: the building, else the number on a street, else the
// villagers' group or the village (a house number in a village is one family).
var (
	building = regexp.MustCompile(`^.*?(?:[0-9A-Za-z一二三四五六七八九十百东西南北中甲乙丙丁]+(?:号楼|栋|幢|座|#楼?)|大厦|大楼)`)
	street   = regexp.MustCompile(`^.*?(?:路|街|道|巷|弄|里|胡同)[0-9一二三四五六七八九十百千-]+号`)
	group    = regexp.MustCompile(`^.*(?:组|队|社区|村|屯|寨|庄|圩)`)
)

// MaskAddress keeps an address up to its building: 如城街道福寿路12号3号楼***. In the countryside, where the number is
// the household, it keeps up to the group or village; where nothing is recognised, at most the first six characters.
func MaskAddress(s string) string {
	s = strings.TrimSpace(norm.NFKC.String(s))
	if s == "" {
		return ""
	}
	keep := ""
	switch {
	case building.MatchString(s):
		keep = building.FindString(s)
	case street.MatchString(s):
		keep = street.FindString(s)
	case group.MatchString(s):
		keep = group.FindString(s)
	default:
		r := []rune(s)
		keep = string(r[:min(6, len(r)/2)])
	}
	if keep == s {
		return s
	}
	return keep + "***"
}
