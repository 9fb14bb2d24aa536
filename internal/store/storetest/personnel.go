package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunPersonnel proves that identities become people by the identity sync, and
// only by it.
func RunPersonnel(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*directory)
	}{
		{"identities", identities},
		{"sync", identitySync},
		{"people by hand", peopleByHand},
		{"accounts", knownAccounts},
		{"orders of people", peopleInOrder},
		{"counts", peopleCounted},
		{"search among many", peopleAmongMany},
		{"widest names", widestNames},
		{"another HR system", anotherDirectory},
		{"any history", identityHistory},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			c.test(newDirectory(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

// directory is an HRIS connection.
type directory struct {
	*suite

	people     *asset.Service
	access     *access.Service
	connection int64
	actor      event.Actor
}

func newDirectory(x *suite) *directory {
	connections := connection.NewService(x.s, x.clock.Now)
	d := &directory{suite: x, people: asset.NewService(x.s, connections, x.clock.Now), access: access.NewService(x.s, x.clock.Now), actor: event.System(event.SourceApp)}
	c, err := connections.Create(x.ctx, d.actor, connection.New{Name: "HR", ProviderTypes: []string{"HRIS"}})
	x.must(err)
	d.connection = c.ID
	return d
}

// mdm is a new MDM connection.
func (d *directory) mdm() int64 {
	d.t.Helper()
	c, err := connection.NewService(d.s, d.clock.Now).Create(d.ctx, d.actor, connection.New{Name: "MDM", ProviderTypes: []string{"MDM"}})
	d.must(err)
	return c.ID
}

// put sends identities, and tells what became of each: c, u, = or the refusal.
func (d *directory) put(objects ...string) string {
	d.t.Helper()
	texts := make([][]byte, len(objects))
	for i, o := range objects {
		texts[i] = []byte(o)
	}
	results, err := d.people.PutIdentities(d.ctx, d.actor, d.connection, texts)
	d.must(err)
	out := make([]string, len(results))
	for i, r := range results {
		out[i] = map[asset.Outcome]string{asset.Created: "c", asset.Updated: "u", asset.Unchanged: "="}[r.Outcome]
		if r.Err != nil {
			out[i] = r.Err.Error()
		} else if r.Identity.ID == 0 {
			d.t.Fatalf("item %d has no id", i)
		}
	}
	return strings.Join(out, " ")
}

func (d *directory) identity(key string) asset.Identity {
	d.t.Helper()
	i, err := d.people.Identity(d.ctx, d.connection, asset.IdentityRef{Key: key})
	d.must(err)
	return i
}

// sync runs one to its end.
func (d *directory) sync() asset.SyncCounts {
	d.t.Helper()
	y, err := d.people.StartSync(d.ctx, d.actor)
	d.must(err)
	for {
		more, err := d.people.Step(d.ctx)
		d.must(err)
		if !more {
			break
		}
	}
	y, err = d.people.Sync(d.ctx, y.ID)
	d.must(err)
	equal(d.suite, "status", y.Status, asset.SyncCompleted)
	return y.Counts
}

func (d *directory) person(email string) asset.Person {
	d.t.Helper()
	p, err := d.people.Person(d.ctx, asset.PersonRef{Email: email})
	d.must(err)
	return p
}

func words(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }

func identities(d *directory) {
	equal(d.suite, "first", d.put(`{"identityId":"1","email":"ada@example.com","firstName":"Ada"}`, `{"identityId":"2"}`), "c c")
	equal(d.suite, "again", d.put(`{"identityId":"1","email":"ada@example.com"}`, `{"identityId":"2","jobTitle":"Cook","isContractor":true}`), "= u")
	equal(d.suite, "what is left out stays", *d.identity("1").FirstName, "Ada")
	equal(d.suite, "null clears", d.put(`{"identityId":"1","firstName":null}`), "u")
	if d.identity("1").FirstName != nil {
		d.t.Fatal("the first name is still there")
	}
	equal(d.suite, "twice in one", d.put(`{"identityId":"3"}`, `{"identityId":"3","jobTitle":"x"}`), "c `identityId` \"3\" stands in item 0 already: send each identity once")
	equal(d.suite, "an end", d.put(`{"identityId":"2","separatedAt":"2026-03-01"}`, `{"identityId":"3","separatedAt":"2026-03-01T10:00:00+02:00"}`), "u u")
	equal(d.suite, "the same end", d.put(`{"identityId":"2","separatedAt":"2026-03-01T00:00:00Z"}`), "=")
	if got := d.put(`{"identityId":"2","separatedAt":"2026-03-02"}`); !strings.Contains(got, "written once") {
		d.t.Fatal(got)
	}
	equal(d.suite, "an end that was cleared", d.put(`{"identityId":"2","separatedAt":null}`)+d.put(`{"identityId":"2","separatedAt":"2026-03-02"}`), "uu")

	ref := asset.IdentityRef{Key: "2"}
	number := asset.IdentityRef{ID: d.identity("2").ID}
	d.must(d.people.DeleteIdentity(d.ctx, d.actor, d.connection, ref))
	d.refused(d.people.DeleteIdentity(d.ctx, d.actor, d.connection, number), fault.CodeNotFound)
	p, err := d.people.Identities(d.ctx, d.connection, page.Request{Size: 1, WantTotal: true})
	d.must(err)
	equal(d.suite, "listed", fmt.Sprint(len(p.Items), *p.Total, p.Next != ""), "1 2 true")
	equal(d.suite, "restored", d.put(`{"identityId":"2"}`), "u")
	equal(d.suite, "with what it had", *d.identity("2").JobTitle, "Cook")
	_, err = d.people.Identities(d.ctx, d.connection+99, page.Request{})
	d.refused(err, fault.CodeNotFound)
}

func identitySync(d *directory) {
	now := d.clock.Now()
	later := now.AddDate(0, 0, 3).Format(time.RFC3339)
	d.put(`{"identityId":"1","email":"ada@example.com","firstName":"Ada","lastName":"Lovelace","startedAt":"2020-01-01"}`,
		`{"identityId":"2","email":"bob@example.com","isContractor":true,"separatedAt":"`+later+`"}`,
		`{"identityId":"3","email":"cyd@example.com","startedAt":"`+later+`"}`, `{"identityId":"4"}`, `{"identityId":"5","email":"ADA@example.com"}`)
	_, err := d.people.Person(d.ctx, asset.PersonRef{Email: "ada@example.com"})
	d.refused(err, fault.CodeNotFound)
	equal(d.suite, "the first sync", d.sync(), asset.SyncCounts{Created: 3, WithoutAddress: 1, Taken: 1})
	ada := d.person("ada@example.com")
	equal(d.suite, "Ada", words(ada.Status, ada.User.DisplayName(), ada.User.State()), "CURRENT_EMPLOYEE Ada Lovelace NO_ACCOUNT")
	equal(d.suite, "statuses", words(d.person("bob@example.com").Status, d.person("cyd@example.com").Status), "CURRENT_CONTRACTOR FUTURE_HIRE")
	equal(d.suite, "the second sync", d.sync(), asset.SyncCounts{Unchanged: 3, WithoutAddress: 1, Taken: 1})

	// The days go by, Ada leaves the directory, and the other identity takes over.
	d.clock.Advance(4 * 24 * time.Hour)
	d.must(d.people.DeleteIdentity(d.ctx, d.actor, d.connection, asset.IdentityRef{Key: "1"}))
	equal(d.suite, "after four days", d.sync(), asset.SyncCounts{Updated: 4, WithoutAddress: 1})
	equal(d.suite, "statuses then", words(d.person("ada@example.com").Status, d.person("bob@example.com").Status, d.person("cyd@example.com").Status),
		"CURRENT_EMPLOYEE FORMER_CONTRACTOR CURRENT_EMPLOYEE")
	equal(d.suite, "the same person", d.person("ada@example.com").ID, ada.ID)

	// The night starts one by itself, once.
	night := d.clock.Now().AddDate(0, 0, 1)
	d.clock.Advance(time.Date(night.Year(), night.Month(), night.Day(), 2, 0, 1, 0, time.UTC).Sub(d.clock.Now()))
	for range 4 {
		_, err := d.people.Step(d.ctx)
		d.must(err)
	}
	list, err := d.people.Syncs(d.ctx, page.Request{})
	d.must(err)
	equal(d.suite, "syncs", words(len(list.Items), list.Items[0].Scheduled, list.Items[0].Status), "4 true COMPLETED")

	y, err := d.people.StartSync(d.ctx, d.actor)
	d.must(err)
	_, err = d.people.StartSync(d.ctx, d.actor)
	d.refused(err, fault.CodeConflict)
	_, err = d.people.CancelSync(d.ctx, d.actor, y.ID)
	d.must(err)
	_, err = d.people.CancelSync(d.ctx, d.actor, y.ID)
	d.refused(err, fault.CodeConflict)
}

func peopleByHand(d *directory) {
	d.put(`{"identityId":"1","email":"ada@example.com","startedAt":"2020-01-01"}`)
	d.sync()
	ref := asset.PersonRef{Email: "Ada@Example.com"}
	scope, why, none := asset.OutOfScope, ptr("a mailbox of the front desk"), (*string)(nil)
	_, err := d.people.UpdatePerson(d.ctx, d.actor, ref, asset.PersonChange{Status: &scope})
	d.refused(err, fault.CodeValidation)
	p, err := d.people.UpdatePerson(d.ctx, d.actor, ref, asset.PersonChange{Status: &scope, Reason: &why})
	d.must(err)
	equal(d.suite, "by hand", words(p.Status, *p.Reason, p.ManualStatus), "OUT_OF_SCOPE a mailbox of the front desk true")
	_, err = d.people.UpdatePerson(d.ctx, d.actor, ref, asset.PersonChange{Reason: &none})
	d.refused(err, fault.CodeValidation)
	equal(d.suite, "the sync leaves it", d.sync(), asset.SyncCounts{Unchanged: 1})
	before := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err = d.people.UpdatePerson(d.ctx, d.actor, ref, asset.PersonChange{SeparatedAt: &before})
	d.refused(err, fault.CodeValidation)
	n, err := d.people.ResetPeople(d.ctx, d.actor, []int64{p.ID, p.ID})
	d.must(err)
	back := d.person("ada@example.com")
	equal(d.suite, "reset", words(n, back.Status, back.ManualStatus, back.Reason == nil), "1 CURRENT_EMPLOYEE false true")
	_, err = d.people.ResetPeople(d.ctx, d.actor, []int64{p.ID, p.ID + 99})
	d.refused(err, fault.CodeNotFound)
}

func peopleCounted(d *directory) {
	s, err := d.people.PeopleSummary(d.ctx)
	d.must(err)
	equal(d.suite, "nobody", words(s.People, len(s.Statuses), s.NextSyncAt.IsZero()), "0 0 true")
	d.put(`{"identityId":"1","email":"ada@example.com"}`, `{"identityId":"2","email":"bob@example.com"}`, `{"identityId":"3","email":"cyd@example.com","separatedAt":"2020-01-01"}`)
	d.sync()
	why := ptr("a mailbox")
	scope := asset.OutOfScope
	_, err = d.people.UpdatePerson(d.ctx, d.actor, asset.PersonRef{Email: "bob@example.com"}, asset.PersonChange{Status: &scope, Reason: &why})
	d.must(err)
	mdm := d.mdm()
	counted := func() string {
		s, err := d.people.PeopleSummary(d.ctx)
		d.must(err)
		return words(s.People, s.Current, s.Statuses[asset.OutOfScope], s.Former, s.ByHand, s.WithoutDevice)
	}
	having := func(has bool) string {
		p, err := d.people.People(d.ctx, asset.PersonFilter{HasDevice: &has}, page.Request{Sort: asset.ByName, Ascending: true})
		d.must(err)
		var names []string
		for _, each := range p.Items {
			names = append(names, each.User.Email)
		}
		return strings.Join(names, " ")
	}
	equal(d.suite, "without devices", counted(), "3 1 1 1 1 1")
	equal(d.suite, "nobody has one", having(true), "")
	serial := "C02"
	device, err := d.people.ReportDevice(d.ctx, d.actor, mdm, asset.Report{Owner: asset.PersonRef{Email: "ada@example.com"},
		Device: asset.Device{Platform: "MACOS", PlatformVersion: "15", SerialNumber: &serial}})
	d.must(err)
	equal(d.suite, "with a device", counted(), "3 1 1 1 1 0")
	equal(d.suite, "who has one", having(true)+", not "+having(false), "ada@example.com, not bob@example.com cyd@example.com")
	d.must(d.people.DeleteDevice(d.ctx, d.actor, mdm, device.ID))
	equal(d.suite, "without it", counted(), "3 1 1 1 1 1")

	// The first sync of a night is due at once, the next one the night after.
	s, err = d.people.PeopleSummary(d.ctx)
	d.must(err)
	if s.NextSyncAt.After(d.clock.Now()) {
		d.t.Errorf("the first one of a night is due at %s", s.NextSyncAt)
	}
	for range 3 {
		_, err := d.people.Step(d.ctx)
		d.must(err)
	}
	s, err = d.people.PeopleSummary(d.ctx)
	d.must(err)
	if at := s.NextSyncAt; at.Hour() != 2 || !at.After(d.clock.Now()) || at.Sub(d.clock.Now()) > 24*time.Hour {
		d.t.Errorf("the next one is due at %s", at)
	}

	ada := d.person("ada@example.com")
	followers, err := d.people.Followers(d.ctx, []int64{ada.IdentityID, 9999})
	d.must(err)
	equal(d.suite, "who follows it", fmt.Sprint(followers), fmt.Sprint(map[int64]int64{ada.IdentityID: ada.ID}))
	d.must(d.people.DeleteIdentity(d.ctx, d.actor, d.connection, asset.IdentityRef{ID: ada.IdentityID}))
	found, err := d.people.IdentitiesByID(d.ctx, []int64{ada.IdentityID, 9999})
	d.must(err)
	equal(d.suite, "the identity that is gone", words(len(found), found[ada.IdentityID].Key, found[ada.IdentityID].DeletedAt.IsZero()), "1 1 false")
}

func knownAccounts(d *directory) {
	d.put(`{"identityId":"1","email":"ada@example.com","firstName":"Ada"}`)
	d.sync()
	set, err := d.access.NeedsSetUp(d.ctx)
	d.must(err)
	equal(d.suite, "people of a directory set nothing up", set, true)
	known := d.person("ada@example.com").User
	all := access.Operator(d.actor)
	u, _, err := d.access.Invite(d.ctx, all, access.NewUser{Email: "ada@example.com", Profile: access.Profile{LastName: ptr("Lovelace")}, Grants: []access.Grant{{Role: access.Auditor}}})
	d.must(err)
	equal(d.suite, "invited", words(u.ID == known.ID, u.State(), u.DisplayName()), "true INVITED Ada Lovelace")
	found, err := d.people.People(d.ctx, asset.PersonFilter{Text: "LOVE"}, page.Request{})
	d.must(err)
	equal(d.suite, "found by the new name", len(found.Items), 1)
	// From then on name and address are the person's own.
	d.put(`{"identityId":"1","email":"lovelace@example.com","firstName":"A."}`)
	equal(d.suite, "sync", d.sync(), asset.SyncCounts{Unchanged: 1})
	equal(d.suite, "the account's name", d.person("ada@example.com").User.FirstName, "Ada")
	_, _, err = d.access.Invite(d.ctx, all, access.NewUser{Email: "ada@example.com"})
	d.refused(err, fault.CodeDuplicateName)
}

// anotherDirectory replaces the HR system: with its connection its identities
// are gone, and those of the next one count.
func anotherDirectory(d *directory) {
	d.put(`{"identityId":"1","email":"ada@example.com","startedAt":"2020-01-01"}`, `{"identityId":"2","email":"bob@example.com","startedAt":"2020-01-01"}`)
	d.sync()
	connections := connection.NewService(d.s, d.clock.Now)
	next, err := connections.Create(d.ctx, d.actor, connection.New{Name: "Next HR", ProviderTypes: []string{"HRIS"}})
	d.must(err)
	old := d.connection
	d.connection = next.ID
	d.put(`{"identityId":"x","email":"ada@example.com","startedAt":"2021-01-01","isContractor":true}`)
	d.sync()
	equal(d.suite, "follows the first", d.person("ada@example.com").Status, asset.CurrentEmployee)
	d.clock.Advance(time.Hour)
	d.must(connections.Delete(d.ctx, d.actor, old))
	d.sync()
	equal(d.suite, "follows the next", d.person("ada@example.com").Status, asset.CurrentContractor)
	equal(d.suite, "is known to none", d.person("bob@example.com").Status, asset.Unknown)
}

// peopleAmongMany searches for what few hold and for what most do, which the
// store finds in different ways.
func peopleAmongMany(d *directory) {
	const many = 1_100
	for first := 0; first < many; first += many / 2 {
		objects := make([][]byte, many/2)
		for i := range objects {
			n := first + i
			objects[i] = fmt.Appendf(nil, `{"identityId":"%d","email":"p%04d@example.com","firstName":"Same","lastName":"%s"}`, n, n, map[bool]string{true: "Rare"}[n%400 == 0])
		}
		_, err := d.people.PutIdentities(d.ctx, d.actor, d.connection, objects)
		d.must(err)
	}
	d.sync()
	mdm := d.mdm()
	for _, n := range []int{3, 400, 1000} {
		serial := fmt.Sprintf("SN-%d", n)
		_, err := d.people.ReportDevice(d.ctx, d.actor, mdm, asset.Report{Owner: asset.PersonRef{Email: fmt.Sprintf("p%04d@example.com", n)},
			Device: asset.Device{Platform: "LINUX", PlatformVersion: "6", SerialNumber: &serial}})
		d.must(err)
	}
	for text, want := range map[string][2]int{"same": {many, 3}, "RARE": {3, 1}, "p0003": {1, 1}, "sn-": {0, 3}, "sn-400": {0, 1}, "nobody": {0, 0}, "%": {0, 0}} {
		found := 0
		r := page.Request{Sort: asset.ByName, Ascending: true, Size: 500, WantTotal: true}
		for {
			p, err := d.people.People(d.ctx, asset.PersonFilter{Text: text}, r)
			d.must(err)
			found += len(p.Items)
			if p.Total != nil {
				equal(d.suite, "all people of "+text, words(*p.Total), words(want[0]))
			}
			if p.Next == "" {
				break
			}
			r, err = r.WithCursor(p.Next)
			d.must(err)
		}
		devices, err := d.people.Devices(d.ctx, asset.DeviceFilter{Text: text}, page.Request{})
		d.must(err)
		equal(d.suite, "people and devices of "+text, [2]int{found, len(devices.Items)}, want)
	}
}

func peopleInOrder(d *directory) {
	for i, name := range []string{"Zoe", "ada", "emil", "bob", ""} {
		d.clock.Advance(time.Second)
		start := ""
		if i%2 == 0 {
			start = fmt.Sprintf(`,"startedAt":"202%d-01-01"`, 5-i)
		}
		d.put(fmt.Sprintf(`{"identityId":"%d","email":"p%d@example.com","firstName":%q%s}`, i, i, name, start))
	}
	d.sync()
	for sort, want := range map[page.Sort]string{asset.ByName: "ada bob emil p4@example.com Zoe", asset.ByStartDate: "ada bob p4@example.com emil Zoe"} {
		var got []string
		r := page.Request{Sort: sort, Ascending: true, Size: 2}
		for {
			p, err := d.people.People(d.ctx, asset.PersonFilter{}, r)
			d.must(err)
			for _, each := range p.Items {
				got = append(got, each.User.DisplayName())
			}
			if p.Next == "" {
				break
			}
			r, err = r.WithCursor(p.Next)
			d.must(err)
		}
		equal(d.suite, string(sort), strings.Join(got, " "), want)
	}
	p, err := d.people.People(d.ctx, asset.PersonFilter{Statuses: []asset.EmploymentStatus{asset.FormerEmployee}}, page.Request{WantTotal: true})
	d.must(err)
	equal(d.suite, "former", *p.Total, 0)
}

// identityHistory sends, deletes and syncs at random, and asks each time whether
// people are what the identities say.
func identityHistory(d *directory) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 7))
	d.t.Logf("seed %d", seed)
	moment := func() string {
		if r.IntN(3) == 0 {
			return "null"
		}
		return fmt.Sprintf("%q", d.clock.Now().AddDate(0, 0, r.IntN(20)-10).Format(time.DateOnly))
	}
	for range 40 {
		for range 1 + r.IntN(4) {
			key := fmt.Sprint(r.IntN(8))
			switch r.IntN(6) {
			case 0:
				_ = d.people.DeleteIdentity(d.ctx, d.actor, d.connection, asset.IdentityRef{Key: key})
			case 1:
				d.put(fmt.Sprintf(`{"identityId":%q,"email":null}`, key))
			default:
				d.put(fmt.Sprintf(`{"identityId":%q,"separatedAt":null}`, key), fmt.Sprintf(`{"identityId":"x%s"}`, key))
				d.put(fmt.Sprintf(`{"identityId":%q,"email":"p%d@example.com","startedAt":%s,"separatedAt":%s,"isContractor":%t}`,
					key, r.IntN(6), moment(), moment(), r.IntN(2) == 0))
			}
		}
		d.clock.Advance(time.Duration(r.IntN(72)) * time.Hour)
		// An address that changes hands is free for its new owner after a sync.
		for n := 0; ; n++ {
			counts := d.sync()
			atRest := counts.Created+counts.Updated == 0
			d.agrees(seed, atRest)
			if atRest {
				break
			}
			if n == 8 {
				d.t.Fatalf("seed %d: sync after sync changes something: %+v", seed, counts)
			}
		}
	}
	all, err := d.people.People(d.ctx, asset.PersonFilter{}, page.Request{})
	d.must(err)
	if len(all.Items) < 3 {
		d.t.Fatalf("seed %d: %d people came of it", seed, len(all.Items))
	}
}

// agrees compares people with identities the slow way.
func (d *directory) agrees(seed uint64, atRest bool) {
	d.t.Helper()
	all, err := d.people.People(d.ctx, asset.PersonFilter{}, page.Request{Size: page.MaxSize})
	d.must(err)
	live, err := d.people.Identities(d.ctx, d.connection, page.Request{Size: page.MaxSize})
	d.must(err)
	following, users := map[int64]asset.Person{}, map[int64]bool{}
	for _, p := range all.Items {
		if users[p.UserID] {
			d.t.Fatalf("seed %d: two people share account %d", seed, p.UserID)
		}
		users[p.UserID], following[p.IdentityID] = true, p
	}
	addressed := map[string]bool{}
	for _, p := range all.Items {
		addressed[access.Folded(p.User.Email)] = true
	}
	known := map[int64]bool{}
	for _, i := range live.Items {
		known[i.ID] = true
		p, follows := following[i.ID]
		switch {
		case follows && (p.Status != i.Status(d.clock.Now()) || !p.StartedAt.Equal(i.StartedAt) || !p.SeparatedAt.Equal(i.SeparatedAt)):
			d.t.Fatalf("seed %d: identity %+v, but person %+v", seed, i, p)
		case atRest && !follows && i.Email != nil && !addressed[access.Folded(*i.Email)]:
			d.t.Fatalf("seed %d: nobody has the address of identity %q", seed, i.Key)
		}
	}
	for id, p := range following {
		if !known[id] && p.Status != asset.Unknown {
			d.t.Fatalf("seed %d: identity %d is gone, but its person is %s", seed, id, p.Status)
		}
	}
}

// widestNames has people whose names are as long as they may be, of characters that
// have the most bytes, or become the most in the form that is compared: an index
// has room for them.
func widestNames(d *directory) {
	seed := rand.Uint64()
	d.t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 5))
	for i, of := range []func() rune{
		func() rune { return 0x20000 + r.Int32N(40000) },
		func() rune { return 0x3300 + r.Int32N(88) },
		func() rune { return 0xfc00 + r.Int32N(94) },
		func() rune { return 0xfdfa },
	} {
		name := func() string {
			runes := make([]rune, 191)
			for i := range runes {
				runes[i] = of()
			}
			return string(runes)
		}
		email := fmt.Sprintf("%s%d@%s.example", strings.Repeat("a", 60), i, strings.Repeat(strings.Repeat("b", 55)+".", 2)+"c")
		first := name()
		equal(d.suite, "identity", d.put(fmt.Sprintf(`{"identityId":"%d","email":%q,"firstName":%q,"lastName":%q}`, i, email, first, name())), "c")
		d.sync()
		found, err := d.people.People(d.ctx, asset.PersonFilter{Text: first}, page.Request{Sort: asset.ByName})
		d.must(err)
		equal(d.suite, "people with that name", len(found.Items), 1)
	}
}
