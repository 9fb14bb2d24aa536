package check

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

const (
	// maxEvidences is how many downloads of evidence read at the same time: each
	// holds readers of the database for as long as its client takes.
	maxEvidences = 2
	// evidenceRows and evidenceBytes are how many records are read together, and
	// about how large they are; one is always read.
	evidenceRows  = 500
	evidenceBytes = 1 << 20
)

// Evidence is what a run judged: the records of its moment with what the run's
// version of the test says of each. It is made of the history of the records,
// and valid during the call that gets it only.
type Evidence struct {
	Run  TestRun
	Test Test
	// Version is the run's version of the logic.
	Version Version
	Logic   rule.Logic
	// Groups are those of the version as they were in force.
	Groups []Group
	// Resources are those of the groups, with the schema of the moment, in the
	// order of their ids.
	Resources []connection.Resource
	// Exclusions are those that stood at that moment, as they were then.
	Exclusions []Exclusion

	survey *survey
	reader Reader
	// seen is what each worker of the survey saw, by resource.
	seen map[int64][]evidenceSeen
}

// EvidenceRecord is one record of an [Evidence].
type EvidenceRecord struct {
	Resource *connection.Resource
	Key      string
	// Body is the record's text as it is stored.
	Body []byte
	// Groups are what the groups over its resource say of it.
	Groups []EvidenceVerdict
	// Since is since when it failed the test at that moment, zero unless it did.
	Since time.Time
	// Exclusions are those that cover it, if it is excluded.
	Exclusions []*Exclusion
}

// EvidenceVerdict is what one group says of one record, OutOfScope, Pass, Fail,
// Duplicate, Faulty, Satisfied or NotSatisfied; Words say why it fails or cannot
// be evaluated.
type EvidenceVerdict struct {
	Group *Group
	State State
	// Excluded is true for a record in scope that does not count.
	Excluded bool
	Words    []string
}

// Name is what people call the record.
func (r *EvidenceRecord) Name() string {
	return displayName(r.Resource.DisplayNameKey, r.Key, r.Body)
}

// Fails reports whether it fails or cannot be evaluated, and counts as such.
func (v EvidenceVerdict) Fails() bool { return !v.Excluded && v.State.troubled() }

// RunLogic is what a run judged by.
type RunLogic struct {
	Version Version
	// Groups are those in force at the run's end. Their resources come with the
	// schema of the run.
	Groups []Group
	// Exclusions are those of the test that stood at the run's end, as they were
	// then, with the fields that a version of an exclusion has.
	Exclusions []Exclusion
}

// Evidence judges the records of a run's end anew and calls write with what it
// finds. A run that is not done, and one whose records are gone with their
// connection, is a CodeConflict; write is not called then.
func (s *Service) Evidence(ctx context.Context, workspaceID, number, id int64, write func(*Evidence) error) error {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return err
	}
	e := &Evidence{Test: t}
	if e.Run, err = s.store.Run(ctx, t, id); err != nil {
		return err
	}
	if e.Run.State != RunDone {
		return fault.New(fault.CodeConflict, "run %d is %s: only a run that is done has evidence", id, e.Run.State)
	}
	logic, err := s.store.RunLogic(ctx, t, e.Run)
	if err != nil {
		return err
	}
	if err := e.take(logic); err != nil {
		return err
	}
	free, err := turn(ctx, s.evidences)
	if err != nil {
		return err
	}
	defer free()
	if e.survey, err = newSurvey(s.store, e.Groups, e.Run.FinishedAt, s.now()); err != nil {
		return err
	}
	for _, resource := range e.survey.resources() {
		switch _, err := s.store.ResourceInWorkspace(ctx, workspaceID, resource); {
		case fault.KindOf(err) == fault.NotFound:
			return fault.New(fault.CodeConflict, "the records that run %d looked at are gone: the connection of resource %d was deleted, or is no longer in this workspace", id, resource)
		case err != nil:
			return err
		}
	}
	return s.store.Look(ctx, e.survey.resources(), e.survey.at, e.survey.readers, func(readers []Reader) error {
		for _, r := range readers {
			for _, p := range e.Run.Parts {
				if e.Run.fixed(p) {
					r.Until(p.Resource, p.ToSeq, e.Run.StartedAt)
				}
			}
		}
		if err := e.exclude(readers[0]); err != nil {
			return err
		}
		if err := e.tally(ctx, readers); err != nil {
			return err
		}
		e.reader = readers[0]
		return write(e)
	})
}

// take fills in what the run judged by.
func (e *Evidence) take(l RunLogic) error {
	parsed, err := rule.ParseTest(l.Version.Pinned)
	if err != nil {
		return err
	}
	e.Version, e.Logic, e.Groups, e.Exclusions = l.Version, parsed.Logic, l.Groups, l.Exclusions
	seen := map[int64]connection.Resource{}
	for _, g := range e.Groups {
		seen[g.Resource.ID] = g.Resource
	}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		e.Resources = append(e.Resources, seen[id])
	}
	return nil
}

// fixed reports whether the change is known with which the run's look at a
// resource ended. The moment of the run's end alone would take in what was being
// written just then.
func (r TestRun) fixed(p RunPart) bool { return r.Trigger.Incremental() || p.FromSeq == p.ToSeq }

// exclude takes the records out of the counts that were excluded.
func (e *Evidence) exclude(r Reader) error {
	for i := range e.Resources {
		id := e.Resources[i].ID
		var covers []Cover
		var keys []string
		for n := range e.Exclusions {
			x := &e.Exclusions[n]
			switch {
			case x.Resource.ID != id:
			case x.Key != "":
				keys = append(keys, x.Key)
			default:
				covers = append(covers, Cover{ID: x.ID, Selector: x.Pinned})
			}
		}
		if len(keys)+len(covers) == 0 {
			continue
		}
		named, err := r.IDs(id, keys)
		if err != nil {
			return err
		}
		for _, record := range named {
			covers = append(covers, Cover{RecordID: record})
		}
		if err := e.survey.exclude(id, covers); err != nil {
			return err
		}
	}
	return nil
}

// tally judges the records and notes what is said of each.
func (e *Evidence) tally(ctx context.Context, readers []Reader) error {
	s := e.survey
	parts, err := s.parts(readers[0])
	if err == nil {
		err = s.collect(ctx, readers)
	}
	if err != nil {
		return err
	}
	e.seen = map[int64][]evidenceSeen{}
	for _, p := range s.plans {
		workers := make([]evidenceSeen, len(readers))
		for w := range workers {
			workers[w].places = map[string]uint32{}
		}
		e.seen[p.resourceID] = workers
	}
	s.watch = func(worker int, resourceID, id int64, size int, states []State) {
		e.seen[resourceID][worker].note(id, size, states)
	}
	if err := s.tallies(ctx, readers, parts); err != nil {
		return err
	}
	for _, workers := range e.seen {
		for _, seen := range workers {
			slices.SortFunc(seen.rows, func(a, b evidenceRow) int { return cmp.Compare(a.id, b.id) })
		}
	}
	return nil
}
