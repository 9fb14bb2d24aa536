package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/upload"
)

// textTypes are the content types that are read as JSON text. The form type is
// what curl sends with -d when nobody says otherwise; the strict gate decides
// in any case.
var textTypes = map[string]bool{
	"": true, "application/json": true, "text/json": true, "text/plain": true, "application/x-ndjson": true,
	"application/ndjson": true, "application/jsonl": true, "application/octet-stream": true, "application/x-www-form-urlencoded": true,
}

var gzipPool sync.Pool

// readBody reads the request body, decompressed, up to the limit.
func (c *call) readBody() ([]byte, error) {
	r := c.r
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		return nil, nil
	}
	if err := checkContentType(r.Header.Get("Content-Type"), operations[c.route.id].media); err != nil {
		return nil, err
	}
	largest, file := withFile[c.route.id]
	if !file {
		return c.readWithin(c.api.MaxBody)
	}
	if err := c.api.uploading(c); err != nil {
		return nil, err
	}
	body, err := c.readWithin(max(c.api.MaxBody, largest))
	if fault.CodeOf(err) != fault.CodeTooLarge {
		return body, err
	}
	// A browser that is cut off while it sends does not look at the reply.
	_, _ = io.CopyN(io.Discard, r.Body, drained)
	if largest == maxFileBody {
		return nil, upload.TooLarge()
	}
	return nil, fault.New(fault.CodeTooLarge, "The file is larger than %d MB: split it.", largest>>20)
}

func (c *call) readWithin(limit int64) ([]byte, error) {
	r := c.r
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	switch encoding := strings.ToLower(strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ","))); encoding {
	case "", "identity":
		return c.fill(r.Body, r.ContentLength, limit)
	case "gzip", "x-gzip":
		return c.unzip(limit)
	default:
		return nil, fault.New(fault.CodeUnsupportedMedia, "`Content-Encoding` is %q; gzip is read, or leave it out", cutText(encoding, 80))
	}
}

// checkContentType refuses what is neither JSON text nor among the other types
// that an operation takes.
func checkContentType(value string, others []string) error {
	media, params, err := mime.ParseMediaType(value)
	if value == "" {
		media, err = "", nil
	}
	if err != nil || !textTypes[media] && !strings.HasSuffix(media, "+json") && !slices.Contains(others, media) {
		return fault.New(fault.CodeUnsupportedMedia, "`Content-Type` is %q; send %s", cutText(value, 80), strings.Join(append([]string{"application/json"}, others...), " or "))
	}
	switch charset := params["charset"]; strings.ToLower(charset) {
	case "", "utf-8", "utf8", "us-ascii":
	default:
		return fault.New(fault.CodeUnsupportedMedia, "`Content-Type` names the charset %q; send UTF-8", cutText(charset, 80))
	}
	return nil
}

func (c *call) unzip(limit int64) ([]byte, error) {
	// The compressed text has the same limit, so that neither form can exceed it.
	compressed := &io.LimitedReader{R: c.r.Body, N: limit + 1}
	z, _ := gzipPool.Get().(*gzip.Reader)
	var err error
	if z == nil {
		z, err = gzip.NewReader(compressed)
	} else {
		err = z.Reset(compressed)
	}
	if err != nil {
		return nil, notGzip(err)
	}
	defer gzipPool.Put(z)
	body, err := c.fill(z, -1, limit)
	switch {
	case compressed.N <= 0:
		return nil, tooLarge(limit)
	case err != nil && fault.CodeOf(err) == fault.CodeTooLarge:
		return nil, err
	case err != nil:
		return nil, notGzip(err)
	}
	return body, nil
}

func notGzip(err error) error {
	return fault.Wrap(err, fault.CodeUnsupportedMedia, "the body is not whole gzip data, although `Content-Encoding` says so")
}

// fill reads all of a reader into a buffer of the call. size is how much is
// announced, -1 if that is not known.
func (c *call) fill(r io.Reader, size, limit int64) ([]byte, error) {
	held := c.buffer()
	b := *held
	for {
		if len(b) == cap(b) {
			// What is announced may never come, and what came is the measure.
			b = slices.Grow(b, int(min(max(size+1-int64(len(b)), 1), int64(len(b)))+1))
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		*held = b
		if int64(len(b)) > limit {
			return nil, tooLarge(limit)
		}
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.CodeValidation, "the body ended before it was whole")
		}
	}
}

// How much of what comes after a refusal is read and thrown away: of a file, and of
// anything else.
const (
	drained  = 128 << 20
	heardOut = 32 << 20
)

// heardOut reads what is sent of a body that was refused unread. Most programs look
// at the reply only when all of it is gone, and would find the connection broken.
func (a *api) heardOut(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		// Who asks first whether to send has been told, and HTTP/2 ends the body by itself.
		if r.Body != nil && r.ProtoMajor == 1 && r.Header.Get("Expect") == "" {
			_, _ = io.CopyN(io.Discard, r.Body, heardOut)
		}
	})
}

// maxFileBody bounds a body with a file: the largest one in base64, a third
// longer, and what stands around it.
const maxFileBody = upload.MaxSize/3*4 + 1<<20

const (
	// maxUploads is how many requests with a file are read at a time, for each is
	// held in memory, and uploadPatience how long one waits for its turn.
	maxUploads     = 4
	uploadPatience = 20 * time.Second
)

// uploading waits until a request with a file may be read; [call.recycle] ends it.
func (a *api) uploading(c *call) error {
	patience := time.NewTimer(uploadPatience)
	defer patience.Stop()
	select {
	case a.uploads <- struct{}{}:
		c.uploading = true
		return nil
	case <-c.ctx().Done():
		return c.ctx().Err()
	case <-patience.C:
		busy := fault.New(fault.CodeUnavailable, "too many files come in at this moment: try again shortly")
		busy.RetryAfter = time.Second
		return busy
	}
}

func tooLarge(limit int64) error {
	return fault.New(fault.CodeTooLarge, "The body is larger than %d bytes: send the records in several requests.", limit)
}
