package httpapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// listed is a request that a list answered, and how long the answer was.
type listed struct {
	path   string
	length int
}

// noteList keeps requests to lists for [server.everyListAsFile].
func (s *server) noteList(method, path string, g got) {
	bare, query, _ := strings.Cut(path, "?")
	if method != http.MethodGet || g.status != http.StatusOK || strings.Contains(query, "cursor=") || strings.Contains(query, "format=") {
		return
	}
	if d := find(ours(), method, bare); d != nil && isList(d) {
		s.lists[d.path] = append(s.lists[d.path], listed{path, len(g.body)})
	}
}

func takes(d *documented, parameter string) bool {
	return slices.ContainsFunc(list(d.operation["parameters"]), func(p any) bool { return object(p)["name"] == parameter })
}

func isList(d *documented) bool {
	of := d.schemas[http.StatusOK]
	for of != nil && of.Ref != nil {
		of = of.Ref
	}
	return takes(d, "cursor") && of != nil && of.Properties["pagination"] != nil
}

// everyListAsFile asks for what the cases saw of each list, by pages and as a
// file of each form: all must say the same.
func (s *server) everyListAsFile(t *testing.T) {
	for _, d := range ours() {
		if !isList(d) {
			continue
		}
		if !takes(d, "format") {
			t.Errorf("%s cannot be had as a file", d.path)
		}
		asked, filled, left := s.lists[d.path], false, 3
		slices.SortStableFunc(asked, func(a, b listed) int { return b.length - a.length })
		for i, l := range asked {
			if left == 0 || i > 0 && asked[i-1].path == l.path {
				continue
			}
			pages, status := s.byPages(t, ofSize(l.path, 100))
			if status != http.StatusOK {
				continue // removed by a later case
			}
			left, filled = left-1, filled || len(pages) > 0
			s.sameAsFile(t, l.path, pages)
		}
		if !filled {
			t.Errorf("no case left objects in the list %s", d.path)
		}
	}
}

// ofSize asks for pages of another size: what a list holds is the same, and a
// thousand pages of one object take long.
func ofSize(path string, size int) string {
	bare, query, _ := strings.Cut(path, "?")
	parameters := slices.DeleteFunc(strings.Split(query, "&"), func(p string) bool { return p == "" || strings.HasPrefix(p, "size=") })
	return bare + "?" + strings.Join(append(parameters, fmt.Sprint("size=", size)), "&")
}

func further(path string) string {
	if strings.Contains(path, "?") {
		return path + "&"
	}
	return path + "?"
}

// byPages reads a list to its end.
func (s *server) byPages(t *testing.T, path string) (objects []any, status int) {
	t.Helper()
	for cursor := ""; ; {
		g := s.call(t, "GET", further(path)+cursor, "")
		if g.status != http.StatusOK {
			return nil, g.status
		}
		objects = append(objects, list(g.at("data"))...)
		if g.at("pagination.cursor") == nil {
			return objects, g.status
		}
		cursor = "cursor=" + g.text("pagination.cursor")
	}
}

func (s *server) file(t *testing.T, path, format string) got {
	t.Helper()
	return s.call(t, "GET", further(path)+"format="+format, "")
}

// sameAsFile demands that the files of a list hold just these objects.
func (s *server) sameAsFile(t *testing.T, path string, want []any) {
	t.Helper()
	if want == nil {
		want = []any{}
	}
	long := s.file(t, path, "json").is(200).has(map[string]any{"pagination.cursor": nil, "pagination.totalCount": len(want)})
	if got := long.at("data"); !reflect.DeepEqual(got, want) {
		t.Errorf("%s as json is %s, want %s", path, plain(got), plain(want))
	}
	got := []any{}
	for line := range bytes.Lines(s.file(t, path, "ndjson").is(200).headers(map[string]string{"Content-Type": "application/x-ndjson"}).body) {
		v, err := parse(line)
		if err != nil {
			t.Fatalf("%s: %v in %s", path, err, line)
		}
		got = append(got, v)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s as ndjson is %s, want %s", path, plain(got), plain(want))
	}
	rows := table(t, s.file(t, path, "csv").is(200).headers(map[string]string{"Content-Type": "text/csv; charset=utf-8"}).body)
	if len(rows) != len(want)+1 {
		t.Fatalf("%s as csv has %d rows for %d objects", path, len(rows), len(want))
	}
	for i, row := range rows[1:] {
		if back := fromRow(t, rows[0], row); !reflect.DeepEqual(back, bare(want[i])) {
			t.Errorf("%s as csv: row %d says %s, the list %s", path, i+1, plain(back), plain(bare(want[i])))
		}
	}
}

func plain(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

const oddSchema = `{"type":"object","required":["email"],"properties":{"id":{"type":"string"},"email":{"type":"string"},"n":{},"mfa":{"type":"boolean"},
	"a.b":{},"=cmd()":{"type":"string"},"_other":{},"":{"type":"string"},"say \"so\"":{},"list":{"type":"array"},
	"home":{"type":["object","null"],"properties":{"city":{"type":"string"},"at":{"type":"object","properties":{"lat":{"type":"number"},"_other":{}}}}}}}`

// Whole lists come as files, whatever is in them.
func exportsCase(t *testing.T, s *server) {
	r := s.resourceOf(t, oddSchema, "email")
	records := []string{
		`{"id":"1","email":"=HYPERLINK(\"http://x\",\"y\")","n":-5,"mfa":true,"list":[1,{"a":"=1"}]}`,
		`{"id":"2","email":"'=1","n":"-5","home":{"city":"+Ulm","at":{"lat":-1.50,"_other":"@x"},"zip":7},"new":{"a":[]}}`,
		`{"id":"3","email":"a,\"b\"\r\nc","n":12345678901234567890123,"a.b":1,"=cmd()":"\tx","_other":{"y":"z"},"":"void","say \"so\"":"so"}`,
		`{"id":"4","email":"''-x","n":{"deep":{"deeper":null,"d":1e300}},"home":null,"ünï":"日本 \u2028 😀"}`,
		`{"id":"5/../=x","email":"\r","n":[],"home":{}}`,
		`{"id":"6","email":"'plain","n":""}`,
	}
	const odd = 6
	for _, each := range records {
		s.call(t, "POST", r.path+"/records", `{"data":`+each+`}`).is(201)
		s.clock.advance(1e6)
	}
	for i := range 520 {
		records = append(records, fmt.Sprintf(`{"id":"x%d","email":"%d"}`, i, i%3))
	}
	s.call(t, "POST", r.path+"/records", `{"data":[`+strings.Join(records[odd:], ",")+`]}`).is(200)
	for _, query := range []string{"", "?sort=updatedAt&sortDir=ASC&size=500", "?sortDir=ASC&includeTotalCount=true&expand[]=nothing"} {
		pages, _ := s.byPages(t, r.path+"/records"+query)
		if len(pages) != len(records) {
			t.Fatalf("%d records", len(pages))
		}
		s.sameAsFile(t, r.path+"/records"+query, pages)
	}

	g := s.file(t, r.path+"/records?sortDir=ASC", "csv").is(200)
	head, _, _ := bytes.Cut(g.body, []byte("\r\n"))
	const want = `id,sessionId,createdAt,updatedAt,attributes.id,attributes.email,attributes.n,attributes.mfa,"attributes[""a.b""]",attributes.=cmd(),` +
		`"attributes[""_other""]","attributes[""""]","attributes[""say \""so\""""]",attributes.list,attributes.home.city,attributes.home.at.lat,"attributes.home.at[""_other""]",attributes._other`
	if string(head) != want {
		t.Errorf("the columns are\n%s, want\n%s", head, want)
	}
	rows := table(t, g.body)
	for row, cells := range map[int]map[int]string{
		1: {5: `'=HYPERLINK("http://x","y")`, 6: "-5", 13: `[1,{"a":"=1"}]`, 7: "true", 17: ""},
		2: {5: `''=1`, 6: "'-5", 14: "'+Ulm", 15: "-1.50", 16: "'@x", 17: `{"home":{"zip":7},"new":{"a":[]}}`},
		3: {6: "12345678901234567890123", 8: "1", 9: "'\tx", 10: `{"y":"z"}`, 11: "void"},
		4: {5: `'''-x`, 6: `{"deep":{"deeper":null,"d":1e300}}`},
		5: {0: "5/../=x", 5: "'\r"},
		6: {5: "'plain"},
	} {
		for i, cell := range cells {
			if rows[row][i] != cell {
				t.Errorf("row %d: %s is %q, want %q", row, rows[0][i], rows[row][i], cell)
			}
		}
	}
	day := s.clock.Now().Format("2006-01-02")
	g.headers(map[string]string{"Content-Disposition": "attachment; filename=resources-" + r.id + "-records-" + day + ".csv", "Cache-Control": "no-store"})
	s.call(t, "PUT", r.path+"/records/5%2F..%2F=x", `{"data":{"email":"other"}}`).is(200)
	s.file(t, r.path+"/records/5%2F..%2F=x/versions", "json").is(200).has(map[string]any{"data.0.attributes.email": "\r", "data.1": absent}).
		headers(map[string]string{"Content-Disposition": "attachment; filename=records-5-2f-2f-x-versions-" + day + ".json"})
	if g := s.file(t, r.path+"/sessions", "ndjson").is(200); len(g.body) != 0 {
		t.Errorf("an empty list is %q", g.body)
	}

	// Lists whose other cases leave nothing behind.
	_, test := s.excluding(t)
	s.exclude(t, test, `"targetId":"1"`, 2)
	id, requirements := s.framework(t, "A", "B")
	control, _ := s.control(t, fmt.Sprintf(`,"requirementIds":[%s],"ownersIds":[%d]`, requirements[0], s.user(t).ID))
	for _, path := range []string{"/workspaces/1/exclusions", "/framework-requirements?frameworkId=" + id + "&workspaceId=1",
		frameworks + "/" + id + "/requirements/" + requirements[0] + "/controls", controls + "/" + control + "/owners"} {
		if s.call(t, "GET", path, "").is(200).length("data") == 0 {
			t.Errorf("nothing in %s", path)
		}
	}

	// What the list refuses, its file refuses in the same words.
	s.file(t, r.path+"/records", "xml").refused(400, 40001, "csv, ndjson, json")
	s.file(t, r.path+"/records?sort=size", "csv").refused(400, 40001, "createdAt")
	s.file(t, r.path+"/records?cursor=x", "csv").refused(400, 40001, "`cursor`")
	s.file(t, "/custom-connections/"+r.connection+"/resources/999999/records", "csv").is(404)
	limited := s.newKey(access.EventsGet)
	s.call(t, "GET", r.path+"/records?format=csv", "", as(limited)).is(403)
	s.call(t, "GET", "/events?format=csv", "", as(limited)).is(200)
	for _, format := range []string{"csv", "ndjson", "json"} {
		whole := s.file(t, r.path+"/records", format).is(200)
		g := s.call(t, "HEAD", r.path+"/records?format="+format, "").is(200).headers(map[string]string{
			"Content-Type": whole.header.Get("Content-Type"), "Content-Disposition": whole.header.Get("Content-Disposition")})
		if len(g.body) != 0 {
			t.Errorf("HEAD has a body: %s", g.body)
		}
	}
	s.call(t, "HEAD", "/custom-connections/"+r.connection+"/resources/999999/records?format=csv", "").is(404)
	// A parameter of that name means nothing where there is no list.
	s.call(t, "GET", r.path+"?format=csv", "").is(200).has(map[string]any{"id": r.id})
}

// spied has something done before each piece of a reply is written.
type spied struct {
	http.ResponseWriter
	each func()
}

func (w spied) Write(b []byte) (int, error) {
	w.each()
	return w.ResponseWriter.Write(b)
}

// What stays as it is is in a file once, whatever changes meanwhile; a list that
// ends in the middle breaks the connection off.
func TestFilesOfManyRecords(t *testing.T) {
	for _, d := range []dialect{sqlite, postgres} {
		t.Run(string(d), func(t *testing.T) { filesOfManyRecords(t, d) })
	}
}

func filesOfManyRecords(t *testing.T, d dialect) {
	const each = 5000
	records := 100_000
	if testing.Short() {
		records = 10_000 // under the race detector
	}
	s := newServer(t, d)
	r := s.resource(t)
	push := func(first int, email string, step int) {
		list := make([]string, 0, each)
		for i := first; i < first+each; i += step {
			list = append(list, fmt.Sprintf(`{"id":"%d","email":%q}`, i, email))
		}
		s.call(t, "POST", r.path+"/records", `{"data":[`+strings.Join(list, ",")+`]}`).is(200)
	}
	for first := 0; first < records; first += each {
		push(first, "as it was", 1)
	}
	at, pieces := 0, 0
	change := func() {
		if pieces++; pieces%10 != 1 {
			return
		}
		push(at, fmt.Sprint("changed ", pieces), 10)
		s.call(t, "DELETE", fmt.Sprintf("%s/records/%d", r.path, (at+each/2)%records), "")
		at = (at + each) % records
	}
	for _, query := range []string{"sortDir=ASC", "sort=updatedAt"} {
		w := httptest.NewRecorder()
		s.into(t, spied{w, change}, r.path+"/records?format=csv&"+query)
		times := map[string]int{}
		for _, row := range table(t, w.Body.Bytes())[1:] {
			times[row[0]]++
		}
		for i := range records {
			// Every tenth is changed or deleted now and then.
			if n := times[fmt.Sprint(i)]; i%10 != 0 && n != 1 {
				t.Fatalf("%s: record %d is in the file %d times", query, i, n)
			}
		}
	}
	if pieces < 10 {
		t.Errorf("the files came in %d pieces: nothing was changed meanwhile", pieces)
	}
	w := &sink{step: 1 << 20}
	before := heap()
	if s.download(r.path+"/records?format=json", w) || w.status != http.StatusOK {
		t.Fatalf("status %d, %d bytes", w.status, w.bytes)
	}
	const most = 12 << 20
	if used := int64(w.most) - int64(before); w.most == 0 || used > most {
		t.Errorf("%d bytes were in use at a time for a file of %d, want at most %d", used, w.bytes, most)
	}
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("a list that ended in the middle was not broken off: %v", err)
		}
	}()
	s.into(t, spied{httptest.NewRecorder(), func() { s.call(t, "DELETE", "/custom-connections/"+r.connection, "") }}, r.path+"/records?format=ndjson")
}

// into has the handler answer a request into w.
func (s *server) into(t *testing.T, w http.ResponseWriter, path string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/public/v2"+path, nil)
	r.Header.Set("Authorization", "Bearer "+s.key)
	s.handler.ServeHTTP(w, r)
}
