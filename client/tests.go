package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Results of a test.
const (
	Ready  = "READY"
	Passed = "PASSED"
	Failed = "FAILED"
	Errors = "ERROR"
)

// Test is rules over records.
type Test struct {
	// TestID is the number by which the other calls know the test.
	TestID      int64  `json:"testId"`
	Name        string `json:"name"`
	Description string `json:"description"`
	// Result is READY, PASSED, FAILED or ERROR; Reason says why where the
	// result alone does not.
	Result string  `json:"checkResultStatus"`
	Reason *string `json:"resultReason"`
	// Status is NEW, ENABLED or DISABLED.
	Status       string     `json:"checkStatus"`
	HasDraft     bool       `json:"hasDraft"`
	Counts       Counts     `json:"counts"`
	FailedSince  *time.Time `json:"failedSince"`
	LastPassedAt *time.Time `json:"lastPassedAt"`
	LastCheckAt  *time.Time `json:"lastCheckAt"`
	CreatedAt    time.Time  `json:"createdAt"`
	UpdatedAt    time.Time  `json:"updatedAt"`
	// Logic is filled by [Client.Test].
	Logic json.RawMessage `json:"logic"`
}

// Counts are how many records a test looks at and what it says of them.
type Counts struct {
	Records  int64 `json:"records"`
	InScope  int64 `json:"inScope"`
	Passing  int64 `json:"passing"`
	Failing  int64 `json:"failing"`
	Excluded int64 `json:"excluded"`
	Errors   int64 `json:"errors"`
}

// NewTest is what a test is made of.
type NewTest struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Logic       json.RawMessage `json:"logic"`
	// Publish puts the test into force at once; else it is a draft.
	Publish bool `json:"publish"`
	// ControlIDs are the controls that the test proves.
	ControlIDs []int64 `json:"controlIds,omitempty"`
}

// Finding is a record that fails a test, or passes it.
type Finding struct {
	ID           string     `json:"id"`
	RecordID     string     `json:"recordId"`
	ConnectionID int64      `json:"connectionId"`
	ResourceID   int64      `json:"resourceId"`
	ResourceName string     `json:"resourceName"`
	FailedSince  *time.Time `json:"failedSince"`
	Cause        []Cause    `json:"cause"`
	// Words say the cause for people.
	Words []string `json:"causeText"`
}

// Cause is a condition that decided over a record.
type Cause struct {
	Fact     string          `json:"fact"`
	Path     string          `json:"path"`
	Operator string          `json:"operator"`
	Value    json.RawMessage `json:"value"`
	// Found is the value that the record has.
	Found  json.RawMessage `json:"factResult"`
	Result bool            `json:"result"`
	Reason string          `json:"reason"`
}

func testsPath(workspaceID int64, rest ...any) string {
	return path(append([]any{"workspaces", workspaceID, "monitoring-tests"}, rest...)...)
}

// Tests walks the tests of a workspace; result, if not empty, narrows it.
func (c *Client) Tests(ctx context.Context, workspaceID int64, result string, l List) iter.Seq2[Test, error] {
	q := l.values()
	set(q, "checkResultStatus", result)
	return walk[Test](ctx, c, testsPath(workspaceID), q)
}

// Test reads one test with its logic.
func (c *Client) Test(ctx context.Context, workspaceID, testID int64) (Test, error) {
	var out Test
	return out, c.get(ctx, testsPath(workspaceID, testID), url.Values{"expand[]": {"logic"}}, &out)
}

// CreateTest makes a test.
func (c *Client) CreateTest(ctx context.Context, workspaceID int64, n NewTest) (Test, error) {
	var out Test
	_, err := c.write(ctx, http.MethodPost, testsPath(workspaceID), nil, n, &out)
	return out, err
}

// Act does one of run, runDraft, publish, discardDraft, enable, disable and
// delete with a test. With a Wait the server answers once the verdicts are in.
func (c *Client) Act(ctx context.Context, workspaceID, testID int64, action, note string, w *Wait) (Test, error) {
	in := map[string]string{"action": action}
	if note != "" {
		in["note"] = note
	}
	var out Test
	_, err := c.write(ctx, http.MethodPost, testsPath(workspaceID, testID, "actions"), w.values(), in, &out)
	return out, err
}

// Failures walks the records that fail a test, with the cause.
func (c *Client) Failures(ctx context.Context, workspaceID, testID int64, l List) iter.Seq2[Finding, error] {
	return walk[Finding](ctx, c, testsPath(workspaceID, testID, "failures"), l.values())
}

// Passes walks the records that pass a test.
func (c *Client) Passes(ctx context.Context, workspaceID, testID int64, l List) iter.Seq2[Finding, error] {
	return walk[Finding](ctx, c, testsPath(workspaceID, testID, "passes"), l.values())
}
