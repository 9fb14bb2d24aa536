package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// numbered reads lists of people and assets page by page in an order that is for
// such pages, narrowed in some way, and compares them and the facets with what is
// true of each.
func (u *upheaval) numbered(everybody []asset.Person, devices map[int64][]asset.Device) {
	u.t.Helper()
	orders := personRanks(u, devices)
	sort := slices.Sorted(maps.Keys(orders))[u.r.IntN(len(orders))]
	f, keeps := u.somePeople(devices)
	kept := slices.DeleteFunc(slices.Clone(everybody), func(p asset.Person) bool { return !keeps(p) })
	inOrder(u, fmt.Sprintf("people of %+v", f), sort, kept, orders[sort], func(p asset.Person) int64 { return p.ID }, func(r page.Request) (page.Page[asset.Person], error) {
		return u.people.People(u.ctx, f, r)
	})
	want := asset.PeopleFacets{Statuses: map[asset.EmploymentStatus]int64{}, Standing: map[asset.CheckStatus]int64{}, Groups: map[int64]int64{}}
	var ids []int64
	for _, p := range kept {
		ids = append(ids, p.ID)
		want.Statuses[p.Status]++
		want.Standing[p.Checks(devices[p.ID], u.clock.Now())[0].Status]++
		if p.IdentityID != 0 {
			want.Synced++
		} else {
			want.NotSynced++
		}
	}
	groups, err := u.people.GroupsOf(u.ctx, ids)
	u.must(err)
	for _, of := range groups {
		for _, g := range of {
			want.Groups[g.ID]++
		}
	}
	got, err := u.people.PeopleFacets(u.ctx, f, true)
	u.must(err)
	equal(u.suite, fmt.Sprintf("seed %d: facets of %+v", u.seed, f), fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))

	all, err := u.people.Assets(u.ctx, asset.AssetFilter{}, page.Request{Size: page.MaxSize})
	u.must(err)
	owned := assetRanks(u, everybody, all.Items)
	sort = slices.Sorted(maps.Keys(owned))[u.r.IntN(len(owned))]
	narrow, has := u.someAssets(owned[asset.ByOwnerStatus])
	some := slices.DeleteFunc(all.Items, func(a asset.Asset) bool { return !has(a) })
	inOrder(u, fmt.Sprintf("assets of %+v", narrow), sort, some, owned[sort], func(a asset.Asset) int64 { return a.ID }, func(r page.Request) (page.Page[asset.Asset], error) {
		return u.people.Assets(u.ctx, narrow, r)
	})

	var reported []asset.Device
	d := asset.DeviceFilter{Platform: []asset.Platform{"", "LINUX", "MACOS"}[u.r.IntN(3)], ConnectionID: []int64{0, u.mdm}[u.r.IntN(2)], Stale: u.r.IntN(3) == 0}
	for _, of := range devices {
		for _, each := range of {
			stale := !u.clock.Now().Before(each.LastCheckedAt.Add(month))
			if (d.Platform == "" || d.Platform == each.Platform) && (d.ConnectionID == 0 || d.ConnectionID == each.ConnectionID) && (!d.Stale || stale) {
				reported = append(reported, each)
			}
		}
	}
	inOrder(u, fmt.Sprintf("devices of %+v", d), page.CreatedAt, reported, func(d asset.Device) string { return fmt.Sprintf("%020d", d.CreatedAt.UnixMicro()) },
		func(d asset.Device) int64 { return d.ID }, func(r page.Request) (page.Page[asset.Device], error) { return u.people.Devices(u.ctx, d, r) })
}

// someAssets is a filter, and what is true of those which it keeps.
func (u *upheaval) someAssets(status func(asset.Asset) string) (asset.AssetFilter, func(asset.Asset) bool) {
	yes := u.r.IntN(2) == 0
	switch u.r.IntN(6) {
	case 0:
		class := asset.ClassTypes[u.r.IntN(2)*4]
		return asset.AssetFilter{Class: class}, func(a asset.Asset) bool {
			return slices.ContainsFunc(a.Classes, func(c asset.Class) bool { return c.Class == class })
		}
	case 1:
		return asset.AssetFilter{Type: asset.Physical}, func(a asset.Asset) bool { return a.Type == asset.Physical }
	case 2:
		return asset.AssetFilter{OfDevices: &yes, Class: "HARDWARE"}, func(a asset.Asset) bool {
			return (a.DeviceID != 0) == yes && slices.ContainsFunc(a.Classes, func(c asset.Class) bool { return c.Class == "HARDWARE" })
		}
	case 3:
		is := []asset.EmploymentStatus{asset.CurrentEmployee, asset.ServiceAccount}[u.r.IntN(2)]
		return asset.AssetFilter{OwnerStatus: is}, func(a asset.Asset) bool { return status(a) == string(is) }
	case 4:
		return asset.AssetFilter{Text: "bench", Removed: &yes}, func(a asset.Asset) bool {
			removed := !a.RemovedAt.IsZero() && !a.RemovedAt.After(u.clock.Now())
			return strings.Contains(access.Folded(a.Name), "bench") && removed == yes
		}
	}
	return asset.AssetFilter{}, func(asset.Asset) bool { return true }
}

// inOrder compares a list, read in pages of any size and from either end, with
// all that it should have, sorted.
func inOrder[T any](u *upheaval, what string, sort page.Sort, all []T, rank func(T) string, id func(T) int64, read func(page.Request) (page.Page[T], error)) {
	u.t.Helper()
	r := page.Request{Size: 1 + u.r.IntN(4), Sort: sort, Ascending: u.r.IntN(2) == 0, WantTotal: true}
	slices.SortFunc(all, func(a, b T) int {
		c := cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(id(a), id(b)))
		if r.Ascending {
			return c
		}
		return -c
	})
	var want, got []int64
	for _, each := range all {
		want = append(want, id(each))
	}
	for r.Number = 1; ; r.Number++ {
		p, err := read(r)
		u.must(err)
		if *p.Total != int64(len(all)) {
			u.t.Fatalf("seed %d: %s: there are %d, want %d", u.seed, what, *p.Total, len(all))
		}
		for _, each := range p.Items {
			got = append(got, id(each))
		}
		if len(p.Items) < r.Size {
			break
		}
	}
	if !slices.Equal(got, want) {
		u.t.Fatalf("seed %d: at %v %s by %s, ascending %t, %d a page: %v, want %v", u.seed, u.clock.Now(), what, sort, r.Ascending, r.Size, got, want)
	}
}

// personRanks are what orders of people go by, beside ids.
func personRanks(u *upheaval, devices map[int64][]asset.Device) map[page.Sort]func(asset.Person) string {
	newest := func(p asset.Person) (out asset.Device) {
		for _, d := range devices[p.ID] {
			if out.ID == 0 || cmp.Or(d.LastCheckedAt.Compare(out.LastCheckedAt), cmp.Compare(d.ID, out.ID)) > 0 {
				out = d
			}
		}
		return out
	}
	out := map[page.Sort]func(asset.Person) string{
		asset.ByEmploymentStatus: func(p asset.Person) string { return string(p.Status) },
		asset.BySeparationDate: func(p asset.Person) string {
			if p.SeparatedAt.IsZero() {
				return ""
			}
			return p.SeparatedAt.Format("2006-01-02T15:04:05.000000")
		},
		asset.ByDeviceSystem: func(p asset.Person) string {
			d := newest(p)
			return strings.TrimSpace(access.Folded(string(d.Platform) + " " + d.PlatformVersion))
		},
		asset.ByDeviceSerial: func(p asset.Person) string {
			if d := newest(p); d.SerialNumber != nil {
				return access.Folded(*d.SerialNumber)
			}
			return ""
		},
		asset.ByDeviceApps: func(p asset.Person) string { return fmt.Sprintf("%09d", newest(p).AppsCount) },
		"BG_CHECK":         func(asset.Person) string { return "" },
	}
	for i, kind := range []asset.CheckType{asset.FullCompliance, asset.AgentInstalled, asset.PasswordManagerCheck, asset.EncryptionCheck, asset.AntivirusCheck,
		asset.AutoUpdatesCheck, asset.LockScreenCheck} {
		out[page.Sort(kind)] = func(p asset.Person) string {
			if !p.Status.Checked() {
				return "3"
			}
			switch s := p.Checks(devices[p.ID], u.clock.Now())[i].Status; {
			case s == asset.CheckPass:
				return "2"
			case s == asset.CheckMisconfigured && i == 0:
				return "1"
			}
			return "0"
		}
	}
	return out
}

// somePeople is a filter, and what is true of those whom it keeps.
func (u *upheaval) somePeople(devices map[int64][]asset.Device) (asset.PersonFilter, func(asset.Person) bool) {
	now, yes := u.clock.Now(), u.r.IntN(2) == 0
	statuses := []asset.EmploymentStatus{asset.CurrentEmployee, asset.EmploymentStatuses[u.r.IntN(len(asset.EmploymentStatuses))]}
	switch u.r.IntN(12) {
	case 8, 9, 10:
		// One group, several, or one and a text.
		f := asset.PersonFilter{GroupIDs: []int64{u.groups.one()}}
		if u.r.IntN(3) == 0 {
			f.GroupIDs = append(f.GroupIDs, u.groups.one())
		} else if u.r.IntN(3) == 0 {
			f.Text = "p"
		}
		if yes {
			f.Statuses = statuses
		}
		belong := map[int64]bool{}
		for _, id := range f.GroupIDs {
			if id != 0 {
				maps.Copy(belong, u.groups.members(id))
			}
		}
		return f, func(p asset.Person) bool { return belong[p.ID] && (!yes || slices.Contains(statuses, p.Status)) }
	case 7:
		f := asset.PersonFilter{Source: []asset.Source{asset.FromConnection, asset.FromAgent}[u.r.IntN(2)]}
		if yes {
			f.Statuses = statuses
		}
		return f, func(p asset.Person) bool {
			return slices.ContainsFunc(devices[p.ID], func(d asset.Device) bool { return d.Source == f.Source }) && (!yes || slices.Contains(statuses, p.Status))
		}
	case 0:
		return asset.PersonFilter{Statuses: statuses}, func(p asset.Person) bool { return slices.Contains(statuses, p.Status) }
	case 1:
		return asset.PersonFilter{Synced: &yes}, func(p asset.Person) bool { return (p.IdentityID != 0) == yes }
	case 2:
		return asset.PersonFilter{HasDevice: &yes}, func(p asset.Person) bool { return (len(devices[p.ID]) > 0) == yes }
	case 3:
		text := fmt.Sprint("p", u.r.IntN(3))
		return asset.PersonFilter{Text: text, Statuses: statuses}, func(p asset.Person) bool {
			return strings.Contains(p.SearchKey(), text) && slices.Contains(statuses, p.Status)
		}
	case 4:
		return asset.PersonFilter{ByHand: true, Synced: &yes}, func(p asset.Person) bool {
			return (p.ManualStatus || p.ManualDates) && (p.IdentityID != 0) == yes
		}
	case 5:
		return asset.PersonFilter{Passing: map[asset.CheckType]bool{asset.AntivirusCheck: yes}, HasDevice: &yes}, func(p asset.Person) bool {
			return p.Status.Checked() && (p.Checks(devices[p.ID], now)[4].Status == asset.CheckPass) == yes && (len(devices[p.ID]) > 0) == yes
		}
	case 6:
		standing := []asset.CheckStatus{asset.CheckExcluded, asset.CheckFail}
		return asset.PersonFilter{Standing: standing, Statuses: statuses}, func(p asset.Person) bool {
			return slices.Contains(standing, p.Checks(devices[p.ID], now)[0].Status) && slices.Contains(statuses, p.Status)
		}
	}
	return asset.PersonFilter{}, func(asset.Person) bool { return true }
}

// assetRanks are what orders of assets go by, beside ids.
func assetRanks(u *upheaval, people []asset.Person, assets []asset.Asset) map[page.Sort]func(asset.Asset) string {
	var ids []int64
	for _, a := range assets {
		ids = append(ids, a.OwnerID)
	}
	users, err := u.access.People(u.ctx, ids)
	u.must(err)
	status := map[int64]string{}
	for _, p := range people {
		status[p.UserID] = string(p.Status)
	}
	return map[page.Sort]func(asset.Asset) string{
		asset.ByOwner:       func(a asset.Asset) string { return access.Folded(users[a.OwnerID].DisplayName()) },
		asset.ByOwnerStatus: func(a asset.Asset) string { return status[a.OwnerID] },
		asset.ByDescription: func(a asset.Asset) string { return strings.ToLower(a.Description) },
		asset.ByType:        func(a asset.Asset) string { return string(a.Type) },
		asset.ByProvider:    func(a asset.Asset) string { return string(a.Provider) },
	}
}
