package httpapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// csv sends a file.
func (s *server) csv(t testing.TB, path string, lines ...string) got {
	t.Helper()
	return s.call(t, "POST", path, strings.Join(lines, "\n"), with("Content-Type", "text/csv"))
}

func importPersonnelCase(t *testing.T, s *server) {
	template := s.call(t, "GET", "/personnel/import-template", "").is(200).
		headers(map[string]string{"Content-Type": asCSV, "Content-Disposition": "attachment; filename=personnel.csv"})
	s.csv(t, "/personnel/imports?preview=true", string(template.body)).is(200).
		has(map[string]any{"preview": true, "canApply": true, "numRows": 2, "numCreated": 2, "lines.0.outcome": "CREATED", "lines.0.id": nil, "lines.0.changes.0.field": "email",
			"lines.1.changes.1.field": "firstName", "errors": []any{}, "moreLines": 0})
	s.call(t, "GET", "/personnel/email:ada@example.com", "").is(404)

	h := s.hris(t)
	s.call(t, "POST", h, `[{"identityId":"i-1","email":"follows@import.example","firstName":"Fay","startedAt":"2020-07-06"}]`).is(201)
	s.applied(t)
	u := s.user(t, everywhere(access.Auditor))
	rows := []string{"email;First Name", "x"}
	s.csv(t, "/personnel/imports", rows...).refused(400, 40001, "First Name")
	rows = []string{"email,firstName,lastName,employmentStatus,startedAt,separatedAt,notHumanReason",
		"lines@import.example,Nell,\"Two\nLines\",,,,", // 2, 3
		"new@import.example,Nell,New,,2021-02-03,,",    // 4
		"NEW@import.example,Nell,,,,,",
		"nobody,,,,,,",
		"follows@import.example,Fiona,,CURRENT_CONTRACTOR,,,",
		"later@import.example,=cmd()|x,,,2120-01-01,,",
		"mail@import.example,,,OUT_OF_SCOPE,,,",
		"mail2@import.example,,,OUT_OF_SCOPE,,,a mailbox",
		"boss@import.example,,,BOSS,,,",
		"day@import.example,,,,01.02.2020,,",
		"gone@import.example,,,,2020-01-01,2020-02-01,",
		"back@import.example,,,,2020-02-01,2020-01-01,",
		u.Email + ",Other,,,,,"}
	in := "/personnel/imports?onError=skip"
	told := map[string]any{"canApply": true, "numRows": 13, "numCreated": 5, "numUpdated": 1, "numUnchanged": 0, "numRefused": 7,
		"lines.0.line": 4, "lines.0.name": "Nell New", "lines.0.changes.0.new": "new@import.example", "lines.0.changes.3.field": "employmentStatus", "lines.0.changes.3.new": "CURRENT_EMPLOYEE",
		"lines.0.changes.4.new": "2021-02-03",
		"lines.1.line":          7, "lines.1.outcome": "UPDATED", "lines.1.kept": []any{"firstName"}, "lines.1.changes.0.old": "CURRENT_EMPLOYEE", "lines.1.changes.0.new": "CURRENT_CONTRACTOR", "lines.1.changes.1": absent,
		"lines.2.changes.1.new": "=cmd()|x", "lines.2.changes.2.new": "FUTURE_HIRE", "lines.3.changes.2.new": "a mailbox", "lines.4.changes.1.new": "FORMER_EMPLOYEE",
		"lines.5.outcome": "CREATED", "lines.5.name": u.DisplayName(), "lines.5.kept": []any{"firstName"},
		"errors.0.line": 2, "errors.0.column": "lastName", "errors.1.line": 5, "errors.1.message": "line 4 is of the same person", "errors.2.column": "email",
		"errors.3.line": 9, "errors.3.column": "notHumanReason", "errors.4.column": "employmentStatus", "errors.5.column": "startedAt", "errors.6.column": "separatedAt", "moreErrors": 0}
	s.csv(t, in+"&preview=true", rows...).is(200).has(told)
	s.csv(t, in+"&preview=true&limit=1", "id,email,lastName,employmentStatus,startedAt,separatedAt,notHumanReason", "x,nobody,\"a\nb\",BOSS,soon,late,", ",a@import.example,,,,,", ",nobody,,,,,").is(200).
		has(map[string]any{"errors.0.line": 2, "errors.0.column": "id", "errors.0.also.0.column": "email", "errors.0.also.1.column": "lastName", "errors.0.also.2.column": "startedAt",
			"errors.0.also.3.column": "separatedAt", "errors.0.also.4.column": "employmentStatus", "errors.0.also.5": absent, "errors.1": absent, "moreErrors": 1, "numRefused": 2})
	s.csv(t, in+"&preview=true&limit=2&afterLine=4", rows...).is(200).
		has(map[string]any{"lines.0.line": 7, "lines.2": absent, "moreLines": 3, "errors.0.line": 5, "errors.2": absent, "moreErrors": 4, "numCreated": 5})
	s.csv(t, in+"&preview=true&outcome=REFUSED&limit=3&afterLine=2", rows...).is(200).
		has(map[string]any{"lines": []any{}, "moreLines": 0, "errors.0.line": 5, "errors.3": absent, "moreErrors": 3, "numCreated": 5, "numRefused": 7})
	s.csv(t, in+"&preview=true&outcome=UPDATED", rows...).is(200).has(map[string]any{"lines.0.line": 7, "lines.1": absent, "errors": []any{}, "moreErrors": 0, "numRefused": 7})
	s.csv(t, in+"&preview=true&outcome=UNCHANGED", rows...).is(200).has(map[string]any{"lines": []any{}})
	s.csv(t, in+"&preview=true&outcome=OTHER", rows...).refused(400, 40001, "outcome")
	s.csv(t, "/personnel/imports?preview=true", rows...).is(200).has(map[string]any{"canApply": false, "numRefused": 7})
	s.csv(t, "/personnel/imports?preview=true&outcome=CREATED", rows[0]).is(200).
		has(map[string]any{"canApply": false, "numRows": 0, "errors.0.line": nil, "errors.0.message": "the file has no rows below its first line"})
	s.csv(t, "/personnel/imports", rows...).refused(400, 40001, "line 2, column lastName").refused(400, 40001, "6 more")
	s.call(t, "GET", "/personnel/email:new@import.example", "").is(404)
	s.csv(t, in, rows...).is(201).has(told).has(map[string]any{"preview": false})
	s.csv(t, in, rows...).is(201).has(map[string]any{"numCreated": 0, "numUpdated": 0, "numUnchanged": 6, "numRefused": 7, "lines.0.kept": []any{"firstName"}, "lines.0.outcome": "UNCHANGED"})

	s.call(t, "GET", "/personnel/email:new@import.example?expand[]=user", "").is(200).
		has(map[string]any{"user.state": "NO_ACCOUNT", "user.firstName": "Nell", "displayName": "Nell New", "startedAt": "2021-02-03T00:00:00.000Z", "employmentStatus": "CURRENT_EMPLOYEE", "byHand": true})
	s.call(t, "GET", "/personnel/email:follows@import.example", "").is(200).has(map[string]any{"employmentStatus": "CURRENT_CONTRACTOR", "byHand": true, "displayName": "Fay"})
	s.call(t, "GET", "/personnel/email:"+u.Email, "").is(200).has(map[string]any{"userId": u.ID, "displayName": u.DisplayName(), "byHand": false})
	event := s.call(t, "GET", "/events?type=PERSONNEL_IMPORTED&expand[]=metadata", "").is(200).
		has(map[string]any{"data.0.category": "PERSONNEL", "data.0.metadata.created": 5, "data.0.metadata.updated": 1, "data.0.metadata.refused": 7, "data.1": absent})
	if !strings.Contains(event.text("data.0.metadata.personnelIds"), s.call(t, "GET", "/personnel/email:new@import.example", "").text("id")) {
		t.Errorf("the event is %s", event.body)
	}

	one := s.call(t, "GET", "/personnel/email:new@import.example", "").is(200).text("id")
	s.csv(t, "/personnel/imports", "id,email,jobTitle,startedAt", one+",,Cook,null").is(201).has(map[string]any{"lines.0.id": one, "lines.0.changes.0.field": "jobTitle", "lines.0.changes.1.old": "2021-02-03", "lines.0.changes.1.new": nil})
	for row, why := range map[string]string{"999999,,": "999999", "x,,": "x", one + ",other@import.example,": "new@import.example", ",,": "no rows", one + ",,,": "cells"} {
		if g := s.csv(t, "/personnel/imports", "id,email,jobTitle", row); g.status != 400 || !strings.Contains(string(g.body), why) {
			t.Errorf("%s: %d %s", row, g.status, g.body)
		}
	}
	// The list as a file can be imported, and changes nothing.
	s.call(t, "PUT", "/personnel/email:mail2@import.example", `{"notHumanReason":" a\r\nmailbox "}`).is(200)
	list := s.call(t, "GET", "/personnel?format=csv&q=import.example", "").is(200)
	s.csv(t, "/personnel/imports", string(list.body)).is(201).has(map[string]any{"numRows": 5, "numUnchanged": 5, "lines": []any{}, "ignoredColumns.0": "userId"})

	for body, why := range map[string]string{"": "empty", "email\n\xff": "UTF-8", "email,email\na@b.example,": "twice", "firstName\nA": "email", "email\n\"a": "quotation"} {
		s.csv(t, "/personnel/imports", body).refused(400, 40001, why)
		s.csv(t, "/personnel/imports?preview=true", body).is(200).has(map[string]any{"canApply": false, "numRows": 0})
	}
	s.csv(t, "/personnel/imports?preview=maybe", "").refused(400, 40001, "preview")
	s.csv(t, "/personnel/imports?onError=ignore", "").refused(400, 40001, "onError")
	s.csv(t, "/personnel/imports?limit=0", "").refused(400, 40001, "limit")
	s.csv(t, "/personnel/imports?afterLine=-1", "").refused(400, 40001, "afterLine")
	s.call(t, "POST", "/personnel/imports", "email", with("Content-Type", "application/pdf")).refused(400, 40009, "text/csv")
	large := "email,firstName\n" + strings.Repeat("a@large.example,"+strings.Repeat("x", 100)+"\n", 60_000)
	s.csv(t, "/personnel/imports?preview=true", large).is(200).has(map[string]any{"numRows": 60_000, "numRefused": 59_999, "moreErrors": 59_899})
	s.csv(t, "/personnel/imports?preview=true", strings.Repeat("x", 33<<20)).refused(413, 41301, "larger than 32 MB")
	b, _ := s.signedIn(t, everywhere(access.Auditor))
	b.ask(t, "POST", "/personnel/imports", "").refused(403, 40301, "")
	b.ask(t, "GET", "/personnel/import-template", "").is(200)
	manager, _ := s.signedIn(t, everywhere(access.PersonnelManager))
	manager.ask(t, "POST", "/personnel/imports?preview=true", "email\na@b.example").is(200)
}

func importAssetsCase(t *testing.T, s *server) {
	s.call(t, "GET", "/assets/import-template", "").is(200).headers(map[string]string{"Content-Type": asCSV, "Content-Disposition": "attachment; filename=assets.csv"})
	staff := s.staff(t, "owner@import.example", "other@import.example")
	owner := s.call(t, "GET", "/personnel/"+staff[0], "").is(200).text("userId")
	device := s.call(t, "POST", s.mdm(t), fmt.Sprintf(`{"personnelId":%s,"platformName":"LINUX","platformVersion":"6","serialNumber":"import-1","externalId":"import-dev"}`, staff[0])).
		is(201).text("assetId")
	header := "externalId,name,description,assetType,assetClassTypes,ownerEmail,notes,removedAt"
	rows := []string{header,
		"a-1,Server,Runs it,physical,hardware; COMPUTE,Owner@import.example,'=1+1,",
		"a-2,Repository,Has it,VIRTUAL,CODE,owner@import.example,,2026-01-31",
		"a-3,No owner,x,VIRTUAL,CODE,,,",
		"a-4,Nobody,x,VIRTUAL,CODE,nobody@import.example,,",
		",No id,x,VIRTUAL,CODE,owner@import.example,,",
		"a-5,No class,x,VIRTUAL,FRUIT,owner@import.example,,",
		"a-1,Again,x,VIRTUAL,CODE,owner@import.example,,",
		"a-6,,x,VIRTUAL,CODE,owner@import.example,,",
		"import-dev,Renamed,,,,,,"}
	in := "/assets/imports?onError=skip"
	told := map[string]any{"numRows": 9, "numCreated": 2, "numRefused": 7, "lines.0.name": "Server", "lines.0.changes.4.new": "COMPUTE; HARDWARE", "lines.0.changes.5.new": "owner@import.example",
		"lines.0.changes.6.new": "=1+1", "lines.1.changes.6.field": "removedAt",
		"errors.0.column": "ownerEmail", "errors.1.message": "nobody has the address nobody@import.example", "errors.2.column": "externalId", "errors.3.column": "assetClassTypes",
		"errors.4.message": "line 2 is of the same asset", "errors.5.column": "name", "errors.6.column": "name", "errors.6.line": 10}
	s.csv(t, in+"&preview=true", rows...).is(200).has(told)
	s.csv(t, "/assets/imports", rows...).refused(400, 40001, "line 4, column ownerEmail")
	s.csv(t, in, rows...).is(201).has(told)
	s.csv(t, in, rows...).is(201).has(map[string]any{"numUnchanged": 2, "numCreated": 0, "numUpdated": 0, "lines": []any{}})
	server := s.call(t, "GET", "/assets?q=a-1&expand[]=assetClassTypes&expand[]=owner", "").is(200).
		has(map[string]any{"data.0.name": "Server", "data.0.notes": "=1+1", "data.0.owner.email": "owner@import.example", "data.0.assetClassTypes.1.assetClassType": "COMPUTE", "data.1": absent}).text("data.0.id")
	s.csv(t, "/assets/imports", "id;externalId;ownerEmail;assetClassTypes;notes;description", server+";;other@import.example;STORAGE, HARDWARE;null;", ";import-dev;;NETWORKING;on the desk;").is(201).
		has(map[string]any{"numUpdated": 2, "lines.0.id": server, "lines.0.changes.0.field": "assetClassTypes", "lines.0.changes.0.old": "COMPUTE; HARDWARE", "lines.0.changes.0.new": "HARDWARE; STORAGE",
			"lines.0.changes.1.old": "owner@import.example", "lines.0.changes.2.new": nil, "lines.1.id": device})
	s.call(t, "GET", "/assets/"+server+"?expand[]=assetClassTypes&expand[]=owner", "").is(200).
		has(map[string]any{"owner.email": "other@import.example", "notes": nil, "assetClassTypes.2": absent, "description": "Runs it"})
	s.call(t, "GET", "/assets/"+device+"?expand[]=assetClassTypes", "").is(200).has(map[string]any{"notes": "on the desk", "assetClassTypes.0.assetClassType": "NETWORKING", "ownerId": owner})
	s.csv(t, in+"&preview=true", "id,externalId,name,description,assetType,assetClassTypes,ownerEmail,notes,removedAt", "x,,"+strings.Repeat("n", 192)+",,LIQUID,CAR,,"+strings.Repeat("n", 192)+",soon",
		",all-new,,,,,nobody@import.example,,").is(200).
		has(map[string]any{"numRefused": 2, "errors.0.column": "id", "errors.0.also.0.column": "removedAt", "errors.0.also.1.column": "name", "errors.0.also.2.column": "notes",
			"errors.0.also.3.column": "assetType", "errors.0.also.4.column": "assetClassTypes", "errors.0.also.5": absent,
			"errors.1.line": 3, "errors.1.column": "ownerEmail", "errors.1.also.0.column": "name", "errors.1.also.3.column": "assetType", "errors.1.also.4": absent})
	s.csv(t, "/assets/imports", "id,notes", "999999,x").refused(400, 40001, "999999")
	s.csv(t, "/assets/imports", "id,ownerId", server+",999999").refused(400, 40001, "999999")
	s.csv(t, "/assets/imports", "id,ownerId", server+","+owner).is(201).has(map[string]any{"lines.0.changes.0.field": "ownerEmail"})
	s.call(t, "POST", "/assets", `{"name":"Twin","description":"x","assetClassTypes":["CODE"],"assetType":"VIRTUAL","ownerId":`+owner+`,"externalId":"a-1"}`).is(201)
	s.csv(t, "/assets/imports", "externalId,notes", "a-1,x").refused(400, 40001, "several assets")
	// A row that is refused takes nothing from those below it, the first time as the
	// second.
	var unnamed [2]string
	for i, more := range []string{"", `,"externalId":"n-2"`} {
		unnamed[i] = s.call(t, "POST", "/assets", `{"name":"Unnamed","description":"x","assetClassTypes":["CODE"],"assetType":"VIRTUAL","ownerId":`+owner+more+`}`).is(201).text("id")
	}
	same := []string{"id,externalId,notes", unnamed[0] + ",n-1,a", unnamed[0] + ",n-2,b", ",n-2,c"}
	s.csv(t, in, same...).is(201).has(map[string]any{"numUpdated": 2, "numRefused": 1, "lines.1.id": unnamed[1], "errors.0.line": 3, "errors.0.column": "id"})
	s.csv(t, in, same...).is(201).has(map[string]any{"numUnchanged": 2, "numRefused": 1, "errors.0.line": 3})
	for _, id := range unnamed {
		s.call(t, "DELETE", "/assets/"+id, "").is(204)
	}
	list := s.call(t, "GET", "/assets?format=csv&userId="+owner, "").is(200)
	s.csv(t, "/assets/imports", string(list.body)).is(201).has(map[string]any{"numRows": 4, "numUnchanged": 4})
	s.call(t, "GET", "/events?type=ASSETS_IMPORTED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.category": "ASSET", "data.0.metadata.updated": 2, "data.0.metadata.customFields": absent})
	b, _ := s.signedIn(t, everywhere(access.Auditor))
	b.ask(t, "POST", "/assets/imports", "").refused(403, 40301, "")
}

// The list of assets as a file changes nothing when it is imported, whatever was
// asked for with it; changed, it changes that.
func importedListCase(t *testing.T, s *server) {
	s.field(t, "ASSET", "")
	staff := s.staff(t, "owner@listed.example")
	owner := s.call(t, "GET", "/personnel/"+staff[0], "").is(200).text("userId")
	s.call(t, "POST", s.mdm(t), fmt.Sprintf(`{"personnelId":%s,"platformName":"LINUX","platformVersion":"6","serialNumber":"listed-1","model":"-5"}`, staff[0])).is(201)
	for i, more := range []string{``, `,"notes":"=1+1, \"so\"","externalId":"listed-2","uniqueId":"+49"`, `,"externalOwnerId":"'-x","removedAt":"2026-01-31T10:11:12.345Z"`,
		`,"notes":" a\r\nb ","externalId":" listed 4 ","uniqueId":"x ","externalOwnerId":"\ty"`} {
		s.call(t, "POST", "/assets", fmt.Sprintf(`{"name":"Listed %d","description":"one\r\ntwo","assetClassTypes":["STORAGE","HARDWARE","CODE"],"assetType":"VIRTUAL","ownerId":%s%s}`, i, owner, more)).is(201)
	}
	list := "/assets?format=csv&sort=name&sortDir=ASC&userId=" + owner
	parts := []string{"assetClassTypes", "complianceChecks", "customFields", "device", "identifiers", "owner"}
	queries := []string{list, list + "&expand[]=" + strings.Join(parts, "&expand[]=")}
	for _, part := range parts {
		queries = append(queries, list+"&expand[]="+part)
	}
	for _, query := range queries {
		file := string(s.call(t, "GET", query, "").is(200).body)
		for _, in := range []string{"/assets/imports?preview=true", "/assets/imports"} {
			if g := s.csv(t, in, file); g.at("numRows") == nil || g.text("numRows") != "5" || g.text("numUnchanged") != "5" {
				t.Errorf("%s, %s: %s", query, in, g.body)
			}
		}
	}
	file := string(s.call(t, "GET", queries[1], "").is(200).body)
	if row := ofFile(t, table(t, []byte(file)), "name", "Listed 0"); row["assetClassTypes"] != "STORAGE; HARDWARE; CODE" {
		t.Errorf("the classes are %q", row["assetClassTypes"])
	}
	s.csv(t, "/assets/imports", strings.Replace(file, "STORAGE; HARDWARE; CODE", "code; networking", 1)).is(201).has(map[string]any{"numUpdated": 1, "numUnchanged": 4,
		"lines.0.changes.0.field": "assetClassTypes", "lines.0.changes.0.old": "CODE; HARDWARE; STORAGE", "lines.0.changes.0.new": "CODE; NETWORKING", "lines.0.changes.1": absent})
}
