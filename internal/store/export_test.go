package store

import "context"

// InvertedFindings counts findings that end before they begin.
func (s *Store) InvertedFindings(ctx context.Context) (int64, error) {
	var n int64
	err := s.db.read(ctx, func(q querier) error {
		return one(q, "SELECT count(*) FROM finding WHERE closed_at < opened_at", nil, &n)
	})
	return n, err
}
