// Package web holds the page that a first-time user sees.
package web

import (
	"embed"
	"io/fs"
)

//go:embed page
var embedded embed.FS

// Files are the files of the page, index.html at the top.
var Files = mustSub(embedded, "page")

func mustSub(files fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // only a name that is not valid can cause it
	}
	return sub
}
