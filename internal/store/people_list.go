package store

import (
	"context"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// listedPerson is a person with the key that lists are ordered by.
type listedPerson struct {
	asset.Person

	nameKey string
}

// peopleHolding asks for people by their search key; see [sought].
const peopleHolding = "SELECT id FROM personnel WHERE "

const reportedBy = "EXISTS (SELECT 1 FROM device d WHERE d.person_id = p.id AND d.deleted_at IS NULL AND d.source "

// personOrders are orders of people for lists that are paged by number, beside
// those of [checkClasses].
var personOrders = map[page.Sort]string{asset.ByEmploymentStatus: "p.status", asset.BySeparationDate: "COALESCE(p.separated_at, 0)",
	asset.ByDeviceSystem: "p.device_system", asset.ByDeviceSerial: "p.device_serial", asset.ByDeviceApps: "p.device_apps"}

// peopleList is the list of a filter in an order, but for what [stands] asks.
func peopleList(f asset.PersonFilter, order page.Sort) list[listedPerson] {
	l := list[listedPerson]{sql: strings.Replace(personColumns, " FROM ", ", p.name_key FROM ", 1), id: "p.id",
		columns:  map[page.Sort]string{page.CreatedAt: "p.created_at", page.UpdatedAt: "p.updated_at", asset.ByStartDate: "COALESCE(p.started_at, 0)"},
		texts:    map[page.Sort]string{asset.ByName: "p.name_key"},
		scan:     func(r row, p *listedPerson) error { return scanPerson(r, &p.Person, &p.nameKey) },
		position: func(p listedPerson) page.Position { return p.Position(order, p.nameKey) },
		searched: searching(f.Text, searched{table: "personnel p", keys: peopleHolding, columns: []string{"p.search_key"}, index: "personnel_search", along: []string{"p.created_at", "lower(p.name_key)"}}),
		rare:     withCustomValues(customfield.Person, "p.id", f.Fields)}
	if f.ByHand {
		l.where = append(l.where, "(p.manual_status = 1 OR p.manual_dates = 1)")
	}
	if len(f.NotSources) > 0 {
		l.where = append(l.where, "NOT "+reportedBy+"IN ("+marks(len(f.NotSources))+"))")
		l.args = arguments(l.args, words(f.NotSources))
	}
	if f.Nobody {
		l.where = append(l.where, "1 = 0")
	}
	for _, c := range []struct{ column, text string }{{"first_key", f.FirstName}, {"last_key", f.LastName}} {
		if c.text != "" {
			l.and("p.user_id IN (SELECT id FROM app_user WHERE "+c.column+` LIKE ? ESCAPE '\')`, escaped(access.Folded(c.text))+"%")
		}
	}
	if len(f.GroupIDs) > 0 {
		l.belonging(f.GroupIDs)
	}
	if f.Source != "" {
		l.reported(string(f.Source))
	}
	if _, known := l.columns[order]; !known && order != asset.ByName {
		l.columns[order] = "p.id"
		if column, is := personOrders[order]; is {
			l.columns[order] = column
		}
	}
	return l
}

// reported keeps those people in a list who have a device that is reported so.
func (l *list[T]) reported(source string) {
	owners := func(d dialect) string {
		return "SELECT person_id FROM device" + d.by("device_person") + " WHERE deleted_at IS NULL AND source = ? GROUP BY person_id"
	}
	l.rare = append(l.rare, rare{
		cond: func(dialect) string { return reportedBy + "= ?)" },
		args: []any{source},
		find: func(q querier, most int) ([]int64, error) {
			return idList(q, number(owners(q.dialect())+" LIMIT ?"), source, most)
		},
		count: func(q querier) (n int64, err error) {
			err = one(q, number("SELECT count(*) FROM ("+owners(q.dialect())+") o"), []any{source}, &n)
			return n, err
		},
	})
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// People implements asset.PersonStore.
func (s *Store) People(ctx context.Context, f asset.PersonFilter, r page.Request) (page.Page[asset.Person], error) {
	list, classes := peopleList(f, r.Order()), checkClasses(r.Order())
	var out page.Page[asset.Person]
	err := s.db.read(ctx, func(q querier) error {
		l := list
		if err := l.inScope(q, f.WorkspaceID); err != nil {
			return err
		}
		if classes != nil && r.Number > 0 {
			found, err := s.ranked(q, &l, f, classes, r)
			out = found
			return err
		}
		if err := stands(&l, q, f); err != nil {
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
	list := peopleList(f, page.CreatedAt)
	var out asset.PeopleFacets
	err := s.db.read(ctx, func(q querier) error {
		out = asset.PeopleFacets{Statuses: map[asset.EmploymentStatus]int64{}, Standing: map[asset.CheckStatus]int64{}}
		l := list
		if err := l.inScope(q, f.WorkspaceID); err != nil {
			return err
		}
		group := l.members()
		l.searchEach(q.dialect())
		few, err := l.narrow(q, s.few)
		if err != nil {
			return err
		}
		counts, err := countListed(q, &l, group, few, f.At)
		if err != nil {
			return err
		}
		for _, n := range counts {
			if !f.Keeps(n.Standing) {
				continue
			}
			out.Statuses[n.Standing.Employment()] += n.People
			out.Standing[n.Standing.Compliance()] += n.People
			if n.Standing.Synced() {
				out.Synced += n.People
			} else {
				out.NotSynced += n.People
			}
		}
		if !groups {
			return nil
		}
		out.Groups, err = s.countGroups(q, &l, few, f)
		return err
	})
	return out, err
}

// countGroups counts the people of a list who stand as a filter asks by the groups
// that they belong to; few reports that conditions name them by number.
func (s *Store) countGroups(q querier, l *list[listedPerson], few bool, f asset.PersonFilter) (map[int64]int64, error) {
	if err := stands(l, q, f); err != nil {
		return nil, err
	}
	of, err := l.narrow(q, s.few)
	if err != nil {
		return nil, err
	}
	from, where := "personnel_group_member m", clauses{l.where, l.args}
	switch {
	case few || of:
		from = "personnel p CROSS JOIN " + from
		where.and("m.person_id = p.id")
	case len(where.conds) > 0:
		from += " CROSS JOIN personnel p"
		where.and("p.id = m.person_id")
	}
	out := map[int64]int64{}
	return out, q.query(number("SELECT m.group_id, count(*) FROM "+from+condition(where.conds)+" GROUP BY 1"), func(r row) error {
		var id, n int64
		err := r.scan(&id, &n)
		out[id] = n
		return err
	}, where.args...)
}

// CountPeople implements asset.PersonStore.
func (s *Store) CountPeople(ctx context.Context, at time.Time) (out []asset.PeopleCount, byHand int64, err error) {
	err = s.db.read(ctx, func(q querier) error {
		if err := one(q, "SELECT count(*) FROM personnel WHERE manual_status = 1 OR manual_dates = 1", nil, &byHand); err != nil {
			return err
		}
		out, err = countPeople(q, at, clauses{}, false)
		return err
	})
	return out, byHand, err
}
