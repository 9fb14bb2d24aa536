// Package httpapi is the HTTP side: the public contract under /public, the
// health and metrics endpoints and the web app. Handlers translate between the
// wire and the services of the concept packages; they hold no rules.
package httpapi

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/catalog"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/collection"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/diagnosis"
	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/live"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/search"
)

// DefaultMaxBody is the largest request body in bytes, after decompression
// (contract decision 15).
const DefaultMaxBody = 5 << 20

// Waiter waits for verdicts; check.Evaluator is one.
type Waiter interface {
	// Wait blocks until the verdicts of a resource cover its changes up to
	// seq. The end of ctx is no error: the answer is then Pending.
	Wait(ctx context.Context, resourceID, seq int64) (check.Waited, error)
	// WaitTest does the same for one test.
	WaitTest(ctx context.Context, workspaceID, number int64) (check.Waited, error)
}

// Options are what the server needs.
type Options struct {
	Access *access.Service
	People *asset.Service
	// CustomFields are those that are defined for assets and personnel.
	CustomFields *customfield.Service
	// Directory keeps people, devices and assets as records, and their history.
	Directory *directory.Projector
	// Links are addresses of documents that need no sign-in.
	Links       *asset.Links
	Connections *connection.Service
	SyncRuns    *syncrun.Service
	// Catalog are the providers that come with the program.
	Catalog *catalog.Service
	Records *record.Service
	Checks  *check.Service
	// Collections are how the server gets records by itself.
	Collections *collection.Service
	// Notifications are channels, rules and deliveries.
	Notifications *notify.Service
	Controls      *control.Service
	Accounts      *account.Manager
	// Diagnosis explains why connections are unhealthy.
	Diagnosis *diagnosis.Service
	Events    event.Store
	Waiter    Waiter
	Search    *search.Service
	// Live tells of changes; without it no stream can be opened.
	Live *live.Hub
	// Stream is how streams are paced.
	Stream StreamTiming
	// Ready is nil-valued when the server can do its work (GET /readyz).
	Ready func(ctx context.Context) error
	// Now is the clock.
	Now func() time.Time
	Log *slog.Logger
	// RateLimit is the number of requests a minute and source address under
	// /public; 0 turns the limit off.
	RateLimit int
	// TrustedProxies are the peers whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// PublicURL is the address under which people reach the web app, empty if that
	// is not known.
	PublicURL string
	// Mail sends a message to an address; nil where no mail can be sent.
	Mail func(ctx context.Context, to, subject, text string) error
	// MaxBody is the largest request body in bytes after decompression;
	// 0 means DefaultMaxBody.
	MaxBody int64
	// Version is the program's version, shown by GET /healthz.
	Version string
	// Metrics is served by GET /metrics; nil makes an own registry.
	Metrics *prometheus.Registry
	// UI holds the built web app with index.html at its root; nil serves a
	// page that says how to build it.
	UI fs.FS
}

// api is the server's state.
type api struct {
	Options
	limiter *limiter[netip.Addr]
	visits  *visits
	metrics *metrics
	// uploads has a place for each request with a file that is read.
	uploads     chan struct{}
	crossOrigin *http.CrossOriginProtection
}

// New makes the handler of the whole server.
func New(o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	o.Stream = o.Stream.orUsual()
	trusted := make([]netip.Prefix, len(o.TrustedProxies))
	for i, p := range o.TrustedProxies {
		trusted[i] = access.Network(p)
	}
	o.TrustedProxies = trusted
	a := &api{Options: o, metrics: newMetrics(o.Metrics), visits: newVisits(o.RateLimit, o.Now), uploads: make(chan struct{}, maxUploads), crossOrigin: newCrossOrigin(o.PublicURL)}
	if o.RateLimit > 0 {
		a.limiter = newLimiter[netip.Addr](o.RateLimit, o.Now)
	}
	mux := http.NewServeMux()
	mux.Handle("/public/", a.heardOut(a.limited(a.public())))
	a.mountHealth(mux)
	mux.Handle("/", newWebApp(o.UI))
	return a.observed(secured(a.cleanPath(mux)))
}

// public serves everything under /public.
func (a *api) public() http.Handler {
	mux := http.NewServeMux()
	byPath := map[string]map[string]http.Handler{}
	add := func(method, path string, h http.Handler) {
		if byPath[path] == nil {
			byPath[path] = map[string]http.Handler{}
		}
		byPath[path][method] = h
	}
	for i := range routes {
		add(routes[i].method, routes[i].path, a.operation(&routes[i]))
	}
	if job := byPath[previewJob]; job != nil {
		delete(byPath, previewJob)
		mux.Handle(v2+tests+"/{testId}/{jobId}", a.onlyPreview(a.byMethod(previewJob, job)))
	}
	if document := byPath[v1+anyDocument]; document != nil {
		// net/http cannot tell it from the documents of a device.
		delete(byPath, v1+anyDocument)
		mux.Handle(v1+"/devices/{deviceId}/{documentId}", a.onlyBelow("deviceId", "documents", a.byMethod(v1+anyDocument, document)))
	}
	if reset := byPath[v1+resetOne]; reset != nil {
		// Nor this one from what is below a person.
		delete(byPath, v1+resetOne)
		mux.Handle(v1+"/personnel/{word}/{personnelId}", a.onlyBelow("word", "reset-sync", a.byMethod(v1+resetOne, reset)))
	}
	for path, doc := range documents() {
		add(http.MethodGet, path, a.document(path, doc))
	}
	for path, methods := range byPath {
		mux.Handle(path, a.byMethod(path, methods))
	}
	mux.HandleFunc("/", a.noEndpoint)
	return slashID(mux)
}
