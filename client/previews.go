package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Preview is what a test with some logic would say.
type Preview struct {
	InScope     int64 `json:"inScope"`
	FilteredOut int64 `json:"filteredOut"`
	Passing     int64 `json:"passing"`
	Failing     int64 `json:"failing"`
	Errors      int64 `json:"errors"`
	Records     int64 `json:"records"`
	// Satisfying and NotSatisfying are there where a number of records is asserted,
	// of which no single one passes or fails.
	Satisfying    *int64 `json:"satisfying,omitempty"`
	NotSatisfying *int64 `json:"notSatisfying,omitempty"`
	// Result and Reason are nil in a sample.
	Result      *string   `json:"result"`
	Reason      *string   `json:"reason"`
	EvaluatedAt time.Time `json:"evaluatedAt"`
	// Examples are the first failing records.
	Examples []Tried  `json:"examples"`
	Lint     []Remark `json:"lint"`
	// Sample is there unless all records were evaluated.
	Sample *Sample `json:"sample,omitempty"`
	// Difference is there when the logic was compared with another.
	Difference *VerdictDifference `json:"difference,omitempty"`
	// JobID, if not empty, names the job that evaluates all records after a sample.
	JobID string `json:"jobId,omitempty"`
}

// Tried is a record that was judged by logic that is tried out.
type Tried struct {
	RecordID     string   `json:"recordId"`
	ResourceName string   `json:"resourceName"`
	ResourceID   int64    `json:"resourceId"`
	Group        string   `json:"group"`
	Cause        []Cause  `json:"cause"`
	Words        []string `json:"causeText"`
}

// Remark is something that hardly says what was meant. Severity is warning or
// info.
type Remark struct {
	Pointer  string `json:"pointer"`
	Message  string `json:"message"`
	Severity string `json:"severity"`
}

// Sample says how many records were evaluated, and of how many, nil where that is
// not known.
type Sample struct {
	Records int64  `json:"records"`
	Of      *int64 `json:"of"`
}

// States of a preview's job.
const (
	PreviewWaiting = "waiting"
	PreviewRunning = "running"
	PreviewDone    = "done"
	PreviewFailed  = "failed"
)

// PreviewJob is the full count of a preview.
type PreviewJob struct {
	JobID   string `json:"jobId"`
	State   string `json:"state"`
	Records int64  `json:"records"`
	Of      *int64 `json:"of"`
	// Result is there once it is done, Message when it has failed.
	Result  *Preview `json:"result"`
	Message *string  `json:"message"`
}

var errLogicNotJSON = errors.New("the logic is not JSON")

// Preview evaluates logic over the records of now or, if asOf is not empty, of a
// moment (RFC 3339) or the end of a day. The text goes out as it is, so that
// refusals tell line and column in it.
func (c *Client) Preview(ctx context.Context, workspaceID int64, logic json.RawMessage, asOf string) (Preview, error) {
	if asOf == "" {
		return c.preview(ctx, workspaceID, logic, "", nil)
	}
	text, err := json.Marshal(asOf)
	if err != nil {
		return Preview{}, err
	}
	return c.preview(ctx, workspaceID, logic, "asOf", text)
}

// PreviewAgainst is [Client.Preview] over the records of now, with the difference
// from other logic.
func (c *Client) PreviewAgainst(ctx context.Context, workspaceID int64, logic, against json.RawMessage) (Preview, error) {
	if !json.Valid(against) {
		return Preview{}, errLogicNotJSON
	}
	return c.preview(ctx, workspaceID, logic, "against", against)
}

// preview adds one member, if it is named, to the request.
func (c *Client) preview(ctx context.Context, workspaceID int64, logic json.RawMessage, name string, value json.RawMessage) (Preview, error) {
	var out Preview
	if !json.Valid(logic) {
		return out, errLogicNotJSON
	}
	var b bytes.Buffer
	b.WriteString(`{"logic":`)
	b.Write(logic)
	if name != "" {
		b.WriteString(`,"` + name + `":`)
		b.Write(value)
	}
	b.WriteByte('}')
	_, err := c.send(ctx, request{method: http.MethodPost, path: testsPath(workspaceID, "preview"), body: b.Bytes(), repeatable: true}, &out)
	return out, err
}

// PreviewJob reads how far the full count of a preview is.
func (c *Client) PreviewJob(ctx context.Context, workspaceID int64, jobID string) (PreviewJob, error) {
	var out PreviewJob
	err := c.get(ctx, testsPath(workspaceID, "preview", jobID), nil, &out)
	return out, err
}

// CancelPreview ends the full count of a preview.
func (c *Client) CancelPreview(ctx context.Context, workspaceID int64, jobID string) error {
	return c.delete(ctx, testsPath(workspaceID, "preview", jobID))
}

// TestVersion is one version of a test's logic. State is published, draft,
// superseded or discarded.
type TestVersion struct {
	Version        int64      `json:"version"`
	State          string     `json:"state"`
	InForce        bool       `json:"isInForce"`
	Note           *string    `json:"note"`
	CreatedAt      time.Time  `json:"createdAt"`
	CreatedByKeyID *int64     `json:"createdByKeyId"`
	PublishedAt    *time.Time `json:"publishedAt"`
	// Logic is there where one version is read.
	Logic json.RawMessage `json:"logic"`
}

// VersionDifference is what differs between two versions.
type VersionDifference struct {
	From    TestVersion   `json:"from"`
	To      TestVersion   `json:"to"`
	Changes []LogicChange `json:"changes"`
	// MeaningDiffers tells that the texts are the same, but a named condition was not.
	MeaningDiffers bool `json:"meaningDiffers"`
	// Verdicts is nil when one of them cannot be evaluated any more, for the reason
	// in Problem.
	Verdicts *VerdictDifference `json:"verdicts"`
	Problem  *string            `json:"problem"`
}

// LogicChange is a change of logic: added, removed or changed.
type LogicChange struct {
	Pointer string          `json:"pointer"`
	Op      string          `json:"op"`
	From    json.RawMessage `json:"from"`
	To      json.RawMessage `json:"to"`
}

// VerdictDifference is what two versions, or two texts of logic, say of the records of now.
type VerdictDifference struct {
	From   VersionVerdict `json:"from"`
	To     VersionVerdict `json:"to"`
	Moves  []Move         `json:"moves"`
	Sample *Sample        `json:"sample"`
}

// VersionVerdict is what one version says of all records.
type VersionVerdict struct {
	Counts Counts  `json:"counts"`
	Result *string `json:"result"`
	Reason *string `json:"reason"`
}

// Move are records that two versions judge differently: pass, fail, error or
// outOfScope.
type Move struct {
	From     string  `json:"from"`
	To       string  `json:"to"`
	Records  int64   `json:"records"`
	Examples []Tried `json:"examples"`
}

// TestVersions walks the versions of a test, newest first.
func (c *Client) TestVersions(ctx context.Context, workspaceID, testID int64, l List) iter.Seq2[TestVersion, error] {
	return walk[TestVersion](ctx, c, testsPath(workspaceID, testID, "versions"), l.values())
}

// TestVersion reads one version by its number; "draft" is the draft.
func (c *Client) TestVersion(ctx context.Context, workspaceID, testID int64, version string) (TestVersion, error) {
	var out TestVersion
	err := c.get(ctx, testsPath(workspaceID, testID, "versions", version), nil, &out)
	return out, err
}

// CompareVersions tells what differs between two versions, which are numbers or
// "draft".
func (c *Client) CompareVersions(ctx context.Context, workspaceID, testID int64, from, to string) (VersionDifference, error) {
	var out VersionDifference
	err := c.get(ctx, testsPath(workspaceID, testID, "versions", from+"..."+to), nil, &out)
	return out, err
}

// FailuresAsOf walks the records that failed a test at a moment (RFC 3339) or at
// the end of a day, with the cause of then.
func (c *Client) FailuresAsOf(ctx context.Context, workspaceID, testID int64, asOf string, l List) iter.Seq2[Finding, error] {
	q := l.values()
	set(q, "asOf", asOf)
	return walk[Finding](ctx, c, testsPath(workspaceID, testID, "failures"), q)
}

// RecordVerdict is what a group of a test says of a record now: pass, fail,
// error, outOfScope or notEvaluated.
type RecordVerdict struct {
	WorkspaceID int64      `json:"workspaceId"`
	TestID      int64      `json:"testId"`
	TestName    string     `json:"testName"`
	Group       string     `json:"group"`
	Version     int64      `json:"version"`
	State       string     `json:"state"`
	Excluded    bool       `json:"isExcluded"`
	Since       *time.Time `json:"since"`
}

// Interval is a time in which a record failed a test; ClosedAt is nil while it
// does.
type Interval struct {
	ID          string     `json:"id"`
	WorkspaceID int64      `json:"workspaceId"`
	TestID      int64      `json:"testId"`
	TestName    string     `json:"testName"`
	Group       string     `json:"group"`
	Version     int64      `json:"version"`
	OpenedAt    time.Time  `json:"openedAt"`
	ClosedAt    *time.Time `json:"closedAt"`
	CloseReason *string    `json:"closeReason"`
}

// RecordVerdicts reads what the tests in force say of a record.
func (c *Client) RecordVerdicts(ctx context.Context, connectionID, resourceID int64, recordID string) ([]RecordVerdict, error) {
	var out struct {
		Verdicts []RecordVerdict `json:"verdicts"`
	}
	err := c.get(ctx, verdictsPath(connectionID, resourceID, recordID), url.Values{"size": {"1"}}, &out)
	return out.Verdicts, err
}

// Intervals walks the times in which a record failed a test.
func (c *Client) Intervals(ctx context.Context, connectionID, resourceID int64, recordID string, l List) iter.Seq2[Interval, error] {
	return walk[Interval](ctx, c, verdictsPath(connectionID, resourceID, recordID), l.values())
}

func verdictsPath(connectionID, resourceID int64, recordID string) string {
	return path("custom-connections", connectionID, "resources", resourceID, "records", recordID, "verdicts")
}
