package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/plumbline-dev/plumbline/internal/page"
)

// list is a keyset page over one table. Its order is an index of the table.
type list[T any] struct {
	// sql is the query up to its WHERE, with the columns that scan reads.
	sql string
	// where holds conditions with the placeholders ?; args are their values.
	where []string
	args  []any
	// columns are the order's column per sort; id breaks ties.
	columns map[page.Sort]string
	// texts are those that hold text, which is ordered in any case.
	texts map[page.Sort]string
	id    string
	// ids, if set, bounds the id when it is the order: first <= id < end. The
	// place where a page begins narrows it, because SQLite walks from the
	// first bound that it is given.
	ids  *[2]int64
	scan func(row, *T) error
	// fill, if set, puts into a page's items what other tables have of them.
	fill     func(q querier, items []T) error
	position func(T) page.Position
	// own is how many conditions of where are those of every such list. They have no
	// arguments where there is a search.
	own int
	// all, if set, counts what satisfies only these in a faster way.
	all func(q querier) (int64, error)
	// total, if set, counts the list in a faster way.
	total func(q querier) (int64, error)
	// rare are further conditions.
	rare []rare
	// searched, if set, is one more.
	searched *searched
	// named reports that conditions name few by their ids.
	named bool
	// body, if set, is the column of record bodies and size an item's bytes of
	// it: a page of large records is shorter than was asked for.
	body string
	size func(*T) int
}

// rare is a condition that the list's order is no help with.
type rare struct {
	// cond is it in a database's words, args are the values of its placeholders ?.
	cond func(dialect) string
	args []any
	// find tells objects of which it is true, so many or a few more, or all. It reads
	// as little as possible.
	find func(q querier, most int) ([]int64, error)
	// count, if set, tells how many these are.
	count func(q querier) (int64, error)
	// group is the one whose members these are, 0 otherwise.
	group int64
}

// fewFound is [Options.Few] unless that says otherwise.
const fewFound = 2000

// narrow turns what is rare into conditions: on the ids when it is true of few
// objects, because a walk along the order would look up every object until it
// has found them. It reports whether a condition names few by their ids.
func (l *list[T]) narrow(q querier, few int) (named bool, err error) {
	for _, c := range l.rare {
		found, err := c.find(q, few+1)
		if err != nil {
			return false, err
		}
		cond, args := "1 = 0", []any(nil)
		switch {
		case len(found) == 0:
			named = true
		case len(found) <= few:
			named = true
			cond, args = in(l.id, found)
		default:
			cond, args = c.cond(q.dialect()), c.args
			if err := orderly(q); err != nil {
				return false, err
			}
		}
		l.where, l.args = append(l.where, cond), append(l.args, args...)
	}
	l.rare = nil
	return named, nil
}

// orderly has what follows in a transaction read along indexes; see inOrder.
func orderly(q querier) error { return set(q, q.dialect().inOrder) }

// asUsual has what follows planned as statements are that neither [orderly] nor
// [wholly] is about.
func asUsual(q querier) error { return set(q, q.dialect().usual) }

// set does what a dialect has words for.
func set(q querier, words string) error {
	if words == "" {
		return nil
	}
	return q.query(words, func(row) error { return nil })
}

// kinds keeps what satisfies conditions on columns of an index of the table with
// an alias, an index of what is not deleted. By this index few are found, and all
// are counted.
func (l *list[T]) kinds(table, alias, index string, so clauses) {
	from := " FROM " + table + " " + alias
	here := append([]string{alias + ".deleted_at IS NULL"}, so.conds...)
	count := func(q querier) (n int64, err error) {
		err = one(q, number("SELECT count(*)"+from+q.dialect().by(index)+condition(here)), so.args, &n)
		return n, err
	}
	if len(so.conds) == 0 {
		l.all = count
		return
	}
	l.rare = append(l.rare, rare{
		cond: func(d dialect) string { return d.walked(so.String(), alias) },
		args: so.args,
		find: func(q querier, most int) ([]int64, error) {
			return idList(q, number("SELECT "+alias+".id"+from+q.dialect().by(index)+condition(here)+" LIMIT ?"), slices.Concat(so.args, []any{most})...)
		},
		count: count,
	})
}

// and adds a condition with one placeholder ?.
func (l *list[T]) and(condition string, arg any) {
	l.where = append(l.where, condition)
	l.args = append(l.args, arg)
}

// search keeps what has a text in one of some columns, in any case.
func (l *list[T]) search(text string, columns ...string) {
	if text == "" {
		return
	}
	pattern := "%" + escaped(text) + "%"
	conds := make([]string, len(columns))
	for i, c := range columns {
		conds[i] = "lower(" + c + ") LIKE lower(CAST(? AS TEXT)) ESCAPE '\\'"
		l.args = append(l.args, pattern)
	}
	l.where = append(l.where, "("+strings.Join(conds, " OR ")+")")
}

// run reads one page.
func (l *list[T]) run(ctx context.Context, s *Store, r page.Request) (page.Page[T], error) {
	var p page.Page[T]
	err := s.db.read(ctx, func(q querier) error {
		var err error
		p, err = l.page(s, q, r)
		return err
	})
	return p, err
}

// runIn reads one page of a list of a workspace, which must be there.
func (l *list[T]) runIn(ctx context.Context, s *Store, workspaceID int64, r page.Request) (page.Page[T], error) {
	var p page.Page[T]
	err := s.db.read(ctx, func(q querier) error {
		err := workspaceExists(q, workspaceID)
		if err == nil {
			p, err = l.page(s, q, r)
		}
		return err
	})
	return p, err
}

func (l *list[T]) page(s *Store, q querier, r page.Request) (page.Page[T], error) {
	if r.Number > 0 {
		r.After = nil
	}
	count := l.count
	switch {
	case l.total != nil:
		count = l.total
	case len(l.where) > l.own || len(l.rare) > 1 || l.searched != nil:
	case len(l.rare) == 0 && l.all != nil:
		count = l.all
	case len(l.rare) == 1 && l.rare[0].count != nil:
		count = l.rare[0].count
	}
	o, limit := l.order(r), r.Limit()
	if r.Number == 0 {
		limit++
	}
	where, total, err := l.place(s, q, r, o, limit)
	if err != nil {
		return page.Page[T]{}, err
	}
	counted := r.WantTotal && r.After == nil
	if counted && total == unknown {
		if total, err = count(q); err != nil {
			return page.Page[T]{}, err
		}
	}
	if l.searched != nil || r.Offset() > 0 {
		if err := asUsual(q); err != nil {
			return page.Page[T]{}, err
		}
	}
	items, cut, err := readPortion(q, portion{sql: number(fmt.Sprintf("%s%s ORDER BY %s", l.sql, condition(where.conds), o.by(l.id))), args: where.args,
		body: l.body, limit: limit, budget: s.budget}, l.scan, l.size)
	if err != nil {
		return page.Page[T]{}, err
	}
	p := cutPage(r, items, cut, l.position)
	if counted {
		p.Total = &total
	}
	if l.fill != nil {
		err = l.fill(q, p.Items)
	}
	return p, err
}

// ordering is the order of a page, and the place where it begins.
type ordering struct {
	column, direction string
	after             clauses
}

// by is the order in SQL; id is the column that breaks ties.
func (o ordering) by(id string) string {
	if o.column == id {
		return id + " " + o.direction
	}
	return o.column + " " + o.direction + ", " + id + " " + o.direction
}

// placed is the order of what a query o has as id and place.
func (o ordering) placed() string {
	return ordering{column: "o.place", direction: o.direction}.by("o.id")
}

func (l *list[T]) order(r page.Request) ordering {
	column, ok := l.columns[r.Order()]
	if !ok {
		column = l.columns[page.CreatedAt]
	}
	mark, value := "?", any(nil)
	if r.After != nil {
		value = r.After.Value
	}
	if text, is := l.texts[r.Order()]; is {
		column, mark = "lower("+text+")", "lower(CAST(? AS TEXT))"
		if r.After != nil {
			value = r.After.Text
		}
	}
	o, than := ordering{column: column, direction: "DESC"}, "<"
	if r.Ascending {
		o.direction, than = "ASC", ">"
	}
	switch {
	case column == l.id && l.ids != nil:
		first, end := l.ids[0], l.ids[1]
		if r.After != nil && r.Ascending {
			first = r.After.ID + 1
		} else if r.After != nil {
			end = r.After.ID
		}
		o.after.and(l.id+" >= ?", first)
		o.after.and(l.id+" < ?", end)
	case r.After == nil:
	case column == l.id:
		o.after.and(l.id+" "+than+" ?", r.After.ID)
	default:
		o.after.and(fmt.Sprintf("(%s, %s) %s (%s, ?)", column, l.id, than, mark), value, r.After.ID)
	}
	return o
}

// place are the conditions of a page: on its ids, or of what is walked along the order
// until so many are found; and how long the list is, or unknown.
func (l *list[T]) place(s *Store, q querier, r page.Request, o ordering, limit int) (where clauses, total int64, err error) {
	var found []int64
	if l.searched != nil {
		if found, total, err = l.seek(q, s.few, r, o, limit); err != nil {
			return clauses{}, 0, err
		}
	} else {
		total = unknown
		if _, err := l.narrow(q, s.few); err != nil {
			return clauses{}, 0, err
		}
		where = clauses{slices.Concat(l.where, o.after.conds), slices.Concat(l.args, o.after.args)}
		if r.Offset() == 0 {
			return where, total, nil
		}
		// PostgreSQL makes whole rows of what it passes over, but not of numbers.
		if found, err = idList(q, number("SELECT "+l.id+" "+tables(l.sql)+condition(where.conds)+" ORDER BY "+o.by(l.id)+" LIMIT ? OFFSET ?"), slices.Concat(where.args, []any{limit, r.Offset()})...); err != nil {
			return clauses{}, 0, err
		}
	}
	if len(found) == 0 {
		return clauses{conds: []string{"1 = 0"}}, total, nil
	}
	cond, args := in(l.id, found)
	return clauses{[]string{cond}, args}, total, nil
}

// count is the length of the whole list.
func (l *list[T]) count(q querier) (total int64, err error) {
	if l.searched != nil {
		return l.countSearched(q)
	}
	where, args := l.where, l.args
	if l.ids != nil {
		where = append(where[:len(where):len(where)], l.id+" >= ?", l.id+" < ?")
		args = append(args[:len(args):len(args)], l.ids[0], l.ids[1])
	}
	err = one(q, number("SELECT count(*) "+tables(l.sql)+condition(where)), args, &total)
	return total, err
}

// tables is a query from its own FROM on, past those within its columns.
func tables(sql string) string {
	depth := 0
	for i, c := range sql {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && strings.HasPrefix(sql[i:], "FROM "):
			return sql[i:]
		}
	}
	return ""
}

// cutPage is page.Cut of items that may be fewer than there are.
func cutPage[T any](r page.Request, items []T, cut bool, position func(T) page.Position) page.Page[T] {
	p := page.Cut(r, items, position)
	if cut && p.Next == "" {
		p.Next = r.Cursor(position(items[len(items)-1]))
	}
	return p
}

// clauses are conditions, all of which must hold, with the placeholders ?.
type clauses struct {
	conds []string
	args  []any
}

func (c *clauses) and(cond string, args ...any) {
	c.conds, c.args = append(c.conds, cond), append(c.args, args...)
}

func (c clauses) String() string { return strings.Join(c.conds, " AND ") }

func condition(where []string) string {
	if len(where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(where, " AND ")
}

// number writes the placeholders ? as $1, $2 ….
func number(sql string) string { return shifted(sql, 0) }

// shifted writes the placeholders ? as those that come after $n.
func shifted(sql string, n int) string {
	var b strings.Builder
	for _, c := range sql {
		if c != '?' {
			b.WriteRune(c)
			continue
		}
		n++
		fmt.Fprintf(&b, "$%d", n)
	}
	return b.String()
}

// in is "column IN (?, ?, …)" with its arguments.
func in(column string, ids []int64) (string, []any) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return column + " IN (" + marks(len(ids)) + ")", args
}

// marks is "?, ?, …".
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// tuples is n tuples for VALUES; their placeholders are numbered from first on.
func tuples(tuple string, n, first int) string {
	type key struct {
		tuple    string
		n, first int
	}
	k := key{tuple, n, first}
	if known, ok := tupleTexts.Load(k); ok {
		return known.(string)
	}
	text := number(strings.Repeat("?", first-1) + strings.TrimSuffix(strings.Repeat(tuple+", ", n), ", "))
	text = text[strings.Index(text, "("):]
	tupleTexts.Store(k, text)
	return text
}

var tupleTexts sync.Map

// perInsert is how many rows one insert carries, and manyPerInsert where each
// statement is a way to another machine and back.
const (
	perInsert     = 100
	manyPerInsert = 1000
)

// lotSizes are how many rows a statement carries: few sizes make few statements,
// each of which is prepared once.
var lotSizes = []int{perInsert, 30, 10, 3, 2, 1}

// insertRows inserts rows, or changes those that they name, by few statements,
// which are always the same ones.
func insertRows[T any](q querier, rows []T, into, tuple, tail string, args func(*T) []any) error {
	sizes := lotSizes
	if q.dialect().postgres {
		sizes = append([]int{manyPerInsert}, sizes...)
	}
	for _, n := range sizes {
		for ; len(rows) >= n; rows = rows[n:] {
			var all []any
			for i := range rows[:n] {
				all = append(all, args(&rows[i])...)
			}
			if _, err := q.exec(into+tuples(tuple, n, 1)+tail, all...); err != nil {
				return err
			}
		}
	}
	return nil
}

// lots cuts a list into lists whose lengths are lotSizes; none fills up the last.
func lots[T any](list []T, none T) [][]T {
	var out [][]T
	for part := range slices.Chunk(list, perInsert) {
		size := perInsert
		for _, n := range lotSizes {
			if n >= len(part) {
				size = n
			}
		}
		for len(part) < size {
			part = append(part[:len(part):len(part)], none)
		}
		out = append(out, part)
	}
	return out
}

func arguments[T any](first []any, list []T) []any {
	for _, v := range list {
		first = append(first, v)
	}
	return first
}
