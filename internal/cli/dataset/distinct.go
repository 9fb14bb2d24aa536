package dataset

import "hash/maphash"

// Distinct counts different texts in eight bytes each. Two texts of the same
// hash count as one, which a million texts do once in 30 million runs; the push
// is then refused by its expected count and can be repeated.
type Distinct struct {
	seed maphash.Seed
	seen map[uint64]struct{}
}

// NewDistinct makes a counter that has seen nothing.
func NewDistinct() *Distinct {
	return &Distinct{seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
}

// Add counts a text, unless it was counted.
func (d *Distinct) Add(text string) { d.seen[maphash.String(d.seed, text)] = struct{}{} }

// Len is how many different texts there were.
func (d *Distinct) Len() int64 { return int64(len(d.seen)) }
