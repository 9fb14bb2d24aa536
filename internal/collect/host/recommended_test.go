package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// judge is a slow, plain evaluator of the operators that the recommended tests
// use, after design: a missing fact is undefined.
func judge(t testing.TB, cond map[string]any, record map[string]any) bool {
	t.Helper()
	for _, key := range []string{"all", "any"} {
		list, ok := cond[key].([]any)
		if !ok {
			continue
		}
		is := func(c any) bool { return judge(t, c.(map[string]any), record) }
		if key == "any" {
			return slices.ContainsFunc(list, is)
		}
		return !slices.ContainsFunc(list, func(c any) bool { return !is(c) })
	}
	fact, present := record[cond["fact"].(string)]
	value := cond["value"]
	has := func() bool { return slices.Contains(value.([]any), fact) }
	number := func(f func(a, b float64) bool) bool {
		a, ok := fact.(float64)
		return ok && f(a, value.(float64))
	}
	text := func(f func(a, b string) bool) bool {
		a, ok := fact.(string)
		return ok && f(a, value.(string))
	}
	switch op := cond["operator"]; op {
	case "equal":
		return present && fact == value
	case "notEqual":
		return !present || fact != value
	case "in":
		return present && has()
	case "notIn":
		return !present || !has()
	case "exists":
		return present == value.(bool)
	case "lessThan":
		return number(func(a, b float64) bool { return a < b })
	case "lessThanInclusive":
		return number(func(a, b float64) bool { return a <= b })
	case "greaterThanInclusive":
		return number(func(a, b float64) bool { return a >= b })
	case "startsWith":
		return text(strings.HasPrefix)
	case "endsWith":
		return text(strings.HasSuffix)
	case "equalIgnoreCase":
		return text(strings.EqualFold)
	case "none":
		list, ok := fact.([]any)
		return ok && !slices.ContainsFunc(list, func(e any) bool { return judge(t, value.(map[string]any), e.(map[string]any)) })
	default:
		t.Fatalf("unknown operator %v", op)
		return false
	}
}

// outcome is passed, failed and the ids that fail; nothing in scope goes by
// onEmpty.
func outcome(t testing.TB, r RecommendedTest, records map[string]map[string]any) string {
	t.Helper()
	var group struct {
		Evaluator         map[string]any
		OnEmpty           string
		FilteringCriteria *struct {
			Mode      string
			Evaluator map[string]any
		}
	}
	d := json.NewDecoder(bytes.NewReader(r.Logic))
	d.DisallowUnknownFields()
	if err := d.Decode(&group); err != nil {
		t.Fatalf("%s: %v", r.Name, err)
	}
	inScope := 0
	var failing []string
	for id, record := range records {
		if f := group.FilteringCriteria; f != nil {
			if f.Mode != "inclusion" {
				t.Fatalf("%s: mode %q", r.Name, f.Mode)
			}
			if !judge(t, f.Evaluator, record) {
				continue
			}
		}
		inScope++
		if !judge(t, group.Evaluator, record) {
			failing = append(failing, id)
		}
	}
	slices.Sort(failing)
	switch {
	case inScope == 0 && group.OnEmpty == "fail":
		return "FAILED: nothing in scope"
	case inScope == 0:
		return "ERROR: nothing in scope"
	case len(failing) > 0:
		return "FAILED: " + strings.Join(failing, " ")
	}
	return "PASSED"
}

// What the recommended tests say of the machines in testdata, and of the first
// one when read without rights.
func TestRecommendedTests(t *testing.T) {
	want := map[string][3]string{
		"Only root has uid 0":                               {"FAILED: toor", "PASSED", "FAILED: toor"},
		"No account has an empty password":                  {"FAILED: carol dave", "FAILED: root", "FAILED: dave"},
		"Passwords are hashed with a current scheme":        {"FAILED: legacy toor", "PASSED", "FAILED: legacy"},
		"Password-less sudo is not granted to people":       {"FAILED: ada bob", "PASSED", "ERROR: nothing in scope"},
		"System accounts have no login shell":               {"FAILED: postgres", "PASSED", "FAILED: postgres"},
		"The SSH daemon refuses root with a password":       {"FAILED: permitrootlogin", "PASSED", "ERROR: nothing in scope"},
		"The SSH daemon refuses empty passwords":            {"PASSED", "PASSED", "ERROR: nothing in scope"},
		"The SSH daemon asks for keys, not passwords":       {"FAILED: passwordauthentication", "PASSED", "ERROR: nothing in scope"},
		"No public listener on a legacy port":               {"FAILED: tcp:0.0.0.0:23", "PASSED", "FAILED: tcp:0.0.0.0:23"},
		"Databases listen on the machine itself only":       {"FAILED: tcp:0.0.0.0:6379", "PASSED", "FAILED: tcp:0.0.0.0:6379"},
		"Servers for telnet, FTP and rsh are not installed": {"FAILED: vsftpd:amd64", "PASSED", "FAILED: vsftpd:amd64"},
		"/tmp is mounted nosuid and nodev":                  {"PASSED", "FAILED: nothing in scope", "PASSED"},
		"No file system is nearly full":                     {"ERROR: nothing in scope", "ERROR: nothing in scope", "ERROR: nothing in scope"},
		"Address space randomisation is full":               {"PASSED", "FAILED: kernel.randomize_va_space", "PASSED"},
		"Links and files in shared folders are protected":   {"FAILED: fs.protected_fifos", "ERROR: nothing in scope", "FAILED: fs.protected_fifos"},
		"The kernel ignores redirects and source routes":    {"FAILED: net.ipv4.conf.all.accept_redirects", "ERROR: nothing in scope", "FAILED: net.ipv4.conf.all.accept_redirects"},
	}
	var machines [3][]Dataset
	for i, name := range []string{"debian", "alpine", "debian"} {
		o, _ := unpack(t, name)
		if i == 2 {
			o.Run = nil
		}
		m, err := newMachine(o)
		if err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			m.files = forbidden{m.files, []string{"/etc/shadow", "/etc/sudoers", "/etc/ssh/sshd_config"}}
		}
		if machines[i], err = m.collect(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tests := RecommendedTests()
	if len(tests) != len(want) {
		t.Errorf("%d tests, %d expectations", len(tests), len(want))
	}
	for _, r := range tests {
		for i, machine := range machines {
			if got := outcome(t, r, fields(t, bySlug(t, machine, r.Slug))); got != want[r.Name][i] {
				t.Errorf("%s, machine %d: got %q, want %q", r.Name, i, got, want[r.Name][i])
			}
		}
	}
}

// "No file system is nearly full" needs sizes, which only a live machine has.
func TestNearlyFull(t *testing.T) {
	i := slices.IndexFunc(RecommendedTests(), func(r RecommendedTest) bool { return r.Name == "No file system is nearly full" })
	r := RecommendedTests()[i]
	for used, want := range map[float64]string{89: "PASSED", 90: "FAILED: /"} {
		records := map[string]map[string]any{
			"/":     {"readOnly": false, "usedPercent": used},
			"/snap": {"readOnly": true, "usedPercent": 100.0},
			"/mnt":  {"readOnly": false},
		}
		if got := outcome(t, r, records); got != want {
			t.Errorf("%v %% used: got %q", used, got)
		}
	}
}

// Every fact that a test names stands in the schema, and has a type that the
// values it is compared with have too.
func TestRecommendedTestsFitTheSchemas(t *testing.T) {
	all, err := Collect(t.Context(), Options{Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	type property struct {
		Type       string
		Properties map[string]property
		Items      *property
	}
	var walk func(name string, cond map[string]any, in map[string]property)
	walk = func(name string, cond map[string]any, in map[string]property) {
		for _, key := range []string{"all", "any"} {
			if list, ok := cond[key].([]any); ok {
				for _, c := range list {
					walk(name, c.(map[string]any), in)
				}
				return
			}
		}
		p, ok := in[fmt.Sprint(cond["fact"])]
		if !ok || len(cond) != 3 {
			t.Errorf("%s: condition %v over no property of the schema", name, cond)
			return
		}
		switch cond["operator"] {
		case "exists":
			return
		case "none":
			walk(name, cond["value"].(map[string]any), p.Items.Properties)
			return
		}
		values, ok := cond["value"].([]any)
		if !ok {
			values = []any{cond["value"]}
		}
		for _, v := range values {
			is := map[string]string{"string": "string", "float64": "integer", "bool": "boolean"}[fmt.Sprintf("%T", v)]
			if is != p.Type {
				t.Errorf("%s: %v is a %s, %v is not", name, cond["fact"], p.Type, v)
			}
		}
	}
	seen := map[string]bool{}
	for _, r := range RecommendedTests() {
		if seen[r.Name] || r.Description == "" || !strings.HasPrefix(r.Control, "PLB-") {
			t.Errorf("%q stands twice, or has no description or control", r.Name)
		}
		seen[r.Name] = true
		var schema struct{ Properties map[string]property }
		if err := json.Unmarshal(bySlug(t, all, r.Slug).Schema, &schema); err != nil {
			t.Fatal(err)
		}
		whole, err := r.ForResource(1 << 60)
		if err != nil {
			t.Fatal(err)
		}
		var test struct {
			Logic  string
			Groups []struct {
				Name              string
				ResourceID        int64
				Evaluator         map[string]any
				FilteringCriteria struct{ Evaluator map[string]any }
			}
		}
		if err := json.Unmarshal(whole, &test); err != nil {
			t.Fatal(err)
		}
		if len(test.Groups) != 1 || test.Logic != "ALL_GROUPS" || test.Groups[0].Name != r.Name || test.Groups[0].ResourceID != 1<<60 {
			t.Errorf("ForResource gives %s", whole)
		}
		walk(r.Name, test.Groups[0].Evaluator, schema.Properties)
		if f := test.Groups[0].FilteringCriteria.Evaluator; f != nil {
			walk(r.Name, f, schema.Properties)
		}
	}
}
