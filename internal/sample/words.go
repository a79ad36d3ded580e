package sample

import (
	"fmt"
	"io/fs"
	"math/rand/v2"

	"linli/models"
)

// names are surnames in the order of how common they are, and given names.
type names struct {
	Surnames []string `yaml:"surnames"`
	Given    struct {
		Men   []string `yaml:"men"`
		Women []string `yaml:"women"`
	} `yaml:"given"`
}

// style is the words for what is finer than a village in one kind of county.
type style struct {
	Streets []string `yaml:"streets"`
	Estates []string `yaml:"estates"`
	Groups  []string `yaml:"groups"`
	Spots   []string `yaml:"spots"`
}

// styles of the counties in models/sample.
var countyStyle = map[string]string{"320682": "plain-town", "140621": "north-village", "632521": "plateau",
	"620302": "industrial-oasis", "620321": "industrial-oasis", "522727": "karst-mountain"}

func readNames(files fs.FS) (names, error) {
	var n names
	if err := models.ReadYAML(files, "samples/names.yaml", &n); err != nil {
		return n, err
	}
	if len(n.Surnames) == 0 || len(n.Given.Men) == 0 || len(n.Given.Women) == 0 {
		return n, fmt.Errorf("samples/names.yaml: surnames or given names are missing")
	}
	return n, nil
}

func readStyle(files fs.FS, county string) (style, error) {
	var all struct {
		Styles map[string]style `yaml:"styles"`
	}
	if err := models.ReadYAML(files, "samples/places.yaml", &all); err != nil {
		return style{}, err
	}
	name := countyStyle[county]
	if name == "" {
		name = "plain-town"
	}
	s, ok := all.Styles[name]
	if !ok || len(s.Streets) == 0 || len(s.Estates) == 0 || len(s.Groups) == 0 || len(s.Spots) == 0 {
		return style{}, fmt.Errorf("samples/places.yaml: the style %s is missing or empty", name)
	}
	return s, nil
}

// person draws a name; common surnames come up more often.
func (n names) person(r *rand.Rand) string {
	given := n.Given.Men
	if r.IntN(2) == 0 {
		given = n.Given.Women
	}
	// the product of two draws favours the front of the list
	i := int(r.Float64() * r.Float64() * float64(len(n.Surnames)))
	return n.Surnames[i] + given[r.IntN(len(given))]
}

// phone gives an eleven-digit number of the range 100, which is assigned to nobody.
func phone(n int) string { return fmt.Sprintf("100%08d", n) }

var numerals = []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}

// numeral writes a number up to 99 in Chinese.
func numeral(n int) string {
	switch {
	case n <= 10:
		return numerals[n]
	case n < 20:
		return "十" + numerals[n-10]
	case n%10 == 0:
		return numerals[n/10] + "十"
	}
	return numerals[n/10] + "十" + numerals[n%10]
}
