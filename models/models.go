// Package models carries the governance models the program is shipped with: roles, flows, categories, working
// calendars. They are data; a county may bring its own folder instead.
package models

import "embed"

// Files is the folder as it was at build time.
//
//go:embed *
var Files embed.FS
