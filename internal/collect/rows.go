package collect

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
)

// meter counts what is read of a program or a file, bounds it, and ends it with
// the run. The budget bounds one value.
type meter struct {
	ctx    context.Context
	e      *engine
	r      io.Reader
	budget int64
}

var errBudget = errors.New("one value is too large")

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	if m.budget <= 0 {
		return 0, errBudget
	}
	n, err := m.r.Read(p[:min(int64(len(p)), 64<<10)])
	m.budget -= int64(n)
	if rerr := m.e.read(int64(n)); rerr != nil {
		return n, rerr
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = readError{err}
	}
	return n, err
}

// readError is an error of what is read from, not of what stands in it.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

// rows reads items in a format and hands on their records. what names the source
// for sentences: the program, or the file.
func (e *engine) rows(ctx context.Context, in io.Reader, format string, items *jq.Code, what string) error {
	m := &meter{ctx: ctx, e: e, r: in, budget: e.limits.ReplyBytes}
	buffered := bufio.NewReaderSize(m, 64<<10)
	if head, _ := buffered.Peek(2); bytes.Equal(head, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return unreadable(what, "gzip", err)
		}
		m.budget = 1 << 62
		// What is unpacked is counted and bounded, too.
		m = &meter{ctx: ctx, e: e, r: z, budget: e.limits.ReplyBytes}
		buffered = bufio.NewReaderSize(m, 64<<10)
	}
	if head, _ := buffered.Peek(3); bytes.Equal(head, []byte("\xEF\xBB\xBF")) {
		_, _ = buffered.Discard(3)
	}
	e.begin(StepParse)
	var err error
	switch format {
	case asNDJSON:
		err = e.lines(ctx, m, buffered, what)
	case asCSV:
		err = e.table(ctx, m, buffered, what)
	default:
		err = e.json(ctx, m, buffered, items, what)
	}
	if errors.Is(err, errBudget) {
		return failed(StepParse, CodeTooLarge, []string{"source", what, "limit", strconv.FormatInt(e.limits.ReplyBytes, 10)}, "One value of %s is larger than %s.", what, size(e.limits.ReplyBytes))
	}
	return err
}

// unreadable makes a failure of text that is not in its format.
func unreadable(what, format string, err error) error {
	var known *StepError
	var source readError
	if errors.As(err, &known) || errors.As(err, &source) || errors.Is(err, errBudget) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return failed(StepParse, CodeBadJSON, []string{"source", what, "format", format, "reason", err.Error()}, "%s cannot be read as %s: %v.", what, format, err)
}

// json reads one JSON value; the elements of an array are read one by one where
// no expression has to see it whole.
func (e *engine) json(ctx context.Context, m *meter, in *bufio.Reader, items *jq.Code, what string) error {
	first, err := firstByte(in)
	switch {
	case errors.Is(err, io.EOF):
		return failed(StepParse, CodeBadJSON, []string{"source", what, "format", asJSON}, "%s is empty.", what)
	case err != nil:
		return unreadable(what, "JSON", err)
	case first == '<':
		return failed(StepParse, CodeNotJSON, []string{"source", what}, "%s is a web page or XML instead of JSON.", what)
	case first != '[' || items != nil && !items.Identity():
		text, err := io.ReadAll(in)
		if err != nil {
			return unreadable(what, "JSON", err)
		}
		v, err := jq.Decode(text)
		if err != nil {
			return unreadable(what, "JSON", err)
		}
		return e.each(ctx, items, v, func(item any) error { return e.item(ctx, item, nil) })
	}
	d := json.NewDecoder(in)
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return unreadable(what, "JSON", err)
	}
	for d.More() {
		m.budget = e.limits.ReplyBytes
		var v any
		if err := d.Decode(&v); err != nil {
			return unreadable(what, "JSON", err)
		}
		if err := e.item(ctx, v, nil); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return unreadable(what, "JSON", notEOF(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return unreadable(what, "JSON", errors.New("there is something after the end of the array"))
	}
	return nil
}

// notEOF says of an end that it came too early.
func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func firstByte(in *bufio.Reader) (byte, error) {
	for {
		c, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, in.UnreadByte()
		}
	}
}

// lines reads one JSON value a line.
func (e *engine) lines(ctx context.Context, m *meter, in *bufio.Reader, what string) error {
	return e.eachLine(m, in, what, func(v any) error { return e.item(ctx, v, nil) })
}

func (e *engine) eachLine(m *meter, in *bufio.Reader, what string, yield func(any) error) error {
	for n := 1; ; n++ {
		m.budget = e.limits.ReplyBytes
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return unreadable(what, "NDJSON", err)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			v, derr := jq.Decode(text)
			if derr != nil {
				return unreadable(what, "NDJSON", fmt.Errorf("line %d: %w", n, notEOF(derr)))
			}
			if yerr := yield(v); yerr != nil {
				return yerr
			}
		}
		if err != nil {
			return nil
		}
	}
}

// table reads CSV with a header line (RFC 4180). Cells are texts; an empty one
// leaves its property out.
func (e *engine) table(ctx context.Context, m *meter, in *bufio.Reader, what string) error {
	c := csv.NewReader(in)
	c.ReuseRecord = true
	header, err := c.Read()
	if errors.Is(err, io.EOF) {
		err = errors.New("it is empty, and its first line must name the columns")
	}
	if err != nil {
		return unreadable(what, "CSV", err)
	}
	names := make([]string, len(header))
	seen := map[string]bool{}
	for i, name := range header {
		name = strings.TrimSpace(name)
		switch {
		case name == "" || !utf8.ValidString(name):
			return unreadable(what, "CSV", fmt.Errorf("column %d has no name", i+1))
		case seen[name]:
			return unreadable(what, "CSV", fmt.Errorf("two columns are named %q", name))
		}
		seen[name], names[i] = true, name
	}
	for {
		m.budget = e.limits.ReplyBytes
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(what, "CSV", err)
		}
		item := make(map[string]any, len(row))
		for i, cell := range row {
			if cell != "" {
				item[names[i]] = strings.ToValidUTF8(cell, "\uFFFD")
			}
		}
		if err := e.item(ctx, item, nil); err != nil {
			return err
		}
	}
}
