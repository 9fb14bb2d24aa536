package pgserver

import "syscall"

// memory is where Linux keeps files in memory for whoever asks, and room is what
// must be free there: a cluster takes some hundred megabytes, and several
// packages are tested at a time.
const (
	memory = "/dev/shm"
	room   = 4 << 30
	tmpfs  = 0x01021994 // TMPFS_MAGIC of linux/magic.h
)

// folder is where a cluster lies that need not last. Each database is hundreds
// of files, and making and removing them on a disk costs more than the tests.
func folder() string {
	var s syscall.Statfs_t
	if err := syscall.Statfs(memory, &s); err == nil && s.Type == tmpfs && s.Bavail*uint64(s.Bsize) >= room {
		return memory
	}
	return "/tmp"
}
