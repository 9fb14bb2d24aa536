package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
)

// trace is what is known of a request for its log line.
type trace struct {
	id    string
	from  netip.Addr
	route string
	keyID int64
	// userID is the person, 0 for a key.
	userID int64
	// sent is the address as it came, if the router was shown another one.
	sent *url.URL
}

type traceKey struct{}

func traceOf(ctx context.Context) *trace {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		return t
	}
	return &trace{}
}

// observed gives a request its id, writes its one log line, counts it, and
// keeps a panic from ending the process.
func (a *api) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := a.Now()
		t := &trace{id: requestID(r), from: sourceOf(r, a.TrustedProxies)}
		w.Header().Set("X-Request-Id", t.id)
		r = r.WithContext(context.WithValue(r.Context(), traceKey{}, t))
		sw := &statusWriter{ResponseWriter: w}
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler { //nolint:errorlint // a sentinel that is panicked with, never wrapped
					a.note(r, t, sw, a.Now().Sub(began))
					panic(v)
				}
				ans := a.refusal(r, &panicked{v, debug.Stack()})
				if sw.status == 0 {
					ans.write(sw, r)
				}
			}
			a.note(r, t, sw, a.Now().Sub(began))
		}()
		next.ServeHTTP(sw, r)
	})
}

func (a *api) note(r *http.Request, t *trace, w *statusWriter, took time.Duration) {
	status := w.status
	if status == 0 {
		status = http.StatusOK
	}
	route := t.route
	if route == "" {
		route = "other"
	}
	a.metrics.requests.WithLabelValues(methodLabel(r.Method), route, strconv.Itoa(status)).Inc()
	a.metrics.seconds.WithLabelValues(methodLabel(r.Method), route).Observe(took.Seconds())
	level := slog.LevelInfo
	if t.route == healthRoute {
		level = slog.LevelDebug
	}
	a.Log.LogAttrs(r.Context(), level, "request",
		slog.String("requestId", t.id), slog.String("method", cutText(r.Method, 20)), slog.String("path", cutText(r.URL.Path, 300)),
		slog.String("route", route), slog.Int("status", status), slog.Int64("bytes", w.bytes),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("from", t.from.String()), slog.Int64("keyId", t.keyID), slog.Int64("userId", t.userID))
}

// failure describes a failed request for the log.
func failure(r *http.Request, err error) []slog.Attr {
	return []slog.Attr{slog.String("requestId", traceOf(r.Context()).id), slog.String("method", cutText(r.Method, 20)),
		slog.String("path", cutText(r.URL.Path, 300)), slog.String("error", err.Error())}
}

// methodLabel keeps invented methods from making series.
func methodLabel(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions:
		return m
	}
	return "other"
}

// requestID takes the caller's id if it is fit for a log line, else makes one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id != "" && len(id) <= 128 && !strings.ContainsFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.:", c))
	}) {
		return id
	}
	return uuid.NewString()
}

// statusWriter remembers what was sent.
type statusWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	streams  prometheus.Gauge
}

func newMetrics(r *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "plumbline_http_requests_total",
			Help: "Requests by method, route and status."}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "plumbline_http_request_seconds",
			Help: "Duration of requests by method and route.", Buckets: []float64{.001, .005, .02, .1, .5, 2, 10, 30}}, []string{"method", "route"}),
	}
	m.streams = prometheus.NewGauge(prometheus.GaugeOpts{Name: "plumbline_http_streams", Help: "Streams of changes that are open."})
	r.MustRegister(m.requests, m.seconds, m.streams)
	return m
}

// secured sets the headers that hold for every reply.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		next.ServeHTTP(w, r)
	})
}
