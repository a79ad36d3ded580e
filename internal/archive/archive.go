// Package archive writes everything a township has into one file while the program runs, and lays it out
// again elsewhere: on the same engine or on the other one, so that the same file also moves a township
// from the embedded database to PostgreSQL.
//
// The file is a gzip-compressed tar that ordinary tools can look into:
//
//	tables/<table>/000001.jsonl   rows, one JSON array a line, in pieces of a few megabytes
//	files/<sha256>                attachments
//	linli.key                     only when asked for
//	manifest.json                 format, program, steps of the layout, columns, row counts, SHA-256 of each table
//	manifest.mac                  proof, by the sealing key, that the manifest is the one written
package archive

import (
	"encoding/json"
	"regexp"
	"time"

	"linli/internal/platform/blob"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// Format is the version of the file's layout.
const Format = 1

// Names inside the file.
const (
	manifestName = "manifest.json"
	macName      = "manifest.mac"
	keyName      = "linli.key"
	tableFolder  = "tables/"
	fileFolder   = "files/"
)

var (
	tableEntry = regexp.MustCompile(`^tables/([a-z0-9_]{1,60})/([0-9]{6})\.jsonl$`)
	fileEntry  = regexp.MustCompile(`^files/([0-9a-f]{64})$`)
)

// Bounds of what is read from a file that somebody may have made up.
const (
	pieceSize   = 4 << 20  // rows are written in pieces of about this size
	mostPiece   = 64 << 20 // one row is never longer: texts and documents are bounded
	mostFile    = 4 << 30
	mostPlain   = 16 << 20 // manifest
	mostKeyFile = 64 << 10
)

// Source is what is written, and Target where it is laid out again.
type Source struct {
	DB      *database.DB
	Schemas []database.Schema
	Files   blob.Store
	Key     string // path of linli.key
	Program string // version of the program
}

// Target is like Source.
type Target = Source

// derived are tables that are not kept. Those of the search are made from others: rebuild queues what is to be made again, which
// the program does in the background. upload_piece tells of files on their way, whose pieces are not in the archive either:
// their senders begin anew.
var derived = map[string]bool{"case_text": true, "search_todo": true, "upload_piece": true}

const rebuild = `INSERT INTO search_todo (serial) SELECT serial FROM cases`

// Manifest describes an archive.
type Manifest struct {
	Format   int              `json:"format"`
	Program  string           `json:"program" doc:"version of the program that wrote it"`
	Engine   database.Engine  `json:"engine" doc:"where it came from; it can be restored on either"`
	At       time.Time        `json:"at" doc:"the moment all of it was true"`
	Taken    []string         `json:"taken" doc:"steps of the layout"`
	Series   map[string]int64 `json:"series" doc:"last numbers given out"`
	Tables   []TableManifest  `json:"tables"`
	Files    int64            `json:"files"`
	Bytes    int64            `json:"bytes" doc:"of all files"`
	WithKey  bool             `json:"with_key" doc:"linli.key is inside"`
	Damaged  []string         `json:"damaged,omitempty" doc:"attachments whose content was already broken, left out"`
	KeyCheck string           `json:"key_check" doc:"tells whether a key file is the one the names and phones were sealed with"`
}

// TableManifest describes one table.
type TableManifest struct {
	database.Table
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// Report tells what was done.
type Report struct {
	Manifest Manifest    `json:"manifest"`
	Path     string      `json:"path"`
	Size     int64       `json:"size" doc:"of the archive, in bytes"`
	Rows     int64       `json:"rows"`
	Taken    []string    `json:"taken,omitempty" doc:"restore: steps of the layout taken after loading"`
	Notes    []lang.Text `json:"notes,omitempty" doc:"what the operator must know"`
}

// Progress is told what is being done, how far it is and how much there is (0: not known).
type Progress func(what lang.Text, done, total int64)

func quiet(p Progress) Progress {
	if p == nil {
		return func(lang.Text, int64, int64) {}
	}
	return p
}

func marshal(m Manifest) ([]byte, error) { return json.MarshalIndent(m, "", "  ") }

func broken(zh, en string) *fault.Error {
	return fault.New(fault.Invalid, "broken-archive", "备份文件已损坏或不完整:"+zh+"。请换另一份备份", "The backup file is damaged or incomplete: "+en+". Use another one")
}
