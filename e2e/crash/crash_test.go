//go:build crash && linux

package crash

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

var (
	seedFlag = flag.Uint64("seed", 0, "seed of the random moments; 0 takes a new one")
	rounds   = flag.Int("rounds", 10, "how often each server is killed")
)

const (
	pushers   = 3
	batchSize = 40
	// The server is killed at a random moment between these, counted from the
	// start of the pushers.
	earliest, latest = 5 * time.Millisecond, 250 * time.Millisecond
)

func TestKilledOnSQLite(t *testing.T) {
	everyRound := func(int) bool { return true }
	survive(t, newServer(t, "--data", t.TempDir()), everyRound)
}

// A node that died keeps its resources for ten seconds on PostgreSQL, so the
// verdicts are looked at after some of the kills only.
func TestKilledOnPostgreSQL(t *testing.T) {
	survive(t, newServer(t, "--database-url", pgserver.Start(t)), func(round int) bool { return round == *rounds/2 || round == *rounds })
}

// doc is a record as the test makes it. Ok and Group are what the tests look
// at, Version tells one form of a record from the next.
type doc struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Ok      bool   `json:"ok"`
	Group   string `json:"group"`
}

func (d doc) json() json.RawMessage {
	text, _ := json.Marshal(d)
	return text
}

// writer pushes batches of its own ids, one after the other.
type writer struct {
	name  string
	rnd   *rand.Rand
	next  int
	count int
	// acked are the records as the server acknowledged them, pending those of
	// the batch that was not answered.
	acked   map[string]doc
	pending map[string]doc
	batches int
}

func (w *writer) batch() map[string]doc {
	w.next++
	out := map[string]doc{}
	for len(out) < batchSize {
		id := fmt.Sprintf("%s-%d", w.name, w.count)
		if w.count > 0 && w.rnd.IntN(3) == 0 {
			id = fmt.Sprintf("%s-%d", w.name, w.rnd.IntN(w.count))
		} else {
			w.count++
		}
		out[id] = doc{ID: id, Version: w.next, Ok: w.rnd.IntN(5) > 0, Group: fmt.Sprint(w.rnd.IntN(1 << 20))}
	}
	return out
}

// push pushes until the server is gone. Only that may go wrong.
func (w *writer) push(c *client.Client, t client.Target) error {
	for {
		b := w.batch()
		w.pending = b
		var records []json.RawMessage
		for _, d := range b {
			records = append(records, d.json())
		}
		done, err := c.Push(context.Background(), t, records, nil)
		if err != nil {
			return gone(err)
		}
		if done.Failed > 0 {
			return fmt.Errorf("%d records were refused: %+v", done.Failed, done.Items)
		}
		maps.Copy(w.acked, b)
		w.pending = nil
		w.batches++
	}
}

func gone(err error) error {
	var n *client.NetworkError
	if errors.As(err, &n) {
		return nil
	}
	return err
}

// replacer replaces a dataset in sessions, one after the other.
type replacer struct {
	rnd       *rand.Rand
	next      int
	acked     map[string]doc
	pending   map[string]doc
	sessionID string
	sessions  int
}

func (r *replacer) replace(c *client.Client, t client.Target) error {
	for {
		r.next++
		r.sessionID = fmt.Sprintf("session-%d", r.next)
		set := map[string]doc{}
		for i := range 20 + r.rnd.IntN(80) {
			id := fmt.Sprintf("s-%d", i*(1+r.next%3))
			set[id] = doc{ID: id, Version: r.next, Ok: r.rnd.IntN(3) > 0, Group: id}
		}
		r.pending = set
		p := c.NewPusher(t, client.PusherOptions{SessionID: r.sessionID})
		for _, d := range set {
			if err := p.Add(context.Background(), d.json()); err != nil {
				return gone(err)
			}
		}
		if err := p.Flush(context.Background()); err != nil {
			return gone(err)
		}
		expected := int64(len(set))
		if _, err := c.CompleteSession(context.Background(), t, r.sessionID, client.Guards{ExpectedCount: &expected}); err != nil {
			return gone(err)
		}
		r.acked, r.pending = set, nil
		r.sessions++
	}
}

// survive kills the server again and again and compares what it has then with
// what it acknowledged.
func survive(t *testing.T, s *server, judge func(round int) bool) {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	direct, replaced := dataset(t, s.c, "direct"), dataset(t, s.c, "replaced")
	var writers []*writer
	for i := range pushers {
		writers = append(writers, &writer{name: fmt.Sprintf("w%d", i), rnd: rand.New(rand.NewPCG(seed, uint64(10+i))), acked: map[string]doc{}})
	}
	r := &replacer{rnd: rand.New(rand.NewPCG(seed, 2)), acked: map[string]doc{}}
	for round := 1; round <= *rounds; round++ {
		var all sync.WaitGroup
		for _, w := range writers {
			all.Go(func() {
				if err := w.push(s.c, direct); err != nil {
					t.Errorf("round %d: %s: %v", round, w.name, err)
				}
			})
		}
		all.Go(func() {
			if err := r.replace(s.c, replaced); err != nil {
				t.Errorf("round %d: sessions: %v", round, err)
			}
		})
		all.Go(func() {
			if err := rerun(s.c); err != nil {
				t.Errorf("round %d: runs: %v", round, err)
			}
		})
		moment := earliest + time.Duration(rnd.Int64N(int64(latest-earliest)))
		// A killed process has no moment to wait for; the clock is the point.
		<-time.After(moment)
		s.kill()
		all.Wait()
		s.start()

		want := barrier(t, s.c, round, direct, replaced, r.sessionID)
		have := read(t, s.c, direct)
		batches := 0
		for _, w := range writers {
			w.settle(t, have)
			maps.Copy(want, w.acked)
			batches += w.batches
		}
		same(t, round, "pushed records", have, want)
		live := read(t, s.c, replaced)
		r.settle(t, live)
		same(t, round, "replaced records", live, r.acked)
		if judge(round) {
			judged(t, round, s.c, direct, want)
			judged(t, round, s.c, replaced, r.acked)
			verified(t, round, s.c)
		}
		t.Logf("round %d: killed after %s; %d batches and %d sessions acknowledged so far, %d records", round, moment, batches, r.sessions, len(have))
		if t.Failed() {
			t.Logf("server log:\n%s", s.log)
			return
		}
	}
	if total := len(writers[0].acked); total == 0 || r.sessions == 0 {
		t.Errorf("nothing was acknowledged: the test proves nothing")
	}
}

// rerun starts full passes over all tests until the server is gone.
func rerun(c *client.Client) error {
	for {
		for test, err := range c.Tests(context.Background(), 1, "", client.List{}) {
			if err != nil {
				return gone(err)
			}
			if _, err := c.Act(context.Background(), 1, test.TestID, "run", "", nil); err != nil {
				return gone(err)
			}
		}
	}
}

// verified proves that the passes that the kills broke off came to their end, and
// that none found a verdict that was not what it should have been.
func verified(t *testing.T, round int, c *client.Client) {
	t.Helper()
	for test, err := range c.Tests(t.Context(), 1, "", client.List{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Act(t.Context(), 1, test.TestID, "run", "", &client.Wait{}); err != nil {
			t.Fatal(err)
		}
		runs := 0
		for run, err := range c.Runs(t.Context(), 1, test.TestID, "MANUAL", client.List{}) {
			if err != nil {
				t.Fatal(err)
			}
			runs++
			if run.State != client.RunDone || run.Drift != 0 {
				t.Errorf("round %d: a run of test %s is %+v", round, test.Name, run)
			}
		}
		if runs == 0 {
			t.Errorf("round %d: test %s has no run", round, test.Name)
		}
	}
}

// barrier writes to both datasets: what PostgreSQL may still be committing for
// the process that is gone is done before these writes are. It gives what it
// stored.
func barrier(t *testing.T, c *client.Client, round int, direct, replaced client.Target, sessionID string) map[string]doc {
	t.Helper()
	d := doc{ID: "barrier", Version: round, Ok: true, Group: "barrier"}
	if _, err := c.Push(t.Context(), direct, []json.RawMessage{d.json()}, nil); err != nil {
		t.Fatalf("round %d: the server does not work after its restart: %v", round, err)
	}
	// A session that was cut off stays open until somebody cancels it.
	if err := c.CancelSession(t.Context(), replaced, sessionID); err != nil && !client.IsNotFound(err) && !client.IsCode(err, client.CodeSessionAction) {
		t.Fatalf("round %d: cancel the session that was cut off: %v", round, err)
	}
	return map[string]doc{d.ID: d}
}

// settle finds out whether the batch that was not answered was stored: whole or
// not at all.
func (w *writer) settle(t *testing.T, have map[string]doc) {
	stored := 0
	for id, d := range w.pending {
		if have[id] == d {
			stored++
		}
	}
	switch stored {
	case 0:
	case len(w.pending):
		maps.Copy(w.acked, w.pending)
	default:
		t.Errorf("%s: %d of %d records of a batch were stored", w.name, stored, len(w.pending))
	}
	w.pending = nil
}

func (r *replacer) settle(t *testing.T, have map[string]doc) {
	if r.pending != nil && maps.Equal(have, r.pending) {
		r.acked = r.pending
	}
	r.pending = nil
}

func same(t *testing.T, round int, what string, have, want map[string]doc) {
	t.Helper()
	for id, w := range want {
		if h, ok := have[id]; !ok {
			t.Errorf("round %d: %s: %s is lost", round, what, id)
		} else if h != w {
			t.Errorf("round %d: %s: %s is %+v, acknowledged was %+v", round, what, id, h, w)
		}
	}
	for id := range have {
		if _, ok := want[id]; !ok {
			t.Errorf("round %d: %s: %s was never pushed", round, what, id)
		}
	}
}

// dataset makes a connection with two published tests over its resource.
func dataset(t *testing.T, c *client.Client, name string) client.Target {
	t.Helper()
	conn, err := c.CreateConnection(t.Context(), client.NewConnection{Name: name, ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1},
		SampleData: doc{ID: "a", Version: 1, Group: "b"}.json(), DisplayNameKey: "id"})
	if err != nil {
		t.Fatal(err)
	}
	target := client.Target{ConnectionID: conn.ID, ResourceID: conn.Resources[0].ID}
	for kind, group := range map[string]string{
		"ok":     `"evaluator":{"all":[{"fact":"ok","operator":"equal","value":true}]}`,
		"unique": `"evaluator":{"all":[{"fact":"group","operator":"exists","value":true}]},"assertion":{"kind":"unique","path":"group"}`,
	} {
		logic := fmt.Sprintf(`{"logic":"ALL_GROUPS","groups":[{"name":"g","resourceId":%d,%s}]}`, target.ResourceID, group)
		if _, err := c.CreateTest(t.Context(), 1, client.NewTest{Name: name + " " + kind, Logic: json.RawMessage(logic), Publish: true}); err != nil {
			t.Fatal(err)
		}
	}
	return target
}

func read(t *testing.T, c *client.Client, target client.Target) map[string]doc {
	t.Helper()
	have := map[string]doc{}
	for r, err := range c.Records(t.Context(), target, client.List{Ascending: true}) {
		if err != nil {
			t.Fatal(err)
		}
		var d doc
		if err := json.Unmarshal(r.Attributes, &d); err != nil {
			t.Fatal(err)
		}
		if _, twice := have[r.ID]; twice || d.ID != r.ID {
			t.Errorf("record %q is listed twice, or as %q", r.ID, d.ID)
		}
		have[r.ID] = d
	}
	resource, err := c.Resource(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	if resource.RecordCount != int64(len(have)) {
		t.Errorf("the resource counts %d records, the list has %d", resource.RecordCount, len(have))
	}
	return have
}

// judged compares the tests' counts and findings with what the records say.
func judged(t *testing.T, round int, c *client.Client, target client.Target, records map[string]doc) {
	t.Helper()
	for pending := true; pending; {
		v, err := c.Verdicts(t.Context(), target, client.Wait{})
		if err != nil {
			t.Fatal(err)
		}
		pending = v.Pending
	}
	failing := map[string][]string{"ok": {}, "unique": {}}
	groups := map[string]int{}
	for _, d := range records {
		groups[d.Group]++
	}
	for id, d := range records {
		if !d.Ok {
			failing["ok"] = append(failing["ok"], id)
		}
		if groups[d.Group] > 1 {
			failing["unique"] = append(failing["unique"], id)
		}
	}
	resource, err := c.Resource(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	for test, err := range c.Tests(t.Context(), 1, "", client.List{}) {
		if err != nil {
			t.Fatal(err)
		}
		for kind, want := range failing {
			if test.Name != resource.Name+" "+kind {
				continue
			}
			if test.Counts.Failing != int64(len(want)) || test.Counts.Passing != int64(len(records)-len(want)) {
				t.Errorf("round %d: test %s counts %+v; %d of %d records fail", round, test.Name, test.Counts, len(want), len(records))
			}
			var have []string
			for f, err := range c.Failures(t.Context(), 1, test.TestID, client.List{}) {
				if err != nil {
					t.Fatal(err)
				}
				have = append(have, f.RecordID)
			}
			slices.Sort(have)
			slices.Sort(want)
			if !slices.Equal(have, want) {
				t.Errorf("round %d: test %s lists %d failing records, %d fail", round, test.Name, len(have), len(want))
			}
		}
	}
}
