package store

import (
	"context"
	"regexp"
	"slices"
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

// peopleHolding asks for people by their search key; see finding.
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
		rare:     append(holding(f.Text, []string{"p.search_key"}, finding(peopleHolding)), withCustomValues(customfield.Person, "p.id", f.Fields)...)}
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
		find: func(q querier) ([]int64, error) {
			return idList(q, number(owners(q.dialect())+" LIMIT ?"), source, fewFound+1)
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

// ofPeople finds columns of table personnel, called p.
var ofPeople = regexp.MustCompile(`\bp\.`)

// checked are the people whose checks count; of all others every check is excluded.
var checked = "c.employment IN " + employed(asset.EmploymentStatus.Checked)

// employed are the employment statuses that are so, as a list in parentheses.
func employed(are func(asset.EmploymentStatus) bool) string {
	var out []string
	for _, s := range asset.EmploymentStatuses {
		if are(s) {
			out = append(out, "'"+string(s)+"'")
		}
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// stands is what a filter asks of what [stretch] knows: conditions on table
// person_compliance, called c.
func stands(f asset.PersonFilter) (c clauses) {
	if len(f.Statuses) > 0 {
		c.and("c.employment IN ("+marks(len(f.Statuses))+")", arguments(nil, words(f.Statuses))...)
	}
	standing(&c, f.Standing)
	if f.Synced != nil {
		c.and("c.synced = ?", *f.Synced)
	}
	if f.HasDevice != nil {
		c.and("c.passing & ? "+map[bool]string{true: "<>", false: "="}[*f.HasDevice]+" 0", int64(asset.WithDevice))
	}
	passing(&c, f)
	return c
}

// standing keeps those who stand so.
func standing(c *clauses, statuses []asset.CheckStatus) {
	plain := slices.DeleteFunc(words(statuses), func(s string) bool { return s == string(asset.CheckExcluded) })
	so := "c.status IN (" + marks(len(plain)) + ")"
	switch {
	case len(statuses) == 0:
	case len(plain) == 0:
		c.and("NOT " + checked)
	case len(plain) < len(statuses):
		c.and("(NOT "+checked+" OR "+so+")", arguments(nil, plain)...)
	default:
		c.and(checked)
		c.and(so, arguments(nil, plain)...)
	}
}

// passing keeps those whose checks pass, or do not.
func passing(c *clauses, f asset.PersonFilter) {
	var all, none asset.CheckSet
	for t, pass := range f.Passing {
		bit := asset.SetOf(t)
		switch {
		case bit == 0:
			c.and("1 = 0")
		case pass:
			all |= bit
		case t == asset.AgentInstalled:
			none |= bit | asset.AgentExcluded
		default:
			none |= bit
		}
	}
	if f.DevicesPass != nil && *f.DevicesPass {
		all |= asset.WithDevice | asset.OfDevices
	}
	if all != 0 || none != 0 || f.DevicesPass != nil {
		c.and(checked)
	}
	if all != 0 {
		c.and("c.passing & ? = ?", int64(all), int64(all))
	}
	if none != 0 {
		c.and("c.passing & ? = 0", int64(none))
	}
	if f.DevicesPass != nil && !*f.DevicesPass {
		c.and("c.passing & ? <> 0", int64(asset.WithDevice))
		c.and("c.passing & ? <> ?", int64(asset.OfDevices), int64(asset.OfDevices))
	}
}

// at are conditions on stretches that hold at a moment.
func (c clauses) at(t time.Time) clauses {
	return clauses{slices.Concat([]string{"c.since <= ?", "c.until > ?"}, c.conds), slices.Concat([]any{t, t}, c.args)}
}

// standing keeps those in a list who stand so: of whom a stretch c in a table of
// stretches, by the number in a column of it, satisfies conditions.
func (l *list[T]) standing(table, column string, so clauses) {
	stretches := " FROM " + table + " c WHERE "
	l.rare = append(l.rare, rare{
		// One stretch at most holds at a moment. PostgreSQL would make a join of EXISTS,
		// and read all stretches for each object when it takes them for few.
		cond: func(dialect) string {
			return "(SELECT 1" + stretches + "c." + column + " = " + l.id + " AND " + so.String() + ") = 1"
		},
		args: so.args,
		find: func(q querier) ([]int64, error) {
			return idList(q, number("SELECT c."+column+stretches+so.String()+" LIMIT ?"), slices.Concat(so.args, []any{fewFound + 1})...)
		},
		count: func(q querier) (n int64, err error) {
			err = one(q, number("SELECT count(*)"+stretches+so.String()), so.args, &n)
			return n, err
		},
	})
}

const onlyStretches = "person_compliance c"

// stretches are the tables and conditions by which those of a list who stand so are
// counted. People are looked at only where a condition is on more than their ids.
func (l *list[T]) stretches(q querier, so clauses) (from string, where clauses, err error) {
	if err := l.narrow(q); err != nil {
		return "", clauses{}, err
	}
	where = clauses{slices.Clone(so.conds), slices.Concat(so.args, l.args)}
	for _, cond := range l.where {
		where.conds = append(where.conds, strings.ReplaceAll(cond, "p.id", "c.person_id"))
	}
	if !ofPeople.MatchString(where.String()) {
		return onlyStretches, where, orderly(q)
	}
	where.and("c.person_id = p.id")
	// SQLite joins so from the left: it takes a text for no help.
	return "personnel p CROSS JOIN " + onlyStretches, where, nil
}

// People implements asset.PersonStore.
func (s *Store) People(ctx context.Context, f asset.PersonFilter, r page.Request) (page.Page[asset.Person], error) {
	list, so := peopleList(f, r.Order()), stands(f)
	classes := checkClasses(r.Order())
	var out page.Page[asset.Person]
	err := s.db.read(ctx, func(q querier) error {
		l := list
		if err := l.inScope(q, f.WorkspaceID); err != nil {
			return err
		}
		if classes != nil && r.Number > 0 {
			found, err := ranked(q, &l, so.at(f.At), classes, r)
			out = found
			return err
		}
		if len(so.conds) > 0 {
			l.standing("person_compliance", "person_id", so.at(f.At))
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
	list, so := peopleList(f, page.CreatedAt), stands(f)
	var out asset.PeopleFacets
	err := s.db.read(ctx, func(q querier) error {
		out = asset.PeopleFacets{Statuses: map[asset.EmploymentStatus]int64{}, Standing: map[asset.CheckStatus]int64{}}
		l := list
		if err := l.inScope(q, f.WorkspaceID); err != nil {
			return err
		}
		from, where, err := l.stretches(q, so.at(f.At))
		if err != nil {
			return err
		}
		counts, err := countPeople(q, from, where)
		if err != nil {
			return err
		}
		for _, n := range counts {
			out.Statuses[n.Status] += n.People
			if n.Status.Checked() {
				out.Standing[n.Standing] += n.People
			} else {
				out.Standing[asset.CheckExcluded] += n.People
			}
			if n.Synced {
				out.Synced += n.People
			} else {
				out.NotSynced += n.People
			}
		}
		if !groups {
			return nil
		}
		members, narrowed := "personnel_group_member m", clauses{}
		if len(l.where) > 0 || len(so.conds) > 0 {
			members, narrowed = members+" CROSS JOIN "+from, where
			narrowed.and("c.person_id = m.person_id")
		}
		out.Groups = map[int64]int64{}
		return q.query(number("SELECT m.group_id, count(*) FROM "+members+condition(narrowed.conds)+" GROUP BY 1"), func(r row) error {
			var id, n int64
			err := r.scan(&id, &n)
			out.Groups[id] = n
			return err
		}, narrowed.args...)
	})
	return out, err
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
		out, err = countPeople(q, "person_compliance c", clauses{}.at(at))
		return err
	})
	return out, byHand, err
}

// countPeople counts people by their stretches c.
func countPeople(q querier, from string, where clauses) (out []asset.PeopleCount, err error) {
	err = q.query(number("SELECT c.employment, c.status, c.synced, c.passing, count(*) FROM "+from+condition(where.conds)+" GROUP BY c.employment, c.status, c.synced, c.passing"), func(r row) error {
		var n asset.PeopleCount
		var status, standing string
		var passing int64
		err := r.scan(&status, &standing, &n.Synced, &passing, &n.People)
		n.Status, n.Standing, n.Passing = asset.EmploymentStatus(status), asset.CheckStatus(standing), asset.CheckSet(passing)
		out = append(out, n)
		return err
	}, where.args...)
	return out, err
}
