package client

import (
	"context"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// States of a run.
const (
	RunRunning  = "RUNNING"
	RunDone     = "DONE"
	RunCanceled = "CANCELED"
)

// Run is an occasion on which the verdicts of a test were made or verified.
type Run struct {
	ID int64 `json:"id"`
	// Trigger is PUSH, TIME, PUBLISH, MANUAL, SCHEDULE or EXCLUSION.
	Trigger    string     `json:"trigger"`
	State      string     `json:"state"`
	StartedAt  time.Time  `json:"startedAt"`
	FinishedAt *time.Time `json:"finishedAt"`
	// Result, Reason and Counts are those of the test at the end.
	Result *string `json:"result"`
	Reason *string `json:"reason"`
	Counts *Counts `json:"counts"`
	// Changed is how many verdicts of records it changed, Drift how many of them
	// were found to be other than they should have been.
	Changed  int64       `json:"changed"`
	Drift    int64       `json:"drift"`
	Progress RunProgress `json:"progress"`
	Evidence RunEvidence `json:"evidence"`
}

// RunProgress is how many records a run has evaluated, and of how many.
type RunProgress struct {
	Records int64 `json:"records"`
	Of      int64 `json:"of"`
}

// RunEvidence is what a run looked at.
type RunEvidence struct {
	// Version is that of the test's logic.
	Version   int64         `json:"version"`
	Resources []RunResource `json:"resources"`
}

// RunResource is what a run looked at of one resource.
type RunResource struct {
	ResourceID    int64  `json:"resourceId"`
	ResourceName  string `json:"resourceName"`
	SchemaVersion int64  `json:"schemaVersion"`
	// FromChange and ToChange are the resource's last changes at the beginning
	// and at the end.
	FromChange int64 `json:"fromChange"`
	ToChange   int64 `json:"toChange"`
	Records    int64 `json:"records"`
	// Hash is the SHA-256 over the records, in hexadecimal.
	Hash *string `json:"hash"`
}

// Day is the state of a test at the end of a day.
type Day struct {
	// Date is YYYY-MM-DD, UTC.
	Date       string   `json:"date"`
	Result     string   `json:"result"`
	Reason     *string  `json:"reason"`
	Passing    int64    `json:"passing"`
	Failing    int64    `json:"failing"`
	Excluded   int64    `json:"excluded"`
	Errors     int64    `json:"errors"`
	OutOfScope int64    `json:"outOfScope"`
	PassRate   *float64 `json:"passRate"`
}

// Runs walks the runs of a test; trigger, if not empty, narrows them.
func (c *Client) Runs(ctx context.Context, workspaceID, testID int64, trigger string, l List) iter.Seq2[Run, error] {
	q := l.values()
	set(q, "trigger", trigger)
	return walk[Run](ctx, c, testsPath(workspaceID, testID, "runs"), q)
}

// Run reads one run.
func (c *Client) Run(ctx context.Context, workspaceID, testID, runID int64) (Run, error) {
	var out Run
	err := c.get(ctx, testsPath(workspaceID, testID, "runs", runID), nil, &out)
	return out, err
}

// Forms of evidence.
const (
	EvidenceJSON = "json"
	EvidenceCSV  = "csv"
	EvidencePDF  = "pdf"
)

// Evidence copies the evidence of a run to w: all records as they were at its end
// with their verdicts. When it fails, w may have a part of it.
func (c *Client) Evidence(ctx context.Context, workspaceID, testID, runID int64, form string, w io.Writer) error {
	return c.download(ctx, request{method: http.MethodGet, path: testsPath(workspaceID, testID, "runs", runID, "evidence"),
		query: url.Values{"format": {form}}, file: true}, w)
}

// CancelRun cancels a run by hand or by schedule.
func (c *Client) CancelRun(ctx context.Context, workspaceID, testID, runID int64) (Run, error) {
	var out Run
	_, err := c.write(ctx, http.MethodPost, testsPath(workspaceID, testID, "runs", runID, "actions"), nil, map[string]string{"action": "cancel"}, &out)
	return out, err
}

// History is the daily series of a test, today last.
func (c *Client) History(ctx context.Context, workspaceID, testID int64, days int) ([]Day, error) {
	var out struct {
		Data []Day `json:"data"`
	}
	err := c.get(ctx, testsPath(workspaceID, testID, "history"), url.Values{"days": {strconv.Itoa(days)}}, &out)
	return out.Data, err
}
