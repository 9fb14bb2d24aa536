package control

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// pieces are what texts of files are made of.
var pieces = []string{"a", "Z", "é", "=", "+", "-", "@", "'", "\"", ",", ";", "\n", "\t", " ", "{{", "}}", "{{ insert: param, p }}", "[x]", "/", "~", "<", "&", "\\", "😀", "\u2028"}

func someText(r *rand.Rand, least int) string {
	var b strings.Builder
	for range least + r.IntN(6) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// someRequirements are as the service would store them.
func someRequirements(r *rand.Rand) []Requirement {
	var out []Requirement
	codes := map[string]bool{}
	categories := []string{"", "One", "=Two", strings.TrimSpace(someText(r, 1))}
	for range r.IntN(8) {
		v := Requirement{Code: someText(r, 1), Name: someText(r, 1), Description: someText(r, 0), Category: categories[r.IntN(len(categories))], UpdatedAt: time.Unix(r.Int64N(1e9), 0)}
		if r.IntN(3) == 0 {
			v.AdditionalInfo = someText(r, 0)
		}
		for n := range r.IntN(3) {
			v.Controls = append(v.Controls, Control{Code: fmt.Sprintf("-C %d", n)})
		}
		if v.check("") == nil && !codes[v.Code] {
			codes[v.Code] = true
			out = append(out, v)
		}
	}
	return out
}

func written(r Requirement, codes []string) string {
	return fmt.Sprintf("%q %q %q %q %q %q", r.Code, r.Name, r.Description, r.Category, r.AdditionalInfo, codes)
}

// same demands that a file holds the requirements that were written to it.
func same(t *testing.T, how string, want []Requirement, got *reading, text []byte) {
	t.Helper()
	var a, b []string
	for _, r := range want {
		var codes []string
		for _, c := range r.Controls {
			codes = append(codes, c.Code)
		}
		a = append(a, written(r, codes))
	}
	for _, item := range got.items {
		if err := item.Requirement.check(""); err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		b = append(b, written(item.Requirement, item.ControlCodes))
	}
	slices.Sort(a)
	slices.Sort(b)
	if !slices.Equal(a, b) || len(got.problems) > 0 {
		t.Fatalf("%s: wrote\n%s\nread\n%s\nproblems %v\n%s", how, strings.Join(a, "\n"), strings.Join(b, "\n"), got.problems, text)
	}
}

func TestFilesHoldWhatWasWritten(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range 3000 {
		list := someRequirements(r)
		if i == 0 {
			list = []Requirement{{Code: "A (b)", Name: "A"}, {Code: "b", Name: "B"}, {Code: "A (", Name: "A"}, {Code: "a", Name: "C"}, {Code: "C (x)", Name: "C", Category: "A"}}
		}
		text := writeCSV(list)
		same(t, "CSV", list, readCSV(text), text)
		text, err := writeOSCAL(Framework{Name: "F", Description: "D"}, list)
		if err != nil {
			t.Fatal(err)
		}
		read, err := readOSCAL(text)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "OSCAL", list, read, text)
		if read.title != "F" || read.description != "D" {
			t.Fatalf("title %q, description %q", read.title, read.description)
		}
		wellFormed(t, text)
	}
}

var (
	tokens   = regexp.MustCompile(`^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$`)
	uuids    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	strings1 = regexp.MustCompile(`^\S(.*\S)?$`)
)

// wellFormed demands what OSCAL says of the parts that we write: ids are
// tokens, each once; arrays are not empty.
func wellFormed(t *testing.T, text []byte) {
	t.Helper()
	if bytes.Contains(text, []byte("[]")) && !bytes.Contains(text, []byte(`"[x`)) {
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		noEmptyLists(t, doc)
	}
	var doc oscalDocument
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if !uuids.MatchString(doc.Catalog.UUID) {
		t.Fatalf("uuid %s", doc.Catalog.UUID)
	}
	if _, err := time.Parse(time.RFC3339, doc.Catalog.Metadata.LastModified); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	id := func(id string) {
		if !tokens.MatchString(id) || seen[id] {
			t.Fatalf("id %q in %s", id, text)
		}
		seen[id] = true
	}
	controls := doc.Catalog.Controls
	for _, g := range doc.Catalog.Groups {
		id(g.ID)
		controls = append(controls, g.Controls...)
	}
	for _, c := range controls {
		id(c.ID)
		for _, p := range c.Props {
			if !tokens.MatchString(p.Name) || !strings1.MatchString(strings.ReplaceAll(p.Value, "\n", "")) {
				t.Fatalf("property %+v", p)
			}
		}
	}
}

func noEmptyLists(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			t.Fatal("an empty list")
		}
		for _, each := range v {
			noEmptyLists(t, each)
		}
	case map[string]any:
		for _, each := range v {
			noEmptyLists(t, each)
		}
	}
}

// The same framework is the same file; another one has another id.
func TestCatalogIDs(t *testing.T) {
	id := func(f Framework, list ...Requirement) string {
		text, err := writeOSCAL(f, list)
		if err != nil {
			t.Fatal(err)
		}
		var doc oscalDocument
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		return doc.Catalog.UUID
	}
	a := id(Framework{Name: "A"}, Requirement{Code: "1", Name: "n"})
	if a != id(Framework{Name: "A"}, Requirement{Code: "1", Name: "n"}) || a == id(Framework{Name: "A"}, Requirement{Code: "2", Name: "n"}) {
		t.Error("the id does not follow from the content")
	}
}

// Parameters that multiply one another do not multiply the text without end.
func TestParametersEnd(t *testing.T) {
	var params []string
	for i := range 50 {
		params = append(params, fmt.Sprintf(`{"id":"p%d","select":{"choice":["%s"]}}`, i, strings.Repeat(fmt.Sprintf("{{ insert: param, p%d }}", (i+1)%50), 20)))
	}
	prose := strings.Repeat("{{ insert: param, p0 }}", 100_000)
	text := fmt.Appendf(nil, `{"catalog":{"metadata":{"title":"T","oscal-version":"1.1.2"},"params":[%s],"controls":[{"id":"a","title":"A","parts":[{"name":"statement","prose":"%s"}]}]}}`,
		strings.Join(params, ","), prose)
	r, err := readOSCAL(text)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.items[0].Requirement.Description); n > len(prose)+5*maxText {
		t.Errorf("the text has %d bytes", n)
	}
	many := strings.Repeat(`,{"id":"a","title":"A","parts":[{"name":"statement","prose":"`+strings.Repeat("{{p0}}", 700)+`"}]}`, 1000)
	text = fmt.Appendf(nil, `{"catalog":{"metadata":{"title":"T","oscal-version":"1.1.2"},"params":[%s],"controls":[%s]}}`, strings.Join(params, ","), many[1:])
	if _, err := readOSCAL(text); err == nil || !strings.Contains(err.Error(), "MB") {
		t.Errorf("a catalog that grows: %v", err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("code,name,description,category,controls\nA,B,C,D,E;F\n"))
	f.Add([]byte("\ufeffname;code\r\n\"x\ny\";'=1\r\n;;\r\n"))
	f.Add(CSVTemplate())
	f.Fuzz(func(t *testing.T, text []byte) {
		r := readCSV(text)
		again(t, r, func(list []Requirement) *reading { return readCSV(writeCSV(list)) })
	})
}

func FuzzOSCAL(f *testing.F) {
	f.Add([]byte(`{"catalog":{"metadata":{"title":"T","oscal-version":"1.1.2"},"groups":[{"title":"G","controls":[{"id":"a","title":"A","params":[{"id":"p","label":"l"}],
		"parts":[{"name":"statement","prose":"{{ insert: param, p }}","parts":[{"name":"item","props":[{"name":"label","value":"1."}],"prose":"x"}]}],"controls":[{"id":"b","title":"B"}]}]}]}}`))
	f.Add([]byte(`{"catalog":{"metadata":{"oscal-version":"1"},"controls":[{"id":"a","props":[{"name":"status","value":"withdrawn"}]}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := readOSCAL(text)
		if err != nil {
			return
		}
		again(t, r, func(list []Requirement) *reading {
			text, err := writeOSCAL(Framework{Name: cmp.Or(r.title, "T")}, list)
			if err != nil {
				t.Fatal(err)
			}
			read, err := readOSCAL(text)
			if err != nil {
				t.Fatal(err)
			}
			return read
		})
	})
}

// again demands that what was read and is acceptable survives being written.
func again(t *testing.T, r *reading, back func([]Requirement) *reading) {
	t.Helper()
	if len(r.problems) > maxProblems || len(r.items) > MaxRequirements+1 {
		t.Fatalf("%d problems, %d items", len(r.problems), len(r.items))
	}
	var list []Requirement
	seen := map[string]bool{}
	for _, item := range r.items {
		q := item.Requirement
		if q.check("") != nil || seen[q.Code] || strings.Contains(q.Code+q.Name+q.Description+q.Category+q.AdditionalInfo, "\r") {
			continue
		}
		seen[q.Code] = true
		list = append(list, q)
	}
	same(t, "again", list, back(list), nil)
}
