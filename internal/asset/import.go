package asset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/sheet"
)

// Limits of an import.
const (
	// MaxImportRows is how many rows a file may have.
	MaxImportRows = 100_000
	// MaxImportBytes is how large a file may be.
	MaxImportBytes = 32 << 20
)

// ImportOptions say what is done with a file, and what is told of it.
type ImportOptions struct {
	// Preview: tell what would change, and change nothing.
	Preview bool
	// SkipRefused: take the other rows when some are refused. Else all of the
	// file is taken, or nothing.
	SkipRefused bool
	// After is a line; only those below it are told, Limit of them at most.
	After, Limit int
	// Only keeps the rows with this outcome of those that are told, nil all.
	Only *Outcome
}

// Refused is the outcome of a row that cannot be taken.
const Refused Outcome = -1

// tells reports whether rows with an outcome are told.
func (o ImportOptions) tells(outcome Outcome) bool { return o.Only == nil || *o.Only == outcome }

// Import is what became of a file, or what would become of it.
type Import struct {
	// Rows is how many there are; the other four add up to it.
	Rows, Created, Updated, Unchanged, Refused int
	// Passed are the columns that do not count.
	Passed []string
	// Lines are rows that change something, or would.
	Lines []ImportLine
	// MoreLines and MoreProblems are how many come after those that are told.
	MoreLines    int
	Problems     []sheet.Problem
	MoreProblems int
	// Takes reports whether the file can be taken, with these options.
	Takes bool
}

// ImportLine is what a row of a file does.
type ImportLine struct {
	Line    int
	Outcome Outcome
	// ID is the person or the asset, 0 for one that is not there yet.
	ID   int64
	Name string
	// Changes are in the order of the columns.
	Changes []FieldChange
	// Kept are columns that differ and are left as they are: somebody else says
	// what stands there.
	Kept []string

	// fields are the custom fields among Changes.
	fields []customfield.Difference
}

// FieldChange is one change; nil is an empty field.
type FieldChange struct {
	Column   string
	Old, New *string
}

// ImportStore stores what files bring.
type ImportStore interface {
	// ImportPeople finds whom refs name, one match for each. With write, what
	// judge makes of them is stored in the same transaction, unless it has no
	// event. All of it may happen more than once.
	ImportPeople(ctx context.Context, refs []PersonRef, write bool, judge func([]PersonMatch) PeopleImport) error
	// ImportAssets is the same for assets.
	ImportAssets(ctx context.Context, refs []AssetRef, write bool, judge func([]AssetMatch) AssetImport) error
}

// importing is an import on its way, of rows of a kind.
type importing[R any] struct {
	options ImportOptions
	file    *sheet.Sheet
	rows    []R
	// refused has the reason by row, nil for one that could be read.
	refused []error
	result  Import
	// told has the number of what a line makes or changes: a new one gets it when
	// it is stored.
	told map[int]*int64
	// fields has the custom fields that change, by number.
	fields map[int64]changedField
}

func newImporting[R any](text []byte, c sheet.Columns, fields []fieldColumn, o ImportOptions, read func(sheet.Row, []fieldColumn) (R, error)) *importing[R] {
	f := sheet.Read(text, c)
	m := &importing[R]{options: o, file: f, rows: make([]R, len(f.Rows)), refused: make([]error, len(f.Rows))}
	fields = slices.DeleteFunc(fields, func(c fieldColumn) bool { return !f.Has(c.column) })
	for i, r := range f.Rows {
		m.rows[i], m.refused[i] = read(r, fields)
	}
	if len(f.Rows) == 0 && len(f.Problems) == 0 {
		f.Problems = []sheet.Problem{{Message: "the file has no rows below its first line"}}
	}
	return m
}

// judge takes the rows one after the other, and forgets what another attempt has
// told. row says what row i does, keep notes that it is to be stored, and gives
// the number of what it is about. more is what else is wrong with a row that
// could not be read.
func (m *importing[R]) judge(more func(i int) error, row func(i, line int) (does ImportLine, keep func() *int64, err error)) {
	m.result, m.told, m.fields = Import{Rows: len(m.rows), Passed: m.file.Passed}, map[int]*int64{}, map[int64]changedField{}
	for i := range m.rows {
		if m.refused[i] != nil {
			var wrong faults
			wrong.add(m.refused[i])
			wrong.add(more(i))
			m.refuse(i, wrong)
			continue
		}
		line := m.file.Rows[i].Line
		does, keep, err := row(i, line)
		if err != nil {
			m.refuse(i, err)
			continue
		}
		if m.take(line, does) {
			m.told[line] = keep()
			m.countFields(does)
		}
	}
	for _, p := range m.file.Problems {
		m.problem(p)
	}
	m.result.Takes = len(m.file.Problems) == 0 && (m.result.Refused == 0 || m.options.SkipRefused)
}

// maxFaults is how many faults of one row are told.
const maxFaults = 10

// refuse tells why a row cannot be taken. The place in an error is the column.
func (m *importing[R]) refuse(row int, err error) {
	m.result.Refused++
	if !m.options.tells(Refused) {
		return
	}
	all := []error{err}
	var f faults
	if errors.As(err, &f) {
		all = f[:min(len(f), maxFaults)]
	}
	told := make([]sheet.Problem, len(all))
	for i, err := range all {
		told[i] = sheet.Problem{Line: m.file.Rows[row].Line, Message: fault.Sentence(err)}
		if f := faultOf(err); f != nil {
			told[i].Column = strings.TrimPrefix(f.Pointer, "/")
		}
	}
	told[0].Also = told[1:]
	m.problem(told[0])
}

// faults are one or more reasons for one refusal, the first of which speaks for
// them where one is wanted.
type faults []error

func (f faults) Error() string { return f[0].Error() }

func (f faults) Unwrap() []error { return f }

// add notes a reason, or several.
func (f *faults) add(err error) {
	var more faults
	if errors.As(err, &more) {
		*f = append(*f, more...)
	} else if err != nil {
		*f = append(*f, err)
	}
}

// err is nil without a reason.
func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

func (m *importing[R]) problem(p sheet.Problem) {
	if p.Line > 0 && p.Line <= m.options.After {
		return
	}
	if len(m.result.Problems) == m.options.Limit {
		m.result.MoreProblems++
		return
	}
	m.result.Problems = append(m.result.Problems, p)
}

// take tells what a line does. It reports whether that is anything.
func (m *importing[R]) take(at int, line ImportLine) bool {
	switch {
	case line.Outcome == Created:
		m.result.Created++
	case len(line.Changes) > 0:
		line.Outcome = Updated
		m.result.Updated++
	default:
		m.result.Unchanged++
	}
	changed := line.Outcome != Unchanged
	line.Line = at
	switch {
	case !changed && len(line.Kept) == 0, line.Line <= m.options.After, !m.options.tells(line.Outcome):
	case len(m.result.Lines) == m.options.Limit:
		m.result.MoreLines++
	default:
		m.result.Lines = append(m.result.Lines, line)
	}
	return changed
}

// writes reports whether something is to be stored.
func (m *importing[R]) writes() bool {
	return m.result.Takes && !m.options.Preview && m.result.Created+m.result.Updated > 0
}

// answer is the result, or why there is none.
func (m *importing[R]) answer(err error) (Import, error) {
	for i := range m.result.Lines {
		if id := m.told[m.result.Lines[i].Line]; id != nil {
			m.result.Lines[i].ID = *id
		}
	}
	if err != nil || m.options.Preview || m.result.Takes {
		return m.result, err
	}
	first, more := "the first lines were passed over", len(m.result.Problems)+m.result.MoreProblems
	if len(m.result.Problems) > 0 {
		first = m.result.Problems[0].String()
		more--
	}
	if more > 0 {
		first += fmt.Sprintf(" (and %d more; a preview lists them)", more)
	}
	return m.result, fault.New(fault.CodeValidation, "the file was not imported: %s", first)
}

// cleared is the cell that empties a field; an empty one leaves it as it is.
const cleared = "null"

// text is a cell that may clear; nil leaves the field as it is.
func cellText(r sheet.Row, column string) **string {
	cell := r.Cell(column)
	switch cell {
	case "":
		return nil
	case cleared:
		var none *string
		return &none
	}
	text := &cell
	return &text
}

// plainText is a cell that cannot clear.
func plainText(r sheet.Row, column string) *string {
	if cell := r.Cell(column); cell != "" {
		return &cell
	}
	return nil
}

// word is a cell that is one of some words, in any case.
func word(r sheet.Row, column string) *string {
	if cell := strings.ToUpper(r.Cell(column)); cell != "" {
		return &cell
	}
	return nil
}

// cellDay is a cell that is a day or a point in time; the zero time clears.
func cellDay(r sheet.Row, column string) (*time.Time, error) {
	cell := r.Cell(column)
	if cell == "" || cell == cleared {
		if cell == "" {
			return nil, nil
		}
		return &time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339Nano} {
		if t, err := time.Parse(form, cell); err == nil && t.Year() >= 1900 && t.Year() <= 2300 {
			t = t.UTC()
			return &t, nil
		}
	}
	return nil, invalid("/"+column, "`%s` is %q; it must be a day such as 2026-01-31, or null to clear it", column, fault.Short(cell, maxCell))
}

// asListed leaves a time as it is when a list, which tells milliseconds, would
// tell it like that.
func asListed(to *time.Time, is time.Time) *time.Time {
	if to != nil && to.Equal(is.Truncate(time.Millisecond)) {
		return nil
	}
	return to
}

// asWritten is a text as it stands there already when it would stand like that in a
// cell: space around it does not count there, and a file does not tell the ends of
// lines apart.
func asWritten(to **string, is *string) **string {
	if to != nil && *to != nil && is != nil && **to == written(*is) {
		return &is
	}
	return to
}

func written(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

const maxCell = 80

// field is a column with what stands in it, empty for nothing.
type field struct{ column, text string }

// differences are the changes from one state to another, whose fields are in the
// same order.
func differences(old, now []field) []FieldChange {
	var out []FieldChange
	for i := range now {
		if old[i].text != now[i].text {
			out = append(out, FieldChange{now[i].column, orNil(old[i].text), orNil(now[i].text)})
		}
	}
	return out
}

func orNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// dayText is a time as a cell: a day, or a point in time within one.
func dayText(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.Equal(t.Truncate(24 * time.Hour)):
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// once refuses what a row above concerns too.
func once[K comparable](seen map[K]int, key K, line int, column, what string) error {
	if above, twice := seen[key]; twice {
		return invalid("/"+column, "line %d is of the same %s", above, what)
	}
	seen[key] = line
	return nil
}

func (m *importing[R]) event(a event.Actor, at time.Time, t event.Type, c event.Category, what, of string, ids []int64) event.Event {
	r := m.result
	metadata := map[string]any{"created": r.Created, "updated": r.Updated, "refused": r.Refused}
	if fields := m.changedFields(); len(fields) > 0 {
		metadata["customFields"] = fields
	}
	if len(ids) <= MaxReset {
		metadata[of] = ids
	}
	return event.New(a, at, t, c, fmt.Sprintf("A file was imported: %d %s were created and %d updated", r.Created, what, r.Updated), metadata)
}
