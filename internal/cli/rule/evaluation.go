package rule

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/records"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
	engine "github.com/plumbline-dev/plumbline/rule"
)

// evaluation is one run of a rule over records.
type evaluation struct {
	env     command.Env
	logic   *logic
	machine *engine.Machine
	now     time.Time
	groups  []*tally
	// waits is whether results are held until the last record is known.
	waits bool
	held  []*result

	json    bool
	hurry   bool
	out     *bufio.Writer
	paint   command.Paint
	width   int
	refused int
}

// tally is what became of the records under one group.
type tally struct {
	group  *engine.Group
	name   string
	unique bool
	counts engine.Counts
	shared map[string]int // how many records have a value that must be unique
}

// result is what a group says of a record.
type result struct {
	Key     string         `json:"key"`
	Group   string         `json:"group,omitempty"`
	InScope bool           `json:"inScope"`
	Pass    bool           `json:"pass"`
	Cause   []engine.Cause `json:"cause"`
	Outcome engine.Outcome `json:"outcome"`
	Words   []string       `json:"words"`
	// Counterfactual says what would make a failing record pass.
	Counterfactual string `json:"counterfactual,omitempty"`
	Line           int    `json:"line"`

	tally *tally
	// unique is the value that no other record may have.
	unique string
	// nameless is whether the key is only the line.
	nameless bool
}

func newEvaluation(ctx context.Context, env command.Env, l *logic, resources []string, now time.Time) (*evaluation, error) {
	e := &evaluation{env: env, logic: l, now: now, width: 8}
	rules := make([]engine.Rule, len(l.test.Groups))
	for i := range l.test.Groups {
		g := &l.test.Groups[i]
		rules[i] = engine.NewRule(g)
		t := &tally{group: g, unique: g.Assertion.Kind == engine.Unique, shared: map[string]int{}}
		if !l.bare {
			if t.name = g.Name; t.name == "" {
				t.name = fmt.Sprintf("group %d", i+1)
			}
		}
		e.groups = append(e.groups, t)
		e.waits = e.waits || t.unique
	}
	p, err := engine.Compile(rules)
	if err != nil {
		return nil, err
	}
	e.machine = p.Machine()
	return e, answers(ctx, e.machine, p.Lookups(), resources, now)
}

// keyOf is the key by which the server would know a record, if it has one.
func keyOf(record []byte) (key string, ok bool, err error) {
	value, ok := strictjson.Member(record[strictjson.SkipSpace(record, 0):], "id")
	if !ok {
		return "", false, nil
	}
	if key, isText := strictjson.Text(value); isText && key != "" {
		return key, true, nil
	} else if isText {
		return "", true, errors.New("the record's `id` (/id) is empty")
	}
	if c := value[0]; (c == '-' || c >= '0' && c <= '9') && !bytes.ContainsAny(value, ".eE") {
		return string(value), true, nil
	}
	return "", true, errors.New("the record's `id` (/id) must be a string or an integer")
}

func (e *evaluation) refuse(line int, err error) {
	e.refused++
	if e.refused <= maxRefused {
		_, _ = fmt.Fprintf(e.env.Err, "plumbline: line %d: %s\n", line, command.Plain(err.Error()))
	}
}

// record evaluates one record.
func (e *evaluation) record(entry records.Entry) error {
	key, named, err := keyOf(entry.Text)
	if err != nil {
		e.refuse(entry.Line, err)
		return nil
	}
	if !named {
		key = strconv.Itoa(entry.Line)
	}
	e.machine.Run(entry.Text, e.now)
	for i, t := range e.groups {
		r := &result{Key: key, Group: t.name, Line: entry.Line, Cause: []engine.Cause{}, Words: []string{}, tally: t, nameless: !named}
		r.Outcome = e.machine.Outcome(i)
		if t.unique {
			if v, ok := e.machine.Unique(i); ok {
				r.unique = string(v)
				t.shared[r.unique]++
			}
		}
		if r.Outcome != engine.Pass {
			x := e.machine.Explain(i, entry.Text, e.now)
			r.Cause, r.Words, r.Counterfactual = x.Leaves(), x.Words, x.Counterfactual
		}
		if e.waits {
			e.held = append(e.held, r)
			continue
		}
		if err := e.tell(r); err != nil {
			return err
		}
	}
	return nil
}

// tell counts a result and writes it.
func (e *evaluation) tell(r *result) error {
	c := &r.tally.counts
	c.Records++
	switch r.Outcome {
	case engine.OutOfScope:
		c.Excluded++
	case engine.Pass:
		c.Passing++
	case engine.Fail:
		c.Failing++
	default:
		c.Errors++
	}
	c.InScope = c.Passing + c.Failing + c.Errors
	r.InScope, r.Pass = r.Outcome != engine.OutOfScope, r.Outcome == engine.Pass
	if err := e.write(r); err != nil || !e.hurry {
		return err
	}
	return e.out.Flush()
}

func (e *evaluation) write(r *result) error {
	if !e.json {
		return e.line(r)
	}
	j := json.NewEncoder(e.out)
	j.SetEscapeHTML(false)
	return j.Encode(r)
}

// finish tells what was held, now that it is known which values are shared, and
// the result.
func (e *evaluation) finish() error {
	for _, r := range e.held {
		if n := r.tally.shared[r.unique]; r.unique != "" && n > 1 {
			path := r.tally.group.Assertion.Path
			r.Outcome = engine.Fail
			r.Cause = []engine.Cause{{Fact: path, Operator: "unique", Actual: json.RawMessage(r.unique), Reason: "shared with another record"}}
			others := "another record has too"
			if n > 2 {
				others = fmt.Sprintf("%d other records have too", n-1)
			}
			r.Words = []string{fmt.Sprintf("`%s` is %s, which %s", path, r.unique, others)}
		}
		if err := e.tell(r); err != nil {
			return err
		}
	}
	if e.json {
		return nil
	}
	return e.summary()
}

// verdict is the result of each group and of the whole.
func (e *evaluation) verdict() (all []engine.GroupVerdict, whole engine.GroupVerdict) {
	for _, t := range e.groups {
		v, reason := t.group.Assertion.Assess(t.counts, t.group.OnEmpty)
		all = append(all, engine.GroupVerdict{Verdict: v, Reason: reason})
	}
	whole.Verdict, whole.Reason = engine.Combine(e.logic.test.Logic, all)
	return all, whole
}

// gate is the exit code that --fail-on asks for.
func (e *evaluation) gate(failOn string) error {
	_, whole := e.verdict()
	if whole.Verdict == engine.VerdictPassed || failOn == "" || failOn == "failed" && whole.Verdict != engine.VerdictFailed {
		return nil
	}
	return &command.Failure{Code: command.ExitTestsFailed, Err: fmt.Errorf("the result is %s", verdictWords(whole))}
}

func verdictWords(v engine.GroupVerdict) string {
	if v.Reason == engine.ReasonNone {
		return string(v.Verdict)
	}
	return string(v.Verdict) + " (" + string(v.Reason) + ")"
}
