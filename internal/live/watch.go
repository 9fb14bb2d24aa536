package live

import (
	"context"
	"maps"
	"slices"
	"time"
)

const (
	// perLook is how many events one look reads.
	perLook = 1000
	// before is how far in front of the end the first look begins: what was being
	// written then has a lower number than what is there already.
	before = 1000
	// patience is how long an event is waited for whose number was left out, and
	// maxMissing how many of them.
	patience   = 10 * time.Minute
	maxMissing = 5000
)

// watch is what is known of the database: what differs at the next look has
// changed.
type watch struct {
	store Store
	now   func() time.Time
	jobs  func() []Job

	last int64
	// missing are numbers below last that no event had when it was looked for. On
	// a server of several writers numbers are given before they are committed, and
	// a transaction that is undone leaves its number out for ever.
	missing    map[int64]time.Time
	resources  map[int64]Resource
	tests      map[int64]Test
	deliveries Deliveries
	entries    int64
	underWay   map[string]Job
}

// begin takes in how things stand now.
func (w *watch) begin(ctx context.Context) error {
	v, err := w.store.Watch(ctx, Window{Slow: true})
	if err != nil {
		return err
	}
	w.missing, w.last = map[int64]time.Time{}, max(v.Last-before, 0)
	w.deliveries, w.entries = v.Deliveries, v.Entries
	for more := true; more; {
		if _, _, more, err = w.look(ctx, true); err != nil {
			return err
		}
	}
	return nil
}

// look gives what changed since the look before. lost means that this is not
// known; more that another look at once is worth it.
func (w *watch) look(ctx context.Context, slow bool) (out []Change, lost, more bool, err error) {
	v, err := w.store.Watch(ctx, Window{After: w.last, Missing: slices.Sorted(maps.Keys(w.missing)), Limit: perLook, Slow: slow,
		Deliveries: &w.deliveries, Entries: &w.entries})
	if err != nil {
		return nil, false, false, err
	}
	stepped, connections := w.moved(v.Resources)
	for _, e := range v.Events {
		if e.WorkspaceID == 0 && e.ConnectionID != 0 {
			connections = append(connections, e.ConnectionID)
		}
	}
	var r Reach
	if len(stepped)+len(connections) > 0 {
		slices.Sort(connections)
		if r, err = w.store.Reach(ctx, stepped, slices.Compact(connections)); err != nil {
			return nil, false, false, err
		}
	}
	lost = w.follow(v)
	out = w.ofEvents(v.Events, r)
	out = append(out, w.ofResources(v.Resources, r)...)
	w.entries = v.Entries
	for _, t := range v.Histories {
		out = append(out, Change{Topic: t})
	}
	if slow {
		out = append(out, w.ofSlow(v)...)
	}
	return append(out, w.ofJobs()...), lost, len(v.Events) >= perLook, nil
}

// follow goes on to the last event that was read and notes the numbers that
// were left out. It reports whether they are too many to be waited for.
func (w *watch) follow(v View) (lost bool) {
	now := w.now()
	for n, since := range w.missing {
		if now.Sub(since) > patience {
			delete(w.missing, n)
		}
	}
	for _, e := range v.Events {
		if e.Seq <= w.last {
			delete(w.missing, e.Seq)
			continue
		}
		for n := max(w.last+1, e.Seq-maxMissing-1); n < e.Seq; n++ {
			w.missing[n] = now
		}
		w.last = e.Seq
	}
	if len(w.missing) <= maxMissing {
		return false
	}
	clear(w.missing)
	return true
}

// moved are the resources that were evaluated or took something in, and the
// connections of all that changed.
func (w *watch) moved(seen []Resource) (stepped, connections []int64) {
	for _, r := range seen {
		was, known := w.resources[r.ID]
		if known && r == was {
			continue
		}
		connections = append(connections, r.ConnectionID)
		if r.Epoch != was.Epoch {
			stepped = append(stepped, r.ID)
		}
	}
	return stepped, connections
}

// everywhere stands for the workspaces of what belongs to none.
var everywhere = []int64{0}

func workspacesOf(r Reach, connection int64) []int64 {
	if list := r.Workspaces[connection]; len(list) > 0 {
		return list
	}
	return everywhere
}

func (w *watch) ofEvents(events []Event, r Reach) (out []Change) {
	for _, e := range events {
		in := []int64{e.WorkspaceID}
		if e.WorkspaceID == 0 && e.ConnectionID != 0 {
			in = workspacesOf(r, e.ConnectionID)
		}
		out = append(out, changesOf(e, in)...)
	}
	return out
}

func (w *watch) ofResources(seen []Resource, r Reach) (out []Change) {
	now := make(map[int64]Resource, len(seen))
	for _, res := range seen {
		now[res.ID] = res
		was, known := w.resources[res.ID]
		if known && was == res {
			continue
		}
		topics := []Topic{Resources, SyncRuns, Connections}
		if res.Epoch != was.Epoch {
			// The verdicts of records are shown with them.
			topics = []Topic{Resources, SyncRuns, Records}
			if res.FreshAt != was.FreshAt || res.SyncAt != was.SyncAt {
				topics = append(topics, Connections)
			}
			for _, t := range r.Tests[res.ID] {
				for _, topic := range []Topic{Tests, Findings, Runs, Exclusions} {
					out = append(out, Change{Topic: topic, WorkspaceID: t.WorkspaceID, TestID: t.Number})
				}
			}
		}
		for _, ws := range workspacesOf(r, res.ConnectionID) {
			for _, topic := range topics {
				out = append(out, Change{Topic: topic, WorkspaceID: ws, ConnectionID: res.ConnectionID, ResourceID: res.ID})
			}
		}
	}
	w.resources = now
	return out
}

func (w *watch) ofSlow(v View) (out []Change) {
	now := make(map[int64]Test, len(v.Tests))
	for _, t := range v.Tests {
		now[t.ID] = t
		if was, known := w.tests[t.ID]; !known || was != t {
			out = append(out, Change{Topic: Tests, WorkspaceID: t.WorkspaceID, TestID: t.Number})
		}
	}
	w.tests = now
	if v.Deliveries != w.deliveries {
		w.deliveries = v.Deliveries
		for _, ws := range v.DeliveredIn {
			out = append(out, Change{Topic: Notifications, WorkspaceID: ws})
		}
	}
	return out
}

func (w *watch) ofJobs() (out []Change) {
	if w.jobs == nil {
		return nil
	}
	now := map[string]Job{}
	for _, j := range w.jobs() {
		now[j.ID] = j
		if was, known := w.underWay[j.ID]; !known || was != j {
			out = append(out, Change{Topic: Previews, WorkspaceID: j.WorkspaceID})
		}
	}
	for id, was := range w.underWay {
		if _, still := now[id]; !still {
			out = append(out, Change{Topic: Previews, WorkspaceID: was.WorkspaceID})
		}
	}
	w.underWay = now
	return out
}
