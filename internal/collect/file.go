package collect

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/outbound"
)

// maxSpool bounds a file from elsewhere that has to lie on the disk to be read.
const maxSpool = 2 << 30

// opener opens a file; name is what it is called in sentences.
type opener struct {
	name string
	open func(ctx context.Context) (io.ReadCloser, error)
}

func (e *engine) collectFiles(ctx context.Context) error {
	s := e.recipe.file
	e.begin(StepFetch)
	all, err := e.files(ctx, strings.TrimSpace(s.path.fill(e.values)))
	if err != nil {
		return err
	}
	for _, one := range all {
		if err := e.file(ctx, one); err != nil {
			return err
		}
		e.count(StepFetch, CountPages, 1)
		e.told()
	}
	return ctx.Err()
}

// files are those that a path stands for.
func (e *engine) files(ctx context.Context, path string) ([]opener, error) {
	scheme, _, found := strings.Cut(path, "://")
	switch {
	case found && (scheme == "https" || scheme == "http"):
		u, err := url.Parse(path)
		if err != nil || u.Host == "" || u.User != nil {
			return nil, failed(StepFetch, CodeFileNotFound, nil, "The address of the file cannot be used.")
		}
		h := e.storage(u)
		return []opener{{plainURL(u), func(ctx context.Context) (io.ReadCloser, error) { return h.stream(ctx, u, nil) }}}, nil
	case found && scheme == "s3":
		return e.objects(ctx, path)
	case found:
		return nil, failed(StepFetch, CodeFileNotFound, nil, "A path begins with https://, s3:// or is one of this machine.")
	case !e.run.Local:
		return nil, notLocal("the files")
	}
	return e.localFiles(path)
}

func (e *engine) localFiles(pattern string) ([]opener, error) {
	names, err := filepath.Glob(pattern)
	// A name that looks like a pattern may be one.
	if _, serr := os.Lstat(pattern); serr == nil {
		names, err = []string{pattern}, nil
	}
	switch {
	case err != nil || len(names) == 0:
		return nil, failed(StepFetch, CodeFileNotFound, []string{"path", pattern}, "There is no file %s.", pattern)
	case int64(len(names)) > e.limits.Pages:
		return nil, failed(StepFetch, CodeTooManyPages, []string{"path", pattern, "limit", strconv.FormatInt(e.limits.Pages, 10)}, "%s stands for more than %d files.", pattern, e.limits.Pages)
	}
	slices.Sort(names)
	var out []opener
	for _, name := range names {
		out = append(out, opener{name, func(context.Context) (io.ReadCloser, error) { return openLocal(name) }})
	}
	return out, nil
}

// openLocal opens a file of this machine. What is none, such as a pipe, might be
// without end.
func openLocal(name string) (io.ReadCloser, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return nil, failed(StepFetch, CodeFileNotFound, []string{"path", name}, "%s is no file.", name)
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(name)
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, failed(StepFetch, CodeForbidden, []string{"path", name}, "The file %s may not be read.", name)
	case err != nil:
		return nil, failed(StepFetch, CodeFileNotFound, []string{"path", name}, "There is no file %s that can be read.", name)
	}
	return f, nil
}

// file reads one file and hands on its records.
func (e *engine) file(ctx context.Context, one opener) error {
	in, err := one.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	e.count(StepFetch, CountRequests, 1)
	s := e.recipe.file
	if s.format != asParquet {
		return e.cutOff(one.name, e.rows(ctx, in, s.format, s.items, one.name))
	}
	if f, ok := in.(*os.File); ok {
		info, err := f.Stat()
		if err != nil {
			return failed(StepFetch, CodeFileNotFound, []string{"path", one.name}, "The file %s cannot be read.", one.name)
		}
		if err := e.read(info.Size()); err != nil {
			return err
		}
		return e.parquet(ctx, f, info.Size(), one.name)
	}
	f, err := os.CreateTemp("", "plumbline-*.parquet")
	if err != nil {
		return failed(StepFetch, CodeInternal, nil, "There is no place for a file from elsewhere: %v.", err)
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}()
	n, err := io.Copy(f, &meter{ctx: ctx, e: e, r: in, budget: maxSpool})
	switch {
	case errors.Is(err, errBudget):
		return failed(StepFetch, CodeTooLarge, []string{"source", one.name}, "%s is larger than %s.", one.name, size(maxSpool))
	case err != nil:
		return e.cutOff(one.name, err)
	}
	return e.parquet(ctx, f, n, one.name)
}

// cutOff makes a failure of an error of reading that is none yet.
func (e *engine) cutOff(name string, err error) error {
	var known *StepError
	var kept emitError
	if err == nil || errors.As(err, &known) || errors.As(err, &kept) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	f, _ := networkFailure(StepFetch, name, err)
	return f
}

// storage is what gets files over HTTP.
func (e *engine) storage(u *url.URL) *httpRun {
	h := &httpRun{engine: e, source: &httpSource{}, base: u, accepted: true}
	h.client = e.run.Outbound.Client(outbound.Options{Header: e.limits.Request, HeaderBytes: maxReplyHeader, Connections: 2})
	return h
}

// stream opens a file over HTTP. It carries no credentials but those of sign, and
// with them it follows no redirect.
func (h *httpRun) stream(ctx context.Context, u *url.URL, sign func(*http.Request)) (io.ReadCloser, error) {
	hops := 0
	for attempt := 0; ; attempt++ {
		q, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, failed(StepFetch, CodeFileNotFound, nil, "The address of the file cannot be used.")
		}
		// The path as it was signed.
		q.URL.RawPath = u.RawPath
		q.Header.Set("User-Agent", "Plumbline")
		if sign != nil {
			sign(q)
		}
		answer, err := h.client.Do(q)
		if err != nil {
			f, again := networkFailure(StepFetch, u.Host, err)
			if ctx.Err() == nil && again && attempt+1 < maxAttempts && h.pause(ctx, backoff(attempt)) {
				continue
			}
			return nil, f
		}
		if answer.StatusCode/100 == 2 {
			return answer.Body, nil
		}
		got, f, _ := h.take(answer, u)
		_ = answer.Body.Close()
		if f != nil {
			return nil, f
		}
		to, err := u.Parse(got.header.Get("Location"))
		if sign == nil && got.status/100 == 3 && err == nil && hops < maxHops && to.User == nil && (to.Scheme == "https" || to.Scheme == u.Scheme) {
			hops++
			u = to
			continue
		}
		wait := h.waitFor(got)
		delay := backoff(attempt)
		if wait.told {
			delay = wait.time
		}
		if !wait.again || attempt+1 >= maxAttempts || !h.pause(ctx, delay) {
			return nil, h.refused(request{}, got, wait)
		}
	}
}
