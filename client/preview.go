package client

import (
	"context"
	"encoding/json"
	"net/http"
)

// Preview is what logic would say of the records.
type Preview struct {
	Counts
	FilteredOut int64 `json:"filteredOut"`
	// Result is what the test would say, empty in a sample.
	Result string `json:"result"`
	Reason string `json:"reason"`
	// Examples are the first failing records.
	Examples []Example `json:"examples"`
	// Lint are conditions that hardly say what was meant.
	Lint []Remark `json:"lint"`
	// Sample is there when not all records were evaluated.
	Sample *Sample `json:"sample"`
	// Difference is there when the logic was compared with another.
	Difference *VerdictDifference `json:"difference"`
}

// Remark is a remark on logic.
type Remark struct {
	Pointer  string `json:"pointer"`
	Message  string `json:"message"`
	Severity string `json:"severity"`
}

// Sample says how many records were evaluated.
type Sample struct {
	Records int64  `json:"records"`
	Of      *int64 `json:"of"`
}

// Example is a record with the reason why it fails.
type Example struct {
	RecordID     string `json:"recordId"`
	ResourceName string `json:"resourceName"`
	// Words say the cause for people.
	Words []string `json:"causeText"`
}

// VerdictDifference is what two texts of logic say of the same records.
type VerdictDifference struct {
	From LogicVerdict `json:"from"`
	To   LogicVerdict `json:"to"`
	// Moves are the records that they judge differently.
	Moves  []Move  `json:"moves"`
	Sample *Sample `json:"sample"`
}

// LogicVerdict is what logic says of all records; Result is empty in a sample.
type LogicVerdict struct {
	Counts Counts `json:"counts"`
	Result string `json:"result"`
	Reason string `json:"reason"`
}

// Move are the records of which one text says something else than the other:
// pass, fail, error or outOfScope.
type Move struct {
	From     string    `json:"from"`
	To       string    `json:"to"`
	Records  int64     `json:"records"`
	Examples []Example `json:"examples"`
}

// Preview evaluates logic over the live records without writing anything. With
// against, which may be nil, it tells what would change from that logic.
func (c *Client) Preview(ctx context.Context, workspaceID int64, logic, against json.RawMessage) (Preview, error) {
	in := map[string]json.RawMessage{"logic": logic}
	if against != nil {
		in["against"] = against
	}
	body, err := json.Marshal(in)
	if err != nil {
		return Preview{}, err
	}
	var out Preview
	_, err = c.send(ctx, request{method: http.MethodPost, path: testsPath(workspaceID, "preview"), body: body, repeatable: true}, &out)
	return out, err
}
