package seal

import (
	"testing"

	"pgregory.net/rapid"
)

func TestMasks(t *testing.T) {
	for _, c := range []struct {
		rule     string
		mask     func(string) string
		in, want string
	}{
		{"a mobile number keeps three and four", MaskPhone, "13812345678", "138****5678"},
		{"blanks and hyphens do not count", MaskPhone, " 138-1234-5678 ", "138****5678"},
		{"the country code is dropped", MaskPhone, "+86 13812345678", "138****5678"},
		{"full width digits are digits", MaskPhone, "13812345678", "138****5678"},
		{"a landline with area code", MaskPhone, "0513-87654321", "051****4321"},
		{"a local number keeps two", MaskPhone, "87654321", "****21"},
		{"a short number is hidden", MaskPhone, "12345", "****"},
		{"words are hidden", MaskPhone, "无", "****"},
		{"nothing stays nothing", MaskPhone, "", ""},
		{"two characters", MaskName, "张三", "张*"},
		{"three characters", MaskName, "张三丰", "张**"},
		{"compound surname", MaskName, "欧阳娜娜", "欧阳**"},
		{"compound surname, one given", MaskName, "诸葛亮", "诸葛*"},
		{"a compound surname alone is surname and given name", MaskName, "欧阳", "欧*"},
		{"rare characters beyond the BMP", MaskName, "𠮷野家", "𠮷**"},
		{"latin names do not tell their length", MaskName, "John Smith", "J***"},
		{"latin names", MaskName, "John", "J***"},
		{"minority names with a dot", MaskName, "阿卜杜拉·买买提", "阿***"},
		{"one character is hidden", MaskName, "三", "*"},
		{"nothing stays nothing", MaskName, " ", ""},
		{"identity number", MaskID, "11010519491231002X", "110***********002X"},
		{"old identity number", MaskID, "110105491231002", "110********1002"},
		{"a passport keeps two", MaskID, "E12345678", "*******78"},
		{"a short document is hidden", MaskID, "12345", "*****"},
		{"nothing stays nothing", MaskID, "", ""},
		{"a building", MaskAddress, "如皋市如城街道安定社区3号楼2单元501室", "如皋市如城街道安定社区3号楼***"},
		{"a building written 栋", MaskAddress, "如城街道锦绣花园12栋501", "如城街道锦绣花园12栋***"},
		{"a tower", MaskAddress, "福寿路88号A座1203室", "福寿路88号A座***"},
		{"the floor goes with the room", MaskAddress, "中山大厦12楼1203室", "中山大厦***"},
		{"a number on a street", MaskAddress, "福寿路12号501室", "福寿路12号***"},
		{"a house number in a village is a family", MaskAddress, "搬经镇湖刘村3组12号", "搬经镇湖刘村3组***"},
		{"a village without groups", MaskAddress, "搬经镇湖刘村12号", "搬经镇湖刘村***"},
		{"nothing hidden where nothing follows", MaskAddress, "锦绣花园12栋", "锦绣花园12栋"},
		{"unknown forms keep little", MaskAddress, "卖菜的那家铺子后面二楼左手边第一间", "卖菜的那家铺***"},
		{"nothing stays nothing", MaskAddress, "", ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := c.mask(c.in); got != c.want {
				t.Errorf("%q: %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestMaskedNumbersHideAtLeastFourDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[+0-9 -]{0,24}`).Draw(t, "number")
		digits := func(s string) (n int) {
			for _, r := range s {
				if r >= '0' && r <= '9' {
					n++
				}
			}
			return
		}
		for _, got := range []string{MaskPhone(s), MaskID(s)} {
			if shown := digits(got); shown > 7 || digits(s) >= 8 && digits(s)-shown < 3 || digits(s) < 7 && digits(MaskPhone(s)) > 0 {
				t.Fatalf("%q shows as %q", s, got)
			}
		}
	})
}

func FuzzMasks(f *testing.F) {
	f.Add("张三 \x00\xff3号楼")
	f.Fuzz(func(t *testing.T, s string) {
		MaskPhone(s)
		MaskName(s)
		MaskID(s)
		MaskAddress(s)
	})
}
