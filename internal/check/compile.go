package check

import (
	"context"
	"fmt"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

// compiled is what becomes of a test's text.
type compiled struct {
	logic rule.Logic
	// parsed is the test with its references to conditions.
	parsed       *rule.Test
	text, pinned []byte
	groups       []Group
	// basis is the revision of the named conditions.
	basis int64
}

func (c compiled) version(v Version) Version {
	v.Logic, v.Pinned, v.Basis = c.text, c.pinned, c.basis
	return v
}

// compile parses a test's logic, resolves its conditions and resources and
// proves that it compiles.
func (s *Service) compile(ctx context.Context, workspaceID int64, text []byte) (compiled, error) {
	conditions, revision, err := s.store.Conditions(ctx, workspaceID)
	if err != nil {
		return compiled{}, err
	}
	known, err := parseStored(conditions)
	if err != nil {
		return compiled{}, err
	}
	out, err := s.compileWith(ctx, workspaceID, known, text)
	out.basis = revision
	return out, err
}

func (s *Service) compileWith(ctx context.Context, workspaceID int64, known *rule.Conditions, text []byte) (out compiled, err error) {
	parsed, err := known.ParseTest(text)
	if err != nil {
		return out, err
	}
	pinned := rule.Test{Logic: parsed.Logic}
	groups := make([]Group, len(parsed.Groups))
	for i, g := range parsed.Groups {
		at := fmt.Sprintf("/groups/%d/resourceId", i)
		if g.ResourceID == 0 {
			return out, fault.New(fault.CodeValidation, "the group has no `resourceId` (%s): name the resource whose records it tests", at).At(at)
		}
		r, err := s.store.ResourceInWorkspace(ctx, workspaceID, g.ResourceID)
		if fault.KindOf(err) == fault.NotFound {
			return out, fault.New(fault.CodeValidation, "there is no resource %d in this workspace (%s)", g.ResourceID, at).At(at)
		}
		if err != nil {
			return out, err
		}
		g, asks, err := s.pin(ctx, workspaceID, g, fmt.Sprintf("/groups/%d", i))
		if err != nil {
			return out, err
		}
		if _, err := rule.Compile([]rule.Rule{rule.NewRule(&g)}); err != nil {
			return out, err
		}
		declared, err := declaredFacts(r.Schema, g.Facts())
		if err != nil {
			return out, err
		}
		pinned.Groups = append(pinned.Groups, g)
		groups[i] = Group{Position: i, Name: g.Name, Resource: r, State: Building, Declared: declared, Rule: g, Asks: asks}
	}
	out = compiled{logic: parsed.Logic, parsed: parsed, text: parsed.JSON(), pinned: pinned.JSON(), groups: groups}
	if _, err := rule.ParseTest(out.pinned); err != nil {
		return out, fault.New(fault.CodeInvalidRule, "with its named conditions written out the logic is too large: %s", err)
	}
	return out, nil
}

// pin resolves the resources that a group, which stands at a place of the
// logic, looks up.
func (s *Service) pin(ctx context.Context, workspaceID int64, g rule.Group, at string) (rule.Group, []Ask, error) {
	g, err := g.Pin(func(name string) (int64, error) {
		r, err := s.store.ResourceNamed(ctx, workspaceID, name)
		return r.ID, err
	})
	if fault.KindOf(err) == fault.NotFound {
		return g, nil, fault.New(fault.CodeValidation, "the group looks up what is not in this workspace (%s): %s", at, err).At(at)
	}
	if err != nil {
		return g, nil, err
	}
	var asks []Ask
	for _, l := range g.Lookups() {
		r, err := s.store.ResourceInWorkspace(ctx, workspaceID, l.ResourceID)
		if fault.KindOf(err) == fault.NotFound {
			return g, nil, fault.New(fault.CodeValidation, "the group looks up resource %d, which is not in this workspace (%s)", l.ResourceID, at).At(at)
		}
		if err != nil {
			return g, nil, err
		}
		declared, err := declaredFacts(r.Schema, l.Facts())
		if err != nil {
			return g, nil, err
		}
		asks = append(asks, Ask{Key: l.Key(), Resource: r, Declared: declared})
	}
	return g, asks, nil
}
