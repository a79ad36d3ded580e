package database

import (
	"embed"
	"io/fs"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

var ownSchema = sub(schemaFiles)

// sub is the folder inside the embedded files; the compiler has checked that it is there.
func sub(files embed.FS) fs.FS {
	dir, err := fs.Sub(files, "schema")
	if err != nil {
		return files
	}
	return dir
}

// OwnSchema is the tables of this package itself, which come before all others.
func OwnSchema() Schema { return Schema{Name: "database", Files: ownSchema} }
