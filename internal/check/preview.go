package check

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
	"github.com/plumbline-dev/plumbline/rule"
)

// previewTime is how long a preview evaluates before it answers with a sample.
const previewTime = 1500 * time.Millisecond

// Trial is logic that is tried out.
type Trial struct {
	// Logic is the test of package rule as JSON text.
	Logic []byte
	// AsOf is the moment whose records are looked at, see [ParseMoment].
	AsOf string
	// Against, if not nil, is the text that it would take the place of.
	Against []byte
}

// Preview is what a test with some logic would say. It is written nowhere.
type Preview struct {
	// At is the moment whose records were looked at.
	At time.Time
	// Result and Reason are empty in a sample, which cannot tell them.
	Result rule.Verdict
	Reason string
	Counts Counts
	Groups []GroupPreview
	// Examples are the first failing records.
	Examples []Example
	Lint     []rule.Remark
	// Sample is there unless all records were evaluated.
	Sample *Sample
	// Difference is what would change, if the trial named a text to compare with.
	Difference *VerdictDifference
	// JobID names the job that evaluates all records after a sample. It is empty
	// when as many jobs run as may.
	JobID string
}

// GroupPreview is what one group would say.
type GroupPreview struct {
	Name         string
	ResourceID   int64
	ResourceName string
	Counts       Counts
	Result       rule.Verdict
	Reason       rule.Reason
}

// Sample says that only some records were evaluated, taken from everywhere.
type Sample struct {
	Records int64
	// Of is how many there are, 0 if that is not known, as for a past moment.
	Of int64
}

// tried is logic that is ready to be previewed.
type tried struct {
	made compiled
	lint []rule.Remark
	at   time.Time
}

// Preview evaluates logic over the records of now, or of a past moment. Where
// that takes longer than a moment it answers with a sample, and a job goes on,
// see [Service.PreviewJob].
func (s *Service) Preview(ctx context.Context, a event.Actor, workspaceID int64, t Trial) (Preview, error) {
	ready, err := s.try(ctx, workspaceID, t)
	if err != nil {
		return Preview{}, err
	}
	before, err := s.against(ctx, workspaceID, t)
	if err != nil {
		return Preview{}, err
	}
	free, err := s.previews.turn(ctx)
	if err != nil {
		return Preview{}, err
	}
	defer free()
	v, err := newSurvey(s.store, ready.made.groups, ready.at, s.now())
	if err != nil {
		return Preview{}, err
	}
	end := s.now().Add(previewTime)
	v.over = func() bool { return s.now().After(end) }
	out, err := ready.preview(ctx, v)
	if err == nil && before != nil {
		if out.Difference, err = s.judgeBoth(ctx, *before, ready.made); err != nil {
			return Preview{}, err
		}
	}
	if err == nil && out.Sample != nil {
		out.JobID = s.previews.start(a.Owner(), workspaceID, s.now(), func(ctx context.Context, read func(*survey)) (Preview, error) {
			v, err := newSurvey(s.store, ready.made.groups, ready.at, s.now())
			if err != nil {
				return Preview{}, err
			}
			v.readers = 1
			read(v)
			return ready.preview(ctx, v)
		})
	}
	return out, err
}

// against compiles the text to compare with, nil if there is none.
func (s *Service) against(ctx context.Context, workspaceID int64, t Trial) (*compiled, error) {
	if t.Against == nil {
		return nil, nil
	}
	if t.AsOf != "" {
		return nil, fault.New(fault.CodeValidation, "`against` (/against) compares over the records of now: leave out `asOf`").At("/against")
	}
	made, err := s.compile(ctx, workspaceID, t.Against)
	var invalid *rule.Error
	if errors.As(err, &invalid) || fault.KindOf(err) != fault.Internal && err != nil {
		return nil, fault.New(fault.CodeValidation, "`against` (/against) cannot be evaluated: %s", err).At("/against")
	}
	return &made, err
}

// try compiles logic and reads the moment at which it is to be tried.
func (s *Service) try(ctx context.Context, workspaceID int64, t Trial) (tried, error) {
	at, err := ParseMoment(t.AsOf, s.now())
	if err != nil {
		return tried{}, err
	}
	made, err := s.compile(ctx, workspaceID, t.Logic)
	if err != nil {
		return tried{}, err
	}
	for i := range made.groups {
		g := &made.groups[i]
		if err := existed(g.Resource, at); err != nil {
			return tried{}, err
		}
		for _, a := range g.Asks {
			if err := existed(a.Resource, at); err != nil {
				return tried{}, err
			}
		}
	}
	return tried{made, made.lint(t.Logic), at}, nil
}

// lint remarks on the groups with the schemas of their resources. The pointers
// are into the text as it was sent.
func (c compiled) lint(text []byte) []rule.Remark {
	out := []rule.Remark{}
	for i := range c.groups {
		for _, r := range c.parsed.Groups[i].Lint(c.groups[i].Resource.Schema) {
			r.Pointer = sentPointer(text, i, r.Pointer)
			out = append(out, r)
		}
	}
	return out
}

// sentPointer is a pointer into the canonical text of a group as one into the
// text that was sent, in which a filter may be a bare evaluator.
func sentPointer(text []byte, group int, pointer string) string {
	at := "/groups/" + strconv.Itoa(group)
	rest, inFilter := strings.CutPrefix(pointer, "/filteringCriteria/evaluator")
	if !inFilter {
		return at + pointer
	}
	list, _ := strictjson.Member(text, "groups")
	n := 0
	if len(list) > 0 && list[0] == '[' {
		strictjson.Elements(list, func(g []byte) bool {
			if n++; n <= group {
				return true
			}
			filter, ok := strictjson.Member(g, "filteringCriteria")
			if _, whole := strictjson.Member(filter, "evaluator"); ok && !whole {
				pointer = "/filteringCriteria" + rest
			}
			return false
		})
	}
	return at + pointer
}

// preview runs a survey and says what it found.
func (t tried) preview(ctx context.Context, v *survey) (Preview, error) {
	out := Preview{At: v.now, Lint: t.lint, Examples: []Example{}}
	if err := v.run(ctx, func(r Reader) (err error) {
		out.Examples, err = v.examples(r)
		return err
	}); err != nil {
		return out, err
	}
	found := Test{Groups: v.groups}
	out.Counts = found.Totals()
	for i := range v.groups {
		g := &v.groups[i]
		p := GroupPreview{Name: g.Name, ResourceID: g.Resource.ID, ResourceName: g.Resource.Name, Counts: g.Told()}
		if !v.cut {
			p.Result, p.Reason = g.assess()
		}
		out.Groups = append(out.Groups, p)
	}
	if v.cut {
		out.Sample = &Sample{Records: v.read.Load(), Of: v.of.Load()}
		if !v.at.IsZero() {
			out.Sample.Of = 0
		}
		return out, nil
	}
	st := settle(found, t.made.logic)
	out.Result, out.Reason = st.Result, string(st.Reason)
	if v.at.IsZero() {
		found.Result, found.Reason = st.Result, st.Reason
		out.Result, out.Reason = found.Current(v.now)
	}
	return out, nil
}
