package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/rule"
)

const lintText = "Reads a text as an editor has it, also one that is no JSON yet, and tells every error and every remark at its place. Writes nothing."

// lintRequest is a text of the rule language in an editor.
type lintRequest struct {
	Text       string `json:"text" doc:"The text as it stands, at most 2 MB."`
	What       string `json:"what" enum:"logic,group,evaluator,condition" doc:"What it is meant to be: the logic of a test, one group of it, conditions with all, any or not at the root, or any condition."`
	ResourceID int64  `json:"resourceId,omitempty" doc:"The resource that is meant where the text names none."`
	Format     bool   `json:"format,omitempty" doc:"Answer with the text laid out, too."`
}

type wireLint struct {
	Valid       bool             `json:"valid" doc:"There is no error. Warnings do not count."`
	Diagnostics []wireDiagnostic `json:"diagnostics" doc:"In the order of the text, at most 200."`
	Words       *wireSaidLogic   `json:"words,omitempty" doc:"What valid logic, or a valid group, says."`
	Condition   *wireWords       `json:"condition,omitempty" doc:"What valid conditions say, where the text is no logic and no group."`
	Formatted   *string          `json:"formatted" doc:"With format: the text laid out, every number and key as it is written; null if it is no JSON."`
}

type wireDiagnostic struct {
	Severity   string   `json:"severity" enum:"error,warning,info"`
	Message    string   `json:"message"`
	Pointer    string   `json:"pointer" doc:"The JSON Pointer of the value."`
	Line       int      `json:"line" doc:"From 1."`
	Column     int      `json:"column" doc:"In characters, from 1."`
	EndLine    int      `json:"endLine"`
	EndColumn  int      `json:"endColumn" doc:"Behind the last character."`
	From       int      `json:"from" doc:"The beginning as an offset, in UTF-16 code units as JavaScript counts them."`
	To         int      `json:"to" doc:"The end as an offset."`
	Suggestion *wireFix `json:"suggestion,omitempty" doc:"A change that would mend it."`
}

type wireFix struct {
	Label string     `json:"label"`
	Edits []wireEdit `json:"edits" doc:"In the order of the text; their places are those before any of them."`
}

// wireEdit replaces a part of a text.
type wireEdit struct {
	From int    `json:"from" doc:"Where the part begins, in UTF-16 code units."`
	To   int    `json:"to" doc:"Where it ends."`
	Text string `json:"text" doc:"What takes its place."`
}

type wireSaidLogic struct {
	Logic  string          `json:"logic" doc:"How the groups combine; empty for one group alone."`
	Groups []wireSaidGroup `json:"groups"`
}

type wireSaidGroup struct {
	Name         string    `json:"name"`
	ResourceID   int64     `json:"resourceId"`
	ResourceName string    `json:"resourceName"`
	Scope        wireWords `json:"scope" doc:"Which records are tested."`
	Demand       wireWords `json:"demand" doc:"What each of them is held against."`
	Assertion    string    `json:"assertion" doc:"What is demanded of them together."`
	OnEmpty      string    `json:"onEmpty" doc:"What holds where there are none."`
}

// wireWords is a sentence with those below it.
type wireWords struct {
	Text  string      `json:"text" doc:"Names of attributes and resources stand in backquotes."`
	Items []wireWords `json:"items"`
}

func wordsView(w rule.Words) wireWords {
	out := wireWords{Text: w.Text, Items: make([]wireWords, len(w.Items))}
	for i, each := range w.Items {
		out.Items[i] = wordsView(each)
	}
	return out
}

func saidLogicView(w *check.SaidLogic) *wireSaidLogic {
	if w == nil {
		return nil
	}
	out := wireSaidLogic{Logic: w.Logic, Groups: make([]wireSaidGroup, len(w.Groups))}
	for i, g := range w.Groups {
		out.Groups[i] = wireSaidGroup{g.Name, g.ResourceID, g.ResourceName, wordsView(g.Scope), wordsView(g.Demand), g.Assertion, g.OnEmpty}
	}
	return &out
}

func editViews(edits []rule.Edit) []wireEdit {
	out := make([]wireEdit, len(edits))
	for i, e := range edits {
		out[i] = wireEdit{e.From, e.To, e.Text}
	}
	return out
}

func (a *api) lintLogic(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[lintRequest](c)
	if err != nil {
		return answer{}, err
	}
	got, err := a.Checks.Read(c.ctx(), workspace, check.Edited{Text: body.Text, What: rule.Subject(body.What), ResourceID: body.ResourceID})
	if err != nil {
		return answer{}, err
	}
	out := wireLint{Valid: got.Valid(), Diagnostics: make([]wireDiagnostic, len(got.Diagnostics)), Words: saidLogicView(got.Words)}
	for i, d := range got.Diagnostics {
		out.Diagnostics[i] = wireDiagnostic{Severity: string(d.Severity), Message: d.Message, Pointer: d.Pointer,
			Line: d.Line, Column: d.Column, EndLine: d.EndLine, EndColumn: d.EndColumn, From: d.From, To: d.To}
		if d.Fix != nil {
			out.Diagnostics[i].Suggestion = &wireFix{d.Fix.Label, editViews(d.Fix.Edits)}
		}
	}
	if got.Condition != nil {
		words := wordsView(*got.Condition)
		out.Condition = &words
	}
	if body.Format {
		if laid, err := rule.Format([]byte(body.Text)); err == nil {
			text := string(laid)
			out.Formatted = &text
		}
	}
	return reply(http.StatusOK, out)
}

const completeText = "The text may be broken. Proposals come from the language, the schema of the resource and a sample of its records; nothing is written."

// completeRequest is a text of the rule language with a caret.
type completeRequest struct {
	Text       string `json:"text" doc:"The text as it stands, at most 2 MB."`
	What       string `json:"what" enum:"logic,group,evaluator,condition" doc:"What it is meant to be, as for lint."`
	Offset     int    `json:"offset" minimum:"0" doc:"Where the caret is, in UTF-16 code units as JavaScript counts them."`
	ResourceID int64  `json:"resourceId,omitempty" doc:"The resource that is meant where the text names none."`
}

type wireProposals struct {
	From  int            `json:"from" doc:"The part of the text that the items are about, in UTF-16 code units."`
	To    int            `json:"to"`
	Items []wireProposal `json:"items" doc:"The likely ones first, at most 100."`
	More  bool           `json:"more" doc:"There are others: more letters find them."`
}

type wireProposal struct {
	Kind   string     `json:"kind" enum:"key,fact,path,operator,value,condition,resource,word,snippet"`
	Label  string     `json:"label"`
	Detail string     `json:"detail"`
	Info   string     `json:"info" doc:"More to read; may be empty."`
	Edits  []wireEdit `json:"edits" doc:"In the order of the text; their places are those before any of them."`
	Caret  int        `json:"caret" doc:"Where to go on, in the text after the edits."`
}

func (a *api) completeLogic(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[completeRequest](c)
	if err != nil {
		return answer{}, err
	}
	got, err := a.Checks.Complete(c.ctx(), workspace, check.Edited{Text: body.Text, What: rule.Subject(body.What), ResourceID: body.ResourceID}, body.Offset)
	if err != nil {
		return answer{}, err
	}
	out := wireProposals{From: got.From, To: got.To, Items: make([]wireProposal, len(got.Items)), More: got.More}
	for i, it := range got.Items {
		edits := make([]wireEdit, len(it.Edits))
		for j, e := range it.Edits {
			edits[j] = wireEdit(e)
		}
		out.Items[i] = wireProposal{string(it.Kind), it.Label, it.Detail, it.Info, edits, it.Caret}
	}
	return reply(http.StatusOK, out)
}
