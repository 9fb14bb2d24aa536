// Package records reads records from files and pipes: JSON, NDJSON and CSV.
package records

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// maxRecord is the largest record in bytes; the server takes no larger body.
const maxRecord = 5_242_880

// Entry is one record of the input, or the reason why there is none.
type Entry struct {
	// Line is where the record begins, counted from 1.
	Line int
	Text []byte
	// Err refuses this record only.
	Err error
}

// Source gives the records of an input one after the other; [io.EOF] ends it.
// Another error ends it too: what follows cannot be told apart.
type Source interface {
	Next() (Entry, error)
}

// Formats of an input. Auto is settled by what the input begins with.
const (
	Auto   = "auto"
	JSON   = "json"
	NDJSON = "ndjson"
	CSV    = "csv"
)

// FormatOf settles the format of a file: what was asked for, else what its name
// says, else auto.
func FormatOf(asked, name string) (string, error) {
	switch asked {
	case JSON, NDJSON, CSV:
		return asked, nil
	case "", Auto:
	default:
		return "", fmt.Errorf("--format is %q: it must be auto, json, ndjson or csv", asked)
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		return CSV, nil
	case ".ndjson", ".jsonl":
		return NDJSON, nil
	}
	return Auto, nil
}

// peek is how far the input is looked into to tell its format.
const peek = 1 << 16

var (
	utf8Mark    = []byte{0xEF, 0xBB, 0xBF}
	errEncoding = errors.New("the input is UTF-16: save it as UTF-8")
)

// Open makes the source of an input in a settled format. columns tells how
// cells of CSV become values; without it CSV is refused.
func Open(in io.Reader, format string, columns func(name string) Cell) (Source, error) {
	r := bufio.NewReaderSize(in, peek)
	head, err := firstLine(r)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte{0xFE, 0xFF}) || bytes.HasPrefix(head, []byte{0xFF, 0xFE}) {
		return nil, errEncoding
	}
	if bytes.HasPrefix(head, utf8Mark) {
		head = head[len(utf8Mark):]
		_, _ = r.Discard(len(utf8Mark))
	}
	if format == Auto {
		if format, err = detect(head); err != nil {
			if columns != nil {
				err = fmt.Errorf("%w; for CSV give --format csv", err)
			}
			return nil, err
		}
	}
	switch format {
	case CSV:
		if columns == nil {
			return nil, errors.New("CSV is not read here: its cells have no types; give JSON or NDJSON")
		}
		return newCSV(r, columns)
	case NDJSON:
		return &lines{r: r}, nil
	}
	return newValues(r), nil
}

// firstLine looks at the input up to the end of its first line that is not
// blank, or as far as the buffer goes. It waits for no more than that: the rest
// of a pipe may come much later.
func firstLine(r *bufio.Reader) ([]byte, error) {
	for n := 1; ; n = max(n+1, r.Buffered()) {
		head, err := r.Peek(min(n, peek))
		whole := bytes.IndexByte(bytes.TrimLeft(head, " \t\r\n"), '\n') >= 0
		if whole || errors.Is(err, io.EOF) || len(head) == peek {
			return head, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// detect tells NDJSON from JSON: NDJSON begins with an object that ends with
// its line.
func detect(head []byte) (string, error) {
	text := bytes.TrimLeft(head, " \t\r\n")
	if len(text) == 0 {
		return NDJSON, nil
	}
	switch text[0] {
	case '[':
		return JSON, nil
	case '{':
		line, _, _ := bytes.Cut(text, []byte("\n"))
		if strictjson.Check(line) == nil {
			return NDJSON, nil
		}
		return JSON, nil
	}
	return "", errors.New("the input is neither JSON nor NDJSON (it must begin with { or [)")
}

// Each reads the records of an input beside the caller, until its end, an error
// or the end of ctx. An error comes last; that the input or ctx has ended is
// none. The source is opened when the first record is wanted: to tell its format,
// too, is to wait for its first bytes. A terminal or a pipe that gives nothing
// cannot be made to return from its read, so nobody waits for that.
func Each(ctx context.Context, open func() (Source, error)) iter.Seq2[Entry, error] {
	type read struct {
		entry Entry
		err   error
	}
	return func(yield func(Entry, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		out := make(chan read)
		go func() {
			src, err := open()
			for {
				var e Entry
				if err == nil {
					e, err = src.Next()
				}
				select {
				case out <- read{e, err}:
				case <-ctx.Done():
					return
				}
				if err != nil {
					return
				}
			}
		}()
		for {
			select {
			case r := <-out:
				if errors.Is(r.err, io.EOF) || !yield(r.entry, r.err) || r.err != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// check accepts the text of a record if the server could read it, so that one
// bad record does not take its whole batch down.
func check(text []byte) error {
	if len(text) > maxRecord {
		return errLong
	}
	if err := strictjson.Check(text); err != nil {
		return err
	}
	if at := strictjson.SkipSpace(text, 0); text[at] != '{' {
		return errors.New("a record must be a JSON object")
	}
	return nil
}

var errLong = fmt.Errorf("the record is larger than %d bytes", maxRecord)

// lines reads NDJSON. A line that is no record refuses itself only.
type lines struct {
	r    *bufio.Reader
	line int
}

func (l *lines) Next() (Entry, error) {
	for {
		text, err := l.read()
		if err != nil && !errors.Is(err, errLong) {
			return Entry{}, err
		}
		if errors.Is(err, errLong) {
			return Entry{Line: l.line, Err: errLong}, nil
		}
		if len(bytes.TrimSpace(text)) > 0 {
			return Entry{Line: l.line, Text: text, Err: check(text)}, nil
		}
	}
}

// read gives one line; of a line that is too long it keeps nothing.
func (l *lines) read() ([]byte, error) {
	var text []byte
	var long error
	for {
		part, err := l.r.ReadSlice('\n')
		if len(part) == 0 && err == io.EOF && len(text) == 0 && long == nil {
			return nil, io.EOF
		}
		if len(text)+len(part) > maxRecord+1 {
			long, text = errLong, nil
		} else if long == nil {
			text = append(text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == nil, errors.Is(err, io.EOF):
			l.line++
			return bytes.TrimRight(text, "\r\n"), long
		default:
			return nil, err
		}
	}
}
