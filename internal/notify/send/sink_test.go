package send

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/notify"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func clock() time.Time { return noon }

// posted is a request that a sink got.
type posted struct {
	path   string
	header http.Header
	body   []byte
}

// sink takes what is posted and answers in one way.
type sink struct {
	*httptest.Server
	mu  sync.Mutex
	got []posted
}

func newSink(t *testing.T, secure bool, answer http.HandlerFunc) *sink {
	t.Helper()
	s := &sink{}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		s.got = append(s.got, posted{r.URL.RequestURI(), r.Header.Clone(), body})
		s.mu.Unlock()
		if answer != nil {
			answer(w, r)
		}
	})
	if secure {
		s.Server = httptest.NewTLSServer(h)
	} else {
		s.Server = httptest.NewServer(h)
	}
	t.Cleanup(s.Close)
	return s
}

func (s *sink) requests() []posted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]posted{}, s.got...)
}

// parcel is a message for a channel of a kind.
func parcel(kind notify.Kind, s notify.Secrets, to string) notify.Parcel {
	n := notify.Notice{Rule: "Everything", Signals: []notify.Signal{{EventID: "e-1", At: noon, Topic: notify.TestFailed, From: "PASSED", To: "FAILED",
		TestID: 7, TestName: "MFA <is> on & *off*"}}}
	return notify.Parcel{UID: "0190-uid", Workspace: 1, Channel: notify.Channel{ID: 3, Kind: kind, Name: "c"}, Secrets: s, Target: to, Notice: n,
		Message: n.Message("https://plumbline.example.com"), CreatedAt: noon}
}

// mailSink is a small SMTP server. It takes what RFC 5321 asks of one that a
// client of ours talks to.
type mailSink struct {
	listener net.Listener
	config   *tls.Config
	// implicit encrypts from the first byte; else STARTTLS is offered if there is
	// a config.
	implicit bool
	// login, if set, is the user and password that AUTH PLAIN must bring.
	login [2]string
	// answers replace replies to commands, by their first word, or DATA-END.
	answers map[string]string

	mu    sync.Mutex
	mails []string
	auths int
	rcpts []string
	conns sync.WaitGroup
}

func (m *mailSink) start(t *testing.T) (host string, port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.listener = l
	m.conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			m.conns.Go(func() { m.serve(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); m.conns.Wait() })
	return "127.0.0.1", l.Addr().(*net.TCPAddr).Port
}

func (m *mailSink) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	encrypted := false
	if m.implicit {
		c, encrypted = tls.Server(c, m.config), true
	}
	r := bufio.NewReader(c)
	say := func(word, text string) {
		if other, ok := m.answers[word]; ok {
			text = other
		}
		_, _ = fmt.Fprintf(c, "%s\r\n", text)
	}
	say("GREETING", "220 sink ESMTP")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		word, rest, _ := strings.Cut(line, " ")
		switch word = strings.ToUpper(word); word {
		case "EHLO":
			lines := []string{"250-sink"}
			if m.config != nil && !encrypted {
				lines = append(lines, "250-STARTTLS")
			}
			if m.login[0] != "" {
				lines = append(lines, "250-AUTH PLAIN")
			}
			say(word, strings.Join(append(lines, "250 8BITMIME"), "\r\n"))
		case "STARTTLS":
			say(word, "220 go on")
			c, encrypted = tls.Server(c, m.config), true
			r = bufio.NewReader(c)
		case "AUTH":
			_, code, _ := strings.Cut(rest, " ")
			text, _ := base64.StdEncoding.DecodeString(code)
			m.mu.Lock()
			m.auths++
			m.mu.Unlock()
			if string(text) == "\x00"+m.login[0]+"\x00"+m.login[1] {
				say(word, "235 welcome")
			} else {
				say(word, "535 5.7.8 wrong name or password")
			}
		case "RCPT":
			m.mu.Lock()
			m.rcpts = append(m.rcpts, rest)
			m.mu.Unlock()
			say(word, "250 ok")
		case "DATA":
			say(word, "354 go on")
			var b strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(line, "."))
			}
			m.mu.Lock()
			m.mails = append(m.mails, b.String())
			m.mu.Unlock()
			say("DATA-END", "250 taken")
		case "QUIT":
			say(word, "221 bye")
			return
		default: // MAIL, RSET, NOOP
			say(word, "250 ok")
		}
	}
}

func (m *mailSink) taken() (mails, rcpts []string, auths int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string{}, m.mails...), append([]string{}, m.rcpts...), m.auths
}
