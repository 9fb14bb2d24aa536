package app

import "syscall"

// freeSpace is the room on the disk of a folder in bytes.
func freeSpace(dir string) (int64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil || s.Bsize <= 0 || s.Bavail > 1<<62/uint64(s.Bsize) {
		return 0, false
	}
	return int64(s.Bavail * uint64(s.Bsize)), true
}
