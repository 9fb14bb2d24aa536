package store

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
)

// How a person stands now is in the person's row, until a moment; how it goes on
// from then is in table person_compliance. Those whose moment has come since their
// row was written are few: they were not reported for weeks.

// owning is a standing that has what follows from checks of one, and all else of
// another.
func owning(checks, own string) string {
	of := strconv.FormatInt(int64(asset.StandingByChecks), 10)
	return "((" + checks + " & " + of + ") | (CAST(" + own + " AS BIGINT) & ~CAST(" + of + " AS BIGINT)))"
}

// standsLater is how a person p stands by a stretch c.
var standsLater = owning("c.standing", "p.standing")

// turned are the people p whose moment has come, with the stretches c that hold at
// a moment; see thrice.
func turned(d dialect) string {
	return "personnel p" + d.by("personnel_stands_until") + " CROSS JOIN person_compliance c WHERE c.person_id = p.id AND p.stands_until <= ? AND c.since <= ? AND c.until > ?"
}

// standsAt is how a person p stands at a moment; see thrice.
var standsAt = "(CASE WHEN p.stands_until > ? THEN p.standing ELSE " +
	owning("(SELECT c.standing FROM person_compliance c WHERE c.person_id = p.id AND c.since <= ? AND c.until > ?)", "p.standing") + " END)"

// thrice is a moment as the arguments of standsAt and turned.
func thrice(at time.Time) []any { return []any{at, at, at} }

// standing is the condition that people p stand in one of some ways at a moment.
func standing(at time.Time, ways []asset.Standing) (string, []any) {
	cond, args := in(standsAt, numbers(ways))
	return cond, append(thrice(at), args...)
}

func numbers(ways []asset.Standing) []int64 {
	out := make([]int64, len(ways))
	for i, w := range ways {
		out[i] = int64(w)
	}
	return out
}

// waysKept are the ways in which people stand at a filter's moment that it keeps; all
// reports that it keeps every one. Each is found by a step along the index.
func waysKept(q querier, f asset.PersonFilter) (kept []asset.Standing, all bool, err error) {
	known, err := idList(q, `WITH RECURSIVE s (v) AS (SELECT min(p.standing) FROM personnel p
		UNION ALL SELECT (SELECT min(p.standing) FROM personnel p WHERE p.standing > s.v) FROM s WHERE s.v IS NOT NULL) SELECT v FROM s WHERE v IS NOT NULL`)
	if err != nil {
		return nil, false, err
	}
	more, err := idList(q, number("SELECT DISTINCT "+standsLater+" FROM "+turned(q.dialect())), thrice(f.At)...)
	known = slices.Compact(slices.Sorted(slices.Values(append(known, more...))))
	for _, way := range known {
		if f.Keeps(asset.Standing(way)) {
			kept = append(kept, asset.Standing(way))
		}
	}
	return kept, len(kept) == len(known), err
}

// stands keeps those people in a list who stand as a filter asks.
func stands(l *list[listedPerson], q querier, f asset.PersonFilter) error {
	if !f.AsksStanding() {
		return nil
	}
	kept, all, err := waysKept(q, f)
	if err != nil || all {
		return err
	}
	if len(kept) == 0 {
		l.where = append(l.where, "1 = 0")
		return nil
	}
	so, args := standing(f.At, kept)
	if group := l.members(); group != 0 {
		l.total = func(q querier) (int64, error) {
			counts, err := countMembers(q, group, f.At)
			return sumKept(f, counts), err
		}
	}
	l.rare = append(l.rare, rare{
		cond: func(dialect) string { return so },
		args: args,
		find: func(q querier, most int) ([]int64, error) { return standFew(q, f.At, numbers(kept), most) },
		count: func(q querier) (int64, error) {
			counts, err := countPeople(q, f.At, clauses{}, false)
			return sumKept(f, counts), err
		},
	})
	return nil
}

// sumKept sums up the counts that a filter keeps.
func sumKept(f asset.PersonFilter, counts []asset.PeopleCount) (sum int64) {
	for _, n := range counts {
		if f.Keeps(n.Standing) {
			sum += n.People
		}
	}
	return sum
}

// standFew tells who stands so: so many or a few more, or all.
func standFew(q querier, at time.Time, ways []int64, most int) ([]int64, error) {
	of, args := in("p.standing", ways)
	found, err := idList(q, number("SELECT p.id FROM personnel p"+q.dialect().by("personnel_standing")+" WHERE "+of+" AND p.stands_until > ? LIMIT ?"), append(args, at, most)...)
	if err != nil || len(found) >= most {
		return found, err
	}
	of, args = in(standsLater, ways)
	more, err := idList(q, number("SELECT p.id FROM "+turned(q.dialect())+" AND "+of+" LIMIT ?"), append(append(thrice(at), args...), most)...)
	return append(found, more...), err
}

// members is the one group whose members are listed, 0 when it is not all of them
// or none.
func (l *list[T]) members() int64 {
	if len(l.where) > 0 || len(l.rare) != 1 || l.searched != nil {
		return 0
	}
	return l.rare[0].group
}

// ofPeople finds columns of table personnel, called p.
var ofPeople = regexp.MustCompile(`\bp\.\w+`)

// indexFor is the index of people that has all that conditions ask of them, or none:
// the narrowest one of how they stand, or that for searches.
func indexFor(where clauses) string {
	index := "personnel_standing"
	for _, column := range ofPeople.FindAllString(where.String(), -1) {
		switch column {
		case "p.id", "p.standing", "p.stands_until":
		case "p.search_key":
			index = "personnel_search"
		default:
			return ""
		}
	}
	return index
}

// countListed counts the people of a list, few or many, by how they stand; group
// is the one whose members they are, 0 without one.
func countListed(q querier, l *list[listedPerson], group int64, few bool, at time.Time) ([]asset.PeopleCount, error) {
	if group != 0 {
		return countMembers(q, group, at)
	}
	return countPeople(q, at, clauses{l.where, l.args}, few)
}

// countPeople counts the people p for whom conditions hold by how they stand at a
// moment; few reports that the conditions name them by number.
func countPeople(q querier, at time.Time, where clauses, few bool) ([]asset.PeopleCount, error) {
	from := "personnel p" + q.dialect().unindexed()
	if index := indexFor(where); index != "" && !few {
		from = "personnel p" + q.dialect().by(index)
		if index == "personnel_standing" {
			if err := orderly(q); err != nil {
				return nil, err
			}
		}
	}
	counts := map[asset.Standing]int64{}
	conds := slices.Concat([]string{"p.stands_until > ?"}, where.conds)
	if err := addPeople(q, counts, 1, "SELECT p.standing, count(*) FROM "+from+condition(conds)+" GROUP BY p.standing", slices.Concat([]any{at}, where.args)); err != nil {
		return nil, err
	}
	conds = slices.Concat([]string{turned(q.dialect())}, where.conds)
	if err := addPeople(q, counts, 1, "SELECT "+standsLater+", count(*) FROM "+strings.Join(conds, " AND ")+" GROUP BY 1", append(thrice(at), where.args...)); err != nil {
		return nil, err
	}
	return peopleCounts(counts), nil
}

// countMembers counts the people of a group by how they stand at a moment.
func countMembers(q querier, group int64, at time.Time) ([]asset.PeopleCount, error) {
	if err := orderly(q); err != nil {
		return nil, err
	}
	counts := map[asset.Standing]int64{}
	if err := addPeople(q, counts, 1, "SELECT m.standing, count(*) FROM personnel_group_member m"+q.dialect().by("personnel_group_member_standing")+
		" WHERE m.group_id = ? GROUP BY m.standing", []any{group}); err != nil {
		return nil, err
	}
	among := " FROM " + turned(q.dialect()) + " AND EXISTS (SELECT 1 FROM personnel_group_member m WHERE m.person_id = p.id AND m.group_id = ?) GROUP BY 1"
	args := append(thrice(at), group)
	if err := addPeople(q, counts, -1, "SELECT p.standing, count(*)"+among, args); err != nil {
		return nil, err
	}
	if err := addPeople(q, counts, 1, "SELECT "+standsLater+", count(*)"+among, args); err != nil {
		return nil, err
	}
	return peopleCounts(counts), nil
}

// addPeople adds numbers of people to those who stand so, as often.
func addPeople(q querier, counts map[asset.Standing]int64, times int64, sql string, args []any) error {
	return q.query(number(sql), func(r row) error {
		var so, n int64
		err := r.scan(&so, &n)
		counts[asset.Standing(so)] += times * n
		return err
	}, args...)
}

// peopleCounts are counts in the order of standings, without those that nobody has.
func peopleCounts(counts map[asset.Standing]int64) []asset.PeopleCount {
	var out []asset.PeopleCount
	for _, so := range slices.Sorted(maps.Keys(counts)) {
		if counts[so] != 0 {
			out = append(out, asset.PeopleCount{Standing: so, People: counts[so]})
		}
	}
	return out
}
