package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/diagnosis"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunDiagnosis proves that the settings of the AI provider and the summaries are
// kept as diagnosis.Store says.
func RunDiagnosis(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*suite)
	}{
		{"provider", aiProvider},
		{"summaries", summaries},
		{"one at a time", claimsAtOnce},
		{"so many in an hour", hourlyRequests},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(&suite{t, await.Context(t), open(t, clock.Now), clock})
		})
	}
}

func (x *suite) told(ty event.Type) event.Event {
	return event.New(event.System(event.SourceApp), x.clock.Now(), ty, event.CategoryConnection, "told", nil)
}

func (x *suite) toldOf(ty event.Type) int {
	x.t.Helper()
	p, err := x.s.Events(x.ctx, event.Filter{Type: ty}, page.Request{})
	x.must(err)
	return len(p.Items)
}

func (x *suite) bareConnection() int64 {
	x.t.Helper()
	c, err := x.s.CreateConnection(x.ctx, connection.Connection{Name: "Devices", ProviderTypes: []connection.ProviderType{connection.MDM}, CreatedAt: x.clock.Now(), UpdatedAt: x.clock.Now()},
		false, x.told(event.ConnectionCreated))
	x.must(err)
	return c.ID
}

func aiProvider(x *suite) {
	p, err := x.s.AIProvider(x.ctx)
	x.must(err)
	equal(x, "at first", fmt.Sprintf("%+v", p), fmt.Sprintf("%+v", diagnosis.Provider{MaxTokens: diagnosis.DefaultTokens}))
	want := diagnosis.Provider{Enabled: true, URL: "https://ai.example/v1", Model: "small", MaxTokens: 300, Sealed: []byte{0, 1, 255}, UpdatedAt: x.clock.Now()}
	for range 2 {
		p, err = x.s.ChangeAIProvider(x.ctx, func(p *diagnosis.Provider) (event.Event, error) {
			*p = want
			return x.told(event.AIProviderUpdated), nil
		})
		x.must(err)
		equal(x, "changed", fmt.Sprintf("%+v", p), fmt.Sprintf("%+v", want))
		p, err = x.s.AIProvider(x.ctx)
		x.must(err)
		equal(x, "read", fmt.Sprintf("%+v", p), fmt.Sprintf("%+v", want))
		want.Sealed, want.MaxTokens = nil, 400
	}
	_, err = x.s.ChangeAIProvider(x.ctx, func(p *diagnosis.Provider) (event.Event, error) {
		p.Model = "other"
		return event.Event{}, fault.New(fault.CodeValidation, "no")
	})
	x.refused(err, fault.CodeValidation)
	p, err = x.s.AIProvider(x.ctx)
	x.must(err)
	equal(x, "after a refusal", p.Model, "small")
	equal(x, "events", x.toldOf(event.AIProviderUpdated), 2)
}

func (x *suite) claim(id int64) error {
	now := x.clock.Now()
	return x.s.ClaimSummary(x.ctx, diagnosis.Claim{ConnectionID: id, At: now, Until: now.Add(time.Minute), Rest: 10 * time.Second, Hourly: 5}, x.told(event.SummaryRequested))
}

func summaries(x *suite) {
	id := x.bareConnection()
	_, found, err := x.s.Summary(x.ctx, id)
	x.must(err)
	equal(x, "found at first", found, false)
	x.refused(x.s.PutSummary(x.ctx, diagnosis.Summary{ConnectionID: id}, x.told(event.SummaryCreated)), fault.CodeNotFound)
	x.refused(x.claim(id+1000), fault.CodeNotFound)
	x.must(x.claim(id))
	_, found, err = x.s.Summary(x.ctx, id)
	x.must(err)
	equal(x, "found while it is made", found, false)
	x.refused(x.claim(id), fault.CodeConflict)

	sum := diagnosis.Summary{ConnectionID: id, Basis: diagnosis.Basis{Hash: "h1", RunIDs: []int64{3, 9}, At: x.clock.Now()}, Text: "It é.", Model: "small", CreatedAt: x.clock.Now()}
	x.must(x.s.PutSummary(x.ctx, sum, x.told(event.SummaryCreated)))
	got, found, err := x.s.Summary(x.ctx, id)
	x.must(err)
	equal(x, "found", found, true)
	equal(x, "summary", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", sum))

	// The right came back, but it is too early.
	err = x.claim(id)
	x.refused(err, fault.CodeTooManyRequests)
	x.clock.Advance(11 * time.Second)
	x.must(x.claim(id))
	got, _, err = x.s.Summary(x.ctx, id)
	x.must(err)
	equal(x, "meanwhile the last one", got.Text, sum.Text)
	x.must(x.s.ReleaseSummary(x.ctx, id))
	x.clock.Advance(11 * time.Second)
	x.must(x.claim(id))
	// Whoever had the right died: it comes back by itself.
	x.clock.Advance(2 * time.Minute)
	x.must(x.claim(id))

	yes := true
	x.must(x.s.RateSummary(x.ctx, id, "h1", &yes, x.told(event.SummaryRated)))
	got, _, err = x.s.Summary(x.ctx, id)
	x.must(err)
	if got.Helpful == nil || !*got.Helpful {
		x.t.Errorf("helpful %v", got.Helpful)
	}
	no := false
	x.must(x.s.RateSummary(x.ctx, id, "h1", &no, x.told(event.SummaryRated)))
	got, _, err = x.s.Summary(x.ctx, id)
	x.must(err)
	if got.Helpful == nil || *got.Helpful {
		x.t.Errorf("helpful %v", got.Helpful)
	}
	x.must(x.s.RateSummary(x.ctx, id, "h1", nil, x.told(event.SummaryRated)))
	x.refused(x.s.RateSummary(x.ctx, id, "h2", nil, x.told(event.SummaryRated)), fault.CodeNotFound)
	equal(x, "ratings told", x.toldOf(event.SummaryRated), 3)

	sum.Text, sum.Problem, sum.Basis.RunIDs, sum.Basis.At = "", "The model declined.", nil, time.Time{}
	x.must(x.s.PutSummary(x.ctx, sum, x.told(event.SummaryFailed)))
	got, _, err = x.s.Summary(x.ctx, id)
	x.must(err)
	if got.Text != "" || got.Problem != sum.Problem || got.Helpful != nil || len(got.Basis.RunIDs) != 0 || !got.Basis.At.IsZero() {
		x.t.Errorf("%+v", got)
	}
	x.refused(x.s.RateSummary(x.ctx, id, "h1", &yes, x.told(event.SummaryRated)), fault.CodeNotFound)

	x.must(x.s.DeleteConnection(x.ctx, id, x.clock.Now(), x.told(event.ConnectionRemoved)))
	_, found, err = x.s.Summary(x.ctx, id)
	x.must(err)
	equal(x, "found after the connection is gone", found, false)
	x.refused(x.s.PutSummary(x.ctx, sum, x.told(event.SummaryCreated)), fault.CodeNotFound)
	x.refused(x.claim(id), fault.CodeNotFound)
}

func claimsAtOnce(x *suite) {
	id := x.bareConnection()
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = x.claim(id) })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		x.refused(err, fault.CodeConflict)
	}
	equal(x, "claims that won", won, 1)
	equal(x, "events", x.toldOf(event.SummaryRequested), 1)
}

func hourlyRequests(x *suite) {
	id := x.bareConnection()
	for range 3 {
		x.must(x.s.SpendAIRequest(x.ctx, x.clock.Now(), 5, x.told(event.AIProviderTested)))
	}
	x.must(x.claim(id))
	x.must(x.s.SpendAIRequest(x.ctx, x.clock.Now(), 5, x.told(event.AIProviderTested)))
	x.refused(x.s.SpendAIRequest(x.ctx, x.clock.Now(), 5, x.told(event.AIProviderTested)), fault.CodeTooManyRequests)
	x.refused(x.claim(x.bareConnection()), fault.CodeTooManyRequests)
	x.clock.Advance(time.Hour)
	x.must(x.s.SpendAIRequest(x.ctx, x.clock.Now(), 5, x.told(event.AIProviderTested)))
	if n := []int{x.toldOf(event.AIProviderTested), x.toldOf(event.SummaryRequested)}; !slices.Equal(n, []int{5, 1}) {
		x.t.Errorf("events %v", n)
	}
}
