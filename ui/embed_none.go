//go:build !ui

// Package ui carries the built web app.
package ui

import "io/fs"

// Assets returns the built web app with index.html at its root, and true. In a
// program built without the tag ui it returns nil and false.
func Assets() (fs.FS, bool) { return nil, false }
