package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
)

var isMoment = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

const schemaMessage = `Schema validation failed for data: [{"":`

func failedItem(t *testing.T, s *server) {
	r := s.resource(t)
	g := s.call(t, "POST", r.path+"/records", `{"data":[{"id":"a","email":"a@x"},{"id":"b","n":[1.0, "é"]},{"id":"c","email":"c@x"}]}`).is(200)
	g.has(map[string]any{"0.id": "a", "0.statusCode": 201, "0.error": absent, "1.id": absent, "1.statusCode": 400, "1.createdAt": absent,
		"1.data.id": "b", "1.error.code": 28022, "1.error.error": absent, "2.id": "c", "2.statusCode": 201, "3": absent})
	if m := g.text("1.error.message"); !strings.HasPrefix(m, schemaMessage) || !strings.Contains(m, "email") {
		t.Errorf("message is %q", m)
	}
	if !bytes.Contains(g.body, []byte(`"data":{"id":"b","n":[1.0, "é"]}`)) {
		t.Errorf("the echo is not what was sent: %s", g.body)
	}
	g.headers(map[string]string{"X-Records-Created": "2", "X-Records-Updated": "0", "X-Records-Unchanged": "0", "X-Records-Failed": "1"})
}

func statusOfWrite(t *testing.T, s *server) {
	r := s.resource(t)
	records := r.path + "/records"
	created := s.call(t, "POST", records, `{"data":{"id":"a","email":"1"}}`).is(201).has(map[string]any{"statusCode": 201, "id": "a", "data.email": "1"})
	created.headers(map[string]string{"X-Records-Created": "1", "X-Records-Failed": "0"})
	if at := created.text("createdAt"); !isMoment.MatchString(at) {
		t.Errorf("createdAt is %s", at)
	}
	updated := s.call(t, "POST", records, `{"data":{"id":"a","email":"2"}}`).is(200).has(map[string]any{"statusCode": 200, "createdAt": created.at("createdAt")})
	updated.headers(map[string]string{"X-Records-Updated": "1"})
	s.call(t, "POST", records, `{"data":{"email":"2","id":"a"}}`).is(200).headers(map[string]string{"X-Records-Updated": "0", "X-Records-Unchanged": "1"})
	s.call(t, "POST", records, `{"data":{"id":"bad"}}`).refused(400, 28022, schemaMessage)
	s.call(t, "GET", records+"/bad", "").is(404)
	bulk := s.call(t, "POST", records, `{"data":[{"id":"a","email":"2"},{"id":"a","email":"3"},{"id":"new","email":"4"},{}]}`).is(200)
	bulk.has(map[string]any{"0.statusCode": 200, "1.statusCode": 200, "2.statusCode": 201, "3.statusCode": 400, "1.data.email": 3})
	bulk.headers(map[string]string{"X-Records-Created": "1", "X-Records-Updated": "1", "X-Records-Unchanged": "0", "X-Records-Failed": "1"})
	s.call(t, "GET", records+"/a", "").is(200).has(map[string]any{"attributes.email": 3})
	s.call(t, "POST", records, `{"data":[{}]}`).is(200).headers(map[string]string{"X-Records-Failed": "1"})
	if g := s.call(t, "POST", records, `{"data":[]}`).is(200); string(g.body) != "[]" {
		t.Errorf("the reply to nothing is %s", g.body)
	}
}

func wrapsAndFlattens(t *testing.T, s *server) {
	r := s.resource(t)
	const record = `{"id":"a","email":"1","createdAt":"mine","statusCode":7,"data":{"x":1}}`
	s.call(t, "POST", r.path+"/records", `{"data":`+record+`}`).is(201).
		has(map[string]any{"id": "a", "data.createdAt": "mine", "data.statusCode": 7, "data.data.x": 1, "email": absent})
	v1 := "/public" + r.path + "/records"
	single := s.call(t, "POST", v1, `{"data":`+record+`}`).is(200).has(map[string]any{"id": "a", "email": "1", "statusCode": 7, "data.x": 1})
	if at := single.text("createdAt"); !isMoment.MatchString(at) {
		t.Errorf("createdAt is %s", at)
	}
	if n := bytes.Count(single.body, []byte(`"createdAt"`)); n != 1 {
		t.Errorf("createdAt stands %d times: %s", n, single.body)
	}
	s.call(t, "POST", v1, `{"data":[`+record+`,{"id":"b","email":"2"},{"id":"c"}]}`).is(200).has(map[string]any{"0.statusCode": 200, "0.email": 1,
		"0.data.x": 1, "1.statusCode": 201, "1.email": 2, "1.data": absent, "2.statusCode": 400, "2.id": absent, "2.data.id": "c", "2.error.code": 28022})
}

func postReplaces(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "POST", r.path+"/records", `{"data":{"id":"a","email":"1","mfa":true,"old":1}}`).is(201)
	s.call(t, "POST", r.path+"/records", `{"data":{"id":"a","email":"1"}}`).is(200).has(map[string]any{"data.mfa": absent, "data.old": absent})
	s.call(t, "GET", r.path+"/records/a", "").is(200).has(map[string]any{"attributes.mfa": absent, "attributes.email": 1})
}

func putMerges(t *testing.T, s *server) {
	r := s.resource(t)
	at := r.path + "/records/a"
	s.call(t, "POST", r.path+"/records", `{"data":{"id":"a","email":"1","mfa":true,"n":{"x":1,"y":2}}}`).is(201)
	s.call(t, "PUT", at, `{"data":{"n":{"x":3},"more":null}}`).is(200).has(map[string]any{"id": "a", "attributes.email": 1, "attributes.mfa": true,
		"attributes.n.x": 3, "attributes.n.y": absent, "attributes.more": nil, "sessionId": nil}).headers(map[string]string{"X-Records-Updated": "1"})
	s.call(t, "PUT", at, `{"data":{"id":"a","mfa":false}}`).is(200).has(map[string]any{"attributes.mfa": false})
	s.call(t, "PUT", at, `{"data":{"id":"b"}}`).refused(400, 40001, "/data/id")
	s.call(t, "PUT", at, `{"data":{"email":5}}`).refused(400, 28022, "/email")
	s.call(t, "PUT", at, `{"data":[{"mfa":true}]}`).refused(400, 40001, "one object")
	s.call(t, "PUT", r.path+"/records/none", `{"data":{"mfa":true}}`).is(404)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"attributes.mfa": false, "attributes.email": 1})
}

// Merges of one record wait for each other; none is lost, none refused.
func mergesAtOnce(t *testing.T, s *server) {
	r := s.resource(t)
	const writers = 24
	s.call(t, "POST", r.path+"/records", `{"data":{"id":"a","email":"1"}}`).is(201)
	statuses := make(chan int, writers)
	for i := range writers {
		go func() {
			q := httptest.NewRequest("PUT", "/public/v2"+r.path+"/records/a", strings.NewReader(fmt.Sprintf(`{"data":{"k%d":%d}}`, i, i)))
			q.Header.Set("Authorization", "Bearer "+s.key)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, q)
			statuses <- w.Code
		}()
	}
	for range writers {
		if status := await.Receive(t, "a reply", statuses); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
	}
	want := map[string]any{}
	for i := range writers {
		want[fmt.Sprintf("attributes.k%d", i)] = i
	}
	s.call(t, "GET", r.path+"/records/a", "").is(200).has(want)
}

func recordIDs(t *testing.T, s *server) {
	r := s.resourceOf(t, `{"type":"object","properties":{"email":{"type":"string"}}}`, "email")
	records := r.path + "/records"
	s.call(t, "POST", records, `{"data":{"id":7,"email":"x"}}`).is(201).has(map[string]any{"id": "7", "data.id": 7})
	s.call(t, "POST", records, `{"data":{"id":"7","email":"y"}}`).is(200)
	made := s.call(t, "POST", records, `{"data":{"email":"x"}}`).is(201)
	if id := made.text("id"); len(id) != 36 || id != made.text("data.id") {
		t.Errorf("the made id is %s, in the record %s", id, made.text("data.id"))
	}
	closed := s.resourceOf(t, `{"type":"object","properties":{"email":{"type":"string"}},"additionalProperties":false}`, "email")
	s.call(t, "POST", closed.path+"/records", `{"data":{"email":"x"}}`).is(201).has(map[string]any{"data.id": absent})
	required := s.resourceOf(t, `{"type":"object","properties":{"id":{"type":"string"},"email":{"type":"string"}},"required":["id"]}`, "email")
	s.call(t, "POST", required.path+"/records", `{"data":{"email":"x"}}`).is(201)
	long := strings.Repeat("é", 256)
	for _, id := range []string{"/", "//", "a/", "/a", "a b", "ü/?#%", `q"\`, "..a", "e\u0301", "é", "x:y@z", long} {
		body := fmt.Sprintf(`{"data":{"id":%q,"email":"x"}}`, id)
		s.call(t, "POST", records, body).is(201).has(map[string]any{"id": id})
		at := records + "/" + url.PathEscape(id)
		s.call(t, "GET", at, "").is(200).has(map[string]any{"id": id})
		s.call(t, "PUT", at, `{"data":{"email":"y"}}`).is(200).has(map[string]any{"attributes.id": id})
		s.call(t, "GET", at+"/versions", "").is(200).has(map[string]any{"data.0.attributes.id": id})
		s.call(t, "DELETE", at, "").is(204)
		s.call(t, "GET", at, "").is(404)
	}
	for id, why := range map[string]string{`""`: "empty", `"."`: "`.`", `".."`: "`..`", `"` + long + `a"`: "512", `"a\u0007"`: "control", `"\u0085"`: "control",
		`1.5`: "integer", `1e3`: "integer", `null`: "integer", `true`: "integer", `{}`: "integer"} {
		s.call(t, "POST", records, `{"data":{"id":`+id+`,"email":"x"}}`).refused(400, 40008, why)
	}
}

func listedRecords(t *testing.T, s *server) {
	r := s.resource(t)
	records, session := r.path+"/records", r.path+"/sessions/first-one"
	s.call(t, "POST", records, `{"data":{"id":"live","email":"1"}}`).is(201)
	s.call(t, "POST", session, `{"data":[{"id":"staged","email":"2"}]}`).is(200)
	s.call(t, "GET", records, "").is(200).has(map[string]any{"data.0.id": "live", "data.1": absent, "data.0.sessionId": nil})
	s.call(t, "GET", records+"?sessionId=first-one", "").is(200).has(map[string]any{"data.0.id": "staged", "data.1": absent, "data.0.sessionId": "first-one"})
	s.call(t, "POST", session+"/actions", `{"action":"complete"}`).is(200)
	for _, query := range []string{"", "?sessionId=first-one"} {
		s.call(t, "GET", records+query, "").is(200).has(map[string]any{"data.0.id": "staged", "data.0.sessionId": "first-one", "data.1": absent})
	}
	s.call(t, "GET", records+"?sessionId=unknown", "").is(404)
	s.call(t, "GET", records+"?sessionId=ab", "").refused(400, 40001, "3 to 64")
}

func filteredRecords(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"u1","email":"Ada@example.com","mfa":true},{"id":"u2","email":"bo@example.com","mfa":false,"a]b=c":"x"},
		{"id":"ada-2","email":"c@example.com","mfa":true}]}`).is(200)
	list := r.path + "/records?sortDir=ASC&"
	s.call(t, "GET", list+"q=ADA", "").is(200).has(map[string]any{"data.0.id": "u1", "data.1.id": "ada-2", "data.2": absent, "pagination.cursor": nil, "pagination.totalCount": nil})
	s.call(t, "GET", list+"q=ada&where[mfa]=true&where%5Bemail%5D=c@EXAMPLE.com", "").is(200).has(map[string]any{"data.0.id": "ada-2", "data.1": absent})
	s.call(t, "GET", list+"where[a%5Db%3Dc]=x", "").is(200).has(map[string]any{"data.0.id": "u2", "data.1": absent})
	s.call(t, "GET", list+"where[mfa]=", "").is(200).has(map[string]any{"data.2.id": "ada-2"})
	first := s.call(t, "GET", list+"where[mfa]=true&size=1", "").is(200).has(map[string]any{"data.0.id": "u1", "data.1": absent})
	s.call(t, "GET", list+"where[mfa]=true&size=1&cursor="+first.text("pagination.cursor"), "").is(200).has(map[string]any{"data.0.id": "ada-2"})
	many := ""
	for i := range 11 {
		many += fmt.Sprintf("&where[p%d]=x", i)
	}
	s.call(t, "GET", list+many, "").refused(400, 40001, "at most 10")
	s.call(t, "GET", list+"where[mfa]=%ff", "").refused(400, 40001, "where[mfa]")
	s.call(t, "POST", r.path+"/sessions/first-one", `{"data":[{"id":"staged","email":"2"}]}`).is(200)
	s.call(t, "GET", list+"sessionId=first-one&q=x", "").refused(400, 40001, "sessionId")
}

func sizes(t *testing.T, s *server) {
	r := s.resource(t)
	const limit = 5 << 20
	const head, tail = `{"data":{"id":"a","email":"x","pad":"`, `"}}`
	body := func(size int) string { return head + strings.Repeat("a", size-len(head)-len(tail)) + tail }
	s.call(t, "POST", r.path+"/records", body(limit)).is(201)
	for _, path := range []string{r.path + "/records", r.path + "/sessions/abc", "/custom-connections", "/public" + r.path + "/records"} {
		s.call(t, "POST", path, body(limit+1)).refused(413, 41301, "5242880")
	}
	s.call(t, "PUT", r.path+"/records/a", body(limit+1)).refused(413, 41301, "5242880")
	s.call(t, "POST", r.path+"/records", body(limit+1), func(q *http.Request) { q.ContentLength = -1 }).refused(413, 41301, "5242880")
	pack := with("Content-Encoding", "gzip")
	s.call(t, "POST", r.path+"/records", zipped(t, `{"data":{"id":"z","email":"x"}}`), pack).is(201)
	s.call(t, "POST", r.path+"/records", zipped(t, body(limit+1)), pack).refused(413, 41301, "5242880")
	s.call(t, "POST", r.path+"/records", zipped(t, body(limit)), pack).is(200)
	whole := zipped(t, `{"data":{"id":"z","email":"x"}}`)
	s.call(t, "POST", r.path+"/records", whole[:len(whole)-6], pack).refused(400, 40009, "gzip")
	s.call(t, "POST", r.path+"/records", `{"data":{}}`, pack).refused(400, 40009, "gzip")
	s.call(t, "POST", r.path+"/records", `{"data":{}}`, with("Content-Encoding", "br")).refused(400, 40009, "br")
	s.call(t, "POST", r.path+"/records", whole, with("Content-Encoding", "gzip, gzip")).refused(400, 40009, "gzip")
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func strictJSON(t *testing.T, s *server) {
	r := s.resource(t)
	records := r.path + "/records"
	for name, c := range map[string]struct{ record, where string }{
		"duplicate key":    {`{"email":"x","email":"y"}`, "/data"},
		"invalid UTF-8":    {"{\"email\":\"\xff\"}", "/data"},
		"lone surrogate":   {`{"email":"\ud800"}`, "/data"},
		"NUL":              {`{"email":"\u0000"}`, "/data"},
		"long number":      {`{"email":"x","n":` + strings.Repeat("1", 65) + `}`, "/data/n"},
		"infinite number":  {`{"email":"x","n":1e999}`, "/data/n"},
		"deep nesting":     {`{"email":"x","n":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "/data/n"},
		"trailing comma":   {`{"email":"x",}`, "byte"},
		"no object at all": {`5`, "/data"},
	} {
		t.Run(name, func(t *testing.T) {
			s.call(t, "POST", records, `{"data":`+c.record+`}`).refused(400, 40002, c.where)
			s.call(t, "POST", records, `{"data":[{"id":"good","email":"x"},`+c.record+`]}`).refused(400, 40002, "byte")
		})
	}
	s.call(t, "GET", records+"?includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 0})
	const exact = `{"id":"e","email":"x","n":[9007199254740993,1.0,1e5,-0,0.10000000000000000001,"\u00e9\ud83d\ude00"]}`
	s.call(t, "POST", records, `{"data":`+exact+`}`).is(201)
	if g := s.call(t, "GET", records+"/e", ""); !bytes.Contains(g.body, []byte(exact)) {
		t.Errorf("stored as %s", g.body)
	}
}

func noData(t *testing.T, s *server) {
	r := s.resource(t)
	for _, path := range []string{r.path + "/records", r.path + "/sessions/abc", "/public" + r.path + "/records"} {
		s.call(t, "POST", path, `{}`).refused(400, 40003, "data")
		s.call(t, "POST", path, `{"Data":{}}`).refused(400, 40003, "data")
		s.call(t, "POST", path, `[]`).refused(400, 40002, "")
		s.call(t, "POST", path, ``).refused(400, 40002, "")
		s.call(t, "POST", path, `{"data":null}`).refused(400, 40002, "/data")
	}
	s.call(t, "PUT", r.path+"/records/a", `{}`).refused(400, 40003, "data")
}

func recordAndVersions(t *testing.T, s *server) {
	r := s.resource(t)
	at := r.path + "/records/a"
	for i := range 4 {
		s.call(t, "POST", r.path+"/records", fmt.Sprintf(`{"data":{"id":"a","email":"%d"}}`, i))
	}
	s.call(t, "GET", at, "").is(200).has(map[string]any{"id": "a", "attributes.email": 3})
	page := s.call(t, "GET", at+"/versions?size=2&includeTotalCount=true", "").is(200).
		has(map[string]any{"data.0.attributes.email": 2, "data.1.attributes.email": 1, "data.0.deleted": false, "pagination.totalCount": 3})
	if page.text("data.0.validFrom") != page.text("data.1.validTo") {
		t.Errorf("versions do not meet: %s", page.body)
	}
	s.call(t, "GET", at+"/versions?size=2&cursor="+page.text("pagination.cursor"), "").is(200).
		has(map[string]any{"data.0.attributes.email": 0, "data.1": absent, "pagination.cursor": nil})
	s.call(t, "DELETE", at, "").is(204)
	s.call(t, "GET", at, "").is(404)
	s.call(t, "DELETE", at, "").is(404)
	s.call(t, "GET", at+"/versions", "").is(200).has(map[string]any{"data.0.attributes.email": 3, "data.0.deleted": true})
}

func paging(t *testing.T, s *server) {
	r := s.resource(t)
	records := r.path + "/records"
	for i := range 5 {
		s.call(t, "POST", records, fmt.Sprintf(`{"data":{"id":"r%d","email":"x"}}`, i)).is(201)
	}
	s.call(t, "POST", records, `{"data":{"id":"r1","email":"y"}}`).is(200)
	for query, want := range map[string]string{
		"":                            "r4 r3 r2 r1 r0",
		"sortDir=ASC":                 "r0 r1 r2 r3 r4",
		"sort=createdAt&sortDir=DESC": "r4 r3 r2 r1 r0",
		"sort=updatedAt":              "r1 r4 r3 r2 r0",
		"sort=updatedAt&sortDir=ASC":  "r0 r2 r3 r4 r1",
	} {
		var seen []string
		cursor := "undefined"
		for pages := 0; ; pages++ {
			g := s.call(t, "GET", records+"?size=2&includeTotalCount=true&"+query+"&cursor="+cursor, "").is(200)
			for i := range g.length("data") {
				seen = append(seen, g.text(fmt.Sprintf("data.%d.id", i)))
			}
			total := any(5)
			if pages > 0 {
				total = nil
			}
			g.has(map[string]any{"pagination.totalCount": total})
			if g.at("pagination.cursor") == nil {
				break
			}
			cursor, query = g.text("pagination.cursor"), ""
		}
		if got := strings.Join(seen, " "); got != want {
			t.Errorf("%q gives %s, want %s", query, got, want)
		}
	}
	s.call(t, "GET", records+"?cursor=nonsense", "").refused(400, 40007, "cursor")
	other := s.resource(t)
	postAll(t, s, other, "a", "b")
	cursor := s.call(t, "GET", records+"?size=1", "").is(200).text("pagination.cursor")
	s.call(t, "GET", records+"?size=1&cursor="+cursor, "").is(200)
	for _, path := range []string{other.path + "/records", r.path + "/sessions", "/custom-connections", "/events"} {
		s.call(t, "GET", path+"?cursor="+cursor, "").refused(400, 40007, "cursor")
	}
	s.call(t, "GET", records, "").is(200).has(map[string]any{"pagination.totalCount": nil})
}

func unknownParameters(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "GET", r.path+"/records?limit=1&page=2&foo=bar&expand[]=nonsense&cursor=undefined&cursor2=x", "").is(200)
	s.call(t, "GET", "/custom-connections/"+r.connection+"?expand[]=nonsense&expand[]=customResources", "").is(200).has(map[string]any{"customResources.0.id": r.id})
	s.call(t, "GET", "/custom-connections/"+r.connection+"?expand%5B%5D=customResources&expand%5B%5D=createdByUser", "").is(200).has(map[string]any{"customResources.0.id": r.id})
	s.call(t, "GET", "/custom-connections/"+r.connection, "").is(200).has(map[string]any{"customResources": absent})
	s.call(t, "POST", r.path+"/records?foo=1", `{"data":{"email":"x"},"unknown":1}`).is(201)
}

func badParameters(t *testing.T, s *server) {
	r := s.resource(t)
	for query, why := range map[string]string{
		"size=0": "1 to 500", "size=501": "1 to 500", "size=ten": "1 to 500", "size=1.5": "1 to 500", "size=-1": "1 to 500",
		"size=99999999999999999999": "1 to 500", "sort=name": "createdAt, updatedAt", "sortDir=down": "ASC, DESC", "includeTotalCount=maybe": "true or false",
	} {
		s.call(t, "GET", r.path+"/records?"+query, "").refused(400, 40001, why)
		s.call(t, "GET", "/custom-connections?"+query, "").refused(400, 40001, why)
	}
	s.call(t, "GET", r.path+"/sessions?status=OPEN", "").refused(400, 40001, "IN_PROGRESS")
	s.call(t, "GET", "/events?sort=updatedAt", "").refused(400, 40001, "createdAt")
	s.call(t, "GET", "/workspaces/1/monitoring-tests?checkResultStatus=GREEN", "").refused(400, 40001, "PASSED")
	s.call(t, "GET", "/workspaces/1/monitoring-tests?type=NONE", "").refused(400, 40001, "CUSTOM")
	s.call(t, "GET", "/custom-connections/abc", "").refused(400, 40001, "connectionId")
	s.call(t, "GET", "/custom-connections/+"+r.connection, "").refused(400, 40001, "connectionId")
	// What Python makes of a boolean.
	s.call(t, "GET", r.path+"/records?includeTotalCount=True", "").is(200).has(map[string]any{"pagination.totalCount": 0})
	s.call(t, "GET", r.path+"/records?includeTotalCount=False", "").is(200).has(map[string]any{"pagination.totalCount": nil})
	s.call(t, "GET", "/custom-connections/1.5", "").refused(400, 40001, "connectionId")
	s.call(t, "GET", "/custom-connections/email%3Aa%40b", "").refused(400, 40001, "email:a@b")
	s.call(t, "GET", "/custom-connections/1/resources/x/records", "").refused(400, 40001, "resourceId")
	s.call(t, "GET", "/custom-connections/-1", "").is(404)
	s.call(t, "GET", "/custom-connections/99999999999999999999999", "").is(404)
	s.call(t, "POST", r.path+"/records?wait=forever", `{"data":{"email":"x"}}`).refused(400, 40001, "verdict")
	s.call(t, "POST", r.path+"/records?wait=verdict&waitSeconds=31", `{"data":{"email":"x"}}`).refused(400, 40001, "1 to 30")
}

func unstorableText(t *testing.T, s *server) {
	r := s.resource(t)
	for _, junk := range []string{"%00", "%FF", "a%C3", "%ED%A0%80"} {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			s.call(t, method, r.path+"/records/"+junk, `{"data":{"email":"x"}}`).refused(404, 40401, "")
		}
		s.call(t, "GET", r.path+"/records/"+junk+"/versions", "").refused(404, 40401, "")
		s.call(t, "POST", r.path+"/sessions/"+junk+"/actions", `{"action":"complete"}`).refused(404, 40401, "")
		s.call(t, "GET", "/events/"+junk, "").refused(404, 40401, "")
		s.call(t, "GET", "/events?type="+junk, "").refused(400, 40001, "UTF-8")
		s.call(t, "GET", "/events?category="+junk, "").refused(400, 40001, "UTF-8")
		s.call(t, "GET", r.path+"/records?sessionId=abc"+junk, "").refused(400, 40001, "session id")
		s.call(t, "GET", r.path+"/records?cursor="+junk, "").refused(400, 40007, "cursor")
		s.call(t, "GET", r.path+"/records?junk="+junk, "").is(200)
		s.call(t, "POST", r.path+"/records?junk="+junk, `{"data":{"email":"x"}}`, with("X-Session-Id", "\x00\xff")).is(201)
	}
}

func otherBodies(t *testing.T, s *server) {
	r := s.resource(t)
	const body = `{"data":{"id":"a","email":"x"}}`
	for _, ct := range []string{"application/json; charset=utf-8", "application/json; charset=UTF8", "application/vnd.api+json", "text/plain", "application/x-www-form-urlencoded"} {
		if g := s.call(t, "POST", r.path+"/records", body, with("Content-Type", ct)); g.status > 201 {
			t.Errorf("%s: %s", ct, g.body)
		}
	}
	s.call(t, "POST", r.path+"/records", body, without("Content-Type")).is(200)
	for _, ct := range []string{"multipart/form-data; boundary=x", "application/xml", "nonsense; =", "application/json; charset=latin1"} {
		s.call(t, "POST", r.path+"/records", body, with("Content-Type", ct)).refused(400, 40009, "Content-Type")
	}
}

func postAll(t *testing.T, s *server, r resource, ids ...string) {
	t.Helper()
	rows := make([]string, len(ids))
	for i, id := range ids {
		rows[i] = fmt.Sprintf(`{"id":%q,"email":"x"}`, id)
	}
	s.call(t, "POST", r.path+"/records", `{"data":[`+strings.Join(rows, ",")+`]}`).is(200)
}

const quarter = 15 * time.Minute
