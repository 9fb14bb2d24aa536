package access

import "context"

// KeyNames reads what keys are called, revoked ones included, by their ids.
func (s *Service) KeyNames(ctx context.Context, ids []int64) (map[int64]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.store.KeyNames(ctx, ids)
}
