package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// failedThen is what failed the tests at a moment: by test, as sorted
// "group:key" texts.
type failedThen struct {
	at      time.Time
	failing map[int64][]string
	// records are the tests that each record failed, by resource and key.
	records map[string][]string
}

// remember notes what fails now.
func (m *simulation) remember() {
	now := failedThen{m.clock.Now(), map[int64][]string{}, map[string][]string{}}
	for _, n := range m.tests {
		t, err := m.checks.Get(m.ctx, 1, n)
		m.must(err)
		now.failing[n] = m.failing(t, true)
		m.all(func(ctx context.Context, r page.Request) (page.Page[check.Finding], error) {
			p, _, err := m.checks.Failures(ctx, 1, n, true, r)
			for _, f := range p.Items {
				if f.RecordID != 0 {
					of := fmt.Sprint(f.Group.Resource.ID, " ", f.Key)
					now.records[of] = append(now.records[of], fmt.Sprint(n, " ", f.OpenedAt.UnixMicro()))
				}
			}
			return p, err
		})
	}
	m.failed = append(m.failed, now)
}

// recall holds what is told of the past against what was seen then.
func (m *simulation) recall() {
	for _, then := range m.failed {
		for n, want := range then.failing {
			excluded := m.rnd.IntN(2) == 0
			if !excluded {
				want = slices.DeleteFunc(slices.Clone(want), func(name string) bool { return strings.HasSuffix(name, " excluded") })
			}
			got := m.all(func(ctx context.Context, r page.Request) (page.Page[check.Finding], error) {
				p, _, err := m.checks.FailuresAsOf(ctx, 1, n, then.at, excluded, r)
				for _, f := range p.Items {
					if len(f.Words) == 0 {
						m.t.Fatalf("test %d as of %s: record %s has no cause", n, then.at, f.Key)
					}
				}
				return p, err
			})
			equal(m.suite, fmt.Sprintf("failures of test %d as of %s", n, then.at), fmt.Sprint(got), fmt.Sprint(want))
		}
	}
	for range 3 {
		r := m.resources[m.rnd.IntN(len(m.resources))]
		m.recordIs(r.ID, fmt.Sprintf("r%d", m.rnd.IntN(25)))
	}
}

// recordIs holds the verdicts of a record over time against what was seen.
func (m *simulation) recordIs(resourceID int64, key string) {
	var intervals []check.Interval
	r := page.Request{Size: 2}
	for {
		now, p, err := m.checks.RecordVerdicts(m.ctx, resourceID, key, r)
		if err != nil {
			live, _ := m.judgedBy(resourceID, key)
			equal(m.suite, fmt.Sprintf("record %s, which is not there: %v", key, err), live, false)
			return
		}
		if r.After == nil {
			m.verdictsAre(resourceID, key, now)
		}
		intervals = append(intervals, p.Items...)
		if p.Next == "" {
			break
		}
		r, err = r.WithCursor(p.Next)
		m.must(err)
	}
	for _, then := range m.failed {
		got := []string{}
		for _, i := range intervals {
			if !i.OpenedAt.After(then.at) && (i.ClosedAt.IsZero() || i.ClosedAt.After(then.at)) {
				got = append(got, fmt.Sprint(i.Test, " ", i.OpenedAt.UnixMicro()))
			}
		}
		want := append([]string{}, then.records[fmt.Sprint(resourceID, " ", key)]...)
		slices.Sort(got)
		slices.Sort(want)
		equal(m.suite, fmt.Sprintf("tests that record %s of resource %d failed at %s", key, resourceID, then.at), fmt.Sprint(got), fmt.Sprint(want))
	}
}

// judgedBy is what the tests in force say of a record, as sorted "test state"
// texts, by an evaluation from nothing; live is whether there is such a record.
func (m *simulation) judgedBy(resourceID int64, key string) (live bool, verdicts []string) {
	verdicts = []string{}
	m.must(m.s.Scan(m.ctx, resourceID, func(_ int64, k string, _ []byte) error {
		live = live || k == key
		return nil
	}))
	for _, n := range m.tests {
		t, err := m.checks.Get(m.ctx, 1, n)
		m.must(err)
		if !t.Enabled || !live {
			continue
		}
		for i := range t.Groups {
			g := &t.Groups[i]
			if g.Resource.ID == resourceID {
				verdicts = append(verdicts, fmt.Sprint(n, " ", m.oracleStates(n, &g.Rule)[key]))
			}
		}
	}
	slices.Sort(verdicts)
	return live, verdicts
}

func (m *simulation) verdictsAre(resourceID int64, key string, now []check.RecordVerdict) {
	_, want := m.judgedBy(resourceID, key)
	got := []string{}
	for _, v := range now {
		state := string(v.State)
		if v.State == check.Duplicate {
			state = "f"
		}
		if v.Excluded {
			state += " excluded"
		}
		got = append(got, fmt.Sprint(v.Test, " ", state))
	}
	slices.Sort(got)
	equal(m.suite, fmt.Sprintf("verdicts of record %s of resource %d", key, resourceID), fmt.Sprint(got), fmt.Sprint(want))
}
