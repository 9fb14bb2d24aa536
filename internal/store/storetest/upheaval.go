package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// upheaval is a directory in which everything changes that can.
type upheaval struct {
	*projection

	connections *connection.Service
	r           *rand.Rand
	seed        uint64
	fields      *customfield.Service
	mdm         int64
	groups      *groupModel
	// assets are those that were deleted by hand.
	assets []int64
	// imported is how many assets files changed.
	imported int
}

// everyWayOfChange changes people, devices and assets in all ways that there are,
// besides those of projectedHistory: by files, by hand, by connections that come
// and go. Each time the records say what is, and lists and counts by how people
// stand are those of the checks.
func everyWayOfChange(x *projection) {
	seed := rand.Uint64()
	x.t.Logf("seed %d", seed)
	u := &upheaval{projection: x, connections: connection.NewService(x.s, x.clock.Now), r: rand.New(rand.NewPCG(seed, 31)), seed: seed,
		fields: customfield.NewService(x.s, x.clock.Now)}
	u.mdm = u.connect("MDM")
	// Not everybody who owns something is personnel.
	_, _, err := u.access.Invite(u.ctx, access.Operator(u.actor), access.NewUser{Email: "auditor@example.com", Grants: []access.Grant{{Role: access.Auditor}}})
	u.must(err)
	u.groups = newGroupModel(u)
	u.put(`{"identityId":"0","email":"p0@example.com"}`)
	u.sync()
	service := asset.ServiceAccount
	_, err = u.people.UpdatePerson(u.ctx, u.actor, asset.PersonRef{Email: "p0@example.com"}, asset.PersonChange{Status: &service})
	u.must(err)
	seen := u.stand()
	for range 30 {
		for range 1 + u.r.IntN(4) {
			switch u.r.IntN(4) {
			case 0:
				u.change(u.r, u.mdm)
			case 1:
				u.groups.change()
			default:
				u.upset()
			}
		}
		// How people stand is there at once, their records come a moment later.
		for s, n := range u.stand() {
			seen[s] += n
		}
		u.groups.hold()
		x.clock.Advance(time.Duration(u.r.IntN(60)) * time.Minute)
		if u.r.IntN(8) == 0 {
			x.clock.Advance([]time.Duration{12 * 24 * time.Hour, month, 12 * month}[u.r.IntN(3)])
		}
		u.stand()
		x.project()
		x.saysWhatIs(seed)
	}
	u.groups.end()
	for range 8 {
		u.importAssets()
		u.deleteAsset()
		u.restoreAsset()
		u.stand()
	}
	if u.imported == 0 {
		x.t.Fatalf("seed %d: no file was taken", seed)
	}
	if seen[asset.CheckFail] == 0 || seen[asset.CheckExcluded] == 0 {
		x.t.Fatalf("seed %d: people stood %v, which proves little", seed, seen)
	}
}

func (u *upheaval) connect(kind string) int64 {
	c, err := u.connections.Create(u.ctx, u.actor, connection.New{Name: fmt.Sprint(kind, " ", u.r.Uint64()), ProviderTypes: []string{kind}})
	u.must(err)
	return c.ID
}

// email is the address of somebody who may be there.
func (u *upheaval) email() string { return fmt.Sprintf("p%d@example.com", u.r.IntN(6)) }

// upset is one change. What is refused changes nothing.
func (u *upheaval) upset() {
	ref := asset.PersonRef{Email: u.email()}
	p, err := u.people.Person(u.ctx, ref)
	known := err == nil
	switch n := u.r.IntN(24); {
	case n == 23:
		u.report(ref)
	case n >= 21:
		u.redefine()
	case n >= 18:
		u.fill(ref)
	case n < 3:
		u.importPeople()
	case n == 3:
		u.importAssets()
	case n == 4:
		u.reconnect()
	case n == 5 && known:
		status, why := asset.EmploymentStatuses[u.r.IntN(len(asset.EmploymentStatuses))], ptr("so it is")
		_, _ = u.people.UpdatePerson(u.ctx, u.actor, ref, asset.PersonChange{Status: &status, Reason: &why})
	case n == 6 && known:
		day := u.clock.Now().AddDate(0, 0, u.r.IntN(30)-15)
		_, _ = u.people.UpdatePerson(u.ctx, u.actor, ref, asset.PersonChange{SeparatedAt: &day})
	case n == 7:
		_, err := u.people.ResetAll(u.ctx, u.actor)
		u.must(err)
	case n == 8 && known:
		u.rename(p.UserID)
	case n == 9 && known:
		_ = u.access.DeleteUser(u.ctx, access.Operator(u.actor), access.UserRef{ID: p.UserID}, false)
	case n < 12 && known:
		u.document(p)
	case n == 12:
		// The identity comes back with what it had, and its person with the next sync.
		key := fmt.Sprint(u.r.IntN(5))
		_ = u.people.DeleteIdentity(u.ctx, u.actor, u.connection, asset.IdentityRef{Key: key})
		if u.r.IntN(2) == 0 {
			u.sync()
		}
		u.put(fmt.Sprintf(`{"identityId":%q,"jobTitle":%q}`, key, jobTitles[u.r.IntN(len(jobTitles))]))
		u.sync()
	case n == 13 || n == 14:
		u.deleteAsset()
	case n == 15:
		u.restoreAsset()
	default:
		// Who is known under another address is another account's person from now on.
		email := u.email()
		if u.r.IntN(6) == 0 {
			email = "auditor@example.com"
		}
		u.put(fmt.Sprintf(`{"identityId":"%d","email":%q}`, u.r.IntN(5), email))
		u.sync()
	}
}

// rename changes what a user is called who may be there.
func (u *upheaval) rename(user int64) {
	_, _ = u.access.UpdateUser(u.ctx, access.Operator(u.actor), access.UserRef{ID: user}, access.UserChange{Profile: access.Profile{LastName: ptr(fmt.Sprint("Named", u.r.IntN(5))),
		JobTitle: ptr(jobTitles[u.r.IntN(len(jobTitles))])}})
}

// report is one of a device with some programs on it, of which there may be several.
func (u *upheaval) report(owner asset.PersonRef) {
	_, _ = u.people.ReportDevice(u.ctx, u.actor, u.mdm, asset.Report{Owner: owner, Device: asset.Device{Platform: []asset.Platform{"LINUX", "MACOS", "WINDOWS"}[u.r.IntN(3)],
		PlatformVersion: fmt.Sprint(u.r.IntN(4)), SerialNumber: ptr(fmt.Sprint("S", u.r.IntN(6)))}, Installed: asset.Installed{Apps: slices.Repeat([]asset.Program{{Name: "x"}}, u.r.IntN(3))}})
}

// deleteAsset deletes one. That of a device stays.
func (u *upheaval) deleteAsset() {
	all, err := u.people.Assets(u.ctx, asset.AssetFilter{}, page.Request{})
	u.must(err)
	if len(all.Items) == 0 {
		return
	}
	one := all.Items[u.r.IntN(len(all.Items))]
	if u.people.DeleteAsset(u.ctx, u.actor, one.ID) == nil {
		u.assets = append(u.assets, one.ID)
	}
}

// restoreAsset brings back one that was deleted by hand, sometimes after the
// records followed.
func (u *upheaval) restoreAsset() {
	if len(u.assets) == 0 {
		return
	}
	if u.r.IntN(2) == 0 {
		u.project()
	}
	for user := range int64(7) {
		u.rename(user)
	}
	i := u.r.IntN(len(u.assets))
	_, err := u.people.RestoreAsset(u.ctx, u.actor, u.assets[i])
	// A file may have brought another one with its external id.
	if fault.CodeOf(err) == fault.CodeConflict {
		return
	}
	u.must(err)
	u.assets = slices.Delete(u.assets, i, i+1)
}

func (u *upheaval) importPeople() {
	header, values := u.ownColumns(customfield.Person)
	lines := []string{"email,firstName,employmentStatus,notHumanReason,separatedAt,jobTitle" + header}
	for range 1 + u.r.IntN(3) {
		status := append([]asset.EmploymentStatus{"", ""}, asset.EmploymentStatuses...)[u.r.IntN(len(asset.EmploymentStatuses)+2)]
		why, day := "", ""
		if status == asset.OutOfScope {
			why = "not human"
		}
		if u.r.IntN(3) == 0 {
			day = dayOf(u.clock.Now().AddDate(0, 0, u.r.IntN(40)-20))
		}
		lines = append(lines, fmt.Sprintf("%s,F%d,%s,%s,%s,%s", u.email(), u.r.IntN(4), status, why, day, jobTitles[u.r.IntN(len(jobTitles))])+values())
	}
	_, _ = u.people.ImportPeople(u.ctx, u.actor, []byte(strings.Join(lines, "\n")), asset.ImportOptions{SkipRefused: true})
}

func (u *upheaval) importAssets() {
	header, values := u.ownColumns(customfield.Asset)
	owner := u.email()
	if u.r.IntN(3) == 0 {
		owner = "auditor@example.com"
	}
	line := fmt.Sprintf("e%d,Bench,d%d,%s,%s,%s,%s,note %d", u.r.IntN(4), u.r.IntN(4), asset.Types[u.r.IntN(2)],
		[]string{"HARDWARE", "SOFTWARE", "HARDWARE; CODE"}[u.r.IntN(3)], owner, []string{"", "2026-01-01"}[u.r.IntN(2)], u.r.IntN(3)) + values()
	// It may name an owner who is not there.
	took, _ := u.people.ImportAssets(u.ctx, u.actor, []byte("externalId,name,description,assetType,assetClassTypes,ownerEmail,removedAt,notes"+header+"\n"+line), asset.ImportOptions{SkipRefused: true})
	u.imported += took.Created + took.Updated
}

// ownColumns are the columns of the custom fields of a kind in a file, and cells for
// them.
func (u *upheaval) ownColumns(k customfield.Kind) (header string, values func() string) {
	known, err := u.fields.Of(u.ctx, k)
	u.must(err)
	for _, f := range known {
		header += `,"` + strings.ReplaceAll(customfield.Column(f.Name), `"`, `""`) + `"`
	}
	return header, func() (cells string) {
		for range known {
			cells += "," + []string{"", "null", "a", "b"}[u.r.IntN(4)]
		}
		return cells
	}
}

// redefine makes a custom field, or changes or deletes one. Names come back, with and
// without the marks that paths are made of.
func (u *upheaval) redefine() {
	kind := customfield.Kinds[u.r.IntN(2)]
	known, err := u.fields.Of(u.ctx, kind)
	u.must(err)
	c := customfield.Change{Name: ptr([]string{"Team", "Cost centre", "a.b['c']", "“ß” \\ /"}[u.r.IntN(4)])}
	switch n := u.r.IntN(5); {
	case len(known) == 0 || n == 0:
		_, _ = u.fields.Create(u.ctx, u.actor, kind, c)
	case n < 3:
		_, _ = u.fields.Update(u.ctx, u.actor, known[u.r.IntN(len(known))].ID, c)
	case n == 3:
		u.must(u.fields.Sweep(u.ctx))
	default:
		_, err := u.fields.Delete(u.ctx, u.actor, known[u.r.IntN(len(known))].ID)
		u.must(err)
	}
}

// fill sets a custom field of a person or of an asset, or clears it.
func (u *upheaval) fill(ref asset.PersonRef) {
	kind := customfield.Kinds[u.r.IntN(2)]
	known, err := u.fields.Of(u.ctx, kind)
	u.must(err)
	if len(known) == 0 {
		u.redefine()
		return
	}
	list := []customfield.Setting{{ID: &known[u.r.IntN(len(known))].ID, Value: ptr([]string{"", "x", "y"}[u.r.IntN(3)])}}
	if kind == customfield.Person {
		_, _ = u.people.UpdatePerson(u.ctx, u.actor, ref, asset.PersonChange{Fields: list})
		return
	}
	all, err := u.people.Assets(u.ctx, asset.AssetFilter{}, page.Request{})
	u.must(err)
	if len(all.Items) > 0 {
		_, err := u.people.UpdateAsset(u.ctx, u.actor, all.Items[u.r.IntN(len(all.Items))].ID, asset.AssetChange{Fields: list})
		u.must(err)
	}
}

// reconnect has a connection end, for a while or for ever.
func (u *upheaval) reconnect() {
	switch u.r.IntN(3) {
	case 0:
		id := []int64{u.mdm, u.connection}[u.r.IntN(2)]
		_, err := u.connections.Disconnect(u.ctx, u.actor, id)
		u.must(err)
		u.sync()
		_, err = u.connections.Reconnect(u.ctx, u.actor, id)
		u.must(err)
	case 1:
		u.must(u.connections.Delete(u.ctx, u.actor, u.mdm))
		u.mdm = u.connect("MDM")
	default:
		u.must(u.connections.Delete(u.ctx, u.actor, u.connection))
		u.connection = u.connect("HRIS")
	}
}

// document adds one to a person or a device, or deletes one.
func (u *upheaval) document(p asset.Person) {
	holders := []int64{p.ID}
	devices, err := u.people.Devices(u.ctx, asset.DeviceFilter{PersonID: p.ID}, page.Request{})
	u.must(err)
	for _, d := range devices.Items {
		holders = append(holders, d.ID)
	}
	holder := holders[u.r.IntN(len(holders))]
	all, err := u.people.Documents(u.ctx, holder, "")
	u.must(err)
	if len(all) > 0 && u.r.IntN(3) == 0 {
		u.must(u.people.DeleteDocument(u.ctx, u.actor, holder, all[0].ID))
		return
	}
	for _, kind := range asset.DocumentTypes {
		if u.r.IntN(4) > 0 {
			_, err := u.people.AddDocument(u.ctx, u.actor, holder, kind, pdfOf("x"), "")
			u.must(err)
		}
	}
}

// stand compares who is listed and counted as standing so with what the checks
// make of everybody, and tells how many stand how.
func (u *upheaval) stand() map[asset.CheckStatus]int {
	u.t.Helper()
	now := u.clock.Now()
	everybody, err := u.people.People(u.ctx, asset.PersonFilter{}, page.Request{Size: page.MaxSize})
	u.must(err)
	ids := make([]int64, len(everybody.Items))
	for i, p := range everybody.Items {
		ids[i] = p.ID
	}
	devices, err := u.people.DevicesOf(u.ctx, ids)
	u.must(err)
	want := map[asset.CheckStatus][]int64{}
	for _, p := range everybody.Items {
		s := p.Checks(devices[p.ID], now)[0].Status
		want[s] = append(want[s], p.ID)
	}
	counted, err := u.people.PeopleFacets(u.ctx, asset.PersonFilter{}, true)
	u.must(err)
	u.counts(everybody.Items, devices)
	u.numbered(everybody.Items, devices)
	var synced int64
	for _, p := range everybody.Items {
		if p.IdentityID != 0 {
			synced++
		}
	}
	equal(u.suite, fmt.Sprintf("seed %d: those who follow an identity, and others", u.seed), [2]int64{counted.Synced, counted.NotSynced}, [2]int64{synced, int64(len(everybody.Items)) - synced})
	out := map[asset.CheckStatus]int{}
	for _, s := range asset.CheckStatuses {
		out[s] = len(want[s])
		p, err := u.people.People(u.ctx, asset.PersonFilter{Standing: []asset.CheckStatus{s}}, page.Request{Size: page.MaxSize})
		u.must(err)
		var got []int64
		for _, each := range p.Items {
			got = append(got, each.ID)
		}
		slices.Sort(got)
		slices.Sort(want[s])
		if !slices.Equal(got, want[s]) || counted.Standing[s] != int64(len(got)) {
			u.t.Fatalf("seed %d: at %v %v are listed as %s and %d counted, want %v", u.seed, now, got, s, counted.Standing[s], want[s])
		}
	}
	return out
}

// counts compares the counts of people and devices with what is true of each, and
// looks for each device by its serial number and by its owner.
func (u *upheaval) counts(people []asset.Person, devices map[int64][]asset.Device) {
	u.t.Helper()
	now := u.clock.Now()
	want := asset.PeopleSummary{Statuses: map[asset.EmploymentStatus]int64{}, Standing: map[asset.CheckStatus]int64{}}
	var all []asset.Device
	stand := map[asset.CheckStatus]int64{}
	for _, p := range people {
		want.People++
		want.Statuses[p.Status]++
		if p.ManualStatus || p.ManualDates {
			want.ByHand++
		}
		if p.Status.Left() {
			want.Former++
		}
		if p.Status == asset.CurrentEmployee || p.Status == asset.CurrentContractor {
			want.Current++
			want.Standing[p.Checks(devices[p.ID], now)[0].Status]++
			if len(devices[p.ID]) == 0 {
				want.WithoutDevice++
			}
		}
		for _, d := range devices[p.ID] {
			all = append(all, d)
			stand[d.Standing(now)]++
		}
	}
	got, err := u.people.PeopleSummary(u.ctx)
	u.must(err)
	got.NextSyncAt = time.Time{}
	equal(u.suite, fmt.Sprintf("seed %d: counts of people", u.seed), fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
	of, err := u.people.DeviceSummary(u.ctx)
	u.must(err)
	equal(u.suite, fmt.Sprintf("seed %d: counts of devices", u.seed), fmt.Sprint(of.Devices, of.Statuses), fmt.Sprint(len(all), stand))
	for _, d := range all {
		texts := []string{people[slices.IndexFunc(people, func(p asset.Person) bool { return p.ID == d.PersonID })].User.Email}
		if d.SerialNumber != nil {
			texts = append(texts, *d.SerialNumber)
		}
		for _, text := range texts {
			found, err := u.people.Devices(u.ctx, asset.DeviceFilter{Text: text}, page.Request{Size: page.MaxSize})
			u.must(err)
			if !slices.ContainsFunc(found.Items, func(f asset.Device) bool { return f.ID == d.ID }) {
				u.t.Fatalf("seed %d: device %d is not found by %q", u.seed, d.ID, text)
			}
		}
	}
}
