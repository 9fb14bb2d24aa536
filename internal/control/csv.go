package control

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

// csvHeader are the columns of a file of requirements. additionalInfo may be
// absent, and is written only where there is any.
var csvHeader = []string{"code", "name", "description", "category", "controls", "additionalInfo"}

// CSVTemplate is an empty file of requirements with an example.
func CSVTemplate() []byte {
	return writeRows([][]string{csvHeader[:5],
		{"AC-1", "Second factor", "Everybody signs in with a second factor.", "Access", ""}})
}

func writeCSV(list []Requirement) []byte {
	columns := 5
	if slices.ContainsFunc(list, func(r Requirement) bool { return r.AdditionalInfo != "" }) {
		columns = 6
	}
	rows := [][]string{csvHeader[:columns]}
	for _, r := range list {
		codes := make([]string, len(r.Controls))
		for i, c := range r.Controls {
			codes[i] = c.Code
		}
		row := []string{r.Code, r.Name, r.Description, r.Category, strings.Join(codes, "; "), r.AdditionalInfo}[:columns]
		for i := range row {
			row[i] = disarm(row[i])
		}
		rows = append(rows, row)
	}
	return writeRows(rows)
}

func writeRows(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	// A buffer takes everything.
	_ = w.WriteAll(rows)
	return b.Bytes()
}

// armed reports whether a spreadsheet would take a cell for a formula, once the
// apostrophes before it are gone.
func armed(cell string) bool {
	cell = strings.TrimLeft(cell, "'")
	return cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0]))
}

// disarm writes a cell so that no spreadsheet takes it for a formula; rearm
// takes that back.
func disarm(cell string) string {
	if armed(cell) {
		return "'" + cell
	}
	return cell
}

func rearm(cell string) string {
	if strings.HasPrefix(cell, "'") && armed(cell) {
		return cell[1:]
	}
	return cell
}

// readCSV reads a file of requirements. Commas or semicolons separate cells.
func readCSV(text []byte) *reading {
	out := &reading{}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		out.refuse(Problem{Message: "the file is not UTF-8 text: save it as CSV in UTF-8"})
		return out
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	if first, _, _ := bytes.Cut(text, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	}
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		out.refuse(Problem{Row: 1, Message: "the file is empty: its first line is " + strings.Join(csvHeader[:5], ",")})
		return out
	}
	if err != nil {
		out.refuse(csvProblem(err))
		return out
	}
	columns, ok := out.csvColumns(header)
	for ok {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			out.refuse(csvProblem(err))
			break
		}
		line, _ := r.FieldPos(0)
		out.csvRow(line, columns, row)
		if len(out.items) > MaxRequirements {
			break
		}
	}
	return out
}

func csvProblem(err error) Problem {
	var at *csv.ParseError
	if errors.As(err, &at) {
		return Problem{Row: at.Line, Message: "this is not CSV: " + at.Err.Error()}
	}
	return Problem{Message: err.Error()}
}

// csvColumns finds the columns by their names, in any case.
func (r *reading) csvColumns(header []string) (at map[string]int, ok bool) {
	at, ok = map[string]int{}, true
	for i, cell := range header {
		name := strings.TrimSpace(cell)
		known := slices.IndexFunc(csvHeader, func(h string) bool { return strings.EqualFold(h, name) })
		_, twice := at[name]
		switch {
		case known < 0:
			r.refuse(Problem{Row: 1, Message: fmt.Sprintf("the column %q is not known: the columns are %s", firstRunes(name, 80), strings.Join(csvHeader, ", "))})
			ok = false
		case twice:
			r.refuse(Problem{Row: 1, Message: fmt.Sprintf("the column %s comes twice", name)})
			ok = false
		default:
			at[csvHeader[known]] = i
		}
	}
	for _, name := range csvHeader[:2] {
		if _, there := at[name]; !there {
			r.refuse(Problem{Row: 1, Message: "the column " + name + " is missing"})
			ok = false
		}
	}
	return at, ok
}

func (r *reading) csvRow(line int, columns map[string]int, row []string) {
	if !slices.ContainsFunc(row, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return
	}
	if len(row) > len(columns) {
		r.refuse(Problem{Row: line, Message: fmt.Sprintf("the row has %d cells; the first line has %d", len(row), len(columns))})
		return
	}
	cell := func(name string) string {
		if i, ok := columns[name]; ok && i < len(row) {
			return rearm(row[i])
		}
		return ""
	}
	item := Item{At: fmt.Sprintf("line %d", line), Requirement: Requirement{Code: cell("code"), Name: cell("name"), Description: cell("description"),
		Category: cell("category"), AdditionalInfo: cell("additionalInfo")}}
	for code := range strings.SplitSeq(cell("controls"), ";") {
		if code = strings.TrimSpace(code); code != "" {
			item.ControlCodes = append(item.ControlCodes, code)
		}
	}
	r.items = append(r.items, item)
}
