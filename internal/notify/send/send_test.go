package send

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/notify"
)

var signingKey = strings.Repeat("k", 24)

// The signatures are as `printf '%s' "$t.$body" | openssl dgst -sha256 -hmac
// "$key"` makes them.
func TestSignatureVectors(t *testing.T) {
	for _, c := range []struct {
		key  string
		at   int64
		body string
		want string
	}{
		{"kkkkkkkkkkkkkkkkkkkkkkkk", 1772366400, `{"id":"1"}`, "t=1772366400,v1=db75e28d86dcb99ca589d3b7f4e23fcf5ebb77bdf1204a8b043be518b36a89e5"},
		{"0123456789abcdefghijklmnopqrstuv", 0, "", "t=0,v1=1fdd2f62718cac1d3a1aae4fb6934c94cb351061c42e55067348149013d65c95"},
		{"a-key-of-some-length-!#$%", 1893456000, "{\"text\":\"ä ü €\"}\n", "t=1893456000,v1=9f6a0397478752baae178e70483b601edde4375e241c582a026af3aabdecb2fc"},
	} {
		if got := Sign(c.key, time.Unix(c.at, 999), []byte(c.body)); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestWebhook(t *testing.T) {
	s := newSink(t, true, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	sender := New(Options{Networks: loopback, Now: clock, Roots: roots(s.Server)})
	p := parcel(notify.Webhook, notify.Secrets{URL: s.URL + "/hook?a=b", SigningKey: signingKey}, "")
	for range 2 {
		if err := sender.Send(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	got := s.requests()
	if len(got) != 2 || got[0].path != "/hook?a=b" || string(got[0].body) != string(got[1].body) {
		t.Fatalf("got %+v", got)
	}
	h := got[0].header
	if h.Get("Content-Type") != "application/json" || h.Get("User-Agent") != "Plumbline" || h.Get("Plumbline-Delivery") != "0190-uid" {
		t.Errorf("headers %v", h)
	}
	// As a receiver checks it.
	at, signature, _ := strings.Cut(strings.TrimPrefix(h.Get("Plumbline-Signature"), "t="), ",v1=")
	mac := hmac.New(sha256.New, []byte(signingKey))
	mac.Write(append([]byte(at+"."), got[0].body...))
	if at != "1772366400" || signature != hex.EncodeToString(mac.Sum(nil)) {
		t.Errorf("signature %s", h.Get("Plumbline-Signature"))
	}
	var body map[string]any
	if err := json.Unmarshal(got[0].body, &body); err != nil {
		t.Fatal(err)
	}
	text := body["text"]
	delete(body, "text")
	want := map[string]any{"id": "0190-uid", "type": "event", "createdAt": "2026-03-01T12:00:00Z", "workspaceId": 1.0, "rule": "Everything",
		"subject": "Test “MFA <is> on & *off*” fails", "events": []any{map[string]any{"eventId": "e-1", "at": "2026-03-01T12:00:00Z", "topic": "TEST_FAILED",
			"from": "PASSED", "to": "FAILED", "testId": 7.0, "testName": "MFA <is> on & *off*"}}}
	if !reflect.DeepEqual(body, want) || text != p.Message.Text {
		t.Errorf("body %s", got[0].body)
	}
	for kind, n := range map[string]notify.Notice{"test": {Test: true}, "digest": {Digest: true, Counts: []notify.Count{{Topic: notify.Drift, N: 2}}}} {
		p.Notice = n
		if text := string(webhookBody(p)); !strings.Contains(text, `"type":"`+kind+`"`) || !strings.Contains(text, `"events":[]`) {
			t.Errorf("body %s", text)
		}
	}
}

func roots(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func TestChatBodies(t *testing.T) {
	s := newSink(t, false, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	sender := New(Options{Networks: loopback, Now: clock})
	for _, kind := range []notify.Kind{notify.Slack, notify.Teams} {
		if err := sender.Send(t.Context(), parcel(kind, notify.Secrets{URL: s.URL + "/" + string(kind)}, "")); err != nil {
			t.Fatal(err)
		}
	}
	got := s.requests()
	var slack struct {
		Text   string `json:"text"`
		Unfurl *bool  `json:"unfurl_links"`
	}
	if err := json.Unmarshal(got[0].body, &slack); err != nil {
		t.Fatal(err)
	}
	if want := "*Test “MFA &lt;is&gt; on &amp; *off*” fails*\nBefore: PASSED\nNow: FAILED\nAt: 2026-03-01 12:00 UTC\nLook: <https://plumbline.example.com/tests/7|https://plumbline.example.com/tests/7>\n"; slack.Text != want || slack.Unfurl == nil || *slack.Unfurl {
		t.Errorf("Slack got %s", got[0].body)
	}
	const card = `{"attachments":[{"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","body":[` +
		`{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Test “MFA <is> on & *off*” fails","weight":"Bolder"}]},` +
		`{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Before: ","weight":"Bolder"},{"type":"TextRun","text":"PASSED"}],"spacing":"None"},` +
		`{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Now: ","weight":"Bolder"},{"type":"TextRun","text":"FAILED"}],"spacing":"None"},` +
		`{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"At: ","weight":"Bolder"},{"type":"TextRun","text":"2026-03-01 12:00 UTC"}],"spacing":"None"},` +
		`{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Look: ","weight":"Bolder"},{"type":"TextRun","text":"https://plumbline.example.com/tests/7","selectAction":{"type":"Action.OpenUrl","url":"https://plumbline.example.com/tests/7"}}],"spacing":"None"}` +
		`],"fallbackText":"Test “MFA <is> on & *off*” fails","type":"AdaptiveCard","version":"1.2"},"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null}],"type":"message"}`
	var have, want any
	if err := errors.Join(json.Unmarshal(got[1].body, &have), json.Unmarshal([]byte(card), &want)); err != nil || !reflect.DeepEqual(have, want) {
		t.Errorf("%v: Teams got %s", err, got[1].body)
	}
	// A digest of any size stays below what the other side takes.
	n := notify.Notice{Digest: true}
	for _, topic := range notify.Topics {
		n.Counts = append(n.Counts, notify.Count{Topic: topic, N: 50})
		for range 50 {
			n.Signals = append(n.Signals, notify.Signal{Topic: topic, At: noon, TestID: 1, TestName: strings.Repeat("<ä\"", 33), ResourceName: strings.Repeat("&", 100)})
		}
	}
	m := n.Message("https://plumbline.example.com")
	if text := slackBody(m); len(text) > 39_000 || !strings.Contains(string(text), "this message was cut") {
		t.Errorf("Slack gets %d bytes", len(text))
	}
	if text := teamsBody(m); len(text) > 28<<10 || !strings.Contains(string(text), "this message was cut") {
		t.Errorf("Teams gets %d bytes", len(text))
	}
}

func TestAnswers(t *testing.T) {
	const secret = "T0KEN"
	other := newSink(t, false, nil)
	for _, c := range []struct {
		name   string
		kind   notify.Kind
		answer http.HandlerFunc
		want   string
		after  time.Duration
	}{
		{"500", notify.Slack, status(500, "no_service", ""), "answered 500 Internal Server Error: no_service", 0},
		{"404 that repeats the URL", notify.Slack, status(404, "no such path /"+secret, ""), "answered 404 Not Found", 0},
		{"429", notify.Slack, status(429, "rate_limited", "120"), "429 Too Many Requests: rate_limited", 2 * time.Minute},
		{"429 with a date", notify.Slack, status(429, "", "Fri, 31 Dec 1999 23:59:59 GMT"), "429", 0},
		{"redirect", notify.Webhook, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}, "redirects are not followed", 0},
		{"a connector's 200", notify.Teams, status(200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429", ""), "did not deliver", 0},
		{"a long answer", notify.Slack, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			_, _ = w.Write(make([]byte, 1<<20))
		}, "500", 0},
		{"no answer", notify.Slack, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "connection to the other side failed", 0},
	} {
		s := newSink(t, false, c.answer)
		err := New(Options{Networks: loopback, Now: clock}).Send(t.Context(), parcel(c.kind, notify.Secrets{URL: s.URL + "/" + secret, SigningKey: signingKey}, ""))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", c.name, err)
		}
		var r *notify.Refusal
		if errors.As(err, &r); (r == nil && c.after != 0) || r != nil && r.After != c.after {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	if n := len(other.requests()); n != 0 {
		t.Errorf("the redirect was followed %d times", n)
	}
	// An unknown authority, a closed port, a name that is none, an impatient caller.
	secure := newSink(t, true, nil)
	closed := newSink(t, false, nil)
	closed.Close()
	hangs := newSink(t, false, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for _, c := range []struct {
		ctx       context.Context
		url, want string
	}{
		{t.Context(), secure.URL, "certificate"}, {t.Context(), closed.URL, "cannot be reached"}, {t.Context(), "http://nowhere.invalid/" + secret, "cannot be resolved"},
		{soon, hangs.URL, "in time"},
	} {
		err := New(Options{Networks: loopback, Now: clock}).Send(c.ctx, parcel(notify.Slack, notify.Secrets{URL: c.url}, ""))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", c.url, err)
		}
	}
}

func status(code int, body, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// A name that leads home is found out when it is dialled.
func TestGuardDials(t *testing.T) {
	s := newSink(t, false, nil)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{s.URL, "http://localhost:" + port, "https://localhost:" + port, "http://2130706433:" + port} {
		for _, networks := range [][]netip.Prefix{nil, {netip.MustParsePrefix("10.0.0.0/8")}} {
			if err := New(Options{Now: clock, Networks: networks}).Send(t.Context(), parcel(notify.Slack, notify.Secrets{URL: url}, "")); err == nil {
				t.Errorf("%s was sent to", url)
			}
		}
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests came through", n)
	}
	if err := New(Options{Now: clock, Networks: loopback}).Send(t.Context(), parcel(notify.Slack, notify.Secrets{URL: "http://localhost:" + port}, "")); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		networks []netip.Prefix
		kind     notify.Kind
		url      string
		code     fault.Code
	}{
		{nil, notify.Slack, "https://hooks.example.com/secret", 0}, {nil, notify.Slack, "https://8.8.8.8/secret", 0}, {nil, notify.Slack, "http://hooks.example.com/secret", fault.CodeValidation},
		{nil, notify.Webhook, "https://10.0.0.1/secret", fault.CodeValidation}, {nil, notify.Webhook, "https://[::1]:8080/secret", fault.CodeValidation},
		{loopback, notify.Webhook, "https://[::1]:8080/secret", 0}, {loopback, notify.Webhook, "http://127.0.0.1/secret", 0},
		{loopback, notify.Webhook, "http://10.0.0.1/secret", fault.CodeValidation}, {loopback, notify.Webhook, "http://8.8.8.8/secret", fault.CodeValidation},
		{nil, notify.Mail, "", fault.CodeUnprocessable},
	} {
		err := New(Options{Networks: c.networks, Now: clock}).Check(notify.Channel{Kind: c.kind}, notify.Secrets{URL: c.url})
		if (err == nil) != (c.code == 0) || err != nil && (fault.CodeOf(err) != c.code || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s %s: %v", c.kind, c.url, err)
		}
	}
	if err := New(Options{Mail: MailServer{Host: "mail.example.com", From: "p@example.com"}}).Check(notify.Channel{Kind: notify.Mail}, notify.Secrets{}); err != nil {
		t.Error(err)
	}
}

// certificate is one for 127.0.0.1, with the pool that trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	s := httptest.NewTLSServer(nil)
	t.Cleanup(s.Close)
	return &tls.Config{Certificates: s.TLS.Certificates, MinVersion: tls.VersionTLS12}, roots(s)
}

func TestMail(t *testing.T) {
	config, pool := certificate(t)
	for _, c := range []struct {
		name   string
		sink   *mailSink
		server MailServer
	}{
		{"plain", &mailSink{}, MailServer{Encryption: NoTLS}},
		{"STARTTLS", &mailSink{config: config, login: [2]string{"plumb", "s3cret"}}, MailServer{Encryption: StartTLS, User: "plumb", Password: "s3cret"}},
		{"TLS", &mailSink{config: config, implicit: true, login: [2]string{"plumb", "s3cret"}}, MailServer{Encryption: TLS, User: "plumb", Password: "s3cret"}},
		// What comes after the message was taken is no reason to send it again.
		{"rude", &mailSink{answers: map[string]string{"QUIT": "500 what?"}}, MailServer{Encryption: NoTLS}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.server.From = "plumbline@example.org"
			c.server.Host, c.server.Port = c.sink.start(t)
			sender := New(Options{Mail: c.server, Now: clock, Roots: pool})
			p := parcel(notify.Mail, notify.Secrets{}, "ann@example.com")
			if err := sender.Send(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			mails, rcpts, auths := c.sink.taken()
			if len(mails) != 1 || len(rcpts) != 1 || !strings.Contains(rcpts[0], "<ann@example.com>") || (auths == 1) != (c.server.User != "") {
				t.Fatalf("%d mails, %q, %d logins", len(mails), rcpts, auths)
			}
			checkMail(t, mails[0], p)
		})
	}
}

func checkMail(t *testing.T, text string, p notify.Parcel) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != p.Message.Subject {
		t.Errorf("subject %q %v", subject, err)
	}
	for name, want := range map[string]string{"Message-ID": "<0190-uid@example.org>", "Auto-Submitted": "auto-generated", "Date": "Sun, 01 Mar 2026 12:00:00 +0000",
		"To": "<ann@example.com>", "From": `"Plumbline" <plumbline@example.org>`} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || media != "multipart/alternative" {
		t.Fatalf("%s %v", media, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []struct{ media, text string }{{"text/plain", p.Message.Text}, {"text/html", p.Message.HTML}} {
		part, err := r.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		media, params, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Fatalf("encoding %v", part.Header)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if got := strings.TrimSpace(strings.ReplaceAll(string(body), "\r\n", "\n")); err != nil || media != want.media || params["charset"] != "UTF-8" || got != strings.TrimSpace(want.text) {
			t.Errorf("%s %v %v:\n%s", media, params, err, body)
		}
	}
}

func TestMailFailures(t *testing.T) {
	config, pool := certificate(t)
	for _, c := range []struct {
		name   string
		sink   *mailSink
		server MailServer
		roots  *x509.CertPool
		want   string
		mails  int
	}{
		{"no STARTTLS", &mailSink{}, MailServer{Encryption: StartTLS}, pool, "STARTTLS", 0},
		{"unknown authority", &mailSink{config: config}, MailServer{Encryption: StartTLS}, nil, "certificate", 0},
		{"wrong password", &mailSink{config: config, login: [2]string{"a", "b"}}, MailServer{Encryption: StartTLS, User: "a", Password: "s3cret"}, pool, "535", 0},
		{"password in the clear", &mailSink{login: [2]string{"a", "b"}}, MailServer{Encryption: NoTLS, User: "a", Password: "s3cret"}, pool, "cannot reach", 0},
		{"unknown recipient", &mailSink{answers: map[string]string{"RCPT": "550 5.1.1 no such user"}}, MailServer{Encryption: NoTLS}, pool, "550", 0},
		{"greylisting", &mailSink{answers: map[string]string{"MAIL": "451 come later"}}, MailServer{Encryption: NoTLS}, pool, "451", 0},
		{"refused at the end", &mailSink{answers: map[string]string{"DATA-END": "554 spam"}}, MailServer{Encryption: NoTLS}, pool, "554", 1},
		{"busy", &mailSink{answers: map[string]string{"GREETING": "421 too busy"}}, MailServer{Encryption: NoTLS}, pool, "421", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.server.From = "plumbline@example.org"
			c.server.Host, c.server.Port = c.sink.start(t)
			err := New(Options{Mail: c.server, Now: clock, Roots: c.roots}).Send(t.Context(), parcel(notify.Mail, notify.Secrets{}, "ann@example.com"))
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v", err)
			}
			if mails, _, _ := c.sink.taken(); len(mails) != c.mails {
				t.Errorf("%d mails", len(mails))
			}
		})
	}
	if err := New(Options{Now: clock}).Send(t.Context(), parcel(notify.Mail, notify.Secrets{}, "ann@example.com")); err == nil || !strings.Contains(err.Error(), "mail-host") {
		t.Errorf("without a server: %v", err)
	}
}
