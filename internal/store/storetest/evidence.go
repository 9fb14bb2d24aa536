package storetest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// proven is a run with what it must prove for ever after.
type proven struct {
	test int64
	run  check.TestRun
}

// prove runs a test and remembers the run.
func (m *simulation) prove() {
	if len(m.tests) == 0 {
		return
	}
	n := m.tests[m.rnd.IntN(len(m.tests))]
	t, err := m.checks.Get(m.ctx, 1, n)
	m.must(err)
	if t.Status() != check.Enabled {
		return
	}
	_, err = m.checks.Act(m.ctx, event.System(event.SourceApp), 1, n, check.Run, "")
	m.must(err)
	m.drain()
	p, err := m.checks.Runs(m.ctx, 1, n, check.RunFilter{Trigger: check.ByManual, State: check.RunDone}, page.Request{Size: 1})
	m.must(err)
	m.clock.Advance(time.Millisecond)
	if len(m.proven) > 5 {
		// Old ones among them stay.
		drop := m.rnd.IntN(len(m.proven))
		m.proven = slices.Delete(m.proven, drop, drop+1)
	}
	if len(p.Items) == 1 {
		m.proven = append(m.proven, proven{n, p.Items[0]})
	}
}

// reprove holds the evidence of runs against what they left then.
func (m *simulation) reprove() {
	for _, p := range m.proven {
		what := fmt.Sprintf("run %d of test %d: ", p.run.ID, p.test)
		m.must(m.checks.Evidence(m.ctx, 1, p.test, p.run.ID, func(e *check.Evidence) error {
			sums, found, failing, excluded := evidenceOf(m.suite, e)
			var counts check.Counts
			for _, c := range e.Counts() {
				addCounts(&counts, c)
			}
			equal(m.suite, what+"counts", counts, p.run.Counts)
			found.Counting = p.run.Counts.Counting
			equal(m.suite, what+"counted records", found, p.run.Counts)
			equal(m.suite, what+"failing records", failing, p.run.Counts.Failing+p.run.Counts.Errors)
			equal(m.suite, what+"excluded records", excluded, p.run.Counts.Excluded)
			for _, part := range p.run.Parts {
				equal(m.suite, what+"the records stood still", part.FromSeq, part.ToSeq)
				if part.Records > 0 {
					equal(m.suite, what+"hash", fmt.Sprintf("%x", sums[part.Resource].Sum(nil)), fmt.Sprintf("%x", part.Digest))
				}
			}
			return nil
		}))
	}
}

// evidenceOf goes through evidence in every way: the hashes by resource, and how
// many verdicts of each kind there are.
func evidenceOf(x *suite, e *check.Evidence) (sums map[int64]hash.Hash, found check.Counts, failing, excluded int64) {
	x.t.Helper()
	sums = map[int64]hash.Hash{}
	x.must(e.Records(x.ctx, func(r *check.EvidenceRecord) error {
		if sums[r.Resource.ID] == nil {
			sums[r.Resource.ID] = sha256.New()
		}
		sum := sha256.Sum256(slices.Concat([]byte(r.Key), []byte{'\n'}, r.Body))
		sums[r.Resource.ID].Write(sum[:])
		for _, v := range r.Groups {
			if v.Excluded && len(r.Exclusions) == 0 {
				x.t.Fatalf("record %s is excluded by nothing", r.Key)
			}
			if words := len(v.Words) > 0; words != slices.Contains([]check.State{check.Fail, check.Duplicate, check.Faulty}, v.State) {
				x.t.Fatalf("record %s in state %c has the causes %q", r.Key, v.State, v.Words)
			}
			switch {
			case v.Excluded:
				found.Excluded++
			case v.State == check.OutOfScope:
				found.OutOfScope++
			case v.State == check.Pass:
				found.Passing++
			case v.State == check.Satisfied:
				found.Satisfying++
			case v.State == check.NotSatisfied:
				found.NotSatisfying++
			case v.State == check.Faulty:
				found.Errors++
			default:
				found.Failing++
			}
		}
		return nil
	}))
	x.must(e.Failing(x.ctx, func(r *check.EvidenceRecord) error {
		for _, v := range r.Groups {
			if v.Fails() {
				failing++
			}
		}
		return nil
	}))
	x.must(e.Excluded(x.ctx, func(r *check.EvidenceRecord) error {
		for _, v := range r.Groups {
			if v.Excluded {
				excluded++
			}
		}
		return nil
	}))
	return sums, found, failing, excluded
}

// RunEvidence proves what evidence does beyond what [RunEvaluator] compares.
func RunEvidence(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"a change ends what is read", untilAChange},
		{"what was in flight at the end of a run", inFlight},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newBench(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

// wrote stores a record as a push does that took the time of a moment.
func (b *bench) wrote(at time.Time, key, body string) {
	b.t.Helper()
	sum := sha256.Sum256([]byte(body))
	_, err := b.s.Write(b.ctx, record.Write{ResourceID: b.resource.ID, SchemaVersion: 1, At: at,
		Rows: []record.Row{{Key: key, Body: []byte(body), Hash: [16]byte(sum[:16])}}, Event: func(record.Counts) event.Event {
			return event.New(b.actor, at, event.RecordsWritten, event.CategoryConnection, "", nil)
		}})
	b.must(err)
}

func untilAChange(b *bench) {
	start := b.clock.Now()
	b.push(annOn, bobOff)
	b.clock.Advance(time.Second)
	before := b.clock.Now()
	// These come later than the second change, but took the time before it.
	b.push(`{"id":"cid","mfa":true}`)
	b.wrote(before.Add(-time.Millisecond), "ann", `{"id":"ann","mfa":false}`)
	b.wrote(before.Add(-time.Millisecond), "dan", `{"id":"dan","mfa":false}`)
	b.clock.Advance(time.Second)
	b.must(b.records.Delete(b.ctx, b.actor, b.target(), "bob"))
	b.clock.Advance(time.Second)
	b.push(annOn, bobOn)

	read := func(at time.Time, change int64) (scanned, sighted string) {
		b.t.Helper()
		b.must(b.s.Look(b.ctx, []int64{b.resource.ID}, at, 1, func(readers []check.Reader) error {
			r := readers[0]
			if change > 0 {
				r.Until(b.resource.ID, change, start)
			}
			parts, _, err := r.Parts(b.resource.ID, 3)
			b.must(err)
			var bodies []string
			var ids []int64
			for _, p := range parts {
				b.must(r.Scan(p, func(id int64, body []byte) error {
					bodies, ids = append(bodies, string(body)), append(ids, id)
					return nil
				}))
			}
			seen, err := r.Sightings(b.resource.ID, ids)
			b.must(err)
			var again []string
			for _, s := range seen {
				again = append(again, string(s.Body))
			}
			slices.Sort(bodies)
			slices.Sort(again)
			scanned, sighted = fmt.Sprint(bodies), fmt.Sprint(again)
			return nil
		}))
		return scanned, sighted
	}
	for _, c := range []struct {
		change int64
		want   []string
	}{
		{0, []string{`{"id":"ann","mfa":false}`, bobOff, `{"id":"cid","mfa":true}`, `{"id":"dan","mfa":false}`}},
		{1, []string{annOn, bobOff}},
		{2, []string{annOn, bobOff, `{"id":"cid","mfa":true}`}},
		{3, []string{`{"id":"ann","mfa":false}`, bobOff, `{"id":"cid","mfa":true}`}},
		{4, []string{`{"id":"ann","mfa":false}`, bobOff, `{"id":"cid","mfa":true}`, `{"id":"dan","mfa":false}`}},
	} {
		scanned, sighted := read(before, c.change)
		equal(b.suite, fmt.Sprint("until change ", c.change), scanned, fmt.Sprint(c.want))
		equal(b.suite, fmt.Sprint("seen again until change ", c.change), sighted, fmt.Sprint(c.want))
	}
	b.must(b.s.Look(b.ctx, []int64{b.resource.ID}, before, 1, func(readers []check.Reader) error {
		ids, err := readers[0].IDs(b.resource.ID, []string{"ann", "bob", "nobody"})
		equal(b.suite, "ann and two of the name of bob", len(ids), 3)
		return err
	}))
}

// inFlight has a push be under way while a run ends: it took its time before, and
// is written after.
func inFlight(b *bench) {
	b.push(annOn, bobOff)
	b.create(b.logic(""))
	b.evaluate()
	b.clock.Advance(time.Minute)
	run := b.run()
	b.wrote(run.FinishedAt, "cid", `{"id":"cid","mfa":false}`)
	b.wrote(run.FinishedAt, "bob", bobOn)
	b.clock.Advance(time.Minute)
	// A record that was made in flight has changed since.
	b.push(`{"id":"cid","mfa":true}`)
	b.must(b.checks.Evidence(b.ctx, 1, 1, run.ID, func(e *check.Evidence) error {
		sums, found, _, _ := evidenceOf(b.suite, e)
		equal(b.suite, "records", found, check.Counts{Passing: 1, Failing: 1})
		equal(b.suite, "hash", bytes.Equal(sums[b.resource.ID].Sum(nil), run.Parts[0].Digest), true)
		return nil
	}))
	b.must(b.connections.Delete(b.ctx, b.actor, b.resource.ConnectionID))
	b.refused(b.checks.Evidence(b.ctx, 1, 1, run.ID, func(*check.Evidence) error { return nil }), fault.CodeConflict)
}
