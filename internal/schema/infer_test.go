package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestInferGolden(t *testing.T) {
	samples, err := os.ReadFile("testdata/infer/hosts.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Infer(samples)
	if err != nil {
		t.Fatal(err)
	}
	stats, err := json.MarshalIndent(got.Properties, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{
		"testdata/infer/hosts.schema.json": got.Schema,
		"testdata/infer/hosts.stats.json":  append(stats, '\n'),
	} {
		if *update {
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(content, want) {
			t.Errorf("%s differs (run with -update to accept):\n%s", path, content)
		}
	}
	if got.Samples != 3 {
		t.Errorf("%d samples", got.Samples)
	}
}

func TestInferForms(t *testing.T) {
	one, err := Infer([]byte(` {"a":1,"b":"x"} `))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`[{"a":1,"b":"x"}]`, "{\"a\":1,\"b\":\"x\"}\n{\"b\":\"y\",\"a\":2}\r\n\n", " \n[{\"a\":1,\"b\":\"x\"},{\"a\":5,\"b\":\"\"}]\n", "{\n \"a\":1,\n \"b\":\"x\"\n}\n"} {
		got, err := Infer([]byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if !bytes.Equal(got.Schema, one.Schema) {
			t.Errorf("%q gives another schema:\n%s", text, got.Schema)
		}
	}
	s := mustCompile(t, string(one.Schema))
	if !s.Allows("id") || !s.Requires("a") {
		t.Error("an inferred schema is open and requires what was always there")
	}
	if got := messageOf(t, s, `{"a":"x","id":"i","b":"y"}`); got != `[{"/a":"must be integer"}]` {
		t.Error(got)
	}
}

func TestInferRefuses(t *testing.T) {
	wide := make([]string, maxInferredPlaces+1)
	for i := range wide {
		wide[i] = fmt.Sprintf(`"p%d":1`, i)
	}
	for _, c := range []struct{ text, says string }{
		{``, "empty"},
		{`[]`, "no object"},
		{`7`, "must be an object, but it is a number"},
		{`"x"`, "it is a string"},
		{`[1,2]`, "the element at /0 is a number"},
		{`[{"a":1},[]]`, "the element at /1 is an array"},
		{`[{"a":1},null]`, "the element at /1 is null"},
		{`{}`, "no top-level property"},
		{`{"a":true,"b":{"c":1},"d":null,"e":["x"]}`, "no top-level property"},
		{`{"a":1,"a":2}`, "twice"},
		{`{"a":`, "byte 5"},
		{"{\"a\":1}\n{\"a\":}\n", "Line 2 of the samples"},
		{"{\"a\":1}\n\n7", "Line 3 of the samples must be an object, but it is a number"},
		{`{"a":1} {"a":2}`, "after the end"},
		{"{\n\"a\":1,\n}", "byte 9"},
		{"\xef\xbb\xbf{\"a\":1}", "byte order mark"},
		{"{" + strings.Join(wide, ",") + "}", "different properties"},
		{`{"` + strings.Repeat("n", MaxTextBytes) + `":1}`, "too large"},
	} {
		_, err := Infer([]byte(c.text))
		if fault.CodeOf(err) != fault.CodeInvalidSample || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.60q: got %.300v, want ~%q", c.text, err, c.says)
		}
	}
}

func TestInferTypes(t *testing.T) {
	for _, c := range []struct{ samples, want string }{
		{`[{"v":1},{"v":2}]`, `{"type":"integer"}`},
		{`[{"v":1},{"v":2.0}]`, `{"type":"number"}`},
		{`[{"v":1},{"v":1e2}]`, `{"type":"number"}`},
		{`[{"v":1.5}]`, `{"type":"number"}`},
		{`[{"v":null}]`, `{}`},
		{`[{"v":null},{"v":"x"}]`, `{"type":["string","null"]}`},
		{`[{"v":true},{"v":{}},{"v":[]},{"v":"x"},{"v":3},{"v":null}]`, `{"type":["string","integer","boolean","object","array","null"]}`},
		{`[{"v":[]}]`, `{"type":"array"}`},
		{`[{"v":[1,"x"]},{"v":[null]}]`, `{"type":"array","items":{"type":["string","integer","null"]}}`},
		{`[{"v":[[1],[2.5]]}]`, `{"type":"array","items":{"type":"array","items":{"type":"number"}}}`},
		{`[{"v":[null]}]`, `{"type":"array","items":{}}`},
		{`[{"v":{"a":1}},{"v":{"a":2,"b":3}},{"v":"x"}]`, `{"type":["string","object"],"properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a"]}`},
		{`[{"v":[{"a":1},{"b":1}]}]`, `{"type":"array","items":{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}}}}`},
		{`[{"v":"2025-07-01T16:45:55Z"},{"v":null}]`, `{"type":["string","null"],"format":"date-time"}`},
		{`[{"v":"2025-07-01T16:45:55Z"},{"v":""}]`, `{"type":"string"}`},
		{`[{"v":"2025-07-01"}]`, `{"type":"string"}`},
		{`[{"v":"a@b.example"}]`, `{"type":"string","format":"email"}`},
		{`[{"v":"a@b"}]`, `{"type":"string"}`},
		{`[{"v":"a b@c.example"}]`, `{"type":"string"}`},
		{`[{"v":"https://example.org/?q=1"}]`, `{"type":"string","format":"uri"}`},
		{`[{"v":"example.org/path"}]`, `{"type":"string"}`},
		{`[{"v":"note: text"}]`, `{"type":"string"}`},
		{`[{"v":"7d444840-9dc0-11d1-b245-5ffdce74fad2"}]`, `{"type":"string","format":"uuid"}`},
		{`[{"v":"10.0.0.1"},{"v":"10.0.0.256"}]`, `{"type":"string"}`},
		{`[{"v":"10.0.0.1"}]`, `{"type":"string","format":"ipv4"}`},
		{`[{"v":"::1"}]`, `{"type":"string"}`},
	} {
		got, err := Infer([]byte(strings.ReplaceAll(c.samples, `{"v"`, `{"id":"x","v"`)))
		if err != nil {
			t.Errorf("%s: %v", c.samples, err)
			continue
		}
		var schema struct{ Properties map[string]json.RawMessage }
		if err := json.Unmarshal(got.Schema, &schema); err != nil {
			t.Fatal(err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, schema.Properties["v"]); err != nil {
			t.Fatal(err)
		}
		if compact.String() != c.want {
			t.Errorf("%s: got %s, want %s", c.samples, compact.String(), c.want)
		}
	}
}

func TestInferStats(t *testing.T) {
	got, err := Infer([]byte(`[{"a":"x","n":{"m":[1,null]}},{"a":"x"},{"a":"y","n":null},{"a":"z"},{"a":"` + strings.Repeat("é", 80) + `"}]`))
	if err != nil {
		t.Fatal(err)
	}
	want := []PropertyStats{
		{Path: "/a", Types: []TypeCount{{"string", 5}}, Present: 5, Examples: []string{"x", "y", "z"}},
		{Path: "/n", Types: []TypeCount{{"object", 1}, {"null", 1}}, Present: 2, Nullable: true},
		{Path: "/n/m", Types: []TypeCount{{"array", 1}}, Present: 1},
		{Path: "/n/m/*", Types: []TypeCount{{"integer", 1}, {"null", 1}}, Present: 2, Nullable: true, Examples: []string{"1"}},
	}
	if !reflect.DeepEqual(got.Properties, want) {
		t.Errorf("got %+v", got.Properties)
	}
	long, err := Infer([]byte(`{"a":"` + strings.Repeat("é", 80) + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	if e := long.Properties[0].Examples[0]; len(e) > maxExampleBytes || !strings.HasSuffix(e, "é…") {
		t.Errorf("example of %d bytes: %s", len(e), e)
	}
}

// Every sample satisfies the schema inferred from it, through the fast accept,
// and the same samples give the same schema.
func TestSamplesSatisfyTheirSchema(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := random{rand.New(rand.NewPCG(seed, 5))}
	inferred := 0
	for range 600 {
		var samples []string
		for range 1 + r.IntN(5) {
			samples = append(samples, `{"key":`+r.pick(`"x"`, "1", "null", "2.5")+`,"v":`+r.value(4)+`,"w":`+r.object(3)+`}`)
		}
		text := []byte("[" + strings.Join(samples, ",") + "]")
		got, err := Infer(text)
		if err != nil {
			if !strings.Contains(err.Error(), "no top-level property") {
				t.Fatalf("%s: %v", text, err)
			}
			continue
		}
		inferred++
		again, err := Infer(text)
		if err != nil || !reflect.DeepEqual(got, again) {
			t.Fatalf("%s: two runs differ", text)
		}
		s := mustCompile(t, string(got.Schema))
		for _, sample := range samples {
			faults, err := s.library.check([]byte(sample))
			if err != nil || len(faults) > 0 {
				t.Fatalf("sample %s\nof %s\ndoes not satisfy\n%s\n%+v %v", sample, text, got.Schema, faults, err)
			}
			if !s.Fast([]byte(sample)) && !strings.Contains(sample, `\u00e9"`) {
				t.Fatalf("sample %s\nis not taken fast by\n%s", sample, got.Schema)
			}
		}
	}
	if inferred < 200 {
		t.Errorf("only %d schemas were inferred", inferred)
	}
}

// Samples deeper than what is described are still accepted.
func TestInferDeep(t *testing.T) {
	sample := strings.Repeat(`{"a":[`, 49) + `{"b":1}` + strings.Repeat(`]}`, 49)
	sample = `{"id":"x",` + sample[1:]
	got, err := Infer([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	s := mustCompile(t, string(got.Schema))
	if !s.Fast([]byte(sample)) {
		t.Error("the deep sample is not accepted")
	}
}

func FuzzInfer(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `[{"a":"x"},{"a":null}]`, "{\"a\":1}\n{\"a\":[{}]}", `[[]]`, `{"a":"10.0.0.1","b":{"c":[1,[2]]}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, samples []byte) {
		got, err := Infer(samples)
		if err != nil {
			if fault.CodeOf(err) != fault.CodeInvalidSample {
				t.Fatalf("%q: %v", samples, err)
			}
			return
		}
		s, err := Compile(got.Schema)
		if err != nil {
			t.Fatalf("%q: %v\n%s", samples, err, got.Schema)
		}
		if _, err := eachSample(samples, func(sample []byte) {
			if faults, err := s.library.check(bytes.TrimSpace(sample)); err != nil || len(faults) > 0 {
				t.Fatalf("%q: %+v %v\n%s", sample, faults, err, got.Schema)
			}
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkInfer(b *testing.B) {
	samples := []byte("[" + strings.Repeat(smallRecord+",", 499) + smallRecord + "]")
	b.SetBytes(int64(len(samples)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Infer(samples); err != nil {
			b.Fatal(err)
		}
	}
}
