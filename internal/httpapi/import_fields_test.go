package httpapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// ofFile is a row of a file by the names of its columns.
func ofFile(t *testing.T, rows [][]string, key, value string) map[string]string {
	t.Helper()
	at := slices.Index(rows[0], key)
	for _, row := range rows[1:] {
		if row[at] == value {
			out := map[string]string{}
			for i, cell := range row {
				out[rows[0][i]] = cell
			}
			return out
		}
	}
	t.Fatalf("no row has %s in %s", value, key)
	return nil
}

func importFieldsCase(t *testing.T, s *server) {
	level, levelName := s.field(t, "PERSONNEL", `,"choices":["Low","High"]`)
	desk := s.name(`Desk, "a.b" [1]`)
	deskID := s.call(t, "POST", "/custom-fields", fmt.Sprintf(`{"kind":"PERSONNEL","name":%q}`, desk)).is(201).text("id")
	quoted := func(column string) string { return `"` + strings.ReplaceAll(column, `"`, `""`) + `"` }
	levelColumn, deskColumn := "customFields."+levelName, "customFields."+desk
	in, look := "/personnel/imports", "/personnel/imports?preview=true"

	template := table(t, crlf(s.call(t, "GET", "/personnel/import-template", "").is(200).body))
	if row := ofFile(t, template, "email", "ada@example.com"); row[levelColumn] != "Low" || !slices.Contains(template[0], deskColumn) {
		t.Errorf("the template is %q", template)
	}

	// A column may have the long name or, in any case, that of the field.
	header := "email,employmentStatus," + quoted("CUSTOMfields."+strings.ToUpper(desk)) + "," + strings.ToUpper(levelName)
	rows := []string{header, "one@fields.import,SERVICE_ACCOUNT,'=1+1,high", "two@fields.import,SERVICE_ACCOUNT,,", "three@fields.import,SERVICE_ACCOUNT, 3 ,null"}
	told := map[string]any{"numCreated": 3, "lines.0.changes.2.field": levelColumn, "lines.0.changes.2.old": nil, "lines.0.changes.2.new": "High",
		"lines.0.changes.3.field": deskColumn, "lines.0.changes.3.new": "=1+1", "lines.1.changes.2": absent, "lines.2.changes.2.new": "3", "lines.2.changes.3": absent}
	s.csv(t, look, rows...).is(200).has(told)
	s.csv(t, in, rows...).is(201).has(told)
	s.csv(t, in, rows...).is(201).has(map[string]any{"numUnchanged": 3, "lines": []any{}})
	s.call(t, "GET", "/events?type=PERSONNEL_IMPORTED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.created": 3,
		"data.0.metadata.customFields.0.name": levelName, "data.0.metadata.customFields.0.changed": 1, "data.0.metadata.customFields.1.name": desk,
		"data.0.metadata.customFields.1.changed": 2, "data.0.metadata.customFields.2": absent})
	find := func(id, value string) string {
		return "/personnel-search?sort=name&sortDir=ASC&customFields[0][customFieldId]=" + id + "&customFields[0][value]=" + value
	}
	s.call(t, "GET", find(level, "high"), "").is(200).has(map[string]any{"data.0.email": "one@fields.import", "data.1": absent})

	// An empty cell leaves a value, null clears it; what else a row has stays.
	change := []string{"email," + levelName + "," + quoted(deskColumn), "one@fields.import,,null", "two@fields.import,LOW,2"}
	told = map[string]any{"numUpdated": 2, "lines.0.changes.0.field": deskColumn, "lines.0.changes.0.old": "=1+1", "lines.0.changes.0.new": nil, "lines.0.changes.1": absent,
		"lines.1.changes.0.new": "Low", "lines.1.changes.1.new": "2"}
	s.csv(t, look, change...).is(200).has(told)
	s.call(t, "GET", find(deskID, "2"), "").is(200).has(map[string]any{"data.0": absent})
	s.csv(t, in, change...).is(201).has(told)
	s.call(t, "GET", find(deskID, "2"), "").is(200).has(map[string]any{"data.0.email": "two@fields.import", "data.0.employmentStatus": "SERVICE_ACCOUNT"})

	// Each fault of a row is told: those of its cells, and those of its values.
	wrong := []string{"id,email,startedAt," + quoted(deskColumn) + "," + levelName, ",one@fields.import,soon," + strings.Repeat("x", 192) + ",Middle", ",two@fields.import,,\"a\nb\",", ",three@fields.import,,,Middle", ",new@fields.import,,,Middle"}
	s.csv(t, look, wrong...).is(200).has(map[string]any{"canApply": false, "numRefused": 4, "errors.0.line": 2, "errors.0.column": "startedAt", "errors.0.also.0.column": deskColumn,
		"errors.0.also.0.message": "a value of “" + desk + "” may have at most 191 characters, in one line", "errors.0.also.1.column": levelColumn, "errors.0.also.2": absent,
		"errors.1.line": 3, "errors.1.column": deskColumn, "errors.2.column": levelColumn, "errors.2.message": "“" + levelName + `” cannot be "Middle"; it must be one of Low, High`,
		"errors.3.column": levelColumn, "errors.3.line": 6})
	s.csv(t, in, wrong...).refused(400, 40001, "line 2, column startedAt")
	s.csv(t, "/personnel/imports?onError=skip", append(slices.Clone(wrong), ",one@fields.import,,,Low")...).is(201).has(map[string]any{"numRefused": 4, "numUpdated": 1})

	// The list as a file is a file that changes nothing, also where a value is no
	// choice any more; changed, it changes that.
	s.call(t, "PUT", "/custom-fields/"+level, `{"choices":["High","Top"]}`).is(200)
	list := s.call(t, "GET", "/personnel?format=csv&q=fields.import&sort=name&sortDir=ASC&expand[]=customFields", "").is(200)
	exported := table(t, list.body)
	if one := ofFile(t, exported, "email", "one@fields.import"); one[levelColumn] != "Low" || one[deskColumn] != "" || slices.Contains(exported[0], "customFields") {
		t.Errorf("the list as a file is %s", list.body)
	}
	s.csv(t, look, string(list.body)).is(200).has(map[string]any{"numRows": 3, "numUnchanged": 3, "canApply": true})
	s.csv(t, in, strings.Replace(string(list.body), "Low", "top", 1)).is(201).has(map[string]any{"numUnchanged": 2, "lines.0.name": "one@fields.import", "lines.0.changes.0.old": "Low",
		"lines.0.changes.0.new": "Top", "lines.0.changes.1": absent})
	s.csv(t, in, "email,"+levelName, "one@fields.import,Low").refused(400, 40001, "it must be one of High, Top")
	// Without them the list has one column, which counts for nothing.
	s.csv(t, look, string(s.call(t, "GET", "/personnel?format=csv&q=fields.import", "").is(200).body)).is(200).has(map[string]any{"numUnchanged": 3})

	// The columns of the product come first; a field by their name has its long one.
	taken := s.call(t, "POST", "/custom-fields", `{"kind":"PERSONNEL","name":"JobTitle"}`).is(201).text("id")
	listed := s.call(t, "POST", "/custom-fields", `{"kind":"PERSONNEL","name":"groups"}`).is(201).text("id")
	s.csv(t, look, "email,jobtitle,customFields.jobtitle,groups,customFields.groups", "one@fields.import,Cook,Chef,x,y").is(200).
		has(map[string]any{"numUpdated": 1, "ignoredColumns.0": "groups", "ignoredColumns.1": absent, "lines.0.changes.0.field": "jobTitle", "lines.0.changes.0.new": "Cook",
			"lines.0.changes.1.field": "customFields.JobTitle", "lines.0.changes.1.new": "Chef", "lines.0.changes.2.field": "customFields.groups", "lines.0.changes.2.new": "y", "lines.0.changes.3": absent})

	// Columns of fields that are not there.
	for _, id := range []string{taken, listed, deskID} {
		s.call(t, "DELETE", "/custom-fields/"+id, "").is(200)
	}
	s.csv(t, in, "email,"+quoted(deskColumn), "one@fields.import,1").refused(400, 40001, "there is no custom field").refused(400, 40001, "of personnel: take the column out")
	s.csv(t, look, "email,"+quoted(desk), "one@fields.import,1").is(200).has(map[string]any{"canApply": false, "errors.0.line": 1, "errors.0.column": desk, "errors.1": absent})
	s.csv(t, in, "email,cost", "one@fields.import,1").refused(400, 40001, "notHumanReason and customFields.NAME for a custom field")
	s.csv(t, in, "email,"+levelName+","+levelColumn, "one@fields.import,,").refused(400, 40001, "comes twice")
}

func importAssetFieldsCase(t *testing.T, s *server) {
	zone, zoneName := s.field(t, "ASSET", `,"choices":["North","South"]`)
	_, costName := s.field(t, "ASSET", "")
	zoneColumn, costColumn := "customFields."+zoneName, "customFields."+costName
	staff := s.staff(t, "owner@fields.import")
	owner := s.call(t, "GET", "/personnel/"+staff[0], "").is(200).text("userId")
	device := s.call(t, "POST", s.mdm(t), fmt.Sprintf(`{"personnelId":%s,"platformName":"LINUX","platformVersion":"6","serialNumber":"fields-1","externalId":"fields-dev"}`, staff[0])).
		is(201).text("assetId")
	template := table(t, crlf(s.call(t, "GET", "/assets/import-template", "").is(200).body))
	if row := ofFile(t, template, "externalId", "srv-001"); row[zoneColumn] != "North" || !slices.Contains(template[0], costColumn) {
		t.Errorf("the template is %q", template)
	}
	in := "/assets/imports"
	header := "externalId,name,description,assetType,assetClassTypes,ownerEmail," + costName + "," + zoneColumn
	rows := []string{header, "f-1,Server,x,PHYSICAL,HARDWARE,owner@fields.import,4711,south", "f-2,Other,x,PHYSICAL,HARDWARE,owner@fields.import,-12,", "fields-dev,,,,,,4712,North"}
	told := map[string]any{"numCreated": 2, "numUpdated": 1, "lines.0.changes.6.field": zoneColumn, "lines.0.changes.6.new": "South", "lines.0.changes.7.field": costColumn,
		"lines.1.changes.6.new": "-12", "lines.1.changes.7": absent, "lines.2.id": device, "lines.2.changes.0.field": zoneColumn, "lines.2.changes.1.new": "4712", "lines.2.changes.2": absent}
	s.csv(t, in+"?preview=true", rows...).is(200).has(told)
	s.csv(t, in, rows...).is(201).has(told)
	s.csv(t, in, rows...).is(201).has(map[string]any{"numUnchanged": 3})
	s.call(t, "GET", "/events?type=ASSETS_IMPORTED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.customFields.0.customFieldId": s.call(t, "GET", "/custom-fields/"+zone, "").at("id"),
		"data.0.metadata.customFields.0.changed": 2, "data.0.metadata.customFields.1.changed": 3})
	s.csv(t, in+"?preview=true", header, "f-1,,,,,nobody@fields.import,"+strings.Repeat("x", 192)+",West", "f-2,,,,,nobody@fields.import,,West", "f-3,,,,,owner@fields.import,,West").is(200).
		has(map[string]any{"numRefused": 3, "errors.0.column": costColumn, "errors.0.also.0.column": zoneColumn, "errors.0.also.1": absent,
			"errors.1.column": "ownerEmail", "errors.1.also.0.column": zoneColumn, "errors.1.also.1": absent, "errors.2.column": "name", "errors.2.also.3.column": zoneColumn, "errors.2.also.4": absent})
	list := s.call(t, "GET", "/assets?format=csv&expand[]=customFields&expand[]=owner&userId="+owner, "").is(200)
	if row := ofFile(t, table(t, list.body), "externalId", "f-2"); row[costColumn] != "'-12" || row[zoneColumn] != "" {
		t.Errorf("the list as a file is %s", list.body)
	}
	s.csv(t, in, string(list.body)).is(201).has(map[string]any{"numRows": 3, "numUnchanged": 3})
	s.csv(t, in, strings.Replace(string(list.body), "South", "null", 1)).is(201).has(map[string]any{"numUpdated": 1, "lines.0.changes.0.old": "South", "lines.0.changes.0.new": nil})
	s.call(t, "GET", "/assets?customFields[0][customFieldId]="+zone, "").is(200).has(map[string]any{"data.0.id": device, "data.1": absent})
}

// crlf gives lines the ends of RFC 4180.
func crlf(text []byte) []byte { return []byte(strings.ReplaceAll(string(text), "\n", "\r\n")) }
