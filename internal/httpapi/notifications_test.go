package httpapi_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/store"
)

const notifications = "/workspaces/1/notifications"

// outbox is a sender that keeps what it is given, and refuses what goes to
// "refused".
type outbox struct {
	mu   sync.Mutex
	sent []notify.Parcel
}

func (o *outbox) Check(_ notify.Channel, s notify.Secrets) error { return nil }

func (o *outbox) Send(_ context.Context, p notify.Parcel) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if strings.Contains(p.Secrets.URL+p.Target, "refused") {
		return errors.New("the other side\nsaid no")
	}
	o.sent = append(o.sent, p)
	return nil
}

// take gives what was sent to a channel since the last look.
func (o *outbox) take(channel string) []notify.Parcel {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []notify.Parcel
	for _, p := range o.sent {
		if fmt.Sprint(p.Channel.ID) == channel {
			out = append(out, p)
		}
	}
	o.sent = nil
	return out
}

// reversed seals in a way that is not plain text.
type reversed struct{}

func (reversed) Seal(plain []byte, _ string) ([]byte, error) {
	out := make([]byte, len(plain))
	for i, c := range plain {
		out[len(plain)-1-i] = c
	}
	return out, nil
}

// Sign implements asset.Signer.
func (reversed) Sign(message []byte, purpose string) ([]byte, error) {
	h := hmac.New(sha256.New, []byte("test "+purpose))
	h.Write(message)
	return h.Sum(nil), nil
}

func (r reversed) Open(sealed []byte, purpose string) ([]byte, error) { return r.Seal(sealed, purpose) }

// notifying gives a server its notifications.
func (s *server) notifying(st *store.Store) *notify.Service {
	s.outbox = &outbox{}
	o := notify.Options{Sender: s.outbox, Sealer: reversed{}, Now: s.clock.Now}
	s.dispatcher = notify.NewDispatcher(st, o, notify.DispatcherOptions{Window: time.Minute, Chance: func() float64 { return 0.5 }})
	return notify.NewService(st, o)
}

// dispatch sends what is due after a while.
func (s *server) dispatch(t *testing.T, after time.Duration) {
	t.Helper()
	s.clock.advance(after)
	for more := true; more; {
		var err error
		if more, err = s.dispatcher.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

const signingKey = "0123456789abcdefghijklmn"

func channelsCase(t *testing.T, s *server) {
	path := notifications + "/channels"
	name := s.name("Hook")
	hook := s.call(t, "POST", path, fmt.Sprintf(`{"kind":"webhook","name":%q,"url":"https://hooks.example.com/in/T0PSECRET","signingKey":%q}`, name, signingKey)).is(201).
		has(map[string]any{"name": name, "kind": "webhook", "urlHint": "hooks.example.com…CRET", "signingKeyHint": "…klmn", "to": absent, "url": absent, "signingKey": absent})
	at := path + "/" + hook.text("id")
	mail := s.call(t, "POST", path, fmt.Sprintf(`{"kind":"mail","name":%q,"to":["ann@example.com","refused@example.com"]}`, s.name("Mail"))).is(201).
		has(map[string]any{"to": "[ann@example.com refused@example.com]", "urlHint": absent})
	s.call(t, "POST", path, fmt.Sprintf(`{"kind":"slack","name":%q,"url":"https://hooks.slack.com/services/x/y/z"}`, s.name("Slack"))).is(201)
	s.call(t, "POST", path, fmt.Sprintf(`{"kind":"teams","name":%q,"url":"https://x.example.com/workflows/1?sig=abcdefgh"}`, s.name("Teams"))).is(201).
		has(map[string]any{"urlHint": "x.example.com…efgh"})

	// A repetition with the same key makes no second one, and shows no secret.
	once := fmt.Sprintf(`{"kind":"webhook","name":%q,"url":"https://hooks.example.com/in/T0PSECRET","signingKey":%q}`, s.name("Once"), signingKey)
	first := s.call(t, "POST", path, once, with("Idempotency-Key", "channel-once")).is(201)
	s.call(t, "POST", path, once, with("Idempotency-Key", "channel-once")).is(201).headers(map[string]string{"Idempotency-Replayed": "true"}).has(map[string]any{"id": first.at("id")})

	s.call(t, "GET", at, "").is(200).has(map[string]any{"name": name, "urlHint": "hooks.example.com…CRET"})
	renamed := s.name("Renamed")
	s.call(t, "PUT", at, fmt.Sprintf(`{"name":%q}`, renamed)).is(200).has(map[string]any{"name": renamed, "urlHint": "hooks.example.com…CRET", "createdAt": hook.at("createdAt")})
	s.call(t, "PUT", at, `{"url":"https://other.example.com/in/refused"}`).is(200).has(map[string]any{"urlHint": "other.example.com…used", "signingKeyHint": "…klmn"})

	// A test message goes out now, with the outcome for each address.
	s.outbox.take("")
	s.call(t, "POST", at+"/actions", `{"action":"test"}`).is(200).has(map[string]any{"delivered": false, "results.0.delivered": false,
		"results.0.error": "the other side said no", "results.0.target": absent})
	s.call(t, "POST", path+"/"+mail.text("id")+"/actions", `{"action":"test"}`).is(200).has(map[string]any{"delivered": false, "results.0.target": "ann@example.com",
		"results.0.delivered": true, "results.0.error": nil, "results.1.delivered": false})
	if sent := s.outbox.take(mail.text("id")); len(sent) != 1 || sent[0].Message.Subject != "A test message of Plumbline" {
		t.Errorf("sent %+v", sent)
	}
	s.call(t, "PUT", at, `{"url":"https://other.example.com/in/taken"}`).is(200)
	s.call(t, "POST", at+"/actions", `{"action":"test"}`).is(200).has(map[string]any{"delivered": true})
	if sent := s.outbox.take(hook.text("id")); len(sent) != 1 || sent[0].Secrets != (notify.Secrets{URL: "https://other.example.com/in/taken", SigningKey: signingKey}) {
		t.Errorf("sent %+v", sent)
	}
	g := s.call(t, "GET", path+"?includeTotalCount=true&size=2", "").is(200)
	if g.length("data") != 2 || g.at("pagination.cursor") == nil {
		t.Errorf("page %s", g.body)
	}
	s.call(t, "GET", path+"?cursor="+g.text("pagination.cursor"), "").is(200)
	for _, ty := range []string{"CREATED", "UPDATED", "TESTED"} {
		e := s.call(t, "GET", "/events?expand[]=metadata&type=NOTIFICATION_CHANNEL_"+ty, "").is(200).has(map[string]any{"data.0.category": "NOTIFICATION", "data.0.workspaceId": 1})
		for _, secret := range []string{"T0PSECRET", "in/taken", signingKey} {
			if strings.Contains(string(e.body), secret) {
				t.Errorf("an event shows a secret: %s", e.body)
			}
		}
	}
	s.call(t, "DELETE", at, "").is(204)
	s.call(t, "GET", at, "").refused(404, 40401, hook.text("id"))
}

// notifiedPeople: channels name people of the workspace, whose account says where
// and whether mail goes to them.
func notifiedPeople(t *testing.T, s *server) {
	path := notifications + "/channels"
	u := s.user(t, access.Grant{Role: access.Auditor, WorkspaceID: 1})
	made := s.call(t, "POST", path, fmt.Sprintf(`{"kind":"mail","name":%q,"userIds":[%d],"controlOwners":true}`, s.name("People"), u.ID)).is(201).
		has(map[string]any{"to": absent, "controlOwners": true, "users.0.id": u.ID, "users.0.email": u.Email, "users.0.name": u.Email, "users.0.noMailBecause": absent})
	at := path + "/" + made.text("id")
	s.outbox.take("")
	s.call(t, "POST", at+"/actions", `{"action":"test"}`).is(200).has(map[string]any{"delivered": true, "results.0.target": u.Email})
	s.call(t, "PUT", at, `{"controlOwners":false}`).is(200).has(map[string]any{"controlOwners": false, "users.0.id": u.ID})
	s.call(t, "PUT", at, `{"userIds":[]}`).refused(400, 40001, "/to")

	test := s.mfaTest(t, s.resource(t), "")
	s.call(t, "POST", notifications+"/rules", fmt.Sprintf(`{"name":%q,"events":["TEST_FAILED","TEST_ERROR"],"filter":{"testIds":[%s]},"channelIds":[%s]}`,
		s.name("People"), test, made.text("id"))).is(201)
	s.dispatch(t, time.Hour)
	s.call(t, "GET", notifications+"/deliveries?channelId="+made.text("id"), "").is(200).has(map[string]any{"data.0.userId": u.ID, "data.0.target": u.Email, "data.0.status": "SENT"})

	s.call(t, "POST", fmt.Sprintf("/users/%d/actions", u.ID), `{"action":"disable"}`).is(200)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"users.0.noMailBecause": "DISABLED"})
	s.call(t, "POST", at+"/actions", `{"action":"test"}`).refused(409, 40901, "nobody gets a test message")
	s.call(t, "DELETE", fmt.Sprintf("/users/%d", u.ID), "").is(204)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"users": absent, "to": absent})
}

func channelRefusals(t *testing.T, s *server) {
	path := notifications + "/channels"
	name := s.name("Taken")
	made := s.call(t, "POST", path, fmt.Sprintf(`{"kind":"slack","name":%q,"url":"https://hooks.slack.com/T0PSECRET"}`, name)).is(201)
	at := path + "/" + made.text("id")
	for _, c := range []struct {
		body, says string
		status     int
		code       int
	}{
		{`{}`, "/name", 400, 40001},
		{`{"kind":"pager","name":"x"}`, "/kind", 400, 40001},
		{`{"kind":"mail","name":"x"}`, "/to", 400, 40001},
		{`{"kind":"mail","name":"x","to":["nobody"]}`, "/to/0", 400, 40001},
		{`{"kind":"mail","name":"x","userIds":[],"controlOwners":false}`, "/to", 400, 40001},
		{`{"kind":"mail","name":"x","userIds":[99999]}`, "/userIds/0", 400, 40001},
		{`{"kind":"slack","name":"x","url":"https://example.com","userIds":[1]}`, "/userIds", 400, 40001},
		{`{"kind":"slack","name":"x","url":"https://example.com","controlOwners":true}`, "/controlOwners", 400, 40001},
		{`{"kind":"slack","name":"x"}`, "/url", 400, 40001},
		{`{"kind":"slack","name":"x","url":"https://user:T0PSECRET@example.com"}`, "/url", 400, 40001},
		{`{"kind":"webhook","name":"x","url":"https://example.com/T0PSECRET"}`, "/signingKey", 400, 40001},
		{`{"kind":"webhook","name":"x","url":"https://example.com/","signingKey":"T0PSECRET"}`, "/signingKey", 400, 40001},
		{`{"kind":"slack","name":"x","url":"https://example.com","secret":"T0PSECRET"}`, "/secret", 400, 40002},
		{`{"kind":"slack","name":" ","url":"https://example.com"}`, "/name", 400, 40001},
		{fmt.Sprintf(`{"kind":"slack","name":%q,"url":"https://example.com"}`, name), name, 409, 40902},
		{`{"kind":"slack"`, "", 400, 40002},
	} {
		g := s.call(t, "POST", path, c.body).refused(c.status, c.code, c.says)
		if strings.Contains(string(g.body), "T0PSECRET") {
			t.Errorf("a refusal shows a secret: %s", g.body)
		}
	}
	s.call(t, "PUT", at, `{"kind":"mail"}`).refused(400, 40002, "/kind")
	s.call(t, "PUT", at, `{"signingKey":"`+signingKey+`"}`).refused(400, 40001, "/signingKey")
	s.call(t, "POST", at+"/actions", `{"action":"destroy"}`).refused(400, 40001, "/action")
	s.call(t, "POST", at+"/actions", `{}`).refused(400, 40001, "/action")
	for _, bad := range []string{"/workspaces/2/notifications/channels", "/workspaces/2/notifications/channels/" + made.text("id"), path + "/99999", path + "/0",
		path + "/99999999999999999999"} {
		s.call(t, "GET", bad, "").is(404)
	}
	s.call(t, "PUT", path+"/99999", `{}`).is(404)
	s.call(t, "DELETE", path+"/99999", "").is(404)
	s.call(t, "POST", path+"/99999/actions", `{"action":"test"}`).is(404)
	s.call(t, "POST", "/workspaces/2/notifications/channels", `{"kind":"slack","name":"x","url":"https://example.com"}`).is(404)
	s.call(t, "GET", path+"?sort=updatedAt", "").refused(400, 40001, "sort")
	s.call(t, "GET", path+"/x", "").refused(400, 40001, "channelId")

	rule := notifications + "/rules"
	for _, c := range []struct {
		scope        access.Scope
		method, path string
	}{
		{access.NotificationsGet, "GET", path}, {access.NotificationsGet, "GET", at}, {access.NotificationsPost, "POST", path}, {access.NotificationsPut, "PUT", at},
		{access.NotificationsPost, "POST", at + "/actions"}, {access.NotificationsDelete, "DELETE", path + "/99999"}, {access.NotificationsGet, "GET", rule},
		{access.NotificationsPost, "POST", rule}, {access.NotificationsGet, "GET", rule + "/99999"}, {access.NotificationsPut, "PUT", rule + "/99999"},
		{access.NotificationsDelete, "DELETE", rule + "/99999"}, {access.NotificationsGet, "GET", notifications + "/deliveries"},
		{access.NotificationsGet, "GET", notifications + "/deliveries/99999"}, {access.NotificationsPost, "POST", notifications + "/deliveries/99999/actions"},
	} {
		body := ""
		if c.method == "POST" || c.method == "PUT" {
			body = `{"nothing":0}`
		}
		s.call(t, c.method, c.path, body, as(s.newKey(access.MonitorsGet))).refused(403, 40301, string(c.scope))
		if g := s.call(t, c.method, c.path, body, as(s.newKey(c.scope))); g.status == 403 {
			t.Errorf("%s %s with its scope: %s", c.method, c.path, g.body)
		}
	}
	s.call(t, "GET", path, "", as(s.newKey(access.Read))).is(200)
}

func rulesCase(t *testing.T, s *server) {
	r := s.resource(t)
	s.call(t, "POST", r.path+"/records", `{"data":[{"id":"1","email":"one@x","mfa":true}]}`).is(200)
	test := strings.TrimPrefix(s.test(t, r), monitoringTests+"/")
	channel := s.call(t, "POST", notifications+"/channels", fmt.Sprintf(`{"kind":"mail","name":%q,"to":["ann@example.com"]}`, s.name("Mail"))).is(201).text("id")
	path := notifications + "/rules"
	name := s.name("All of it")
	made := s.call(t, "POST", path, fmt.Sprintf(`{"name":%q,"events":["TEST_RECOVERED","TEST_FAILED"],"channelIds":[%s]}`, name, channel)).is(201).
		has(map[string]any{"name": name, "enabled": true, "events": "[TEST_FAILED TEST_RECOVERED]", "filter.testIds": "[]", "filter.connectionIds": "[]",
			"channelIds": "[" + channel + "]", "mode": "immediate", "digestAt": absent, "nextDigestAt": nil})
	at := path + "/" + made.text("id")
	s.call(t, "PUT", at, fmt.Sprintf(`{"filter":{"testIds":[%s],"connectionIds":[%s]}}`, test, r.connection)).is(200).
		has(map[string]any{"name": name, "filter.testIds": "[" + test + "]", "filter.connectionIds": "[" + r.connection + "]"})
	s.call(t, "GET", at, "").is(200).has(map[string]any{"filter.testIds": "[" + test + "]"})
	s.call(t, "DELETE", notifications+"/channels/"+channel, "").refused(409, 40901, "“"+name+"”")

	// The test fails, and its message comes after the window.
	s.settle(t, r)
	s.dispatch(t, 2*time.Minute)
	s.outbox.take("")
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"one@x","mfa":false}]}`).is(200)
	s.dispatch(t, 0)
	if sent := s.outbox.take(channel); len(sent) != 0 {
		t.Errorf("sent at once: %+v", sent)
	}
	s.dispatch(t, time.Minute)
	sent := s.outbox.take(channel)
	if len(sent) != 1 || sent[0].Target != "ann@example.com" || !strings.HasSuffix(sent[0].Message.Subject, "” fails") {
		t.Fatalf("sent %+v", sent)
	}
	list := s.call(t, "GET", notifications+"/deliveries?includeTotalCount=true&status=SENT&channelId="+channel, "").is(200).has(map[string]any{
		"pagination.totalCount": 1, "data.0.deliveryId": sent[0].UID, "data.0.channelId": channel, "data.0.kind": "mail", "data.0.target": "ann@example.com", "data.0.rule": name,
		"data.0.digest": false, "data.0.status": "SENT", "data.0.attempts": 1, "data.0.lastError": nil, "data.0.nextAttemptAt": nil, "data.0.text": absent, "data.0.subject": sent[0].Message.Subject})
	one := notifications + "/deliveries/" + list.text("data.0.id")
	s.call(t, "GET", one, "").is(200).has(map[string]any{"text": sent[0].Message.Text, "deliveryId": sent[0].UID})
	s.call(t, "GET", notifications+"/deliveries?status=PENDING&channelId="+channel, "").is(200).has(map[string]any{"data": "[]"})

	// The same as a digest.
	s.call(t, "PUT", at, `{"mode":"digest","digestAt":{"every":"WEEK","weekday":"MONDAY","time":"07:30","timeZone":"Europe/Berlin"}}`).is(200).has(map[string]any{
		"mode": "digest", "digestAt.every": "WEEK", "digestAt.weekday": "MONDAY", "digestAt.time": "07:30", "digestAt.timeZone": "Europe/Berlin"})
	s.call(t, "PUT", at, `{"digestAt":{"every":"DAY","time":"07:30"}}`).is(200).has(map[string]any{"digestAt.every": "DAY", "digestAt.weekday": absent, "digestAt.timeZone": "UTC"})
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"one@x","mfa":true}]}`).is(200)
	s.dispatch(t, time.Minute)
	s.dispatch(t, 24*time.Hour)
	if sent := s.outbox.take(channel); len(sent) != 1 || sent[0].Message.Subject != "Digest: 1 test passes again" {
		t.Errorf("sent %+v", sent)
	}
	// A message that was given up is tried anew.
	s.call(t, "PUT", notifications+"/channels/"+channel, `{"to":["refused@example.com"]}`).is(200)
	s.call(t, "PUT", at, `{"mode":"immediate"}`).is(200)
	s.dispatch(t, 0)
	s.call(t, "POST", r.path+"/records?wait=verdict", `{"data":[{"id":"1","email":"one@x","mfa":false}]}`).is(200)
	for range notify.MaxAttempts {
		s.dispatch(t, 90*time.Minute)
	}
	lost := s.call(t, "GET", notifications+"/deliveries?status=FAILED&channelId="+channel, "").is(200).has(map[string]any{"data.0.attempts": notify.MaxAttempts,
		"data.0.lastError": "the other side said no", "data.1": absent})
	failed := notifications + "/deliveries/" + lost.text("data.0.id")
	s.call(t, "GET", "/events?type=NOTIFICATION_FAILED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.deliveryId": lost.at("data.0.id")})
	s.call(t, "POST", failed+"/actions", `{"action":"forget"}`).refused(400, 40001, "/action")
	s.call(t, "POST", failed+"/actions", `{"action":"retry"}`).is(200).has(map[string]any{"status": "PENDING", "attempts": 0, "finishedAt": nil})
	s.call(t, "POST", failed+"/actions", `{"action":"retry"}`).refused(409, 40901, "PENDING")
	s.call(t, "POST", one+"/actions", `{"action":"retry"}`).refused(409, 40901, "SENT")
	s.call(t, "POST", notifications+"/deliveries/99999/actions", `{"action":"retry"}`).is(404)
	s.call(t, "PUT", at, `{"mode":"immediate"}`).is(200).has(map[string]any{"digestAt": absent})
	s.call(t, "PUT", at, `{"enabled":false}`).is(200).has(map[string]any{"enabled": false, "nextDigestAt": nil})
	g := s.call(t, "GET", path+"?includeTotalCount=true", "").is(200)
	if fmt.Sprint(g.length("data")) != g.text("pagination.totalCount") {
		t.Errorf("list %s", g.body)
	}
	s.call(t, "GET", "/events?expand[]=metadata&type=NOTIFICATION_RULE_UPDATED", "").is(200).has(map[string]any{"data.0.metadata.name": name, "data.0.metadata.enabled": false})
	s.call(t, "DELETE", at, "").is(204)
	s.call(t, "DELETE", at, "").refused(404, 40401, made.text("id"))
	s.call(t, "DELETE", notifications+"/channels/"+channel, "").is(204)
	s.call(t, "GET", one, "").is(200).has(map[string]any{"status": "SENT"})
}

func ruleRefusals(t *testing.T, s *server) {
	channel := s.call(t, "POST", notifications+"/channels", fmt.Sprintf(`{"kind":"mail","name":%q,"to":["ann@example.com"]}`, s.name("Mail"))).is(201).text("id")
	path := notifications + "/rules"
	name := s.name("Rule")
	good := func(more string) string {
		if more != "" {
			name = s.name("Refused")
		}
		return fmt.Sprintf(`{"name":%q,"events":["DRIFT"],"channelIds":[%s]%s}`, name, channel, more)
	}
	at := path + "/" + s.call(t, "POST", path, good("")).is(201).text("id")
	s.call(t, "POST", path, good("")).refused(409, 40902, "“"+name+"”")
	for body, says := range map[string]string{
		`{}`:                          "/name",
		`{"name":"x"}`:                "/events",
		`{"name":"x","events":["X"]}`: "/events/0",
		`{"name":"x","events":["DRIFT"],"channelIds":[99999]}`:                                  "(/channelIds/0)",
		`{"name":"x","events":["DRIFT"],"channelIds":[]}`:                                       "/channelIds",
		good(`,"filter":{"testIds":[99999]}`):                                                   "test 99999 in this workspace (/filter/testIds/0)",
		good(`,"filter":{"connectionIds":[99999]}`):                                             "connection 99999 in this workspace (/filter/connectionIds/0)",
		good(`,"mode":"weekly"`):                                                                "/mode",
		good(`,"mode":"digest"`):                                                                "/digestAt",
		good(`,"mode":"digest","digestAt":{"every":"DAY"}`):                                     "/digestAt/time",
		good(`,"mode":"digest","digestAt":{"every":"WEEK","time":"08:00"}`):                     "/digestAt/weekday",
		good(`,"mode":"digest","digestAt":{"every":"DAY","time":"08:00","timeZone":"Nowhere"}`): "/digestAt/timeZone",
	} {
		s.call(t, "POST", path, body).refused(400, 40001, says)
	}
	s.call(t, "POST", path, good(`,"filter":{"testId":[1]}`)).refused(400, 40002, "/filter/testId")
	s.call(t, "PUT", at, `{"channelIds":[`+channel+`,99999]}`).refused(400, 40001, "(/channelIds/1)")
	s.call(t, "GET", at, "").is(200).has(map[string]any{"channelIds": "[" + channel + "]"})
	for _, bad := range []string{"/workspaces/2/notifications/rules", "/workspaces/2/notifications/rules/1", path + "/99999", notifications + "/deliveries/99999", "/workspaces/2/notifications/deliveries"} {
		s.call(t, "GET", bad, "").is(404)
	}
	s.call(t, "POST", "/workspaces/2/notifications/rules", good("")).is(404)
	s.call(t, "PUT", path+"/99999", `{}`).is(404)
	for _, bad := range []string{"status=LOST", "channelId=x", "channelId=null", "sort=updatedAt"} {
		s.call(t, "GET", notifications+"/deliveries?"+bad, "").is(400)
	}
}
