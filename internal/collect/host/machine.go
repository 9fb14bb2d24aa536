package host

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// machine is what the collectors read from.
type machine struct {
	files files
	// live is true for this machine, false for a copy below another root.
	live bool
	host string
	now  time.Time
	run  func(ctx context.Context, name string, args ...string) ([]byte, error)
}

// files gives access to the machine's files by absolute slash path.
type files interface {
	// open opens a regular file; anything else is an errNotRegular.
	open(name string) (io.ReadCloser, error)
	// names lists a folder, sorted.
	names(dir string) ([]string, error)
	readlink(name string) (string, error)
	stat(name string) (fs.FileInfo, error)
	close()
}

var (
	errNotRegular = errors.New("not a regular file")
	errTooLarge   = errors.New("too large")
)

const (
	maxLine  = 1 << 20
	maxNames = 200_000
)

// disk reads a folder as root, or the machine itself when root is nil.
type disk struct{ root *os.Root }

func openDisk(root string, live bool) (files, error) {
	if live {
		return disk{}, nil
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	return disk{r}, nil
}

func (d disk) file(name string) (*os.File, error) {
	// O_NONBLOCK: opening a named pipe would otherwise wait for a writer.
	const flags = os.O_RDONLY | syscall.O_NONBLOCK
	if d.root == nil {
		return os.OpenFile(name, flags, 0)
	}
	return d.root.OpenFile(within(name), flags, 0)
}

func (d disk) open(name string) (io.ReadCloser, error) {
	f, err := d.file(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		if err == nil {
			err = errNotRegular
		}
		return nil, err
	}
	return f, nil
}

func (d disk) names(dir string) ([]string, error) {
	f, err := d.file(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := f.Readdirnames(maxNames)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	slices.Sort(all)
	return all, nil
}

func (d disk) readlink(name string) (string, error) {
	if d.root == nil {
		return os.Readlink(name)
	}
	return d.root.Readlink(within(name))
}

func (d disk) stat(name string) (fs.FileInfo, error) {
	if d.root == nil {
		return os.Stat(name)
	}
	return d.root.Stat(within(name))
}

func (d disk) close() {
	if d.root != nil {
		_ = d.root.Close() // it was only read
	}
}

func within(name string) string {
	if rel := strings.TrimPrefix(path.Clean("/"+name), "/"); rel != "" {
		return rel
	}
	return "."
}

// lines calls f with each line of a file, up to limit bytes of it. Lines above
// 1 MiB are passed over. A file above the limit is an errTooLarge after its
// first part was given.
func (m *machine) lines(ctx context.Context, name string, limit int64, f func(line string)) error {
	r, err := m.files.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	return eachLine(ctx, r, limit, f)
}

func eachLine(ctx context.Context, r io.Reader, limit int64, f func(line string)) error {
	bounded := &io.LimitedReader{R: r, N: limit + 1}
	in := bufio.NewReaderSize(bounded, 64<<10)
	var line []byte
	long := false
	for n := 1; ; {
		part, err := in.ReadSlice('\n')
		switch {
		case long:
		case len(line)+len(part) > maxLine:
			long, line = true, line[:0]
		default:
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err == io.EOF && bounded.N == 0 {
			return errTooLarge
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(line) > 0 {
			f(strings.TrimRight(string(line), "\r\n"))
		}
		if err == io.EOF {
			return nil
		}
		line, long = line[:0], false
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// word reads a file that holds one short value.
func (m *machine) word(name string) (string, error) {
	r, err := m.files.open(name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, 4097))
	if err != nil {
		return "", err
	}
	if len(b) > 4096 {
		return "", errTooLarge
	}
	return strings.TrimSpace(string(b)), nil
}

func (m *machine) hostname() string {
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
func (m *machine) first(paths ...string) (string, bool) {
	for _, p := range paths {
		if info, err := m.files.stat(p); err == nil && !info.IsDir() {
			return p, true
		}
	}
	return "", false
}

// reason says in words why a file could not be read.
func reason(name string, err error) string {
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrPermission):
		return name + " cannot be read without more rights."
	case errors.Is(err, fs.ErrNotExist):
		return name + " does not exist."
	case errors.Is(err, errTooLarge):
		return name + " is too large to be read whole."
	case errors.Is(err, errNotRegular):
		return name + " is not a regular file."
	case errors.As(err, &at):
		return name + " cannot be read: " + at.Err.Error() + "."
	}
	return name + " cannot be read: " + err.Error() + "."
}
