package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	builtin "github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/record"
)

// RunDirectory proves that the records of people, devices and assets say what
// these are, after any history.
func RunDirectory(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*projection)
	}{
		{"any history", projectedHistory},
		{"every way of change", everyWayOfChange},
		{"custom fields", customFieldsFollow},
		{"drift", driftIsMended},
		{"cut off", cutOff},
		{"nothing to keep", nothingToKeep},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newProjection(t, open)) })
	}
}

// RunUpheaval proves it of every way of change.
func RunUpheaval(t *testing.T, open Open) { everyWayOfChange(newProjection(t, open)) }

func newProjection(t *testing.T, open Open) *projection {
	clock := NewClock()
	d := newDirectory(&suite{t, await.Context(t), open(t, clock.Now), clock})
	connections := connection.NewService(d.s, clock.Now)
	x := &projection{directory: d, records: record.NewService(d.s, connections, record.Options{Now: clock.Now, BuiltIn: true})}
	x.projector = builtin.NewProjector(d.s, builtin.Options{Now: clock.Now, Records: x.records})
	return x
}

// projection is a directory with what keeps its records.
type projection struct {
	*directory

	records   *record.Service
	projector *builtin.Projector
}

func (x *projection) project() {
	x.t.Helper()
	for {
		more, err := x.projector.Step(x.ctx)
		x.must(err)
		if !more {
			return
		}
	}
}

// stored are the live records of a built-in resource, by key.
func (x *projection) stored(k connection.BuiltIn) map[string]map[string]any {
	x.t.Helper()
	resources, err := x.s.BuiltInResources(x.ctx)
	x.must(err)
	out := map[string]map[string]any{}
	if len(resources) == 0 {
		return out
	}
	x.must(x.s.Scan(x.ctx, resources[k].ID, func(_ int64, key string, body []byte) error {
		var fields map[string]any
		err := json.Unmarshal(body, &fields)
		out[key] = fields
		return err
	}))
	equal(x.suite, "count of "+string(k), resources[k].RecordCount, int64(len(out)))
	return out
}

// projectedHistory changes at random whatever can be changed, and compares each
// time with what the services say.
func projectedHistory(x *projection) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 29))
	x.t.Logf("seed %d", seed)
	mdm, err := connection.NewService(x.s, x.clock.Now).Create(x.ctx, x.actor, connection.New{Name: "MDM", ProviderTypes: []string{"MDM"}})
	x.must(err)
	for range 30 {
		for range 1 + r.IntN(5) {
			x.change(r, mdm.ID)
		}
		if r.IntN(3) == 0 {
			x.sync()
		}
		// Seldom is it so late that everything is compared anyway.
		x.clock.Advance(time.Duration(r.IntN(60)) * time.Minute)
		if r.IntN(10) == 0 {
			x.clock.Advance(12 * 24 * time.Hour)
		}
		x.project()
		x.saysWhatIs(seed)
	}
	if n := len(x.stored(builtin.Person)) * len(x.stored(builtin.Device)) * len(x.stored(builtin.Asset)); n < 4 {
		x.t.Fatalf("seed %d: too little came of it", seed)
	}
}

// change is one change; what is refused changes nothing.
func (x *projection) change(r *rand.Rand, mdm int64) {
	person := asset.PersonRef{Email: fmt.Sprintf("p%d@example.com", r.IntN(5))}
	p, err := x.people.Person(x.ctx, person)
	known := err == nil
	switch n := r.IntN(12); {
	case n < 3 || !known:
		i := r.IntN(5)
		x.put(fmt.Sprintf(`{"identityId":"%d","email":"p%d@example.com","firstName":"P%d","isContractor":%t,"managerName":"M%d"}`, i, i, r.IntN(9), r.IntN(2) == 0, r.IntN(3)))
		x.sync()
	case n == 3:
		_ = x.people.DeleteIdentity(x.ctx, x.actor, x.connection, asset.IdentityRef{Key: fmt.Sprint(r.IntN(5))})
	case n == 4:
		status, why := asset.OutOfScope, ptr("not human")
		_, _ = x.people.UpdatePerson(x.ctx, x.actor, person, asset.PersonChange{Status: &status, Reason: &why})
	case n == 5:
		_, _ = x.people.ResetPeople(x.ctx, x.actor, []int64{p.ID})
	case n == 6:
		_, _, _ = x.access.Invite(x.ctx, access.Operator(x.actor), access.NewUser{Email: p.User.Email, Profile: access.Profile{LastName: ptr(fmt.Sprint("Invited", r.IntN(9)))},
			Grants: []access.Grant{{Role: access.Auditor}}})
	case n < 9:
		report := asset.Report{Owner: asset.PersonRef{ID: p.ID}, Device: asset.Device{Platform: "LINUX", PlatformVersion: fmt.Sprint(r.IntN(4)), SerialNumber: ptr(fmt.Sprint("s", r.IntN(6)))}}
		for _, f := range []*asset.Protection{&report.Device.Posture.Antivirus, &report.Device.Posture.AutoUpdate, &report.Device.Posture.Encryption,
			&report.Device.Posture.PasswordManager, &report.Device.Posture.ScreenLock, &report.Device.Posture.Firewall} {
			if r.IntN(4) > 0 {
				f.Enabled = ptr(r.IntN(4) > 0)
			}
		}
		_, _ = x.people.ReportDevice(x.ctx, x.actor, mdm, report)
	case n == 9:
		all, err := x.people.Devices(x.ctx, asset.DeviceFilter{PersonID: p.ID}, page.Request{})
		x.must(err)
		if len(all.Items) > 0 {
			x.must(x.people.DeleteDevice(x.ctx, x.actor, all.Items[0].ConnectionID, all.Items[0].ID))
		}
	case n == 10:
		name, text, kind := fmt.Sprint("Rack ", r.IntN(5)), "d", "PHYSICAL"
		_, err := x.people.CreateAsset(x.ctx, x.actor, asset.AssetChange{Name: &name, Description: &text, Classes: &[]string{"HARDWARE"}, Type: &kind, OwnerID: &p.UserID})
		x.must(err)
	default:
		all, err := x.people.Assets(x.ctx, asset.AssetFilter{}, page.Request{})
		x.must(err)
		if len(all.Items) == 0 {
			return
		}
		one := all.Items[r.IntN(len(all.Items))]
		if r.IntN(2) == 0 {
			_ = x.people.DeleteAsset(x.ctx, x.actor, one.ID)
			return
		}
		note := ptr(fmt.Sprint("note ", r.IntN(3)))
		_, err = x.people.UpdateAsset(x.ctx, x.actor, one.ID, asset.AssetChange{Notes: &note})
		x.must(err)
	}
}

// saysWhatIs computes what the records must say the slow way.
func (x *projection) saysWhatIs(seed uint64) {
	x.t.Helper()
	now := x.clock.Now()
	people, err := x.people.People(x.ctx, asset.PersonFilter{}, page.Request{Size: page.MaxSize})
	x.must(err)
	devices, err := x.people.Devices(x.ctx, asset.DeviceFilter{}, page.Request{Size: page.MaxSize})
	x.must(err)
	assets, err := x.people.Assets(x.ctx, asset.AssetFilter{}, page.Request{Size: page.MaxSize})
	x.must(err)
	of, owners, users := map[int64][]asset.Device{}, map[int64]asset.Person{}, map[int64]asset.Person{}
	for _, p := range people.Items {
		owners[p.ID], users[p.UserID] = p, p
	}
	for _, d := range devices.Items {
		of[d.PersonID] = append(of[d.PersonID], d)
	}
	belong, err := x.people.GroupsOf(x.ctx, slices.Collect(maps.Keys(owners)))
	x.must(err)
	want := map[connection.BuiltIn]map[string]map[string]any{builtin.Person: {}, builtin.Device: {}, builtin.Asset: {}}
	for _, p := range people.Items {
		roles := []any{}
		for _, r := range p.User.Roles() {
			roles = append(roles, string(r))
		}
		groups := []any{}
		for _, g := range belong[p.ID] {
			groups = append(groups, g.Name)
		}
		want[builtin.Person][strconv.FormatInt(p.ID, 10)] = map[string]any{"groups": groups, "email": p.User.Email, "name": p.User.DisplayName(), "employmentStatus": string(p.Status),
			"isOutOfScope": p.Status == asset.OutOfScope, "isSetByHand": p.ManualStatus || p.ManualDates, "hasAccount": !p.User.NoAccount && p.User.DeletedAt.IsZero() && p.User.DisabledAt.IsZero(), "roles": roles,
			"devicesCount": float64(len(of[p.ID])), "fullComplianceCheck": status(p.Checks(of[p.ID], now), asset.FullCompliance),
			"agentInstalledCheck": status(p.Checks(of[p.ID], now), asset.AgentInstalled), "antivirusCheck": status(p.Checks(of[p.ID], now), asset.AntivirusCheck),
			"customFields": customOf(p.Fields)}
	}
	for _, d := range devices.Items {
		owner := owners[d.PersonID]
		want[builtin.Device][strconv.FormatInt(d.ID, 10)] = map[string]any{"osVersion": d.OSVersion(), "ownerEmail": owner.User.Email, "ownerName": owner.User.DisplayName(),
			"ownerEmploymentStatus": string(owner.Status), "isCompliant": d.Compliant(now), "encryptionEnabled": orNil(d.Posture.Encryption.Enabled),
			"lastCheckedOn": d.LastCheckedAt.UTC().Format(time.DateOnly), "hddEncryptionCheck": status(d.Checks(now), asset.EncryptionCheck)}
	}
	// An owner need not be one of the personnel, not any more either.
	accounts, err := x.access.People(x.ctx, ownersOf(assets.Items))
	x.must(err)
	for _, a := range assets.Items {
		owner, is := users[a.OwnerID]
		owner.User = accounts[a.OwnerID]
		want[builtin.Asset][strconv.FormatInt(a.ID, 10)] = map[string]any{"name": a.Name, "ownerEmail": owner.User.Email, "ownerName": owner.User.DisplayName(),
			"ownerEmploymentStatus": any(string(owner.Status)), "notes": orNil(a.Notes), "description": a.Description, "customFields": customOf(a.Fields)}
		if !is {
			want[builtin.Asset][strconv.FormatInt(a.ID, 10)]["ownerEmploymentStatus"] = nil
		}
	}
	for k, all := range want {
		got := x.stored(k)
		if len(got) != len(all) {
			x.t.Fatalf("seed %d: %d records of %s, want %d", seed, len(got), k, len(all))
		}
		for key, fields := range all {
			for name, v := range fields {
				if !reflect.DeepEqual(got[key][name], v) {
					x.t.Fatalf("seed %d: %s %s: %s is %v, want %v", seed, k, key, name, got[key][name], v)
				}
			}
		}
	}
}

// customOf are values of custom fields as a record has them, none if there are none.
func customOf(values []customfield.Value) any {
	if len(values) == 0 {
		return nil
	}
	out := map[string]any{}
	for _, v := range values {
		out[v.Name] = v.Text
	}
	return out
}

func ownersOf(list []asset.Asset) []int64 {
	var out []int64
	for _, a := range list {
		out = append(out, a.OwnerID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func status(checks []asset.Check, t asset.CheckType) string {
	return string(checks[slices.IndexFunc(checks, func(c asset.Check) bool { return c.Type == t })].Status)
}

func orNil[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

// driftIsMended: whatever the records say that is not so, the daily comparison
// puts it right.
func driftIsMended(x *projection) {
	x.put(`{"identityId":"1","email":"ada@example.com"}`, `{"identityId":"2","email":"bob@example.com"}`)
	x.sync()
	x.project()
	resources, err := x.s.BuiltInResources(x.ctx)
	x.must(err)
	r := resources[builtin.Person]
	at := record.Target{ConnectionID: r.ConnectionID, ResourceID: r.ID}
	ada, bob := x.person("ada@example.com"), strconv.FormatInt(x.person("bob@example.com").ID, 10)
	right := x.stored(builtin.Person)
	wrong, err := x.s.RecordBodies(x.ctx, r.ID, []string{bob})
	x.must(err)
	body := strconv.AppendInt([]byte(`{"id":`), 99, 10)
	res, err := x.records.Upsert(x.ctx, x.actor, at, [][]byte{append(append(body, ','), wrong[bob][len(`{"id":`)+len(bob)+1:]...)})
	x.must(err)
	equal(x.suite, "one too many", res.Failed, 0)
	_, err = x.records.Update(x.ctx, x.actor, at, bob, []byte(`{"employmentStatus":"UNKNOWN"}`))
	x.must(err)
	x.must(x.records.Delete(x.ctx, x.actor, at, strconv.FormatInt(ada.ID, 10)))
	x.project()
	if reflect.DeepEqual(x.stored(builtin.Person), right) {
		x.t.Fatal("nothing drifted")
	}
	x.clock.Advance(25 * time.Hour)
	x.project()
	if got := x.stored(builtin.Person); !reflect.DeepEqual(got, right) {
		x.t.Fatalf("got %v, want %v", got, right)
	}
}

var errCut = fmt.Errorf("cut off")

// cutting is a store whose transactions come to nothing at a moment.
type cutting struct {
	builtin.Store

	left int
}

func (c *cutting) Together(ctx context.Context, fn func(context.Context) error) error {
	return c.Store.Together(ctx, func(ctx context.Context) error {
		if err := fn(ctx); err != nil {
			return err
		}
		if c.left--; c.left == 0 {
			return errCut
		}
		return nil
	})
}

// cutOff: a step that ends in the midst is taken again, whole.
func cutOff(x *projection) {
	x.put(`{"identityId":"1","email":"ada@example.com"}`)
	x.sync()
	for left := 1; left < 4; left++ {
		cut := builtin.NewProjector(&cutting{x.s, left}, builtin.Options{Now: x.clock.Now, Records: x.records})
		for {
			more, err := cut.Step(x.ctx)
			if err != nil && err.Error() != errCut.Error() {
				x.t.Fatal(err)
			}
			if !more {
				break
			}
		}
		status := asset.EmploymentStatuses[left]
		_, err := x.people.UpdatePerson(x.ctx, x.actor, asset.PersonRef{Email: "ada@example.com"}, asset.PersonChange{Status: &status})
		x.must(err)
	}
	x.project()
	ada := x.person("ada@example.com")
	equal(x.suite, "status", x.stored(builtin.Person)[strconv.FormatInt(ada.ID, 10)]["employmentStatus"], any(string(ada.Status)))
	h, err := x.projector.History(x.ctx, builtin.Object{Kind: builtin.Person, ID: ada.ID}, page.Request{})
	x.must(err)
	equal(x.suite, "the last of the history", h.Items[0].What, builtin.Updated)
	equal(x.suite, "the first of it", h.Items[len(h.Items)-1].What, builtin.Created)
	for _, e := range h.Items {
		equal(x.suite, "events of "+string(e.What), len(e.Events) > 0, true)
	}
}

// nothingToKeep: without people, devices and assets nothing is built in.
func nothingToKeep(x *projection) {
	x.project()
	resources, err := x.s.BuiltInResources(x.ctx)
	x.must(err)
	equal(x.suite, "resources", len(resources), 0)
	more, err := x.projector.Step(x.ctx)
	x.must(err)
	equal(x.suite, "more", more, false)
}

// customFieldsFollow: records have the values of custom fields by name, and the
// schema and the history tell of them; values of a deleted field are kept until the
// records have heard of it.
func customFieldsFollow(x *projection) {
	fields := customfield.NewService(x.s, x.clock.Now)
	x.put(`{"identityId":"1","email":"ada@example.com"}`, `{"identityId":"2","email":"bob@example.com"}`)
	x.sync()
	x.project()
	ada := asset.PersonRef{Email: "ada@example.com"}
	p, err := x.people.Person(x.ctx, ada)
	x.must(err)
	key := strconv.FormatInt(p.ID, 10)
	name, schema := "Cost. centre ['x']", func() string {
		resources, err := x.s.BuiltInResources(x.ctx)
		x.must(err)
		return string(resources[builtin.Person].Schema)
	}
	// last are the changes and the events of the newest entry of the history.
	last := func() string {
		h, err := x.projector.History(x.ctx, builtin.Object{Kind: builtin.Person, ID: p.ID}, page.Request{Size: 1})
		x.must(err)
		var out []any
		for _, c := range h.Items[0].Changes {
			if strings.HasPrefix(c.Field, "customFields") {
				out = append(out, c.Field, string(c.From), string(c.To))
			}
		}
		for _, e := range h.Items[0].Events {
			out = append(out, e.Type)
		}
		return words(out...)
	}
	desk, err := fields.Create(x.ctx, x.actor, customfield.Person, customfield.Change{Name: &name, Choices: &[]string{"A", "B"}})
	x.must(err)
	x.project()
	contains(x.suite, schema(), `"customFields":{"type":"object","properties":{"Cost. centre ['x']":{"type":"string"}},"additionalProperties":{"type":"string"}}`)
	_, err = x.people.UpdatePerson(x.ctx, x.actor, ada, asset.PersonChange{Fields: []customfield.Setting{{ID: &desk.ID, Value: ptr("a")}}})
	x.must(err)
	x.project()
	equal(x.suite, "the record", words(x.stored(builtin.Person)[key]["customFields"]), "map[Cost. centre ['x']:A]")
	equal(x.suite, "the history", last(), `customFields.Cost. centre ['x']  "A" PERSONNEL_UPDATED`)
	_, err = fields.Update(x.ctx, x.actor, desk.ID, customfield.Change{Name: ptr("Desk")})
	x.must(err)
	x.project()
	contains(x.suite, schema(), `"properties":{"Desk":{"type":"string"}}`)
	equal(x.suite, "the record", words(x.stored(builtin.Person)[key]["customFields"]), "map[Desk:A]")
	equal(x.suite, "the history", last(), `customFields.Cost. centre ['x'] "A"  customFields.Desk  "A" CUSTOM_FIELD_UPDATED`)
	_, err = fields.Delete(x.ctx, x.actor, desk.ID)
	x.must(err)
	x.must(fields.Sweep(x.ctx))
	x.project()
	equal(x.suite, "the record", words(x.stored(builtin.Person)[key]["customFields"]), "<nil>")
	equal(x.suite, "the history", last(), `customFields.Desk "A"  CUSTOM_FIELD_DELETED`)
	if strings.Contains(schema(), "customFields") {
		x.t.Errorf("the schema is %s", schema())
	}
	n, err := x.s.PurgeCustomFields(x.ctx, 10)
	x.must(err)
	equal(x.suite, "purged", n, 1)
}
