package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// random makes schemas and records from one small vocabulary, so that they
// often have to do with each other.
type random struct{ *rand.Rand }

func (r random) pick(list ...string) string { return list[r.IntN(len(list))] }

func (r random) chance(percent int) bool { return r.IntN(100) < percent }

func (r random) name() string { return r.pick("a", "b", "c", "id", "é", "n_1") }

func (r random) number() string {
	return r.pick("0", "1", "-1", "2", "5", "1.0", "1.5", "-0.0", "10", "1e1", "100e-2", "9007199254740993", "9007199254740992",
		"0.1", "0.10", "123456789012345678901", "123456789012345678901.5", "1e300", "1e-300", "-2.50")
}

func (r random) text() string {
	return r.pick(`""`, `"a"`, `"ab"`, `"abc"`, `"é"`, `"\u00e9"`, `"a\"b"`, `"😀"`, `"\ud83d\ude00x"`, `"\\d"`, `"12"`, `"a1"`, `"\n"`)
}

func (r random) value(depth int) string {
	switch n := r.IntN(10); {
	case n < 3:
		return r.text()
	case n < 6:
		return r.number()
	case n < 7 || depth == 0:
		return r.pick("true", "false", "null")
	case n < 8:
		var list []string
		for range r.IntN(4) {
			list = append(list, r.value(depth-1))
		}
		return "[" + strings.Join(list, r.pick(",", " , ")) + "]"
	}
	return r.object(depth)
}

func (r random) object(depth int) string {
	var list []string
	seen := map[string]bool{}
	for range r.IntN(5) {
		name := r.name()
		if seen[name] {
			continue
		}
		seen[name] = true
		quoted := `"` + name + `"`
		if name == "é" && r.chance(50) {
			quoted = `"\u00e9"`
		}
		list = append(list, quoted+r.pick(":", " : ")+r.value(depth-1))
	}
	return "{" + strings.Join(list, r.pick(",", ",\n")) + "}"
}

func (r random) schema(depth int, draft string) string {
	if r.chance(5) {
		if draft == "4" {
			return "{}"
		}
		return r.pick("true", "false", "{}")
	}
	if depth > 0 && r.chance(8) {
		null := r.pick(`{"type":"null"}`, r.schema(depth-1, draft))
		return fmt.Sprintf(`{%q:[%s,%s],"description":"d"}`, r.pick("anyOf", "oneOf"), r.schema(depth-1, draft), null)
	}
	var list []string
	add := func(percent int, format string, args ...any) {
		if r.chance(percent) {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	types := []string{"string", "integer", "number", "boolean", "null", "object", "array"}
	if r.chance(50) {
		add(100, `"type":%q`, r.pick(types...))
	} else {
		i := r.IntN(6)
		add(60, `"type":[%q,%q]`, types[i], types[i+1])
	}
	switch r.IntN(4) {
	case 0:
		small := func() int { return r.IntN(4) }
		add(40, `"minLength":%d`, small())
		add(40, `"maxLength":%d`, small())
		add(40, `"pattern":%q`, r.pick("^a", "\\d", "^.{2}$", "é|b"))
	case 1:
		add(40, `"minimum":%s`, r.number())
		add(40, `"maximum":%s`, r.number())
		if draft == "4" {
			if len(list) > 0 && strings.Contains(list[len(list)-1], "maximum") {
				add(30, `"exclusiveMaximum":%s`, r.pick("true", "false"))
			}
		} else {
			add(30, `"exclusiveMinimum":%s`, r.number())
			add(30, `"exclusiveMaximum":%s`, r.number())
		}
	case 2:
		add(30, `"minItems":%d`, r.IntN(3))
		add(30, `"maxItems":%d`, r.IntN(4))
		if depth > 0 {
			add(60, `"items":%s`, r.schema(depth-1, draft))
		}
	case 3:
		add(30, `"minProperties":%d`, r.IntN(3))
		add(30, `"maxProperties":%d`, r.IntN(4))
		if depth > 0 {
			add(70, `"properties":{"a":%s,%q:%s}`, r.schema(depth-1, draft), r.pick("b", "é", "id"), r.schema(depth-1, draft))
			add(30, `"additionalProperties":%s`, r.schema(depth-1, draft))
		}
		add(30, `"required":[%q]`, r.name())
	}
	add(10, `"enum":[%s,%s]`, r.number(), r.text())
	add(5, `"const":%s`, r.value(1))
	add(5, `"format":"email"`)
	add(3, `"uniqueItems":true`)
	if depth > 0 {
		add(4, `"anyOf":[%s,%s]`, r.schema(depth-1, draft), r.schema(depth-1, draft))
		add(3, `"patternProperties":{"^n_":%s}`, r.schema(depth-1, draft))
	}
	add(4, `"$ref":%q`, r.pick("#/properties/name", "#/definitions/d", "#/definitions/d"))
	return "{" + strings.Join(list, ",") + "}"
}

func (r random) document() string {
	draft := r.pick("4", "6", "7", "2019", "2020")
	text := wrap(draft, r.schema(3, draft))
	definition := `{"properties":{"a":{"$ref":"#/definitions/d"},"b":{"type":"integer"}}}`
	if r.chance(50) {
		definition = r.schema(1, draft)
	}
	return strings.Replace(text, `"definitions":{`, `"definitions":{"d":`+definition+`,`, 1)
}

// What the fast accept takes, the library takes; and Check agrees with the
// library alone.
func TestFastImpliesLibrary(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := random{rand.New(rand.NewPCG(seed, 0))}
	compiled, fast, valid := 0, 0, 0
	for range 1500 {
		text := r.document()
		s, err := Compile([]byte(text))
		if err != nil {
			continue // a "d" that refers to itself, or an enum with a value twice
		}
		compiled++
		for range 12 {
			record := `{"name":"x","v":` + r.value(3) + `}`
			if err := strictjson.Check([]byte(record)); err != nil {
				t.Fatal(err)
			}
			faults, err := s.library.check([]byte(record))
			if err != nil {
				t.Fatalf("%s\n%s\n%v", text, record, err)
			}
			isFast := s.Fast([]byte(record))
			if isFast && len(faults) > 0 {
				t.Fatalf("the fast accept takes what the library refuses:\n%s\n%s\n%+v", text, record, faults)
			}
			if (s.Check([]byte(record)) == nil) != (len(faults) == 0) {
				t.Fatalf("Check and the library disagree:\n%s\n%s", text, record)
			}
			if isFast {
				fast++
			}
			if len(faults) == 0 {
				valid++
			}
		}
	}
	if compiled < 700 || fast*100 < valid*60 {
		t.Errorf("%d schemas compiled, %d of %d valid records taken fast: the test has lost its grip", compiled, fast, valid)
	}
}

func FuzzFast(f *testing.F) {
	r := random{rand.New(rand.NewPCG(1, 2))}
	for range 40 {
		f.Add([]byte(r.document()), []byte(`{"name":"x","v":`+r.value(3)+`}`))
	}
	for _, c := range keywordCases(f) {
		draft, _, _ := strings.Cut(c.Drafts, " ")
		for _, value := range slices.Concat(c.Valid, c.Invalid) {
			f.Add([]byte(wrap(draft, string(c.Schema))), []byte(`{"name":"x","v":`+string(value)+`}`))
		}
	}
	f.Fuzz(func(t *testing.T, text, record []byte) {
		s, err := Compile(text)
		if err != nil {
			return
		}
		if !s.Fast(record) || strictjson.Check(record) != nil {
			return
		}
		if faults, err := s.library.check(record); err != nil || len(faults) > 0 {
			t.Fatalf("%s\n%s\n%+v %v", text, record, faults, err)
		}
	})
}

// Valid records of common schemas must not need the library.
func TestFastTakesCommonSchemas(t *testing.T) {
	for _, c := range []struct{ schema, record string }{
		{wrap("7", `{"type":["integer","null"]}`), `{"name":"x","v":null}`},
		{wrap("7", `{"type":"integer"}`), `{"name":"x","v":1.0}`},
		{wrap("7", `{"type":"array","items":{"type":"object","properties":{"a":{"type":"number","minimum":0}},"required":["a"]}}`), `{"v":[{"a":0.5},{"a":1e3}],"name":"x"}`},
		{wrap("2020", `{"enum":["a","b"]}`), ` { "name" : "x\n" , "v" : "b" } `},
		{wrap("2019", `{"$ref":"#/definitions/positive","description":"d"}`), `{"name":"x","v":3}`},
		{wrap("4", `{"type":"string","minLength":1,"maxLength":4,"pattern":"^[a-zé]+$","format":"email"}`), `{"name":"x","v":"éabc"}`},
		{`{"$id":"https://x.example/host.json","type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}`, `{"a":"x"}`},
		{`{"$ref":"#/definitions/node","definitions":{"node":{"type":"object","properties":{"a":{"type":"string"},"next":{"$ref":"#/definitions/node"}}}}}`, `{"a":"x","next":{"a":"y","next":{}}}`},
		// What generators of schemas write for a value that may be null.
		{wrap("2020", `{"anyOf":[{"type":"string","maxLength":3},{"type":"null"}],"title":"t"}`), `{"name":"x","v":null}`},
		{wrap("2020", `{"anyOf":[{"type":"string","maxLength":3},{"type":"integer"},{"type":"null"}]}`), `{"name":"x","v":7}`},
		{wrap("2020", `{"anyOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"type":"null"}]}`), `{"name":"x","v":{"a":"y"}}`},
		{wrap("7", `{"oneOf":[{"type":"array","items":{"type":"string"}},{"type":"boolean"}]}`), `{"name":"x","v":["a"]}`},
		{wrap("7", `{"allOf":[{"$ref":"#/definitions/positive"}],"description":"d"}`), `{"name":"x","v":3}`},
		{`{"type":"object","properties":{"a":{"type":"string"},"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}`, `{"a":"x","next":{"a":"y","next":null}}`},
		// What Python and PHP escape.
		{wrap("7", `{"enum":["Zürich","a/b"]}`), `{"name":"M\u00fcller","v":"Z\u00fcrich"}`},
		{wrap("7", `{"type":"string","pattern":"^https://"}`), `{"name":"x","v":"https:\/\/x.example"}`},
		{`{"type":"object","properties":{"größe":{"type":"integer"},"a":{"type":"string"}},"required":["größe"],"additionalProperties":false}`, `{"gr\u00f6\u00dfe":1,"a":"x"}`},
		{string(smallSchema), string(smallRecord)},
	} {
		s := mustCompile(t, c.schema)
		if !s.Fast([]byte(c.record)) {
			t.Errorf("%.200s\ndoes not take %s", c.schema, c.record)
		}
		if faults, err := s.library.check([]byte(c.record)); err != nil || len(faults) > 0 {
			t.Errorf("%.200s\n%s: %+v %v", c.schema, c.record, faults, err)
		}
	}
	record := []byte(smallRecord)
	s := mustCompile(t, smallSchema)
	if n := testing.AllocsPerRun(100, func() { s.Fast(record) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// The fast accept must not be the slow way: what would cost much is left to the
// library, which counts.
func TestFastIsBounded(t *testing.T) {
	s := mustCompile(t, wrap("7", `{"items":{"pattern":"^[a-z]{1,900}$"}}`))
	if !s.Fast([]byte(`{"v":["abc","def"]}`)) {
		t.Error("a small record is not taken")
	}
	if s.Fast([]byte(`{"v":["` + strings.Repeat(`abc","`, 100_000) + `abc"]}`)) {
		t.Error("a hundred thousand large matches were made")
	}
	branches := strings.Repeat(`{"type":"string","pattern":"^[a-z]{1,900}$"},`, maxBranches-1) + `{"type":"null"}`
	s = mustCompile(t, wrap("7", `{"items":{"anyOf":[`+branches+`]}}`))
	if !s.Fast([]byte(`{"v":["abc",null]}`)) || s.Fast([]byte(`{"v":["`+strings.Repeat(`abc","`, 300)+`abc"]}`)) {
		t.Error("the branches of a union are not counted")
	}
	// A record as deep as the schema is recursive is run through once.
	s = mustCompile(t, `{"type":"object","properties":{"a":{"type":"string"},"n":{"anyOf":[{"$ref":"#"},{"type":"object","required":["b"],"properties":{"n":{"$ref":"#/properties/n"}}}]}}}`)
	if s.Fast([]byte(`{"n":{"n":{}}}`)) {
		t.Error("a union of two objects is taken")
	}
	s = mustCompile(t, wrap("2020", `{"enum":[`+numbered(1000, "%d")+`]}`))
	if s.Fast([]byte(`{"v":999}`)) || s.Check([]byte(`{"v":999}`)) != nil || s.Check([]byte(`{"v":1000}`)) == nil {
		t.Error("an enum of many numbers is the library's")
	}
}

// Comparison of decimals against exact rationals.
func TestDecimalCompare(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := random{rand.New(rand.NewPCG(seed, 3))}
	literals := []string{"0", "-0", "0.0", "1e19", "1844674407370955161", "9999999999999999999", "1e-400", "1e300", "0.00001", "1e00", "1E+2"}
	for range 300 {
		literals = append(literals, fmt.Sprintf("%s%d%se%d", r.pick("", "-"), r.IntN(1000), r.pick("", ".0", ".50", ".000001", ".123456789012"), r.IntN(41)-20))
	}
	for _, a := range literals {
		x, end := scanNumber([]byte(a), 0)
		if end != len(a) || !x.exact {
			t.Fatalf("%s: %+v %d", a, x, end)
		}
		ratA, _ := new(big.Rat).SetString(a)
		if x.integral && !ratA.IsInt() {
			t.Errorf("%s is not integral", a)
		}
		for _, b := range literals {
			y, _ := scanNumber([]byte(b), 0)
			ratB, _ := new(big.Rat).SetString(b)
			if got, want := x.value.compare(y.value), ratA.Cmp(ratB); got != want {
				t.Errorf("compare(%s, %s) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestCharacters(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := random{rand.New(rand.NewPCG(seed, 4))}
	for range 3000 {
		var b strings.Builder
		for range r.IntN(6) {
			text := r.text()
			b.WriteString(text[1 : len(text)-1])
			b.WriteString(r.pick("", `\u0041`, `\uD83D\uDE00`, `\uD7FF`, `\ue000`, `\/`, "\U0010ffff"))
		}
		var decoded string
		if err := json.Unmarshal([]byte(`"`+b.String()+`"`), &decoded); err != nil {
			t.Fatal(err)
		}
		if got, want := characters([]byte(b.String())), len([]rune(decoded)); got != want {
			t.Fatalf("%s: %d characters, want %d", b.String(), got, want)
		}
	}
}

const smallSchema = `{
	"$schema": "http://json-schema.org/draft-07/schema#",
	"type": "object",
	"properties": {
		"id": {"type": "string", "minLength": 1, "maxLength": 64},
		"hostname": {"type": "string"},
		"os": {"type": "string", "enum": ["Debian GNU/Linux 13", "Ubuntu 24.04", "macOS 15"]},
		"encrypted": {"type": "boolean"},
		"agentVersion": {"type": ["string", "null"]},
		"lastSeen": {"type": "string", "format": "date-time"},
		"openPorts": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 65535}},
		"owner": {"type": "object", "properties": {"email": {"type": "string", "format": "email"}, "team": {"type": "string"}}, "required": ["email"]},
		"score": {"type": "number", "minimum": 0}
	},
	"required": ["id", "hostname", "encrypted"]
}`

const smallRecord = `{"id":"host-000001","hostname":"web-000001.example.org","os":"Debian GNU/Linux 13","encrypted":true,"agentVersion":"7.4.1","lastSeen":"2025-07-01T16:45:55.246Z","openPorts":[22,443],"owner":{"email":"u1@example.org","team":"platform"},"score":1.5}`

func BenchmarkFast(b *testing.B) {
	s := mustCompile(b, smallSchema)
	record := []byte(smallRecord)
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		if s.Check(record) != nil {
			b.Fatal("refused")
		}
	}
}

func BenchmarkLibrary(b *testing.B) {
	s := mustCompile(b, smallSchema)
	record := []byte(smallRecord)
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		if faults, err := s.library.check(record); err != nil || len(faults) > 0 {
			b.Fatal("refused")
		}
	}
}

// The library alone, on a record that is decoded already.
func BenchmarkLibraryValidateOnly(b *testing.B) {
	s := mustCompile(b, smallSchema)
	var value any
	d := json.NewDecoder(strings.NewReader(smallRecord))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(smallRecord)))
	b.ReportAllocs()
	for b.Loop() {
		if s.library.root.Validate(value) != nil {
			b.Fatal("refused")
		}
	}
}
