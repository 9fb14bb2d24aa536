package diagnosis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// Question is what a model is asked.
type Question struct {
	// URL is the whole address, Key what proves that it may be asked; empty: none.
	URL, Key, Model string
	MaxTokens       int
	System, User    string
}

// Model asks language models; a *chat.Client is one.
type Model interface {
	// Ask asks one question; each is called with every piece of the text as it
	// comes, and its error ends the question. An error's text is a sentence for
	// people without anything that the other side sent.
	Ask(ctx context.Context, q Question, each func(piece string) error) (Answer, error)
}

// Basis is the sync data that an explanation was made from.
type Basis struct {
	// Hash changes with the data.
	Hash   string
	RunIDs []int64
	// At is when the newest of the runs began; zero without runs.
	At time.Time
}

// Summary is what a model said about a connection.
type Summary struct {
	ConnectionID int64
	Basis        Basis
	// Text is empty where there is none; then Problem says why.
	Text, Problem string
	Model         string
	CreatedAt     time.Time
	// Helpful is what somebody said of it; nil: nobody did.
	Helpful *bool
}

// Claim is the right to ask about a connection, which one has at a time.
type Claim struct {
	ConnectionID int64
	At           time.Time
	// Until is when somebody else may have it, whatever became of the first.
	Until time.Time
	// Rest is how long after one request the next may come.
	Rest time.Duration
	// Hourly is how many requests there may be in an hour.
	Hourly int
}

// Store keeps the settings of the provider and the summaries.
type Store interface {
	AIProvider(ctx context.Context) (Provider, error)
	// ChangeAIProvider stores what change makes of the settings, which nobody else
	// changes meanwhile; change may be called more than once.
	ChangeAIProvider(ctx context.Context, change func(*Provider) (event.Event, error)) (Provider, error)
	// SpendAIRequest counts one request, a CodeTooManyRequests beyond the hourly ones.
	SpendAIRequest(ctx context.Context, at time.Time, hourly int, e event.Event) error
	// Summary reads the last one of a connection; it is false if there is none.
	Summary(ctx context.Context, connectionID int64) (Summary, bool, error)
	// ClaimSummary takes the right to ask about a connection and counts the request:
	// a CodeConflict if somebody has it, a CodeTooManyRequests if it is too early.
	ClaimSummary(ctx context.Context, c Claim, e event.Event) error
	// PutSummary stores a summary and gives the right back.
	PutSummary(ctx context.Context, s Summary, e event.Event) error
	// ReleaseSummary gives the right back and stores nothing.
	ReleaseSummary(ctx context.Context, connectionID int64) error
	// RateSummary notes what somebody thinks of the summary that was made from a
	// basis; a NotFound if there is no such summary with a text.
	RateSummary(ctx context.Context, connectionID int64, hash string, helpful *bool, e event.Event) error
}

// Connections reads connections; connection.Service is one.
type Connections interface {
	// Get reads one with its resources; an absent one is a NotFound.
	Get(ctx context.Context, id int64) (connection.Connection, error)
}

// Runs reads sync runs; syncrun.Service is one.
type Runs interface {
	List(ctx context.Context, f syncrun.Filter, r page.Request) (page.Page[syncrun.Run], error)
	Get(ctx context.Context, connectionID, runID int64) (syncrun.Run, error)
}

// Options are what the service needs besides its store.
type Options struct {
	Connections Connections
	Runs        Runs
	Model       Model
	Sealer      Sealer
	Now         func() time.Time
	// Patience is how long a model may take; 0: a minute.
	Patience time.Duration
}

const (
	patience = time.Minute
	// rest is how long after one request about a connection the next may come,
	// hourly how many requests there may be in an hour altogether.
	rest   = 10 * time.Second
	hourly = 60
)

// Service explains connections.
type Service struct {
	store Store
	Options
}

// NewService makes the service over a store.
func NewService(s Store, o Options) *Service {
	if o.Patience == 0 {
		o.Patience = patience
	}
	return &Service{s, o}
}

// State is how the summary of a diagnosis stands.
type State string

// The states of a summary.
const (
	// Off: no model is set up, or it is switched off.
	Off State = "OFF"
	// Absent: nobody asked yet.
	Absent State = "ABSENT"
	// Ready: there is one of the present data.
	Ready State = "READY"
	// Outdated: there was one, and newer data came since.
	Outdated State = "OUTDATED"
	// Useless: the model was asked about the present data, and gave nothing of use.
	Useless State = "FAILED"
)

// States lists every state once.
var States = []State{Off, Absent, Ready, Outdated, Useless}

// Diagnosis is all that can be said of the health of a connection.
type Diagnosis struct {
	Connection connection.Connection
	Causes     []Cause
	Basis      Basis
	State      State
	// Summary is set with Ready, Outdated and Useless; with Outdated its text is
	// empty.
	Summary *Summary
}

// Healthy reports whether nothing is wrong.
func (d Diagnosis) Healthy() bool { return len(d.Causes) == 0 }

// basisOf is the sync data of a case.
func basisOf(c Case) Basis {
	var out Basis
	var data []any
	for _, r := range c.Connection.Resources {
		data = append(data, r.ID, r.DataStatus(c.Now), stamp(r.FreshAt))
		runs := slices.DeleteFunc(runsOf(c.Runs, r.ID), func(run syncrun.Run) bool { return !tells(run) })
		if len(runs) == 0 {
			continue
		}
		last := runs[0]
		data = append(data, last.ID, last.Status, stamp(last.EndedAt), failedStep(last))
		out.RunIDs = append(out.RunIDs, last.ID)
		if last.StartedAt.After(out.At) {
			out.At = last.StartedAt
		}
	}
	data = append(data, stamp(c.Connection.DisconnectedAt))
	text, err := json.Marshal(data)
	if err != nil {
		panic(err) // only plain values of this package
	}
	sum := sha256.Sum256(text)
	out.Hash = hex.EncodeToString(sum[:])
	slices.Sort(out.RunIDs)
	return out
}

// lastRuns is how many runs of a resource are looked at.
const lastRuns = 30

// read is what is known of a connection.
func (s *Service) read(ctx context.Context, connectionID int64) (Case, error) {
	c := Case{Now: s.Now()}
	var err error
	if c.Connection, err = s.Connections.Get(ctx, connectionID); err != nil {
		return c, err
	}
	for _, r := range c.Connection.Resources {
		p, err := s.Runs.List(ctx, syncrun.Filter{ConnectionID: connectionID, ResourceID: r.ID}, page.Request{Size: lastRuns})
		if err != nil {
			return c, err
		}
		runs := p.Items
		if id := r.Sync.RunID; id != 0 && !slices.ContainsFunc(runs, func(run syncrun.Run) bool { return run.ID == id }) {
			// The run that health goes by is older than these.
			run, err := s.Runs.Get(ctx, connectionID, id)
			switch {
			case err == nil:
				runs = append(runs, run)
			case fault.KindOf(err) != fault.NotFound:
				return c, err
			}
		}
		c.Runs = append(c.Runs, runs...)
	}
	return c, nil
}

// Get explains a connection by the rules, with what a model said of the same data.
func (s *Service) Get(ctx context.Context, connectionID int64) (Diagnosis, error) {
	d, _, _, err := s.get(ctx, connectionID)
	return d, err
}

func (s *Service) get(ctx context.Context, connectionID int64) (d Diagnosis, c Case, p Provider, err error) {
	if c, err = s.read(ctx, connectionID); err != nil {
		return d, c, p, err
	}
	d = Diagnosis{Connection: c.Connection, Causes: Explain(c), Basis: basisOf(c), State: Off}
	if p, err = s.store.AIProvider(ctx); err != nil || !p.Enabled {
		return d, c, p, err
	}
	d.State = Absent
	kept, found, err := s.store.Summary(ctx, connectionID)
	switch {
	case err != nil || !found || d.Healthy():
		return d, c, p, err
	case kept.Basis.Hash != d.Basis.Hash:
		d.State, kept.Text, kept.Helpful = Outdated, "", nil
	case kept.Text == "":
		d.State = Useless
	default:
		d.State = Ready
	}
	d.Summary = &kept
	return d, c, p, nil
}

// Refresh has a model say anew why a connection is unhealthy. Where none is set
// up, or nothing is wrong, it is the same as Get. each is called with every piece
// of the text as it comes; what it was told is of no use if the diagnosis that is
// returned has another text.
func (s *Service) Refresh(ctx context.Context, a event.Actor, connectionID int64, each func(piece string) error) (Diagnosis, error) {
	d, c, p, err := s.get(ctx, connectionID)
	if err != nil || !p.Enabled || d.Healthy() {
		return d, err
	}
	q, err := s.question(p)
	if err != nil {
		return d, err
	}
	q.System, q.User = instruction, prompt(c)
	now := s.Now()
	if err := s.store.ClaimSummary(ctx, Claim{ConnectionID: connectionID, At: now, Until: now.Add(s.Patience + rest), Rest: rest, Hourly: hourly},
		s.event(a, event.SummaryRequested, connectionID, "A summary of the diagnosis was asked for", p)); err != nil {
		return d, err
	}
	made, err := s.ask(ctx, q, each)
	if err != nil {
		// The one who asked is gone: nobody knows what would have come.
		return d, errors.Join(err, s.store.ReleaseSummary(context.WithoutCancel(ctx), connectionID))
	}
	made.ConnectionID, made.Basis, made.CreatedAt = connectionID, d.Basis, s.Now()
	if made.Model == "" {
		made.Model = p.Model
	}
	d.State, d.Summary = Ready, &made
	ty, what := event.SummaryCreated, "A summary of the diagnosis was made"
	if made.Text == "" {
		d.State, ty, what = Useless, event.SummaryFailed, "A summary of the diagnosis could not be made"
	}
	return d, s.store.PutSummary(ctx, made, s.event(a, ty, connectionID, what, p))
}

func (s *Service) event(a event.Actor, ty event.Type, connectionID int64, text string, p Provider) event.Event {
	e := event.New(a, s.Now(), ty, event.CategoryConnection, text, map[string]any{"model": p.Model, "host": origin(p.URL)})
	e.ConnectionID = connectionID
	return e
}

// ask asks, and says what came of it; only the end of ctx is an error.
func (s *Service) ask(ctx context.Context, q Question, each func(string) error) (Summary, error) {
	asking, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	answer, err := s.Model.Ask(asking, q, each)
	if ctx.Err() != nil {
		return Summary{}, ctx.Err()
	}
	out := Summary{Model: plain(answer.Model, maxModel)}
	if err == nil {
		out.Text, err = summaryOf(answer)
	}
	if err != nil {
		out.Text, out.Problem = "", sentence(err.Error())
	}
	return out, nil
}

// Rate notes whether the summary that is shown helped; nil takes that back. A
// summary of older data is not shown, so it cannot be rated.
func (s *Service) Rate(ctx context.Context, a event.Actor, connectionID int64, helpful *bool) (Diagnosis, error) {
	d, _, p, err := s.get(ctx, connectionID)
	if err != nil {
		return d, err
	}
	if d.State != Ready {
		return d, fault.New(fault.CodeConflict, "there is no summary to rate: none was made of the data as it is now")
	}
	e := s.event(a, event.SummaryRated, connectionID, "A summary of the diagnosis was rated", p)
	if err := s.store.RateSummary(ctx, connectionID, d.Basis.Hash, helpful, e); err != nil {
		return d, err
	}
	d.Summary.Helpful = helpful
	return d, nil
}
