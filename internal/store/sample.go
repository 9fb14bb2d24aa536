package store

import (
	"context"
	"errors"
)

// samplePlaces is in how many places of a resource's records a sample is taken.
const samplePlaces = 100

// Sample implements check.Store.
func (s *Store) Sample(ctx context.Context, resourceID int64, n int, each func(body []byte) bool) error {
	err := s.db.read(ctx, func(q querier) error {
		if _, err := changesOf(q, []int64{resourceID}); err != nil {
			return err
		}
		first, behind := recordRange(resourceID)
		low, err := idList(q, "SELECT id FROM record WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 1", first, behind)
		if err != nil || len(low) == 0 {
			return err
		}
		high, err := idList(q, "SELECT id FROM record WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT 1", first, behind)
		if err != nil || len(high) == 0 {
			return err
		}
		places := int64(min(n, samplePlaces))
		next, width := low[0], high[0]-low[0]+1
		for i := range places {
			most := int64(n)*(i+1)/places - int64(n)*i/places
			begin, end := width/places*i+width%places*i/places, width/places*(i+1)+width%places*(i+1)/places
			// Equal steps would see little of records that repeat with such a step.
			begin += i * 2654435761 % max(end-begin-most+1, 1)
			// What is missing in a place with few records is taken behind it.
			next = max(next, low[0]+begin)
			if err := q.bodies("SELECT id, body FROM record WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3", func(id int64, body []byte) error {
				next = id + 1
				if !each(body) {
					return errEnough
				}
				return nil
			}, next, behind, most); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
