package rule_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/document"
	"github.com/plumbline-dev/plumbline/internal/fixture"
)

// TestGolden runs the cases of testdata/*.yaml, which `plumbline test run` runs
// too.
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
		file, err := fixture.Parse(name, text, os.ReadFile)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, c := range file.Cases {
			if names[c.Name] {
				t.Errorf("%s:%d: a second case named %q", name, c.Line, c.Name)
			}
			names[c.Name] = true
			t.Run(filepath.Base(name)+"/"+c.Name, func(t *testing.T) {
				for _, f := range c.Run() {
					t.Errorf("%s: %s is\n%s\nwant\n%s\n%q", document.Place(f.File, f.Line, f.Column), f.What, f.Got, f.Want, f.Words)
				}
			})
		}
	}
}
