package rule

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	docExample = regexp.MustCompile("(?s)(?:```conditions\n([^`]*)```\n\n)?```json\n([^`]*)```\n\n(?:With these records in `(\\w+)`:\n\n```ndjson\n([^`]*)```\n\n)?\\| record \\| outcome \\|\n\\|---\\|---\\|\n((?:\\|[^\n]*\\|\n)+)")
	docRow     = regexp.MustCompile("^\\| `(.*)` \\| (\\w+) \\|$")
)

// TestDocument executes every example of docs/rules.md and makes sure that each
// operator and decorator has one that passes and one that fails.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	examples := docExample.FindAllStringSubmatch(string(text), -1)
	if blocks := strings.Count(string(text), "```json"); blocks != len(examples) {
		t.Errorf("%d blocks of JSON, %d with a table", blocks, len(examples))
	}
	seen := map[string]map[string]bool{}
	for _, x := range examples {
		named := map[string]json.RawMessage{}
		if x[1] != "" {
			if err := json.Unmarshal([]byte(x[1]), &named); err != nil {
				t.Fatal(err)
			}
		}
		known, err := ParseConditions(named)
		if err != nil {
			t.Errorf("%v in\n%s", err, x[1])
		}
		c, err := known.ParseEvaluator([]byte(x[2]))
		if err != nil {
			t.Errorf("%v in\n%s", err, x[2])
			continue
		}
		p, err := Compile([]Rule{{Evaluator: c}})
		if err != nil {
			t.Fatal(err)
		}
		m := p.Machine()
		for i, l := range p.Lookups() {
			values, err := NewValues(l)
			if err != nil || l.Resource != x[3] {
				t.Fatal(l, err)
			}
			for record := range strings.SplitSeq(strings.TrimSpace(x[4]), "\n") {
				values.Add([]byte(record), now)
			}
			m.Provide(i, values.Presence)
		}
		for _, line := range strings.Split(strings.TrimSpace(x[5]), "\n") {
			row := docRow.FindStringSubmatch(line)
			if row == nil {
				t.Errorf("not a row: %s", line)
				continue
			}
			m.Run([]byte(row[1]), now)
			if got := m.Outcome(0).String(); got != row[2] {
				t.Errorf("%s is %s, the document says %s, for\n%s", row[1], got, row[2], x[2])
			}
			mention(c, func(word string) {
				if seen[word] == nil {
					seen[word] = map[string]bool{}
				}
				seen[word][row[2]] = true
			})
		}
	}
	for _, word := range append(append([]string{}, operatorNames...), decoratorNames...) {
		if !seen[word]["pass"] || !seen[word]["fail"] {
			t.Errorf("`%s` has no example that passes and one that fails", word)
		}
	}
}

func mention(c *Condition, do func(word string)) {
	for _, child := range c.children {
		mention(child, do)
	}
	if c.kind == isLeaf {
		for _, word := range strings.Split(c.operator, ":") {
			do(word)
		}
		if c.sub != nil {
			mention(c.sub, do)
		}
	}
}
