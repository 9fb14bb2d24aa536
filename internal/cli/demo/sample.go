package demo

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"text/template"
	"time"
)

//go:embed samples/*.json
var samples embed.FS

// sample is a connection with made-up but lifelike records.
type sample struct {
	Connection     string `json:"connection"`
	Resource       string `json:"resource"`
	Description    string `json:"description"`
	DisplayNameKey string `json:"displayNameKey"`
	FreshnessHours int64  `json:"freshnessHours"`
	// Accounts is the account mapping of records that tell of accounts.
	Accounts json.RawMessage   `json:"accounts"`
	Tests    []sampleTest      `json:"tests"`
	Records  []json.RawMessage `json:"records"`
}

type sampleTest struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Control is the code of the shipped control that the test proves.
	Control string `json:"control"`
	// Group is one group of a test without its name and its resource.
	Group map[string]json.RawMessage `json:"group"`
}

// logic is the whole test over a resource.
func (t sampleTest) logic(resourceID int64) (json.RawMessage, error) {
	group := map[string]any{"name": t.Name, "resourceId": resourceID}
	for k, v := range t.Group {
		group[k] = v
	}
	return json.Marshal(map[string]any{"logic": "ALL_GROUPS", "groups": []any{group}})
}

// The names of the samples; the first is the one that the demo invites to
// change.
var sampleNames = []string{"users", "repositories", "instances"}

// readSamples reads the samples with their dates counted back from now.
func readSamples(now time.Time) ([]sample, error) {
	all := make([]sample, len(sampleNames))
	for i, name := range sampleNames {
		if err := readSample(name, now, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func readSample(name string, now time.Time, into any) error {
	functions := template.FuncMap{
		"daysAgo": func(n int) string { return now.UTC().AddDate(0, 0, -n).Add(-90 * time.Minute).Format(time.RFC3339) },
		"day":     func(ago int) string { return now.UTC().AddDate(0, 0, -ago).Format(time.DateOnly) },
	}
	text, err := fs.ReadFile(samples, "samples/"+name+".json")
	if err != nil {
		return err
	}
	t, err := template.New(name).Funcs(functions).Parse(string(text))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, nil); err != nil {
		return err
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		return fmt.Errorf("sample %s: %w", name, err)
	}
	return nil
}
