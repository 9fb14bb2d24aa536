package record

import (
	"context"
	"hash/maphash"
)

// turns lets merges into one record go one after the other: at once they would
// undo each other's reading and try again, most of them in vain. Other nodes
// are not waited for; their writes are seen as an ErrChanged.
type turns struct {
	seed  maphash.Seed
	lanes [64]chan struct{}
}

func newTurns() *turns {
	t := &turns{seed: maphash.MakeSeed()}
	for i := range t.lanes {
		t.lanes[i] = make(chan struct{}, 1)
	}
	return t
}

// wait waits for the turn of a record; done ends it.
func (t *turns) wait(ctx context.Context, resourceID int64, key string) (done func(), err error) {
	lane := t.lanes[(maphash.String(t.seed, key)+uint64(resourceID))%uint64(len(t.lanes))]
	select {
	case lane <- struct{}{}:
		return func() { <-lane }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
