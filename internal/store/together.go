package store

import "context"

// together is the key under which a context carries the transaction of
// [Store.Together].
type together struct{}

// Together runs fn so that everything it stores with the context that it gets
// comes true at once, or nothing does if it errs. Reads with that context see what
// was stored. fn may run more than once, and nothing may use the context after it.
func (s *Store) Together(ctx context.Context, fn func(context.Context) error) error {
	return s.db.exclusive(ctx, func(q querier) error { return fn(context.WithValue(ctx, together{}, q)) })
}

// joint is the transaction that a context carries, nil for most.
func joint(ctx context.Context) querier {
	q, _ := ctx.Value(together{}).(querier)
	return q
}
