package live

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// database is a Store in memory.
type database struct {
	mu        sync.Mutex
	events    []Event
	resources []Resource
	entries   int64
	histories []Topic
	looks     int
	err       error
	hub       *Hub
}

func (d *database) Watch(_ context.Context, w Window) (View, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks++
	v := View{Resources: slices.Clone(d.resources), Entries: d.entries}
	if w.Entries != nil && d.entries > *w.Entries {
		v.Histories = d.histories
	}
	slices.SortFunc(d.events, func(a, b Event) int { return int(a.Seq - b.Seq) })
	for _, e := range d.events {
		v.Last = max(v.Last, e.Seq)
		if (e.Seq > w.After || slices.Contains(w.Missing, e.Seq)) && len(v.Events) < w.Limit {
			v.Events = append(v.Events, e)
		}
	}
	return v, d.err
}

func (d *database) Reach(_ context.Context, resources, _ []int64) (Reach, error) {
	r := Reach{Tests: map[int64][]Test{}, Workspaces: map[int64][]int64{7: {1, 2}}}
	for _, id := range resources {
		r.Tests[id] = []Test{{WorkspaceID: 1, Number: 10 * id}}
	}
	return r, d.err
}

// add writes events and lets the hub know.
func (d *database) add(list ...Event) {
	d.change(func() { d.events = append(d.events, list...) })
}

func (d *database) change(f func()) {
	d.mu.Lock()
	f()
	d.mu.Unlock()
	d.hub.Hint()
}

func ofKey(seq int64) Event {
	return Event{Seq: seq, Type: event.KeyCreated, Category: event.CategoryKey}
}

func ofTestNumber(seq, test int64) Event {
	return Event{Seq: seq, Type: event.TestDraftDiscarded, Category: event.CategoryMonitor, WorkspaceID: 1, TestID: test}
}

// quick looks at hints and hardly otherwise.
var quick = Timing{Look: time.Hour, Gap: time.Microsecond, Slow: time.Hour, Linger: time.Hour}

func newHub(t *testing.T, adjust func(*Options)) (*Hub, *database) {
	t.Helper()
	d := &database{}
	now := time.Now()
	o := Options{Store: d, Now: func() time.Time { return now }, Each: 3, All: 4, Timing: quick}
	if adjust != nil {
		adjust(&o)
	}
	d.hub = NewHub(o)
	t.Cleanup(d.hub.Close)
	return d.hub, d
}

func listen(t *testing.T, h *Hub, after string) *Listener {
	t.Helper()
	l, err := h.Listen(t.Context(), "me", after)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func next(t *testing.T, l *Listener) Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), await.Patience)
	defer cancel()
	m, err := l.Next(ctx)
	if err != nil {
		t.Fatalf("no message came: %v", err)
	}
	return m
}

// until collects messages until one has the change.
func until(t *testing.T, l *Listener, want Change) (last Message) {
	t.Helper()
	for {
		if last = next(t, l); slices.Contains(last.Changes, want) {
			return last
		}
	}
}

func TestFirstMessageIsAResyncThenChanges(t *testing.T) {
	h, d := newHub(t, nil)
	d.events = []Event{ofKey(1)}
	l := listen(t, h, "")
	if m := next(t, l); !m.Resync || !m.Access || m.ID == "" || len(m.Changes) > 0 {
		t.Fatalf("got %+v", m)
	}
	d.add(ofTestNumber(2, 5))
	m := next(t, l)
	want := []Change{{Topic: Events, WorkspaceID: 1}, {Topic: Tests, WorkspaceID: 1, TestID: 5}}
	if m.Resync || m.Access || !slices.Equal(m.Changes, want) {
		t.Fatalf("got %+v", m)
	}
	d.add(ofKey(3))
	if m := next(t, l); !m.Access || !slices.Contains(m.Changes, Change{Topic: Keys}) {
		t.Fatalf("got %+v", m)
	}
}

// On a server of several writers a lower number may be committed after a higher
// one.
func TestLateNumbersAreNotMissed(t *testing.T) {
	h, d := newHub(t, nil)
	d.events = []Event{ofKey(1), ofKey(4)}
	l := listen(t, h, "")
	next(t, l)
	d.add(ofTestNumber(9, 9))
	until(t, l, Change{Topic: Tests, WorkspaceID: 1, TestID: 9})
	for _, seq := range []int64{6, 3, 8, 2, 5, 7} {
		d.add(ofTestNumber(seq, seq))
		until(t, l, Change{Topic: Tests, WorkspaceID: 1, TestID: seq})
	}
	if m, _, ok := l.take(); ok {
		t.Fatalf("told again: %+v", m)
	}
}

func TestNumbersThatStayAwayAreForgotten(t *testing.T) {
	w := &watch{missing: map[int64]time.Time{}}
	now := time.Unix(0, 0)
	w.now = func() time.Time { return now }
	if w.follow(View{Events: []Event{{Seq: 3}}}) || len(w.missing) != 2 {
		t.Fatalf("missing: %v", w.missing)
	}
	now = now.Add(patience + 1)
	if w.follow(View{Events: []Event{{Seq: 4}}}) || len(w.missing) != 0 {
		t.Fatalf("missing: %v", w.missing)
	}
	if !w.follow(View{Events: []Event{{Seq: 1 << 40}}}) || len(w.missing) != 0 || w.last != 1<<40 {
		t.Fatalf("a gap without an end is waited for: %d", len(w.missing))
	}
}

func TestManyMissingNumbersAreAResync(t *testing.T) {
	h, d := newHub(t, nil)
	l := listen(t, h, "")
	next(t, l)
	d.add(ofKey(maxMissing + 10))
	if m := next(t, l); !m.Resync {
		t.Fatalf("got %+v", m)
	}
	d.add(ofTestNumber(maxMissing+11, 1))
	until(t, l, Change{Topic: Tests, WorkspaceID: 1, TestID: 1})
}

func TestMarksOfResources(t *testing.T) {
	h, d := newHub(t, nil)
	d.resources = []Resource{{ID: 3, ConnectionID: 7, Epoch: 1}, {ID: 4, ConnectionID: 8}}
	l := listen(t, h, "")
	next(t, l)
	d.change(func() { d.resources[0].Epoch = 2 })
	m := next(t, l)
	for _, want := range []Change{{Topic: Tests, WorkspaceID: 1, TestID: 30}, {Topic: Findings, WorkspaceID: 1, TestID: 30}, {Topic: Runs, WorkspaceID: 1, TestID: 30},
		{Topic: Exclusions, WorkspaceID: 1, TestID: 30}, {Topic: Records, WorkspaceID: 1, ConnectionID: 7, ResourceID: 3}, {Topic: Records, WorkspaceID: 2, ConnectionID: 7, ResourceID: 3}} {
		if !slices.Contains(m.Changes, want) {
			t.Errorf("%+v is missing in %+v", want, m.Changes)
		}
	}
	d.change(func() { d.resources[1].FreshAt = 9 })
	if m := next(t, l); !slices.Contains(m.Changes, Change{Topic: Connections, ConnectionID: 8, ResourceID: 4}) || len(m.Changes) != 3 {
		t.Errorf("got %+v", m.Changes)
	}
}

// The event came before the entry that it led to.
func TestEntriesOfHistories(t *testing.T) {
	h, d := newHub(t, nil)
	d.histories = []Topic{Personnel}
	l := listen(t, h, "")
	next(t, l)
	d.change(func() { d.entries, d.histories = 1, []Topic{Devices, Assets} })
	if m := next(t, l); !slices.Equal(m.Changes, []Change{{Topic: Devices}, {Topic: Assets}}) {
		t.Errorf("got %+v", m.Changes)
	}
	d.add(ofTestNumber(1, 1))
	if m := until(t, l, Change{Topic: Tests, WorkspaceID: 1, TestID: 1}); slices.Contains(m.Changes, Change{Topic: Devices}) {
		t.Errorf("told again: %+v", m.Changes)
	}
}

func TestWhoComesBackGoesOn(t *testing.T) {
	h, d := newHub(t, nil)
	l := listen(t, h, "")
	first := next(t, l)
	d.add(ofTestNumber(1, 1))
	second := next(t, l)
	l.Close()
	d.add(ofTestNumber(2, 2))
	other := listen(t, h, "")
	next(t, other)
	d.add(ofTestNumber(3, 3))
	until(t, other, Change{Topic: Tests, WorkspaceID: 1, TestID: 3})

	again := listen(t, h, second.ID)
	m := next(t, again)
	if m.Resync || slices.Contains(m.Changes, Change{Topic: Tests, WorkspaceID: 1, TestID: 1}) || !slices.Contains(m.Changes, Change{Topic: Tests, WorkspaceID: 1, TestID: 3}) {
		t.Errorf("got %+v", m)
	}
	again.Close()
	again = listen(t, h, first.ID)
	if m := next(t, again); m.Resync || !slices.Contains(m.Changes, Change{Topic: Tests, WorkspaceID: 1, TestID: 1}) {
		t.Errorf("got %+v", m)
	}
	again.Close()
	for _, id := range []string{"x.1", h.instance + ".99", h.instance + ".-1", h.instance + ".", h.instance, "\x00", h.instance + ".99999999999999999999"} {
		again = listen(t, h, id)
		if m := next(t, again); !m.Resync {
			t.Errorf("after %q: %+v", id, m)
		}
		again.Close()
	}
}

func TestTheSlowAreToldThatTheyMissedSomething(t *testing.T) {
	h, d := newHub(t, nil)
	slow, fast := listen(t, h, ""), listen(t, h, "")
	next(t, slow)
	next(t, fast)
	for i := range int64(kept + 10) {
		d.add(ofTestNumber(i+1, i+1))
		until(t, fast, Change{Topic: Tests, WorkspaceID: 1, TestID: i + 1})
	}
	if m := next(t, slow); !m.Resync {
		t.Fatalf("got %d changes", len(m.Changes))
	}
	d.add(ofTestNumber(2*kept, 1))
	until(t, slow, Change{Topic: Tests, WorkspaceID: 1, TestID: 1})
}

func TestLimits(t *testing.T) {
	h, _ := newHub(t, nil)
	var mine []*Listener
	for range 3 {
		mine = append(mine, listen(t, h, ""))
	}
	if _, err := h.Listen(t.Context(), "me", ""); fault.CodeOf(err) != fault.CodeTooManyRequests {
		t.Errorf("a fourth of mine: %v", err)
	}
	other, err := h.Listen(t.Context(), "you", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Listen(t.Context(), "she", ""); fault.CodeOf(err) != fault.CodeTooManyRequests {
		t.Errorf("a fifth of all: %v", err)
	}
	mine[0].Close()
	other.Close()
	listen(t, h, "").Close()
	if _, err := h.Listen(t.Context(), "she", ""); err != nil {
		t.Error(err)
	}
}

func TestNobodyListensNothingIsLookedAt(t *testing.T) {
	h, d := newHub(t, func(o *Options) { o.Timing.Linger = time.Microsecond })
	l := listen(t, h, "")
	id := next(t, l).ID
	l.Close()
	await.Until(t, "the end of the looks", func() bool {
		h.Hint()
		h.mu.Lock()
		defer h.mu.Unlock()
		return !h.running
	})
	looks := d.looks
	h.Hint()
	d.add(ofTestNumber(1, 1))
	if d.looks != looks {
		t.Error("it goes on")
	}
	l = listen(t, h, id)
	if m := next(t, l); !m.Resync {
		t.Errorf("got %+v", m)
	}
	d.add(ofTestNumber(2, 2))
	until(t, l, Change{Topic: Tests, WorkspaceID: 1, TestID: 2})
}

func TestCloseEndsListeners(t *testing.T) {
	h, _ := newHub(t, nil)
	l := listen(t, h, "")
	next(t, l)
	ended := make(chan error, 1)
	go func() {
		_, err := l.Next(context.Background())
		ended <- err
	}()
	h.Close()
	if err := await.Receive(t, "the end of the listener", ended); !errors.Is(err, ErrStopping) {
		t.Errorf("got %v", err)
	}
	if _, err := h.Listen(t.Context(), "me", ""); err != nil && !errors.Is(err, ErrStopping) {
		t.Errorf("got %v", err)
	}
}

func TestFailedLooks(t *testing.T) {
	h, d := newHub(t, nil)
	d.err = errors.New("down")
	if _, err := h.Listen(t.Context(), "me", ""); err == nil {
		t.Fatal("it listens to nothing")
	}
	d.change(func() { d.err = nil })
	l := listen(t, h, "")
	next(t, l)
	d.change(func() { d.err = errors.New("down"); d.events = []Event{ofTestNumber(1, 1)} })
	d.change(func() { d.err = nil })
	until(t, l, Change{Topic: Tests, WorkspaceID: 1, TestID: 1})
}

func TestJobs(t *testing.T) {
	var jobs []Job
	h, d := newHub(t, nil)
	h.o.Jobs = func() []Job {
		d.mu.Lock()
		defer d.mu.Unlock()
		return slices.Clone(jobs)
	}
	l := listen(t, h, "")
	next(t, l)
	for _, list := range [][]Job{{{"a", 3, 0}}, {{"a", 3, 1}}, {}} {
		d.change(func() { jobs = list })
		if m := next(t, l); !slices.Equal(m.Changes, []Change{{Topic: Previews, WorkspaceID: 3}}) {
			t.Errorf("%v: %+v", list, m.Changes)
		}
	}
}

// Whatever is dropped, what is left says as much.
func TestCompactCoversAll(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	for range 500 {
		var all []Change
		for range r.IntN(200) {
			c := Change{Topic: AllTopics[r.IntN(4)], WorkspaceID: r.Int64N(2)}
			if r.IntN(30) > 0 {
				c.TestID = r.Int64N(60)
			}
			all = append(all, c)
		}
		out := compact(slices.Clone(all))
		per := map[string]int{}
		for i, c := range out {
			per[string(c.Topic)+strconv.FormatInt(c.WorkspaceID, 10)]++
			if slices.Contains(out[i+1:], c) {
				t.Fatalf("seed %d: %+v twice", seed, c)
			}
			if c.TestID != 0 && !slices.Contains(all, c) {
				t.Fatalf("seed %d: %+v was made up", seed, c)
			}
		}
		for _, c := range all {
			if !slices.Contains(out, c) && !slices.Contains(out, Change{Topic: c.Topic, WorkspaceID: c.WorkspaceID}) {
				t.Fatalf("seed %d: %+v is lost", seed, c)
			}
		}
		for what, n := range per {
			if n > perTopic {
				t.Fatalf("seed %d: %d of %s", seed, n, what)
			}
		}
	}
}

// A type that is added to the audit trail is told of by its category unless
// somebody says better; those of today all have a line.
func TestEveryEventHasItsTopics(t *testing.T) {
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for typ := range byType {
		known[string(typ)] = true
	}
	found := 0
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			typ := fmt.Sprint(spec.Type)
			if sel, ok := spec.Type.(*ast.SelectorExpr); ok {
				typ = fmt.Sprint(sel.X) + "." + sel.Sel.Name
			}
			if typ != "event.Type" && (typ != "Type" || f.Name.Name != "event") {
				return true
			}
			found++
			if text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value); err != nil || !known[text] {
				t.Errorf("%s: %s has no topics", name, spec.Names[0])
			}
			return true
		})
	}
	if found < 60 {
		t.Errorf("only %d types were found", found)
	}
	for typ, topics := range byType {
		for _, topic := range topics {
			if !slices.Contains(AllTopics, topic) {
				t.Errorf("%s: no topic %s", typ, topic)
			}
		}
	}
	if got := touched(Event{Type: "NEW", Category: "NEW"}); !slices.Equal(got, AllTopics) {
		t.Errorf("what nobody knows is of %v", got)
	}
}
