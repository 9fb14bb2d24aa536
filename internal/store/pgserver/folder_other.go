//go:build unix && !linux

package pgserver

// folder is where a cluster lies that need not last.
func folder() string { return "/tmp" }
