package account_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/schema"
)

func extractor(t *testing.T, mapping string) *account.Extractor {
	t.Helper()
	m, err := account.Parse([]byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	x, err := account.NewExtractor(m)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

const wholeMapping = `{"name":"profile.login","email":"$['e-mail']","displayName":"name","kind":"type","roles":"$.groups[*].name",
	"active":{"path":"status","is":["ACTIVE",1,null]},"mfa":{"path":"factors[0].on"},"lastActiveAt":"seen"}`

func TestExtract(t *testing.T) {
	long := strings.Repeat("é", 1000)
	for _, c := range []struct{ name, mapping, record, want string }{
		{"everything", wholeMapping, `{"profile":{"login":" ann "},"e-mail":"ann@x.org","name":"Ann","type":"user","groups":[{"name":"admin"},{"name":"dev"},{"name":"admin"},{"x":1}],
			"status":"ACTIVE","factors":[{"on":true}],"seen":"2026-01-31T10:00:00.5+01:00"}`,
			`{"name":"ann","email":"ann@x.org","displayName":"Ann","kind":"user","roles":["admin","dev"],"active":true,"mfa":true,"lastActiveAt":"2026-01-31T09:00:00.5Z"}`},
		{"nothing but the name", wholeMapping, `{"profile":{"login":7}}`, `{"name":"7"}`},
		{"answers in the negative", wholeMapping, `{"profile":{"login":"a"},"status":"active","factors":[{"on":"true"}]}`, `{"name":"a","active":false,"mfa":false}`},
		{"a null that counts", wholeMapping, `{"profile":{"login":"a"},"status":null}`, `{"name":"a","active":true}`},
		{"a number that counts", wholeMapping, `{"profile":{"login":"a"},"status":1}`, `{"name":"a","active":true}`},
		{"no name", wholeMapping, `{"profile":{},"name":"Ann"}`, ``},
		{"an empty name", wholeMapping, `{"profile":{"login":"  "}}`, ``},
		{"a name that is null", wholeMapping, `{"profile":{"login":null}}`, ``},
		{"a name that is an object", wholeMapping, `{"profile":{"login":{"a":1}}}`, ``},
		{"an address that is none", wholeMapping, `{"profile":{"login":"a"},"e-mail":"none"}`, `{"name":"a"}`},
		{"long texts are cut", `{"name":"n"}`, `{"n":"` + long + `"}`, `{"name":"` + long[:600] + `"}`},
		{"the first of a list", `{"name":"$.mails[*].value"}`, `{"mails":[{"value":"a@x"},{"value":"b@x"}]}`, `{"name":"a@x"}`},
		{"a role that is one text", `{"name":"n","roles":"role"}`, `{"n":"a","role":"admin"}`, `{"name":"a","roles":["admin"]}`},
		{"seconds", `{"name":"n","lastActiveAt":"at"}`, `{"n":"a","at":1769850000}`, `{"name":"a","lastActiveAt":"2026-01-31T09:00:00Z"}`},
		{"milliseconds as a text", `{"name":"n","lastActiveAt":"at"}`, `{"n":"a","at":"1769850000500"}`, `{"name":"a","lastActiveAt":"2026-01-31T09:00:00.5Z"}`},
		{"a date", `{"name":"n","lastActiveAt":"at"}`, `{"n":"a","at":"2026-01-31"}`, `{"name":"a","lastActiveAt":"2026-01-31T00:00:00Z"}`},
		{"never", `{"name":"n","lastActiveAt":"at"}`, `{"n":"a","at":"0001-01-01T00:00:00Z"}`, `{"name":"a"}`},
		{"no moment", `{"name":"n","lastActiveAt":"at"}`, `{"n":"a","at":"soon"}`, `{"name":"a"}`},
		{"a number beyond all", `{"name":"n","lastActiveAt":"at"}`, `{"n":"a","at":1e300}`, `{"name":"a"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, ok := extractor(t, c.mapping).Extract([]byte(c.record))
			got := ""
			if ok {
				b, err := json.Marshal(f)
				if err != nil {
					t.Fatal(err)
				}
				got = string(b)
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestManyRoles(t *testing.T) {
	roles := make([]string, 1000)
	for i := range roles {
		roles[i] = strings.Repeat("r", i+1)
	}
	text, err := json.Marshal(map[string]any{"n": "a", "roles": roles})
	if err != nil {
		t.Fatal(err)
	}
	f, _ := extractor(t, `{"name":"n","roles":"roles"}`).Extract(text)
	if len(f.Roles) != 100 || len(f.Roles[99]) != 100 {
		t.Errorf("%d roles", len(f.Roles))
	}
}

func TestRefusedMappings(t *testing.T) {
	for _, c := range []struct{ mapping, pointer, says string }{
		{`{}`, "/name", "required"},
		{`{"name":"$.["}`, "/name", "cannot be read"},
		{`{"name":"n","email":"a[?"}`, "/email", "cannot be read"},
		{`{"name":"n","roles":"` + strings.Repeat("a", 2000) + `"}`, "/roles", "1,024"},
		{`{"name":"n","active":{}}`, "/active/path", "path"},
		{`{"name":"n","mfa":{"path":"x","is":[{"a":1}]}}`, "/mfa/is", "texts"},
		{`{"name":"n","mfa":{"path":"x","is":["` + strings.Repeat("a", 500) + `"]}}`, "/mfa/is", "200 bytes"},
		{`{"name":"n","mfa":{"path":"x","is":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21]}}`, "/mfa/is", "20"},
	} {
		_, err := account.Parse([]byte(c.mapping))
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.CodeValidation || f.Pointer != c.pointer || !strings.Contains(f.Message, c.says) {
			t.Errorf("%.60s: %v (%+v)", c.mapping, err, f)
		}
	}
	for _, bad := range []string{`[]`, `{"name":"n","nick":"x"}`, `{"name":5}`, `{"name":"n"`} {
		if _, err := account.Parse([]byte(bad)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestPropose(t *testing.T) {
	o := schema.NewOutline([]byte(`{"type":"object","properties":{"id":{"type":"string"},"User_Name":{"type":"string"},"mail":{"type":"string"},"display name":{"type":"string"},
		"groups":{"type":"array"},"enabled":{"type":"boolean"},"mfa_enabled":{"type":"boolean"},"lastLogin":{"type":"string"},"type":{"type":"boolean"}}}`))
	if got, want := account.Propose(o).Text(), `{"name":"User_Name","email":"mail","displayName":"$['display name']","roles":"groups","active":{"path":"enabled"},"mfa":{"path":"mfa_enabled"},"lastActiveAt":"lastLogin"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := account.Propose(schema.NewOutline([]byte(`{"type":"object","properties":{"size":{"type":"number"}}}`))); got.Name != "" {
		t.Errorf("got %+v", got)
	}
}

func TestViews(t *testing.T) {
	for types, want := range map[string]string{"": "USER_ACCESS_REVIEW", "CUSTOM": "USER_ACCESS_REVIEW", "IDENTITY": "USER_ACCESS_REVIEW", "INFRASTRUCTURE": "INFRASTRUCTURE",
		"INFRASTRUCTURE ENTERPRISE_SSO": "USER_ACCESS_REVIEW INFRASTRUCTURE", "USER_ACCESS_REVIEW VERSION_CONTROL IDENTITY": "USER_ACCESS_REVIEW VERSION_CONTROL"} {
		var got []string
		for _, v := range account.ViewsOf(strings.Fields(types)) {
			got = append(got, string(v))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", types, got, want)
		}
	}
}

func TestReviewStates(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		r    account.Review
		want account.ReviewState
	}{
		{account.Review{}, account.InProgress}, {account.Review{DueAt: now}, account.InProgress}, {account.Review{DueAt: now.Add(-1)}, account.Overdue},
		{account.Review{DueAt: now.Add(-1), SignedOff: &account.SignOff{}}, account.SignedOff},
	} {
		if got := c.r.State(now); got != c.want {
			t.Errorf("%+v is %s, want %s", c.r, got, c.want)
		}
	}
}

func FuzzMapping(f *testing.F) {
	f.Add([]byte(wholeMapping), []byte(`{"profile":{"login":"a"}}`))
	f.Add([]byte(`{"name":"$..*"}`), []byte(`{"a":[{"b":"c"}]}`))
	f.Fuzz(func(t *testing.T, mapping, record []byte) {
		m, err := account.Parse(mapping)
		if err != nil {
			return
		}
		x, err := account.NewExtractor(m)
		if err != nil {
			t.Fatal("a mapping that is read makes an extractor:", err)
		}
		if facts, ok := x.Extract(record); ok && (facts.Name == "" || len([]rune(facts.Name)) > 300) {
			t.Errorf("the name %q", facts.Name)
		}
	})
}
