package control

import (
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/rule"
)

// Standing is what the tests of a control say at a moment, by their numbers.
type Standing struct {
	// Passing are those with the verdict PASSED, Failing those with FAILED or
	// ERROR, Monitored all that are published and enabled.
	Passing, Failing, Monitored []int64
	// Tests are all that are mapped to it, disabled ones and drafts as well.
	Tests []check.Test
}

// Ready reports whether a control is ready: at least one test passes and none
// fails or is in error. READY and disabled tests count for nothing.
func (s Standing) Ready() bool { return len(s.Passing) > 0 && len(s.Failing) == 0 }

// Lack is why a control with this standing is not ready, as a sentence; empty if
// it is ready.
func (s Standing) Lack() string {
	mapped, monitored, failing := len(s.Tests), len(s.Monitored), len(s.Failing)
	switch {
	case s.Ready():
		return ""
	case mapped == 0:
		return "No test proves it yet."
	case monitored == 0 && mapped == 1:
		return "Its only test is a draft or disabled."
	case monitored == 0:
		return fmt.Sprintf("All of its %d tests are drafts or disabled.", mapped)
	case failing > 0 && monitored == 1:
		return "Its test does not pass."
	case failing > 0:
		return fmt.Sprintf("%d of its %d tests %s not pass.", failing, monitored, does(failing))
	case monitored == 1:
		return "Its test has no verdict yet."
	}
	return fmt.Sprintf("None of its %d tests has a verdict yet.", monitored)
}

func does(n int) string {
	if n == 1 {
		return "does"
	}
	return "do"
}

// lack is why a requirement is not ready, as a sentence; empty if it is ready or
// out of scope.
func (r Requirement) lack() string {
	const named = 5
	var codes []string
	serving := 0
	for _, c := range r.Controls {
		if !c.InScope() {
			continue
		}
		serving++
		if !c.Standing.Ready() {
			codes = append(codes, c.Code)
		}
	}
	switch {
	case r.Ready || !r.InScope:
		return ""
	case len(r.Controls) == 0:
		return "No control serves it yet."
	case serving == 0:
		return "All controls that serve it are out of scope."
	}
	list := strings.Join(codes[:min(len(codes), named)], ", ")
	if more := len(codes) - named; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	if serving == 1 {
		return "Its control is not ready: " + list + "."
	}
	return fmt.Sprintf("%d of its %d controls %s not ready: %s.", len(codes), serving, map[bool]string{true: "is", false: "are"}[len(codes) == 1], list)
}

// Stand is the standing of a control with some tests at a moment.
func Stand(tests []check.Test, now time.Time) Standing {
	s := Standing{Passing: []int64{}, Failing: []int64{}, Monitored: []int64{}, Tests: tests}
	for _, t := range tests {
		if t.Status() != check.Enabled {
			continue
		}
		s.Monitored = append(s.Monitored, t.Number)
		switch verdict, _ := t.Current(now); verdict {
		case rule.VerdictPassed:
			s.Passing = append(s.Passing, t.Number)
		case rule.VerdictFailed, rule.VerdictError:
			s.Failing = append(s.Failing, t.Number)
		}
	}
	return s
}

// Counts are the numbers of a framework. Of controls they count those in scope
// that serve a requirement in scope, each once.
type Counts struct {
	Controls, ReadyControls         int64
	Requirements, ReadyRequirements int64
	// OutOfScope are the requirements that do not apply.
	OutOfScope int64
}

// Ready reports whether a framework is ready: it has requirements in scope, and
// all of them are.
func (c Counts) Ready() bool { return c.Requirements > 0 && c.ReadyRequirements == c.Requirements }

// Judgement is the readiness of what a mapping holds, at a moment.
type Judgement struct {
	// Standings are those of the controls by id.
	Standings map[int64]Standing
	// Ready are the requirements that are ready, by id: at least one control in
	// scope serves it, and all that do are ready.
	Ready map[int64]bool
	// Counts are those of the frameworks by id.
	Counts map[int64]Counts
}

// Judge rolls the verdicts of a mapping's tests up. It is pure.
func Judge(m Mapping, now time.Time) Judgement {
	j := Judgement{Standings: make(map[int64]Standing, len(m.Controls)), Ready: map[int64]bool{}, Counts: map[int64]Counts{}}
	for id := range m.Controls {
		j.Standings[id] = Stand(m.Tests[id], now)
	}
	serving := map[int64]int{}
	lacking := map[int64]bool{}
	type served struct{ framework, control int64 }
	counted := map[served]bool{}
	for _, l := range m.Links {
		r, c := m.Requirements[l.RequirementID], m.Controls[l.ControlID]
		if !c.InScope() {
			continue
		}
		ready := j.Standings[c.ID].Ready()
		serving[r.ID]++
		lacking[r.ID] = lacking[r.ID] || !ready
		if at := (served{r.FrameworkID, c.ID}); r.InScope && !counted[at] {
			counted[at] = true
			n := j.Counts[r.FrameworkID]
			n.Controls++
			if ready {
				n.ReadyControls++
			}
			j.Counts[r.FrameworkID] = n
		}
	}
	for id, r := range m.Requirements {
		j.Ready[id] = serving[id] > 0 && !lacking[id]
		n := j.Counts[r.FrameworkID]
		if !r.InScope {
			n.OutOfScope++
			j.Counts[r.FrameworkID] = n
			continue
		}
		n.Requirements++
		if j.Ready[id] {
			n.ReadyRequirements++
		}
		j.Counts[r.FrameworkID] = n
	}
	return j
}
