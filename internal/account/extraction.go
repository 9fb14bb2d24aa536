package account

import (
	"context"
	"fmt"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
)

// perStep is how many records one step reads.
const perStep = 1000

// Mark is a place in the changes of a resource: a change and a record of it.
type Mark struct{ Seq, ID int64 }

// Work is what is to be done for a mapping.
type Work struct {
	ResourceID, ConnectionID int64
	ResourceName             string
	Mapping                  Mapping
	// Epoch tells whether somebody else has gone on meanwhile.
	Epoch int64
	// Done is the last change whose accounts are taken out.
	Done Mark
	// Building is true while all records are read, because the mapping is new;
	// After is the last record that was, and From the change at the beginning.
	Building bool
	After    int64
	From     int64
	// ChangeSeq is that of the resource.
	ChangeSeq int64
	// Moved are the accounts that came, changed and vanished since the last event.
	Moved Moved
}

// Moved counts accounts that came, changed or vanished.
type Moved struct {
	Added, Changed, Removed int64
}

// Seen is a record as it is now, or was when it vanished.
type Seen struct {
	Mark    Mark
	Key     string
	Body    []byte
	Deleted bool
	// At is when it came to be so.
	At time.Time
}

// Found is what a record tells of its account: nothing if it vanished, or has no
// name any more.
type Found struct {
	Key   string
	Facts *Facts
	At    time.Time
}

// Progress is the outcome of a step.
type Progress struct {
	Work
	Found []Found
	// Sweep removes the accounts whose records are gone: all records were read.
	Sweep bool
	At    time.Time
	// Event, if set, is written with what moved, this step included, if anything
	// did.
	Event func(Moved) event.Event
}

// ExtractionStore is what taking accounts out of records needs.
type ExtractionStore interface {
	// AccountsPending lists resources whose accounts are to be taken out.
	AccountsPending(ctx context.Context) ([]int64, error)
	// AccountWork reads what is to be done for a resource; ok is false where it has
	// no mapping.
	AccountWork(ctx context.Context, resourceID int64) (w Work, ok bool, err error)
	// AccountRecords reads live records behind one, in the order of ids.
	AccountRecords(ctx context.Context, resourceID, after int64, limit int) (list []Seen, more bool, err error)
	// AccountChanges reads records that changed or vanished after a mark, in order.
	AccountChanges(ctx context.Context, resourceID int64, after Mark, limit int) (list []Seen, more bool, err error)
	// ApplyAccounts stores a step, unless somebody else has gone on meanwhile.
	ApplyAccounts(ctx context.Context, p Progress) (applied bool, err error)
}

// Pending lists resources whose accounts are to be taken out.
func (m *Manager) Pending(ctx context.Context) ([]int64, error) { return m.store.AccountsPending(ctx) }

// Step takes accounts out of some records of a resource and reports whether there
// is more to do.
func (m *Manager) Step(ctx context.Context, resourceID int64) (more bool, err error) {
	w, ok, err := m.store.AccountWork(ctx, resourceID)
	if err != nil || !ok || !w.Building && w.Done.Seq >= w.ChangeSeq && w.Done.ID == whole {
		return false, err
	}
	x, err := NewExtractor(w.Mapping)
	if err != nil {
		return false, fmt.Errorf("read the account mapping of resource %d: %s", resourceID, err.Error()) // not wrapped: it is no fault of a caller
	}
	p := Progress{Work: w, At: m.o.Now()}
	var list []Seen
	if w.Building {
		if w.After == 0 {
			p.From = w.ChangeSeq
		}
		list, more, err = m.store.AccountRecords(ctx, resourceID, w.After, perStep)
	} else {
		list, more, err = m.store.AccountChanges(ctx, resourceID, w.Done, perStep)
	}
	if err != nil {
		return false, err
	}
	for _, s := range list {
		f := Found{Key: s.Key, At: s.At}
		if !s.Deleted {
			if facts, ok := x.Extract(s.Body); ok {
				f.Facts = &facts
			}
		}
		p.Found = append(p.Found, f)
	}
	switch {
	case w.Building && more:
		p.After = list[len(list)-1].Mark.ID
	case w.Building:
		p.Building, p.After, p.Sweep = false, 0, true
		p.Done = Mark{p.From, whole}
	case more:
		p.Done = list[len(list)-1].Mark
	default:
		p.Done = Mark{w.ChangeSeq, whole}
	}
	if !more {
		p.Event = func(moved Moved) event.Event { return extracted(w, moved, p.At) }
	}
	applied, err := m.store.ApplyAccounts(ctx, p)
	if err != nil {
		return false, err
	}
	// The records may have changed while all of them were read.
	return more || !applied || w.Building, nil
}

// whole is the id of a mark behind all records of a change.
const whole = 1<<63 - 1

func extracted(w Work, moved Moved, at time.Time) event.Event {
	e := event.New(event.System(event.SourceEvaluator), at, event.AccountsExtracted, event.CategoryAccount,
		fmt.Sprintf("Accounts of resource “%s”: %d came, %d changed, %d vanished", w.ResourceName, moved.Added, moved.Changed, moved.Removed),
		map[string]any{"resourceId": w.ResourceID, "added": moved.Added, "changed": moved.Changed, "removed": moved.Removed})
	e.ConnectionID = w.ConnectionID
	return e
}
