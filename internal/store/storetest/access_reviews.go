package storetest

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

func (b *register) items(review int64, f account.ItemFilter) []account.Item {
	b.t.Helper()
	var out []account.Item
	r := page.Request{Ascending: true, Size: 2}
	for {
		p, err := b.accounts.Items(b.ctx, 1, review, f, r)
		b.must(err)
		out = append(out, p.Items...)
		if p.Next == "" {
			return out
		}
		r, err = r.WithCursor(p.Next)
		b.must(err)
	}
}

func (b *register) decide(review int64, d account.Decision, items ...int64) []account.Outcome[account.Item] {
	b.t.Helper()
	out, err := b.accounts.Decide(b.ctx, b.actor, 1, review, items, d, "because")
	b.must(err)
	return out
}

func (b *register) progress(review int64) account.Progressed {
	b.t.Helper()
	r, err := b.accounts.Review(b.ctx, 1, review)
	b.must(err)
	return r.Progress
}

func reviewLife(b *register) {
	_, err := b.accounts.CreateReview(b.ctx, b.actor, 1, account.NewReview{Name: "empty"})
	b.refused(err, fault.CodeValidation)
	b.push(`{"id":"cat@x","mfa":true}`, `{"id":"ann@x","mfa":true}`, `{"id":"Bob@x","mfa":false}`, `{"id":"out@x"}`)
	b.mapTo(b.resource, `{"name":"id","email":"id","mfa":{"path":"mfa"}}`)
	b.extract()
	reason := "a test account"
	why := &reason
	_, err = b.accounts.Change(b.ctx, b.actor, 1, b.one("out@x").ID, account.Change{OutOfScope: &why})
	b.must(err)
	cat := b.one("cat@x")
	old := &account.Evidence{Note: "an earlier ticket"}
	_, err = b.accounts.Change(b.ctx, b.actor, 1, cat.ID, account.Change{Evidence: &old})
	b.must(err)
	b.clock.Advance(time.Hour)

	for _, n := range []account.NewReview{{}, {Name: strings.Repeat("x", 200)}, {Name: "r", DueAt: b.clock.Now()}, {Name: "r", Reviewers: make([]int64, 0)},
		{Name: "r", Filter: account.Filter{ConnectionIDs: []int64{99}}}, {Name: "r", Filter: account.Filter{Text: "nobody"}}} {
		if n.Reviewers != nil {
			for i := range 51 {
				n.Reviewers = append(n.Reviewers, int64(i+1))
			}
		}
		_, err = b.accounts.CreateReview(b.ctx, b.actor, 1, n)
		b.refused(err, fault.CodeValidation)
	}
	_, err = b.accounts.CreateReview(b.ctx, b.actor, 99, account.NewReview{Name: "r"})
	b.refused(err, fault.CodeNotFound)
	r, err := b.accounts.CreateReview(b.ctx, b.actor, 1, account.NewReview{Name: " Q1 ", DueAt: b.clock.Now().Add(24 * time.Hour), Filter: account.Filter{ConnectionIDs: []int64{b.resource.ConnectionID}}})
	b.must(err)
	equal(b.suite, "name", r.Name, "Q1")
	equal(b.suite, "progress", r.Progress, account.Progressed{Total: 3, Pending: 3})
	items := b.items(r.ID, account.ItemFilter{})
	equal(b.suite, "in the order of names", items[0].Account.Name+items[1].Account.Name+items[2].Account.Name, "ann@xBob@xcat@x")

	// What comes later is not of the review; what is in it stays as it was.
	b.push(`{"id":"late@x"}`, `{"id":"ann@x","mfa":false}`)
	b.extract()
	equal(b.suite, "still", len(b.items(r.ID, account.ItemFilter{})), 3)
	equal(b.suite, "as it was", *b.items(r.ID, account.ItemFilter{})[0].Account.MFA, true)
	equal(b.suite, "searched", len(b.items(r.ID, account.ItemFilter{Text: "BOB"})), 1)

	_, err = b.accounts.SignOff(b.ctx, b.actor, 1, r.ID, "")
	b.refused(err, fault.CodeConflict)
	for _, bad := range []struct {
		d    account.Decision
		note string
		ids  []int64
	}{{"MAYBE", "", []int64{1}}, {account.Alter, " ", []int64{1}}, {account.Keep, strings.Repeat("x", 2001), []int64{1}}, {account.Keep, "", nil}, {account.Keep, "", make([]int64, 501)}} {
		_, err := b.accounts.Decide(b.ctx, b.actor, 1, r.ID, bad.ids, bad.d, bad.note)
		b.refused(err, fault.CodeValidation)
	}
	out := b.decide(r.ID, account.Keep, items[0].ID, 999)
	equal(b.suite, "kept", out[0].Now.Decision, account.Keep)
	equal(b.suite, "no such account", out[1].Err.Code, fault.CodeNotFound)
	equal(b.suite, "events", b.events(event.AccessReviewDecided), 1)
	b.decide(r.ID, account.Revoke, items[1].ID, items[2].ID)
	equal(b.suite, "progress", b.progress(r.ID), account.Progressed{Total: 3, Keep: 1, Revoke: 2, Open: 2})
	b.decide(r.ID, account.Pending, items[0].ID)
	equal(b.suite, "taken back", b.progress(r.ID).Pending, 1)
	b.decide(r.ID, account.Alter, items[0].ID)
	equal(b.suite, "open", len(b.items(r.ID, account.ItemFilter{Open: true})), 2)

	end, err := b.accounts.SignOff(b.ctx, b.actor, 1, r.ID, " all done ")
	b.must(err)
	equal(b.suite, "signed off", end.SignedOff.Note, "all done")
	equal(b.suite, "state", end.State(b.clock.Now()), account.SignedOff)
	_, err = b.accounts.SignOff(b.ctx, b.actor, 1, r.ID, "")
	b.refused(err, fault.CodeConflict)
	_, err = b.accounts.Decide(b.ctx, b.actor, 1, r.ID, []int64{items[0].ID}, account.Keep, "")
	b.refused(err, fault.CodeConflict)
	name := "another"
	_, err = b.accounts.ChangeReview(b.ctx, b.actor, 1, r.ID, account.ReviewChange{Name: &name})
	b.refused(err, fault.CodeConflict)
	b.refused(b.accounts.DeleteReview(b.ctx, b.actor, 1, r.ID), fault.CodeConflict)

	// What is to be revoked is followed on.
	revocation := func(i int) account.Revocation {
		b.t.Helper()
		item, err := b.accounts.Item(b.ctx, 1, r.ID, items[i].ID)
		b.must(err)
		state, _ := item.Revocation()
		return state
	}
	equal(b.suite, "evidence of before proves nothing", revocation(2), account.RevocationOpen)
	b.remove("Bob@x")
	b.extract()
	equal(b.suite, "gone from the data", revocation(1), account.RevocationRemoved)
	b.clock.Advance(time.Hour)
	proof := &account.Evidence{Note: "revoked by hand", URL: "https://tickets.example/1"}
	_, err = b.accounts.Change(b.ctx, b.actor, 1, cat.ID, account.Change{Evidence: &proof})
	b.must(err)
	equal(b.suite, "by evidence", revocation(2), account.RevocationEvidenced)
	equal(b.suite, "all revoked", b.progress(r.ID).Open, 0)
	b.push(`{"id":"Bob@x"}`)
	b.extract()
	equal(b.suite, "it came back", revocation(1), account.RevocationOpen)
	equal(b.suite, "open again", b.progress(r.ID).Open, 1)

	second, err := b.accounts.CreateReview(b.ctx, b.actor, 1, account.NewReview{Name: "Q2"})
	b.must(err)
	equal(b.suite, "its accounts", second.Progress.Total, 4)
	for _, c := range []struct {
		f    account.ReviewFilter
		want int
	}{{account.ReviewFilter{}, 2}, {account.ReviewFilter{State: account.SignedOff}, 1}, {account.ReviewFilter{State: account.InProgress}, 1}, {account.ReviewFilter{State: account.Overdue}, 0}, {account.ReviewFilter{Text: "q2"}, 1}} {
		c.f.WorkspaceID = 1
		p, err := b.accounts.Reviews(b.ctx, c.f, page.Request{})
		b.must(err)
		equal(b.suite, fmt.Sprintf("%+v", c.f), len(p.Items), c.want)
	}
	b.must(b.accounts.DeleteReview(b.ctx, b.actor, 1, second.ID))
	_, err = b.accounts.Review(b.ctx, 1, second.ID)
	b.refused(err, fault.CodeNotFound)
	_, err = b.accounts.Items(b.ctx, 1, second.ID, account.ItemFilter{}, page.Request{})
	b.refused(err, fault.CodeNotFound)
	_, err = b.accounts.Review(b.ctx, 99, r.ID)
	b.refused(err, fault.CodeNotFound)
	_, err = b.accounts.Item(b.ctx, 1, r.ID, 999)
	b.refused(err, fault.CodeNotFound)
}

// decisionsAtOnce: many decide while somebody tries to sign off; no decision comes
// after the end.
func decisionsAtOnce(b *register) {
	b.pushMany(40, `{"id":"u%05d"}`)
	b.mapTo(b.resource, idMapping)
	b.extract()
	r, err := b.accounts.CreateReview(b.ctx, b.actor, 1, account.NewReview{Name: "r"})
	b.must(err)
	items := b.items(r.ID, account.ItemFilter{})
	var wg sync.WaitGroup
	errs := make(chan error, 200)
	for lane := range 4 {
		wg.Go(func() {
			for i := lane; i < len(items); i += 4 {
				_, err := b.accounts.Decide(b.ctx, b.actor, 1, r.ID, []int64{items[i].ID}, account.Keep, "")
				errs <- err
			}
		})
	}
	wg.Go(func() {
		for {
			_, err := b.accounts.SignOff(b.ctx, b.actor, 1, r.ID, "")
			if fault.CodeOf(err) != fault.CodeConflict {
				errs <- err
				return
			}
		}
	})
	wg.Wait()
	close(errs)
	for err := range errs {
		b.must(err)
	}
	equal(b.suite, "all", b.progress(r.ID), account.Progressed{Total: 40, Keep: 40})
}

func overdueReviews(b *register) {
	b.push(annOn)
	b.mapTo(b.resource, idMapping)
	b.extract()
	r, err := b.accounts.CreateReview(b.ctx, b.actor, 1, account.NewReview{Name: "r", DueAt: b.clock.Now().Add(time.Hour)})
	b.must(err)
	told := func(want int) {
		b.t.Helper()
		b.must(b.accounts.Sweep(b.ctx))
		equal(b.suite, "told", b.events(event.AccessReviewOverdue), want)
	}
	told(0)
	b.clock.Advance(2 * time.Hour)
	told(1)
	told(1)
	p, err := b.accounts.Reviews(b.ctx, account.ReviewFilter{WorkspaceID: 1, State: account.Overdue}, page.Request{})
	b.must(err)
	equal(b.suite, "overdue", len(p.Items), 1)
	later := b.clock.Now().Add(time.Hour)
	_, err = b.accounts.ChangeReview(b.ctx, b.actor, 1, r.ID, account.ReviewChange{DueAt: &later})
	b.must(err)
	told(1)
	b.clock.Advance(2 * time.Hour)
	told(2)
	name := "still overdue"
	_, err = b.accounts.ChangeReview(b.ctx, b.actor, 1, r.ID, account.ReviewChange{Name: &name})
	b.must(err)
	never := time.Time{}
	_, err = b.accounts.ChangeReview(b.ctx, b.actor, 1, r.ID, account.ReviewChange{DueAt: &never})
	b.must(err)
	told(2)
}
