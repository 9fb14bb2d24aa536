package outbound

import (
	"crypto/tls"
	"net/http"
	"time"
)

// Options bound an HTTP client.
type Options struct {
	// Header is how long the head of a reply may take; 0: as the request's
	// context says.
	Header time.Duration
	// HeaderBytes bounds the head of a reply.
	HeaderBytes int64
	// Once closes each connection after its request.
	Once bool
	// Connections bounds those to one host; 0: no bound.
	Connections int
}

// Client makes a client that reaches only what the policy allows. It follows no
// redirect and no proxy, which would take a request where the guard does not see
// it; whoever follows a redirect does so himself. The caller bounds time by the
// request's context and reads no more of a body than it wants.
func (p Policy) Client(o Options) *http.Client {
	return &http.Client{
		Transport:     schemes{https: p.transport(o, false), http: p.transport(o, true)},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (p Policy) transport(o Options, plain bool) *http.Transport {
	return &http.Transport{
		DialContext:            p.Dialer(plain).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: p.Roots},
		TLSHandshakeTimeout:    20 * time.Second,
		ResponseHeaderTimeout:  o.Header,
		MaxResponseHeaderBytes: o.HeaderBytes,
		MaxConnsPerHost:        o.Connections,
		MaxIdleConnsPerHost:    max(o.Connections, 2),
		IdleConnTimeout:        30 * time.Second,
		DisableKeepAlives:      o.Once,
		ForceAttemptHTTP2:      true,
	}
}

// schemes keeps requests without TLS apart, for which the guard is stricter.
type schemes struct{ https, http *http.Transport }

// RoundTrip implements http.RoundTripper.
func (s schemes) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" {
		return s.https.RoundTrip(r)
	}
	return s.http.RoundTrip(r)
}

// CloseIdleConnections is asked for by http.Client.
func (s schemes) CloseIdleConnections() {
	s.https.CloseIdleConnections()
	s.http.CloseIdleConnections()
}
