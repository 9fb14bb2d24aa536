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
	// Since is the zero time in the first span, Until in the last one.
	Since time.Time
	Until time.Time
}

// SpansEdition changes with the rules from which spans follow: those that are
// stored from another edition are made anew.
const SpansEdition = 2

// Spans tell how a person's FULL_COMPLIANCE goes on from now, but for people out
// of scope, of whom every check is excluded: what is reported and documented
// expires by itself.
func (p Person) Spans(devices []Device, now time.Time) []Span {
	var turns []turn
	for _, t := range expiries(p.Evidence, now) {
		turns = append(turns, turn{at: t})
	}
	standing, fresh := map[CheckStatus]int{}, 0
	for _, d := range devices {
		ends := d.LastCheckedAt.Add(ReportLife)
		moments := expiries(d.Evidence, now)
		if now.Before(ends) {
			fresh++
			moments = append(moments, ends)
			turns = append(turns, turn{at: ends, stale: true})
		}
		slices.SortFunc(moments, time.Time.Compare)
		was := worst(d.Checks(now))
		standing[was]++
		for _, t := range moments {
			if is := worst(d.Checks(t)); is != was {
				turns = append(turns, turn{at: t, from: was, to: is})
				was = is
			}
		}
	}
	status := func(at time.Time) CheckStatus {
		switch {
		case len(devices) == 0:
			return worst(p.proven(at))
		case standing[CheckFail] > 0 || fresh == 0:
			return CheckFail
		case standing[CheckMisconfigured] > 0:
			return CheckMisconfigured
		}
		return CheckPass
	}
	slices.SortFunc(turns, func(a, b turn) int { return a.at.Compare(b.at) })
	out := []Span{{Status: status(now)}}
	for i, t := range turns {
		standing[t.from]--
		standing[t.to]++
		if t.stale {
			fresh--
		}
		if i+1 < len(turns) && turns[i+1].at.Equal(t.at) {
			continue
		}
		if s := status(t.at); s != out[len(out)-1].Status {
			out[len(out)-1].Until = t.at
			out = append(out, Span{Status: s, Since: t.at})
		}
	}
	return out
}

// turn is a moment at which something expires: a device stands otherwise, or its
// report is stale.
type turn struct {
	at       time.Time
	from, to CheckStatus
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
