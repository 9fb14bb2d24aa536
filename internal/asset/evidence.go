package asset

import (
	"slices"
	"time"
)

// Evidence is what a document says of a check.
type Evidence struct {
	DocumentID int64
	Type       DocumentType
	// At is when the document came.
	At time.Time
}

// EvidenceYears is for how many years a document proves what it shows.
const EvidenceYears = 1

// ExpiresAt is when the evidence does not count any more.
func (e Evidence) ExpiresAt() time.Time { return e.At.AddDate(EvidenceYears, 0, 0) }

// ExpiresAt is when the document proves nothing any more.
func (d Document) ExpiresAt() time.Time { return Evidence{At: d.CreatedAt}.ExpiresAt() }

// DocumentState is how long a document goes on to prove what it shows.
type DocumentState string

// The states; soon is within 30 days.
const (
	DocumentValid       DocumentState = "VALID"
	DocumentExpiresSoon DocumentState = "EXPIRES_SOON"
	DocumentExpired     DocumentState = "EXPIRED"
)

const documentSoon = 30 * 24 * time.Hour

// State is how the document stands at a moment.
func (d Document) State(now time.Time) DocumentState {
	switch left := d.ExpiresAt().Sub(now); {
	case left <= 0:
		return DocumentExpired
	case left <= documentSoon:
		return DocumentExpiresSoon
	}
	return DocumentValid
}

// proofs are the documents that prove checks.
var proofs = map[CheckType]DocumentType{PasswordManagerCheck: PasswordManagerEvidence, EncryptionCheck: EncryptionEvidence, AntivirusCheck: AntivirusEvidence,
	AutoUpdatesCheck: AutoUpdatesEvidence, LockScreenCheck: LockScreenEvidence}

// newest is the evidence of a type that came last, and whether it counts at a
// moment.
func newest(list []Evidence, t DocumentType, now time.Time) (last Evidence, counts bool) {
	for _, e := range list {
		if e.Type == t && (!counts || e.At.After(last.At) || e.At.Equal(last.At) && e.DocumentID > last.DocumentID) {
			last, counts = e, true
		}
	}
	return last, counts && now.Before(last.ExpiresAt())
}

// prove lays evidence over a check, of which said is what was reported last. A
// document speaks where reports are silent; one that came before a report of the
// contrary proves nothing any more.
func (c *Check) prove(list []Evidence, said *bool, now time.Time) {
	e, counts := newest(list, proofs[c.Type], now)
	if !counts || said != nil && !*said && !e.At.After(c.LastCheckedAt) {
		return
	}
	if c.Status == CheckPass {
		if e.ExpiresAt().After(c.ExpiresAt) {
			c.ExpiresAt = e.ExpiresAt()
		}
		return
	}
	c.Status, c.Frequency, c.DocumentID, c.CompletedAt, c.ExpiresAt = CheckPass, "YEARLY", e.DocumentID, e.At, e.ExpiresAt()
	if c.Basis != "" {
		c.Basis, c.Since = ByDocument, e.At
	}
	if e.At.After(c.LastCheckedAt) {
		c.LastCheckedAt = e.At
	}
}

// proven are the checks of a person of whom no device is reported: what the
// documents of the personnel record prove, in place of an agent.
func (p Person) proven(now time.Time) []Check {
	agent := Check{ID: p.ID * perDevice, Type: AgentInstalled, Status: CheckFail, Frequency: "DAILY", CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
	out := []Check{agent}
	for i, t := range deviceChecks {
		c := Check{ID: p.ID*perDevice + int64(i) + 1, Type: t, Status: CheckMisconfigured, Frequency: "DAILY", CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
		c.prove(p.Evidence, nil, now)
		if c.Status == CheckPass {
			out[0].Status = CheckExcluded
		}
		out = append(out, c)
	}
	return out
}

// Span is a stretch of time in which a person stands so, as far as is known: until
// something is reported or a document comes or goes.
type Span struct {
	Status CheckStatus
	// Passing are the checks that pass; WithDevice is in it, and AgentExcluded.
	Passing CheckSet
	// Since is the zero time in the first span, Until in the last one.
	Since time.Time
	Until time.Time
}

// SpansEdition changes with the rules from which spans follow: those that are
// stored from another edition are made anew.
const SpansEdition = 4

// standing is how a device, or a person, stands at a moment.
type standing struct {
	status  CheckStatus
	passing CheckSet
}

func standingOf(checks []Check) standing { return standing{worst(checks), passing(checks)} }

// Spans tell how a person's checks go on from now, but for people out of scope,
// of whom every check is excluded: what is reported and documented expires by
// itself.
func (p Person) Spans(devices []Device, now time.Time) []Span {
	var turns []turn
	for _, t := range expiries(p.Evidence, now) {
		turns = append(turns, turn{at: t})
	}
	all := fleet{statuses: map[CheckStatus]int{}, passes: map[CheckSet]int{}}
	for _, d := range devices {
		ends := d.LastCheckedAt.Add(ReportLife)
		moments := expiries(d.Evidence, now)
		if now.Before(ends) {
			all.fresh++
			moments = append(moments, ends)
			turns = append(turns, turn{at: ends, stale: true})
		}
		slices.SortFunc(moments, time.Time.Compare)
		was := standingOf(d.Checks(now))
		all.count(was, 1)
		for _, t := range moments {
			if is := standingOf(d.Checks(t)); is != was {
				turns = append(turns, turn{at: t, from: was, to: is})
				was = is
			}
		}
	}
	stands := func(at time.Time) standing {
		if len(devices) == 0 {
			return standingOf(p.proven(at))
		}
		return all.standing(len(devices))
	}
	slices.SortFunc(turns, func(a, b turn) int { return a.at.Compare(b.at) })
	first := stands(now)
	out := []Span{{Status: first.status, Passing: first.passing}}
	for i, t := range turns {
		all.count(t.from, -1)
		all.count(t.to, 1)
		if t.stale {
			all.fresh--
		}
		if i+1 < len(turns) && turns[i+1].at.Equal(t.at) {
			continue
		}
		last := &out[len(out)-1]
		if s := stands(t.at); s != (standing{last.Status, last.Passing}) {
			last.Until = t.at
			out = append(out, Span{Status: s.status, Passing: s.passing, Since: t.at})
		}
	}
	return out
}

// fleet counts the devices of a person: how they stand, by which checks they
// pass, and how many were reported lately.
type fleet struct {
	statuses map[CheckStatus]int
	passes   map[CheckSet]int
	fresh    int
}

// count counts devices that stand so; no standing is none.
func (f *fleet) count(s standing, n int) {
	if s.status == "" {
		return
	}
	f.statuses[s.status] += n
	for _, t := range deviceChecks {
		if bit := SetOf(t); s.passing&bit != 0 {
			f.passes[bit] += n
		}
	}
}

// standing is how the person stands who has these devices, this many.
func (f *fleet) standing(devices int) standing {
	out := standing{passing: WithDevice}
	if f.fresh > 0 {
		out.passing |= SetOf(AgentInstalled)
	}
	for _, t := range deviceChecks {
		if bit := SetOf(t); f.passes[bit] == devices {
			out.passing |= bit
		}
	}
	switch {
	case f.statuses[CheckFail] > 0 || f.fresh == 0:
		out.status = CheckFail
	case f.statuses[CheckMisconfigured] > 0:
		out.status = CheckMisconfigured
	default:
		out.status = CheckPass
	}
	return out
}

// turn is a moment at which something expires: a device stands otherwise, or its
// report is stale.
type turn struct {
	at       time.Time
	from, to standing
	stale    bool
}

// expiries are when evidence that counts now ends.
func expiries(list []Evidence, now time.Time) []time.Time {
	var out []time.Time
	for _, t := range DocumentTypes {
		if e, counts := newest(list, t, now); counts {
			out = append(out, e.ExpiresAt())
		}
	}
	return out
}
