package catalog

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/catalog/catalogtest"
	"github.com/plumbline-dev/plumbline/internal/collect"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/document"
	"github.com/plumbline-dev/plumbline/internal/fixture"
	"github.com/plumbline-dev/plumbline/internal/outbound"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
	"github.com/plumbline-dev/plumbline/rule"
)

var update = flag.Bool("update", false, "write the records that the recipes make into samples.json")

// moment is $now of every run here.
var moment = time.Date(2026, 10, 1, 6, 0, 0, 0, time.UTC)

// Every entry works from end to end: its recorded replies become the records of
// its samples, its schema accepts them, and its tests find what they are for.
func TestEntries(t *testing.T) {
	for _, e := range Shipped().entries {
		t.Run(e.Slug, func(t *testing.T) {
			samples := catalogtest.Read(t, text(t, e, samplesFile))
			if e.Recipe != nil && samples.Database == "" {
				t.Run("recipe", func(t *testing.T) { checkRecipe(t, e, samples) })
			}
			if samples.Database == "postgres" {
				t.Run("database", func(t *testing.T) { checkPostgres(t, e) })
			}
			t.Run("schema", func(t *testing.T) { checkSchema(t, e) })
			t.Run("tests", func(t *testing.T) { checkTests(t, e) })
			t.Run("words", func(t *testing.T) { checkWords(t, e) })
		})
	}
}

func text(t *testing.T, e *Entry, name string) []byte {
	t.Helper()
	b, err := fs.ReadFile(shipped, "entries/"+e.Slug+"/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func checkRecipe(t *testing.T, e *Entry, samples catalogtest.Samples) {
	r, err := collect.Parse(e.Recipe)
	if err != nil {
		t.Fatal(err)
	}
	system := catalogtest.Start(t, samples)
	if err := r.Check(system.Inputs); err != nil {
		t.Fatal(err)
	}
	policy := outbound.Policy{Any: true}
	var got []json.RawMessage
	err = r.Collect(t.Context(), collect.Run{Inputs: system.Inputs, Outbound: policy, Now: moment, Local: true, Emit: func(record []byte) error {
		got = append(got, bytes.Clone(record))
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if left := system.Unasked(); len(left) > 0 {
		t.Errorf("nobody asked for %v", left)
	}
	if *update {
		writeRecords(t, e, got)
		return
	}
	if !slices.EqualFunc(got, e.Samples, equalJSON) {
		t.Errorf("the recipe makes\n%s\nbut the samples are\n%s\n(go test ./internal/catalog -run Entries -update writes them)", lines(got), lines(e.Samples))
	}
}

// checkPostgres asks a real server: what it says is not the same everywhere, but
// the schema accepts it and it begins like the samples.
func checkPostgres(t *testing.T, e *Entry) {
	r, err := collect.Parse(e.Recipe)
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.Compile(e.Schema)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = r.Collect(t.Context(), collect.Run{Inputs: map[string]string{"dsn": pgserver.Start(t)}, Outbound: outbound.Policy{Any: true}, Now: moment, Emit: func(record []byte) error {
		n++
		if err := s.Check(record); err != nil {
			t.Errorf("%s: %v", record, err)
		}
		return nil
	}})
	if err != nil || n == 0 {
		t.Fatalf("%d records, %v", n, err)
	}
}

func lines(list []json.RawMessage) string {
	return string(bytes.Join(slices.Collect(func(yield func([]byte) bool) {
		for _, each := range list {
			if !yield(each) {
				return
			}
		}
	}), []byte("\n")))
}

func equalJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// writeRecords replaces what stands last in a samples.json.
func writeRecords(t *testing.T, e *Entry, got []json.RawMessage) {
	t.Helper()
	old := text(t, e, samplesFile)
	at := bytes.LastIndex(old, []byte(`"records": [`))
	if at < 0 {
		t.Fatal("`records` must stand last")
	}
	b := append(bytes.Clone(old[:at]), `"records": [`...)
	for i, record := range got {
		b = append(b, "\n    "...)
		b = append(b, record...)
		if i < len(got)-1 {
			b = append(b, ',')
		}
	}
	b = append(b, "\n  ]\n}\n"...)
	if err := os.WriteFile(filepath.Join("entries", e.Slug, samplesFile), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func checkSchema(t *testing.T, e *Entry) {
	s, err := schema.Compile(e.Schema)
	if err != nil {
		t.Fatal(err)
	}
	var declared struct {
		Properties map[string]struct{ Type any }
	}
	if err := json.Unmarshal(e.Schema, &declared); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	if len(e.Samples) == 0 {
		t.Error("there are no sample records")
	}
	for _, record := range e.Samples {
		if err := s.Check(record); err != nil {
			t.Errorf("%s: %v", record, err)
		}
		var properties map[string]any
		if err := json.Unmarshal(record, &properties); err != nil {
			t.Fatal(err)
		}
		id := properties["id"]
		key, _ := json.Marshal(id)
		if id == nil || id == "" || seen[string(key)] {
			t.Errorf("%s has no id of its own", record)
		}
		seen[string(key)] = true
		if e.Kind == connection.Standard || e.Recipe != nil {
			for name := range properties {
				if _, ok := declared.Properties[name]; !ok && e.Slug != "csv" {
					t.Errorf("the schema does not declare %q", name)
				}
			}
		}
	}
}

// checkTests runs the fixtures of the tests and proves that they hold fast what
// the tests say.
func checkTests(t *testing.T, e *Entry) {
	root, err := document.Read(testsFile, text(t, e, testsFile))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range control.Library().Controls {
		known[c.Code] = true
	}
	names := map[string]bool{}
	for i, test := range e.Tests {
		if names[test.Name] {
			t.Errorf("two tests have the name %q", test.Name)
		}
		names[test.Name] = true
		for _, code := range test.Controls {
			if !known[code] {
				t.Errorf("%s: there is no control %s", test.Name, code)
			}
		}
		parsed, err := rule.ParseTest(test.Logic)
		if err != nil {
			t.Fatal(err)
		}
		for _, remark := range rule.Lint(parsed, e.Schema) {
			if remark.Severity != rule.SeverityInfo {
				t.Errorf("%s: %+v", test.Name, remark)
			}
		}
		n := root.Items[i]
		if n.Get("pass") == nil || n.Get("fail") == nil || len(n.Get("pass").Items) == 0 || len(n.Get("fail").Items) == 0 {
			t.Errorf("%s: there must be records that pass and records that fail", test.Name)
		}
		f, ferr := fixture.Parse(e.Slug+".json", fixtureOf(test, n), nil)
		if ferr != nil {
			t.Fatal(test.Name, ferr)
		}
		for _, c := range f.Cases {
			for _, failure := range c.Run() {
				t.Errorf("%s: %s: %s is %s, want %s; %s", test.Name, failure.Case, failure.What, failure.Got, failure.Want, strings.Join(failure.Words, "; "))
			}
		}
		survey, serr := fixture.Mutate(t.Context(), []*fixture.File{f})
		if serr != nil {
			t.Fatal(serr)
		}
		for _, s := range survey.Survivors {
			if boundary.MatchString(s.Pointer) {
				continue
			}
			t.Errorf("%s: no record of its fixtures notices this change: %+v", test.Name, s)
		}
	}
}

// fixtureOf makes a fixture file of a test and what stands beside it.
func fixtureOf(test Test, n *document.Node) []byte {
	parts := []string{`"rule":` + string(test.Logic)}
	for _, key := range fixtureKeys {
		if v := n.Get(key); v != nil {
			parts = append(parts, `"`+key+`":`+string(v.JSON()))
		}
	}
	return []byte("{" + strings.Join(parts, ",") + "}")
}

// boundary is a number or a word of a list; the fixtures need not hold each of
// them fast to the last step.
var boundary = regexp.MustCompile(`/(value|min|max|onEmpty)(/[0-9]+)?$`)

var (
	secretName = regexp.MustCompile(`(?i)token|secret|password|apiKey|privateKey|^key$|dsn|serviceAccountKey`)
	sentence   = regexp.MustCompile(`^[A-Z0-9“].*[.]$`)
)

// checkWords looks at what people read, and that no secret is shown.
func checkWords(t *testing.T, e *Entry) {
	for _, s := range []string{e.Description, e.Proves, e.Account} {
		if !sentence.MatchString(s) || strings.Contains(s, "!") {
			t.Errorf("%q is no calm sentence", s)
		}
	}
	if len(e.Guide) < 200 {
		t.Errorf("the guide is short: %d bytes", len(e.Guide))
	}
	for _, test := range e.Tests {
		if !sentence.MatchString(test.Description) || strings.HasSuffix(test.Name, ".") || len([]rune(test.Name)) > 80 || test.Words == "" {
			t.Errorf("test %q: %q", test.Name, test.Description)
		}
	}
	for _, i := range e.Inputs {
		if i.Label == "" {
			t.Errorf("input %s has no label", i.Name)
		}
		if secretName.MatchString(i.Name) && !i.Secret {
			t.Errorf("input %s looks like a secret and is not marked as one", i.Name)
		}
		if i.Secret && (i.Default != "") {
			t.Errorf("the secret %s has a default", i.Name)
		}
	}
}

func TestTheCatalogue(t *testing.T) {
	l := Shipped()
	if got := len(l.entries); got < 30 {
		t.Errorf("the catalogue has %d entries", got)
	}
	places := map[int]string{}
	labels := map[string]string{}
	for _, e := range l.entries {
		if other := places[e.Recommended]; e.Recommended > 0 && other != "" {
			t.Errorf("%s and %s have the same place in the recommended order", e.Slug, other)
		}
		places[e.Recommended] = e.Slug
		if other := labels[e.Name]; other != "" {
			t.Errorf("%s and %s have the same name", e.Slug, other)
		}
		labels[e.Name] = e.Slug
	}
	if len(l.Categories()) != 23 {
		t.Errorf("there are %d categories", len(l.Categories()))
	}
}

func TestOrder(t *testing.T) {
	first := Shipped().Entries(Filter{}, page.Request{Sort: page.Recommended, Ascending: true, Size: 10, WantTotal: true})
	if *first.Total != int64(len(Shipped().entries)) || len(first.Items) != 10 || first.Items[0].Slug != "okta" {
		t.Fatalf("the first page begins with %s of %d", first.Items[0].Slug, *first.Total)
	}
	// All pages together are the whole, each entry once, whatever the order.
	for _, r := range []page.Request{{Sort: page.Recommended, Ascending: true}, {Sort: page.Recommended}, {Sort: page.Name, Ascending: true}, {Sort: page.Name}} {
		r.Size = 7
		seen := map[string]bool{}
		for {
			p := Shipped().Entries(Filter{}, r)
			for _, e := range p.Items {
				if seen[e.Slug] {
					t.Fatalf("%s comes twice", e.Slug)
				}
				seen[e.Slug] = true
			}
			if p.Next == "" {
				break
			}
			var err error
			if r, err = r.WithCursor(p.Next); err != nil {
				t.Fatal(err)
			}
		}
		if len(seen) != len(Shipped().entries) {
			t.Errorf("the pages have %d entries", len(seen))
		}
	}
	found := Shipped().Entries(Filter{Category: "IDENTITY", Kind: connection.Standard, Text: "OKTA"}, page.Request{Sort: page.Name, Ascending: true})
	if len(found.Items) != 1 || found.Items[0].Slug != "okta" {
		t.Errorf("found %d", len(found.Items))
	}
	if n := len(Shipped().Entries(Filter{Category: "HRIS", Text: "okta"}, page.Request{Sort: page.Name}).Items); n != 0 {
		t.Errorf("found %d", n)
	}
}
