package rule

// Verdict is the result of a group or a test.
type Verdict string

// The verdicts.
const (
	VerdictReady  Verdict = "READY"  // never evaluated
	VerdictPassed Verdict = "PASSED" // every assertion holds on at least one record
	VerdictFailed Verdict = "FAILED" // an assertion fails
	VerdictError  Verdict = "ERROR"  // it cannot be told
)

// Reason says why a verdict is not simply passed or failed.
type Reason string

// The reasons. This package gives NoData and RuleError and carries the others
// through [Combine].
const (
	ReasonNone        Reason = ""
	ReasonNotRun      Reason = "NOT_RUN"
	ReasonNoData      Reason = "NO_DATA"
	ReasonStale       Reason = "STALE"
	ReasonSchemaDrift Reason = "SCHEMA_DRIFT"
	ReasonRuleError   Reason = "RULE_ERROR"
)

// Counts are the numbers of records of one group. Excluded records stand in
// Excluded and Records only: InScope is Passing plus Failing plus Errors.
type Counts struct {
	InScope  int64 `json:"inScope"`
	Passing  int64 `json:"passing"`
	Failing  int64 `json:"failing"`
	Errors   int64 `json:"errors"`
	Excluded int64 `json:"excluded"`
	Records  int64 `json:"records"`
}

// GroupVerdict is what [Combine] needs to know of a group.
type GroupVerdict struct {
	Verdict Verdict
	Reason  Reason
}

// Assess decides the assertion of a group over its counts. Nothing in scope is
// decided by onEmpty alone, with reason NO_DATA. A record that cannot be
// evaluated makes the verdict an error, unless the assertion fails whatever
// that record would have been. For unique, Failing counts the duplicates too.
func (a Assertion) Assess(c Counts, onEmpty OnEmpty) (Verdict, Reason) {
	if c.InScope <= 0 {
		switch onEmpty {
		case EmptyPass:
			return VerdictPassed, ReasonNoData
		case EmptyFail:
			return VerdictFailed, ReasonNoData
		}
		return VerdictError, ReasonNoData
	}
	if a.failsAtBest(c) {
		return VerdictFailed, ReasonNone
	}
	if c.Errors > 0 {
		return VerdictError, ReasonRuleError
	}
	return VerdictPassed, ReasonNone
}

// failsAtBest is whether the assertion fails even if the records that could not
// be evaluated turn out the way that suits it.
func (a Assertion) failsAtBest(c Counts) bool {
	switch a.Kind {
	case MaxFailing:
		return float64(c.Failing) > a.Value
	case MinPassingPercent:
		// The tolerance keeps 99.9 percent of 1,000 at 999.
		return float64(c.Passing+c.Errors)*100/float64(c.InScope) < a.Value-1e-9
	case Count:
		return a.Max != nil && c.Passing > *a.Max || a.Min != nil && c.Passing+c.Errors < *a.Min
	}
	return c.Failing > 0
}

// Combine gives the verdict of a test from those of its groups: FAILED if the
// logic fails on the groups that are decided, else ERROR (or READY, if nothing
// worse) if a group that the outcome hangs on is not decided, else PASSED. The
// reason is the first one among the groups that have the verdict. With nothing
// decided a test never passes.
func Combine(logic Logic, groups []GroupVerdict) (Verdict, Reason) {
	var passed, failed, open int
	for _, g := range groups {
		switch g.Verdict {
		case VerdictPassed:
			passed++
		case VerdictFailed:
			failed++
		default:
			open++
		}
	}
	decided := passed + failed
	var fails, settled bool
	switch logic {
	case AnyGroup:
		fails = decided > 0 && passed == 0
		settled = passed > 0
	case AtMostOneFails:
		fails = failed > 1
		settled = decided > 0 && failed+open <= 1
	default:
		fails = failed > 0
		settled = open == 0 && passed > 0
	}
	switch {
	case fails:
		return VerdictFailed, reasonOf(groups, VerdictFailed)
	case settled:
		return VerdictPassed, reasonOf(groups, VerdictPassed)
	}
	for _, g := range groups {
		if g.Verdict == VerdictError {
			return VerdictError, g.Reason
		}
	}
	return VerdictReady, ReasonNotRun
}

// reasonOf is the first reason among the groups with the verdict.
func reasonOf(groups []GroupVerdict, v Verdict) Reason {
	for _, g := range groups {
		if g.Verdict == v && g.Reason != ReasonNone {
			return g.Reason
		}
	}
	return ReasonNone
}
