package store

import (
	"slices"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// checkClass is a class of people in the order by a check: in SQL, and of those
// who were counted.
type checkClass struct {
	clauses

	has func(asset.PeopleCount) bool
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
	class := func(cond string, arg any, has func(asset.PeopleCount) bool) {
		out = append(out, checkClass{clauses: clauses{[]string{checked, cond}, []any{arg}}, has: func(n asset.PeopleCount) bool { return n.Status.Checked() && has(n) }})
	}
	if bit := asset.SetOf(asset.CheckType(sort)); bit != 0 {
		class("c.passing & ? = 0", int64(bit), func(n asset.PeopleCount) bool { return n.Passing&bit == 0 })
		class("c.passing & ? <> 0", int64(bit), func(n asset.PeopleCount) bool { return n.Passing&bit != 0 })
	} else if sort == page.Sort(asset.FullCompliance) {
		for _, status := range []asset.CheckStatus{asset.CheckFail, asset.CheckMisconfigured, asset.CheckPass} {
			class("c.status = ?", string(status), func(n asset.PeopleCount) bool { return n.Standing == status })
		}
	} else {
		return nil
	}
	return append(out, checkClass{clauses: clauses{[]string{"NOT " + checked}, nil}, has: func(n asset.PeopleCount) bool { return !n.Status.Checked() }})
}

// ranked is a page of the people of a list who stand so, in the order of classes.
// A page of everybody is found without a sort and without looking at everybody:
// who knows how many each class has knows of which classes a page is, and these are
// read in the order of ids.
func ranked(q querier, l *list[listedPerson], so clauses, classes []checkClass, r page.Request) (page.Page[asset.Person], error) {
	from, where, err := l.stretches(q, so)
	if err != nil {
		return page.Page[asset.Person]{}, err
	}
	classes = slices.Clone(classes)
	if !r.Ascending {
		slices.Reverse(classes)
	}
	if from == onlyStretches {
		err = countClasses(q, from, where, classes)
	} else {
		err = classify(q, from, where, classes, r.Ascending)
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
				if c.ids, err = c.part(q, from, where, skip, here, r.Ascending); err != nil {
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

// countClasses counts who belongs to classes.
func countClasses(q querier, from string, where clauses, classes []checkClass) error {
	counts, err := countPeople(q, from, where)
	for _, n := range counts {
		c := slices.IndexFunc(classes, func(c checkClass) bool { return c.has(n) })
		classes[c].size += n.People
	}
	return err
}

// classify finds who belongs to classes.
func classify(q querier, from string, where clauses, classes []checkClass, ascending bool) error {
	order := " DESC"
	if ascending {
		order = " ASC"
	}
	return q.query(number("SELECT p.id, c.employment, c.status, c.passing FROM "+from+condition(where.conds)+" ORDER BY p.id"+order), func(r row) error {
		var id, passing int64
		var status, standing string
		if err := r.scan(&id, &status, &standing, &passing); err != nil {
			return err
		}
		n := asset.PeopleCount{Status: asset.EmploymentStatus(status), Standing: asset.CheckStatus(standing), Passing: asset.CheckSet(passing)}
		c := slices.IndexFunc(classes, func(c checkClass) bool { return c.has(n) })
		classes[c].size++
		classes[c].ids = append(classes[c].ids, id)
		return nil
	}, where.args...)
}

// part are ids of a class, after the first skip of them. They are read from the
// nearer end.
func (c checkClass) part(q querier, from string, where clauses, skip, limit int64, ascending bool) ([]int64, error) {
	turned := skip > c.size/2
	if turned {
		skip = c.size - skip - limit
	}
	order := " DESC"
	if ascending != turned {
		order = " ASC"
	}
	conds, args := slices.Concat(where.conds, c.conds), slices.Concat(where.args, c.args, []any{limit, skip})
	ids, err := idList(q, number("SELECT c.person_id FROM "+from+q.dialect().by("person_compliance_people")+condition(conds)+" ORDER BY c.person_id"+order+" LIMIT ? OFFSET ?"), args...)
	if turned {
		slices.Reverse(ids)
	}
	return ids, err
}
