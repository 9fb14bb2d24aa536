package httpapi_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// reportV1 reports a device through v1, and tells its number.
func (s *server) reportV1(t testing.TB, path, person, serial, more string) string {
	t.Helper()
	return s.call(t, "POST", path, `{"personnelId":`+person+`,"platformName":"LINUX","platformVersion":"6.12","serialNumber":"`+serial+`"`+more+`}`).is(201).text("id")
}

const everyProtection = `,"passwordManagerEnabled":true,"encryptionEnabled":true,"antivirusEnabled":true,"autoUpdateEnabled":true,"screenLockEnabled":true`

// devicesV1 is what a script of v1 does with devices and their owners, from the
// connection on.
func devicesV1(t *testing.T, s *server) {
	ids := s.staff(t, "v1.dora@devices.example", "v1.dan@devices.example")
	path := "/public" + s.mdm(t)
	one := s.reportV1(t, path+"?expand[]=asset&expand[]=identifiers", ids[0], "V1-A", everyProtection+`,"macAddress":"00:00:5e:00:53:aa","externalId":"v1-x","encryptionExplanation":"On",
		"appList":[{"name":"Chrome","version":"131"},{"name":"vim","version":""},{"name":"git","version":"2.47"}]`)
	s.clock.advance(time.Minute)
	two := s.reportV1(t, path, ids[1], "V1-B", `,"macAddress":"00:00:5e:00:53:ab","screenLockTime":60`)
	if again := s.reportV1(t, path, ids[1], "v1-b", `,"macAddress":"00-00-5E-00-53-AB","model":"ThinkPad"`); again != two {
		t.Errorf("the device came in as %s, and then as %s", two, again)
	}

	all := path + "?expand[]=asset&expand[]=identifiers&expand[]=complianceChecks&expand[]=documents"
	s.call(t, "GET", all, "").is(200).has(map[string]any{"page": 1, "limit": 20, "total": 2, "data.0.id": spelt(two), "data.0.model": "ThinkPad", "data.0.isDeviceCompliant": false,
		"data.0.documents": []any{}, "data.1.id": spelt(one), "data.1.isDeviceCompliant": true, "data.1.encryptionExplanation": "On", "data.1.asset.company": s.call(t, "GET", "/company", "").at("name"), "data.1.asset.uniqueId": "V1-A",
		"data.1.identifiers.0.identifier": "V1-A", "data.1.complianceChecks.0.status": "PASS", "data.1.personnelId": spelt(ids[0]), "data.2": absent, "pagination": absent})
	// The published example of a part is spelt otherwise than the parts are.
	s.call(t, "GET", path+"?expand%5B%5D=COMPLIANCE_CHECKS&stale=no+filter+of+v1", "").is(200).has(map[string]any{"data.1.complianceChecks.0.status": "PASS", "data.1.asset": absent})
	s.call(t, "GET", path+"?limit=1&page=2", "").is(200).has(map[string]any{"page": 2, "limit": 1, "total": 2, "data.0.id": spelt(one), "data.0.asset": absent, "data.1": absent})
	s.call(t, "GET", path+"?page=1000000&limit=50", "").is(200).has(map[string]any{"total": 2, "data.0": absent})
	s.call(t, "GET", path+"?personnelId="+ids[1], "").is(200).has(map[string]any{"total": 1, "data.0.id": spelt(two)})
	s.call(t, "GET", "/public/devices?serialNumber=v1-a", "").is(200).has(map[string]any{"total": 1, "data.0.id": spelt(one)})
	s.call(t, "GET", "/public/devices?externalId=V1-X&sourceType=CUSTOM", "").is(200).has(map[string]any{"total": 1, "data.0.id": spelt(one)})
	s.call(t, "GET", "/public/devices?macAddress=00005e0053ab,00-00-5E-00-53-AA", "").is(200).has(map[string]any{"total": 2})
	s.call(t, "GET", "/public/devices?macAddress="+strings.Repeat(",", 100), "").refused(400, 40001, "macAddress")
	s.call(t, "GET", "/public/devices?sourceType=JAMF", "").is(200).has(map[string]any{"total": 0, "data": []any{}})
	s.call(t, "GET", "/public/devices?q=nothing-has-this&serialNumber=V1-A", "").is(200).has(map[string]any{"total": 1})
	s.call(t, "GET", "/public/personnel/"+ids[0]+"/devices?serialNumber=V1-A", "").is(200).has(map[string]any{"total": 1, "data.0.id": spelt(one), "data.1": absent})
	s.call(t, "GET", "/public/personnel/"+ids[0]+"/devices?serialNumber=V1-B", "").is(200).has(map[string]any{"total": 0})
	s.call(t, "GET", "/public/devices/"+one+"?expand[]=deviceApps", "").is(200).has(map[string]any{"osVersion": "Linux 6.12", "agentVersion": nil, "apps.0.installedApp": "Chrome version 131", "apps.1.installedApp": "vim"})
	s.call(t, "GET", "/public/devices/"+one, "").is(200).has(map[string]any{"apps": absent, "complianceChecks": absent})
	s.call(t, "GET", "/public/devices/"+one+"/apps?limit=2&page=2", "").is(200).has(map[string]any{"total": 3, "data.0.id": 3, "data.0.installedApp": "git version 2.47", "data.1": absent})
	s.call(t, "GET", "/public/devices/"+one+"/apps?page=1000000", "").is(200).has(map[string]any{"total": 3, "data": []any{}})

	for path, what := range map[string]string{"/public/devices?sourceType=ODD": "sourceType", "/public/devices?page=0": "page", "/public/devices?page=1000001": "page", "/public/devices?limit=51": "limit",
		"/public/devices?limit=many": "limit", "/public/devices?personnelId=x": "personnelId", "/public/devices?externalId=" + strings.Repeat("x", 192): "externalId", "/public/devices/x": "deviceId"} {
		s.call(t, "GET", path, "").refused(400, 40001, "`"+what+"`")
	}
	for _, path := range []string{"/public/devices/999999", "/public/devices/999999/apps", "/public/personnel/999999/devices", "/public/devices?personnelId=999999", "/public/custom-connections/999999/devices"} {
		s.call(t, "GET", path, "").refused(404, 40401, "999999")
	}
	report := func(person string) string {
		return `{"personnelId":` + person + `,"platformName":"LINUX","platformVersion":"6","serialNumber":"V1-A"}`
	}
	s.call(t, "POST", path, report(`"email:v1.dora@devices.example"`)).refused(400, 40001, "number").has(map[string]any{"pointer": "/personnelId"})
	s.call(t, "POST", path, report("0")).refused(400, 40001, "personnelId").has(map[string]any{"pointer": "/personnelId"})
	s.call(t, "POST", path, report("999999")).refused(404, 40401, "999999")
	s.call(t, "POST", path, report(ids[1])).refused(409, 40909, "belongs to person")
	s.call(t, "POST", "/public/custom-connections/999999/devices", report(ids[0])).refused(404, 40401, "")
	reader := s.newKey(access.DevicesGet)
	s.call(t, "GET", path, "", as(reader)).is(200)
	s.call(t, "POST", path, report(ids[0]), as(reader)).refused(403, 40301, "devices-post")
	agent, _ := s.reporter(t, strings.TrimPrefix(path, "/public"))
	s.call(t, "POST", path, report(ids[0]), as(agent)).refused(403, 40301, "nothing else")
	s.call(t, "POST", strings.TrimPrefix(path, "/public"), report(ids[0]), as(agent)).is(201)
	s.call(t, "GET", "/public/devices?sourceType=AGENT&serialNumber=V1-A", "").is(200).has(map[string]any{"total": 1, "data.0.sourceType": "AGENT"})
}

func assetsV1(t *testing.T, s *server) {
	ids := s.staff(t, "v1.olga@assets.example")
	owner := s.call(t, "GET", "/public/personnel/"+ids[0], "").is(200).text("user.id")
	body := func(name, more string) string {
		return fmt.Sprintf(`{"name":%q,"description":"of v1","assetClassTypes":["HARDWARE"],"assetType":"PHYSICAL","ownerId":%s%s}`, name, owner, more)
	}
	made := s.call(t, "POST", "/public/assets", body("Beamer", `,"uniqueId":"SN-1","externalId":"b-1","externalOwnerId":"acc-1","notes":"old","removedAt":"2020-07-06"`)).is(201).
		has(map[string]any{"uniqueId": "SN-1", "company": s.call(t, "GET", "/company", "").at("name"), "employmentStatus": "CURRENT_EMPLOYEE", "owner.id": spelt(owner), "owner.email": "v1.olga@assets.example", "owner.entryId": owner,
			"device": nil, "assetClassTypes.0.assetClassType": "HARDWARE", "removedAt": "2020-07-06T00:00:00.000Z", "notes": "old", "assetProvider": "DRATA", "assetReferenceType": "OTHER"})
	s.clock.advance(time.Minute)
	s.call(t, "POST", "/public/assets", body("Anvil", "")).is(201).has(map[string]any{"uniqueId": nil, "removedAt": nil, "externalId": nil})
	device := s.reportV1(t, "/public"+s.mdm(t), ids[0], "V1-ASSET", `,"alias":"Cart"`)

	mine := "/public/assets?userId=" + owner
	s.call(t, "GET", mine+"&sort=CREATED&sortDir=DESC&limit=2", "").is(200).has(map[string]any{"page": 1, "limit": 2, "total": 3, "data.1.name": "Anvil", "data.2": absent})
	s.call(t, "GET", mine+"&sort=NAME", "").is(200).has(map[string]any{"data.0.name": "Anvil", "data.1.name": "Beamer", "data.2.name": "Cart", "data.2.device.id": spelt(device),
		"data.2.device.isDeviceCompliant": false, "data.2.device.identifiers.0.identifier": "V1-ASSET", "data.2.device.complianceChecks.0.status": "MISCONFIGURED", "data.2.assetReferenceType": "WORKSTATION"})
	s.call(t, "GET", mine+"&sort=NAME&page=3&limit=1", "").is(200).has(map[string]any{"page": 3, "total": 3, "data.0.name": "Cart", "data.1": absent})
	for sort, first := range map[string]string{"NAME": "Cart", "ASSET_TYPE": "", "COMPANY_NAME": "", "DESCRIPTION": "", "ASSET_PROVIDER": "", "USER": "", "APPROVED_AT": "", "REMOVED_AT": "Beamer", "CREATED": "",
		"UPDATED": "", "EMPLOYMENT_STATUS": ""} {
		g := s.call(t, "GET", mine+"&sortDir=DESC&sort="+sort, "").is(200)
		if first != "" {
			g.has(map[string]any{"data.0.name": first})
		}
		other := s.call(t, "GET", mine+"&sortDir=ASC&sort="+sort, "").is(200)
		if a, b := names(g, "name"), names(other, "name"); !slices.Equal(a, turned(b)) {
			t.Errorf("by %s they are %v, and the other way round %v", sort, a, b)
		}
	}
	s.call(t, "GET", mine+"&q=ANV&assetClassType=HARDWARE&assetType=PHYSICAL&assetProvider=DRATA&employmentStatus=CURRENT_EMPLOYEE", "").is(200).has(map[string]any{"total": 1, "data.0.name": "Anvil"})
	s.call(t, "GET", mine+"&assetProvider=AWS", "").is(200).has(map[string]any{"total": 0})
	s.call(t, "GET", mine+"&employmentStatus=FORMER_EMPLOYEE", "").is(200).has(map[string]any{"total": 0})

	for query, what := range map[string]string{"assetClassType=CAR": "assetClassType", "assetType=ODD": "assetType", "assetProvider=ME": "assetProvider", "employmentStatus=BOSS": "employmentStatus",
		"userId=x": "userId", "userId=1000000001": "userId", "sort=SIZE": "sort", "sortDir=UP": "sortDir", "page=1001": "page", "limit=0": "limit"} {
		s.call(t, "GET", "/public/assets?"+query, "").refused(400, 40001, "`"+what+"`")
	}
	s.call(t, "POST", "/public/assets", body("x", `,"uniqueId":"`+strings.Repeat("x", 192)+`"`)).refused(400, 40001, "uniqueId").has(map[string]any{"pointer": "/uniqueId"})
	s.call(t, "POST", "/public/assets", `{"name":"x"}`).refused(400, 40001, "description")
	asset := s.call(t, "GET", mine+"&q=cart", "").text("data.0.id")
	s.call(t, "DELETE", "/public/assets/"+asset, "").refused(400, 40001, "delete the device")
	s.call(t, "DELETE", "/public/assets/x", "").refused(400, 40001, "id")
	one := "/public/assets/" + made.text("id")
	s.call(t, "DELETE", one, "", as(s.newKey(access.AssetsGet))).refused(403, 40301, "assets-delete")
	s.call(t, "DELETE", one, "").is(200).has(map[string]any{"id": made.at("id"), "name": "Beamer"})
	s.call(t, "DELETE", one, "").refused(404, 40401, "")
	s.call(t, "GET", mine, "").is(200).has(map[string]any{"total": 2})
}

// names are a property of all items of a page.
func names(g got, property string) []string {
	out := make([]string, g.length("data"))
	for i := range out {
		out[i] = g.text(fmt.Sprintf("data.%d.%s", i, property))
	}
	return out
}

// turned is a list from its end.
func turned(list []string) []string {
	slices.Reverse(list)
	return list
}

// personnelV1 reads a person by address, changes status and dates, and gives the
// person back to the sync.
func personnelV1(t *testing.T, s *server) {
	path := s.hris(t)
	s.call(t, "POST", path, `[{"identityId":"v-1","email":"v1.grace@people.example","firstName":"Grace","lastName":"Hopper","jobTitle":"Admiral","startedAt":"2020-07-06"},
		{"identityId":"v-2","email":"v1.alan@people.example","isContractor":true}]`).is(201)
	s.applied(t)
	by := "/public/personnel/" + url.PathEscape("V1.grace@people.example") + "/email"
	grace := s.call(t, "GET", by, "").is(200).has(map[string]any{"employmentStatus": "CURRENT_EMPLOYEE", "startDate": "2020-07-06", "separationDate": nil, "user.firstName": "Grace", "user.jobTitle": "Admiral",
		"user.roles": []any{}, "user.identities": []any{}, "osVersion": nil, "serialNumber": nil, "data.osVersion": nil, "devices": []any{}, "devicesCount": 0, "reasonProvider": nil,
		"complianceChecks.0.type": "FULL_COMPLIANCE", "complianceChecks.0.status": "FAIL"})
	id := grace.text("id")
	one := "/public/personnel/" + id
	s.call(t, "GET", one, "").is(200).has(map[string]any{"user.email": "v1.grace@people.example", "agentEnabled": true})
	s.call(t, "GET", "/public/personnel/nobody@people.example/email", "").refused(404, 40401, "nobody@people.example")
	s.call(t, "GET", "/public/personnel/999999", "").refused(404, 40401, "999999")
	s.call(t, "GET", "/public/personnel/grace", "").refused(400, 40001, "id")

	// Her devices: the one that was reported last speaks for her.
	mdm := "/public" + s.mdm(t)
	s.reportV1(t, mdm, id, "V1-OLD", everyProtection)
	s.clock.advance(time.Minute)
	s.reportV1(t, mdm, id, "V1-NEW", `,"encryptionEnabled":false,"screenLockTime":90`)
	s.call(t, "GET", one, "").is(200).has(map[string]any{"devicesCount": 2, "devicesFailingComplianceCount": 1, "devices.0.serialNumber": "V1-NEW", "devices.1.isDeviceCompliant": true, "serialNumber": "V1-NEW",
		"osVersion": "Linux 6.12", "data.serialNumber": "V1-NEW", "data.screenLockTime": 90, "complianceChecks.1.status": "PASS"})
	// Nothing can be asked for here, so that what devices have is there, as far as a key may see it.
	s.call(t, "GET", one, "").is(200).has(map[string]any{"devices.0.identifiers.0.identifier": "V1-NEW", "devices.0.complianceChecks.1.type": "HDD_ENCRYPTION", "devices.0.complianceChecks.1.status": "FAIL",
		"devices.0.documents": []any{}, "complianceTests": []any{}, "user.backgroundChecks": []any{}})
	s.call(t, "GET", one, "", as(s.newKey(access.PersonnelGetOne))).is(200).has(map[string]any{"devices.0.complianceChecks.1.status": "FAIL", "devices.0.documents": absent})

	s.call(t, "PUT", one+"/contract-dates", `{"startDate":"2021-02-03","separationDate":"2031-01-31"}`).is(200).has(map[string]any{"startDate": "2021-02-03", "separationDate": "2031-01-31"})
	s.call(t, "PUT", one+"/contract-dates", `{"startDate":"2021-02-04"}`).is(200).has(map[string]any{"startDate": "2021-02-04", "separationDate": "2031-01-31"})
	s.call(t, "PUT", one+"/contract-dates", `{"startDate":"2021-02-04","separationDate":null}`).is(200).has(map[string]any{"separationDate": nil})
	for body, pointer := range map[string]string{`{}`: "/startDate", `{"startDate":null}`: "/startDate", `{"startDate":"soon"}`: "/startDate", `{"startDate":"2021-01-01","separationDate":"late"}`: "/separationDate",
		`{"startDate":"2021-01-01","separationDate":"2020-01-01"}`: "/separationDate"} {
		g := s.call(t, "PUT", one+"/contract-dates", body).refused(400, 40001, "`"+pointer[1:]+"`").has(map[string]any{"pointer": pointer})
		if strings.Contains(g.text("message"), "edAt") {
			t.Errorf("a refusal of v1 speaks as v2 does: %s", g.body)
		}
	}
	b, u := s.signedIn(t, everywhere(access.PersonnelManager))
	b.ask(t, "PUT", "/public/personnel/"+id+"/status", `{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":"a compiler","separationDate":"2030-12-31"}`).is(200).
		has(map[string]any{"employmentStatus": "OUT_OF_SCOPE", "notHumanReason": "a compiler", "reasonProvider.id": u.ID, "separationDate": "2030-12-31", "complianceChecks.0.status": "EXCLUDED"})
	for body, pointer := range map[string]string{`{}`: "/employmentStatus", `{"employmentStatus":"BOSS"}`: "/employmentStatus", `{"employmentStatus":"UNKNOWN","notHumanReason":"x"}`: "/notHumanReason",
		`{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":null}`: "/notHumanReason", `{"employmentStatus":"UNKNOWN","separationDate":"never"}`: "/separationDate",
		`{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":"` + strings.Repeat("x", 30001) + `"}`: "/notHumanReason"} {
		s.call(t, "PUT", one+"/status", body).refused(400, 40001, "`"+pointer[1:]+"`").has(map[string]any{"pointer": pointer})
	}
	s.call(t, "PUT", "/public/personnel/999999/status", `{"employmentStatus":"UNKNOWN"}`).refused(404, 40401, "")
	s.call(t, "PUT", "/public/personnel/999999/contract-dates", `{"startDate":"2021-01-01"}`).refused(404, 40401, "")
	s.call(t, "PUT", one+"/status", `{"employmentStatus":"UNKNOWN"}`, as(s.newKey(access.PersonnelPutDates))).refused(403, 40301, "personnel-put-employment-status")
	s.call(t, "PUT", one+"/contract-dates", `{"startDate":"2021-01-01"}`, as(s.newKey(access.PersonnelPutStatus))).refused(403, 40301, "personnel-put-contract-dates")

	alan := s.call(t, "GET", "/public/personnel/v1.alan@people.example/email", "").is(200).text("id")
	fresh := map[string]any{"id": spelt(id), "employmentStatus": "CURRENT_EMPLOYEE", "startDate": "2020-07-06", "separationDate": nil, "notHumanReason": nil}
	decide := func() {
		s.call(t, "PUT", one+"/status", `{"employmentStatus":"SERVICE_ACCOUNT"}`).is(200)
		s.call(t, "PUT", "/public/personnel/"+alan+"/status", `{"employmentStatus":"SERVICE_ACCOUNT"}`).is(200)
	}
	decide()
	s.call(t, "PUT", "/public/personnel/reset-sync/"+id, "").is(200).has(fresh)
	s.call(t, "GET", "/public/personnel/"+alan, "").is(200).has(map[string]any{"employmentStatus": "SERVICE_ACCOUNT"})
	decide()
	s.call(t, "PUT", "/public/personnel/some/reset-sync", `{"personnelIds":[`+id+`,`+alan+`]}`).is(200).has(fresh)
	s.call(t, "GET", "/public/personnel/"+alan, "").is(200).has(map[string]any{"employmentStatus": "CURRENT_CONTRACTOR"})
	decide()
	s.call(t, "PUT", "/public/personnel/all/reset-sync", "").is(200)
	s.call(t, "PUT", "/public/personnel/all/reset-sync", "").is(200)
	s.call(t, "GET", one, "").is(200).has(fresh)
	s.call(t, "GET", "/public/personnel/"+alan, "").is(200).has(map[string]any{"employmentStatus": "CURRENT_CONTRACTOR"})

	s.call(t, "PUT", "/public/personnel/reset-sync/x", "").refused(400, 40001, "personnelId")
	s.call(t, "PUT", "/public/personnel/reset-sync/999999", "").refused(404, 40401, "999999")
	s.call(t, "PUT", "/public/personnel/other/999999", "").refused(404, 40402, "")
	s.call(t, "PUT", "/public/personnel/some/reset-sync", `{}`).refused(400, 40001, "personnelIds").has(map[string]any{"pointer": "/personnelIds"})
	s.call(t, "PUT", "/public/personnel/some/reset-sync", `{"personnelIds":[`+strings.Repeat(id+",", 1000)+id+`]}`).refused(400, 40001, "1 to 1000")
	s.call(t, "PUT", "/public/personnel/all/reset-sync", "", as(s.newKey(access.PersonnelPut))).refused(403, 40301, "personnel-put-reset-resync")
	s.call(t, "GET", "/public/personnel", "", as(s.newKey(access.DevicesGet))).refused(403, 40301, "personnel-get")
	s.call(t, "GET", one, "", as(s.newKey(access.PersonnelGet))).refused(403, 40301, "personnel-get-personnel-details")
}

func personnelFiltersV1(t *testing.T, s *server) {
	// Good has all on one device, Poor lacks a protection, None has no device, and Out is out of scope.
	ids := s.staff(t, "good@v1filters.example", "poor@v1filters.example", "none@v1filters.example", "out@v1filters.example")
	good, poor, none, out := ids[0], ids[1], ids[2], ids[3]
	mdm := "/public" + s.mdm(t)
	s.reportV1(t, mdm, good, "FILTER-1", everyProtection)
	s.reportV1(t, mdm, poor, "FILTER-2", strings.Replace(everyProtection, `"antivirusEnabled":true`, `"antivirusEnabled":false`, 1))
	agent, _ := s.reporter(t, strings.TrimPrefix(mdm, "/public"))
	s.call(t, "POST", strings.TrimPrefix(mdm, "/public"), `{"personnelId":`+poor+`,"platformName":"LINUX","platformVersion":"6","serialNumber":"FILTER-3"`+everyProtection+`}`, as(agent)).is(201)
	s.reportV1(t, mdm, out, "FILTER-4", everyProtection)
	s.call(t, "PUT", "/public/personnel/"+out+"/status", `{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":"a robot"}`).is(200)

	group := s.call(t, "POST", "/groups", fmt.Sprintf(`{"name":%q}`, s.name("Group"))).is(201).text("id")
	s.call(t, "POST", "/groups/"+group+"/actions", `{"action":"add","personnelIds":[`+poor+`,`+none+`]}`).is(200)
	everybody := []string{good, poor, none, out}
	for query, want := range map[string][]string{
		"": everybody, "employmentStatus=CURRENT_EMPLOYEE": {good, poor, none}, "employmentStatuses[]=OUT_OF_SCOPE&employmentStatuses[]=UNKNOWN": {out},
		"employmentStatuses[]=ALL_CURRENT_PERSONNEL": {good, poor, none}, "employmentStatuses[]=ALL_FORMER_PERSONNEL": {}, "employmentStatuses[]=ALL_PERSONNEL": everybody,
		"employmentStatus=OUT_OF_SCOPE&employmentStatuses[]=ALL_CURRENT_PERSONNEL": {},
		"fullCompliance=true": {good}, "fullCompliance=false": {poor, none}, "deviceCompliance=true": {good}, "deviceCompliance=false": {poor},
		"antivirusCompliance=true": {good}, "antivirusCompliance=false": {poor, none}, "passwordManagerCompliance=true": {good, poor}, "passwordManagerCompliance=false": {none},
		"autoUpdatesCompliance=True": {good, poor}, "hdEncryptionCompliance=true": {good, poor}, "lockScreenCompliance=0": {none},
		"agentInstalledCompliance=true": {good, poor}, "agentInstalledCompliance=false": {none}, "lockScreenCompliance=true&antivirusCompliance=false": {poor},
		"lockScreenCompliance=true&antivirusCompliance=false&fullCompliance=true": {},
		"mdmSourceType=CUSTOM": {good, poor, out}, "mdmSourceType=AGENT": {poor}, "mdmSourceType=JAMF": {},
		"inverseMdmSourceTypes[]=AGENT": {good, none, out}, "inverseMdmSourceTypes[]=AGENT&inverseMdmSourceTypes[]=CUSTOM": {none}, "inverseMdmSourceTypes[]=JAMF": everybody,
		"acceptedPoliciesCompliance=true": {}, "acceptedPoliciesCompliance=false": {}, "identityMfaCompliance=true": {}, "bgCheckCompliance=false": {}, "locationServicesCompliance=true": {},
		"securityTrainingCompliance=false": {}, "hipaaTrainingCompliance=true": {}, "nistaiTrainingCompliance=true": {}, "multiSecurityTrainingCompliance=true": {},
		"multiTrainingComplianceType=HIPAA_TRAINING": {}, "offboardingEvidence=false": {}, "groupIds=" + group: {poor, none}, "groupIds=999999": {}, "groupIds=999999&groupIds=" + group: {poor, none},
	} {
		g := s.call(t, "GET", "/public/personnel?q=v1filters.example&limit=50&"+query, "").is(200).has(map[string]any{"total": len(want), "dataAll": map[string]any{}})
		found := names(g, "id")
		slices.Sort(found)
		if sorted := slices.Sorted(slices.Values(want)); !slices.Equal(found, sorted) {
			t.Errorf("%s keeps %v, want %v", query, found, sorted)
		}
	}
	// A document in place of an agent: that one is not asked for then.
	s.call(t, "POST", "/public/devices/"+none+"/documents", inBase64("LOCK_SCREEN_EVIDENCE", "lock.png", "image/png", pngFile)).is(201)
	for query, total := range map[string]int{"lockScreenCompliance=true": 3, "lockScreenCompliance=false": 0, "agentInstalledCompliance=false": 0, "agentInstalledCompliance=true": 2, "deviceCompliance=false": 1} {
		s.call(t, "GET", "/public/personnel?q=v1filters.example&"+query, "").is(200).has(map[string]any{"total": total})
	}
	for query, what := range map[string]string{"employmentStatus=BOSS": "employmentStatus", "employmentStatuses[]=SPECIAL_FORMER_EMPLOYEE": "employmentStatuses[]", "fullCompliance=perhaps": "fullCompliance",
		"bgCheckCompliance=x": "bgCheckCompliance", "antivirusCompliance=x": "antivirusCompliance", "deviceCompliance=2": "deviceCompliance", "multiTrainingComplianceType=YOGA": "multiTrainingComplianceType",
		"groupIds=all": "groupIds", "sort=SHOE_SIZE": "sort", "sortDir=UP": "sortDir", "mdmSourceType=ODD": "mdmSourceType", "inverseMdmSourceTypes[]=CUSTOM&inverseMdmSourceTypes[]=ODD": "inverseMdmSourceTypes[]",
		"page=0": "page", "limit=51": "limit", "q=%ff": "q"} {
		s.call(t, "GET", "/public/personnel?"+query, "").refused(400, 40001, "`"+what+"`")
	}
}

// personnelOrdersV1: who has not come yet is asked for nothing, and stands last
// in the orders of checks.
func personnelOrdersV1(t *testing.T, s *server) {
	ids := s.staff(t, "b@v1orders.example", "a@v1orders.example", "c@v1orders.example")
	b, a, c := ids[0], ids[1], ids[2]
	mdm := "/public" + s.mdm(t)
	s.reportV1(t, mdm, a, "ORDER-Z", everyProtection)
	s.clock.advance(time.Minute)
	s.reportV1(t, mdm, a, "ORDER-1", everyProtection+`,"appList":[{"name":"x","version":"1"}]`)
	s.reportV1(t, mdm, b, "ORDER-2", `,"encryptionEnabled":true`)
	s.call(t, "PUT", "/public/personnel/"+c+"/contract-dates", `{"startDate":"2020-01-01","separationDate":"2040-01-01"}`).is(200)
	s.call(t, "PUT", "/public/personnel/"+b+"/contract-dates", `{"startDate":"2019-01-01","separationDate":"2039-01-01"}`).is(200)
	s.call(t, "PUT", "/public/personnel/"+c+"/status", `{"employmentStatus":"FUTURE_HIRE"}`).is(200)
	list := "/public/personnel?q=v1orders.example&sort="
	for sort, want := range map[string][]string{"NAME": {a, b, c}, "EMPLOYMENT_STATUS": {"", "", c}, "START_DATE": {a, b, c}, "SEPARATION_DATE": {a, b, c}, "SERIAL_NUM": {c, a, b}, "OS_VERSION": {c, "", ""},
		"APPS_COUNT": {"", "", a}, "FULL_COMPLIANCE": {b, a, c}, "AGENT_INSTALLED": {"", "", c}, "PASSWORD_MANAGER": {b, a, c}, "AUTO_UPDATES": {b, a, c}, "HDD_ENCRYPTION": {"", "", c}, "ANTIVIRUS": {b, a, c},
		"LOCK_SCREEN": {b, a, c}, "ACCEPTED_POLICIES": {"", "", ""}, "IDENTITY_MFA": {"", "", ""}, "BG_CHECK": {"", "", ""}, "SECURITY_TRAINING": {"", "", ""}, "HIPAA_TRAINING": {"", "", ""},
		"NIST_AI_TRAINING": {"", "", ""}, "OFFBOARDING": {"", "", ""}} {
		up, down := names(s.call(t, "GET", list+sort, "").is(200), "id"), names(s.call(t, "GET", list+sort+"&sortDir=DESC", "").is(200), "id")
		for i, id := range want {
			if len(up) != len(want) || id != "" && up[i] != id {
				t.Errorf("by %s they are %v, want %v of %v", sort, up, want, []string{a, b, c})
				break
			}
		}
		if !slices.Equal(up, turned(down)) {
			t.Errorf("by %s they are %v, and the other way round %v", sort, up, down)
		}
		// The pages together are the list.
		var paged []string
		for n := 1; n <= 4; n++ {
			paged = append(paged, names(s.call(t, "GET", fmt.Sprintf("%s%s&limit=1&page=%d", list, sort, n), "").is(200).has(map[string]any{"total": 3, "page": n}), "id")...)
		}
		if !slices.Equal(up, paged) {
			t.Errorf("by %s they are %v, and page by page %v", sort, up, paged)
		}
	}
	newest := names(s.call(t, "GET", strings.TrimSuffix(list, "&sort="), "").is(200), "id")
	if oldest := names(s.call(t, "GET", "/personnel?q=v1orders.example&sortDir=ASC", "").is(200), "id"); !slices.Equal(newest, turned(oldest)) {
		t.Errorf("without an order they are %v, want %v", newest, oldest)
	}
}
