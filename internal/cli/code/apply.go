package code

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/plumbline-dev/plumbline/client"
)

// applier does what a plan says.
type applier struct {
	*plan
	c    *client.Client
	ws   int64
	note string
	// ids are resources by name, as far as they exist.
	ids map[string]int64
	// remapped is whether a framework was installed or lost requirements, which
	// changes what controls serve.
	remapped bool
	// done is told after each change.
	done func(*change)
}

// apply does the changes in their order and stops at the first refusal. It
// returns how many were done.
func (p *plan) apply(ctx context.Context, note string, done func(*change)) (int, error) {
	a := &applier{plan: p, c: p.workspace.c, ws: p.workspace.id, note: note, ids: map[string]int64{}, done: done}
	for name, id := range p.then.ids {
		if !planned(id) {
			a.ids[name] = id
		}
	}
	n := 0
	for _, c := range p.Changes {
		if c.Action == keep {
			continue
		}
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if err := a.do(ctx, c); err != nil {
			return n, fmt.Errorf("%s `%s`: %w", c.Kind, c.Name, err)
		}
		n++
		done(c)
	}
	return n, nil
}

func (a *applier) do(ctx context.Context, c *change) error {
	if c.Kind == exclusionKind {
		return a.exclusion(ctx, c)
	}
	if c.have != nil {
		if err := a.again(ctx, c); err != nil {
			return err
		}
	}
	if c.Action == remove {
		return a.remove(ctx, c.have)
	}
	switch c.Kind {
	case connectionKind:
		return a.connection(ctx, c.want, c.have)
	case conditionKind:
		return a.condition(ctx, c.want, c.have)
	case frameworkKind:
		return a.framework(ctx, c.want, c.have)
	case controlKind:
		return a.control(ctx, c.want, c.have)
	}
	return a.test(ctx, c)
}

// again reads what is to be changed anew. What a framework of this plan did to a
// control is no change of somebody else's.
func (a *applier) again(ctx context.Context, c *change) error {
	if c.Kind == controlKind && a.remapped {
		now, err := a.workspace.reread(ctx, c.have)
		if err == nil {
			c.have.fields, c.have.held = now.fields, now.held
		}
		return err
	}
	now, err := a.workspace.again(ctx, c.have)
	if err == nil {
		c.have.held = now.held
	}
	return err
}

func (a *applier) remove(ctx context.Context, o *object) error {
	switch o.kind {
	case connectionKind:
		return a.c.DeleteConnection(ctx, o.held.id)
	case conditionKind:
		return a.c.DeleteCondition(ctx, a.ws, o.name)
	case frameworkKind:
		return a.c.DeleteFramework(ctx, a.ws, o.held.id)
	case testKind:
		_, err := a.c.ActAt(ctx, a.ws, o.held.id, o.held.revision, "delete", a.note)
		return err
	}
	return errors.New("it cannot be deleted")
}

// changedText is the new text of a field, nil if it stays.
func changedText(want, have *object, key string) *string {
	if same(want.get(key), have.get(key)) {
		return nil
	}
	text := want.text(key)
	return &text
}

func (o *object) hours() *int64 {
	n := o.get("freshnessHours")
	if n == nil {
		return nil
	}
	h, _ := strconv.ParseInt(n.Text, 10, 64)
	return &h
}

func (a *applier) connection(ctx context.Context, want, have *object) error {
	if have == nil {
		return a.newConnection(ctx, want)
	}
	if d := changedText(want, have, "description"); d != nil {
		if _, err := a.c.UpdateConnection(ctx, have.held.id, nil, d); err != nil {
			return err
		}
	}
	target := have.held.target
	if !same(want.get("schema"), have.get("schema")) {
		if _, err := a.c.PutSchemaWith(ctx, target, want.get("schema").JSON(), want.text("displayNameKey"), false); err != nil {
			return err
		}
		have.set("displayNameKey", want.get("displayNameKey"))
	}
	var r client.ResourceChange
	if want.resource() != have.resource() {
		name := want.resource()
		r.Name = &name
	}
	r.Description, r.DisplayNameKey = changedText(want, have, "resourceDescription"), changedText(want, have, "displayNameKey")
	if !same(want.get("freshnessHours"), have.get("freshnessHours")) {
		if r.FreshnessHours = want.hours(); r.FreshnessHours == nil {
			r.FreshnessHours = new(int64)
		}
	}
	if r == (client.ResourceChange{}) {
		return nil
	}
	_, err := a.c.UpdateResource(ctx, target, r)
	return err
}

func (a *applier) newConnection(ctx context.Context, want *object) error {
	for c, err := range a.c.Connections(ctx, client.ConnectionFilter{}, client.List{}) {
		if err != nil {
			return err
		}
		if c.Name == want.name && (len(c.WorkspaceIDs) == 0 || slices.Contains(c.WorkspaceIDs, a.ws)) {
			return errors.New("somebody created one of this name since the plan was made: make a new one")
		}
	}
	n := client.NewConnection{Name: want.name, ProviderTypes: want.texts("providerTypes")}
	if d := want.text("description"); d != "" {
		n.Description = &d
	}
	if n.ProviderTypes == nil {
		n.ProviderTypes = []string{"CUSTOM"}
	}
	if !want.custom() {
		_, err := a.c.CreateConnection(ctx, n)
		return err
	}
	n.WorkspaceIDs, n.Schema, n.DisplayNameKey = []int64{a.ws}, want.get("schema").JSON(), want.text("displayNameKey")
	n.ResourceName, n.FreshnessHours = want.resource(), want.hours()
	made, err := a.c.CreateConnection(ctx, n)
	if err != nil {
		return err
	}
	if len(made.Resources) == 0 {
		return errors.New("the server made no resource")
	}
	r := made.Resources[0]
	a.ids[r.Name] = r.ID
	if d := want.text("resourceDescription"); d != "" {
		_, err = a.c.UpdateResource(ctx, client.Target{ConnectionID: made.ID, ResourceID: r.ID}, client.ResourceChange{Description: &d})
	}
	return err
}

// logic is the logic of a file as the API takes it.
func (a *applier) logic(o *object) (json.RawMessage, error) {
	b := book{ids: a.ids}
	text, failure := b.wire(o.source, o.get("logic"))
	if failure != nil {
		return nil, failure
	}
	return text, nil
}

func (a *applier) condition(ctx context.Context, want, have *object) error {
	if have == nil {
		if _, err := a.c.Condition(ctx, a.ws, want.name); err == nil {
			return errors.New("somebody created one of this name since the plan was made: make a new one")
		} else if !client.IsNotFound(err) {
			return err
		}
	}
	logic, err := a.logic(want)
	if err != nil {
		return err
	}
	_, err = a.c.PutCondition(ctx, a.ws, want.name, logic)
	return err
}

// proved are the ids of the controls that a test proves, nil where the file does
// not say.
func (a *applier) proved(ctx context.Context, want *object) (*[]int64, error) {
	if want.get("controls") == nil {
		return nil, nil
	}
	ids := []int64{}
	for _, code := range want.texts("controls") {
		if have := a.workspace.objects[controlKind][code]; have != nil {
			ids = append(ids, have.held.id)
			continue
		}
		c, err := a.c.ControlByCode(ctx, a.ws, code)
		if err != nil {
			return nil, fmt.Errorf("control %s: %w", code, err)
		}
		ids = append(ids, c.ID)
	}
	return &ids, nil
}

func (a *applier) test(ctx context.Context, c *change) error {
	want, have := c.want, c.have
	logic, err := a.logic(want)
	if err != nil {
		return err
	}
	controls, err := a.proved(ctx, want)
	if err != nil {
		return err
	}
	if have == nil {
		n := client.NewTest{Name: want.name, Description: want.text("description"), Logic: logic, Publish: true, Note: a.note}
		if controls != nil {
			n.ControlIDs = *controls
		}
		made, err := a.c.CreateTest(ctx, a.ws, n)
		if err != nil {
			return err
		}
		have = &object{kind: testKind, name: want.name, fields: slices.Clone(want.fields), held: &held{id: made.TestID, revision: made.Revision}}
		c.made = made.TestID
		have.set("schedule", nil)
		have.set("enabled", nil)
	}
	now, err := a.testTexts(ctx, c, have, logic, controls)
	if err != nil {
		return err
	}
	switch enabled := want.flag("enabled"); {
	case enabled == now.enabled:
		return nil
	case enabled:
		_, err = a.c.ActAt(ctx, a.ws, have.held.id, now.revision, "enable", a.note)
	default:
		_, err = a.c.ActAt(ctx, a.ws, have.held.id, now.revision, "disable", a.note)
	}
	return err
}

// standing is what a step of a test leaves for the next one.
type standing struct {
	revision int64
	enabled  bool
}

// testTexts changes what a test says of itself, and publishes new logic.
func (a *applier) testTexts(ctx context.Context, c *change, have *object, logic json.RawMessage, controls *[]int64) (standing, error) {
	want := c.want
	now := standing{have.held.revision, have.flag("enabled")}
	change := client.TestChange{Description: changedText(want, have, "description"), Schedule: changedText(want, have, "schedule")}
	if controls != nil && !same(want.get("controls"), have.get("controls")) {
		change.ControlIDs = controls
	}
	publish := c.has("logic") || c.has("published")
	if publish && have.held.draft == nil {
		change.Logic = logic
	}
	if change.Description != nil || change.Schedule != nil || change.ControlIDs != nil || change.Logic != nil {
		t, err := a.c.UpdateTest(ctx, a.ws, have.held.id, now.revision, change)
		if err != nil {
			return now, err
		}
		now.revision = t.Revision
	}
	if !publish {
		return now, nil
	}
	t, err := a.c.ActAt(ctx, a.ws, have.held.id, now.revision, "publish", a.note)
	if err != nil {
		return now, err
	}
	return standing{t.Revision, true}, nil
}

// has is whether a field differs.
func (c *change) has(key string) bool {
	for _, f := range c.Fields {
		if f.Field == key {
			return true
		}
	}
	return false
}
