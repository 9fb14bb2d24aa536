package store

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// stretch is a span of a person, as table person_compliance has it: so a list can
// be narrowed to those who stand so at the moment of the look.
type stretch struct {
	person int64
	// employment is the person's status.
	employment asset.EmploymentStatus
	span       asset.Span
}

func insertStretches(q querier, list []stretch) error {
	return insertRows(q, list, "INSERT INTO person_compliance (person_id, employment, status, passing, since, until) VALUES ", "(?, ?, ?, ?, ?, ?)", "", func(s *stretch) []any {
		since, until := bounds(s.span.Since, s.span.Until)
		return []any{s.person, string(s.employment), string(s.span.Status), int64(s.span.Passing), since, until}
	})
}

// bounds are those of a span; a zero time is open.
func bounds(since, until time.Time) (from, to int64) {
	from, to = math.MinInt64, math.MaxInt64
	if !since.IsZero() {
		from = since.UnixMicro()
	}
	if !until.IsZero() {
		to = until.UnixMicro()
	}
	return from, to
}

// stand makes anew how a person stands, at the end of a transaction that changed a
// device or a document of theirs. It locks the person's row: of two such
// transactions the later one sees what the earlier one did.
func stand(q querier, personID int64, at time.Time) error {
	var employment string
	if err := one(q, "SELECT status FROM personnel WHERE id = $1"+q.dialect().forUpdate, []any{personID}, &employment); err != nil {
		return absentIf(err, "person", personID)
	}
	devices, err := selectDevices(q, "d.person_id = ?", personID)
	if err != nil {
		return err
	}
	found, err := evidence(q, "person_id", " AND device_id IS NULL", []int64{personID})
	if err != nil {
		return err
	}
	if _, err := q.exec("DELETE FROM person_compliance WHERE person_id = $1", personID); err != nil {
		return err
	}
	var list []stretch
	for _, s := range (asset.Person{Evidence: found[personID]}).Spans(devices, at) {
		list = append(list, stretch{personID, asset.EmploymentStatus(employment), s})
	}
	if err := insertStretches(q, list); err != nil {
		return err
	}
	return standDevices(q, personID, devices, at)
}

// standNew notes how people stand of whom nothing is known yet.
func standNew(q querier, people []asset.Person, at time.Time) error {
	spans := asset.Person{}.Spans(nil, at)
	var list []stretch
	for _, p := range people {
		for _, s := range spans {
			list = append(list, stretch{p.ID, p.Status, s})
		}
	}
	return insertStretches(q, list)
}

// employ keeps how people stand in step with their employment status; cond is about
// person_id.
func employ(q querier, cond string, args ...any) error {
	_, err := q.exec(number("UPDATE person_compliance SET employment = (SELECT p.status FROM personnel p WHERE p.id = person_id) WHERE "+cond), args...)
	return err
}

// standAll makes anew how all people stand, if the rules by which it was made are
// not those of this program.
func (s *Store) standAll(ctx context.Context) error {
	var edition int64
	if err := s.db.read(ctx, func(q querier) error {
		return one(q, "SELECT edition FROM compliance_edition WHERE id = 1", nil, &edition)
	}); err != nil || edition == asset.SpansEdition {
		return err
	}
	for after, more := int64(0), true; more; {
		if err := s.db.write(ctx, func(q querier) error {
			people, err := idList(q, "SELECT id FROM personnel WHERE id > $1 ORDER BY id LIMIT $2", after, perList)
			if err != nil {
				return err
			}
			for _, id := range people {
				if err := stand(q, id, s.now()); err != nil {
					return err
				}
			}
			if more = len(people) > 0; more {
				after = people[len(people)-1]
				return nil
			}
			_, err = q.exec("UPDATE compliance_edition SET edition = $1 WHERE id = 1", int64(asset.SpansEdition))
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// unchecked are the people of whom every check is excluded.
var unchecked = "p.status IN " + employed(func(s asset.EmploymentStatus) bool { return !s.Checked() })

// standing keeps those people in a list who stand so at a moment.
func standing[T any](l *list[T], statuses []asset.CheckStatus, at time.Time) {
	var words []any
	for _, s := range statuses {
		if s != asset.CheckExcluded {
			words = append(words, string(s))
		}
	}
	if len(words) == 0 {
		l.where = append(l.where, unchecked)
		return
	}
	of := "status IN (" + marks(len(words)) + ") AND since <= ? AND until > ?"
	args := slices.Concat(words, []any{at, at})
	if slices.Contains(statuses, asset.CheckExcluded) {
		l.where = append(l.where, "("+unchecked+" OR "+those(of)+")")
		l.args = append(l.args, args...)
		return
	}
	l.within(of, args)
}

// within keeps those people who are checked, of whom a condition on a stretch is
// true.
func (l *list[T]) within(of string, args []any) {
	l.where = append(l.where, "NOT "+unchecked)
	l.rare = append(l.rare, rare{func(dialect) string { return those(of) }, args, func(q querier) ([]int64, error) {
		return idList(q, number("SELECT person_id FROM person_compliance WHERE "+of+" LIMIT ?"), slices.Concat(args, []any{fewFound + 1})...)
	}})
}

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

func those(of string) string {
	return "EXISTS (SELECT 1 FROM person_compliance c WHERE c.person_id = p.id AND c." + strings.ReplaceAll(of, " AND ", " AND c.") + ")"
}

// passing keeps those people in a list whose checks pass at a moment, or do not.
func passing[T any](l *list[T], f asset.PersonFilter) {
	var all, none asset.CheckSet
	for t, pass := range f.Passing {
		bit := asset.SetOf(t)
		switch {
		case bit == 0:
			l.where = append(l.where, "1 = 0")
		case pass:
			all |= bit
		case t == asset.AgentInstalled:
			none |= bit | asset.AgentExcluded
		default:
			none |= bit
		}
	}
	of, args := "since <= ? AND until > ?", []any{f.At, f.At}
	also := func(cond string, values ...asset.CheckSet) {
		of += " AND " + cond
		for _, v := range values {
			args = append(args, int64(v))
		}
	}
	if f.DevicesPass != nil {
		l.where = append(l.where, hasDevice)
		if *f.DevicesPass {
			all |= asset.OfDevices
		} else {
			also("passing & ? <> ?", asset.OfDevices, asset.OfDevices)
		}
	}
	if all != 0 {
		also("passing & ? = ?", all, all)
	}
	if none != 0 {
		also("passing & ? = ?", none, 0)
	}
	if len(args) > 2 {
		l.within(of, args)
	}
}

// checkOrder orders people by a check at a moment.
func checkOrder(sort page.Sort, at time.Time) (column string, args []any) {
	rank := "CASE c.status WHEN 'FAIL' THEN 0 WHEN 'MISCONFIGURED' THEN 1 ELSE 2 END"
	if bit := asset.SetOf(asset.CheckType(sort)); bit != 0 {
		rank, args = "CASE WHEN c.passing & ? <> 0 THEN 2 ELSE 0 END", []any{int64(bit)}
	} else if sort != page.Sort(asset.FullCompliance) {
		return "p.id", nil
	}
	return "CASE WHEN " + unchecked + " THEN 3 ELSE COALESCE((SELECT " + rank + " FROM person_compliance c WHERE c.person_id = p.id AND c.since <= ? AND c.until > ?), 0) END",
		append(args, at, at)
}
