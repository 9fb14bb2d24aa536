package client

import (
	"encoding/json"
	"testing"
	"time"
)

func TestExclusions(t *testing.T) {
	const one = `{"id":4,"testId":2,"targetId":"a","targetName":"A","reason":"r","category":"ACCEPTED_RISK","approver":null,"expiresAt":"2026-03-01T12:00:00.000Z","state":"ACTIVE","approved":{"matching":1,"failing":1}`
	s, c := newScript(t,
		answer(200, `{"data":[`+one+`}],"pagination":{"cursor":"next"}}`),
		answer(200, `{"data":[`+one+`}],"pagination":{"cursor":null}}`),
		answer(200, `{"data":[`+one+`,"problems":["UNUSED"],"now":{"matching":1,"failing":0}}],"pagination":{"cursor":null}}`),
		answer(201, one+`}`),
		answer(204, ``))
	n := 0
	for x, err := range c.Exclusions(t.Context(), 1, ExclusionFilter{TestID: 2, ResourceID: 3, State: "ALL", Category: "ACCEPTED_RISK", TargetID: "a b"}, List{}) {
		if n++; err != nil || x.ID != 4 || x.TestID != 2 || x.Approved.Failing != 1 || x.Approver != nil || x.ExpiresAt.Day() != 1 || x.Now != nil {
			t.Errorf("%+v, %v", x, err)
		}
	}
	q := s.asked[1].URL.Query()
	if n != 2 || s.asked[1].URL.Path != "/public/v2/workspaces/1/exclusions" || q.Get("cursor") != "next" || q.Get("targetId") != "a b" || q.Get("testId") != "2" ||
		q.Get("resourceId") != "3" || q.Get("state") != "ALL" || q.Get("category") != "ACCEPTED_RISK" {
		t.Errorf("%d by %v", n, s.asked[1].URL)
	}
	for x, err := range c.AuditExclusions(t.Context(), 1, "UNUSED", List{}) {
		if err != nil || len(x.Problems) != 1 || x.Now == nil || x.Now.Failing != 0 {
			t.Errorf("%+v, %v", x, err)
		}
	}
	if u := s.asked[2].URL; u.Path != "/public/v2/workspaces/1/exclusions/audit" || u.Query().Get("problem") != "UNUSED" {
		t.Error(u)
	}
	until := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	x, err := c.Exclude(t.Context(), 1, 2, NewExclusion{Selector: json.RawMessage(`{"all":[]}`), Reason: "r", Category: "ACCEPTED_RISK", ExpiresAt: &until})
	if err != nil || x.ID != 4 || s.asked[3].URL.Path != "/public/v2/workspaces/1/monitoring-tests/2/exclusions" ||
		s.bodies[3] != `{"selector":{"all":[]},"reason":"r","category":"ACCEPTED_RISK","expiresAt":"2026-03-01T12:00:00Z"}` {
		t.Errorf("%+v, %v by %v %s", x, err, s.asked[3].URL, s.bodies[3])
	}
	if err := c.EndExclusion(t.Context(), 1, 2, 4); err != nil || s.asked[4].Method != "DELETE" || s.asked[4].URL.Path != "/public/v2/workspaces/1/monitoring-tests/2/exclusions/4" {
		t.Errorf("%v by %s %v", err, s.asked[4].Method, s.asked[4].URL)
	}
}
