package storetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// RunAccounts proves that accounts are what the records tell, whatever happened
// before, and that what people decide stays with them.
func RunAccounts(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*register)
	}{
		{"the life of an account", accountLife},
		{"more records than a step reads", manyAccounts},
		{"mappings that change", mappingChanges},
		{"two nodes at once", accountsAtOnce},
		{"links to people", accountLinks},
		{"lists of several resources", accountLists},
		{"access reviews", reviewLife},
		{"decisions at once", decisionsAtOnce},
		{"overdue reviews", overdueReviews},
		{"a deleted connection", accountsOfDeleted},
		{"any history", accountHistory},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			b := newBench(&suite{t, await.Context(t), open(t, clock.Now), clock})
			c.test(&register{b, account.NewManager(b.s, account.Options{Now: clock.Now, Connections: b.connections})})
		})
	}
}

// register is the accounts of a bench.
type register struct {
	*bench
	accounts *account.Manager
}

const (
	idMapping  = `{"name":"id","active":{"path":"mfa"}}`
	oddMapping = `{"name":"seen","email":"id","mfa":{"path":"mfa"},"lastActiveAt":"seen"}`
)

func (b *register) mapping(text string) account.Mapping {
	b.t.Helper()
	m, err := account.Parse([]byte(text))
	b.must(err)
	return m
}

func (b *register) mapTo(r connection.Resource, text string) {
	b.t.Helper()
	_, err := b.accounts.SetMapping(b.ctx, b.actor, r.ConnectionID, r.ID, b.mapping(text))
	b.must(err)
}

// extract takes all accounts out.
func (b *register) extract() {
	b.t.Helper()
	for {
		pending, err := b.accounts.Pending(b.ctx)
		b.must(err)
		if len(pending) == 0 {
			return
		}
		for _, id := range pending {
			for more := true; more; {
				more, err = b.accounts.Step(b.ctx, id)
				b.must(err)
			}
		}
	}
}

func (b *register) list(f account.Filter, r page.Request) []account.Account {
	b.t.Helper()
	var out []account.Account
	for {
		p, err := b.accounts.List(b.ctx, 1, f, r)
		b.must(err)
		out = append(out, p.Items...)
		if p.Next == "" {
			return out
		}
		r, err = r.WithCursor(p.Next)
		b.must(err)
	}
}

func (b *register) all() []account.Account {
	return b.list(account.Filter{}, page.Request{Ascending: true})
}

// names are those of accounts with their status, in the order of names.
func (b *register) names() string {
	var out []string
	for _, a := range b.list(account.Filter{}, page.Request{Sort: page.Name, Ascending: true}) {
		out = append(out, a.Name+":"+string(a.Status()))
	}
	return strings.Join(out, " ")
}

func (b *register) one(name string) account.Account {
	b.t.Helper()
	all := b.all()
	i := slices.IndexFunc(all, func(a account.Account) bool { return a.Name == name })
	if i < 0 {
		b.t.Fatalf("there is no account %s", name)
	}
	return all[i]
}

func (b *register) remove(key string) {
	b.t.Helper()
	b.must(b.records.Delete(b.ctx, b.actor, b.target(), key))
}

func accountLife(b *register) {
	b.push(`{"id":"ann","mfa":true}`, `{"id":"Bob","mfa":false}`)
	b.mapTo(b.resource, idMapping)
	equal(b.suite, "before they are taken out", b.names(), "")
	s, _, err := b.s.Mapping(b.ctx, b.resource.ID)
	b.must(err)
	equal(b.suite, "current", s.Current, false)
	b.extract()
	equal(b.suite, "at first", b.names(), "ann:ACTIVE Bob:INACTIVE")
	s, _, err = b.s.Mapping(b.ctx, b.resource.ID)
	b.must(err)
	equal(b.suite, "current", s.Current, true)
	equal(b.suite, "counted", s.Accounts, 2)
	equal(b.suite, "events", b.events(event.AccountsExtracted), 1)

	b.clock.Advance(time.Hour)
	b.push(`{"id":"ann","mfa":true}`, `{"id":"eve"}`, `{"id":"Bob","mfa":true}`)
	b.extract()
	equal(b.suite, "after a push", b.names(), "ann:ACTIVE Bob:ACTIVE eve:ACTIVE")
	equal(b.suite, "first seen", b.one("eve").CreatedAt, b.clock.Now())
	seen := b.one("ann").CreatedAt

	reason := "of the pipeline"
	why := &reason
	ann := b.one("ann")
	_, err = b.accounts.Change(b.ctx, b.actor, 1, ann.ID, account.Change{OutOfScope: &why})
	b.must(err)
	b.clock.Advance(time.Hour)
	gone := b.clock.Now()
	b.remove("ann")
	b.clock.Advance(time.Hour)
	b.extract()
	equal(b.suite, "after a deletion", b.names(), "ann:REMOVED Bob:ACTIVE eve:ACTIVE")
	ann = b.one("ann")
	equal(b.suite, "removed at", ann.RemovedAt, gone)
	equal(b.suite, "what was decided", *ann.OutOfScope, reason)
	// A record that loses what names its account loses the account.
	b.mapTo(b.resource, `{"name":"seen"}`)
	b.push(`{"id":"Bob","seen":"Robert"}`)
	b.extract()
	equal(b.suite, "named otherwise", b.names(), "ann:REMOVED eve:REMOVED Robert:ACTIVE")
	b.push(`{"id":"Bob"}`)
	b.extract()
	equal(b.suite, "without a name", b.names(), "ann:REMOVED eve:REMOVED Robert:REMOVED")
	b.mapTo(b.resource, idMapping)
	b.push(annOn)
	b.extract()
	equal(b.suite, "come back", b.names(), "ann:ACTIVE Bob:ACTIVE eve:ACTIVE")
	equal(b.suite, "it is the same account", b.one("ann").ID, ann.ID)
	equal(b.suite, "since when", b.one("ann").CreatedAt, seen)
	n := b.events(event.AccountsExtracted)
	b.push(annOn)
	b.extract()
	equal(b.suite, "nothing moved", b.events(event.AccountsExtracted), n)
	// A replacement of all.
	_, err = b.records.Upload(b.ctx, b.actor, b.target(), "s-1", [][]byte{[]byte(`{"id":"eve","mfa":false}`), []byte(`{"id":"zoe"}`)})
	b.must(err)
	_, err = b.records.Complete(b.ctx, b.actor, b.target(), "s-1", record.Guards{})
	b.must(err)
	b.extract()
	equal(b.suite, "after a session", b.names(), "ann:REMOVED Bob:REMOVED eve:INACTIVE zoe:ACTIVE")
}

func (b *register) pushMany(n int, form string) {
	b.t.Helper()
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(form, i)
	}
	b.push(list...)
}

func manyAccounts(b *register) {
	const n = 2500
	b.pushMany(n, `{"id":"u%05d","mfa":true}`)
	b.mapTo(b.resource, idMapping)
	// What changes while all records are read is seen, too.
	_, err := b.accounts.Step(b.ctx, b.resource.ID)
	b.must(err)
	b.push(`{"id":"u00000","mfa":false}`, `{"id":"late"}`)
	b.remove("u00001")
	b.extract()
	count := map[account.Status]int{}
	for _, a := range b.list(account.Filter{}, page.Request{Size: 500}) {
		count[a.Status()]++
	}
	equal(b.suite, "counts", fmt.Sprint(count), "map[ACTIVE:2499 INACTIVE:1 REMOVED:1]")
	b.pushMany(n, `{"id":"u%05d","mfa":false}`)
	b.extract()
	f := account.Filter{Status: []account.Status{account.Inactive}}
	p, err := b.accounts.List(b.ctx, 1, f, page.Request{WantTotal: true, Size: 1})
	b.must(err)
	equal(b.suite, "after a change of all", *p.Total, n)
}

func mappingChanges(b *register) {
	b.push(`{"id":"ann@x.org","seen":"a"}`, `{"id":"bob@x.org","seen":"b"}`)
	b.mapTo(b.resource, idMapping)
	b.extract()
	owner := account.Service{Owner: "ops@x.org", Reason: "backup"}
	service := &owner
	id := b.one("ann@x.org").ID
	_, err := b.accounts.Change(b.ctx, b.actor, 1, id, account.Change{Service: &service})
	b.must(err)
	b.mapTo(b.resource, oddMapping)
	b.extract()
	equal(b.suite, "by another mapping", b.names(), "a:ACTIVE b:ACTIVE")
	equal(b.suite, "the same account", b.one("a").ID, id)
	b.must(b.accounts.DeleteMapping(b.ctx, b.actor, b.resource))
	equal(b.suite, "without a mapping", b.names(), "")
	_, err = b.accounts.Get(b.ctx, 1, id)
	b.refused(err, fault.CodeNotFound)
	b.refused(b.accounts.DeleteMapping(b.ctx, b.actor, b.resource), fault.CodeNotFound)
	b.remove("bob@x.org")
	b.mapTo(b.resource, oddMapping)
	b.extract()
	equal(b.suite, "gone meanwhile", b.names(), "a:ACTIVE b:REMOVED")
	equal(b.suite, "what was decided", *b.one("a").Service, owner)
	_, err = b.accounts.SetMapping(b.ctx, b.actor, b.resource.ConnectionID, b.resource.ID, b.mapping(`{"name":"login"}`))
	b.refused(err, fault.CodeValidation)
	_, err = b.accounts.SetMapping(b.ctx, b.actor, 99, b.resource.ID, b.mapping(idMapping))
	b.refused(err, fault.CodeNotFound)
}

func accountsAtOnce(b *register) {
	const n = 1500
	b.pushMany(n, `{"id":"u%05d","mfa":true}`)
	b.mapTo(b.resource, idMapping)
	var wg sync.WaitGroup
	errs := make(chan error, 10)
	for range 3 {
		wg.Go(func() {
			for more := true; more; {
				var err error
				if more, err = b.accounts.Step(b.ctx, b.resource.ID); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		b.must(err)
	}
	b.extract()
	equal(b.suite, "accounts", len(b.list(account.Filter{Status: []account.Status{account.Active}}, page.Request{Size: 500})), n)
}

func (b *register) personOf(name string) string {
	b.t.Helper()
	p := b.one(name).Person
	if p == nil {
		return "nobody"
	}
	return fmt.Sprintf("%s %s %t", p.Email, p.State, p.Automatic)
}

func accountLinks(b *register) {
	ann, err := b.s.CreateUser(b.ctx, b.newUser("Ann@example.com"), nil, nil, b.clock.Now(), b.event(event.UserCreated))
	b.must(err)
	b.push(`{"id":"ann@EXAMPLE.com","seen":"a"}`, `{"id":"bob@example.com","seen":"b"}`, `{"id":"eve@example.com","seen":"e"}`)
	b.mapTo(b.resource, oddMapping)
	b.extract()
	equal(b.suite, "by address", b.personOf("a"), "Ann@example.com ACTIVE true")
	equal(b.suite, "without a user", b.personOf("b"), "nobody")
	bob, err := b.s.CreateUser(b.ctx, b.newUser("bob@example.com"), nil, nil, b.clock.Now(), b.event(event.UserCreated))
	b.must(err)
	equal(b.suite, "once there is one", b.personOf("b"), "bob@example.com ACTIVE true")

	link := func(name string, to *account.Link) error {
		b.t.Helper()
		_, err := b.accounts.Change(b.ctx, b.actor, 1, b.one(name).ID, account.Change{Person: &to})
		return err
	}
	b.must(link("e", &account.Link{UserID: ann.ID}))
	equal(b.suite, "by hand", b.personOf("e"), "Ann@example.com ACTIVE false")
	b.must(link("b", &account.Link{Email: "carl@example.com"}))
	equal(b.suite, "to somebody else", b.personOf("b"), "carl@example.com NO_USER false")
	_, err = b.s.CreateUser(b.ctx, b.newUser("CARL@example.com"), nil, nil, b.clock.Now(), b.event(event.UserCreated))
	b.must(err)
	equal(b.suite, "who becomes a user", b.personOf("b"), "CARL@example.com ACTIVE false")
	b.push(`{"id":"bob@example.com","seen":"b","mfa":true}`)
	b.extract()
	equal(b.suite, "new data leave it", b.personOf("b"), "CARL@example.com ACTIVE false")
	b.must(link("b", nil))
	equal(b.suite, "taken away", b.personOf("b"), "bob@example.com ACTIVE true")
	b.refused(link("b", &account.Link{UserID: 999}), fault.CodeValidation)
	b.refused(link("b", &account.Link{}), fault.CodeValidation)
	b.refused(link("b", &account.Link{UserID: 1, Email: "a@b"}), fault.CodeValidation)
	b.refused(link("b", &account.Link{Email: "nobody"}), fault.CodeValidation)

	yes, no := true, false
	leavers := func(f account.Filter) string {
		var out []string
		for _, a := range b.list(f, page.Request{Sort: page.Name, Ascending: true}) {
			out = append(out, a.Name)
		}
		return strings.Join(out, "")
	}
	equal(b.suite, "leavers", leavers(account.Filter{Leaver: &yes}), "")
	_, err = b.s.ChangeUser(b.ctx, ann.ID, func(u *access.User, _ int) (access.Aftermath, error) {
		u.DisabledAt = b.clock.Now()
		return access.Aftermath{Event: b.event(event.UserDisabled)}, nil
	})
	b.must(err)
	equal(b.suite, "leavers", leavers(account.Filter{Leaver: &yes}), "ae")
	equal(b.suite, "others", leavers(account.Filter{Leaver: &no}), "b")
	equal(b.suite, "state", b.personOf("a"), "Ann@example.com DISABLED true")
	equal(b.suite, "leaver", b.one("a").Leaver(), true)
	equal(b.suite, "of a person", leavers(account.Filter{UserID: bob.ID}), "b")
	standing, err := b.accounts.Standing(b.ctx, 1)
	b.must(err)
	_, sum := standing.In(account.AccessReview)
	equal(b.suite, "tally", sum, account.Tally{Present: 3, Leavers: 2, WithoutMFA: 0})
	b.remove("ann@EXAMPLE.com")
	b.extract()
	equal(b.suite, "leavers", leavers(account.Filter{Leaver: &yes}), "e")

	staff := newDirectory(b.suite)
	staff.put(`{"identityId":"1","email":"bob@example.com","startedAt":"2020-01-01","separatedAt":"2020-02-01"}`)
	staff.sync()
	equal(b.suite, "who left", leavers(account.Filter{Leaver: &yes}), "be")
	equal(b.suite, "not those", leavers(account.Filter{Leaver: &no}), "a")
	equal(b.suite, "state", b.personOf("b"), "bob@example.com LEFT true")
	standing, err = b.accounts.Standing(b.ctx, 1)
	b.must(err)
	_, sum = standing.In(account.AccessReview)
	equal(b.suite, "tally", sum.Leavers, 2)
	review, err := b.accounts.CreateReview(b.ctx, b.actor, 1, account.NewReview{Name: "leavers", Filter: account.Filter{Leaver: &yes}})
	b.must(err)
	states := map[string]account.PersonState{}
	for _, i := range b.items(review.ID, account.ItemFilter{}) {
		states[i.Account.Name] = i.Account.Person.State
	}
	equal(b.suite, "as reviewed", fmt.Sprint(states), "map[b:LEFT e:DISABLED]")
}

func accountLists(b *register) {
	other := b.second()
	for i := range 30 {
		b.push(fmt.Sprintf(`{"id":"%s%d@x","mfa":%t,"seen":"2026-01-%02dT00:00:00Z"}`, string(rune('a'+i*7%26)), i, i%3 == 0, i%5+1))
		b.pushTo(other, fmt.Sprintf(`{"id":"%s%d"}`, string(rune('A'+i*11%26)), i))
		b.clock.Advance(time.Duration(i%2) * time.Second)
	}
	b.mapTo(b.resource, `{"name":"id","email":"id","mfa":{"path":"mfa"},"lastActiveAt":"seen"}`)
	b.mapTo(other, idMapping)
	b.extract()
	all := b.list(account.Filter{}, page.Request{Size: 500})
	equal(b.suite, "all", len(all), 60)
	key := map[page.Sort]func(a account.Account) string{
		page.CreatedAt: func(a account.Account) string { return fmt.Sprintf("%020d", a.CreatedAt.UnixMicro()) },
		page.UpdatedAt: func(a account.Account) string { return fmt.Sprintf("%020d", a.UpdatedAt.UnixMicro()) },
		page.Name:      func(a account.Account) string { return strings.ToLower(a.Name) },
		account.LastActiveAt: func(a account.Account) string {
			if a.LastActiveAt.IsZero() {
				return ""
			}
			return fmt.Sprintf("%020d", a.LastActiveAt.UnixMicro())
		},
	}
	for _, sort := range slices.Sorted(maps.Keys(key)) {
		for _, ascending := range []bool{true, false} {
			want := slices.Clone(all)
			slices.SortFunc(want, func(x, y account.Account) int {
				way := cmp.Or(strings.Compare(key[sort](x), key[sort](y)), cmp.Compare(x.ID, y.ID))
				if !ascending {
					way = -way
				}
				return way
			})
			got := b.list(account.Filter{}, page.Request{Sort: sort, Ascending: ascending, Size: 7})
			for i := range want {
				if len(got) != len(want) || got[i].ID != want[i].ID {
					b.t.Fatalf("%s, ascending %t: place %d of %d is %s, want %s", sort, ascending, i, len(got), got[i].Name, want[i].Name)
				}
			}
		}
	}
	yes, no := true, false
	for _, c := range []struct {
		f    account.Filter
		want int64
	}{
		{account.Filter{ResourceID: other.ID}, 30}, {account.Filter{ConnectionIDs: []int64{b.resource.ConnectionID}}, 30}, {account.Filter{ConnectionIDs: []int64{99}}, 0},
		{account.Filter{View: account.AccessReview}, 60}, {account.Filter{View: account.Infrastructure}, 0}, {account.Filter{MFA: &yes}, 10}, {account.Filter{MFA: &no}, 20},
		{account.Filter{Text: "A0"}, 2}, {account.Filter{Text: "%"}, 0}, {account.Filter{Text: "@X"}, 30}, {account.Filter{Linked: &yes}, 0}, {account.Filter{Linked: &no}, 60},
		{account.Filter{Service: &yes}, 0}, {account.Filter{InScope: &no}, 0}, {account.Filter{InScope: &yes}, 60},
		{account.Filter{Status: []account.Status{account.Removed}}, 0}, {account.Filter{Status: []account.Status{account.Active, account.Inactive}}, 60},
	} {
		p, err := b.accounts.List(b.ctx, 1, c.f, page.Request{WantTotal: true, Size: 500})
		b.must(err)
		if *p.Total != c.want || int64(len(p.Items)) != c.want {
			b.t.Errorf("%+v: %d of %d, want %d", c.f, len(p.Items), *p.Total, c.want)
		}
	}
	_, err := b.accounts.List(b.ctx, 99, account.Filter{}, page.Request{})
	b.refused(err, fault.CodeNotFound)
	_, err = b.accounts.Get(b.ctx, 99, all[0].ID)
	b.refused(err, fault.CodeNotFound)
}

func accountsOfDeleted(b *register) {
	b.pushMany(30, `{"id":"u%05d"}`)
	b.mapTo(b.resource, idMapping)
	b.extract()
	r, err := b.accounts.CreateReview(b.ctx, b.actor, 1, account.NewReview{Name: "r"})
	b.must(err)
	items := b.items(r.ID, account.ItemFilter{})
	b.decide(r.ID, account.Revoke, items[0].ID)
	b.must(b.connections.Delete(b.ctx, b.actor, b.resource.ConnectionID))
	equal(b.suite, "listed", b.names(), "")
	_, err = b.accounts.Get(b.ctx, 1, items[0].Account.ID)
	b.refused(err, fault.CodeNotFound)
	for n := int64(1); n > 0; {
		n, err = b.s.PurgeDeleted(b.ctx, 7)
		b.must(err)
	}
	item, err := b.accounts.Item(b.ctx, 1, r.ID, items[0].ID)
	b.must(err)
	state, _ := item.Revocation()
	equal(b.suite, "what cannot be followed", state, account.RevocationUntracked)
	r, err = b.accounts.Review(b.ctx, 1, r.ID)
	b.must(err)
	equal(b.suite, "open", r.Progress.Open, 0)
	equal(b.suite, "kept", r.Progress.Total, 30)
}

// accountHistory: whatever is pushed, deleted, decided and mapped, the accounts in
// the data are those that a naive reading of the live records gives, and what was
// decided about each stays with it.
func accountHistory(b *register) {
	seed := rand.Uint64()
	b.t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	mappings := []string{idMapping, oddMapping, `{"name":"$.seen","active":{"path":"mfa","is":[false]}}`}
	mapping := mappings[0]
	b.mapTo(b.resource, mapping)
	said := map[string]string{}
	session := 0
	for round := range 60 {
		switch random.IntN(8) {
		case 0, 1, 2:
			var list []string
			for range random.IntN(12) {
				list = append(list, b.anyRecord(random))
			}
			b.push(list...)
		case 3:
			// An absent record is a refusal that changes nothing.
			_ = b.records.Delete(b.ctx, b.actor, b.target(), fmt.Sprintf("k%d@x", random.IntN(20)))
		case 4:
			session++
			id := fmt.Sprintf("s-%d", session)
			_, err := b.records.Upload(b.ctx, b.actor, b.target(), id, [][]byte{[]byte(b.anyRecord(random)), []byte(b.anyRecord(random)), []byte(`{"id":"always@x","seen":"2026-01-01"}`)})
			b.must(err)
			_, err = b.records.Complete(b.ctx, b.actor, b.target(), id, record.Guards{})
			b.must(err)
		case 5:
			mapping = mappings[random.IntN(len(mappings))]
			b.mapTo(b.resource, mapping)
		case 6:
			if all := b.all(); len(all) > 0 {
				a := all[random.IntN(len(all))]
				reason := fmt.Sprintf("reason %d", round)
				why := &reason
				_, err := b.accounts.Change(b.ctx, b.actor, 1, a.ID, account.Change{OutOfScope: &why})
				b.must(err)
				said[a.RecordID] = reason
			}
		case 7:
			_, err := b.accounts.Step(b.ctx, b.resource.ID)
			b.must(err)
			continue
		}
		b.clock.Advance(time.Second)
		if random.IntN(2) == 0 {
			b.extract()
			b.compare(mapping, said)
		}
	}
	b.extract()
	b.compare(mapping, said)
}

func (b *register) anyRecord(random *rand.Rand) string {
	members := []string{fmt.Sprintf(`"id":"k%d@x"`, random.IntN(20))}
	if random.IntN(3) > 0 {
		members = append(members, fmt.Sprintf(`"mfa":%t`, random.IntN(2) == 0))
	}
	if random.IntN(3) > 0 {
		members = append(members, fmt.Sprintf(`"seen":"%s"`, []string{"", "2026-01-31", "x", "Ünï"}[random.IntN(4)]))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// compare demands the accounts of a naive reading.
func (b *register) compare(mapping string, said map[string]string) {
	b.t.Helper()
	x, err := account.NewExtractor(b.mapping(mapping))
	b.must(err)
	want := map[string]string{}
	for key, body := range b.live(b.resource) {
		if f, ok := x.Extract([]byte(body)); ok {
			text, err := json.Marshal(f)
			b.must(err)
			want[key] = string(text)
		}
	}
	for _, a := range b.all() {
		text, err := json.Marshal(a.Facts)
		b.must(err)
		switch {
		case a.Status() == account.Removed && want[a.RecordID] != "":
			b.t.Fatalf("%s is in the data, but removed at %s", a.RecordID, a.RemovedAt)
		case a.Status() == account.Removed:
		case !bytes.Equal(text, []byte(want[a.RecordID])):
			b.t.Fatalf("%s is %s, want %s", a.RecordID, text, want[a.RecordID])
		default:
			delete(want, a.RecordID)
		}
		if reason := said[a.RecordID]; (a.OutOfScope == nil) != (reason == "") || reason != "" && *a.OutOfScope != reason {
			b.t.Fatalf("%s was said to be out of scope because of %q", a.RecordID, reason)
		}
	}
	if len(want) > 0 {
		b.t.Fatalf("there are no accounts of %v", want)
	}
}
