package directory

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// What says what an entry of the history tells.
type What string

// What became of an object. Noted is an event after which the record is the same.
// Restored is Created, when a deleted object came back.
const (
	Created  What = "CREATED"
	Updated  What = "UPDATED"
	Deleted  What = "DELETED"
	Noted    What = "NOTED"
	Restored What = "RESTORED"
)

// Entry is one line of the history of an object.
type Entry struct {
	Object

	ID   int64
	What What
	// Changes is empty unless What is Updated.
	Changes []Difference
	// EventIDs are the events that led to it, none for what time alone brought
	// about. Events are these, filled when a history is read.
	EventIDs []string
	Events   []event.Event
	At       time.Time
}

// Position is the entry's place in a history.
func (e Entry) Position() page.Position { return page.Position{ID: e.ID} }

// Difference is a field of a record with another value.
type Difference struct {
	Field string `json:"field"`
	// From and To are JSON, absent when the record had or has no such field.
	From json.RawMessage `json:"from,omitempty"`
	To   json.RawMessage `json:"to,omitempty"`
}

// entry is the line for a look at an object, if there is anything to tell. nil
// stands for no record.
func entry(o Object, was, is []byte, why *cause, now time.Time) (Entry, bool) {
	e := Entry{Object: o, EventIDs: slices.Clone(why.told), At: now}
	for _, id := range why.others {
		if !slices.Contains(e.EventIDs, id) {
			e.EventIDs = append(e.EventIDs, id)
		}
	}
	switch {
	case was == nil && is == nil:
		return e, false
	case was == nil:
		e.What = Created
	case is == nil:
		e.What = Deleted
	default:
		e.What, e.Changes = Updated, differences(fields(was), fields(is))
		if len(e.Changes) == 0 {
			e.What, e.EventIDs = Noted, why.told
			return e, len(why.told) > 0
		}
	}
	return e, true
}

// fields are the fields of a record, each custom field by itself:
// customFields.NAME.
func fields(body []byte) map[string]json.RawMessage {
	var out, custom map[string]json.RawMessage
	// Records are what this package wrote.
	_ = json.Unmarshal(body, &out)
	_ = json.Unmarshal(out[fieldsKey], &custom)
	delete(out, fieldsKey)
	for name, value := range custom {
		out[fieldsKey+"."+name] = value
	}
	return out
}

func differences(was, is map[string]json.RawMessage) []Difference {
	var out []Difference
	for name, from := range was {
		if to := is[name]; !bytes.Equal(from, to) {
			out = append(out, Difference{name, from, to})
		}
	}
	for name, to := range is {
		if _, there := was[name]; !there {
			out = append(out, Difference{Field: name, To: to})
		}
	}
	slices.SortFunc(out, func(a, b Difference) int { return bytes.Compare([]byte(a.Field), []byte(b.Field)) })
	return out
}

// Touched are the objects of whom an event tells. Those that follow are found
// when the change is taken.
func Touched(e event.Event) []Object {
	if e.Type == event.CustomFieldCreated || e.Type == event.CustomFieldUpdated || e.Type == event.CustomFieldDeleted {
		var m struct {
			ID int64 `json:"customFieldId"`
		}
		if json.Unmarshal(e.Metadata, &m) != nil || m.ID == 0 {
			return nil
		}
		return []Object{{Field, m.ID}}
	}
	switch e.Category {
	case event.CategoryPersonnel, event.CategoryDevice, event.CategoryAsset, event.CategoryUser:
	default:
		return nil
	}
	if quiet[e.Type] {
		return nil
	}
	var m struct {
		DeviceID     int64   `json:"deviceId"`
		PersonnelID  int64   `json:"personnelId"`
		PersonnelIDs []int64 `json:"personnelIds"`
		AssetID      int64   `json:"assetId"`
		UserID       int64   `json:"userId"`
	}
	if len(e.Metadata) == 0 || json.Unmarshal(e.Metadata, &m) != nil {
		return nil
	}
	if e.Category == event.CategoryUser {
		if m.UserID == 0 {
			return nil
		}
		return []Object{{Account, m.UserID}}
	}
	switch {
	case m.DeviceID != 0:
		return []Object{{Device, m.DeviceID}}
	case m.PersonnelID != 0:
		return []Object{{Person, m.PersonnelID}}
	case m.AssetID != 0:
		return []Object{{Asset, m.AssetID}}
	}
	out := make([]Object, len(m.PersonnelIDs))
	for i, id := range m.PersonnelIDs {
		out[i] = Object{Person, id}
	}
	return out
}

// quiet are events that change nothing which a record tells.
var quiet = map[event.Type]bool{event.UserSignedIn: true, event.UserSignInFailed: true, event.UserSignedOut: true, event.UserSessionsEnded: true,
	event.UserLinkCreated: true, event.UserPasswordChanged: true, event.DocumentDownloaded: true}
