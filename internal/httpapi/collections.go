package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/collection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/record"
)

type wireCollection struct {
	ConnectionID int64                 `json:"connectionId"`
	ResourceID   int64                 `json:"resourceId"`
	Recipe       string                `json:"recipe" doc:"The text as it was sent, YAML or JSON."`
	Collector    *string               `json:"collector,omitempty" enum:"http,sql,command,file,osquery" doc:"How the recipe collects; absent if it cannot be read any more."`
	From         *string               `json:"from" doc:"Where the records come from, in a few words."`
	Inputs       []wireCollectionInput `json:"inputs" doc:"What the recipe wants filled in, in its order."`
	Missing      []string              `json:"missing" doc:"The inputs that are required and not filled in."`
	Schedule     string                `json:"schedule" doc:"A cron expression of five fields in UTC, or @hourly, @daily, @weekly, @monthly."`
	Words        string                `json:"scheduleWords" doc:"The same in words."`
	Enabled      bool                  `json:"enabled"`
	Guards       wireCollectionGuards  `json:"guards"`
	State        string                `json:"state" enum:"RUNNING,WAITING,RETRYING,PAUSED" doc:"RETRYING: the last run failed for a reason that may pass, so the next one comes before the schedule."`
	NextRunAt    maybeTime             `json:"nextRunAt" doc:"When it runs next; a little later than the schedule, the same each time."`
	Failures     int64                 `json:"failures" doc:"How many runs in a row failed for a reason that may pass."`
	Running      *wireCollecting       `json:"running,omitempty" doc:"The run that is under way; absent without one."`
	LastRun      *wireCollected        `json:"lastRun,omitempty" doc:"The run that ended last; absent before the first."`
	CreatedAt    wireTime              `json:"createdAt"`
	UpdatedAt    wireTime              `json:"updatedAt"`
}

type wireCollectionInput struct {
	Name     string    `json:"name"`
	Label    *string   `json:"label"`
	Help     *string   `json:"help"`
	Example  *string   `json:"example"`
	Default  *string   `json:"default"`
	Pattern  *string   `json:"pattern" doc:"An expression (RE2) that the whole value matches."`
	Required bool      `json:"required"`
	Secret   bool      `json:"secret" doc:"Its value is sealed and never shown."`
	Set      bool      `json:"set" doc:"It is filled in."`
	Value    *string   `json:"value" doc:"What is filled in; null of a secret."`
	SetAt    maybeTime `json:"setAt" doc:"When a secret was given."`
}

type wireRecipeInput struct {
	Name     string  `json:"name"`
	Label    *string `json:"label"`
	Help     *string `json:"help"`
	Example  *string `json:"example"`
	Default  *string `json:"default"`
	Pattern  *string `json:"pattern" doc:"An expression (RE2) that the whole value matches."`
	Required bool    `json:"required"`
	Secret   bool    `json:"secret" doc:"Its value is sealed and never shown."`
}

type wireCollectionGuards struct {
	MaxDeletePercent float64 `json:"maxDeletePercent" doc:"A run that would delete more of the live records than this is refused."`
	AllowEmpty       bool    `json:"allowEmpty" doc:"A system that has nothing empties the resource; else such a run is refused."`
}

type wireCollecting struct {
	RunID     *int64   `json:"runId" doc:"The sync run, once it has begun."`
	SessionID string   `json:"sessionId"`
	StartedAt wireTime `json:"startedAt"`
	Canceling bool     `json:"canceling" doc:"Somebody has cancelled it, and it is about to end."`
}

type wireCollected struct {
	RunID     *int64               `json:"runId" doc:"The sync run, with its steps."`
	SessionID string               `json:"sessionId"`
	Status    string               `json:"status" enum:"COMPLETED,FAILED,CANCELED"`
	StartedAt wireTime             `json:"startedAt"`
	EndedAt   wireTime             `json:"endedAt"`
	Records   int64                `json:"records" doc:"How many it brought, if it completed."`
	Error     *wireCollectionError `json:"error,omitempty" doc:"Why it did not complete."`
}

type wireCollectionError struct {
	Code    string `json:"code" doc:"A word for programs, such as UNAUTHORIZED or TIMEOUT."`
	Message string `json:"message" doc:"A sentence for people. No secret stands in it."`
}

func recipeInputView(in collection.RecipeInput) wireRecipeInput {
	return wireRecipeInput{Name: in.Name, Label: orNull(in.Label), Help: orNull(in.Help), Example: orNull(in.Example), Default: orNull(in.Default),
		Pattern: orNull(in.Pattern), Required: in.Required, Secret: in.Secret}
}

func collectionView(v collection.View) wireCollection {
	out := wireCollection{ConnectionID: v.ConnectionID, ResourceID: v.ResourceID, Recipe: v.Recipe, Collector: orNull(v.Collector), From: orNull(v.From),
		Inputs: make([]wireCollectionInput, len(v.Inputs)), Missing: append([]string{}, v.Missing...), Schedule: v.Schedule.String(), Words: v.Schedule.Words(),
		Enabled: v.Enabled, Guards: wireCollectionGuards(v.Guards), State: string(v.State()), NextRunAt: maybeTime(v.Next()), Failures: v.Failures,
		CreatedAt: wireTime(v.CreatedAt), UpdatedAt: wireTime(v.UpdatedAt)}
	for i, in := range v.Inputs {
		r := recipeInputView(in.RecipeInput)
		out.Inputs[i] = wireCollectionInput{Name: r.Name, Label: r.Label, Help: r.Help, Example: r.Example, Default: r.Default, Pattern: r.Pattern, Required: r.Required,
			Secret: r.Secret, Set: in.Set, SetAt: maybeTime(in.SetAt)}
		if in.Set && !in.Secret {
			out.Inputs[i].Value = &in.Value
		}
	}
	if c := v.Claim; c.Owner != "" {
		out.Running = &wireCollecting{RunID: orNull(c.RunID), SessionID: c.SessionID, StartedAt: wireTime(c.StartedAt), Canceling: c.CancelAsked}
	}
	if l := v.Last; l != nil {
		out.LastRun = &wireCollected{RunID: orNull(l.RunID), SessionID: l.SessionID, Status: string(l.Status), StartedAt: wireTime(l.StartedAt), EndedAt: wireTime(l.EndedAt), Records: l.Records}
		if l.Code != "" {
			out.LastRun.Error = &wireCollectionError{l.Code, l.Message}
		}
	}
	return out
}

func (a *api) getCollection(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	v, err := a.Collections.Get(c.ctx(), t)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, collectionView(v))
}

// collectionChange is what a collection is made from or changed to. A name that
// is misspelt must not leave a guard or a secret as it was.
type collectionChange struct {
	_        struct{}                `additionalProperties:"false"`
	Recipe   *string                 `json:"recipe,omitempty" doc:"YAML or JSON, kept as it is. Required for a new collection."`
	Inputs   inputValues             `json:"inputs,omitempty" doc:"Values by name. null clears one; what is not named stays, also a secret."`
	Schedule *string                 `json:"schedule,omitempty" maxLength:"120" doc:"A cron expression in UTC; @daily if absent in a new collection."`
	Enabled  *bool                   `json:"enabled,omitempty" doc:"true if absent in a new collection. A collection that lacks inputs cannot be enabled."`
	Guards   *collectionGuardsChange `json:"guards,omitempty"`
}

// inputValues are values of inputs by name; nil is null.
type inputValues map[string]*string

// Schema implements huma.SchemaProvider.
func (inputValues) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString, Nullable: true}}
}

type collectionGuardsChange struct {
	_                struct{} `additionalProperties:"false"`
	MaxDeletePercent *float64 `json:"maxDeletePercent,omitempty" minimum:"0" maximum:"100" doc:"50 if absent in a new collection."`
	AllowEmpty       *bool    `json:"allowEmpty,omitempty" doc:"false if absent in a new collection."`
}

func (b collectionChange) change() collection.Change {
	out := collection.Change{Recipe: b.Recipe, Inputs: b.Inputs, Schedule: b.Schedule, Enabled: b.Enabled}
	if g := b.Guards; g != nil {
		out.Guards = collection.GuardsChange{MaxDeletePercent: g.MaxDeletePercent, AllowEmpty: g.AllowEmpty}
	}
	return out
}

func (a *api) putCollection(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[collectionChange](c)
	if err != nil {
		return answer{}, err
	}
	v, err := a.Collections.Put(c.ctx(), c.actor(), t, body.change())
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, collectionView(v))
}

func (a *api) deleteCollection(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Collections.Delete(c.ctx(), c.actor(), t)
}

type collectionAction struct {
	_      struct{}    `additionalProperties:"false"`
	Action string      `json:"action" enum:"run,pause,resume,cancel,try"`
	Recipe *string     `json:"recipe,omitempty" doc:"try: in place of the one that is stored."`
	Inputs inputValues `json:"inputs,omitempty" doc:"try: laid over those that are stored."`
}

type wireTrial struct {
	Steps   []wireTrialStep   `json:"steps" doc:"The steps that the recipe came to."`
	Records []wireTriedRecord `json:"records" doc:"The first records that it gave, 20 at most, as they would be stored."`
	More    bool              `json:"more" doc:"It would have given more."`
}

type wireTrialStep struct {
	Name      string           `json:"name" enum:"AUTHENTICATE,FETCH,PARSE"`
	Status    string           `json:"status" enum:"COMPLETED,FAILED,RUNNING"`
	StartedAt wireTime         `json:"startedAt"`
	EndedAt   maybeTime        `json:"endedAt"`
	Counts    map[string]int64 `json:"counts"`
	Error     *wireTrialError  `json:"error,omitempty" doc:"Why it failed."`
}

type wireTrialError struct {
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Facts   map[string]string `json:"facts"`
}

type wireTriedRecord struct {
	ID       *string    `json:"id" doc:"The id that it would have; null if it is refused."`
	Data     wireObject `json:"data"`
	Accepted bool       `json:"accepted" doc:"The schema of the resource takes it."`
	Error    *string    `json:"error" doc:"Why it is refused."`
	Pointer  *string    `json:"pointer" doc:"The place in the record that is to blame, if that is known."`
}

func trialView(t collection.Trial) wireTrial {
	out := wireTrial{Steps: make([]wireTrialStep, len(t.Steps)), Records: make([]wireTriedRecord, len(t.Records)), More: t.More}
	for i, s := range t.Steps {
		out.Steps[i] = trialStepView(s)
	}
	for i, item := range t.Records {
		out.Records[i] = triedRecordView(item)
	}
	return out
}

func trialStepView(s syncrun.Step) wireTrialStep {
	out := wireTrialStep{Name: string(s.Name), Status: string(s.Status), StartedAt: wireTime(s.StartedAt), EndedAt: maybeTime(s.EndedAt), Counts: s.Counts}
	if out.Counts == nil {
		out.Counts = map[string]int64{}
	}
	if e := s.Error; e != nil {
		out.Error = &wireTrialError{Code: e.Code, Message: e.Message, Facts: e.Facts}
		if e.Facts == nil {
			out.Error.Facts = map[string]string{}
		}
	}
	return out
}

func triedRecordView(item record.Item) wireTriedRecord {
	out := wireTriedRecord{ID: orNull(item.Key), Data: wireObject(item.Data), Accepted: item.Err == nil}
	if item.Err != nil {
		text := item.Err.Error()
		var f *fault.Error
		if errors.As(item.Err, &f) {
			text, out.Pointer = f.Message, orNull(f.Pointer)
		}
		out.Error = &text
	}
	return out
}

func (a *api) actOnCollection(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[collectionAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action == "try" {
		trial, err := a.Collections.Try(c.ctx(), t, collection.Change{Recipe: body.Recipe, Inputs: body.Inputs})
		if err != nil {
			return answer{}, err
		}
		return reply(http.StatusOK, trialView(trial))
	}
	if body.Recipe != nil || body.Inputs != nil {
		return answer{}, fault.New(fault.CodeValidation, "`recipe` and `inputs` go with the action try only: PUT changes a collection").At("/action")
	}
	do := map[string]func(context.Context, event.Actor, collection.Target) (collection.View, error){
		"run": a.Collections.Run, "pause": a.Collections.Pause, "resume": a.Collections.Resume, "cancel": a.Collections.Cancel}[body.Action]
	if do == nil {
		return answer{}, fault.New(fault.CodeValidation, "`action` (/action) is %q; it must be run, pause, resume, cancel or try", cutText(body.Action, 80)).At("/action")
	}
	v, err := do(c.ctx(), c.actor(), t)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, collectionView(v))
}

type recipeText struct {
	_      struct{} `additionalProperties:"false"`
	Recipe string   `json:"recipe" doc:"YAML or JSON."`
}

type wireCheckedRecipe struct {
	Valid     bool                `json:"valid"`
	Collector *string             `json:"collector,omitempty" enum:"http,sql,command,file,osquery"`
	Inputs    []wireRecipeInput   `json:"inputs" doc:"What a person fills in."`
	Findings  []wireRecipeFinding `json:"findings" doc:"What keeps it from being used; empty if it is valid."`
	Refused   *string             `json:"refused" doc:"Why this server would not run it although it is valid."`
}

type wireRecipeFinding struct {
	Line    *int   `json:"line" doc:"Counted from 1."`
	Column  *int   `json:"column" doc:"Counted from 1."`
	Pointer string `json:"pointer" doc:"The JSON Pointer of the part, empty for the whole."`
	Message string `json:"message"`
}

func (a *api) checkRecipe(c *call) (answer, error) {
	body, err := decodeKnown[recipeText](c)
	if err != nil {
		return answer{}, err
	}
	got, err := a.Collections.Check(body.Recipe)
	if err != nil {
		return answer{}, err
	}
	out := wireCheckedRecipe{Valid: len(got.Findings) == 0, Collector: orNull(got.Collector), Inputs: make([]wireRecipeInput, len(got.Inputs)),
		Findings: make([]wireRecipeFinding, len(got.Findings)), Refused: orNull(got.Refused)}
	for i, in := range got.Inputs {
		out.Inputs[i] = recipeInputView(in)
	}
	for i, f := range got.Findings {
		out.Findings[i] = wireRecipeFinding{Line: orNull(f.Line), Column: orNull(f.Column), Pointer: f.Pointer, Message: f.Message}
	}
	return reply(http.StatusOK, out)
}
