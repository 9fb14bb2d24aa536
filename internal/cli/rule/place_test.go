package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestLocate(t *testing.T) {
	text := []byte("\n {\"a\": [1,\n  {\"b/~\": \"é\", \"\\u0063\": {}} ],\n\t\"\": null}")
	for _, c := range []struct {
		pointer      string
		line, column int
	}{
		{"", 2, 2},
		{"/a", 2, 8},
		{"/a/0", 2, 9},
		{"/a/1", 3, 3},
		{"/a/1/b~1~0", 3, 11},
		{"/a/1/c", 3, 26},
		{"/", 4, 6},
		// What is not there is where the way ends.
		{"/a/1/x/y", 3, 3},
		{"/a/2", 2, 8},
		{"/a/b", 2, 8},
		{"/a/0/b", 2, 9},
		{"/a/-1", 2, 8},
		{"/x", 2, 2},
	} {
		if line, column := lineOf(text, locate(text, c.pointer)); line != c.line || column != c.column {
			t.Errorf("%q is at %d:%d, want %d:%d", c.pointer, line, column, c.line, c.column)
		}
	}
	for _, broken := range []string{"", " ", "{", "[", `{"a`, `{"a"`, `{"a":`, `[1,`, `[[`, `{"a":{"b":`} {
		_ = locate([]byte(broken), "/a/b/0")
		_ = locate([]byte(broken), "/0/0")
	}
}

// Every value of random JSON is found where it was written.
func TestLocateAgrees(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		var text bytes.Buffer
		places := map[string]int{}
		var write func(pointer string, depth int)
		space := func() { text.WriteString([]string{"", " ", "\n", "\t "}[rnd.IntN(4)]) }
		write = func(pointer string, depth int) {
			space()
			places[pointer] = text.Len()
			n := rnd.IntN(4)
			switch kind := rnd.IntN(5); {
			case depth < 5 && kind == 0:
				text.WriteByte('[')
				for i := range n {
					if i > 0 {
						text.WriteByte(',')
					}
					write(fmt.Sprintf("%s/%d", pointer, i), depth+1)
				}
				space()
				text.WriteByte(']')
			case depth < 5 && kind == 1 || depth == 0:
				text.WriteByte('{')
				for i := range n {
					if i > 0 {
						text.WriteByte(',')
					}
					key := []string{"a", "ü", "x y", "", `q"`, "0"}[rnd.IntN(6)] + strings.Repeat("k", i)
					quoted, _ := json.Marshal(key)
					space()
					text.Write(quoted)
					space()
					text.WriteByte(':')
					write(pointer+"/"+key, depth+1)
				}
				space()
				text.WriteByte('}')
			default:
				text.WriteString([]string{"1", "-2.5e3", `"]}\","`, "true", "null"}[rnd.IntN(5)])
			}
		}
		write("", 0)
		if !json.Valid(text.Bytes()) {
			t.Fatal(text.String())
		}
		for pointer, want := range places {
			if got := locate(text.Bytes(), pointer); got != want {
				t.Fatalf("%q is at %d, want %d, in %s", pointer, got, want, text.String())
			}
		}
	}
}
