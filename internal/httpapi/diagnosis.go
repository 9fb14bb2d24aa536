package httpapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/diagnosis"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wireDiagnosis says why a connection is unhealthy.
type wireDiagnosis struct {
	ConnectionID int64                `json:"connectionId"`
	Healthy      bool                 `json:"healthy" doc:"Nothing is wrong: there are no causes."`
	Source       string               `json:"source" enum:"RULES" doc:"Who found the causes: the rules, which always answer."`
	MadeFrom     wireDiagnosisBasis   `json:"madeFrom"`
	Causes       []wireDiagnosisCause `json:"causes" doc:"One for each resource of which something is wrong."`
	Summary      wireDiagnosisSummary `json:"summary"`
}

type wireDiagnosisBasis struct {
	RunIDs    []int64   `json:"runIds" doc:"The last sync run of each resource."`
	StartedAt maybeTime `json:"startedAt" doc:"When the newest of them began; null without runs."`
}

type wireDiagnosisCause struct {
	Pattern      string              `json:"pattern" doc:"The pattern of failures that fits."`
	Code         *string             `json:"code" doc:"The code of the failed step, or STALE_DATA, NO_DATA or DISCONNECTED; null if the step gave none."`
	Title        string              `json:"title"`
	Text         string              `json:"text" doc:"What went wrong, in a few sentences."`
	Steps        []wireDiagnosisStep `json:"steps" doc:"What to do, in order."`
	Facts        []wireDiagnosisFact `json:"facts"`
	ResourceID   *int64              `json:"resourceId" doc:"null for what is wrong with the connection as a whole."`
	ResourceName *string             `json:"resourceName"`
	RunID        *int64              `json:"runId"`
	Step         *string             `json:"step" doc:"The failed step; null if none failed."`
	At           maybeTime           `json:"at" doc:"Since when."`
}

type wireDiagnosisStep struct {
	Text   string  `json:"text"`
	Page   *string `json:"page,omitempty" enum:"collection,records,schema,sessions,api,settings,keys,events" doc:"The page of the web app that leads there: keys and events of all, the others of the connection."`
	Button *string `json:"button,omitempty" doc:"What a link to the page says."`
}

type wireDiagnosisFact struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Value string `json:"value"`
	Time  bool   `json:"time" doc:"The value is a moment."`
}

type wireDiagnosisSummary struct {
	State     string              `json:"state" enum:"OFF,ABSENT,READY,OUTDATED,FAILED" doc:"OFF: no language model is set up. ABSENT: nobody asked it. OUTDATED: newer data came since. FAILED: it gave nothing of use."`
	Source    string              `json:"source" enum:"AI"`
	Text      *string             `json:"text" doc:"Plain text, with READY."`
	Message   *string             `json:"message" doc:"Why there is no text, in a sentence."`
	Model     *string             `json:"model"`
	CreatedAt maybeTime           `json:"createdAt"`
	MadeFrom  *wireDiagnosisBasis `json:"madeFrom,omitempty"`
	Stale     bool                `json:"stale" doc:"There was one of older data."`
	Helpful   *bool               `json:"helpful" doc:"What somebody said of it."`
}

func basisView(b diagnosis.Basis) wireDiagnosisBasis {
	return wireDiagnosisBasis{RunIDs: append([]int64{}, b.RunIDs...), StartedAt: maybeTime(b.At)}
}

var stateMessages = map[diagnosis.State]string{
	diagnosis.Off:      "No AI provider is set up, so there is no summary.",
	diagnosis.Absent:   "Nobody asked for a summary yet.",
	diagnosis.Outdated: "Newer data came after the last summary was made.",
}

func summaryView(d diagnosis.Diagnosis) wireDiagnosisSummary {
	out := wireDiagnosisSummary{State: string(d.State), Source: "AI", Stale: d.State == diagnosis.Outdated, Message: orNull(stateMessages[d.State])}
	if s := d.Summary; s != nil {
		basis := basisView(s.Basis)
		out.Text, out.Model, out.CreatedAt, out.MadeFrom, out.Helpful = orNull(s.Text), orNull(s.Model), maybeTime(s.CreatedAt), &basis, s.Helpful
		if d.State == diagnosis.Useless {
			out.Message = orNull("There is no summary. " + s.Problem)
		}
	}
	return out
}

func diagnosisCauseView(c diagnosis.Cause) wireDiagnosisCause {
	out := wireDiagnosisCause{Pattern: c.Pattern, Code: orNull(c.Code), Title: c.Title, Text: c.Text, Steps: make([]wireDiagnosisStep, len(c.Steps)), Facts: make([]wireDiagnosisFact, len(c.Facts)),
		ResourceID: orNull(c.ResourceID), ResourceName: orNull(c.ResourceName), RunID: orNull(c.RunID), Step: orNull(string(c.Step)), At: maybeTime(c.At)}
	for i, s := range c.Steps {
		out.Steps[i] = wireDiagnosisStep{Text: s.Text, Page: orNull(string(s.Page)), Button: orNull(s.Button)}
	}
	for i, f := range c.Facts {
		out.Facts[i] = wireDiagnosisFact(f)
	}
	return out
}

func diagnosisView(d diagnosis.Diagnosis) wireDiagnosis {
	out := wireDiagnosis{ConnectionID: d.Connection.ID, Healthy: d.Healthy(), Source: "RULES", MadeFrom: basisView(d.Basis), Causes: make([]wireDiagnosisCause, len(d.Causes)),
		Summary: summaryView(d)}
	for i, c := range d.Causes {
		out.Causes[i] = diagnosisCauseView(c)
	}
	return out
}

func (a *api) getDiagnosis(c *call) (answer, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return answer{}, err
	}
	d, err := a.Diagnosis.Get(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, diagnosisView(d))
}

const refreshText = "A language model is asked for a summary, if one is set up; without one, and for a healthy connection, the reply is that of GET. " +
	"It takes up to a minute. 409: somebody is asking already. 429: too soon, or too often.\n\n" +
	"With `Accept: text/event-stream` the reply is a stream: `piece` has `{\"text\": \"…\"}`, a piece of the text as it comes; `done` has the diagnosis, whose text counts; " +
	"`error` has a refusal as it would have been a reply."

func (a *api) refreshDiagnosis(c *call) (answer, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return answer{}, err
	}
	// A repetition gets what was kept of a reply, and a stream keeps nothing.
	if strings.Contains(c.r.Header.Get("Accept"), streamMedia) && c.r.Header.Get("Idempotency-Key") == "" {
		return answer{status: http.StatusOK, media: streamMedia, follow: func(w http.ResponseWriter) { a.streamDiagnosis(c, w, id) }}, nil
	}
	d, err := a.Diagnosis.Refresh(c.ctx(), c.actor(), id, func(string) error { return nil })
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, diagnosisView(d))
}

// wirePiece is the data of a piece message.
type wirePiece struct {
	Text string `json:"text"`
}

func (a *api) streamDiagnosis(c *call, w http.ResponseWriter, id int64) {
	control := http.NewResponseController(w)
	begun := false
	send := func(name string, v any) error {
		text, err := encode(v)
		if err != nil {
			return err
		}
		if !begun {
			begun = true
			_ = control.SetReadDeadline(time.Time{})
			streamHeaders(w)
		}
		_ = control.SetWriteDeadline(time.Now().Add(streamPatience))
		if _, err := w.Write([]byte(message("", name, text))); err != nil {
			return err
		}
		return control.Flush()
	}
	d, err := a.Diagnosis.Refresh(c.ctx(), c.actor(), id, func(piece string) error { return send("piece", wirePiece{piece}) })
	if a.Live != nil {
		a.Live.Hint()
	}
	switch {
	case err == nil:
		_ = send("done", diagnosisView(d))
	case !begun:
		a.refusal(c.r, err).write(w, c.r)
	default:
		_ = send("error", wireObject(a.refusal(c.r, err).body))
	}
}

type diagnosisFeedback struct {
	_       struct{} `additionalProperties:"false"`
	Helpful *bool    `json:"helpful" nullable:"true" doc:"null takes it back."`
}

func (a *api) rateDiagnosis(c *call) (answer, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[diagnosisFeedback](c)
	if err != nil {
		return answer{}, err
	}
	if sent(c, "helpful", true) == nil {
		return answer{}, fault.New(fault.CodeValidation, "`helpful` (/helpful) is required: true, false, or null to take it back").At("/helpful")
	}
	d, err := a.Diagnosis.Rate(c.ctx(), c.actor(), id, body.Helpful)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, diagnosisView(d))
}
