package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
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
	Status   string `json:"checkStatus"`
	HasDraft bool   `json:"hasDraft"`
	// Version is the one in force, nil before the first is published.
	Version *int64 `json:"version"`
	// Revision counts the changes of the test.
	Revision int64 `json:"revision"`
	// IsBuilding is true while a version or a run is evaluated whose result is
	// not in force yet.
	IsBuilding bool `json:"isBuilding"`
	// Schedule is the cron expression, in UTC, of its full passes.
	Schedule     string     `json:"schedule"`
	Counts       Counts     `json:"counts"`
	FailedSince  *time.Time `json:"failedSince"`
	LastPassedAt *time.Time `json:"lastPassedAt"`
	LastCheckAt  *time.Time `json:"lastCheckAt"`
	CreatedAt    time.Time  `json:"createdAt"`
	UpdatedAt    time.Time  `json:"updatedAt"`
	// Logic is the published logic, else the draft; DraftLogic the draft, if there
	// is one. They are filled by [Client.Test] and [Client.TestDefinitions].
	Logic      json.RawMessage `json:"logic"`
	DraftLogic json.RawMessage `json:"draftLogic"`
	// Controls are those that the test proves, filled by the same.
	Controls []TestControl `json:"controls"`
}

// TestControl is what a test tells of a control.
type TestControl struct {
	ID   int64  `json:"id"`
	Code string `json:"code"`
	Name string `json:"name"`
}

// Counts are how many records a test looks at and what it says of them.
type Counts struct {
	Records  int64 `json:"records"`
	InScope  int64 `json:"inScope"`
	Passing  int64 `json:"passing"`
	Failing  int64 `json:"failing"`
	Excluded int64 `json:"excluded"`
	Errors   int64 `json:"errors"`
	// Satisfying and NotSatisfying are there where a number of records is asserted,
	// of which no single one passes or fails.
	Satisfying    *int64 `json:"satisfying,omitempty"`
	NotSatisfying *int64 `json:"notSatisfying,omitempty"`
}

// NewTest is what a test is made of.
type NewTest struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Logic       json.RawMessage `json:"logic"`
	// Publish puts the test into force at once; else it is a draft.
	Publish bool `json:"publish"`
	// Note says why, for the history.
	Note string `json:"note,omitempty"`
	// ControlIDs are the controls that the test proves.
	ControlIDs []int64 `json:"controlIds,omitempty"`
}

// TestChange is what to change of a test; nil leaves a field as it is.
type TestChange struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	// Logic replaces the draft.
	Logic json.RawMessage `json:"logic,omitempty"`
	// Schedule is a cron expression, empty for the default.
	Schedule *string `json:"schedule,omitempty"`
	// ControlIDs replaces the controls that the test proves.
	ControlIDs *[]int64 `json:"controlIds,omitempty"`
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

// definition are the parts of a test that must be asked for.
var definition = []string{"logic", "controls"}

// TestDefinitions walks the tests of a workspace with their logic and controls.
func (c *Client) TestDefinitions(ctx context.Context, workspaceID int64, l List) iter.Seq2[Test, error] {
	q := l.values()
	q["expand[]"] = definition
	return walk[Test](ctx, c, testsPath(workspaceID), q)
}

// Test reads one test with its logic and controls.
func (c *Client) Test(ctx context.Context, workspaceID, testID int64) (Test, error) {
	var out Test
	return out, c.get(ctx, testsPath(workspaceID, testID), url.Values{"expand[]": definition}, &out)
}

// UpdateTest changes a test. With a revision above 0 it is refused
// ([CodeEditConflict]) if the test has another one by now.
func (c *Client) UpdateTest(ctx context.Context, workspaceID, testID, revision int64, change TestChange) (Test, error) {
	var out Test
	return out, c.writeAt(ctx, http.MethodPut, testsPath(workspaceID, testID), revision, change, &out)
}

// ActAt is [Client.Act] on a test that still has a revision, else it is refused
// ([CodeEditConflict]).
func (c *Client) ActAt(ctx context.Context, workspaceID, testID, revision int64, action, note string) (Test, error) {
	in := map[string]string{"action": action}
	if note != "" {
		in["note"] = note
	}
	var out Test
	return out, c.writeAt(ctx, http.MethodPost, testsPath(workspaceID, testID, "actions"), revision, in, &out)
}

// writeAt is write for an object that must still have a revision.
func (c *Client) writeAt(ctx context.Context, method, path string, revision int64, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r := request{method: method, path: path, body: body}
	if revision > 0 {
		r.header = http.Header{"If-Match": {strconv.Quote(strconv.FormatInt(revision, 10))}}
	}
	_, err = c.send(ctx, r, out)
	return err
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
