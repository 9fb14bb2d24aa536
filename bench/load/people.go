//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// looks is how often each list of people is asked for.
	looks = 25
	// lookLimit is what one may take.
	lookLimit = 50 * time.Millisecond
	// identitiesPerCall is the most that the API takes.
	identitiesPerCall = 1000
)

// lookups are what integrations and the web app ask for where there are many
// people, each with a device that is an asset. Some filters and orders keep all,
// others few. MIDDLE is the page in the middle of all, TENTH that of a tenth, MDM the
// connection that reports devices.
var lookups = []struct{ what, path string }{
	{"v2 people, 50 and their checks", "/public/v2/personnel?size=50&expand[]=user&expand[]=complianceChecks"},
	{"v2 people who work here, with their number", "/public/v2/personnel?employmentStatus[]=CURRENT_EMPLOYEE&includeTotalCount=true"},
	{"v2 people who do not comply, with their number", "/public/v2/personnel?complianceStatus[]=FAIL&includeTotalCount=true"},
	{"v2 people of a group of all, with their number", "/public/v2/personnel?groupIds[]=1&includeTotalCount=true"},
	{"v2 people by name", "/public/v2/personnel-search?sort=name&sortDir=ASC"},
	{"v2 search for a hundredth of all", "/public/v2/personnel-search?q=number77"},
	{"v2 search for a tenth of all, with their number", "/public/v2/personnel-search?q=ada&includeTotalCount=true"},
	{"v2 search for a tenth of all, who stand last by name", "/public/v2/personnel-search?q=jonas&sort=name&sortDir=ASC"},
	{"v2 facets of all", "/public/v2/personnel-search?facets[]=employmentStatus"},
	{"v2 facets of a search for a tenth of all", "/public/v2/personnel-search?q=ada&facets[]=employmentStatus"},
	{"v2 facets of a group of all", "/public/v2/personnel-search?groupIds[]=1&facets[]=employmentStatus"},
	{"v2 counts of people", "/public/v2/personnel/summary"},
	{"v2 devices, 50 with all their parts", "/public/v2/devices?expand[]=asset&expand[]=complianceChecks&expand[]=identifiers&expand[]=documents"},
	{"v2 device by its serial number", "/public/v2/devices?serialNumber=SN0000077"},
	{"v2 search for few devices", "/public/v2/devices?q=sn000007"},
	{"v2 search for a tenth of all devices, which stand last, with their number", "/public/v2/devices?q=sn009&sort=createdAt&sortDir=ASC&includeTotalCount=true"},
	{"v2 search for the devices of a tenth of all", "/public/v2/devices?q=jonas"},
	{"v2 devices of a connection, with their number", "/public/v2/connections/MDM/devices?includeTotalCount=true"},
	{"v2 devices that fail a check, with their number", "/public/v2/devices?failingCheck=HDD_ENCRYPTION&includeTotalCount=true"},
	{"v2 devices of a system, with their number", "/public/v2/devices?platform=LINUX&includeTotalCount=true"},
	{"v2 counts of devices", "/public/v2/devices/summary"},
	{"v2 assets by name, 500", "/public/v2/assets?sort=name&sortDir=ASC&size=500"},
	{"v2 search for few assets", "/public/v2/assets?q=sn000007"},
	{"v2 search for a tenth of all assets, which stand last by name, with their number", "/public/v2/assets?q=sn009&sort=name&sortDir=ASC&includeTotalCount=true"},
	{"v2 users with a first and a last name", "/public/v2/users?firstName=ada&lastName=number77"},
	{"v1 people, in the middle", "/public/personnel?page=MIDDLE&limit=50"},
	{"v1 search for a tenth of all people", "/public/personnel?page=1&limit=50&q=ada"},
	{"v1 search for a tenth of all people, in the middle", "/public/personnel?page=TENTH&limit=50&q=ada"},
	{"v1 people by how they stand, in the middle", "/public/personnel?page=MIDDLE&limit=50&sort=FULL_COMPLIANCE"},
	{"v1 people by a check, in the middle", "/public/personnel?page=MIDDLE&limit=50&sort=HDD_ENCRYPTION&sortDir=DESC"},
	{"v1 people by the system of their device, in the middle", "/public/personnel?page=MIDDLE&limit=50&sort=OS_VERSION"},
	{"v1 people who do not comply", "/public/personnel?page=1&limit=50&fullCompliance=false"},
	{"v1 people whose devices do not", "/public/personnel?page=1&limit=50&deviceCompliance=false"},
	{"v1 people who work here, by name", "/public/personnel?page=1&limit=50&employmentStatus=CURRENT_EMPLOYEE&sort=NAME"},
	{"v1 people by where their devices are reported", "/public/personnel?page=1&limit=50&mdmSourceType=CUSTOM"},
	{"v1 devices, in the middle", "/public/devices?page=MIDDLE&limit=50"},
	{"v1 assets by owner, in the middle", "/public/assets?page=MIDDLE&limit=50&sort=USER"},
	{"v1 assets of a class", "/public/assets?page=1&limit=50&assetClassType=HARDWARE"},
	{"v1 assets of those who work here", "/public/assets?page=1&limit=50&employmentStatus=CURRENT_EMPLOYEE"},
}

// measurePeople measures lists of people on SQLite and, if it is asked for, on
// PostgreSQL.
func measurePeople(ctx context.Context, r *report, people int, postgres string) (err error) {
	binary, clean, err := build(ctx)
	if err != nil {
		return err
	}
	defer clean()
	if err := staffed(ctx, r, "SQLite", binary, "", people); err != nil || postgres == "" {
		return err
	}
	if postgres == "start" {
		c, err := startCluster()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.stop()) }()
		postgres = c.url
	}
	return staffed(ctx, r, "PostgreSQL", binary, postgres, people)
}

// staffed makes people, a device of each and a group of all on a new server, and
// measures what is asked for.
func staffed(ctx context.Context, r *report, where, binary, database string, people int) (err error) {
	s, err := start(ctx, binary, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	begin := time.Now()
	if err := s.hire(ctx, people); err != nil {
		return err
	}
	r.add(fmt.Sprintf("%s: %d identities and their sync", where, people), brief(time.Since(begin)), "", "")
	begin = time.Now()
	mdm, err := s.equip(ctx, people)
	if err != nil {
		return err
	}
	inPaths := strings.NewReplacer("MIDDLE", strconv.Itoa(max(people/100, 1)), "TENTH", strconv.Itoa(max(people/1000, 1)), "MDM", strconv.FormatInt(mdm, 10))
	r.add(fmt.Sprintf("%s: %d reports of devices, %d clients", where, people, clients), rate(float64(people)/time.Since(begin).Seconds()), "", "")
	if _, _, err := s.call(ctx, http.MethodPost, "/public/v2/groups", []byte(`{"name":"All","rule":{"emailDomains":["example.com"]}}`)); err != nil {
		return err
	}
	// The records of all of them are still written, and their tests run.
	if err := s.idle(ctx); err != nil {
		return err
	}
	if err := vacuum(ctx, database); err != nil {
		return err
	}
	atRest()
	spans := make([][]time.Duration, len(lookups))
	for range looks {
		for i, l := range lookups {
			path := inPaths.Replace(l.path)
			begin := time.Now()
			_, reply, err := s.call(ctx, http.MethodGet, path, nil)
			spans[i] = append(spans[i], time.Since(begin))
			if err != nil {
				return err
			}
			if bytes.Contains(reply, []byte(`"data":[]`)) {
				return fmt.Errorf("nothing is found by %s", path)
			}
		}
	}
	for i, l := range lookups {
		took := median(spans[i])
		r.add(fmt.Sprintf("%s, %d people: %s, median of %d", where, people, l.what, looks), fmt.Sprintf("%.1f ms", 1000*took.Seconds()),
			fmt.Sprintf("limit %d ms", lookLimit.Milliseconds()), fmt.Sprintf("%.2f", took.Seconds()/lookLimit.Seconds()))
	}
	return nil
}

// vacuum is what a PostgreSQL server does by itself in the minutes after so many rows
// have come.
func vacuum(ctx context.Context, database string) error {
	if database == "" {
		return nil
	}
	c, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, "VACUUM ANALYZE")
	return errors.Join(err, c.Close(ctx))
}

// idle waits until the server uses less than a tenth of a core. Only Linux tells
// it; elsewhere a while must do.
func (s *server) idle(ctx context.Context) error {
	const look, patience = 3 * time.Second, 100
	was := time.Duration(-1)
	for range patience {
		used, known, err := s.used()
		if err != nil || was >= 0 && (known && used-was < look/10 || !known) {
			return err
		}
		if was = used; !known {
			was = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(look):
		}
	}
	return errors.New("the server does not come to rest")
}

// hire sends identities to a new connection, and waits until all of them are people.
func (s *server) hire(ctx context.Context, people int) error {
	hris, err := s.provider(ctx, "HRIS")
	if err != nil {
		return err
	}
	names := []string{"Ada", "Boris", "Chloe", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas"}
	for first := 0; first < people; first += identitiesPerCall {
		body := []byte("[")
		for i := first; i < min(first+identitiesPerCall, people); i++ {
			body = fmt.Appendf(body, `{"identityId":"%d","email":"p%d@example.com","firstName":%q,"lastName":"Number%d","startedAt":"2020-01-01"},`, i, i, names[i%len(names)], i)
		}
		body[len(body)-1] = ']'
		if _, _, err := s.call(ctx, http.MethodPost, fmt.Sprintf("/public/v2/custom-connections/%d/hris-user-identities", hris), body); err != nil {
			return err
		}
	}
	// The first identities of a server are synced by themselves: then one is running.
	for {
		resp, err := s.request(ctx, http.MethodPost, "/public/v2/identity-syncs", []byte("{}"))
		if err != nil {
			return err
		}
		_ = resp.Body.Close()
		if resp.StatusCode >= http.StatusBadRequest && resp.StatusCode != http.StatusConflict {
			return fmt.Errorf("start an identity sync: %s", resp.Status)
		}
		_, reply, err := s.call(ctx, http.MethodGet, "/public/v2/personnel?size=1&includeTotalCount=true", nil)
		if err != nil {
			return err
		}
		var found struct{ Pagination struct{ TotalCount int } }
		if err := json.Unmarshal(reply, &found); err != nil || found.Pagination.TotalCount == people {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// provider makes a connection of a provider type.
func (s *server) provider(ctx context.Context, kind string) (id int64, err error) {
	_, reply, err := s.call(ctx, http.MethodPost, "/public/v2/custom-connections", fmt.Appendf(nil, `{"name":%q,"providerTypes":[%q]}`, kind, kind))
	if err != nil {
		return 0, err
	}
	var made struct{ ID int64 }
	err = json.Unmarshal(reply, &made)
	return made.ID, err
}

// equip reports a device of each person to a new connection.
func (s *server) equip(ctx context.Context, people int) (mdm int64, err error) {
	if mdm, err = s.provider(ctx, "MDM"); err != nil {
		return 0, err
	}
	path := fmt.Sprintf("/public/v2/custom-connections/%d/devices", mdm)
	systems := [][2]string{{"MACOS", "15.6"}, {"WINDOWS", "11 24H2"}, {"LINUX", "Ubuntu 24.04"}}
	var next atomic.Int64
	errs := make([]error, clients)
	var work sync.WaitGroup
	for n := range clients {
		work.Go(func() {
			for i := next.Add(1) - 1; i < int64(people) && errs[n] == nil; i = next.Add(1) - 1 {
				of := systems[i%3]
				body := fmt.Appendf(nil, `{"personnelId":"email:p%d@example.com","platformName":%q,"platformVersion":%q,"serialNumber":"SN%07d","encryptionEnabled":%t,"antivirusEnabled":%t,`+
					`"autoUpdateEnabled":true,"passwordManagerEnabled":true,"screenLockEnabled":true}`, i, of[0], of[1], i, i%20 != 0, i%9 != 0)
				_, _, errs[n] = s.call(ctx, http.MethodPost, path, body)
			}
		})
	}
	work.Wait()
	return mdm, errors.Join(errs...)
}
