//go:build !unix || solaris || aix

package app

import "os"

// lockFile does nothing where there is no flock: there the busy timeout of the
// database is all that stands between two servers.
func lockFile(*os.File) error { return nil }
