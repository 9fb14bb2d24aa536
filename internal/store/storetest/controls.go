package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunControls proves frameworks, requirements, controls and their mapping.
func RunControls(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"install and install anew", installed},
		{"an installation that is refused", refusedInstallation},
		{"back to the shipped mapping", resetMapping},
		{"readiness follows verdicts", readinessFollows},
		{"all or nothing", controlsAllOrNothing},
		{"limits of a workspace", slugsOfFrameworks},
		{"one code at once", oneCodeAtOnce},
		{"a look through events", lookedThrough},
		{"mapped while deleted", mappedWhileDeleted},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newBench(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

func (b *bench) controls() *control.Service { return control.NewService(b.s, b.clock.Now) }

// edition is a shipped framework with requirements and controls; a control's
// text is "code name: requirement requirement".
func edition(digest string, requirements []string, controls ...string) control.Bundle {
	out := control.Bundle{Framework: control.Framework{Slug: "shipped", Tag: "SOC_2", Name: "Shipped " + digest, ShortName: "S", Pill: "S", Description: "d " + digest,
		Color: "#000000", BgColor: "#ffffff", Source: "a book", Licence: "ours", Shipped: digest, Enabled: true}}
	for _, r := range requirements {
		code, name, _ := strings.Cut(r, " ")
		out.Requirements = append(out.Requirements, control.Requirement{Code: code, Name: name, Category: "c", Description: "d", InScope: true})
	}
	for _, c := range controls {
		head, codes, _ := strings.Cut(c, ": ")
		code, name, _ := strings.Cut(head, " ")
		var n int64
		_, _ = fmt.Sscanf(code, "PLB-%d", &n)
		out.Controls = append(out.Controls, control.BundledControl{Control: control.Control{Code: code, Name: name, Description: "d", TemplateID: n}, Requirements: strings.Fields(codes)})
	}
	return out
}

func (b *bench) install(e control.Bundle) (control.Delta, error) {
	return b.s.Install(b.ctx, 1, e, b.clock.Now(), func(control.Delta) event.Event { return b.event(event.FrameworkInstalled) })
}

// mapping is which controls serve which requirements of a framework, as
// "requirement name: control control".
func (b *bench) mapping(framework int64) string {
	b.t.Helper()
	p, err := b.controls().Requirements(b.ctx, control.RequirementFilter{FrameworkID: framework}, page.Request{Size: 100, Ascending: true})
	b.must(err)
	var lines []string
	for _, r := range p.Items {
		line := r.Code + " " + r.Name + ":"
		for _, c := range r.Controls {
			line += " " + c.Code
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

func installed(b *bench) {
	first := edition("1", []string{"A one", "B two", "C three"}, "PLB-001 uno: A B", "PLB-002 due: B")
	d, err := b.install(first)
	b.must(err)
	equal(b.suite, "what was made", fmt.Sprint(d.RequirementsCreated, d.ControlsCreated, d.MappingsCreated), "3 2 3")
	id := d.Framework.ID
	equal(b.suite, "mapping", b.mapping(id), "A one: PLB-001; B two: PLB-001 PLB-002; C three:")
	d, err = b.install(first)
	b.must(err)
	equal(b.suite, "nothing to do", d.Nothing(), true)
	equal(b.suite, "the same framework", d.Framework.ID, id)
	equal(b.suite, "events", b.events(event.FrameworkInstalled), 1)

	// People map anew, and write their own words.
	all, err := b.controls().Requirements(b.ctx, control.RequirementFilter{FrameworkID: id}, page.Request{Ascending: true})
	b.must(err)
	one, err := b.s.Control(b.ctx, control.Ref{WorkspaceID: 1, Code: "PLB-001"})
	b.must(err)
	only := []int64{all.Items[0].ID, all.Items[2].ID}
	name, words := "unser", "unsere Worte"
	_, err = b.controls().Update(b.ctx, b.actor, control.Ref{WorkspaceID: 1, ID: one.ID}, control.Change{Name: &name, Links: control.Links{Requirements: &only}})
	b.must(err)
	_, err = b.controls().UpdateRequirement(b.ctx, b.actor, 1, id, all.Items[1].ID, control.RequirementChange{Name: &words})
	b.must(err)
	_, err = b.controls().Act(b.ctx, b.actor, control.Ref{WorkspaceID: 1, Code: "PLB-002"}, control.MarkOutOfScope, "why")
	b.must(err)
	off := false
	_, err = b.controls().UpdateFramework(b.ctx, b.actor, 1, id, control.FrameworkChange{Enabled: &off})
	b.must(err)

	b.clock.Advance(time.Hour)
	d, err = b.install(edition("2", []string{"A ONE", "B TWO", "C three", "D four"}, "PLB-001 UNO: A B D", "PLB-002 DUE: B", "PLB-003 tre: C"))
	b.must(err)
	equal(b.suite, "what was done", fmt.Sprint(d.RequirementsCreated, d.RequirementsUpdated, d.ControlsCreated, d.ControlsUpdated, d.MappingsCreated), "1 1 1 1 2")
	equal(b.suite, "mapping", b.mapping(id), "A ONE: PLB-001; B unsere Worte: PLB-002; C three: PLB-001 PLB-003; D four: PLB-001")
	f, err := b.s.Framework(b.ctx, 1, id)
	b.must(err)
	equal(b.suite, "framework", fmt.Sprint(f.Name, f.Shipped, f.Enabled, f.UpdatedAt.Equal(b.clock.Now())), "Shipped 22false true")
	one, err = b.s.Control(b.ctx, control.Ref{WorkspaceID: 1, ID: one.ID})
	b.must(err)
	equal(b.suite, "their own words", one.Name, name)
	two, err := b.s.Control(b.ctx, control.Ref{WorkspaceID: 1, Code: "PLB-002"})
	b.must(err)
	equal(b.suite, "out of scope", fmt.Sprint(two.Name, two.InScope(), two.Rationale), "DUEfalsewhy")
}

func refusedInstallation(b *bench) {
	mine := control.Control{WorkspaceID: 1, Code: "PLB-002", Name: "mine", Description: "d", CreatedAt: b.clock.Now(), UpdatedAt: b.clock.Now()}
	_, err := b.s.CreateControl(b.ctx, mine, control.Links{}, func(control.Control) event.Event { return b.event(event.ControlCreated) })
	b.must(err)
	_, err = b.install(edition("1", []string{"A one"}, "PLB-001 uno: A", "PLB-002 due: A"))
	b.refused(err, fault.CodeConflict)
	contains(b.suite, err.Error(), "PLB-002")
	frameworks, err := b.s.Frameworks(b.ctx, 1)
	b.must(err)
	equal(b.suite, "frameworks", len(frameworks), 0)
	_, err = b.s.Control(b.ctx, control.Ref{WorkspaceID: 1, Code: "PLB-001"})
	b.refused(err, fault.CodeNotFound)
	equal(b.suite, "events", b.events(event.FrameworkInstalled), 0)

	own := control.Framework{WorkspaceID: 1, Slug: "shipped", Tag: control.TagCustom, Name: "Own", ShortName: "O", Pill: "O", Description: "d", Color: "#000000", BgColor: "#ffffff",
		CreatedAt: b.clock.Now(), UpdatedAt: b.clock.Now()}
	_, err = b.s.CreateFramework(b.ctx, own, nil, func(control.Framework) event.Event { return b.event(event.FrameworkCreated) })
	b.must(err)
	_, err = b.install(edition("1", []string{"A one"}))
	b.refused(err, fault.CodeConflict)
	_, err = b.s.Install(b.ctx, 9, edition("1", []string{"A one"}), b.clock.Now(), func(control.Delta) event.Event { return b.event(event.FrameworkInstalled) })
	b.refused(err, fault.CodeNotFound)
}

func resetMapping(b *bench) {
	d, err := b.install(edition("1", []string{"A one", "B two"}, "PLB-001 uno: A B"))
	b.must(err)
	all, err := b.s.Requirements(b.ctx, control.RequirementFilter{FrameworkID: d.Framework.ID}, page.Request{Ascending: true})
	b.must(err)
	c, err := b.s.Control(b.ctx, control.Ref{WorkspaceID: 1, Code: "PLB-001"})
	b.must(err)
	own, err := b.controls().CreateFramework(b.ctx, b.actor, 1, "Own", "O", "d")
	b.must(err)
	made, err := b.controls().CreateRequirements(b.ctx, b.actor, 1, own.ID, []control.Item{{Requirement: control.Requirement{Code: "X", Name: "x"}}})
	b.must(err)
	links := []int64{all.Items[0].ID, made[0].ID}
	_, err = b.controls().Update(b.ctx, b.actor, control.Ref{WorkspaceID: 1, ID: c.ID}, control.Change{Links: control.Links{Requirements: &links}})
	b.must(err)
	compared, err := b.controls().Compare(b.ctx, []int64{c.ID})
	b.must(err)
	codes := func(list []control.Requirement) string {
		var out []string
		for _, r := range list {
			out = append(out, r.Framework.Slug+"/"+r.Code)
		}
		return strings.Join(out, " ")
	}
	equal(b.suite, "current", codes(compared[0].Current), "shipped/A own/X")
	equal(b.suite, "added", codes(compared[0].Added), "own/X")
	equal(b.suite, "removed", codes(compared[0].Removed), "shipped/B")
	resets, err := b.controls().ResetMappings(b.ctx, b.actor, []int64{c.ID})
	b.must(err)
	b.must(resets[0].Err)
	equal(b.suite, "mapping", b.mapping(d.Framework.ID)+"; "+b.mapping(own.ID), "A one: PLB-001; B two: PLB-001; X x:")
	equal(b.suite, "events", b.events(event.ControlMappingsReset), 1)
	// What is gone does not come back.
	b.must(b.controls().DeleteFramework(b.ctx, b.actor, 1, d.Framework.ID))
	resets, err = b.controls().ResetMappings(b.ctx, b.actor, []int64{c.ID})
	b.must(err)
	b.must(resets[0].Err)
	d, err = b.install(edition("1", []string{"A one", "B two"}, "PLB-001 uno: A B"))
	b.must(err)
	equal(b.suite, "installed again", b.mapping(d.Framework.ID), "A one: PLB-001; B two: PLB-001")
}

func readinessFollows(b *bench) {
	f, err := b.controls().CreateFramework(b.ctx, b.actor, 1, "Own", "O", "d")
	b.must(err)
	made, err := b.controls().CreateRequirements(b.ctx, b.actor, 1, f.ID, []control.Item{{Requirement: control.Requirement{Code: "X", Name: "x"}}})
	b.must(err)
	b.push(annOn)
	t := b.create(b.logic(""))
	served, tests := []int64{made[0].ID}, []int64{t.Number}
	c, err := b.controls().Create(b.ctx, b.actor, 1, control.Draft{Code: "C", Name: "c", Description: "d", Links: control.Links{Requirements: &served, Tests: &tests}})
	b.must(err)
	ready := func(what string, want bool) {
		b.t.Helper()
		f, err := b.controls().Framework(b.ctx, 1, f.ID)
		b.must(err)
		equal(b.suite, what, f.Counts.Ready(), want)
		r, err := b.controls().Requirement(b.ctx, 1, f.ID, made[0].ID)
		b.must(err)
		equal(b.suite, what+": the requirement", r.Ready, want)
		c, err := b.controls().Get(b.ctx, control.Ref{WorkspaceID: 1, ID: c.ID})
		b.must(err)
		equal(b.suite, what+": the control", c.Standing.Ready(), want)
		of, err := b.controls().OfTests(b.ctx, []int64{t.ID})
		b.must(err)
		equal(b.suite, what+": by the test", of[t.ID][0].Standing.Ready(), want)
	}
	ready("not evaluated yet", false)
	b.evaluate()
	ready("passing", true)
	b.push(bobOff)
	ready("failing", false)
	b.push(bobOn)
	ready("fixed", true)
	b.clock.Advance(25 * time.Hour)
	ready("stale", false)
	b.push(annOn)
	ready("fresh", true)
	b.act(t.Number, check.Disable)
	ready("disabled", false)
	b.act(t.Number, check.Enable)
	b.evaluate()
	ready("enabled", true)
	b.act(t.Number, check.Delete)
	got, err := b.controls().Get(b.ctx, control.Ref{WorkspaceID: 1, ID: c.ID})
	b.must(err)
	equal(b.suite, "a deleted test", fmt.Sprint(got.Standing), "{[] [] [] []}")
}

func controlsAllOrNothing(b *bench) {
	f, err := b.controls().CreateFramework(b.ctx, b.actor, 1, "Own", "O", "d")
	b.must(err)
	item := func(code string, controls ...string) control.Item {
		return control.Item{Requirement: control.Requirement{Code: code, Name: "n", InScope: true, CreatedAt: b.clock.Now(), UpdatedAt: b.clock.Now()}, ControlCodes: controls, At: code}
	}
	_, err = b.s.CreateRequirements(b.ctx, 1, f.ID, []control.Item{item("A"), item("B", "none")}, b.event(event.RequirementCreated))
	b.refused(err, fault.CodeUnprocessable)
	equal(b.suite, "requirements", b.mapping(f.ID), "")
	equal(b.suite, "events", b.events(event.RequirementCreated), 0)
	_, err = b.s.CreateFramework(b.ctx, control.Framework{WorkspaceID: 1, Slug: "two", Tag: control.TagCustom, Name: "Two", CreatedAt: b.clock.Now(), UpdatedAt: b.clock.Now()},
		[]control.Item{item("A"), item("B", "none")}, func(control.Framework) event.Event { return b.event(event.FrameworkImported) })
	b.refused(err, fault.CodeUnprocessable)
	equal(b.suite, "imports", b.events(event.FrameworkImported), 0)
	// A test that cannot be mapped is not made.
	missing := int64(99)
	_, err = b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "MFA is on", Logic: b.logic(""), ControlIDs: []int64{missing}})
	b.refused(err, fault.CodeValidation)
	tests, err := b.checks.List(b.ctx, 1, check.Filter{}, page.Request{})
	b.must(err)
	equal(b.suite, "tests", len(tests.Items), 0)
	_, err = b.controls().Create(b.ctx, b.actor, 1, control.Draft{Code: "C", Name: "c", Description: "d", Links: control.Links{Tests: &[]int64{missing}}})
	b.refused(err, fault.CodeValidation)
	list, err := b.controls().List(b.ctx, 1, control.ControlFilter{}, page.Request{}, false)
	b.must(err)
	equal(b.suite, "controls", len(list.Items), 0)
	equal(b.suite, "events of controls", b.events(event.ControlCreated), 0)
}

func slugsOfFrameworks(b *bench) {
	// Two names may have one slug.
	var slugs []string
	for _, name := range []string{"One Thing", "one thing", "ONE-THING", "…", "SOC 2"} {
		f, err := b.controls().CreateFramework(b.ctx, b.actor, 1, name, "O", "d")
		b.must(err)
		slugs = append(slugs, f.Slug)
	}
	equal(b.suite, "slugs", strings.Join(slugs, " "), "one-thing one-thing-2 one-thing-3 framework soc-2-own")
	for i := range control.MaxFrameworks - len(slugs) {
		_, err := b.controls().CreateFramework(b.ctx, b.actor, 1, fmt.Sprint("n", i), "O", "d")
		b.must(err)
	}
	_, err := b.controls().CreateFramework(b.ctx, b.actor, 1, "one too many", "O", "d")
	b.refused(err, fault.CodeConflict)
}

func oneCodeAtOnce(b *bench) {
	var wg sync.WaitGroup
	errs := make(chan error, 20)
	for range 4 {
		wg.Go(func() {
			_, err := b.controls().Create(b.ctx, b.actor, 1, control.Draft{Code: "C", Name: "c", Description: "d"})
			errs <- err
		})
		wg.Go(func() {
			_, err := b.controls().CreateFramework(b.ctx, b.actor, 1, "Own", "O", "d")
			errs <- err
		})
		wg.Go(func() {
			_, err := b.install(edition("1", []string{"A one", "B two"}, "PLB-001 uno: A B"))
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		b.refused(err, fault.CodeDuplicateName)
	}
	equal(b.suite, "done", won, 1+1+4)
	equal(b.suite, "installations", b.events(event.FrameworkInstalled), 1)
}

// mappedWhileDeleted: what is mapped to a framework that goes away meanwhile is
// mapped to nothing, or refused, and nothing else.
func mappedWhileDeleted(b *bench) {
	c, err := b.controls().Create(b.ctx, b.actor, 1, control.Draft{Code: "C", Name: "c", Description: "d"})
	b.must(err)
	for round := range 8 {
		f, err := b.controls().CreateFramework(b.ctx, b.actor, 1, "Own", "O", "d")
		b.must(err)
		made, err := b.controls().CreateRequirements(b.ctx, b.actor, 1, f.ID, []control.Item{{Requirement: control.Requirement{Code: "X", Name: "x"}}})
		b.must(err)
		ids, controls := []int64{made[0].ID}, []int64{c.ID}
		var wg sync.WaitGroup
		errs := make(chan error, 3)
		wg.Go(func() {
			_, err := b.controls().Update(b.ctx, b.actor, control.Ref{WorkspaceID: 1, ID: c.ID}, control.Change{Links: control.Links{Requirements: &ids}})
			errs <- err
		})
		wg.Go(func() {
			_, err := b.controls().UpdateRequirement(b.ctx, b.actor, 1, f.ID, made[0].ID, control.RequirementChange{Controls: &controls})
			errs <- err
		})
		wg.Go(func() { errs <- b.controls().DeleteFramework(b.ctx, b.actor, 1, f.ID) })
		wg.Wait()
		close(errs)
		for err := range errs {
			if code := fault.CodeOf(err); err != nil && code != fault.CodeNotFound && code != fault.CodeValidation {
				b.t.Fatalf("round %d: %v", round, err)
			}
		}
		got, err := b.controls().Get(b.ctx, control.Ref{WorkspaceID: 1, ID: c.ID})
		b.must(err)
		equal(b.suite, "requirements", len(got.Requirements), 0)
	}
}

// lookedThrough: a page of a narrowed list looks through so many events; the
// cursor leads on, and page by page nothing is left out or told twice.
func lookedThrough(b *bench) {
	rare := b.event(event.KeyCreated)
	rare.Category = event.CategoryKey
	b.must(b.s.NoteEvent(b.ctx, rare))
	at := b.clock.Now()
	for i := range 23 {
		code := fmt.Sprintf("L-%d", i%5)
		_, err := b.controls().Create(b.ctx, b.actor, 1, control.Draft{Code: fmt.Sprintf("%s-%d", code, i), Name: code, Description: "d"})
		b.must(err)
	}
	// What is rare is found at once, however much came since.
	for _, f := range []event.Filter{{Type: rare.Type}, {Type: rare.Type, WorkspaceID: rare.WorkspaceID}, {Category: rare.Category}} {
		f.Look = 4
		p, err := b.s.Events(b.ctx, f, page.Request{Size: 3})
		b.must(err)
		if len(p.Items) != 1 || p.Items[0].ID != rare.ID || p.Next != "" {
			b.t.Errorf("%+v: %d events, and more at %q", f, len(p.Items), p.Next)
		}
	}
	for _, ascending := range []bool{false, true} {
		for _, f := range []event.Filter{{Search: "l-3-"}, {Search: "“L-3”", Type: event.ControlCreated}, {About: []event.Object{{Name: "controlId", ID: 1}}}, {Search: "nothing"}} {
			f.From = at
			r := page.Request{Ascending: ascending, Size: 2, WantTotal: true}
			whole, err := b.s.Events(b.ctx, f, page.Request{Ascending: ascending, Size: page.MaxSize})
			b.must(err)
			f.Look = 4
			var seen []string
			pages := 0
			for {
				p, err := b.s.Events(b.ctx, f, r)
				b.must(err)
				if pages == 0 && (p.Total == nil || *p.Total != int64(len(whole.Items))) {
					b.t.Errorf("%+v: total %v, want %d", f, p.Total, len(whole.Items))
				}
				for _, e := range p.Items {
					seen = append(seen, e.ID)
				}
				if pages++; p.Next == "" {
					break
				}
				r, err = r.WithCursor(p.Next)
				b.must(err)
			}
			var want []string
			for _, e := range whole.Items {
				want = append(want, e.ID)
			}
			equal(b.suite, "events", fmt.Sprint(seen), fmt.Sprint(want))
			if pages < 5 {
				b.t.Errorf("%+v: %d pages look through 23 events, 4 each", f, pages)
			}
		}
	}
}
