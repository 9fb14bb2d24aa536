package identities

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/records"
)

// pushed is what became of one identity.
type pushed struct {
	Line int `json:"line"`
	// Outcome is CREATED, UPDATED, UNCHANGED or REFUSED.
	Outcome string `json:"outcome"`
	// Identity is there when something of it is new.
	Identity *client.Identity `json:"identity,omitempty"`
	Error    string           `json:"error,omitempty"`
}

// counts are how many identities became what.
type counts struct{ created, updated, unchanged, refused int }

func push(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "push CONNECTION FILE|-",
		Short: "Send identities from a file to an HRIS connection",
		Long: `Send identities from a file, or with - from standard input, to an HRIS
connection: a JSON array of objects, or NDJSON. They go in batches of up to
1,000, and each is judged by itself: one that is refused does not hold up the
others, and makes the exit code 1.

What an identity leaves out stays as it is, null clears it. separatedAt is
written once: clear it before another one is sent.`,
		Example: `  plumbline identities push 7 people.ndjson && plumbline personnel sync
  export-people | plumbline identities push 7 - --output ndjson | jq 'select(.outcome == "REFUSED")'`,
		Args: cobra.ExactArgs(2),
	}
	s, out := command.AddServer(cmd), command.AddListOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := connection(args[0])
		if err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		p := &pushing{c: c, connection: id}
		results := p.results(cmd.Context(), records.OfFile(cmd.Context(), env, args[1]))
		if out.Text() {
			err = p.told(env, results)
		} else {
			err = command.List(env, out, results)
		}
		if err == nil && p.refused > 0 {
			err = fmt.Errorf("%s refused; all others were taken", command.Plural(p.refused, "identity was", "identities were"))
		}
		return err
	}
	return cmd
}

// pushing sends identities.
type pushing struct {
	counts

	c          *client.Client
	connection int64
	// batch are the next ones of the input, and size is theirs in bytes.
	batch []records.Entry
	size  int
}

// results sends what comes, and tells what became of each, in the order of the
// input. What came before a fault of the input counts.
func (p *pushing) results(ctx context.Context, entries iter.Seq2[records.Entry, error]) iter.Seq2[pushed, error] {
	return func(yield func(pushed, error) bool) {
		for e, err := range entries {
			if err != nil {
				if p.flush(ctx, yield) {
					yield(pushed{}, err)
				}
				return
			}
			if len(p.batch) == client.MaxIdentities || p.size+len(e.Text) > client.BatchBytes {
				if !p.flush(ctx, yield) {
					return
				}
			}
			p.batch, p.size = append(p.batch, e), p.size+len(e.Text)+1
		}
		p.flush(ctx, yield)
	}
}

// flush sends the batch, without what is no identity at all. It reports whether
// there may be another one.
func (p *pushing) flush(ctx context.Context, yield func(pushed, error) bool) bool {
	batch := p.batch
	p.batch, p.size = nil, 0
	var sent []json.RawMessage
	for _, e := range batch {
		if e.Err == nil {
			sent = append(sent, e.Text)
		}
	}
	var answers []client.IdentityResult
	if len(sent) > 0 {
		var err error
		answers, err = p.c.PutIdentities(ctx, p.connection, sent)
		if err == nil && len(answers) != len(sent) {
			err = fmt.Errorf("the server answered %d of %d identities: is the URL that of Plumbline?", len(answers), len(sent))
		}
		if err != nil {
			yield(pushed{}, err)
			return false
		}
	}
	for _, e := range batch {
		r := pushed{Line: e.Line, Outcome: "REFUSED"}
		if e.Err == nil {
			r.answered(answers[0])
			answers = answers[1:]
		} else {
			r.Error = e.Err.Error()
		}
		p.count(r.Outcome)
		if !yield(r, nil) {
			return false
		}
	}
	return true
}

func (r *pushed) answered(a client.IdentityResult) {
	r.Identity = a.Data
	switch {
	case a.Error != nil:
		r.Error = a.Error.Message
	case a.StatusCode == http.StatusCreated:
		r.Outcome = "CREATED"
	case a.Data == nil:
		r.Outcome = "UNCHANGED"
	default:
		r.Outcome = "UPDATED"
	}
}

func (n *counts) count(outcome string) {
	switch outcome {
	case "CREATED":
		n.created++
	case "UPDATED":
		n.updated++
	case "UNCHANGED":
		n.unchanged++
	default:
		n.refused++
	}
}

// told writes the results for people: those that are refused as they come, and
// how many there were of each.
func (p *pushing) told(env command.Env, results iter.Seq2[pushed, error]) error {
	for r, err := range results {
		if err == nil && r.Error != "" {
			_, err = fmt.Fprintf(env.Err, "line %d: %s\n", r.Line, command.OneLine(r.Error))
		}
		if err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(env.Out, "created %d, updated %d, unchanged %d, refused %d\n", p.created, p.updated, p.unchanged, p.refused)
	return err
}
