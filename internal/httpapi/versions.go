package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/page"
)

type wireTestVersion struct {
	Version        int64           `json:"version"`
	State          string          `json:"state" enum:"published,draft,superseded,discarded" doc:"discarded: a draft that was replaced or discarded before it was published."`
	IsInForce      bool            `json:"isInForce" doc:"Its verdicts are those that the test shows: while a newer version is evaluated for the first time it is the one before."`
	Note           *string         `json:"note" doc:"Why, as its author wrote."`
	CreatedAt      wireTime        `json:"createdAt"`
	CreatedByKeyID *int64          `json:"createdByKeyId" doc:"The API key of its author; null when Plumbline made it by itself."`
	CreatedByUser  *wireUser       `json:"createdByUser,omitempty" doc:"The person who wrote it, if neither a key nor Plumbline did."`
	Author         wireActor       `json:"author" doc:"Who wrote it."`
	PublishedAt    maybeTime       `json:"publishedAt"`
	Logic          json.RawMessage `json:"logic,omitempty" doc:"In a list with expand[]=logic."`
}

type wireVersionDifference struct {
	From wireTestVersion `json:"from"`
	To   wireTestVersion `json:"to"`
	// Changes are those of the logic.
	Changes        []wireLogicChange      `json:"changes" doc:"What differs in the logic."`
	HasMoreChanges bool                   `json:"hasMoreChanges" doc:"There are more changes than are listed."`
	MeaningDiffers bool                   `json:"meaningDiffers" doc:"The texts are the same, but a named condition of theirs, or the resource of a name, was another one."`
	Words          wireVersionWords       `json:"words" doc:"Both in words, with named conditions written out."`
	Verdicts       *wireVerdictDifference `json:"verdicts,omitempty" doc:"What both say of the records of now. Absent when one of them cannot be evaluated any more."`
	Problem        *string                `json:"problem" doc:"Why there are no verdicts."`
}

type wireLogicChange struct {
	Pointer string          `json:"pointer" doc:"JSON Pointer of the value: in the old logic if it was removed, else in the new one."`
	Op      string          `json:"op" enum:"added,removed,changed"`
	From    json.RawMessage `json:"from,omitempty" doc:"The old value."`
	To      json.RawMessage `json:"to,omitempty" doc:"The new value."`
}

type wireVersionWords struct {
	From []wireGroupWords `json:"from"`
	To   []wireGroupWords `json:"to"`
}

type wireGroupWords struct {
	Name       string  `json:"name"`
	ResourceID int64   `json:"resourceId"`
	Filter     *string `json:"filter" doc:"Which records are left out, or with mode inclusion taken; null without a filter."`
	Mode       *string `json:"mode" doc:"exclusion or inclusion."`
	Evaluator  string  `json:"evaluator" doc:"What a record must be."`
	Assertion  string  `json:"assertion" doc:"What must hold of all of them."`
}

type wireVerdictDifference struct {
	From   wireVersionVerdict `json:"from"`
	To     wireVersionVerdict `json:"to"`
	Moves  []wireMove         `json:"moves" doc:"The records that they judge differently. A record fails a version if it fails any group of it."`
	Sample *wireSample        `json:"sample,omitempty" doc:"There when not all records were evaluated."`
}

type wireVersionVerdict struct {
	Counts wireCounts `json:"counts"`
	Result *string    `json:"result" doc:"READY, PASSED, FAILED or ERROR; null in a sample."`
	Reason *string    `json:"reason"`
}

type wireMove struct {
	From     string      `json:"from" enum:"pass,fail,error,satisfied,notSatisfied,outOfScope"`
	To       string      `json:"to" enum:"pass,fail,error,satisfied,notSatisfied,outOfScope"`
	Records  int64       `json:"records"`
	Examples []wireTried `json:"examples" doc:"The first 20 of them, with the cause where one of the versions fails them."`
}

// stateWords name the states of records on the wire.
var stateWords = map[check.State]string{check.Pass: "pass", check.Fail: "fail", check.Duplicate: "fail", check.Faulty: "error", check.OutOfScope: "outOfScope",
	check.Satisfied: "satisfied", check.NotSatisfied: "notSatisfied"}

// versionViews shows versions of a test with their authors.
func (a *api) versionViews(c *call, t check.Test, list []check.Version) (func(check.Version) wireTestVersion, error) {
	users, err := people(a, c, "", list, func(v check.Version) int64 { return v.UserID })
	if err != nil {
		return nil, err
	}
	who := make([]author, len(list))
	for i, v := range list {
		who[i] = author{v.KeyID, v.UserID}
	}
	names, err := a.names(c, who)
	return func(v check.Version) wireTestVersion {
		return wireTestVersion{Version: v.Number, State: string(t.State(v)), IsInForce: t.Decides(v), Note: orNull(v.Note), CreatedAt: wireTime(v.CreatedAt),
			CreatedByKeyID: orNull(v.KeyID), CreatedByUser: users[v.UserID], Author: names.of(author{v.KeyID, v.UserID}), PublishedAt: maybeTime(v.PublishedAt)}
	}, err
}

func (a *api) listTestVersions(c *call) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	p, t, err := a.Checks.Versions(c.ctx(), workspace, number, r)
	if err != nil {
		return answer{}, err
	}
	view, err := a.versionViews(c, t, p.Items)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, func(v check.Version) wireTestVersion {
		out := view(v)
		if c.expands("logic") {
			out.Logic = v.Logic
		}
		return out
	}))
}

func (a *api) compareTestVersions(c *call) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	got, err := a.Checks.Compare(c.ctx(), workspace, number, c.r.PathValue("range"))
	if err != nil {
		return answer{}, err
	}
	d := got.Difference
	both := []check.Version{got.Version}
	if d != nil {
		both = append(both, d.From)
	}
	view, err := a.versionViews(c, got.Test, both)
	if err != nil {
		return answer{}, err
	}
	to := view(got.Version)
	to.Logic = got.Version.Logic
	if d == nil {
		return reply(http.StatusOK, to)
	}
	out := wireVersionDifference{From: view(d.From), To: to, Changes: make([]wireLogicChange, len(d.Changes)), HasMoreChanges: d.More,
		MeaningDiffers: d.Meaning, Words: wireVersionWords{groupWordsView(d.FromWords), groupWordsView(d.ToWords)}, Problem: orNull(d.Problem)}
	out.From.Logic = d.From.Logic
	for i, change := range d.Changes {
		out.Changes[i] = wireLogicChange(change)
	}
	if d.Verdicts != nil {
		out.Verdicts = verdictDifferenceView(d.Verdicts)
	}
	return reply(http.StatusOK, out)
}

func verdictDifferenceView(v *check.VerdictDifference) *wireVerdictDifference {
	out := &wireVerdictDifference{From: versionVerdictView(v.From), To: versionVerdictView(v.To), Moves: make([]wireMove, len(v.Moves))}
	for i, m := range v.Moves {
		out.Moves[i] = wireMove{stateWords[m.From], stateWords[m.To], m.Records, triedView(m.Examples)}
	}
	if v.Sample != nil {
		out.Sample = &wireSample{v.Sample.Records, orNull(v.Sample.Of)}
	}
	return out
}

func groupWordsView(list []check.GroupWords) []wireGroupWords {
	out := make([]wireGroupWords, len(list))
	for i, g := range list {
		out[i] = wireGroupWords{g.Name, g.ResourceID, orNull(g.Filter), orNull(string(g.Mode)), g.Evaluator, g.Assertion}
	}
	return out
}

func versionVerdictView(v check.VersionVerdict) wireVersionVerdict {
	return wireVersionVerdict{countsView(v.Counts), orNull(string(v.Result)), orNull(string(v.Reason))}
}
