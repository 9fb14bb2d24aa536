package command

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"github.com/plumbline-dev/plumbline/client"
)

type thing struct {
	Name string `json:"name"`
	Size string `json:"size"`
}

var thingColumns = []Column[thing]{
	{Head: "NAME", Cell: func(t thing) string { return t.Name }, Wide: true},
	{Head: "SIZE", Cell: func(t thing) string { return t.Size }, Paint: Standing},
}

// broken walks some things, and then fails.
func broken(list ...thing) iter.Seq2[thing, error] {
	return func(yield func(thing, error) bool) {
		for each, err := range Slice(list) {
			if !yield(each, err) {
				return
			}
		}
		yield(thing{}, errors.New("no more"))
	}
}

func TestList(t *testing.T) {
	two := []thing{{"a\tb\x1b[2J", "PASS"}, {"日本 & co", ""}}
	for _, c := range []struct {
		format string
		in     iter.Seq2[thing, error]
		want   string
		fails  bool
	}{
		{"text", Slice(two), "NAME          SIZE\na b\\u001b[2J  PASS\n日本 & co\n", false},
		{"text", Slice[thing](nil), "NAME  SIZE\n", false},
		{"text", broken(), "", true},
		{"json", Slice(two), `[{"name":"a\tb\u001b[2J","size":"PASS"},{"name":"日本 & co","size":""}]` + "\n", false},
		{"json", Slice[thing](nil), "[]\n", false},
		{"json", broken(), "", true},
		{"json", broken(thing{"a", "1"}), `[{"name":"a","size":"1"}`, true},
		{"ndjson", Slice(two), `{"name":"a\tb\u001b[2J","size":"PASS"}` + "\n" + `{"name":"日本 & co","size":""}` + "\n", false},
		{"ndjson", Slice[thing](nil), "", false},
		{"ndjson", broken(thing{"a", "1"}), `{"name":"a","size":"1"}` + "\n", true},
	} {
		var out bytes.Buffer
		err := List(Env{Out: &out}, &Output{c.format}, c.in, thingColumns...)
		if out.String() != c.want || (err != nil) != c.fails {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.format, err, out.String(), c.want)
		}
	}
}

// TestLongList checks that rows are written before the last one is known, and
// stay in columns that a wider row widens.
func TestLongList(t *testing.T) {
	var out bytes.Buffer
	early := 0
	err := List(Env{Out: &out}, &Output{"text"}, func(yield func(thing, error) bool) {
		for i := range batch + 1 {
			if i == batch {
				early = strings.Count(out.String(), "\n")
			}
			yield(thing{strings.Repeat("x", 1+i/batch*9), fmt.Sprint(i)}, nil)
		}
	}, thingColumns...)
	if err != nil || early != batch+1 || !strings.HasSuffix(out.String(), "\nx     499\nxxxxxxxxxx  500\n") {
		t.Errorf("%v, %d lines before the last, %q", err, early, out.String()[len(out.String())-40:])
	}
}

// write writes rows as to a terminal that is so wide.
func write(wide int, rows ...thing) []string {
	var out bytes.Buffer
	tab := newTable(Env{}, &out, thingColumns)
	tab.limit = wide
	for _, r := range rows {
		tab.add(r)
	}
	_ = tab.flush()
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

func TestNarrowTerminal(t *testing.T) {
	for _, line := range write(20, thing{"a name of some length", "1234567"}, thing{"日本語の名前です長い", "1"}, thing{"short", "12"}) {
		if n := uniseg.StringWidth(line); n > 20 {
			t.Errorf("%q is %d wide", line, n)
		}
	}
	if got := write(20, thing{"a name of some length", "1234567"})[1]; got != "a name of …  1234567" {
		t.Errorf("%q", got)
	}
	// No column is cut to nothing.
	if got := write(3, thing{"a name of some length", "1234567"})[1]; got != "a name …  1234567" {
		t.Errorf("%q", got)
	}
}

func TestFields(t *testing.T) {
	var out bytes.Buffer
	if err := Fields(&out, Field{"A", "1"}, Field{"much longer", ""}, Field{"Name", "x"}); err != nil || out.String() != "A     1\nName  x\n" {
		t.Errorf("%v %q", err, out.String())
	}
}

func TestLimited(t *testing.T) {
	asked := 0
	all := func(yield func(thing, error) bool) {
		for asked = 1; asked < 10; asked++ {
			if !yield(thing{}, nil) {
				return
			}
		}
	}
	n := 0
	for _, err := range Limited(&Listing{limit: 2}, all) {
		if n++; err != nil {
			t.Error(err)
		}
	}
	if n != 2 || asked != 2 {
		t.Errorf("%d of %d", n, asked)
	}
	if l := (&Listing{limit: 2, sort: "name"}).List(); l != (client.List{Size: 2, Sort: "name", Ascending: true}) {
		t.Errorf("%+v", l)
	}
	if l := (&Listing{limit: 2000, sort: "createdAt"}).List(); l != (client.List{Size: 500, Sort: "createdAt"}) {
		t.Errorf("%+v", l)
	}
}

func TestWords(t *testing.T) {
	if got := Words([]string{"out-of-scope", "PASS"}); got[0] != "OUT_OF_SCOPE" || got[1] != "PASS" {
		t.Error(got)
	}
	for in, want := range map[string]string{"17": "17", "ada@example.com": "email:ada@example.com", "email:ada@example.com": "email:ada@example.com",
		"ada": "", "0": "", "-1": "", "email:": "", "@": "", "a b@c.d": ""} {
		if got, err := Person(in); got != want || (err == nil) == (want == "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{`"a\nb"`: "a b", "null": "", "": "", "3": "3", `[1, {"a": "b"}]`: `[1,{"a":"b"}]`} {
		if got := Value([]byte(in)); got != want {
			t.Errorf("%s: %q", in, got)
		}
	}
	if string(Clearable("none")) != "null" || string(Clearable(`a"b`)) != `"a\"b"` {
		t.Error(string(Clearable("none")), string(Clearable(`a"b`)))
	}
}
