// Package area keeps the tree of places that governance works with — county, township, village or
// community, grid, household group, building — the organisations attached to it, their outlines, and
// answers which grid a point, a building or an address belongs to.
package area

import (
	"time"

	"linli/internal/area/geo"
	"linli/internal/platform/database"
)

// PermissionRead and PermissionWrite are what an actor needs at the path concerned.
const (
	PermissionRead  = "area.read"
	PermissionWrite = "area.write"
)

// Level is the rank of an area in the tree.
type Level string

const (
	County   Level = "county"   // 县(市、区)
	Township Level = "township" // 乡镇、街道; also a development zone the statistics rank here
	Village  Level = "village"  // 村、社区; also a 虚拟生活区
	Grid     Level = "grid"     // 网格
	Group    Level = "group"    // 联户单元
	Building Level = "building" // 楼栋
)

// Levels lists the levels from the top down.
func Levels() []Level { return []Level{County, Township, Village, Grid, Group, Building} }

// Depth is 1 for a county down to 6 for a building, 0 for an unknown level.
func (l Level) Depth() int {
	for i, known := range Levels() {
		if l == known {
			return i + 1
		}
	}
	return 0
}

// Kinds of areas. Grids are basic or dedicated; zones are what the statistics rank as a township or
// village without it being one, such as an industrial park (codes 4xx and 5xx).
const (
	KindBasic     = "basic"
	KindDedicated = "dedicated"
	KindZone      = "zone"
)

// Point is a position in WGS84.
type Point = geo.Point

// Area is one place of the tree.
type Area struct {
	Code       string   `json:"code" doc:"official code, see docs/areas.md"`
	Name       string   `json:"name"`
	Level      Level    `json:"level"`
	Kind       string   `json:"kind,omitempty" doc:"grids: basic or dedicated; zone for a development zone"`
	Parent     string   `json:"parent,omitempty" doc:"code of the area above; none for a root"`
	Path       string   `json:"path" doc:"codes from the root down, slash at both ends"`
	Aliases    []string `json:"aliases,omitempty" doc:"other names people use in addresses"`
	Closed     bool     `json:"closed,omitempty"`
	Successors []string `json:"successors,omitempty" doc:"the areas a closed one was split or merged into"`
	Center     *Point   `json:"center,omitempty"`
	Calendar   string   `json:"calendar,omitempty" doc:"working calendar; none: the one above"`
	Population int      `json:"population,omitempty"`
	Version    int64    `json:"version" doc:"revision of the tree that last changed this area"`
}

// Org is an organisation attached to an area: a department, centre, team or committee.
type Org struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Kind     string `json:"kind" doc:"department, centre, team, committee, judicial-office, station"`
	Function string `json:"function,omitempty" doc:"what it is for, such as housing; several words with blanks between"`
	Area     string `json:"area" doc:"code of the area it is attached to"`
	Parent   string `json:"parent,omitempty" doc:"code of the organisation above"`
	Calendar string `json:"calendar,omitempty"`
	Closed   bool   `json:"closed,omitempty"`
	Path     string `json:"path" doc:"path of its area"`
	Version  int64  `json:"version"`
}

// Actor is whoever asks for a change. The package that knows people provides it.
type Actor interface {
	ID() string
	May(permission, areaPath string) bool
}

// Kinds of changes, as listeners and the history see them.
const (
	ChangeImport    = "import" // areas that an import made; moves and renames of an import come as such
	ChangeCreate    = "create"
	ChangeRename    = "rename"
	ChangeUpdate    = "update" // aliases, kind, calendar, centre or population
	ChangeMove      = "move"
	ChangeSplit     = "split"
	ChangeMerge     = "merge"
	ChangeClose     = "close"
	ChangeCreateOrg = "create-org"
	ChangeUpdateOrg = "update-org"
	ChangeCloseOrg  = "close-org"
	ChangeBoundary  = "boundary"
	ChangePlace     = "place"
)

// Change tells listeners what happened, so that whoever carries paths rewrites its own.
//
// Whatever lies under OldPath lies under NewPath from now on: replace the prefix. A merge comes as one
// Change for each area merged away. A split first brings a move for each area below the old one, and
// then itself with NewPath empty: what belongs to the old area directly goes to the area that Locate
// names for its point, or else to To[0].
type Change struct {
	Kind    string
	From    []string // codes before
	To      []string // codes after
	ToPaths []string // paths after, one for each of To: the tree in memory is replaced only after the commit
	OldPath string
	NewPath string
	At      time.Time
	Actor   string
	Reason  string
	// Locate names which of To holds the point; only for a split.
	Locate func(lat, lon float64) (code string, ok bool)
}

// Listener runs inside the transaction of the change; its error undoes the change.
type Listener func(tx *database.Tx, c Change) error
