package check

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/rule"
)

// untested is a store in which no resource has tests.
type untested struct{ Store }

func (untested) Evaluation(context.Context, int64) (Evaluation, error) { return Evaluation{}, nil }

// Compiled groups are kept while they are in use, and of so many resources only.
func TestProgramsAreBounded(t *testing.T) {
	parsed, err := rule.ParseTest([]byte(`{"groups":[{"resourceId":1,"evaluator":{"all":[{"fact":"n","operator":"equal","value":1}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvaluator(untested{}, Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	compile := func(id int64) *rule.Program {
		t.Helper()
		p, err := e.program(Evaluation{ResourceID: id, Resource: connection.Resource{Schema: []byte(`{"properties":{"n":{"type":"number"}}}`), SchemaVersion: 1},
			Groups: []Group{{ID: id, Rule: parsed.Groups[0]}}})
		if err != nil {
			t.Fatal(err)
		}
		return p.rules
	}
	first := compile(1)
	if compile(1) != first {
		t.Error("the same groups are compiled twice")
	}
	if more, err := e.Step(t.Context(), 1); more || err != nil || len(e.programs) != 0 {
		t.Errorf("%d programs are kept of a resource without tests (%t, %v)", len(e.programs), more, err)
	}
	for id := int64(1); id < 3*maxPrograms; id++ {
		compile(id)
		if len(e.programs) > maxPrograms {
			t.Fatalf("%d programs are kept", len(e.programs))
		}
	}
}
