// Package jsclient hands the browser client's files to the gateway.
package jsclient

import "embed"

// Files holds the classic bundle, socketgate.js, and the ES modules it is made
// from, below src, with the type declarations.
//
//go:embed socketgate.js src/*.js *.d.ts
var Files embed.FS
