package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// SmallBudget is the BodyBudget of the stores of [RunPortions]; a record of the
// random histories has about half of it.
const SmallBudget = 200

// RunPortions proves that reads of many large records end early, say so, and go
// on where they ended.
func RunPortions(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"what a step reads", stepPortions},
		{"records that ask", stirredPortions},
		{"pages", pagePortions},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newBench(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

// sized is a record of so many bytes.
func sized(key string, size int) string {
	text := fmt.Sprintf(`{"id":%q,"mfa":false,"fill":"`, key)
	return text + strings.Repeat("x", size-len(text)-2) + `"}`
}

// keysOf are the keys of subjects, a ! after those that are deleted.
func keysOf(list []check.Subject) string {
	var keys []string
	for _, s := range list {
		if s.Deleted {
			s.Key += "!"
		}
		keys = append(keys, s.Key)
	}
	return strings.Join(keys, " ")
}

func stepPortions(b *bench) {
	b.create(b.logic(""))
	b.evaluate()
	push := func(records ...string) {
		b.t.Helper()
		var texts [][]byte
		for _, r := range records {
			texts = append(texts, []byte(r))
		}
		_, err := b.records.Upsert(b.ctx, b.actor, b.target(), texts)
		b.must(err)
	}
	push(sized("a", 100), sized("b", 100), sized("c", 5000), sized("d", 100), sized("e", 99), sized("f", 100), sized("g", 100))
	ev, err := b.s.Evaluation(b.ctx, b.resource.ID)
	b.must(err)
	for _, read := range []func(after check.Subject) ([]check.Subject, bool, error){
		func(after check.Subject) ([]check.Subject, bool, error) {
			if after.ID == 0 {
				after.Mark = ev.Watermark
			}
			return b.s.Changes(b.ctx, b.resource.ID, after.Mark, 100)
		},
		func(after check.Subject) ([]check.Subject, bool, error) {
			return b.s.Rows(b.ctx, b.resource.ID, ev.Watermark, max(after.ID, b.firstID()), 100)
		},
	} {
		var last check.Subject
		for i, want := range []string{"a b", "c", "d e f", "g"} {
			list, more, err := read(last)
			b.must(err)
			equal(b.suite, fmt.Sprintf("portion %d", i), keysOf(list), want)
			equal(b.suite, "more", more, i < 3)
			last = list[len(list)-1]
		}
	}
	// What is deleted behind the end of a portion is not in it.
	b.must(b.records.Delete(b.ctx, b.actor, b.target(), "b"))
	b.must(b.records.Delete(b.ctx, b.actor, b.target(), "d"))
	list, more, err := b.s.Rows(b.ctx, b.resource.ID, ev.Watermark, b.firstID(), 100)
	b.must(err)
	equal(b.suite, "rows", keysOf(list)+fmt.Sprint(more), "a b! ctrue")
	b.evaluate()
	equal(b.suite, "counts", b.result("FAILED ").Totals(), check.Counts{Failing: 5})
	subjects, err := b.s.Subjects(b.ctx, b.resource.ID, []int64{list[0].ID, list[2].ID})
	b.must(err)
	equal(b.suite, "without bodies", fmt.Sprintf("%s %d", keysOf(subjects), len(subjects[0].Body)+len(subjects[1].Body)), "a c 0")
}

// firstID comes before the ids of the resource's records.
func (b *bench) firstID() int64 {
	b.t.Helper()
	rec, err := b.s.Record(b.ctx, b.resource.ID, "a")
	b.must(err)
	return rec.ID - 1
}

func stirredPortions(b *bench) {
	other := b.second()
	b.pushTo(other, `{"id":"none"}`)
	b.create(fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"id","operator":"existsIn","value":{"resource":%d,"path":"account"}}]}}]}`,
		b.resource.ID, other.ID))
	// The order of the records is not that of the changes.
	b.push(sized("c", 150), sized("a", 150), sized("b", 150), sized("d", 150), sized("e", 150))
	b.rest()
	equal(b.suite, "counts", b.result("FAILED ").Totals(), check.Counts{Failing: 5})
	for i, key := range []string{"e", "d", "c", "b", "a"} {
		b.pushTo(other, fmt.Sprintf(`{"id":"%d","account":%q}`, i, key))
	}
	for more := true; more; {
		var err error
		more, err = b.evaluator.Step(b.ctx, other.ID)
		b.must(err)
	}
	ev, err := b.s.Evaluation(b.ctx, b.resource.ID)
	b.must(err)
	for passing := int64(2); passing <= 5; passing += 2 {
		found, err := b.s.Stirred(b.ctx, b.resource.ID, 100)
		b.must(err)
		equal(b.suite, "records at a time", len(found.Records), 2)
		_, err = b.evaluator.Step(b.ctx, b.resource.ID)
		b.must(err)
		equal(b.suite, "counts", b.result("FAILED ").Totals(), check.Counts{Passing: passing, Failing: 5 - passing})
	}
	equal(b.suite, "stirred at first", ev.Stirred, true)
	b.rest()
	b.result("PASSED ")
}

// walk reads a list with pages of 4 and gives the keys page by page.
func walk[T any](b *bench, ascending bool, list func(context.Context, page.Request) (page.Page[T], error), key func(T) string) string {
	b.t.Helper()
	var pages []string
	for r := (page.Request{Size: 4, Ascending: ascending}); ; {
		p, err := list(b.ctx, r)
		b.must(err)
		var keys []string
		for _, item := range p.Items {
			keys = append(keys, key(item))
		}
		pages = append(pages, strings.Join(keys, " "))
		if p.Next == "" {
			return strings.Join(pages, ", ")
		}
		r, err = r.WithCursor(p.Next)
		b.must(err)
	}
}

func pagePortions(b *bench) {
	small := func(keys ...string) (out []string) {
		for _, k := range keys {
			out = append(out, sized(k, 40))
		}
		return out
	}
	records := slices.Concat(small("a", "b"), []string{sized("c", 300), sized("d", 300)}, small("e", "f", "g", "h"), []string{sized("i", 300)})
	texts := make([][]byte, len(records))
	for i := range records {
		texts[i] = []byte(records[i])
	}
	const up, down = "a b c, d, e f g h, i", "i, h g f e, d, c, b a"
	_, err := b.records.Upload(b.ctx, b.actor, b.target(), "s-1", texts)
	b.must(err)
	se, err := b.s.Session(b.ctx, b.resource.ID, "s-1")
	b.must(err)
	key := func(r record.Record) string { return r.Key }
	staged := func(ctx context.Context, r page.Request) (page.Page[record.Record], error) {
		return b.s.Staged(ctx, se.ID, r)
	}
	equal(b.suite, "staged", walk(b, true, staged, key), up)
	_, err = b.records.Complete(b.ctx, b.actor, b.target(), "s-1", record.Guards{})
	b.must(err)
	live := func(ctx context.Context, r page.Request) (page.Page[record.Record], error) {
		return b.s.Records(ctx, b.resource.ID, record.Filter{}, r)
	}
	equal(b.suite, "records", walk(b, true, live, key), up)
	equal(b.suite, "records, newest first", walk(b, false, live, key), down)
	byUpdate := func(ctx context.Context, r page.Request) (page.Page[record.Record], error) {
		r.Sort = page.UpdatedAt
		return b.s.Records(ctx, b.resource.ID, record.Filter{}, r)
	}
	equal(b.suite, "records by update", walk(b, true, byUpdate, key), up)

	b.create(b.logic(""))
	b.rest()
	name := func(f check.Finding) string { return f.Key }
	failures := func(ctx context.Context, r page.Request) (page.Page[check.Finding], error) {
		p, _, err := b.checks.Failures(ctx, 1, 1, false, r)
		return p, err
	}
	equal(b.suite, "failures", walk(b, true, failures, name), up)
	b.publish(1, fmt.Appendf(nil, `{"groups":[{"resourceId":%d,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":false}]}}]}`, b.resource.ID))
	b.rest()
	passes := func(ctx context.Context, r page.Request) (page.Page[check.Finding], error) {
		p, _, err := b.checks.Passes(ctx, 1, 1, r)
		return p, err
	}
	equal(b.suite, "passes", walk(b, true, passes, name), up)
	equal(b.suite, "passes, newest first", walk(b, false, passes, name), down)

	for i := range 6 {
		b.push(sized("a", 120+i))
	}
	versions := func(ctx context.Context, r page.Request) (page.Page[record.Version], error) {
		return b.s.Versions(ctx, b.resource.ID, "a", r)
	}
	equal(b.suite, "versions", walk(b, true, versions, func(v record.Version) string { return fmt.Sprint(len(v.Body)) }), "40 120 121, 122 123, 124")
}
