package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/check"
)

// wireEvidenceFile is the evidence of a run as JSON. It is written line by line:
// the first has all but the records, each record has one.
type wireEvidenceFile struct {
	Run        wireRun                  `json:"run"`
	Test       wireEvidenceTest         `json:"test"`
	Resources  []wireEvidenceOfResource `json:"resources"`
	Exclusions []wireEvidenceExclusion  `json:"exclusions" doc:"The exclusions that stood at the end of the run, as they were then."`
	Records    []wireEvidenceRecord     `json:"records" doc:"All records of the moment, in the order of the run's hash. Each stands on a line of its own with data as its last property."`
}

type wireEvidenceTest struct {
	TestID      int64           `json:"testId"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Version     int64           `json:"version"`
	Logic       json.RawMessage `json:"logic" doc:"The logic that was evaluated: with named conditions written out and resources by id."`
	Sentences   []string        `json:"sentences" doc:"The logic in words."`
}

type wireEvidenceOfResource struct {
	ResourceID    int64      `json:"resourceId"`
	Name          string     `json:"name"`
	SchemaVersion int64      `json:"schemaVersion"`
	Schema        wireObject `json:"schema"`
}

type wireEvidenceRecord struct {
	ResourceID   int64                 `json:"resourceId"`
	RecordID     string                `json:"recordId"`
	Name         string                `json:"name"`
	Groups       []wireEvidenceVerdict `json:"groups" doc:"What each group over the resource says of it."`
	ExclusionIDs []int64               `json:"exclusionIds,omitempty" doc:"The exclusions that cover it."`
	Since        *wireTime             `json:"since,omitempty" doc:"Since when it failed the test at that moment."`
	Data         wireObject            `json:"data" doc:"The record as it is stored, to the byte."`
}

type wireEvidenceVerdict struct {
	Position  int      `json:"position" doc:"The place of the group in the logic, from 0."`
	Group     string   `json:"group"`
	Verdict   string   `json:"verdict" enum:"PASSED,FAILED,ERROR,SATISFIED,NOT_SATISFIED,OUT_OF_SCOPE" doc:"SATISFIED and NOT_SATISFIED: where a number of records is asserted (count), which no single record passes or fails."`
	Excluded  bool     `json:"excluded,omitempty" doc:"It is in scope but does not count."`
	CauseText []string `json:"causeText,omitempty"`
}

type wireEvidenceExclusion struct {
	ID         int64       `json:"id"`
	ResourceID int64       `json:"resourceId"`
	TargetID   string      `json:"targetId" doc:"The id of the record; empty with a selector."`
	Selector   *wireObject `json:"selector,omitempty" doc:"The condition that the excluded records satisfy, with named conditions written out."`
	Sentence   string      `json:"sentence,omitempty" doc:"The selector in words."`
	Reason     string      `json:"reason"`
	Category   string      `json:"category" enum:"ACCEPTED_RISK,FALSE_POSITIVE,COMPENSATING_CONTROL,OUT_OF_SCOPE"`
	Approver   *string     `json:"approver"`
	TicketURL  *string     `json:"ticketUrl"`
	ExpiresAt  maybeTime   `json:"expiresAt"`
	Version    int64       `json:"version"`
	CreatedAt  wireTime    `json:"createdAt"`
}

// evidenceForms are the forms in which evidence can be had.
var evidenceForms = map[string]struct {
	media string
	write func(a *api, ctx context.Context, w io.Writer, e *check.Evidence) error
}{
	"json": {"application/json", (*api).evidenceJSON},
	"csv":  {csvMedia + "; charset=utf-8", (*api).evidenceCSV},
	"pdf":  {"application/pdf", (*api).evidencePDF},
}

func (a *api) getEvidence(c *call) (answer, error) {
	workspace, number, id, err := c.runIDs()
	if err != nil {
		return answer{}, err
	}
	format, err := c.choice("format", "json", "csv", "pdf")
	if err != nil {
		return answer{}, err
	}
	if format == "" {
		format = "json"
	}
	t, err := a.Checks.Get(c.ctx(), workspace, number)
	if err != nil {
		return answer{}, err
	}
	form := evidenceForms[format]
	name := fmt.Sprintf("%s-test-%d-run-%d.%s", slug(t.Name), number, id, format)
	return streamed(strings.TrimPrefix(name, "-"), form.media, func(ctx context.Context, w io.Writer) error {
		return a.Checks.Evidence(ctx, workspace, number, id, func(e *check.Evidence) error { return form.write(a, ctx, w, e) })
	}), nil
}

// slug is a text as part of a file's name.
func slug(text string) string {
	const most = 60
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case b.Len() >= most:
			return strings.TrimSuffix(b.String(), "-")
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// verdictWords are the words for states.
var verdictWords = map[check.State]string{
	check.Pass: "PASSED", check.Fail: "FAILED", check.Duplicate: "FAILED", check.Faulty: "ERROR", check.OutOfScope: "OUT_OF_SCOPE",
	check.Satisfied: "SATISFIED", check.NotSatisfied: "NOT_SATISFIED",
}

func evidenceRecordView(r *check.EvidenceRecord) wireEvidenceRecord {
	out := wireEvidenceRecord{ResourceID: r.Resource.ID, RecordID: r.Key, Name: r.Name(), Groups: make([]wireEvidenceVerdict, len(r.Groups))}
	for i, v := range r.Groups {
		out.Groups[i] = wireEvidenceVerdict{v.Group.Position, v.Group.Name, verdictWords[v.State], v.Excluded, v.Words}
	}
	for _, x := range r.Exclusions {
		out.ExclusionIDs = append(out.ExclusionIDs, x.ID)
	}
	if !r.Since.IsZero() {
		out.Since = ptr(wireTime(r.Since))
	}
	return out
}

func (a *api) evidenceJSON(ctx context.Context, w io.Writer, e *check.Evidence) error {
	runs, err := a.runViews(ctx, e.Run)
	if err != nil {
		return err
	}
	head := wireEvidenceFile{Run: runs[0], Records: []wireEvidenceRecord{}, Resources: make([]wireEvidenceOfResource, len(e.Resources)),
		Test: wireEvidenceTest{e.Test.Number, e.Test.Name, e.Test.Description, e.Version.Number, e.Version.Pinned, e.Sentences()}}
	for i, r := range e.Resources {
		head.Resources[i] = wireEvidenceOfResource{r.ID, r.Name, r.SchemaVersion, wireObject(r.Schema)}
	}
	head.Exclusions = make([]wireEvidenceExclusion, len(e.Exclusions))
	for i := range e.Exclusions {
		x := &e.Exclusions[i]
		head.Exclusions[i] = wireEvidenceExclusion{ID: x.ID, ResourceID: x.Resource.ID, TargetID: x.Key, Reason: x.Reason, Category: string(x.Category),
			Approver: orNull(x.Approver), TicketURL: orNull(x.TicketURL), ExpiresAt: maybeTime(x.ExpiresAt), Version: x.Version, CreatedAt: wireTime(x.CreatedAt)}
		if x.Key == "" {
			head.Exclusions[i].Selector, head.Exclusions[i].Sentence = ptr(wireObject(x.Pinned)), x.Sentence
		}
	}
	text, err := encode(head)
	if err != nil {
		return err
	}
	if _, err := w.Write(text[:len(text)-len("]}")]); err != nil {
		return err
	}
	between := "\n"
	if err := e.Records(ctx, func(r *check.EvidenceRecord) error {
		line, err := encode(evidenceRecordView(r))
		if err != nil {
			return err
		}
		// The record goes out as it is stored: an encoder might write it otherwise.
		for _, part := range [][]byte{[]byte(between), line[:len(line)-len("{}}")], r.Body, {'}'}} {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		between = ",\n"
		return nil
	}); err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}

var evidenceColumns = []string{"resourceId", "resourceName", "recordId", "name", "group", "verdict", "excluded", "since", "cause", "data"}

// evidenceCSV writes one row per record and group.
func (a *api) evidenceCSV(ctx context.Context, w io.Writer, e *check.Evidence) error {
	if err := writeRow(w, evidenceColumns); err != nil {
		return err
	}
	return e.Records(ctx, func(r *check.EvidenceRecord) error {
		since := ""
		if !r.Since.IsZero() {
			since = r.Since.UTC().Format(momentForm)
		}
		name := r.Name()
		for _, v := range r.Groups {
			excluded := ""
			if v.Excluded {
				excluded = strings.Join(exclusionWords(r.Exclusions), "; ")
			}
			if err := writeRow(w, []string{fmt.Sprint(r.Resource.ID), r.Resource.Name, r.Key, name, v.Group.Name, verdictWords[v.State], excluded, since,
				strings.Join(v.Words, "; "), string(r.Body)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// exclusionWords name exclusions with their reason and who approved them.
func exclusionWords(list []*check.Exclusion) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = fmt.Sprintf("exclusion %d (%s): %s", x.ID, x.Category, x.Reason)
		if x.Approver != "" {
			out[i] += ", approved by " + x.Approver
		}
	}
	return out
}
