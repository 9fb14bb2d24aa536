package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

type wireSettings struct {
	Features             []string `json:"features" doc:"The features that can be switched off."`
	DisabledFeatures     []string `json:"disabledFeatures" doc:"Their operations answer 402."`
	TermsVersion         *string  `json:"termsVersion" doc:"The API terms in force; null without terms."`
	TermsText            *string  `json:"termsText"`
	TermsAcceptedVersion *string  `json:"termsAcceptedVersion"`
	TermsAccepted        bool     `json:"termsAccepted" doc:"While false, all operations but these answer 412."`
	// What is demanded of exclusions.
	ExclusionExpiryRequired bool `json:"exclusionExpiryRequired" doc:"Each exclusion must have an end."`
	ExclusionMaxDays        int  `json:"exclusionMaxDays" doc:"How many days off the end of an exclusion may be."`
	ExclusionWarningDays    int  `json:"exclusionWarningDays" doc:"How many days before its end an exclusion is about to expire."`
}

func settingsView(s access.Settings) wireSettings {
	out := wireSettings{Features: []string{}, DisabledFeatures: append([]string{}, s.DisabledFeatures...), TermsVersion: orNull(s.TermsVersion),
		TermsText: orNull(s.TermsText), TermsAcceptedVersion: orNull(s.TermsAcceptedVersion), TermsAccepted: !s.TermsPending()}
	out.ExclusionExpiryRequired, out.ExclusionMaxDays, out.ExclusionWarningDays = s.Exclusions()
	for _, f := range access.Features {
		out.Features = append(out.Features, string(f))
	}
	return out
}

func (a *api) getSettings(c *call) (answer, error) {
	s, err := a.Access.Settings(c.ctx())
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, settingsView(s))
}

// settingsChange is what may change of the settings; absent properties stay.
type settingsChange struct {
	_                struct{}  `additionalProperties:"true"`
	DisabledFeatures *[]string `json:"disabledFeatures,omitempty" enum:"CUSTOM_CONNECTIONS_AND_TESTS,CUSTOM_FRAMEWORKS"`
	TermsVersion     *string   `json:"termsVersion,omitempty" nullable:"true" maxLength:"191" doc:"null withdraws the terms."`
	TermsText        *string   `json:"termsText,omitempty" nullable:"true" maxLength:"100000"`

	ExclusionExpiryRequired *bool `json:"exclusionExpiryRequired,omitempty"`
	ExclusionMaxDays        *int  `json:"exclusionMaxDays,omitempty" minimum:"0" maximum:"3650" doc:"0: 365."`
	ExclusionWarningDays    *int  `json:"exclusionWarningDays,omitempty" minimum:"0" maximum:"3650" doc:"0: 7."`
}

func (a *api) putSettings(c *call) (answer, error) {
	body, err := decode[settingsChange](c)
	if err != nil {
		return answer{}, err
	}
	change := access.SettingsChange{DisabledFeatures: body.DisabledFeatures,
		TermsVersion: emptyForNull(c, "termsVersion", body.TermsVersion), TermsText: emptyForNull(c, "termsText", body.TermsText),
		ExclusionExpiryRequired: body.ExclusionExpiryRequired, ExclusionMaxDays: body.ExclusionMaxDays, ExclusionWarningDays: body.ExclusionWarningDays}
	s, err := a.Access.UpdateSettings(c.ctx(), c.actor(), change)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, settingsView(s))
}

// emptyForNull tells a null, which becomes the empty text, from an absent
// property.
func emptyForNull(c *call, property string, v *string) *string {
	if v == nil && sent(c, property, struct{}{}) != nil {
		return new(string)
	}
	return v
}

type settingsAction struct {
	_      struct{} `additionalProperties:"true"`
	Action string   `json:"action" enum:"acceptTerms"`
}

func (a *api) actOnSettings(c *call) (answer, error) {
	body, err := decode[settingsAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action != "acceptTerms" {
		return answer{}, fault.New(fault.CodeValidation, "`action` (/action) is %q; it must be acceptTerms", cutText(body.Action, 80))
	}
	s, err := a.Access.AcceptTerms(c.ctx(), c.actor())
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, settingsView(s))
}
