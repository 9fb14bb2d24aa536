// Package notify tells people of what changed: channels lead to them, rules say
// what they want to know, and a dispatcher makes deliveries of the events that
// the audit trail records and sends them.
package notify

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
)

// Topic is something that a rule can ask for.
type Topic string

// The topics, in the order in which a digest lists them.
const (
	TestFailed          Topic = "TEST_FAILED"
	TestError           Topic = "TEST_ERROR"
	TestRecovered       Topic = "TEST_RECOVERED"
	ConnectionUnhealthy Topic = "CONNECTION_UNHEALTHY"
	ConnectionRecovered Topic = "CONNECTION_RECOVERED"
	ConnectionStale     Topic = "CONNECTION_STALE"
	ConnectionFresh     Topic = "CONNECTION_FRESH"
	ExclusionExpiring   Topic = "EXCLUSION_EXPIRING"
	ExclusionExpired    Topic = "EXCLUSION_EXPIRED"
	Drift               Topic = "DRIFT"
)

// Topics lists every topic once.
var Topics = []Topic{TestFailed, TestError, TestRecovered, ConnectionUnhealthy, ConnectionRecovered, ConnectionStale, ConnectionFresh, ExclusionExpiring, ExclusionExpired, Drift}

// aboutConnection reports whether a topic is of a connection; the others are of
// tests.
func (t Topic) aboutConnection() bool { return strings.HasPrefix(string(t), "CONNECTION_") }

// The states of a test, of a resource's data and of its sync runs that topics follow
// from.
const (
	passed = "PASSED"
	failed = "FAILED"
	inErr  = "ERROR"
	stale  = "STALE"
	fresh  = "FRESH"
	well   = "HEALTHY"
	unwell = "UNHEALTHY"
)

// Signal is what an event tells that somebody may want to know.
type Signal struct {
	EventID string    `json:"eventId"`
	At      time.Time `json:"at"`
	Topic   Topic     `json:"topic,omitempty"`
	// From and To are the states of what changed, if it has states.
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
	Reason   string `json:"reason,omitempty"`
	TestID   int64  `json:"testId,omitempty"`
	TestName string `json:"testName,omitempty"`
	// ConnectionID, ResourceID and ResourceName say whose data is stale or fresh.
	ConnectionID int64  `json:"connectionId,omitempty"`
	ResourceID   int64  `json:"resourceId,omitempty"`
	ResourceName string `json:"resourceName,omitempty"`
	// FreshAt is when data came last, FreshnessHours how old it may be.
	FreshAt        time.Time `json:"freshAt,omitzero"`
	FreshnessHours int64     `json:"freshnessHours,omitempty"`
	ExclusionID    int64     `json:"exclusionId,omitempty"`
	// Excluded says what is excluded: a record, or a selector in words.
	Excluded  string    `json:"excluded,omitempty"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
	// Drift is how many stored verdicts a full pass corrected.
	Drift int64 `json:"drift,omitempty"`
}

// Subject is what an event is about if its changes cancel one another out: the
// status of a test, the data of a resource, or how its sync runs go. It is empty for an event that
// stands for itself, or that concerns nobody.
func Subject(e event.Event) (subject string, concerns bool) {
	switch e.Type {
	case event.TestStatusUpdated:
		return "test " + strconv.FormatInt(e.TestID, 10), true
	case event.ConnectionStale, event.ConnectionFresh:
		return "resource " + strconv.FormatInt(detailsOf(e).ResourceID, 10), true
	case event.ConnectionFailed, event.ConnectionRecovered:
		return "health " + strconv.FormatInt(detailsOf(e).ResourceID, 10), true
	case event.ExclusionExpiring, event.ExclusionExpired, event.TestDrift:
		return "", true
	}
	return "", false
}

// details are the metadata of all types together.
type details struct {
	From           string          `json:"from"`
	To             string          `json:"to"`
	Reason         string          `json:"reason"`
	ResourceID     int64           `json:"resourceId"`
	ResourceName   string          `json:"resourceName"`
	FreshAt        time.Time       `json:"freshAt"`
	FreshnessHours int64           `json:"freshnessHours"`
	ExclusionID    int64           `json:"exclusionId"`
	TargetID       json.RawMessage `json:"targetId"`
	Selector       json.RawMessage `json:"selector"`
	ExpiresAt      time.Time       `json:"expiresAt"`
	Drift          int64           `json:"drift"`
}

// detailsOf reads what can be read: a property of another form must not lose
// the rest.
func detailsOf(e event.Event) details {
	var members map[string]json.RawMessage
	var d details
	if json.Unmarshal(e.Metadata, &members) != nil {
		return d
	}
	for name, into := range map[string]any{
		"from": &d.From, "to": &d.To, "reason": &d.Reason, "resourceId": &d.ResourceID, "resourceName": &d.ResourceName, "freshAt": &d.FreshAt,
		"freshnessHours": &d.FreshnessHours, "exclusionId": &d.ExclusionID, "targetId": &d.TargetID, "selector": &d.Selector, "expiresAt": &d.ExpiresAt, "drift": &d.Drift,
	} {
		if text, ok := members[name]; ok {
			_ = json.Unmarshal(text, into)
		}
	}
	return d
}

// SignalOf reads the signal of an event that concerns somebody.
func SignalOf(e event.Event) Signal {
	d := detailsOf(e)
	s := Signal{EventID: e.ID, At: e.CreatedAt, Reason: d.Reason, TestID: e.TestID, TestName: e.TestName, ConnectionID: e.ConnectionID,
		ResourceID: d.ResourceID, ResourceName: d.ResourceName, FreshAt: d.FreshAt, FreshnessHours: d.FreshnessHours,
		ExclusionID: d.ExclusionID, ExpiresAt: d.ExpiresAt, Drift: d.Drift}
	switch e.Type {
	case event.TestStatusUpdated, event.ConnectionFailed, event.ConnectionRecovered:
		s.From, s.To = d.From, d.To
	case event.ConnectionStale:
		s.From, s.To = fresh, stale
	case event.ConnectionFresh:
		s.From, s.To = stale, fresh
	case event.ExclusionExpiring:
		s.Topic, s.Excluded = ExclusionExpiring, excluded(d)
	case event.ExclusionExpired:
		s.Topic, s.Excluded = ExclusionExpired, excluded(d)
	case event.TestDrift:
		s.Topic = Drift
	}
	return s
}

func excluded(d details) string {
	for _, text := range []json.RawMessage{d.TargetID, d.Selector} {
		if len(text) == 0 || string(text) == "null" {
			continue
		}
		var words string
		if json.Unmarshal(text, &words) == nil {
			return words
		}
		return string(text)
	}
	return ""
}

// topic is what a change of state means; it is empty for one that tells
// nothing, such as the first result of a test that passes.
func topic(from, to string) Topic {
	switch {
	case from == to:
		return ""
	case to == failed:
		return TestFailed
	case to == inErr:
		return TestError
	case to == passed && (from == failed || from == inErr):
		return TestRecovered
	case to == unwell:
		return ConnectionUnhealthy
	case to == well && from == unwell:
		return ConnectionRecovered
	case to == stale:
		return ConnectionStale
	case to == fresh:
		return ConnectionFresh
	}
	return ""
}

// Collapse makes one signal of the changes of one subject, in their order: the
// latest, from the state before the first. It is false if they cancel one
// another out or tell nothing.
func Collapse(changes []Signal) (Signal, bool) {
	if len(changes) == 0 {
		return Signal{}, false
	}
	last := changes[len(changes)-1]
	if last.Topic != "" {
		return last, true
	}
	last.From = changes[0].From
	last.Topic = topic(last.From, last.To)
	return last, last.Topic != ""
}

// Queued is an event that waits to be dispatched, with its [Subject]. ID is the
// store's name for it.
type Queued struct {
	ID      int64
	Subject string
	Event   event.Event
}

// signals makes what is to be told of queued events, which are in their order:
// one signal for the changes of a subject within a window, which its first
// change opens. done are those that it took; the others' window is open still,
// or opened after before.
func signals(queue []Queued, window time.Duration, before time.Time) (out []Signal, done []int64) {
	var order []string
	bySubject := map[string][]Queued{}
	for _, q := range queue {
		key := q.Subject
		if key == "" {
			key = "event " + strconv.FormatInt(q.ID, 10)
		}
		if bySubject[key] == nil {
			order = append(order, key)
		}
		bySubject[key] = append(bySubject[key], q)
	}
	for _, key := range order {
		for left := bySubject[key]; len(left) > 0 && !left[0].Event.CreatedAt.After(before); {
			end := left[0].Event.CreatedAt.Add(window)
			var changes []Signal
			for len(left) > 0 && (changes == nil || left[0].Event.CreatedAt.Before(end)) {
				changes, done = append(changes, SignalOf(left[0].Event)), append(done, left[0].ID)
				left = left[1:]
			}
			if s, ok := Collapse(changes); ok {
				out = append(out, s)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Signal) int { return a.At.Compare(b.At) })
	return out, done
}
