// Package directory keeps people, devices and assets as records too, so that
// tests can be written over them, and remembers what became of each.
package directory

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// Object is a person, a device or an asset by its number.
type Object struct {
	Kind connection.BuiltIn
	ID   int64
}

// Account marks the change of a user, of which no record is kept: it is one of
// the person and the assets that belong to the account.
const Account connection.BuiltIn = "USER"

// Field marks the change of a custom field, of which no record is kept: it is one
// of all that have a value of it.
const Field connection.BuiltIn = "CUSTOM_FIELD"

// Rank says how much hurry there is with a change; the smallest comes first.
type Rank int64

// The ranks: what somebody changed, what follows from that or from the time,
// and what is looked at to see whether all is well.
const (
	Changed Rank = iota
	Follows
	Compared
)

// Change is an object whose record may have to change.
type Change struct {
	Object

	// ID numbers the changes in the order in which they came.
	ID   int64
	Rank Rank
	// EventID is the event that tells of it, empty without one.
	EventID string
}

// Facts are what the records of some objects are made of. What is deleted is not
// in them.
type Facts struct {
	// People, Devices and Assets are by number. People has the owners of Devices,
	// too.
	People  map[int64]asset.Person
	Devices map[int64]asset.Device
	Assets  map[int64]asset.Asset
	// Identities are those that People follow, by number.
	Identities map[int64]asset.Identity
	// DevicesOf are the devices of people, by person.
	DevicesOf map[int64][]asset.Device
	// GroupsOf are the groups of People, by person and in the order of names.
	GroupsOf map[int64][]asset.PeopleGroup
	// Owners are the accounts that own Assets, by user. Their ID is 0 when the user
	// is not personnel.
	Owners map[int64]asset.Person
}

// Due is the moment at which the record of an object changes by time alone, zero
// for none.
type Due struct {
	Object

	At time.Time
}

// Store keeps what is to be done, and the history. But for DirectoryWaits and
// DirectoryHistory its methods are called within Together.
type Store interface {
	// Together runs fn in one transaction, one at a time among all nodes, which
	// everything that is stored with its context joins. fn may run more than once.
	Together(ctx context.Context, fn func(context.Context) error) error
	// CreateConnection is that of connection.Store.
	CreateConnection(ctx context.Context, c connection.Connection, uniqueName bool, e event.Event) (connection.Connection, error)
	// PutSchema is that of connection.Store.
	PutSchema(ctx context.Context, read connection.Resource, schema []byte, displayNameKey string, at time.Time, e event.Event) (connection.Resource, error)

	// DirectoryWaits reports whether there is something to do: changes, what is due
	// at now, or a comparison because the last one was before since or of another
	// edition.
	DirectoryWaits(ctx context.Context, now, since time.Time, edition int64) (bool, error)
	// DirectoryDue makes changes of what is due at now.
	DirectoryDue(ctx context.Context, now time.Time) error
	// CompareDirectory makes changes of all objects, and of all records without one,
	// if the last comparison was before since or of another edition.
	CompareDirectory(ctx context.Context, now, since time.Time, edition int64) error
	// DirectoryChanges are the first changes of the smallest rank that there is, by
	// number.
	DirectoryChanges(ctx context.Context, limit int) ([]Change, error)
	// FollowChanges adds changes of what hangs on some changes: the devices and
	// assets of a person, the person and the asset of a device, whatever has a value
	// of a custom field.
	FollowChanges(ctx context.Context, changes []int64) error
	DirectoryFacts(ctx context.Context, objects []Object) (Facts, error)
	// CustomFieldsOf is that of customfield.Store.
	CustomFieldsOf(ctx context.Context, k customfield.Kind) ([]customfield.Field, error)
	// WorkspaceIDs are all workspaces.
	WorkspaceIDs(ctx context.Context) ([]int64, error)
	// BuiltInResources are the resources that the server keeps, by what they hold.
	BuiltInResources(ctx context.Context) (map[connection.BuiltIn]connection.Resource, error)
	// RecordBodies reads the live records with some keys.
	RecordBodies(ctx context.Context, resourceID int64, keys []string) (map[string][]byte, error)
	AddEntries(ctx context.Context, list []Entry) error
	PutDue(ctx context.Context, list []Due) error
	// DropChanges removes changes that are done.
	DropChanges(ctx context.Context, ids []int64) error

	// DirectoryHistory lists what became of an object, the newest first, with its
	// events.
	DirectoryHistory(ctx context.Context, o Object, r page.Request) (page.Page[Entry], error)
}

// Options are what a Projector needs.
type Options struct {
	// Records writes into built-in resources.
	Records *record.Service
	Now     func() time.Time
	// Changed, if set, is told after a commit that changed records of a resource.
	Changed func(resourceID int64)
}

// Projector keeps the records of people, devices and assets as these are. It
// looks at the store alone, so it may run on every node and be stopped at any
// moment.
type Projector struct {
	store Store
	Options
}

// NewProjector makes a projector.
func NewProjector(s Store, o Options) *Projector {
	if o.Changed == nil {
		o.Changed = func(int64) {}
	}
	return &Projector{s, o}
}

const (
	// batch is how many changes one transaction takes.
	batch = 250
	// between is the time from one comparison of everything to the next.
	between = 24 * time.Hour
)

// actor writes the records.
var actor = event.System(event.SourceScheduled)

// Step takes some of the changes that wait, and reports whether there is more.
func (p *Projector) Step(ctx context.Context) (more bool, err error) {
	now := p.Now()
	since := now.Add(-between)
	if is, err := p.store.DirectoryWaits(ctx, now, since, edition); err != nil || !is {
		return false, err
	}
	var touched []int64
	err = p.store.Together(ctx, func(ctx context.Context) error {
		touched, more = nil, false
		if err := p.store.DirectoryDue(ctx, now); err != nil {
			return err
		}
		if err := p.store.CompareDirectory(ctx, now, since, edition); err != nil {
			return err
		}
		changes, err := p.store.DirectoryChanges(ctx, batch)
		if err != nil || len(changes) == 0 {
			return err
		}
		more = true
		touched, err = p.take(ctx, changes, now)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, id := range touched {
		p.Changed(id)
	}
	return more, nil
}

// cause is why an object is looked at.
type cause struct {
	// told are the events of the object itself, others those of something that it
	// hangs on.
	told, others []string
}

// take does some changes, and tells the resources whose records changed.
func (p *Projector) take(ctx context.Context, changes []Change, now time.Time) ([]int64, error) {
	var done, first []int64
	var objects []Object
	causes := map[Object]*cause{}
	for _, c := range changes {
		done = append(done, c.ID)
		if c.Rank == Changed {
			first = append(first, c.ID)
		}
		if c.Kind == Account || c.Kind == Field {
			continue
		}
		why := causes[c.Object]
		if why == nil {
			why = &cause{}
			causes[c.Object] = why
			objects = append(objects, c.Object)
		}
		list := &why.others
		if c.Rank == Changed {
			list = &why.told
		}
		if c.EventID != "" && !slices.Contains(*list, c.EventID) {
			*list = append(*list, c.EventID)
		}
	}
	if err := p.store.FollowChanges(ctx, first); err != nil {
		return nil, err
	}
	facts, err := p.store.DirectoryFacts(ctx, objects)
	if err != nil {
		return nil, err
	}
	touched, err := p.write(ctx, &facts, objects, causes, now)
	if err != nil {
		return nil, err
	}
	return touched, p.store.DropChanges(ctx, done)
}

// write brings the records of objects up to date.
func (p *Projector) write(ctx context.Context, facts *Facts, objects []Object, causes map[Object]*cause, now time.Time) ([]int64, error) {
	bodies := make(map[Object][]byte, len(objects))
	var due []Due
	for _, o := range objects {
		body, at := facts.body(o, now)
		bodies[o] = body
		due = append(due, Due{o, at})
	}
	resources, err := p.resources(ctx, bodies, now)
	if err != nil {
		return nil, err
	}
	var touched []int64
	var entries []Entry
	for _, k := range kinds {
		var keys []string
		var own []Object
		for _, o := range objects {
			if o.Kind == k {
				own, keys = append(own, o), append(keys, key(o))
			}
		}
		r, is := resources[k]
		if !is || len(own) == 0 {
			continue
		}
		old, err := p.store.RecordBodies(ctx, r.ID, keys)
		if err != nil {
			return nil, err
		}
		changed, err := p.put(ctx, r, own, old, bodies)
		if err != nil {
			return nil, err
		}
		if changed {
			touched = append(touched, r.ID)
		}
		for _, o := range own {
			if e, is := entry(o, old[key(o)], bodies[o], causes[o], now); is {
				entries = append(entries, e)
			}
		}
	}
	if err := p.store.AddEntries(ctx, entries); err != nil {
		return nil, err
	}
	return touched, p.store.PutDue(ctx, due)
}

func key(o Object) string { return strconv.FormatInt(o.ID, 10) }

// put writes the records that are not as they should be, and reports whether
// there were any.
func (p *Projector) put(ctx context.Context, r connection.Resource, objects []Object, old map[string][]byte, bodies map[Object][]byte) (bool, error) {
	to := record.Target{ConnectionID: r.ConnectionID, ResourceID: r.ID}
	var fresh [][]byte
	changed := false
	for _, o := range objects {
		switch was := old[key(o)]; {
		case bodies[o] == nil && was != nil:
			if err := p.Records.Delete(ctx, actor, to, key(o)); err != nil {
				return false, err
			}
			changed = true
		case bodies[o] != nil && !bytes.Equal(was, bodies[o]):
			fresh = append(fresh, bodies[o])
		}
	}
	if len(fresh) == 0 {
		return changed, nil
	}
	// A record that is refused is told by the sync run.
	_, err := p.Records.Upsert(ctx, actor, to, fresh)
	return true, err
}

// resources are the built-in ones. They are made when there is something to put
// into them, and follow the schemas of this program.
func (p *Projector) resources(ctx context.Context, bodies map[Object][]byte, now time.Time) (map[connection.BuiltIn]connection.Resource, error) {
	found, err := p.store.BuiltInResources(ctx)
	if err != nil {
		return nil, err
	}
	some := false
	for _, b := range bodies {
		some = some || b != nil
	}
	if len(found) == 0 && !some {
		return found, nil
	}
	schemas, err := p.schemas(ctx)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return p.create(ctx, schemas, now)
	}
	for k, r := range found {
		if bytes.Equal(r.Schema, schemas[k]) {
			continue
		}
		e := event.New(actor, now, event.SchemaUpdated, event.CategoryConnection, "The schema of resource “"+r.Name+"” follows Plumbline and the custom fields",
			map[string]any{"resourceId": r.ID, "version": r.SchemaVersion + 1})
		e.ConnectionID = r.ConnectionID
		if found[k], err = p.store.PutSchema(ctx, r, schemas[k], nameKey, now, e); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// schemas are those of the resources, with the custom fields of today.
func (p *Projector) schemas(ctx context.Context) (map[connection.BuiltIn][]byte, error) {
	out := map[connection.BuiltIn][]byte{}
	for _, k := range kinds {
		out[k] = shapes[k].schema
		if of, is := fieldsOf[k]; is {
			known, err := p.store.CustomFieldsOf(ctx, of)
			if err != nil {
				return nil, err
			}
			out[k] = withFields(out[k], known)
		}
	}
	return out, nil
}

// Name is that of the built-in connection.
const Name = "Plumbline directory"

func (p *Projector) create(ctx context.Context, schemas map[connection.BuiltIn][]byte, now time.Time) (map[connection.BuiltIn]connection.Resource, error) {
	workspaces, err := p.store.WorkspaceIDs(ctx)
	if err != nil {
		return nil, err
	}
	text := "What Plumbline itself knows of personnel, devices and assets. It is built in: Plumbline writes the records, and you write tests over them."
	c := connection.Connection{Name: Name, Description: &text, ProviderTypes: []connection.ProviderType{connection.Custom}, Kind: connection.OfPlumbline,
		WorkspaceIDs: workspaces, CreatedAt: now, UpdatedAt: now}
	for _, k := range kinds {
		about := shapes[k].about
		c.Resources = append(c.Resources, connection.Resource{Name: shapes[k].name, Description: &about, DisplayNameKey: nameKey, Schema: schemas[k],
			SchemaVersion: 1, BuiltIn: k, CreatedAt: now, UpdatedAt: now})
	}
	made, err := p.store.CreateConnection(ctx, c, true, event.New(actor, now, event.ConnectionCreated, event.CategoryConnection,
		"Connection “"+c.Name+"” was created, which is built in", map[string]any{"name": c.Name}))
	if err != nil {
		return nil, err
	}
	out := map[connection.BuiltIn]connection.Resource{}
	for _, r := range made.Resources {
		out[r.BuiltIn] = r
	}
	return out, nil
}

// History lists what became of an object, the newest first.
func (p *Projector) History(ctx context.Context, o Object, r page.Request) (page.Page[Entry], error) {
	h, err := p.store.DirectoryHistory(ctx, o, r)
	for i, e := range h.Items {
		if e.What == Created && slices.ContainsFunc(e.Events, func(of event.Event) bool { return of.Type == event.AssetRestored }) {
			h.Items[i].What = Restored
		}
	}
	return h, err
}
