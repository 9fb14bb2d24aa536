// Package sheet is the gate for tables that people bring as CSV files: what
// spreadsheets write, read strictly, with the line of each row.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Problem is something in a file that cannot be taken. Line counts from 1, 0
// means the file as a whole; Column is empty where no one column is meant.
type Problem struct {
	Line    int
	Column  string
	Message string
	// Also are more problems of the same row, a few at most.
	Also []Problem
}

func (p Problem) String() string {
	switch {
	case p.Line > 0 && p.Column != "":
		return fmt.Sprintf("line %d, column %s: %s", p.Line, p.Column, p.Message)
	case p.Line > 0:
		return fmt.Sprintf("line %d: %s", p.Line, p.Message)
	}
	return p.Message
}

// Columns are what a file may have.
type Columns struct {
	// Taken are the columns whose cells count.
	Taken []string
	// Passed are others that may be there, such as those that a list has when it
	// is written as a file; all below one, "user.email" below "user", too.
	Passed []string
	// Named finds a column by a name that is none of Taken, for columns that people
	// define: what its cells are asked for by, or why it cannot be had, or neither
	// for a name that it does not know.
	Named func(name string) (column, why string)
	// Others is how those columns are called, in a refusal: after "and".
	Others string
	// Needed are groups of columns of which one at least must be there.
	Needed [][]string
	// MaxRows bounds the rows below the first line.
	MaxRows int
}

// Sheet is a file that was read. With problems nothing of it can be taken.
type Sheet struct {
	Rows []Row
	// Passed are the columns that do not count; those below one are told as that one.
	Passed   []string
	Problems []Problem
	at       map[string]int
}

// Row is a line of the file that is not blank.
type Row struct {
	// Line is where the row begins.
	Line  int
	cells []string
	at    map[string]int
}

// Cell is the text of a cell without space around it, empty where there is
// none.
func (r Row) Cell(column string) string { return strings.TrimSpace(r.Text(column)) }

// Text is the text of a cell as it stands, empty where there is none.
func (r Row) Text(column string) string {
	i, ok := r.at[column]
	if !ok || i >= len(r.cells) {
		return ""
	}
	return Rearm(r.cells[i])
}

// Has reports whether the file has a column.
func (s *Sheet) Has(column string) bool {
	_, ok := s.at[column]
	return ok
}

const (
	mark     = "\ufeff"
	maxShown = 80
)

// Read reads a file: UTF-8 with or without a mark, cells between commas or
// semicolons (a first line such as "sep=;" says which), the names of the columns
// in any case in the first line.
func Read(text []byte, c Columns) *Sheet {
	s := &Sheet{at: map[string]int{}}
	text = bytes.TrimPrefix(text, []byte(mark))
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return s.refuse(0, "the file is not UTF-8 text: save it as CSV in UTF-8")
	}
	text, comma, before := separator(text)
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.Comma = -1, comma
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return s.refuse(1, "the file is empty: its first line names the columns, "+strings.Join(c.Taken, ","))
	}
	if err != nil {
		return s.refuse(broken(err, before))
	}
	line, _ := r.FieldPos(0)
	if s.columns(line+before, header, c); len(s.Problems) > 0 {
		return s
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s
		}
		if err != nil {
			return s.refuse(broken(err, before))
		}
		if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		line, _ := r.FieldPos(0)
		if len(cells) > len(header) {
			return s.refuse(line+before, fmt.Sprintf("the row has %d cells; the first line has %d", len(cells), len(header)))
		}
		if len(s.Rows) == c.MaxRows {
			return s.refuse(line+before, fmt.Sprintf("the file has more than %d rows: split it", c.MaxRows))
		}
		s.Rows = append(s.Rows, Row{Line: line + before, cells: cells, at: s.at})
	}
}

func (s *Sheet) refuse(line int, message string) *Sheet {
	s.Rows, s.Problems = nil, append(s.Problems, Problem{Line: line, Message: message})
	return s
}

// separator finds what stands between cells, and takes away a first line that
// only says so.
func separator(text []byte) (rest []byte, comma rune, lines int) {
	first, after, _ := bytes.Cut(text, []byte("\n"))
	if said, ok := bytes.CutPrefix(bytes.TrimSpace(first), []byte("sep=")); ok && (string(said) == ";" || string(said) == ",") {
		return after, rune(said[0]), 1
	}
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		return text, ';', 0
	}
	return text, ',', 0
}

func broken(err error, before int) (line int, message string) {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		return 0, err.Error()
	}
	why := at.Err.Error()
	switch {
	case errors.Is(at.Err, csv.ErrBareQuote):
		why = `a cell has a quotation mark in it: put the cell in quotation marks, and write "" for each mark in it`
	case errors.Is(at.Err, csv.ErrQuote):
		why = "a cell that begins with a quotation mark does not end with one"
	}
	return at.StartLine + before, why
}

// columns finds the columns by their names, in any case.
func (s *Sheet) columns(line int, header []string, c Columns) {
	for i, cell := range header {
		name := Rearm(strings.TrimSpace(cell))
		column, why := c.find(name)
		root, _, _ := strings.Cut(name, ".")
		switch {
		case why != "":
			s.Problems = append(s.Problems, Problem{Line: line, Column: shown(name), Message: why})
		case column == "" && (name == "" || slices.Contains(c.Passed, root)):
			if name != "" && !slices.Contains(s.Passed, root) {
				s.Passed = append(s.Passed, root)
			}
		case column == "":
			s.Problems = append(s.Problems, Problem{Line: line, Column: shown(name), Message: "the column is not known: the columns are " + c.names()})
		case s.Has(column):
			s.Problems = append(s.Problems, Problem{Line: line, Column: shown(column), Message: "the column comes twice"})
		default:
			s.at[column] = i
		}
	}
	for _, group := range c.Needed {
		if !slices.ContainsFunc(group, s.Has) {
			s.Problems = append(s.Problems, Problem{Line: line, Column: group[0], Message: "the column is missing: the file needs " + strings.Join(group, " or ")})
		}
	}
}

// find is the column that a name stands for, empty if there is none, or why it
// cannot be had.
func (c Columns) find(name string) (column, why string) {
	if i := slices.IndexFunc(c.Taken, func(h string) bool { return strings.EqualFold(h, name) }); i >= 0 {
		return c.Taken[i], ""
	}
	if c.Named == nil || name == "" {
		return "", ""
	}
	return c.Named(name)
}

func (c Columns) names() string {
	names := strings.Join(c.Taken, ", ")
	if c.Others != "" {
		names += " and " + c.Others
	}
	return names
}

// shown is a name for a message.
func shown(name string) string {
	if len(name) <= maxShown {
		return name
	}
	return strings.ToValidUTF8(name[:maxShown], "") + "…"
}

// Write writes rows of texts as a file. A text that a spreadsheet would take for
// a formula is disarmed.
func Write(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = Disarm(cell)
		}
		// A buffer takes everything.
		_ = w.Write(safe)
	}
	w.Flush()
	return b.Bytes()
}

// armed reports whether a spreadsheet would take a cell for a formula, once the
// apostrophes before it are gone.
func armed(cell string) bool {
	cell = strings.TrimLeft(cell, "'")
	return cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0]))
}

// Disarm keeps programs for tables from taking a text for a formula, as OWASP
// advises against CSV injection: an apostrophe goes before it. A text that looks
// as if that had been done gets one more, so that [Rearm] gives every text back.
func Disarm(cell string) string {
	if armed(cell) {
		return "'" + cell
	}
	return cell
}

// Rearm takes back what [Disarm] does.
func Rearm(cell string) string {
	if strings.HasPrefix(cell, "'") && armed(cell) {
		return cell[1:]
	}
	return cell
}
