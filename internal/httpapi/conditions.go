package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

type wireCondition struct {
	Name      string     `json:"name"`
	Logic     wireObject `json:"logic" doc:"The condition."`
	Sentence  string     `json:"sentence" doc:"The condition in words."`
	UsedBy    []int64    `json:"usedBy" doc:"The tests (testId) that refer to it, published or as a draft, directly or through other conditions."`
	CreatedAt wireTime   `json:"createdAt"`
	UpdatedAt wireTime   `json:"updatedAt"`
	UpdatedBy wireActor  `json:"updatedBy" doc:"Who wrote it last."`
	// Republished is there after a change, even if 0.
	Republished *int `json:"republished,omitempty" doc:"In the reply to a change: how many tests got a new version."`
}

func (a *api) conditionViews(c *call, list ...check.Condition) ([]wireCondition, error) {
	who := make([]author, len(list))
	for i, each := range list {
		who[i] = author{each.KeyID, each.UserID}
	}
	names, err := a.names(c, who)
	out := make([]wireCondition, len(list))
	for i, each := range list {
		out[i] = wireCondition{Name: each.Name, Logic: wireObject(each.Logic), Sentence: each.Sentence, UsedBy: each.UsedBy,
			CreatedAt: wireTime(each.CreatedAt), UpdatedAt: wireTime(each.UpdatedAt), UpdatedBy: names.of(who[i])}
	}
	return out, err
}

func (a *api) listConditions(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	count, err := c.boolean("includeTotalCount")
	if err != nil {
		return answer{}, err
	}
	list, err := a.Checks.Conditions(c.ctx(), workspace)
	if err != nil {
		return answer{}, err
	}
	views, err := a.conditionViews(c, list...)
	if err != nil {
		return answer{}, err
	}
	p := page.Page[wireCondition]{Items: views}
	if count {
		total := int64(len(list))
		p.Total = &total
	}
	return reply(http.StatusOK, listOf(p, func(v wireCondition) wireCondition { return v }))
}

func (a *api) getCondition(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	got, err := a.Checks.Condition(c.ctx(), workspace, c.r.PathValue("name"))
	if err != nil {
		return answer{}, err
	}
	views, err := a.conditionViews(c, got)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, views[0])
}

// conditionChange is what a condition is created from or changed to.
type conditionChange struct {
	_     struct{}   `additionalProperties:"true"`
	Logic wireObject `json:"logic" doc:"A condition of the rule language: a comparison, all, any, not, or a reference to another condition."`
}

func (a *api) putCondition(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[conditionChange](c)
	if err != nil {
		return answer{}, err
	}
	if given(body.Logic) == nil {
		return answer{}, fault.New(fault.CodeValidation, "`logic` (/logic) is required: the condition")
	}
	made, republished, err := a.Checks.PutCondition(c.ctx(), c.actor(), workspace, c.r.PathValue("name"), body.Logic)
	if err != nil {
		return answer{}, err
	}
	views, err := a.conditionViews(c, made)
	if err != nil {
		return answer{}, err
	}
	views[0].Republished = &republished
	return reply(http.StatusOK, views[0])
}

func (a *api) deleteCondition(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Checks.DeleteCondition(c.ctx(), c.actor(), workspace, c.r.PathValue("name"))
}
