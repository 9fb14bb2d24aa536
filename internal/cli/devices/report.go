package devices

import (
	"context"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
	"github.com/plumbline-dev/plumbline/internal/cli/records"
)

// reported is what became of one report.
type reported struct {
	Line int `json:"line"`
	// Device is there when it was taken, Error when it was refused.
	Device *client.Device `json:"device,omitempty"`
	Error  string         `json:"error,omitempty"`
}

func report(env command.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report CONNECTION FILE|-",
		Short: "Report devices from a file to an MDM connection",
		Long: `Report devices from a file, or with - from standard input, to an MDM connection:
one JSON object, an array of them, or NDJSON. A device is recognised by
serialNumber, macAddress or externalId; what a report leaves out is not known any
more. A report that is refused does not hold up the others, and makes the exit
code 1. The agent reports the machine that it runs on: plumbline agent.`,
		Example: `  plumbline devices report 9 laptops.ndjson
  plumbline agent show --for email:ada@example.com --output json | plumbline devices report 9 -`,
		Args: cobra.ExactArgs(2),
	}
	s, out := command.AddServer(cmd), command.AddListOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		connection, err := command.ID(args[0], "a connection", "connections list --provider-type mdm")
		if err != nil {
			return err
		}
		c, err := s.Client(env)
		if err != nil {
			return err
		}
		refused := 0
		results := send(cmd.Context(), c, connection, records.OfFile(cmd.Context(), env, args[1]), &refused)
		if out.Text() {
			err = told(env, results, args[1])
		} else {
			err = command.List(env, out, results)
		}
		if err == nil && refused > 0 {
			err = fmt.Errorf("%s refused; all others were taken", command.Plural(refused, "report was", "reports were"))
		}
		return err
	}
	return cmd
}

// send sends each report and counts those that are refused.
func send(ctx context.Context, c *client.Client, connection int64, entries iter.Seq2[records.Entry, error], refused *int) iter.Seq2[reported, error] {
	return func(yield func(reported, error) bool) {
		for e, err := range entries {
			r := reported{Line: e.Line}
			if err == nil && e.Err == nil {
				var d client.Device
				if d, err = c.ReportDevice(ctx, connection, e.Text); err == nil {
					r.Device = &d
				} else if command.OfItem(err) {
					e.Err, err = err, nil
				}
			}
			if e.Err != nil {
				*refused++
				r.Error = e.Err.Error()
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// told writes each result for people as it comes; file is where the reports stand.
func told(env command.Env, results iter.Seq2[reported, error], file string) error {
	paint, none := command.NewPaint(env, env.Out), true
	for r, err := range results {
		none = false
		switch {
		case err != nil:
		case r.Device == nil:
			_, err = fmt.Fprintf(env.Err, "line %d: %s\n", r.Line, command.OneLine(r.Error))
		default:
			_, err = fmt.Fprintf(env.Out, "line %d: device %d (%s): %s\n", r.Line, r.Device.ID, command.OneLine(r.Device.DisplayName),
				command.Standing(paint, r.Device.ComplianceStatus))
		}
		if err != nil {
			return err
		}
	}
	if none {
		_, err := fmt.Fprintf(env.Err, "no device was reported: there is nothing in %s\n", file)
		return err
	}
	return nil
}
