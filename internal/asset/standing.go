package asset

import "slices"

// Standing is how a person stands at a moment, by what lists of people are
// narrowed and counted by: the checks that pass, FULL_COMPLIANCE, whether the
// person follows an HRIS identity, and the employment status. Each has its place in
// the number. Numbers are stored: places and codes stay as they are.
type Standing int64

// The places of a standing: 16 bits have a [CheckSet], four FULL_COMPLIANCE, one
// whether an identity is followed, and those from 24 on the employment status.
const (
	complianceAt          = 16
	follows      Standing = 1 << 20
	employmentAt          = 24
	// StandingByChecks is the part of a standing that follows from checks. The other
	// part is the person's own.
	StandingByChecks Standing = 1<<20 - 1
)

// The codes of what a standing says are places in these lists.
var (
	complianceCodes = []CheckStatus{"", CheckFail, CheckMisconfigured, CheckPass}
	employmentCodes = []EmploymentStatus{"", CurrentEmployee, FormerEmployee, CurrentContractor, FormerContractor, OutOfScope, Unknown,
		SpecialFormerEmployee, SpecialFormerContractor, FutureHire, ServiceAccount}
)

// StandingOf is how a person stands in a span.
func StandingOf(p Person, s Span) Standing {
	out := Standing(s.Passing) | Standing(slices.Index(complianceCodes, s.Status))<<complianceAt | Standing(slices.Index(employmentCodes, p.Status))<<employmentAt
	if p.IdentityID != 0 {
		out |= follows
	}
	return out
}

// Employment is the person's employment status.
func (s Standing) Employment() EmploymentStatus { return employmentCodes[s>>employmentAt] }

// Synced reports whether the person follows an HRIS identity.
func (s Standing) Synced() bool { return s&follows != 0 }

// Passing are the checks that pass, with the bits that [CheckSet] has for sums. It
// says nothing of somebody who is not checked.
func (s Standing) Passing() CheckSet { return CheckSet(s & (1<<complianceAt - 1)) }

// Compliance is FULL_COMPLIANCE: excluded for those who are not checked.
func (s Standing) Compliance() CheckStatus {
	if !s.Employment().Checked() {
		return CheckExcluded
	}
	return complianceCodes[s&StandingByChecks>>complianceAt]
}

// AsksStanding reports whether a filter asks how people stand; see [PersonFilter.Keeps].
func (f PersonFilter) AsksStanding() bool {
	return len(f.Statuses) > 0 || len(f.Standing) > 0 || f.Synced != nil || f.HasDevice != nil || len(f.Passing) > 0 || f.DevicesPass != nil
}

// Keeps reports whether a filter keeps those who stand so at its moment, as far as
// it asks for that.
func (f PersonFilter) Keeps(s Standing) bool {
	switch {
	case len(f.Statuses) > 0 && !slices.Contains(f.Statuses, s.Employment()),
		len(f.Standing) > 0 && !slices.Contains(f.Standing, s.Compliance()),
		f.Synced != nil && s.Synced() != *f.Synced,
		f.HasDevice != nil && (s.Passing()&WithDevice != 0) != *f.HasDevice:
		return false
	}
	if len(f.Passing) == 0 && f.DevicesPass == nil {
		return true
	}
	return s.Employment().Checked() && f.keepsPassing(s.Passing())
}

// keepsPassing tells it of those who are checked.
func (f PersonFilter) keepsPassing(passing CheckSet) bool {
	for t, pass := range f.Passing {
		bit := SetOf(t)
		if bit == 0 || (passing&bit != 0) != pass || t == AgentInstalled && !pass && passing&AgentExcluded != 0 {
			return false
		}
	}
	if f.DevicesPass == nil {
		return true
	}
	return passing&WithDevice != 0 && (passing&OfDevices == OfDevices) == *f.DevicesPass
}
