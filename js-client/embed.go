// Package jsclient hands the browser client's files to the gateway.
package jsclient
