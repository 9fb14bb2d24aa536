package syncrun

import (
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/event"
)

// Facts are what is kept of a run. Its steps follow from them.
type Facts struct {
	Run Run
	// Pushes is how many requests brought records, Received how many records these
	// had, Rejected how many of them were refused; Refused are the first of these.
	Pushes, Received, Rejected int64
	Refused                    []RefusedRecord
	// Created, Updated and Unchanged are what direct pushes did.
	Created, Updated, Unchanged int64
	// ReceivedAt is when the last request came.
	ReceivedAt time.Time
	// Told are the steps that were told one by one.
	Told []Step
	// Seq is the number of the run's last change of the resource, 0: none.
	Seq int64
	// Evaluation is how far the resource is evaluated.
	Evaluation Evaluation
}

// Evaluation says whether the tests have seen a run's change.
type Evaluation struct {
	// Tests: some test looks at the resource.
	Tests bool
	// Done: the evaluator has covered the change, at At if that is known. It is not
	// where a later change was covered before anybody looked.
	Done bool
	At   time.Time
}

// Accepted is how many records were not refused.
func (f Facts) Accepted() int64 { return f.Received - f.Rejected }

// own are the steps of the record path by what began the run. A push has neither
// AUTHENTICATE nor FETCH of ours, so it shows none.
var own = map[Trigger][]Name{
	Push:       {Validate, Compare, Complete, Evaluate},
	Session:    {Validate, Stage, Compare, Complete, Evaluate},
	Collection: Names,
}

// Steps are the steps of the run, in their order.
func (f Facts) Steps() []Step {
	var out []Step
	for _, name := range own[f.Run.Trigger] {
		out = append(out, f.step(name))
	}
	return out
}

func (f Facts) step(name Name) Step {
	if i := slices.IndexFunc(f.Told, func(s Step) bool { return s.Name == name }); i >= 0 {
		return f.Told[i]
	}
	switch {
	case name == Evaluate:
		return f.evaluate()
	case f.Pushes == 0:
		return f.untold(name)
	case name == Validate:
		return f.validate()
	case f.Accepted() == 0:
		return f.untold(name)
	case name == Stage:
		return f.over(Step{Name: Stage, Counts: map[string]int64{"requests": f.Pushes, "records": f.Accepted()}})
	case f.Run.Trigger == Push && name == Compare:
		return f.over(Step{Name: Compare, Counts: map[string]int64{"created": f.Created, "updated": f.Updated, "unchanged": f.Unchanged}})
	case f.Run.Trigger == Push:
		return f.over(Step{Name: name, Counts: map[string]int64{"records": f.Created + f.Updated}})
	}
	return f.untold(name)
}

func (f Facts) told(name Name) bool {
	return slices.ContainsFunc(f.Told, func(s Step) bool { return s.Name == name })
}

// untold is a step that did not happen, or not yet.
func (f Facts) untold(name Name) Step {
	if f.Run.Status == Running {
		return Step{Name: name, Status: StepPending}
	}
	return Step{Name: name, Status: StepSkipped}
}

// over gives a step that goes on with every request its times and its status.
func (f Facts) over(s Step) Step {
	s.StartedAt, s.EndedAt, s.Status = f.Run.StartedAt, f.ReceivedAt, StepCompleted
	if f.Run.Trigger == Collection {
		// The run began with what the collector does first.
		if i := slices.IndexFunc(f.Told, func(t Step) bool { return t.Name == Parse || t.Name == Fetch }); i >= 0 {
			s.StartedAt = f.Told[i].StartedAt
		}
	}
	if f.Run.Status == Running && !f.told(Compare) {
		s.Status, s.EndedAt = StepRunning, time.Time{}
	}
	return s
}

func (f Facts) validate() Step {
	s := f.over(Step{Name: Validate, Counts: map[string]int64{"requests": f.Pushes, "received": f.Received, "accepted": f.Accepted(), "rejected": f.Rejected}})
	if f.Rejected > 0 {
		s.Status, s.EndedAt = StepFailed, f.ReceivedAt
		s.Error = f.refusal()
	}
	return s
}

func (f Facts) refusal() *Error {
	e := &Error{Code: CodeSchema, Records: f.Refused,
		Message: fmt.Sprintf("%d of %s refused; the others were taken.", f.Rejected, records(f.Received))}
	if f.Accepted() == 0 {
		e.Message = fmt.Sprintf("All %s refused.", records(f.Received))
	}
	if f.Received == 1 {
		e.Message = "The record was refused."
	}
	return e
}

func records(n int64) string {
	if n == 1 {
		return "1 record was"
	}
	return fmt.Sprintf("%d records were", n)
}

func (f Facts) evaluate() Step {
	s := Step{Name: Evaluate}
	switch at := f.Evaluation.At; {
	case f.Seq == 0:
		return f.untold(Evaluate)
	case f.Evaluation.Done:
		s.Status, s.StartedAt, s.EndedAt = StepCompleted, f.Run.EndedAt, at
		if !at.IsZero() && at.Before(s.StartedAt) {
			s.EndedAt = s.StartedAt
		}
	case !f.Evaluation.Tests:
		s.Status = StepSkipped
	default:
		s.Status, s.StartedAt = StepRunning, f.Run.EndedAt
	}
	return s
}

// Failure is the last step that failed, nil if none did.
func (f Facts) Failure() *Step {
	steps := f.Steps()
	for i := range slices.Backward(steps) {
		if steps[i].Status == StepFailed {
			return &steps[i]
		}
	}
	return nil
}

// Ended is the status that a run has when it ends by itself.
func (f Facts) Ended() Status {
	if f.Failure() != nil {
		return Failed
	}
	return Completed
}

// Tell replaces the step of that name among those that were told.
func (f *Facts) Tell(s Step) {
	f.Told = slices.DeleteFunc(f.Told, func(t Step) bool { return t.Name == s.Name })
	f.Told = append(f.Told, s)
}

// Lose notes that nothing more will be heard of a collection: the step that went on,
// or else the next one, failed.
func (f *Facts) Lose(at time.Time) {
	lost := Step{Name: Complete, StartedAt: at}
	for _, s := range f.Told {
		if s.Status == StepRunning {
			lost = s
		}
	}
	lost.Status, lost.EndedAt = StepFailed, at
	lost.Error = &Error{Code: CodeCanceled, Message: "The server stopped in the midst of it; nothing was changed."}
	f.Tell(lost)
}

// Intake is what one request brings to a run.
type Intake struct {
	Actor event.Actor
	// At is when the request came.
	At time.Time
	// Received is how many records it had, Rejected how many were refused; Refused
	// are the first of these, their positions within the request.
	Received, Rejected int64
	Refused            []RefusedRecord
}

// Take adds a request to a run.
func (f *Facts) Take(in Intake, at time.Time) {
	for i := range in.Refused[:min(len(in.Refused), MaxRefused-len(f.Refused))] {
		r := in.Refused[i]
		r.Position += f.Received
		f.Refused = append(f.Refused, r)
	}
	f.Pushes++
	f.Received += in.Received
	f.Rejected += in.Rejected
	f.ReceivedAt = at
}
