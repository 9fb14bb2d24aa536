// Package asset holds whom and what compliance is about: people as the
// directories of the organisation know them, and as personnel.
package asset

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// Identity is a person as an HRIS system knows them (contract section 2.4).
type Identity struct {
	ID           int64
	ConnectionID int64
	// Key is identityId on the wire: what the system calls the person.
	Key            string
	Email          *string
	SecondaryEmail *string
	FirstName      *string
	LastName       *string
	JobTitle       *string
	ManagerID      *string
	ManagerName    *string
	StartedAt      time.Time
	SeparatedAt    time.Time
	// Contractor is isContractor on the wire; nil: the system did not say.
	Contractor *bool
	CreatedAt  time.Time
	UpdatedAt  time.Time
	// DeletedAt is set when the system knows the person no more.
	DeletedAt time.Time
}

// Position is the identity's place in a list.
func (i Identity) Position(order page.Sort) page.Position {
	if order == page.UpdatedAt {
		return page.Position{Value: i.UpdatedAt.UnixMicro(), ID: i.ID}
	}
	return page.Position{Value: i.CreatedAt.UnixMicro(), ID: i.ID}
}

const (
	// MaxIdentities is how many identities one call may bring.
	MaxIdentities = 1000
	maxText       = 191
)

// Outcome is what became of one item.
type Outcome int

// The outcomes.
const (
	Unchanged Outcome = iota
	Created
	Updated
)

// IdentityResult answers one item of a bulk; Err tells why it was refused.
type IdentityResult struct {
	Outcome  Outcome
	Identity Identity
	Err      error
}

// IdentityRef names an identity by its number or by the system's own key.
type IdentityRef struct {
	ID  int64
	Key string
}

// IdentityStore keeps identities.
type IdentityStore interface {
	// Identities lists those of a connection that are not deleted.
	Identities(ctx context.Context, connectionID int64, r page.Request) (page.Page[Identity], error)
	// Identity reads one that is not deleted; an absent one is a NotFound.
	Identity(ctx context.Context, connectionID int64, ref IdentityRef) (Identity, error)
	// IdentitiesByID reads those that exist, deleted ones too.
	IdentitiesByID(ctx context.Context, ids []int64) (map[int64]Identity, error)
	// Followers tells which people follow identities, by identity.
	Followers(ctx context.Context, ids []int64) (map[int64]int64, error)
	// ChangeIdentities changes the identities with these keys, deleted ones too:
	// change gets each as it is, new ones with their key only, and reports
	// whether to write it. ev is appended unless it returns nil. The ids are told
	// by key. All of it may happen more than once.
	ChangeIdentities(ctx context.Context, connectionID int64, keys []string, change func(i int, stored *Identity) (write bool),
		ev func() *event.Event) (ids map[string]int64, err error)
	// DeleteIdentity marks one as deleted; an absent one is a NotFound.
	DeleteIdentity(ctx context.Context, connectionID int64, ref IdentityRef, at time.Time, ev func(Identity) event.Event) error
}

// hris reads a connection that identities may be sent to.
func (s *Service) hris(ctx context.Context, id int64) (connection.Connection, error) {
	c, err := s.connections.Get(ctx, id)
	if err == nil && !slices.Contains(c.ProviderTypes, connection.HRIS) {
		err = fault.New(fault.CodeValidation, "connection %d is not an HRIS connection: identities go to one whose `providerTypes` name HRIS", id)
	}
	return c, err
}

// Identities lists the identities of an HRIS connection.
func (s *Service) Identities(ctx context.Context, connectionID int64, r page.Request) (page.Page[Identity], error) {
	if _, err := s.hris(ctx, connectionID); err != nil {
		return page.Page[Identity]{}, err
	}
	return s.store.Identities(ctx, connectionID, r)
}

// Identity reads one.
func (s *Service) Identity(ctx context.Context, connectionID int64, ref IdentityRef) (Identity, error) {
	if _, err := s.hris(ctx, connectionID); err != nil {
		return Identity{}, err
	}
	return s.store.Identity(ctx, connectionID, ref)
}

// IdentitiesByID reads identities, deleted ones too.
func (s *Service) IdentitiesByID(ctx context.Context, ids []int64) (map[int64]Identity, error) {
	return s.store.IdentitiesByID(ctx, ids)
}

// Followers tells which people follow identities, by identity.
func (s *Service) Followers(ctx context.Context, ids []int64) (map[int64]int64, error) {
	return s.store.Followers(ctx, ids)
}

// DeleteIdentity marks an identity as deleted; sending it again restores it.
func (s *Service) DeleteIdentity(ctx context.Context, a event.Actor, connectionID int64, ref IdentityRef) error {
	c, err := s.hris(ctx, connectionID)
	if err != nil {
		return err
	}
	now := s.now()
	return s.store.DeleteIdentity(ctx, connectionID, ref, now, func(i Identity) event.Event {
		return identityEvent(a, now, event.IdentityDeleted, c, fmt.Sprintf("Identity %q of “%s” was deleted", i.Key, c.Name), map[string]any{"identityId": i.Key})
	})
}

func identityEvent(a event.Actor, at time.Time, t event.Type, c connection.Connection, text string, metadata map[string]any) event.Event {
	e := event.New(a, at, t, event.CategoryPersonnel, text, metadata)
	e.ConnectionID = c.ID
	return e
}

// PutIdentities creates or changes identities, JSON objects as they were sent.
// Each is judged by itself: what one leaves out stays as it is, null clears it,
// and one that was deleted is restored.
func (s *Service) PutIdentities(ctx context.Context, a event.Actor, connectionID int64, objects [][]byte) ([]IdentityResult, error) {
	if len(objects) == 0 || len(objects) > MaxIdentities {
		return nil, fault.New(fault.CodeValidation, "the body has %d identities; send an array of 1 to %d", len(objects), MaxIdentities)
	}
	c, err := s.hris(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	if err := c.Intake(); err != nil {
		return nil, err
	}
	results := make([]IdentityResult, len(objects))
	changes := make([]identityChange, len(objects))
	var keys []string
	var at []int
	first := map[string]int{}
	for i, o := range objects {
		changes[i], results[i].Err = readIdentity(o)
		if results[i].Err != nil {
			continue
		}
		key := changes[i].key
		if earlier, twice := first[key]; twice {
			results[i].Err = fault.New(fault.CodeValidation, "`identityId` %q stands in item %d already: send each identity once", key, earlier)
			continue
		}
		first[key] = i
		keys, at = append(keys, key), append(at, i)
	}
	if len(keys) == 0 {
		return results, nil
	}
	now := s.now()
	ids, err := s.store.ChangeIdentities(ctx, connectionID, keys, func(n int, stored *Identity) bool {
		r := &results[at[n]]
		*r = IdentityResult{}
		r.Outcome, r.Err = changes[at[n]].apply(stored, now)
		r.Identity = *stored
		return r.Err == nil && r.Outcome != Unchanged
	}, func() *event.Event {
		created, updated := 0, 0
		for _, r := range results {
			switch {
			case r.Err != nil:
			case r.Outcome == Created:
				created++
			case r.Outcome == Updated:
				updated++
			}
		}
		if created+updated == 0 {
			return nil
		}
		e := identityEvent(a, now, event.IdentitiesWritten, c, fmt.Sprintf("%d identities of “%s” were created and %d updated", created, c.Name, updated),
			map[string]any{"created": created, "updated": updated})
		return &e
	})
	for i := range results {
		results[i].Identity.ID = ids[results[i].Identity.Key]
	}
	return results, err
}

// identityChange is one item as it was sent.
type identityChange struct {
	key         string
	texts       map[string]*string
	times       map[string]time.Time
	contractor  *bool
	sentPresent bool
}

// identityTexts are the texts of an identity by their names on the wire.
func identityTexts(i *Identity) map[string]**string {
	return map[string]**string{
		"email": &i.Email, "secondaryEmail": &i.SecondaryEmail, "firstName": &i.FirstName, "lastName": &i.LastName,
		"jobTitle": &i.JobTitle, "managerId": &i.ManagerID, "managerName": &i.ManagerName,
	}
}

func readIdentity(object []byte) (identityChange, error) {
	c := identityChange{texts: map[string]*string{}, times: map[string]time.Time{}}
	if len(object) == 0 || object[0] != '{' {
		return c, fault.New(fault.CodeValidation, "each identity must be a JSON object with an `identityId`")
	}
	var err error
	strictjson.Members(object, func(key, value []byte) bool {
		switch name := string(key); name {
		case "identityId":
			c.key, err = identityKey(value)
		case "email", "secondaryEmail", "firstName", "lastName", "jobTitle", "managerId", "managerName":
			c.texts[name], err = readText(name, value)
		case "startedAt", "separatedAt":
			c.times[name], err = readTime(name, value)
		case "isContractor":
			c.contractor, err = readFlag(name, value)
			c.sentPresent = true
		}
		return err == nil
	})
	if err == nil && c.key == "" {
		err = fault.New(fault.CodeValidation, "`identityId` is missing: it says whom the identity is of")
	}
	return c, err
}

func identityKey(value []byte) (string, error) {
	text, ok := strictjson.Text(value)
	if !ok || text == "" || utf8.RuneCountInString(text) > maxText || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fault.New(fault.CodeValidation, "`identityId` must be text of 1 to %d characters", maxText)
	}
	return text, nil
}

func isNull(value []byte) bool { return string(value) == "null" }

func readText(name string, value []byte) (*string, error) {
	if isNull(value) {
		return nil, nil
	}
	text, ok := strictjson.Text(value)
	if !ok || utf8.RuneCountInString(text) > maxText {
		return nil, fault.New(fault.CodeValidation, "`%s` must be text of at most %d characters, or null", name, maxText)
	}
	if name == "email" || name == "secondaryEmail" {
		a, err := mail.ParseAddress(text)
		if err != nil || a.Address != text {
			return nil, fault.New(fault.CodeValidation, "`%s` is %s; it must be an address such as ada@example.com, or null", name, strconv.Quote(text))
		}
	}
	return &text, nil
}

// readTime reads a point in time (RFC 3339) or a day; null is the zero time.
func readTime(name string, value []byte) (time.Time, error) {
	if isNull(value) {
		return time.Time{}, nil
	}
	text, ok := strictjson.Text(value)
	if ok {
		for _, form := range []string{time.RFC3339Nano, time.DateOnly, "2006-01-02 15:04:05.999999999"} {
			if t, err := time.Parse(form, text); err == nil && t.Year() > 1900 && t.Year() < 2300 {
				return t.UTC().Truncate(time.Millisecond), nil
			}
		}
	}
	return time.Time{}, fault.New(fault.CodeValidation, "`%s` must be a day such as 2026-01-31, a time such as 2026-01-31T10:00:00.000Z, or null", name)
}

func readFlag(name string, value []byte) (*bool, error) {
	yes := string(value) == "true"
	switch {
	case isNull(value):
		return nil, nil
	case yes, string(value) == "false":
		return &yes, nil
	}
	return nil, fault.New(fault.CodeValidation, "`%s` must be true, false or null", name)
}

// apply changes a stored identity, and tells what that made of it.
func (c identityChange) apply(i *Identity, now time.Time) (Outcome, error) {
	fresh := i.ID == 0
	changed := fresh || !i.DeletedAt.IsZero()
	if ended, sent := c.times["separatedAt"]; sent && !ended.IsZero() && !i.SeparatedAt.IsZero() && !ended.Equal(i.SeparatedAt) {
		return Unchanged, fault.New(fault.CodeValidation, "`separatedAt` of %q is %s and is written once: clear it with null before you send another one",
			i.Key, i.SeparatedAt.Format(time.RFC3339))
	}
	into := identityTexts(i)
	for name, text := range c.texts {
		at := into[name]
		if (*at == nil) != (text == nil) || text != nil && **at != *text {
			*at, changed = text, true
		}
	}
	for name, at := range map[string]*time.Time{"startedAt": &i.StartedAt, "separatedAt": &i.SeparatedAt} {
		if t, sent := c.times[name]; sent && !t.Equal(*at) {
			*at, changed = t, true
		}
	}
	if c.sentPresent && ((i.Contractor == nil) != (c.contractor == nil) || c.contractor != nil && *i.Contractor != *c.contractor) {
		i.Contractor, changed = c.contractor, true
	}
	if !changed {
		return Unchanged, nil
	}
	i.DeletedAt, i.UpdatedAt = time.Time{}, now
	if fresh {
		i.CreatedAt = now
		return Created, nil
	}
	return Updated, nil
}
