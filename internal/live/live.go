// Package live tells listeners that something changed, so that they look again.
// It says what kind of thing and which one, never what is in it.
//
// What changed follows from the database: a node that knows nothing of what the
// others do reads the end of the audit trail and a few marks, while anybody
// listens (ADR 20).
package live

import (
	"context"
	"encoding/json"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
)

// Topic is a kind of thing that may change. The words are those of the API's
// lists, in the plural.
type Topic string

// The topics.
const (
	Connections   Topic = "connections"
	Resources     Topic = "resources"
	Records       Topic = "records"
	Sessions      Topic = "sessions"
	SyncRuns      Topic = "syncRuns"
	Tests         Topic = "tests"
	Findings      Topic = "findings"
	Runs          Topic = "runs"
	Previews      Topic = "previews"
	Conditions    Topic = "conditions"
	Exclusions    Topic = "exclusions"
	Controls      Topic = "controls"
	Frameworks    Topic = "frameworks"
	Requirements  Topic = "requirements"
	Events        Topic = "events"
	Keys          Topic = "keys"
	Users         Topic = "users"
	Personnel     Topic = "personnel"
	Workspaces    Topic = "workspaces"
	Settings      Topic = "settings"
	Notifications Topic = "notifications"
	Accounts      Topic = "accounts"
	AccessReviews Topic = "accessReviews"
	Devices       Topic = "devices"
	Assets        Topic = "assets"
)

// AllTopics lists every topic once.
var AllTopics = []Topic{Connections, Resources, Records, Sessions, SyncRuns, Tests, Findings, Runs, Previews, Conditions, Exclusions, Controls,
	Frameworks, Requirements, Events, Keys, Users, Personnel, Workspaces, Settings, Notifications, Accounts, AccessReviews, Devices, Assets}

// Change says that something of a topic is not what it was. Ids that are 0 do
// not narrow it.
type Change struct {
	Topic Topic
	// WorkspaceID is 0 for what belongs to no workspace.
	WorkspaceID  int64
	ConnectionID int64
	ResourceID   int64
	// TestID is the number of a test in its workspace.
	TestID int64
}

// Message is what a listener has to know since the message before.
type Message struct {
	// ID is the place of the message; a listener that comes back with it goes on
	// from there.
	ID string
	// Resync: what was missed is not known. Everything may have changed.
	Resync  bool
	Changes []Change
	// Access: who may do what may have changed, among others the rights of the
	// listener.
	Access bool
}

// Event is what of an event of the audit trail bears on the topics.
type Event struct {
	Seq                               int64
	Type                              event.Type
	Category                          event.Category
	WorkspaceID, ConnectionID, TestID int64
	Metadata                          json.RawMessage
}

// Resource has the marks of a resource: Epoch grows with each step of its
// evaluation, FreshAt (microseconds) with what was taken in, SyncAt with what was
// heard of its sync runs.
type Resource struct {
	ID, ConnectionID, Epoch, FreshAt, SyncAt int64
}

// Test has the marks of a test that no event and no evaluation tells of.
type Test struct {
	ID, WorkspaceID, Number, NextRunAt int64
}

// Deliveries has marks that move when a notification is queued, tried or done.
type Deliveries struct {
	// LastID and FinishedAt (microseconds) are the greatest ones, Due sums up those
	// that are next to be tried.
	LastID, FinishedAt, Due int64
}

// Window is what a look asks for.
type Window struct {
	// Events with a greater number than After are read, and those of Missing. At
	// most Limit are read.
	After   int64
	Missing []int64
	Limit   int
	// Slow asks for the tests and the deliveries, too.
	Slow bool
	// Deliveries are those of the slow look before, nil at the first one.
	Deliveries *Deliveries
	// Entries is that of the look before, nil at the first one.
	Entries *int64
}

// View is what a look sees, of one moment.
type View struct {
	// Last is the greatest number of an event.
	Last int64
	// Events are in the order of their numbers.
	Events     []Event
	Resources  []Resource
	Tests      []Test
	Deliveries Deliveries
	// DeliveredIn are the workspaces of the deliveries that moved.
	DeliveredIn []int64
	// Entries is the greatest number of an entry in the histories of people, devices
	// and assets. Histories are those of the three that had one since the look
	// before, which the event that led to it does not tell: it came earlier.
	Entries   int64
	Histories []Topic
}

// Reach says what changed resources and connections bear on.
type Reach struct {
	// Tests are those that look at records of a resource, by its id.
	Tests map[int64][]Test
	// Workspaces are those that a connection belongs to, by its id.
	Workspaces map[int64][]int64
}

// Store reads what moved.
type Store interface {
	Watch(ctx context.Context, w Window) (View, error)
	Reach(ctx context.Context, resources, connections []int64) (Reach, error)
}

// Job is work that is in the memory of this process alone. Mark moves with it.
type Job struct {
	ID          string
	WorkspaceID int64
	Mark        int64
}

// Timing is how often things happen; the zero value has the usual times.
type Timing struct {
	// Look is how often the store is looked at, Gap how long it rests at least.
	Look, Gap time.Duration
	// Slow is how often what changes rarely is looked at.
	Slow time.Duration
	// Linger is how long looking goes on without listeners: who comes back
	// meanwhile has missed nothing.
	Linger time.Duration
}

func (t Timing) orUsual() Timing {
	for _, each := range []struct {
		value *time.Duration
		usual time.Duration
	}{{&t.Look, 250 * time.Millisecond}, {&t.Gap, 50 * time.Millisecond}, {&t.Slow, time.Second}, {&t.Linger, 15 * time.Second}} {
		if *each.value == 0 {
			*each.value = each.usual
		}
	}
	return t
}
