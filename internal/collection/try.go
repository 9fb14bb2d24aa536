package collection

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/plumbline-dev/plumbline/internal/collect"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/record"
)

const (
	// tried is how many records a try shows.
	tried = 20
	// tryTime is how long a try may take.
	tryTime = 30 * time.Second
	// triesAtOnce is how many tries go on in a process.
	triesAtOnce = 4
)

// Trial is what came of trying a recipe. Nothing of it is stored.
type Trial struct {
	// Steps are those that the recipe came to, in their order.
	Steps []syncrun.Step
	// Records are the first that it gave, as they would be stored.
	Records []record.Item
	// More: it would have given more.
	More bool
}

var errEnough = errors.New("enough records were seen")

// Try runs a recipe until it has given some records. ch is laid over what is
// stored, if anything is, and not stored itself.
func (s *Service) Try(ctx context.Context, t Target, ch Change) (Trial, error) {
	if _, err := s.Connections.Resource(ctx, t.ConnectionID, t.ResourceID); err != nil {
		return Trial{}, err
	}
	c, err := s.store.Collection(ctx, t)
	switch {
	case fault.CodeOf(err) == fault.CodeNotFound && ch.Recipe != nil:
		c = Collection{ConnectionID: t.ConnectionID, ResourceID: t.ResourceID, Inputs: map[string]string{}, SecretsAt: map[string]time.Time{}}
	case err != nil:
		return Trial{}, err
	}
	secrets, err := c.secrets(s.Sealer)
	if err != nil && needsSecrets(ch, &c) {
		return Trial{}, fault.Wrap(err, fault.CodeUnprocessable, "the secrets of this collection cannot be read, because the server's key file is another one: give all of them anew (/inputs)")
	}
	if _, err := ch.apply(&c, secrets, s.Now()); err != nil {
		return Trial{}, err
	}
	if err := s.runnable(&c, secrets); err != nil {
		return Trial{}, err
	}
	recipe, err := parse(c.Recipe)
	if err != nil {
		return Trial{}, err
	}
	select {
	case s.tries <- struct{}{}:
		defer func() { <-s.tries }()
	default:
		return Trial{}, fault.New(fault.CodeTooManyRequests, "%d recipes are being tried on this server already: try again in a minute", triesAtOnce)
	}
	return s.try(ctx, t, recipe, values(recipe, c.Inputs, secrets))
}

func (s *Service) try(ctx context.Context, t Target, recipe *collect.Recipe, inputs map[string]string) (Trial, error) {
	limited, cancel := context.WithTimeout(ctx, s.TryTime)
	defer cancel()
	var mu sync.Mutex
	var order []string
	steps := map[string]collect.Step{}
	var records [][]byte
	more := false
	begun := s.Now()
	err := recipe.Collect(limited, collect.Run{Inputs: inputs, Outbound: s.Outbound, Now: begun, Local: s.Local, Clock: s.Now, Sleep: s.Sleep,
		Limits: collect.Limits{Time: s.TryTime},
		Emit: func(body []byte) error {
			if len(records) == tried {
				more = true
				return errEnough
			}
			records = append(records, slices.Clone(body))
			return nil
		},
		Step: func(st collect.Step) {
			mu.Lock()
			defer mu.Unlock()
			if _, seen := steps[st.Name]; !seen {
				order = append(order, st.Name)
			}
			st.Counts = maps.Clone(st.Counts)
			steps[st.Name] = st
		}})
	if err := ctx.Err(); err != nil {
		return Trial{}, err
	}
	mu.Lock()
	defer mu.Unlock()
	out := Trial{More: more}
	now := s.Now()
	for _, name := range order {
		st := steps[name]
		switch {
		case more && (st.EndedAt.IsZero() || st.Err != nil):
			// It was we who ended it.
			st.EndedAt, st.Err = now, nil
		case st.EndedAt.IsZero():
			st.EndedAt = now
		}
		if err != nil && st.Err != nil && limited.Err() != nil {
			st.Err = &collect.StepError{Code: "TIMEOUT", Message: fmt.Sprintf("It took longer than %g seconds, which is all that a try may take. A run may take longer.", s.TryTime.Seconds())}
		}
		out.Steps = append(out.Steps, stepOf(st))
	}
	if err != nil && !more && !slices.ContainsFunc(out.Steps, func(st syncrun.Step) bool { return st.Status == syncrun.StepFailed }) {
		return Trial{}, err
	}
	if len(records) == 0 {
		return out, nil
	}
	items, err := s.Records.Verdicts(ctx, t, records)
	out.Records = items
	return out, err
}

// Finding is something about a recipe that keeps it from being used.
type Finding struct {
	// Line and Column count from 1, 0 where there is none.
	Line, Column int
	// Pointer is the JSON pointer of the part, empty for the whole.
	Pointer string
	Message string
}

// Checked is what a recipe says of itself, or why it cannot be used.
type Checked struct {
	Collector string
	Inputs    []RecipeInput
	Findings  []Finding
	// Refused says why this server does not run it, empty if it does.
	Refused string
}

// Check reads a recipe.
func (s *Service) Check(text string) (Checked, error) {
	if len(text) > maxRecipe {
		return Checked{}, fault.New(fault.CodeValidation, "`recipe` (/recipe) may have at most %d bytes", maxRecipe).At("/recipe")
	}
	r, err := collect.Parse([]byte(text))
	if err != nil {
		return Checked{Findings: findings(err)}, nil
	}
	out := Checked{Collector: r.Collector(), Inputs: r.Inputs()}
	if err := s.allowed(r); err != nil {
		out.Refused = sentence(err)
	}
	return out, nil
}

func findings(err error) []Finding {
	var f *collect.Fault
	if !errors.As(err, &f) {
		return []Finding{{Message: sentence(err)}}
	}
	text := f.Message
	if f.Suggestion != "" {
		text += "; did you mean `" + f.Suggestion + "`?"
	}
	return []Finding{{Line: f.Line, Column: f.Column, Pointer: f.Pointer, Message: text}}
}
