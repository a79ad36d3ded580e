package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"

	"linli/internal/app"
	"linli/internal/area"
	"linli/internal/casework"
)

// residents bring matters as people do: the words of models/samples, a point inside a grid of the county, a name
// and a telephone number of their own, and the secret that a client keeps for sending again. They choose neither
// category nor model: finding them is part of the intake.
type residents struct {
	texts  []string
	spots  []spot
	random *rand.Rand
	count  int
}

// spot is somewhere in a grid.
type spot struct {
	area.Point
	grid, village string
}

// spotsPerGrid is how many places of each grid matters come from.
const spotsPerGrid = 3

// newResidents makes people of the whole county, or of one area when its code is given.
func newResidents(a *app.App, seed uint64, within string) (*residents, error) {
	p := &residents{random: rand.New(rand.NewPCG(seed, 1))}
	raw, err := fs.ReadFile(a.Models, "samples/reports.yaml")
	if err != nil {
		return nil, err
	}
	var file struct {
		Reports []struct{ Title, Text string }
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("samples/reports.yaml: %w", err)
	}
	for _, r := range file.Reports {
		p.texts = append(p.texts, r.Title+"。"+r.Text)
	}
	tree := a.Areas.Tree()
	for _, g := range tree.Areas() {
		if g.Level != area.Grid || g.Closed || within != "" && !strings.HasPrefix(g.Path, tree.Path(within)) {
			continue
		}
		village := ""
		if v, ok := tree.At(g.Code, area.Village); ok {
			village = v.Name
		}
		for range spotsPerGrid {
			if at, ok := p.inside(a, g.Code); ok {
				p.spots = append(p.spots, spot{at, g.Code, village})
			}
		}
	}
	if len(p.texts) == 0 || len(p.spots) == 0 {
		return nil, fmt.Errorf("no texts (%d) or no places (%d) to report from", len(p.texts), len(p.spots))
	}
	return p, nil
}

// inside finds a point of an area by trying within its box.
func (p *residents) inside(a *app.App, code string) (area.Point, bool) {
	outline, ok := a.Areas.Outline(code)
	if !ok {
		return area.Point{}, false
	}
	box := outline.Shape.Bounds()
	for range 200 {
		at := area.Point{Lat: box.Min.Lat + p.random.Float64()*(box.Max.Lat-box.Min.Lat), Lon: box.Min.Lon + p.random.Float64()*(box.Max.Lon-box.Min.Lon)}
		if outline.Shape.Contains(at) {
			return at, true
		}
	}
	return area.Point{}, false
}

// names are few: a name is sealed as it is, so its like does not matter.
var names = []string{"王秀英", "陈建华", "李桂兰", "张海燕", "刘志强", "周玉梅", "孙立新", "吴晓东"}

// next is one more report. Nobody reports twice.
func (p *residents) next() casework.Report {
	p.count++
	at := p.spots[p.random.IntN(len(p.spots))]
	r := casework.Report{ID: uuid.Must(uuid.NewV7()).String(), Text: strings.ReplaceAll(p.texts[p.random.IntN(len(p.texts))], "{place}", at.village),
		Name: names[p.random.IntN(len(names))], Phone: p.phone(), Secret: fmt.Sprintf("%016x%016x", p.random.Uint64(), p.random.Uint64())}
	r.Place = area.Place{Lat: at.Lat, Lon: at.Lon, HasPoint: true}
	return r
}

func (p *residents) phone() string { return fmt.Sprintf("13%09d", p.random.IntN(1_000_000_000)) }

// batch is n reports, made before a clock starts.
func (p *residents) batch(n int) []casework.Report {
	list := make([]casework.Report, n)
	for i := range list {
		list[i] = p.next()
	}
	return list
}
