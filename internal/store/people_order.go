package store

import (
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// checkClass is a class of people in the order by a check: those who stand so.
type checkClass struct {
	has func(asset.Standing) bool
	// ways are those in which its people stand, if they were counted.
	ways []asset.Standing
	// size is how many of what is asked for belong to it, ids are these, or those
	// of a page.
	size int64
	ids  []int64
}

// checkClasses are the order by a check, nil if it is none that is made here: who
// fails, of whom too little is known, who passes, and who is not checked. Within
// each the order is that of ids.
func checkClasses(sort page.Sort) []checkClass {
	var out []checkClass
	class := func(has func(asset.Standing) bool) { out = append(out, checkClass{has: has}) }
	if bit := asset.SetOf(asset.CheckType(sort)); bit != 0 {
		class(func(s asset.Standing) bool { return s.Employment().Checked() && s.Passing()&bit == 0 })
		class(func(s asset.Standing) bool { return s.Employment().Checked() && s.Passing()&bit != 0 })
	} else if sort == page.Sort(asset.FullCompliance) {
		for _, status := range []asset.CheckStatus{asset.CheckFail, asset.CheckMisconfigured, asset.CheckPass} {
			class(func(s asset.Standing) bool { return s.Compliance() == status })
		}
	} else {
		return nil
	}
	class(func(s asset.Standing) bool { return !s.Employment().Checked() })
	return out
}

// classOf is the class of those who stand so.
func classOf(classes []checkClass, s asset.Standing) *checkClass {
	return &classes[slices.IndexFunc(classes, func(c checkClass) bool { return c.has(s) })]
}

// ranked is a page of the people of a list who stand as a filter asks, in the order
// of classes. A page of everybody is found without a sort and without looking at
// everybody: who knows how many each class has knows of which classes a page is,
// and these are read in the order of ids.
func (s *Store) ranked(q querier, l *list[listedPerson], f asset.PersonFilter, classes []checkClass, r page.Request) (page.Page[asset.Person], error) {
	group := l.members()
	l.searchEach(q.dialect())
	few, err := l.narrow(q, s.few)
	if err != nil {
		return page.Page[asset.Person]{}, err
	}
	classes = slices.Clone(classes)
	if !r.Ascending {
		slices.Reverse(classes)
	}
	where := clauses{l.where, l.args}
	if !few && indexFor(where) == "personnel_standing" {
		var counts []asset.PeopleCount
		counts, err = countListed(q, l, group, few, f.At)
		countClasses(f, counts, classes)
	} else {
		err = classify(q, f, where, classes, r.Ascending)
	}
	if err != nil {
		return page.Page[asset.Person]{}, err
	}
	var ids []int64
	var total int64
	skip := int64(r.Offset())
	for _, c := range classes {
		if here := min(c.size-skip, int64(r.Limit()-len(ids))); here > 0 {
			if c.ids == nil {
				if c.ids, err = c.part(q, f.At, where, skip, here, r.Ascending); err != nil {
					return page.Page[asset.Person]{}, err
				}
			} else {
				c.ids = c.ids[skip:][:here]
			}
			ids = append(ids, c.ids...)
		}
		skip = max(skip-c.size, 0)
		total += c.size
	}
	out := page.Page[asset.Person]{Total: &total}
	if len(ids) == 0 {
		return out, nil
	}
	cond, args := in("p.id", ids)
	out.Items, err = selectPeople(q, cond, args...)
	slices.SortFunc(out.Items, func(a, b asset.Person) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return out, err
}

// countClasses puts those whom a filter keeps into classes.
func countClasses(f asset.PersonFilter, counts []asset.PeopleCount, classes []checkClass) {
	for _, n := range counts {
		if f.Keeps(n.Standing) {
			c := classOf(classes, n.Standing)
			c.size += n.People
			c.ways = append(c.ways, n.Standing)
		}
	}
}

// classify finds who belongs to classes.
func classify(q querier, f asset.PersonFilter, where clauses, classes []checkClass, ascending bool) error {
	order := " DESC"
	if ascending {
		order = " ASC"
	}
	return wholly(q, true, number("SELECT p.id, "+standsAt+" FROM personnel p"+q.dialect().unindexed()+condition(where.conds)+" ORDER BY p.id"+order), func(r row) error {
		var id, so int64
		err := r.scan(&id, &so)
		if err == nil && f.Keeps(asset.Standing(so)) {
			c := classOf(classes, asset.Standing(so))
			c.size++
			c.ids = append(c.ids, id)
		}
		return err
	}, append(thrice(f.At), where.args...)...)
}

// part are ids of a class, after the first skip of them. They are read from the
// nearer end.
func (c checkClass) part(q querier, at time.Time, where clauses, skip, limit int64, ascending bool) ([]int64, error) {
	turned := skip > c.size/2
	if turned {
		skip = c.size - skip - limit
	}
	order := " DESC"
	if ascending != turned {
		order = " ASC"
	}
	so, ways := standing(at, c.ways)
	conds, args := append(slices.Clone(where.conds), so), slices.Concat(where.args, ways, []any{limit, skip})
	ids, err := idList(q, number("SELECT p.id FROM personnel p"+q.dialect().by("personnel_people")+condition(conds)+" ORDER BY p.id"+order+" LIMIT ? OFFSET ?"), args...)
	if turned {
		slices.Reverse(ids)
	}
	return ids, err
}
