package schema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// keywordCase is a subschema with values that satisfy it and values that do
// not, after the semantics of the public JSON Schema test suite.
type keywordCase struct {
	file    string
	Drafts  string            `json:"drafts"`
	Schema  json.RawMessage   `json:"schema"`
	Valid   []json.RawMessage `json:"valid"`
	Invalid []json.RawMessage `json:"invalid"`
	// Library says why the fast accept leaves the valid values to the library;
	// without it it must take each of them.
	Library string `json:"library"`
}

func keywordCases(t testing.TB) (all []keywordCase) {
	t.Helper()
	files, err := filepath.Glob("testdata/keywords/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.DisallowUnknownFields()
		var cases []keywordCase
		if err := d.Decode(&cases); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, c := range cases {
			c.file = filepath.Base(name)
			all = append(all, c)
		}
	}
	return all
}

// The library, the fast accept and Check give the answer of the table, in every
// draft that it names.
func TestKeywordTables(t *testing.T) {
	answers := map[string]int{}
	for _, c := range keywordCases(t) {
		for draft := range strings.FieldsSeq(c.Drafts) {
			s := mustCompile(t, wrap(draft, string(c.Schema)))
			left := 0
			ask := func(value json.RawMessage, valid bool) {
				record := []byte(`{"name":"x","v":` + string(value) + `}`)
				answers[draft]++
				faults, err := s.library.check(record)
				if err != nil || (len(faults) == 0) != valid {
					t.Errorf("%s, draft %s, %s: the library on %s: %+v %v, want valid %v", c.file, draft, c.Schema, value, faults, err, valid)
				}
				if err := s.Check(record); (err == nil) != valid || err != nil && fault.CodeOf(err) != fault.CodeSchema {
					t.Errorf("%s, draft %s, %s: Check on %s: %v, want valid %v", c.file, draft, c.Schema, value, err, valid)
				}
				fast := s.Fast(record)
				if fast && !valid {
					t.Errorf("%s, draft %s, %s: the fast accept takes %s", c.file, draft, c.Schema, value)
				}
				if !fast && valid {
					left++
				}
				if !fast && valid && c.Library == "" {
					t.Errorf("%s, draft %s, %s: the fast accept leaves %s to the library", c.file, draft, c.Schema, value)
				}
			}
			for _, v := range c.Valid {
				ask(v, true)
			}
			for _, v := range c.Invalid {
				ask(v, false)
			}
			if c.Library != "" && left == 0 && len(c.Valid) > 0 {
				t.Errorf("%s, draft %s, %s: nothing is left to the library, say so (%s)", c.file, draft, c.Schema, c.Library)
			}
		}
	}
	for _, draft := range strings.Fields(anyDraft) {
		if answers[draft] < 500 {
			t.Errorf("draft %s was asked %d times only", draft, answers[draft])
		}
	}
}
