package check

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

const (
	maxReason    = 2000
	maxTicketURL = 2000
	maxSelector  = 64 << 10
)

// NewExclusion is what a caller gives to exclude a record or what a selector
// matches.
type NewExclusion struct {
	// Key names the record; else Selector is a condition as JSON text.
	Key      string
	Selector []byte
	// ResourceID may be 0 for a test over one resource.
	ResourceID  int64
	Reason      string
	Category    string
	Approver    string
	TicketURL   string
	ExpiresAt   time.Time
	ExpireOnFix bool
}

// ExclusionChange is what a caller may change of an exclusion; nil leaves a
// field as it is.
type ExclusionChange struct {
	Selector  []byte
	Reason    *string
	Category  *string
	Approver  *string
	TicketURL *string
	// ExpiresAt takes the end away if it is the zero time.
	ExpiresAt   *time.Time
	ExpireOnFix *bool
}

// Exclude creates an exclusion.
func (s *Service) Exclude(ctx context.Context, a event.Actor, workspaceID, number int64, n NewExclusion) (Exclusion, error) {
	t, err := s.store.Test(ctx, workspaceID, number)
	if err != nil {
		return Exclusion{}, err
	}
	r, err := s.excludedFrom(ctx, t, n.ResourceID)
	if err != nil {
		return Exclusion{}, err
	}
	now := s.now()
	x := Exclusion{WorkspaceID: workspaceID, TestID: t.ID, TestNumber: t.Number, TestName: t.Name, Resource: r, Key: n.Key,
		Reason: strings.TrimSpace(n.Reason), Category: ExclusionCategory(n.Category), Approver: strings.TrimSpace(n.Approver), TicketURL: n.TicketURL,
		ExpiresAt: n.ExpiresAt, ExpireOnFix: n.ExpireOnFix, Version: 1, CreatedAt: now, UpdatedAt: now, KeyID: a.KeyID, UserID: a.UserID}
	if (n.Key == "") == (n.Selector == nil) {
		return x, fault.New(fault.CodeValidation, "say what is excluded: either `targetId` (/targetId), the id of a record, or `selector` (/selector), a condition")
	}
	if err := x.check(); err != nil {
		return x, err
	}
	if err := s.checkExpiry(ctx, x.ExpiresAt); err != nil {
		return x, err
	}
	if n.Selector == nil {
		x.Approved, err = s.reachOfRecord(ctx, t, &x)
	} else {
		err = s.selectBy(ctx, t, &x, n.Selector)
	}
	if err != nil {
		return x, err
	}
	x, err = s.store.CreateExclusion(ctx, x, func(x Exclusion) event.Event { return x.event(a, event.ExclusionCreated, now, "was created") })
	if err == nil {
		s.evaluate(ctx, &x)
	}
	return x, err
}

// evaluate tells that records are to be evaluated, for a selector those of all
// resources of the test.
func (s *Service) evaluate(ctx context.Context, x *Exclusion) {
	s.changed(x.Resource.ID)
	if x.Selector == nil {
		return
	}
	// Whoever looks for work by himself finds it without this hint too.
	if t, err := s.store.Test(ctx, x.WorkspaceID, x.TestNumber); err == nil {
		s.wake(t.Groups)
	}
}

// excludedFrom is the resource of a test whose records are meant.
func (s *Service) excludedFrom(ctx context.Context, t Test, resourceID int64) (connection.Resource, error) {
	known := t.resources()
	switch {
	case resourceID == 0 && len(known) == 1:
		resourceID = known[0]
	case resourceID == 0:
		return connection.Resource{}, fault.New(fault.CodeValidation, "the test has several resources (%s): say which one in `resourceId` (/resourceId)", numbers(known))
	case !slices.Contains(known, resourceID):
		return connection.Resource{}, fault.New(fault.CodeValidation, "`resourceId` (/resourceId) is %d, which is no resource of the test; it has %s", resourceID, numbers(known))
	}
	r, err := s.store.ResourceInWorkspace(ctx, t.WorkspaceID, resourceID)
	if fault.KindOf(err) == fault.NotFound {
		return r, fault.New(fault.CodeValidation, "resource %d (/resourceId) of the test is deleted", resourceID)
	}
	return r, err
}

func numbers(list []int64) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, ", ")
}

// resources are those over which the test, or its draft, has groups.
func (t Test) resources() []int64 {
	var out []int64
	for _, v := range []*Version{t.Published, t.Draft} {
		if v == nil {
			continue
		}
		if parsed, err := rule.ParseTest(v.Pinned); err == nil {
			for _, g := range parsed.Groups {
				out = append(out, g.ResourceID)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// check proves what people wrote.
func (x *Exclusion) check() error {
	words := make([]string, len(ExclusionCategories))
	for i, c := range ExclusionCategories {
		words[i] = string(c)
	}
	ticket, err := url.Parse(x.TicketURL)
	switch n := utf8.RuneCountInString(x.Reason); {
	case n == 0 || n > maxReason:
		return fault.New(fault.CodeValidation, "`reason` (/reason) must have 1 to %d characters", maxReason)
	case !slices.Contains(ExclusionCategories, x.Category):
		return fault.New(fault.CodeValidation, "`category` (/category) must be one of %s", strings.Join(words, ", "))
	case utf8.RuneCountInString(x.Approver) > maxName:
		return fault.New(fault.CodeValidation, "`approver` (/approver) may have at most %d characters", maxName)
	case x.TicketURL == "":
	case err != nil || len(x.TicketURL) > maxTicketURL || ticket.Host == "" || ticket.Scheme != "https" && ticket.Scheme != "http":
		return fault.New(fault.CodeValidation, "`ticketUrl` (/ticketUrl) must be an http or https address of at most %d characters", maxTicketURL)
	}
	if x.ExpireOnFix && (x.Key == "") {
		return fault.New(fault.CodeValidation, "`expireOnFix` (/expireOnFix) is for the exclusion of one record; one by selector ends at its `expiresAt`, or when it is deleted")
	}
	return nil
}

// checkExpiry holds an end that somebody sets now against the policy.
func (s *Service) checkExpiry(ctx context.Context, at time.Time) error {
	policy, err := s.policy(ctx)
	if err != nil {
		return err
	}
	now := s.now()
	switch {
	case at.IsZero() && policy.ExpiryRequired:
		return fault.New(fault.CodeValidation, "`expiresAt` (/expiresAt) is required: the settings demand that each exclusion has an end")
	case at.IsZero():
	case !at.After(now):
		return fault.New(fault.CodeValidation, "`expiresAt` (/expiresAt) is in the past")
	case at.After(now.Add(policy.MaxAge)):
		return fault.New(fault.CodeValidation, "`expiresAt` (/expiresAt) may be at most %d days from now, by the settings", int(policy.MaxAge.Hours()/24))
	}
	return nil
}

// selectBy gives an exclusion its selector and what it reaches now. A selector
// that takes everything, or that the records cannot be held against, is refused.
func (s *Service) selectBy(ctx context.Context, t Test, x *Exclusion, text []byte) error {
	c, err := s.selector(ctx, t.WorkspaceID, x.Resource, text)
	if err != nil {
		return err
	}
	found, err := s.reach(ctx, x.Resource, []sought{{condition: c.pinned, slots: t.slots(x.Resource.ID)}}, 0)
	if err != nil {
		return err
	}
	if c.pinned.Always() || found[0].everything() {
		return fault.New(fault.CodeValidation, "`selector` (/selector) matches everything: all %d records in scope would be excluded; disable the test, or change its filter, if that is meant",
			found[0].InScope)
	}
	x.Selector, x.Pinned, x.Sentence, x.Approved = c.given.JSON(), c.pinned.JSON(), c.pinned.Sentence(), found[0].Reach
	return nil
}

// selector is a condition that selects records of a resource.
type selector struct{ given, pinned *rule.Condition }

func (s *Service) selector(ctx context.Context, workspaceID int64, r connection.Resource, text []byte) (selector, error) {
	if len(text) > maxSelector {
		return selector{}, fault.New(fault.CodeValidation, "`selector` (/selector) may have at most %d kB", maxSelector>>10)
	}
	conditions, _, err := s.store.Conditions(ctx, workspaceID)
	if err != nil {
		return selector{}, err
	}
	known, err := parseStored(conditions)
	if err != nil {
		return selector{}, err
	}
	given, err := known.ParseEvaluator(text)
	if err != nil {
		return selector{}, err
	}
	g := rule.Group{Evaluator: given}
	if len(g.Lookups()) > 0 {
		return selector{}, fault.New(fault.CodeInvalidRule, "a selector is about the record alone: it cannot look other resources up")
	}
	if g, err = g.Pin(func(string) (int64, error) { return 0, nil }); err != nil {
		return selector{}, err
	}
	if _, err := rule.ParseEvaluator(g.Evaluator.JSON()); err != nil {
		return selector{}, fault.New(fault.CodeInvalidRule, "with its named conditions written out the selector is too large: %s", err)
	}
	declared, err := declaredFacts(r.Schema, g.Facts())
	if err != nil {
		return selector{}, err
	}
	for _, fact := range g.Facts() {
		if !slices.Contains(declared, fact) {
			return selector{}, fault.New(fault.CodeInvalidRule, "the schema of resource “%s” declares no property `%s`", r.Name, fact)
		}
	}
	return selector{given, g.Evaluator}, nil
}

// ChangeExclusion changes an exclusion that stands.
func (s *Service) ChangeExclusion(ctx context.Context, a event.Actor, workspaceID, number, id int64, c ExclusionChange) (Exclusion, error) {
	before, err := s.store.Exclusion(ctx, workspaceID, number, id)
	if err != nil {
		return before, err
	}
	if c.ExpiresAt != nil {
		if err := s.checkExpiry(ctx, *c.ExpiresAt); err != nil {
			return before, err
		}
	}
	var selected Exclusion
	if c.Selector != nil {
		if before.Selector == nil {
			return before, fault.New(fault.CodeValidation, "the exclusion is of one record: `selector` (/selector) cannot be set; create another one")
		}
		t, err := s.store.Test(ctx, workspaceID, number)
		if err != nil {
			return before, err
		}
		selected = before
		if selected.Resource, err = s.excludedFrom(ctx, t, before.Resource.ID); err != nil {
			return before, err
		}
		if err := s.selectBy(ctx, t, &selected, c.Selector); err != nil {
			return before, err
		}
	}
	now := s.now()
	x, err := s.store.ChangeExclusion(ctx, workspaceID, number, id, now, func(x *Exclusion) (event.Event, error) {
		if c.Selector != nil {
			x.Selector, x.Pinned, x.Sentence, x.Approved = selected.Selector, selected.Pinned, selected.Sentence, selected.Approved
		}
		c.apply(x)
		x.UpdatedAt = now
		e := x.event(a, event.ExclusionUpdated, now, "was changed")
		return e, x.check()
	})
	if err == nil {
		s.evaluate(ctx, &x)
	}
	return x, err
}

func (c ExclusionChange) apply(x *Exclusion) {
	set := func(to, from *string) {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	set(&x.Reason, c.Reason)
	set(&x.Approver, c.Approver)
	set(&x.TicketURL, c.TicketURL)
	if c.Category != nil {
		x.Category = ExclusionCategory(*c.Category)
	}
	if c.ExpiresAt != nil {
		x.ExpiresAt = *c.ExpiresAt
	}
	if c.ExpireOnFix != nil {
		x.ExpireOnFix = *c.ExpireOnFix
	}
}

// DeleteExclusion ends an exclusion that stands: what it covers counts again.
func (s *Service) DeleteExclusion(ctx context.Context, a event.Actor, workspaceID, number, id int64) error {
	now := s.now()
	x, err := s.store.Exclusion(ctx, workspaceID, number, id)
	if err != nil {
		return err
	}
	err = s.store.DeleteExclusion(ctx, workspaceID, number, id, now, func(x Exclusion) event.Event {
		return x.event(a, event.ExclusionDeleted, now, "was deleted")
	})
	if err == nil {
		s.evaluate(ctx, &x)
	}
	return err
}

// Exclusion reads one with all that it said before.
func (s *Service) Exclusion(ctx context.Context, workspaceID, number, id int64) (Exclusion, []ExclusionVersion, error) {
	x, err := s.store.Exclusion(ctx, workspaceID, number, id)
	if err != nil {
		return x, nil, err
	}
	versions, err := s.store.ExclusionVersions(ctx, id)
	return x, versions, err
}

// Exclusions lists exclusions of a workspace; with a number, those of one test.
func (s *Service) Exclusions(ctx context.Context, f ExclusionFilter, number int64, r page.Request) (page.Page[Exclusion], error) {
	if number != 0 {
		t, err := s.store.Test(ctx, f.WorkspaceID, number)
		if err != nil {
			return page.Page[Exclusion]{}, err
		}
		f.TestID = t.ID
	}
	f.Now = s.now()
	return s.store.Exclusions(ctx, f, r)
}

// SweepExclusions marks the ends of exclusions that nothing is evaluated for,
// and notes those that are about to expire.
func (s *Service) SweepExclusions(ctx context.Context) error {
	policy, err := s.policy(ctx)
	if err != nil {
		return err
	}
	now := s.now()
	for _, sweep := range []func() (int64, error){
		func() (int64, error) { return s.store.ExpireExclusions(ctx, now, chunk) },
		func() (int64, error) { return s.store.WarnExclusions(ctx, now, now.Add(policy.Warning), chunk) },
	} {
		for n := int64(chunk); n >= chunk; {
			if n, err = sweep(); err != nil {
				return err
			}
		}
	}
	return nil
}

// attribute tells of the excluded findings of a page by which exclusion they
// are.
func (s *Service) attribute(ctx context.Context, t Test, findings []Finding) error {
	byResource := map[int64][]*Finding{}
	for i := range findings {
		if f := &findings[i]; f.Excluded {
			byResource[f.Group.Resource.ID] = append(byResource[f.Group.Resource.ID], f)
		}
	}
	now := s.now()
	for resourceID, list := range byResource {
		keys := make([]string, len(list))
		for i, f := range list {
			keys[i] = f.Key
		}
		covers, err := s.store.Covers(ctx, t.ID, resourceID, keys)
		if err != nil {
			return err
		}
		book, err := newCovers(covers)
		if err != nil {
			return err
		}
		for _, f := range list {
			if x := book.of(f.Key, f.Body, now); x != nil {
				f.Exclusion = *x
			}
		}
	}
	return nil
}

// covers are exclusions of a test over a resource, to be held against records.
type covers struct {
	byKey     map[string][]*Cover
	selectors []*Cover
	machine   *rule.Machine
}

func newCovers(list []Cover) (*covers, error) {
	out := &covers{byKey: map[string][]*Cover{}}
	var rules []rule.Rule
	for i := range list {
		x := &list[i]
		if x.Selector == nil {
			out.byKey[x.Key] = append(out.byKey[x.Key], x)
			continue
		}
		r, err := x.rule()
		if err != nil {
			return nil, err
		}
		out.selectors, rules = append(out.selectors, x), append(rules, r)
	}
	p, err := rule.Compile(rules)
	if err != nil {
		return nil, err
	}
	out.machine = p.Machine()
	return out, nil
}

// of is an exclusion that covers a record at a moment, nil without one.
func (c *covers) of(key string, body []byte, now time.Time) *Cover {
	for _, x := range c.byKey[key] {
		if x.active(now) {
			return x
		}
	}
	if len(c.selectors) == 0 || body == nil {
		return nil
	}
	c.machine.Run(body, now)
	for i, x := range c.selectors {
		if x.active(now) && c.machine.Outcome(i) == rule.Pass {
			return x
		}
	}
	return nil
}

// text of a selector for the event and the page, from its stored form.
func sentenceOf(pinned json.RawMessage) string {
	c, err := rule.ParseEvaluator(pinned)
	if err != nil {
		return ""
	}
	return c.Sentence()
}

// Describe fills what follows from the stored fields.
func (x *Exclusion) Describe() {
	if x.Pinned != nil {
		x.Sentence = sentenceOf(x.Pinned)
	}
}
