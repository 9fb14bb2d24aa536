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
	// UserID is whom the message is for; 0: whoever is at the target. Their
	// address is read anew with each attempt.
	UserID int64
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
	Audience
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
				notice := func(about about) (Notice, bool) {
					return Notice{Rule: r.Name, Signals: []Signal{s}}, about(s.Topic, s.TestID)
				}
				p.Deliveries = append(p.Deliveries, d.deliveries(r, "event:"+s.EventID, notice, reached, now, uid)...)
			}
		}
	}
	return p
}

// deliveries brings a notice to the channels of a rule that it did not reach.
func (d Due) deliveries(r Rule, key string, notice func(about) (Notice, bool), reached map[int64]bool, now time.Time, uid func() string) []Delivery {
	var out []Delivery
	for _, id := range r.ChannelIDs {
		c, ok := d.Channels[id]
		if !ok || reached[id] {
			continue
		}
		reached[id] = true
		for _, to := range d.targets(c) {
			if n, ok := notice(to.about); ok {
				out = append(out, Delivery{UID: uid(), WorkspaceID: d.WorkspaceID, ChannelID: id, ChannelName: c.Name, Kind: c.Kind, Target: to.address, UserID: to.user,
					Key: key, Notice: n, Status: Pending, Subject: n.Message("").Subject, NextAt: now, CreatedAt: now})
			}
		}
	}
	return out
}

// Collected is a rule whose digest is due, with what waits for it.
type Collected struct {
	Rule     Rule
	Channels map[int64]Channel
	Audience
	// Tallies are of all entries, in any order; Signals the latest of them, in the
	// order of time, at most [DigestSignals].
	Tallies []Tally
	Signals []Signal
}

// Tally is how many signals of a topic wait that are of one test; TestID is 0
// for what is of no test.
type Tally struct {
	Topic  Topic
	TestID int64
	N      int
}

// DigestSignals is how many signals a digest carries at most.
const DigestSignals = maxDigestSignals

// collect makes the deliveries of a digest; nothing happened: none. next is when
// the rule's following digest is due, zero if it makes none any more.
func collect(c Collected, now time.Time, uid func() string) (out []Delivery, next time.Time) {
	if c.Rule.Mode == Digest {
		next = c.Rule.DigestAt.Next(now)
	}
	if len(c.Tallies) == 0 {
		return nil, next
	}
	notice := func(about about) (Notice, bool) {
		n := Notice{Digest: true, From: c.Signals[0].At, Until: now, Zone: c.Rule.DigestAt.Zone, Rule: c.Rule.Name, Counts: c.counts(about), Signals: []Signal{}}
		for _, s := range c.Signals {
			if about(s.Topic, s.TestID) {
				n.Signals = append(n.Signals, s)
			}
		}
		return n, len(n.Counts) > 0
	}
	key := "digest:" + strconv.FormatInt(c.Rule.ID, 10) + ":" + strconv.FormatInt(c.Rule.NextDigest.UnixMicro(), 10)
	d := Due{WorkspaceID: c.Rule.WorkspaceID, Channels: c.Channels, Audience: c.Audience}
	return d.deliveries(c.Rule, key, notice, map[int64]bool{}, now, uid), next
}

// counts adds up what somebody is told, in the order of the topics.
func (c Collected) counts(about about) []Count {
	var out []Count
	for _, t := range Topics {
		n := 0
		for _, each := range c.Tallies {
			if each.Topic == t && about(t, each.TestID) {
				n += each.N
			}
		}
		if n > 0 {
			out = append(out, Count{t, n})
		}
	}
	return out
}
