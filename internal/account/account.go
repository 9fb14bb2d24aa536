// Package account holds the accounts that people and programs have in the systems
// of connections, as the records tell of them, what people decide about each, and
// access reviews.
package account

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/page"
)

// View is a way to look at accounts by what sort of system they are in.
type View string

// The views.
const (
	AccessReview     View = "USER_ACCESS_REVIEW"
	BackgroundCheck  View = "BACKGROUND_CHECK"
	Infrastructure   View = "INFRASTRUCTURE"
	Observability    View = "OBSERVABILITY"
	VersionControl   View = "VERSION_CONTROL"
	identity              = "IDENTITY"
	singleSignOn          = "SINGLE_SIGN_ON"
	enterpriseSingle      = "ENTERPRISE_SSO"
)

// Views lists every view once, in the order in which people see them.
var Views = []View{AccessReview, BackgroundCheck, Infrastructure, Observability, VersionControl}

// ViewsOf are the views to which a connection of some provider types belongs.
// One that belongs to no other is looked at in access reviews.
func ViewsOf(types []string) []View {
	var out []View
	for _, v := range Views {
		if slices.Contains(types, string(v)) {
			out = append(out, v)
		}
	}
	if !slices.Contains(out, AccessReview) && (len(out) == 0 || slices.ContainsFunc(types, func(t string) bool {
		return t == identity || t == singleSignOn || t == enterpriseSingle
	})) {
		out = append([]View{AccessReview}, out...)
	}
	return out
}

// Expects reports whether a connection of some provider types is expected to have
// accounts.
func Expects(types []string) bool {
	return slices.ContainsFunc(types, func(t string) bool {
		return t == identity || t == singleSignOn || t == enterpriseSingle || slices.Contains(Views, View(t))
	})
}

// Status says whether an account can be used.
type Status string

// The statuses: it is in the data and not switched off, switched off, or it
// vanished from the data.
const (
	Active   Status = "ACTIVE"
	Inactive Status = "INACTIVE"
	Removed  Status = "REMOVED"
)

// Statuses lists every status once.
var Statuses = []Status{Active, Inactive, Removed}

// Account is an account in the system of a connection.
type Account struct {
	ID             int64
	ConnectionID   int64
	ConnectionName string
	ResourceID     int64
	ResourceName   string
	// RecordID is the key of the record that tells of it.
	RecordID string
	Facts
	// CreatedAt is when it was first seen, RemovedAt when it vanished from the
	// data; zero while it is there.
	CreatedAt, UpdatedAt, RemovedAt time.Time
	Decided
}

// Status is what the data say of the account.
func (a Account) Status() Status { return statusOf(a.RemovedAt, a.Active) }

func statusOf(removedAt time.Time, active *bool) Status {
	switch {
	case !removedAt.IsZero():
		return Removed
	case active != nil && !*active:
		return Inactive
	}
	return Active
}

// Leaver reports whether a person who is gone still has the account.
func (a Account) Leaver() bool {
	return a.Person != nil && (a.Person.State == PersonGone || a.Person.State == PersonLeft) && a.Status() == Active
}

// Position is the place of the account in a list of that order.
func (a Account) Position(s page.Sort, nameKey string) page.Position {
	switch s {
	case page.Name:
		return page.Position{Text: nameKey, ID: a.ID}
	case page.UpdatedAt:
		return page.Position{Value: a.UpdatedAt.UnixMicro(), ID: a.ID}
	case LastActiveAt:
		if a.LastActiveAt.IsZero() {
			return page.Position{ID: a.ID}
		}
		return page.Position{Value: a.LastActiveAt.UnixMicro(), ID: a.ID}
	}
	return page.Position{Value: a.CreatedAt.UnixMicro(), ID: a.ID}
}

// LastActiveAt is the order by the last activity; what is not known counts as
// the longest ago.
const LastActiveAt page.Sort = "lastActiveAt"

// PersonState says what is known of the person of an account.
type PersonState string

// The states: a user, a user who is disabled or deleted, one who is neither and
// of whom personnel says that they do not work here any more, or somebody who is no
// user here.
const (
	PersonHere    PersonState = "ACTIVE"
	PersonGone    PersonState = "DISABLED"
	PersonLeft    PersonState = "LEFT"
	PersonUnknown PersonState = "NO_USER"
)

// Person is who an account belongs to.
type Person struct {
	// UserID is 0 for somebody who is no user here.
	UserID int64
	Email  string
	// Name is empty for somebody who is no user here.
	Name  string
	State PersonState
	// Automatic links follow from equal e-mail addresses.
	Automatic bool
}

// Decided is what people decide about an account.
type Decided struct {
	// Person is nil for an account that nobody is linked to.
	Person *Person
	// Service is set for a service account.
	Service *Service
	// OutOfScope is set with the reason.
	OutOfScope *string
	// Evidence proves that access was revoked.
	Evidence *Evidence
}

// Service says who answers for a service account, and why there is one.
type Service struct {
	Owner  string `json:"owner"`
	Reason string `json:"reason"`
}

// Evidence proves that access was revoked though the data have not shown it.
type Evidence struct {
	Note string    `json:"note"`
	URL  string    `json:"url,omitempty"`
	At   time.Time `json:"at"`
	// KeyID and UserID say who recorded it, RecordedAt when.
	KeyID      int64     `json:"keyId,omitempty"`
	UserID     int64     `json:"userId,omitempty"`
	RecordedAt time.Time `json:"recordedAt"`
}

// Link names a person: a user by id, or anybody by e-mail address.
type Link struct {
	UserID int64
	Email  string
}

// Change is what people change about an account; nil leaves a part as it is, a
// pointer to nil takes it away.
type Change struct {
	Person     **Link
	Service    **Service
	OutOfScope **string
	Evidence   **Evidence
}

// Limits of texts.
const (
	maxReason = 2000
	maxEmail  = 320
	maxURL    = 2000
)

// check proves that a change can be made.
func (c Change) check() error {
	if c.Person != nil && *c.Person != nil {
		p := *c.Person
		p.Email = strings.TrimSpace(p.Email)
		if (p.UserID == 0) == (p.Email == "") {
			return invalid("/person", "`person` names a user by `userId`, or somebody by `email`: give one of them")
		}
		if p.UserID == 0 {
			if err := checkEmail("/person/email", p.Email); err != nil {
				return err
			}
		}
	}
	if c.Service != nil && *c.Service != nil {
		s := *c.Service
		s.Owner, s.Reason = strings.TrimSpace(s.Owner), strings.TrimSpace(s.Reason)
		if err := checkEmail("/serviceAccount/owner", s.Owner); err != nil {
			return err
		}
		if err := checkText("/serviceAccount/reason", s.Reason); err != nil {
			return err
		}
	}
	if c.OutOfScope != nil && *c.OutOfScope != nil {
		trimmed := strings.TrimSpace(**c.OutOfScope)
		*c.OutOfScope = &trimmed
		if err := checkText("/scopeReason", trimmed); err != nil {
			return err
		}
	}
	if c.Evidence != nil && *c.Evidence != nil {
		return (*c.Evidence).check()
	}
	return nil
}

func (e *Evidence) check() error {
	e.Note, e.URL = strings.TrimSpace(e.Note), strings.TrimSpace(e.URL)
	if err := checkText("/evidence/note", e.Note); err != nil {
		return err
	}
	if e.URL != "" {
		u, err := url.Parse(e.URL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(e.URL) > maxURL {
			return invalid("/evidence/url", "`url` must be an address that begins with https:// or http://, of at most %d characters", maxURL)
		}
	}
	if e.At.After(e.RecordedAt) {
		return invalid("/evidence/at", "`at` lies in the future: evidence tells what was done")
	}
	if e.At.Year() < 1971 {
		return invalid("/evidence/at", "`at` is too long ago")
	}
	return nil
}

func checkEmail(pointer, text string) error {
	before, after, ok := strings.Cut(text, "@")
	if !ok || before == "" || after == "" || utf8.RuneCountInString(text) > maxEmail || strings.ContainsAny(text, " \t\r\n<>,;") {
		return invalid(pointer, "`%s` must be an e-mail address", pointer[strings.LastIndexByte(pointer, '/')+1:])
	}
	return nil
}

func checkText(pointer, text string) error {
	if n := utf8.RuneCountInString(text); n == 0 || n > maxReason {
		return invalid(pointer, "`%s` must have 1 to %d characters", pointer[strings.LastIndexByte(pointer, '/')+1:], maxReason)
	}
	return nil
}

// Filter narrows a list of accounts; zero fields do not.
type Filter struct {
	ConnectionIDs []int64  `json:"connectionIds,omitempty"`
	ResourceID    int64    `json:"resourceId,omitempty"`
	View          View     `json:"category,omitempty"`
	Status        []Status `json:"status,omitempty"`
	Linked        *bool    `json:"linked,omitempty"`
	Service       *bool    `json:"serviceAccount,omitempty"`
	InScope       *bool    `json:"inScope,omitempty"`
	// MFA false keeps those that are known to have none.
	MFA *bool `json:"mfa,omitempty"`
	// Leaver keeps, or leaves out, those that somebody has who is gone.
	Leaver *bool `json:"leaver,omitempty"`
	// UserID keeps those of one person.
	UserID int64 `json:"userId,omitempty"`
	// Text is a part of name, e-mail or display name, in any case.
	Text string `json:"q,omitempty"`
}

// Source is a resource whose records tell of accounts.
type Source struct {
	ConnectionID   int64
	ConnectionName string
	Types          []string
	ResourceID     int64
	ResourceName   string
}

// Sources keeps those of which a filter may have accounts.
func (f Filter) Sources(list []Source) []Source {
	return slices.DeleteFunc(slices.Clone(list), func(s Source) bool {
		return len(f.ConnectionIDs) > 0 && !slices.Contains(f.ConnectionIDs, s.ConnectionID) || f.ResourceID != 0 && f.ResourceID != s.ResourceID ||
			f.View != "" && !slices.Contains(ViewsOf(s.Types), f.View)
	})
}
