package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxLogicChanges is how many changes of logic are told.
	maxLogicChanges = 500
	// maxAligned is how many pairs of elements of two lists are compared to find
	// which stayed; longer lists are compared place by place.
	maxAligned = 1 << 20
)

// LogicChange is one difference between two texts of logic. Pointer is the JSON
// Pointer of the value: in the old text if it was removed, else in the new one.
type LogicChange struct {
	Pointer string
	// Op is added, removed or changed.
	Op string
	// From is nil for what was added, To for what was removed.
	From, To json.RawMessage
}

// What can happen to a value.
const (
	logicAdded   = "added"
	logicRemoved = "removed"
	logicChanged = "changed"
)

// compareLogic tells what differs between two canonical texts; more is true when
// not all of it is told.
func compareLogic(from, to []byte) (changes []LogicChange, more bool, err error) {
	d := &logicDiff{changes: []LogicChange{}}
	a, err := decodeLogic(from)
	if err != nil {
		return nil, false, err
	}
	b, err := decodeLogic(to)
	if err != nil {
		return nil, false, err
	}
	d.values("", "", a, b)
	return d.changes, d.more, nil
}

func decodeLogic(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("read stored logic: %w", err)
	}
	return v, nil
}

type logicDiff struct {
	changes []LogicChange
	more    bool
}

func (d *logicDiff) add(op, pointer string, from, to any) {
	if len(d.changes) == maxLogicChanges {
		d.more = true
		return
	}
	c := LogicChange{Op: op, Pointer: pointer}
	if op != logicAdded {
		c.From = encodeLogic(from)
	}
	if op != logicRemoved {
		c.To = encodeLogic(to)
	}
	d.changes = append(d.changes, c)
}

// encodeLogic writes a decoded value; the keys come in order, so that equal
// values give equal texts.
func encodeLogic(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // what was decoded can be encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// values compares two values at their places in the old and the new text.
func (d *logicDiff) values(old, now string, a, b any) {
	switch a := a.(type) {
	case map[string]any:
		if b, ok := b.(map[string]any); ok {
			d.objects(old, now, a, b)
			return
		}
	case []any:
		if b, ok := b.([]any); ok {
			d.lists(old, now, a, b)
			return
		}
	}
	if !bytes.Equal(encodeLogic(a), encodeLogic(b)) {
		d.add(logicChanged, now, a, b)
	}
}

var logicEscaper = strings.NewReplacer("~", "~0", "/", "~1")

func (d *logicDiff) objects(old, now string, a, b map[string]any) {
	keys := slices.Sorted(maps.Keys(a))
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		x, before := a[k]
		y, after := b[k]
		seg := "/" + logicEscaper.Replace(k)
		switch {
		case !after:
			d.add(logicRemoved, old+seg, x, nil)
		case !before:
			d.add(logicAdded, now+seg, nil, y)
		default:
			d.values(old+seg, now+seg, x, y)
		}
	}
}

// lists compares lists: what stayed is found first, what stands between is
// compared in its order.
func (d *logicDiff) lists(old, now string, a, b []any) {
	x, y := texts(a), texts(b)
	i, j := 0, 0
	for _, same := range append(common(x, y), [2]int{len(a), len(b)}) {
		for ; i < same[0] && j < same[1]; i, j = i+1, j+1 {
			d.values(old+"/"+strconv.Itoa(i), now+"/"+strconv.Itoa(j), a[i], b[j])
		}
		for ; i < same[0]; i++ {
			d.add(logicRemoved, old+"/"+strconv.Itoa(i), a[i], nil)
		}
		for ; j < same[1]; j++ {
			d.add(logicAdded, now+"/"+strconv.Itoa(j), nil, b[j])
		}
		i, j = i+1, j+1
	}
}

func texts(list []any) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(encodeLogic(v))
	}
	return out
}

// common are the places of a longest common subsequence.
func common(x, y []string) [][2]int {
	var out [][2]int
	start := 0
	for start < len(x) && start < len(y) && x[start] == y[start] {
		out = append(out, [2]int{start, start})
		start++
	}
	endX, endY := len(x), len(y)
	for endX > start && endY > start && x[endX-1] == y[endY-1] {
		endX, endY = endX-1, endY-1
	}
	n, m := endX-start, endY-start
	if n > 0 && m > 0 && n*m <= maxAligned {
		// length[i][j] is that of the rest from i and j on.
		length := make([][]int32, n+1)
		for i := range length {
			length[i] = make([]int32, m+1)
		}
		for i := n - 1; i >= 0; i-- {
			for j := m - 1; j >= 0; j-- {
				if x[start+i] == y[start+j] {
					length[i][j] = length[i+1][j+1] + 1
				} else {
					length[i][j] = max(length[i+1][j], length[i][j+1])
				}
			}
		}
		for i, j := 0, 0; i < n && j < m; {
			switch {
			case x[start+i] == y[start+j]:
				out = append(out, [2]int{start + i, start + j})
				i, j = i+1, j+1
			case length[i+1][j] >= length[i][j+1]:
				i++
			default:
				j++
			}
		}
	}
	for k := 0; endX+k < len(x); k++ {
		out = append(out, [2]int{endX + k, endY + k})
	}
	return out
}
