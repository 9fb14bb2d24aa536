package push

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// maxRecord is the largest record in bytes; the server takes no larger body.
const maxRecord = 5_242_880

// entry is one record of the input, or the reason why there is none.
type entry struct {
	// line is where the record begins, counted from 1.
	line int
	text []byte
	// err refuses this record only.
	err error
}

// source gives the records of an input one after the other; io.EOF ends it.
// Another error ends it too: what follows cannot be told apart.
type source interface {
	next() (entry, error)
}

// Formats of an input.
const (
	formatAuto   = "auto"
	formatJSON   = "json"
	formatNDJSON = "ndjson"
	formatCSV    = "csv"
)

// formatOf settles the format of a file: what was asked for, else what its name
// says, else auto.
func formatOf(asked, name string) (string, error) {
	switch asked {
	case formatJSON, formatNDJSON, formatCSV:
		return asked, nil
	case "", formatAuto:
	default:
		return "", fmt.Errorf("--format is %q: it must be auto, json, ndjson or csv", asked)
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		return formatCSV, nil
	case ".ndjson", ".jsonl":
		return formatNDJSON, nil
	}
	return formatAuto, nil
}

// peek is how far the input is looked into to tell its format.
const peek = 1 << 16

var (
	utf8Mark    = []byte{0xEF, 0xBB, 0xBF}
	errEncoding = errors.New("the input is UTF-16: save it as UTF-8")
)

// open makes the source of an input in a settled format. columns tells how
// cells of CSV become values.
func open(in io.Reader, format string, columns func(name string) cell) (source, error) {
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
	if format == formatAuto {
		if format, err = detect(head); err != nil {
			return nil, err
		}
	}
	switch format {
	case formatCSV:
		return newCSV(r, columns)
	case formatNDJSON:
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
		return formatNDJSON, nil
	}
	switch text[0] {
	case '[':
		return formatJSON, nil
	case '{':
		line, _, _ := bytes.Cut(text, []byte("\n"))
		if strictjson.Check(line) == nil {
			return formatNDJSON, nil
		}
		return formatJSON, nil
	}
	return "", errors.New("the input is neither JSON nor NDJSON (it must begin with { or [); for CSV give --format csv")
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

func (l *lines) next() (entry, error) {
	for {
		text, err := l.read()
		if err != nil && !errors.Is(err, errLong) {
			return entry{}, err
		}
		if errors.Is(err, errLong) {
			return entry{line: l.line, err: errLong}, nil
		}
		if len(bytes.TrimSpace(text)) > 0 {
			return entry{line: l.line, text: text, err: check(text)}, nil
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
