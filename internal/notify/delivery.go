package notify

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Status says how far a delivery got.
type Status string

// The states of a delivery.
const (
	Pending  Status = "PENDING"
	Sent     Status = "SENT"
	Failed   Status = "FAILED"
	Canceled Status = "CANCELED"
)

// Statuses lists every status once.
var Statuses = []Status{Pending, Sent, Failed, Canceled}

const (
	// MaxAttempts is after how many attempts a delivery is given up.
	MaxAttempts = 10
	// firstPause doubles with each attempt up to longestPause: ten attempts take
	// two to three hours.
	firstPause   = 30 * time.Second
	longestPause = time.Hour
	// kept is how long a delivery that is over can be looked at.
	kept = 90 * 24 * time.Hour
	// maxDigestSignals bounds the signals that a digest carries; it counts all.
	maxDigestSignals = 1000
)

// Backoff is the pause after an attempt (1 the first) that failed: half of it
// fixed, half by chance, so that what failed together does not come back
// together. chance is 0 up to 1.
func Backoff(attempt int, chance float64) time.Duration {
	pause := longestPause
	if attempt < 8 {
		pause = min(longestPause, firstPause<<max(0, attempt-1))
	}
	return pause/2 + time.Duration(chance*float64(pause/2))
}

// Delivery is one message on its way to one target of a channel.
type Delivery struct {
	ID int64
	// UID is the same with each attempt: a receiver knows by it what it has.
	UID         string
	WorkspaceID int64
	ChannelID   int64
	ChannelName string
	Kind        Kind
	// Target is the address of a mail channel, else empty.
	Target string
	// Key names what is told; a target of a channel is told it once.
	Key     string
	Notice  Notice
	Status  Status
	Subject string
	// Attempts counts those that were begun.
	Attempts  int
	NextAt    time.Time
	LastError string
	CreatedAt time.Time
	// FinishedAt is when it was sent or given up.
	FinishedAt time.Time
}

// DeliveryFilter narrows a list of deliveries; zero fields do not.
type DeliveryFilter struct {
	Status    Status
	ChannelID int64
}

// Due is what is to be dispatched in a workspace: all queued events of the
// subjects of which one is due, in their order.
type Due struct {
	WorkspaceID int64
	// Before bounds the moments of those that are due.
	Before time.Time
	Queue  []Queued
	Rules  []Rule
	// Channels are those of the rules, by id.
	Channels map[int64]Channel
}

// Entry is a signal that waits for a rule's digest.
type Entry struct {
	RuleID int64
	Signal Signal
}

// Plan is what follows from what is due. Done names the queued events that it
// is of; the others go on waiting.
type Plan struct {
	Done       []int64
	Deliveries []Delivery
	Entries    []Entry
}

// dispatch decides what follows from queued events: the deliveries of immediate
// rules, one for each target however many rules ask for it, and the entries of
// digests.
func dispatch(d Due, window time.Duration, now time.Time, uid func() string) Plan {
	var p Plan
	var list []Signal
	list, p.Done = signals(d.Queue, window, d.Before)
	rules := slices.SortedFunc(slices.Values(d.Rules), func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	for _, s := range list {
		reached := map[int64]bool{}
		for _, r := range rules {
			switch {
			case !r.Matches(s):
			case r.Mode == Digest:
				p.Entries = append(p.Entries, Entry{r.ID, s})
			default:
				notice := Notice{Rule: r.Name, Signals: []Signal{s}}
				p.Deliveries = append(p.Deliveries, d.deliveries(r, "event:"+s.EventID, notice, reached, now, uid)...)
			}
		}
	}
	return p
}

// deliveries brings a notice to the channels of a rule that it did not reach.
func (d Due) deliveries(r Rule, key string, n Notice, reached map[int64]bool, now time.Time, uid func() string) []Delivery {
	var out []Delivery
	subject := n.Message("").Subject
	for _, id := range r.ChannelIDs {
		c, ok := d.Channels[id]
		if !ok || reached[id] {
			continue
		}
		reached[id] = true
		targets := c.To
		if c.Kind != Mail {
			targets = []string{""}
		}
		for _, to := range targets {
			out = append(out, Delivery{UID: uid(), WorkspaceID: d.WorkspaceID, ChannelID: id, ChannelName: c.Name, Kind: c.Kind, Target: to,
				Key: key, Notice: n, Status: Pending, Subject: subject, NextAt: now, CreatedAt: now})
		}
	}
	return out
}

// Collected is a rule whose digest is due, with what waits for it.
type Collected struct {
	Rule     Rule
	Channels map[int64]Channel
	// Counts are of all entries, in any order; Signals the latest of them, in the
	// order of time, at most [DigestSignals].
	Counts  []Count
	Signals []Signal
}

// DigestSignals is how many signals a digest carries at most.
const DigestSignals = maxDigestSignals

// collect makes the deliveries of a digest; nothing happened: none. next is when
// the rule's following digest is due, zero if it makes none any more.
func collect(c Collected, now time.Time, uid func() string) (out []Delivery, next time.Time) {
	if c.Rule.Mode == Digest {
		next = c.Rule.DigestAt.Next(now)
	}
	if len(c.Counts) == 0 {
		return nil, next
	}
	counts := slices.SortedFunc(slices.Values(c.Counts), func(a, b Count) int {
		return slices.Index(Topics, a.Topic) - slices.Index(Topics, b.Topic)
	})
	n := Notice{Digest: true, From: c.Signals[0].At, Until: now, Zone: c.Rule.DigestAt.Zone, Rule: c.Rule.Name, Counts: counts, Signals: c.Signals}
	key := "digest:" + strconv.FormatInt(c.Rule.ID, 10) + ":" + strconv.FormatInt(c.Rule.NextDigest.UnixMicro(), 10)
	d := Due{WorkspaceID: c.Rule.WorkspaceID, Channels: c.Channels}
	return d.deliveries(c.Rule, key, n, map[int64]bool{}, now, uid), next
}
