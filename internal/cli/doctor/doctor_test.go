package doctor

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/app"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// What the scripts cannot make a real server do.
func TestServersInTrouble(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const healthy = `{"status":"ok","version":"1.2"}`
	says := func(status int, text string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	date := func(at time.Time) string { return at.Format(http.TimeFormat) }
	except := func(path string, other http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				other(w, r)
				return
			}
			says(200, healthy, "Date", date(now))(w, r)
		}
	}
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		key     string
		finding string
		level   app.Level
		want    string
	}{
		{"a redirect", says(308, "", "Location", "https://other.example/x?token=1"), "", "address", app.Problem, "sends on to https://other.example: give"},
		{"a web page", says(200, "<html>"), "", "address", app.Problem, "it is not Plumbline"},
		{"another API", says(200, `{"status":"ok"}`), "", "address", app.Problem, "it is not Plumbline"},
		{"a proxy without a server", says(502, healthy), "", "address", app.Problem, "(status 502)"},
		{"a clock that is a little off", says(200, healthy, "Date", date(now.Add(-2*time.Minute))), "", "clock", app.Warning, "The clock of the server is 2m0s behind"},
		{"a clock that is far off", says(200, healthy, "Date", date(now.Add(time.Hour))), "", "clock", app.Problem, "is 1h0m0s ahead of that"},
		{"a database that is down", except("/readyz", says(503, "{}")), "", "ready", app.Problem, "its database does not answer"},
		{"terms", except("/public/v2/me", says(412, `{"message":"The API terms are not accepted yet."}`)), "plk_x", "key", app.Problem, "(status 412). The API terms are not accepted yet."},
		{"no JSON of the key", except("/public/v2/me", says(200, "<html>")), "plk_x", "key", app.Problem, "(status 200)"},
		{"a key with a line break", says(200, healthy), "plk_x\n", "key", app.Problem, "copy it again"},
	} {
		s := httptest.NewServer(c.handler)
		env := command.Env{Now: func() time.Time { return now }, Version: "1.2"}
		found := false
		for _, f := range examine(t.Context(), env, s.URL, c.key, nil) {
			if f.Name == c.finding {
				found = true
				if f.Level != c.level || !strings.Contains(f.Message, c.want) || strings.Contains(f.Message, "token") {
					t.Errorf("%s: %+v, want %s with %q", c.name, f, c.level, c.want)
				}
			}
		}
		if !found {
			t.Errorf("%s: nothing of %s", c.name, c.finding)
		}
		s.Close()
	}

	secure := httptest.NewUnstartedServer(says(200, healthy))
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure.StartTLS()
	defer secure.Close()
	bare := httptest.NewServer(says(200, healthy))
	defer bare.Close()
	for address, want := range map[string]string{
		secure.URL: "does not trust the certificate",
		strings.Replace(bare.URL, "http:", "https:", 1): "speaks no TLS",
		"https://no.such.host.invalid":                  "cannot be resolved",
		"ftp://x":                                       "is not that of a server",
	} {
		got := examine(t.Context(), command.Env{Now: time.Now}, address, "", nil)
		if len(got) != 1 || got[0].Level != app.Problem || !strings.Contains(got[0].Message, want) {
			t.Errorf("%s: %+v, want %q", address, got, want)
		}
	}
}
