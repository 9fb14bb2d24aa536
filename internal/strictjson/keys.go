package strictjson

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
)

// key is the name of one member of an open object.
type key struct {
	mark     uint64 // equal for equal names
	from, to int
	decoded  bool // from and to are positions in names, not in text
}

// linearKeys is the number of members up to which a new name is compared with
// each earlier one; wider objects get a hash set.
const linearKeys = 16

func (s *scanner) keyText(at int) []byte {
	k := s.keys[at]
	if k.decoded {
		return s.names[k.from:k.to]
	}
	return s.text[k.from:k.to]
}

func (s *scanner) memberStep(at int) step {
	return step{member: true, name: string(s.keyText(at))}
}

// addKey puts the name text[from:to] on the stack of names. It is false if the
// object whose names begin at base has the name already.
func (s *scanner) addKey(base int, set **keySet, from, to int, plain bool) bool {
	k := key{from: from, to: to}
	if !plain {
		k.from, k.decoded = len(s.names), true
		s.names = appendDecoded(s.names, s.text[from:to])
		k.to = len(s.names)
	}
	if *set != nil {
		s.keys = append(s.keys, k)
		return (*set).add(s, base, len(s.keys)-1)
	}
	source := s.text
	if k.decoded {
		source = s.names
	}
	k.mark = mark(source, k.from, k.to)
	earlier := s.keys[base:]
	s.keys = append(s.keys, k)
	for i := range earlier {
		if earlier[i].mark == k.mark && bytes.Equal(s.keyText(base+i), source[k.from:k.to]) {
			return false
		}
	}
	if len(earlier) == linearKeys {
		*set = s.newSet()
		for at := base; at < len(s.keys); at++ {
			(*set).add(s, base, at)
		}
	}
	return true
}

// mark mixes the length, the first and the last eight bytes of source[from:to].
func mark(source []byte, from, to int) uint64 {
	n := to - from
	if n >= 8 {
		return binary.LittleEndian.Uint64(source[from:]) ^
			binary.LittleEndian.Uint64(source[to-8:])*0x9E3779B97F4A7C15 ^ uint64(n)<<56
	}
	if from+8 <= len(source) {
		return binary.LittleEndian.Uint64(source[from:])&(1<<(8*n)-1) ^ uint64(n)<<56
	}
	m := uint64(n) << 56
	for i, c := range source[from:to] {
		m ^= uint64(c) << (8 * i)
	}
	return m
}

// keySet is an open-addressing hash set over names on the stack. The seed is
// random, so that nobody can choose names that collide.
type keySet struct {
	seed  maphash.Seed
	slots []uint32 // position on the stack from base, plus one; 0 is free
	count int
}

const firstSlots = 64

func (s *scanner) newSet() *keySet {
	if n := len(s.sets); n > 0 {
		set := s.sets[n-1]
		s.sets = s.sets[:n-1]
		return set
	}
	return &keySet{seed: maphash.MakeSeed(), slots: make([]uint32, firstSlots)}
}

// freeSet keeps a small set for the next wide object.
func (s *scanner) freeSet(set *keySet) {
	if len(set.slots) > maxPooled || len(s.sets) == MaxDepth {
		return
	}
	clear(set.slots)
	set.count = 0
	s.sets = append(s.sets, set)
}

func (set *keySet) add(s *scanner, base, at int) bool {
	if 2*set.count >= len(set.slots) {
		set.grow(s, base)
	}
	name := s.keyText(at)
	slot := set.slot(name)
	for set.slots[slot] != 0 {
		if bytes.Equal(s.keyText(base+int(set.slots[slot])-1), name) {
			return false
		}
		slot = (slot + 1) & (len(set.slots) - 1)
	}
	set.slots[slot] = uint32(at-base) + 1
	set.count++
	return true
}

func (set *keySet) slot(name []byte) int {
	return int(maphash.Bytes(set.seed, name) & uint64(len(set.slots)-1))
}

func (set *keySet) grow(s *scanner, base int) {
	old := set.slots
	set.slots = make([]uint32, 2*len(old))
	for _, member := range old {
		if member == 0 {
			continue
		}
		slot := set.slot(s.keyText(base + int(member) - 1))
		for set.slots[slot] != 0 {
			slot = (slot + 1) & (len(set.slots) - 1)
		}
		set.slots[slot] = member
	}
}
