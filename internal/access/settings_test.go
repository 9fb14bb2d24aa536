package access_test

import (
	"context"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// sharedSettings is a store of settings that several nodes use.
type sharedSettings struct {
	access.Store
	settings access.Settings
	reads    int
	events   []event.Event
}

func (s *sharedSettings) Settings(context.Context) (access.Settings, error) {
	s.reads++
	return s.settings, nil
}

func (s *sharedSettings) ChangeSettings(_ context.Context, change func(*access.Settings) (event.Event, error)) (access.Settings, error) {
	next := s.settings
	e, err := change(&next)
	if err == nil {
		s.settings, s.events = next, append(s.events, e)
	}
	return next, err
}

func TestAdmit(t *testing.T) {
	for name, c := range map[string]struct {
		settings access.Settings
		feature  access.Feature
		want     fault.Kind
	}{
		"a fresh database":                 {access.Settings{}, access.CustomConnections, fault.Internal},
		"a feature switched off":           {access.Settings{DisabledFeatures: []string{string(access.CustomConnections)}}, access.CustomConnections, fault.PaymentRequired},
		"what cannot be switched off":      {access.Settings{DisabledFeatures: []string{string(access.CustomConnections)}}, "", fault.Internal},
		"terms that nobody accepted":       {access.Settings{TermsVersion: "1"}, "", fault.TermsNotAccepted},
		"terms before the feature":         {access.Settings{TermsVersion: "1", DisabledFeatures: []string{string(access.CustomConnections)}}, access.CustomConnections, fault.TermsNotAccepted},
		"terms accepted in an old version": {access.Settings{TermsVersion: "2", TermsAcceptedVersion: "1"}, "", fault.TermsNotAccepted},
		"terms accepted":                   {access.Settings{TermsVersion: "2", TermsAcceptedVersion: "2"}, access.CustomConnections, fault.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			s := access.NewService(&sharedSettings{settings: c.settings}, time.Now)
			err := s.Admit(t.Context(), c.feature)
			if (err == nil) != (c.want == fault.Internal) || err != nil && fault.KindOf(err) != c.want {
				t.Errorf("%v, want kind %d", err, c.want)
			}
		})
	}
}

// A node sees its own change at once and another's within a second.
func TestSettingsAreASecondOldAtMost(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	store := &sharedSettings{}
	clock := func() time.Time { return now }
	here, there := access.NewService(store, clock), access.NewService(store, clock)
	for _, node := range []*access.Service{here, there, here, there} {
		if err := node.Admit(t.Context(), access.CustomConnections); err != nil {
			t.Fatal(err)
		}
	}
	if store.reads != 2 {
		t.Errorf("%d reads, want one a node", store.reads)
	}
	off := []string{string(access.CustomConnections)}
	if _, err := there.UpdateSettings(t.Context(), event.System(event.SourceApp), access.SettingsChange{DisabledFeatures: &off}); err != nil {
		t.Fatal(err)
	}
	if err := there.Admit(t.Context(), access.CustomConnections); fault.KindOf(err) != fault.PaymentRequired {
		t.Errorf("the node that changed it: %v", err)
	}
	now = now.Add(time.Second)
	if err := here.Admit(t.Context(), access.CustomConnections); fault.KindOf(err) != fault.PaymentRequired {
		t.Errorf("the other node: %v", err)
	}
	if len(store.events) != 1 || store.events[0].Type != access.SettingsUpdated {
		t.Errorf("events %v", store.events)
	}
}
