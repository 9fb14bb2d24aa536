package connection

import (
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Health says whether the data of a connection comes in as it should.
type Health string

// The states of health. Nothing is told of what never had data: that is the empty
// one.
const (
	Healthy   Health = "HEALTHY"
	Unhealthy Health = "UNHEALTHY"
	Stale     Health = "STALE"
)

// Healths lists every state once.
var Healths = []Health{Healthy, Unhealthy, Stale}

// Condition is a state of health with its grounds.
type Condition struct {
	Health Health
	// Reason is one sentence.
	Reason string
	// Since is when it became so, zero if that is not known.
	Since time.Time
	// ResourceID and RunID say of which resource and of which of its runs the
	// reason tells, 0: of none.
	ResourceID, RunID int64
}

// State says whether the connection takes data.
func (c Connection) State() State {
	if c.DisconnectedAt.IsZero() {
		return Active
	}
	return Disconnected
}

// Intake refuses data for a connection that is disconnected.
func (c Connection) Intake() error {
	if c.State() == Disconnected {
		return fault.New(fault.CodeIntakeStopped, "connection %d is disconnected: it takes no data until it is connected again", c.ID)
	}
	return nil
}

// Health is the health of a resource at a moment. What failed comes before what is
// old. Data that came before there were runs is taken for good.
func (r Resource) Health(now time.Time) Condition {
	out := Condition{ResourceID: r.ID, RunID: r.Sync.RunID}
	switch {
	case r.Sync.Failed != "":
		out.Health, out.Since, out.Reason = Unhealthy, r.Sync.Since, failedReason(r)
	case r.Stale(now):
		out.Health, out.Since = Stale, r.StaleAt()
		out.Reason = fmt.Sprintf("“%s” has had no data for longer than its limit of %s.", r.Name, hours(*r.FreshnessHours))
	case r.FreshAt.IsZero():
		out.Reason = fmt.Sprintf("“%s” has had no data yet.", r.Name)
	case r.Sync.Since.IsZero():
		out.Health, out.Reason = Healthy, fmt.Sprintf("“%s” has data, and nothing is known to be wrong.", r.Name)
	default:
		out.Health, out.Since, out.Reason = Healthy, r.Sync.Since, fmt.Sprintf("Every step of the last sync run of “%s” was completed.", r.Name)
	}
	return out
}

// failed are words for a step that failed.
var failed = map[syncrun.Name]string{
	syncrun.Authenticate: "Signing in to the system of “%s” failed",
	syncrun.Fetch:        "The data of “%s” could not be fetched",
	syncrun.Parse:        "The data of “%s” could not be read",
	syncrun.Stage:        "Records of “%s” could not be set down",
	syncrun.Compare:      "Records of “%s” could not be compared",
	syncrun.Complete:     "A sync run of “%s” was not completed",
	syncrun.Evaluate:     "The tests over “%s” could not be evaluated",
}

func failedReason(r Resource) string {
	if r.Sync.Failed == syncrun.Validate && r.Sync.Reason != "" {
		return fmt.Sprintf("In “%s”, %s%s", r.Name, strings.ToLower(r.Sync.Reason[:1]), r.Sync.Reason[1:])
	}
	what := fmt.Sprintf(failed[r.Sync.Failed], r.Name)
	if r.Sync.Reason == "" {
		return what + "."
	}
	return what + ": " + r.Sync.Reason
}

func hours(n int64) string {
	switch {
	case n == 1:
		return "1 hour"
	case n == 24:
		return "1 day"
	case n%24 == 0:
		return fmt.Sprintf("%d days", n/24)
	}
	return fmt.Sprintf("%d hours", n)
}

// worse orders health: what nothing is known of comes before what is well, so that a
// connection is healthy only if all of it is.
var worse = map[Health]int{Unhealthy: 3, Stale: 2, "": 1, Healthy: 0}

// Health is that of the resource that is worst off. Of a connection that is
// disconnected, or has no resource, nothing is told.
func (c Connection) Health(now time.Time) Condition {
	switch {
	case c.State() == Disconnected:
		return Condition{Reason: "The connection is disconnected: it takes no data.", Since: c.DisconnectedAt}
	case len(c.Resources) == 0:
		return Condition{Reason: "The connection has no resource yet."}
	}
	worst := c.Resources[0].Health(now)
	for _, r := range c.Resources[1:] {
		each := r.Health(now)
		later := each.Health == Healthy && worst.Health == Healthy && each.Since.After(worst.Since)
		if worse[each.Health] > worse[worst.Health] || later {
			worst = each
		}
	}
	return worst
}

// SyncedAt is when a sync run of the connection was last heard of, zero: never.
func (c Connection) SyncedAt() time.Time {
	var last time.Time
	for _, r := range c.Resources {
		if r.Sync.At.After(last) {
			last = r.Sync.At
		}
	}
	return last
}
