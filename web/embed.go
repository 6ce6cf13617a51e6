// Package web holds the page that a first-time user sees, and the examples.
package web

import "embed"

// Files are what the gateway serves: index.html at the top, what it needs in page, and the examples
// in examples.
//
//go:embed index.html page examples
var Files embed.FS
