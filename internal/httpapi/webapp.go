package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// webAppPolicy lets the page run only what it was delivered with.
const webAppPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Plumbline</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em}</style>
<h1>Plumbline is running</h1>
<p>This program was built without its web app. <code>make build</code> builds both.</p>
<p>The API is under <code>/public/v2</code>; <a href="/public/openapi.json">its OpenAPI document</a> describes it.</p>
</html>
`

// appFile is one file of the web app.
type appFile struct {
	content   []byte
	mediaType string
	etag      string
	// hashed files have their digest in the name and never change.
	hashed bool
}

// webApp serves the web app: its files, and index.html for every path that is
// a route of the page.
type webApp struct {
	files map[string]appFile
	index appFile
}

func newWebApp(dist fs.FS) http.Handler {
	app := &webApp{files: map[string]appFile{}}
	if dist == nil {
		app.index = newAppFile("index.html", []byte(notBuilt))
		return app
	}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != ".":
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		content, err := fs.ReadFile(dist, name)
		if err == nil {
			app.files["/"+name] = newAppFile(name, content)
		}
		return err
	})
	if err != nil {
		// The files are part of the program: a failure is a defect of its build.
		panic(err)
	}
	app.index = app.files["/index.html"]
	return app
}

// mediaTypes are those of the files that a build makes. The table of the
// machine is not asked: with nosniff, a wrong entry there would stop the page.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".json": "application/json", ".txt": "text/plain; charset=utf-8",
	".woff2": "font/woff2", ".webmanifest": "application/manifest+json",
}

func newAppFile(name string, content []byte) appFile {
	sum := sha256.Sum256(content)
	mediaType, ok := mediaTypes[path.Ext(name)]
	if !ok {
		mediaType = "application/octet-stream"
	}
	return appFile{content: content, mediaType: mediaType, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, hashed: strings.HasPrefix(name, "assets/")}
}

// ServeHTTP implements http.Handler.
func (app *webApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	traceOf(r.Context()).route = "web app"
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "The web app takes GET only.", http.StatusMethodNotAllowed)
		return
	}
	found, ok := app.files[r.URL.Path]
	if !ok {
		if path.Ext(r.URL.Path) != "" || app.index.content == nil {
			http.NotFound(w, r)
			return
		}
		found = app.index
	}
	h := w.Header()
	h.Set("Content-Security-Policy", webAppPolicy)
	h.Set("Content-Type", found.mediaType)
	h.Set("ETag", found.etag)
	h.Set("Cache-Control", "no-cache")
	if found.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == found.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(found.content)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(found.content)
	}
}
