package command

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// Column is a column of a table of T.
type Column[T any] struct {
	Head string
	Cell func(T) string
	// Wide marks columns that are cut first where a terminal is too narrow.
	Wide bool
	// Paint, if set, colours a cell.
	Paint func(Paint, string) string
}

// batch is how many rows are held before the first is written, to know how wide
// the columns are; a later row that is wider than them widens them.
const batch = 500

// List writes what is walked in the form that was asked for: a table, one JSON
// array, or a JSON object a line, each as soon as it comes. Nothing is written
// when the walk fails at once.
func List[T any](env Env, o *Output, all iter.Seq2[T, error], columns ...Column[T]) (err error) {
	if !o.Text() {
		w := bufio.NewWriter(env.Out)
		defer func() {
			if ferr := w.Flush(); err == nil {
				err = ferr
			}
		}()
		return listJSON(w, all, o.format == "json")
	}
	t := newTable(env, env.Out, columns)
	for item, err := range all {
		if err != nil {
			return err
		}
		if t.add(item); len(t.rows) == batch {
			if err := t.flush(); err != nil {
				return err
			}
		}
	}
	return t.flush()
}

func listJSON[T any](w *bufio.Writer, all iter.Seq2[T, error], array bool) error {
	between, end := "", "[]\n"
	if array {
		between = "["
	} else {
		end = ""
	}
	for item, err := range all {
		if err != nil {
			return err
		}
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(item); err != nil {
			return err
		}
		text := b.String()
		if array {
			text = between + strings.TrimSuffix(text, "\n")
			between, end = ",", "]\n"
		}
		if _, err := w.WriteString(text); err != nil {
			return err
		}
	}
	_, err := w.WriteString(end)
	return err
}

// Table writes a table that is a part of what is told of one object.
func Table[T any](env Env, w io.Writer, rows []T, columns ...Column[T]) error {
	t := newTable(env, w, columns)
	for _, row := range rows {
		t.add(row)
	}
	return t.flush()
}

// Slice walks a slice.
func Slice[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// table writes rows in columns.
type table[T any] struct {
	w       *bufio.Writer
	paint   Paint
	columns []Column[T]
	// limit is how wide a line may be, 0 for any.
	limit  int
	widths []int
	rows   [][]string
	headed bool
}

func newTable[T any](env Env, w io.Writer, columns []Column[T]) *table[T] {
	return &table[T]{w: bufio.NewWriter(w), paint: NewPaint(env, w), columns: columns, limit: width(w), widths: make([]int, len(columns))}
}

// gap is the space between columns.
const gap = 2

func (t *table[T]) add(item T) {
	row := make([]string, len(t.columns))
	for i, c := range t.columns {
		row[i] = OneLine(c.Cell(item))
	}
	t.rows = append(t.rows, row)
}

func (t *table[T]) flush() error {
	if !t.headed {
		for i, c := range t.columns {
			t.widths[i] = uniseg.StringWidth(c.Head)
		}
	}
	for _, row := range t.rows {
		for i, cell := range row {
			t.widths[i] = max(t.widths[i], uniseg.StringWidth(cell))
		}
	}
	fits := t.fit()
	if !t.headed {
		t.headed = true
		head := make([]string, len(t.columns))
		for i, c := range t.columns {
			head[i] = c.Head
		}
		t.line(head, fits, false)
	}
	for _, row := range t.rows {
		t.line(row, fits, true)
	}
	t.rows = t.rows[:0]
	return t.w.Flush()
}

// minimum is the width below which a column is not cut.
const minimum = 8

// fit narrows the widest of the wide columns until a line fits.
func (t *table[T]) fit() []int {
	fits := append([]int{}, t.widths...)
	total := gap * (len(fits) - 1)
	for _, n := range fits {
		total += n
	}
	for t.limit > 0 && total > t.limit {
		widest := -1
		for i, c := range t.columns {
			if c.Wide && fits[i] > minimum && (widest < 0 || fits[i] > fits[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		fits[widest]--
		total--
	}
	return fits
}

// line writes a row; the last column that has something ends it.
func (t *table[T]) line(row []string, fits []int, body bool) {
	last := len(row) - 1
	for last > 0 && row[last] == "" {
		last--
	}
	for i := 0; i <= last; i++ {
		cell := cut(row[i], fits[i])
		fill := fits[i] - uniseg.StringWidth(cell) + gap
		if paint := t.columns[i].Paint; paint != nil && body {
			cell = paint(t.paint, cell)
		}
		_, _ = t.w.WriteString(cell)
		if i < last {
			_, _ = t.w.WriteString(strings.Repeat(" ", fill))
		}
	}
	_ = t.w.WriteByte('\n')
}

// cut shortens a text to a width, with an ellipsis.
func cut(text string, n int) string {
	if uniseg.StringWidth(text) <= n {
		return text
	}
	var b strings.Builder
	g, left := uniseg.NewGraphemes(text), n-1
	for g.Next() {
		if left -= g.Width(); left < 0 {
			break
		}
		b.WriteString(g.Str())
	}
	return b.String() + "…"
}

// width is how wide the terminal is that a stream goes to, 0 without one.
func width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !IsTerminal(f) {
		return 0
	}
	n, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return n
}

// OneLine is a text from outside that does not break a table.
func OneLine(text string) string { return Plain(strings.Join(strings.Fields(text), " ")) }

// Field is a line of what is told of one object.
type Field struct{ Name, Value string }

// Fields writes the fields that have a value, one a line.
func Fields(w io.Writer, fields ...Field) error {
	widest := 0
	for _, f := range fields {
		if f.Value != "" {
			widest = max(widest, uniseg.StringWidth(f.Name))
		}
	}
	var b strings.Builder
	for _, f := range fields {
		if f.Value != "" {
			b.WriteString(f.Name + strings.Repeat(" ", widest-uniseg.StringWidth(f.Name)+gap) + f.Value + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
