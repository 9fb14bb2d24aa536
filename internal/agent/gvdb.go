package agent

import (
	"encoding/binary"
	"errors"
	"strings"
)

// variant is a boolean or a number of a database; other kinds have a kind only.
type variant struct {
	// kind is the type string of GVariant: "b", "u" or "i".
	kind   string
	number uint32
}

var errGVDB = errors.New("its form is not that of GVDB")

const (
	gvdbHeader = 24
	gvdbItem   = 24
	maxGVDB    = 100_000
)

// parseGVDB reads the file format of dconf, little-endian: a header with the
// place of a hash table, whose items name their parents, and values of GVariant.
// All of it is walked through; the hashes are not needed for that.
func parseGVDB(b []byte) (map[string]variant, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if len(b) < gvdbHeader || string(b[:8]) != "GVariant" {
		return nil, errGVDB
	}
	at := func(start, end uint32) ([]byte, bool) {
		if start > end || uint64(end) > uint64(len(b)) {
			return nil, false
		}
		return b[start:end], true
	}
	u32 := binary.LittleEndian.Uint32
	table, ok := at(u32(b[16:]), u32(b[20:]))
	if !ok || len(table) < 8 {
		return nil, errGVDB
	}
	skip := 8 + 4*uint64(u32(table)&(1<<27-1)) + 4*uint64(u32(table[4:]))
	if skip > uint64(len(table)) || (uint64(len(table))-skip)%gvdbItem != 0 {
		return nil, errGVDB
	}
	items := table[skip:]
	n := len(items) / gvdbItem
	if n > maxGVDB {
		return nil, errGVDB
	}
	const none = 1<<32 - 1
	out := map[string]variant{}
	for i := range n {
		it := items[i*gvdbItem:]
		if it[14] != 'v' {
			continue
		}
		var parts []string
		for j, steps := uint32(i), 0; j != none; steps++ {
			if int64(j) >= int64(n) || steps > 64 {
				return nil, errGVDB
			}
			own := items[j*gvdbItem:]
			start := u32(own[8:])
			name, ok := at(start, start+uint32(binary.LittleEndian.Uint16(own[12:])))
			if !ok {
				return nil, errGVDB
			}
			parts = append(parts, string(name))
			j = u32(own[4:])
		}
		var key strings.Builder
		for j := len(parts) - 1; j >= 0; j-- {
			key.WriteString(parts[j])
		}
		value, ok := at(u32(it[16:]), u32(it[20:]))
		if !ok {
			return nil, errGVDB
		}
		out[key.String()] = parseVariant(value)
	}
	return out, nil
}

// parseVariant reads a value with its type behind a NUL.
func parseVariant(b []byte) variant {
	i := strings.LastIndexByte(string(b), 0)
	if i < 0 {
		return variant{}
	}
	v := variant{kind: string(b[i+1:])}
	switch {
	case v.kind == "b" && i == 1:
		v.number = uint32(b[0])
	case (v.kind == "u" || v.kind == "i") && i == 4:
		v.number = binary.LittleEndian.Uint32(b)
	case v.kind == "b" || v.kind == "u" || v.kind == "i":
		v.kind = ""
	}
	return v
}
