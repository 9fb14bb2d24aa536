package access

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Feature names a part of the product that an administrator can switch off.
// The names are the contract's entitlements.
type Feature string

// CustomConnections covers custom connections, their records and the tests
// over them.
const CustomConnections Feature = "CUSTOM_CONNECTIONS_AND_TESTS"

// CustomFrameworks covers making and importing frameworks of one's own.
const CustomFrameworks Feature = "CUSTOM_FRAMEWORKS"

// Features lists every feature once.
var Features = []Feature{CustomConnections, CustomFrameworks}

// SettingsUpdated is the type of the event that a change of settings appends.
const SettingsUpdated event.Type = "COMPANY_SETTINGS_UPDATED"

const (
	maxTermsVersion = 191
	maxTermsText    = 100_000
	// settingsLife is how long a read of the settings is good for: every
	// request asks, and another node may change them.
	settingsLife = time.Second
)

// Settings are the switches of the organisation. The zero value is how a fresh
// database begins: every feature on, no terms.
type Settings struct {
	DisabledFeatures []string `json:"disabledFeatures,omitempty"`
	// TermsVersion names the API terms in force, empty without terms.
	TermsVersion string `json:"termsVersion,omitempty"`
	TermsText    string `json:"termsText,omitempty"`
	// TermsAcceptedVersion is the version that was accepted last.
	TermsAcceptedVersion string `json:"termsAcceptedVersion,omitempty"`
	// ExclusionExpiryOptional allows exclusions without an end.
	ExclusionExpiryOptional bool `json:"exclusionExpiryOptional,omitempty"`
	// ExclusionMaxDays is how many days off the end of an exclusion may be, 0
	// for 365; ExclusionWarningDays is how many days before its end it is about
	// to expire, 0 for 7.
	ExclusionMaxDays     int `json:"exclusionMaxDays,omitempty"`
	ExclusionWarningDays int `json:"exclusionWarningDays,omitempty"`
}

const (
	defaultExclusionMaxDays     = 365
	defaultExclusionWarningDays = 7
	maxExclusionDays            = 3650
)

// Exclusions is what is demanded of exclusions, in days where it is a number.
func (s Settings) Exclusions() (expiryRequired bool, maxDays, warningDays int) {
	maxDays, warningDays = s.ExclusionMaxDays, s.ExclusionWarningDays
	if maxDays == 0 {
		maxDays = defaultExclusionMaxDays
	}
	if warningDays == 0 {
		warningDays = defaultExclusionWarningDays
	}
	return !s.ExclusionExpiryOptional, maxDays, warningDays
}

func (s Settings) checkExclusions() error {
	for _, p := range []struct {
		name string
		days int
	}{{"exclusionMaxDays", s.ExclusionMaxDays}, {"exclusionWarningDays", s.ExclusionWarningDays}} {
		if p.days < 0 || p.days > maxExclusionDays {
			return fault.New(fault.CodeValidation, "`%s` (/%s) must be from 1 to %d", p.name, p.name, maxExclusionDays)
		}
	}
	return nil
}

// TermsPending reports whether terms are in force that nobody accepted yet.
func (s Settings) TermsPending() bool {
	return s.TermsVersion != "" && s.TermsVersion != s.TermsAcceptedVersion
}

// SettingsChange is what an administrator may change; nil leaves a field as it
// is. An empty TermsVersion withdraws the terms.
type SettingsChange struct {
	DisabledFeatures *[]string
	TermsVersion     *string
	TermsText        *string

	ExclusionExpiryRequired *bool
	// ExclusionMaxDays and ExclusionWarningDays go back to what they are at first
	// with 0.
	ExclusionMaxDays     *int
	ExclusionWarningDays *int
}

// SettingsStore keeps the settings.
type SettingsStore interface {
	Settings(ctx context.Context) (Settings, error)
	// ChangeSettings stores what change makes of the settings, which nobody else
	// changes meanwhile; change may be called more than once.
	ChangeSettings(ctx context.Context, change func(*Settings) (event.Event, error)) (Settings, error)
}

// settingsCache keeps the last read of the settings.
type settingsCache struct {
	mu   sync.Mutex
	at   time.Time
	seen bool
	now  Settings
}

// Settings reads the settings; they may be a second old.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	c := &s.settings
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := s.now().Sub(c.at); c.seen && age >= 0 && age < settingsLife {
		return c.now, nil
	}
	read, err := s.store.Settings(ctx)
	if err != nil {
		return Settings{}, err
	}
	c.now, c.at, c.seen = read, s.now(), true
	return read, nil
}

// UpdateSettings changes settings.
func (s *Service) UpdateSettings(ctx context.Context, a event.Actor, c SettingsChange) (Settings, error) {
	return s.changeSettings(ctx, a, "The settings were changed", func(next *Settings) error {
		if c.DisabledFeatures != nil {
			features, err := parseFeatures(*c.DisabledFeatures)
			if err != nil {
				return err
			}
			next.DisabledFeatures = features
		}
		if c.TermsVersion != nil {
			next.TermsVersion = strings.TrimSpace(*c.TermsVersion)
		}
		if c.TermsText != nil {
			next.TermsText = *c.TermsText
		}
		c.exclusions(next)
		if err := next.checkTerms(); err != nil {
			return err
		}
		return next.checkExclusions()
	})
}

func (c SettingsChange) exclusions(next *Settings) {
	if c.ExclusionExpiryRequired != nil {
		next.ExclusionExpiryOptional = !*c.ExclusionExpiryRequired
	}
	if c.ExclusionMaxDays != nil {
		next.ExclusionMaxDays = *c.ExclusionMaxDays
	}
	if c.ExclusionWarningDays != nil {
		next.ExclusionWarningDays = *c.ExclusionWarningDays
	}
}

// AcceptTerms accepts the terms in force; without terms it is a
// CodeUnprocessable.
func (s *Service) AcceptTerms(ctx context.Context, a event.Actor) (Settings, error) {
	return s.changeSettings(ctx, a, "The API terms were accepted", func(next *Settings) error {
		if next.TermsVersion == "" {
			return fault.New(fault.CodeUnprocessable, "no API terms are in force, so there is nothing to accept")
		}
		next.TermsAcceptedVersion = next.TermsVersion
		return nil
	})
}

func (s *Service) changeSettings(ctx context.Context, a event.Actor, what string, change func(*Settings) error) (Settings, error) {
	c := &s.settings
	c.mu.Lock()
	defer c.mu.Unlock()
	now := s.now()
	next, err := s.store.ChangeSettings(ctx, func(next *Settings) (event.Event, error) {
		if err := change(next); err != nil {
			return event.Event{}, err
		}
		return event.New(a, now, SettingsUpdated, event.CategoryCompany, what, map[string]any{
			"disabledFeatures": next.DisabledFeatures, "termsVersion": next.TermsVersion, "termsAcceptedVersion": next.TermsAcceptedVersion,
			"exclusionExpiryRequired": !next.ExclusionExpiryOptional, "exclusionMaxDays": next.ExclusionMaxDays,
			"exclusionWarningDays": next.ExclusionWarningDays}), nil
	})
	if err != nil {
		return Settings{}, err
	}
	c.now, c.at, c.seen = next, now, true
	return next, nil
}

func parseFeatures(names []string) ([]string, error) {
	out := []string{}
	for _, n := range names {
		if !slices.Contains(Features, Feature(n)) {
			return nil, fault.New(fault.CodeValidation, "`disabledFeatures` has %q, which is not a feature; there are %s and %s", n, CustomConnections, CustomFrameworks)
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

func (s Settings) checkTerms() error {
	switch {
	case utf8.RuneCountInString(s.TermsVersion) > maxTermsVersion:
		return fault.New(fault.CodeValidation, "`termsVersion` may have at most %d characters", maxTermsVersion)
	case utf8.RuneCountInString(s.TermsText) > maxTermsText:
		return fault.New(fault.CodeValidation, "`termsText` may have at most %d characters", maxTermsText)
	case s.TermsVersion != "" && strings.TrimSpace(s.TermsText) == "":
		return fault.New(fault.CodeValidation, "`termsText` is required while `termsVersion` names terms")
	}
	return nil
}

// Admit is nil when the organisation may use a feature, else a
// CodeTermsNotAccepted or a CodePaymentRequired. The empty feature stands for
// what cannot be switched off.
func (s *Service) Admit(ctx context.Context, f Feature) error {
	set, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	if set.TermsPending() {
		return fault.New(fault.CodeTermsNotAccepted, "The API terms %q are not accepted yet: read them with GET /public/v2/settings and accept them with POST /public/v2/settings/actions", set.TermsVersion)
	}
	if f != "" && slices.Contains(set.DisabledFeatures, string(f)) {
		return fault.New(fault.CodePaymentRequired, "An administrator has switched off %s for this organisation", f)
	}
	return nil
}
