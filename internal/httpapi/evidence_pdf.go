package httpapi

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/pdf"
)

// maxPrinted is how many failing records a PDF shows.
const maxPrinted = 1000

// errEnough ends a walk through records.
var errEnough = errors.New("there are enough")

// evidencePDF lays the evidence out for people.
func (a *api) evidencePDF(ctx context.Context, w io.Writer, e *check.Evidence) error {
	company, err := a.Access.Company(ctx)
	if err != nil {
		return err
	}
	workspace, err := a.Access.Workspace(ctx, e.Test.WorkspaceID)
	if err != nil {
		return err
	}
	now := a.Now()
	d := pdf.New("Evidence: "+e.Test.Name, fmt.Sprintf("%s · run %d of test %d · generated at %s", company.Name, e.Run.ID, e.Test.Number, printed(now)), now)
	printRun(d, company, workspace, e)
	printResources(d, e)
	if err := printFailing(ctx, d, e); err != nil {
		return err
	}
	if err := printExcluded(ctx, d, e); err != nil {
		return err
	}
	return d.Write(w)
}

func printed(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func printRun(d *pdf.Document, company access.Company, workspace access.Workspace, e *check.Evidence) {
	r, counts := e.Run, countsView(e.Run.Counts)
	result := string(r.Result)
	if r.Reason != "" {
		result += " (" + string(r.Reason) + ")"
	}
	d.Field("Organisation", company.Name)
	d.Field("Workspace", workspace.Name)
	d.Field("Test", fmt.Sprintf("%d, %s", e.Test.Number, e.Test.Name))
	if e.Test.Description != "" {
		d.Field("Description", e.Test.Description)
	}
	d.Field("Version", strconv.FormatInt(e.Version.Number, 10))
	d.Field("Run", fmt.Sprintf("%d, %s", r.ID, triggerWords[r.Trigger]))
	d.Field("Period", printed(r.StartedAt)+" to "+printed(r.FinishedAt))
	d.Field("Result", result)
	judged := fmt.Sprintf("%d passing, %d failing", counts.Passing, counts.Failing)
	if c := r.Counts; c.Counting {
		judged = fmt.Sprintf("%d satisfy the conditions, %d do not", c.Satisfying, c.NotSatisfying)
		if c.Passing+c.Failing > 0 {
			judged += fmt.Sprintf(", %d passing, %d failing", c.Passing, c.Failing)
		}
	}
	d.Field("Counts", fmt.Sprintf("%d in scope: %s, %d in error, %d excluded; %d out of scope",
		counts.InScope, judged, counts.Errors, counts.Excluded, counts.OutOfScope))
	d.Heading("Logic")
	for _, sentence := range e.Sentences() {
		d.Text(sentence)
	}
}

// triggerWords say what started a run.
var triggerWords = map[check.Trigger]string{
	check.ByPush: "the changes of one minute", check.ByTime: "by the passing of time", check.ByPublish: "because a version was published",
	check.ByManual: "started by hand", check.BySchedule: "by schedule", check.ByExclusion: "because an exclusion changed",
}

func printResources(d *pdf.Document, e *check.Evidence) {
	d.Heading("What was looked at")
	t := d.Table(pdf.Column{Name: "Resource", Share: 3}, pdf.Column{Name: "Schema", Share: 1}, pdf.Column{Name: "Changes", Share: 1.6},
		pdf.Column{Name: "Records", Share: 1.2}, pdf.Column{Name: "SHA-256 of the records", Share: 4.6})
	for _, p := range e.Run.Parts {
		changes := strconv.FormatInt(p.ToSeq, 10)
		if p.FromSeq != p.ToSeq {
			changes = fmt.Sprintf("%d to %d", p.FromSeq, p.ToSeq)
		}
		t.Row(fmt.Sprintf("%s (%d)", p.Name, p.Resource), strconv.FormatInt(p.SchemaVersion, 10), changes, strconv.FormatInt(p.Records, 10), hex.EncodeToString(p.Digest))
	}
	d.Text("The hash is over the SHA-256 of each record: of its id, a line feed and its text as stored. The JSON file of this evidence has the records.")
}

// printFailing lists the first records that fail or cannot be evaluated.
func printFailing(ctx context.Context, d *pdf.Document, e *check.Evidence) error {
	var all int64
	for _, c := range e.Counts() {
		all += c.Failing + c.Errors
	}
	if all == 0 {
		d.Heading("Failing records")
		d.Text("None.")
		return nil
	}
	d.Heading(fmt.Sprintf("Failing records: %d", all))
	t := d.Table(pdf.Column{Name: "Record", Share: 2}, pdf.Column{Name: "Name", Share: 2}, pdf.Column{Name: "Group", Share: 1.6},
		pdf.Column{Name: "Since", Share: 1.5}, pdf.Column{Name: "Verdict", Share: 1}, pdf.Column{Name: "Cause", Share: 4})
	var shown int64
	if err := walked(e.Failing(ctx, func(r *check.EvidenceRecord) error {
		since := ""
		if !r.Since.IsZero() {
			since = printed(r.Since)
		}
		for _, v := range r.Groups {
			if !v.Fails() {
				continue
			}
			if shown >= maxPrinted || !t.Row(r.Key, r.Name(), v.Group.Name, since, verdictWords[v.State], strings.Join(v.Words, "\n")) {
				return errEnough
			}
			shown++
		}
		return nil
	})); err != nil {
		return err
	}
	printMore(d, all-shown)
	return nil
}

// printExcluded lists the first records that are excluded.
func printExcluded(ctx context.Context, d *pdf.Document, e *check.Evidence) error {
	var all int64
	for _, c := range e.Counts() {
		all += c.Excluded
	}
	if all == 0 {
		return nil
	}
	d.Heading(fmt.Sprintf("Excluded records: %d", all))
	t := d.Table(pdf.Column{Name: "Record", Share: 2}, pdf.Column{Name: "Name", Share: 2}, pdf.Column{Name: "Group", Share: 1.6},
		pdf.Column{Name: "Verdict", Share: 1}, pdf.Column{Name: "Excluded by", Share: 5})
	var shown int64
	if err := walked(e.Excluded(ctx, func(r *check.EvidenceRecord) error {
		for _, v := range r.Groups {
			if !v.Excluded {
				continue
			}
			if shown >= maxPrinted || !t.Row(r.Key, r.Name(), v.Group.Name, verdictWords[v.State], strings.Join(exclusionWords(r.Exclusions), "\n")) {
				return errEnough
			}
			shown++
		}
		return nil
	})); err != nil {
		return err
	}
	printMore(d, all-shown)
	return nil
}

// walked is the error of a walk that may have ended early on purpose.
func walked(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func printMore(d *pdf.Document, more int64) {
	if more > 0 {
		d.Text(fmt.Sprintf("And %d more, which the JSON and the CSV file have.", more))
	}
}
