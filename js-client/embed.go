// Package jsclient hands the browser client's files to the gateway.
package jsclient

import "embed"

// Files are the classic script (socketgate.js) and the ES modules (src) of the client.
//
//go:embed src
var Files embed.FS
