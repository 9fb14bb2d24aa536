package control

import (
	"context"
	"fmt"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Format is a form in which frameworks are imported and exported.
type Format string

// The formats: OSCAL is a catalog of OSCAL 1.1 as JSON
// (https://pages.nist.gov/OSCAL/resources/concepts/layer/control/catalog/), CSV
// has one requirement a row.
const (
	CSV   Format = "csv"
	OSCAL Format = "oscal"
)

// maxProblems is how many problems of a file are told.
const maxProblems = 100

// Upload is a file to be imported as a framework of the workspace's own.
type Upload struct {
	Format Format
	Text   []byte
	// Name, ShortName and Description are those of the framework; an OSCAL
	// catalog has a title that stands for an absent name.
	Name, ShortName, Description string
	// DryRun: tell what would be created.
	DryRun bool
}

// Problem is something in a file that cannot be imported.
type Problem struct {
	// Row is the line of a CSV file, from 1; Pointer the place in a JSON
	// document, or the property of the call. The other is zero.
	Row     int
	Pointer string
	Message string
}

func (p Problem) String() string {
	switch {
	case p.Row > 0:
		return fmt.Sprintf("line %d: %s", p.Row, p.Message)
	case p.Pointer != "":
		return p.Pointer + ": " + p.Message
	}
	return p.Message
}

// Import is the outcome of an import, or of its dry run.
type Import struct {
	Framework Framework
	Items     []Item
	Mappings  int
	// Skipped are the controls of a catalog that it calls withdrawn.
	Skipped int
	// Problems are there after a dry run only; Suppressed counts those beyond
	// the first hundred.
	Problems   []Problem
	Suppressed int
}

// reading is a file on its way in.
type reading struct {
	title, description string
	items              []Item
	skipped            int
	problems           []Problem
	suppressed         int
}

func (r *reading) refuse(p Problem) {
	if len(r.problems) == maxProblems {
		r.suppressed++
		return
	}
	r.problems = append(r.problems, p)
}

// Import makes a framework of an uploaded file: all of it or nothing.
func (s *Service) Import(ctx context.Context, a event.Actor, workspaceID int64, u Upload) (Import, error) {
	there, err := s.store.Frameworks(ctx, workspaceID)
	if err != nil {
		return Import{}, err
	}
	r := &reading{}
	switch u.Format {
	case CSV:
		r = readCSV(u.Text)
	case OSCAL:
		if r, err = readOSCAL(u.Text); err != nil {
			return Import{}, err
		}
	default:
		return Import{}, fault.New(fault.CodeValidation, "`format` is %q; it must be csv or oscal", u.Format)
	}
	f := s.titled(workspaceID, u, r)
	if err := f.check(); err != nil {
		r.refuse(Problem{Message: err.Error()})
	}
	for _, each := range there {
		// The store refuses it in any case, by a code of its own.
		if u.DryRun && each.Name == f.Name {
			r.refuse(Problem{Pointer: "name", Message: fmt.Sprintf("a framework named %q exists in this workspace: choose another name", f.Name)})
		}
	}
	mappings, err := s.proveItems(ctx, workspaceID, f, r)
	if err != nil {
		return Import{}, err
	}
	out := Import{Framework: f, Items: r.items, Mappings: mappings, Skipped: r.skipped, Problems: r.problems, Suppressed: r.suppressed}
	if u.DryRun {
		return out, nil
	}
	if len(r.problems) > 0 {
		more := ""
		if n := len(r.problems) + r.suppressed - 1; n > 0 {
			more = fmt.Sprintf(" (and %d more; a dry run lists them)", n)
		}
		return out, fault.New(fault.CodeValidation, "the file cannot be imported: %s%s", r.problems[0], more)
	}
	e := func(f Framework) event.Event {
		return s.frameworkEvent(a, event.FrameworkImported, f, "was imported", map[string]any{"format": u.Format, "requirements": len(r.items), "mappings": mappings})
	}
	if out.Framework, err = s.store.CreateFramework(ctx, f, r.items, e); err != nil {
		return out, err
	}
	out.Framework, err = s.counted(ctx, out.Framework)
	return out, err
}

// titled is the framework of an upload.
func (s *Service) titled(workspaceID int64, u Upload, r *reading) Framework {
	name, description := u.Name, u.Description
	if strings.TrimSpace(name) == "" {
		name = r.title
	}
	if description == "" {
		description = r.description
	}
	if description == "" {
		description = name
	}
	short := u.ShortName
	if short == "" {
		short = firstRunes(strings.TrimSpace(name), maxShortName)
	}
	return s.own(workspaceID, name, short, description)
}

func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// proveItems checks what a file brings, and counts its mappings.
func (s *Service) proveItems(ctx context.Context, workspaceID int64, f Framework, r *reading) (mappings int, err error) {
	if len(r.items) == 0 && len(r.problems) == 0 {
		r.refuse(Problem{Message: "there are no requirements in the file"})
	}
	if len(r.items) > MaxRequirements {
		r.refuse(Problem{Message: fmt.Sprintf("the file has %d requirements; at most %d are kept", len(r.items), MaxRequirements)})
		return 0, nil
	}
	var codes []string
	for _, item := range r.items {
		codes = append(codes, item.ControlCodes...)
	}
	known, err := s.store.ControlsByCode(ctx, workspaceID, codes)
	if err != nil {
		return 0, err
	}
	seen := map[string]bool{}
	for i := range r.items {
		item := &r.items[i]
		q := &item.Requirement
		q.InScope, q.CreatedAt, q.UpdatedAt = true, f.CreatedAt, f.CreatedAt
		if err := q.check(""); err != nil {
			r.refuse(item.problem(err.Error()))
			continue
		}
		if seen[q.Code] {
			r.refuse(item.problem(fmt.Sprintf("the code %q came before: a framework has each code once", q.Code)))
		}
		seen[q.Code] = true
		if len(item.ControlCodes) > MaxMapped {
			r.refuse(item.problem(fmt.Sprintf("it names %d controls; at most %d are taken", len(item.ControlCodes), MaxMapped)))
		}
		for _, code := range item.ControlCodes {
			if _, ok := known[code]; !ok {
				r.refuse(item.problem(fmt.Sprintf("there is no control with the code %q in this workspace", code)))
			}
			mappings++
		}
	}
	return mappings, nil
}

// problem is one at the place of an item: a pointer, or the line of a row.
func (i Item) problem(message string) Problem {
	p := Problem{Pointer: i.At, Message: message}
	if _, err := fmt.Sscanf(i.At, "line %d", &p.Row); err == nil {
		p.Pointer = ""
	}
	return p
}

// Export writes a framework with its requirements, in the order of their
// creation, and the codes of the controls that serve them.
func (s *Service) Export(ctx context.Context, workspaceID, id int64, format Format) (Framework, []byte, error) {
	f, err := s.store.Framework(ctx, workspaceID, id)
	if err != nil {
		return f, nil, err
	}
	var all []Requirement
	r := page.Request{Size: page.MaxSize, Ascending: true}
	for more := true; more; {
		p, err := s.store.Requirements(ctx, RequirementFilter{WorkspaceID: workspaceID, FrameworkID: id}, r)
		if err != nil {
			return f, nil, err
		}
		if err := s.fillRequirements(ctx, p.Items); err != nil {
			return f, nil, err
		}
		all = append(all, p.Items...)
		if more = p.Next != ""; more {
			if r, err = r.WithCursor(p.Next); err != nil {
				return f, nil, err
			}
		}
	}
	if format == CSV {
		return f, writeCSV(all), nil
	}
	text, err := writeOSCAL(f, all)
	return f, text, err
}
