package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// Variables in place of flags, for one unit on all machines.
const (
	urlEnv        = "PLUMBLINE_URL"
	connectionEnv = "PLUMBLINE_AGENT_CONNECTION"
	forEnv        = "PLUMBLINE_AGENT_FOR"
	tokenEnv      = "PLUMBLINE_AGENT_TOKEN_FILE"
)

const (
	minEvery = 5 * time.Minute
	maxEvery = 7 * 24 * time.Hour
	maxToken = 4096
)

var errNameless = errors.New("this machine has no serial number, no built-in network card and no machine-id that the agent may read, so no server could recognise it: " +
	"run the agent as root, or make a machine-id (systemd-machine-id-setup)")

// target is where a report goes, and whose it is.
type target struct {
	url, token, whose string
	connection        string
	plain             bool
}

func (t *target) flags(cmd *cobra.Command, env command.Env) {
	f := cmd.Flags()
	f.StringVar(&t.url, "url", env.Getenv(urlEnv), "address of the server [$"+urlEnv+"]")
	f.StringVar(&t.connection, "connection", env.Getenv(connectionEnv), "id of the MDM connection [$"+connectionEnv+"]")
	f.StringVar(&t.whose, "for", env.Getenv(forEnv), "whose machine this is: email: and an address, or the number of a person [$"+forEnv+"]")
	f.StringVar(&t.token, "token-file", env.Getenv(tokenEnv), "file with an API key that has the scope devices-report [$"+tokenEnv+"]")
	f.BoolVar(&t.plain, "insecure-http", false, "allow http:// to another machine, where others can read the token and the report")
}

// check holds the flags against what they must be.
func (t *target) check() (connection int64, person any, err error) {
	for _, f := range [][3]string{{"--url", t.url, urlEnv}, {"--connection", t.connection, connectionEnv}, {"--for", t.whose, forEnv}, {"--token-file", t.token, tokenEnv}} {
		if f[1] == "" {
			return 0, nil, command.Usagef("%s is needed, as a flag or in the variable %s", f[0], f[2])
		}
	}
	if connection, err = strconv.ParseInt(t.connection, 10, 64); err != nil || connection <= 0 {
		return 0, nil, command.Usagef("--connection is %q: it must be the id of an MDM connection, a number", t.connection)
	}
	if person, err = owner(t.whose); err != nil {
		return 0, nil, err
	}
	u, err := url.Parse(t.url)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return 0, nil, command.Usagef("--url is %q: it must look like https://plumbline.example.com", t.url)
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) && !t.plain {
		return 0, nil, command.Usagef("--url is %s: over http:// others could read the token and the report. Use https://, or say --insecure-http", t.url)
	}
	return connection, person, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.IsLoopback()
}

// secret reads the token anew for each report: it may have been replaced.
func (t *target) secret(env command.Env) (string, error) {
	b, err := env.ReadFile(t.token, maxToken)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(b))
	if token == "" {
		return "", fmt.Errorf("%s is empty: it must hold an API key with the scope devices-report", t.token)
	}
	if info, err := os.Stat(t.token); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&fs.FileMode(0o007) != 0 {
		_, _ = fmt.Fprintf(env.Err, "plumbline: everybody on this machine can read %s: chmod 600 it\n", t.token)
	}
	return token, nil
}

func run(env command.Env) *cobra.Command {
	var t target
	var once bool
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Report this machine to an MDM connection, now and then again and again",
		Long: `Report this machine to an MDM connection: now, and then every --every until it is
stopped; with --once only now.

The token is an API key with the scope devices-report. It can report devices to
the connections that it names, and nothing else. The key belongs into a file, so
that it does not show in the list of processes.

The proxy of HTTPS_PROXY and NO_PROXY is used. A server that cannot be reached is
tried again for some minutes, then with the next report at the latest; a token
that is refused ends the run.

Exit codes: 0 fine, 1 error, 2 usage, 4 the token is not accepted.`,
		Example: `  plumbline agent run --url https://plumbline.example.com --connection 9 --for email:ada@example.com --token-file /etc/plumbline/agent.token --once`,
		Args:    cobra.NoArgs,
	}
	t.flags(cmd, env)
	cmd.Flags().BoolVar(&once, "once", false, "report once and end")
	cmd.Flags().DurationVar(&every, "every", 4*time.Hour, "how long to wait between reports (5m to 168h)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		connection, person, err := t.check()
		if err != nil {
			return err
		}
		if every < minEvery || every > maxEvery {
			return command.Usagef("--every is %s: it must be from %s to %s", every, minEvery, maxEvery)
		}
		r := &reporter{env: env, target: t, connection: connection, person: person}
		if once {
			return r.report(cmd.Context())
		}
		return r.loop(cmd.Context(), every, sleep)
	}
	return cmd
}

type reporter struct {
	env        command.Env
	target     target
	connection int64
	person     any
}

// report reads the machine and sends what it is.
func (r *reporter) report(ctx context.Context) error {
	token, err := r.target.secret(r.env)
	if err != nil {
		return err
	}
	c, err := client.New(r.target.url, token, client.Options{UserAgent: "plumbline-agent/" + r.env.Version, OnRetry: func(t client.Retry) {
		_, _ = fmt.Fprintf(r.env.Err, "plumbline: %v; trying again in %s\n", t.Err, t.Wait.Round(100*time.Millisecond))
	}})
	if err != nil {
		return &command.Failure{Code: command.ExitUsage, Err: err}
	}
	p, err := read(ctx, r.env)
	if err != nil {
		return err
	}
	body := report(p, r.person)
	if err := recognisable(body); err != nil {
		return err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	d, err := c.ReportDevice(ctx, r.connection, text)
	if err != nil {
		return r.explain(err)
	}
	_, err = fmt.Fprintf(r.env.Out, "Reported as device %d, %s, of person %d.\n", d.ID, command.Plain(d.DisplayName), d.PersonnelID)
	return err
}

// explain says what to do about a refusal.
func (r *reporter) explain(err error) error {
	var e *client.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Status {
	case 401:
		return &command.Failure{Code: command.ExitUnauthorized, Err: fmt.Errorf("the server does not accept the token in %s: it may have been revoked, or have expired", r.target.token)}
	case 403:
		return &command.Failure{Code: command.ExitUnauthorized, Err: fmt.Errorf("the token in %s may not report to connection %d: %s", r.target.token, r.connection, e.Message)}
	}
	return err
}

// loop reports until it is stopped, or the token is refused.
func (r *reporter) loop(ctx context.Context, every time.Duration, sleep func(context.Context, time.Duration) error) error {
	failed := 0
	for {
		err := r.report(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if code := command.ExitCode(err); code == command.ExitUnauthorized || code == command.ExitUsage {
			return err
		}
		wait := jitter(every)
		failed++
		if err == nil {
			failed = 0
		} else {
			wait = jitter(backOff(failed, every))
			_, _ = fmt.Fprintf(r.env.Err, "plumbline: %s; the next try is in %s\n", command.Sentence(err), wait.Round(time.Second))
		}
		if sleep(ctx, wait) != nil {
			return nil
		}
	}
}

// backOff is the wait after some failures in a row: five minutes, twice as long
// each time, and never longer than between two reports.
func backOff(failed int, every time.Duration) time.Duration {
	return min(every, 5*time.Minute<<min(failed-1, 12))
}

// jitter makes a wait up to a tenth longer or shorter, so that machines that
// started together do not go on together.
func jitter(d time.Duration) time.Duration {
	return d - d/10 + rand.N(d/5+1)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
