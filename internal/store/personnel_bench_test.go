package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/search"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// BenchmarkPersonnel is the identity sync of 100,000 new identities, the next
// one, in which nothing has changed, reports of devices, and what pages wait for
// over as many people with a device each. The first 1,000 devices are reported, the
// others are copies of the first.
func BenchmarkPersonnel(b *testing.B) {
	for name, o := range map[string]func() Options{
		"SQLite":     func() Options { return Options{Dir: b.TempDir()} },
		"PostgreSQL": func() Options { return Options{URL: pgserver.Start(b)} },
	} {
		b.Run(name, func(b *testing.B) {
			options := o()
			s, err := Open(b.Context(), options)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			d := newStaff(b, s)
			d.hire(100_000)
			// What cannot be taken back is measured once.
			once := func(name, unit string, per float64, do func()) {
				begun := time.Now()
				do()
				took := time.Since(begun).Seconds() * per
				b.Run(name, func(b *testing.B) { b.ReportMetric(took, unit) })
			}
			once("first sync", "s/sync", 1, d.sync)
			once("next sync", "s/sync", 1, d.sync)
			once("1,000 reports", "ms/report", 1, func() { d.equip(1000) })
			d.must(s.db.write(b.Context(), copyDevices))
			d.settle(options.URL)
			first := page.Request{Size: 50}
			for _, look := range []struct {
				name string
				find func(context.Context) (int, error)
			}{
				{"list", func(ctx context.Context) (int, error) {
					p, err := d.people.People(ctx, asset.PersonFilter{}, page.Request{Size: 50, Sort: asset.ByName, Ascending: true})
					return len(p.Items), err
				}},
				{"search", func(ctx context.Context) (int, error) {
					p, err := d.people.People(ctx, asset.PersonFilter{Text: "person 99"}, first)
					return len(p.Items), err
				}},
				{"rare search", func(ctx context.Context) (int, error) {
					p, err := d.people.People(ctx, asset.PersonFilter{Text: "person 77777"}, first)
					return len(p.Items) + 49, err
				}},
				{"people of whom too little is known", func(ctx context.Context) (int, error) {
					p, err := d.people.People(ctx, asset.PersonFilter{Standing: []asset.CheckStatus{asset.CheckMisconfigured}}, first)
					return len(p.Items), err
				}},
				{"people who pass, of whom there are none", func(ctx context.Context) (int, error) {
					p, err := d.people.People(ctx, asset.PersonFilter{Standing: []asset.CheckStatus{asset.CheckPass}}, first)
					return len(p.Items) + 50, err
				}},
				{"devices", func(ctx context.Context) (int, error) {
					p, err := d.people.Devices(ctx, asset.DeviceFilter{}, first)
					return len(p.Items), err
				}},
				{"rare search for devices", func(ctx context.Context) (int, error) {
					p, err := d.people.Devices(ctx, asset.DeviceFilter{Text: "serial-77777"}, first)
					return len(p.Items) + 49, err
				}},
				{"assets", func(ctx context.Context) (int, error) {
					p, err := d.people.Assets(ctx, asset.AssetFilter{Class: "HARDWARE"}, page.Request{Size: 50, Sort: asset.ByName, Ascending: true})
					return len(p.Items), err
				}},
				{"rare search for assets", func(ctx context.Context) (int, error) {
					p, err := d.people.Assets(ctx, asset.AssetFilter{Text: "serial-77777"}, first)
					return len(p.Items) + 49, err
				}},
				{"counts of people", func(ctx context.Context) (int, error) {
					sum, err := d.people.PeopleSummary(ctx)
					return int(sum.People) - 100_000 + 50, err
				}},
				{"facets of everybody", func(ctx context.Context) (int, error) {
					found, err := d.people.PeopleFacets(ctx, asset.PersonFilter{}, true)
					return int(found.Synced+found.NotSynced) - 100_000 + 50, err
				}},
				{"facets of a search", func(ctx context.Context) (int, error) {
					found, err := d.people.PeopleFacets(ctx, asset.PersonFilter{Statuses: []asset.EmploymentStatus{asset.CurrentEmployee}}, true)
					return min(int(found.Synced), 50), err
				}},
				{"counts of devices", func(ctx context.Context) (int, error) {
					sum, err := d.people.DeviceSummary(ctx)
					return int(sum.Devices) - 100_000 + 50, err
				}},
				{"devices of which too little is known", func(ctx context.Context) (int, error) {
					p, err := d.people.Devices(ctx, asset.DeviceFilter{Standing: []asset.CheckStatus{asset.CheckMisconfigured}}, first)
					return len(p.Items), err
				}},
				{"people by how they stand, page 1000", d.people50(asset.PersonFilter{}, page.Sort(asset.FullCompliance), 1000)},
				{"people by a check, page 1000", d.people50(asset.PersonFilter{}, page.Sort(asset.EncryptionCheck), 1000)},
				{"some people by a check, page 100", d.people50(asset.PersonFilter{Statuses: []asset.EmploymentStatus{asset.CurrentEmployee}}, page.Sort(asset.EncryptionCheck), 100)},
				{"people of a text by a check", d.people50(asset.PersonFilter{Text: "person 9"}, page.Sort(asset.EncryptionCheck), 1)},
				{"people of whom a check does not pass, page 100", d.people50(asset.PersonFilter{Passing: map[asset.CheckType]bool{asset.EncryptionCheck: false}}, asset.ByName, 100)},
				{"people of a status, page 100", d.people50(asset.PersonFilter{Statuses: []asset.EmploymentStatus{asset.CurrentEmployee}}, asset.ByName, 100)},
				{"people by their newest device, page 1000", d.people50(asset.PersonFilter{}, asset.ByDeviceSerial, 1000)},
				{"assets by owner, page 1000", d.assets50(asset.AssetFilter{}, asset.ByOwner, 1000)},
				{"assets by the owner's status, page 1000", d.assets50(asset.AssetFilter{}, asset.ByOwnerStatus, 1000)},
				{"assets by description, page 1000", d.assets50(asset.AssetFilter{}, asset.ByDescription, 1000)},
				{"people of a text, who stand last by name", func(ctx context.Context) (int, error) {
					p, err := d.people.People(ctx, asset.PersonFilter{Text: "person 9"}, page.Request{Size: 50, Sort: asset.ByName, Ascending: true})
					return len(p.Items), err
				}},
				{"people of a text, page 100", d.people50(asset.PersonFilter{Text: "person 9"}, page.CreatedAt, 100)},
				{"people of a text that all have, page 1000", d.people50(asset.PersonFilter{Text: "person"}, page.CreatedAt, 1000)},
				{"devices of a text, which stand last", d.devices50(asset.DeviceFilter{Text: "serial-9"}, 1)},
				{"devices of a text, page 100", d.devices50(asset.DeviceFilter{Text: "serial-9"}, 100)},
				{"devices of a text that all have", d.devices50(asset.DeviceFilter{Text: "linux"}, 1)},
				{"devices of owners, who stand last", d.devices50(asset.DeviceFilter{Text: "person 9"}, 1)},
				{"devices of a text of which too little is known", d.devices50(asset.DeviceFilter{Text: "serial-9", Standing: []asset.CheckStatus{asset.CheckMisconfigured}}, 1)},
				{"assets of a text, which stand last by name", d.assets50(asset.AssetFilter{Text: "serial-9"}, asset.ByName, 1)},
				{"assets of a text, which stand last by owner, page 100", d.assets50(asset.AssetFilter{Text: "serial-9"}, asset.ByOwner, 100)},
				{"assets of a text and a type, which stand last", d.assets50(asset.AssetFilter{Text: "serial-9", Type: asset.Physical}, page.CreatedAt, 1)},
				{"people, page 1000", d.people50(asset.PersonFilter{}, page.CreatedAt, 1000)},
				{"devices, page 1000", d.devices50(asset.DeviceFilter{}, 1000)},
				{"assets of a class, with their number", func(ctx context.Context) (int, error) {
					p, err := d.people.Assets(ctx, asset.AssetFilter{Class: "HARDWARE"}, page.Request{Size: 50, Number: 1, WantTotal: true})
					return len(p.Items), err
				}},
				{"assets of those who work here, with their number", func(ctx context.Context) (int, error) {
					p, err := d.people.Assets(ctx, asset.AssetFilter{OwnerStatus: asset.CurrentEmployee}, page.Request{Size: 50, Number: 1, WantTotal: true})
					return len(p.Items), err
				}},
				{"a device from the palette", func(ctx context.Context) (int, error) {
					hits, _, err := s.Search(ctx, search.Query{WorkspaceID: 1, Text: "serial-77777", Words: []string{"serial-77777"}, Kinds: []search.Kind{search.Person, search.Device, search.Asset}})
					return len(hits) + 49, err
				}},
			} {
				b.Run(look.name, func(b *testing.B) {
					for b.Loop() {
						if n, err := look.find(b.Context()); err != nil || n != 50 {
							b.Fatal(n, err)
						}
					}
				})
			}
		})
	}
}

type staff struct {
	b           testing.TB
	connections *connection.Service
	people      *asset.Service
}

func newStaff(tb testing.TB, s *Store) *staff {
	connections := connection.NewService(s, time.Now)
	return &staff{b: tb, connections: connections, people: asset.NewService(s, connections, time.Now)}
}

var benchActor = event.System(event.SourceApp)

// people50 asks for a page by its number, as v1 does.
func (d *staff) people50(f asset.PersonFilter, sort page.Sort, number int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		p, err := d.people.People(ctx, f, page.Request{Size: 50, Number: number, Sort: sort, Ascending: true, WantTotal: true})
		return len(p.Items), err
	}
}

func (d *staff) assets50(f asset.AssetFilter, sort page.Sort, number int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		p, err := d.people.Assets(ctx, f, page.Request{Size: 50, Number: number, Sort: sort, Ascending: true, WantTotal: true})
		return len(p.Items), err
	}
}

func (d *staff) devices50(f asset.DeviceFilter, number int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		p, err := d.people.Devices(ctx, f, page.Request{Size: 50, Number: number, Ascending: true, WantTotal: true})
		return len(p.Items), err
	}
}

func (d *staff) must(err error) {
	d.b.Helper()
	if err != nil {
		d.b.Fatal(err)
	}
}

func (d *staff) connection(name, provider string) int64 {
	c, err := d.connections.Create(d.b.Context(), benchActor, connection.New{Name: name, ProviderTypes: []string{provider}})
	d.must(err)
	return c.ID
}

func (d *staff) hire(n int) {
	id := d.connection("HR", "HRIS")
	for first := 0; first < n; first += asset.MaxIdentities {
		objects := make([][]byte, asset.MaxIdentities)
		for i := range objects {
			objects[i] = fmt.Appendf(nil, `{"identityId":"%d","email":"p%d@example.com","firstName":"Person","lastName":"%d","startedAt":"2020-01-01"}`, first+i, first+i, first+i)
		}
		_, err := d.people.PutIdentities(d.b.Context(), benchActor, id, objects)
		d.must(err)
	}
}

func (d *staff) sync() {
	_, err := d.people.StartSync(d.b.Context(), benchActor)
	d.must(err)
	for more := true; more; {
		more, err = d.people.Step(d.b.Context())
		d.must(err)
	}
}

// copyDevices gives everybody who has no device one like that of the first person.
func copyDevices(q querier) error {
	var device, person int64
	if err := one(q, "SELECT id, person_id FROM device WHERE id = (SELECT min(id) FROM device)", nil, &device, &person); err != nil {
		return err
	}
	const (
		without = " FROM personnel p WHERE NOT EXISTS (SELECT 1 FROM device d WHERE d.person_id = p.id)"
		copies  = " FROM device d WHERE d.id > 1000000"
		serial  = "replace(%s, 'serial-00000', 'serial-' || (d.id - 1000001))"
	)
	for _, sql := range []string{
		`INSERT INTO asset (name, description, asset_type, provider, reference, unique_id, owner_id, owner_key, owner_status, device_id, search_key, created_at, updated_at)
			SELECT a.name, a.description, a.asset_type, a.provider, a.reference, ` + fmt.Sprintf(serial, "a.unique_id") + `, d.user_id, d.name_key, d.status, d.id, ` + fmt.Sprintf(serial, "a.search_key") + `, a.created_at + d.id, a.updated_at + d.id
			FROM (SELECT p.id + 1000000 AS id, p.user_id, p.name_key, p.status` + without + `) d JOIN asset a ON a.device_id = $1`,
		`INSERT INTO device (id, connection_id, asset_id, person_id, platform, platform_version, serial_number, source, posture, apps_count, checked_at, created_at, updated_at)
			SELECT d.id, o.connection_id, a.id, d.id - 1000000, o.platform, o.platform_version, ` + fmt.Sprintf(serial, "o.serial_number") + `, o.source, o.posture, o.apps_count, o.checked_at, a.created_at, a.updated_at
			FROM (SELECT p.id + 1000000 AS id` + without + `) d JOIN asset a ON a.device_id = d.id JOIN device o ON o.id = $1`,
		"INSERT INTO asset_class (asset_id, class, created_at) SELECT d.asset_id, 'HARDWARE', d.created_at" + copies + " AND $1 > 0",
		"INSERT INTO device_installed (device_id, installed) SELECT d.id, i.installed" + strings.Replace(copies, "device d", "device d JOIN device_installed i ON i.device_id = $1", 1),
		"INSERT INTO device_search (device_id, search_key, owner_key) SELECT d.id, " + fmt.Sprintf(serial, "k.search_key") + ", p.search_key" + strings.Replace(copies, "device d", "device d JOIN personnel p ON p.id = d.person_id JOIN device_search k ON k.device_id = $1", 1),
		`INSERT INTO device_identifier (device_id, type, identifier, identifier_key, created_at, updated_at)
			SELECT d.id, i.type, d.serial_number, ` + fmt.Sprintf(serial, "i.identifier_key") + `, d.created_at, d.updated_at` + strings.Replace(copies, "device d", "device d JOIN device_identifier i ON i.device_id = $1", 1),
		`INSERT INTO device_compliance (device_id, status, failing, unknown, stale, since, until)
			SELECT d.id, c.status, c.failing, c.unknown, c.stale, c.since, c.until` + strings.Replace(copies, "device d", "device d JOIN device_compliance c ON c.device_id = $1", 1),
		"UPDATE personnel SET device_system = 'linux 6', device_serial = 'serial-' || (id - 1) WHERE device_serial = '' AND $1 > 0",
		`UPDATE personnel SET standing = (SELECT o.standing FROM personnel o JOIN device f ON f.person_id = o.id AND f.id = $1), stands_until = (SELECT o.stands_until FROM personnel o JOIN device f ON f.person_id = o.id AND f.id = $1)
			WHERE id IN (SELECT d.person_id` + copies + ")",
	} {
		if _, err := q.exec(sql, device); err != nil {
			return err
		}
	}
	_, err := q.exec(`INSERT INTO person_compliance (person_id, since, until, standing)
		SELECT d.person_id, c.since, c.until, c.standing`+strings.Replace(copies, "device d", "device d JOIN person_compliance c ON c.person_id = $1", 1), person)
	return err
}

// settle is what a PostgreSQL server does by itself in the minutes after so many
// rows have come.
func (d *staff) settle(url string) {
	if url == "" {
		return
	}
	c, err := pgx.Connect(d.b.Context(), url)
	d.must(err)
	_, err = c.Exec(d.b.Context(), "VACUUM ANALYZE")
	d.must(errors.Join(err, c.Close(d.b.Context())))
}

// equip reports a device of each person.
func (d *staff) equip(n int) {
	id := d.connection("MDM", "MDM")
	for i := range n {
		serial := fmt.Sprintf("serial-%05d", i)
		_, err := d.people.ReportDevice(d.b.Context(), benchActor, id, asset.Report{Owner: asset.PersonRef{Email: fmt.Sprintf("p%d@example.com", i)},
			Device: asset.Device{Platform: "LINUX", PlatformVersion: "6", SerialNumber: &serial}})
		d.must(err)
	}
}
