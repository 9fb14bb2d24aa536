package syncrun

import (
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
)

// Mark is what a resource remembers of its runs. Its health follows from it.
type Mark struct {
	// RunID is the last run that told something, 0: none did yet.
	RunID int64
	// Failed is the step that failed in it, empty if none did, and Reason why.
	Failed Name
	Reason string
	// Since is when Failed became what it is, a step or none.
	Since time.Time
	// At is when a run was last heard of.
	At time.Time
}

// Outcome is what a run tells of a resource.
type Outcome struct {
	RunID int64
	// Failure is the step that failed, nil if none did.
	Failure *Step
	// Canceled: the run ended without an end of its own.
	Canceled bool
	At       time.Time
	// Aged: the data had been too old until now.
	Aged bool
}

// After is the mark after an outcome. A run that was cancelled without a failure
// says that its records were in order, no more: it takes back that others were
// refused.
func (m Mark) After(o Outcome) Mark {
	m.At = o.At
	switch {
	case o.Failure != nil:
		if m.Failed == "" {
			m.Since = o.At
		}
		m.RunID, m.Failed, m.Reason = o.RunID, o.Failure.Name, ""
		if e := o.Failure.Error; e != nil {
			m.Reason = e.Message
		}
	case o.Canceled && m.Failed != Validate:
	default:
		if m.Failed != "" || m.Since.IsZero() || o.Aged {
			m.Since = o.At
		}
		m.RunID, m.Failed, m.Reason = o.RunID, "", ""
	}
	return m
}

// Resource names the resource of a mark for an event.
type Resource struct {
	ID, ConnectionID int64
	Name             string
}

// The states that events of health lead from and to.
const (
	healthy   = "HEALTHY"
	unhealthy = "UNHEALTHY"
)

// Event tells that runs of a resource began to fail, or that they go well again;
// it is false if neither is so.
func (m Mark) Event(was Mark, a event.Actor, r Resource) (event.Event, bool) {
	if (was.Failed == "") == (m.Failed == "") {
		return event.Event{}, false
	}
	facts := map[string]any{"resourceId": r.ID, "resourceName": r.Name, "syncRunId": m.RunID}
	var e event.Event
	if m.Failed != "" {
		facts["from"], facts["to"], facts["step"], facts["reason"] = healthy, unhealthy, m.Failed, m.Reason
		e = event.New(a, m.At, event.ConnectionFailed, event.CategoryConnection, "Data of “"+r.Name+"” did not come in as it should: "+m.Reason, facts)
	} else {
		facts["from"], facts["to"] = unhealthy, healthy
		e = event.New(a, m.At, event.ConnectionRecovered, event.CategoryConnection, "Data of “"+r.Name+"” comes in as it should again", facts)
	}
	e.ConnectionID = r.ConnectionID
	return e, true
}

// SessionCanceled tells that the session of a run was cancelled.
func SessionCanceled(a event.Actor, at time.Time, r Run, why string) event.Event {
	e := event.New(a, at, event.SessionCanceled, event.CategoryConnection, "Session “"+r.SessionID+"” was cancelled: "+why,
		map[string]any{"resourceId": r.ResourceID, "sessionId": r.SessionID})
	e.ConnectionID = r.ConnectionID
	return e
}
