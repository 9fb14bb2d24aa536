package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/event"
)

// judged has what refs name found and judged, and with write kept in the same
// transaction, one import after the other: what is recognised need not be unique.
func judged[R, M, W any](ctx context.Context, s *Store, refs []R, write bool, match func(q querier, refs []R, tail string) ([]M, error), judge func([]M) W,
	keep func(querier, W) error) error {
	if !write {
		return s.db.read(ctx, func(q querier) error {
			found, err := match(q, refs, "")
			if err == nil {
				judge(found)
			}
			return err
		})
	}
	return s.db.large(ctx, func(q querier) error {
		if err := lockUsers(q); err != nil {
			return err
		}
		found, err := match(q, refs, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		return keep(q, judge(found))
	})
}

// ImportPeople implements asset.ImportStore.
func (s *Store) ImportPeople(ctx context.Context, refs []asset.PersonRef, write bool, judge func([]asset.PersonMatch) asset.PeopleImport) error {
	return judged(ctx, s, refs, write, matchPeople, judge, func(q querier, w asset.PeopleImport) error {
		if w.Event == nil {
			return nil
		}
		if err := insertAccounts(q, w.NewUsers); err != nil {
			return err
		}
		if err := renameAccounts(q, w.OldUsers); err != nil {
			return err
		}
		for _, p := range w.NewPeople {
			p.UserID = p.User.ID
		}
		made := pointed(w.NewPeople)
		if err := insertPeople(q, made); err != nil {
			return err
		}
		var ids []int64
		for i, p := range w.NewPeople {
			p.ID = made[i].ID
			ids = append(ids, p.ID)
		}
		for _, p := range w.OldPeople {
			ids = append(ids, p.ID)
		}
		if err := replacePeople(q, pointed(w.OldPeople)); err != nil {
			return err
		}
		if err := putFielded(q, customfield.Person, w.Fielded, func(p *asset.Person) valued { return valued{p.ID, p.Fields} }); err != nil {
			return err
		}
		if err := regroup(q, ids); err != nil {
			return err
		}
		if err := grown(q, len(made), "app_user, personnel"); err != nil {
			return err
		}
		return s.appendImport(q, directory.Person, ids, w.Event(ids))
	})
}

// appendImport adds the event of an import, which may be about too many to name
// each in it.
func (s *Store) appendImport(q querier, kind connection.BuiltIn, ids []int64, e event.Event) error {
	if len(directory.Touched(e)) == 0 {
		if err := touchAll(q, kind, ids, e); err != nil {
			return err
		}
	}
	return s.append(q, e)
}

// grown tells the planner of PostgreSQL about tables that got many rows at once:
// until it knows them it reads them as a whole for each part of the next file.
func grown(q querier, rows int, tables string) error {
	if !q.dialect().postgres || rows < manyPerInsert {
		return nil
	}
	_, err := q.exec("ANALYZE " + tables)
	return err
}

// putFielded writes the values of custom fields of objects that came in a file.
func putFielded[T any](q querier, k customfield.Kind, list []*T, of func(*T) valued) error {
	all := make([]valued, len(list))
	for i, each := range list {
		all[i] = of(each)
	}
	if err := putCustomValues(q, k, all); err != nil {
		return err
	}
	return grown(q, len(all), "custom_field_value")
}

func pointed[T any](list []*T) []T {
	out := make([]T, len(list))
	for i, each := range list {
		out[i] = *each
	}
	return out
}

// matchPeople finds whom refs name, one match for each.
func matchPeople(q querier, refs []asset.PersonRef, tail string) ([]asset.PersonMatch, error) {
	byID, byAddress, byUser := map[int64]*asset.Person{}, map[string]*access.User{}, map[int64]*asset.Person{}
	var ids []int64
	var addresses []string
	for _, r := range refs {
		if r.ID != 0 {
			ids = append(ids, r.ID)
		} else if r.Email != "" {
			addresses = append(addresses, access.Folded(r.Email))
		}
	}
	add := func(column string, ids []int64, to map[int64]*asset.Person, key func(asset.Person) int64) error {
		for part := range slices.Chunk(ids, perList) {
			cond, args := in(column, part)
			found, err := selectPeople(q, cond+tail, args...)
			if err != nil {
				return err
			}
			for _, p := range found {
				to[key(p)] = &p
			}
		}
		return nil
	}
	if err := add("p.id", ids, byID, func(p asset.Person) int64 { return p.ID }); err != nil {
		return nil, err
	}
	users, err := usersByAddress(q, addresses)
	if err != nil {
		return nil, err
	}
	var userIDs []int64
	for i := range users {
		byAddress[access.Folded(users[i].Email)] = &users[i]
		userIDs = append(userIDs, users[i].ID)
	}
	if err := add("p.user_id", userIDs, byUser, func(p asset.Person) int64 { return p.UserID }); err != nil {
		return nil, err
	}
	out := make([]asset.PersonMatch, len(refs))
	for i, r := range refs {
		switch {
		case r.ID != 0:
			out[i].Person = byID[r.ID]
		case r.Email != "":
			if u := byAddress[access.Folded(r.Email)]; u != nil {
				out[i] = asset.PersonMatch{Person: byUser[u.ID], User: u}
			}
		}
	}
	return out, nil
}

// usersByAddress reads the users with these folded addresses.
func usersByAddress(q querier, addresses []string) ([]access.User, error) {
	var out []access.User
	for part := range slices.Chunk(addresses, perList) {
		found, err := selectUsers(q, number("u.deleted_at IS NULL AND u.email_key IN ("+marks(len(part))+")"), arguments(nil, part)...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// renameAccounts writes what people are called.
func renameAccounts(q querier, users []*access.User) error {
	return insertRows(q, users, `INSERT INTO app_user (id, email, email_key, first_name, first_key, last_name, last_key, job_title, no_account, created_at, updated_at)
		VALUES `, "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", ` ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, first_key = excluded.first_key,
		last_name = excluded.last_name, last_key = excluded.last_key, job_title = excluded.job_title, updated_at = excluded.updated_at`, func(at **access.User) []any {
		u := *at
		return []any{u.ID, u.Email, access.Folded(u.Email), nullText(u.FirstName), access.Folded(u.FirstName), nullText(u.LastName), access.Folded(u.LastName),
			nullText(u.JobTitle), u.NoAccount, u.CreatedAt, u.UpdatedAt}
	})
}

// replacePeople writes people who are there, by few statements.
func replacePeople(q querier, people []asset.Person) error {
	if err := insertRows(q, people, insertPerson, personTuple, ` ON CONFLICT (id) DO UPDATE SET status = excluded.status, manual_status = excluded.manual_status,
		manual_dates = excluded.manual_dates, reason = excluded.reason, reason_by = excluded.reason_by, started_at = excluded.started_at,
		separated_at = excluded.separated_at, status_at = excluded.status_at, updated_at = excluded.updated_at, name_key = excluded.name_key,
		search_key = excluded.search_key, standing = `+owning("personnel.standing", "excluded.standing"), personValues); err != nil {
		return err
	}
	ids := make([]int64, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	if err := standInGroups(q, ids); err != nil {
		return err
	}
	if err := callOwners(q, ids); err != nil {
		return err
	}
	return ownedBy(q, usersOf(people))
}

// ImportAssets implements asset.ImportStore.
func (s *Store) ImportAssets(ctx context.Context, refs []asset.AssetRef, write bool, judge func([]asset.AssetMatch) asset.AssetImport) error {
	return judged(ctx, s, refs, write, matchAssets, judge, func(q querier, w asset.AssetImport) error {
		if w.Event == nil {
			return nil
		}
		if err := insertAssets(q, w.New); err != nil {
			return err
		}
		if err := replaceAssets(q, w.Old); err != nil {
			return err
		}
		if err := putFielded(q, customfield.Asset, w.Fielded, func(a *asset.Asset) valued { return valued{a.ID, a.Fields} }); err != nil {
			return err
		}
		if err := deriveThese(q, slices.Concat(w.New, w.Old)); err != nil {
			return err
		}
		if err := grown(q, len(w.New), "asset, asset_class"); err != nil {
			return err
		}
		var ids []int64
		for _, a := range slices.Concat(w.New, w.Old) {
			ids = append(ids, a.ID)
		}
		return s.appendImport(q, directory.Asset, ids, w.Event(ids))
	})
}

func matchAssets(q querier, refs []asset.AssetRef, tail string) ([]asset.AssetMatch, error) {
	var ids []int64
	var external, addresses []string
	named := map[int64]bool{}
	for _, r := range refs {
		if r.ID != 0 {
			ids = append(ids, r.ID)
		} else if r.ExternalID != "" {
			external = append(external, r.ExternalID)
		}
		if r.OwnerEmail != "" {
			addresses = append(addresses, access.Folded(r.OwnerEmail))
		}
		if r.OwnerID != 0 {
			named[r.OwnerID] = true
		}
	}
	byID, byExternal := map[int64][]asset.Asset{}, map[string][]asset.Asset{}
	read := func(where string, args []any, each func(asset.Asset)) error {
		found, err := selectAssets(q, where+tail, args...)
		slices.SortFunc(found, func(a, b asset.Asset) int { return cmp.Compare(a.ID, b.ID) })
		for _, a := range found {
			named[a.OwnerID] = true
			each(a)
		}
		return err
	}
	for part := range slices.Chunk(distinct(external), perList) {
		if err := read("a.external_id IN ("+marks(len(part))+")", arguments(nil, part), func(a asset.Asset) {
			byExternal[*a.ExternalID] = append(byExternal[*a.ExternalID], a)
		}); err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(ids, perList) {
		cond, args := in("a.id", part)
		if err := read(cond, args, func(a asset.Asset) { byID[a.ID] = []asset.Asset{a} }); err != nil {
			return nil, err
		}
	}
	users, byAddress, err := owners(q, slices.Sorted(maps.Keys(named)), distinct(addresses))
	if err != nil {
		return nil, err
	}
	out := make([]asset.AssetMatch, len(refs))
	for i, r := range refs {
		m := &out[i]
		if m.Found = byExternal[r.ExternalID]; r.ID != 0 {
			m.Found = byID[r.ID]
		}
		if len(m.Found) > 0 {
			m.Was = users[m.Found[0].OwnerID]
		}
		switch {
		case r.OwnerEmail != "":
			m.Owner = byAddress[access.Folded(r.OwnerEmail)]
		case r.OwnerID != 0:
			if u := users[r.OwnerID]; u != nil && u.DeletedAt.IsZero() {
				m.Owner = u
			}
		}
	}
	return out, nil
}

// insertAssets makes assets whose external ids no other one has, and learns their
// numbers by them.
func insertAssets(q querier, assets []*asset.Asset) error {
	if err := insertRows(q, assets, "INSERT INTO asset ("+assetFields+") VALUES ", "("+assetTuple+")", "", func(at **asset.Asset) []any { return assetValues(*at) }); err != nil {
		return err
	}
	for part := range slices.Chunk(assets, perList) {
		byExternal := map[string]*asset.Asset{}
		for _, a := range part {
			byExternal[*a.ExternalID] = a
		}
		if err := q.query(number("SELECT id, external_id FROM asset WHERE deleted_at IS NULL AND external_id IN ("+marks(len(byExternal))+")"), func(r row) error {
			var id int64
			var external string
			err := r.scan(&id, &external)
			byExternal[external].ID = id
			return err
		}, arguments(nil, slices.Sorted(maps.Keys(byExternal)))...); err != nil {
			return err
		}
	}
	return insertClasses(q, assets)
}

// deriveThese is derive for some assets.
func deriveThese(q querier, assets []*asset.Asset) error {
	ids := make([]int64, len(assets))
	for i, a := range assets {
		ids[i] = a.ID
	}
	return inParts(ids, "id", func(cond string, args []any) error { return derive(q, cond, args...) })
}

// insertClasses writes the classes that are new.
func insertClasses(q querier, assets []*asset.Asset) error {
	type owned struct {
		asset int64
		class asset.Class
	}
	var fresh []owned
	for _, a := range assets {
		for _, c := range a.Classes {
			if c.ID == 0 {
				fresh = append(fresh, owned{a.ID, c})
			}
		}
	}
	return insertRows(q, fresh, "INSERT INTO asset_class (asset_id, class, created_at) VALUES ", "(?, ?, ?)", "", func(o *owned) []any {
		return []any{o.asset, string(o.class.Class), o.class.CreatedAt}
	})
}

// replaceAssets writes assets that are there, by few statements.
func replaceAssets(q querier, assets []*asset.Asset) error {
	if err := insertRows(q, assets, "INSERT INTO asset (id, "+assetFields+") VALUES ", "(?, "+assetTuple+")", ` ON CONFLICT (id) DO UPDATE SET name = excluded.name,
		description = excluded.description, notes = excluded.notes, asset_type = excluded.asset_type, reference = excluded.reference, removed_at = excluded.removed_at,
		external_id = excluded.external_id, external_owner_id = excluded.external_owner_id, unique_id = excluded.unique_id, owner_id = excluded.owner_id,
		search_key = excluded.search_key, updated_at = excluded.updated_at`, func(at **asset.Asset) []any { return append([]any{(*at).ID}, assetValues(*at)...) }); err != nil {
		return err
	}
	for part := range slices.Chunk(assets, perInsert) {
		of, kept := make([]int64, len(part)), []int64{0}
		for i, a := range part {
			of[i] = a.ID
			for _, c := range a.Classes {
				if c.ID != 0 {
					kept = append(kept, c.ID)
				}
			}
		}
		cond, args := in("asset_id", of)
		keep, more := in("id", kept)
		if _, err := q.exec(number("DELETE FROM asset_class WHERE "+cond+" AND NOT ("+keep+")"), append(args, more...)...); err != nil {
			return err
		}
	}
	return insertClasses(q, assets)
}

// owners reads users by number, deleted ones too, and those that are there by
// address.
func owners(q querier, ids []int64, addresses []string) (byID map[int64]*access.User, byAddress map[string]*access.User, err error) {
	byID, byAddress = map[int64]*access.User{}, map[string]*access.User{}
	for part := range slices.Chunk(ids, perList) {
		cond, args := in("u.id", part)
		found, err := selectUsers(q, number(cond), args...)
		if err != nil {
			return nil, nil, err
		}
		for _, u := range found {
			byID[u.ID] = &u
		}
	}
	found, err := usersByAddress(q, addresses)
	for _, u := range found {
		byAddress[access.Folded(u.Email)] = &u
	}
	return byID, byAddress, err
}

func distinct[T cmp.Ordered](list []T) []T { return slices.Compact(slices.Sorted(slices.Values(list))) }
