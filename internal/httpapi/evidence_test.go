package httpapi_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/pdf/pdftest"
)

// auditedHashes are the hashes of the records of an evidence file by resource, as
// docs/tests.md tells an auditor to reckon them.
func auditedHashes(t *testing.T, file []byte) map[string]string {
	t.Helper()
	sums := map[string]hash.Hash{}
	for line := range bytes.Lines(file) {
		line = bytes.TrimRight(line, ",\n")
		if !bytes.HasPrefix(line, []byte(`{"resourceId":`)) {
			continue
		}
		var r struct {
			ResourceID json.Number
			RecordID   string
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		_, data, _ := bytes.Cut(line[:len(line)-1], []byte(`,"data":`))
		if sums[r.ResourceID.String()] == nil {
			sums[r.ResourceID.String()] = sha256.New()
		}
		sum := sha256.Sum256([]byte(r.RecordID + "\n" + string(data)))
		sums[r.ResourceID.String()].Write(sum[:])
	}
	out := map[string]string{}
	for id, h := range sums {
		out[id] = hex.EncodeToString(h.Sum(nil))
	}
	return out
}

// hashesHold proves that the run's hashes are those of the records in the file.
func hashesHold(t *testing.T, g got) {
	t.Helper()
	want := map[string]string{}
	for _, each := range list(object(object(g.at("run"))["evidence"])["resources"]) {
		r := object(each)
		if from, to := fmt.Sprint(r["fromChange"]), fmt.Sprint(r["toChange"]); from != to {
			t.Errorf("the records of resource %v moved from %s to %s", r["resourceId"], from, to)
		}
		want[fmt.Sprint(r["resourceId"])] = fmt.Sprint(r["hash"])
	}
	if have := auditedHashes(t, g.body); !maps.Equal(have, want) {
		t.Errorf("the hashes of the records are %v, those of the run %v", have, want)
	}
}

// ran runs a test by hand and gives the path of the run.
func (s *server) ran(t *testing.T, test string) string {
	t.Helper()
	s.call(t, "POST", test+"/actions?wait=verdict", `{"action":"run"}`).is(200)
	return test + "/runs/" + s.call(t, "GET", test+"/runs?trigger=MANUAL&state=DONE", "").is(200).text("data.0.id")
}

func evidenceCase(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[]}`).is(200)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"one@x","mfa":true,"n":1.50},{"id":"2","email":"two@x","mfa":false},`+
		`{"id":"3","email":"\u2028 <three> \"}\n,\"data\":","mfa":false},{"id":"4","email":"four@x","mfa":true}]}`).is(200)
	failedAt := s.clock.Now()
	run := s.ran(t, test)
	push := test + "/runs/" + s.call(t, "GET", test+"/runs?trigger=PUSH", "").is(200).text("data.0.id")
	s.clock.advance(time.Hour)
	// Whatever happens afterwards, the run has looked at what was there then.
	s.call(t, "PUT", r.path+"/records/2", `{"data":{"mfa":true}}`).is(200)
	s.call(t, "DELETE", r.path+"/records/3", "").is(204)
	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"3","email":"another three","mfa":true},{"id":"5","email":"five@x"}]}`).is(200)
	s.call(t, "PUT", r.path+"/records/5?wait=verdict", `{"data":{"mfa":false}}`).is(200)
	s.call(t, "PUT", test, `{"logic":`+strings.Replace(logic(r), `"value":true`, `"value":false`, 1)+`}`).is(200)
	s.call(t, "POST", test+"/actions?wait=verdict", `{"action":"publish"}`).is(200)

	g := s.call(t, "GET", run+"/evidence", "").is(200).has(map[string]any{"run.trigger": "MANUAL", "run.counts.passing": 2, "run.counts.failing": 2,
		"test.version": 1, "resources.0.resourceId": r.id, "resources.0.schemaVersion": 1, "resources.0.schema.type": "object", "resources.1": absent,
		"records.0.recordId": "1", "records.0.groups.0.verdict": "PASSED", "records.0.groups.0.causeText": absent, "records.0.data.n": "1.50", "records.0.since": absent,
		"records.1.recordId": "2", "records.1.name": "two@x", "records.1.groups.0.verdict": "FAILED", "records.1.groups.0.group": "MFA", "records.1.data.mfa": false,
		"records.2.recordId": "3", "records.2.groups.0.verdict": "FAILED", "records.2.data.mfa": false, "records.3.recordId": "4", "records.4": absent})
	g.headers(map[string]string{"Content-Type": "application/json"})
	if d := g.header.Get("Content-Disposition"); !strings.HasPrefix(d, `attachment; filename=mfa-`) || !strings.HasSuffix(d, run[strings.LastIndex(run, "/")+1:]+`.json`) {
		t.Errorf("Content-Disposition is %q", d)
	}
	if since := g.text("records.1.since"); since == absent || since > failedAt.Format("2006-01-02T15:04:05.000Z") {
		t.Errorf("it fails since %s, which is after %s", since, failedAt)
	}
	if words := g.text("records.1.groups.0.causeText.0"); !strings.Contains(words, "mfa") {
		t.Errorf("the cause is %q", words)
	}
	if words := g.text("test.sentences.0"); !strings.Contains(words, "`mfa` is true") {
		t.Errorf("the logic is %q", words)
	}
	hashesHold(t, g)
	if again := s.call(t, "GET", run+"/evidence?format=json", "").is(200); !bytes.Equal(again.body, g.body) {
		t.Errorf("another time it is\n%s\nand not\n%s", again.body, g.body)
	}
	s.call(t, "GET", push+"/evidence", "").is(200).has(map[string]any{"run.trigger": "PUSH", "records.3.recordId": "4", "records.4": absent})
	s.eventually(t, "the end of the publication", func() bool {
		return s.call(t, "GET", test+"/runs?trigger=PUBLISH", "").is(200).at("data.0.state") == "DONE"
	})
	published := test + "/runs/" + s.call(t, "GET", test+"/runs?trigger=PUBLISH", "").is(200).text("data.0.id")
	p := s.call(t, "GET", published+"/evidence", "").is(200).has(map[string]any{"test.version": 2, "records.0.groups.0.verdict": "FAILED",
		"records.2.recordId": "4", "records.3.name": "another three", "records.4.recordId": "5", "records.4.groups.0.verdict": "PASSED", "records.5": absent})
	hashesHold(t, p)

	head := s.call(t, "HEAD", run+"/evidence?format=csv", "").is(200).headers(map[string]string{"Content-Type": "text/csv; charset=utf-8"})
	if len(head.body) > 0 {
		t.Errorf("HEAD has a body: %s", head.body)
	}
	s.call(t, "GET", run+"/evidence?format=xml", "").refused(400, 40001, "format")
	s.call(t, "GET", test+"/runs/999999999/evidence", "").refused(404, 40401, "")
	s.call(t, "GET", s.test(t, r)+"/runs/"+run[strings.LastIndex(run, "/")+1:]+"/evidence", "").refused(404, 40401, "")
	s.call(t, "GET", run+"/evidence", "", as(s.newKey(access.MonitorsGet))).refused(403, 40301, string(access.MonitorsGetOne))

	release := s.pause(t)
	s.call(t, "POST", test+"/actions", `{"action":"run"}`).is(200)
	running := s.call(t, "GET", test+"/runs?state=RUNNING", "").is(200).text("data.0.id")
	s.call(t, "GET", test+"/runs/"+running+"/evidence", "").refused(409, 40901, "RUNNING")
	release()
	// A version that was disabled and enabled again had these groups all the same.
	s.call(t, "PUT", test, `{"enabled":false}`).is(200)
	s.call(t, "PUT", test, `{"enabled":true}`).is(200)
	if again := s.call(t, "GET", run+"/evidence", "").is(200); !bytes.Equal(again.body, g.body) {
		t.Errorf("after it was enabled again it is\n%s\nand not\n%s", again.body, g.body)
	}
	s.call(t, "DELETE", "/custom-connections/"+r.connection, "").is(204)
	s.call(t, "GET", run+"/evidence", "").refused(409, 40901, "gone")
}

func evidenceCSV(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	names := []string{"=1+1", "+1", "-1", "@x", "\tx", "\rx", `a "quoted", one` + "\n" + "on two lines", "'", "plain"}
	var records []string
	for i, name := range names {
		text, err := json.Marshal(map[string]any{"id": fmt.Sprintf("=%d", i), "email": name, "mfa": i > 0})
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, string(text))
	}
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[`+strings.Join(records, ",")+`]}`).is(200)
	g := s.call(t, "GET", s.ran(t, test)+"/evidence?format=csv", "").is(200)
	if bytes.Count(g.body, []byte("\r\n")) < len(names)+1 {
		t.Errorf("lines do not end with CR LF: %q", g.body)
	}
	rows, err := csv.NewReader(bytes.NewReader(g.body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(names)+1 || !slices.Equal(rows[0], []string{"resourceId", "resourceName", "recordId", "name", "group", "verdict", "excluded", "since", "cause", "data"}) {
		t.Fatalf("the rows are %q", rows)
	}
	for i, name := range names {
		row := rows[i+1]
		want := strings.ReplaceAll(name, "\r\n", "\n")
		if strings.ContainsRune("=+-@\t\r", rune(name[0])) {
			want = "'" + want
		}
		verdict := "PASSED"
		if i == 0 {
			verdict = "FAILED"
		}
		if row[0] != r.id || row[2] != fmt.Sprintf("'=%d", i) || row[3] != want || row[4] != "MFA" || row[5] != verdict || (row[8] == "") != (i > 0) {
			t.Errorf("row %d is %q, want the name %q", i, row, want)
		}
		var data map[string]any
		if err := json.Unmarshal([]byte(row[9]), &data); err != nil || data["email"] != name {
			t.Errorf("the data of row %d is %q: %v", i, row[9], err)
		}
	}
}

func evidenceOfGroups(t *testing.T, s *server) {
	users, machines := s.resource(t), s.resource(t)
	logic := fmt.Sprintf(`{"logic":"ANY_GROUP","groups":[
		{"name":"Mail is its own","resourceId":%[1]s,"evaluator":{"all":[{"fact":"email","operator":"exists","value":true}]},"assertion":{"kind":"unique","path":"n"},
			"filteringCriteria":{"all":[{"fact":"email","operator":"equal","value":"bot"}]}},
		{"name":"Has a machine","resourceId":%[1]s,"evaluator":{"all":[{"fact":"email","operator":"existsIn","value":{"resource":%[2]s,"path":"email"}}]}},
		{"name":"","resourceId":%[2]s,"evaluator":{"all":[{"fact":"email","operator":"in","value":{"fact":"n"}}]},"assertion":{"kind":"count","min":1}}]}`, users.id, machines.id)
	s.call(t, "POST", users.path+"/records", `{"data":[{"id":"1","email":"a","n":1},{"id":"2","email":"b","n":2},{"id":"3","email":"c","n":1},{"id":"4","email":"bot","n":1}]}`).is(200)
	s.call(t, "POST", machines.path+"/records", `{"data":[{"id":"m1","email":"a","n":5},{"id":"m2","email":"c","n":["c"]}]}`).is(200)
	test := monitoringTests + "/" + s.call(t, "POST", monitoringTests, fmt.Sprintf(`{"name":%q,"logic":%s,"publish":true}`, s.name("Groups"), logic)).is(201).text("testId")
	s.call(t, "POST", users.path+"/records?wait=verdict", `{"data":[]}`).is(200)
	s.call(t, "POST", machines.path+"/records?wait=verdict", `{"data":[]}`).is(200)
	run := s.ran(t, test)
	s.clock.advance(time.Minute)
	s.call(t, "POST", machines.path+"/records?wait=verdict", `{"data":[{"id":"m1","email":"b","n":5},{"id":"m3","email":"c"}]}`).is(200)
	s.call(t, "POST", users.path+"/records?wait=verdict", `{"data":[{"id":"3","email":"c","n":3}]}`).is(200)
	g := s.call(t, "GET", run+"/evidence", "").is(200)
	g.has(map[string]any{
		"records.0.resourceId": users.id, "records.0.recordId": "1", "records.0.groups.0.verdict": "FAILED", "records.0.groups.1.verdict": "PASSED", "records.0.groups.2": absent,
		"records.1.groups.0.verdict": "PASSED", "records.1.groups.1.verdict": "FAILED",
		"records.2.recordId": "3", "records.2.groups.0.verdict": "FAILED", "records.2.groups.1.verdict": "PASSED", "records.2.data.n": 1,
		"records.3.groups.0.verdict": "OUT_OF_SCOPE", "records.3.groups.1.verdict": "FAILED",
		"records.4.resourceId": machines.id, "records.4.recordId": "m1", "records.4.groups.0.verdict": "ERROR", "records.4.groups.0.position": 2,
		"records.5.groups.0.verdict": "SATISFIED", "records.6": absent,
		"resources.0.resourceId": users.id, "resources.1.resourceId": machines.id, "test.sentences.3": "One group that passes is enough.", "test.sentences.4": absent})
	if words := g.text("records.0.groups.0.causeText.0"); !strings.Contains(words, "another record has too") {
		t.Errorf("the cause is %q", words)
	}
	hashesHold(t, g)
	table := s.call(t, "GET", run+"/evidence?format=csv", "").is(200)
	if rows, err := csv.NewReader(bytes.NewReader(table.body)).ReadAll(); err != nil || len(rows) != 1+4*2+2 {
		t.Errorf("there are %d rows, %v", len(rows), err)
	}
}

func hugeEvidence(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	for i := range 3 {
		s.call(t, "POST", r.path+"/records", fmt.Sprintf(`{"data":{"id":"%d","email":%q,"mfa":true}}`, i, strings.Repeat("x", 4<<20))).is(201)
	}
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"small","email":"s","mfa":true}]}`).is(200)
	run := s.ran(t, test)
	g := s.call(t, "GET", run+"/evidence", "").is(200).has(map[string]any{"records.3.recordId": "small", "records.4": absent})
	hashesHold(t, g)
	s.call(t, "GET", run+"/evidence?format=csv", "").is(200)
}

func evidenceOfExclusions(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"one","mfa":false},{"id":"2","email":"two","mfa":false},{"id":"3","email":"bot 3","mfa":false},`+
		`{"id":"4","email":"bot 4","mfa":true},{"id":"5","email":"five","mfa":false}]}`).is(200)
	end := s.clock.Now().Add(48 * time.Hour).Format(time.RFC3339)
	exclude := func(what string) string {
		return s.call(t, "POST", test+"/exclusions", fmt.Sprintf(`{%s,"reason":"=known","category":"ACCEPTED_RISK","approver":"Ada","expiresAt":%q}`, what, end)).is(201).text("id")
	}
	one := exclude(`"targetId":"1"`)
	bots := exclude(`"selector":{"all":[{"fact":"email","operator":"startsWith","value":"bot"}]}`)
	later := exclude(`"targetId":"5"`)
	s.call(t, "DELETE", test+"/exclusions/"+later, "").is(204)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[]}`).is(200)
	run := s.ran(t, test)
	s.clock.advance(time.Hour)
	s.call(t, "PUT", test+"/exclusions/"+one, `{"reason":"for another reason"}`).is(200)
	s.call(t, "DELETE", test+"/exclusions/"+bots, "").is(204)
	exclude(`"targetId":"2"`)
	s.call(t, "DELETE", r.path+"/records/1", "").is(204)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[]}`).is(200)
	s.clock.advance(96 * time.Hour)

	g := s.call(t, "GET", run+"/evidence", "").is(200).has(map[string]any{"run.counts.excluded": 3, "run.counts.failing": 2,
		"exclusions.0.id": one, "exclusions.0.reason": "=known", "exclusions.0.approver": "Ada", "exclusions.0.targetId": "1", "exclusions.0.selector": absent,
		"exclusions.1.id": bots, "exclusions.1.targetId": "", "exclusions.1.selector.all.0.fact": "email", "exclusions.2": absent,
		"records.0.groups.0.verdict": "FAILED", "records.0.groups.0.excluded": true, "records.0.exclusionIds.0": one, "records.0.exclusionIds.1": absent,
		"records.1.groups.0.verdict": "FAILED", "records.1.groups.0.excluded": absent, "records.1.exclusionIds": absent,
		"records.2.groups.0.verdict": "FAILED", "records.2.groups.0.excluded": true, "records.2.exclusionIds.0": bots,
		"records.3.groups.0.verdict": "PASSED", "records.3.groups.0.excluded": true, "records.4.groups.0.excluded": absent})
	if words := g.text("exclusions.1.sentence"); !strings.Contains(words, "bot") {
		t.Errorf("the selector is %q", words)
	}
	if words := g.text("records.0.groups.0.causeText.0"); !strings.Contains(words, "mfa") {
		t.Errorf("the cause of an excluded record is %q", words)
	}
	hashesHold(t, g)
	rows, err := csv.NewReader(bytes.NewReader(s.call(t, "GET", run+"/evidence?format=csv", "").is(200).body)).ReadAll()
	if err != nil || rows[1][6] != "exclusion "+one+" (ACCEPTED_RISK): =known, approved by Ada" || rows[2][6] != "" {
		t.Errorf("the rows are %q, %v", rows, err)
	}
	lines := strings.Join(pdftest.Lines(t, s.call(t, "GET", run+"/evidence?format=pdf", "").is(200).body), "\n")
	for _, want := range []string{"Failing records: 2", "Excluded records: 3", "3 excluded"} {
		if !strings.Contains(lines, want) {
			t.Errorf("the PDF has no %q:\n%s", want, lines)
		}
	}
}

func evidencePDF(t *testing.T, s *server) {
	r := s.resource(t)
	test := s.test(t, r)
	s.call(t, "PUT", test, `{"description":"Everybody has a second factor. Ελληνικά 日本"}`).is(200)
	var records []string
	for i := range 1100 {
		records = append(records, fmt.Sprintf(`{"id":"%d","email":"user%d@x","mfa":%t}`, i, i, i < 50))
	}
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[`+strings.Join(records, ",")+`]}`).is(200)
	run := s.ran(t, test)
	g := s.call(t, "GET", run+"/evidence?format=pdf", "").is(200).headers(map[string]string{"Content-Type": "application/pdf"})
	lines := pdftest.Lines(t, g.body)
	hash := s.call(t, "GET", run, "").is(200).text("evidence.resources.0.hash")
	for _, want := range []string{"Organisation", "Workspace", "Everybody has a second factor. Ελληνικά □□", "Version", "started by hand", "FAILED",
		"1100 in scope: 50 passing, 1050 failing, 0 in error, 0 excluded; 0 out of scope", "Failing records: 1050", "`mfa` is false, expected true",
		"user50@x", "user1049@x", "And 50 more, which the JSON and the CSV file have.", "Page 1 of "} {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("the PDF has no %q", want)
		}
	}
	if all := strings.Join(lines, ""); !strings.Contains(all, hash) || strings.Contains(all, "user49@x") || strings.Contains(all, "user1050@x") {
		t.Errorf("the PDF has not the hash %s, or not the right records:\n%s", hash, strings.Join(lines, "\n"))
	}
	s.call(t, "PUT", r.path+"/records/0?wait=verdict", `{"data":{"mfa":false}}`).is(200)
	if again := pdftest.Lines(t, s.call(t, "GET", run+"/evidence?format=pdf", "").is(200).body); len(again) != len(lines) {
		t.Errorf("another time it has %d lines, not %d", len(again), len(lines))
	}
}
