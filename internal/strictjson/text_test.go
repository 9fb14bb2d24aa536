package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		body    string
		single  bool
		records []string
	}{
		{`{"data":{"a":1}}`, true, []string{`{"a":1}`}},
		{`{"data":[]}`, false, nil},
		{` { "x" : [{"data":3}] , "data" : [ {"a":[{}]} , { } ], "y":{"data":1} } `, false, []string{`{"a":[{}]}`, `{ }`}},
		{`{"\u0064ata":[{"id":9007199254740993}]}`, false, []string{`{"id":9007199254740993}`}},
		{`{"data":{"data":[{"a":1}]}}`, true, []string{`{"data":[{"a":1}]}`}},
	} {
		body := []byte(c.body)
		got, err := Split(body)
		if err != nil {
			t.Errorf("%s: %v", c.body, err)
			continue
		}
		var records []string
		for _, r := range got.Records {
			records = append(records, string(r))
			if at := bytes.Index(body, r); &body[at] != &r[0] {
				t.Errorf("%s: a record is a copy", c.body)
			}
		}
		if got.Single != c.single || !reflect.DeepEqual(records, c.records) {
			t.Errorf("%s: got %v %q", c.body, got.Single, records)
		}
	}
	for _, c := range []struct{ body, pointer, reason string }{
		{`{"data":[{},{},{},7]}`, "/data/3", "an object is expected"},
		{`{"data":[{},[{}]]}`, "/data/1", "an object is expected"},
		{`{"data":"x"}`, "/data", "object or an array"},
		{`{"data":null}`, "/data", "object or an array"},
		{`{"data":}`, "/data", "value is expected"},
		{`{"data":[{"a":1,"a":2}]}`, "/data/0/a", "twice"},
		{`{"data":{"a":"\ud800"}}`, "/data/a", "surrogate"},
		{`{"data":[{}],"data":[]}`, "/data", "twice"},
		{`{"data":[{}],"x":{"y":[1e999]}}`, "/x/y/0", "too large"},
		{`[{"data":[]}]`, "", "the body must be an object"},
		{`"data"`, "", "the body must be an object"},
		{`{"data":[{} {}]}`, "/data", `"]"`},
		{`{"data":[{`, "/data/0", "member name"},
		{`{"data":[`, "/data/0", "ends where"},
		{``, "", "empty"},
	} {
		_, err := Split([]byte(c.body))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Pointer != c.pointer || !strings.Contains(syntax.Reason, c.reason) {
			t.Errorf("%s: got %v, want %q ~%q", c.body, err, c.pointer, c.reason)
		}
		if !IsRefusal(err) {
			t.Errorf("%s: not a refusal", c.body)
		}
	}
	for _, body := range []string{`{}`, `{"x":{"data":[]}}`, `{"Data":[]}`} {
		if _, err := Split([]byte(body)); !errors.Is(err, ErrNoData) || !IsRefusal(err) {
			t.Errorf("%s: got %v, want ErrNoData", body, err)
		}
	}
}

func TestMembers(t *testing.T) {
	object := []byte(` { "a" : 1 , "b\n\u00e9" : [ 1 , {"x":"]}"} ] , "c":"q\"}" , "d":{} } `)
	var got []string
	Members(object, func(k, v []byte) bool {
		got = append(got, string(k)+"="+string(v))
		return true
	})
	want := []string{"a=1", "b\né=[ 1 , {\"x\":\"]}\"} ]", `c="q\"}"`, "d={}"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	count := 0
	Members(object, func(_, _ []byte) bool { count++; return count < 2 })
	if count != 2 {
		t.Errorf("yield was called %d times after it had said stop at 2", count)
	}
	if v, ok := Member(object, "b\né"); !ok || v[0] != '[' {
		t.Errorf("Member: %q %v", v, ok)
	}
	if _, ok := Member(object, "x"); ok {
		t.Error("Member looked below the top level")
	}
	var elements []string
	Elements([]byte(` [ 1 , "a,b" , [2,3] ] `), func(v []byte) bool { elements = append(elements, string(v)); return true })
	if !reflect.DeepEqual(elements, []string{"1", `"a,b"`, "[2,3]"}) {
		t.Errorf("Elements: %q", elements)
	}
	record := []byte(sampleRecord(3))
	if n := testing.AllocsPerRun(100, func() {
		size := 0
		Members(record, func(k, v []byte) bool { size += len(k) + len(v); return true })
		if _, ok := Member(record, "score"); !ok || size == 0 {
			t.Fatal("a member is missing")
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Members, Text and AppendText against encoding/json on random documents.
func TestReadersAgainstEncodingJSON(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	g := generator{rand.New(rand.NewPCG(seed, 1))}
	for range 2000 {
		text := g.text(g.node(4), true)
		if err := Check(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var want any
		decodeNumbers(t, text, &want)
		if got := rebuild(t, bytes.TrimSpace(text)); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: got %#v, want %#v", text, got, want)
		}
		var compact any
		decodeNumbers(t, AppendCompact(nil, text), &compact)
		if !reflect.DeepEqual(compact, want) {
			t.Fatalf("%s: the compact form means something else", text)
		}
		var lib bytes.Buffer
		if err := json.Compact(&lib, text); err != nil || !bytes.Equal(lib.Bytes(), AppendCompact(nil, text)) {
			t.Fatalf("%s: compact form %s", text, AppendCompact(nil, text))
		}
	}
}

func decodeNumbers(t *testing.T, text []byte, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func rebuild(t *testing.T, text []byte) any {
	switch text[0] {
	case '{':
		m := map[string]any{}
		Members(text, func(k, v []byte) bool { m[string(k)] = rebuild(t, v); return true })
		return m
	case '[':
		a := []any{}
		Elements(text, func(v []byte) bool { a = append(a, rebuild(t, v)); return true })
		return a
	case '"':
		s, ok := Text(text)
		if !ok {
			t.Fatalf("%s is not seen as a string", text)
		}
		return s
	case 't', 'f':
		return text[0] == 't'
	case 'n':
		return nil
	}
	return json.Number(text)
}

func TestText(t *testing.T) {
	if _, ok := Text([]byte(`17`)); ok {
		t.Error("a number is not a text")
	}
	if s, ok := Text([]byte(`"\ud83d\ude00\u00e9\/\""`)); !ok || s != `😀é/"` {
		t.Errorf("%q", s)
	}
	if got := string(AppendText(nil, "a\"\\\x01\xff😀")); got != `"a\"\\\u0001�😀"` {
		t.Error(got)
	}
}

func TestSetAndMerge(t *testing.T) {
	for _, c := range []struct{ object, name, value, want string }{
		{`{}`, "id", `"x"`, `{"id":"x"}`},
		{`{"a":1.0}`, "id", `"x"`, `{"a":1.0,"id":"x"}`},
		{`{"a":1,"b":{"id":1},"c":3}`, "b", `9007199254740993`, `{"a":1,"b":9007199254740993,"c":3}`},
		{`{"\u0061":1}`, "a", `2`, `{"a":2}`},
		{`{}`, `q"`, `null`, `{"q\"":null}`},
	} {
		if got := string(Set([]byte(c.object), c.name, []byte(c.value))); got != c.want {
			t.Errorf("Set(%s, %q): %s", c.object, c.name, got)
		}
	}
	for _, c := range []struct{ object, patch, want string }{
		{`{"a":1,"b":2}`, `{}`, `{"a":1,"b":2}`},
		{`{"a":1,"b":{"x":1,"y":2}}`, `{"c":3,"b":{"x":5}}`, `{"a":1,"b":{"x":5},"c":3}`},
		{`{"a":1}`, `{"a":null}`, `{"a":null}`},
		{`{}`, `{"z":1,"a":2}`, `{"z":1,"a":2}`},
	} {
		object := []byte(c.object)
		if got := string(Merge(object, []byte(c.patch))); got != c.want {
			t.Errorf("Merge(%s, %s): %s", c.object, c.patch, got)
		}
		if string(object) != c.object {
			t.Error("Merge wrote into its argument")
		}
	}
}

func TestFingerprint(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	g := generator{rand.New(rand.NewPCG(seed, 2))}
	byPrint := map[[16]byte]any{}
	for range 3000 {
		n := g.node(4)
		a, b := g.text(n, false), g.text(n, true)
		if Fingerprint(a) != Fingerprint(b) {
			t.Fatalf("the same value, two fingerprints:\n%s\n%s", a, b)
		}
		// Numbers decode as literals, so equal values are equal documents.
		var value any
		decodeNumbers(t, a, &value)
		if other, ok := byPrint[Fingerprint(a)]; ok && !reflect.DeepEqual(other, value) {
			t.Fatalf("two values, one fingerprint:\n%#v\n%#v", other, value)
		}
		byPrint[Fingerprint(a)] = value
		if at := g.mutate(n); at != nil {
			if changed := g.text(n, true); Fingerprint(changed) == Fingerprint(a) {
				t.Fatalf("a change was not seen:\n%s\n%s", a, changed)
			}
		}
	}
}

// mutate changes one leaf of the document; nil if there is none.
func (g generator) mutate(n *node) *node {
	if n.kind == '"' {
		n.text += "!"
		return n
	}
	if n.kind == 'x' {
		n.text = map[bool]string{true: "77", false: "78"}[n.text != "77"]
		return n
	}
	if len(n.members) == 0 {
		return nil
	}
	return g.mutate(n.members[g.IntN(len(n.members))])
}

func TestFingerprintDistinguishes(t *testing.T) {
	for _, c := range [][2]string{
		{`1`, `1.0`}, {`1`, `"1"`}, {`null`, `"null"`}, {`{}`, `[]`}, {`[1,2]`, `[2,1]`}, {`[[1],2]`, `[[1,2]]`},
		{`{"a":{"b":1},"c":1}`, `{"a":{"b":1,"c":1}}`}, {`{"a":"b\",\"c"}`, `{"a":"b","c":1}`}, {`"\\u0041"`, `"\u0041"`},
	} {
		if Fingerprint([]byte(c[0])) == Fingerprint([]byte(c[1])) {
			t.Errorf("%s and %s have one fingerprint", c[0], c[1])
		}
	}
	deep := strings.Repeat(`{"b":1,"a":`, 100) + "1" + strings.Repeat("}", 100)
	sorted := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat(`,"b":1}`, 100)
	if Fingerprint([]byte(deep)) != Fingerprint([]byte(sorted)) {
		t.Error("deep members are not put in order")
	}
	record := []byte(sampleRecord(3))
	if n := testing.AllocsPerRun(200, func() { Fingerprint(record) }); n >= 1 && !raceDetector {
		t.Errorf("%v allocations", n)
	}
}

func TestDecode(t *testing.T) {
	type owner struct {
		Email string `json:"email"`
		Level int8   `json:"level"`
	}
	type body struct {
		Name   string            `json:"name"`
		Ports  []int             `json:"ports"`
		Owner  *owner            `json:"owner"`
		Owners []owner           `json:"owners"`
		Tags   map[string]bool   `json:"tags"`
		Score  float64           `json:"score"`
		Any    any               `json:"any"`
		When   time.Time         `json:"when"`
		Raw    json.RawMessage   `json:"raw"`
		Texts  map[string]string `json:"texts"`
	}
	var got body
	err := Decode([]byte(`{"name":"x","ports":[1,2],"owner":{"email":"e"},"unknown":[{}],"any":9007199254740993,"raw":1.0}`), &got)
	if err != nil || got.Name != "x" || got.Owner.Email != "e" || got.Any != json.Number("9007199254740993") || string(got.Raw) != "1.0" {
		t.Fatalf("%+v %v", got, err)
	}
	for _, c := range []struct{ text, pointer, reason string }{
		{`{"name":7}`, "/name", "a string is expected"},
		{`{ "ports" : [ 1, "x" ] }`, "/ports/1", "an integer"},
		{`{"ports":{"a":1}}`, "/ports", "an array is expected"},
		{`{"ports":[1.5]}`, "/ports/0", "an integer"},
		{`{"owner":[]}`, "/owner", "an object is expected"},
		{`{"owner":{"level":300}}`, "/owner/level", "an integer in range"},
		{`{"owners":[{},{"email":{}}]}`, "/owners/1/email", "a string is expected"},
		{`{"a.b":1,"tags":{"a.b/c":1}}`, "/tags/a.b~1c", "true or false is expected"},
		{`{"score":"1"}`, "/score", "a number is expected"},
		{`{"when":"yesterday"}`, "", "parsing time"},
		{`{"name":"x","name":"y"}`, "/name", "twice"},
		{`[]`, "", "an object is expected"},
		{`{"texts":{"k":null,"l":[]}}`, "/texts/l", "a string is expected"},
		{`null`, "", "an object is expected"},
		{`{"name":"x","Name":"y"}`, "/Name", `is "name" meant?`},
		{`{"NAME":"y"}`, "/NAME", `is "name" meant?`},
		{`{"port\u017f":[1]}`, "/portſ", `is "ports" meant?`},
		{`{"owner":{"eMail":"e"}}`, "/owner/eMail", `is "email" meant?`},
		{`{"owners":[{},{"LEVEL":1}]}`, "/owners/1/LEVEL", `is "level" meant?`},
	} {
		err := Decode([]byte(c.text), new(body))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Pointer != c.pointer || !strings.Contains(syntax.Reason, c.reason) {
			t.Errorf("%s: got %v, want %q ~%q", c.text, err, c.pointer, c.reason)
		}
	}
	// What is no property of ours may be written in any way.
	for _, text := range []string{`{"Unknown":1,"unknown":2}`, `{"raw":{"Name":1,"name":2}}`, `{"tags":{"Name":true,"name":false}}`, `{"n\u0061me":"x"}`, `{"owner":null,"owners":[null]}`} {
		if err := Decode([]byte(text), new(body)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, c := range []struct{ text, pointer, reason string }{
		{`{"name":"x","mail":1}`, "/mail", "is no property here; there is any, name, owner, owners, ports, raw, score, tags, texts, when"},
		{`{"owner":{"emails":1}}`, "/owner/emails", `is no property here; is "email" meant?`},
		{`{"owners":[{"levle":1}]}`, "/owners/0/levle", `is "level" meant?`},
		{`{"NAME":1}`, "/NAME", `is "name" meant?`},
		{`{"` + strings.Repeat("x", 300) + `":1}`, "/", "is no property here; there is"},
	} {
		err := DecodeKnown([]byte(c.text), new(body))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.HasPrefix(syntax.Pointer, c.pointer) || !strings.Contains(syntax.Reason, c.reason) || len(err.Error()) > 1000 {
			t.Errorf("%s: got %v, want %q ~%q", c.text, err, c.pointer, c.reason)
		}
	}
	if err := DecodeKnown([]byte(`{"name":"x","tags":{"k":true},"raw":{"k":1},"owners":[{"level":1}]}`), new(body)); err != nil {
		t.Error(err)
	}
	if err := Decode([]byte(`{}`), body{}); err == nil {
		t.Error("a target that is no pointer was taken")
	}
}

func BenchmarkCheck(b *testing.B) {
	text := []byte(sampleRecord(1))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Check(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSplit(b *testing.B) {
	records := make([]string, 500)
	for i := range records {
		records[i] = sampleRecord(i)
	}
	body := fmt.Appendf(nil, `{"data":[%s]}`, strings.Join(records, ","))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if e, err := Split(body); err != nil || len(e.Records) != 500 {
			b.Fatal(err)
		}
	}
}

func BenchmarkFingerprint(b *testing.B) {
	text := []byte(sampleRecord(1))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Fingerprint(text)
	}
}

func BenchmarkMember(b *testing.B) {
	text := []byte(sampleRecord(1))
	b.ReportAllocs()
	for b.Loop() {
		Member(text, "score")
	}
}
