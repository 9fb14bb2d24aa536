package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// wireObjectChange is one line of the history of a person, a device or an asset.
type wireObjectChange struct {
	ID      int64                 `json:"id"`
	Type    string                `json:"type" enum:"CREATED,UPDATED,DELETED,RESTORED,NOTED" doc:"NOTED: something happened that changed none of the fields."`
	At      wireTime              `json:"at"`
	Changes []wireFieldDifference `json:"changes" doc:"What differs, of UPDATED only. The fields are those of the record that tests see."`
	Events  []wireEvent           `json:"events" doc:"What led to it, with who did it; empty for what time alone brought about."`
}

type wireFieldDifference struct {
	Field string          `json:"field" doc:"Such as encryptionEnabled."`
	From  json.RawMessage `json:"from" doc:"The old value, null without one."`
	To    json.RawMessage `json:"to" doc:"The new value, null without one."`
}

const historyText = "Newest first. A change stands here within about a second, and stays when the object is deleted."

func (a *api) listPersonHistory(c *call) (answer, error) {
	ref, err := c.personRef()
	if err != nil {
		return answer{}, err
	}
	return a.objectHistory(c, directory.Person, func() (int64, error) {
		p, err := a.People.Person(c.ctx(), ref)
		if err != nil {
			return ref.ID, err
		}
		return p.ID, nil
	})
}

func (a *api) listDeviceHistory(c *call) (answer, error) {
	id, err := c.number("deviceId")
	if err != nil {
		return answer{}, err
	}
	return a.objectHistory(c, directory.Device, func() (int64, error) {
		_, err := a.People.Device(c.ctx(), id)
		return id, err
	})
}

func (a *api) listAssetHistory(c *call) (answer, error) {
	id, err := c.number("assetId")
	if err != nil {
		return answer{}, err
	}
	return a.objectHistory(c, directory.Asset, func() (int64, error) {
		_, err := a.People.Asset(c.ctx(), id)
		return id, err
	})
}

// objectHistory answers with the history of an object, one that is deleted too.
func (a *api) objectHistory(c *call, kind connection.BuiltIn, find func() (int64, error)) (answer, error) {
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	id, gone := find()
	if gone != nil && fault.KindOf(gone) != fault.NotFound {
		return answer{}, gone
	}
	p, err := a.Directory.History(c.ctx(), directory.Object{Kind: kind, ID: id}, r)
	if err != nil {
		return answer{}, err
	}
	if gone != nil && len(p.Items) == 0 {
		return answer{}, gone
	}
	var all []event.Event
	for _, e := range p.Items {
		all = append(all, e.Events...)
	}
	views, err := a.eventViews(c, all)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, func(e directory.Entry) wireObjectChange {
		out := wireObjectChange{ID: e.ID, Type: string(e.What), At: wireTime(e.At), Changes: make([]wireFieldDifference, len(e.Changes)),
			Events: append([]wireEvent{}, views[:len(e.Events)]...)}
		views = views[len(e.Events):]
		for i, d := range e.Changes {
			out.Changes[i] = wireFieldDifference(d)
		}
		return out
	}))
}

// builtInScopes are what one needs to look at the records of built-in resources
// beyond what those of any resource need.
var builtInScopes = map[connection.BuiltIn]access.Scope{directory.Person: access.PersonnelGetOne, directory.Device: access.DevicesGet, directory.Asset: access.AssetsGet}

// mayLook refuses to show in records what the caller may not see otherwise.
func (a *api) mayLook(c *call, p access.Principal) error {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead || !strings.HasPrefix(c.route.path, v2+res) {
		return nil
	}
	t, err := c.target()
	if err != nil {
		return err
	}
	r, err := a.Connections.Resource(c.ctx(), t.ConnectionID, t.ResourceID)
	if err != nil || r.BuiltIn == "" {
		return err
	}
	return p.RequireSomewhere(builtInScopes[r.BuiltIn])
}
