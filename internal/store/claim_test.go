package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// between runs something once, after the first statement of a kind.
type between struct {
	database
	after string
	run   func()
}

type betweenQuerier struct {
	querier
	b *between
}

func (b *between) write(ctx context.Context, fn func(querier) error) error {
	return b.database.write(ctx, func(q querier) error { return fn(&betweenQuerier{q, b}) })
}

func (q *betweenQuerier) exec(sql string, args ...any) (int64, error) {
	n, err := q.querier.exec(sql, args...)
	if run := q.b.run; run != nil && strings.HasPrefix(sql, q.b.after) {
		q.b.run = nil
		run()
	}
	return n, err
}

// The claim of another request is given back just when this one has found it.
// Only PostgreSQL has two transactions at once.
func TestClaimGivenBackMeanwhile(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, Options{URL: pgserver.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	now, digest := time.Now(), [32]byte{1}
	first, err := s.ClaimIdempotency(ctx, 1, "k", digest, now)
	if err != nil || !first.Fresh {
		t.Fatalf("%+v, %v", first, err)
	}
	db := s.db
	s.db = &between{db, "INSERT INTO idempotency", func() {
		other := &Store{db: db, now: s.now, log: s.log}
		if err := other.ReleaseIdempotency(ctx, 1, "k", first.At); err != nil {
			t.Error(err)
		}
	}}
	second, err := s.ClaimIdempotency(ctx, 1, "k", digest, now)
	s.db = db
	if err != nil || !second.Fresh {
		t.Errorf("%+v, %v", second, err)
	}
}
