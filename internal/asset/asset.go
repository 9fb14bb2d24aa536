package asset

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Asset is a thing that the organisation answers for (contract section 2.6).
type Asset struct {
	ID          int64
	Name        string
	Description string
	Notes       *string
	Classes     []Class
	Type        Type
	Provider    Provider
	Reference   Reference
	RemovedAt   time.Time
	ExternalID  *string
	// ExternalOwnerID is what the outside system calls the owner.
	ExternalOwnerID *string
	// UniqueID is a serial number or the like, one of v1's fields.
	UniqueID *string
	// OwnerID is a user.
	OwnerID int64
	// DeviceID is the device that this asset stands for, 0 without one. The server
	// alone makes this link.
	DeviceID int64
	// Fields are the values of custom fields, in the order of the fields.
	Fields    []customfield.Value
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Class is one of an asset's classes.
type Class struct {
	ID        int64
	Class     ClassType
	CreatedAt time.Time
}

// ClassType is a class that assets may have.
type ClassType string

// ClassTypes are all of them. Their order must stay as it is: it is stored.
var ClassTypes = []ClassType{"HARDWARE", "POLICY", "DOCUMENT", "PERSONNEL", "SOFTWARE", "CODE", "CONTAINER", "COMPUTE", "NETWORKING", "DATABASE", "STORAGE"}

// Type tells what can be touched from what cannot.
type Type string

// The types.
const (
	Physical Type = "PHYSICAL"
	Virtual  Type = "VIRTUAL"
)

// Types are both.
var Types = []Type{Physical, Virtual}

// Provider says who told of an asset. The words are the contract's.
type Provider string

// The providers that occur here: people and scripts (DRATA, the contract's word
// for the product itself), and the agent.
const (
	ByHand  Provider = "DRATA"
	ByAgent Provider = "AGENT"
)

// Providers are those that occur here.
var Providers = []Provider{ByHand, ByAgent}

// Reference says what sort of thing the product takes an asset for.
type Reference string

// The references that occur here.
const (
	Workstation   Reference = "WORKSTATION"
	OtherThing    Reference = "OTHER"
	VirtualThing  Reference = "VIRTUAL"
	maxAssetText            = 191
	maxAssetClass           = 11
)

// Position is the asset's place in a list.
func (a Asset) Position(order page.Sort) page.Position {
	switch order {
	case page.UpdatedAt:
		return page.Position{Value: a.UpdatedAt.UnixMicro(), ID: a.ID}
	case ByName:
		return page.Position{Text: a.Name, ID: a.ID}
	}
	return page.Position{Value: a.CreatedAt.UnixMicro(), ID: a.ID}
}

// AssetSorts are the orders of a list of assets.
var AssetSorts = []page.Sort{page.CreatedAt, page.UpdatedAt, ByName}

// Orders of assets for lists that are paged by number only.
const (
	ByType        page.Sort = "assetType"
	ByDescription page.Sort = "description"
	ByProvider    page.Sort = "assetProvider"
	ByRemovedAt   page.Sort = "removedAt"
	ByOwner       page.Sort = "owner"
	ByOwnerStatus page.Sort = "ownerStatus"
)

// AssetFilter narrows a list of assets; zero fields do not.
type AssetFilter struct {
	Class    ClassType
	Type     Type
	Provider Provider
	OwnerID  int64
	// OwnerStatus keeps the assets of people with this employment status.
	OwnerStatus EmploymentStatus
	// Removed keeps those with a removed date that has come, or the others.
	Removed *bool
	// OfDevices keeps those that stand for devices, or the others.
	OfDevices *bool
	// Text is part of name, description, external or unique id, in any case.
	Text string
	// At is the moment of the look.
	At time.Time
	// Fields keeps those with values of custom fields.
	Fields []customfield.Wanted
}

// AssetStore keeps assets.
type AssetStore interface {
	Assets(ctx context.Context, f AssetFilter, r page.Request) (page.Page[Asset], error)
	// Asset reads one; an absent one is a NotFound.
	Asset(ctx context.Context, id int64) (Asset, error)
	// AssetsByID reads those that exist.
	AssetsByID(ctx context.Context, ids []int64) (map[int64]Asset, error)
	// CreateAsset gives it its id. An owner who is no user is refused.
	CreateAsset(ctx context.Context, a Asset, ev func(Asset) event.Event) (Asset, error)
	// ChangeAsset changes one; nothing is written and appended when change
	// reports nothing.
	ChangeAsset(ctx context.Context, id int64, change func(*Asset) ([]event.Event, error)) (Asset, error)
	// DeleteAsset deletes one for which allow is nil.
	DeleteAsset(ctx context.Context, id int64, at time.Time, allow func(Asset) error, ev func(Asset) event.Event) error
	// RestoreAsset brings back a deleted one for which allow is nil. twins are assets
	// with the same external or unique id. One that never was is a NotFound.
	RestoreAsset(ctx context.Context, id int64, allow func(a Asset, deleted bool, twins []Asset) error, ev func(Asset) event.Event) (Asset, error)
}

// AssetChange is what creates or changes an asset; nil leaves a field as it is.
type AssetChange struct {
	Name, Description *string
	Notes             **string
	Classes           *[]string
	Type              *string
	OwnerID           *int64
	RemovedAt         *time.Time
	ExternalID        **string
	ExternalOwnerID   **string
	UniqueID          **string
	// Fields are values of custom fields.
	Fields []customfield.Setting

	sets []customfield.Set
}

// Assets lists assets.
func (s *Service) Assets(ctx context.Context, f AssetFilter, r page.Request) (page.Page[Asset], error) {
	f.At = s.now()
	return s.store.Assets(ctx, f, r)
}

// Asset reads one; an absent one is a NotFound.
func (s *Service) Asset(ctx context.Context, id int64) (Asset, error) { return s.store.Asset(ctx, id) }

// AssetsByID reads those that exist.
func (s *Service) AssetsByID(ctx context.Context, ids []int64) (map[int64]Asset, error) {
	return s.store.AssetsByID(ctx, ids)
}

// CreateAsset makes an asset by hand. It never is a device: devices come through
// MDM connections only.
func (s *Service) CreateAsset(ctx context.Context, a event.Actor, c AssetChange) (Asset, error) {
	now := s.now()
	var err error
	if c.sets, err = s.sets(ctx, customfield.Asset, c.Fields); err != nil {
		return Asset{}, err
	}
	made, err := c.create(now)
	if err != nil {
		return made, err
	}
	return s.store.CreateAsset(ctx, made, func(v Asset) event.Event {
		return assetEvent(a, now, event.AssetCreated, v, "was created", customfield.Differences(nil, v.Fields)...)
	})
}

// create is a new asset.
func (c AssetChange) create(now time.Time) (Asset, error) {
	made := Asset{Provider: ByHand, CreatedAt: now}
	var wrong faults
	for _, f := range []struct {
		name    string
		missing bool
	}{{"name", c.Name == nil}, {"description", c.Description == nil}, {"assetClassTypes", c.Classes == nil}, {"assetType", c.Type == nil}, {"ownerId", c.OwnerID == nil}} {
		if f.missing {
			wrong.add(invalid("/"+f.name, "`%s` is required", f.name))
		}
	}
	if err := wrong.err(); err != nil {
		return made, err
	}
	return made, c.apply(&made, now)
}

// change changes an asset. That of a device keeps what its connection says.
func (c AssetChange) change(v *Asset, now time.Time) error {
	old := *v
	if err := c.apply(v, now); err != nil {
		return err
	}
	for _, f := range []struct {
		name   string
		differ bool
	}{{"name", v.Name != old.Name}, {"assetType", v.Type != old.Type}, {"ownerId", v.OwnerID != old.OwnerID}, {"externalId", !sameText(v.ExternalID, old.ExternalID)},
		{"uniqueId", !sameText(v.UniqueID, old.UniqueID)}} {
		if v.DeviceID != 0 && f.differ {
			return invalid("/"+f.name, "asset %d stands for device %d: its name, type, owner and ids follow what the MDM connection reports", v.ID, v.DeviceID)
		}
	}
	return nil
}

func assetEvent(a event.Actor, at time.Time, t event.Type, v Asset, what string, fields ...customfield.Difference) event.Event {
	return event.New(a, at, t, event.CategoryAsset, "Asset “"+v.Name+"” "+what, withFields(map[string]any{"assetId": v.ID, "ownerId": v.OwnerID}, fields))
}

// UpdateAsset changes an asset. That of a device keeps what its connection says:
// name, type, owner and ids.
func (s *Service) UpdateAsset(ctx context.Context, a event.Actor, id int64, c AssetChange) (Asset, error) {
	now := s.now()
	var err error
	if c.sets, err = s.sets(ctx, customfield.Asset, c.Fields); err != nil {
		return Asset{}, err
	}
	return s.store.ChangeAsset(ctx, id, func(v *Asset) ([]event.Event, error) {
		old := *v
		old.Classes = slices.Clone(v.Classes)
		if err := c.change(v, now); err != nil {
			return nil, err
		}
		return changes(a, now, old, *v), nil
	})
}

// changes are the events of a change, none when nothing changed.
func changes(a event.Actor, now time.Time, old, v Asset) []event.Event {
	var out []event.Event
	fields := customfield.Differences(old.Fields, v.Fields)
	if old.OwnerID != v.OwnerID {
		out = append(out, assetEvent(a, now, event.AssetOwnerUpdated, v, "has another owner"))
	}
	if !sameText(old.Notes, v.Notes) {
		out = append(out, assetEvent(a, now, event.AssetNotesUpdated, v, "has other notes"))
	}
	if old.Name != v.Name || old.Description != v.Description || old.Type != v.Type || !slices.Equal(old.classTypes(), v.classTypes()) ||
		!old.RemovedAt.Equal(v.RemovedAt) || !sameText(old.ExternalID, v.ExternalID) || !sameText(old.ExternalOwnerID, v.ExternalOwnerID) || !sameText(old.UniqueID, v.UniqueID) || len(fields) > 0 {
		out = append(out, assetEvent(a, now, event.AssetUpdated, v, "was changed", fields...))
	}
	return out
}

func sameText(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

// shared is the id that another asset has, too.
func (a Asset) shared(with Asset) string {
	if a.ExternalID != nil && *a.ExternalID != "" && sameText(a.ExternalID, with.ExternalID) {
		return fmt.Sprintf("`externalId` %q", *a.ExternalID)
	}
	return fmt.Sprintf("`uniqueId` %q", *a.UniqueID)
}

func (a Asset) classTypes() []ClassType {
	out := make([]ClassType, len(a.Classes))
	for i, c := range a.Classes {
		out[i] = c.Class
	}
	return out
}

// DeleteAsset deletes an asset that stands for no device.
func (s *Service) DeleteAsset(ctx context.Context, a event.Actor, id int64) error {
	now := s.now()
	return s.store.DeleteAsset(ctx, id, now, func(v Asset) error {
		if v.DeviceID != 0 {
			return invalid("", "asset %d stands for device %d: delete the device through its connection", v.ID, v.DeviceID)
		}
		return nil
	}, func(v Asset) event.Event { return assetEvent(a, now, event.AssetDeleted, v, "was deleted") })
}

// RestoreAsset brings back an asset that was deleted, just as it was. One that
// stood for a device comes with the device's next report, and none comes back
// beside another with its external or unique id: both are a Conflict.
func (s *Service) RestoreAsset(ctx context.Context, a event.Actor, id int64) (Asset, error) {
	now := s.now()
	return s.store.RestoreAsset(ctx, id, func(v Asset, deleted bool, twins []Asset) error {
		if !deleted {
			return fault.New(fault.CodeConflict, "asset %d is not deleted", v.ID)
		}
		if v.DeviceID != 0 {
			return fault.New(fault.CodeConflict, "asset %d stood for device %d, which was deleted: it has an asset again as soon as an MDM connection reports it", v.ID, v.DeviceID)
		}
		if len(twins) > 0 {
			t := twins[0]
			return fault.New(fault.CodeConflict, "asset %d, “%s”, has the %s now: change or delete that one first", t.ID, t.Name, v.shared(t))
		}
		return nil
	}, func(v Asset) event.Event { return assetEvent(a, now, event.AssetRestored, v, "was restored") })
}

func (c AssetChange) apply(a *Asset, now time.Time) error {
	var wrong faults
	if c.Name != nil {
		a.Name = strings.TrimSpace(*c.Name)
	}
	if c.Description != nil {
		a.Description = strings.TrimSpace(*c.Description)
	}
	for _, f := range []struct {
		name, text string
		least      int
	}{{"name", a.Name, 1}, {"description", a.Description, 1}} {
		if n := utf8.RuneCountInString(f.text); n < f.least || n > maxAssetText {
			wrong.add(invalid("/"+f.name, "`%s` must have %d to %d characters", f.name, f.least, maxAssetText))
		}
	}
	for _, f := range []struct {
		name string
		from **string
		to   **string
	}{{"notes", c.Notes, &a.Notes}, {"externalId", c.ExternalID, &a.ExternalID}, {"externalOwnerId", c.ExternalOwnerID, &a.ExternalOwnerID}, {"uniqueId", c.UniqueID, &a.UniqueID}} {
		if f.from == nil {
			continue
		}
		if text := *f.from; text != nil && utf8.RuneCountInString(*text) > maxAssetText {
			wrong.add(invalid("/"+f.name, "`%s` may have at most %d characters", f.name, maxAssetText))
		}
		*f.to = *f.from
	}
	if c.Type != nil {
		if !slices.Contains(Types, Type(*c.Type)) {
			wrong.add(invalid("/assetType", "`assetType` is %q; it must be PHYSICAL or VIRTUAL", fault.Short(*c.Type, maxCell)))
		}
		a.Type = Type(*c.Type)
	}
	if a.DeviceID == 0 {
		a.Reference = OtherThing
		if a.Type == Virtual {
			a.Reference = VirtualThing
		}
	}
	if c.OwnerID != nil {
		a.OwnerID = *c.OwnerID
	}
	if c.RemovedAt != nil {
		a.RemovedAt = *c.RemovedAt
	}
	var err error
	if a.Fields, err = customfield.Apply(a.Fields, c.sets); err != nil {
		return err
	}
	a.UpdatedAt = now
	wrong.add(c.classes(a, now))
	return wrong.err()
}

// classes keeps those that stay, with their ids.
func (c AssetChange) classes(a *Asset, now time.Time) error {
	if c.Classes == nil {
		return nil
	}
	if len(*c.Classes) == 0 || len(*c.Classes) > maxAssetClass {
		return invalid("/assetClassTypes", "`assetClassTypes` must name 1 to %d classes", maxAssetClass)
	}
	var out []Class
	for _, text := range *c.Classes {
		class := ClassType(text)
		if !slices.Contains(ClassTypes, class) {
			return invalid("/assetClassTypes", "`assetClassTypes` has %q, which is no class; the classes are %s", fault.Short(text, maxCell), listed(ClassTypes))
		}
		same := func(k Class) bool { return k.Class == class }
		if slices.ContainsFunc(out, same) {
			continue
		}
		next := Class{Class: class, CreatedAt: now}
		if i := slices.IndexFunc(a.Classes, same); i >= 0 {
			next = a.Classes[i]
		}
		out = append(out, next)
	}
	a.Classes = out
	return nil
}
