package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

type goldenFile struct {
	Now   string
	Cases []goldenCase
}

type goldenCase struct {
	Name           string
	Rule           any
	Filter         any
	Unique         string
	Record         any
	Outcome        string
	Cause          []map[string]any
	Words          []string
	Counterfactual *string
	Problem        string
	Flip           *string
	UniqueValue    *string `yaml:"uniqueValue"`
}

// asJSON gives a YAML value as JSON; a string is JSON already.
func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	if s, ok := v.(string); ok {
		return []byte(s)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatal("the golden files are not there", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var file goldenFile
		d := yaml.NewDecoder(bytes.NewReader(text))
		d.KnownFields(true)
		if err := d.Decode(&file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		now, err := time.Parse(time.RFC3339, file.Now)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range file.Cases {
			t.Run(filepath.Base(name)+"/"+c.Name, func(t *testing.T) { c.run(t, now) })
		}
	}
}

func (c *goldenCase) run(t *testing.T, now time.Time) {
	group := fmt.Appendf(nil, `{"groups":[{"evaluator":%s,"filteringCriteria":%s}]}`, asJSON(t, c.Rule), asJSON(t, c.Filter))
	test, err := ParseTest(group)
	if c.Outcome == "refused" {
		if err == nil {
			t.Fatal("not refused")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	r := NewRule(&test.Groups[0])
	r.Unique = c.Unique
	p, err := Compile([]Rule{r})
	if err != nil {
		t.Fatal(err)
	}
	record := asJSON(t, c.Record)
	m := p.Machine()
	m.Run(record, now)
	if got := m.Outcome(0).String(); got != c.Outcome {
		t.Fatalf("outcome %s, want %s", got, c.Outcome)
	}
	if got := m.Problem(0); c.Problem != "" && got != c.Problem {
		t.Errorf("problem %q, want %q", got, c.Problem)
	}
	e := p.Explain(0, record, now)
	if c.Words != nil && !slices.Equal(e.Words, c.Words) {
		t.Errorf("words %q, want %q", e.Words, c.Words)
	}
	if c.Counterfactual != nil && e.Counterfactual != *c.Counterfactual {
		t.Errorf("counterfactual %q, want %q", e.Counterfactual, *c.Counterfactual)
	}
	if c.Cause != nil {
		got, want := asJSON(t, e.Leaves()), asJSON(t, c.Cause)
		if x, y := sorted(t, got), sorted(t, want); !bytes.Equal(x, y) {
			t.Errorf("cause\n%s\nwant\n%s", x, y)
		}
	}
	if c.Flip != nil {
		got := ""
		if at, ok := m.Flip(0); ok {
			got = at.Format(time.RFC3339Nano)
		}
		if got != *c.Flip {
			t.Errorf("flip %q, want %q", got, *c.Flip)
		}
	}
	if c.UniqueValue != nil {
		if got, _ := m.Unique(0); string(got) != *c.UniqueValue {
			t.Errorf("unique value %q, want %q", got, *c.UniqueValue)
		}
	}
}

// sorted brings JSON into one form with sorted keys.
func sorted(t *testing.T, text []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return asJSON(t, v)
}
