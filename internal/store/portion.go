package store

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// bodyBudget is after how many bytes of record bodies a read of many records
// ends: a record may have 5 MB, and two thousand are read at a time.
const bodyBudget = 16 << 20

// portion is a read of rows that carry record bodies. It ends after limit rows,
// or earlier once budget bytes of bodies are read.
type portion struct {
	// sql is "SELECT … FROM … WHERE … ORDER BY …" with its args, body the column
	// that is counted. Without one there is no budget.
	sql   string
	args  []any
	body  string
	limit int
	// budget is in bytes.
	budget int
}

var errEnough = errors.New("enough bytes are read")

// readPortion reads the rows of p. cut is true if there are more rows than the
// budget left room for; one row is always read. size is that of an item's body.
func readPortion[T any](q querier, p portion, scan func(row, *T) error, size func(*T) int) (items []T, cut bool, err error) {
	limit := p.limit
	if p.body != "" && p.limit > 1 && q.dialect().postgres {
		if limit, err = p.fitting(q); err != nil {
			return nil, false, err
		}
	}
	bytes := 0
	err = q.query(p.limited(p.sql), func(r row) error {
		if p.body != "" && bytes >= p.budget {
			return errEnough
		}
		var item T
		if err := scan(r, &item); err != nil {
			return err
		}
		items = append(items, item)
		if p.body != "" {
			bytes += size(&item)
		}
		return nil
	}, p.with(limit)...)
	if errors.Is(err, errEnough) {
		return items, true, nil
	}
	return items, false, err
}

// fitting is how many rows are to be asked for: those that fit, and one that
// shows that there are more. PostgreSQL sends all rows that it is asked for,
// read or not; the length of a body it knows without reading it.
func (p portion) fitting(q querier) (int, error) {
	from, order := strings.Index(p.sql, " FROM "), strings.LastIndex(p.sql, "ORDER BY ")
	var n int64
	err := one(q, "SELECT count(*) FROM (SELECT sum(size) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) - size AS before FROM ("+
		p.limited("SELECT coalesce(octet_length("+p.body+"), 0) AS size, row_number() OVER ("+p.sql[order:]+") AS place"+p.sql[from:])+
		") sizes) sums WHERE before < "+strconv.Itoa(p.budget), p.with(p.limit), &n)
	return min(int(n)+1, p.limit), err
}

func (p portion) limited(sql string) string {
	return sql + " LIMIT $" + strconv.Itoa(len(p.args)+1)
}

func (p portion) with(limit int) []any {
	return slices.Concat(p.args, []any{limit})
}
