package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunCompliance proves that reports and documents make the checks that they
// should, after any history.
func RunCompliance(t *testing.T, open Open) {
	for name, test := range map[string]func(*directory){"any history": complianceHistory, "many people": manyStand, "at once": standAtOnce} {
		t.Run(name, func(t *testing.T) {
			clock := NewClock()
			test(newDirectory(&suite{t, await.Context(t), open(t, clock.Now), clock}))
		})
	}
}

// manyStand asks for more people than are looked up one by one, and for few.
func manyStand(d *directory) {
	const many = 2100
	for first := 0; first < many; first += 700 {
		objects := make([]string, 700)
		for i := range objects {
			objects[i] = fmt.Sprintf(`{"identityId":"%d","email":"p%d@example.com"}`, first+i, first+i)
		}
		d.put(objects...)
	}
	d.sync()
	for _, kind := range asset.DocumentTypes {
		_, err := d.people.AddDocument(d.ctx, d.actor, d.person("p7@example.com").ID, kind, pdfOf("x"), "")
		d.must(err)
	}
	status, why := asset.OutOfScope, ptr("a robot")
	_, err := d.people.UpdatePerson(d.ctx, d.actor, asset.PersonRef{Email: "p8@example.com"}, asset.PersonChange{Status: &status, Reason: &why})
	d.must(err)
	status = asset.FormerContractor
	_, err = d.people.UpdatePerson(d.ctx, d.actor, asset.PersonRef{Email: "p9@example.com"}, asset.PersonChange{Status: &status})
	d.must(err)
	summary, err := d.people.PeopleSummary(d.ctx)
	d.must(err)
	equal(d.suite, "how those stand who work here", fmt.Sprint(summary.Standing), fmt.Sprint(map[asset.CheckStatus]int64{asset.CheckPass: 1, asset.CheckFail: many - 3}))
	for _, c := range []struct {
		standing []asset.CheckStatus
		want     int64
	}{
		{[]asset.CheckStatus{asset.CheckFail}, many - 3},
		{[]asset.CheckStatus{asset.CheckPass}, 1},
		{[]asset.CheckStatus{asset.CheckExcluded}, 2},
		{[]asset.CheckStatus{asset.CheckMisconfigured}, 0},
		{[]asset.CheckStatus{asset.CheckPass, asset.CheckFail}, many - 2},
		{[]asset.CheckStatus{asset.CheckPass, asset.CheckExcluded}, 3},
	} {
		seen := map[int64]bool{}
		r := page.Request{Size: page.MaxSize, WantTotal: true, Sort: asset.ByName, Ascending: true}
		for {
			p, err := d.people.People(d.ctx, asset.PersonFilter{Standing: c.standing}, r)
			d.must(err)
			if p.Total != nil {
				equal(d.suite, fmt.Sprint("total of ", c.standing), *p.Total, c.want)
			}
			for _, each := range p.Items {
				seen[each.ID] = true
			}
			if p.Next == "" {
				break
			}
			r, err = r.WithCursor(p.Next)
			d.must(err)
		}
		equal(d.suite, fmt.Sprint("people who stand ", c.standing), int64(len(seen)), c.want)
		found, err := d.people.PeopleFacets(d.ctx, asset.PersonFilter{Standing: c.standing}, false)
		d.must(err)
		var sum int64
		for _, n := range found.Standing {
			sum += n
		}
		equal(d.suite, fmt.Sprint("people counted who stand ", c.standing), [3]int64{sum, found.Synced, found.NotSynced}, [3]int64{c.want, c.want, 0})
	}
	few, err := d.people.PeopleFacets(d.ctx, asset.PersonFilter{Text: "p10", FirstName: "nobody"}, false)
	d.must(err)
	equal(d.suite, "people counted of a name that nobody has", int(few.Synced+few.NotSynced)+len(few.Statuses)+len(few.Standing), 0)
}

// standAtOnce has people join and leave a group while devices change how they stand:
// as members they stand as they do (see Contradictions).
func standAtOnce(d *directory) {
	const people = 12
	for i := range people {
		d.put(fmt.Sprintf(`{"identityId":"%d","email":"p%d@example.com"}`, i, i))
	}
	d.sync()
	mdm := d.mdm()
	name := "All or none"
	group, err := d.people.CreatePeopleGroup(d.ctx, d.actor, asset.GroupChange{Name: &name})
	d.must(err)
	everybody, nobody := &asset.GroupRule{EmailDomains: []string{"example.com"}}, &asset.GroupRule{EmailDomains: []string{"example.org"}}
	var work sync.WaitGroup
	errs := make([]error, 3)
	for n := range 2 {
		work.Go(func() {
			for i := range 4 * people {
				serial, on := fmt.Sprint("s", i%people), i/people%2 == n
				_, err := d.people.ReportDevice(d.ctx, d.actor, mdm, asset.Report{Owner: asset.PersonRef{Email: fmt.Sprintf("p%d@example.com", i%people)},
					Device: asset.Device{Platform: "LINUX", PlatformVersion: "6", SerialNumber: &serial, Posture: asset.Posture{Encryption: asset.Protection{Enabled: &on}}}})
				errs[n] = errors.Join(errs[n], err)
			}
		})
	}
	work.Go(func() {
		for i := range 40 {
			rule := []*asset.GroupRule{everybody, nobody}[i%2]
			_, err := d.people.UpdatePeopleGroup(d.ctx, d.actor, group.ID, asset.GroupChange{Rule: &rule})
			errs[2] = errors.Join(errs[2], err)
		}
		_, err := d.people.UpdatePeopleGroup(d.ctx, d.actor, group.ID, asset.GroupChange{Rule: &everybody})
		errs[2] = errors.Join(errs[2], err)
	})
	work.Wait()
	d.must(errors.Join(errs...))
	found, err := d.people.PeopleFacets(d.ctx, asset.PersonFilter{GroupIDs: []int64{group.ID}}, true)
	d.must(err)
	equal(d.suite, "members", [2]int64{found.Synced, found.Groups[group.ID]}, [2]int64{people, people})
}

// knownProof is a document, and knownReport a report, as the slow way knows them.
type knownProof struct {
	id, holder int64
	kind       asset.DocumentType
	at         time.Time
}

type knownReport struct {
	person int64
	at     time.Time
	// said is what was reported, in the order of the checks: 'y', 'n' or '-'.
	said string
}

type compliance struct {
	*directory

	r       *rand.Rand
	seed    uint64
	mdm     int64
	people  []int64
	reports map[int64]knownReport
	proofs  []knownProof
}

// checked are the checks with the documents that prove them.
var checked = []struct {
	check asset.CheckType
	kind  asset.DocumentType
}{{asset.PasswordManagerCheck, asset.PasswordManagerEvidence}, {asset.EncryptionCheck, asset.EncryptionEvidence}, {asset.AntivirusCheck, asset.AntivirusEvidence},
	{asset.AutoUpdatesCheck, asset.AutoUpdatesEvidence}, {asset.LockScreenCheck, asset.LockScreenEvidence}}

const (
	month = 30 * 24 * time.Hour
	noBit = '-'
)

func complianceHistory(d *directory) {
	x := &compliance{directory: d, seed: rand.Uint64(), reports: map[int64]knownReport{}}
	d.t.Logf("seed %d", x.seed)
	x.r = rand.New(rand.NewPCG(x.seed, 3))
	x.mdm = d.mdm()
	for i := range 4 {
		d.put(fmt.Sprintf(`{"identityId":"%d","email":"p%d@example.com"}`, i, i))
	}
	d.sync()
	for i := range 4 {
		x.people = append(x.people, d.person(fmt.Sprintf("p%d@example.com", i)).ID)
	}
	seen := map[asset.CheckStatus]int{}
	for range 150 {
		x.step()
		stands := map[asset.CheckStatus][]int64{}
		for _, person := range x.people {
			s := x.agree(person)
			seen[s]++
			stands[s] = append(stands[s], person)
		}
		x.listed(stands)
		x.listedDevices()
		x.passing()
	}
	for _, s := range []asset.CheckStatus{asset.CheckPass, asset.CheckFail, asset.CheckMisconfigured} {
		if seen[s] < 5 {
			d.t.Errorf("seed %d: people stood %v, which proves little", x.seed, seen)
		}
	}
}

// listed compares the list of those who stand so with all who do.
func (x *compliance) listed(stands map[asset.CheckStatus][]int64) {
	x.t.Helper()
	for _, want := range [][]asset.CheckStatus{{asset.CheckPass}, {asset.CheckFail}, {asset.CheckMisconfigured}, {asset.CheckPass, asset.CheckMisconfigured},
		{asset.CheckFail, asset.CheckExcluded}, {asset.CheckExcluded}} {
		var people, got []int64
		for _, s := range want {
			people = append(people, stands[s]...)
		}
		p, err := x.directory.people.People(x.ctx, asset.PersonFilter{Standing: want}, page.Request{Size: page.MaxSize})
		x.must(err)
		for _, each := range p.Items {
			got = append(got, each.ID)
		}
		slices.Sort(people)
		slices.Sort(got)
		if !slices.Equal(people, got) {
			x.t.Fatalf("seed %d: at %v %v are listed as %s, want %v", x.seed, x.clock.Now(), got, want, people)
		}
	}
}

// listedDevices compares the lists and counts of devices that stand so with what
// their checks say.
func (x *compliance) listedDevices() {
	x.t.Helper()
	now := x.clock.Now()
	of := func(f asset.DeviceFilter) []asset.Device {
		p, err := x.directory.people.Devices(x.ctx, f, page.Request{Size: page.MaxSize})
		x.must(err)
		return p.Items
	}
	summary, err := x.directory.people.DeviceSummary(x.ctx)
	x.must(err)
	all := of(asset.DeviceFilter{})
	compare := func(f asset.DeviceFilter, counted int64, is func(asset.Device) bool) {
		var want, got []int64
		for _, d := range all {
			if is(d) {
				want = append(want, d.ID)
			}
		}
		for _, d := range of(f) {
			got = append(got, d.ID)
		}
		if !slices.Equal(want, got) || counted >= 0 && counted != int64(len(want)) {
			x.t.Fatalf("seed %d: at %v devices %v, and %d of them, are told for %+v, want %v", x.seed, now, got, counted, f, want)
		}
	}
	stale := func(d asset.Device) bool { return !now.Before(d.LastCheckedAt.Add(month)) }
	compare(asset.DeviceFilter{}, summary.Devices, func(asset.Device) bool { return true })
	compare(asset.DeviceFilter{Stale: true}, summary.Stale, stale)
	for _, s := range []asset.CheckStatus{asset.CheckPass, asset.CheckFail, asset.CheckMisconfigured} {
		compare(asset.DeviceFilter{Standing: []asset.CheckStatus{s}}, summary.Statuses[s], func(d asset.Device) bool { return d.Standing(now) == s })
	}
	compare(asset.DeviceFilter{Standing: []asset.CheckStatus{asset.CheckPass, asset.CheckMisconfigured}, Stale: true}, -1,
		func(d asset.Device) bool { return d.Standing(now) != asset.CheckFail && stale(d) })
	for i, c := range checked {
		status := func(d asset.Device) asset.CheckStatus { return d.Checks(now)[i].Status }
		compare(asset.DeviceFilter{Failing: c.check}, summary.Failing[c.check], func(d asset.Device) bool { return status(d) == asset.CheckFail })
		unknown := int64(0)
		for _, d := range all {
			if status(d) == asset.CheckMisconfigured {
				unknown++
			}
		}
		equal(x.suite, "devices of which nothing is known of "+string(c.check), summary.Unknown[c.check], unknown)
	}
}

// passing compares the list of those who pass a check, or all of their devices,
// with all who do; so it does with those who do not.
func (x *compliance) passing() {
	x.t.Helper()
	now, i, want := x.clock.Now(), x.r.IntN(len(checked)+1), x.r.IntN(2) == 0
	kind := asset.AgentInstalled
	if i > 0 {
		kind = checked[i-1].check
	}
	var pass, devices []int64
	for _, id := range x.people {
		_, parts := x.person(id, now)
		if s := parts[i]; s != asset.CheckExcluded && (s == asset.CheckPass) == want {
			pass = append(pass, id)
		}
		owns := func(r knownReport) bool { return r.person == id }
		whole := !slices.ContainsFunc(parts[1:], func(s asset.CheckStatus) bool { return s != asset.CheckPass })
		if whole == want && slices.ContainsFunc(slices.Collect(maps.Values(x.reports)), owns) {
			devices = append(devices, id)
		}
	}
	for _, c := range []struct {
		f    asset.PersonFilter
		want []int64
	}{{asset.PersonFilter{Passing: map[asset.CheckType]bool{kind: want}}, pass}, {asset.PersonFilter{DevicesPass: &want}, devices},
		{asset.PersonFilter{Passing: map[asset.CheckType]bool{"BG_CHECK": want}}, nil}} {
		p, err := x.directory.people.People(x.ctx, c.f, page.Request{Size: page.MaxSize, Number: 1, WantTotal: true, Sort: page.Sort(kind)})
		x.must(err)
		var got []int64
		for _, each := range p.Items {
			got = append(got, each.ID)
		}
		slices.Sort(got)
		if !slices.Equal(c.want, got) || *p.Total != int64(len(got)) {
			x.t.Fatalf("seed %d: at %v %v pass %s as %v, want %v", x.seed, now, got, kind, want, c.want)
		}
	}
	p, err := x.directory.people.People(x.ctx, asset.PersonFilter{}, page.Request{Number: 1, Sort: page.Sort(kind), Ascending: want})
	x.must(err)
	for n, each := range p.Items {
		_, parts := x.person(each.ID, now)
		if n > 0 && (parts[i] == asset.CheckPass) != want {
			_, before := x.person(p.Items[n-1].ID, now)
			if (before[i] == asset.CheckPass) == want {
				x.t.Fatalf("seed %d: at %v people are not in the order of %s", x.seed, now, kind)
			}
		}
	}
}

func (x *compliance) step() {
	// Mostly good news, or nobody would ever be compliant.
	said := make([]byte, len(checked))
	for i := range said {
		said[i] = "yyyyyyyyn-"[x.r.IntN(10)]
	}
	holders := slices.Concat(x.people, sortedKeys(x.reports))
	switch n := x.r.IntN(20); {
	case n < 6:
		// The last person never has a device.
		person := x.r.IntN(len(x.people) - 1)
		serial := fmt.Sprint(person, "-", x.r.IntN(2))
		bit := func(i int) asset.Protection {
			v := said[i] == 'y'
			if said[i] == noBit {
				return asset.Protection{}
			}
			return asset.Protection{Enabled: &v}
		}
		got, err := x.directory.people.ReportDevice(x.ctx, x.actor, x.mdm, asset.Report{Owner: asset.PersonRef{ID: x.people[person]},
			Device: asset.Device{Platform: "LINUX", PlatformVersion: "6", SerialNumber: &serial, Posture: asset.Posture{PasswordManager: bit(0), Encryption: bit(1),
				Antivirus: bit(2), AutoUpdate: bit(3), ScreenLock: bit(4)}}})
		x.must(err)
		x.reports[got.ID] = knownReport{x.people[person], x.clock.Now(), string(said)}
	case n < 14:
		p := knownProof{holder: holders[x.r.IntN(len(holders))], kind: checked[x.r.IntN(len(checked))].kind, at: x.clock.Now()}
		if x.r.IntN(4) == 0 {
			p.holder = x.people[len(x.people)-1]
		}
		doc, err := x.directory.people.AddDocument(x.ctx, x.actor, p.holder, p.kind, pdfOf("x"), "")
		x.must(err)
		p.id = doc.ID
		x.proofs = append(x.proofs, p)
	case n < 15 && len(x.proofs) > 0:
		i := x.r.IntN(len(x.proofs))
		x.must(x.directory.people.DeleteDocument(x.ctx, x.actor, x.proofs[i].holder, x.proofs[i].id))
		x.proofs = slices.Delete(x.proofs, i, i+1)
	case n < 16 && len(x.reports) > 0:
		keys := sortedKeys(x.reports)
		id := keys[x.r.IntN(len(keys))]
		x.must(x.directory.people.DeleteDevice(x.ctx, x.actor, x.mdm, id))
		delete(x.reports, id)
		x.proofs = slices.DeleteFunc(x.proofs, func(p knownProof) bool { return p.holder == id })
	case n < 17:
		x.clock.Advance([]time.Duration{month - time.Microsecond, month, 200 * 24 * time.Hour}[x.r.IntN(3)])
	default:
		x.clock.Advance(time.Duration(x.r.IntN(3)) * 24 * time.Hour)
	}
}

func sortedKeys[V any](m map[int64]V) []int64 {
	var out []int64
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// proof is when the last document of a kind came, if it counts at a moment.
func (x *compliance) proof(holder int64, kind asset.DocumentType, now time.Time) (at time.Time, counts bool) {
	for _, p := range x.proofs {
		if p.holder == holder && p.kind == kind && !p.at.Before(at) {
			at = p.at
		}
	}
	return at, !at.IsZero() && now.Before(at.AddDate(1, 0, 0))
}

// device is how a device stands the slow way, by check.
func (x *compliance) device(id int64, now time.Time) (out []asset.CheckStatus) {
	r := x.reports[id]
	for i, c := range checked {
		at, proven := x.proof(id, c.kind, now)
		fresh := now.Sub(r.at) < month
		if r.said[i] == 'n' && !at.After(r.at) {
			proven = false
		}
		switch {
		case fresh && r.said[i] == 'y', proven:
			out = append(out, asset.CheckPass)
		case fresh && r.said[i] == 'n':
			out = append(out, asset.CheckFail)
		default:
			out = append(out, asset.CheckMisconfigured)
		}
	}
	return out
}

// person is how a person stands the slow way: as a whole, and by check, the first
// of which is the agent's.
func (x *compliance) person(id int64, now time.Time) (asset.CheckStatus, []asset.CheckStatus) {
	var parts []asset.CheckStatus
	fresh, devices := false, 0
	for _, device := range sortedKeys(x.reports) {
		r := x.reports[device]
		if r.person != id {
			continue
		}
		devices++
		fresh = fresh || now.Sub(r.at) < month
		for i, s := range x.device(device, now) {
			if devices == 1 {
				parts = append(parts, s)
			} else if s == asset.CheckFail || s == asset.CheckMisconfigured && parts[i] == asset.CheckPass {
				parts[i] = s
			}
		}
	}
	agent := asset.CheckFail
	if fresh {
		agent = asset.CheckPass
	}
	if devices == 0 {
		for _, c := range checked {
			s := asset.CheckMisconfigured
			if _, proven := x.proof(id, c.kind, now); proven {
				s, agent = asset.CheckPass, asset.CheckExcluded
			}
			parts = append(parts, s)
		}
	}
	parts = append([]asset.CheckStatus{agent}, parts...)
	switch {
	case slices.Contains(parts, asset.CheckFail):
		return asset.CheckFail, parts
	case slices.Contains(parts, asset.CheckMisconfigured):
		return asset.CheckMisconfigured, parts
	}
	return asset.CheckPass, parts
}

// agree compares a person and their devices with what the slow way says, now and
// as it will be when nothing else happens.
func (x *compliance) agree(id int64) asset.CheckStatus {
	x.t.Helper()
	now := x.clock.Now()
	p, err := x.directory.people.Person(x.ctx, asset.PersonRef{ID: id})
	x.must(err)
	of, err := x.directory.people.DevicesOf(x.ctx, []int64{id})
	x.must(err)
	devices := of[id]
	moments := []time.Time{now}
	for range 4 {
		moments = append(moments, now.Add(time.Duration(x.r.Int64N(int64(500*24*time.Hour)))))
	}
	for _, c := range p.Checks(devices, now) {
		if !c.ExpiresAt.Before(now) {
			moments = append(moments, c.ExpiresAt, c.ExpiresAt.Add(-time.Microsecond))
		}
	}
	spans := p.Spans(devices, now)
	for _, at := range moments {
		if at.Before(now) {
			continue
		}
		for _, d := range devices {
			for i, c := range d.Checks(at) {
				if want := x.device(d.ID, at)[i]; c.Status != want || c.Type != checked[i].check {
					x.t.Fatalf("seed %d: at %v device %d stands %s by %s, want %s", x.seed, at, d.ID, c.Status, c.Type, want)
				}
			}
		}
		whole, parts := x.person(id, at)
		checks := p.Checks(devices, at)
		if checks[0].Type != asset.FullCompliance || checks[0].Status != whole {
			x.t.Fatalf("seed %d: at %v person %d stands %s, want %s", x.seed, at, id, checks[0].Status, whole)
		}
		for i, want := range parts {
			if checks[i+1].Status != want {
				x.t.Fatalf("seed %d: at %v person %d stands %s by %s, want %s", x.seed, at, id, checks[i+1].Status, checks[i+1].Type, want)
			}
		}
		if checks[0].Status == asset.CheckPass {
			// It passes until it expires.
			if s, _ := x.person(id, checks[0].ExpiresAt.Add(-time.Microsecond)); s != asset.CheckPass {
				x.t.Fatalf("seed %d: person %d is to be compliant until %v, but is %s before", x.seed, id, checks[0].ExpiresAt, s)
			}
			if s, _ := x.person(id, checks[0].ExpiresAt); s == asset.CheckPass {
				x.t.Fatalf("seed %d: person %d is still compliant at %v", x.seed, id, checks[0].ExpiresAt)
			}
		}
		i := slices.IndexFunc(spans, func(s asset.Span) bool { return !at.Before(s.Since) && (s.Until.IsZero() || at.Before(s.Until)) })
		if i < 0 || spans[i].Status != whole {
			x.t.Fatalf("seed %d: spans %+v of person %d say otherwise than %s at %v", x.seed, spans, id, whole, at)
		}
		for n, s := range parts {
			bit := asset.SetOf(asset.AgentInstalled)
			if n > 0 {
				bit = asset.SetOf(checked[n-1].check)
			}
			if (spans[i].Passing&bit != 0) != (s == asset.CheckPass) || n == 0 && (spans[i].Passing&asset.AgentExcluded != 0) != (s == asset.CheckExcluded) {
				x.t.Fatalf("seed %d: spans %+v of person %d say otherwise than %v at %v", x.seed, spans, id, parts, at)
			}
		}
	}
	whole, _ := x.person(id, now)
	return whole
}
