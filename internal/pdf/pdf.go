// Package pdf lays out reports: headings, paragraphs, fields and tables on A4
// pages that are numbered. The same content makes the same bytes.
package pdf

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

const (
	// MaxPages is how many pages a document has at most; what comes then is left
	// out, see [Document.Full].
	MaxPages = 500
	// maxLines is how many lines a paragraph or a cell has at most, maxText of how
	// many bytes its text is looked at.
	maxLines = 40
	maxText  = 16 << 10
)

// Measures in millimetres; sizes of letters in points.
const (
	pageWidth, pageHeight = 210.0, 297.0
	margin, bottom        = 18.0, 20.0
	width                 = pageWidth - 2*margin
	padding               = 1.2
)

// style is how text is written.
type style struct {
	weight string
	size   float64
	line   float64
	grey   int
}

var (
	titleStyle   = style{"B", 18, 8.5, 20}
	headingStyle = style{"B", 12, 6.5, 20}
	textStyle    = style{"", 9.5, 4.8, 30}
	labelStyle   = style{"", 9.5, 4.8, 110}
	cellStyle    = style{"", 8, 4, 30}
	topStyle     = style{"B", 8, 4, 30}
	footStyle    = style{"", 7.5, 4, 110}
)

// Document is a report that is being laid out.
type Document struct {
	f      *fpdf.Fpdf
	foot   string
	widths map[style]map[rune]float64
	full   bool
}

// New begins a document. foot stands at the foot of each page, beside its number;
// at is when the document says it was made.
func New(title, foot string, at time.Time) *Document {
	f := fpdf.New("P", "mm", "A4", "")
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(false, bottom)
	f.SetCatalogSort(true)
	f.SetCreationDate(at.UTC())
	f.SetModificationDate(at.UTC())
	f.SetProducer("Plumbline", true)
	f.SetTitle(shown(title), true)
	f.AddUTF8FontFromBytes("go", "", goregular.TTF)
	f.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	d := &Document{f: f, foot: foot, widths: map[style]map[rune]float64{}}
	d.newPage()
	d.paragraph(titleStyle, title)
	return d
}

// Full reports whether the document has all the pages it may have: what is added
// then is left out.
func (d *Document) Full() bool { return d.full }

// Heading begins a section.
func (d *Document) Heading(text string) {
	// A heading alone at the foot of a page helps nobody.
	if d.f.GetY()+4+headingStyle.line+3*cellStyle.line <= pageHeight-bottom {
		d.f.SetY(d.f.GetY() + 4)
	} else if !d.newPage() {
		return
	}
	d.paragraph(headingStyle, text)
}

// Text adds a paragraph.
func (d *Document) Text(text string) { d.paragraph(textStyle, text) }

// Field adds a line with a name and a value.
func (d *Document) Field(name, value string) {
	const names = 38.0
	left, right := d.wrap(labelStyle, name, names-2), d.wrap(textStyle, value, width-names)
	for i := range max(len(left), len(right)) {
		if !d.room(textStyle.line) {
			return
		}
		y := d.f.GetY()
		if i < len(left) {
			d.put(labelStyle, margin, y, left[i])
		}
		if i < len(right) {
			d.put(textStyle, margin+names, y, right[i])
		}
		d.f.SetY(y + textStyle.line)
	}
}

// Column is a column of a table; Share is how much of the width it takes, of that
// of all columns.
type Column struct {
	Name  string
	Share float64
}

// Table is a table that is being filled.
type Table struct {
	d       *Document
	columns []Column
	widths  []float64
}

// Table begins a table.
func (d *Document) Table(columns ...Column) *Table {
	t := &Table{d: d, columns: columns}
	var all float64
	for _, c := range columns {
		all += c.Share
	}
	for _, c := range columns {
		t.widths = append(t.widths, width*c.Share/all)
	}
	d.f.SetY(d.f.GetY() + 1)
	if !d.full {
		t.top()
	}
	return t
}

// Row adds a row and reports whether there was a place for it.
func (t *Table) Row(cells ...string) bool {
	lines, height := t.lines(cellStyle, cells)
	if t.d.full {
		return false
	}
	if t.d.f.GetY()+height > pageHeight-bottom {
		if !t.d.newPage() {
			return false
		}
		t.top()
	}
	t.write(cellStyle, lines, height)
	return true
}

// top writes the names of the columns.
func (t *Table) top() {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.Name
	}
	lines, height := t.lines(topStyle, names)
	t.d.f.SetFillColor(238, 240, 243)
	t.d.f.Rect(margin, t.d.f.GetY(), width, height, "F")
	t.write(topStyle, lines, height)
}

func (t *Table) lines(s style, cells []string) (lines [][]string, height float64) {
	lines = make([][]string, len(t.widths))
	for i := range lines {
		if i < len(cells) {
			lines[i] = t.d.wrap(s, cells[i], t.widths[i]-2*padding)
		}
		height = max(height, float64(len(lines[i]))*s.line+2*padding)
	}
	return lines, height
}

func (t *Table) write(s style, lines [][]string, height float64) {
	d := t.d
	x, y := margin, d.f.GetY()
	for i, cell := range lines {
		for n, line := range cell {
			d.put(s, x+padding, y+padding+float64(n)*s.line, line)
		}
		x += t.widths[i]
	}
	d.f.SetDrawColor(215, 218, 222)
	d.f.SetLineWidth(0.15)
	d.f.Line(margin, y+height, margin+width, y+height)
	d.f.SetY(y + height)
}

// Write ends the document and writes it.
func (d *Document) Write(w io.Writer) error {
	pages := d.f.PageCount()
	for n := 1; n <= pages; n++ {
		d.f.SetPage(n)
		d.put(footStyle, margin, pageHeight-bottom+6, first(d.wrap(footStyle, d.foot, width-40)))
		number := fmt.Sprintf("Page %d of %d", n, pages)
		d.put(footStyle, margin+width-d.length(footStyle, number), pageHeight-bottom+6, number)
	}
	if err := d.f.Output(w); err != nil {
		return fmt.Errorf("write the PDF: %w", err)
	}
	return nil
}

func first(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

func (d *Document) newPage() bool {
	if d.f.PageCount() >= MaxPages {
		d.full = true
		return false
	}
	d.f.AddPage()
	d.f.SetY(margin)
	return true
}

// room makes sure that a line finds a place.
func (d *Document) room(height float64) bool {
	return !d.full && (d.f.GetY()+height <= pageHeight-bottom || d.newPage())
}

func (d *Document) paragraph(s style, text string) {
	for _, line := range d.wrap(s, text, width) {
		if !d.room(s.line) {
			return
		}
		y := d.f.GetY()
		d.put(s, margin, y, line)
		d.f.SetY(y + s.line)
	}
	if !d.full {
		d.f.SetY(d.f.GetY() + 1)
	}
}

// put writes one line with its upper left corner at a place.
func (d *Document) put(s style, x, y float64, line string) {
	if line == "" {
		return
	}
	d.use(s)
	d.f.SetTextColor(s.grey, s.grey, s.grey)
	// Letters stand on a line about a quarter above the lower edge.
	d.f.Text(x, y+s.line*0.75, line)
}

func (d *Document) use(s style) { d.f.SetFont("go", s.weight, s.size) }

// length is how long a line is.
func (d *Document) length(s style, line string) (sum float64) {
	for _, r := range line {
		sum += d.letter(s, r)
	}
	return sum
}

func (d *Document) letter(s style, r rune) float64 {
	known := d.widths[s]
	if known == nil {
		known = map[rune]float64{}
		d.widths[s] = known
	}
	w, ok := known[r]
	if !ok {
		d.use(s)
		w = d.f.GetStringWidth(string(r))
		known[r] = w
	}
	return w
}

// wrap breaks a text into lines, at spaces where there are any.
func (d *Document) wrap(s style, text string, most float64) []string {
	cut := len(text) > maxText
	if cut {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	var lines []string
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		lines = append(lines, d.wrapLine(s, []rune(shown(part)), most)...)
		if len(lines) > maxLines {
			break
		}
	}
	if cut || len(lines) > maxLines {
		lines = lines[:min(len(lines), maxLines)]
		last := []rune(lines[len(lines)-1])
		for len(last) > 0 && d.length(s, string(last)+"…") > most {
			last = last[:len(last)-1]
		}
		lines[len(lines)-1] = string(last) + "…"
	}
	return lines
}

func (d *Document) wrapLine(s style, text []rune, most float64) []string {
	var lines []string
	for len(text) > 0 && len(lines) <= maxLines {
		end, space, sum := 0, -1, 0.0
		for end < len(text) {
			if sum += d.letter(s, text[end]); sum > most && end > 0 {
				break
			}
			if text[end] == ' ' {
				space = end
			}
			end++
		}
		switch {
		case end == len(text):
			return append(lines, string(text))
		case text[end] == ' ':
			lines, text = append(lines, string(text[:end])), text[end+1:]
		case space > 0:
			lines, text = append(lines, string(text[:space])), text[space+1:]
		default:
			lines, text = append(lines, string(text[:end])), text[end:]
		}
	}
	if len(lines) == 0 {
		return []string{""}
	}
	return lines
}

// missing stands for a character that the font does not have.
const missing = '□'

// shown is a text in the characters that can be shown.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		case !covered(r):
			return missing
		}
		return r
	}, text)
}
