package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// lock keeps a second server away from a folder with an embedded database. The
// operating system frees it when the process ends, however that happens. Other
// commands do not take it: the database itself orders their writes.
type lock struct{ file *os.File }

const lockName = "server.lock"

var errLocked = errors.New("locked")

func lockDir(dir string) (*lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be used: %w", err)
	}
	if err := lockFile(f); err != nil {
		holder, _ := os.ReadFile(path)
		_ = f.Close()
		if errors.Is(err, errLocked) {
			return nil, fmt.Errorf("another server%s uses the data folder %s: stop it, or give this one another --data", process(holder), dir)
		}
		return nil, fmt.Errorf("the data folder %s cannot be locked: %w", dir, err)
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("the data folder cannot be written to: %w", err)
	}
	return &lock{f}, nil
}

func process(holder []byte) string {
	if pid := strings.TrimSpace(string(holder)); pid != "" {
		return " (process " + pid + ")"
	}
	return ""
}

func (l *lock) release() error { return l.file.Close() }
