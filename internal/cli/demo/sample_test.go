package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/rule"
)

// failing are the records that do not satisfy a test of the samples, by id or
// name; a test that is not here has none.
var failing = map[string][]string{
	"Every active user has multi-factor authentication": {"Maya Okafor"},
	"Active users have logged in within 90 days":        {"Pedro Alvarez", "Yusuf Demir"},
	"Repositories protect their default branch":         {"acme/release-scripts", "acme/support-tools"},
	"No critical alert is open":                         {"acme/billing-export"},
	"Disks are encrypted":                               {"sandbox-ml-1"},
	"SSH is not open to the world":                      {"sandbox-load-1"},
	"Every instance has an owner":                       {"mail-1", "sandbox-ml-1"},
	"Running images are younger than 90 days":           {"mail-1"},
}

// verdicts are those of all tests of the samples.
var verdicts = map[string]rule.Verdict{
	"Every active user has multi-factor authentication": rule.VerdictFailed,
	"Active users have logged in within 90 days":        rule.VerdictFailed,
	"Suspended users are no administrators":             rule.VerdictPassed,
	"There are two to five administrators":              rule.VerdictPassed,
	"E-mail addresses are unique":                       rule.VerdictPassed,
	"Repositories protect their default branch":         rule.VerdictFailed,
	"Three in five repositories ask for two reviews":    rule.VerdictPassed,
	"Public repositories scan for secrets":              rule.VerdictPassed,
	"No critical alert is open":                         rule.VerdictFailed,
	"Every repository has an owner":                     rule.VerdictPassed,
	"Disks are encrypted":                               rule.VerdictFailed,
	"SSH is not open to the world":                      rule.VerdictFailed,
	"Every instance has an owner":                       rule.VerdictFailed,
	"Running images are younger than 90 days":           rule.VerdictFailed,
	"The agent is at least 7.50":                        rule.VerdictPassed,
}

// The samples say what they are meant to say, whenever they are read.
func TestSamples(t *testing.T) {
	for _, now := range []time.Time{
		time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 2, 29, 23, 59, 59, 0, time.FixedZone("x", 5*3600)), time.Now(),
	} {
		all, err := readSamples(now)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, s := range all {
			text, err := json.Marshal(s.Records)
			if err != nil {
				t.Fatal(err)
			}
			inferred, err := schema.Infer(text)
			if err != nil {
				t.Fatalf("%s: %v", s.Connection, err)
			}
			for _, test := range s.Tests {
				seen++
				if !strings.HasPrefix(test.Control, "PLB-") {
					t.Errorf("%s: %s: the control is %q", s.Connection, test.Name, test.Control)
				}
				if err := sampleVerdict(test, s, inferred.Schema, now); err != nil {
					t.Errorf("%s: %s: %v", s.Connection, test.Name, err)
				}
			}
		}
		if seen != len(verdicts) {
			t.Errorf("%d tests, %d are known", seen, len(verdicts))
		}
	}
}

func sampleVerdict(test sampleTest, s sample, inferred []byte, now time.Time) error {
	logic, err := test.logic(1)
	if err != nil {
		return err
	}
	parsed, err := rule.ParseTest(logic)
	if err != nil {
		return err
	}
	for _, r := range rule.Lint(parsed, inferred) {
		if r.Severity == rule.SeverityWarning {
			return fmt.Errorf("remark %+v", r)
		}
	}
	g := parsed.Groups[0]
	program, err := rule.Compile([]rule.Rule{rule.NewRule(&g)})
	if err != nil {
		return err
	}
	machine := program.Machine()
	var counts rule.Counts
	var names []string
	values := map[string]bool{}
	for _, record := range s.Records {
		counts.Records++
		machine.Run(record, now)
		if value, ok := machine.Unique(0); ok {
			if values[string(value)] {
				return fmt.Errorf("%s is there twice", value)
			}
			values[string(value)] = true
		}
		if machine.Outcome(0) == rule.OutOfScope {
			continue
		}
		counts.InScope++
		switch machine.Outcome(0) {
		case rule.Pass:
			counts.Passing++
		case rule.Fail:
			counts.Failing++
			var named struct{ Name string }
			if err := json.Unmarshal(record, &named); err != nil {
				return err
			}
			names = append(names, named.Name)
		default:
			return fmt.Errorf("%s cannot be evaluated: %s", record, machine.Problem(0))
		}
	}
	slices.Sort(names)
	perRecord := g.Assertion.Kind != "count" && g.Assertion.Kind != "minPassingPercent"
	if perRecord && !slices.Equal(names, failing[test.Name]) {
		return fmt.Errorf("failing are %q, meant are %q", names, failing[test.Name])
	}
	if v, why := g.Assertion.Assess(counts, g.OnEmpty); v != verdicts[test.Name] {
		return fmt.Errorf("%s (%s) of %+v, meant is %s", v, why, counts, verdicts[test.Name])
	}
	return nil
}
