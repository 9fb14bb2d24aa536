package code

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/document"
	"github.com/plumbline-dev/plumbline/rule"
)

// action is what becomes of an object.
type action string

const (
	create action = "create"
	update action = "update"
	remove action = "delete"
	// keep leaves an object alone that the folder does not describe.
	keep action = "keep"
)

// change is one line of a plan.
type change struct {
	Action action `json:"action"`
	Kind   kind   `json:"kind"`
	Name   string `json:"name"`
	// File describes it, empty for what is only in the workspace.
	File   string       `json:"file,omitempty"`
	Fields []difference `json:"fields,omitempty"`
	Notes  []string     `json:"notes,omitempty"`
	// Verdicts is there for a test whose verdicts may change.
	Verdicts *verdicts `json:"verdicts,omitempty"`

	want, have *object
	// test is that of an exclusion; made is the id of a test that was created.
	test *change
	made int64
	// before and after are the logic of a test.
	before, after *rule.Test
}

// difference is a field that is not what the folder says.
type difference struct {
	Field string          `json:"field"`
	From  json.RawMessage `json:"from,omitempty"`
	To    json.RawMessage `json:"to,omitempty"`
	// Words tell it where the values themselves would be hard to read.
	Words []words `json:"words,omitempty"`
}

// plan is what has to be done to make the workspace what the folder says.
type plan struct {
	Changes []*change `json:"changes"`

	folder    *folder
	workspace *workspace
	prune     bool
	// now and then are what logic can name, before and after.
	now, then *book
	// installs is whether shipped frameworks are to be installed, whose content is
	// not known before.
	installs bool
	clock    time.Time
}

// wants is whether objects of a kind matter to a folder.
func (f *folder) wants(prune bool) func(kind) bool {
	return func(k kind) bool {
		some := func(k kind) bool { return prune || len(f.objects[k]) > 0 }
		switch k {
		case connectionKind:
			return some(connectionKind) || some(conditionKind) || some(testKind)
		case conditionKind:
			return some(conditionKind) || some(testKind)
		case frameworkKind:
			return some(frameworkKind) || some(controlKind)
		case controlKind:
			return some(controlKind) || slices.ContainsFunc(slices.Collect(maps.Values(f.objects[testKind])), func(o *object) bool { return len(o.texts("controls")) > 0 })
		case testKind:
			// A condition that changes makes new versions of tests.
			return some(testKind) || some(conditionKind)
		}
		return false
	}
}

// newPlan compares a folder with a workspace.
func newPlan(ctx context.Context, f *folder, w *workspace, prune bool, now time.Time) (*plan, error) {
	p := &plan{folder: f, workspace: w, prune: prune, Changes: []*change{}, clock: now}
	if prune && f.empty() {
		return nil, errors.New("the folder describes nothing, so --prune would delete everything: is it the right one?")
	}
	if err := p.open(); err != nil {
		return nil, err
	}
	for _, compare := range []func() error{p.connections, p.conditions, p.frameworks, p.controls, p.tests} {
		if err := compare(); err != nil {
			return nil, err
		}
	}
	if err := p.exclusions(ctx); err != nil {
		return nil, err
	}
	p.left()
	return p, nil
}

// stays is whether an object of the workspace is there when the plan is done.
func (p *plan) stays(o *object) bool {
	return !p.prune || p.folder.objects[o.kind][o.name] != nil || p.spared(o) != ""
}

// spared is why an object is not deleted although the folder does not describe
// it.
func (p *plan) spared(o *object) string {
	switch {
	case o.kind == controlKind:
		return "controls cannot be deleted: mark it out of scope"
	case o.kind == connectionKind && o.held.elsewhere:
		return "it is not this workspace's alone"
	case o.kind == testKind && o.held.unpublished:
		return "it is a draft that was never published"
	}
	return ""
}

// open finds what logic can name.
func (p *plan) open() error {
	p.now, p.then = newBook(), newBook()
	for id, name := range p.workspace.resources {
		p.now.add(name, id)
	}
	for _, name := range slices.Sorted(maps.Keys(p.workspace.objects[connectionKind])) {
		o := p.workspace.objects[connectionKind][name]
		if o.held.target.ResourceID != 0 && p.folder.objects[connectionKind][name] == nil && p.stays(o) {
			p.then.add(o.resource(), o.held.target.ResourceID)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.folder.objects[connectionKind])) {
		o := p.folder.objects[connectionKind][name]
		if !o.custom() {
			continue
		}
		if _, taken := p.then.ids[o.resource()]; taken {
			return o.fail("resource", "the name `%s` is that of another resource, too", document.Clip(o.resource(), 80))
		}
		id := int64(0)
		if have := p.workspace.objects[connectionKind][name]; have != nil {
			id = have.held.target.ResourceID
		}
		p.then.add(o.resource(), id)
	}
	if err := p.now.conditions(p.workspace.objects[conditionKind]); err != nil {
		return err
	}
	all := map[string]*object{}
	for name, o := range p.workspace.objects[conditionKind] {
		if p.stays(o) {
			all[name] = o
		}
	}
	maps.Copy(all, p.folder.objects[conditionKind])
	return p.then.conditions(all)
}

// fail is an error of a field of a file, or of its identity where the field is
// not given.
func (o *object) fail(key, format string, args ...any) *document.Error {
	at := o.root.Get(key)
	if at == nil {
		at = o.root.Get(o.kind.identity())
	}
	return o.source.Fail(at, format, args...)
}

// pairs calls compare for each object of the folder, in the order of the names,
// with that of the workspace, nil if there is none.
func (p *plan) pairs(k kind, compare func(want, have *object) error) error {
	for _, name := range slices.Sorted(maps.Keys(p.folder.objects[k])) {
		if err := compare(p.folder.objects[k][name], p.workspace.objects[k][name]); err != nil {
			return err
		}
	}
	return nil
}

// add adds a change, unless there is nothing to do.
func (p *plan) add(want, have *object, fields []difference) *change {
	c := &change{Action: update, Kind: want.kind, Name: want.name, File: want.source.Name, Fields: fields, want: want, have: have}
	if have == nil {
		c.Action, c.Fields = create, nil
	} else if len(fields) == 0 {
		return nil
	}
	p.Changes = append(p.Changes, c)
	return c
}

// differences are the fields that differ, but for some.
func differences(want, have *object, except ...string) []difference {
	if have == nil {
		return nil
	}
	var out []difference
	for _, s := range shapes[want.kind] {
		a, b := have.get(s.key), want.get(s.key)
		if !slices.Contains(except, s.key) && !same(a, b) {
			out = append(out, difference{Field: s.key, From: told(a), To: told(b)})
		}
	}
	return out
}

// told is a value as a plan shows it.
func told(n *document.Node) json.RawMessage {
	if n == nil {
		return nil
	}
	return sorted(n).JSON()
}

func (p *plan) connections() error {
	return p.pairs(connectionKind, func(want, have *object) error {
		if have != nil && !same(have.get("providerTypes"), want.get("providerTypes")) {
			return want.fail("providerTypes", "the provider types of a connection cannot be changed: delete it, or give the new one another name")
		}
		fields := differences(want, have, "schema")
		if have != nil && !same(have.get("schema"), want.get("schema")) {
			fields = append(fields, difference{Field: "schema", Words: schemaWords(have.get("schema"), want.get("schema"))})
		}
		p.add(want, have, fields)
		return nil
	})
}

func (p *plan) conditions() error {
	var changed []*change
	if err := p.pairs(conditionKind, func(want, have *object) error {
		logic, err := p.then.readable(p.then.known.Condition(want.name).JSON())
		if err != nil {
			return err
		}
		want.set("logic", logic)
		fields := differences(want, have, "logic")
		if have != nil {
			now, err := p.then.readable(have.held.logic)
			if err != nil {
				return err
			}
			if !same(now, logic) {
				fields = append(fields, difference{Field: "logic", From: told(now), To: told(logic), Words: p.conditionWords(now, logic)})
			}
		}
		if c := p.add(want, have, fields); c != nil {
			changed = append(changed, c)
			p.Changes = p.Changes[:len(p.Changes)-1]
		}
		return nil
	}); err != nil {
		return err
	}
	p.Changes = append(p.Changes, p.inOrder(changed)...)
	return nil
}

// inOrder puts conditions after those to which they refer.
func (p *plan) inOrder(list []*change) []*change {
	var out []*change
	done := map[string]bool{}
	var visit func(c *change)
	visit = func(c *change) {
		if done[c.Name] {
			return
		}
		done[c.Name] = true
		for _, name := range p.then.known.Condition(c.Name).References() {
			if i := slices.IndexFunc(list, func(c *change) bool { return c.Name == name }); i >= 0 {
				visit(list[i])
			}
		}
		out = append(out, c)
	}
	for _, c := range list {
		visit(c)
	}
	return out
}

// unmanaged is the key of a list that a file does not have and that is therefore
// left alone, else nothing.
func unmanaged(want *object, key string) string {
	if want.get(key) == nil {
		return key
	}
	return ""
}

// itemOf is the text of a list as it stands in a file, else the list.
func itemOf(list *document.Node, text string) *document.Node {
	for _, c := range list.Items {
		if strings.TrimSpace(c.Text) == text {
			return c
		}
	}
	return list
}

func (p *plan) tests() error {
	if err := p.pairs(testKind, p.test); err != nil {
		return err
	}
	// A condition changes tests that have no file, too.
	for _, name := range slices.Sorted(maps.Keys(p.workspace.objects[testKind])) {
		have := p.workspace.objects[testKind][name]
		if p.folder.objects[testKind][name] != nil || !p.stays(have) || have.held.unpublished {
			continue
		}
		before, after, ok := p.republished(have)
		if !ok {
			continue
		}
		p.Changes = append(p.Changes, &change{Action: keep, Kind: testKind, Name: name, have: have, before: before, after: after,
			Notes: []string{"it gets a new version, because a condition that it refers to changes"}})
	}
	return nil
}

// republished is a test of the workspace before and after conditions change, and
// whether it then says something else.
func (p *plan) republished(have *object) (before, after *rule.Test, differs bool) {
	before, err := p.now.known.ParseTest(have.held.logic)
	if err != nil {
		return nil, nil, false
	}
	after, err = p.then.known.ParseTest(have.held.logic)
	if err != nil {
		return nil, nil, false
	}
	a, _, errA := p.now.pinned(before)
	b, _, errB := p.now.pinned(after)
	return before, after, errA == nil && errB == nil && string(a) != string(b)
}

func (p *plan) test(want, have *object) error {
	after, logic, err := p.then.test(want.source, want.root.Get("logic"))
	if err != nil {
		return err
	}
	want.set("logic", logic)
	if err := p.then.exclusions(want); err != nil {
		return err
	}
	if err := p.provable(want); err != nil {
		return err
	}
	var fields []difference
	var before *rule.Test
	if have != nil {
		fields = differences(want, have, "logic", "exclusions", unmanaged(want, "controls"))
		now, err := p.then.readable(have.held.logic)
		if err != nil {
			return err
		}
		if !same(now, logic) {
			fields = append(fields, difference{Field: "logic", From: told(now), To: told(logic), Words: p.testWords(now, logic)})
		}
		if have.held.unpublished {
			fields = append(fields, difference{Field: "published", From: json.RawMessage("false"), To: json.RawMessage("true")})
		}
		if len(fields) > 0 && (have.held.unpublished || !same(now, logic)) {
			if err := p.drafted(want, have, logic); err != nil {
				return err
			}
		}
		if !have.held.unpublished {
			if before, err = p.now.known.ParseTest(have.held.logic); err != nil {
				before = nil
			}
		}
	}
	c := p.add(want, have, fields)
	if c == nil {
		if have.held.unpublished {
			return nil
		}
		b, a, differs := p.republished(have)
		if !differs {
			return nil
		}
		c = &change{Action: keep, Kind: testKind, Name: want.name, File: want.source.Name, want: want, have: have, before: b, after: a,
			Notes: []string{"it gets a new version, because a condition that it refers to changes"}}
		p.Changes = append(p.Changes, c)
		return nil
	}
	c.before, c.after = before, after
	return nil
}

// drafted refuses to replace a draft that somebody works on.
func (p *plan) drafted(want, have *object, logic *document.Node) error {
	if have.held.draft == nil {
		return nil
	}
	draft, err := p.then.readable(have.held.draft)
	if err != nil {
		return err
	}
	if same(draft, logic) {
		return nil
	}
	return want.fail("name", "the test has a draft in the workspace that is not what this file says: publish it and export, or discard it")
}

// provable proves that the controls of a test exist.
func (p *plan) provable(o *object) error {
	at := o.root.Get("controls")
	for _, code := range o.texts("controls") {
		if p.workspace.objects[controlKind][code] != nil || p.folder.objects[controlKind][code] != nil || p.installs {
			continue
		}
		return o.source.Fail(itemOf(at, code), "there is no control `%s`, neither in the folder nor in the workspace", document.Clip(code, 80))
	}
	return nil
}

// left tells what the folder does not describe: it is deleted with --prune and
// else left alone. What others depend on is deleted last.
func (p *plan) left() {
	for _, k := range slices.Backward(kinds) {
		if !p.prune && len(p.folder.objects[k]) == 0 {
			continue
		}
		var list []*change
		for _, name := range slices.Sorted(maps.Keys(p.workspace.objects[k])) {
			have := p.workspace.objects[k][name]
			if p.folder.objects[k][name] != nil || slices.ContainsFunc(p.Changes, func(c *change) bool { return c.have == have }) {
				continue
			}
			c := &change{Action: remove, Kind: k, Name: name, have: have}
			if why := p.spared(have); !p.prune || why != "" {
				c.Action = keep
				if p.prune {
					c.Notes = []string{why}
				}
			}
			if k == connectionKind && c.Action == remove && have.held.records > 0 {
				c.Notes = append(c.Notes, fmt.Sprintf("with its %d records", have.held.records))
			}
			list = append(list, c)
		}
		if k == conditionKind {
			list = p.referrersFirst(list)
		}
		p.Changes = append(p.Changes, list...)
	}
}

// referrersFirst puts conditions before those to which they refer.
func (p *plan) referrersFirst(list []*change) []*change {
	slices.SortStableFunc(list, func(a, b *change) int {
		refers := func(x, y *change) bool { return slices.Contains(p.now.known.Condition(x.Name).References(), y.Name) }
		switch {
		case refers(a, b):
			return -1
		case refers(b, a):
			return 1
		}
		return 0
	})
	return list
}

// count is how many changes do something.
func (p *plan) count(a action) int {
	n := 0
	for _, c := range p.Changes {
		if c.Action == a {
			n++
		}
	}
	return n
}

// changes is whether anything has to be done.
func (p *plan) changes() bool { return p.count(create)+p.count(update)+p.count(remove) > 0 }
