package config

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

func load(t *testing.T, args, environ []string, names ...string) (Config, error) {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(fs, names...)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return Load(fs, environ)
}

func settingsFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plumbline.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaults(t *testing.T) {
	got, err := load(t, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{Addr: "127.0.0.1:8080", DataDir: "plumbline-data", RateLimit: 500, SessionIdle: 15 * time.Minute,
		MaxBody: 5 << 20, ShutdownGrace: 30 * time.Second, LogLevel: slog.LevelInfo, LogFormat: "json",
		MailPort: 587, MailTLS: "starttls", NotifyWindow: time.Minute}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v\nwant %+v", got, want)
	}
}

// Each place gives one value more than the place before it, so that the result
// tells which one won.
func TestPrecedence(t *testing.T) {
	path := settingsFile(t, "rate-limit: 1\naddr: 127.0.0.1:1\nlog-level: warn\ntrusted-proxies: [10.0.0.0/8, 192.0.2.1]\n")
	environ := []string{"PLUMBLINE_RATE_LIMIT=2", "PLUMBLINE_ADDR=127.0.0.1:2", "PLUMBLINE_LOG_FORMAT=",
		"PLUMBLINE_PORT=tcp://10.0.0.1:80", "HOME=/", "RATE_LIMIT=9"}
	got, err := load(t, []string{"--config", path, "--rate-limit=3"}, environ)
	if err != nil {
		t.Fatal(err)
	}
	if got.RateLimit != 3 {
		t.Errorf("the flag must win: rate limit %d", got.RateLimit)
	}
	if got.Addr != "127.0.0.1:2" {
		t.Errorf("the variable must win over the file: addr %s", got.Addr)
	}
	if got.LogLevel != slog.LevelWarn {
		t.Errorf("the file must win over the default: level %s", got.LogLevel)
	}
	if got.LogFormat != "json" {
		t.Errorf("an empty variable counts as not set: format %q", got.LogFormat)
	}
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32")}
	if !reflect.DeepEqual(got.TrustedProxies, want) {
		t.Errorf("trusted proxies %v", got.TrustedProxies)
	}
}

func TestFileByVariable(t *testing.T) {
	path := settingsFile(t, "rate-limit: 7")
	got, err := load(t, nil, []string{"PLUMBLINE_CONFIG=" + path})
	if err != nil || got.RateLimit != 7 {
		t.Fatalf("rate limit %d, error %v", got.RateLimit, err)
	}
}

// A flag set back to its default by hand still wins.
func TestFlagEqualToDefault(t *testing.T) {
	got, err := load(t, []string{"--rate-limit=500"}, []string{"PLUMBLINE_RATE_LIMIT=2"})
	if err != nil || got.RateLimit != 500 {
		t.Fatalf("rate limit %d, error %v", got.RateLimit, err)
	}
}

// A command that has only some of the settings must not fail over the others.
func TestSomeSettings(t *testing.T) {
	got, err := load(t, []string{"--data=x"}, []string{"PLUMBLINE_RATE_LIMIT=many"}, Data, DatabaseURL)
	if err != nil || got.DataDir != "x" || got.RateLimit != 500 {
		t.Fatalf("got %+v, error %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	secret := "hunter2"
	for _, c := range []struct {
		name    string
		args    []string
		environ []string
		file    string
		want    []string
	}{
		{name: "number", environ: []string{"PLUMBLINE_RATE_LIMIT=many"}, want: []string{"PLUMBLINE_RATE_LIMIT", `"many"`, "whole number"}},
		{name: "negative", args: []string{"--rate-limit=-1"}, want: []string{"--rate-limit", "whole number"}},
		{name: "address", args: []string{"--addr=8080"}, want: []string{"--addr", "HOST:PORT"}},
		{name: "port", args: []string{"--addr=:70000"}, want: []string{"HOST:PORT"}},
		{name: "duration", args: []string{"--session-idle=15"}, want: []string{"--session-idle", "15m"}},
		{name: "level", environ: []string{"PLUMBLINE_LOG_LEVEL=loud"}, want: []string{"debug, info"}},
		{name: "format", args: []string{"--log-format=xml"}, want: []string{"json or text"}},
		{name: "proxy", args: []string{"--trusted-proxies=10.0.0.0/8,nonsense"}, want: []string{`"nonsense"`}},
		{name: "body", args: []string{"--max-body=1"}, want: []string{"--max-body", "1024"}},
		{name: "tls", args: []string{"--tls-cert=a.pem"}, want: []string{"--tls-key"}},
		{name: "no data", args: []string{"--data="}, want: []string{"--data"}},
		{name: "database", environ: []string{"PLUMBLINE_DATABASE_URL=mysql://u:" + secret + "@h/d"}, want: []string{"PLUMBLINE_DATABASE_URL", "postgres://"}},
		{name: "mail without a sender", args: []string{"--mail-host=mail.example.com"}, want: []string{"--mail-from"}},
		{name: "mail sender", args: []string{"--mail-host=mail.example.com", "--mail-from=Plumbline <p@example.com>"}, want: []string{"--mail-from", "mail address"}},
		{name: "mail user", args: []string{"--mail-host=m", "--mail-from=p@example.com", "--mail-user=p"}, want: []string{"--mail-password"}},
		{name: "mail password", environ: []string{"PLUMBLINE_MAIL_PASSWORD=" + secret + "\x00"}, want: []string{"PLUMBLINE_MAIL_PASSWORD", "NUL"}},
		{name: "mail encryption", args: []string{"--mail-tls=ssl"}, want: []string{"--mail-tls", "starttls or tls or none"}},
		{name: "public URL", args: []string{"--public-url=plumbline.example.com"}, want: []string{"--public-url", "https://"}},
		{name: "networks", args: []string{"--notify-networks=10.0.0.0/40"}, want: []string{"--notify-networks", `"10.0.0.0/40"`}},
		{name: "collect local", args: []string{"--collect-local=perhaps"}, want: []string{"--collect-local", "true or false"}},
		{name: "AI networks", environ: []string{"PLUMBLINE_AI_NETWORKS=localhost"}, want: []string{"PLUMBLINE_AI_NETWORKS", `"localhost"`}},
		{name: "window", args: []string{"--notify-window=2h"}, want: []string{"--notify-window", "1h"}},
		{name: "unknown name", file: "rate_limit: 5", want: []string{`"rate_limit"`, "no setting"}},
		{name: "nested", file: "rate-limit: {per: 5}", want: []string{"rate-limit in", "one value"}},
		{name: "not YAML", file: "rate-limit: [", want: []string{"cannot be read"}},
		{name: "not a map", file: "- 1", want: []string{"cannot be read"}},
		{name: "alias bomb", file: "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
			want: []string{"cannot be read"}},
		{name: "no file", args: []string{"--config=/nonexistent/plumbline.yaml"}, want: []string{"/nonexistent/plumbline.yaml", "no such file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := c.args
			if c.file != "" {
				args = append(args, "--config", settingsFile(t, c.file))
			}
			_, err := load(t, args, c.environ)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%q shows a password", err)
			}
		})
	}
}

func TestHelpNamesEverySetting(t *testing.T) {
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(fs)
	help := fs.FlagUsages()
	for _, s := range Settings() {
		for _, w := range []string{"--" + s.Name, s.Env, s.Default} {
			if !strings.Contains(help, w) {
				t.Errorf("the help does not show %q", w)
			}
		}
	}
}

func TestNotificationSettings(t *testing.T) {
	got, err := load(t, []string{"--public-url=https://plumbline.example.com/", "--notify-networks=10.0.0.0/8, 127.0.0.1", "--mail-host=m", "--mail-from=p@example.com"}, nil)
	if err != nil || got.PublicURL != "https://plumbline.example.com" || len(got.NotifyNetworks) != 2 || got.MailHost != "m" || got.MailFrom != "p@example.com" {
		t.Errorf("got %+v, error %v", got, err)
	}
}

func TestCollectLocal(t *testing.T) {
	for _, c := range []struct {
		args, environ []string
		want          bool
	}{
		{nil, nil, false}, {[]string{"--collect-local"}, nil, true}, {[]string{"--collect-local=false"}, []string{"PLUMBLINE_COLLECT_LOCAL=true"}, false},
		{nil, []string{"PLUMBLINE_COLLECT_LOCAL=true"}, true},
	} {
		if got, err := load(t, c.args, c.environ); err != nil || got.CollectLocal != c.want {
			t.Errorf("%q %q: %v, error %v", c.args, c.environ, got.CollectLocal, err)
		}
	}
}
