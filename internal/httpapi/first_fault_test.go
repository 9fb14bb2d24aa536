package httpapi_test

import (
	"strings"
	"testing"
)

// firstFaultCase sends what has two faults, again and again: the answer is always
// about the first.
func firstFaultCase(t *testing.T, s *server) {
	r := s.resourceOf(t, peopleSchema, "login")
	framework := frameworks + "/" + s.call(t, "POST", frameworks, `{"name":"`+s.name("Twice")+`","shortName":"TWO","description":"Two faults."}`).is(201).text("id")
	for _, c := range []struct{ method, path, body, first string }{
		{"PUT", "/settings", `{"exclusionMaxDays":-1,"exclusionWarningDays":-1}`, "exclusionMaxDays"},
		{"PUT", r.path + "/account-mapping", `{"name":"login","active":{"path":""},"mfa":{"path":""}}`, "active"},
		{"PUT", framework, `{"color":"red","bgColor":"blue"}`, "color"},
		{"GET", "/personnel-search?firstName=%ff&lastName=%ff", "", "firstName"},
		{"GET", "/users?lastName=%ff&q=%ff", "", "lastName"},
		{"GET", "/workspaces/1/controls?isMonitored=x&hasTest=x&isReady=x", "", "isMonitored"},
		{"GET", r.path + "/attributes/values?path=%ff&prefix=%ff", "", "path"},
		{"GET", "/devices?externalId=%ff&serialNumber=%ff", "", "externalId"},
		{"GET", "/devices?personnelId=x&connectionId=x", "", "personnelId"},
		{"GET", accounts + "?linked=x&mfa=x", "", "linked"},
		{"POST", "/groups/preview", `{"rule":{"emailDomains":[""],"jobTitles":[""]}}`, "jobTitles"},
	} {
		for range 12 {
			message := s.call(t, c.method, c.path, c.body).is(400).text("message")
			if !strings.Contains(message, "`"+c.first+"`") {
				t.Fatalf("%s %s answers %q, which is not about %s", c.method, c.path, message, c.first)
			}
		}
	}
}
