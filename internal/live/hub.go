package live

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

const (
	// kept is how many looks that saw something are kept for those who are slow or
	// come back.
	kept = 1024
	// perTopic is how many changes of a topic in a workspace are told by their
	// ids; more are told as one.
	perTopic = 32
	// share is the part of its time that the store is looked at, at most 1/share.
	share = 20
)

// ErrStopping ends listeners when the server stops.
var ErrStopping = errors.New("the server is stopping")

// Options are what a Hub needs.
type Options struct {
	Store Store
	// Jobs lists the work that is in memory; nil when there is none.
	Jobs func() []Job
	Now  func() time.Time
	Log  *slog.Logger
	// Each is how many listeners somebody may have at a time, All how many there
	// may be.
	Each, All int
	Timing    Timing
}

// Hub looks at the database while anybody listens.
type Hub struct {
	o    Options
	hint chan struct{}
	ctx  context.Context //nolint:containedctx // that of the looking, ended by Close
	stop context.CancelFunc
	done sync.WaitGroup
	// starting is held while the first look is taken.
	starting sync.Mutex

	mu        sync.Mutex
	running   bool
	listeners map[string]int
	all       int
	// linger runs out some time after the last listener left, which unwanted notes.
	linger   *time.Timer
	unwanted bool
	// instance names this course of looking; numbers of another one mean nothing.
	instance string
	// log has the looks after first, up to first+len(log).
	log   []batch
	first int64
	moved chan struct{}
}

type batch struct {
	changes []Change
	lost    bool
}

// NewHub makes a hub; nothing happens until somebody listens.
func NewHub(o Options) *Hub {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Timing = o.Timing.orUsual()
	h := &Hub{o: o, hint: make(chan struct{}, 1), listeners: map[string]int{}, moved: make(chan struct{})}
	h.ctx, h.stop = context.WithCancel(context.Background())
	return h
}

// Hint tells that something was probably changed just now. It never blocks.
func (h *Hub) Hint() {
	select {
	case h.hint <- struct{}{}:
	default:
	}
}

// Close ends all listeners and the looking.
func (h *Hub) Close() {
	h.mu.Lock()
	h.stop()
	h.mu.Unlock()
	h.done.Wait()
}

// Listener hears of changes; it is used by one goroutine.
type Listener struct {
	h        *Hub
	who      string
	instance string
	at       int64
	resync   bool
}

// Listen begins to listen on behalf of somebody. after is the ID of the last
// message that was received, "" if there is none; unless what came since is
// known, the first message is a resync.
func (h *Hub) Listen(ctx context.Context, who, after string) (*Listener, error) {
	if err := h.enter(who); err != nil {
		return nil, err
	}
	if err := h.start(ctx); err != nil {
		h.leave(who)
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	l := &Listener{h: h, who: who, instance: h.instance, at: h.last(), resync: true}
	if instance, number, ok := strings.Cut(after, "."); ok && instance == h.instance {
		n, err := strconv.ParseInt(number, 10, 64)
		if err == nil && n >= h.first && n <= h.last() {
			l.at, l.resync = n, false
		}
	}
	return l, nil
}

// Close ends the listening.
func (l *Listener) Close() { l.h.leave(l.who) }

func (h *Hub) enter(who string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners[who] >= h.o.Each || h.all >= h.o.All {
		text, n := "%d streams are open for you already: close one of them first", h.o.Each
		if h.listeners[who] < h.o.Each {
			text, n = "%d streams are open already: try again later", h.o.All
		}
		busy := fault.New(fault.CodeTooManyRequests, text, n)
		busy.RetryAfter = 10 * time.Second
		return busy
	}
	h.listeners[who]++
	h.all++
	h.unwanted = false
	if h.linger != nil {
		h.linger.Stop()
	}
	return nil
}

func (h *Hub) leave(who string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners[who]--; h.listeners[who] == 0 {
		delete(h.listeners, who)
	}
	if h.all--; h.all > 0 {
		return
	}
	h.linger = time.AfterFunc(h.o.Timing.Linger, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.unwanted = h.all == 0
	})
}

// start takes the first look, unless somebody is looking. What is changed after
// it returns will be told.
func (h *Hub) start(ctx context.Context) error {
	h.starting.Lock()
	defer h.starting.Unlock()
	h.mu.Lock()
	running := h.running
	h.mu.Unlock()
	if running {
		return nil
	}
	w := &watch{store: h.o.Store, now: h.o.Now, jobs: h.o.Jobs}
	if err := w.begin(ctx); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() != nil {
		return ErrStopping
	}
	h.running, h.instance, h.log, h.first = true, rand.Text()[:10], nil, 0
	h.done.Go(func() { h.run(w) })
	return nil
}

func (h *Hub) last() int64 { return h.first + int64(len(h.log)) }

func (h *Hub) run(w *watch) {
	slow := time.NewTicker(h.o.Timing.Slow)
	defer slow.Stop()
	failed := false
	rest := h.o.Timing.Look
	for {
		if !h.wait(rest) || h.idle() {
			return
		}
		began, all := h.o.Now(), false
		select {
		case <-slow.C:
			all = true
		default:
		}
		changes, lost, more, err := w.look(h.ctx, all)
		if err != nil && h.ctx.Err() == nil && !failed {
			h.o.Log.Error("look for changes", "error", err)
		}
		failed = err != nil
		if len(changes) > 0 || lost {
			h.tell(batch{compact(changes), lost})
		}
		if rest = h.o.Timing.Look; more {
			rest = 0
		}
		rest = max(rest, share*h.o.Now().Sub(began))
	}
}

// wait rests until it is time for a look, or a hint came. It reports false at
// the end.
func (h *Hub) wait(rest time.Duration) bool {
	gap := time.NewTimer(min(h.o.Timing.Gap, rest))
	defer gap.Stop()
	select {
	case <-h.ctx.Done():
		return false
	case <-gap.C:
	}
	next := time.NewTimer(rest - min(h.o.Timing.Gap, rest))
	defer next.Stop()
	select {
	case <-h.ctx.Done():
		return false
	case <-h.hint:
	case <-next.C:
	}
	return true
}

// idle ends the looking when nobody has listened for a while.
func (h *Hub) idle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all > 0 || !h.unwanted {
		return false
	}
	h.running = false
	return true
}

func (h *Hub) tell(b batch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, b)
	if over := len(h.log) - kept; over > 0 {
		h.log = append(h.log[:0], h.log[over:]...)
		h.first += int64(over)
	}
	close(h.moved)
	h.moved = make(chan struct{})
}

// Next waits until something changed, and gives all that did since the message
// before. It ends with the error of ctx, or with [ErrStopping].
func (l *Listener) Next(ctx context.Context) (Message, error) {
	for {
		m, moved, ok := l.take()
		if ok {
			return m, nil
		}
		select {
		case <-ctx.Done():
			return Message{}, ctx.Err()
		case <-l.h.ctx.Done():
			return Message{}, ErrStopping
		case <-moved:
		}
	}
}

func (l *Listener) take() (m Message, moved <-chan struct{}, ok bool) {
	h := l.h
	h.mu.Lock()
	defer h.mu.Unlock()
	if !l.resync && l.at == h.last() {
		return m, h.moved, false
	}
	m.Resync = l.resync || l.at < h.first
	if !m.Resync {
		var all []Change
		for _, b := range h.log[l.at-h.first:] {
			m.Resync = m.Resync || b.lost
			all = append(all, b.changes...)
		}
		m.Changes = compact(all)
	}
	if m.Resync {
		m.Changes, m.Access = nil, true
	}
	for _, c := range m.Changes {
		m.Access = m.Access || rights[c.Topic]
	}
	l.at, l.resync = h.last(), false
	m.ID = h.instance + "." + strconv.FormatInt(l.at, 10)
	return m, nil, true
}

// compact drops repeats, and the ids where a topic has many.
func compact(all []Change) []Change {
	type group struct {
		topic     Topic
		workspace int64
	}
	counts := map[group]int{}
	seen := make(map[Change]bool, len(all))
	out := all[:0:0]
	for _, c := range all {
		if !seen[c] {
			seen[c] = true
			counts[group{c.Topic, c.WorkspaceID}]++
			out = append(out, c)
		}
	}
	// What is told as a whole is not told in parts, too.
	told := make(map[Change]bool, len(out))
	kept := out[:0]
	for _, c := range out {
		whole := Change{Topic: c.Topic, WorkspaceID: c.WorkspaceID}
		if seen[whole] || counts[group{c.Topic, c.WorkspaceID}] > perTopic {
			c = whole
		}
		if !told[c] {
			told[c] = true
			kept = append(kept, c)
		}
	}
	return kept
}
