package code

import (
	"context"
	"errors"
	"fmt"

	"github.com/plumbline-dev/plumbline/client"
)

// verdicts are what would change in what a test says.
type verdicts struct {
	// From is nil for a test that says nothing yet, To where it cannot be told.
	From *verdict `json:"from,omitempty"`
	To   *verdict `json:"to,omitempty"`
	// Moves are the records of which it would say something else.
	Moves []move `json:"moves,omitempty"`
	// Failing are the first records that a new test would fail.
	Failing []example `json:"failing,omitempty"`
	// Remarks are on logic that hardly says what was meant.
	Remarks []string `json:"remarks,omitempty"`
	// Sample is there when not all records were evaluated.
	Sample *sample `json:"sample,omitempty"`
	// Unknown is why the verdicts cannot be told.
	Unknown string `json:"unknown,omitempty"`
}

type verdict struct {
	// Result is empty in a sample.
	Result  string `json:"result,omitempty"`
	Reason  string `json:"reason,omitempty"`
	InScope int64  `json:"inScope"`
	Passing int64  `json:"passing"`
	Failing int64  `json:"failing"`
	Errors  int64  `json:"errors"`
	// Satisfying is there where a number of records is asserted.
	Satisfying *int64 `json:"satisfying,omitempty"`
}

type move struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Records int64  `json:"records"`
	// Examples are the first of them.
	Examples []example `json:"examples"`
}

type example struct {
	RecordID string   `json:"recordId"`
	Name     string   `json:"name"`
	Cause    []string `json:"cause,omitempty"`
}

type sample struct {
	Records int64  `json:"records"`
	Of      *int64 `json:"of,omitempty"`
}

func verdictOf(c client.Counts, result, reason *string) *verdict {
	return &verdict{Result: deref(result), Reason: deref(reason), InScope: c.InScope, Passing: c.Passing, Failing: c.Failing, Errors: c.Errors, Satisfying: c.Satisfying}
}

func sampleOf(s *client.Sample) *sample {
	if s == nil {
		return nil
	}
	return &sample{s.Records, s.Of}
}

func examplesOf(list []client.Tried) []example {
	out := make([]example, len(list))
	for i, e := range list {
		out[i] = example{e.RecordID, e.ResourceName, e.Words}
	}
	return out
}

// foresee asks what the changed tests would say of the records, and what changed
// schemas. Nothing is written.
func (p *plan) foresee(ctx context.Context) error {
	for _, c := range p.Changes {
		var err error
		switch {
		case c.Kind == testKind && c.after != nil:
			c.Verdicts, err = p.verdicts(ctx, c)
		case c.Kind == connectionKind && c.have != nil && c.want != nil && !same(c.have.get("schema"), c.want.get("schema")):
			err = p.trySchema(ctx, c)
		}
		if err != nil {
			return fmt.Errorf("%s `%s`: %w", c.Kind, c.Name, err)
		}
	}
	return nil
}

// verdicts tells what would change in what a test says, nil if nothing can.
func (p *plan) verdicts(ctx context.Context, c *change) (*verdicts, error) {
	if c.want != nil && !c.want.flag("enabled") || c.want == nil && !c.have.flag("enabled") {
		return nil, nil
	}
	after, unborn, err := p.then.pinned(c.after)
	if err != nil {
		return nil, err
	}
	if unborn {
		return &verdicts{Unknown: "it looks at a resource that is yet to be created, which has no records"}, nil
	}
	var before []byte
	if c.before != nil && c.have.flag("enabled") {
		if before, _, err = p.now.pinned(c.before); err != nil {
			before = nil
		}
	}
	if string(before) == string(after) {
		return nil, nil
	}
	got, err := p.preview(ctx, after, before)
	var refused *client.Error
	if client.IsCode(err, client.CodeForbidden) && errors.As(err, &refused) {
		return &verdicts{Unknown: refused.Message}, nil
	}
	if err != nil {
		return nil, err
	}
	out := &verdicts{To: &verdict{Result: deref(got.Result), Reason: deref(got.Reason), InScope: got.InScope, Passing: got.Passing, Failing: got.Failing, Errors: got.Errors, Satisfying: got.Satisfying}, Sample: sampleOf(got.Sample)}
	if c.have != nil && len(c.have.held.exclusions) > 0 {
		out.Remarks = append(out.Remarks, fmt.Sprintf("%d exclusions of the test are left aside in these counts", len(c.have.held.exclusions)))
	}
	for _, r := range got.Lint {
		out.Remarks = append(out.Remarks, fmt.Sprintf("%s (%s)", r.Message, r.Pointer))
	}
	d := got.Difference
	if d == nil {
		out.Failing = examplesOf(got.Examples)
		return out, nil
	}
	out.From, out.To = verdictOf(d.From.Counts, d.From.Result, d.From.Reason), verdictOf(d.To.Counts, d.To.Result, d.To.Reason)
	out.Sample = sampleOf(d.Sample)
	for _, m := range d.Moves {
		out.Moves = append(out.Moves, move{m.From, m.To, m.Records, examplesOf(m.Examples)})
	}
	return out, nil
}

// preview asks for the verdicts, with the difference from what is in force if there
// is any that can be evaluated.
func (p *plan) preview(ctx context.Context, after, before []byte) (client.Preview, error) {
	if before != nil {
		got, err := p.workspace.c.PreviewAgainst(ctx, p.workspace.id, after, before)
		if !client.IsCode(err, codeValidation) {
			return got, err
		}
	}
	return p.workspace.c.Preview(ctx, p.workspace.id, after, "")
}

// codeValidation is the server's refusal of a part of a request.
const codeValidation = 40001

// trySchema tells how many stored records would not satisfy a new schema.
func (p *plan) trySchema(ctx context.Context, c *change) error {
	got, err := p.workspace.c.PutSchemaWith(ctx, c.have.held.target, c.want.get("schema").JSON(), c.want.text("displayNameKey"), true)
	var refused *client.Error
	if client.IsCode(err, client.CodeForbidden) && errors.As(err, &refused) {
		c.Notes = append(c.Notes, "how many records would not satisfy the schema is not known: "+refused.Message)
		return nil
	}
	if err != nil {
		return err
	}
	if got.Invalid == 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("all %d stored records satisfy the schema", got.Records))
		return nil
	}
	c.Notes = append(c.Notes, fmt.Sprintf("%d of %d stored records do not satisfy the schema; they stay as they are", got.Invalid, got.Records))
	for _, e := range got.Examples {
		c.Notes = append(c.Notes, fmt.Sprintf("record %s: %s", e.RecordID, e.Message))
	}
	return nil
}
