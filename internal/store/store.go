// Package store keeps everything, in SQLite or in PostgreSQL. All SQL of the
// program is here. It implements the Store interfaces of the concept packages
// and holds no rules of its own.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/collection"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/live"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/search"
)

// Options say where the data is.
type Options struct {
	// Dir is the folder of the embedded database; it is made if absent.
	Dir string
	// URL of a PostgreSQL database (postgres://…); empty: the embedded one.
	URL string
	Now func() time.Time
	Log *slog.Logger
	// BodyBudget is after how many bytes of record bodies a read of many records
	// ends early; 0 stands for 16 MB.
	BodyBudget int
	// Few is up to how many objects a list looks up by their ids, when it asks for
	// what is true of so few; 0 stands for 2,000. What is true of more of them
	// stands soon on the way along the list's order.
	Few int
}

// Store is an open database.
type Store struct {
	db  database
	now func() time.Time
	log *slog.Logger
	// budget is the BodyBudget.
	budget int
	few    int
	rules  ruleCache
}

var (
	_ access.Store     = (*Store)(nil)
	_ connection.Store = (*Store)(nil)
	_ record.Store     = (*Store)(nil)
	_ check.Store      = (*Store)(nil)
	_ event.Store      = (*Store)(nil)
	_ syncrun.Store    = (*Store)(nil)

	_ live.Store           = (*Store)(nil)
	_ search.Store         = (*Store)(nil)
	_ notify.Store         = (*Store)(nil)
	_ notify.DispatchStore = (*Store)(nil)
	_ collection.Store     = (*Store)(nil)
	_ collection.RunStore  = (*Store)(nil)
)

// Open opens the database, brings it to the newest version and, if it is
// fresh, makes workspace 1 in it.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.BodyBudget == 0 {
		o.BodyBudget = bodyBudget
	}
	if o.Few == 0 {
		o.Few = fewFound
	}
	s := &Store{now: o.Now, log: o.Log, budget: o.BodyBudget, few: o.Few}
	var err error
	switch {
	case o.URL == "":
		s.db, err = openSQLite(o.Dir)
	case strings.HasPrefix(o.URL, "postgres://"), strings.HasPrefix(o.URL, "postgresql://"):
		s.db, err = openPostgres(ctx, o.URL)
	default:
		err = errors.New("the database URL must begin with postgres:// (leave it empty for the embedded database)")
	}
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.migrate(ctx), s.found(ctx), s.standAll(ctx)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends the use of the database after the transactions in flight.
func (s *Store) Close() error { return s.db.close() }

// Ping is nil when the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.ping(ctx) }

// found makes what a fresh database starts with.
func (s *Store) found(ctx context.Context) error {
	return s.db.exclusive(ctx, func(q querier) error {
		var n int64
		if err := one(q, "SELECT count(*) FROM company", nil, &n); err != nil || n > 0 {
			return err
		}
		now := s.now()
		if _, err := q.exec(`INSERT INTO company (id, account_id, name, domain, settings, created_at, updated_at)
			VALUES (1, $1, 'My organisation', 'localhost', '{}', $2, $2)`, uuid.NewString(), now); err != nil {
			return err
		}
		if _, err := q.exec(`INSERT INTO workspace (is_primary, name, next_test, created_at, updated_at)
			VALUES (1, 'Primary', 1, $1, $1)`, now); err != nil {
			return err
		}
		return s.append(q, event.New(event.System(event.SourceApp), now, event.OrganisationCreated, event.CategoryCompany,
			"The database was created with its primary workspace", nil))
	})
}

// absent is the one answer to an object that does not exist or is out of
// reach.
func absent(what string, id any) error {
	return fault.New(fault.CodeNotFound, "there is no %s %v", what, id)
}

// absentIf turns errNoRow into absent.
func absentIf(err error, what string, id any) error {
	if errors.Is(err, errNoRow) {
		return absent(what, id)
	}
	if err != nil {
		return fmt.Errorf("read %s %v: %w", what, id, err)
	}
	return nil
}
