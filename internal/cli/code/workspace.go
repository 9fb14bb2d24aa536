package code

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/document"
)

// held is what only the workspace knows of an object.
type held struct {
	id     int64
	target client.Target
	// revision is that of a test.
	revision int64
	// elsewhere is true for a connection that is not this workspace's alone.
	elsewhere bool
	// logic is the canonical text of a condition or a test as it is stored, draft
	// that of a draft beside it, unpublished whether there is only a draft.
	logic, draft []byte
	unpublished  bool
	records      int64
	// gone is a resource that the logic names and that is no more.
	gone int64
	// exclusions are those of a test that stand, by what they exclude.
	exclusions map[string]client.Exclusion
	// slug is that of a framework.
	slug string
	// requirements are the ids of a framework's requirements by code.
	requirements map[string]int64
}

// workspace is what a workspace holds, as far as it was read.
type workspace struct {
	c       *client.Client
	id      int64
	objects map[kind]map[string]*object
	// resources are the names of resources by id.
	resources map[int64]string
	targets   map[int64]client.Target
	// frameworks are what tells a framework from others, by id.
	frameworks map[int64]string
}

func newWorkspace(c *client.Client, id int64) *workspace {
	w := &workspace{c: c, id: id, objects: map[kind]map[string]*object{}, resources: map[int64]string{}, targets: map[int64]client.Target{},
		frameworks: map[int64]string{}}
	for _, k := range kinds {
		w.objects[k] = map[string]*object{}
	}
	return w
}

var oldestFirst = client.List{Ascending: true}

// read reads the objects of some kinds.
func (w *workspace) read(ctx context.Context, wanted func(kind) bool) error {
	for _, each := range []struct {
		kind kind
		read func(context.Context) error
	}{{connectionKind, w.readConnections}, {conditionKind, w.readConditions}, {frameworkKind, w.readFrameworks}, {controlKind, w.readControls}, {testKind, w.readTests}} {
		if !wanted(each.kind) {
			continue
		}
		if err := each.read(ctx); err != nil {
			return fmt.Errorf("the %ss of workspace %d cannot be read: %w", each.kind, w.id, err)
		}
	}
	return nil
}

func (w *workspace) add(o *object) error {
	if other := w.objects[o.kind][o.name]; other != nil {
		return fmt.Errorf("two %ss are named `%s` (%d and %d): rename one, for files know them by their names", o.kind, command.Plain(o.name), other.held.id, o.held.id)
	}
	w.objects[o.kind][o.name] = o
	return nil
}

func (w *workspace) readConnections(ctx context.Context) error {
	for c, err := range w.c.Connections(ctx, client.ConnectionFilter{}, oldestFirst) {
		if err != nil {
			return err
		}
		if len(c.WorkspaceIDs) > 0 && !slices.Contains(c.WorkspaceIDs, w.id) {
			continue
		}
		o, err := connectionObject(c)
		if err != nil {
			return err
		}
		if err := w.add(o); err != nil {
			return err
		}
		for _, r := range c.Resources {
			w.resources[r.ID], w.targets[r.ID] = r.Name, client.Target{ConnectionID: c.ID, ResourceID: r.ID}
		}
	}
	return nil
}

// deref is a text of the API, empty for null.
func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func connectionObject(c client.Connection) (*object, error) {
	o := &object{kind: connectionKind, name: c.Name, held: &held{id: c.ID, elsewhere: len(c.WorkspaceIDs) != 1}}
	o.setText("name", c.Name)
	o.setText("description", deref(c.Description))
	types := slices.Sorted(slices.Values(c.ProviderTypes))
	if !slices.Equal(types, []string{"CUSTOM"}) {
		o.set("providerTypes", listOf(types))
	}
	if len(c.Resources) == 0 {
		return o, nil
	}
	r := c.Resources[0]
	o.held.target, o.held.records = client.Target{ConnectionID: c.ID, ResourceID: r.ID}, r.RecordCount
	if r.Name != c.Name {
		o.setText("resource", r.Name)
	}
	o.setText("resourceDescription", deref(r.Description))
	o.setText("displayNameKey", r.DisplayNameKey)
	if r.FreshnessHours != nil {
		o.set("freshnessHours", document.LiteralNode(fmt.Sprint(*r.FreshnessHours)))
	}
	schema, err := stored(r.Schema)
	if err != nil {
		return nil, err
	}
	o.set("schema", schema)
	return o, nil
}

// stored reads JSON that the server gave.
func stored(text []byte) (*document.Node, error) {
	n, err := document.ReadJSON("the server's answer", text)
	if err != nil {
		return nil, err
	}
	return n, nil
}

func (w *workspace) readConditions(ctx context.Context) error {
	for c, err := range w.c.Conditions(ctx, w.id) {
		if err != nil {
			return err
		}
		o, err := w.condition(c)
		if err != nil {
			return err
		}
		if err := w.add(o); err != nil {
			return err
		}
	}
	return nil
}

func (w *workspace) condition(c client.Condition) (*object, error) {
	o := &object{kind: conditionKind, name: c.Name, held: &held{logic: c.Logic}}
	o.setText("name", c.Name)
	n, err := stored(c.Logic)
	if err != nil {
		return nil, err
	}
	o.set("logic", w.named(o, n))
	return o, nil
}

func (w *workspace) readFrameworks(ctx context.Context) error {
	for f, err := range w.c.Frameworks(ctx, w.id, oldestFirst) {
		if err != nil {
			return err
		}
		o := frameworkObject(f)
		if err := w.add(o); err != nil {
			return err
		}
		w.frameworks[f.ID] = o.name
		if err := w.readRequirements(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

func frameworkObject(f client.Framework) *object {
	o := &object{kind: frameworkKind, name: f.Name, held: &held{id: f.ID, slug: f.Slug}}
	if !f.Enabled {
		o.set("enabled", document.LiteralNode("false"))
	}
	if f.Shipped {
		o.name = f.Slug
		o.setText("shipped", f.Slug)
		return o
	}
	o.setText("name", f.Name)
	o.setText("shortName", f.ShortName)
	if f.Pill != f.ShortName {
		o.setText("pill", f.Pill)
	}
	o.setText("description", strings.TrimSpace(f.Description))
	if f.Color != defaultColor {
		o.setText("color", f.Color)
	}
	if f.BgColor != defaultBgColor {
		o.setText("bgColor", f.BgColor)
	}
	return o
}

func (w *workspace) readRequirements(ctx context.Context, o *object) error {
	o.held.requirements = map[string]int64{}
	var list []*document.Node
	for r, err := range w.c.Requirements(ctx, w.id, o.held.id, oldestFirst) {
		if err != nil {
			return err
		}
		o.held.requirements[r.Code] = r.ID
		n := &object{kind: controlKind}
		for _, f := range []field{{"code", document.TextNode(r.Code)}, {"name", document.TextNode(r.Name)}, {"description", maybeText(r.Description)},
			{"category", maybeText(r.Category)}, {"additionalInfo", maybeText(r.AdditionalInfo)}, {"inScope", maybeFalse(r.InScope)}, {"rationale", maybeText(r.Rationale)}} {
			if f.value != nil {
				n.fields = append(n.fields, f)
			}
		}
		list = append(list, n.tree())
	}
	if o.get("shipped") == nil && len(list) > 0 {
		o.set("requirements", document.ListNode(list...))
	}
	return nil
}

func maybeText(s *string) *document.Node {
	if deref(s) == "" {
		return nil
	}
	return document.TextNode(*s)
}

func maybeFalse(yes bool) *document.Node {
	if yes {
		return nil
	}
	return document.LiteralNode("false")
}

func (w *workspace) readControls(ctx context.Context) error {
	for c, err := range w.c.Controls(ctx, w.id, oldestFirst) {
		if err != nil {
			return err
		}
		if err := w.add(w.control(c)); err != nil {
			return err
		}
	}
	return nil
}

func (w *workspace) control(c client.Control) *object {
	o := &object{kind: controlKind, name: c.Code, held: &held{id: c.ID}}
	o.setText("code", c.Code)
	o.setText("name", c.Name)
	o.setText("description", deref(c.Description))
	o.setText("question", deref(c.Question))
	o.setText("activity", deref(c.Activity))
	o.set("inScope", maybeFalse(c.InScope))
	o.setText("rationale", deref(c.Rationale))
	served := map[string][]string{}
	for _, r := range c.Requirements {
		name := w.frameworks[r.FrameworkID]
		served[name] = append(served[name], r.Code)
	}
	n := &document.Node{Kind: document.IsMapping}
	for name, codes := range served {
		slices.Sort(codes)
		n.Keys, n.Items = append(n.Keys, document.Key{Name: name}), append(n.Items, listOf(codes))
	}
	o.set("requirements", sorted(n.Settle()))
	return o
}

func (w *workspace) readTests(ctx context.Context) error {
	for t, err := range w.c.TestDefinitions(ctx, w.id, oldestFirst) {
		if err != nil {
			return err
		}
		o, err := w.test(t)
		if err != nil {
			return err
		}
		if err := w.add(o); err != nil {
			return err
		}
	}
	return w.readExclusions(ctx)
}

func (w *workspace) test(t client.Test) (*object, error) {
	o := &object{kind: testKind, name: t.Name, held: &held{id: t.TestID, revision: t.Revision, logic: t.Logic, draft: t.DraftLogic, unpublished: t.Version == nil}}
	o.setText("name", t.Name)
	o.setText("description", t.Description)
	o.set("enabled", maybeFalse(t.Status != "DISABLED"))
	if t.Schedule != defaultSchedule {
		o.setText("schedule", t.Schedule)
	}
	codes := make([]string, len(t.Controls))
	for i, c := range t.Controls {
		codes[i] = c.Code
	}
	slices.Sort(codes)
	o.set("controls", listOf(codes))
	n, err := stored(t.Logic)
	if err != nil {
		return nil, err
	}
	o.set("logic", w.named(o, n))
	return o, nil
}

// named is stored logic as files have it: resources by name, defaults left out.
func (w *workspace) named(o *object, n *document.Node) *document.Node {
	return readable(n, func(id string) (string, bool) {
		for known, name := range w.resources {
			if fmt.Sprint(known) == id {
				return name, true
			}
		}
		_, _ = fmt.Sscan(id, &o.held.gone)
		return "", false
	})
}

// again reads an object anew and proves that it means what it did.
func (w *workspace) again(ctx context.Context, o *object) (*object, error) {
	now, err := w.reread(ctx, o)
	switch {
	case client.IsNotFound(err):
		return nil, errors.New("somebody deleted it since the plan was made")
	case err != nil:
		return nil, err
	case !same(now.tree(), o.tree()):
		return nil, errors.New("somebody changed it since the plan was made: make a new one")
	}
	return now, nil
}

func (w *workspace) reread(ctx context.Context, o *object) (*object, error) {
	switch o.kind {
	case connectionKind:
		c, err := w.c.Connection(ctx, o.held.id)
		if err != nil {
			return nil, err
		}
		return connectionObject(c)
	case conditionKind:
		c, err := w.c.Condition(ctx, w.id, o.name)
		if err != nil {
			return nil, err
		}
		return w.condition(c)
	case frameworkKind:
		f, err := w.c.Framework(ctx, w.id, o.held.id)
		if err != nil {
			return nil, err
		}
		now := frameworkObject(f)
		return now, w.readRequirements(ctx, now)
	case controlKind:
		c, err := w.c.Control(ctx, w.id, o.held.id)
		if err != nil {
			return nil, err
		}
		return w.control(c), nil
	}
	t, err := w.c.Test(ctx, w.id, o.held.id)
	if err != nil {
		return nil, err
	}
	now, err := w.test(t)
	if err != nil {
		return nil, err
	}
	// Each exclusion is looked at by itself.
	now.set("exclusions", o.get("exclusions"))
	now.held.exclusions = o.held.exclusions
	return now, nil
}
