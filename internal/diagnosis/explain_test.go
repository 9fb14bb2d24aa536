package diagnosis

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
)

var update = flag.Bool("update", false, "write the golden texts anew")

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// codes are all that steps of runs can fail with: those of collectors, then those
// of the record path and of collections.
var codes = []string{"DNS", "CONNECTION_REFUSED", "ADDRESS_NOT_ALLOWED", "TIMEOUT", "TLS", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "RATE_LIMITED",
	"SERVER_ERROR", "HTTP_STATUS", "NOT_JSON", "BAD_JSON", "TOO_LARGE", "TOO_MANY_PAGES", "LOOP", "REDIRECT", "TOKEN_REFUSED", "EXPRESSION", "NOT_AN_OBJECT",
	"QUERY", "COMMAND_FAILED", "COMMAND_NOT_FOUND", "FILE_NOT_FOUND", "LOCAL_NOT_ALLOWED", "CANCELED", "SCHEMA", "EMPTY", "GUARD", "SUPERSEDED", "INTERNAL",
	"SESSION_OPEN", "SECRETS", "RECIPE", "INPUTS", "INTERRUPTED"}

func TestEveryCodeHasAPattern(t *testing.T) {
	for _, code := range append(slices.Clone(codes), CodeStale, CodeNoData, CodeDisconnected) {
		p := book().find(failure{code: code, facts: facts{}})
		if !slices.Contains(p.Codes, code) {
			t.Errorf("%s has the pattern %s only", code, p.ID)
		}
	}
	for _, p := range book().Patterns {
		for _, code := range p.Codes {
			if !slices.Contains(codes, code) && code != CodeStale && code != CodeNoData && code != CodeDisconnected {
				t.Errorf("pattern %s is for %s, which nothing fails with", p.ID, code)
			}
		}
	}
	if p := book().find(failure{code: "SOMETHING_NEW", facts: facts{}}); p.ID != "unknown" {
		t.Errorf("a code that nobody knows has the pattern %s", p.ID)
	}
}

func TestPatternsAreChecked(t *testing.T) {
	const rest = "\nwords: {host: {label: Host, else: it}}\n"
	last := "  - {id: last, title: T, cause: [C], steps: [{text: S}]}\n"
	for text, want := range map[string]string{
		"patterns:\n" + last + rest: "",
		"patterns:\n  - {id: a, codes: [DNS], title: T, cause: ['{hots}'], steps: [{text: S}]}\n" + last + rest:                    "nobody knows {hots}",
		"patterns:\n  - {id: a, codes: [DNS], title: T, cause: [C], steps: [{text: S, page: nowhere, button: B}]}\n" + last + rest: `page "nowhere"`,
		"patterns:\n  - {id: a, codes: [DNS], title: T, cause: [C], steps: [{text: S, page: api}]}\n" + last + rest:                `page "api" with button ""`,
		"patterns:\n  - {id: a, codes: [DNS], title: T, cause: [C], when: {host: '/(/'}, steps: [{text: S}]}\n" + last + rest:      "missing closing )",
		"patterns:\n  - {id: a, codes: [DNS], title: T, cause: [], steps: [{text: S}]}\n" + last + rest:                            "title, cause and steps",
		"patterns:\n  - {id: a, codes: [DNS], title: T, cause: [C], steps: [{text: S}]}\n" + rest:                                  "the last pattern",
		"patterns:\n  - {id: a, code: DNS, title: T, cause: [C], steps: [{text: S}]}\n" + last + rest:                              "field code not found",
		"patterns:\n" + last + "words: {host: {label: Host}}\n":                                                                    "nothing to stand in its place",
		"patterns:\n" + last + rest + "---\n{}\n":                                                                                  "second document",
	} {
		_, err := readPatterns([]byte(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s\ngives %v, not %q", text, err, want)
		}
	}
}

func TestTheMostSpecificWins(t *testing.T) {
	for _, c := range []struct {
		code  string
		facts facts
		want  string
	}{
		{"UNAUTHORIZED", facts{}, "unauthorized"},
		{"UNAUTHORIZED", facts{"lastGood": "2026-03-01T00:00:00Z"}, "token-ended"},
		{"TLS", facts{"message": "the certificate has expired"}, "tls-expired"},
		{"TLS", facts{"message": "its certificate is made out for another name"}, "tls-name"},
		{"CONNECTION_REFUSED", facts{"reason": "cut off"}, "connection-cut"},
		{"CONNECTION_REFUSED", facts{"reason": "unreachable"}, "unreachable"},
		{"ADDRESS_NOT_ALLOWED", facts{"reason": "plain"}, "address-plain"},
		{"TLS", facts{"message": "unknown authority"}, "tls"},
		{"NOT_JSON", facts{"contentType": "text/html; charset=utf-8"}, "sign-in-page"},
		{"NOT_JSON", facts{"contentType": "text/csv"}, "not-json"},
		{"RATE_LIMITED", facts{"retryAfter": "3600"}, "rate-limited-wait"},
		{"QUERY", facts{"message": "pq: password authentication failed"}, "query-sign-in"},
		{"QUERY", facts{"message": "permission denied for table x"}, "query-rights"},
		{"QUERY", facts{"message": "no such column"}, "query"},
		{"COMMAND_FAILED", facts{"message": "ExpiredToken"}, "command-credentials"},
		{"COMMAND_FAILED", facts{"message": "segmentation fault"}, "command-failed"},
		{"SCHEMA", facts{"likely": "type"}, "schema-type"},
		{"SCHEMA", facts{}, "schema"},
		{CodeStale, facts{"trigger": "COLLECTION"}, "stale-collection"},
		{CodeStale, facts{"trigger": "PUSH"}, "stale"},
		{"", facts{"contentType": "text/html"}, "unknown"},
	} {
		if p := book().find(failure{code: c.code, facts: c.facts}); p.ID != c.want {
			t.Errorf("%s with %v is %s, not %s", c.code, c.facts, p.ID, c.want)
		}
	}
}

// TestGoldenTexts has every pattern in words, once with facts and once without.
func TestGoldenTexts(t *testing.T) {
	full := facts{"host": "example.okta.com", "status": "401", "contentType": "text/html", "retryAfter": "600 seconds", "exitCode": "exit code 255",
		"property": "“email”", "expected": "must be string", "refused": "12", "wereRefused": "12 records were refused", "examples": "u1, u2, u3", "records": "120",
		"items": "120", "pages": "50", "lastGood": "2026-03-01T10:20:00Z", "failures": "3", "lastData": "2026-02-27T08:00:00Z", "freshness": "2 days", "to": "https://other.example", "kept": "The other records were taken.",
		"rhythm": "about every 6 hours", "since": "2026-02-20T08:00:00Z", "message": "The reason stands here.", "connection": "“Okta”",
		"resource": "“Okta users”", "step": "fetch", "likely": ""}
	var b strings.Builder
	for _, p := range book().Patterns {
		for _, f := range []facts{full, {"connection": "“Okta”", "resource": "“Okta users”"}} {
			fmt.Fprintf(&b, "%s\n  %s\n ", p.ID, p.Title)
			for _, text := range p.Cause {
				if s, ok := book().fill(text, f); ok {
					b.WriteString(" " + s)
				}
			}
			b.WriteString("\n")
			n := 0
			for _, a := range p.Do {
				if s, ok := book().fill(a.Text, f); ok {
					n++
					fmt.Fprintf(&b, "  %d. %s", n, s)
					if a.Page != "" {
						fmt.Fprintf(&b, " [%s → %s]", a.Button, a.Page)
					}
					b.WriteString("\n")
				}
			}
			b.WriteString("\n")
			if n == 0 {
				t.Errorf("%s says nothing to do", p.ID)
			}
		}
	}
	if strings.ContainsAny(b.String(), "{}!") || strings.Contains(b.String(), " .") || strings.Contains(b.String(), "..") {
		t.Error("there is a placeholder, an exclamation mark or a stray full stop in the texts")
	}
	golden(t, "testdata/texts.txt", b.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s is not what there is now (go test -update writes it anew): %v\n%s", path, err, got)
	}
}

func users() connection.Connection {
	return connection.Connection{ID: 7, Name: "Okta", ProviderTypes: []connection.ProviderType{connection.Custom}, Resources: []connection.Resource{{
		ID: 8, ConnectionID: 7, Name: "Okta users", Schema: []byte(`{"type":"object","properties":{"email":{"type":"string"},"mfa":{"type":"boolean"}},"required":["email"]}`),
		SchemaVersion: 1, CreatedAt: noon.Add(-240 * time.Hour), FreshAt: noon.Add(-time.Hour), RecordCount: 120}}}
}

// marked is a case at noon whose resource remembers its runs as the store has it
// remember them.
func marked(c Case) Case {
	c.Now = noon
	runs := runsOf(c.Runs, 8)
	for _, r := range slices.Backward(runs) {
		if tells(r) {
			m := &c.Connection.Resources[0].Sync
			*m = m.After(syncrun.Outcome{RunID: r.ID, Failure: failedStep(r), Canceled: r.Status == syncrun.Canceled, At: r.EndedAt})
		}
	}
	return c
}

// run is a run of the only resource, some hours ago.
func run(id int64, hoursAgo int, status syncrun.Status, steps ...syncrun.Step) syncrun.Run {
	at := noon.Add(-time.Duration(hoursAgo) * time.Hour)
	return syncrun.Run{ID: id, ConnectionID: 7, ResourceID: 8, Trigger: syncrun.Collection, Status: status, StartedAt: at, EndedAt: at.Add(time.Minute), Steps: steps}
}

func failing(name syncrun.Name, e syncrun.Error) syncrun.Step {
	return syncrun.Step{Name: name, Status: syncrun.StepFailed, StartedAt: noon, EndedAt: noon.Add(time.Second), Error: &e}
}

func TestExplain(t *testing.T) {
	refused := failing(syncrun.Fetch, syncrun.Error{Code: "UNAUTHORIZED", Message: "no", Facts: map[string]string{"host": "okta.example", "status": "401"}})
	good := syncrun.Step{Name: syncrun.Fetch, Status: syncrun.StepCompleted}
	limit := int64(24)
	stale := users()
	stale.Resources[0].FreshnessHours, stale.Resources[0].FreshAt = &limit, noon.Add(-30*time.Hour)
	never := users()
	never.Resources[0].FreshAt = time.Time{}
	forgotten := users()
	forgotten.Resources[0].Sync = syncrun.Mark{RunID: 99, Failed: syncrun.Parse, Reason: "it was cut", At: noon.Add(-time.Hour)}
	away := users()
	away.Resources[0].FreshAt, away.DisconnectedAt = time.Time{}, noon.Add(-time.Hour)
	for _, c := range []struct {
		name string
		in   Case
		want []string
		text string
	}{
		{"a good run", Case{Connection: users(), Runs: []syncrun.Run{run(1, 1, syncrun.Completed, good)}}, nil, ""},
		{"no run yet, but data", Case{Connection: users()}, nil, ""},
		{"the last run failed", Case{Connection: users(), Runs: []syncrun.Run{run(1, 9, syncrun.Completed, good), run(2, 3, syncrun.Failed, refused)}},
			[]string{"token-ended"}, "okta.example answered 401: it does not accept the credentials. They worked until 03:01 UTC on 2 March 2026"},
		{"no run was ever good", Case{Connection: users(), Runs: []syncrun.Run{run(2, 3, syncrun.Failed, refused)}}, []string{"unauthorized"}, "okta.example"},
		{"a good one came after it", Case{Connection: users(), Runs: []syncrun.Run{run(2, 3, syncrun.Failed, refused), run(3, 1, syncrun.Completed, good)}}, nil, ""},
		{"one is under way after it", Case{Connection: users(), Runs: []syncrun.Run{run(2, 3, syncrun.Failed, refused), run(3, 1, syncrun.Running, good)}}, []string{"unauthorized"}, ""},
		{"one that was canceled says nothing", Case{Connection: users(), Runs: []syncrun.Run{run(2, 3, syncrun.Failed, refused), run(3, 1, syncrun.Canceled)}}, []string{"unauthorized"}, ""},
		{"one is under way and failed already", Case{Connection: users(), Runs: []syncrun.Run{run(3, 1, syncrun.Running, refused)}}, []string{"unauthorized"}, ""},
		{"a step failed without a word", Case{Connection: users(), Runs: []syncrun.Run{run(3, 1, syncrun.Failed, syncrun.Step{Name: syncrun.Compare, Status: syncrun.StepFailed})}},
			[]string{"unknown"}, "The step “compare” failed. It gave no reason."},
		{"stale data", Case{Connection: stale, Runs: []syncrun.Run{run(4, 30, syncrun.Completed, good), run(3, 36, syncrun.Completed, good), run(2, 42, syncrun.Completed, good), run(1, 48, syncrun.Completed, good)}},
			[]string{"stale-collection"}, "06:00 UTC on 1 March 2026, and its limit is 1 day. Before, it was collected about every 6 hours."},
		{"nothing ever came", Case{Connection: never}, []string{"never-received"}, "“Okta users” has been waiting for its first record since"},
		{"the run is no longer kept", Case{Connection: forgotten}, []string{"unknown"}, "The step “read” failed. It was cut."},
		{"disconnected on purpose", Case{Connection: away}, []string{"disconnected"}, "Somebody disconnected “Okta”."},
	} {
		got := Explain(marked(c.in))
		ids := make([]string, len(got))
		for i, cause := range got {
			ids[i] = cause.Pattern
		}
		if !slices.Equal(ids, c.want) || c.text != "" && !strings.Contains(got[0].Text, c.text) {
			t.Errorf("%s: %v with %+v, want %v with %q", c.name, ids, got, c.want, c.text)
		}
	}
	got := Explain(marked(Case{Connection: users(), Runs: []syncrun.Run{run(1, 9, syncrun.Completed, good), run(2, 6, syncrun.Failed, refused), run(3, 3, syncrun.Failed, refused)}}))[0]
	if got.RunID != 3 || got.ResourceID != 8 || got.Step != syncrun.Fetch || !got.At.Equal(noon.Add(time.Second)) || got.Code != "UNAUTHORIZED" {
		t.Errorf("%+v", got)
	}
	want := []Fact{{"host", "Other system", "okta.example", false}, {"status", "Answer", "401", false}, {"lastGood", "Last complete run", "2026-03-02T03:01:00Z", true},
		{"failures", "Failed runs in a row", "2", false}}
	if !slices.Equal(got.Facts, want) {
		t.Errorf("facts %+v", got.Facts)
	}
	if got.Steps[1] != (Advice{"Put it in the place of the old one.", PageCollection, "Replace the token"}) {
		t.Errorf("steps %+v", got.Steps)
	}
}

func TestRefusedRecords(t *testing.T) {
	missing := syncrun.RefusedRecord{ID: "u1", Message: `Schema validation failed for data: [{"":"must have required property 'email'"}]`}
	missing2 := missing
	missing2.ID = "u2"
	for _, c := range []struct {
		name     string
		e        syncrun.Error
		accepted int64
		rejected int64
		pattern  string
		text     string
	}{
		{"some lack it", syncrun.Error{Records: []syncrun.RefusedRecord{missing}}, 9, 1, "schema-missing", "1 record was refused: “email” is missing"},
		{"all lack it", syncrun.Error{Records: []syncrun.RefusedRecord{missing, missing2}}, 0, 40, "schema-gone", "40 records were refused, all that came: “email” is missing"},
		{"it has another type", syncrun.Error{Records: []syncrun.RefusedRecord{{ID: "u1", Message: "must be boolean", Pointer: "/flags/0/mfa"}}}, 9, 3, "schema-type", "says that “flags.mfa” must be boolean"},
		{"unknown properties", syncrun.Error{Records: []syncrun.RefusedRecord{{Message: "must NOT have additional properties"}}}, 0, 2, "schema-extra", ""},
		{"a value", syncrun.Error{Records: []syncrun.RefusedRecord{{Message: `must match format "email"`, Pointer: "/email"}}}, 5, 2, "schema-value", `“email” must match format "email"`},
		{"lacking and unknown", syncrun.Error{Records: []syncrun.RefusedRecord{{Message: `Schema validation failed for data: [{"":"must NOT have additional properties"},{"":"must have required property 'email'"}]`}}}, 5, 2, "schema-renamed", "Most likely “email” was renamed."},
		{"none is named", syncrun.Error{Message: "12 were refused"}, 0, 0, "schema", "12 were refused."},
	} {
		c.e.Code = syncrun.CodeSchema
		s := failing(syncrun.Validate, c.e)
		s.Counts = map[string]int64{"received": c.accepted + c.rejected, "accepted": c.accepted, "rejected": c.rejected}
		got := Explain(marked(Case{Connection: users(), Runs: []syncrun.Run{run(1, 1, syncrun.Failed, s)}}))
		if len(got) != 1 || got[0].Pattern != c.pattern || !strings.Contains(got[0].Text, c.text) {
			t.Errorf("%s: %+v, want %s with %q", c.name, got, c.pattern, c.text)
		}
	}
}

func TestRhythm(t *testing.T) {
	for gap, want := range map[time.Duration]string{0: "", time.Minute: "about every minute", 5 * time.Minute: "about every 5 minutes", time.Hour: "about every 60 minutes",
		6 * time.Hour: "about every 6 hours", 24 * time.Hour: "about once a day", 7 * 24 * time.Hour: "about every 7 days"} {
		var runs []syncrun.Run
		for i := range 5 {
			runs = append(runs, syncrun.Run{StartedAt: noon.Add(-time.Duration(i) * gap)})
		}
		if got := rhythm(runs); got != want {
			t.Errorf("%v is %q, not %q", gap, got, want)
		}
		if rhythm(runs[:3]) != "" {
			t.Error("three runs have a rhythm")
		}
	}
}
