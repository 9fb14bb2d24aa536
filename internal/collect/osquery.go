package collect

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
)

// osqueryProgram is the interactive shell of osquery, which also answers one
// query and ends.
const osqueryProgram = "osqueryi"

func (e *engine) collectOsquery(ctx context.Context) error {
	s := e.recipe.osquery
	if s.results.empty() {
		return e.start(ctx, program{args: []string{osqueryProgram, "--json", s.query.fill(e.values)}, format: asJSON, timeout: defaultTimeout})
	}
	if !e.run.Local {
		return notLocal("the files")
	}
	e.begin(StepFetch)
	all, err := e.localFiles(strings.TrimSpace(s.results.fill(e.values)))
	if err != nil {
		return err
	}
	log := &resultsLog{rows: map[resultsOf]map[string]resultsRow{}, batch: map[resultsOf]string{}, limit: e.limits.Items}
	for _, one := range all {
		if err := e.readResults(ctx, one, log); err != nil {
			return err
		}
		e.count(StepFetch, CountPages, 1)
		e.told()
	}
	for _, row := range log.current() {
		if err := e.item(ctx, row.item, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (e *engine) readResults(ctx context.Context, one opener, log *resultsLog) error {
	in, err := one.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	e.begin(StepParse)
	m := &meter{ctx: ctx, e: e, r: in}
	return e.cutOff(one.name, e.eachLine(m, bufio.NewReaderSize(m, 64<<10), one.name, log.add))
}

// resultsLog follows a results log of osquery to the rows that are there at its
// end: differential lines add and remove rows, a snapshot is all of them.
type resultsLog struct {
	// rows are those that are there, by query and host, then by their columns.
	rows map[resultsOf]map[string]resultsRow
	// batch is when the differences of a query on a host began.
	batch        map[resultsOf]string
	order, count int64
	limit        int64
}

type resultsOf struct{ query, host string }

type resultsRow struct {
	order int64
	item  map[string]any
}

var errResults = errors.New("a line is not one of a results log of osquery")

func (l *resultsLog) add(v any) error {
	line, _ := v.(map[string]any)
	of := resultsOf{}
	of.query, _ = line["name"].(string)
	of.host, _ = line["hostIdentifier"].(string)
	columns, isRow := line["columns"].(map[string]any)
	snapshot, isSnapshot := line["snapshot"].([]any)
	switch action, _ := line["action"].(string); {
	case of.query == "" || !isRow && !isSnapshot:
		return unreadable("The results log", "a log of osquery", errResults)
	case isSnapshot:
		l.forget(of)
		for _, row := range snapshot {
			if columns, ok := row.(map[string]any); ok {
				l.put(of, line, columns)
			}
		}
	case action == "removed":
		if _, there := l.rows[of][text(columns)]; there {
			delete(l.rows[of], text(columns))
			l.count--
		}
	default:
		// The first differences are all rows: what was there before them is of a
		// time that the log no longer tells of.
		if counter, _ := line["counter"].(json.Number); counter == "0" {
			if began := text(map[string]any{"epoch": line["epoch"], "at": line["unixTime"]}); l.batch[of] != began {
				l.forget(of)
				l.batch[of] = began
			}
		}
		l.put(of, line, columns)
	}
	if l.count > l.limit {
		return failed(StepParse, CodeTooLarge, []string{"limit", strconv.FormatInt(l.limit, 10)}, "There are more than %d items.", l.limit)
	}
	return nil
}

func text(v map[string]any) string {
	out, _ := jq.Encode(nil, v, 1<<30)
	return string(out)
}

func (l *resultsLog) put(of resultsOf, line, columns map[string]any) {
	if l.rows[of] == nil {
		l.rows[of] = map[string]resultsRow{}
	}
	key := text(columns)
	if _, there := l.rows[of][key]; !there {
		l.count++
	}
	l.order++
	l.rows[of][key] = resultsRow{l.order, map[string]any{"name": line["name"], "hostIdentifier": line["hostIdentifier"], "unixTime": line["unixTime"], "columns": columns}}
}

func (l *resultsLog) forget(of resultsOf) {
	l.count -= int64(len(l.rows[of]))
	delete(l.rows, of)
}

// current are the rows that are there, in the order in which they came.
func (l *resultsLog) current() []resultsRow {
	var out []resultsRow
	for _, rows := range l.rows {
		out = slices.AppendSeq(out, maps.Values(rows))
	}
	slices.SortFunc(out, func(a, b resultsRow) int { return cmp.Compare(a.order, b.order) })
	return out
}
