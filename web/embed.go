// Package web holds the faces as they were built: the residents' portal, the grid workers' field app and the officers'
// desk. Sources are TypeScript beside this file; `make web` builds them into dist/faces.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Faces are the built files; texts lie there as .br and .gz only. Without a build there is none of them.
func Faces() fs.FS {
	faces, err := fs.Sub(dist, "dist/faces")
	if err != nil {
		panic(err) // the path is well formed
	}
	return faces
}
