package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Open opens a file; "-" is standard input.
func (e Env) Open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(e.In), nil
	}
	f, err := os.Open(name)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = fmt.Errorf("%s cannot be read: %w", name, p.Err)
		}
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.Join(fmt.Errorf("%s is a folder: name a file", name), f.Close())
	}
	return f, nil
}

// ReadFile reads a file of at most limit bytes; "-" is standard input.
func (e Env) ReadFile(name string, limit int64) (text []byte, err error) {
	in, err := e.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	text, err = io.ReadAll(io.LimitReader(in, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	case int64(len(text)) > limit:
		return nil, fmt.Errorf("%s is larger than %d MB", name, limit>>20)
	}
	return text, nil
}
