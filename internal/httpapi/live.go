package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/live"
)

const streamMedia = "text/event-stream"

// StreamTiming is how streams of changes are paced; the zero value has the usual
// times.
type StreamTiming struct {
	// Beat is after how long without a message a sign of life is sent.
	Beat time.Duration
	// Rest is the least time between two messages: what changes meanwhile is one
	// message.
	Rest time.Duration
	// Patience is how long a client may take to receive one.
	Patience time.Duration
	// Retry is what clients are told to wait before they come back.
	Retry time.Duration
}

func (t StreamTiming) orUsual() StreamTiming {
	for _, each := range []struct {
		value *time.Duration
		usual time.Duration
	}{{&t.Beat, 15 * time.Second}, {&t.Rest, 400 * time.Millisecond}, {&t.Patience, 10 * time.Second}, {&t.Retry, 2 * time.Second}} {
		if *each.value == 0 {
			*each.value = each.usual
		}
	}
	return t
}

const streamText = "Server-sent events (`text/event-stream`). Each says what kind of thing changed, and where it is known which one; read it again to see how it is now. " +
	"Nothing is told of what the key may not read. What changes within a moment comes as one message.\n\n" +
	"* `change` has `{\"changes\": [...]}`, as described here. An id that is absent does not narrow the change.\n" +
	"* `resync` is the first message, unless `Last-Event-ID` names one after which nothing was missed: everything may have changed before it.\n" +
	"* `end` has `{\"reason\": \"access\"}` when the key is no longer accepted, or `\"stopping\"` when the server stops. The stream ends.\n\n" +
	"A comment comes every 15 seconds when nothing else does. A client that takes too long to receive a message is cut off; it may come back with `Last-Event-ID`. " +
	"429: too many streams are open."

// topicScopes say which scope lets somebody know that a topic changed.
var topicScopes = map[live.Topic]access.Scope{
	live.Connections: access.ConnectionsGet, live.Resources: access.ConnectionsGet, live.Records: access.ConnectionsGet, live.Sessions: access.ConnectionsGet,
	live.SyncRuns: access.ConnectionsGet,
	live.Tests:    access.MonitorsGet, live.Findings: access.MonitorsGetOne, live.Runs: access.MonitorsGetOne, live.Previews: access.MonitorsPost,
	live.Conditions: access.MonitorsGet, live.Exclusions: access.MonitorsGet, live.Controls: access.ControlsGet,
	live.Frameworks: access.FrameworksGet, live.Requirements: access.RequirementsGet, live.Events: access.EventsGet, live.Keys: access.KeysGet,
	live.Users: access.UsersGet, live.Personnel: access.PersonnelGet, live.Workspaces: access.WorkspacesGet, live.Settings: access.SettingsGet, live.Notifications: access.NotificationsGet,
	live.Accounts: access.AccountsGet, live.AccessReviews: access.ReviewsGet, live.Devices: access.DevicesGet, live.Assets: access.AssetsGet,
}

// wireChanges is the data of a change message.
type wireChanges struct {
	Changes []wireChange `json:"changes"`
}

type wireChange struct {
	Topic        wireTopic `json:"topic"`
	WorkspaceID  int64     `json:"workspaceId,omitempty" doc:"Absent for what belongs to no workspace."`
	ConnectionID int64     `json:"connectionId,omitempty"`
	ResourceID   int64     `json:"resourceId,omitempty"`
	TestID       int64     `json:"testId,omitempty"`
}

// wireTopic is a topic.
type wireTopic live.Topic

// Schema implements huma.SchemaProvider.
func (wireTopic) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: "The kind of thing that changed."}
	for _, t := range live.AllTopics {
		s.Enum = append(s.Enum, string(t))
	}
	return s
}

// sees reports whether a principal may know of a change.
func sees(p access.Principal, c live.Change) bool {
	scope, known := topicScopes[c.Topic]
	switch {
	case !known:
		return false
	case c.Topic == live.Users || c.Topic == live.Workspaces:
		// They are of the organisation, and everybody sees a part of them.
		return p.RequireSomewhere(scope) == nil
	}
	return p.HasIn(scope, c.WorkspaceID)
}

// listener is for whom the streams of a principal are counted.
func listener(p access.Principal) string { return "caller " + strconv.FormatInt(p.Actor.Owner(), 10) }

// streamChanges opens a stream of changes.
func (a *api) streamChanges(c *call) (answer, error) {
	ans := answer{status: http.StatusOK, media: streamMedia}
	if c.r.Method == http.MethodHead {
		ans.follow = func(w http.ResponseWriter) { streamHeaders(w) }
		return ans, nil
	}
	if a.Live == nil {
		return answer{}, fault.New(fault.CodeUnavailable, "this server tells of no changes")
	}
	l, err := a.Live.Listen(c.ctx(), listener(c.principal), c.r.Header.Get("Last-Event-ID"))
	if errors.Is(err, live.ErrStopping) {
		err = fault.New(fault.CodeUnavailable, "the server is stopping")
	}
	if err != nil {
		return answer{}, err
	}
	ans.follow = func(w http.ResponseWriter) {
		a.metrics.streams.Inc()
		defer a.metrics.streams.Dec()
		defer l.Close()
		s := &stream{api: a, c: c, w: w, control: http.NewResponseController(w), timing: a.Stream}
		s.run(l)
	}
	return ans, nil
}

func streamHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", streamMedia)
	// Proxies must pass on what comes as it comes, and neither keep nor pack it.
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
}

// stream is one client that follows the changes.
type stream struct {
	api     *api
	c       *call
	w       http.ResponseWriter
	control *http.ResponseController
	timing  StreamTiming
}

func (s *stream) run(l *live.Listener) {
	ctx := s.c.ctx()
	// The time limits of the server are for requests that are answered at once. A
	// writer without limits, as in tests, refuses to have them changed.
	_ = s.control.SetReadDeadline(time.Time{})
	_ = s.control.SetWriteDeadline(time.Now().Add(s.timing.Patience))
	streamHeaders(s.w)
	ok := s.send("retry: " + strconv.FormatInt(s.timing.Retry.Milliseconds(), 10) + "\n\n")
	for ok {
		waiting, cancel := context.WithTimeout(ctx, s.timing.Beat)
		m, err := l.Next(waiting)
		cancel()
		switch {
		case errors.Is(err, live.ErrStopping):
			s.send(message("", "end", []byte(`{"reason":"stopping"}`)))
			return
		case ctx.Err() != nil:
			return
		case err != nil:
			ok = s.admitted() && s.send(": still here\n\n")
			continue
		}
		if m.Access && !s.admitted() {
			return
		}
		text := s.text(m)
		if text == "" {
			continue
		}
		ok = s.send(text) && s.rest(ctx)
	}
}

// admitted asks whether the client is still who it was, and lets it know if not.
func (s *stream) admitted() bool {
	s.c.again = true
	p, err := s.api.authenticate(s.c)
	if err == nil {
		s.c.principal = p
		return true
	}
	if _, _, known := errorOf(err); known {
		s.send(message("", "end", []byte(`{"reason":"access"}`)))
		return false
	}
	// That the database does not answer says nothing about the client.
	return true
}

func (s *stream) rest(ctx context.Context) bool {
	t := time.NewTimer(s.timing.Rest)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// text is what a message is to this client, nothing if it may know nothing of it.
func (s *stream) text(m live.Message) string {
	if m.Resync {
		return message(m.ID, "resync", []byte("{}"))
	}
	out := wireChanges{}
	for _, c := range m.Changes {
		if sees(s.c.principal, c) {
			out.Changes = append(out.Changes, wireChange{wireTopic(c.Topic), c.WorkspaceID, c.ConnectionID, c.ResourceID, c.TestID})
		}
	}
	if len(out.Changes) == 0 {
		return ""
	}
	data, err := json.Marshal(out)
	if err != nil {
		// Only words and numbers: encoding them cannot fail.
		panic(err)
	}
	return message(m.ID, "change", data)
}

func message(id, event string, data []byte) string {
	var b bytes.Buffer
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("event: " + event + "\ndata: ")
	b.Write(data)
	b.WriteString("\n\n")
	return b.String()
}

func (s *stream) send(text string) bool {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.timing.Patience))
	_, err := s.w.Write([]byte(text))
	if err == nil {
		err = s.control.Flush()
	}
	return err == nil
}
