package store

import (
	"context"
	"errors"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/event"
)

const personColumns = `SELECT p.id, p.user_id, p.identity_id, p.status, p.manual_status, p.manual_dates, p.reason, p.reason_by, p.started_at, p.separated_at,
	p.status_at, p.created_at, p.updated_at FROM personnel p`

func scanPerson(r row, p *asset.Person, more ...any) error {
	var status string
	err := r.scan(append([]any{&p.ID, &p.UserID, &p.IdentityID, &status, &p.ManualStatus, &p.ManualDates, &p.Reason, &p.ReasonBy, &p.StartedAt, &p.SeparatedAt,
		&p.StatusAt, &p.CreatedAt, &p.UpdatedAt}, more...)...)
	p.Status = asset.EmploymentStatus(status)
	return err
}

// fillPeople puts accounts, deleted ones too, what documents of the personnel
// record say, and the values of custom fields into people.
func fillPeople(q querier, people []asset.Person) error {
	ids := make([]int64, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	found, err := evidence(q, "person_id", " AND device_id IS NULL", ids)
	if err != nil {
		return err
	}
	values, err := customValues(q, customfield.Person, ids)
	if err != nil {
		return err
	}
	for i := range people {
		people[i].Evidence, people[i].Fields = found[people[i].ID], values[people[i].ID]
	}
	return fillAccounts(q, people)
}

func fillAccounts(q querier, people []asset.Person) error {
	ids := make([]int64, len(people))
	for i, p := range people {
		ids[i] = p.UserID
	}
	users := map[int64]access.User{}
	for part := range slices.Chunk(ids, perList) {
		cond, args := in("u.id", part)
		found, err := selectUsers(q, number(cond), args...)
		if err != nil {
			return err
		}
		for _, u := range found {
			users[u.ID] = u
		}
	}
	for i := range people {
		people[i].User = users[people[i].UserID]
	}
	return nil
}

func selectPeople(q querier, where string, args ...any) ([]asset.Person, error) {
	var out []asset.Person
	if err := q.query(number(personColumns+" WHERE "+where), func(r row) error {
		var p asset.Person
		err := scanPerson(r, &p)
		out = append(out, p)
		return err
	}, args...); err != nil {
		return nil, err
	}
	return out, fillPeople(q, out)
}

func readPerson(q querier, ref asset.PersonRef, tail string) (asset.Person, error) {
	where, name := "p.id = ?", any(ref.ID)
	if ref.Email != "" {
		where, name = "p.user_id = (SELECT u.id FROM app_user u WHERE u.email_key = ? AND u.deleted_at IS NULL)", access.Folded(ref.Email)
	}
	found, err := selectPeople(q, where+tail, name)
	if err == nil && len(found) == 0 {
		if ref.Email != "" {
			name = ref.Email
		}
		err = absent("person", name)
	}
	if err != nil {
		return asset.Person{}, err
	}
	return found[0], nil
}

// Person implements asset.PersonStore.
func (s *Store) Person(ctx context.Context, ref asset.PersonRef) (p asset.Person, err error) {
	err = s.db.read(ctx, func(q querier) error {
		p, err = readPerson(q, ref, "")
		return err
	})
	return p, err
}

// PeopleOfUsers implements asset.PersonStore.
func (s *Store) PeopleOfUsers(ctx context.Context, userIDs []int64) (map[int64]asset.Person, error) {
	out := map[int64]asset.Person{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		for part := range slices.Chunk(userIDs, perList) {
			cond, args := in("p.user_id", part)
			found, err := selectPeople(q, cond, args...)
			if err != nil {
				return err
			}
			for _, p := range found {
				out[p.UserID] = p
			}
		}
		return nil
	})
	return out, err
}

// ChangePeople implements asset.PersonStore.
func (s *Store) ChangePeople(ctx context.Context, refs []asset.PersonRef, change func(*asset.Person, *asset.Identity) (bool, error),
	ev func([]asset.Person) event.Event) ([]asset.Person, error) {
	var out []asset.Person
	err := s.db.write(ctx, func(q querier) error {
		out = out[:0]
		written := false
		for _, ref := range refs {
			p, err := readPerson(q, ref, q.dialect().forUpdate)
			if err != nil {
				return err
			}
			var follows *asset.Identity
			if p.IdentityID != 0 {
				found, err := selectIdentities(q, "i.id = ?", p.IdentityID)
				if err != nil {
					return err
				}
				follows = &found[0]
			}
			fields := p.Fields
			write, err := change(&p, follows)
			if err != nil {
				return err
			}
			if write && !slices.Equal(fields, p.Fields) {
				if err := putCustomValues(q, customfield.Person, []valued{{p.ID, p.Fields}}); err != nil {
					return err
				}
			}
			if write {
				written = true
				if err := updatePerson(q, p); err != nil {
					return err
				}
			}
			out = append(out, p)
		}
		if !written {
			return nil
		}
		return s.append(q, ev(out))
	})
	return out, err
}

func personValues(p *asset.Person) []any {
	return []any{p.ID, p.UserID, nullID(p.IdentityID), string(p.Status), p.ManualStatus, p.ManualDates, p.Reason, nullID(p.ReasonBy),
		p.StartedAt, p.SeparatedAt, p.StatusAt, p.CreatedAt, p.UpdatedAt, p.NameKey(), p.SearchKey(), standingOfNew(*p)}
}

func updatePerson(q querier, p asset.Person) error {
	if _, err := q.exec(`UPDATE personnel SET user_id = $2, identity_id = $3, status = $4, manual_status = $5, manual_dates = $6, reason = $7, reason_by = $8,
		started_at = $9, separated_at = $10, status_at = $11, created_at = $12, updated_at = $13, name_key = $14, search_key = $15,
		standing = `+owning("standing", "$16")+` WHERE id = $1`, personValues(&p)...); err != nil {
		return err
	}
	if err := standInGroups(q, []int64{p.ID}); err != nil {
		return err
	}
	return ownedBy(q, []int64{p.UserID})
}

const (
	insertPerson = `INSERT INTO personnel (id, user_id, identity_id, status, manual_status, manual_dates, reason, reason_by, started_at, separated_at, status_at,
		created_at, updated_at, name_key, search_key, standing) VALUES `
	personTuple = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

// insertPeople gives people their numbers, and inserts them.
func insertPeople(q querier, people []asset.Person) error {
	if len(people) == 0 {
		return nil
	}
	first, err := takePersonNumbers(q, len(people))
	if err != nil {
		return err
	}
	for i := range people {
		people[i].ID = first + int64(i)
	}
	if err := insertRows(q, people, insertPerson, personTuple, "", personValues); err != nil {
		return err
	}
	return ownedBy(q, usersOf(people))
}

// usersOf are the accounts of people.
func usersOf(people []asset.Person) []int64 {
	out := make([]int64, len(people))
	for i, p := range people {
		out[i] = p.UserID
	}
	return out
}

// takePersonNumbers takes n numbers of the sequence of personnel and devices,
// and tells the first.
func takePersonNumbers(q querier, n int) (int64, error) {
	var next int64
	err := one(q, "UPDATE person_number SET next = next + $1 WHERE id = 1 RETURNING next", []any{n}, &next)
	return next - int64(n), err
}

// renamePerson keeps what a person is found by, the groups, and the devices and assets
// of the account in step with it.
func renamePerson(q querier, u access.User) error {
	if err := ownedBy(q, []int64{u.ID}); err != nil {
		return err
	}
	var id int64
	err := one(q, "SELECT id FROM personnel WHERE user_id = $1", []any{u.ID}, &id)
	if errors.Is(err, errNoRow) {
		return nil
	}
	if err != nil {
		return err
	}
	p := asset.Person{User: u}
	if _, err := q.exec("UPDATE personnel SET name_key = $2, search_key = $3 WHERE id = $1", id, p.NameKey(), p.SearchKey()); err != nil {
		return err
	}
	if err := callOwners(q, []int64{id}); err != nil {
		return err
	}
	return regroup(q, []int64{id})
}
