package storetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/page"
)

func (x *suite) changeUser(u access.User, change func(*access.User)) {
	x.t.Helper()
	_, err := x.s.ChangeUser(x.ctx, u.ID, func(u *access.User, _ int) (access.Aftermath, error) {
		change(u)
		return access.Aftermath{Event: x.event(event.UserUpdated)}, nil
	})
	x.must(err)
}

// people: a channel that names people reaches them for as long as they may see
// what is told.
func people(p *post) {
	reader := access.Grant{Role: access.ReadOnly, WorkspaceID: 1}
	ann, bob := p.createUser("Ann@x.example", reader), p.createUser("bob@x.example", access.Grant{Role: access.ReadOnly})
	personnel := p.createUser("pia@x.example", access.Grant{Role: access.PersonnelManager})
	employee := p.createUser("eve@x.example", access.Grant{Role: access.Employee})
	elsewhere := p.createUser("els@x.example", access.Grant{Role: access.Administrator})
	p.changeUser(elsewhere, func(u *access.User) { u.Grants = nil })
	for _, bad := range []int64{0, -1, 999, employee.ID, elsewhere.ID} {
		_, err := p.service.CreateChannel(p.ctx, somebody, 1, notify.Mail, notify.ChannelChange{Name: ptr("x"), UserIDs: &[]int64{ann.ID, bad}})
		p.refused(err, fault.CodeValidation)
		contains(p.suite, err.Error(), "(/userIds/1)")
	}
	c, err := p.service.CreateChannel(p.ctx, somebody, 1, notify.Mail, notify.ChannelChange{Name: ptr("m"), To: &[]string{"ann@x.example"},
		UserIDs: &[]int64{bob.ID, ann.ID, personnel.ID, bob.ID}})
	p.must(err)
	equal(p.suite, "people", fmt.Sprint(c.UserIDs), fmt.Sprint([]int64{bob.ID, ann.ID, personnel.ID}))
	got, err := p.service.Channels(p.ctx, 1, page.Request{})
	p.must(err)
	equal(p.suite, "listed", fmt.Sprint(got.Items[0].UserIDs), fmt.Sprint(c.UserIDs))
	r := p.rule("all", notify.RuleChange{}, notify.Topics, c)

	// Nobody twice.
	conn := p.resource("Users")
	stale := event.New(somebody, p.clock.Now(), event.ConnectionStale, event.CategoryConnection, "stale", map[string]any{"resourceId": conn.ID, "resourceName": "Users"})
	stale.ConnectionID = conn.ConnectionID
	p.happens(stale)
	p.happens(p.changed(1, "PASSED", "FAILED"))
	p.told(window, "m ann@x.example: Test “T1” fails", "m bob@x.example: Test “T1” fails", "m pia@x.example: Test “T1” fails",
		"m ann@x.example: “Users” has no fresh data", "m bob@x.example: “Users” has no fresh data", "m pia@x.example: “Users” has no fresh data")
	sent := p.deliveries(notify.DeliveryFilter{})
	ids := map[string]int64{}
	for _, d := range sent {
		ids[d.Target] = d.UserID
	}
	equal(p.suite, "whom they are for", fmt.Sprint(ids), fmt.Sprint(map[string]int64{"ann@x.example": 0, "bob@x.example": bob.ID, "pia@x.example": personnel.ID}))

	// Who is disabled, or lost their role, gets no more, not even what is on its way.
	p.happens(p.changed(2, "PASSED", "FAILED"))
	p.sender.fail = func(notify.Parcel) error { return fmt.Errorf("busy") }
	p.told(window, []string{}...)
	p.sender.fail = nil
	p.changeUser(bob, func(u *access.User) { u.DisabledAt = p.clock.Now() })
	p.changeUser(personnel, func(u *access.User) { u.Grants = []access.Grant{{Role: access.Employee}} })
	p.told(time.Hour, "m ann@x.example: Test “T2” fails")
	var ends []string
	for _, d := range p.deliveries(notify.DeliveryFilter{Status: notify.Canceled}) {
		ends = append(ends, d.Target+": "+d.LastError)
	}
	equal(p.suite, "canceled", strings.Join(ends, "\n"), "bob@x.example: bob@x.example has a disabled account\npia@x.example: pia@x.example may not look at this here")
	p.happens(p.changed(3, "PASSED", "FAILED"))
	p.told(window, "m ann@x.example: Test “T3” fails")
	who, err := p.service.Recipients(p.ctx, 1, c)
	p.must(err)
	equal(p.suite, "why", fmt.Sprint(who[ann.ID].Why(), who[bob.ID].Why(), who[personnel.ID].Why()), fmt.Sprint("", notify.Disabled, notify.NoAccess))

	// They may stay named, and come back.
	_, err = p.service.UpdateChannel(p.ctx, somebody, 1, c.ID, notify.ChannelChange{To: &[]string{}, UserIDs: &[]int64{personnel.ID, bob.ID, ann.ID}})
	p.must(err)
	p.changeUser(bob, func(u *access.User) { u.DisabledAt = time.Time{} })
	p.changeUser(personnel, func(u *access.User) { u.Grants = []access.Grant{{Role: access.PersonnelManager}} })
	daily := notify.Schedule{Every: notify.Day, Hour: 18, Zone: "UTC"}
	_, err = p.service.UpdateRule(p.ctx, somebody, 1, r.ID, notify.RuleChange{Mode: ptr(notify.Digest), DigestAt: &daily})
	p.must(err)
	p.happens(p.changed(4, "PASSED", "FAILED"))
	stale.ID, stale.CreatedAt = "another", p.clock.Now()
	p.happens(stale)
	p.told(window, []string{}...)
	p.told(24*time.Hour, "m Ann@x.example: Digest: 1 test fails, 1 resource without fresh data", "m bob@x.example: Digest: 1 test fails, 1 resource without fresh data",
		"m pia@x.example: Digest: 1 test fails, 1 resource without fresh data")

	// Who is deleted is named no more.
	p.changeUser(bob, func(u *access.User) { u.DeletedAt = p.clock.Now() })
	c, err = p.service.Channel(p.ctx, 1, c.ID)
	p.must(err)
	equal(p.suite, "left", fmt.Sprint(c.UserIDs), fmt.Sprint([]int64{personnel.ID, ann.ID}))
	_, err = p.service.UpdateChannel(p.ctx, somebody, 1, c.ID, notify.ChannelChange{UserIDs: &[]int64{}})
	p.refused(err, fault.CodeValidation)
	p.must(p.service.DeleteRule(p.ctx, somebody, 1, r.ID))
	p.must(p.service.DeleteChannel(p.ctx, somebody, 1, c.ID))
}

// controlOwners: a channel of the owners reaches those of the test that an event
// is of, and nobody else.
func controlOwners(p *post) {
	b := newBench(p.suite)
	b.push(annOn)
	reader := access.Grant{Role: access.ReadOnly, WorkspaceID: 1}
	ann, bob := p.createUser("ann@x.example", reader), p.createUser("bob@x.example", reader)
	one := b.create(b.logic(""))
	two, err := b.checks.Create(b.ctx, b.actor, 1, check.Draft{Name: "Second", Logic: b.logic(""), Publish: true})
	p.must(err)
	owned := func(code string, test int64, users ...int64) control.Control {
		c, err := b.controls().Create(b.ctx, b.actor, 1, control.Draft{Code: code, Name: "c", Description: "d", Links: control.Links{Tests: &[]int64{test}}})
		p.must(err)
		_, err = b.controls().SetOwners(b.ctx, b.actor, control.Ref{WorkspaceID: 1, ID: c.ID}, users)
		p.must(err)
		return c
	}
	owned("A", one.Number, ann.ID)
	second := owned("B", two.Number, ann.ID, bob.ID)
	c, err := p.service.CreateChannel(p.ctx, somebody, 1, notify.Mail, notify.ChannelChange{Name: ptr("o"), ControlOwners: ptr(true)})
	p.must(err)
	r := p.rule("owners", notify.RuleChange{}, notify.Topics, c)
	_, err = p.service.TestChannel(p.ctx, somebody, 1, c.ID, func() string { return "x" })
	p.refused(err, fault.CodeConflict)
	p.told(time.Hour, []string{}...)

	p.happens(p.changed(one.Number, "PASSED", "FAILED"))
	p.happens(p.changed(two.Number, "PASSED", "FAILED"))
	p.happens(p.changed(99, "PASSED", "FAILED"))
	name := func(n int64) string { return fmt.Sprintf("Test “T%d” fails", n) }
	p.told(window, "o ann@x.example: "+name(one.Number), "o ann@x.example: "+name(two.Number), "o bob@x.example: "+name(two.Number))

	// A digest counts what is theirs, even beyond what it carries.
	daily := notify.Schedule{Every: notify.Day, Hour: 18, Zone: "UTC"}
	_, err = p.service.UpdateRule(p.ctx, somebody, 1, r.ID, notify.RuleChange{Mode: ptr(notify.Digest), DigestAt: &daily})
	p.must(err)
	p.happens(p.changed(one.Number, "PASSED", "ERROR"))
	for range notify.DigestSignals + 1 {
		p.happens(p.excluded(two.Number, event.ExclusionExpiring))
	}
	p.told(window, []string{}...)
	p.told(24*time.Hour, fmt.Sprintf("o ann@x.example: Digest: 1 test cannot be decided, %d exclusions end soon", notify.DigestSignals+1),
		fmt.Sprintf("o bob@x.example: Digest: %d exclusions end soon", notify.DigestSignals+1))

	// The owners of a control out of scope are left alone.
	_, err = b.controls().Act(b.ctx, b.actor, control.Ref{WorkspaceID: 1, ID: second.ID}, control.MarkOutOfScope, "not ours")
	p.must(err)
	p.happens(p.changed(two.Number, "PASSED", "ERROR"))
	p.told(window, []string{}...)
	p.told(24*time.Hour, []string{}...)
}
