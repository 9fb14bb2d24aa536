package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
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

// listedPerson is a person with the key that lists are ordered by.
type listedPerson struct {
	asset.Person

	nameKey string
}

// peopleHolding asks for people by their search key; see finding.
const peopleHolding = "SELECT id FROM personnel WHERE "

const (
	hasDevice  = "EXISTS (SELECT 1 FROM device d WHERE d.person_id = p.id AND d.deleted_at IS NULL)"
	reportedBy = "EXISTS (SELECT 1 FROM device d WHERE d.person_id = p.id AND d.deleted_at IS NULL AND d.source "
)

// personOrder is an order of people for lists that are paged by number.
func personOrder(sort page.Sort, at time.Time) (column string, args []any) {
	newest := func(what, without string) string {
		return "COALESCE((SELECT " + what + " FROM device d WHERE d.person_id = p.id AND d.deleted_at IS NULL ORDER BY d.checked_at DESC, d.id DESC LIMIT 1), " + without + ")"
	}
	switch sort {
	case asset.ByEmploymentStatus:
		return "p.status", nil
	case asset.BySeparationDate:
		return "COALESCE(p.separated_at, 0)", nil
	case asset.ByDeviceSystem:
		return newest("lower(d.platform || ' ' || d.platform_version)", "''"), nil
	case asset.ByDeviceSerial:
		return newest("lower(d.serial_number)", "''"), nil
	case asset.ByDeviceApps:
		return newest("d.apps_count", "0"), nil
	}
	return checkOrder(sort, at)
}

// peopleList is the list of a filter in an order.
func peopleList(f asset.PersonFilter, order page.Sort) list[listedPerson] {
	l := list[listedPerson]{sql: strings.Replace(personColumns, " FROM ", ", p.name_key FROM ", 1), id: "p.id",
		columns:  map[page.Sort]string{page.CreatedAt: "p.created_at", page.UpdatedAt: "p.updated_at", asset.ByStartDate: "COALESCE(p.started_at, 0)"},
		texts:    map[page.Sort]string{asset.ByName: "p.name_key"},
		scan:     func(r row, p *listedPerson) error { return scanPerson(r, &p.Person, &p.nameKey) },
		position: func(p listedPerson) page.Position { return p.Position(order, p.nameKey) },
		rare:     append(holding(f.Text, []string{"p.search_key"}, finding(peopleHolding)), withCustomValues(customfield.Person, "p.id", f.Fields)...)}
	if len(f.Statuses) > 0 {
		l.where = append(l.where, "p.status IN ("+marks(len(f.Statuses))+")")
		for _, status := range f.Statuses {
			l.args = append(l.args, string(status))
		}
	}
	if f.ByHand {
		l.where = append(l.where, "(p.manual_status = 1 OR p.manual_dates = 1)")
	}
	if f.HasDevice != nil && *f.HasDevice {
		l.where = append(l.where, hasDevice)
	} else if f.HasDevice != nil {
		l.where = append(l.where, "NOT "+hasDevice)
	}
	if f.Source != "" {
		l.and(reportedBy+"= ?)", string(f.Source))
	}
	if len(f.NotSources) > 0 {
		l.where = append(l.where, "NOT "+reportedBy+"IN ("+marks(len(f.NotSources))+"))")
		for _, s := range f.NotSources {
			l.args = append(l.args, string(s))
		}
	}
	if f.Nobody {
		l.where = append(l.where, "1 = 0")
	}
	if f.Synced != nil {
		l.where = append(l.where, map[bool]string{true: "p.identity_id IS NOT NULL", false: "p.identity_id IS NULL"}[*f.Synced])
	}
	for _, c := range []struct{ column, text string }{{"first_key", f.FirstName}, {"last_key", f.LastName}} {
		if c.text != "" {
			l.and("p.user_id IN (SELECT id FROM app_user WHERE "+c.column+` LIKE ? ESCAPE '\')`, escaped(access.Folded(c.text))+"%")
		}
	}
	if len(f.Standing) > 0 {
		standing(&l, f.Standing, f.At)
	}
	passing(&l, f)
	if len(f.GroupIDs) > 0 {
		l.belonging(f.GroupIDs)
	}
	if _, known := l.columns[order]; !known && order != asset.ByName {
		l.columns[order], l.orderArgs = personOrder(order, f.At)
	}
	return l
}

// People implements asset.PersonStore.
func (s *Store) People(ctx context.Context, f asset.PersonFilter, r page.Request) (page.Page[asset.Person], error) {
	l := peopleList(f, r.Order())
	var out page.Page[asset.Person]
	err := s.db.read(ctx, func(q querier) error {
		l := l
		if err := l.inScope(q, f.WorkspaceID); err != nil {
			return err
		}
		p, err := l.page(s, q, r)
		if err != nil {
			return err
		}
		out = page.Page[asset.Person]{Items: make([]asset.Person, len(p.Items)), Next: p.Next, Total: p.Total}
		for i, each := range p.Items {
			out.Items[i] = each.Person
		}
		return fillPeople(q, out.Items)
	})
	return out, err
}

// PeopleFacets implements asset.PersonStore.
func (s *Store) PeopleFacets(ctx context.Context, f asset.PersonFilter, groups bool) (asset.PeopleFacets, error) {
	var out asset.PeopleFacets
	err := s.db.read(ctx, func(q querier) error {
		out = asset.PeopleFacets{Statuses: map[asset.EmploymentStatus]int64{}, Standing: map[asset.CheckStatus]int64{}}
		l := peopleList(f, page.CreatedAt)
		if err := l.inScope(q, f.WorkspaceID); err != nil {
			return err
		}
		if err := l.narrow(q); err != nil {
			return err
		}
		if groups {
			from := "personnel p JOIN personnel_group_member m ON m.person_id = p.id"
			if len(l.where) == 0 {
				from = "personnel_group_member m"
			}
			out.Groups = map[int64]int64{}
			if err := q.query(number("SELECT m.group_id, count(*) FROM "+from+condition(l.where)+" GROUP BY 1"), func(r row) error {
				var id, n int64
				err := r.scan(&id, &n)
				out.Groups[id] = n
				return err
			}, l.args...); err != nil {
				return err
			}
		}
		if len(l.where) == 0 {
			return everybody(q, f.At, &out)
		}
		return q.query(number(`SELECT p.status, CASE WHEN p.identity_id IS NULL THEN 0 ELSE 1 END, k.status, count(*) FROM personnel p
			LEFT JOIN person_compliance k ON k.person_id = p.id AND k.since <= ? AND k.until > ?`+condition(l.where)+" GROUP BY 1, 2, 3"), func(r row) error {
			var status string
			var standing *string
			var synced bool
			var n int64
			if err := r.scan(&status, &synced, &standing, &n); err != nil {
				return err
			}
			out.Statuses[asset.EmploymentStatus(status)] += n
			if synced {
				out.Synced += n
			} else {
				out.NotSynced += n
			}
			switch {
			case !asset.EmploymentStatus(status).Checked():
				out.Standing[asset.CheckExcluded] += n
			case standing != nil:
				out.Standing[asset.CheckStatus(*standing)] += n
			}
			return nil
		}, append([]any{f.At, f.At}, l.args...)...)
	})
	return out, err
}

// everybody counts without a filter, along indexes.
func everybody(q querier, at time.Time, out *asset.PeopleFacets) error {
	if err := orderly(q); err != nil {
		return err
	}
	if err := one(q, "SELECT count(*) FROM personnel WHERE identity_id IS NOT NULL", nil, &out.Synced); err != nil {
		return err
	}
	counts, err := countPeople(q, at)
	for _, n := range counts {
		out.Statuses[n.Status] += n.People
		if n.Status.Checked() {
			out.Standing[n.Standing] += n.People
		} else {
			out.Standing[asset.CheckExcluded] += n.People
		}
		out.NotSynced += n.People
	}
	out.NotSynced -= out.Synced
	return err
}

// CountPeople implements asset.PersonStore.
func (s *Store) CountPeople(ctx context.Context, at time.Time) (out []asset.PeopleCount, byHand int64, err error) {
	err = s.db.read(ctx, func(q querier) error {
		if err := one(q, "SELECT count(*) FROM personnel WHERE manual_status = 1 OR manual_dates = 1", nil, &byHand); err != nil {
			return err
		}
		if err := orderly(q); err != nil {
			return err
		}
		out, err = countPeople(q, at)
		return err
	})
	return out, byHand, err
}

// countPeople is asked after [orderly].
func countPeople(q querier, at time.Time) (out []asset.PeopleCount, err error) {
	err = q.query(`SELECT employment, status, passing, count(*) FROM person_compliance WHERE since <= $1 AND until > $2
		GROUP BY employment, status, passing`, func(r row) error {
		var n asset.PeopleCount
		var status, standing string
		var passing int64
		err := r.scan(&status, &standing, &passing, &n.People)
		n.Status, n.Standing, n.WithDevice = asset.EmploymentStatus(status), asset.CheckStatus(standing), asset.CheckSet(passing)&asset.WithDevice != 0
		out = append(out, n)
		return err
	}, at, at)
	return out, err
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
		p.StartedAt, p.SeparatedAt, p.StatusAt, p.CreatedAt, p.UpdatedAt, p.NameKey(), p.SearchKey()}
}

func updatePerson(q querier, p asset.Person) error {
	if _, err := q.exec(`UPDATE personnel SET user_id = $2, identity_id = $3, status = $4, manual_status = $5, manual_dates = $6, reason = $7, reason_by = $8,
		started_at = $9, separated_at = $10, status_at = $11, created_at = $12, updated_at = $13, name_key = $14, search_key = $15 WHERE id = $1`, personValues(&p)...); err != nil {
		return err
	}
	return employ(q, "person_id = ? AND employment <> ?", p.ID, string(p.Status))
}

const (
	insertPerson = `INSERT INTO personnel (id, user_id, identity_id, status, manual_status, manual_dates, reason, reason_by, started_at, separated_at, status_at,
		created_at, updated_at, name_key, search_key) VALUES `
	personTuple = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
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
	return standNew(q, people, people[0].CreatedAt)
}

// takePersonNumbers takes n numbers of the sequence of personnel and devices,
// and tells the first.
func takePersonNumbers(q querier, n int) (int64, error) {
	var next int64
	err := one(q, "UPDATE person_number SET next = next + $1 WHERE id = 1 RETURNING next", []any{n}, &next)
	return next - int64(n), err
}

// renamePerson keeps what a person is found by, and the groups, in step with the
// account.
func renamePerson(q querier, u access.User) error {
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
	return regroup(q, []int64{id})
}
