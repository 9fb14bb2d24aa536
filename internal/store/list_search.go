package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// searched keeps what has a text in it. No index tells of how many that is true, nor
// where they stand along an order: they are looked for among the first rows of it, and
// then everywhere.
type searched struct {
	// table is the one that is listed, with its alias: all conditions and orders of
	// the list are of it.
	table string
	// columns are folded keys, one of which has the text, also folded.
	columns []string
	text    string
	// join and on are of a further table that has the columns.
	join, on string
	// keys asks the table that has the columns for the ids of all that is listed, up to
	// the condition on these.
	keys string
	// along are the orders, and index is one index, that have the columns in the
	// embedded database.
	along []string
	index string
}

// searching is s for a text, nil without one.
func searching(text string, s searched) *searched {
	if text == "" {
		return nil
	}
	s.text = access.Folded(text)
	return &s
}

// holds is the condition that one of some columns has the text.
func (s *searched) holds(d dialect, columns []string) (string, []any) {
	held := make([]string, len(columns))
	for i, c := range columns {
		held[i] = d.holds(c)
	}
	return "(" + strings.Join(held, " OR ") + ")", slices.Repeat([]any{s.text}, len(held))
}

// each is the condition on the table, and the one that is joined.
func (s *searched) each(d dialect) (string, []any) {
	cond, args := s.holds(d, s.columns)
	if s.on != "" {
		cond += " AND " + s.on
	}
	return cond, args
}

// found asks for the ids of all that has the text.
func (s *searched) found(d dialect) (string, []any) {
	bare := make([]string, len(s.columns))
	for i, c := range s.columns {
		bare[i] = c[strings.Index(c, ".")+1:]
	}
	cond, args := s.holds(d, bare)
	return s.keys + cond, args
}

// among is the condition that an id is one of all that were found. The sign keeps the
// embedded database from looking up each of them and sorting them, where a walk along
// the order meets them soon.
func (s *searched) among(d dialect, id string, soon bool) (string, []any) {
	sql, args := s.found(d)
	if soon {
		id = "+" + id
	}
	return id + " IN (" + sql + ")", args
}

// alone is the condition on the table without the one that is joined.
func (s *searched) alone(d dialect, id string) (string, []any) {
	if s.join != "" {
		return s.among(d, id, false)
	}
	return s.each(d)
}

// searchEach makes a search a condition like others, for who looks at everything.
func (l *list[T]) searchEach(d dialect) {
	if l.searched != nil {
		cond, args := l.searched.alone(d, l.id)
		l.where, l.args = append(l.where, cond), append(l.args, args...)
		l.searched = nil
	}
}

// unknown is the length of a list that is not known.
const unknown = -1

const (
	// nearby is among how many of the first rows of an order a text is looked for.
	nearby = 1000
	// walked is how many rows PostgreSQL looks up on the way to a page in half the time
	// in which it reads a table of a hundred thousand as a whole.
	walked = 25_000
)

// seek are the ids of a page of a search, in any order, and how long the list is, if
// that came to light.
func (l *list[T]) seek(q querier, few int, r page.Request, o ordering, limit int) (ids []int64, total int64, err error) {
	rows, size := min(few, nearby), r.Offset()+limit
	if ids, err = l.near(q, rows, min(rows, size), o); err != nil || len(ids) == size {
		return ids[min(r.Offset(), len(ids)):], unknown, err
	}
	// The others are taken to have it as often as the first ones.
	hits := len(ids)
	if l.named, err = l.narrow(q, few); err != nil {
		return nil, 0, err
	}
	d, wanted := q.dialect(), r.WantTotal && r.After == nil
	where := clauses{slices.Concat(l.where, o.after.conds), slices.Concat(l.args, o.after.args)}
	if d.postgres && !l.named {
		if hits < 10 || size*rows/hits > walked && 2*hits < rows {
			return l.across(q, where, o, limit, r.Offset(), wanted, 5*hits > rows)
		}
		if err := orderly(q); err != nil {
			return nil, 0, err
		}
	}
	from := l.searched.table + l.searched.join
	cond, held := l.searched.each(d)
	if !d.postgres && !l.named && !slices.Contains(l.searched.along, o.column) {
		from = l.searched.table
		cond, held = l.searched.among(d, l.id, 100*hits >= rows)
	}
	where.and(cond, held...)
	// The embedded database goes on to the end to know how many there are, unless they
	// are very many.
	upTo := limit
	if wanted && !d.postgres {
		upTo += 10 * few
	}
	ids, err = idList(q, number("SELECT "+l.id+" FROM "+from+condition(where.conds)+" ORDER BY "+o.by(l.id)+" LIMIT ? OFFSET ?"), slices.Concat(where.args, []any{upTo, r.Offset()})...)
	total = unknown
	if wanted && len(ids) < upTo && (len(ids) > 0 || r.Offset() == 0) {
		total = int64(r.Offset() + len(ids))
	}
	return ids[:min(limit, len(ids))], total, err
}

// looked are conditions on each object of a list, beside that of its search.
func (l *list[T]) looked(d dialect) clauses {
	out := clauses{slices.Clone(l.where), slices.Clone(l.args)}
	for _, c := range l.rare {
		out.and(c.cond(d), c.args...)
	}
	return out
}

// near finds at most so many among the first rows of an order. It goes by the order of
// these, which no plan finds elsewhere.
func (l *list[T]) near(q querier, rows, size int, o ordering) ([]int64, error) {
	first := fmt.Sprintf("SELECT %s AS id, %s AS place FROM %s%s ORDER BY %s LIMIT %d", l.id, o.column, l.searched.table, condition(slices.Concat(l.where[:l.own], o.after.conds)), o.by(l.id), rows)
	where := l.looked(q.dialect())
	where.and(l.id + " = o.id")
	cond, held := l.searched.each(q.dialect())
	where.and(cond, held...)
	return idList(q, number("SELECT o.id FROM ("+first+") o CROSS JOIN "+l.searched.table+l.searched.join+condition(where.conds)+" ORDER BY "+o.placed()+" LIMIT ?"),
		slices.Concat(o.after.args, where.args, []any{size})...)
}

// across finds a page in a table that is read as a whole, row after row, which takes
// PostgreSQL half as long as looking up all rows of an order. It is counted on the way.
func (l *list[T]) across(q querier, where clauses, o ordering, limit, offset int, count, many bool) (ids []int64, total int64, err error) {
	of, args := "CAST(? AS BIGINT)", []any{unknown}
	if count {
		of, args = "count(*) OVER ()", nil
	}
	from := l.searched.table
	if l.searched.join == "" {
		cond, held := l.searched.each(q.dialect())
		where.and(cond, held...)
	} else {
		found, held := l.searched.found(q.dialect())
		from, args = "("+found+" OFFSET 0) f (id) CROSS JOIN "+from, append(args, held...)
		where.and("f.id = " + l.id)
	}
	sql := number("SELECT o.id, o.n FROM (SELECT " + l.id + " AS id, " + o.column + " AS place, " + of + " AS n FROM " + from + condition(where.conds) +
		" OFFSET 0) o ORDER BY " + o.placed() + " LIMIT ? OFFSET ?")
	total = unknown
	err = wholly(q, many, sql, func(r row) error {
		var id int64
		err := r.scan(&id, &total)
		ids = append(ids, id)
		return err
	}, slices.Concat(args, where.args, []any{limit, offset})...)
	if count && len(ids) == 0 && offset == 0 {
		total = 0
	}
	return ids, total, err
}

// countSearched is the length of the whole list.
func (l *list[T]) countSearched(q querier) (total int64, err error) {
	d, where := q.dialect(), l.looked(q.dialect())
	sql, args := l.searched.found(d)
	sql = "(" + sql + ") o"
	if len(where.conds) > l.own {
		cond, held := l.searched.alone(d, l.id)
		sql = l.searched.table
		// An index that has the text leads to nobody who is known by number.
		if l.searched.index != "" && !l.named {
			sql += d.by(l.searched.index)
		}
		where.and(cond, held...)
		sql, args = sql+condition(where.conds), where.args
	}
	err = wholly(q, true, number("SELECT count(*) FROM "+sql), func(r row) error { return r.scan(&total) }, args...)
	return total, err
}
