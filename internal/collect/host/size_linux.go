package host

import (
	"math/bits"
	"syscall"
)

// fileSystemSize asks for the size of a mounted file system and the room left
// for ordinary accounts, in bytes.
func fileSystemSize(mountPoint string) (size, free int64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(mountPoint, &s); err != nil {
		return 0, 0, err
	}
	unit := uint64(s.Bsize)
	if s.Frsize > 0 {
		unit = uint64(s.Frsize)
	}
	return bytesOf(s.Blocks, unit), bytesOf(s.Bavail, unit), nil
}

// bytesOf multiplies; what does not fit into an int64 is no size at all.
func bytesOf(blocks, unit uint64) int64 {
	high, low := bits.Mul64(blocks, unit)
	if high != 0 || low > 1<<62 {
		return 0
	}
	return int64(low)
}
