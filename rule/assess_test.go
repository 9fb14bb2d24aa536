package rule

import "testing"

func TestAssess(t *testing.T) {
	n := func(i int64) *int64 { return &i }
	counts := func(passing, failing, errors int64) Counts {
		return Counts{InScope: passing + failing + errors, Passing: passing, Failing: failing, Errors: errors, Excluded: 2, Records: passing + failing + errors + 2}
	}
	for _, c := range []struct {
		name    string
		a       Assertion
		counts  Counts
		onEmpty OnEmpty
		verdict Verdict
		reason  Reason
	}{
		{"every record passes", Assertion{Kind: NoFail}, counts(3, 0, 0), EmptyError, VerdictPassed, ReasonNone},
		{"one fails", Assertion{Kind: NoFail}, counts(3, 1, 0), EmptyError, VerdictFailed, ReasonNone},
		{"one cannot be evaluated", Assertion{Kind: NoFail}, counts(3, 0, 1), EmptyPass, VerdictError, ReasonRuleError},
		{"a failure beats an error", Assertion{Kind: NoFail}, counts(3, 1, 1), EmptyPass, VerdictFailed, ReasonNone},
		{"nothing in scope", Assertion{Kind: NoFail}, counts(0, 0, 0), EmptyError, VerdictError, ReasonNoData},
		{"nothing in scope and no word on it", Assertion{}, counts(0, 0, 0), "", VerdictError, ReasonNoData},
		{"empty may pass", Assertion{Kind: NoFail}, counts(0, 0, 0), EmptyPass, VerdictPassed, ReasonNoData},
		{"empty may fail", Assertion{Kind: Unique}, counts(0, 0, 0), EmptyFail, VerdictFailed, ReasonNoData},
		{"only errors is not empty", Assertion{Kind: NoFail}, counts(0, 0, 2), EmptyPass, VerdictError, ReasonRuleError},
		{"as many as allowed", Assertion{Kind: MaxFailing, Value: 2}, counts(1, 2, 0), EmptyError, VerdictPassed, ReasonNone},
		{"one too many", Assertion{Kind: MaxFailing, Value: 2}, counts(1, 3, 0), EmptyError, VerdictFailed, ReasonNone},
		{"an error might be one too many", Assertion{Kind: MaxFailing, Value: 2}, counts(1, 2, 1), EmptyError, VerdictError, ReasonRuleError},
		{"just enough percent", Assertion{Kind: MinPassingPercent, Value: 99.9}, counts(999, 1, 0), EmptyError, VerdictPassed, ReasonNone},
		{"not enough percent", Assertion{Kind: MinPassingPercent, Value: 99.9}, counts(998, 2, 0), EmptyError, VerdictFailed, ReasonNone},
		{"an error might pass", Assertion{Kind: MinPassingPercent, Value: 99.9}, counts(998, 1, 1), EmptyError, VerdictError, ReasonRuleError},
		{"enough", Assertion{Kind: Count, Min: n(1)}, counts(1, 9, 0), EmptyError, VerdictPassed, ReasonNone},
		{"none", Assertion{Kind: Count, Min: n(1)}, counts(0, 9, 0), EmptyError, VerdictFailed, ReasonNone},
		{"none but perhaps", Assertion{Kind: Count, Min: n(1)}, counts(0, 9, 1), EmptyError, VerdictError, ReasonRuleError},
		{"too many already", Assertion{Kind: Count, Max: n(1)}, counts(2, 0, 5), EmptyError, VerdictFailed, ReasonNone},
		{"at most none", Assertion{Kind: Count, Max: n(0)}, counts(0, 4, 0), EmptyError, VerdictPassed, ReasonNone},
		{"unique", Assertion{Kind: Unique, Path: "a"}, counts(4, 0, 0), EmptyError, VerdictPassed, ReasonNone},
		{"a duplicate", Assertion{Kind: Unique, Path: "a"}, counts(2, 2, 0), EmptyError, VerdictFailed, ReasonNone},
	} {
		v, r := c.a.Assess(c.counts, c.onEmpty)
		if v != c.verdict || r != c.reason {
			t.Errorf("%s: %s %s, want %s %s", c.name, v, r, c.verdict, c.reason)
		}
	}
}

func TestCombine(t *testing.T) {
	var (
		pass  = GroupVerdict{Verdict: VerdictPassed}
		fail  = GroupVerdict{Verdict: VerdictFailed}
		empty = GroupVerdict{VerdictError, ReasonNoData}
		stale = GroupVerdict{VerdictError, ReasonStale}
		old   = GroupVerdict{VerdictFailed, ReasonStale}
		ready = GroupVerdict{VerdictReady, ReasonNotRun}
	)
	for _, c := range []struct {
		logic   Logic
		groups  []GroupVerdict
		verdict Verdict
		reason  Reason
	}{
		{AllGroups, []GroupVerdict{pass, pass}, VerdictPassed, ReasonNone},
		{AllGroups, []GroupVerdict{pass, fail}, VerdictFailed, ReasonNone},
		{AllGroups, []GroupVerdict{empty, fail}, VerdictFailed, ReasonNone},
		{AllGroups, []GroupVerdict{old, fail}, VerdictFailed, ReasonStale},
		{AllGroups, []GroupVerdict{pass, empty}, VerdictError, ReasonNoData},
		{AllGroups, []GroupVerdict{ready, stale}, VerdictError, ReasonStale},
		{AllGroups, []GroupVerdict{pass, ready}, VerdictReady, ReasonNotRun},
		{AllGroups, nil, VerdictReady, ReasonNotRun},
		{AnyGroup, []GroupVerdict{fail, pass}, VerdictPassed, ReasonNone},
		{AnyGroup, []GroupVerdict{empty, pass}, VerdictPassed, ReasonNone},
		{AnyGroup, []GroupVerdict{fail, fail}, VerdictFailed, ReasonNone},
		{AnyGroup, []GroupVerdict{fail, empty}, VerdictFailed, ReasonNone},
		{AnyGroup, []GroupVerdict{empty, stale}, VerdictError, ReasonNoData},
		{AnyGroup, []GroupVerdict{ready}, VerdictReady, ReasonNotRun},
		{AtMostOneFails, []GroupVerdict{pass, fail}, VerdictPassed, ReasonNone},
		{AtMostOneFails, []GroupVerdict{fail, fail, empty}, VerdictFailed, ReasonNone},
		{AtMostOneFails, []GroupVerdict{pass, empty}, VerdictPassed, ReasonNone},
		{AtMostOneFails, []GroupVerdict{fail, pass, empty}, VerdictError, ReasonNoData},
		{AtMostOneFails, []GroupVerdict{pass, empty, stale}, VerdictError, ReasonNoData},
		{AtMostOneFails, []GroupVerdict{empty}, VerdictError, ReasonNoData},
		{AtMostOneFails, []GroupVerdict{fail}, VerdictPassed, ReasonNone},
	} {
		v, r := Combine(c.logic, c.groups)
		if v != c.verdict || r != c.reason {
			t.Errorf("%s %v: %s %s, want %s %s", c.logic, c.groups, v, r, c.verdict, c.reason)
		}
	}
}

// TestCombineByCases decides the open groups in every possible way: PASSED and
// FAILED are only given where the decided groups allow them.
func TestCombineByCases(t *testing.T) {
	holds := func(logic Logic, failed, total int) bool {
		switch logic {
		case AnyGroup:
			return failed < total
		case AtMostOneFails:
			return failed <= 1
		}
		return failed == 0
	}
	for _, logic := range []Logic{AllGroups, AnyGroup, AtMostOneFails} {
		for passed := range 4 {
			for failed := range 4 {
				for open := range 4 {
					var groups []GroupVerdict
					for range passed {
						groups = append(groups, GroupVerdict{Verdict: VerdictPassed})
					}
					for range failed {
						groups = append(groups, GroupVerdict{Verdict: VerdictFailed})
					}
					for range open {
						groups = append(groups, GroupVerdict{VerdictError, ReasonNoData})
					}
					v, _ := Combine(logic, groups)
					always := true
					for more := range open + 1 {
						always = always && holds(logic, failed+more, len(groups))
					}
					decided := passed + failed
					switch {
					case v == VerdictPassed && (!always || decided == 0):
						t.Errorf("%s: passed with %d passed, %d failed, %d open", logic, passed, failed, open)
					case v == VerdictFailed && holds(logic, failed, decided):
						t.Errorf("%s: failed with %d passed, %d failed, %d open", logic, passed, failed, open)
					case v == VerdictError && (open == 0 || always && decided > 0):
						t.Errorf("%s: error with %d passed, %d failed, %d open", logic, passed, failed, open)
					}
				}
			}
		}
	}
}
