package database

import (
	"embed"
	"io/fs"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// OwnSchema is the tables of this package itself, which come before all others.
func OwnSchema() Schema { return SchemaIn("database", schemaFiles) }

// SchemaIn is the SQL that a package keeps embedded in its folder schema.
func SchemaIn(name string, files embed.FS) Schema {
	dir, err := fs.Sub(files, "schema")
	if err != nil {
		return Schema{Name: name, Files: files} // never: the compiler has seen the folder
	}
	return Schema{Name: name, Files: dir}
}
