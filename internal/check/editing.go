package check

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
	"github.com/plumbline-dev/plumbline/rule/complete"
)

// maxEdited is how long a text in an editor may be, in bytes.
const maxEdited = 2 << 20

// Edited is a text of the rule language as an editor has it.
type Edited struct {
	Text string
	What rule.Subject
	// ResourceID is the resource of a text, or of groups, that name none; 0 for
	// none.
	ResourceID int64
}

// Reading is what can be told of an edited text.
type Reading struct {
	*rule.Inspection
	// Words are there for logic and for a group that are valid, Condition for
	// an evaluator or a condition.
	Words     *SaidLogic
	Condition *rule.Words
}

// SaidLogic says the logic of a test in sentences. Logic is empty for a group
// alone.
type SaidLogic struct {
	Logic  string
	Groups []SaidGroup
}

// SaidGroup says a group in sentences.
type SaidGroup struct {
	Name         string
	ResourceID   int64
	ResourceName string
	rule.GroupWords
}

// editing is the reading of texts of one workspace.
type editing struct {
	*Service
	ctx         context.Context //nolint:containedctx // that of one call
	workspaceID int64
	known       *rule.Conditions
	resources   map[int64]*connection.Resource
	err         error
}

func (s *Service) editing(ctx context.Context, workspaceID int64) (*editing, error) {
	conditions, _, err := s.store.Conditions(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	known, err := parseStored(conditions)
	return &editing{Service: s, ctx: ctx, workspaceID: workspaceID, known: known, resources: map[int64]*connection.Resource{}}, err
}

// resource reads a resource of the workspace, nil if there is none.
func (e *editing) resource(id int64) *connection.Resource {
	if r, ok := e.resources[id]; ok || id == 0 || len(e.resources) >= maxNamed {
		return r
	}
	r, err := e.store.ResourceInWorkspace(e.ctx, e.workspaceID, id)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		e.resources[id] = nil
	case err != nil:
		e.err = errors.Join(e.err, err)
	default:
		e.resources[id] = &r
	}
	return e.resources[id]
}

// named reads a resource by its name, nil if there is none. The name may be any
// text.
func (e *editing) named(name string) *connection.Resource {
	if strings.IndexByte(name, 0) >= 0 {
		return nil // which no database holds
	}
	r, err := e.store.ResourceNamed(e.ctx, e.workspaceID, name)
	if err == nil {
		return &r
	}
	if fault.KindOf(err) != fault.NotFound {
		e.err = errors.Join(e.err, err)
	}
	return nil
}

// maxNamed is how many resources a text may name before the others are taken
// for unknown.
const maxNamed = 100

func (e *editing) open(t Edited) error {
	if !slices.Contains(rule.Subjects, t.What) {
		return fault.New(fault.CodeValidation, "`what` (/what) is %q; it must be logic, group, evaluator or condition", string(t.What)).At("/what")
	}
	if len(t.Text) > maxEdited {
		return fault.New(fault.CodeValidation, "`text` (/text) is longer than %d MB", maxEdited>>20).At("/text")
	}
	if t.ResourceID != 0 && e.resource(t.ResourceID) == nil && e.err == nil {
		return fault.New(fault.CodeValidation, "there is no resource %d in this workspace (/resourceId)", t.ResourceID).At("/resourceId")
	}
	return e.err
}

// Read tells what is wrong with an edited text, what hardly says what was meant,
// and what it says. Nothing is written.
func (s *Service) Read(ctx context.Context, workspaceID int64, t Edited) (Reading, error) {
	e, err := s.editing(ctx, workspaceID)
	if err != nil {
		return Reading{}, err
	}
	if err := e.open(t); err != nil {
		return Reading{}, err
	}
	in := rule.Inspect([]byte(t.Text), t.What, rule.Surroundings{Conditions: e.known, Schema: func(id int64) []byte {
		if id == 0 {
			id = t.ResourceID
		}
		if r := e.resource(id); r != nil {
			return r.Schema
		}
		return nil
	}})
	out := Reading{Inspection: in}
	e.lookups(in)
	switch {
	case in.Test != nil:
		words := e.words(in.Test)
		out.Words = &words
		e.acceptable(in, []byte(t.Text), "")
	case in.Group != nil:
		if in.Group.ResourceID == 0 {
			in.Group.ResourceID = t.ResourceID
		}
		words := e.words(&rule.Test{Groups: []rule.Group{*in.Group}})
		words.Logic = ""
		out.Words = &words
		if in.Group.ResourceID != 0 {
			alone := rule.Test{Logic: rule.AllGroups, Groups: []rule.Group{*in.Group}}
			e.acceptable(in, alone.JSON(), "/groups/0")
		}
	case in.Condition != nil:
		words := in.Condition.Words()
		out.Condition = &words
	}
	if !in.Valid() {
		out.Words, out.Condition = nil, nil
	}
	return out, e.err
}

// lookups tells of resources that are asked and that there are not.
func (e *editing) lookups(in *rule.Inspection) {
	asked := map[string]bool{}
	for _, l := range in.Lookups() {
		if l.Resource == "" {
			if e.resource(l.ResourceID) == nil && len(e.resources) < maxNamed {
				in.Add(rule.SeverityError, l.Pointer+"/resource", "there is no resource with this number in this workspace")
			}
			continue
		}
		known, told := asked[l.Resource]
		if !told && len(asked) < maxNamed {
			known = e.named(l.Resource) != nil
			asked[l.Resource] = known
		} else if !told {
			continue
		}
		if !known {
			in.Add(rule.SeverityError, l.Pointer+"/resource", "there is no resource with this name in this workspace")
		}
	}
}

// acceptable tells why a test with the logic would be refused. The text that is
// edited stands at a place of the logic.
func (e *editing) acceptable(in *rule.Inspection, logic []byte, at string) {
	_, err := e.compileWith(e.ctx, e.workspaceID, e.known, logic)
	var invalid *rule.Error
	var refused *fault.Error
	switch {
	case err == nil:
	case errors.As(err, &invalid):
		in.Add(rule.SeverityError, strings.TrimPrefix(invalid.Pointer, at), invalid.Message)
	case errors.As(err, &refused) && refused.Kind != fault.Internal:
		message := strings.Replace(refused.Message, " ("+refused.Pointer+")", "", 1)
		in.Add(rule.SeverityError, strings.TrimPrefix(refused.Pointer, at), message)
	default:
		e.err = errors.Join(e.err, err)
	}
}

func (e *editing) words(t *rule.Test) SaidLogic {
	out := SaidLogic{Logic: t.Logic.Words(), Groups: make([]SaidGroup, len(t.Groups))}
	for i := range t.Groups {
		g := &t.Groups[i]
		out.Groups[i] = SaidGroup{Name: g.Name, ResourceID: g.ResourceID, GroupWords: g.Words()}
		if r := e.resource(g.ResourceID); r != nil {
			out.Groups[i].ResourceName = r.Name
		}
	}
	return out
}

// Words says the logic of a test in sentences: that in force, or else the draft,
// and the draft, which is nil where there is none.
func (s *Service) Words(ctx context.Context, t Test) (inForce, draft *SaidLogic, err error) {
	e, err := s.editing(ctx, t.WorkspaceID)
	if err != nil {
		return nil, nil, err
	}
	if draft, err = e.said(t.Draft); err != nil {
		return nil, nil, err
	}
	if inForce, err = e.said(t.Published); err != nil || inForce != nil {
		return inForce, draft, err
	}
	return draft, draft, nil
}

// said is the logic of a version in sentences, nil for none.
func (e *editing) said(v *Version) (*SaidLogic, error) {
	if v == nil {
		return nil, nil
	}
	parsed, err := e.known.ParseTest(v.Logic)
	if err != nil {
		// A condition that a test no longer in force names may be gone.
		parsed, err = rule.ParseTest(v.Pinned)
	}
	if err != nil {
		return nil, fmt.Errorf("parse a stored version: %s", err.Error()) // not wrapped: it is no fault of the caller
	}
	words := e.words(parsed)
	return &words, e.err
}

// How many resources and values are proposed.
const (
	maxProposedResources = 500
	maxProposedValues    = 50
)

// Complete proposes how an edited text can go on at an offset in UTF-16 code
// units, from the schema and a sample of the records.
func (s *Service) Complete(ctx context.Context, workspaceID int64, t Edited, offset int) (complete.List, error) {
	e, err := s.editing(ctx, workspaceID)
	if err != nil {
		return complete.List{}, err
	}
	if err := e.open(t); err != nil {
		return complete.List{}, err
	}
	if offset < 0 {
		return complete.List{}, fault.New(fault.CodeValidation, "`offset` (/offset) is %d; it counts from 0", offset).At("/offset")
	}
	resources, err := s.store.ResourceNames(ctx, workspaceID, maxProposedResources)
	if err != nil {
		return complete.List{}, err
	}
	v := complete.Vocabulary{
		Attributes: func(id int64) []complete.Attribute { return e.attributes(e.meant(id, t)) },
		Named: func(name string) []complete.Attribute {
			return e.attributes(e.named(name))
		},
		Values: func(id int64, at rule.Address) []json.RawMessage { return e.values(e.meant(id, t), at) },
	}
	for _, r := range resources {
		v.Resources = append(v.Resources, complete.Resource{ID: r.ID, Name: r.Name})
	}
	for _, name := range e.known.Names() {
		v.Conditions = append(v.Conditions, complete.Condition{Name: name, Sentence: e.known.Condition(name).Sentence()})
	}
	list := complete.At(t.Text, offset, t.What, v)
	return list, e.err
}

// meant is the resource of a number in the text, that of the request for 0.
func (e *editing) meant(id int64, t Edited) *connection.Resource {
	if id == 0 {
		id = t.ResourceID
	}
	return e.resource(id)
}

func (e *editing) attributes(r *connection.Resource) []complete.Attribute {
	if r == nil {
		return nil
	}
	found, err := e.Attributes(e.ctx, *r)
	if err != nil {
		e.err = errors.Join(e.err, err)
		return nil
	}
	return proposed(found.List)
}

func proposed(list []Attribute) []complete.Attribute {
	out := make([]complete.Attribute, len(list))
	for i := range list {
		out[i] = proposedOne(&list[i])
	}
	return out
}

func proposedOne(a *Attribute) complete.Attribute {
	out := complete.Attribute{Own: a.Own, From: a.From, Label: a.Name, Types: a.Types, Format: a.LikelyFormat(),
		Description: cmp.Or(a.Description, a.Title), Enum: a.Enum, Values: a.Values, Children: proposed(a.Children)}
	if a.Elements != nil {
		e := proposedOne(a.Elements)
		out.Elements = &e
	}
	return out
}

func (e *editing) values(r *connection.Resource, at rule.Address) (out []json.RawMessage) {
	if r == nil {
		return nil
	}
	found, err := e.ValuesOf(e.ctx, *r, at, "", maxProposedValues)
	if err != nil {
		e.err = errors.Join(e.err, err)
	}
	for _, v := range found.List {
		out = append(out, v.Value)
	}
	return out
}
