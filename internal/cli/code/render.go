package code

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

const (
	// maxShown is how many lines of one sort are shown where there may be many.
	maxShown = 20
	// maxRecords is how many records a move shows.
	maxRecords = 5
)

// printer writes a report for people.
type printer struct {
	b     strings.Builder
	paint command.Paint
}

func (p *printer) line(format string, args ...any) {
	fmt.Fprintf(&p.b, format+"\n", args...)
}

// safe is a text from outside as one part of a line.
func safe(text string) string { return command.Plain(text) }

func (p *plan) text(paint command.Paint) func(io.Writer) error {
	return func(w io.Writer) error {
		out := &printer{paint: paint}
		for _, c := range p.Changes {
			if c.Action != keep || c.Verdicts != nil {
				out.change(c)
			}
		}
		p.alone(out)
		if !p.changes() {
			out.line("Nothing to do: the workspace is what the folder says.")
		} else {
			out.line("Plan: %d to create, %d to change, %d to delete.", p.count(create), p.count(update), p.count(remove))
		}
		_, err := io.WriteString(w, out.b.String())
		return err
	}
}

// alone tells what is left alone.
func (p *plan) alone(out *printer) {
	var list []*change
	for _, c := range p.Changes {
		if c.Action == keep && c.Verdicts == nil {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return
	}
	out.line("Left alone (%d):", len(list))
	for _, c := range list[:min(len(list), maxShown)] {
		why := "the folder does not describe it"
		if len(c.Notes) > 0 {
			why = strings.Join(c.Notes, "; ")
		}
		text := fmt.Sprintf("  %s %s: %s", c.Kind, safe(c.Name), safe(why))
		out.line("%s", out.paint.Faint(text))
	}
	if n := len(list) - maxShown; n > 0 {
		out.line("  … and %d more", n)
	}
}

var marks = map[action]string{create: "+", update: "~", remove: "-", keep: "~"}

func (p *printer) change(c *change) {
	head := fmt.Sprintf("%s %s %s", marks[c.Action], c.Kind, safe(c.Name))
	if c.File != "" {
		head += " (" + safe(c.File) + ")"
	}
	switch c.Action {
	case create:
		head = p.paint.Good(head)
	case remove:
		head = p.paint.Bad(head)
	default:
		head = p.paint.Odd(head)
	}
	p.line("%s", head)
	for _, f := range c.Fields {
		p.field(f)
	}
	for _, n := range c.Notes {
		p.line("    %s", safe(n))
	}
	if c.Verdicts != nil {
		p.verdicts(c.Verdicts)
	}
}

func (p *printer) field(f difference) {
	if len(f.Words) == 0 {
		p.line("    %s: %s → %s", f.Field, safe(shown(f.From)), safe(shown(f.To)))
		return
	}
	p.line("    %s:", f.Field)
	for _, w := range f.Words[:min(len(f.Words), 5*maxShown)] {
		mark, paint := "~", p.paint.Odd
		switch w.Op {
		case added:
			mark, paint = "+", p.paint.Good
		case removed:
			mark, paint = "-", p.paint.Bad
		}
		p.line("      %s", paint(mark+" "+safe(w.Text)))
	}
	if n := len(f.Words) - 5*maxShown; n > 0 {
		p.line("      … and %d more", n)
	}
}

// begins and ceases say what a move means for who reads a plan.
var moveWords = map[[2]string]string{{"pass", "fail"}: "begin to fail", {"outOfScope", "fail"}: "begin to fail (they were out of scope)",
	{"error", "fail"}: "begin to fail (they could not be evaluated)", {"fail", "pass"}: "cease to fail", {"fail", "outOfScope"}: "cease to fail (they are out of scope)",
	{"fail", "error"}: "cannot be evaluated any more (they failed)", {"pass", "error"}: "cannot be evaluated any more (they passed)",
	{"outOfScope", "error"}: "come into scope and cannot be evaluated", {"error", "pass"}: "can be evaluated, and pass", {"error", "outOfScope"}: "go out of scope (they could not be evaluated)",
	{"pass", "outOfScope"}: "go out of scope (they passed)", {"outOfScope", "pass"}: "come into scope, and pass"}

func (p *printer) verdicts(v *verdicts) {
	if v.Unknown != "" {
		p.line("    verdicts: not known: %s", safe(v.Unknown))
		return
	}
	switch {
	case v.From == nil:
		p.line("    verdicts: %s", v.To)
	case *v.From == *v.To && len(v.Moves) == 0:
		p.line("    verdicts: unchanged, %s", v.To)
	default:
		p.line("    verdicts: %s", v.From)
		p.line("           →  %s", v.To)
	}
	if v.Sample != nil {
		of := ""
		if v.Sample.Of != nil {
			of = fmt.Sprintf(" of %d", *v.Sample.Of)
		}
		p.line("      in a sample of %d%s records", v.Sample.Records, of)
	}
	for _, m := range v.Moves {
		words := moveWords[[2]string{m.From, m.To}]
		paint := p.paint.Odd
		if m.To == "fail" {
			paint = p.paint.Bad
		}
		p.line("      %s", paint(fmt.Sprintf("%s: %s", command.Plural(int(m.Records), "record", "records"), words)))
		p.examples(m.Examples, m.Records)
	}
	if len(v.Failing) > 0 {
		p.line("      %s", p.paint.Bad(command.Plural(int(v.To.Failing), "record fails", "records fail")))
		p.examples(v.Failing, v.To.Failing)
	}
	for _, r := range v.Remarks {
		p.line("      remark: %s", safe(r))
	}
}

func (p *printer) examples(list []example, of int64) {
	for _, e := range list[:min(len(list), maxRecords)] {
		text := e.RecordID
		if e.Name != "" && e.Name != e.RecordID {
			text += " (" + e.Name + ")"
		}
		if len(e.Cause) > 0 {
			text += ": " + strings.Join(e.Cause, "; ")
		}
		p.line("        %s", safe(text))
	}
	if n := of - int64(min(len(list), maxRecords)); n > 0 {
		p.line("        … and %d more", n)
	}
}

func (v *verdict) String() string {
	text := fmt.Sprintf("%d in scope, %d passing, %d failing", v.InScope, v.Passing, v.Failing)
	if v.Satisfying != nil {
		text += fmt.Sprintf(", %d satisfying", *v.Satisfying)
	}
	if v.Errors > 0 {
		text += fmt.Sprintf(", %d in error", v.Errors)
	}
	if v.Result == "" {
		return text
	}
	if v.Reason != "" {
		return v.Result + " (" + v.Reason + "), " + text
	}
	return v.Result + ", " + text
}

func (e exported) text(w io.Writer) error {
	out := &printer{}
	for _, part := range []struct {
		mark  string
		files []string
	}{{"+", e.Created}, {"~", e.Updated}, {"-", e.Deleted}} {
		for _, f := range part.files {
			out.line("%s %s", part.mark, safe(f))
		}
	}
	for _, f := range e.Gone {
		out.line("%s describes what is not in the workspace; --prune deletes it", safe(f))
	}
	for _, o := range slices.Sorted(slices.Values(e.LeftOut)) {
		out.line("left out: %s", safe(o))
	}
	out.line("%d created, %d updated, %d deleted, %d unchanged", len(e.Created), len(e.Updated), len(e.Deleted), e.Unchanged)
	_, err := io.WriteString(w, out.b.String())
	return err
}
