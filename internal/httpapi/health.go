package httpapi

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

const healthRoute = "health"

type wireHealth struct {
	Status  string `json:"status"`
	Version string `json:"version"`
}

// mountHealth mounts what machines ask about the process.
func (a *api) mountHealth(mux *http.ServeMux) {
	answering := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			traceOf(r.Context()).route = healthRoute
			h(w, r)
		}
	}
	healthy := func(w http.ResponseWriter, r *http.Request) {
		ans, err := reply(http.StatusOK, wireHealth{"ok", a.Version})
		if err != nil {
			ans = a.refusal(r, err)
		}
		ans.write(w, r)
	}
	mux.HandleFunc("GET /healthz", answering(healthy))
	mux.HandleFunc("GET /readyz", answering(func(w http.ResponseWriter, r *http.Request) {
		if a.Ready != nil {
			if err := a.Ready(r.Context()); err != nil {
				a.Log.LogAttrs(r.Context(), slog.LevelError, "not ready", failure(r, err)...)
				a.refusal(r, fault.New(fault.CodeUnavailable, "The server is not ready yet.")).write(w, r)
				return
			}
		}
		healthy(w, r)
	}))
	mux.HandleFunc("GET /metrics", answering(promhttp.HandlerFor(a.Metrics, promhttp.HandlerOpts{}).ServeHTTP))
}
