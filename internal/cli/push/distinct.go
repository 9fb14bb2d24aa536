package push

import "hash/maphash"

// distinct counts different texts in eight bytes each. Two texts of the same
// hash count as one, which a million texts do once in 30 million runs; the push
// is then refused by its expected count and can be repeated.
type distinct struct {
	seed maphash.Seed
	seen map[uint64]struct{}
}

func newDistinct() *distinct {
	return &distinct{seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
}

func (d *distinct) add(text string) { d.seen[maphash.String(d.seed, text)] = struct{}{} }

func (d *distinct) len() int64 { return int64(len(d.seen)) }
