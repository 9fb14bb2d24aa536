package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/search"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// BenchmarkPersonnel is the identity sync of 100,000 new identities, the next
// one, in which nothing has changed, and what pages wait for over as many people
// with a device each.
func BenchmarkPersonnel(b *testing.B) {
	for name, o := range map[string]func() Options{
		"SQLite":     func() Options { return Options{Dir: b.TempDir()} },
		"PostgreSQL": func() Options { return Options{URL: pgserver.Start(b)} },
	} {
		b.Run(name, func(b *testing.B) {
			s, err := Open(b.Context(), o())
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			d := &staff{b: b, connections: connection.NewService(s, time.Now)}
			d.people = asset.NewService(s, d.connections, time.Now)
			d.hire(100_000)
			for _, sync := range []string{"first sync", "next sync"} {
				b.Run(sync, func(b *testing.B) {
					// A sync cannot be taken back: it is measured once.
					begun := time.Now()
					d.sync()
					b.ReportMetric(time.Since(begun).Seconds(), "s/sync")
				})
			}
			d.equip(100_000)
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
				{"counts of devices", func(ctx context.Context) (int, error) {
					sum, err := d.people.DeviceSummary(ctx)
					return int(sum.Devices) - 100_000 + 50, err
				}},
				{"devices of which too little is known", func(ctx context.Context) (int, error) {
					p, err := d.people.Devices(ctx, asset.DeviceFilter{Standing: []asset.CheckStatus{asset.CheckMisconfigured}}, first)
					return len(p.Items), err
				}},
				{"people by how a check stands, page 100", func(ctx context.Context) (int, error) {
					p, err := d.people.People(ctx, asset.PersonFilter{}, page.Request{Size: 50, Number: 100, Sort: page.Sort(asset.FullCompliance), Ascending: true})
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

var benchActor = event.System(event.SourceApp)

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
