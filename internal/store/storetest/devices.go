package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunDevices proves that reports find their device, or are refused, after any
// history.
func RunDevices(t *testing.T, open Open) {
	t.Run("any history", func(t *testing.T) {
		clock := NewClock()
		deviceHistory(newDirectory(&suite{t, await.Context(t), open(t, clock.Now), clock}))
	})
}

// knownDevice is what the slow way knows of a device.
type knownDevice struct {
	connection, person int64
	keys               []string
}

func deviceHistory(d *directory) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 11))
	d.t.Logf("seed %d", seed)
	connections := connection.NewService(d.s, d.clock.Now)
	var mdm, people []int64
	for i := range 2 {
		c, err := connections.Create(d.ctx, d.actor, connection.New{Name: fmt.Sprint("MDM ", i), ProviderTypes: []string{"MDM"}})
		d.must(err)
		mdm = append(mdm, c.ID)
	}
	for i := range 3 {
		d.put(fmt.Sprintf(`{"identityId":"%d","email":"p%d@example.com"}`, i, i))
	}
	d.sync()
	for i := range 3 {
		people = append(people, d.person(fmt.Sprintf("p%d@example.com", i)).ID)
	}
	known := map[int64]knownDevice{}
	accepted, refused := 0, 0
	for n := 0; n < 120 || n < 2000 && min(accepted, refused) < 20; n++ {
		if len(known) > 0 && r.IntN(8) == 0 {
			ids := make([]int64, 0, len(known))
			for id := range known {
				ids = append(ids, id)
			}
			slices.Sort(ids)
			id := ids[r.IntN(len(ids))]
			d.must(d.people.DeleteDevice(d.ctx, d.actor, known[id].connection, id))
			delete(known, id)
			continue
		}
		report, keys := randomReport(r, people)
		via := mdm[r.IntN(len(mdm))]
		got, err := d.people.ReportDevice(d.ctx, d.actor, via, report)
		var found []int64
		for id, k := range known {
			if slices.ContainsFunc(keys, func(key string) bool { return slices.Contains(k.keys, key) }) {
				found = append(found, id)
			}
		}
		want := fault.Code(0)
		switch {
		case len(keys) == 0:
			want = fault.CodeValidation
		case len(found) > 1, len(found) == 1 && known[found[0]].connection != via:
			want = fault.CodeDeviceConflict
		case len(found) == 1 && known[found[0]].person != report.Owner.ID:
			want = fault.CodeDeviceOwner
		}
		if want != 0 {
			refused++
			if fault.CodeOf(err) != want {
				d.t.Fatalf("seed %d: %v of connection %d for person %d: got %v, want code %d", seed, keys, via, report.Owner.ID, err, want)
			}
			continue
		}
		accepted++
		d.must(err)
		if len(found) == 1 && got.ID != found[0] || len(found) == 0 && known[got.ID].person != 0 {
			d.t.Fatalf("seed %d: %v is device %d, want %v", seed, keys, got.ID, found)
		}
		known[got.ID] = knownDevice{via, report.Owner.ID, keys}
	}
	if accepted < 20 || refused < 20 {
		d.t.Fatalf("seed %d: %d accepted and %d refused prove little", seed, accepted, refused)
	}
	d.devicesAre(seed, known)
}

func randomReport(r *rand.Rand, people []int64) (asset.Report, []string) {
	report := asset.Report{Owner: asset.PersonRef{ID: people[r.IntN(len(people))]}, Device: asset.Device{Platform: "LINUX", PlatformVersion: "6"}}
	var keys []string
	if n := r.IntN(9); n < 5 {
		report.Device.SerialNumber = ptr(fmt.Sprint([]string{"S", "s"}[r.IntN(2)], n))
		keys = append(keys, fmt.Sprint("serial ", n))
	}
	if n := r.IntN(9); n < 5 {
		report.Device.MACAddress = ptr(fmt.Sprintf([]string{"00:00:5e:00:53:0%d", "00-00-5E-00-53-0%d"}[r.IntN(2)], n))
		keys = append(keys, fmt.Sprint("mac ", n))
	}
	if n := r.IntN(9); n < 5 {
		report.Device.ExternalID = ptr(fmt.Sprint("x", n))
		keys = append(keys, fmt.Sprint("external ", n))
	}
	return report, keys
}

// devicesAre compares all devices, their identifiers and their assets with what
// is known.
func (d *directory) devicesAre(seed uint64, known map[int64]knownDevice) {
	d.t.Helper()
	all, err := d.people.Devices(d.ctx, asset.DeviceFilter{}, page.Request{Size: page.MaxSize})
	d.must(err)
	assets, err := d.people.Assets(d.ctx, asset.AssetFilter{}, page.Request{Size: page.MaxSize})
	d.must(err)
	if len(all.Items) != len(known) || len(assets.Items) != len(known) {
		d.t.Fatalf("seed %d: %d devices and %d assets, want %d", seed, len(all.Items), len(assets.Items), len(known))
	}
	owned := map[int64]int64{}
	for _, a := range assets.Items {
		owned[a.DeviceID] = a.OwnerID
	}
	var ids []int64
	for _, v := range all.Items {
		ids = append(ids, v.ID)
	}
	identifiers, err := d.people.Identifiers(d.ctx, ids)
	d.must(err)
	for _, v := range all.Items {
		k := known[v.ID]
		if v.PersonID != k.person || v.ConnectionID != k.connection || len(identifiers[v.ID]) != len(k.keys) || owned[v.ID] != v.UserID {
			d.t.Fatalf("seed %d: device %+v with %v, want %+v", seed, v, identifiers[v.ID], k)
		}
	}
}
