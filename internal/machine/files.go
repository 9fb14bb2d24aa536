// Package machine reads a computer: its files and folders, and what programs
// answer, each with a limit. It changes nothing.
package machine

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
)

// Files gives access to a machine's files by absolute slash path.
type Files interface {
	// Open opens a regular file; anything else is an [ErrNotRegular].
	Open(name string) (io.ReadCloser, error)
	// Names lists a folder, sorted.
	Names(dir string) ([]string, error)
	Readlink(name string) (string, error)
	Stat(name string) (fs.FileInfo, error)
	Close()
}

// What a file can be that is not read whole.
var (
	ErrNotRegular = errors.New("not a regular file")
	ErrTooLarge   = errors.New("too large")
)

// MaxLine is the longest line that [EachLine] gives.
const MaxLine = 1 << 20

const maxNames = 200_000

// disk reads a folder as root, or the machine itself when root is nil.
type disk struct{ root *os.Root }

// ThisMachine are the files of the machine that this program runs on.
func ThisMachine() Files { return disk{} }

// Below are the files of a copy of a machine in a folder. Links that lead out of
// it are not followed.
func Below(root string) (Files, error) {
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
	return d.root.OpenFile(Within(name), flags, 0)
}

func (d disk) Open(name string) (io.ReadCloser, error) {
	f, err := d.file(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		if err == nil {
			err = ErrNotRegular
		}
		return nil, err
	}
	return f, nil
}

func (d disk) Names(dir string) ([]string, error) {
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

func (d disk) Readlink(name string) (string, error) {
	if d.root == nil {
		return os.Readlink(name)
	}
	return d.root.Readlink(Within(name))
}

func (d disk) Stat(name string) (fs.FileInfo, error) {
	if d.root == nil {
		return os.Stat(name)
	}
	return d.root.Stat(Within(name))
}

func (d disk) Close() {
	if d.root != nil {
		_ = d.root.Close() // it was only read
	}
}

// Within is an absolute slash path as one below a root folder.
func Within(name string) string {
	if rel := strings.TrimPrefix(path.Clean("/"+name), "/"); rel != "" {
		return rel
	}
	return "."
}

// Read reads a file of at most limit bytes. Of a larger one it gives the first
// part and an [ErrTooLarge].
func Read(f Files, name string, limit int64) ([]byte, error) {
	r, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return b[:limit], ErrTooLarge
	}
	return b, nil
}

// Lines calls f with each line of a file, up to limit bytes of it, as [EachLine]
// does.
func Lines(ctx context.Context, files Files, name string, limit int64, f func(line string)) error {
	r, err := files.Open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	return EachLine(ctx, r, limit, f)
}

// EachLine calls f with each line, up to limit bytes. Lines above 1 MiB are
// passed over. What is above the limit is an [ErrTooLarge] after its first part
// was given.
func EachLine(ctx context.Context, r io.Reader, limit int64, f func(line string)) error {
	bounded := &io.LimitedReader{R: r, N: limit + 1}
	in := bufio.NewReaderSize(bounded, 64<<10)
	var line []byte
	long := false
	for n := 1; ; {
		part, err := in.ReadSlice('\n')
		switch {
		case long:
		case len(line)+len(part) > MaxLine:
			long, line = true, line[:0]
		default:
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err == io.EOF && bounded.N == 0 {
			return ErrTooLarge
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

// Reason says in words why a file could not be read.
func Reason(name string, err error) string {
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrPermission):
		return name + " cannot be read without more rights."
	case errors.Is(err, fs.ErrNotExist):
		return name + " does not exist."
	case errors.Is(err, ErrTooLarge):
		return name + " is too large to be read whole."
	case errors.Is(err, ErrNotRegular):
		return name + " is not a regular file."
	case errors.As(err, &at):
		return name + " cannot be read: " + at.Err.Error() + "."
	}
	return name + " cannot be read: " + err.Error() + "."
}
