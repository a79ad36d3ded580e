package casework

import (
	"embed"

	"linli/internal/platform/database"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the SQL of this package.
func Schema() database.Schema { return database.SchemaIn("casework", schemaFiles) }
