package notify

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it:\n%s", path, got)
	}
}

func TestMessages(t *testing.T) {
	week := noon.Add(7 * 24 * time.Hour)
	mfa := func(topic Topic, from, to, reason string) Signal {
		return Signal{EventID: "e", At: noon, Topic: topic, From: from, To: to, Reason: reason, TestID: 7, TestName: "MFA is on"}
	}
	exclusion := func(topic Topic) Signal {
		s := mfa(topic, "", "", "moves in <spring>")
		s.ExclusionID, s.Excluded, s.ExpiresAt = 4, "bob@example.com", week
		return s
	}
	users := Signal{EventID: "e", At: noon, Topic: ConnectionStale, From: fresh, To: stale, ConnectionID: 3, ResourceID: 9, ResourceName: "Users",
		FreshAt: noon.Add(-25 * time.Hour), FreshnessHours: 24}
	back := users
	back.Topic, back.From, back.To, back.FreshAt = ConnectionFresh, stale, fresh, noon
	ill := Signal{EventID: "e", At: noon, Topic: ConnectionUnhealthy, From: well, To: unwell, ConnectionID: 3, ResourceID: 9, ResourceName: "Users",
		Reason: "The session rested for too long, so it was cancelled."}
	again := Signal{EventID: "e", At: noon, Topic: ConnectionRecovered, From: unwell, To: well, ConnectionID: 3, ResourceID: 9, ResourceName: "Users"}
	all := []Signal{mfa(TestFailed, "PASSED", "FAILED", ""), mfa(TestError, "FAILED", "ERROR", "STALE,NO_DATA"), mfa(TestRecovered, "ERROR", "PASSED", ""),
		ill, again, users, back, exclusion(ExclusionExpiring), exclusion(ExclusionExpired), mfa(Drift, "", "", "")}
	all[len(all)-1].Drift = 3
	var text, html strings.Builder
	for i, s := range all {
		if s.Topic != Topics[i] {
			t.Fatalf("topic %d is %s", i, s.Topic)
		}
		m := Notice{Rule: "Everything", Signals: []Signal{s}}.Message("https://plumbline.example.com")
		text.WriteString("=== " + m.Subject + "\n" + m.Text)
		html.WriteString(m.HTML)
	}
	golden(t, "signals.txt", text.String())
	golden(t, "signals.html", html.String())

	many := make([]Signal, 0, 60)
	for i := range 60 {
		s := mfa(TestFailed, "PASSED", "FAILED", "NO_DATA")
		s.At = noon.Add(time.Duration(i) * time.Minute)
		many = append(many, s)
	}
	n := Notice{Digest: true, Rule: "Morning", From: noon, Until: noon.Add(20 * time.Hour), Zone: "Europe/Berlin", Signals: append(many, users, exclusion(ExclusionExpired)),
		Counts: []Count{{TestFailed, 1234}, {ConnectionStale, 1}, {ExclusionExpired, 1}}}
	m := n.Message("https://plumbline.example.com")
	golden(t, "digest.txt", m.Text)
	golden(t, "digest.html", m.HTML)

	m = Notice{Test: true}.Message("")
	golden(t, "test.txt", m.Text)
}

// Nothing of a name gets out of its place.
func TestHostileNames(t *testing.T) {
	name := "<script>alert(1)</script>\r\nBcc: all@example.com\x00\u2028" + strings.Repeat("long", 200) + "\xff"
	s := Signal{At: noon, Topic: TestFailed, From: "PASSED", To: "FAILED", Reason: "<img src=x>", TestID: 1, TestName: name}
	e := Signal{At: noon, Topic: ExclusionExpired, ExclusionID: 1, Excluded: name, Reason: name, TestID: 1, TestName: name}
	for _, n := range []Notice{{Signals: []Signal{s}, Rule: name}, {Signals: []Signal{e}}, {Digest: true, Rule: name, Signals: []Signal{s, e}, Counts: []Count{{TestFailed, 1}, {ExclusionExpired, 1}}}} {
		m := n.Message("https://x.example")
		if strings.ContainsFunc(m.Subject, control) || len([]rune(m.Subject)) > 201 {
			t.Errorf("subject %q", m.Subject)
		}
		if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<img") {
			t.Errorf("HTML %s", m.HTML)
		}
		if strings.Contains(m.Text, "\nBcc:") || len(m.Text) > 10_000 {
			t.Errorf("text %q", m.Text)
		}
	}
}
