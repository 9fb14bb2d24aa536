package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/search"
)

// sought is how objects of a kind are found: sql gives id, code, title, detail,
// connection, resource, test and framework; code and title are what is searched.
// Where there are very many, keys are the ids of those whose search key, which has
// both, is looked at first: it takes no join.
type sought struct{ sql, code, title, order, keys string }

var seekable = map[search.Kind]sought{
	search.Connection: {"SELECT x.id, '', x.name, coalesce(x.description, ''), x.id, 0, 0, 0 FROM connection_workspace w JOIN connection x ON x.id = w.connection_id WHERE w.workspace_id = ? AND x.deleted_at IS NULL",
		"", "x.name", "x.id", ""},
	search.Resource: {"SELECT x.id, '', x.name, c.name, x.connection_id, x.id, 0, 0 FROM connection_workspace w JOIN resource x ON x.connection_id = w.connection_id JOIN connection c ON c.id = x.connection_id WHERE w.workspace_id = ? AND x.deleted_at IS NULL AND c.deleted_at IS NULL",
		"", "x.name", "x.id", ""},
	search.Test: {"SELECT x.number, '', x.name, '', 0, 0, x.number, 0 FROM test x WHERE x.workspace_id = ? AND x.deleted_at IS NULL",
		"CAST(x.number AS TEXT)", "x.name", "x.id", ""},
	search.Control: {"SELECT x.id, x.code, x.name, '', 0, 0, 0, 0 FROM control x WHERE x.workspace_id = ?",
		"x.code", "x.name", "x.id", ""},
	search.Requirement: {"SELECT x.id, x.code, x.name, f.name, 0, 0, 0, x.framework_id FROM framework f JOIN requirement x ON x.framework_id = f.id WHERE f.workspace_id = ? AND f.enabled = 1",
		"x.code", "x.name", "x.id", ""},
	search.Framework: {"SELECT x.id, x.short_name, x.name, '', 0, 0, 0, x.id FROM framework x WHERE x.workspace_id = ?",
		"x.short_name", "x.name", "x.id", ""},
	search.Exclusion: {"SELECT x.id, '', x.record_key, t.name, 0, x.resource_id, t.number, 0 FROM exclusion x JOIN test t ON t.id = x.test_id WHERE x.workspace_id = ? AND x.ended_at IS NULL AND x.record_key IS NOT NULL AND t.deleted_at IS NULL",
		"", "x.record_key", "x.id", ""},
	// People are the organisation's, in every workspace.
	search.Person: {"SELECT x.id, u.email, coalesce(nullif(trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, '')), ''), u.email), coalesce(u.job_title, ''), 0, 0, 0, 0 FROM personnel x JOIN app_user u ON u.id = x.user_id WHERE CAST(? AS BIGINT) > 0",
		"", "x.search_key", "x.id", peopleHolding},
	// Devices and assets are the organisation's, in every workspace.
	search.Device: {"SELECT x.id, coalesce(x.serial_number, ''), a.name, u.email, x.connection_id, 0, 0, 0 FROM device x JOIN asset a ON a.id = x.asset_id JOIN personnel p ON p.id = x.person_id JOIN app_user u ON u.id = p.user_id WHERE CAST(? AS BIGINT) > 0 AND x.deleted_at IS NULL",
		"coalesce(x.serial_number, '')", "a.name", "x.id", keysOfDevices},
	search.Asset: {"SELECT x.id, coalesce(x.external_id, ''), x.name, x.description, 0, 0, 0, 0 FROM asset x WHERE CAST(? AS BIGINT) > 0 AND x.deleted_at IS NULL AND x.device_id IS NULL",
		"coalesce(x.external_id, '')", "x.name", "x.id", assetsHolding + "device_id IS NULL AND "},
}

// seekers is how many kinds are searched at a time: of some all keys are read.
const seekers = 2

// Search implements search.Store.
func (s *Store) Search(ctx context.Context, f search.Query) ([]search.Hit, []search.Candidate, error) {
	var hits []search.Hit
	var records []search.Candidate
	err := s.db.reads(ctx, min(seekers, len(f.Kinds)), func(qs []querier) error {
		found, errs := make([][]search.Hit, len(f.Kinds)), make([]error, len(qs))
		var next atomic.Int64
		var all sync.WaitGroup
		for n, q := range qs {
			all.Go(func() {
				for errs[n] == nil {
					i := int(next.Add(1)) - 1
					if i >= len(f.Kinds) {
						return
					}
					if f.Kinds[i] == search.Record {
						records, errs[n] = s.seekRecords(q, f)
					} else {
						errs[n] = s.seek(q, f, f.Kinds[i], &found[i])
					}
				}
			})
		}
		all.Wait()
		hits = slices.Concat(found...)
		return errors.Join(errs...)
	})
	return hits, records, err
}

var plainLike = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// seek finds what has all the words; what begins with the text comes first, lest
// it be cut off.
func (s *Store) seek(q querier, f search.Query, kind search.Kind, hits *[]search.Hit) error {
	w := seekable[kind]
	columns := []string{w.title}
	if w.code != "" {
		columns = append(columns, w.code)
	}
	var sql strings.Builder
	sql.WriteString(w.sql)
	args := []any{f.WorkspaceID}
	like := func(pattern string) string {
		parts := make([]string, len(columns))
		for i, c := range columns {
			parts[i] = "lower(" + c + ") LIKE lower(CAST(? AS TEXT)) ESCAPE '\\'"
			args = append(args, pattern)
		}
		return "(" + strings.Join(parts, " OR ") + ")"
	}
	if w.keys != "" {
		held, folded := make([]string, len(f.Words)), make([]any, len(f.Words))
		for i, word := range f.Words {
			held[i], folded[i] = q.dialect().holds("search_key"), access.Folded(word)
		}
		keys := w.keys + strings.Join(held, " AND ")
		// Few are asked for first, by themselves: no planner knows how few they are.
		few, err := idList(q, number(keys+" LIMIT ?"), append(folded[:len(folded):len(folded)], s.few+1)...)
		if err != nil || len(few) == 0 {
			return err
		}
		cond, of := "x.id IN ("+keys+")", folded
		if len(few) <= s.few {
			cond, of = in("x.id", few)
		}
		sql.WriteString(" AND " + cond)
		args = append(args, of...)
	}
	for _, word := range f.Words {
		sql.WriteString(" AND " + like("%"+plainLike.Replace(word)+"%"))
	}
	sql.WriteString(" ORDER BY CASE WHEN " + like(plainLike.Replace(f.Text)) + " THEN 0 WHEN " + like(plainLike.Replace(f.Text)+"%") + " THEN 1 ELSE 2 END, " + w.order + " DESC LIMIT ?")
	return q.query(number(sql.String()), func(r row) error {
		h := search.Hit{Kind: kind}
		err := r.scan(&h.ID, &h.Code, &h.Title, &h.Detail, &h.ConnectionID, &h.ResourceID, &h.TestID, &h.FrameworkID)
		*hits = append(*hits, h)
		return err
	}, append(args, search.Candidates)...)
}

// fed is a resource in which records are sought.
type fed struct {
	id, connection int64
	name, nameKey  string
}

// seekRecords finds records whose id begins with the text, and the newest ones
// for the sake of their names. It reads a bounded number, however many there are.
func (s *Store) seekRecords(q querier, f search.Query) ([]search.Candidate, error) {
	var in []fed
	if err := q.query(`SELECT r.id, r.connection_id, r.name, r.display_name_key FROM connection_workspace w JOIN resource r ON r.connection_id = w.connection_id
		WHERE w.workspace_id = $1 AND r.deleted_at IS NULL AND r.record_count > 0 ORDER BY coalesce(r.fresh_at, 0) DESC, r.id DESC LIMIT $2`, func(r row) error {
		var one fed
		err := r.scan(&one.id, &one.connection, &one.name, &one.nameKey)
		in = append(in, one)
		return err
	}, f.WorkspaceID, search.MaxResources); err != nil || len(in) == 0 {
		return nil, err
	}
	byID := make(map[int64]fed, len(in))
	for _, one := range in {
		byID[one.id] = one
	}
	var found []int64
	// Where ids that begin with the text stand depends on the collation, but none
	// of them stands before the text itself.
	for part := range slices.Chunk(in, 50) {
		args := make([]any, 0, 3*len(part))
		each := make([]string, len(part))
		for i, one := range part {
			each[i] = "SELECT * FROM (SELECT id, record_key FROM record WHERE resource_id = ? AND record_key >= ? ORDER BY record_key LIMIT ?) of"
			args = append(args, one.id, f.Text, search.PerResource)
		}
		if err := q.query(number(strings.Join(each, " UNION ALL ")), func(r row) error {
			var id int64
			var key string
			err := r.scan(&id, &key)
			if len(key) >= len(f.Text) && strings.EqualFold(key[:len(f.Text)], f.Text) {
				found = append(found, id)
			}
			return err
		}, args...); err != nil {
			return nil, err
		}
	}
	out, err := s.recordsOf(q, found[:min(len(found), 4*search.PerKind)])
	if err != nil {
		return nil, err
	}
	named := in[:min(len(in), search.NamedResources)]
	for _, one := range named {
		first, end := recordRange(one.id)
		newest, _, err := readPortion(q, portion{sql: "SELECT id, resource_id, record_key, body FROM record WHERE id >= $1 AND id < $2 ORDER BY id DESC", args: []any{first, end},
			body: "body", limit: max(search.Named/len(named), 1), budget: s.budget / len(named)}, scanCandidate, candidateSize)
		if err != nil {
			return nil, err
		}
		out = append(out, newest...)
	}
	for i := range out {
		one := byID[out[i].ResourceID]
		out[i].Kind, out[i].ConnectionID, out[i].Detail, out[i].NameKey = search.Record, one.connection, one.name, one.nameKey
	}
	return out, nil
}

func scanCandidate(r row, c *search.Candidate) error {
	return r.scan(new(int64), &c.ResourceID, &c.Key, &c.Body)
}

func candidateSize(c *search.Candidate) int { return len(c.Body) }

// recordsOf reads a few records.
func (s *Store) recordsOf(q querier, ids []int64) ([]search.Candidate, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	cond, args := in("id", ids)
	out, _, err := readPortion(q, portion{sql: number("SELECT id, resource_id, record_key, body FROM record WHERE " + cond + " ORDER BY id"), args: args,
		body: "body", limit: len(ids), budget: s.budget}, scanCandidate, candidateSize)
	return out, err
}
