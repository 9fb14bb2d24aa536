package httpapi

import (
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// maxSources bounds the memory of the limiter. Sources beyond it share one
// bucket until others have rested.
const maxSources = 100_000

// limiter is a token bucket per source: a network, or a session of the web app.
// A full minute's worth may come at once.
type limiter[S comparable] struct {
	perMinute int
	now       func() time.Time

	mu      sync.Mutex
	sources map[S]*rate.Limiter
	swept   time.Time
}

func newLimiter[S comparable](perMinute int, now func() time.Time) *limiter[S] {
	return &limiter[S]{perMinute: perMinute, now: now, sources: map[S]*rate.Limiter{}, swept: now()}
}

// network is what one machine may use: an IPv4 address, or the /64 of an IPv6
// address.
func network(from netip.Addr) netip.Addr {
	if from.Is6() {
		return netip.PrefixFrom(from, 64).Masked().Addr()
	}
	return from
}

// take takes a token of a source and says what is left, or when to come again.
func (l *limiter[S]) take(from S) (left int, wait time.Duration, ok bool) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) >= time.Minute {
		l.sweep(now)
	}
	b := l.sources[from]
	if b == nil {
		if len(l.sources) >= maxSources {
			from = *new(S)
			b = l.sources[from]
		}
		if b == nil {
			b = rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
			l.sources[from] = b
		}
	}
	if b.AllowN(now, 1) {
		return int(b.TokensAt(now)), 0, true
	}
	missing := 1 - b.TokensAt(now)
	return 0, time.Duration(missing / (float64(l.perMinute) / 60) * float64(time.Second)), false
}

// sweep forgets sources whose bucket is full again: a new bucket is the same.
func (l *limiter[S]) sweep(now time.Time) {
	l.swept = now
	for addr, b := range l.sources {
		if b.TokensAt(now) >= float64(l.perMinute) {
			delete(l.sources, addr)
		}
	}
}

// limited applies the rate limit (contract decision 16).
func (a *api) limited(next http.Handler) http.Handler {
	if a.limiter == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Several people may come from one address, so sessions have limits of
		// their own. Only one that was good a moment ago counts as a session.
		whose, perMinute := "your address", a.limiter.perMinute
		var left int
		var wait time.Duration
		var ok bool
		if visit, known := a.visits.of(a.visitToken(r), a.Now); known {
			whose, perMinute = "this browser", a.visits.limiter.perMinute
			left, wait, ok = a.visits.limiter.take(visit)
		} else {
			left, wait, ok = a.limiter.take(network(traceOf(r.Context()).from))
		}
		policy := fmt.Sprintf(`"minute";q=%d;w=60`, perMinute)
		seconds := max(1, int(math.Ceil(wait.Seconds())))
		w.Header().Set("RateLimit-Policy", policy)
		w.Header().Set("RateLimit", fmt.Sprintf(`"minute";r=%d;t=%d`, left, seconds))
		if ok {
			next.ServeHTTP(w, r)
			return
		}
		err := fault.New(fault.CodeTooManyRequests, "More than %d requests in a minute came from %s: try again in %d s.",
			perMinute, whose, seconds)
		err.RetryAfter = time.Duration(seconds) * time.Second
		a.refusal(r, err).write(w, r)
	})
}

// sourceOf is the address that a request comes from. X-Forwarded-For is
// believed from the right, as far as trusted proxies wrote it.
func sourceOf(r *http.Request, trusted []netip.Prefix) netip.Addr {
	from := addrOf(r.RemoteAddr)
	if !trusts(trusted, from) {
		return from
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := addrOf(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			return from
		}
		from = hop
		if !trusts(trusted, from) {
			return from
		}
	}
	return from
}

func trusts(trusted []netip.Prefix, a netip.Addr) bool {
	for _, p := range trusted {
		if a.IsValid() && p.Contains(a) {
			return true
		}
	}
	return false
}

// addrOf reads an address with or without a port.
func addrOf(text string) netip.Addr {
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}
