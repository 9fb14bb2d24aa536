package rule

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
	engine "github.com/plumbline-dev/plumbline/rule"
)

// linted is the result of lint.
type linted struct {
	File     string    `json:"file"`
	Errors   int       `json:"errors"`
	Warnings int       `json:"warnings"`
	Infos    int       `json:"infos"`
	Findings []finding `json:"findings"`
}

func lint(env command.Env) *cobra.Command {
	var named string
	var schemas []string
	cmd := &cobra.Command{
		Use:   "lint FILE",
		Short: "Look for errors and slips in a rule",
		Long: `Look for errors and slips in a rule: an evaluator or a whole test, as JSON in a
file or on standard input (-). With the JSON Schema of the records also for
properties and values that no record can have. The groups of a test that look at
several resources take a schema each: --schema 7=FILE for resource 7.

Exit codes: 0 nothing, or remarks of severity info only, 1 errors or warnings, 2 usage.`,
		Example: `  plumbline rule lint mfa.json --schema users.schema.json
  plumbline rule lint mfa.json --output json`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringArrayVar(&schemas, "schema", nil, "file of the JSON Schema of the records, or ID=FILE for those of one resource")
	cmd.Flags().StringVar(&named, "conditions", "", "file of named conditions, a JSON object by name")
	out := command.AddOutput(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		of, err := readSchemas(env, schemas)
		if err != nil {
			return err
		}
		r, err := lintFile(env, args[0], named, of)
		if err != nil {
			return err
		}
		if err := out.Write(env.Out, r, func(w io.Writer) error { return r.text(w, command.NewPaint(env, w)) }); err != nil {
			return err
		}
		if r.Errors+r.Warnings > 0 {
			return &command.Failure{Code: command.ExitError}
		}
		return nil
	}
	return cmd
}

// readSchemas reads the schemas by resource; 0 is for any.
func readSchemas(env command.Env, given []string) (map[int64][]byte, error) {
	out := map[int64][]byte{}
	for _, g := range given {
		id, file := int64(0), g
		if before, after, ok := strings.Cut(g, "="); ok {
			if n, err := strconv.ParseInt(before, 10, 64); err == nil && n > 0 {
				id, file = n, after
			}
		}
		if out[id] != nil {
			return nil, command.Usagef("--schema is given twice for the same records")
		}
		text, err := readText(env, file)
		if err != nil {
			return nil, err
		}
		if _, err := schema.Compile(text); err != nil {
			return nil, fmt.Errorf("%s is no JSON Schema for records: %w", shown(file), err)
		}
		out[id] = text
	}
	return out, nil
}

func lintFile(env command.Env, name, named string, schemas map[int64][]byte) (*linted, error) {
	r := &linted{File: shown(name), Findings: []finding{}}
	known, err := conditions(env, named)
	var l *logic
	if err == nil {
		l, err = load(env, name, known)
	}
	var f *finding
	if errors.As(err, &f) {
		r.add(*f)
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	resources := map[int64]bool{}
	for i := range l.test.Groups {
		resources[l.test.Groups[i].ResourceID] = true
	}
	if schemas[0] != nil && len(resources) > 1 {
		return nil, command.Usagef("the groups of this test look at several resources: give each its schema with --schema ID=FILE")
	}
	for id := range schemas {
		if id != 0 && !resources[id] {
			return nil, command.Usagef("--schema %d=…: no group of this test looks at resource %d", id, id)
		}
	}
	for i := range l.test.Groups {
		g := &l.test.Groups[i]
		text := schemas[g.ResourceID]
		if text == nil {
			text = schemas[0]
		}
		for _, remark := range g.Lint(text) {
			r.add(l.remark(i, remark))
		}
	}
	slices.SortStableFunc(r.Findings, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r, nil
}

// remark puts a remark of the engine, whose pointer is into the canonical text of
// the group, at its place in the file.
func (l *logic) remark(group int, r engine.Remark) finding {
	pointer := r.Pointer
	if l.bare {
		pointer = strings.TrimPrefix(pointer, "/evaluator")
	} else {
		at := "/groups/" + strconv.Itoa(group)
		// A bare evaluator as filteringCriteria has no member `evaluator`.
		if rest, ok := strings.CutPrefix(pointer, "/filteringCriteria/evaluator"); ok && l.bareFilter(at) {
			pointer = "/filteringCriteria" + rest
		}
		pointer = at + pointer
	}
	line, column := lineOf(l.text, locate(l.text, pointer))
	return finding{File: l.file, Line: line, Column: column, Pointer: pointer, Severity: string(r.Severity), Message: r.Message}
}

func (l *logic) bareFilter(group string) bool {
	i := locate(l.text, group+"/filteringCriteria")
	return child(l.text, strictjson.SkipSpace(l.text, i), "evaluator") < 0
}

func (r *linted) add(f finding) {
	r.Findings = append(r.Findings, f)
	switch f.Severity {
	case severityError:
		r.Errors++
	case string(engine.SeverityWarning):
		r.Warnings++
	default:
		r.Infos++
	}
}

func (r *linted) text(w io.Writer, paint command.Paint) error {
	var b strings.Builder
	for _, f := range r.Findings {
		word := paint.Faint(f.Severity)
		switch f.Severity {
		case severityError:
			word = paint.Bad("error")
		case string(engine.SeverityWarning):
			word = paint.Odd("warning")
		}
		fmt.Fprintf(&b, "%s:%d:%d: %s: %s", f.File, f.Line, f.Column, word, command.Plain(f.Message))
		if f.Suggestion != "" {
			fmt.Fprintf(&b, "; did you mean `%s`?", command.Plain(f.Suggestion))
		}
		if f.Pointer != "" {
			fmt.Fprintf(&b, " (%s)", command.Plain(f.Pointer))
		}
		b.WriteByte('\n')
	}
	if len(r.Findings) == 0 {
		fmt.Fprintf(&b, "%s: nothing to remark\n", r.File)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
