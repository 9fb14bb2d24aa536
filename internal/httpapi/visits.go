package httpapi

import (
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

// How long a session that was good counts for the rate limit without a look into
// the database, and how many are remembered.
const (
	visitLife = 5 * time.Minute
	maxVisits = 100_000
	// sessionShare is how many times the limit of an address a session has: a page
	// asks more often than a program.
	sessionShare = 4
)

// visit is the digest of a session's token.
type visit [sha256.Size]byte

// visits remembers sessions that were good a moment ago, for their rate limit.
type visits struct {
	limiter *limiter[visit]

	mu    sync.Mutex
	seen  map[visit]time.Time
	swept time.Time
}

func newVisits(perMinute int, now func() time.Time) *visits {
	return &visits{limiter: newLimiter[visit](perMinute*sessionShare, now), seen: map[visit]time.Time{}}
}

// note remembers whether a token was good.
func (v *visits) note(token string, good bool, now time.Time) {
	d := visit(sha256.Sum256([]byte(token)))
	v.mu.Lock()
	defer v.mu.Unlock()
	if !good {
		delete(v.seen, d)
		return
	}
	if now.Sub(v.swept) > visitLife || len(v.seen) >= maxVisits {
		v.swept = now
		for each, at := range v.seen {
			if now.Sub(at) > visitLife {
				delete(v.seen, each)
			}
		}
	}
	if len(v.seen) < maxVisits {
		v.seen[d] = now
	}
}

// of is the visit of a token that was good a moment ago.
func (v *visits) of(token string, clock func() time.Time) (visit, bool) {
	if token == "" {
		return visit{}, false
	}
	now := clock()
	d := visit(sha256.Sum256([]byte(token)))
	v.mu.Lock()
	defer v.mu.Unlock()
	at, ok := v.seen[d]
	return d, ok && now.Sub(at) <= visitLife
}

// visitToken is the token of a request that comes as a session.
func (a *api) visitToken(r *http.Request) string {
	if bearer(r) != "" {
		return ""
	}
	return a.sessionToken(r)
}
