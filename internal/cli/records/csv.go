package records

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// Cell makes a JSON value of the text of a cell, which is not empty.
type Cell func(text string) (json.RawMessage, error)

// table reads CSV with a header line (RFC 4180). An empty cell leaves its
// property out. A line that does not fit the header refuses itself only.
type table struct {
	in    *budget
	csv   *csv.Reader
	names []string
	cells []Cell
}

func newCSV(r io.Reader, columns func(name string) Cell) (*table, error) {
	in := &budget{r: r}
	t := &table{in: in, csv: csv.NewReader(in)}
	t.csv.ReuseRecord = true
	in.left = maxRecord
	header, err := t.csv.Read()
	if err == io.EOF {
		return nil, errors.New("the CSV is empty: its first line must name the columns")
	}
	if err != nil {
		return nil, fmt.Errorf("the header of the CSV cannot be read: %w", fault(err))
	}
	seen := map[string]bool{}
	for i, name := range header {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
			return nil, fmt.Errorf("column %d of the CSV has no name", i+1)
		case !utf8.ValidString(name):
			return nil, fmt.Errorf("the name of column %d of the CSV is not valid UTF-8", i+1)
		case seen[name]:
			return nil, fmt.Errorf("the CSV has two columns named %q", name)
		}
		seen[name] = true
		t.names = append(t.names, name)
		t.cells = append(t.cells, columns(name))
	}
	return t, nil
}

func (t *table) Next() (Entry, error) {
	t.in.left = maxRecord
	row, err := t.csv.Read()
	var p *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return Entry{}, io.EOF
	case errors.As(err, &p) && errors.Is(p.Err, csv.ErrFieldCount):
		return Entry{Line: p.StartLine, Err: fmt.Errorf("the line has %d cells where the header has %d", len(row), len(t.names))}, nil
	case errors.As(err, &p):
		return Entry{Line: p.StartLine, Err: fault(err)}, nil
	case errors.Is(err, errLong):
		return Entry{}, fmt.Errorf("%w; is a quote (\") left open?", errLong)
	case err != nil:
		return Entry{}, err
	}
	line, _ := t.csv.FieldPos(0)
	text, err := t.record(row)
	if err == nil {
		err = check(text)
	}
	return Entry{Line: line, Text: text, Err: err}, nil
}

func (t *table) record(row []string) ([]byte, error) {
	out := []byte{'{'}
	for i, text := range row {
		if text == "" {
			continue
		}
		if !utf8.ValidString(text) {
			return nil, fmt.Errorf("the cell in column %q is not valid UTF-8", t.names[i])
		}
		value, err := t.cells[i](text)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", t.names[i], err)
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = strictjson.AppendText(out, t.names[i])
		out = append(out, ':')
		out = append(out, value...)
	}
	return append(out, '}'), nil
}

// fault is a reason without the position, which stands beside it.
func fault(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// budget lets so many bytes be read and then refuses.
type budget struct {
	r    io.Reader
	left int
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLong
	}
	n, err := b.r.Read(p)
	b.left -= n
	return n, err
}

// TextCell makes a text of a cell.
func TextCell(text string) (json.RawMessage, error) {
	return strictjson.AppendText(nil, text), nil
}

// Columns makes cells by the types that a JSON Schema declares for its
// top-level properties. What it does not declare is text.
func Columns(schema json.RawMessage) (func(name string) Cell, error) {
	var s struct {
		Properties map[string]struct {
			Type json.RawMessage `json:"type"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		return nil, fmt.Errorf("the schema of the resource cannot be read: %w", err)
	}
	return func(name string) Cell {
		types := map[string]bool{}
		var one string
		var many []string
		if p := s.Properties[name].Type; json.Unmarshal(p, &one) == nil {
			types[one] = true
		} else if json.Unmarshal(p, &many) == nil {
			for _, t := range many {
				types[t] = true
			}
		}
		return typed(types)
	}, nil
}

// typed takes the first of the types that the text can be; text itself is
// the last choice.
func typed(types map[string]bool) Cell {
	return func(text string) (json.RawMessage, error) {
		trimmed := strings.TrimSpace(text)
		var wanted []string
		for _, t := range []struct {
			name, words string
			fits        func(string) bool
		}{
			{"integer", "a whole number", isInteger},
			{"number", "a number", isNumber},
			{"boolean", "true or false", func(s string) bool { return s == "true" || s == "false" }},
			{"null", "null", func(s string) bool { return s == "null" }},
			{"array", "a JSON array", func(s string) bool { return s[0] == '[' && strictjson.Check([]byte(s)) == nil }},
			{"object", "a JSON object", func(s string) bool { return s[0] == '{' && strictjson.Check([]byte(s)) == nil }},
		} {
			if !types[t.name] {
				continue
			}
			s := trimmed
			if t.name == "boolean" {
				s = strings.ToLower(s)
			}
			if s != "" && t.fits(s) {
				return json.RawMessage(s), nil
			}
			if t.name != "null" {
				wanted = append(wanted, t.words)
			}
		}
		if types["string"] || len(wanted) == 0 {
			return TextCell(text)
		}
		if len(text) > 60 {
			text = strings.ToValidUTF8(text[:60], "") + "…"
		}
		return nil, fmt.Errorf("%q is not %s", text, strings.Join(wanted, " or "))
	}
}

func isNumber(s string) bool {
	if strictjson.Check([]byte(s)) != nil {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func isInteger(s string) bool {
	return isNumber(s) && !strings.ContainsAny(s, ".eE")
}
