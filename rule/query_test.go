package rule

import (
	"fmt"
	"strings"
	"testing"
)

// ask runs a JSONPath and gives the matches as a JSON array.
func ask(t *testing.T, path, document string) string {
	t.Helper()
	q, err := parseQuery(path)
	if err != nil {
		return "refused"
	}
	var v value
	var arena []byte
	if readValue([]byte(document), 0, &v, &arena) < 0 {
		t.Fatalf("not JSON: %s", document)
	}
	found, ok := q.run(&v, &arena)
	if !ok {
		return "too much"
	}
	out := []byte{'['}
	for i := range found {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendValue(out, &found[i])
	}
	return string(append(out, ']'))
}

// TestQuery holds examples of RFC 9535, sections 1.5 and 2, and our extensions.
func TestQuery(t *testing.T) {
	const store = `{"store":{"book":[{"category":"reference","author":"NR","price":8.95},{"category":"fiction","author":"EW","price":12.99},{"category":"fiction","author":"HM","isbn":"0-553","price":8.99},{"category":"fiction","author":"JT","isbn":"0-395","price":22.99}],"bicycle":{"color":"red","price":399}}}`
	const filters = `{"a":[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}],"o":{"p":1,"q":2,"r":3,"s":5,"t":{"u":6}},"e":"f"}`
	const compare = `[{"obj":{"x":"y"},"arr":[2,3],"n":1}]`
	for _, c := range []struct{ path, document, want string }{
		{"$.store.book[*].author", store, `["NR","EW","HM","JT"]`},
		{"$..author", store, `["NR","EW","HM","JT"]`},
		{"$.store..price", store, `[8.95,12.99,8.99,22.99,399]`},
		{"$..book[2].author", store, `["HM"]`},
		{"$..book[2].publisher", store, `[]`},
		{"$..book[-1].author", store, `["JT"]`},
		{"$..book[0,1].author", store, `["NR","EW"]`},
		{"$..book[:2].author", store, `["NR","EW"]`},
		{"$..book[?@.isbn].author", store, `["HM","JT"]`},
		{"$..book[?(@.price<10)].author", store, `["NR","HM"]`},
		{"$.store.*.color", store, `["red"]`},
		{"$", `5`, `[5]`},

		{"$.o['j j']", `{"o":{"j j":{"k.k":3}}}`, `[{"k.k":3}]`},
		{`$.o["j j"]["k.k"]`, `{"o":{"j j":{"k.k":3}}}`, `[3]`},
		{`$["'"]["@"]`, `{"'":{"@":2}}`, `[2]`},
		{`$['\u00e9\'"\/\n']`, `{"é'\"/\n":1}`, `[1]`},
		{"$.o[*,*]", `{"o":{"a":1,"b":2}}`, `[1,2,1,2]`},
		{"$[*]", `{"a":1,"b":[2]}`, `[1,[2]]`},
		{"$[*]", `{"a":1,"b":2,"a":3}`, `[3,2]`},
		{"$ .a [ 0 ]", `{"a":["x"]}`, `["x"]`},

		{"$[1:3]", `["a","b","c","d","e","f","g"]`, `["b","c"]`},
		{"$[5:]", `["a","b","c","d","e","f","g"]`, `["f","g"]`},
		{"$[1:5:2]", `["a","b","c","d","e","f","g"]`, `["b","d"]`},
		{"$[5:1:-2]", `["a","b","c","d","e","f","g"]`, `["f","d"]`},
		{"$[::-1]", `["a","b","c","d","e","f","g"]`, `["g","f","e","d","c","b","a"]`},
		{"$[::0]", `["a"]`, `[]`},
		{"$[-3:-1]", `[1,2,3,4]`, `[2,3]`},
		{"$[10:0:-9007199254740991]", `[1,2,3]`, `[3]`},
		{"$[0:2]", `{"0":1}`, `[]`},
		{"$[-5]", `[1]`, `[]`},

		{"$.a[?@.b == 'kilo']", filters, `[{"b":"kilo"}]`},
		{"$.a[?(@.b == 'kilo')]", filters, `[{"b":"kilo"}]`},
		{"$.a[?@>3.5]", filters, `[5,4,6]`},
		{"$.a[?@.b]", filters, `[{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}]`},
		{"$[?@.*]", filters, `[[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}],{"p":1,"q":2,"r":3,"s":5,"t":{"u":6}}]`},
		{"$.o[?@<3, ?@<3]", filters, `[1,2,1,2]`},
		{"$.a[?@<2 || @.b == \"k\"]", filters, `[1,{"b":"k"}]`},
		{"$.a[?match(@.b, '[jk]')]", filters, `[{"b":"j"},{"b":"k"}]`},
		{"$.a[?search(@.b, '[jk]')]", filters, `[{"b":"j"},{"b":"k"},{"b":"kilo"}]`},
		{"$.a[?!search(@.b, 'k.*') && @.b]", filters, `[{"b":"j"},{"b":{}}]`},
		{"$.o[?@>1 && @<4]", filters, `[2,3]`},
		{"$.o[?@.u || @.x]", filters, `[{"u":6}]`},
		{"$.a[?@.b == $.x]", filters, `[3,5,1,2,4,6]`},
		{"$.a[?@ == @]", filters, `[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}]`},
		{"$.a[?@.b != 'j' && !(@ < 9)]", filters, `[{"b":"k"},{"b":{}},{"b":"kilo"}]`},

		{"$[?$[0].absent1 == $[0].absent2]", compare, `[{"obj":{"x":"y"},"arr":[2,3],"n":1}]`},
		{"$[?$[0].absent == 'g']", compare, `[]`},
		{"$[?1 <= 2 && 'a' < 'b' && 1 >= 1 && 2 > 1 && 'b' >= 'a']", compare, `[{"obj":{"x":"y"},"arr":[2,3],"n":1}]`},
		{"$[?13 == '13']", compare, `[]`},
		{"$[?@.obj == $[0].obj && @.arr != @.obj && @.arr == @.arr]", compare, `[{"obj":{"x":"y"},"arr":[2,3],"n":1}]`},
		{"$[?@.obj < $[0].obj || true < false || @.n < 'x']", compare, `[]`},
		{"$[?true <= true && null == null && -1.5e0 == -1.5]", compare, `[{"obj":{"x":"y"},"arr":[2,3],"n":1}]`},

		{"$[?length(@) == 2]", `["é😀",[1,2],{"a":1,"b":2},3,"abc"]`, `["é😀",[1,2],{"a":1,"b":2}]`},
		{"$[?count(@.*) > 1]", `[[1,2],{"a":1},5]`, `[[1,2]]`},
		{"$[?value(@..c) == 'red']", `[{"a":{"c":"red"}},{"c":"red","d":{"c":"red"}}]`, `[{"a":{"c":"red"}}]`},
		{"$[?match(@.t, @.p)]", `[{"t":"a\nb","p":"a.b"},{"t":"axb","p":"a.b"},{"t":"a.b","p":"a[.]b"},{"t":"a","p":"("},{"t":1,"p":"1"},{"t":".","p":"\\."}]`, `[{"t":"axb","p":"a.b"},{"t":"a.b","p":"a[.]b"},{"t":".","p":"\\."}]`},

		{"$.length", `[1,2]`, `[2]`},
		{"$[*].length", `["é😀",[1],{"length":"x"},{},3]`, `[3,1,"x"]`},
		{"$.0.a-b", `[{"a-b":1}]`, `[1]`},
		{"$[0]", `{"0":"zero"}`, `["zero"]`},
		{"$['1']", `[0,1]`, `[1]`},

		{"", "", "refused"}, {"$.", "", "refused"}, {"$..", "", "refused"}, {"$[", "", "refused"}, {"$[]", "", "refused"},
		{"$[01]", "", "refused"}, {"$[-0]", "", "refused"}, {"$[9007199254740992]", "", "refused"}, {"$[1:02]", "", "refused"}, {"$[1:2:-0]", "", "refused"},
		{"$['a]", "", "refused"}, {`$['\x']`, "", "refused"}, {`$['\"']`, "", "refused"}, {`$['\ud800']`, "", "refused"}, {"$['\x01']", "", "refused"},
		{"$x", "", "refused"}, {"$.a x", "", "refused"}, {"$[?]", "", "refused"}, {"$[?1]", "", "refused"}, {"$[?'a']", "", "refused"},
		{"$[?@.a==]", "", "refused"}, {"$[?(@.a]", "", "refused"}, {"$[?!@.a==1]", "", "refused"}, {"$[?@.*==1]", "", "refused"}, {"$[?@..a<1]", "", "refused"},
		{"$[?nope(@)]", "", "refused"}, {"$[?nope]", "", "refused"}, {"$[?length(@)]", "", "refused"}, {"$[?match(@,'a')==true]", "", "refused"}, {"$[?count(1)>1]", "", "refused"},
		{"$[?length(@.*)>1]", "", "refused"}, {"$[?length(match(@,'a'))>1]", "", "refused"}, {"$[?match(@)]", "", "refused"}, {"$[?match(@,'a','b')]", "", "refused"}, {"$[?match(@,'(')]", "", "refused"},
		{"$[?@.a && ]", "", "refused"}, {"$[?@.a || ]", "", "refused"}, {"$[?@==-]", "", "refused"}, {"$[?! ]", "", "refused"}, {"$[?length(]", "", "refused"},
		{"$[?search(@,'" + strings.Repeat("a", 1025) + "')]", "", "refused"},
		{"$[?" + strings.Repeat("(", 40) + "@" + strings.Repeat(")", 40) + "]", "", "refused"},
		{"$[?" + strings.Repeat("length(", 40) + "@" + strings.Repeat(")", 40) + "==1]", "", "refused"},
	} {
		if got := ask(t, c.path, c.document); got != c.want {
			t.Errorf("%s on %s\ngot  %s\nwant %s", clip(c.path, 80), clip(c.document, 100), got, c.want)
		}
	}
}

func TestQueryIsBounded(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 400) + strings.Repeat(`]}`, 400)
	if got := ask(t, "$..*..*..*..*", deep); got != "too much" {
		t.Errorf("%d bytes", len(got))
	}
	wide := "[" + strings.Repeat("1,", 200_000) + "1]"
	if got := ask(t, "$["+strings.Repeat("*,", 300)+"*]", wide); got != "too much" {
		t.Errorf("%d bytes", len(got))
	}
	if got := ask(t, "$[?count($..*) > 0]", wide); got != "too much" {
		t.Errorf("%d bytes", len(got))
	}
	record := fmt.Sprintf(`{"a":%s,"key":%s}`, deep, deep)
	c, err := ParseEvaluator([]byte(`{"any":[{"fact":"b","operator":"equal","value":1},{"fact":"a","path":"$..*..*..*","operator":"exists","value":true}]}`))
	if err != nil {
		t.Fatal(err)
	}
	d, err := ParseEvaluator([]byte(`{"any":[{"fact":"b","operator":"notEqual","value":{"fact":"a","path":"$..*..*..*"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compile([]Rule{{Evaluator: c}, {Evaluator: d}, {Unique: "$.key..*..*..*"}})
	if err != nil {
		t.Fatal(err)
	}
	m := p.Machine()
	m.Run([]byte(record), testNow)
	for i, want := range []string{
		"the path `$..*..*..*` of `a` selects too much of this record",
		"the path `$..*..*..*` of `a` selects too much of this record",
		"the path of the unique value selects too much of this record",
	} {
		if m.Outcome(i) != Errored || m.Problem(i) != want {
			t.Errorf("rule %d: %s, %q", i, m.Outcome(i), m.Problem(i))
		}
	}
}

func TestPath(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"a.b", "a b"}, {"a[0].b", "a 0 b"}, {"a[0][1]", "a 0 1"}, {"$.a['b.c']", "a b.c"}, {"a['b']", "a b"}, {"[0].a", "0 a"},
		{"aws:tag", "refused"}, {"a.", "refused"}, {".a", "a"}, {"a..b", "query"}, {"a[*]", "query"}, {"*", "query"}, {"a[", "refused"}, {"a[x]", "refused"}, {"a[0]b", "refused"}, {"a[-1]", "query"},
		{"$", "query"}, {"$[0]", "0"}, {"é.ü", "é ü"}, {"\xff", "refused"}, {strings.Repeat("a", 1025), "refused"}, {"a b", "refused"}, {"$['a b']", "a b"}, {"$[?@.a]", "query"}, {"a^", "refused"},
	} {
		p, problem := parsePath(c.path)
		got := "refused"
		if problem == "" {
			got = "query"
			if p.query == nil {
				var names []string
				for _, s := range p.steps {
					names = append(names, s.name)
				}
				got = strings.Join(names, " ")
			}
		}
		if got != c.want {
			t.Errorf("%q: %s (%s), want %s", clip(c.path, 40), got, problem, c.want)
		}
	}
}
