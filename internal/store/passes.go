package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
)

// openParts reads what runs have still to look at of a resource.
func openParts(q querier, resourceID int64) (out []check.RunPart, last int64, err error) {
	if err := q.query(partColumns+" WHERE p.resource_id = $1 AND p.done = 0 ORDER BY p.run_id", func(r row) error {
		p, err := scanPart(r)
		out = append(out, p)
		return err
	}, resourceID); err != nil || len(out) == 0 {
		return nil, 0, err
	}
	first, end := recordRange(resourceID)
	err = one(q, "SELECT coalesce(max(id), 0) FROM record WHERE id >= $1 AND id < $2", []any{first, end}, &last)
	return out, last, err
}

// Reread implements check.EvaluatorStore.
func (s *Store) Reread(ctx context.Context, ids []int64) ([]check.Subject, error) {
	var out []check.Subject
	err := s.db.read(ctx, func(q querier) error {
		for part := range slices.Chunk(ids, perLookup) {
			cond, args := in("r.id", part)
			if err := q.query(number(subjectColumns+" WHERE "+cond), func(r row) error {
				var sub check.Subject
				err := scanSubject(r, &sub)
				// That the record is looked at now is no change of it.
				sub.At = time.Time{}
				out = append(out, sub)
				return err
			}, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// said is what is stored of one record, its states in a buffer of all.
type said struct {
	id, flip   int64
	start, end int
}

// Walk implements check.EvaluatorStore. Verdicts and records are read one
// after the other in the order of their ids, which takes half the time of a
// join.
func (s *Store) Walk(ctx context.Context, resourceID, after, end int64, each func(*check.Walked) error) error {
	return s.db.read(ctx, func(q querier) error {
		if err := orderly(q); err != nil {
			return err
		}
		var verdicts []said
		var letters []byte
		var v said
		var states raw
		dest := []any{&v.id, &states, &v.flip}
		if err := q.query("SELECT record_id, states, next_flip FROM verdict WHERE record_id > $1 AND record_id < $2 ORDER BY record_id", func(r row) error {
			if err := r.scan(dest...); err != nil {
				return err
			}
			v.start = len(letters)
			letters = append(letters, states...)
			v.end = len(letters)
			verdicts = append(verdicts, v)
			return nil
		}, after, end); err != nil {
			return err
		}
		var rec check.Walked
		var key, body raw
		dest = []any{&rec.ID, &key, &body, &rec.Seq}
		return q.query("SELECT id, record_key, body, change_seq FROM record WHERE id > $1 AND id < $2 ORDER BY id", func(r row) error {
			if err := r.scan(dest...); err != nil {
				return err
			}
			for len(verdicts) > 0 && verdicts[0].id < rec.ID {
				verdicts = verdicts[1:]
			}
			rec.Key, rec.Body, rec.States, rec.Flip = key, body, nil, 0
			if len(verdicts) > 0 && verdicts[0].id == rec.ID {
				rec.States, rec.Flip = letters[verdicts[0].start:verdicts[0].end], verdicts[0].flip
			}
			return each(&rec)
		}, after, end)
	})
}

// Recount implements check.EvaluatorStore.
func (s *Store) Recount(ctx context.Context, resourceID int64) ([]check.Recount, error) {
	var out []check.Recount
	err := s.db.read(ctx, func(q querier) error {
		groups, err := s.selectGroups(q, "g.resource_id = $1 AND g.state IN ('live', 'built')", resourceID)
		if err != nil {
			return err
		}
		var letters [][256]int64
		first, end := recordRange(resourceID)
		var states raw
		dest := []any{&states}
		if err := q.query("SELECT states FROM verdict WHERE record_id >= $1 AND record_id < $2", func(r row) error {
			if err := r.scan(dest...); err != nil {
				return err
			}
			for len(letters) < len(states) {
				letters = append(letters, [256]int64{})
			}
			for slot, letter := range states {
				letters[slot][letter]++
			}
			return nil
		}, first, end); err != nil {
			return err
		}
		for _, g := range groups {
			r := check.Recount{Group: g, Letters: map[check.State]int64{}}
			if g.Slot < len(letters) {
				for letter, n := range letters[g.Slot] {
					if n > 0 {
						r.Letters[check.State(letter)] = n
					}
				}
			}
			if err := one(q, `SELECT count(*), coalesce(sum(CASE WHEN `+failingLetter+` THEN 1 ELSE 0 END), 0) FROM finding f
				LEFT JOIN verdict v ON v.record_id = f.record_id WHERE f.group_id = $1 AND f.closed_at IS NULL AND f.record_id <> 0`,
				[]any{g.ID, g.Slot + 1}, &r.Findings, &r.Founded); err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

// failingLetter is whether the letter of a verdict v at place $2 is that of a
// record with a finding.
const failingLetter = "substr(v.states, CAST($2 AS INTEGER), 1) IN ('f', 'u', 'F', 'U')"

// MendFindings implements check.EvaluatorStore.
func (s *Store) MendFindings(ctx context.Context, g check.Group, at time.Time) error {
	first, end := recordRange(g.Resource.ID)
	return s.db.write(ctx, func(q querier) error {
		if _, err := q.exec("UPDATE finding SET closed_at = "+later("opened_at", "$3")+`, close_reason = 'fixed' WHERE group_id = $1 AND closed_at IS NULL AND record_id <> 0
			AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.record_id = finding.record_id AND `+failingLetter+")", g.ID, g.Slot+1, at); err != nil {
			return err
		}
		_, err := q.exec(`INSERT INTO finding (test_id, group_id, resource_id, record_id, record_key, opened_at)
			SELECT $3, $1, $4, v.record_id, r.record_key, $5 FROM verdict v JOIN record r ON r.id = v.record_id
			WHERE v.record_id >= $6 AND v.record_id < $7 AND `+failingLetter+unlessOpen, g.ID, g.Slot+1, g.TestID, g.Resource.ID, at, first, end)
		return err
	})
}

// applyParts moves the parts of runs.
func applyParts(q querier, b check.Batch) error {
	for _, p := range b.Parts {
		n, err := q.exec(`UPDATE run_part SET cursor_id = $3, records = records + $4, to_seq = $5, schema_version = $6, digest = $7, done = $8
			WHERE run_id = $1 AND resource_id = $2 AND done = 0`, p.RunID, p.ResourceID, p.Cursor, p.Records, p.ToSeq, p.SchemaVersion, p.Digest, p.Done)
		if err != nil {
			return err
		}
		if n == 1 && p.Drift > 0 {
			if _, err := q.exec("UPDATE run SET drift = drift + $2 WHERE id = $1", p.RunID, p.Drift); err != nil {
				return err
			}
		}
	}
	return nil
}

// running is a run that is under way as a settlement sees it.
type running struct {
	id      int64
	trigger check.Trigger
	// open is how many of its parts are not done.
	open  int64
	drift int64
}

// runningOver reads the runs under way of the tests over a resource.
func runningOver(q querier, resourceID int64) (map[int64][]running, error) {
	out := map[int64][]running{}
	err := q.query(`SELECT r.id, r.test_id, r.started_by, (SELECT count(*) FROM run_part p WHERE p.run_id = r.id AND p.done = 0), r.drift FROM run r
		WHERE r.state = 'RUNNING' AND r.test_id IN `+settleable, func(r row) error {
		var each running
		var test int64
		var trigger string
		err := r.scan(&each.id, &test, &trigger, &each.open, &each.drift)
		each.trigger = check.Trigger(trigger)
		out[test] = append(out[test], each)
		return err
	}, resourceID)
	return out, err
}

// held reports whether a test keeps its result for now: exclusions are being
// applied to its records, and to settle half of them would be a mixture.
func held(runs []running) bool {
	return slices.ContainsFunc(runs, func(r running) bool { return r.trigger == check.ByExclusion && r.open > 0 })
}

// keepRuns writes down what a step did to a test: the runs that are done with it,
// the run of this minute, and the day.
func (s *Store) keepRuns(q querier, b check.Batch, t check.Test, st check.Settlement, runs []running) error {
	var moved int64
	for _, g := range t.Groups {
		moved += g.Unsettled
	}
	over := func(r running) bool { return r.open == 0 }
	if moved == 0 && st.Result == t.Result && st.Reason == t.Reason && !slices.ContainsFunc(runs, over) {
		return nil
	}
	if moved > 0 {
		if _, err := q.exec("UPDATE test_group SET unsettled = 0 WHERE test_id = $1 AND unsettled > 0", t.ID); err != nil {
			return err
		}
	}
	counts := toJSON(t.Totals())
	incremental := b.Trigger.Incremental()
	for _, r := range runs {
		if moved > 0 && !incremental {
			if _, err := q.exec("UPDATE run SET changed = changed + $2 WHERE id = $1", r.id, moved); err != nil {
				return err
			}
		}
		if over(r) {
			if err := s.endRun(q, r, t, st, counts, b.At); err != nil {
				return err
			}
		}
	}
	if incremental {
		if err := minuteRun(q, b, t, st, moved, counts); err != nil {
			return err
		}
	}
	return putDay(q, t, st, counts, b.At)
}

// endRun ends a run that is done with all its parts.
func (s *Store) endRun(q querier, r running, t check.Test, st check.Settlement, counts string, at time.Time) error {
	if _, err := q.exec("UPDATE run SET state = 'DONE', finished_at = $2, result = $3, reason = $4, counts = $5 WHERE id = $1",
		r.id, at, string(st.Result), nullText(string(st.Reason)), counts); err != nil || r.drift == 0 {
		return err
	}
	return s.append(q, check.DriftEvent(t, r.id, r.drift, at))
}

// putDay writes the state of a test into the daily series.
func putDay(q querier, t check.Test, st check.Settlement, counts string, at time.Time) error {
	_, err := q.exec(`INSERT INTO test_day (test_id, day, result, reason, counts) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (test_id, day) DO UPDATE SET result = excluded.result, reason = excluded.reason, counts = excluded.counts`,
		t.ID, dayOf(at), string(st.Told), nullText(string(st.Reason)), counts)
	return err
}

// noteStep adds a step, after which a test is not settled, to the run of its
// minute.
func noteStep(q querier, b check.Batch, t check.Test) error {
	if !b.Trigger.Incremental() || !slices.ContainsFunc(t.Groups, func(g check.Group) bool { return b.Moved[g.ID] > 0 }) {
		return nil
	}
	return minuteRun(q, b, t, check.Settlement{Result: t.Result, Reason: t.Reason}, 0, toJSON(t.Totals()))
}

// minuteRun adds a step to the incremental run of its minute.
func minuteRun(q querier, b check.Batch, t check.Test, st check.Settlement, moved int64, counts string) error {
	var id, schema int64
	version := t.Published.Number
	for _, g := range t.Groups {
		if version = g.Version; g.Resource.ID == b.ResourceID {
			schema = g.Resource.SchemaVersion
		}
	}
	if err := one(q, `INSERT INTO run (test_id, version, started_by, state, minute, started_at, finished_at, result, reason, counts, changed, drift)
		VALUES ($1, $2, $3, 'DONE', $4, $5, $5, $6, $7, $8, $9, 0)
		ON CONFLICT (test_id, started_by, minute) WHERE minute IS NOT NULL DO UPDATE SET version = excluded.version, finished_at = excluded.finished_at,
		result = excluded.result, reason = excluded.reason, counts = excluded.counts, changed = run.changed + excluded.changed RETURNING id`,
		[]any{t.ID, version, string(b.Trigger), int64(b.At.Sub(time.Unix(0, 0)) / time.Minute), b.At, string(st.Result), nullText(string(st.Reason)), counts, moved}, &id); err != nil {
		return err
	}
	if b.Evaluated == 0 {
		return nil
	}
	digest := b.Digest
	var before []byte
	switch err := one(q, "SELECT digest FROM run_part WHERE run_id = $1 AND resource_id = $2", []any{id, b.ResourceID}, &before); {
	case err == nil:
		digest = check.ChainDigests(before, b.Digest)
	case !errors.Is(err, errNoRow):
		return err
	}
	_, err := q.exec(`INSERT INTO run_part (run_id, resource_id, done, cursor_id, total, records, from_seq, to_seq, schema_version, digest)
		VALUES ($1, $2, 1, 0, 0, $3, $4, $4, $5, $6)
		ON CONFLICT (run_id, resource_id) DO UPDATE SET records = run_part.records + excluded.records, to_seq = excluded.to_seq,
		schema_version = excluded.schema_version, digest = excluded.digest`, id, b.ResourceID, b.Evaluated, b.Watermark.Seq, schema, digest)
	return err
}
