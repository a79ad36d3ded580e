package search

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	_ "modernc.org/sqlite" // the driver "sqlite"
	"pgregory.net/rapid"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

func TestTokens(t *testing.T) {
	for _, c := range []struct {
		rule, text string
		want       []string
	}{
		{"every character and every pair", "路灯坏", []string{"路", "路灯", "灯", "灯坏", "坏"}},
		{"rare characters beyond the BMP", "𠮷野", []string{"𠮷", "𠮷野", "野"}},
		{"each token once", "村村村", []string{"村", "村村"}},
		{"latin words in lower case", "Hello WORLD", []string{"hello", "world"}},
		{"full width folds", "ABC123", []string{"abc", "abc123", "123"}},
		{"scripts do not mix", "3号楼A座", []string{"3", "号", "号楼", "楼", "a", "座"}},
		{"a case number whole and in parts", "320682-2026-000123",
			[]string{"320682", "320682-2026", "320682-2026-000123", "2026", "2026-000123", "000123"}},
		{"hyphens of all kinds are one", "A‑1", []string{"a", "a-1", "1"}},
		{"a hyphen at the end joins nothing", "a- b -c d--e", []string{"a", "b", "c", "d", "e"}},
		{"invisible marks do not part", "葛\U000E0100城\u200b区", []string{"葛", "葛城", "城", "城区", "区"}},
		{"punctuation parts", "水,电。", []string{"水", "电"}},
		{"nul and broken bytes part", "水\x00电\xff\xfe煤", []string{"水", "电", "煤"}},
		{"emoji alone have no tokens", "😀👍🏽", nil},
		{"accents stay", "café", []string{"café"}},
		{"the digit nought of Chinese dates", "二〇二六", []string{"二", "二〇", "〇", "〇二", "二六", "六"}},
		{"nothing", " \n", nil},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := Tokens(c.text); !slices.Equal(got, c.want) {
				t.Errorf("%q: %q, want %q", c.text, got, c.want)
			}
		})
	}
}

func TestQuery(t *testing.T) {
	for _, c := range []struct {
		rule, q string
		terms   []string
		needle  string
	}{
		{"one character", "灯", []string{encode("灯")}, "灯"},
		{"two characters are one term", "路灯", []string{encode("路灯")}, "路灯"},
		{"three are two pairs", "路灯坏", []string{encode("路灯"), encode("灯坏")}, "路灯坏"},
		{"a case number is one term", " 320682-2026-000123 ", []string{encode("320682-2026-000123")}, "320682-2026-000123"},
		{"a word is itself", "Grid", []string{"wgrid"}, "grid"},
		{"operators are words", "a AND NOT b*", []string{"wa", "wand", "wnot", "wb"}, "a and not b*"},
		{"punctuation has no terms", "——!", nil, "——!"},
		{"nothing", "  ", nil, ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			terms, needle := Query(c.q)
			if !slices.Equal(terms, c.terms) || needle != c.needle {
				t.Errorf("%q: %q %q, want %q %q", c.q, terms, needle, c.terms, c.needle)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		text, q string
		want    bool
	}{
		{"东大街路灯坏了", "路灯", true},
		{"东大街路灯坏了", "坏了 东大街", true},
		{"东大街路灯坏了", "路坏", false},
		{"Street LAMP", "lamp street", true},
		{"ABC", "abc", true},
		{"x", "", true},
		{"", "x", false},
	} {
		if got := Match(c.text, c.q); got != c.want {
			t.Errorf("%q in %q: %v", c.q, c.text, got)
		}
	}
}

// texts are made of what residents write: Han with rare characters, numbers, Latin, punctuation.
func texts() *rapid.Generator[string] {
	part := rapid.OneOf(
		rapid.SampledFrom([]string{"路灯", "坏了", "东大街", "𠮷", "〇", "々", "한국", "カナ", "3", "12", "a", "Grid", "-", "--", ",", "。", " ", "\n", "\x00", "\xff", "😀", "\u200b", "\U000E0100", "320682-2026-000123", "é", "e\u0301", "ff", "𠀀𪛖", "สวัสดี"}),
		rapid.String(),
		rapid.StringOfN(rapid.RuneFrom([]rune("村镇路灯坏了水电煤东西南北")), 1, 40, -1),
	)
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(part, 0, 20).Draw(t, "parts"), "")
	})
}

// Any part of a text that does not cut a word or number of letters and digits in two is found.
func TestEveryPartOfATextIsFoundByItsTerms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := Normalize(texts().Draw(t, "text"))
		document := strings.Fields(Document(text))
		var edges []int
		for i := range text {
			before, _ := utf8.DecodeLastRuneInString(text[:i])
			after, _ := utf8.DecodeRuneInString(text[i:])
			if c := classOf(after); c != classOf(before) || c == dense || c == apart {
				edges = append(edges, i)
			}
		}
		edges = append(edges, len(text))
		from := rapid.SampledFrom(edges).Draw(t, "from")
		to := rapid.SampledFrom(edges).Draw(t, "to")
		if from >= to {
			return
		}
		part := text[from:to]
		if Normalize(part) != strings.TrimSpace(part) {
			return // cut between a letter and its accent: another letter
		}
		terms, needle := Query(part)
		for _, term := range terms {
			if !slices.Contains(document, term) {
				t.Fatalf("%q of %q: term %q is not among %q", part, text, term, document)
			}
		}
		if !Match(text, part) || !Match(text, needle) {
			t.Fatalf("%q of %q does not match", part, text)
		}
	})
}

func TestNormalizingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := texts().Draw(t, "text")
		once := Normalize(s)
		if twice := Normalize(once); twice != once {
			t.Fatalf("%q: %q, then %q", s, once, twice)
		}
	})
}

var safe = regexp.MustCompile(`^([wx][a-z0-9]+( [wx][a-z0-9]+)*)?$`)

func TestDocumentsAreSafeForBothEnginesAndDifferentTokensStayDifferent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts().Draw(t, "text")
		doc := Document(text)
		if !safe.MatchString(doc) {
			t.Fatalf("%q: document %q", text, doc)
		}
		if n := len(Tokens(text)); n != len(strings.Fields(doc)) {
			t.Fatalf("%d tokens, document %q", n, doc)
		}
	})
}

func TestLongRunsLoseNoNeighbours(t *testing.T) {
	var han, number strings.Builder
	for i := range 3*maxRun + 17 {
		han.WriteRune(rune(0x4e00 + i))
		fmt.Fprintf(&number, "%d-", i)
	}
	tokens := map[string]bool{}
	for _, token := range Tokens(han.String()) {
		tokens[token] = true
	}
	// 2 tokens per character stay below the cap for the first 8,000.
	for i := range 8000 {
		if pair := string([]rune{rune(0x4e00 + i), rune(0x4e00 + i + 1)}); !tokens[pair] {
			t.Fatalf("%q at %d is missing", pair, i)
		}
	}
	got := 0
	scan(Normalize(number.String()), func(token string) bool {
		if strings.Count(token, "-") == maxGram-1 {
			got++
		}
		return true
	})
	if want := 3*maxRun + 17 - maxGram + 1; got < want {
		t.Fatalf("%d runs of six, want %d", got, want)
	}
}

func TestTenMegabytesStayWithinTheCap(t *testing.T) {
	var b strings.Builder
	for i := 0; b.Len() < 10<<20; i++ {
		fmt.Fprintf(&b, "%c%c%d-%d ", 0x4e00+i%20000, 0x4e00+i*7%20000, i, i*13)
	}
	doc := Document(b.String())
	if n := strings.Count(doc, " ") + 1; n > MaxTokens || len(doc) > MaxDocument || n < MaxTokens/2 {
		t.Fatalf("%d tokens, %d bytes", n, len(doc))
	}
	if long := Tokens(strings.Repeat("x", 1<<20)); len(long) != 1 || len(long[0]) != maxToken {
		t.Fatal("an endless word is not cut")
	}
}

var corpus = []string{
	"东大街12号门前路灯坏了三天", "城北村三组自来水管爆裂,水漫到路上", "𠮷野家门口占道经营", "案件 320682-2026-000123 请尽快回复",
	"Street lamp at No. 5 is out", "楼道堆放杂物\x00有火灾隐患\xff", "电动车 飞线充电 😀", "AND OR NOT NEAR", "A3栋电梯停运", "ABC全角",
}

var questions = []struct {
	q    string
	want []int // positions in corpus
}{
	{"路灯", []int{0}}, {"灯坏", []int{0}}, {"水", []int{1}}, {"自来水管爆裂", []int{1}}, {"𠮷", []int{2}}, {"𠮷野", []int{2}},
	{"320682-2026-000123", []int{3}}, {"000123", []int{3}}, {"2026-000123", []int{3}}, {"lamp", []int{4}}, {"LAMP street", []int{4}},
	{"隐患", []int{5}}, {"飞线 电动车", []int{6}}, {"and", []int{7}}, {"near or", []int{7}}, {"3栋", []int{8}}, {"a3栋电梯", []int{8}},
	{"abc", []int{9}}, {"路", []int{0, 1}}, {"门", []int{0, 2}}, {"没有的词", nil}, {"路坏", nil}, {"* \"' ) OR", []int{}}, {"道堆 火灾", []int{5}},
}

// ask runs every question through the index, then the exact re-check, as a store does.
func ask(t *testing.T, find func(terms []string) (*sql.Rows, error)) {
	t.Helper()
	for _, c := range questions {
		terms, needle := Query(c.q)
		rows, err := find(terms)
		if err != nil {
			t.Fatalf("%q: %v", c.q, err)
		}
		var got []int
		for rows.Next() {
			var id int
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			if Match(corpus[id], needle) {
				got = append(got, id)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		_ = rows.Close()
		if !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
			t.Errorf("%q finds %v, want %v", c.q, got, c.want)
		}
	}
}

func TestBothEnginesFindTwoCharacterWords(t *testing.T) {
	for _, engine := range dbtest.Engines(t) {
		t.Run(string(engine), func(t *testing.T) {
			if engine == database.SQLite {
				db, err := sql.Open("sqlite", t.TempDir()+"/s.db")
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				if _, err := db.Exec(`CREATE VIRTUAL TABLE s USING fts5(doc, content='', tokenize='unicode61')`); err != nil {
					t.Fatal(err)
				}
				for id, text := range corpus {
					if _, err := db.Exec(`INSERT INTO s(rowid, doc) VALUES ($1, $2)`, id, Document(text)); err != nil {
						t.Fatal(err)
					}
				}
				ask(t, func(terms []string) (*sql.Rows, error) {
					return db.Query(`SELECT rowid FROM s WHERE s MATCH $1 ORDER BY rowid`, strings.Join(terms, " "))
				})
				return
			}
			db, err := sql.Open("pgx", dbtest.Options(t, engine, time.Now).URL)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(`CREATE TABLE s (id INTEGER PRIMARY KEY, doc TSVECTOR); CREATE INDEX ON s USING gin (doc)`); err != nil {
				t.Fatal(err)
			}
			for id, text := range corpus {
				if _, err := db.Exec(`INSERT INTO s VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))`, id, Document(text)); err != nil {
					t.Fatal(err)
				}
			}
			ask(t, func(terms []string) (*sql.Rows, error) {
				return db.Query(`SELECT id FROM s WHERE doc @@ $1::tsquery ORDER BY id`, strings.Join(terms, " & "))
			})
			// The largest document there can be must fit.
			var b strings.Builder
			for i := 0; b.Len() < 4<<20; i++ {
				fmt.Fprintf(&b, "%c%c%c%d ", 0x4e00+i%20000, 0x20000+i*7%40000, 0x4e00+i*11%20000, i)
			}
			if _, err := db.Exec(`INSERT INTO s VALUES (1000, array_to_tsvector(string_to_array($1, ' ')))`, Document(b.String())); err != nil {
				t.Errorf("the largest document: %v", err)
			}
			if _, err := db.Exec(`INSERT INTO s VALUES (1001, array_to_tsvector(string_to_array($1, ' ')))`, Document("")); err != nil {
				t.Errorf("the empty document: %v", err)
			}
		})
	}
}

func FuzzDocument(f *testing.F) {
	for _, s := range append(corpus, "\xff\x00é́", "a-1-b-2-c-3-d-4") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		doc := Document(s)
		if !safe.MatchString(doc) {
			t.Fatalf("document %q", doc)
		}
		terms, needle := Query(s)
		if !utf8.ValidString(needle) || strings.ContainsRune(needle, 0) {
			t.Fatalf("needle %q", needle)
		}
		have := map[string]bool{}
		for _, token := range strings.Fields(doc) {
			have[token] = true
		}
		for _, term := range terms {
			if !have[term] {
				t.Fatalf("the whole text is not found: %q", term)
			}
		}
		if !Match(s, s) || !Match(s, needle) {
			t.Fatal("a text does not match itself")
		}
	})
}

func BenchmarkDocument(b *testing.B) {
	text := strings.Repeat("东大街12号门前路灯坏了三天,晚上看不见路,老人摔跤。编号320682-2026-000123 ", 5)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Document(text)
	}
}
