package store

import (
	"context"
	"slices"
)

// KeyNames implements access.KeyStore.
func (s *Store) KeyNames(ctx context.Context, ids []int64) (map[int64]string, error) {
	out := map[int64]string{}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	err := s.db.read(ctx, func(q querier) error {
		for part := range slices.Chunk(slices.Compact(ids), perList) {
			cond, args := in("id", part)
			if err := q.query(number("SELECT id, name FROM api_key WHERE "+cond), func(r row) error {
				var id int64
				var name string
				err := r.scan(&id, &name)
				out[id] = name
				return err
			}, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
