package casework

import (
	"embed"
	"io/fs"

	"linli/internal/platform/database"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the SQL of this package.
func Schema() database.Schema {
	dir, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		panic(err) // the embedded folder's name is fixed at build time
	}
	return database.Schema{Name: "casework", Files: dir}
}
