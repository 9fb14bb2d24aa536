package collect

import (
	"context"
	"errors"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/collect/query"
)

func (e *engine) collectSQL(ctx context.Context) error {
	s := e.recipe.sql
	q := query.Question{Driver: s.driver, DSN: strings.TrimSpace(s.dsn.fill(e.values)), Statement: s.query.fill(e.values), Outbound: e.run.Outbound, RowBytes: e.limits.ReplyBytes}
	step := StepAuthenticate
	if s.driver == query.SQLite {
		step = StepFetch
		if !e.run.Local {
			return notLocal("a database file")
		}
	}
	// The password is a secret even where the recipe does not say so.
	e.redact.hide(passwords(q.DSN)...)
	e.redact.hide(urlPassword(q.DSN)...)
	e.begin(step)
	err := query.Ask(ctx, q, func() {
		e.end(StepAuthenticate)
		step = StepFetch
		e.begin(StepFetch)
		e.count(StepFetch, CountRequests, 1)
		e.begin(StepParse)
	}, func(row map[string]any) error {
		if err := e.read(rowSize(row)); err != nil {
			return err
		}
		return e.item(ctx, row, nil)
	})
	var bad *query.Error
	if !errors.As(err, &bad) {
		return err
	}
	return databaseFailure(step, bad)
}

// rowSize is about what a row comes to.
func rowSize(row map[string]any) int64 {
	n := int64(2)
	for name, value := range row {
		n += int64(len(name)) + 8
		if text, ok := value.(string); ok {
			n += int64(len(text))
		}
	}
	return n
}

func notLocal(what string) *StepError {
	return failed(StepFetch, CodeLocalNotAllowed, nil, "A collection here may not read %s of the machine that it runs on: run the recipe with `plumbline collect recipe` where it is.", what)
}

// databaseFailure makes a failure of what a database refused.
func databaseFailure(step string, bad *query.Error) *StepError {
	facts := []string{"host", bad.Host, "code", bad.Code, "reason", bad.Said}
	where := either(bad.Host, "The database")
	switch bad.Kind {
	case query.BadDSN:
		return failed(step, CodeQuery, facts, "The address of the database cannot be used: %s.", bad.Said)
	case query.LoginRefused:
		return failed(step, CodeUnauthorized, facts, "%s does not accept the credentials.", where)
	case query.NoDatabase:
		if bad.Host == "" {
			return failed(step, CodeFileNotFound, facts, "The database cannot be opened: %s.", bad.Said)
		}
		return failed(step, CodeNotFound, facts, "%s has no database of that name.", where)
	case query.Denied:
		return failed(step, CodeForbidden, facts, "%s does not allow this query: %s.", where, bad.Said)
	case query.TimedOut:
		return failed(step, CodeTimeout, facts, "The query did not come to its end in time.")
	case query.TooLarge:
		return failed(StepFetch, CodeTooLarge, facts, "A row is larger than may be read.")
	case query.Unreachable:
		f, _ := networkFailure(step, bad.Host, bad.Err)
		return f
	}
	return failed(step, CodeQuery, facts, "The query cannot be run: %s.", strings.TrimRight(bad.Said, "."))
}
