package code

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/document"
)

// exclusionShape are the fields of an exclusion.
var exclusionShape = []shape{
	{"resource", false, trimmed}, {"record", false, text}, {"selector", false, mapping}, {"reason", true, trimmed}, {"category", true, category},
	{"approver", false, trimmed}, {"ticketUrl", false, trimmed}, {"expiresAt", false, moment}, {"expireOnFix", false, no},
}

var categories = []string{"ACCEPTED_RISK", "FALSE_POSITIVE", "COMPENSATING_CONTROL", "OUT_OF_SCOPE"}

func category(r *reader, n *document.Node) (*document.Node, *document.Error) {
	v, err := text(r, n)
	if err != nil || v == nil || slices.Contains(categories, v.Text) {
		return v, err
	}
	e := r.Fail(n, "`%s` is no category: they are %s", document.Clip(v.Text, 60), strings.Join(categories, ", "))
	e.Suggestion = document.Nearest(v.Text, categories)
	return nil, e
}

// no is true or false, of which false is the default.
func no(r *reader, n *document.Node) (*document.Node, *document.Error) {
	v, err := yes(r, n)
	if err != nil || v != nil {
		return nil, err
	}
	return document.LiteralNode("true"), nil
}

// moment is a time, or a date, whose beginning in UTC it is.
func moment(r *reader, n *document.Node) (*document.Node, *document.Error) {
	for _, form := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(form, n.Text); n.Kind == document.IsText && err == nil {
			return momentNode(t), nil
		}
	}
	return nil, r.Fail(n, "this must be a time such as 2026-01-31T10:00:00Z, or a date such as 2026-01-31")
}

// momentNode is a time as files have it: to the millisecond, and a date where it
// is the beginning of one.
func momentNode(t time.Time) *document.Node {
	t = t.UTC().Truncate(time.Millisecond)
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return document.TextNode(t.Format(time.DateOnly))
	}
	return document.TextNode(t.Format(time.RFC3339Nano))
}

func timeOf(n *document.Node) time.Time {
	for _, form := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(form, textOf(n)); err == nil {
			return t
		}
	}
	return time.Time{}
}

// exclusions reads the exclusions of a test. Like codes, an empty list is not the
// same as none.
func exclusions(r *reader, n *document.Node) (*document.Node, *document.Error) {
	if n.Kind != document.IsList {
		return nil, r.Fail(n, "`exclusions` must be a list, not %s", n.Describe())
	}
	list := []*document.Node{}
	for _, c := range n.Items {
		item, err := r.item(c, "an exclusion", exclusionShape)
		if err != nil {
			return nil, err
		}
		if (item.Get("record") == nil) == (item.Get("selector") == nil) {
			return nil, r.Fail(c, "an exclusion has either `record`, the id of one, or `selector`, a condition")
		}
		if item.Get("selector") != nil && item.Get("expireOnFix") != nil {
			return nil, r.Fail(c, "`expireOnFix` is for the exclusion of one record")
		}
		list = append(list, item)
	}
	return document.ListNode(list...), nil
}

// exclusions brings those of a test into their one form, in an order that follows
// from what they exclude.
func (b *book) exclusions(o *object) error {
	n := o.get("exclusions")
	if n == nil {
		return nil
	}
	only, several := resourcesOf(o.get("logic"))
	list := make([]*document.Node, len(n.Items))
	keys := map[string]bool{}
	for i, c := range n.Items {
		at := o.root.Get("exclusions").Items[i]
		resource := textOf(c.Get("resource"))
		switch {
		case resource == "" && several:
			return o.source.Fail(at, "the test has several resources: say in `resource` whose records are excluded")
		case resource == only && !several:
			c = without(c, "resource")
		case resource != "" && !slices.Contains(groupResources(o.get("logic")), resource):
			return o.source.Fail(at.Get("resource"), "`%s` is no resource of the test", document.Clip(resource, 80))
		}
		if v := c.Get("selector"); v != nil {
			parsed, err := b.known.ParseEvaluator(v.JSON())
			if err != nil {
				return placed(o.source, at.Get("selector"), err)
			}
			read, err := stored(parsed.JSON())
			if err != nil {
				return err
			}
			c = with(c, "selector", "selector", read)
		}
		if keys[excludedBy(c)] {
			return o.source.Fail(at, "another exclusion of the test is of the same")
		}
		keys[excludedBy(c)] = true
		list[i] = c
	}
	sortExclusions(list)
	o.set("exclusions", document.ListNode(list...))
	return nil
}

// excludedBy is what an exclusion excludes.
func excludedBy(n *document.Node) string {
	key := textOf(n.Get("resource")) + "\x00" + textOf(n.Get("record")) + "\x00"
	if v := n.Get("selector"); v != nil {
		key += string(meaning(v))
	}
	return key
}

func sortExclusions(list []*document.Node) {
	slices.SortFunc(list, func(a, b *document.Node) int { return strings.Compare(excludedBy(a), excludedBy(b)) })
}

// groupResources are the names of the resources of a test.
func groupResources(logic *document.Node) []string {
	var out []string
	if groups := logic.Get("groups"); groups != nil {
		for _, g := range groups.Items {
			if name := textOf(g.Get("resource")); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// resourcesOf is the only resource of a test, or that it has several.
func resourcesOf(logic *document.Node) (only string, several bool) {
	list := groupResources(logic)
	if len(list) == 1 {
		return list[0], false
	}
	return "", len(list) > 1
}

// readExclusions reads the exclusions that stand.
func (w *workspace) readExclusions(ctx context.Context) error {
	byID := map[int64]*object{}
	for _, o := range w.objects[testKind] {
		o.held.exclusions = map[string]client.Exclusion{}
		byID[o.held.id] = o
	}
	lists := map[*object][]*document.Node{}
	for x, err := range w.c.Exclusions(ctx, w.id, client.ExclusionFilter{}, oldestFirst) {
		if err != nil {
			return err
		}
		o := byID[x.TestID]
		if o == nil {
			continue
		}
		n, err := w.exclusion(o, x)
		if err != nil {
			return err
		}
		lists[o] = append(lists[o], n)
		o.held.exclusions[excludedBy(n)] = x
	}
	for o, list := range lists {
		sortExclusions(list)
		o.set("exclusions", document.ListNode(list...))
	}
	return nil
}

// exclusion is one that stands as files have it.
func (w *workspace) exclusion(test *object, x client.Exclusion) (*document.Node, error) {
	o := &object{kind: exclusionKind}
	add := func(key string, value *document.Node) {
		if value != nil {
			o.fields = append(o.fields, field{key, value})
		}
	}
	if _, several := resourcesOf(test.get("logic")); several {
		add("resource", document.TextNode(w.resources[x.ResourceID]))
	}
	if x.TargetID != "" {
		add("record", document.TextNode(x.TargetID))
	} else {
		n, err := stored(x.Selector)
		if err != nil {
			return nil, err
		}
		add("selector", n)
	}
	add("reason", document.TextNode(x.Reason))
	add("category", document.TextNode(x.Category))
	add("approver", maybeText(x.Approver))
	add("ticketUrl", maybeText(x.TicketURL))
	if x.ExpiresAt != nil {
		add("expiresAt", momentNode(*x.ExpiresAt))
	}
	if x.ExpireOnFix {
		add("expireOnFix", document.LiteralNode("true"))
	}
	return o.tree(), nil
}

// itemsByTarget are exclusions by what they exclude.
func itemsByTarget(o *object) map[string]*document.Node {
	out := map[string]*document.Node{}
	if o == nil || o.get("exclusions") == nil {
		return out
	}
	for _, c := range o.get("exclusions").Items {
		out[excludedBy(c)] = c
	}
	return out
}

// exclusions compares those of the tests of the folder that say which they have.
func (p *plan) exclusions(ctx context.Context) error {
	var gone []*change
	for _, name := range slices.Sorted(maps.Keys(p.folder.objects[testKind])) {
		want, have := p.folder.objects[testKind][name], p.workspace.objects[testKind][name]
		if want.get("exclusions") == nil {
			continue
		}
		then, now := itemsByTarget(want), itemsByTarget(have)
		for _, key := range slices.Sorted(maps.Keys(then)) {
			if err := p.exclusion(ctx, want, have, then[key], now[key]); err != nil {
				return fmt.Errorf("%s: %w", want.source.Name, err)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(now)) {
			if then[key] != nil {
				continue
			}
			c := p.exclusionChange(keep, want, have, nil, now[key])
			if p.prune {
				c.Action = remove
			}
			gone = append(gone, c)
		}
	}
	p.Changes = append(p.Changes, gone...)
	return nil
}

// exclusionChange is a line of the plan for an exclusion; its two forms are one
// field each.
func (p *plan) exclusionChange(a action, want, have *object, then, now *document.Node) *change {
	shown := then
	if shown == nil {
		shown = now
	}
	c := &change{Action: a, Kind: exclusionKind, Name: want.name + ", " + p.targetWords(shown), File: want.source.Name, want: &object{kind: exclusionKind}, have: &object{kind: exclusionKind}}
	if then != nil {
		c.want.fields = []field{{"exclusion", then}}
	}
	if now != nil {
		c.have.fields = []field{{"exclusion", now}}
		c.have.held = &held{id: have.held.exclusions[excludedBy(now)].ID, revision: have.held.exclusions[excludedBy(now)].Version}
	}
	c.test = &change{want: want, have: have}
	for _, known := range p.Changes {
		if known.Kind == testKind && known.want == want {
			c.test = known
		}
	}
	return c
}

// targetWords say what an exclusion excludes.
func (p *plan) targetWords(n *document.Node) string {
	if v := n.Get("selector"); v != nil {
		return "records of which " + sentence(p.then, v)
	}
	return "record " + textOf(n.Get("record"))
}

func (p *plan) exclusion(ctx context.Context, want, have *object, then, now *document.Node) error {
	if now != nil {
		if same(then, now) {
			return nil
		}
		c := p.exclusionChange(update, want, have, then, now)
		for _, s := range exclusionShape {
			if a, b := now.Get(s.key), then.Get(s.key); !same(a, b) {
				c.Fields = append(c.Fields, difference{Field: s.key, From: told(a), To: told(b)})
			}
		}
		p.Changes = append(p.Changes, c)
		return nil
	}
	c := p.exclusionChange(create, want, have, then, nil)
	p.Changes = append(p.Changes, c)
	if end := timeOf(then.Get("expiresAt")); !end.IsZero() && !end.After(p.clock) {
		c.Action, c.Notes = keep, []string{"it ended on " + textOf(then.Get("expiresAt")) + ": take it out of the file"}
		return nil
	}
	target := p.excludedFrom(want, then)
	if target == (client.Target{}) && then.Get("record") != nil {
		c.Action, c.Notes = keep, []string{"the record is not there yet: it is excluded when it is"}
		return nil
	}
	if then.Get("record") == nil {
		return p.trySelector(ctx, c, have, target.ResourceID, then.Get("selector"))
	}
	return p.tryRecord(ctx, c, have, target, then)
}

// excludedFrom is the resource of an exclusion, nothing while it is yet to be
// created.
func (p *plan) excludedFrom(want *object, n *document.Node) client.Target {
	name := textOf(n.Get("resource"))
	if name == "" {
		name, _ = resourcesOf(want.get("logic"))
	}
	return p.workspace.targets[p.then.ids[name]]
}

// trySelector tells how many records a selector would exclude.
func (p *plan) trySelector(ctx context.Context, c *change, have *object, resourceID int64, selector *document.Node) error {
	if have == nil || resourceID == 0 {
		return nil
	}
	got, err := p.workspace.c.PreviewSelector(ctx, p.workspace.id, have.held.id, resourceID, selector.JSON())
	var refused *client.Error
	switch {
	case errors.As(err, &refused) && refused.Status < 500 && refused.Status != 401:
		c.Notes = append(c.Notes, "what it would exclude is not known: "+refused.Message)
	case err != nil:
		return err
	default:
		c.Notes = append(c.Notes, fmt.Sprintf("of %d records in scope it matches %d, of which %d fail", got.InScope, got.Matching, got.Failing))
		if got.MatchesEverything {
			c.Notes = append(c.Notes, "it will be refused, because it matches everything")
		}
	}
	return nil
}

// tryRecord leaves out what cannot be excluded, or was and is mended.
func (p *plan) tryRecord(ctx context.Context, c *change, have *object, target client.Target, then *document.Node) error {
	id := textOf(then.Get("record"))
	if then.Get("expireOnFix") != nil && have != nil {
		for x, err := range p.workspace.c.Exclusions(ctx, p.workspace.id, client.ExclusionFilter{TestID: have.held.id, TargetID: id, State: "FIXED"}, client.List{}) {
			if err != nil {
				return err
			}
			n, err := p.workspace.exclusion(have, x)
			if err != nil {
				return err
			}
			if same(n, then) {
				c.Action, c.Notes = keep, []string{"it ended, because the record was mended: take it out of the file"}
				return nil
			}
		}
	}
	_, err := p.workspace.c.Record(ctx, target, id)
	switch {
	case client.IsNotFound(err):
		c.Action, c.Notes = keep, []string{"the record is not there yet: it is excluded when it is"}
	case client.IsCode(err, client.CodeForbidden):
		return nil
	}
	if client.IsNotFound(err) {
		return nil
	}
	return err
}

// exclusion creates, changes or ends one.
func (a *applier) exclusion(ctx context.Context, c *change) error {
	test := c.test.made
	if test == 0 {
		if c.test.have == nil {
			return errors.New("its test was not created")
		}
		test = c.test.have.held.id
	}
	if c.Action == create {
		return a.exclude(ctx, c, test)
	}
	now, err := a.c.Exclusion(ctx, a.ws, test, c.have.held.id)
	if err != nil {
		return err
	}
	if now.Version != c.have.held.revision || now.State != "ACTIVE" {
		return errors.New("somebody changed it since the plan was made, or it ended: make a new one")
	}
	if c.Action == remove {
		return a.c.EndExclusion(ctx, a.ws, test, c.have.held.id)
	}
	then := c.want.get("exclusion")
	var change client.ExclusionChange
	for key, to := range map[string]**string{"reason": &change.Reason, "category": &change.Category, "approver": &change.Approver,
		"ticketUrl": &change.TicketURL, "expiresAt": &change.ExpiresAt} {
		if c.has(key) {
			v := textOf(then.Get(key))
			*to = &v
		}
	}
	if c.has("expireOnFix") {
		v := then.Get("expireOnFix") != nil
		change.ExpireOnFix = &v
	}
	_, err = a.c.UpdateExclusion(ctx, a.ws, test, c.have.held.id, change)
	return err
}

func (a *applier) exclude(ctx context.Context, c *change, test int64) error {
	n := c.want.get("exclusion")
	get := func(key string) string { return textOf(n.Get(key)) }
	x := client.NewExclusion{TargetID: get("record"), Reason: get("reason"), Category: get("category"), Approver: get("approver"),
		TicketURL: get("ticketUrl"), ExpireOnFix: n.Get("expireOnFix") != nil}
	if v := n.Get("selector"); v != nil {
		x.Selector = v.JSON()
	}
	if name := get("resource"); name != "" {
		x.ResourceID = a.ids[name]
	}
	if end := timeOf(n.Get("expiresAt")); !end.IsZero() {
		x.ExpiresAt = &end
	}
	_, err := a.c.Exclude(ctx, a.ws, test, x)
	return err
}
