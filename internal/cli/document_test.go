package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// TestDocument runs the commands that docs/rules.md shows with their output, on
// the files that it shows before them.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(after, open string) string {
		_, rest, ok := strings.Cut(string(text), after)
		if !ok {
			t.Fatalf("the document does not say %q", after)
		}
		_, rest, _ = strings.Cut(rest, open)
		inner, _, _ := strings.Cut(rest, "```")
		return inner
	}
	mfa := block("for `mfa.json`:", "```text\n")
	dir := t.TempDir()
	for name, content := range map[string]string{
		"mfa.json":          mfa,
		"users.ndjson":      block("for `users.ndjson`:", "```text\n"),
		"slip.json":         strings.Replace(mfa, `"mfa"`, `"mfaa"`, 1),
		"users.schema.json": `{"type": "object", "properties": {"mfa": {"type": "boolean"}, "role": {"type": "string"}, "lastSeen": {"type": "string"}}}`,
		"mfa.yaml":          block("A fixture is a rule", "```yaml\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	shown := strings.Split(string(text), "```text\n$ plumbline ")[1:]
	if len(shown) != 3 {
		t.Errorf("%d commands are shown with their output", len(shown))
	}
	for _, s := range shown {
		s, _, _ = strings.Cut(s, "```")
		line, want, _ := strings.Cut(s, "\n")
		var out, errs bytes.Buffer
		env := command.Env{In: strings.NewReader(""), Out: &out, Err: &errs, Now: time.Now, Version: "dev"}
		run(t.Context(), env, strings.Fields(line))
		if out.String() != want || errs.Len() > 0 {
			t.Errorf("plumbline %s\ngot\n%s%s\nwant\n%s", line, out.String(), errs.String(), want)
		}
	}
}
