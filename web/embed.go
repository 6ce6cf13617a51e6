// Package web holds the page that a first-time user sees, the examples, and the console.
package web

import (
	"embed"
	"io/fs"
)

// Files are what the gateway serves: index.html at the top, what it needs in page, and the examples
// in examples.
//
//go:embed index.html page examples
var Files embed.FS

//go:embed console
var console embed.FS

// Console are the files of the console, index.html at the top. It has an origin of its own.
var Console fs.FS = sub(console, "console")

// sub is the folder name of files. The compiler has seen that it is there.
func sub(files embed.FS, name string) fs.FS {
	folder, err := fs.Sub(files, name)
	if err != nil {
		panic(err)
	}
	return folder
}
