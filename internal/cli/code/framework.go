package code

import (
	"context"
	"fmt"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/document"
)

// maxCreated is how many requirements the server takes at once.
const maxCreated = 1000

func (p *plan) frameworks() error {
	return p.pairs(frameworkKind, func(want, have *object) error {
		if want.get("shipped") != nil && have == nil {
			p.installs = true
		}
		fields := differences(want, have, "requirements")
		var notes []string
		if have != nil {
			d, left := requirementDifference(want, have, p.prune)
			if len(d.Words) > 0 {
				fields = append(fields, d)
			}
			notes = left
		}
		if c := p.add(want, have, fields); c != nil {
			c.Notes = notes
		}
		return nil
	})
}

// requirementDifference compares the requirements of a framework. Those that only
// the workspace has are deleted with prune.
func requirementDifference(want, have *object, prune bool) (d difference, left []string) {
	d.Field = "requirements"
	now := itemsByCode(have.get("requirements"))
	then := itemsByCode(want.get("requirements"))
	for _, code := range codesInOrder(want.get("requirements")) {
		switch old := now[code]; {
		case old == nil:
			d.Words = append(d.Words, words{added, fmt.Sprintf("%s %s", code, then[code].Get("name").Text)})
		case !same(old, then[code]):
			for _, s := range requirementShape {
				if a, b := old.Get(s.key), then[code].Get(s.key); !same(a, b) {
					d.Words = append(d.Words, words{changed, fmt.Sprintf("%s %s: %s → %s", code, s.key, shown(told(a)), shown(told(b)))})
				}
			}
		}
	}
	for _, code := range codesInOrder(have.get("requirements")) {
		switch {
		case then[code] != nil:
		case prune:
			d.Words = append(d.Words, words{removed, fmt.Sprintf("%s %s", code, now[code].Get("name").Text)})
		default:
			left = append(left, fmt.Sprintf("the requirement %s is left alone, because the file does not have it", code))
		}
	}
	return d, left
}

func itemsByCode(list *document.Node) map[string]*document.Node {
	out := map[string]*document.Node{}
	if list != nil {
		for _, c := range list.Items {
			out[c.Get("code").Text] = c
		}
	}
	return out
}

func codesInOrder(list *document.Node) []string {
	var out []string
	if list != nil {
		for _, c := range list.Items {
			out = append(out, c.Get("code").Text)
		}
	}
	return out
}

func (p *plan) controls() error {
	return p.pairs(controlKind, func(want, have *object) error {
		if err := p.servedExist(want); err != nil {
			return err
		}
		p.add(want, have, differences(want, have, unmanaged(want, "requirements")))
		return nil
	})
}

// servedExist proves that the requirements that a control serves exist, as far as
// that is known.
func (p *plan) servedExist(o *object) error {
	n := o.get("requirements")
	if n == nil {
		return nil
	}
	at := o.root.Get("requirements")
	for i, k := range n.Keys {
		have, want := p.workspace.objects[frameworkKind][k.Name], p.folder.objects[frameworkKind][k.Name]
		switch {
		case have == nil && want == nil:
			return o.source.Fail(at.Get(k.Name), "there is no framework `%s`, neither in the folder nor in the workspace", document.Clip(k.Name, 80))
		case have == nil && want.get("shipped") != nil:
			continue
		}
		for _, c := range n.Items[i].Items {
			known := want != nil && itemsByCode(want.get("requirements"))[c.Text] != nil
			if pruned := p.prune && want != nil && want.get("shipped") == nil; have != nil && !known && !pruned {
				_, known = have.held.requirements[c.Text]
			}
			if !known {
				return o.source.Fail(itemOf(at.Get(k.Name), c.Text), "the framework `%s` has no requirement `%s`", document.Clip(k.Name, 80), document.Clip(c.Text, 80))
			}
		}
	}
	return nil
}

func (a *applier) framework(ctx context.Context, want, have *object) error {
	if have == nil {
		var made client.Framework
		var err error
		if want.get("shipped") != nil {
			a.remapped = true
			made, err = a.c.InstallFramework(ctx, a.ws, want.name)
		} else {
			made, err = a.c.CreateFramework(ctx, a.ws, want.name, want.text("shortName"), want.text("description"))
		}
		if err != nil {
			return err
		}
		have = frameworkObject(made)
		if err := a.workspace.readRequirements(ctx, have); err != nil {
			return err
		}
		a.workspace.frameworks[made.ID] = have.name
		a.workspace.objects[frameworkKind][have.name] = have
	}
	if err := a.frameworkTexts(ctx, want, have); err != nil || want.get("shipped") != nil {
		return err
	}
	return a.requirements(ctx, want, have)
}

func (a *applier) frameworkTexts(ctx context.Context, want, have *object) error {
	var change client.FrameworkChange
	if enabled := want.flag("enabled"); enabled != have.flag("enabled") {
		change.Enabled = &enabled
	}
	for key, to := range map[string]**string{"shortName": &change.ShortName, "pill": &change.Pill, "description": &change.Description,
		"color": &change.Color, "bgColor": &change.BgColor} {
		*to = changedText(want, have, key)
	}
	for usual, text := range map[string]*string{want.text("shortName"): change.Pill, defaultColor: change.Color, defaultBgColor: change.BgColor} {
		if text != nil && *text == "" {
			*text = usual
		}
	}
	if change.ShortName != nil && change.Pill == nil {
		pill := want.text("pill")
		if pill == "" {
			pill = *change.ShortName
		}
		change.Pill = &pill
	}
	if change == (client.FrameworkChange{}) {
		return nil
	}
	_, err := a.c.UpdateFramework(ctx, a.ws, have.held.id, change)
	return err
}

// requirements creates and changes those of a framework.
func (a *applier) requirements(ctx context.Context, want, have *object) error {
	now, then := itemsByCode(have.get("requirements")), itemsByCode(want.get("requirements"))
	var fresh []client.NewRequirement
	for _, code := range codesInOrder(want.get("requirements")) {
		n := then[code]
		get := func(key string) string { return textOf(n.Get(key)) }
		if now[code] == nil {
			fresh = append(fresh, client.NewRequirement{Code: code, Name: get("name"), Description: get("description"), Category: get("category"),
				AdditionalInfo: get("additionalInfo")})
		}
	}
	for len(fresh) > 0 {
		part := fresh[:min(len(fresh), maxCreated)]
		made, err := a.c.CreateRequirements(ctx, a.ws, have.held.id, part)
		if err != nil {
			return err
		}
		for _, r := range made {
			have.held.requirements[r.Code] = r.ID
		}
		fresh = fresh[len(part):]
	}
	for _, code := range codesInOrder(want.get("requirements")) {
		change := requirementChange(now[code], then[code])
		if change == (client.RequirementChange{}) {
			continue
		}
		if _, err := a.c.UpdateRequirement(ctx, a.ws, have.held.id, have.held.requirements[code], change); err != nil {
			return fmt.Errorf("requirement %s: %w", code, err)
		}
	}
	if !a.prune {
		return nil
	}
	return a.dropped(ctx, want, have)
}

// dropped deletes the requirements that the file of a framework does not have.
func (a *applier) dropped(ctx context.Context, want, have *object) error {
	then := itemsByCode(want.get("requirements"))
	for _, code := range codesInOrder(have.get("requirements")) {
		if then[code] != nil {
			continue
		}
		a.remapped = true
		if err := a.c.DeleteRequirement(ctx, a.ws, have.held.id, have.held.requirements[code]); err != nil {
			return fmt.Errorf("requirement %s: %w", code, err)
		}
	}
	return nil
}

// requirementChange is what creation does not set, or what differs.
func requirementChange(now, then *document.Node) client.RequirementChange {
	var change client.RequirementChange
	fresh := now == nil
	if inScope := then.Get("inScope") == nil; inScope != (now.Get("inScope") == nil) {
		change.InScope = &inScope
	}
	for key, to := range map[string]**string{"name": &change.Name, "description": &change.Description, "category": &change.Category,
		"additionalInfo": &change.AdditionalInfo, "rationale": &change.Rationale} {
		if text := textOf(then.Get(key)); text != textOf(now.Get(key)) && (!fresh || key == "rationale") {
			*to = &text
		}
	}
	return change
}

func (a *applier) control(ctx context.Context, want, have *object) error {
	if have == nil && a.remapped {
		// A framework that was just installed may have brought it.
		c, err := a.c.ControlByCode(ctx, a.ws, want.name)
		switch {
		case err == nil:
			have = a.workspace.control(c)
		case !client.IsNotFound(err):
			return err
		}
	}
	ids, err := a.served(want)
	if err != nil {
		return err
	}
	if have == nil {
		n := client.NewControl{Code: want.name, Name: want.text("name"), Description: want.text("description"), Question: want.text("question"),
			Activity: want.text("activity")}
		if ids != nil {
			n.RequirementIDs = *ids
		}
		made, err := a.c.CreateControl(ctx, a.ws, n)
		if err != nil {
			return err
		}
		have = a.workspace.control(made)
		have.set("requirements", want.get("requirements"))
	}
	change := client.ControlChange{Name: changedText(want, have, "name"), Description: changedText(want, have, "description"),
		Question: changedText(want, have, "question"), Activity: changedText(want, have, "activity")}
	if ids != nil && !same(want.get("requirements"), have.get("requirements")) {
		change.RequirementIDs = ids
	}
	if change != (client.ControlChange{}) {
		if _, err := a.c.UpdateControl(ctx, a.ws, have.held.id, change); err != nil {
			return err
		}
	}
	if want.flag("inScope") != have.flag("inScope") || want.text("rationale") != have.text("rationale") {
		_, err = a.c.ScopeControl(ctx, a.ws, have.held.id, want.flag("inScope"), want.text("rationale"))
	}
	return err
}

// served are the ids of the requirements that a control serves, nil where the
// file does not say.
func (a *applier) served(want *object) (*[]int64, error) {
	n := want.get("requirements")
	if n == nil {
		return nil, nil
	}
	ids := []int64{}
	for i, k := range n.Keys {
		f := a.workspace.objects[frameworkKind][k.Name]
		if f == nil {
			return nil, fmt.Errorf("there is no framework `%s`", k.Name)
		}
		for _, code := range textsOf(n.Items[i]) {
			id, ok := f.held.requirements[code]
			if !ok {
				return nil, fmt.Errorf("the framework `%s` has no requirement `%s`", k.Name, code)
			}
			ids = append(ids, id)
		}
	}
	return &ids, nil
}
