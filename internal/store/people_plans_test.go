package store

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/search"
	"github.com/plumbline-dev/plumbline/internal/upload"
)

// explained is a database that keeps the plans of the statements of reads and writes.
type explained struct {
	database
	mu       sync.Mutex
	plans    []plan
	postgres bool
}

type plan struct{ sql, text string }

func (e *explained) read(ctx context.Context, fn func(querier) error) error {
	return e.database.read(ctx, func(q querier) error { return fn(&explaining{q, e}) })
}

func (e *explained) reads(ctx context.Context, n int, fn func([]querier) error) error {
	return e.database.reads(ctx, n, func(qs []querier) error {
		to := make([]querier, len(qs))
		for i, q := range qs {
			to[i] = &explaining{q, e}
		}
		return fn(to)
	})
}

func (e *explained) write(ctx context.Context, fn func(querier) error) error {
	return e.database.write(ctx, func(q querier) error { return fn(&explaining{q, e}) })
}

type explaining struct {
	querier
	to *explained
}

func (q *explaining) query(sql string, each func(row) error, args ...any) error {
	if err := q.explain(sql, args); err != nil {
		return err
	}
	return q.querier.query(sql, each, args...)
}

func (q *explaining) exec(sql string, args ...any) (int64, error) {
	if err := q.explain(sql, args); err != nil {
		return 0, err
	}
	return q.querier.exec(sql, args...)
}

func (q *explaining) explain(sql string, args []any) error {
	p := plan{sql: sql}
	note := func(r row) error {
		var line string
		err := r.scan(&line)
		p.text += line + "\n"
		return err
	}
	explain := "EXPLAIN "
	q.to.mu.Lock()
	defer q.to.mu.Unlock()
	if q.to.postgres = q.dialect().postgres; !q.to.postgres {
		explain = "EXPLAIN QUERY PLAN "
		note = func(r row) error {
			var id, parent, unused int64
			var line string
			err := r.scan(&id, &parent, &unused, &line)
			p.text += line + "\n"
			return err
		}
	}
	if err := q.querier.query(explain+sql, note, args...); err != nil {
		return err
	}
	q.to.plans = append(q.to.plans, p)
	return nil
}

// Who stands so, and who or what has a text: what is true of few is read by
// number, and of many along the index of the list's order, without a sort.
func TestPlansOfSearches(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		d := newStaff(t, s)
		d.hire(3000)
		d.sync()
		first, err := d.people.Person(ctx, asset.PersonRef{Email: "p7@example.com"})
		d.must(err)
		for _, kind := range asset.DocumentTypes {
			_, err := d.people.AddDocument(ctx, benchActor, first.ID, kind, upload.File{Name: "a.pdf", Content: []byte("%PDF-1.4")}, "")
			d.must(err)
		}
		d.equip(1)
		d.must(s.db.write(ctx, func(q querier) error {
			for _, sql := range []string{
				`INSERT INTO asset (name, description, asset_type, provider, reference, owner_id, owner_status, device_id, search_key, created_at, updated_at)
					SELECT 'Laptop', 'Linux', 'PHYSICAL', 'DRATA', 'WORKSTATION', user_id, status, 1000000 + id, 'laptop of ' || search_key, created_at, updated_at FROM personnel`,
				`INSERT INTO device (id, connection_id, asset_id, person_id, platform, platform_version, source, posture, apps_count, checked_at, created_at, updated_at)
					SELECT a.device_id, (SELECT min(connection_id) FROM device), a.id, p.id, 'LINUX', '6', 'CUSTOM', '{}', 0, a.created_at, a.created_at, a.updated_at
					FROM asset a JOIN personnel p ON p.user_id = a.owner_id WHERE a.device_id > 1000000`,
				`INSERT INTO custom_field (kind, name, name_key, choices, created_at, updated_at) VALUES ('PERSONNEL', 'Team', 'team', '[]', 1, 1), ('ASSET', 'Team', 'team', '[]', 1, 1)`,
				`INSERT INTO custom_field_value (kind, object_id, field_id, value, value_key) SELECT f.kind, p.id, f.id, CASE WHEN p.id % 100000 = 7 THEN 'Blue' ELSE 'Red' END,
					CASE WHEN p.id % 100000 = 7 THEN 'blue' ELSE 'red' END FROM personnel p JOIN custom_field f ON f.kind = 'PERSONNEL'`,
				`INSERT INTO custom_field_value (kind, object_id, field_id, value, value_key) SELECT f.kind, a.id, f.id, 'Red', 'red' FROM asset a JOIN custom_field f ON f.kind = 'ASSET'`,
				"INSERT INTO device_search (device_id, search_key, owner_key) SELECT d.id, 'laptop ' || d.asset_id, p.search_key FROM device d JOIN personnel p ON p.id = d.person_id WHERE d.id > 1000000",
				`INSERT INTO asset (name, description, asset_type, provider, reference, owner_id, search_key, created_at, updated_at)
					SELECT 'Chair', 'A chair', 'PHYSICAL', 'DRATA', 'COMPANY_ASSET', min(user_id), 'chair', 1, 1 FROM personnel`,
			} {
				if _, err := q.exec(sql); err != nil {
					return err
				}
			}
			return nil
		}))
		grouped := map[string]int64{}
		for name, rule := range map[string]*asset.GroupRule{"many": {EmailDomains: []string{"example.com"}}, "few": nil} {
			g, err := d.people.CreatePeopleGroup(ctx, benchActor, asset.GroupChange{Name: &name, Rule: &rule})
			d.must(err)
			grouped[name] = g.ID
		}
		_, err = d.people.ChangeMembers(ctx, benchActor, grouped["few"], true, []asset.PersonRef{{ID: first.ID}})
		d.must(err)
		d.must(s.db.write(ctx, func(q querier) error {
			// Nobody tells SQLite what is in its tables; PostgreSQL learns it by itself.
			if !q.dialect().postgres {
				return nil
			}
			_, err := q.exec("ANALYZE")
			return err
		}))
		inside := s.db
		defer func() { s.db = inside }()
		watched := func(look func() (int, error)) (*explained, int, error) {
			e := &explained{database: inside}
			s.db = e
			n, err := look()
			s.db = inside
			return e, n, err
		}
		fails, passes := asset.PersonFilter{Standing: []asset.CheckStatus{asset.CheckFail}}, asset.PersonFilter{Standing: []asset.CheckStatus{asset.CheckPass}}
		byName := page.Request{Size: 50, Sort: asset.ByName, Ascending: true}
		numbered := func(sort page.Sort) page.Request {
			return page.Request{Size: 50, Number: 20, Sort: sort, Ascending: true}
		}
		people := func(f asset.PersonFilter, r page.Request) func() (int, error) {
			return func() (int, error) {
				p, err := d.people.People(ctx, f, r)
				return len(p.Items), err
			}
		}
		devices := func(text string) func() (int, error) {
			return func() (int, error) {
				p, err := d.people.Devices(ctx, asset.DeviceFilter{Text: text}, page.Request{Size: 50})
				return len(p.Items), err
			}
		}
		kindOf := func(f asset.DeviceFilter) func() (int, error) {
			return func() (int, error) {
				p, err := d.people.Devices(ctx, f, page.Request{Size: 50, Number: 1, WantTotal: true})
				return len(p.Items), err
			}
		}
		class := func(f asset.AssetFilter) func() (int, error) {
			return func() (int, error) {
				p, err := d.people.Assets(ctx, f, page.Request{Size: 50, Number: 1, WantTotal: true})
				return len(p.Items), err
			}
		}
		users := func(f access.UserFilter) func() (int, error) {
			return func() (int, error) {
				p, err := access.NewService(s, time.Now).Users(ctx, access.Operator(benchActor), f, page.Request{Size: 50})
				return len(p.Items), err
			}
		}
		fieldOf := func(k customfield.Kind) int64 {
			known, err := s.CustomFieldsOf(ctx, k)
			d.must(err)
			return known[0].ID
		}
		having := func(text string) asset.PersonFilter {
			return asset.PersonFilter{Fields: []customfield.Wanted{{FieldID: fieldOf(customfield.Person), Text: &text}}}
		}
		assets := func(text string, r page.Request) func() (int, error) {
			return func() (int, error) {
				p, err := d.people.Assets(ctx, asset.AssetFilter{Text: text}, r)
				return len(p.Items), err
			}
		}
		palette := func(kind search.Kind, text string) func() (int, error) {
			return func() (int, error) {
				hits, _, err := s.Search(ctx, search.Query{WorkspaceID: 1, Text: text, Words: []string{text}, Kinds: []search.Kind{kind}})
				return len(hits), err
			}
		}
		for _, c := range []struct {
			name string
			look func() (int, error)
			want int
			// index is what the page is read by, on SQLite and on PostgreSQL; found is
			// the index by which it is asked who stands so, where these are few; of many
			// the first rows will do.
			index [2]string
			found string
		}{
			{"many who fail", people(fails, page.Request{Size: 50}), 50, [2]string{"personnel_created", "personnel_created"}, ""},
			{"many who fail, by name", people(fails, byName), 50, [2]string{"personnel_name", "personnel_name"}, ""},
			{"few who pass", people(passes, page.Request{Size: 50}), 1, [2]string{"SEARCH p USING INTEGER PRIMARY KEY", "Index Cond: (id = "}, "personnel_standing"},
			{"many people of whom a check is not known to pass", people(asset.PersonFilter{Passing: map[asset.CheckType]bool{asset.AntivirusCheck: false}}, page.Request{Size: 50}), 50,
				[2]string{"personnel_created", "SubPlan"}, ""},
			{"many people of a group", people(asset.PersonFilter{GroupIDs: []int64{grouped["many"]}}, page.Request{Size: 50}), 50, [2]string{"personnel_created", "personnel_created"}, ""},
			{"many people of groups, by name", people(asset.PersonFilter{GroupIDs: []int64{grouped["few"], grouped["many"]}}, byName), 50, [2]string{"personnel_name", "personnel_name"}, ""},
			{"few people of a group", people(asset.PersonFilter{GroupIDs: []int64{grouped["few"]}}, byName), 1, [2]string{"SEARCH p USING INTEGER PRIMARY KEY", "Index Cond: (id = "}, ""},
			{"many people with a value", people(having("Red"), page.Request{Size: 50}), 50, [2]string{"personnel_created", "personnel_created"}, ""},
			{"few people with a value", people(having("blue"), byName), 1, [2]string{"SEARCH p USING INTEGER PRIMARY KEY", "Index Cond: (id = "}, ""},
			{"all devices", kindOf(asset.DeviceFilter{}), 50, [2]string{"device_created", "device_created"}, ""},
			{"many devices of a platform", kindOf(asset.DeviceFilter{Platform: "LINUX"}), 50, [2]string{"device_created", "device_created"}, ""},
			{"many devices of a connection", kindOf(asset.DeviceFilter{ConnectionID: 2, Source: asset.FromConnection}), 50, [2]string{"device_created", "device_created"}, ""},
			{"all assets", class(asset.AssetFilter{}), 50, [2]string{"asset_created", "asset_created"}, ""},
			{"many assets of a type", class(asset.AssetFilter{Type: asset.Physical}), 50, [2]string{"asset_created", "asset_created"}, ""},
			{"many assets of those who work here", class(asset.AssetFilter{OwnerStatus: asset.CurrentEmployee}), 50, [2]string{"asset_created", "asset_created"}, ""},
			{"few assets of a class", class(asset.AssetFilter{Class: "HARDWARE"}), 1, [2]string{"SEARCH a USING INTEGER PRIMARY KEY", "asset_pkey"}, ""},
			{"all users", users(access.UserFilter{}), 50, [2]string{"app_user_created", "app_user_created"}, ""},
			{"many users with a name", users(access.UserFilter{FirstName: "Pers"}), 50, [2]string{"app_user_created", "app_user_created"}, ""},
			{"few users with a name", users(access.UserFilter{LastName: "2777"}), 1, [2]string{"SEARCH u USING INTEGER PRIMARY KEY", "app_user_pkey"}, ""},
			{"people whose devices report so", people(asset.PersonFilter{Source: asset.FromConnection}, page.Request{Size: 50, Number: 1, WantTotal: true}), 50, [2]string{"personnel_created", "personnel_created"}, ""},
			{"few people from the palette", palette(search.Person, "p2777@"), 1, [2]string{"SEARCH x USING INTEGER PRIMARY KEY", "Index Cond: (id = "}, ""},
			{"few devices from the palette", palette(search.Device, "serial-00000"), 1, [2]string{"SEARCH x USING INTEGER PRIMARY KEY", "device_pkey"}, ""},
			{"few assets from the palette", palette(search.Asset, "chair"), 1, [2]string{"SEARCH x USING INTEGER PRIMARY KEY", "asset_pkey"}, ""},
			{"people by status, page 20", people(asset.PersonFilter{}, numbered(asset.ByEmploymentStatus)), 50, [2]string{"personnel_status", "personnel_status"}, ""},
			{"people by the system of their newest device, page 20", people(asset.PersonFilter{}, numbered(asset.ByDeviceSystem)), 50, [2]string{"personnel_device_system", "personnel_device_system"}, ""},
			{"people by its serial number, page 20", people(asset.PersonFilter{}, numbered(asset.ByDeviceSerial)), 50, [2]string{"personnel_device_serial", "personnel_device_serial"}, ""},
			{"people by its programs, page 20", people(asset.PersonFilter{}, numbered(asset.ByDeviceApps)), 50, [2]string{"personnel_device_apps", "personnel_device_apps"}, ""},
			{"people by how they stand, page 20", people(asset.PersonFilter{}, numbered(page.Sort(asset.FullCompliance))), 50, [2]string{"COVERING INDEX personnel_people", "personnel_p"}, ""},
			{"some people by a check, page 20", people(asset.PersonFilter{Statuses: []asset.EmploymentStatus{asset.CurrentEmployee}}, numbered(page.Sort(asset.EncryptionCheck))), 50,
				[2]string{"COVERING INDEX personnel_people", "personnel_p"}, ""},
			{"assets by owner, page 20", assets("", numbered(asset.ByOwner)), 50, [2]string{"asset_owner_key", "asset_owner_key"}, ""},
			{"assets by the owner's status, page 20", assets("", numbered(asset.ByOwnerStatus)), 50, [2]string{"asset_owner_status", "asset_owner_status"}, ""},
			{"assets by description, page 20", assets("", numbered(asset.ByDescription)), 50, [2]string{"asset_description", "asset_description"}, ""},
			{"people by separation, page 20", people(asset.PersonFilter{}, numbered(asset.BySeparationDate)), 50, [2]string{"personnel_separated", "personnel_separated"}, ""},
			{"assets by type, page 20", assets("", numbered(asset.ByType)), 50, [2]string{"asset_type", "asset_type"}, ""},
			{"assets by provider, page 20", assets("", numbered(asset.ByProvider)), 50, [2]string{"asset_provider", "asset_provider"}, ""},
			{"assets by removal, page 20", assets("", numbered(asset.ByRemovedAt)), 50, [2]string{"asset_removed", "asset_removed"}, ""},
		} {
			t.Run(c.name, func(t *testing.T) {
				e, n, err := watched(c.look)
				if err != nil || n != c.want {
					t.Fatalf("%d are found, want %d: %v", n, c.want, err)
				}
				index := c.index[0]
				if e.postgres {
					index = c.index[1]
				}
				asked, read := c.found == "", false
				for _, p := range e.plans {
					if c.found != "" && strings.HasPrefix(p.sql, "SELECT p.id FROM personnel p") && strings.Contains(p.sql, "p.standing IN") {
						asked = strings.Contains(p.text, c.found)
					}
					if !strings.Contains(p.sql, "ORDER BY") || !strings.Contains(p.sql, "LIMIT") || read && strings.Contains(p.sql, ".id IN (") {
						// After the numbers of a page, its rows.
						continue
					}
					read = true
					sorts := strings.Contains(p.text, "TEMP B-TREE") || strings.Contains(p.text, "Sort")
					if !strings.Contains(p.text, index) || c.want > 1 && sorts {
						t.Errorf("%s\nis not read by %s, or is sorted:\n%s", p.sql, index, p.text)
					}
				}
				if !asked || !read {
					t.Errorf("asked by %q: %t, read as a page: %t: %.2000v", c.found, asked, read, e.plans)
				}
			})
		}
		// A text that the first rows have is looked for there alone, along the order;
		// else everywhere.
		for _, c := range []struct {
			name string
			look func() (int, error)
			want int
			// plan is a part of the plan on SQLite and on PostgreSQL.
			plan [2]string
			// near reports that the first rows will do.
			near bool
		}{
			{"many people", people(asset.PersonFilter{Text: "PERSON"}, page.Request{Size: 50}), 50, [2]string{"SCAN p USING COVERING INDEX personnel_created", "using personnel_created on personnel p_1"}, true},
			{"few people", people(asset.PersonFilter{Text: "p2777@"}, byName), 1, [2]string{"SCAN p USING COVERING INDEX personnel_name", "Seq Scan on personnel p"}, false},
			{"few people by an order without the text", people(asset.PersonFilter{Text: "p2777@"}, page.Request{Size: 50, Sort: page.UpdatedAt}), 1,
				[2]string{"SCAN personnel USING COVERING INDEX personnel_", "Seq Scan on personnel p"}, false},
			{"few people of a group of many", people(asset.PersonFilter{Text: "p2777@", GroupIDs: []int64{grouped["many"]}}, byName), 1,
				[2]string{"SCAN p USING COVERING INDEX personnel_name", "Seq Scan on personnel p"}, false},
			{"people of a group of few", people(asset.PersonFilter{Text: "person", GroupIDs: []int64{grouped["few"]}}, byName), 1,
				[2]string{"SEARCH p USING INTEGER PRIMARY KEY", "Index Cond: (id = "}, false},
			{"many devices", devices("Laptop"), 50, [2]string{"SCAN d USING INDEX device_created", "using device_created on device d_1"}, true},
			{"few devices", devices("serial-00000"), 1, [2]string{"SCAN device_search", "Seq Scan on device_search"}, false},
			{"few devices of somebody", devices("p2777@"), 1, [2]string{"SCAN device_search", "Seq Scan on device_search"}, false},
			{"many assets", assets("laptop", page.Request{Size: 50}), 50, [2]string{"SCAN a USING INDEX asset_created", "using asset_created on asset a_1"}, true},
			{"many assets by name", assets("laptop", byName), 50, [2]string{"SCAN a USING INDEX asset_name", "using asset_name on asset a_1"}, true},
			{"few assets", assets("p2777@", byName), 1, [2]string{"SCAN a USING INDEX asset_name", "Seq Scan on asset a"}, false},
		} {
			t.Run("a text of "+c.name, func(t *testing.T) {
				e, n, err := watched(c.look)
				if err != nil || n != c.want {
					t.Fatalf("%d are found, want %d: %v", n, c.want, err)
				}
				plan := c.plan[0]
				if e.postgres {
					plan = c.plan[1]
				}
				asked, planned := 0, false
				for _, p := range e.plans {
					if strings.Contains(p.sql, "instr(") || strings.Contains(p.sql, "strpos(") {
						asked++
						planned = strings.Contains(p.text, plan)
					}
				}
				if !planned || c.near != (asked == 1) {
					t.Errorf("a text is asked for %d times, at last by %q: %t: %.3000v", asked, plan, planned, e.plans)
				}
			})
		}
		// The values of a page are read by the numbers of what is on it.
		t.Run("values of a page", func(t *testing.T) {
			for _, look := range []func() (int, error){people(asset.PersonFilter{}, page.Request{Size: 50}), assets("", page.Request{Size: 50})} {
				e, n, err := watched(look)
				if err != nil || n != 50 {
					t.Fatalf("%d are on the page: %v", n, err)
				}
				index, times := "SEARCH v USING INDEX sqlite_autoindex_custom_field_value_1", 0
				if e.postgres {
					index = "custom_field_value_pkey"
				}
				for _, p := range e.plans {
					if strings.HasPrefix(p.sql, "SELECT v.object_id") {
						times++
						if !strings.Contains(p.text, index) {
							t.Errorf("%s\nis not read by %s:\n%s", p.sql, index, p.text)
						}
					}
				}
				if times != 1 {
					t.Errorf("values are read %d times", times)
				}
			}
		})
		for _, c := range []struct {
			name, index string
			count       func() (int64, error)
		}{
			{"people", "personnel_standing", func() (int64, error) {
				sum, err := d.people.PeopleSummary(ctx)
				return sum.People, err
			}},
			{"everybody by facets", "personnel_standing", func() (int64, error) {
				found, err := d.people.PeopleFacets(ctx, asset.PersonFilter{}, false)
				return found.Synced + found.NotSynced, err
			}},
			{"some by facets", "personnel_standing", func() (int64, error) {
				found, err := d.people.PeopleFacets(ctx, asset.PersonFilter{Statuses: []asset.EmploymentStatus{asset.CurrentEmployee, asset.FutureHire}}, false)
				return found.Synced + found.NotSynced, err
			}},
			{"people by hand", "personnel_by_hand", func() (int64, error) {
				sum, err := d.people.PeopleSummary(ctx)
				return sum.ByHand + 3000, err
			}},
			{"all devices", "device_kinds", func() (int64, error) {
				p, err := d.people.Devices(ctx, asset.DeviceFilter{Platform: "LINUX"}, page.Request{Size: 1, WantTotal: true})
				return *p.Total - 1, err
			}},
			{"all assets", "asset_kinds", func() (int64, error) {
				p, err := d.people.Assets(ctx, asset.AssetFilter{Provider: "DRATA"}, page.Request{Size: 1, WantTotal: true})
				return *p.Total - 2, err
			}},
			{"devices", "device_compliance_counts", func() (int64, error) {
				sum, err := d.people.DeviceSummary(ctx)
				return sum.Devices + 2999, err
			}},
		} {
			t.Run("counts of "+c.name, func(t *testing.T) {
				e := &explained{database: inside}
				s.db = e
				n, err := c.count()
				s.db = inside
				if err != nil || n != 3000 {
					t.Fatalf("%d are counted: %v", n, err)
				}
				by := "COVERING INDEX " + c.index
				if e.postgres {
					// It goes by the narrowest index until the table was vacuumed.
					by = "using " + strings.TrimSuffix(c.index, "kinds")
				}
				read := slices.IndexFunc(e.plans, func(p plan) bool { return strings.Contains(p.text, by) })
				if read < 0 || strings.Contains(e.plans[read].text, "TEMP B-TREE") || strings.Contains(e.plans[read].text, "Sort") {
					t.Errorf("they are not counted along %s: %.3000v", c.index, e.plans)
				}
			})
		}
		t.Run("a report", func(t *testing.T) {
			mdm := d.connection("Another MDM", "MDM")
			e := &explained{database: inside}
			s.db = e
			serial := "another"
			_, err := d.people.ReportDevice(ctx, benchActor, mdm, asset.Report{Owner: asset.PersonRef{Email: "p2777@example.com"},
				Device: asset.Device{Platform: "LINUX", PlatformVersion: "6", SerialNumber: &serial}})
			s.db = inside
			if err != nil {
				t.Fatal(err)
			}
			stands := false
			for _, p := range e.plans {
				if strings.HasPrefix(p.sql, "INSERT") {
					// The plan names tables that refer to this one, which are read only
					// while a reference waits.
					stands = stands || strings.Contains(p.sql, "INTO device_compliance")
					continue
				}
				for _, whole := range []string{"SCAN device\n", "SCAN device_compliance\n", "SCAN d\n", "Seq Scan on device ", "Seq Scan on device_compliance", "SCAN p\n", "Seq Scan on personnel "} {
					if strings.Contains(p.text, whole) {
						t.Errorf("%s\nreads a whole table:\n%s", p.sql, p.text)
					}
				}
			}
			if !stands {
				t.Errorf("how the device stands was not noted: %.2000v", e.plans)
			}
		})
		t.Run("a restored asset", func(t *testing.T) {
			external, unique := "e-1", "u-1"
			text, kind, e, u := "Rack", "PHYSICAL", &external, &unique
			a, err := d.people.CreateAsset(ctx, benchActor, asset.AssetChange{Name: &text, Description: &text, Classes: &[]string{"HARDWARE"}, Type: &kind, OwnerID: &first.UserID,
				ExternalID: &e, UniqueID: &u})
			d.must(err)
			d.must(d.people.DeleteAsset(ctx, benchActor, a.ID))
			to := &explained{database: inside}
			s.db = to
			_, err = d.people.RestoreAsset(ctx, benchActor, a.ID)
			s.db = inside
			d.must(err)
			for column, index := range map[string]string{"a.external_id = ": "asset_external", "a.unique_id = ": "asset_unique"} {
				looks := func(p plan) bool { return strings.Contains(p.sql, column) && strings.Contains(p.text, index) }
				if !slices.ContainsFunc(to.plans, looks) {
					t.Errorf("another asset is not looked for by %s: %.2000v", index, to.plans)
				}
			}
		})
	})
}
