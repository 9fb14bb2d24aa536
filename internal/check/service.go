package check

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

const (
	maxName        = 191
	maxDescription = 30000
	maxNote        = 2000
	maxControls    = 1000
	// disabledByAPI is the contract's reason where the caller gives none.
	disabledByAPI = "Disabled via Public API"
)

// Options are the settings of [Service] and [Evaluator].
type Options struct {
	Now func() time.Time
	Log *slog.Logger
	// Changed, if set, is told that a resource has something to evaluate.
	Changed func(resourceID int64)
	// Span is how many record numbers one reader of a pass takes at a time, 0 for
	// the usual.
	Span int64
	// Policy, if set, tells what is demanded of exclusions; without it they need an
	// end, within a year.
	Policy func(context.Context) (ExclusionPolicy, error)
}

// Service is the use of tests.
type Service struct {
	store   Store
	now     func() time.Time
	changed func(resourceID int64)
	policy  func(context.Context) (ExclusionPolicy, error)
	// previews are the jobs that go on after an answer.
	previews *previews
	// evidences has a place for each download of evidence.
	evidences chan struct{}
}

// NewService makes the service over a store. [Service.Close] ends it.
func NewService(s Store, o Options) *Service {
	if o.Changed == nil {
		o.Changed = func(int64) {}
	}
	if o.Policy == nil {
		o.Policy = func(context.Context) (ExclusionPolicy, error) { return NewExclusionPolicy(true, 365, 7), nil }
	}
	return &Service{store: s, now: o.Now, changed: o.Changed, policy: o.Policy, previews: newPreviews(), evidences: make(chan struct{}, maxEvidences)}
}

// Draft is what a caller gives to create a test.
type Draft struct {
	Name        string
	Description string
	// Logic is the test of package rule as JSON text.
	Logic   []byte
	Publish bool
	Note    string
	// ControlIDs are the controls that the test proves.
	ControlIDs []int64
}

// Change is what a caller may change of a test; nil leaves a field as it is.
type Change struct {
	Name        *string
	Description *string
	Enabled     *bool
	// Schedule is a cron expression, see [Test]; empty for the default.
	Schedule *string
	// Logic replaces the draft.
	Logic []byte
	// ControlIDs replaces the controls that the test proves.
	ControlIDs *[]int64
	// Revision, if set, is the revision that the caller saw.
	Revision *int64
}

// Action is something to do with a test.
type Action string

// The actions.
const (
	Run          Action = "run"
	RunDraft     Action = "runDraft"
	Publish      Action = "publish"
	DiscardDraft Action = "discardDraft"
	Enable       Action = "enable"
	Disable      Action = "disable"
	Delete       Action = "delete"
)

// Actions lists the actions in the order of the documentation.
var Actions = []Action{Run, RunDraft, Publish, DiscardDraft, Enable, Disable, Delete}

// ParseAction reads an action's name; an unknown one is a CodeValidation.
func ParseAction(text string) (Action, error) {
	for _, a := range Actions {
		if string(a) == text {
			return a, nil
		}
	}
	return "", fault.New(fault.CodeValidation, "`action` is %q; it must be one of run, runDraft, publish, discardDraft, enable, disable, delete", text)
}

// Create stores a test as a draft, or published.
func (s *Service) Create(ctx context.Context, a event.Actor, workspaceID int64, d Draft) (Test, error) {
	now := s.now()
	t := Test{WorkspaceID: workspaceID, Name: strings.TrimSpace(d.Name), Description: d.Description, Enabled: true,
		CreatedAt: now, UpdatedAt: now, Result: rule.VerdictReady, Reason: rule.ReasonNotRun}
	if err := checkText(t.Name, t.Description); err != nil {
		return t, err
	}
	if err := checkNote(d.Note); err != nil {
		return t, err
	}
	if err := checkControls(d.ControlIDs); err != nil {
		return t, err
	}
	if len(d.ControlIDs) > 0 {
		t.ControlIDs = &d.ControlIDs
	}
	made, err := s.compile(ctx, workspaceID, d.Logic)
	if err != nil {
		return t, err
	}
	v := made.version(Version{Number: 1, CreatedAt: now, Note: d.Note, KeyID: a.KeyID, UserID: a.UserID})
	t, err = s.store.CreateTest(ctx, t, v, s.event(a, event.TestCreated, t, "Test “"+t.Name+"” was created", t.mapped()))
	if err != nil || !d.Publish {
		return t, err
	}
	return s.build(ctx, a, t, v, made.groups, event.TestPublished, "Test “"+t.Name+"” was published", nil)
}

// mapped tells of the controls that a change maps the test to.
func (t Test) mapped() any {
	if t.ControlIDs == nil {
		return nil
	}
	return map[string]any{"controlIds": *t.ControlIDs}
}

func checkControls(ids []int64) error {
	if len(ids) > maxControls {
		return fault.New(fault.CodeValidation, "`controlIds` (/controlIds) has %d ids; at most %d are taken", len(ids), maxControls)
	}
	return nil
}

func checkText(name, description string) error {
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName {
		return fault.New(fault.CodeValidation, "`name` must have 1 to %d characters", maxName)
	}
	if utf8.RuneCountInString(description) > maxDescription {
		return fault.New(fault.CodeValidation, "`description` may have at most %d characters", maxDescription)
	}
	return nil
}

func checkNote(note string) error {
	if utf8.RuneCountInString(note) > maxNote {
		return fault.New(fault.CodeValidation, "`note` may have at most %d characters", maxNote)
	}
	return nil
}

func (s *Service) event(a event.Actor, ty event.Type, t Test, text string, metadata any) event.Event {
	e := event.New(a, s.now(), ty, event.CategoryMonitor, text, metadata)
	e.WorkspaceID, e.TestID, e.TestName = t.WorkspaceID, t.Number, t.Name
	return e
}

// build starts the pass that brings a version into force.
func (s *Service) build(ctx context.Context, a event.Actor, t Test, v Version, groups []Group, ty event.Type, text string, more map[string]any) (Test, error) {
	metadata := map[string]any{"version": v.Number, "note": v.Note}
	maps.Copy(metadata, more)
	t, err := s.store.Build(ctx, t, v, groups, s.now(), s.event(a, ty, t, text, metadata))
	if err != nil {
		return t, err
	}
	s.wake(groups)
	return t, nil
}

// wake tells that groups are to be built.
func (s *Service) wake(groups []Group) {
	for _, g := range groups {
		for _, a := range g.Asks {
			s.changed(a.Resource.ID)
		}
		s.changed(g.Resource.ID)
	}
}

// Get reads a test by its number; an absent one is a NotFound.
func (s *Service) Get(ctx context.Context, workspaceID, number int64) (Test, error) {
	return s.store.Test(ctx, workspaceID, number)
}

// Update changes name, description, draft, and whether the test is enabled.
func (s *Service) Update(ctx context.Context, a event.Actor, workspaceID, number int64, c Change) (Test, error) {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return t, err
	}
	if err := t.unchanged(c.Revision); err != nil {
		return t, err
	}
	if c.Name != nil || c.Description != nil || c.Logic != nil || c.Schedule != nil || c.ControlIDs != nil {
		if t, err = s.edit(ctx, a, t, c); err != nil {
			return t, err
		}
	}
	if c.Enabled == nil || *c.Enabled == t.Enabled {
		return t, nil
	}
	if *c.Enabled {
		return s.enable(ctx, a, t, "")
	}
	return s.disable(ctx, a, t, disabledByAPI)
}

func (s *Service) edit(ctx context.Context, a event.Actor, t Test, c Change) (Test, error) {
	if c.Name != nil {
		t.Name = strings.TrimSpace(*c.Name)
	}
	if c.Description != nil {
		t.Description = *c.Description
	}
	if err := checkText(t.Name, t.Description); err != nil {
		return t, err
	}
	t.UpdatedAt = s.now()
	if c.ControlIDs != nil {
		if err := checkControls(*c.ControlIDs); err != nil {
			return t, err
		}
		t.ControlIDs = c.ControlIDs
	}
	if c.Schedule != nil {
		if err := t.reschedule(*c.Schedule, t.UpdatedAt); err != nil {
			return t, err
		}
	}
	if c.Logic != nil {
		made, err := s.compile(ctx, t.WorkspaceID, c.Logic)
		if err != nil {
			return t, err
		}
		// Every draft that was saved stays a version; the same one again is none.
		draft := Version{Number: t.LastVersion + 1, CreatedAt: t.UpdatedAt, KeyID: a.KeyID, UserID: a.UserID}
		if t.Draft != nil && bytes.Equal(made.text, t.Draft.Logic) && bytes.Equal(made.pinned, t.Draft.Pinned) {
			draft = *t.Draft
		} else {
			t.DraftRun = nil
		}
		draft = made.version(draft)
		t.Draft = &draft
	}
	return s.store.SaveTest(ctx, t, s.event(a, event.TestUpdated, t, "Test “"+t.Name+"” was changed", t.mapped()))
}

// unchanged refuses what was meant for another revision of the test.
func (t Test) unchanged(since *int64) error {
	if since == nil || *since == t.Revision {
		return nil
	}
	return fault.New(fault.CodeEditConflict, "somebody else changed the test first: read it again")
}

// Act is [Service.ActOn] whatever revision the test has.
func (s *Service) Act(ctx context.Context, a event.Actor, workspaceID, number int64, action Action, note string) (Test, error) {
	return s.ActOn(ctx, a, workspaceID, number, nil, action, note)
}

// ActOn does one action with a test, if it still has the revision that the
// caller saw; nil is any. After delete, the test is returned as it was.
func (s *Service) ActOn(ctx context.Context, a event.Actor, workspaceID, number int64, revision *int64, action Action, note string) (Test, error) {
	if err := checkNote(note); err != nil {
		return Test{}, err
	}
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return t, err
	}
	if err := t.unchanged(revision); err != nil {
		return t, err
	}
	switch action {
	case Run:
		if t.Published == nil || !t.Enabled {
			return t, fault.New(fault.CodeConflict, "only a published, enabled test can run: publish or enable it first")
		}
		return s.start(ctx, a, t)
	case RunDraft:
		return s.runDraft(ctx, a, t)
	case Publish:
		if t.Draft == nil {
			return t, fault.New(fault.CodeConflict, "the test has no draft to publish")
		}
		v := *t.Draft
		if note != "" {
			v.Note = note
		}
		t.Enabled = true
		return s.rebuild(ctx, a, t, v, event.TestPublished, "Test “"+t.Name+"” was published", nil)
	case DiscardDraft:
		if t.Draft == nil || t.Published == nil {
			return t, fault.New(fault.CodeConflict, "there is no draft beside a published version that could be discarded")
		}
		t.Draft, t.DraftRun, t.UpdatedAt = nil, nil, s.now()
		return s.store.SaveTest(ctx, t, s.event(a, event.TestDraftDiscarded, t, "The draft of test “"+t.Name+"” was discarded", nil))
	case Enable:
		return s.enable(ctx, a, t, note)
	case Disable:
		if note == "" {
			note = disabledByAPI
		}
		return s.disable(ctx, a, t, note)
	case Delete:
		e := s.event(a, event.TestDeleted, t, because("Test “"+t.Name+"” was deleted", note), map[string]any{"reason": note})
		return t, s.store.Retire(ctx, t, TestDeleted, s.now(), e)
	}
	return t, fault.New(fault.CodeValidation, "unknown action %q", action)
}

// because is a sentence with the reason that somebody gave, if he did.
func because(text, why string) string {
	if why == "" {
		return text
	}
	return text + ": " + why
}

// rebuild compiles a stored version again and starts its pass. more is added to
// the metadata of the event.
func (s *Service) rebuild(ctx context.Context, a event.Actor, t Test, v Version, ty event.Type, text string, more map[string]any) (Test, error) {
	made, err := s.compile(ctx, t.WorkspaceID, v.Logic)
	if err != nil {
		return t, err
	}
	return s.build(ctx, a, t, made.version(v), made.groups, ty, text, more)
}

func (s *Service) enable(ctx context.Context, a event.Actor, t Test, why string) (Test, error) {
	if t.Published == nil {
		return t, fault.New(fault.CodeConflict, "the test was never published: publish its draft")
	}
	if t.Enabled {
		return t, nil
	}
	t.Enabled, t.DisabledReason = true, ""
	return s.rebuild(ctx, a, t, *t.Published, event.TestEnabled, because("Test “"+t.Name+"” was enabled", why), map[string]any{"reason": why})
}

func (s *Service) disable(ctx context.Context, a event.Actor, t Test, why string) (Test, error) {
	if t.Published == nil {
		return t, fault.New(fault.CodeConflict, "the test was never published: there is nothing to disable")
	}
	if !t.Enabled {
		return t, nil
	}
	t.Enabled, t.DisabledReason = false, why
	e := s.event(a, event.TestStopped, t, because("Test “"+t.Name+"” was disabled", why), map[string]any{"reason": why})
	if err := s.store.Retire(ctx, t, TestDisabled, s.now(), e); err != nil {
		return t, err
	}
	return s.store.Test(ctx, t.WorkspaceID, t.Number)
}

// Failures lists the open findings of a test with their cause, those of
// excluded records only if they are asked for.
func (s *Service) Failures(ctx context.Context, workspaceID, number int64, excluded bool, r page.Request) (page.Page[Finding], Test, error) {
	return s.SearchFailures(ctx, workspaceID, number, excluded, "", r)
}

// SearchFailures is Failures of records whose name or id has a text in it.
func (s *Service) SearchFailures(ctx context.Context, workspaceID, number int64, excluded bool, text string, r page.Request) (page.Page[Finding], Test, error) {
	p, t, err := s.findings(ctx, workspaceID, number, r, searching(text, func(ctx context.Context, t Test, r page.Request) (page.Page[Finding], error) {
		return s.store.Findings(ctx, t, excluded, r)
	}))
	if err != nil || !excluded {
		return p, t, err
	}
	return p, t, s.attribute(ctx, t, p.Items)
}

// Passes lists the records that pass a test.
func (s *Service) Passes(ctx context.Context, workspaceID, number int64, r page.Request) (page.Page[Finding], Test, error) {
	return s.SearchPasses(ctx, workspaceID, number, "", r)
}

// SearchPasses is Passes of records whose name or id has a text in it.
func (s *Service) SearchPasses(ctx context.Context, workspaceID, number int64, text string, r page.Request) (page.Page[Finding], Test, error) {
	return s.findings(ctx, workspaceID, number, r, searching(text, func(ctx context.Context, t Test, r page.Request) (page.Page[Finding], error) {
		return s.store.RecordsIn(ctx, t, Pass, r)
	}))
}

// Faulty lists the records on which the rules of a test cannot be evaluated, with
// the reason, of those whose name or id has a text in it.
func (s *Service) Faulty(ctx context.Context, workspaceID, number int64, text string, r page.Request) (page.Page[Finding], Test, error) {
	return s.findings(ctx, workspaceID, number, r, searching(text, func(ctx context.Context, t Test, r page.Request) (page.Page[Finding], error) {
		return s.store.RecordsIn(ctx, t, Faulty, r)
	}))
}

func (s *Service) findings(ctx context.Context, workspaceID, number int64, r page.Request, list findingPages) (page.Page[Finding], Test, error) {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return page.Page[Finding]{}, t, err
	}
	p, err := list(ctx, t, r)
	if err != nil {
		return p, t, err
	}
	return p, t, s.explain(ctx, p.Items)
}
