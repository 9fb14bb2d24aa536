package collect

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// written writes a file into a folder and gives its path.
func written(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const fileRecipe = "collector: file\ninputs: [{name: path}]\nfile: {path: '${path}', format: %s}\n"

func TestFormats(t *testing.T) {
	for name, c := range map[string]struct {
		format, text string
		items        string
		want         []string
		code         string
	}{
		"an array":               {asJSON, "\xEF\xBB\xBF [{\"id\": 12345678901234567890}, {\"id\":1.50}]\n", "", []string{`{"id":12345678901234567890}`, `{"id":1.50}`}, ""},
		"an array, element wise": {asJSON, `[{"id":1},{"id":2}]`, ".", []string{`{"id":1}`, `{"id":2}`}, ""},
		"an object":              {asJSON, `{"id":1}`, "", []string{`{"id":1}`}, ""},
		"items":                  {asJSON, `{"Users":[{"id":1},{"id":2}]}`, ".Users", []string{`{"id":1}`, `{"id":2}`}, ""},
		"no items":               {asJSON, `[]`, "", nil, ""},
		"empty":                  {asJSON, " ", "", nil, CodeBadJSON},
		"a page":                 {asJSON, "<html>", "", nil, CodeNotJSON},
		"cut off":                {asJSON, `[{"id":1},{"id":`, "", []string{`{"id":1}`}, CodeBadJSON},
		"more":                   {asJSON, `[{"id":1}] x`, "", []string{`{"id":1}`}, CodeBadJSON},
		"a large value":          {asJSON, `[{"id":1},"` + strings.Repeat("x", 200_000) + `"]`, "", []string{`{"id":1}`}, CodeTooLarge},
		"lines":                  {asNDJSON, "{\"id\":1}\n\n{\"id\":2}", "", []string{`{"id":1}`, `{"id":2}`}, ""},
		"no lines":               {asNDJSON, "", "", nil, ""},
		"a broken line":          {asNDJSON, "{\"id\":1}\n{\"id\"\n", "", []string{`{"id":1}`}, CodeBadJSON},
		"a large line":           {asNDJSON, "{\"id\":1}\n\"" + strings.Repeat("x", 200_000), "", []string{`{"id":1}`}, CodeTooLarge},
		"a table":                {asCSV, "id, name ,x\r\n1,\"a \"\"b\"\"\nc\",\n2,,y\n", "", []string{`{"id":"1","name":"a \"b\"\nc"}`, `{"id":"2","x":"y"}`}, ""},
		"a table that is zipped": {asCSV, zipped(t, "id\n1\n"), "", []string{`{"id":"1"}`}, ""},
		"a bomb":                 {asNDJSON, zipped(t, strings.Repeat("0", 1_000_000)), "", nil, CodeTooLarge},
		"an empty table":         {asCSV, "", "", nil, CodeBadJSON},
		"two columns":            {asCSV, "a,a\n", "", nil, CodeBadJSON},
		"a row too long":         {asCSV, "a\n1\n1,2\n", "", []string{`{"a":"1"}`}, CodeBadJSON},
		"no Parquet":             {asParquet, "PAR1 and so on PAR1", "", nil, CodeBadJSON},
	} {
		t.Run(name, func(t *testing.T) {
			recipe := fmt.Sprintf(fileRecipe, c.format)
			if c.items != "" {
				recipe += "items: " + strconv.Quote(c.items) + "\n"
			}
			path := written(t, t.TempDir(), "f", c.text)
			o := collected(t, recipe, Run{Inputs: map[string]string{"path": path}, Local: true, Limits: Limits{ReplyBytes: 100_000}})
			same(t, o.records, c.want...)
			if c.code == "" {
				if o.err != nil {
					t.Error(o.err)
				}
				if fetch := o.step(StepFetch); fetch.Counts[CountPages] != 1 || fetch.Counts[CountBytes] < int64(len(c.text)) {
					t.Errorf("%v", fetch.Counts)
				}
			} else if f := o.failure(t); f.Code != c.code || f.step != StepParse {
				t.Errorf("%s in %s: %s", f.Code, f.step, f.Message)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	written(t, dir, "b.ndjson", "{\"id\":3}")
	written(t, dir, "a.ndjson", "{\"id\":1}\n{\"id\":2}\n")
	written(t, dir, "[x].ndjson", "{\"id\":4}")
	recipe := fmt.Sprintf(fileRecipe, asNDJSON)
	o := collected(t, recipe, Run{Inputs: map[string]string{"path": dir + "/[ab].ndjson"}, Local: true})
	same(t, o.records, `{"id":1}`, `{"id":2}`, `{"id":3}`)
	o = collected(t, recipe, Run{Inputs: map[string]string{"path": dir + "/[x].ndjson"}, Local: true})
	same(t, o.records, `{"id":4}`)
	for path, want := range map[string]string{dir + "/c": CodeFileNotFound, dir: CodeFileNotFound, "/dev/zero": CodeFileNotFound, "ftp://x/y": CodeFileNotFound, dir + "/[": CodeFileNotFound} {
		if f := collected(t, recipe, Run{Inputs: map[string]string{"path": path}, Local: true}).failure(t); f.Code != want {
			t.Errorf("%s: %s %s", path, f.Code, f.Message)
		}
	}
	for _, recipe := range []string{recipe, "collector: command\ncommand: {run: [echo]}", "collector: osquery\nosquery: {query: select 1}", "collector: osquery\nosquery: {results: x}",
		"collector: sql\nsql: {driver: sqlite, dsn: x, query: select 1}"} {
		run := Run{}
		if strings.Contains(recipe, "path") {
			run.Inputs = map[string]string{"path": dir + "/a.ndjson"}
		}
		if f := collected(t, recipe, run).failure(t); f.Code != CodeLocalNotAllowed {
			t.Errorf("%s: %s", recipe, f.Code)
		}
	}
}

func TestRemoteFiles(t *testing.T) {
	broken := 1
	s := serve(t, func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/latest":
			http.Redirect(w, q, "/export?x=1", http.StatusFound)
		case "/export":
			if broken > 0 {
				broken--
				w.Header().Set("Retry-After", "3")
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			_, _ = w.Write([]byte("id\n1\n2\n"))
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("id\n1\n"))
		default:
			http.Error(w, "no", http.StatusForbidden)
		}
	})
	recipe := fmt.Sprintf(fileRecipe, asCSV)
	o := collected(t, recipe, Run{Inputs: map[string]string{"path": s.URL + "/latest"}})
	if o.err != nil || fmt.Sprint(o.waits) != "[3s]" {
		t.Error(o.err, o.waits)
	}
	same(t, o.records, `{"id":"1"}`, `{"id":"2"}`)
	for path, want := range map[string]string{"/x": CodeForbidden, "/cut": CodeConnectionRefused} {
		if f := collected(t, recipe, Run{Inputs: map[string]string{"path": s.URL + path}}).failure(t); f.Code != want {
			t.Errorf("%s: %s %s", path, f.Code, f.Message)
		}
	}
	if f := collected(t, recipe, Run{Inputs: map[string]string{"path": "https://192.168.1.1/x"}}).failure(t); f.Code != CodeAddressNotAllowed {
		t.Error(f)
	}
}

func TestParquet(t *testing.T) {
	type nested struct {
		A string  `parquet:"a"`
		L []int64 `parquet:"l,list"`
	}
	type row struct {
		ID   int64            `parquet:"id"`
		None *string          `parquet:"none,optional"`
		At   time.Time        `parquet:"at,timestamp(microsecond)"`
		Day  int32            `parquet:"day,date"`
		OK   bool             `parquet:"ok"`
		F    float32          `parquet:"f"`
		N    nested           `parquet:"n"`
		Raw  []byte           `parquet:"raw"`
		Tags []string         `parquet:"tags,list"`
		Many []nested         `parquet:"many,list"`
		Map  map[string]int32 `parquet:"map"`
		U    [16]byte         `parquet:"u,uuid"`
		JSON []byte           `parquet:"json,json"`
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[row](&b, parquet.Compression(&parquet.Zstd))
	text := "x"
	rows := make([]row, 150)
	for i := range rows {
		rows[i] = row{ID: 1<<60 + int64(i), At: start.Add(1500 * time.Microsecond), Day: 20_000, OK: true, F: 1.25, N: nested{"q", []int64{1, 2}}, Raw: []byte{0, 255}, Tags: []string{"a"},
			Many: []nested{{A: "z"}}, Map: map[string]int32{"k": 1}, U: [16]byte{15: 7}, JSON: []byte(`{"a":1}`)}
	}
	rows[149].None = &text
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := `{"at":"2026-11-21T09:00:00.0015Z","day":"2024-10-04","f":1.25,"id":1152921504606846976,"json":{"a":1},"many":[{"a":"z","l":[]}],"map":{"k":1},"n":{"a":"q","l":[1,2]},` +
		`"none":null,"ok":true,"raw":"AP8=","tags":["a"],"u":"00000000-0000-0000-0000-000000000007"}`
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b.Bytes()) })
	recipe := fmt.Sprintf(fileRecipe, asParquet)
	for _, path := range []string{written(t, t.TempDir(), "f.parquet", b.String()), s.URL + "/f.parquet"} {
		o := collected(t, recipe, Run{Inputs: map[string]string{"path": path}, Local: true})
		if o.err != nil || len(o.records) != 150 {
			t.Fatalf("%v, %d records", o.err, len(o.records))
		}
		if o.records[0] != want || !strings.Contains(o.records[149], `"none":"x"`) {
			t.Errorf("got  %s\nwant %s", o.records[0], want)
		}
	}
	// A file that is broken anywhere is refused, and ends nothing else.
	for i := 4; i < b.Len(); i += 37 {
		bad := bytes.Clone(b.Bytes())
		bad[i] ^= 0xff
		path := written(t, t.TempDir(), "f.parquet", string(bad))
		_ = collected(t, recipe, Run{Inputs: map[string]string{"path": path}, Local: true}).err
	}
}

// The signatures of the examples in Amazon's documentation of Signature Version 4
// for S3.
func TestSignature(t *testing.T) {
	at := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ url, header, want string }{
		{"https://examplebucket.s3.amazonaws.com/test.txt", "bytes=0-9", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
		{"https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J", "", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
	} {
		q, err := http.NewRequest(http.MethodGet, c.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			q.Header.Set("Range", c.header)
		}
		signV4(q, "us-east-1", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", at)
		if got := q.Header.Get("Authorization"); !strings.HasSuffix(got, "Signature="+c.want) {
			t.Errorf("%s: %s", c.url, got)
		}
	}
}

func TestObjects(t *testing.T) {
	all := []string{"logs/", "logs/a b+c.ndjson", "logs/b.ndjson", "logs/c.csv", "other"}
	s := serve(t, func(w http.ResponseWriter, q *http.Request) {
		got := q.Header.Get("Authorization")
		q.Header.Del("Authorization")
		q.URL.Host = q.Host
		signV4(q, "eu-central-1", "me", "secret-key", "", start)
		if q.Header.Get("Authorization") != got {
			http.Error(w, "<Error><Code>SignatureDoesNotMatch</Code></Error>", http.StatusForbidden)
			return
		}
		if q.URL.Path != "/evidence" {
			_, _ = fmt.Fprintf(w, `{"id":%q}`, strings.TrimPrefix(q.URL.Path, "/evidence/"))
			return
		}
		type object struct{ Key string }
		page := struct {
			XMLName               xml.Name `xml:"ListBucketResult"`
			Contents              []object
			IsTruncated           bool
			NextContinuationToken string `xml:",omitempty"`
		}{}
		from := number(q.FormValue("continuation-token"))
		for i, key := range all[from:] {
			if strings.HasPrefix(key, q.FormValue("prefix")) {
				page.Contents = append(page.Contents, object{key})
			}
			if i == 1 && from+2 < len(all) {
				page.IsTruncated, page.NextContinuationToken = true, strconv.Itoa(from+2)
				break
			}
		}
		_ = xml.NewEncoder(w).Encode(page)
	})
	recipe := `
collector: file
inputs: [{name: path}, {name: endpoint}, {name: secret, secret: true}]
file:
  path: ${path}
  format: ndjson
  s3: {endpoint: "${endpoint}", region: eu-central-1, accessKey: me, secretKey: "${secret}"}
`
	inputs := func(path, secret string) Run {
		return Run{Inputs: map[string]string{"path": path, "endpoint": s.URL, "secret": secret}}
	}
	o := collected(t, recipe, inputs("s3://evidence/logs/*.ndjson", "secret-key"))
	same(t, o.records, `{"id":"logs/a b+c.ndjson"}`, `{"id":"logs/b.ndjson"}`)
	o = collected(t, recipe, inputs("s3://evidence/logs/", "secret-key"))
	same(t, o.records, `{"id":"logs/a b+c.ndjson"}`, `{"id":"logs/b.ndjson"}`, `{"id":"logs/c.csv"}`)
	if f := collected(t, recipe, inputs("s3://evidence/none", "secret-key")).failure(t); f.Code != CodeFileNotFound {
		t.Error(f)
	}
	if f := collected(t, recipe, inputs("s3://evidence/logs/", "another-key")).failure(t); f.Code != CodeForbidden {
		t.Error(f)
	}
}
