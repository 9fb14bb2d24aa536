package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/collect"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/dataset"
	"github.com/plumbline-dev/plumbline/internal/collect/host"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// workspace is the one that a fresh database has.
const workspace = 1

// frameworkSlugs are the shipped frameworks that the demo installs.
var frameworkSlugs = []string{"plumbline-essentials", "soc-2", "iso-27001-2022"}

// verdictPatience is how long the first verdicts may take.
const verdictPatience = 2 * time.Minute

// The sample record that the demo invites to change, and the change.
const (
	tryID    = "u-1013"
	tryPatch = `{"mfaEnabled":true,"mfaMethods":["webauthn"]}`
)

// filling is the set-up of a demo.
type filling struct {
	c     *client.Client
	env   command.Env
	notes io.Writer
	ready *ready

	targets []client.Target
	dir     *dataset.Directory
	tests   *dataset.Tests
	// controls are those of the frameworks.
	controls dataset.Controls
}

func (f *filling) all(ctx context.Context) error {
	all, err := readSamples(f.env.Now())
	if err != nil {
		return err
	}
	if f.dir, err = dataset.Read(ctx, f.c, workspace); err != nil {
		return err
	}
	if f.tests, err = dataset.ReadTests(ctx, f.c, workspace); err != nil {
		return err
	}
	if err := f.frameworks(ctx, all); err != nil {
		return err
	}
	for _, s := range all {
		if err := f.sample(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.Connection, err)
		}
	}
	if err := f.people(ctx); err != nil {
		return fmt.Errorf("people: %w", err)
	}
	if err := f.host(ctx); err != nil {
		return err
	}
	users := f.targets[0]
	for _, t := range f.targets {
		v, err := f.verdict(ctx, t)
		if err != nil {
			return err
		}
		if t == users {
			f.ready.Try.FailingBefore = v.Failing
			f.ready.Try.FailingAfter = max(v.Failing-1, 0)
		}
	}
	return f.sumUp(ctx)
}

// frameworks installs what the tests of the demo speak for, which must be there.
func (f *filling) frameworks(ctx context.Context, all []sample) error {
	for _, slug := range frameworkSlugs {
		if _, err := f.c.InstallFramework(ctx, workspace, slug); err != nil {
			return fmt.Errorf("framework %s: %w", slug, err)
		}
	}
	var err error
	if f.controls, err = dataset.ReadControls(ctx, f.c, workspace); err != nil {
		return err
	}
	var codes []string
	for _, s := range all {
		for _, test := range s.Tests {
			codes = append(codes, test.Control)
		}
	}
	for _, test := range host.RecommendedTests() {
		codes = append(codes, test.Control)
	}
	for _, code := range codes {
		if f.controls.With(code) == nil {
			return fmt.Errorf("no framework of the demo brings control %s", code)
		}
	}
	return nil
}

func (f *filling) sample(ctx context.Context, s sample) error {
	t, _, err := f.dir.Ensure(ctx, dataset.Dataset{Connection: s.Connection, Description: s.Description,
		DisplayNameKey: s.DisplayNameKey, FreshnessHours: s.FreshnessHours, Records: s.Records})
	if err != nil {
		return err
	}
	if _, err := dataset.Replace(ctx, f.c, t, dataset.SessionID("sample", f.env.Now()), s.Records); err != nil {
		return err
	}
	f.targets = append(f.targets, t)
	if s.Accounts != nil {
		if err := f.c.SetAccountMapping(ctx, t, s.Accounts); err != nil {
			return err
		}
	}
	for _, test := range s.Tests {
		logic, err := test.logic(t.ResourceID)
		if err != nil {
			return err
		}
		if _, _, err := f.tests.Ensure(ctx, client.NewTest{Name: test.Name, Description: test.Description, Logic: logic,
			ControlIDs: f.controls.With(test.Control)}); err != nil {
			return err
		}
	}
	if s.Resource == sampleNames[0] {
		f.invite(s, t)
	}
	return nil
}

// invite makes the call that changes a verdict.
func (f *filling) invite(s sample, t client.Target) {
	at := slices.IndexFunc(s.Records, func(r json.RawMessage) bool {
		id, _ := strictjson.Member(r, "id")
		return string(id) == `"`+tryID+`"`
	})
	if at < 0 {
		return
	}
	record := strictjson.Merge(strictjson.AppendCompact(nil, s.Records[at]), []byte(tryPatch))
	name, _ := strictjson.Member(record, "name")
	person, _ := strictjson.Text(name)
	f.ready.Try = try{Test: s.Tests[0].Name, Person: person, Curl: fmt.Sprintf(
		"curl -sS -i -X POST '%s/public/v2/custom-connections/%d/resources/%d/records?wait=verdict' \\\n"+
			"  -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' \\\n"+
			"  -d '{\"data\":%s}'", f.ready.URL, t.ConnectionID, t.ResourceID, f.ready.Key, record)}
}

// host brings this machine in. A machine that cannot be read is no reason to
// have no demo.
func (f *filling) host(ctx context.Context) error {
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	found, err := host.Collect(ctx, host.Options{Now: f.env.Now})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		_, _ = fmt.Fprintf(f.notes, "This machine is left out: %v\n", err)
		return nil
	}
	pushed, err := collect.PushHost(ctx, f.env, f.c, workspace, name, found)
	if err != nil {
		return err
	}
	for _, d := range found {
		for _, o := range d.Omitted {
			f.ready.Omitted = append(f.ready.Omitted, omission{d.Name, o.What, o.Why})
		}
	}
	for _, p := range pushed {
		f.targets = append(f.targets, p.Target)
	}
	_, err = collect.HostTests(ctx, f.c, workspace, pushed)
	return err
}

func (f *filling) verdict(ctx context.Context, t client.Target) (client.Verdict, error) {
	deadline := f.env.Now().Add(verdictPatience)
	for f.env.Now().Before(deadline) {
		v, err := f.c.Verdicts(ctx, t, client.Wait{})
		if err != nil || !v.Pending {
			return v, err
		}
	}
	return client.Verdict{}, errors.New("the first verdicts are not in after two minutes: is the machine very busy?")
}

func (f *filling) sumUp(ctx context.Context) error {
	for conn, err := range f.c.Connections(ctx, client.ConnectionFilter{}, client.List{Ascending: true}) {
		if err != nil {
			return err
		}
		for _, r := range conn.Resources {
			f.ready.Connections = append(f.ready.Connections, connection{conn.Name, r.RecordCount})
		}
	}
	for each, err := range f.c.Frameworks(ctx, workspace, client.List{Ascending: true}) {
		if err != nil {
			return err
		}
		f.ready.Frameworks = append(f.ready.Frameworks, framework{each.Name, each.ReadyRequirements, each.Requirements})
	}
	for t, err := range f.c.Tests(ctx, workspace, "", client.List{}) {
		if err != nil {
			return err
		}
		f.ready.Tests.Total++
		switch t.Result {
		case client.Passed:
			f.ready.Tests.Passed++
		case client.Failed:
			f.ready.Tests.Failed++
		case client.Errors:
			f.ready.Tests.Error++
		}
	}
	return nil
}
