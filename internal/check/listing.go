package check

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/rule"
)

// The orders of a list of tests beside those of every list. What a test lacks
// puts it last in both directions.
const (
	ByName        page.Sort = "name"
	ByResult      page.Sort = "result"
	ByFailing     page.Sort = "failing"
	ByFailedSince page.Sort = "failedSince"
	ByLastCheck   page.Sort = "lastCheckAt"
	ByNextRun     page.Sort = "nextRunAt"
)

// TestSorts lists the orders of a list of tests.
var TestSorts = []page.Sort{page.CreatedAt, page.UpdatedAt, ByName, ByResult, ByFailing, ByFailedSince, ByLastCheck, ByNextRun}

// Stage says which versions of a test there are.
type Stage string

// The stages: a published test with a newer draft is in both.
const (
	StageDraft     Stage = "draft"
	StagePublished Stage = "published"
)

// Stages lists the stages.
var Stages = []Stage{StageDraft, StagePublished}

// Filter narrows a list of tests; zero fields do not.
type Filter struct {
	Result rule.Verdict
	Status Status
	Stage  Stage
	// ResourceID, ConnectionID and ProviderType are of what a test looks at.
	ResourceID   int64
	ConnectionID int64
	ProviderType connection.ProviderType
	// ControlID is a control that it proves.
	ControlID int64
	// Owners are users, one of whom owns a control that it proves; nil keeps all.
	Owners []int64
	// Text is part of the name or the description in any case, or the number.
	Text string
}

// none reports whether the filter keeps all tests.
func (f Filter) none() bool {
	return f.Owners == nil && f.Result == "" && f.Status == "" && f.Stage == "" && f.ResourceID == 0 && f.ConnectionID == 0 && f.ProviderType == "" && f.ControlID == 0 && f.Text == ""
}

// Source is a resource and the connection that it is of.
type Source struct {
	ResourceID     int64
	Resource       string
	ConnectionID   int64
	Connection     string
	ProviderTypes  []connection.ProviderType
	FreshnessHours *int64
	FreshAt        time.Time
}

// Stale reports whether the data is older than its limit.
func (x Source) Stale(now time.Time) bool {
	return connection.Resource{FreshnessHours: x.FreshnessHours, FreshAt: x.FreshAt}.Stale(now)
}

// ResultCounts are numbers of tests by result.
type ResultCounts map[rule.Verdict]int64

// Listing is a page of tests; By counts all that match the filter, its Result
// left aside, if that was asked for.
type Listing struct {
	page.Page[Test]
	By ResultCounts
}

// Sources are the resources that tests of a workspace, or their drafts, look at,
// by the id of the test; one that is gone is left out.
func (s *Service) Sources(ctx context.Context, workspaceID int64, tests []Test) (map[int64][]Source, error) {
	out := map[int64][]Source{}
	known, err := s.sources(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	for _, t := range tests {
		for _, id := range t.resources() {
			if source, ok := known[id]; ok {
				out[t.ID] = append(out[t.ID], source)
			}
		}
	}
	return out, nil
}

func (s *Service) sources(ctx context.Context, workspaceID int64) (map[int64]Source, error) {
	list, err := s.store.Sources(ctx, workspaceID)
	out := make(map[int64]Source, len(list))
	for _, source := range list {
		out[source.ResourceID] = source
	}
	return out, err
}

// List lists the tests of a workspace. Filters and orders that go by the result
// look at the verdict at this moment, staleness included.
func (s *Service) List(ctx context.Context, workspaceID int64, f Filter, r page.Request) (page.Page[Test], error) {
	l, err := s.listing(ctx, workspaceID, f, r, false)
	return l.Page, err
}

// ListCounted is List with the numbers of tests by result.
func (s *Service) ListCounted(ctx context.Context, workspaceID int64, f Filter, r page.Request) (Listing, error) {
	return s.listing(ctx, workspaceID, f, r, true)
}

func (s *Service) listing(ctx context.Context, workspaceID int64, f Filter, r page.Request, counting bool) (Listing, error) {
	stored := r.Order() == page.CreatedAt || r.Order() == page.UpdatedAt
	if stored && !counting && f.none() {
		p, err := s.store.Tests(ctx, workspaceID, r)
		return Listing{Page: p}, err
	}
	now := s.now()
	fits, err := s.matcher(ctx, workspaceID, f)
	if err != nil {
		return Listing{}, err
	}
	out := Listing{By: ResultCounts{}}
	total := r.WantTotal && r.After == nil
	var found []Test
	all := page.Request{Size: page.MaxSize}
	if stored && !counting {
		all.Sort, all.Ascending, all.After = r.Sort, r.Ascending, r.After
	}
	if err := s.eachTest(ctx, workspaceID, all, func(t Test) bool {
		if !fits(t) {
			return true
		}
		verdict, _ := t.Current(now)
		out.By[verdict]++
		if f.Result == "" || f.Result == verdict {
			found = append(found, t)
		}
		// A total, a count and an order by value need the whole list; without them
		// the first one too many is enough.
		return !stored || counting || total || len(found) <= r.Limit()
	}); err != nil {
		return Listing{}, err
	}
	matching := int64(len(found))
	if !stored || counting {
		found = arrange(found, r, now)
	}
	out.Page = page.Cut(r, found, func(t Test) page.Position { return t.position(r.Order(), now) })
	if total {
		out.Total = &matching
	}
	if !counting {
		out.By = nil
	}
	return out, nil
}

// matcher is the filter but for the result.
func (s *Service) matcher(ctx context.Context, workspaceID int64, f Filter) (func(Test) bool, error) {
	var known map[int64]Source
	var proving map[int64]bool
	if f.ConnectionID != 0 || f.ProviderType != "" {
		var err error
		if known, err = s.sources(ctx, workspaceID); err != nil {
			return nil, err
		}
	}
	if f.ControlID != 0 {
		ids, err := s.store.TestsOfControl(ctx, workspaceID, f.ControlID)
		if err != nil {
			return nil, err
		}
		proving = map[int64]bool{}
		for _, id := range ids {
			proving[id] = true
		}
	}
	var owned map[int64]bool
	if f.Owners != nil {
		ids, err := s.store.TestsOfOwners(ctx, workspaceID, f.Owners)
		if err != nil {
			return nil, err
		}
		owned = map[int64]bool{}
		for _, id := range ids {
			owned[id] = true
		}
	}
	of := func(t Test, fits func(Source) bool) bool {
		return slices.ContainsFunc(t.resources(), func(id int64) bool {
			source, ok := known[id]
			return ok && fits(source)
		})
	}
	text := strings.ToLower(f.Text)
	return func(t Test) bool {
		return (f.ResourceID == 0 || slices.Contains(t.resources(), f.ResourceID)) && (f.Status == "" || f.Status == t.Status()) && t.at(f.Stage) &&
			(f.ConnectionID == 0 || of(t, func(x Source) bool { return x.ConnectionID == f.ConnectionID })) &&
			(f.ProviderType == "" || of(t, func(x Source) bool { return slices.Contains(x.ProviderTypes, f.ProviderType) })) &&
			(f.ControlID == 0 || proving[t.ID]) && (f.Owners == nil || owned[t.ID]) && (text == "" || t.says(text))
	}, nil
}

func (t Test) at(stage Stage) bool {
	switch stage {
	case StageDraft:
		return t.Draft != nil
	case StagePublished:
		return t.Published != nil
	}
	return true
}

func (t Test) says(lower string) bool {
	return strings.Contains(strings.ToLower(t.Name), lower) || strings.Contains(strings.ToLower(t.Description), lower) ||
		strings.TrimPrefix(lower, "#") == strconv.FormatInt(t.Number, 10)
}

// urgency orders results: what has to be looked at is high.
var urgency = map[rule.Verdict]int64{rule.VerdictFailed: 4, rule.VerdictError: 3, rule.VerdictReady: 2, rule.VerdictPassed: 1}

// position is the test's place in an order; a value of 0 is none.
func (t Test) position(s page.Sort, now time.Time) page.Position {
	at := func(moment time.Time) page.Position {
		if moment.IsZero() {
			return page.Position{ID: t.ID}
		}
		return page.Position{Value: moment.UnixMicro(), ID: t.ID}
	}
	switch s {
	case ByName:
		return page.Position{Text: strings.ToLower(t.Name), ID: t.ID}
	case ByResult:
		verdict, _ := t.Current(now)
		return page.Position{Value: urgency[verdict], ID: t.ID}
	case ByFailing:
		return page.Position{Value: t.Totals().Failing, ID: t.ID}
	case ByFailedSince:
		return at(t.FailedSince)
	case ByLastCheck:
		return at(t.LastCheck())
	case ByNextRun:
		return at(t.NextRun())
	case page.UpdatedAt:
		return at(t.UpdatedAt)
	}
	return at(t.CreatedAt)
}

// arrange puts tests into the order of a request and leaves out those that its
// pages before had.
func arrange(tests []Test, r page.Request, now time.Time) []Test {
	compare := func(a, b page.Position) int {
		if none := cmp.Compare(b2i(a.Value == 0 && a.Text == ""), b2i(b.Value == 0 && b.Text == "")); none != 0 {
			return none
		}
		c := cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Text, b.Text), cmp.Compare(a.ID, b.ID))
		if !r.Ascending {
			return -c
		}
		return c
	}
	type placed struct {
		Test
		at page.Position
	}
	list := make([]placed, 0, len(tests))
	for _, t := range tests {
		if at := t.position(r.Order(), now); r.After == nil || compare(at, *r.After) > 0 {
			list = append(list, placed{t, at})
		}
	}
	slices.SortFunc(list, func(a, b placed) int { return compare(a.at, b.at) })
	out := make([]Test, len(list))
	for i := range list {
		out[i] = list[i].Test
	}
	return out
}

func b2i(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
