package host

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// reader is what the collectors read from.
type reader struct {
	files machine.Files
	// live is true for this machine, false for a copy below another root.
	live bool
	host string
	now  time.Time
	run  func(ctx context.Context, name string, args ...string) ([]byte, error)
}

// lines calls f with each line of a file, up to limit bytes of it. Lines above
// 1 MiB are passed over. A file above the limit is an machine.ErrTooLarge after its
// first part was given.
func (m *reader) lines(ctx context.Context, name string, limit int64, f func(line string)) error {
	r, err := m.files.Open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	return machine.EachLine(ctx, r, limit, f)
}

// word reads a file that holds one short value.
func (m *reader) word(name string) (string, error) {
	r, err := m.files.Open(name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, 4097))
	if err != nil {
		return "", err
	}
	if len(b) > 4096 {
		return "", machine.ErrTooLarge
	}
	return strings.TrimSpace(string(b)), nil
}

func (m *reader) hostname() string {
	if m.live {
		if name, err := os.Hostname(); err == nil && name != "" {
			return text(name)
		}
	}
	for _, file := range []string{"/etc/hostname", "/proc/sys/kernel/hostname"} {
		if name, err := m.word(file); err == nil && name != "" {
			return text(name)
		}
	}
	return "unknown"
}

// first returns the first of the paths at which there is a file.
func (m *reader) first(paths ...string) (string, bool) {
	for _, p := range paths {
		if info, err := m.files.Stat(p); err == nil && !info.IsDir() {
			return p, true
		}
	}
	return "", false
}
