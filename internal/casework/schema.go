package casework

import (
	"embed"

	"linli/internal/platform/database"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the SQL of this package.
func Schema() database.Schema { return database.SchemaIn("casework", schemaFiles) }

// ForReaders names the indexes that only lists, sweeps and other readers use, so that whoever brings the cases of a year at
// once, with nobody reading, may do without them until the end.
func ForReaders() []string {
	return []string{"alert_new", "alert_seen", "cases_account", "cases_changed", "cases_done", "cases_merged", "cases_next", "cases_open", "cases_shown", "case_text_terms", "task_done"}
}
