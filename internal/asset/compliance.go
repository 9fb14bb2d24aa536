package asset

import (
	"slices"
	"time"
)

// Check is what the product makes of one protection of a device, or of all of
// them (contract section 2.3).
type Check struct {
	ID        int64
	Type      CheckType
	Status    CheckStatus
	Frequency string
	// CompletedAt is when the protection was last seen, zero unless it passes.
	CompletedAt   time.Time
	ExpiresAt     time.Time
	LastCheckedAt time.Time
	// Basis says what the status of a device's check follows from, and Since is
	// from when on it held, zero where that was not noted. A person's have neither.
	Basis CheckBasis
	Since time.Time
	// DocumentID is the document by which the check passes, 0 when a report says so.
	DocumentID int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// CheckBasis is what the status of a check follows from.
type CheckBasis string

// The bases: the last report says so, it says nothing of it, it is too old, or a
// document proves it.
const (
	ByReport        CheckBasis = "REPORTED"
	ByMissingReport CheckBasis = "NOT_REPORTED"
	ByOldReport     CheckBasis = "REPORT_EXPIRED"
	ByDocument      CheckBasis = "DOCUMENT"
)

// CheckType is what is checked.
type CheckType string

// The types that are checked here.
const (
	FullCompliance       CheckType = "FULL_COMPLIANCE"
	AgentInstalled       CheckType = "AGENT_INSTALLED"
	PasswordManagerCheck CheckType = "PASSWORD_MANAGER"
	EncryptionCheck      CheckType = "HDD_ENCRYPTION"
	AntivirusCheck       CheckType = "ANTIVIRUS"
	AutoUpdatesCheck     CheckType = "AUTO_UPDATES"
	LockScreenCheck      CheckType = "LOCK_SCREEN"
)

// CheckStatus is what came of a check.
type CheckStatus string

// The statuses. Misconfigured means that nothing is known, or nothing recent.
const (
	CheckPass          CheckStatus = "PASS"
	CheckFail          CheckStatus = "FAIL"
	CheckMisconfigured CheckStatus = "MISCONFIGURED"
	CheckExcluded      CheckStatus = "EXCLUDED"
)

// CheckStatuses are all of them.
var CheckStatuses = []CheckStatus{CheckPass, CheckFail, CheckMisconfigured, CheckExcluded}

// problems say what is wrong when a check fails, and when nothing is known.
var problems = map[CheckType]map[CheckStatus]string{
	AgentInstalled:       {CheckFail: "No device reports"},
	PasswordManagerCheck: {CheckFail: "Password manager is missing", CheckMisconfigured: "Password manager is not known"},
	EncryptionCheck:      {CheckFail: "Disk encryption is off", CheckMisconfigured: "Disk encryption is not known"},
	AntivirusCheck:       {CheckFail: "Antivirus is off", CheckMisconfigured: "Antivirus is not known"},
	AutoUpdatesCheck:     {CheckFail: "Automatic updates are off", CheckMisconfigured: "Automatic updates are not known"},
	LockScreenCheck:      {CheckFail: "Lock screen is off", CheckMisconfigured: "Lock screen is not known"},
}

// Problem says in a few words what is wrong, empty when nothing is, and for
// FULL_COMPLIANCE, which is about the others.
func (c Check) Problem() string { return problems[c.Type][c.Status] }

// ReportLife is how long a report speaks for a device. After it nothing passes:
// nobody knows what became of the device.
const ReportLife = 30 * 24 * time.Hour

// perDevice bounds the ids of checks: a device's are its own number and a place.
const perDevice = 16

// deviceChecks are the checks of a device, in their order.
var deviceChecks = []CheckType{PasswordManagerCheck, EncryptionCheck, AntivirusCheck, AutoUpdatesCheck, LockScreenCheck}

// CheckSet holds checks, a bit for each.
type CheckSet int64

// checkBits must stay as they are: they are stored.
var checkBits = map[CheckType]CheckSet{AgentInstalled: 1, PasswordManagerCheck: 2, EncryptionCheck: 4, AntivirusCheck: 8, AutoUpdatesCheck: 16, LockScreenCheck: 32}

// Bits in sums: the checks of devices, that nobody asks for an agent because
// documents speak in its place, and that there is a device at all.
const (
	OfDevices     CheckSet = 2 | 4 | 8 | 16 | 32
	AgentExcluded CheckSet = 64
	WithDevice    CheckSet = 128
)

// SetOf is the set of one check. It is empty for a check that is not made here,
// and for FULL_COMPLIANCE, which is a status.
func SetOf(t CheckType) CheckSet { return checkBits[t] }

func passing(checks []Check) CheckSet {
	var out CheckSet
	for _, c := range checks {
		switch {
		case c.Status == CheckPass:
			out |= SetOf(c.Type)
		case c.Status == CheckExcluded && c.Type == AgentInstalled:
			out |= AgentExcluded
		}
	}
	return out
}

// behind is the protection that a check is about.
func (p *Posture) behind(t CheckType) *Protection {
	return map[CheckType]*Protection{PasswordManagerCheck: &p.PasswordManager, EncryptionCheck: &p.Encryption, AntivirusCheck: &p.Antivirus,
		AutoUpdatesCheck: &p.AutoUpdate, LockScreenCheck: &p.ScreenLock}[t]
}

// says is what the last report says of a check, nil if nothing.
func (d *Device) says(t CheckType) *bool {
	enabled := d.Posture.behind(t).Enabled
	if t == LockScreenCheck && enabled == nil && d.ScreenLockTime != nil {
		locks := *d.ScreenLockTime > 0
		return &locks
	}
	return enabled
}

// date notes from when on a report holds: what it says as the one before did,
// while that one still counted, holds since then.
func (d *Device) date(old *Device, now time.Time) {
	for _, t := range deviceChecks {
		p := d.Posture.behind(t)
		p.Since = now
		if old == nil {
			continue
		}
		is, was := d.says(t), old.says(t)
		if is == nil && was == nil || is != nil && was != nil && *is == *was && now.Before(old.LastCheckedAt.Add(ReportLife)) {
			p.Since = old.Posture.behind(t).Since
		}
	}
}

// Checks are what the product makes of a device at a moment.
func (d Device) Checks(now time.Time) []Check {
	var out []Check
	for i, t := range deviceChecks {
		c := Check{ID: d.ID*perDevice + int64(i) + 1, Type: t, Frequency: "DAILY", LastCheckedAt: d.LastCheckedAt, ExpiresAt: d.LastCheckedAt.Add(ReportLife),
			Basis: ByReport, Since: d.Posture.behind(t).Since, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt}
		switch enabled := d.says(t); {
		case enabled == nil:
			c.Status, c.Basis = CheckMisconfigured, ByMissingReport
			if d.Null() {
				c.ExpiresAt = time.Time{}
			}
		case !now.Before(c.ExpiresAt):
			c.Status, c.Basis, c.Since = CheckMisconfigured, ByOldReport, c.ExpiresAt
		case *enabled:
			c.Status, c.CompletedAt = CheckPass, d.LastCheckedAt
		default:
			c.Status = CheckFail
		}
		c.prove(d.Evidence, d.says(t), now)
		out = append(out, c)
	}
	return out
}

// Standing is what the product makes of a device as a whole: a fail before what
// is not known.
func (d Device) Standing(now time.Time) CheckStatus { return worst(d.Checks(now)) }

// Compliant reports whether every check passes.
func (d Device) Compliant(now time.Time) bool { return d.Standing(now) == CheckPass }

// worst is the status of several checks as one: fail before misconfigured.
func worst(checks []Check) CheckStatus {
	status := CheckPass
	for _, c := range checks {
		switch c.Status {
		case CheckFail:
			return CheckFail
		case CheckMisconfigured:
			status = CheckMisconfigured
		}
	}
	return status
}

// Checks rolls up what the product makes of a person's devices: each protection
// passes when it does on all of them. Of somebody without a device the documents
// of the personnel record are looked at. All are excluded while nothing is asked of
// the person.
func (p Person) Checks(devices []Device, now time.Time) []Check {
	parts := p.proven(now)
	if len(devices) > 0 {
		parts = p.rolledUp(devices, now)
	}
	whole := Check{ID: p.ID*perDevice + perDevice - 1, Type: FullCompliance, Status: worst(parts), Frequency: "DAILY", CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
	for _, c := range parts {
		if c.LastCheckedAt.After(whole.LastCheckedAt) {
			whole.LastCheckedAt = c.LastCheckedAt
		}
		if !c.ExpiresAt.IsZero() && (whole.ExpiresAt.IsZero() || c.ExpiresAt.Before(whole.ExpiresAt)) {
			whole.ExpiresAt = c.ExpiresAt
		}
	}
	if whole.Status == CheckPass {
		whole.CompletedAt = whole.LastCheckedAt
	}
	if !p.Status.Checked() {
		for i := range parts {
			parts[i].Status, parts[i].CompletedAt = CheckExcluded, time.Time{}
		}
		whole.Status, whole.CompletedAt = CheckExcluded, time.Time{}
	}
	return append([]Check{whole}, parts...)
}

// rolledUp are the checks of a person with devices.
func (p Person) rolledUp(devices []Device, now time.Time) []Check {
	byType := map[CheckType][]Check{}
	for _, d := range devices {
		for _, c := range d.Checks(now) {
			byType[c.Type] = append(byType[c.Type], c)
		}
	}
	installed := Check{ID: p.ID * perDevice, Type: AgentInstalled, Status: CheckFail, Frequency: "DAILY", CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
	for _, d := range devices {
		if now.Before(d.LastCheckedAt.Add(ReportLife)) {
			installed.Status = CheckPass
			if d.LastCheckedAt.After(installed.LastCheckedAt) {
				installed.LastCheckedAt, installed.CompletedAt, installed.ExpiresAt = d.LastCheckedAt, d.LastCheckedAt, d.LastCheckedAt.Add(ReportLife)
			}
		}
	}
	parts := []Check{installed}
	for i, t := range deviceChecks {
		of := byType[t]
		// The one that expires first decides for how long all pass.
		first := slices.MinFunc(of, func(a, b Check) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
		c := Check{ID: p.ID*perDevice + int64(i) + 1, Type: t, Status: worst(of), Frequency: first.Frequency, LastCheckedAt: first.LastCheckedAt, ExpiresAt: first.ExpiresAt,
			CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
		if c.Status == CheckPass {
			c.CompletedAt, c.DocumentID = first.CompletedAt, first.DocumentID
		}
		parts = append(parts, c)
	}
	return parts
}
