package httpapi_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// staff makes people by their addresses, and tells their numbers.
func (s *server) staff(t testing.TB, emails ...string) []string {
	t.Helper()
	path := s.hris(t)
	items := make([]string, len(emails))
	for i, e := range emails {
		items[i] = fmt.Sprintf(`{"identityId":"%d","email":%q}`, i, e)
	}
	s.call(t, "POST", path, "["+strings.Join(items, ",")+"]").is(201)
	s.applied(t)
	for i, e := range emails {
		items[i] = s.call(t, "GET", "/personnel/email:"+e, "").is(200).text("id")
	}
	return items
}

// mdm makes an MDM connection, and tells the path of its devices.
func (s *server) mdm(t testing.TB) string {
	t.Helper()
	made := s.call(t, "POST", "/custom-connections", fmt.Sprintf(`{"name":%q,"providerTypes":["MDM"]}`, s.name("MDM"))).is(201)
	return "/custom-connections/" + made.text("id") + "/devices"
}

func devicesCase(t *testing.T, s *server) {
	ids := s.staff(t, "dora@devices.example", "dan@devices.example")
	path := s.mdm(t)
	report := func(more string) string {
		return `{"personnelId":` + ids[0] + `,"platformName":"MACOS","platformVersion":"15.1"` + more + `}`
	}
	made := s.call(t, "POST", path+"?expand[]=asset&expand[]=identifiers&expand[]=complianceChecks", report(`,"alias":"Dora's Mac","model":"MacBook","serialNumber":"C02XY",
		"macAddress":"65-F9-3D-85-7B-6B,99:a9:3e:14:7a:3e","externalId":"jam-1","appList":[{"name":"Chrome","version":"131"},{"name":"1Password","version":"8","description":null}],
		"encryptionEnabled":true,"encryptionExplanation":"On","passwordManagerEnabled":true,"passwordManagerExplanation":{"passwordManagerApps":["1password 8"]},
		"antivirusEnabled":true,"autoUpdateEnabled":false,"autoUpdateExplanation":["never"],"screenLockTime":60,"firewallEnabled":null`)).is(201).
		has(map[string]any{"osVersion": "macOS 15.1", "sourceType": "CUSTOM", "appsCount": 2, "personnelId": spelt(ids[0]), "encryptionExplanation": "On", "autoUpdateExplanation.0": "never",
			"passwordManagerExplanation.passwordManagerApps.0": "1password 8", "firewallEnabled": nil, "firewallExplanation": nil, "deletedAt": nil, "asset.name": "Dora's Mac",
			"asset.assetReferenceType": "WORKSTATION", "asset.uniqueId": "C02XY", "identifiers.0.type": "SERIAL_NUMBER", "identifiers.1.identifier": "65-F9-3D-85-7B-6B", "identifiers.2.type": "MAC_ADDRESS",
			"identifiers.3.identifier": "jam-1", "isDeviceCompliant": false, "complianceChecks.0.status": "PASS", "complianceChecks.3.type": "AUTO_UPDATES", "complianceChecks.3.status": "FAIL",
			"complianceChecks.4.status": "PASS"})
	one := "/devices/" + made.text("id")
	asset := "/assets/" + made.text("assetId")

	// It is the same device by any of its identifiers, and replaced whole.
	for _, by := range []string{`,"serialNumber":"c02xy"`, `,"macAddress":"99a93e147a3e","serialNumber":"C02XY"`, `,"externalId":"JAM-1","serialNumber":"C02XY","macAddress":"65:f9:3d:85:7b:6b"`} {
		s.call(t, "POST", path, report(by)).is(201).has(map[string]any{"id": made.at("id"), "assetId": made.at("assetId"), "appsCount": 0, "encryptionEnabled": nil})
	}
	began := s.call(t, "GET", one+"?expand[]=complianceChecks", "").is(200).has(map[string]any{"complianceChecks.1.status": "MISCONFIGURED", "complianceChecks.1.basis": "NOT_REPORTED",
		"isDeviceCompliant": false, "complianceStatus": "MISCONFIGURED"}).text("complianceChecks.1.since")
	s.clock.advance(time.Hour)
	// How it stands is dated: a report that says the same changes nothing of that.
	s.call(t, "POST", path+"?expand[]=complianceChecks", report(`,"serialNumber":"C02XY","macAddress":"65:f9:3d:85:7b:6b","externalId":"JAM-1","antivirusEnabled":false`)).is(201).
		has(map[string]any{"complianceStatus": "FAIL", "complianceChecks.1.since": began, "complianceChecks.2.basis": "REPORTED"})
	fails := s.call(t, "GET", one+"?expand[]=complianceChecks", "").is(200).text("complianceChecks.2.since")
	if fails <= began {
		t.Errorf("the antivirus fails since %s, before the report at which it began", fails)
	}
	s.clock.advance(time.Hour)
	s.call(t, "POST", path+"?expand[]=complianceChecks", report(`,"serialNumber":"C02XY","macAddress":"65:f9:3d:85:7b:6b","externalId":"JAM-1","antivirusEnabled":false`)).is(201).
		has(map[string]any{"complianceChecks.2.since": fails, "complianceChecks.2.status": "FAIL"})
	whole := `,"serialNumber":"C02XY","macAddress":"65:f9:3d:85:7b:6b","externalId":"JAM-1","encryptionEnabled":true,"passwordManagerEnabled":true,"antivirusEnabled":true,"autoUpdateEnabled":true,"screenLockEnabled":true,"appList":[{"name":"a","version":"1"},{"name":"b","version":"2"}]`
	s.call(t, "POST", path+"?expand[]=complianceChecks", report(whole)).is(201).has(map[string]any{"isDeviceCompliant": true})

	// Conflicts name what is in the way.
	other := s.call(t, "POST", path, `{"personnelId":"email:Dan@devices.example","platformName":"LINUX","platformVersion":"6.12","serialNumber":"PF-2","macAddress":"00:00:5e:00:53:01"}`).is(201).
		has(map[string]any{"personnelId": spelt(ids[1])})
	s.call(t, "POST", path, report(`,"serialNumber":"C02XY","macAddress":"00-00-5E-00-53-01"`)).refused(409, 40908, "two devices")
	s.call(t, "POST", path, `{"personnelId":`+ids[1]+`,"platformName":"MACOS","platformVersion":"15","serialNumber":"C02XY"}`).refused(409, 40909, "belongs to person "+ids[0])
	s.call(t, "POST", s.mdm(t), report(`,"serialNumber":"C02XY"`)).refused(409, 40908, "is reported by connection")
	for body, why := range map[string]string{report(``): "serialNumber", report(`,"serialNumber":"  "`): "serialNumber", `{"platformName":"LINUX","platformVersion":"1","serialNumber":"1"}`: "personnelId",
		`{"personnelId":"dora","platformName":"LINUX","platformVersion":"1","serialNumber":"1"}`: "personnelId", `{"personnelId":` + ids[0] + `,"platformName":"OS/2","platformVersion":"4","serialNumber":"1"}`: "OS/2",
		`{"personnelId":` + ids[0] + `,"platformName":"LINUX","serialNumber":"1"}`: "platformVersion", report(`,"serialNumber":"` + strings.Repeat("x", 192) + `"`): "191", report(`,"serialNumber":"1","appList":[{"name":""}]`): "appList",
		report(`,"serialNumber":"1","windowsServices":[{"name":"a","description":"` + strings.Repeat("x", 192) + `","startType":"auto","status":"running"}]`): "`description` of `windowsServices`",
		report(`,"serialNumber":"1","windowsServices":[{"name":"a","description":"b","startType":"` + strings.Repeat("x", 192) + `","status":"running"}]`):    "`startType` of `windowsServices`"} {
		s.call(t, "POST", path, body).refused(400, 40001, why)
	}
	s.call(t, "POST", path, `{"personnelId":999999,"platformName":"LINUX","platformVersion":"1","serialNumber":"1"}`).refused(404, 40401, "999999")
	s.call(t, "POST", strings.Replace(s.hris(t), "hris-user-identities", "devices", 1), report(`,"serialNumber":"1"`)).refused(400, 40001, "MDM")

	// Neither devices nor people come in by a connection that is disconnected.
	off := func(path string) string {
		id := strings.Split(path, "/")[2]
		s.call(t, "POST", "/connections/"+id+"/actions", `{"action":"disconnect"}`).is(200)
		return path
	}
	s.call(t, "POST", off(s.mdm(t)), report(`,"serialNumber":"C99"`)).refused(409, 40907, "disconnected")
	s.call(t, "POST", off(s.hris(t)), `[{"identityId":"e-1"}]`).refused(409, 40907, "disconnected")

	// Looking.
	s.call(t, "GET", "/devices?serialNumber=c02XY", "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.1": absent})
	s.call(t, "GET", "/devices?macAddress=65f93d857b6b&expand[]=identifiers", "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.0.identifiers.0.type": "SERIAL_NUMBER"})
	s.call(t, "GET", "/devices?externalId=jam-1&sourceType=CUSTOM", "").is(200).has(map[string]any{"data.0.id": made.at("id")})
	s.call(t, "GET", "/devices?sourceType=JAMF", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", "/devices?sourceType=ACME", "").refused(400, 40001, "ACME")
	s.call(t, "GET", "/devices?externalId="+strings.Repeat("x", 192), "").refused(400, 40001, "191")
	s.call(t, "GET", "/personnel/email:Dan@devices.example/devices", "").is(200).has(map[string]any{"data.0.id": other.at("id"), "data.1": absent})
	s.call(t, "GET", "/personnel/email:nobody@devices.example/devices", "").refused(404, 40401, "nobody@devices.example")
	s.call(t, "GET", "/devices/"+made.text("id")+"/apps?sort=updatedAt&sortDir=ASC", "").is(200).has(map[string]any{"data.0.program.name": "a", "data.0.installedApp": "a version 1", "data.1.program.name": "b"})
	s.call(t, "GET", "/devices?q=dan@devices", "").is(200).has(map[string]any{"data.0.id": other.at("id"), "data.1": absent})
	s.call(t, "GET", "/devices?personnelId="+ids[1], "").is(200).has(map[string]any{"data.0.id": other.at("id"), "data.1": absent})
	stands := "/devices?q=devices.example&includeTotalCount=true"
	s.call(t, "GET", stands+"&complianceStatus[]=PASS", "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.1": absent, "pagination.totalCount": 1})
	s.call(t, "GET", stands+"&complianceStatus[]=MISCONFIGURED&complianceStatus[]=FAIL", "").is(200).has(map[string]any{"data.0.id": other.at("id"), "data.1": absent})
	s.call(t, "GET", stands+"&failingCheck=ANTIVIRUS", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", stands+"&stale=true", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", stands+"&stale=false", "").is(200).has(map[string]any{"pagination.totalCount": 2})
	s.call(t, "GET", "/devices?complianceStatus[]=EXCLUDED", "").refused(400, 40001, "EXCLUDED")
	s.call(t, "GET", "/devices?failingCheck=FULL_COMPLIANCE", "").refused(400, 40001, "FULL_COMPLIANCE")
	s.call(t, "GET", "/devices?stale=maybe", "").refused(400, 40001, "stale")
	s.call(t, "GET", "/devices/summary", "").is(200).has(map[string]any{"statuses.0.complianceStatus": "PASS", "statuses.2.complianceStatus": "MISCONFIGURED", "checks.1.type": "HDD_ENCRYPTION", "checks.5": absent})
	s.call(t, "GET", "/devices?q=devices.example&includeTotalCount=true", "").is(200).has(map[string]any{"pagination.totalCount": 2})
	s.call(t, "GET", "/devices?personnelId=x", "").refused(400, 40001, "personnelId")
	s.call(t, "GET", "/devices?connectionId=x", "").refused(400, 40001, "connectionId")
	s.call(t, "GET", "/devices?platformName=OS2", "").refused(400, 40001, "OS2")
	s.call(t, "GET", "/devices?platformName=LINUX&q=devices.example&expand[]=owner", "").is(200).
		has(map[string]any{"data.0.id": other.at("id"), "data.0.platformName": "LINUX", "data.0.owner.email": "dan@devices.example", "data.1": absent})
	s.call(t, "GET", "/devices?connectionId="+strings.Split(path, "/")[2]+"&sortDir=ASC", "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.0.screenLockEnabled": true, "data.2": absent})
	s.call(t, "GET", "/devices?connectionId="+strings.Split(s.mdm(t), "/")[2], "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", "/personnel/"+ids[0]+"/devices?expand[]=asset", "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.0.asset.id": made.at("assetId"), "data.1": absent})
	s.call(t, "GET", "/personnel/999999/devices", "").refused(404, 40401, "")
	s.call(t, "GET", strings.Replace(path, "/custom-connections", "/connections", 1), "").is(200).has(map[string]any{"data.1.id": made.at("id")})
	s.call(t, "GET", strings.Replace(path, "/custom-connections", "/connections", 1)+"?personnelId="+ids[0], "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.1": absent})
	s.call(t, "GET", "/connections/999999/devices", "").refused(404, 40401, "")
	s.call(t, "GET", "/connections/999999/devices?personnelId="+ids[0], "").refused(404, 40401, "")
	// No object has the number 0, and a list of its devices is not that of all.
	for _, none := range []string{"/connections/0/devices", "/connections/-0/devices", "/personnel/0/devices", "/public/personnel/0/devices", "/public/custom-connections/0/devices", "/devices/0"} {
		s.call(t, "GET", none, "").refused(404, 40401, "")
	}
	for _, query := range []string{"personnelId=0", "personnelId=-1", "personnelId=null", "connectionId=0"} {
		s.call(t, "GET", "/devices?"+query, "").refused(400, 40001, "above 0")
	}
	first := s.call(t, "GET", one+"/apps?size=1&includeTotalCount=true&sortDir=ASC", "").is(200).has(map[string]any{"data.0.program.name": "a", "pagination.totalCount": 2})
	s.call(t, "GET", one+"/apps?size=1&sortDir=ASC&cursor="+first.text("pagination.cursor"), "").is(200).has(map[string]any{"data.0.id": 2, "data.0.program.version": "2", "pagination.cursor": nil})
	s.call(t, "GET", one+"/apps?q=B&includeTotalCount=true", "").is(200).has(map[string]any{"data.0.program.name": "b", "data.1": absent, "pagination.totalCount": 1})
	s.call(t, "GET", one+"/apps?kind=BROWSER_EXTENSION", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", one+"/apps?kind=GAME", "").refused(400, 40001, "GAME")
	s.call(t, "GET", one+"?expand[]=deviceApps", "").is(200).has(map[string]any{"apps.1.program.name": "b"})
	s.call(t, "GET", "/devices/999999", "").refused(404, 40401, "")

	// The asset follows the device, and cannot be had without it.
	s.call(t, "GET", asset+"?expand[]=device&expand[]=owner&expand[]=assetClassTypes&expand[]=identifiers&expand[]=complianceChecks", "").is(200).
		has(map[string]any{"device.id": made.at("id"), "owner.email": "dora@devices.example", "assetClassTypes.0.assetClassType": "HARDWARE", "identifiers.0.identifier": "C02XY", "complianceChecks.0.type": "PASSWORD_MANAGER", "associatedId": made.at("id"),
			"device.identifiers.0.identifier": "C02XY", "device.complianceChecks.0.type": "PASSWORD_MANAGER", "device.isDeviceCompliant": true})
	s.call(t, "GET", "/assets?ofDevices=true&q=c02xy&expand[]=device", "").is(200).has(map[string]any{"data.0.device.id": made.at("id"), "data.0.device.complianceChecks": absent, "data.0.device.identifiers": absent})
	s.call(t, "PUT", asset, `{"notes":"on loan"}`).is(200).has(map[string]any{"notes": "on loan"})
	s.call(t, "PUT", asset, `{"name":"Mine"}`).refused(400, 40001, "device")
	s.call(t, "DELETE", asset, "").refused(400, 40001, "delete the device")
	s.call(t, "POST", path, report(whole)).is(201)
	s.call(t, "GET", asset, "").is(200).has(map[string]any{"notes": "on loan"})

	// A person is compliant when every device is; after thirty days nobody knows.
	s.call(t, "GET", "/personnel/"+ids[0]+"?expand[]=complianceChecks", "").is(200).has(map[string]any{"complianceChecks.0.type": "FULL_COMPLIANCE", "complianceChecks.0.status": "PASS", "complianceChecks.1.type": "AGENT_INSTALLED"})
	s.call(t, "GET", "/personnel/"+ids[1]+"?expand[]=complianceChecks", "").is(200).has(map[string]any{"complianceChecks.0.status": "MISCONFIGURED", "complianceChecks.1.status": "PASS"})
	s.clock.advance(30 * 24 * time.Hour)
	s.call(t, "GET", one+"?expand[]=complianceChecks", "").is(200).has(map[string]any{"complianceStatus": "MISCONFIGURED", "complianceChecks.0.basis": "REPORT_EXPIRED"})
	s.call(t, "GET", "/personnel/"+ids[0]+"?expand[]=complianceChecks", "").is(200).has(map[string]any{"complianceChecks.0.status": "FAIL", "complianceChecks.1.status": "FAIL", "complianceChecks.2.status": "MISCONFIGURED"})

	s.call(t, "DELETE", s.mdm(t)+"/"+made.text("id"), "").refused(404, 40401, "")
	s.call(t, "DELETE", path+"/"+made.text("id"), "").is(204)
	s.call(t, "GET", one, "").refused(404, 40401, "")
	s.call(t, "GET", asset, "").refused(404, 40401, "")
	s.call(t, "POST", asset+"/actions", `{"action":"restore"}`).refused(409, 40901, "stood for device "+made.text("id"))
	again := s.call(t, "POST", path, report(whole)).is(201)
	if again.text("id") == made.text("id") {
		t.Error("a device that was deleted came back")
	}
	s.call(t, "GET", "/devices/"+again.text("id")+"/apps", "").is(200).has(map[string]any{"data.0.program.name": "b"})
	s.call(t, "GET", "/events?type=DEVICE_DELETED", "").is(200).has(map[string]any{"data.0.category": "DEVICE"})
	b, _ := s.signedIn(t, everywhere(access.Auditor))
	b.ask(t, "GET", "/devices", "").is(200)
	b.ask(t, "POST", path, report(whole)).refused(403, 40301, "")
}

func assetsCase(t *testing.T, s *server) {
	owner := s.user(t, everywhere(access.Auditor))
	body := func(more string) string {
		return fmt.Sprintf(`{"name":"Rack 4","description":"The one in the hall","assetClassTypes":["HARDWARE","STORAGE","HARDWARE"],"assetType":"PHYSICAL","ownerId":%d%s}`, owner.ID, more)
	}
	made := s.call(t, "POST", "/assets?expand[]=assetClassTypes&expand[]=owner", body(`,"notes":"loud","externalId":"i-77","removedAt":"2027-01-31","associatedId":1`)).is(201).
		has(map[string]any{"name": "Rack 4", "assetProvider": "DRATA", "assetReferenceType": "OTHER", "notes": "loud", "assetClassTypes.1.assetClassType": "STORAGE", "assetClassTypes.2": absent,
			"owner.id": owner.ID, "device": nil, "associatedId": nil, "removedAt": "2027-01-31T00:00:00.000Z", "externalId": "i-77"})
	one := "/assets/" + made.text("id")
	s.call(t, "PUT", one+"?expand[]=assetClassTypes", `{"assetClassTypes":["STORAGE","COMPUTE"],"notes":null,"assetType":"VIRTUAL"}`).is(200).
		has(map[string]any{"assetClassTypes.0.id": made.at("assetClassTypes.1.id"), "assetClassTypes.1.assetClassType": "COMPUTE", "notes": nil, "assetReferenceType": "VIRTUAL", "name": "Rack 4"})
	s.call(t, "PUT", one, `{"name":"Rack 5","removedAt":null}`).is(200).has(map[string]any{"name": "Rack 5", "removedAt": nil})
	for more, pointer := range map[string]string{`{"name":""}`: "/name", `{"description":"` + strings.Repeat("x", 192) + `"}`: "/description", `{"notes":"` + strings.Repeat("x", 192) + `"}`: "/notes",
		`{"assetClassTypes":[]}`: "/assetClassTypes", `{"assetClassTypes":["CAR"]}`: "/assetClassTypes", `{"assetType":"ETHEREAL"}`: "/assetType", `{"removedAt":"never"}`: "/removedAt"} {
		s.call(t, "PUT", one, more).refused(400, 40001, pointer[1:]).has(map[string]any{"pointer": pointer})
	}
	s.call(t, "PUT", one, `{"ownerId":999999}`).refused(404, 40401, "999999").has(map[string]any{"pointer": "/ownerId"})
	s.call(t, "POST", "/assets", strings.Replace(body(""), fmt.Sprint(owner.ID), "999999", 1)).refused(404, 40401, "999999").has(map[string]any{"pointer": "/ownerId"})
	s.call(t, "POST", "/assets", `{"name":"x"}`).refused(400, 40001, "description").has(map[string]any{"pointer": "/description"})
	s.call(t, "GET", "/assets?assetClassType=COMPUTE&assetType=VIRTUAL&assetProvider=DRATA&userId="+fmt.Sprint(owner.ID)+"&q=RACK&sort=name", "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.1": absent})
	s.call(t, "GET", "/assets?assetProvider=AWS", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", "/assets?assetProvider=ACME", "").refused(400, 40001, "ACME")
	s.call(t, "GET", "/assets?userId=1000000001", "").refused(400, 40001, "1000000000")
	s.call(t, "GET", "/assets?employmentStatus=FORMER_EMPLOYEE&q=rack", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", "/assets?removed=false&ofDevices=false&q=rack", "").is(200).has(map[string]any{"data.0.id": made.at("id"), "data.1": absent})
	s.call(t, "GET", "/assets?removed=true&q=rack", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "PUT", one, `{"removedAt":"2020-01-31"}`).is(200)
	s.call(t, "GET", "/assets?removed=true&q=rack", "").is(200).has(map[string]any{"data.0.id": made.at("id")})
	s.call(t, "GET", "/assets?removed=false&q=rack", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", "/assets?ofDevices=true&q=rack", "").is(200).has(map[string]any{"data.0": absent})
	s.call(t, "GET", "/assets?removed=perhaps", "").refused(400, 40001, "removed")
	s.call(t, "GET", "/assets?assetClassType=CAR", "").refused(400, 40001, "CAR")
	s.call(t, "GET", "/events?type=ASSET_NOTES_UPDATED", "").is(200).has(map[string]any{"data.0.category": "ASSET"})
	s.call(t, "DELETE", one, "").is(204)
	s.call(t, "DELETE", one, "").refused(404, 40401, "")
	s.call(t, "GET", one, "").refused(404, 40401, "")
	s.call(t, "POST", "/assets", body("")).is(201)
	assetsRestored(t, s, body)
	s.call(t, "GET", "/assets", "").is(200).has(map[string]any{"data.0.name": "Rack 4"})
}

// assetsRestored brings back what was deleted.
func assetsRestored(t *testing.T, s *server, body func(string) string) {
	const undo = `{"action":"restore"}`
	const whole = "?expand[]=assetClassTypes&expand[]=owner"
	made := s.call(t, "POST", "/assets"+whole, body(`,"notes":"loud","externalId":"i-78","externalOwnerId":"o-1","uniqueId":"u-78","removedAt":"2020-01-31"`)).is(201)
	one := "/assets/" + made.text("id")
	s.call(t, "POST", one+"/actions", undo).refused(409, 40901, "not deleted")
	s.call(t, "DELETE", one, "").is(204)
	back := s.call(t, "POST", one+"/actions"+whole, undo).is(200)
	if !bytes.Equal(back.body, made.body) {
		t.Errorf("restored: %s\nmade: %s", back.body, made.body)
	}
	s.call(t, "GET", one+whole, "").is(200).has(map[string]any{"notes": "loud", "assetClassTypes.1.id": made.at("assetClassTypes.1.id")})
	s.call(t, "GET", "/events?type=MANUAL_ASSET_RESTORED", "").is(200).has(map[string]any{"data.0.category": "ASSET", "data.0.description": "Asset “Rack 4” was restored", "data.0.requestDescription": "POST /public/v2" + one + "/actions"})
	s.call(t, "DELETE", one, "").is(204)
	for more, why := range map[string]string{`,"externalId":"i-78","uniqueId":"other"`: "`externalId` \"i-78\"", `,"uniqueId":"u-78"`: "`uniqueId` \"u-78\""} {
		twin := s.call(t, "POST", "/assets", body(more)).is(201)
		s.call(t, "POST", one+"/actions", undo).refused(409, 40901, why)
		s.call(t, "DELETE", "/assets/"+twin.text("id"), "").is(204)
	}
	s.call(t, "POST", one+"/actions", `{"action":"revive"}`).refused(400, 40001, "revive").has(map[string]any{"pointer": "/action"})
	s.call(t, "POST", "/assets/999999/actions", undo).refused(404, 40401, "999999")
	s.call(t, "POST", one+"/actions", undo, as(s.newKey(access.AssetsGet, access.AssetsDelete))).refused(403, 40301, "assets-put")
	// What has no id of its own has no twin either.
	none := s.call(t, "POST", "/assets", body(`,"externalId":"","uniqueId":""`)).is(201)
	s.call(t, "POST", "/assets", body(`,"externalId":"","uniqueId":""`)).is(201)
	s.call(t, "DELETE", "/assets/"+none.text("id"), "").is(204)
	s.call(t, "POST", "/assets/"+none.text("id")+"/actions", undo).is(200)
}

// spelt is the number that a text spells.
func spelt(text string) any {
	var n int
	if _, err := fmt.Sscan(text, &n); err != nil {
		return text
	}
	return n
}

// orphansCase is about devices whose connection was deleted: the next one that
// reports them has them, and they can be deleted.
func orphansCase(t *testing.T, s *server) {
	ids := s.staff(t, "olga@orphans.example", "otto@orphans.example")
	report := func(owner, serial string) string {
		return `{"personnelId":` + owner + `,"platformName":"LINUX","platformVersion":"6","serialNumber":"` + serial + `","encryptionEnabled":true}`
	}
	old := s.mdm(t)
	stays := s.call(t, "POST", old, report(ids[0], "ORPHAN-1")).is(201)
	given := s.call(t, "POST", old, report(ids[0], "ORPHAN-2")).is(201).text("id")
	next := s.mdm(t)
	s.call(t, "POST", next, report(ids[0], "ORPHAN-1")).refused(409, 40908, "reported by connection")
	s.call(t, "DELETE", strings.TrimSuffix(old, "/devices"), "").is(204)

	moved := s.call(t, "POST", next, report(ids[0], "ORPHAN-1")).is(201).has(map[string]any{"id": stays.at("id"), "assetId": stays.at("assetId")})
	s.call(t, "GET", "/devices/"+moved.text("id"), "").is(200).has(map[string]any{"connectionId": moved.at("connectionId")})
	if moved.text("connectionId") == stays.text("connectionId") {
		t.Error("the device is still that of the connection that was deleted")
	}
	s.call(t, "DELETE", old+"/"+moved.text("id"), "").is(404)

	s.call(t, "POST", next, report(ids[1], "ORPHAN-2")).refused(409, 40909, "belongs to person")
	s.call(t, "DELETE", old+"/"+given, "").is(204)
	s.call(t, "DELETE", old+"/"+given, "").is(404)
	s.call(t, "POST", next, report(ids[1], "ORPHAN-2")).is(201)
}
