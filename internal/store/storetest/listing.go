package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/rule"
)

// RunListing proves what lists of tests, and of what they found, are narrowed and
// ordered by.
func RunListing(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"orders of tests", ordersOfTests},
		{"filters of tests", filtersOfTests},
		{"findings by age", findingsByAge},
		{"a search of many", searchOfMany},
		{"what is in the way of a group", standings},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newBench(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

// among is a test that the records whose id is not of some fail.
func (b *bench) among(name string, publish bool, ids ...string) check.Test {
	b.t.Helper()
	t, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: name, Publish: publish, Logic: fmt.Appendf(nil,
		`{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"id","operator":"in","value":["%s"]}]}}]}`, b.resource.ID, strings.Join(ids, `","`))})
	b.must(err)
	b.evaluate()
	b.clock.Advance(time.Minute)
	return t
}

// listed are the names of a list, read page by page.
func (b *bench) listed(f check.Filter, r page.Request) string {
	b.t.Helper()
	var names []string
	for {
		p, err := b.checks.List(b.ctx, 1, f, r)
		b.must(err)
		for _, t := range p.Items {
			names = append(names, t.Name)
		}
		if p.Next == "" {
			return strings.Join(names, " ")
		}
		if len(p.Items) == 0 {
			b.t.Fatal("a page that leads on is empty")
		}
		r, err = r.WithCursor(p.Next)
		b.must(err)
	}
}

func ordersOfTests(b *bench) {
	b.push(`{"id":"a"}`, `{"id":"b"}`, `{"id":"c"}`)
	b.among("two", true, "a")
	b.among("Draft", false, "a")
	b.among("all", true, "none")
	b.among("ok", true, "a", "b", "c")
	b.among("One", true, "a", "b")
	b.must(b.evaluator.Tick(b.ctx))
	for order, want := range map[page.Sort][2]string{
		page.CreatedAt:      {"two Draft all ok One", "One ok all Draft two"},
		check.ByName:        {"all Draft ok One two", "two One ok Draft all"},
		check.ByResult:      {"ok Draft two all One", "One all two Draft ok"},
		check.ByFailing:     {"One two all Draft ok", "all two One ok Draft"},
		check.ByFailedSince: {"two all One Draft ok", "One all two ok Draft"},
		check.ByNextRun:     {"two all ok One Draft", "One ok all two Draft"},
	} {
		for i, ascending := range []bool{true, false} {
			for size := 1; size <= 6; size++ {
				equal(b.suite, fmt.Sprintf("by %s, ascending %t, pages of %d", order, ascending, size),
					b.listed(check.Filter{}, page.Request{Sort: order, Ascending: ascending, Size: size}), want[i])
			}
		}
	}
	// What was said while one looked takes nothing out that was not seen.
	r := page.Request{Sort: check.ByName, Ascending: true, Size: 2}
	p, err := b.checks.List(b.ctx, 1, check.Filter{}, r)
	b.must(err)
	b.among("aa", true, "a")
	r, err = r.WithCursor(p.Next)
	b.must(err)
	equal(b.suite, "the pages after", b.listed(check.Filter{}, r), "ok One two")
	// Stale data is what the order by result goes by, as everything does.
	b.clock.Advance(48 * time.Hour)
	equal(b.suite, "stale", b.listed(check.Filter{Result: rule.VerdictError}, page.Request{Sort: check.ByResult}), "ok")
}

func filtersOfTests(b *bench) {
	b.push(`{"id":"a"}`, `{"id":"b"}`)
	machines := b.second()
	one := b.among("Users one", true, "a")
	b.among("users TWO", true, "a", "b")
	draft := b.among("Draft", false, "a")
	_, err := b.checks.Update(b.ctx, b.actor, 1, one.Number, check.Change{Logic: b.logic("")})
	b.must(err)
	_, err = b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "Machines", Description: "Of USERS", Publish: true, Logic: fmt.Appendf(nil,
		`{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"id","operator":"equal","value":"x"}]}}]}`, machines.ID)})
	b.must(err)
	proved, err := b.controls().Create(b.ctx, b.actor, 1, control.Draft{Code: "C", Name: "c", Description: "d", Links: control.Links{Tests: &[]int64{draft.ID}}})
	b.must(err)
	for _, c := range []struct {
		filter check.Filter
		want   string
	}{
		{check.Filter{Text: "users"}, "Machines users TWO Users one"},
		{check.Filter{Text: "#" + fmt.Sprint(draft.Number)}, "Draft"},
		{check.Filter{Text: fmt.Sprint(draft.Number)}, "Draft"},
		{check.Filter{Text: "%"}, ""},
		{check.Filter{Stage: check.StageDraft}, "Draft Users one"},
		{check.Filter{Stage: check.StagePublished}, "Machines users TWO Users one"},
		{check.Filter{Status: check.New}, "Draft"},
		{check.Filter{ConnectionID: machines.ConnectionID}, "Machines"},
		{check.Filter{ConnectionID: b.resource.ConnectionID, Result: rule.VerdictPassed}, "users TWO"},
		{check.Filter{ConnectionID: 99}, ""},
		{check.Filter{ProviderType: connection.Custom, Stage: check.StageDraft}, "Draft Users one"},
		{check.Filter{ProviderType: connection.HRIS}, ""},
		{check.Filter{ControlID: proved.ID}, "Draft"},
		{check.Filter{ControlID: proved.ID + 1}, ""},
		{check.Filter{ResourceID: machines.ID}, "Machines"},
	} {
		equal(b.suite, fmt.Sprintf("%+v", c.filter), b.listed(c.filter, page.Request{Size: 1}), c.want)
	}
	l, err := b.checks.ListCounted(b.ctx, 1, check.Filter{Result: rule.VerdictFailed, Text: "users"}, page.Request{WantTotal: true})
	b.must(err)
	equal(b.suite, "total", *l.Total, 1)
	equal(b.suite, "by result", fmt.Sprint(l.By), fmt.Sprint(check.ResultCounts{rule.VerdictFailed: 1, rule.VerdictPassed: 1, rule.VerdictReady: 1}))
	sources, err := b.checks.Sources(b.ctx, 1, []check.Test{one})
	b.must(err)
	equal(b.suite, "sources", len(sources[one.ID]), 1)
	equal(b.suite, "the source", sources[one.ID][0].Connection+" "+sources[one.ID][0].Resource, "Users Users")
	b.must(b.connections.Delete(b.ctx, b.actor, b.resource.ConnectionID))
	equal(b.suite, "of a connection that is gone", b.listed(check.Filter{ConnectionID: b.resource.ConnectionID}, page.Request{}), "")
}

func findingsByAge(b *bench) {
	equal(b.suite, "the draft", b.ages(b.among("Draft", false, "x").Number), "0 0 0 0 0")
	t := b.among("Ages", true, "good")
	at := 0
	for _, step := range []int{1, 2, 22, 59, 6, 1} {
		b.push(fmt.Sprintf(`{"id":"r%d"}`, at))
		at++
		b.clock.Advance(time.Duration(step) * 24 * time.Hour)
	}
	b.push(`{"id":"young"}`, `{"id":"good"}`)
	// r0 is 91 days old, r1 90, r2 88, r3 66, r4 7, r5 1.
	equal(b.suite, "ages", b.ages(t.Number), "1 1 1 2 2")
	_, err := b.checks.Exclude(b.ctx, b.actor, 1, t.Number, check.NewExclusion{Key: "r2", Reason: "because", Category: "ACCEPTED_RISK", ExpiresAt: b.clock.Now().Add(time.Hour)})
	b.must(err)
	b.evaluate()
	equal(b.suite, "ages without the excluded", b.ages(t.Number), "1 1 1 1 2")
	b.push(`{"id":"r9"}`)
	b.act(t.Number, check.Disable)
	equal(b.suite, "ages of a disabled test", b.ages(t.Number), "0 0 0 0 0")
}

func (b *bench) ages(number int64) string {
	b.t.Helper()
	ages, err := b.checks.Ages(b.ctx, 1, number)
	b.must(err)
	var out []string
	for _, a := range ages {
		out = append(out, fmt.Sprint(a.Findings))
	}
	return strings.Join(out, " ")
}

// searchOfMany compares a search with the whole list, whatever is searched for.
func searchOfMany(b *bench) {
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 1))
	var records []string
	for i := range 700 {
		records = append(records, fmt.Sprintf(`{"id":"r%03d-É%d","mfa":%t}`, i, rnd.IntN(9), rnd.IntN(2) == 0))
	}
	for part := range slices.Chunk(records, 100) {
		b.push(part...)
	}
	b.create(b.logic(""))
	b.evaluate()
	type lister func(context.Context, string, page.Request) (page.Page[check.Finding], error)
	for name, list := range map[string]lister{
		"failures": func(ctx context.Context, text string, r page.Request) (page.Page[check.Finding], error) {
			p, _, err := b.checks.SearchFailures(ctx, 1, 1, false, text, r)
			return p, err
		},
		"passes": func(ctx context.Context, text string, r page.Request) (page.Page[check.Finding], error) {
			p, _, err := b.checks.SearchPasses(ctx, 1, 1, text, r)
			return p, err
		},
	} {
		all := func(text string, r page.Request) (keys []string) {
			for {
				p, err := list(b.ctx, text, r)
				b.must(err)
				for _, f := range p.Items {
					keys = append(keys, f.Key)
				}
				if p.Next == "" {
					return keys
				}
				r, err = r.WithCursor(p.Next)
				b.must(err)
			}
		}
		for _, ascending := range []bool{true, false} {
			whole := all("", page.Request{Size: 500, Ascending: ascending})
			for _, text := range []string{"é3", "R00", "7", "r123-", "nothing", "%", "_"} {
				var want []string
				for _, key := range whole {
					if strings.Contains(strings.ToLower(key), strings.ToLower(text)) {
						want = append(want, key)
					}
				}
				size := 1 + rnd.IntN(30)
				equal(b.suite, fmt.Sprintf("%s with %q, pages of %d, ascending %t (seed %d)", name, text, size, ascending, seed),
					fmt.Sprint(all(text, page.Request{Size: size, Ascending: ascending})), fmt.Sprint(want))
			}
		}
	}
}

func standings(b *bench) {
	b.push(annOn, bobOff)
	b.create(b.logic(""))
	b.evaluate()
	standing := func() check.Standing {
		b.t.Helper()
		t, err := b.checks.Get(b.ctx, 1, 1)
		b.must(err)
		list, err := b.checks.Standings(b.ctx, t)
		b.must(err)
		equal(b.suite, "groups", len(list), 1)
		return list[0]
	}
	x := standing()
	equal(b.suite, "failing", fmt.Sprint(x.Verdict, x.Reason, x.Missing, len(x.Stale), x.Group.Counts.Failing), "FAILED[] 0 1")
	b.clock.Advance(25 * time.Hour)
	x = standing()
	equal(b.suite, "stale", fmt.Sprint(x.Verdict, " ", x.Reason, x.Missing, len(x.Stale)), "FAILED STALE[] 1")
	equal(b.suite, "the stale resource", x.Stale[0].ID, b.resource.ID)
	_, err := b.records.PutSchema(b.ctx, b.actor, b.target(), []byte(`{"type":"object","properties":{"id":{"type":"string"}}}`), "id", record.SchemaGuards{})
	b.must(err)
	b.evaluate()
	x = standing()
	equal(b.suite, "drifted", fmt.Sprint(x.Verdict, " ", x.Reason, x.Missing), "ERROR SCHEMA_DRIFT,STALE[mfa]")
}
