package control_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/rule"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// verdictOf is a test with a verdict; a word may follow it: disabled, draft or
// stale.
func verdictOf(number int64, v rule.Verdict, how string) check.Test {
	t := check.Test{ID: number + 100, Number: number, Enabled: how != "disabled", Result: v}
	if how != "draft" {
		t.Published = &check.Version{Number: 1}
	}
	if how == "stale" {
		hours := int64(1)
		t.Groups = make([]check.Group, 1)
		t.Groups[0].Resource.FreshnessHours, t.Groups[0].Resource.FreshAt = &hours, now.Add(-2*time.Hour)
	}
	return t
}

func TestStand(t *testing.T) {
	const (
		passed, failed, broken, ready = rule.VerdictPassed, rule.VerdictFailed, rule.VerdictError, rule.VerdictReady
	)
	type test struct {
		v   rule.Verdict
		how string
	}
	for _, c := range []struct {
		tests                       []test
		ready                       bool
		passing, failing, monitored string
		lack                        string
	}{
		{nil, false, "[]", "[]", "[]", "No test proves it yet."},
		{[]test{{passed, ""}}, true, "[1]", "[]", "[1]", ""},
		{[]test{{failed, ""}}, false, "[]", "[1]", "[1]", "Its test does not pass."},
		{[]test{{broken, ""}}, false, "[]", "[1]", "[1]", "Its test does not pass."},
		{[]test{{ready, ""}}, false, "[]", "[]", "[1]", "Its test has no verdict yet."},
		{[]test{{passed, ""}, {passed, ""}}, true, "[1 2]", "[]", "[1 2]", ""},
		{[]test{{passed, ""}, {failed, ""}}, false, "[1]", "[2]", "[1 2]", "1 of its 2 tests does not pass."},
		{[]test{{passed, ""}, {broken, ""}}, false, "[1]", "[2]", "[1 2]", "1 of its 2 tests does not pass."},
		{[]test{{passed, ""}, {ready, ""}}, true, "[1]", "[]", "[1 2]", ""},
		{[]test{{passed, "disabled"}}, false, "[]", "[]", "[]", "Its only test is a draft or disabled."},
		{[]test{{passed, ""}, {failed, "disabled"}}, true, "[1]", "[]", "[1]", ""},
		{[]test{{passed, ""}, {failed, "draft"}}, true, "[1]", "[]", "[1]", ""},
		{[]test{{passed, "draft"}}, false, "[]", "[]", "[]", "Its only test is a draft or disabled."},
		{[]test{{passed, "stale"}}, false, "[]", "[1]", "[1]", "Its test does not pass."},
		{[]test{{passed, ""}, {passed, "stale"}}, false, "[1]", "[2]", "[1 2]", "1 of its 2 tests does not pass."},
		{[]test{{failed, "stale"}}, false, "[]", "[1]", "[1]", "Its test does not pass."},
		{[]test{{failed, ""}, {broken, ""}, {passed, ""}, {passed, "draft"}}, false, "[3]", "[1 2]", "[1 2 3]", "2 of its 3 tests do not pass."},
		{[]test{{ready, ""}, {ready, ""}}, false, "[]", "[]", "[1 2]", "None of its 2 tests has a verdict yet."},
		{[]test{{passed, "draft"}, {failed, "disabled"}}, false, "[]", "[]", "[]", "All of its 2 tests are drafts or disabled."},
	} {
		var tests []check.Test
		for i, each := range c.tests {
			tests = append(tests, verdictOf(int64(i+1), each.v, each.how))
		}
		s := control.Stand(tests, now)
		if s.Ready() != c.ready || fmt.Sprint(s.Passing) != c.passing || fmt.Sprint(s.Failing) != c.failing || fmt.Sprint(s.Monitored) != c.monitored {
			t.Errorf("%v: %+v, ready %v", c.tests, s, s.Ready())
		}
		if s.Lack() != c.lack {
			t.Errorf("%v: %q, want %q", c.tests, s.Lack(), c.lack)
		}
	}
}

func TestJudge(t *testing.T) {
	out := control.Control{ID: 3, ArchivedAt: now}
	m := control.Mapping{
		Requirements: map[int64]control.Requirement{1: {ID: 1, FrameworkID: 7, InScope: true}, 2: {ID: 2, FrameworkID: 7, InScope: true},
			3: {ID: 3, FrameworkID: 7}, 4: {ID: 4, FrameworkID: 8, InScope: true}, 5: {ID: 5, FrameworkID: 9}},
		Controls: map[int64]control.Control{1: {ID: 1}, 2: {ID: 2}, 3: out},
		Tests:    map[int64][]check.Test{1: {verdictOf(1, rule.VerdictPassed, "")}, 2: {verdictOf(2, rule.VerdictFailed, "")}, 3: {verdictOf(3, rule.VerdictFailed, "")}},
		Links: []control.Link{{RequirementID: 1, ControlID: 1}, {RequirementID: 1, ControlID: 3}, {RequirementID: 2, ControlID: 1}, {RequirementID: 2, ControlID: 2},
			{RequirementID: 3, ControlID: 2}, {RequirementID: 4, ControlID: 3}, {RequirementID: 5, ControlID: 1}},
	}
	j := control.Judge(m, now)
	// 1: the control that fails is out of scope. 2: one of two fails. 4: nothing in scope serves it.
	if got := fmt.Sprint(j.Ready); got != "map[1:true 2:false 3:false 4:false 5:true]" {
		t.Errorf("requirements: %s", got)
	}
	for id, want := range map[int64]control.Counts{7: {Controls: 2, ReadyControls: 1, Requirements: 2, ReadyRequirements: 1, OutOfScope: 1}, 8: {Requirements: 1}, 9: {OutOfScope: 1}} {
		if j.Counts[id] != want {
			t.Errorf("framework %d: %+v, want %+v", id, j.Counts[id], want)
		}
		if j.Counts[id].Ready() {
			t.Errorf("framework %d is ready", id)
		}
	}
	if !(control.Counts{Requirements: 2, ReadyRequirements: 2}).Ready() {
		t.Error("a framework with nothing but ready requirements is not ready")
	}
}

// Judge agrees with the definition, word by word, on random mappings.
func TestJudgeByDefinition(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	verdicts := []rule.Verdict{rule.VerdictPassed, rule.VerdictPassed, rule.VerdictPassed, rule.VerdictFailed, rule.VerdictError, rule.VerdictReady}
	hows := []string{"", "", "", "", "disabled", "draft", "stale"}
	for range 2000 {
		m := control.Mapping{Requirements: map[int64]control.Requirement{}, Controls: map[int64]control.Control{}, Tests: map[int64][]check.Test{}}
		nr, nc := r.Int64N(8), r.Int64N(6)
		for id := range nr {
			m.Requirements[id] = control.Requirement{ID: id, FrameworkID: r.Int64N(3), InScope: r.IntN(5) > 0}
		}
		for id := range nc {
			c := control.Control{ID: id}
			if r.IntN(4) == 0 {
				c.ArchivedAt = now
			}
			m.Controls[id] = c
			for n := range r.Int64N(4) {
				m.Tests[id] = append(m.Tests[id], verdictOf(n+10*id, verdicts[r.IntN(len(verdicts))], hows[r.IntN(len(hows))]))
			}
		}
		for q := range nr {
			for c := range nc {
				if r.IntN(2) == 0 {
					m.Links = append(m.Links, control.Link{RequirementID: q, ControlID: c})
				}
			}
		}
		j := control.Judge(m, now)
		for id := range m.Controls {
			if got, want := j.Standings[id].Ready(), readyByDefinition(m.Tests[id]); got != want {
				t.Fatalf("control %d is ready %v, want %v: %+v", id, got, want, m)
			}
		}
		for framework := range int64(3) {
			var want control.Counts
			for id := range m.Controls {
				if m.Controls[id].InScope() && serves(m, id, framework) {
					want.Controls++
					if readyByDefinition(m.Tests[id]) {
						want.ReadyControls++
					}
				}
			}
			for id, q := range m.Requirements {
				met := meets(m, id)
				if j.Ready[id] != met {
					t.Fatalf("requirement %d is ready %v, want %v: %+v", id, j.Ready[id], met, m)
				}
				if q.FrameworkID == framework && !q.InScope {
					want.OutOfScope++
				}
				if q.FrameworkID == framework && q.InScope {
					want.Requirements++
					if met {
						want.ReadyRequirements++
					}
				}
			}
			if j.Counts[framework] != want {
				t.Fatalf("framework %d: %+v, want %+v: %+v", framework, j.Counts[framework], want, m)
			}
		}
	}
}

func readyByDefinition(tests []check.Test) bool {
	green := false
	for _, t := range tests {
		if !t.Enabled || t.Published == nil {
			continue
		}
		switch v, _ := t.Current(now); v {
		case rule.VerdictPassed:
			green = true
		case rule.VerdictFailed, rule.VerdictError:
			return false
		}
	}
	return green
}

// serves: the control serves a requirement in scope of the framework.
func serves(m control.Mapping, id, framework int64) bool {
	for _, l := range m.Links {
		if q := m.Requirements[l.RequirementID]; l.ControlID == id && q.InScope && q.FrameworkID == framework {
			return true
		}
	}
	return false
}

func meets(m control.Mapping, requirement int64) bool {
	served := false
	for _, l := range m.Links {
		if l.RequirementID != requirement || !m.Controls[l.ControlID].InScope() {
			continue
		}
		if !readyByDefinition(m.Tests[l.ControlID]) {
			return false
		}
		served = true
	}
	return served
}
