package httpapi

import (
	"net/http"
	"strconv"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// attemptRequest is logic with records to try it on.
type attemptRequest struct {
	Logic   wireObject   `json:"logic" doc:"The rules over records."`
	Group   int          `json:"group,omitempty" minimum:"0" doc:"Which group of the logic is meant, counted from 0."`
	Records []wireObject `json:"records" minItems:"1" maxItems:"100" doc:"The records, as they would be pushed."`
}

func (r attemptRequest) rules() wireObject { return r.Logic }

type wireAttempts struct {
	Records []wireAttempt `json:"records" doc:"What the group says of each, in the order of the request."`
}

type wireAttempt struct {
	State          string      `json:"state" enum:"pass,fail,error,outOfScope"`
	Cause          []wireCause `json:"cause" doc:"The conditions that are to blame; none of a passing record."`
	CauseText      []string    `json:"causeText" doc:"The same in words."`
	Counterfactual *string     `json:"counterfactual" doc:"What would make a failing record pass with the fewest changes; null when that is not known."`
}

func (a *api) tryRecords(c *call) (answer, error) {
	workspace, body, err := trial[attemptRequest](a, c)
	if err != nil {
		return answer{}, err
	}
	records := make([][]byte, len(body.Records))
	for i, r := range body.Records {
		if records[i] = r; len(r) == 0 || r[0] != '{' {
			at := "/records/" + strconv.Itoa(i)
			return answer{}, fault.New(fault.CodeValidation, "`records[%d]` (%s) must be an object", i, at).At(at)
		}
	}
	got, err := a.Checks.Attempt(c.ctx(), workspace, body.Logic, body.Group, records)
	if err != nil {
		return answer{}, err
	}
	out := wireAttempts{Records: make([]wireAttempt, len(got))}
	for i, x := range got {
		out.Records[i] = wireAttempt{stateWords[x.State], causesView(x.Cause), append([]string{}, x.Words...), orNull(x.Counterfactual)}
	}
	return reply(http.StatusOK, out)
}
