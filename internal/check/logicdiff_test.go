package check

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func changesOf(t *testing.T, from, to string) []string {
	t.Helper()
	changes, more, err := compareLogic([]byte(from), []byte(to))
	if err != nil || more {
		t.Fatal(err, more)
	}
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = fmt.Sprintf("%s %s %s→%s", c.Op, c.Pointer, c.From, c.To)
	}
	return out
}

func TestLogicDifference(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{`{"all":[1,2]}`, `{"all":[1,2]}`, ""},
		{`{"a":1,"b":{"c":2}}`, `{"b":{"c":3},"d":null}`, "removed /a 1→; changed /b/c 2→3; added /d →null"},
		{`{"all":["a","b","c"]}`, `{"all":["x","a","c"]}`, `added /all/0 →"x"; removed /all/1 "b"→`},
		{`{"all":[{"f":"a","v":1},{"f":"b","v":2}]}`, `{"all":[{"f":"a","v":1},{"f":"b","v":3},{"f":"c"}]}`, `changed /all/1/v 2→3; added /all/2 →{"f":"c"}`},
		{`{"all":[{"f":"a"},{"f":"b"},{"f":"c"}]}`, `{"all":[{"f":"b"},{"f":"c","v":[1]}]}`, `removed /all/0 {"f":"a"}→; added /all/1/v →[1]`},
		{`{"a/b~":1}`, `{"a/b~":"1"}`, `changed /a~1b~0 1→"1"`},
		{`[]`, `{}`, "changed  []→{}"},
		{`{"n":1.0}`, `{"n":1}`, "changed /n 1.0→1"},
	} {
		if got := strings.Join(changesOf(t, c.from, c.to), "; "); got != c.want {
			t.Errorf("from %s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
	long := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }
	if changes, more, err := compareLogic([]byte("[0,"+long(3000)[1:]), []byte("["+strings.ReplaceAll(long(3000)[1:], "1", "2"))); err != nil || len(changes) != maxLogicChanges || !more {
		t.Errorf("%d changes of a long list, more %t, %v", len(changes), more, err)
	}
}

// The changes, done to the old text, give the new one.
func TestLogicDifferenceIsWhole(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 2))
	for range 3000 {
		from := randomJSON(rnd, 3)
		to := mutated(rnd, from)
		a, b := encodeLogic(from), encodeLogic(to)
		changes, _, err := compareLogic(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) == 0 != (string(a) == string(b)) {
			t.Fatalf("seed %d: %d changes from %s to %s", seed, len(changes), a, b)
		}
		for _, c := range changes {
			if got := at(t, b, c.Pointer); c.Op != logicRemoved && string(got) != string(c.To) {
				t.Fatalf("seed %d: from %s to %s: %+v is not at its place", seed, a, b, c)
			}
			if got := at(t, a, c.Pointer); c.Op == logicRemoved && string(got) != string(c.From) {
				t.Fatalf("seed %d: from %s to %s: %+v was not at its place", seed, a, b, c)
			}
		}
		if got, want := size(from)-removed(changes)+added(changes), size(to); got != want {
			t.Fatalf("seed %d: from %s to %s: %d values are explained of %d: %v", seed, a, b, got, want, changes)
		}
	}
}

func randomJSON(rnd *rand.Rand, depth int) any {
	switch n := rnd.IntN(4); {
	case n == 0 && depth > 0:
		list := make([]any, rnd.IntN(5))
		for i := range list {
			list[i] = randomJSON(rnd, depth-1)
		}
		return list
	case n == 1 && depth > 0:
		o := map[string]any{}
		for range rnd.IntN(4) {
			o[string(rune('a'+rnd.IntN(4)))] = randomJSON(rnd, depth-1)
		}
		return o
	}
	return json.Number(fmt.Sprint(rnd.IntN(3)))
}

// mutated is a value of which some parts are others.
func mutated(rnd *rand.Rand, v any) any {
	if rnd.IntN(6) == 0 {
		return randomJSON(rnd, 1)
	}
	switch v := v.(type) {
	case []any:
		out := []any{}
		for _, e := range v {
			switch rnd.IntN(6) {
			case 0:
			case 1:
				out = append(out, randomJSON(rnd, 1), e)
			default:
				out = append(out, mutated(rnd, e))
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = mutated(rnd, e)
		}
		return out
	}
	return v
}

func at(t *testing.T, text []byte, pointer string) json.RawMessage {
	t.Helper()
	v, err := decodeLogic(text)
	if err != nil {
		t.Fatal(err)
	}
	for seg := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			break
		}
		switch in := v.(type) {
		case map[string]any:
			v = in[seg]
		case []any:
			var i int
			if _, err := fmt.Sscan(seg, &i); err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return encodeLogic(v)
}

// size counts the leaves and the empty lists and objects of a value, and of a list
// or object itself one.
func size(v any) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += size(e)
		}
	case map[string]any:
		for _, e := range v {
			n += size(e)
		}
	}
	return n
}

func sizeOf(text json.RawMessage) int {
	if text == nil {
		return 0
	}
	v, err := decodeLogic(text)
	if err != nil {
		panic(err)
	}
	return size(v)
}

func removed(changes []LogicChange) (n int) {
	for _, c := range changes {
		n += sizeOf(c.From)
	}
	return n
}

func added(changes []LogicChange) (n int) {
	for _, c := range changes {
		n += sizeOf(c.To)
	}
	return n
}
