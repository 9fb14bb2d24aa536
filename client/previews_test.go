package client

import (
	"errors"
	"testing"
)

func TestPreviews(t *testing.T) {
	s, c := newScript(t,
		answer(200, `{"inScope":3,"failing":2,"result":null,"examples":[{"recordId":"1","causeText":["w"]}],"lint":[{"pointer":"/x","severity":"info"}],"sample":{"records":3,"of":9},"jobId":"J"}`),
		answer(200, `{"jobId":"J","state":"done","records":9,"of":9,"result":{"failing":5,"result":"FAILED"}}`),
		answer(204, ""),
		answer(400, `{"name":"INVALID_RULE","code":40006,"message":"no","line":2,"column":5,"pointer":"/a","suggestion":"equal"}`))
	p, err := c.Preview(t.Context(), 1, []byte("{\n\"all\": []}"), "2026-03-01")
	if err != nil || p.Failing != 2 || p.Result != nil || *p.Sample.Of != 9 || p.JobID != "J" || p.Examples[0].Words[0] != "w" || p.Lint[0].Pointer != "/x" {
		t.Errorf("%+v, %v", p, err)
	}
	if s.bodies[0] != "{\"logic\":{\n\"all\": []},\"asOf\":\"2026-03-01\"}" || s.asked[0].URL.Path != "/public/v2/workspaces/1/monitoring-tests/preview" {
		t.Errorf("asked %s %s", s.asked[0].URL, s.bodies[0])
	}
	j, err := c.PreviewJob(t.Context(), 1, "J")
	if err != nil || j.State != PreviewDone || j.Records != 9 || j.Result.Failing != 5 || *j.Result.Result != Failed {
		t.Errorf("%+v, %v", j, err)
	}
	if err := c.CancelPreview(t.Context(), 1, "J"); err != nil || s.asked[2].Method != "DELETE" || s.asked[2].URL.Path != "/public/v2/workspaces/1/monitoring-tests/preview/J" {
		t.Errorf("%s %s, %v", s.asked[2].Method, s.asked[2].URL, err)
	}
	_, err = c.Preview(t.Context(), 1, []byte(`{}`), "")
	var e *Error
	if !errors.As(err, &e) || e.Line != 2 || e.Column != 5 || e.Pointer != "/a" || e.Suggestion != "equal" {
		t.Errorf("%#v", err)
	}
	if _, err := c.Preview(t.Context(), 1, []byte(`{`), ""); !errors.Is(err, errLogicNotJSON) || len(s.asked) != 4 {
		t.Errorf("%v after %d requests", err, len(s.asked))
	}
}

func TestVersionsAndThePast(t *testing.T) {
	s, c := newScript(t,
		answer(200, `{"data":[{"version":3,"state":"draft"},{"version":2,"state":"published","isInForce":true}],"pagination":{"cursor":null}}`),
		answer(200, `{"version":3,"logic":{"all":[]}}`),
		answer(200, `{"from":{"version":2},"to":{"version":3},"changes":[{"pointer":"/a","op":"added","to":1}],"verdicts":{"moves":[{"from":"pass","to":"fail","records":4}]}}`),
		answer(200, `{"data":[{"id":"1","recordId":"r"}],"pagination":{"cursor":null}}`),
		answer(200, `{"verdicts":[{"testId":7,"state":"fail"}],"data":[],"pagination":{"cursor":null}}`),
		answer(200, `{"verdicts":[],"data":[{"testId":7,"closeReason":"fixed"}],"pagination":{"cursor":null}}`))
	seen := ""
	for v, err := range c.TestVersions(t.Context(), 1, 7, List{}) {
		if err != nil {
			t.Fatal(err)
		}
		seen += v.State
	}
	v, err := c.TestVersion(t.Context(), 1, 7, "draft")
	if err != nil || v.Version != 3 || string(v.Logic) != `{"all":[]}` || seen != "draftpublished" {
		t.Errorf("%+v, %v, %s", v, err, seen)
	}
	d, err := c.CompareVersions(t.Context(), 1, 7, "2", "draft")
	if err != nil || d.From.Version != 2 || string(d.Changes[0].To) != "1" || d.Verdicts.Moves[0].Records != 4 {
		t.Errorf("%+v, %v", d, err)
	}
	for f, err := range c.FailuresAsOf(t.Context(), 1, 7, "2026-03-01", List{Size: 2}) {
		if err != nil || f.RecordID != "r" {
			t.Errorf("%+v, %v", f, err)
		}
	}
	now, err := c.RecordVerdicts(t.Context(), 4, 5, "a/b")
	if err != nil || len(now) != 1 || now[0].State != "fail" {
		t.Errorf("%+v, %v", now, err)
	}
	for i, err := range c.Intervals(t.Context(), 4, 5, "a/b", List{}) {
		if err != nil || *i.CloseReason != "fixed" || i.ClosedAt != nil {
			t.Errorf("%+v, %v", i, err)
		}
	}
	const tests, record = "/public/v2/workspaces/1/monitoring-tests/7", "/public/v2/custom-connections/4/resources/5/records/a%2Fb/verdicts"
	for i, want := range []string{tests + "/versions?size=500", tests + "/versions/draft", tests + "/versions/2...draft", tests + "/failures?asOf=2026-03-01&size=2",
		record + "?size=1", record + "?size=500"} {
		if got := s.asked[i].URL.RequestURI(); got != want {
			t.Errorf("request %d is %s, want %s", i, got, want)
		}
	}
}
