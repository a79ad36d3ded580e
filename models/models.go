// Package models carries the governance models the program is shipped with: roles, flows, categories, working
// calendars. They are data; a county may bring its own folder instead.
package models

import (
	"embed"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"
)

// Files is the folder as it was at build time.
//
//go:embed *
var Files embed.FS

// ReadYAML reads a file of plain data, such as the sample names, into a value. Files that a county writes itself have readers of
// their own, which say what is wrong by line. The error names the file.
func ReadYAML(files fs.FS, name string, into any) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
