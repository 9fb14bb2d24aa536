package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/pdf/pdftest"
)

const (
	accounts = "/workspaces/1/accounts"
	reviews  = "/workspaces/1/access-reviews"

	peopleSchema = `{"type":"object","properties":{"id":{"type":"string"},"login":{"type":"string"},"mail":{"type":"string"},"full_name":{"type":"string"},
		"groups":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}}}},"status":{"type":"string"},"mfa":{"type":"boolean"},"lastLogin":{"type":"string"}}}`
	peopleMapping = `{"name":"login","email":"mail","displayName":"full_name","roles":"$.groups[*].name","active":{"path":"status","is":["ACTIVE"]},"mfa":{"path":"mfa"},"lastActiveAt":"lastLogin"}`
)

// accountsOf is a resource with the accounts of its records.
func (s *server) accountsOf(t *testing.T, records ...string) resource {
	t.Helper()
	r := s.resourceOf(t, peopleSchema, "login")
	s.call(t, "POST", r.path+"/records", `{"data":[`+strings.Join(records, ",")+`]}`).is(200)
	s.call(t, "PUT", r.path+"/account-mapping", peopleMapping).is(200)
	s.extracted(t, r)
	return r
}

// extracted waits until the accounts are those of the records.
func (s *server) extracted(t *testing.T, r resource) {
	t.Helper()
	s.eventually(t, "the accounts", func() bool {
		return s.call(t, "GET", r.path+"/account-mapping", "").is(200).at("current") == true
	})
}

func accountMappingCase(t *testing.T, s *server) {
	r := s.resourceOf(t, peopleSchema, "login")
	at := r.path + "/account-mapping"
	s.call(t, "GET", at, "").is(200).has(map[string]any{"mapping": nil, "expected": false, "proposal.name": "login", "proposal.email": "mail", "proposal.displayName": "full_name",
		"proposal.roles": "$.groups[*].name", "attributes.0.path": "id", "attributes.4.path": "$.groups[*].name", "attributes.5.path": "status", "attributes.5.types.0": "string", "proposal.mfa.path": "mfa", "proposal.lastActiveAt": "lastLogin", "accounts": 0, "current": false, "updatedAt": nil})
	s.call(t, "DELETE", at, "").refused(404, 40401, "no account mapping")
	s.call(t, "POST", at+"/preview", peopleMapping).is(200).has(map[string]any{"records": 0, "named": 0, "accounts": "[]"})
	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"1","login":"ann","mail":"ann@x","groups":[{"name":"a"},{"name":"b"}],"status":"ACTIVE","mfa":true,"lastLogin":"2026-01-31"},{"id":"2","login":"bob"},{"id":"3"}]}`).is(200)
	preview := s.call(t, "POST", at+"/preview", peopleMapping).is(200).has(map[string]any{"records": 3, "named": 2, "with.email": 1, "with.mfa": 1, "with.kind": absent})
	if preview.length("accounts") != 2 {
		t.Errorf("the preview is %s", preview.body)
	}
	s.call(t, "GET", at, "").is(200).has(map[string]any{"mapping": nil})
	s.call(t, "PUT", at, peopleMapping).is(200).has(map[string]any{"mapping.name": "login", "mapping.active.is.0": "ACTIVE", "updatedBy.kind": "key"})
	s.extracted(t, r)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"accounts": 2, "removed": 0, "proposal": absent})
	s.call(t, "GET", accounts+"?resourceId="+r.id+"&sort=name&sortDir=ASC", "").is(200).has(map[string]any{"data.0.name": "ann", "data.0.email": "ann@x", "data.0.roles": `[a b]`, "data.0.active": true,
		"data.0.status": "ACTIVE", "data.0.mfa": true, "data.0.lastActiveAt": "2026-01-31T00:00:00.000Z", "data.0.recordId": "1", "data.1.name": "bob", "data.1.mfa": nil, "data.1.person": nil,
		"data.1.inScope": true, "data.1.evidence": nil, "data.2": absent})
	s.call(t, "GET", "/events?category=ACCOUNT&expand[]=metadata", "").is(200).has(map[string]any{"data.0.type": "ACCOUNTS_EXTRACTED", "data.0.metadata.added": 2, "data.1.type": "ACCOUNT_MAPPING_UPDATED"})
	s.call(t, "DELETE", at, "").is(204)
	s.call(t, "GET", accounts+"?resourceId="+r.id, "").is(200).has(map[string]any{"data.0": absent})

	for _, c := range []struct{ body, pointer, text string }{
		{`{}`, "/name", "required"}, {`{"name":"nick"}`, "/name", "no attribute `nick`"}, {`{"name":"Login"}`, "/name", "did you mean `login`"}, {`{"name":"login","email":"x.y"}`, "/email", "no attribute `x`"},
		{`{"name":"login","mfa":{"path":"$['nope']"}}`, "/mfa/path", "nope"}, {`{"name":"$["}`, "/name", "cannot be read"}, {`{"name":"login","active":{"path":"status","is":[{}]}}`, "/active/is", "texts"},
	} {
		for _, way := range [][2]string{{"PUT", at}, {"POST", at + "/preview"}} {
			s.call(t, way[0], way[1], c.body).refused(400, 40001, c.text).has(map[string]any{"pointer": c.pointer})
		}
	}
	s.call(t, "PUT", at, `{"name":"login","nick":"x"}`).is(400)
	s.call(t, "PUT", at, `[]`).is(400)
	s.call(t, "PUT", at, `{"name":"login"`).refused(400, 40002, "")
	s.call(t, "PUT", "/custom-connections/"+r.connection+"/resources/999999/account-mapping", peopleMapping).is(404)
	s.call(t, "GET", "/custom-connections/999999/resources/"+r.id+"/account-mapping", "").is(404)
}

func accountsCase(t *testing.T, s *server) {
	owner := s.user(t, everywhere(access.Administrator))
	leaver := s.user(t)
	r := s.accountsOf(t, fmt.Sprintf(`{"id":"1","login":"ann","mail":%q,"status":"ACTIVE","mfa":true,"lastLogin":"2026-02-01"}`, strings.ToUpper(owner.Email)),
		fmt.Sprintf(`{"id":"2","login":"bob","mail":%q,"mfa":false,"lastLogin":"2026-01-01"}`, leaver.Email),
		`{"id":"3","login":"=cmd|'/C calc'!A0","full_name":"@SUM(1+1)","status":"SUSPENDED","groups":[{"name":"-1+1"}]}`, `{"id":"4","login":"robot"}`)
	of := accounts + "?resourceId=" + r.id + "&sort=name&sortDir=ASC"
	list := s.call(t, "GET", of+"&includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 4, "data.0.status": "INACTIVE", "data.0.displayName": "@SUM(1+1)",
		"data.1.person.email": owner.Email, "data.1.person.automatic": true, "data.1.person.state": "ACTIVE", "data.1.person.userId": owner.ID})
	id := func(i int) string { return list.text(fmt.Sprintf("data.%d.id", i)) }
	s.call(t, "GET", accounts+"/"+id(1), "").is(200).has(map[string]any{"name": "ann", "connectionId": r.connection})

	for filter, names := range map[string]string{"status=INACTIVE": "=cmd|'/C calc'!A0", "status=REMOVED": "", "mfa=true": "ann", "mfa=false": "bob", "linked=true": "ann bob", "linked=false": "=cmd|'/C calc'!A0 robot",
		"q=ROB": "robot", "serviceAccount=true": "", "inScope=false": "", "leaver=true": "", "category=USER_ACCESS_REVIEW&q=ann": "ann", "category=INFRASTRUCTURE": "",
		"connectionId=" + r.connection + "&q=robot": "robot", "connectionId=999999": "", fmt.Sprintf("userId=%d", owner.ID): "ann"} {
		g := s.call(t, "GET", of+"&"+filter, "").is(200)
		var got []string
		for i := range g.length("data") {
			got = append(got, g.text(fmt.Sprintf("data.%d.name", i)))
		}
		if strings.Join(got, " ") != names {
			t.Errorf("%s: %v, want %s", filter, got, names)
		}
	}
	s.call(t, "GET", accounts+"?resourceId="+r.id+"&sort=lastActiveAt&sortDir=DESC&size=2", "").is(200).has(map[string]any{"data.0.name": "ann", "data.1.name": "bob"})
	for _, bad := range []string{"status=GONE", "mfa=perhaps", "category=X", "connectionId=x", "sort=size", "cursor=x"} {
		s.call(t, "GET", accounts+"?"+bad, "").is(400)
	}

	// What people say.
	s.call(t, "PUT", accounts+"/"+id(3), `{"serviceAccount":{"owner":"ops@x.org","reason":"deploys"}}`).is(200).has(map[string]any{"serviceAccount.owner": "ops@x.org", "person": nil})
	s.call(t, "PUT", accounts+"/"+id(3), `{"inScope":false,"scopeReason":"a test system"}`).is(200).has(map[string]any{"inScope": false, "scopeReason": "a test system", "serviceAccount.reason": "deploys"})
	s.call(t, "PUT", accounts+"/"+id(3), `{"serviceAccount":null,"inScope":true}`).is(200).has(map[string]any{"serviceAccount": nil, "inScope": true, "scopeReason": nil})
	s.call(t, "PUT", accounts+"/"+id(2), `{"person":{"email":"carl@x.org"}}`).is(200).has(map[string]any{"person.email": "carl@x.org", "person.state": "NO_USER", "person.automatic": false, "person.userId": nil})
	s.call(t, "PUT", accounts+"/"+id(2), fmt.Sprintf(`{"person":{"userId":%d},"evidence":{"note":"ticket 7","url":"https://t.example/7","at":"2026-02-28"}}`, leaver.ID)).is(200).
		has(map[string]any{"person.userId": leaver.ID, "evidence.note": "ticket 7", "evidence.at": "2026-02-28T00:00:00.000Z", "evidence.recordedBy.kind": "key"})
	s.call(t, "PUT", accounts+"/"+id(2), `{"person":null,"evidence":null}`).is(200).has(map[string]any{"person.email": leaver.Email, "evidence": nil})
	s.call(t, "POST", fmt.Sprintf("/users/%d/actions", leaver.ID), `{"action":"disable"}`).is(200)
	s.call(t, "GET", of+"&leaver=true", "").is(200).has(map[string]any{"data.0.name": "bob", "data.0.leaver": true, "data.0.person.state": "DISABLED", "data.1": absent})
	s.call(t, "GET", accounts+"/summary", "").is(200).has(map[string]any{"views.0.category": "USER_ACCESS_REVIEW", "views.2.tally.accounts": 0})

	g := s.call(t, "POST", accounts+"/actions", fmt.Sprintf(`{"accountIds":[%s,%s,999999],"change":{"serviceAccount":{"owner":"ops@x.org","reason":"deploys"}}}`, id(0), id(3))).is(200).
		has(map[string]any{"data.0.statusCode": 200, "data.0.account.serviceAccount.owner": "ops@x.org", "data.1.accountId": id(3), "data.2.statusCode": 404, "data.2.error.code": 40401, "data.2.account": absent})
	if g.length("data") != 3 {
		t.Errorf("outcomes: %s", g.body)
	}
	s.call(t, "GET", of+"&serviceAccount=true", "").is(200).has(map[string]any{"data.1.name": "robot", "data.2": absent})
	s.call(t, "GET", "/events?type=ACCOUNT_UPDATED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.change.serviceAccount.owner": "ops@x.org", "data.0.workspaceId": 1, "data.0.category": "ACCOUNT"})

	for _, c := range []struct{ body, pointer string }{
		{`{}`, ""}, {`{"person":{}}`, "/person"}, {`{"person":{"userId":1,"email":"a@b"}}`, "/person"}, {`{"person":{"userId":999999}}`, "/person/userId"}, {`{"person":{"email":"none"}}`, "/person/email"},
		{`{"inScope":false}`, "/scopeReason"}, {`{"inScope":false,"scopeReason":"` + strings.Repeat("x", 2001) + `"}`, "/scopeReason"}, {`{"serviceAccount":{"owner":"a@b","reason":" "}}`, "/serviceAccount/reason"},
		{`{"serviceAccount":{"owner":"ops","reason":"x"}}`, "/serviceAccount/owner"}, {`{"evidence":{"note":""}}`, "/evidence/note"}, {`{"evidence":{"note":"x","url":"javascript:alert(1)"}}`, "/evidence/url"},
		{`{"evidence":{"note":"x","at":"soon"}}`, "/evidence/at"}, {`{"evidence":{"note":"x","at":"2999-01-01"}}`, "/evidence/at"},
	} {
		want := map[string]any{"pointer": c.pointer}
		if c.pointer == "" {
			want["pointer"] = absent
		}
		s.call(t, "PUT", accounts+"/"+id(0), c.body).refused(400, 40001, "").has(want)
	}
	s.call(t, "PUT", accounts+"/"+id(0), `{"person":5}`).is(400)
	s.call(t, "POST", accounts+"/actions", `{"accountIds":[],"change":{"inScope":true}}`).refused(400, 40001, "accountIds")
	s.call(t, "POST", accounts+"/actions", fmt.Sprintf(`{"accountIds":[%s],"change":{}}`, id(0))).refused(400, 40001, "nothing to change")
	s.call(t, "GET", accounts+"/999999", "").is(404)
	s.call(t, "GET", "/workspaces/999999/accounts", "").is(404)
	s.call(t, "GET", "/workspaces/2/accounts/"+id(0), "").is(404)
	s.call(t, "PUT", "/workspaces/2/accounts/"+id(0), `{"inScope":true}`).is(404)

	s.call(t, "DELETE", r.path+"/records/4", "").is(204)
	s.extracted(t, r)
	s.call(t, "GET", of+"&status=REMOVED", "").is(200).has(map[string]any{"data.0.name": "robot", "data.0.serviceAccount.owner": "ops@x.org", "data.1": absent})
	for _, c := range []struct {
		scope        access.Scope
		method, path string
	}{
		{access.AccountsGet, "GET", accounts}, {access.AccountsGet, "GET", accounts + "/summary"}, {access.AccountsGet, "GET", accounts + "/" + id(0)}, {access.AccountsPut, "PUT", accounts + "/" + id(0)},
		{access.AccountsPut, "POST", accounts + "/actions"}, {access.ReviewsGet, "GET", reviews}, {access.ReviewsPost, "POST", reviews}, {access.ReviewsSignOff, "POST", reviews + "/1/actions"},
		{access.ReviewsPut, "POST", reviews + "/1/items/actions"}, {access.ReviewsDelete, "DELETE", reviews + "/999999"}, {access.ConnectionsGet, "GET", r.path + "/account-mapping"},
		{access.ConnectionsPut, "PUT", r.path + "/account-mapping"},
	} {
		body := ""
		if c.method != "GET" && c.method != "DELETE" {
			body = `{}`
		}
		s.call(t, c.method, c.path, body, as(s.newKey(access.DataPost))).refused(403, 40301, string(c.scope))
		if g := s.call(t, c.method, c.path, body, as(s.newKey(c.scope))); g.status == 403 {
			t.Errorf("%s %s with its scope: %s", c.method, c.path, g.body)
		}
	}
}

func accessReviewsCase(t *testing.T, s *server) {
	owner := s.user(t)
	r := s.accountsOf(t, fmt.Sprintf(`{"id":"1","login":"ann","mail":%q,"groups":[{"name":"=1+1"}]}`, owner.Email), `{"id":"2","login":"bob","mfa":false}`, `{"id":"3","login":"=cat","full_name":"+cat"}`)
	reviewer, person := s.signedIn(t, access.Grant{Role: access.DevOpsEngineer, WorkspaceID: 1})
	other, _ := s.signedIn(t, access.Grant{Role: access.ControlManager, WorkspaceID: 1})
	auditor, _ := s.signedIn(t, access.Grant{Role: access.Auditor, WorkspaceID: 1})

	day := func(days int) string { return s.clock.Now().AddDate(0, 0, days).Format(time.DateOnly) }
	made := s.call(t, "POST", reviews, fmt.Sprintf(`{"name":"Q1","connectionIds":[%s],"reviewerIds":[%d],"dueAt":%q}`, r.connection, person.ID, day(30))).is(201).
		has(map[string]any{"name": "Q1", "state": "IN_PROGRESS", "progress.total": 3, "progress.pending": 3, "dueAt": day(31) + "T00:00:00.000Z", "reviewers.0.name": person.Email, "signOff": nil,
			"mayDecide": true, "maySignOff": true, "allDecided": false, "filter.connectionIds": "[" + r.connection + "]"})
	at := reviews + "/" + made.text("id")
	list := s.call(t, "GET", at+"/items?sortDir=ASC&includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 3, "data.0.name": "=cat", "data.1.name": "ann", "data.1.person.email": owner.Email,
		"data.1.decision": "PENDING", "data.1.decidedBy": nil, "data.1.revocation": nil, "data.2.name": "bob"})
	item := func(i int) string { return at + "/items/" + list.text(fmt.Sprintf("data.%d.id", i)) }
	reviewer.ask(t, "GET", at, "").is(200).has(map[string]any{"mayDecide": true, "maySignOff": false})
	other.ask(t, "GET", at, "").is(200).has(map[string]any{"mayDecide": false, "maySignOff": true})
	reviewer.ask(t, "PUT", item(0), `{"decision":"KEEP"}`).is(200).has(map[string]any{"decision": "KEEP", "decidedBy.name": person.Email, "note": nil})
	other.ask(t, "PUT", item(0), `{"decision":"REVOKE"}`).refused(403, 40301, "not a reviewer")
	auditor.ask(t, "PUT", item(0), `{"decision":"REVOKE"}`).refused(403, 40301, "access-reviews-put")
	reviewer.ask(t, "POST", at+"/actions", `{"action":"signOff"}`).refused(403, 40301, "sign-off")
	s.call(t, "PUT", item(1), `{"decision":"CHANGE"}`).refused(400, 40001, "required").has(map[string]any{"pointer": "/note"})
	s.call(t, "PUT", item(1), `{"decision":"DROP"}`).refused(400, 40001, "decision").has(map[string]any{"pointer": "/decision"})
	s.call(t, "PUT", item(1), `{}`).refused(400, 40001, "decision")
	s.call(t, "PUT", at+"/items/999999", `{"decision":"KEEP"}`).is(404)
	s.call(t, "GET", at+"/items/999999", "").is(404)
	s.call(t, "GET", item(1), "").is(200).has(map[string]any{"roles": "[=1+1]"})
	s.call(t, "POST", at+"/actions", `{"action":"signOff"}`).refused(409, 40901, "2 of 3")
	s.call(t, "POST", at+"/actions", `{"action":"close"}`).refused(400, 40001, "signOff")
	s.call(t, "POST", at+"/items/actions", fmt.Sprintf(`{"itemIds":[%s,999999,%s],"decision":"REVOKE","note":"=gone"}`, list.text("data.1.id"), list.text("data.2.id"))).is(200).
		has(map[string]any{"data.0.item.decision": "REVOKE", "data.0.item.revocation.state": "OPEN", "data.1.statusCode": 404, "data.1.error.code": 40401, "data.2.statusCode": 200})
	s.call(t, "POST", at+"/items/actions", `{"itemIds":[],"decision":"KEEP"}`).refused(400, 40001, "itemIds")
	s.call(t, "PUT", at, `{"name":"Q1 2026","dueAt":null}`).is(200).has(map[string]any{"name": "Q1 2026", "dueAt": nil, "progress.revoke": 2, "allDecided": true})
	s.call(t, "PUT", at, `{"reviewerIds":[999999]}`).refused(400, 40001, "no user").has(map[string]any{"pointer": "/reviewerIds/0"})
	s.call(t, "GET", at+"/items?decision=REVOKE&q=BO", "").is(200).has(map[string]any{"data.0.name": "bob", "data.1": absent})
	other.ask(t, "POST", at+"/actions", `{"action":"signOff","note":"fine"}`).is(200).has(map[string]any{"state": "SIGNED_OFF", "signOff.note": "fine", "signOff.by.kind": "user", "mayDecide": false, "maySignOff": false, "allRevoked": false})
	s.call(t, "PUT", item(0), `{"decision":"REVOKE"}`).refused(409, 40901, "signed off")
	s.call(t, "PUT", at, `{"name":"x"}`).refused(409, 40901, "signed off")
	s.call(t, "DELETE", at, "").refused(409, 40901, "signed off")

	// It is followed until access is gone.
	s.call(t, "DELETE", r.path+"/records/2", "").is(204)
	s.extracted(t, r)
	s.call(t, "GET", item(2), "").is(200).has(map[string]any{"revocation.state": "REMOVED", "evidence": nil})
	s.call(t, "GET", at+"/items?revocation=OPEN", "").is(200).has(map[string]any{"data.0.name": "ann", "data.1": absent})
	s.call(t, "PUT", accounts+"/"+list.text("data.1.accountId"), `{"evidence":{"note":"done"}}`).is(200)
	s.call(t, "GET", item(1), "").is(200).has(map[string]any{"revocation.state": "EVIDENCED", "evidence.note": "done"})
	s.call(t, "GET", at, "").is(200).has(map[string]any{"progress.openRevocations": 0, "allRevoked": true})
	s.call(t, "GET", "/events?type=ACCESS_REVIEW_SIGNED_OFF&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.revoked": 2, "data.0.metadata.kept": 1})
	report := s.call(t, "GET", at+"/report", "").is(200).headers(map[string]string{"Content-Type": "application/pdf", "Content-Disposition": "attachment; filename=access-review-" + made.text("id") + ".pdf"})
	text := strings.Join(pdftest.Lines(t, report.body), "\n")
	for _, want := range []string{"Q1 2026", "ann", "=cat", "revoke", "evidence of", "gone from the", "fine"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	rows := table(t, s.file(t, at+"/items?sortDir=ASC", "csv").is(200).body)
	if text := strings.Join(rows[1], "|"); !strings.Contains(text, "|'=cat|") || !strings.Contains(text, "|'+cat|") {
		t.Errorf("the first row is %s", text)
	}

	second := s.call(t, "POST", reviews, fmt.Sprintf(`{"name":"MFA","filter":{"resourceId":%s,"category":"USER_ACCESS_REVIEW","status":"ACTIVE","linked":false,"serviceAccount":false,"q":"CAT"}}`, r.id)).is(201).
		has(map[string]any{"progress.total": 1, "reviewers": "[]", "filter.q": "CAT", "filter.linked": false, "filter.mfa": absent})
	s.call(t, "GET", reviews+"?state=IN_PROGRESS&q=mfa", "").is(200).has(map[string]any{"data.0.name": "MFA"})
	s.call(t, "GET", reviews+"?state=LATE", "").is(400)
	s.call(t, "DELETE", reviews+"/"+second.text("id"), "").is(204)
	s.call(t, "GET", reviews+"/"+second.text("id"), "").is(404)
	for _, path := range []string{"/items", "/report", "/items/1"} {
		s.call(t, "GET", reviews+"/"+second.text("id")+path, "").is(404)
		s.call(t, "GET", strings.Replace(at, "/1/", "/2/", 1)+path, "").is(404)
	}
	for _, c := range []struct{ body, pointer string }{
		{`{}`, "/name"}, {`{"name":"` + strings.Repeat("x", 192) + `"}`, "/name"}, {`{"name":"x","connectionIds":[999999]}`, "/connectionIds/0"}, {`{"name":"x","dueAt":"soon"}`, "/dueAt"},
		{`{"name":"x","dueAt":"2020-01-01"}`, "/dueAt"}, {`{"name":"x","reviewerIds":[999999]}`, "/reviewerIds/0"}, {fmt.Sprintf(`{"name":"x","reviewerIds":[%d]}`, owner.ID), "/reviewerIds/0"},
		{`{"name":"x","filter":{"category":"X"}}`, "/filter/category"}, {`{"name":"x","filter":{"status":"REMOVED"}}`, "/filter/status"},
	} {
		s.call(t, "POST", reviews, c.body).refused(400, 40001, "").has(map[string]any{"pointer": c.pointer})
	}
	s.call(t, "POST", reviews, `{"name":"x","filter":{"q":"nobody has this name"}}`).refused(400, 40001, "no account")
}
