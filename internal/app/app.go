// Package app wires the parts together and runs them: database, services,
// worker and HTTP server.
package app

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/catalog"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/collection"
	"github.com/plumbline-dev/plumbline/internal/config"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/diagnosis"
	"github.com/plumbline-dev/plumbline/internal/diagnosis/chat"
	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/httpapi"
	"github.com/plumbline-dev/plumbline/internal/live"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/notify/send"
	"github.com/plumbline-dev/plumbline/internal/outbound"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/search"
	"github.com/plumbline-dev/plumbline/internal/secret"
	"github.com/plumbline-dev/plumbline/internal/store"
	"github.com/plumbline-dev/plumbline/internal/worker"
	"github.com/plumbline-dev/plumbline/ui"
)

// Limits of the HTTP server. A body of 5 MB on a line of 30 kB a second takes
// three minutes.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 3 * time.Minute
	writeTimeout  = 6 * time.Minute
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	// cutTimeout is how long requests that outlived the grace may take to
	// notice that they were cut off.
	cutTimeout = 5 * time.Second
	// streamsEach is how many streams of changes somebody may have open, streamsAll
	// how many there may be.
	streamsEach = 20
	streamsAll  = 2000
)

// Options are what an App is made of.
type Options struct {
	Config config.Config
	// Version is that of the program.
	Version string
	// Log takes what happens; nil discards it.
	Log *slog.Logger
	// Now is the clock, time.Now by default.
	Now func() time.Time
}

// App is a server with its database. It listens from New on and answers once
// Run is called; one of Run and Close ends it.
type App struct {
	config    config.Config
	log       *slog.Logger
	now       func() time.Time
	lock      *lock
	store     *store.Store
	access    *access.Service
	people    *asset.Service
	checks    *check.Service
	accounts  *account.Manager
	worker    *worker.Worker
	notifier  *notify.Dispatcher
	collector *collection.Runner
	live      *live.Hub
	listener  net.Listener
	server    *http.Server
	cut       context.CancelFunc
	inFlight  sync.WaitGroup
	stopping  atomic.Bool
}

var errStopping = errors.New("the server is stopping")

// New opens the database, brings it up to date and listens.
func New(ctx context.Context, o Options) (*App, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &App{config: o.Config, log: o.Log, now: o.Now, cut: func() {}}
	if err := a.open(ctx, o); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context, o Options) error {
	var err error
	if o.Config.DatabaseURL == "" {
		if a.lock, err = lockDir(o.Config.DataDir); err != nil {
			return err
		}
	}
	certificates, err := certificates(o.Config)
	if err != nil {
		return err
	}
	// Listening first tells a taken port before the database is touched.
	if a.listener, err = listen(o.Config.Addr); err != nil {
		return err
	}
	if a.store, err = openStore(ctx, o.Config, o.Log, o.Now); err != nil {
		return err
	}
	if a.lock != nil {
		if err := a.store.ForgetClaims(ctx); err != nil {
			return err
		}
	}
	assets, _ := ui.Assets()
	changed := func(resourceID int64) { a.worker.Wake(resourceID) }
	a.access = access.NewService(a.store, o.Now)
	connections := connection.NewService(a.store, o.Now)
	a.people = asset.NewService(a.store, connections, o.Now)
	fields := customfield.NewService(a.store, o.Now)
	records := record.NewService(a.store, connections, record.Options{Now: o.Now, Changed: changed, SessionIdle: o.Config.SessionIdle})
	a.accounts = account.NewManager(a.store, account.Options{Now: o.Now, Connections: connections, Changed: changed})
	syncRuns := syncrun.NewService(a.store, o.Now)
	evaluator := check.NewEvaluator(a.store, check.Options{Now: o.Now, Log: o.Log, Changed: changed})
	box := sealer(o.Config)
	notifications := notifyOptions(o, box)
	a.notifier = notify.NewDispatcher(a.store, notifications, notify.DispatcherOptions{Window: o.Config.NotifyWindow, Chance: mathrand.Float64, Log: o.Log})
	people := directory.NewProjector(a.store, directory.Options{Now: o.Now, Changed: changed,
		Records: record.NewService(a.store, connections, record.Options{Now: o.Now, Changed: changed, BuiltIn: true})})
	collections := collection.Options{Connections: connections, Records: records, Sealer: box,
		Outbound: outbound.Policy{Networks: o.Config.NotifyNetworks}, Local: o.Config.CollectLocal, Now: o.Now}
	a.collector = collection.NewRunner(a.store, collections, collection.RunnerOptions{Runs: syncRuns, Owner: owner(), Log: o.Log})
	collected := collection.NewService(a.store, collections, a.collector)
	connections.CollectWith(collected)
	a.checks = check.NewService(a.store, check.Options{Now: o.Now, Log: o.Log, Changed: changed, Policy: a.exclusionPolicy})
	a.live = live.NewHub(live.Options{Store: a.store, Jobs: a.previews, Now: o.Now, Log: o.Log, Each: streamsEach, All: streamsAll})
	a.worker = worker.New(worker.Options{Evaluator: hinted{evaluator, a.accounts, a.live}, Sweep: a.sweep(records, syncRuns, evaluator, fields), Log: o.Log,
		Owner:  owner(),
		Beside: map[string]func(context.Context) (bool, error){"dispatch notifications": a.notifier.Step, "identity sync": a.people.Step, "records of people, devices and assets": people.Step}})
	controls := control.NewService(a.store, o.Now)
	handler := httpapi.New(httpapi.Options{
		Catalog: catalog.NewService(catalog.Options{Store: a.store, Connections: connections, Checks: a.checks, Controls: controls,
			Collections: collected, Accounts: a.accounts, Changed: changed}),
		Access:         a.access,
		People:         a.people,
		CustomFields:   fields,
		Directory:      people,
		Links:          asset.NewLinks(box, o.Now),
		Connections:    connections,
		SyncRuns:       syncRuns,
		Records:        records,
		Notifications:  notify.NewService(a.store, notifications),
		Checks:         a.checks,
		Collections:    collected,
		Controls:       controls,
		Accounts:       a.accounts,
		Diagnosis:      a.diagnosis(connections, syncRuns, box),
		Events:         a.store,
		Waiter:         evaluator,
		Search:         search.NewService(a.store),
		Live:           a.live,
		Ready:          a.ready,
		Now:            o.Now,
		Log:            o.Log,
		RateLimit:      o.Config.RateLimit,
		TrustedProxies: o.Config.TrustedProxies,
		MaxBody:        o.Config.MaxBody,
		PublicURL:      o.Config.PublicURL,
		Mail:           mailer(o.Config, notifications.Sender),
		Version:        o.Version,
		UI:             assets,
	})
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	a.cut = cut
	a.server = &http.Server{
		Handler:           a.counted(handler),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	// Streams end only by themselves.
	a.server.RegisterOnShutdown(a.live.Close)
	if len(certificates) > 0 {
		a.server.TLSConfig = &tls.Config{Certificates: certificates, MinVersion: tls.VersionTLS12}
	}
	return nil
}

// hinted takes accounts out of records once these are evaluated, and tells those
// who listen of each step.
type hinted struct {
	*check.Evaluator
	accounts *account.Manager
	live     *live.Hub
}

// Pending implements worker.Evaluator.
func (h hinted) Pending(ctx context.Context) ([]int64, error) {
	evaluate, err := h.Evaluator.Pending(ctx)
	if err != nil {
		return nil, err
	}
	extract, err := h.accounts.Pending(ctx)
	return append(evaluate, extract...), err
}

// Step implements worker.Evaluator.
func (h hinted) Step(ctx context.Context, resourceID int64) (bool, error) {
	more, err := h.Evaluator.Step(ctx, resourceID)
	if err == nil && !more {
		more, err = h.accounts.Step(ctx, resourceID)
	}
	h.live.Hint()
	return more, err
}

// previews are the jobs that are under way in this process.
func (a *App) previews() []live.Job {
	marks := a.checks.PreviewMarks()
	out := make([]live.Job, len(marks))
	for i, m := range marks {
		out[i] = live.Job(m)
	}
	return out
}

// keyFile seals the secrets of the database unless a setting names another.
const keyFile = "secret.key"

// diagnosis explains why connections are unhealthy.
func (a *App) diagnosis(connections *connection.Service, runs *syncrun.Service, box *secret.Box) *diagnosis.Service {
	outward := outbound.Policy{Networks: a.config.AINetworks}.Client(outbound.Options{HeaderBytes: 64 << 10, Once: true})
	return diagnosis.NewService(a.store, diagnosis.Options{Connections: connections, Runs: runs, Model: chat.New(outward), Sealer: box, Now: a.now})
}

func sealer(c config.Config) *secret.Box {
	path := c.SecretKeyFile
	if path == "" {
		path = filepath.Join(c.DataDir, keyFile)
	}
	return secret.NewBox(path)
}

func notifyOptions(o Options, box *secret.Box) notify.Options {
	c := o.Config
	return notify.Options{Now: o.Now, Base: c.PublicURL, Sealer: box, Sender: send.New(send.Options{
		Now: o.Now, Networks: c.NotifyNetworks, Mail: send.MailServer{Host: c.MailHost, Port: c.MailPort, User: c.MailUser, Password: c.MailPassword,
			From: c.MailFrom, Encryption: c.MailTLS}})}
}

// mailer sends single messages, nil where no mail can be sent.
func mailer(c config.Config, sender notify.Sender) func(ctx context.Context, to, subject, text string) error {
	if c.MailHost == "" {
		return nil
	}
	return func(ctx context.Context, to, subject, text string) error {
		page := "<!doctype html><meta charset=\"utf-8\"><pre style=\"font:inherit;white-space:pre-wrap\">" + html.EscapeString(text) + "</pre>"
		return sender.Send(ctx, notify.Parcel{UID: uuid.NewString(), Channel: notify.Channel{Kind: notify.Mail, To: []string{to}}, Target: to,
			Message: notify.Message{Subject: subject, Text: text, HTML: page}})
	}
}

// sweep is what is cleaned up every minute.
func (a *App) sweep(records *record.Service, syncRuns *syncrun.Service, evaluator *check.Evaluator, fields *customfield.Service) func(context.Context) error {
	return func(ctx context.Context) error {
		return errors.Join(a.access.Sweep(ctx), records.Sweep(ctx), syncRuns.Sweep(ctx), a.checks.SweepExclusions(ctx), evaluator.Sweep(ctx), a.accounts.Sweep(ctx), a.notifier.Sweep(ctx),
			fields.Sweep(ctx))
	}
}

// exclusionPolicy is what the settings demand of exclusions.
func (a *App) exclusionPolicy(ctx context.Context) (check.ExclusionPolicy, error) {
	s, err := a.access.Settings(ctx)
	return check.NewExclusionPolicy(s.Exclusions()), err
}

func openStore(ctx context.Context, c config.Config, log *slog.Logger, now func() time.Time) (*store.Store, error) {
	st, err := store.Open(ctx, store.Options{Dir: c.DataDir, URL: c.DatabaseURL, Now: now, Log: log})
	if err != nil {
		return nil, fmt.Errorf("the database cannot be opened: %w", err)
	}
	return st, nil
}

func certificates(c config.Config) ([]tls.Certificate, error) {
	if c.TLSCert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert and --tls-key cannot be used: %w", err)
	}
	return []tls.Certificate{pair}, nil
}

// ErrAddrInUse is the reason when another program listens on the address.
var ErrAddrInUse = syscall.EADDRINUSE

func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, ErrAddrInUse) {
		return nil, fmt.Errorf("another program listens on %s already: give another --addr (port 0 takes a free one): %w", addr, ErrAddrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return l, nil
}

// owner names this process among the nodes on one database.
func owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text()[:8])
}

func (a *App) ready(ctx context.Context) error {
	if a.stopping.Load() {
		return errStopping
	}
	return a.store.Ping(ctx)
}

func (a *App) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.inFlight.Add(1)
		defer a.inFlight.Done()
		h.ServeHTTP(w, r)
	})
}

// URL is the address under which this machine reaches the server.
func (a *App) URL() string {
	scheme := "http"
	if a.config.TLSCert != "" {
		scheme = "https"
	}
	addr, ok := a.listener.Addr().(*net.TCPAddr)
	if !ok {
		return scheme + "://" + a.listener.Addr().String()
	}
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, fmt.Sprint(addr.Port))
}
