package httpapi_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

const asCSV = "text/csv; charset=utf-8"

// oscalCatalog is a small OSCAL catalog as others publish it.
const oscalCatalog = `{"catalog":{"uuid":"b954d3b7-d2c7-453b-8eb2-459e8d3b8462","metadata":{"title":%q,"last-modified":"2024-02-04T23:11:04.000-04:00","version":"5.1.1",
"oscal-version":"v1.2.2","props":[{"name":"keywords","value":"x"}]},
"groups":[{"id":"ac","class":"family","title":"Access Control","controls":[
 {"id":"ac-1","class":"SP800-53","title":"Policy","params":[{"id":"ac-1_prm_1","label":"organization-defined people"},
   {"id":"ac-01_odp.03","select":{"how-many":"one-or-more","choice":["organization","business process of {{ insert: param, ac-1_prm_1 }}"]}},{"id":"ac-1_prm_3","values":["a week"]}],
  "props":[{"name":"label","class":"zero-padded","value":"AC-01"},{"name":"label","value":"AC-1"},{"name":"sort-id","value":"ac-01"}],
  "parts":[{"id":"ac-1_smt","name":"statement","parts":[{"name":"item","props":[{"name":"label","value":"a."}],"prose":"Tell {{ insert: param, ac-1_prm_1 }}:",
     "parts":[{"name":"item","props":[{"name":"label","value":"1."}],"prose":" at {{ insert: param, ac-01_odp.03 }} level, each {{insert: param, ac-1_prm_3}};"}]}]},
    {"name":"guidance","prose":"Think of {{ insert: param, unknown }}."},{"name":"assessment-objective","prose":"not read"}],
  "controls":[{"id":"ac-1.1","title":"Enhancement","props":[{"name":"risk","ns":"https://csrc.nist.gov/ns/csf","value":"1st"},{"name":"label","value":"Enhancement (AC-1(1))"}],"parts":[{"name":"statement","prose":"More."}]},{"id":"ac-1.2","title":"Gone","props":[{"name":"status","value":"withdrawn"}]}]}]}],
"controls":[{"id":"top","title":"At the top"}],"back-matter":{"resources":[]}}}`

func transfersCase(t *testing.T, s *server) {
	template := s.call(t, "GET", frameworks+"/import-template", "").is(200).headers(map[string]string{"Content-Type": asCSV, "Content-Disposition": "attachment; filename=requirements.csv"})
	if !strings.HasPrefix(string(template.body), "code,name,description,category,controls\n") {
		t.Errorf("the template is %s", template.body)
	}
	name := s.name("Imported")
	in := frameworks + "/import?name=" + url.QueryEscape(name)
	dry := s.call(t, "POST", in+"&dryRun=true", string(template.body), with("Content-Type", "text/csv")).is(200).
		has(map[string]any{"dryRun": true, "framework": absent, "numRequirements": 1, "numProblems": 0, "requirements.0.code": "AC-1", "name": name})
	s.call(t, "GET", frameworks+"?includeTotalCount=true&name="+url.QueryEscape(name), "").is(200).has(map[string]any{"pagination.totalCount": 0})
	made := s.call(t, "POST", in, string(template.body), with("Content-Type", "text/plain")).is(201).
		has(map[string]any{"dryRun": false, "framework.name": name, "framework.shortName": dry.at("shortName"), "framework.numInScopeRequirements": 1, "framework.isShipped": false})
	s.call(t, "POST", in+"&dryRun=true", string(template.body), with("Content-Type", "text/csv")).is(200).has(map[string]any{"problems.0.pointer": "name", "numProblems": 1})
	s.call(t, "POST", in, string(template.body), with("Content-Type", "text/csv")).refused(409, 40902, name)
	s.call(t, "GET", "/events?type=FRAMEWORK_IMPORTED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.requirements": 1, "data.0.metadata.format": "csv"})

	_, code := s.control(t, "")
	_, second := s.control(t, "")
	rows := "\ufeffCode;Controls;Name;Description;Category\r\n'=1+1;" + code + ";'@risk;\"two\r\nlines; one cell\";C\r\n\r\n2;\"" + second + "; " + code + "\";N;;\r\n"
	other := s.call(t, "POST", frameworks+"/import?format=csv&shortName=SH&description=D&name="+s.namePath("Rows"), rows, with("Content-Type", "text/csv")).is(201).
		has(map[string]any{"numMappings": 3, "requirements.0.code": "=1+1", "requirements.0.name": "@risk", "requirements.0.controlCodes": "[" + code + "]", "requirements.1.category": nil,
			"framework.shortName": "SH", "framework.description": "D", "framework.numInScopeControls": 2})
	at := frameworks + "/" + other.text("framework.id")
	s.call(t, "GET", at+"/requirements?sortDir=ASC&expand[]=controls", "").is(200).has(map[string]any{"data.0.description": "two\nlines; one cell", "data.1.controlCount": 2})
	csv := s.call(t, "GET", at+"/export?format=csv", "").is(200).headers(map[string]string{"Content-Type": asCSV})
	want := "code,name,description,category,controls\n'=1+1,'@risk,\"two\nlines; one cell\",C," + code + "\n2,N,,," + code + "; " + second + "\n"
	if string(csv.body) != want {
		t.Errorf("exported\n%s\nwant\n%s", csv.body, want)
	}
	// Both exports can be imported again, and come to the same.
	oscal := s.call(t, "GET", at+"/export", "").is(200).has(map[string]any{"catalog.metadata.oscal-version": "1.1.3", "catalog.groups.0.title": "C", "catalog.groups.0.controls.0.props.0.value": "=1+1"})
	for media, text := range map[string]string{"text/csv": string(csv.body), "application/json": string(oscal.body)} {
		again := s.call(t, "POST", frameworks+"/import?name="+s.namePath("Again"), text, with("Content-Type", media)).is(201).has(map[string]any{"numMappings": 3, "numRequirements": 2})
		back := s.call(t, "GET", frameworks+"/"+again.text("framework.id")+"/export?format=csv", "").is(200)
		for line := range strings.SplitSeq(want, "\n") {
			if !strings.Contains(string(back.body), line) {
				t.Errorf("by way of %s: %s, want %q", media, back.body, line)
			}
		}
	}

	title := s.name("A catalog")
	c := s.call(t, "POST", frameworks+"/import", fmt.Sprintf(oscalCatalog, title)).is(201).has(map[string]any{"name": title, "numRequirements": 3, "numSkipped": 1})
	s.call(t, "GET", frameworks+"/"+c.text("framework.id")+"/requirements?sortDir=ASC", "").is(200).has(map[string]any{
		"data.0.code": "AC-1", "data.0.category": "Access Control", "data.0.additionalInfo": "Think of {{ insert: param, unknown }}.",
		"data.0.description": "a. Tell [organization-defined people]:\n1. at [one or more of: organization; business process of [organization-defined people]] level, each a week;",
		"data.1.code":        "AC-1(1)", "data.1.description": "More.", "data.2.code": "top", "data.2.category": nil, "data.3": absent})
	s.call(t, "GET", frameworks+"/"+made.text("framework.id")+"/export?format=oscal", "").is(200).has(map[string]any{"catalog.metadata.title": name})
}

// namePath is a new name for a query.
func (s *server) namePath(kind string) string { return url.QueryEscape(s.name(kind)) }

func importRefusals(t *testing.T, s *server) {
	_, code := s.control(t, "")
	dry := func(media, body string) got {
		return s.call(t, "POST", frameworks+"/import?dryRun=true&name="+s.namePath("Refused"), body, with("Content-Type", media)).is(200)
	}
	for body, want := range map[string]map[string]any{
		"":                           {"problems.0.row": 1, "numProblems": 1},
		"code,name\n":                {"problems.0.message": "there are no requirements in the file"},
		"code,title\n1,One\n":        {"problems.0.row": 1, "problems.1.message": "column name: the column is missing: the file needs name", "numProblems": 2},
		"code,name,code\n1,One,2\n":  {"problems.0.message": "column code: the column comes twice"},
		"code,name\n1,One\n1,Two\n,": {"problems.0.row": 3, "numProblems": 1},
		"code,name\n\"1,One\n":       {"problems.0.row": 2},
		"code,name\n1,One,more\n":    {"problems.0.row": 2},
		"code,name\n1\n2,\n":         {"problems.0.row": 2, "problems.1.row": 3, "numProblems": 2},
		"code,name,controls\n1,One," + code + ";none\n":                {"problems.0.row": 2, "problems.0.message": `there is no control with the code "none" in this workspace`, "numProblems": 1},
		"code,name\n1,\xff\n":                                          {"problems.0.row": nil, "numProblems": 1},
		"code,name\n1,a\x00b\n":                                        {"numProblems": 1},
		"code,name,category\n1,One," + strings.Repeat("x", 192) + "\n": {"problems.0.row": 2, "numProblems": 1},
		"code,name\n" + strings.Repeat(",nameless\n", 150):             {"numProblems": 150, "problems.99.row": 101, "problems.100": absent},
		"code,name\n" + lines(5001, "%d,n\n"):                          {"numProblems": 1},
	} {
		dry("text/csv", body).has(want)
	}
	object := func(body string) got { return dry("application/json", body) }
	meta := `"metadata":{"title":"T","oscal-version":"1.1.2"}`
	object(`{"catalog":{` + meta + `}}`).has(map[string]any{"numProblems": 1})
	object(`{"catalog":{` + meta + `,"groups":[{"title":"G","controls":[{"id":"a","title":"A"},{"id":"b"}]},{"title":"H","controls":[{"id":"a","title":"A"}]}]}}`).has(map[string]any{
		"numProblems": 2, "problems.0.pointer": "/catalog/groups/0/controls/1", "problems.0.row": nil, "problems.1.pointer": "/catalog/groups/1/controls/0"})
	object(`{"catalog":{` + meta + `,"controls":[{"id":"a","title":"A","controls":[{"id":"","title":"B"}]}]}}`).has(map[string]any{"problems.0.pointer": "/catalog/controls/0/controls/0"})
	// A parameter that names itself ends.
	object(`{"catalog":{` + meta + `,"controls":[{"id":"a","title":"A","params":[{"id":"p","select":{"choice":["{{ insert: param, p }} x","y"]}}],"parts":[{"name":"statement","prose":"{{ insert: param, p }}"}]}]}}`).
		has(map[string]any{"numProblems": 0, "numRequirements": 1})
	for body, text := range map[string]string{`{"catalog":`: "", `{}`: "/catalog", `{"catalog":{"metadata":{"title":"T","oscal-version":"2.0"}}}`: "oscal-version", `{"profile":{}}`: "/catalog",
		`{"catalog":{"metadata":5}}`: "/catalog/metadata", `{"catalog":{` + meta + `,"controls":[],"controls":[]}}`: "controls"} {
		g := s.call(t, "POST", frameworks+"/import?dryRun=true", body).is(400)
		if !strings.Contains(g.text("message"), text) {
			t.Errorf("%s: %s", body, g.body)
		}
	}
	post := frameworks + "/import?name=" + s.namePath("Refused")
	s.call(t, "POST", post, "code,name\n1,One\n,Two\n3,\n", with("Content-Type", "text/csv")).refused(400, 40001, "line 3: `code` (/code) is required: it has 1 to 191 characters (and 1 more; a dry run lists them)")
	s.call(t, "POST", frameworks+"/import", "code,name\n1,One\n", with("Content-Type", "text/csv")).refused(400, 40001, "`name`")
	s.call(t, "POST", post+"&format=xml", "<x/>").refused(400, 40001, "format")
	s.call(t, "POST", post+"&dryRun=perhaps", "x").refused(400, 40001, "dryRun")
	s.call(t, "POST", post+"&shortName="+strings.Repeat("x", 17), "code,name\n1,One\n", with("Content-Type", "text/csv")).refused(400, 40001, "shortName")
	s.call(t, "POST", post, "code,name\n1,"+strings.Repeat("x", 5<<20), with("Content-Type", "text/csv")).refused(413, 41301, "")
	s.call(t, "POST", post, "x", with("Content-Type", "text/csv; charset=latin1")).refused(400, 40009, "")
	s.call(t, "POST", post, "x", with("Content-Type", "text/html")).refused(400, 40009, "application/json or text/csv")
	s.call(t, "GET", frameworks+"?name=Refused", "").is(200).has(map[string]any{"data": "[]"})
	s.call(t, "POST", "/workspaces/2/frameworks/import?name=x", "code,name\n1,One\n").refused(404, 40401, "")
	s.call(t, "GET", "/workspaces/2/frameworks/import-template", "").refused(404, 40401, "")
	s.call(t, "GET", frameworks+"/999999/export", "").refused(404, 40401, "")
	id, _ := s.framework(t)
	s.call(t, "GET", frameworks+"/"+id+"/export?format=pdf", "").refused(400, 40001, "format")
	s.call(t, "GET", "/workspaces/2/frameworks/"+id+"/export", "").refused(404, 40401, "")
}

// lines are n lines with their numbers.
func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}
