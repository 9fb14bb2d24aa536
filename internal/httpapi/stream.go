package httpapi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"
)

const (
	// streamPatience is how long a client may take for a piece of a reply, and
	// streamTime for all of it: what it reads is held open meanwhile.
	streamPatience = time.Minute
	streamTime     = time.Hour
	// streamPiece is the size of a piece. What goes wrong before the first one is
	// sent is still answered as an error.
	streamPiece = 64 << 10
)

// errHeadOnly ends a stream of which only the headers were asked for.
var errHeadOnly = errors.New("only the headers were asked for")

// outgoing is the body of a reply that is made while it is sent.
type outgoing struct {
	w       http.ResponseWriter
	control *http.ResponseController
	r       *http.Request
	ans     answer
	begun   bool
	// lost is set once the client takes no more.
	lost bool
}

func (o *outgoing) begin() {
	o.begun = true
	h := o.w.Header()
	for _, each := range o.ans.header {
		h.Set(each.name, each.value)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", o.ans.media)
	// The time limits of the server are for requests that are answered at once. A
	// writer without limits, as in tests, refuses to have them changed.
	_ = o.control.SetReadDeadline(time.Time{})
	o.w.WriteHeader(o.ans.status)
}

// Write implements io.Writer.
func (o *outgoing) Write(b []byte) (int, error) {
	if !o.begun {
		o.begin()
	}
	if o.r.Method == http.MethodHead {
		return 0, errHeadOnly
	}
	_ = o.control.SetWriteDeadline(time.Now().Add(streamPatience))
	n, err := o.w.Write(b)
	if err == nil {
		// Nothing waits in the server while the next piece is made.
		err = o.control.Flush()
		if errors.Is(err, http.ErrNotSupported) {
			err = nil
		}
	}
	o.lost = o.lost || err != nil
	return n, err
}

// send sends an answer that is a stream. What fails before its first byte is
// answered; afterwards the connection is broken off, so that no client takes a
// part for the whole.
func (a *api) send(c *call, w http.ResponseWriter, ans answer) {
	ctx, cancel := context.WithTimeout(c.ctx(), streamTime)
	defer cancel()
	out := &outgoing{w: w, control: http.NewResponseController(w), r: c.r, ans: ans}
	err := func() (err error) {
		defer recovered(&err)
		buffered := bufio.NewWriterSize(out, streamPiece)
		if err := ans.stream(ctx, buffered); err != nil {
			return err
		}
		return buffered.Flush()
	}()
	switch {
	case errors.Is(err, errHeadOnly):
	case err == nil && !out.begun:
		out.begin()
	case err == nil:
	case !out.begun:
		a.refusal(c.r, err).write(w, c.r)
	default:
		level := slog.LevelError
		if out.lost || ctx.Err() != nil {
			level = slog.LevelInfo
		}
		a.Log.LogAttrs(ctx, level, "reply broken off", failure(c.r, err)...)
		panic(http.ErrAbortHandler)
	}
}

// streamed is an answer that is a file, written while it is sent.
func streamed(name, media string, stream func(ctx context.Context, w io.Writer) error) answer {
	ans := file(name, media, nil)
	ans.stream = stream
	return ans
}
