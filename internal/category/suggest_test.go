package category

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

func TestWhatAReportIsAbout(t *testing.T) {
	tree := shipped(t)
	for _, c := range []struct{ name, title, text, want string }{
		{"the word of an item names it", "路灯不亮", "", "02.07.05"},
		{"a title outweighs what the text mentions besides", "小区门口路灯不亮", "出门就是公园,物业说不归他们管", "02.07.05"},
		{"a longer word takes the place of the shorter one in it", "物业停水", "因为没交物业费,家里被停水", "03.01.03"},
		{"words of the sub-class strengthen its items", "工地夜间施工", "噪音太大,扰民", "01.05.01"},
		{"several words beat one", "", "夜里KTV唱歌扰民,音响开到很大,旁边还有一盏路灯", "01.05.02"},
		{"western letters match in any case and width", "", "楼下ktv每天开到三点", "01.05.02"},
		{"wages on a building site", "包工头拖欠农民工工资", "", "09.01.01"},
		{"violence at home", "邻居家暴", "经常听到丈夫打妻子", "06.02.02"},
		{"a whole lift with people in it", "电梯困人", "两位老人被困电梯半小时", "03.03.02"},
		{"pensions", "退休金怎么算", "明年到退休年龄,想问养老金", "09.03.02"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := tree.Suggest(c.title, c.text, 3)
			if len(got) == 0 || got[0].Code != c.want {
				t.Errorf("got %+v, want %s", got, c.want)
			}
		})
	}
}

func TestTheRulesOfTheScore(t *testing.T) {
	tree, err := Load(files(strings.NewReplacer("[夜间施工, 打桩]", "[夜间施工, 打桩, 冲击钻]", "words: [噪音, 吵]", "words: [噪音, 扰民, 吵, p2p]").Replace(someClass)))
	if err != nil {
		t.Fatal(err)
	}
	score := func(title, text string) float64 {
		got := tree.Suggest(title, text, 1)
		if len(got) == 0 {
			return 0
		}
		return got[0].Score
	}
	for _, c := range []struct {
		name       string
		more, less float64
	}{
		{"a word in the title counts more than in the text", score("打桩", ""), score("", "打桩")},
		{"a word in both counts more than in the title", score("打桩", "打桩"), score("打桩", "")},
		{"a word that comes again counts a little more", score("", "打桩,打桩"), score("", "打桩")},
		{"ten times is less than two words", score("", "打桩,夜间施工"), score("", strings.Repeat("打桩,", 10))},
		{"a longer word counts more", score("", "冲击钻"), score("", "打桩")},
		{"a word at the beginning counts more than far down", score("", "打桩"), score("", strings.Repeat("好", 300)+"打桩")},
		{"the sub-class supports", score("", "打桩,噪音"), score("", "打桩")},
		{"the sub-class alone says less than an item", score("", "打桩"), score("", "噪音")},
	} {
		if c.more <= c.less {
			t.Errorf("%s: %.3f against %.3f", c.name, c.more, c.less)
		}
	}
	if got := tree.Suggest("", "噪音扰民", 3); len(got) != 1 || got[0].Code != "01.01" {
		t.Errorf("a text that says no more than the sub-class gets the sub-class: %+v", got)
	}
	if got := tree.Suggest("", "打桩,噪音", 3); len(got) != 1 || got[0].Code != "01.01.01" {
		t.Errorf("a sub-class is not suggested beside its item: %+v", got)
	}
	if got := tree.Suggest("", "夜间施工噪音", 1); !slices.Equal(got[0].Words, []string{"夜间施工", "噪音"}) {
		t.Errorf("the weightiest word first, of the sub-class too: %+v", got)
	}
}

func TestNothingIsSuggestedRatherThanNonsense(t *testing.T) {
	tree := shipped(t)
	for _, c := range []struct{ title, text string }{
		{"", ""},
		{" ", "\n\t"},
		{"你好", "谢谢"},
		{"hello", "there is something I should like to say"},
		{"\xff\xfe", strings.Repeat("\x80", 1000)},
		{"", "吵"}, // one character is chance
		{"", "the happily snapped apparatus"},
	} {
		if got := tree.Suggest(c.title, c.text, 5); len(got) != 0 {
			t.Errorf("%q %q: %+v", c.title, c.text, got)
		}
	}
	for _, n := range []int{0, -1} {
		if got := tree.Suggest("路灯不亮", "", n); len(got) != 0 {
			t.Errorf("asked for %d, got %d", n, len(got))
		}
	}
}

func TestAWesternWordIsNotFoundInsideAnother(t *testing.T) {
	tree, err := Load(files(strings.Replace(someClass, "[夜间施工, 打桩]", "[app, 4S店, \"12345\", D级]", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for text, found := range map[string]bool{
		"下载APP后打不开": true, "happy": false, "apps": false, "打12345热线": true, "编号9123456": false,
		"在4s店买车": true, "在14S店买车": false, "鉴定为D级危房": true, "ABCD级": false,
	} {
		if got := len(tree.Suggest(text, "", 1)) > 0; got != found {
			t.Errorf("%s: found %v", text, got)
		}
	}
}

// aText strings together words of the tree and other matter.
func aText(tree *Tree) *rapid.Generator[string] {
	words := []string{"的", ",", "\n", "我们", "A市", " ", "xx", "垃", "\u200b", "\xff"}
	for _, c := range tree.All() {
		words = append(words, c.Words...)
	}
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 30).Draw(t, "words"), "")
	})
}

func TestWordsListedOccurInTheTextAndBelongToTheCategory(t *testing.T) {
	tree := shipped(t)
	texts := aText(tree)
	rapid.Check(t, func(t *rapid.T) {
		title, text := texts.Draw(t, "title"), texts.Draw(t, "text")
		got := tree.Suggest(title, text, 20)
		for i, s := range got {
			if s.Score <= 0 || s.Score >= 1 || i > 0 && s.Score > got[i-1].Score {
				t.Fatalf("scores out of range or order: %+v", got)
			}
			if len(s.Words) == 0 {
				t.Fatalf("no word speaks for %s", s.Code)
			}
			for _, w := range s.Words {
				if !strings.Contains(fold(title), fold(w)) && !strings.Contains(fold(text), fold(w)) {
					t.Fatalf("%q is not in the text", w)
				}
				if !slices.ContainsFunc(tree.Path(s.Code), func(c Category) bool {
					return slices.ContainsFunc(c.Words, func(own string) bool { return fold(own) == fold(w) })
				}) {
					t.Fatalf("%q does not belong to %s", w, s.Code)
				}
			}
		}
		if few := tree.Suggest(title, text, 2); !reflect.DeepEqual(few, slices.Clip(got[:min(2, len(got))])) && len(got) > 0 {
			t.Fatalf("asking for fewer changes the answer: %+v and %+v", few, got)
		}
	})
}

func TestSuggestionsDoNotDependOnTheOrderOfSiblings(t *testing.T) {
	tree := shipped(t)
	texts := aText(tree)
	disk := os.DirFS("../../models")
	for seed := range uint64(3) {
		other, err := Load(shuffled(t, disk, rand.New(rand.NewPCG(seed, 7))))
		if err != nil {
			t.Fatal(err)
		}
		if other.Version() != tree.Version() {
			t.Fatal("the order of siblings changed the version")
		}
		rapid.Check(t, func(t *rapid.T) {
			title, text := texts.Draw(t, "title"), texts.Draw(t, "text")
			if a, b := tree.Suggest(title, text, 10), other.Suggest(title, text, 10); !reflect.DeepEqual(a, b) {
				t.Fatalf("%+v and %+v", a, b)
			}
		})
	}
}

// shuffled gives the same tree with siblings, words and files in another order.
func shuffled(t *testing.T, disk fs.FS, rng *rand.Rand) fstest.MapFS {
	t.Helper()
	entries, err := fs.ReadDir(disk, "categories")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for i, e := range entries {
		if path.Ext(e.Name()) != ".yaml" {
			continue
		}
		data, err := fs.ReadFile(disk, "categories/"+e.Name())
		if err != nil {
			t.Fatal(err)
		}
		name := e.Name()
		if name != functionsFile {
			var doc yaml.Node
			if err := yaml.Unmarshal(data, &doc); err != nil {
				t.Fatal(err)
			}
			shuffle(&doc, rng)
			if data, err = yaml.Marshal(&doc); err != nil {
				t.Fatal(err)
			}
			name = fmt.Sprintf("%04d-%d.yaml", rng.IntN(10000), i)
		}
		out["categories/"+name] = &fstest.MapFile{Data: data}
	}
	return out
}

func shuffle(n *yaml.Node, rng *rand.Rand) {
	if n.Kind == yaml.SequenceNode {
		rng.Shuffle(len(n.Content), func(i, j int) { n.Content[i], n.Content[j] = n.Content[j], n.Content[i] })
	}
	for _, c := range n.Content {
		shuffle(c, rng)
	}
}

func TestTheAutomatonFindsWhatLookingEverywhereFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.StringOfN(rapid.RuneFrom([]rune("ab1垃圾")), 1, 4, -1)
		words := rapid.SliceOfNDistinct(some, 1, 12, rapid.ID[string]).Draw(t, "words")
		text := []rune(rapid.StringOfN(rapid.RuneFrom([]rune("ab1垃圾 ")), 0, 40, -1).Draw(t, "text"))
		var all []hit
		for id, w := range words {
			r := []rune(w)
			for i := 0; i+len(r) <= len(text); i++ {
				if h := (hit{int32(id), int32(i), int32(i + len(r))}); slices.Equal(text[i:i+len(r)], r) && whole(text, h) {
					all = append(all, h)
				}
			}
		}
		var want []hit
		for _, h := range all {
			if !slices.ContainsFunc(all, func(o hit) bool { return o.from <= h.from && o.to >= h.to && o != h }) {
				want = append(want, h)
			}
		}
		slices.SortFunc(want, func(a, b hit) int { return int(a.from - b.from) })
		if got := newAutomaton(words).find(text, nil); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestAHugeTextIsReadAtItsBeginningOnly(t *testing.T) {
	tree := shipped(t)
	filler := strings.Repeat("停水公公公", maxText/5)
	huge := filler + strings.Repeat("路灯不亮", 1<<20)
	start := time.Now()
	got := tree.Suggest("", huge, 3)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("%d bytes took %v", len(huge), took)
	}
	if !reflect.DeepEqual(got, tree.Suggest("", filler, 3)) || len(got) == 0 {
		t.Errorf("what follows the first %d characters was read, or nothing was: %+v", maxText, got)
	}
}

func TestSuggestIsSafeForManyAtOnce(t *testing.T) {
	tree := shipped(t)
	want := tree.Suggest("路灯不亮", "小区停水", 5)
	done := make(chan bool)
	for range 8 {
		go func() {
			same := true
			for range 200 {
				same = same && reflect.DeepEqual(want, tree.Suggest("路灯不亮", "小区停水", 5))
			}
			done <- same
		}()
	}
	for range 8 {
		if !<-done {
			t.Error("two at once disturbed each other")
		}
	}
}

func FuzzSuggest(f *testing.F) {
	tree := shipped(f)
	f.Add("路灯不亮", "小区KTV太吵")
	f.Add("\xff", "\xe5\x9e\x83垃圾\u200d分类\x00")
	f.Fuzz(func(t *testing.T, title, text string) {
		for _, s := range tree.Suggest(title, text, 50) {
			c, ok := tree.Get(s.Code)
			if !ok || s.Score <= 0 || s.Score >= 1 || len(s.Words) == 0 {
				t.Fatalf("%+v", s)
			}
			for _, w := range s.Words {
				if !strings.Contains(fold(title), fold(w)) && !strings.Contains(fold(text), fold(w)) {
					t.Fatalf("%s: %q is not in the text", c.Code, w)
				}
			}
		}
	})
}

func BenchmarkSuggest(b *testing.B) {
	tree := shipped(b)
	var text bytes.Buffer
	for utf8.RuneCount(text.Bytes()) < 500 {
		text.WriteString("我是A小区的业主,楼下的烧烤店每天营业到凌晨,油烟和噪音严重扰民,物业说管不了,多次拨打热线也没有结果,希望有关部门尽快处理。")
	}
	body := string([]rune(text.String())[:500])
	b.ReportAllocs()
	for b.Loop() {
		tree.Suggest("烧烤店油烟噪音扰民", body, 3)
	}
}
