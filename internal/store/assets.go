package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const assetColumns = `SELECT a.id, a.name, a.description, a.notes, a.asset_type, a.provider, a.reference, a.removed_at, a.external_id, a.external_owner_id, a.unique_id,
	a.owner_id, a.device_id, a.created_at, a.updated_at FROM asset a`

func scanAsset(r row, a *asset.Asset) error {
	var kind, provider, reference string
	err := r.scan(&a.ID, &a.Name, &a.Description, &a.Notes, &kind, &provider, &reference, &a.RemovedAt, &a.ExternalID, &a.ExternalOwnerID, &a.UniqueID,
		&a.OwnerID, &a.DeviceID, &a.CreatedAt, &a.UpdatedAt)
	a.Type, a.Provider, a.Reference = asset.Type(kind), asset.Provider(provider), asset.Reference(reference)
	return err
}

// fillAssets puts classes and the values of custom fields into assets.
func fillAssets(q querier, assets []asset.Asset) error {
	if err := fillClasses(q, assets); err != nil {
		return err
	}
	ids := make([]int64, len(assets))
	for i, a := range assets {
		ids[i] = a.ID
	}
	found, err := customValues(q, customfield.Asset, ids)
	for i := range assets {
		assets[i].Fields = found[assets[i].ID]
	}
	return err
}

func fillClasses(q querier, assets []asset.Asset) error {
	at := make(map[int64]*asset.Asset, len(assets))
	ids := make([]int64, len(assets))
	for i := range assets {
		ids[i] = assets[i].ID
		at[ids[i]] = &assets[i]
	}
	for part := range slices.Chunk(ids, perList) {
		cond, args := in("asset_id", part)
		if err := q.query(number("SELECT asset_id, id, class, created_at FROM asset_class WHERE "+cond+" ORDER BY id"), func(r row) error {
			var id int64
			var class string
			var c asset.Class
			err := r.scan(&id, &c.ID, &class, &c.CreatedAt)
			c.Class = asset.ClassType(class)
			at[id].Classes = append(at[id].Classes, c)
			return err
		}, args...); err != nil {
			return err
		}
	}
	return nil
}

func selectAssets(q querier, where string, args ...any) ([]asset.Asset, error) {
	return withDeletedAssets(q, "a.deleted_at IS NULL AND "+where, args...)
}

func withDeletedAssets(q querier, where string, args ...any) ([]asset.Asset, error) {
	var out []asset.Asset
	if err := q.query(number(assetColumns+" WHERE "+where), func(r row) error {
		var a asset.Asset
		err := scanAsset(r, &a)
		out = append(out, a)
		return err
	}, args...); err != nil {
		return nil, err
	}
	return out, fillAssets(q, out)
}

func readAsset(q querier, id int64, tail string) (asset.Asset, error) {
	found, err := selectAssets(q, "a.id = ?"+tail, id)
	if err == nil && len(found) == 0 {
		err = absent("asset", id)
	}
	if err != nil {
		return asset.Asset{}, err
	}
	return found[0], nil
}

// assetOrders are orders for lists that are paged by number, each an index.
var assetOrders = map[page.Sort]string{asset.ByType: "a.asset_type", asset.ByDescription: "lower(a.description)", asset.ByProvider: "a.provider",
	asset.ByRemovedAt: "COALESCE(a.removed_at, 0)", asset.ByOwner: "a.owner_key", asset.ByOwnerStatus: "a.owner_status"}

// classBit is the bit of a class in column classes of assets; 0 is that of no class.
func classBit(c asset.ClassType) int64 { return 1 << (slices.Index(asset.ClassTypes, c) + 1) >> 1 }

// classesOf is column classes in SQL.
var classesOf = func() string {
	var whens strings.Builder
	for _, c := range asset.ClassTypes {
		fmt.Fprintf(&whens, " WHEN '%s' THEN %d", c, classBit(c))
	}
	return "COALESCE((SELECT sum(CASE k.class" + whens.String() + " ELSE 0 END) FROM asset_class k WHERE k.asset_id = asset.id), 0)"
}()

// derive keeps what lists of assets are ordered and narrowed by in step with what it
// follows from: their classes, and the name and the employment status of their owners.
// cond is about table asset. A deleted asset gets it when it is restored.
func derive(q querier, cond string, args ...any) error {
	const (
		name   = "COALESCE((SELECT COALESCE(NULLIF(trim(u.first_key || ' ' || u.last_key), ''), u.email_key) FROM app_user u WHERE u.id = asset.owner_id), '')"
		status = "COALESCE((SELECT p.status FROM personnel p WHERE p.user_id = asset.owner_id), '')"
	)
	_, err := q.exec(number("UPDATE asset SET owner_key = "+name+", owner_status = "+status+", classes = "+classesOf+" WHERE deleted_at IS NULL AND "+cond+
		" AND (owner_key <> "+name+" OR owner_status <> "+status+" OR classes <> "+classesOf+")"), args...)
	return err
}

// ownedBy is derive for the assets of users.
func ownedBy(q querier, users []int64) error {
	return inParts(users, "owner_id", func(cond string, args []any) error { return derive(q, cond, args...) })
}

// assetsHolding asks for assets by their search key; see [sought]. The sign keeps the
// planner from an index that lists what is not deleted: it would lead to each row by
// itself, where they are read faster one after the other.
const assetsHolding = "SELECT id FROM asset WHERE +deleted_at IS NULL AND "

// Assets implements asset.AssetStore.
func (s *Store) Assets(ctx context.Context, f asset.AssetFilter, r page.Request) (page.Page[asset.Asset], error) {
	l := list[asset.Asset]{sql: assetColumns, id: "a.id", where: []string{"a.deleted_at IS NULL"}, own: 1, scan: scanAsset,
		columns: map[page.Sort]string{page.CreatedAt: "a.created_at", page.UpdatedAt: "a.updated_at"}, texts: map[page.Sort]string{asset.ByName: "a.name"},
		position: func(a asset.Asset) page.Position { return a.Position(r.Order()) },
		searched: searching(f.Text, searched{table: "asset a", keys: assetsHolding, columns: []string{"a.search_key"}, index: "asset_name", along: []string{"a.created_at", "lower(a.name)"}}),
		rare:     withCustomValues(customfield.Asset, "a.id", f.Fields)}
	var so clauses
	for _, c := range []struct {
		cond string
		arg  any
		is   bool
	}{
		{"a.classes & ? <> 0", classBit(f.Class), f.Class != ""},
		{"a.asset_type = ?", string(f.Type), f.Type != ""},
		{"a.provider = ?", string(f.Provider), f.Provider != ""},
		{"a.owner_status = ?", string(f.OwnerStatus), f.OwnerStatus != ""},
		{"a.removed_at <= ?", f.At, f.Removed != nil && *f.Removed},
		{"(a.removed_at IS NULL OR a.removed_at > ?)", f.At, f.Removed != nil && !*f.Removed},
	} {
		if c.is {
			so.and(c.cond, c.arg)
		}
	}
	if f.OfDevices != nil {
		so.and(map[bool]string{true: "a.device_id IS NOT NULL", false: "a.device_id IS NULL"}[*f.OfDevices])
	}
	if f.OwnerID != 0 {
		l.and("a.owner_id = ?", f.OwnerID)
	}
	l.kinds("asset", "a", "asset_kinds", so)
	if column, is := assetOrders[r.Order()]; is {
		l.columns[r.Order()] = column
	}
	l.fill = fillAssets
	return l.run(ctx, s, r)
}

// Asset implements asset.AssetStore.
func (s *Store) Asset(ctx context.Context, id int64) (a asset.Asset, err error) {
	err = s.db.read(ctx, func(q querier) error {
		a, err = readAsset(q, id, "")
		return err
	})
	return a, err
}

// AssetsByID implements asset.AssetStore.
func (s *Store) AssetsByID(ctx context.Context, ids []int64) (map[int64]asset.Asset, error) {
	out := map[int64]asset.Asset{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		for part := range slices.Chunk(ids, perList) {
			cond, args := in("a.id", part)
			found, err := selectAssets(q, cond, args...)
			if err != nil {
				return err
			}
			for _, a := range found {
				out[a.ID] = a
			}
		}
		return nil
	})
	return out, err
}

// assetSearch is what a search for assets looks at.
func assetSearch(a asset.Asset) string {
	parts := []string{a.Name, a.Description}
	for _, p := range []*string{a.ExternalID, a.UniqueID} {
		if p != nil {
			parts = append(parts, *p)
		}
	}
	return access.Folded(strings.Join(parts, "\n"))
}

func knownOwner(q querier, id int64) error {
	var n int64
	err := one(q, "SELECT id FROM app_user WHERE id = $1 AND deleted_at IS NULL", []any{id}, &n)
	if errors.Is(err, errNoRow) {
		return fault.New(fault.CodeNotFound, "`ownerId` names user %d, who does not exist", id).At("/ownerId")
	}
	return err
}

const (
	assetFields = `name, description, notes, asset_type, provider, reference, removed_at, external_id, external_owner_id, unique_id, owner_id, device_id, search_key,
		created_at, updated_at`
	assetTuple = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
)

func assetValues(a *asset.Asset) []any {
	return []any{a.Name, a.Description, a.Notes, string(a.Type), string(a.Provider), string(a.Reference), a.RemovedAt, a.ExternalID, a.ExternalOwnerID, a.UniqueID, a.OwnerID,
		nullID(a.DeviceID), assetSearch(*a), a.CreatedAt, a.UpdatedAt}
}

func insertAsset(q querier, a *asset.Asset) error {
	if err := one(q, "INSERT INTO asset ("+assetFields+") VALUES ("+number(assetTuple)+") RETURNING id", assetValues(a), &a.ID); err != nil {
		return err
	}
	if err := addClasses(q, a); err != nil {
		return err
	}
	return derive(q, "id = ?", a.ID)
}

// putClasses writes the classes that are new, and drops those that are gone.
func putClasses(q querier, a *asset.Asset) error {
	keep := []int64{0}
	for _, c := range a.Classes {
		if c.ID != 0 {
			keep = append(keep, c.ID)
		}
	}
	cond, args := in("id", keep)
	if _, err := q.exec(number("DELETE FROM asset_class WHERE asset_id = ? AND NOT ("+cond+")"), append([]any{a.ID}, args...)...); err != nil {
		return err
	}
	return addClasses(q, a)
}

func addClasses(q querier, a *asset.Asset) error {
	for i := range a.Classes {
		if c := &a.Classes[i]; c.ID == 0 {
			if err := one(q, "INSERT INTO asset_class (asset_id, class, created_at) VALUES ($1, $2, $3) RETURNING id", []any{a.ID, string(c.Class), c.CreatedAt}, &c.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func updateAsset(q querier, a *asset.Asset) error {
	if _, err := q.exec(`UPDATE asset SET name = $2, description = $3, notes = $4, asset_type = $5, reference = $6, removed_at = $7, external_id = $8, external_owner_id = $9,
		unique_id = $10, owner_id = $11, search_key = $12, updated_at = $13 WHERE id = $1`, a.ID, a.Name, a.Description, a.Notes, string(a.Type), string(a.Reference), a.RemovedAt,
		a.ExternalID, a.ExternalOwnerID, a.UniqueID, a.OwnerID, assetSearch(*a), a.UpdatedAt); err != nil {
		return err
	}
	if err := putClasses(q, a); err != nil {
		return err
	}
	return derive(q, "id = ?", a.ID)
}

// CreateAsset implements asset.AssetStore.
func (s *Store) CreateAsset(ctx context.Context, a asset.Asset, ev func(asset.Asset) event.Event) (asset.Asset, error) {
	out := a
	err := s.db.write(ctx, func(q querier) error {
		out = a
		out.Classes = slices.Clone(a.Classes)
		if err := knownOwner(q, a.OwnerID); err != nil {
			return err
		}
		if err := insertAsset(q, &out); err != nil {
			return err
		}
		if err := putCustomValues(q, customfield.Asset, []valued{{out.ID, out.Fields}}); err != nil {
			return err
		}
		return s.append(q, ev(out))
	})
	return out, err
}

// ChangeAsset implements asset.AssetStore.
func (s *Store) ChangeAsset(ctx context.Context, id int64, change func(*asset.Asset) ([]event.Event, error)) (asset.Asset, error) {
	var a asset.Asset
	err := s.db.write(ctx, func(q querier) error {
		was, err := readAsset(q, id, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		a = was
		a.Classes = slices.Clone(was.Classes)
		events, err := change(&a)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			a = was
			return nil
		}
		if a.OwnerID != was.OwnerID {
			if err := knownOwner(q, a.OwnerID); err != nil {
				return err
			}
		}
		if err := updateAsset(q, &a); err != nil {
			return err
		}
		if !slices.Equal(a.Fields, was.Fields) {
			if err := putCustomValues(q, customfield.Asset, []valued{{a.ID, a.Fields}}); err != nil {
				return err
			}
		}
		for _, e := range events {
			if err := s.append(q, e); err != nil {
				return err
			}
		}
		return nil
	})
	return a, err
}

// DeleteAsset implements asset.AssetStore.
func (s *Store) DeleteAsset(ctx context.Context, id int64, at time.Time, allow func(asset.Asset) error, ev func(asset.Asset) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		a, err := readAsset(q, id, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		if err := allow(a); err != nil {
			return err
		}
		if _, err := q.exec("UPDATE asset SET deleted_at = $2 WHERE id = $1", id, at); err != nil {
			return err
		}
		return s.append(q, ev(a))
	})
}

// RestoreAsset implements asset.AssetStore.
func (s *Store) RestoreAsset(ctx context.Context, id int64, allow func(asset.Asset, bool, []asset.Asset) error, ev func(asset.Asset) event.Event) (asset.Asset, error) {
	var a asset.Asset
	err := s.db.write(ctx, func(q querier) error {
		var deletedAt time.Time
		if err := absentIf(one(q, "SELECT deleted_at FROM asset WHERE id = $1"+q.dialect().forUpdate, []any{id}, &deletedAt), "asset", id); err != nil {
			return err
		}
		found, err := withDeletedAssets(q, "a.id = ?", id)
		if err != nil {
			return err
		}
		a = found[0]
		twins, err := assetTwins(q, a)
		if err != nil {
			return err
		}
		if err := allow(a, !deletedAt.IsZero(), twins); err != nil {
			return err
		}
		if _, err := q.exec("UPDATE asset SET deleted_at = NULL WHERE id = $1", id); err != nil {
			return err
		}
		if err := derive(q, "id = ?", id); err != nil {
			return err
		}
		return s.append(q, ev(a))
	})
	return a, err
}

// assetTwins are other assets with the external or the unique id of one, a few at
// most.
func assetTwins(q querier, a asset.Asset) ([]asset.Asset, error) {
	var out []asset.Asset
	for _, has := range []struct {
		column string
		text   *string
	}{{"a.external_id", a.ExternalID}, {"a.unique_id", a.UniqueID}} {
		if has.text == nil || *has.text == "" {
			continue
		}
		found, err := selectAssets(q, has.column+" = ? AND a.id <> ? LIMIT 1", *has.text, a.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
