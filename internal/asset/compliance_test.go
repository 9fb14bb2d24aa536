package asset_test

import (
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
)

// What fails or is not known says so in words; what passes, or is not asked for,
// says nothing.
func TestProblems(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	off, on := false, true
	d := asset.Device{ID: 7, LastCheckedAt: now}
	d.Posture.Encryption.Enabled, d.Posture.Antivirus.Enabled = &off, &on
	works, left := asset.Person{ID: 3, Status: asset.CurrentEmployee}, asset.Person{ID: 3, Status: asset.OutOfScope}
	for _, c := range []struct {
		name    string
		checks  []asset.Check
		problem map[asset.CheckType]string
	}{
		{"without a device", works.Checks(nil, now), map[asset.CheckType]string{asset.AgentInstalled: "No device reports", asset.EncryptionCheck: "Disk encryption is not known",
			asset.AntivirusCheck: "Antivirus is not known"}},
		{"with a device", works.Checks([]asset.Device{d}, now), map[asset.CheckType]string{asset.EncryptionCheck: "Disk encryption is off", asset.LockScreenCheck: "Lock screen is not known"}},
		{"a device", d.Checks(now), map[asset.CheckType]string{asset.EncryptionCheck: "Disk encryption is off", asset.AutoUpdatesCheck: "Automatic updates are not known"}},
		{"out of scope", left.Checks(nil, now), nil},
	} {
		for _, k := range c.checks {
			if want, asked := c.problem[k.Type]; asked && k.Problem() != want {
				t.Errorf("%s: %s says %q, want %q", c.name, k.Type, k.Problem(), want)
			}
			says := k.Type != asset.FullCompliance && (k.Status == asset.CheckFail || k.Status == asset.CheckMisconfigured)
			if says != (k.Problem() != "") {
				t.Errorf("%s: %s is %s and says %q", c.name, k.Type, k.Status, k.Problem())
			}
		}
	}
}
