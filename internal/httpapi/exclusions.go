package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// wireExclusion is the contract's Exclusion (section 2.5) and what only we have.
type wireExclusion struct {
	ID              int64                  `json:"id"`
	TargetID        string                 `json:"targetId" doc:"The id of the record; empty with a selector."`
	TargetName      string                 `json:"targetName" doc:"What people call the record, or the selector in words."`
	ExclusionReason string                 `json:"exclusionReason"`
	CreatedAt       wireTime               `json:"createdAt"`
	UpdatedAt       wireTime               `json:"updatedAt"`
	Connection      *wireConnectionCompact `json:"connection,omitempty" doc:"With expand[]=connection, while it exists."`
	Designator      *wireUser              `json:"exclusionDesignator,omitempty" doc:"With expand[]=exclusionDesignator, when a person made it."`
	TestID          int64                  `json:"testId" doc:"The test's number in its workspace."`
	TestName        string                 `json:"testName"`
	ResourceID      int64                  `json:"resourceId"`
	ResourceName    string                 `json:"resourceName"`
	ConnectionID    int64                  `json:"connectionId"`
	Selector        *wireObject            `json:"selector,omitempty" doc:"The condition that the excluded records satisfy."`
	Reason          string                 `json:"reason" doc:"The same as exclusionReason."`
	Category        string                 `json:"category" enum:"ACCEPTED_RISK,FALSE_POSITIVE,COMPENSATING_CONTROL,OUT_OF_SCOPE"`
	Approver        *string                `json:"approver"`
	TicketURL       *string                `json:"ticketUrl"`
	ExpiresAt       maybeTime              `json:"expiresAt"`
	IsExpiring      bool                   `json:"isExpiring" doc:"It is about to expire, by exclusionWarningDays of the settings."`
	ExpireOnFix     bool                   `json:"expireOnFix" doc:"It ends once the record does not fail any more."`
	State           string                 `json:"state" enum:"ACTIVE,EXPIRED,FIXED,DELETED"`
	EndedAt         maybeTime              `json:"endedAt"`
	Version         int64                  `json:"version" doc:"Counts the changes from 1 on."`
	CreatedByKeyID  *int64                 `json:"createdByKeyId" doc:"The API key that was used."`
	CreatedBy       wireActor              `json:"createdBy"`
	Approved        wireReach              `json:"approved" doc:"What it covered when it was created, or its selector changed."`
	// Versions is there when one is read by itself, Problems and Now in the audit
	// and when they are asked for.
	Versions *[]wireExclusionVersion `json:"versions,omitempty" doc:"Of one exclusion: all that it said, the first one first."`
	Problems []string                `json:"problems,omitempty" enum:"EXPIRED,UNUSED,MATCHES_MORE,EXPIRING" doc:"In the audit, or with expand[]=now: why somebody should look at it."`
	Now      *wireReach              `json:"now,omitempty" doc:"In the audit, or with expand[]=now: what it covers, or would cover, now."`
}

type wireReach struct {
	Matching int64 `json:"matching" doc:"Records in scope."`
	Failing  int64 `json:"failing" doc:"Those of them that fail, or cannot be evaluated."`
}

type wireExclusionVersion struct {
	Version     int64       `json:"version"`
	ValidFrom   wireTime    `json:"validFrom"`
	ValidTo     maybeTime   `json:"validTo" doc:"null: it says this now."`
	Selector    *wireObject `json:"selector,omitempty"`
	Reason      string      `json:"reason"`
	Category    string      `json:"category"`
	Approver    *string     `json:"approver"`
	TicketURL   *string     `json:"ticketUrl"`
	ExpiresAt   maybeTime   `json:"expiresAt"`
	ExpireOnFix bool        `json:"expireOnFix"`
	KeyID       *int64      `json:"keyId" doc:"The API key that wrote it."`
	Author      wireActor   `json:"author"`
}

var (
	exclusionStates     = []string{"ACTIVE", "EXPIRED", "FIXED", "DELETED", "ALL"}
	exclusionKinds      = []string{"RECORD", "SELECTOR"}
	exclusionSorts      = []page.Sort{page.CreatedAt, page.UpdatedAt, page.ExpiresAt}
	exclusionProblems   = []string{"EXPIRED", "UNUSED", "MATCHES_MORE", "EXPIRING"}
	exclusionCategories = func() (out []string) {
		for _, c := range check.ExclusionCategories {
			out = append(out, string(c))
		}
		return out
	}()
)

// exclusionViews shows exclusions, with their connections if they are asked for.
func (a *api) exclusionViews(c *call, list []check.Exclusion) ([]wireExclusion, error) {
	out := make([]wireExclusion, len(list))
	known := map[int64]*wireConnectionCompact{}
	now := a.Now()
	who := make([]author, len(list))
	for i := range list {
		who[i] = author{list[i].KeyID, list[i].UserID}
	}
	names, err := a.names(c, who)
	if err != nil {
		return nil, err
	}
	designators, err := people(a, c, "exclusionDesignator", list, func(x check.Exclusion) int64 { return x.UserID })
	if err != nil {
		return nil, err
	}
	warning, err := a.Checks.Warning(c.ctx())
	if err != nil {
		return nil, err
	}
	for i := range list {
		x := &list[i]
		out[i] = wireExclusion{ID: x.ID, TargetID: x.Key, TargetName: x.TargetName(), ExclusionReason: x.Reason, CreatedAt: wireTime(x.CreatedAt), UpdatedAt: wireTime(x.UpdatedAt),
			TestID: x.TestNumber, TestName: x.TestName, ResourceID: x.Resource.ID, ResourceName: x.Resource.Name, ConnectionID: x.Resource.ConnectionID, CreatedBy: names.of(who[i]), Selector: objectOrNone(x.Selector), Reason: x.Reason, Category: string(x.Category),
			Approver: orNull(x.Approver), TicketURL: orNull(x.TicketURL), ExpiresAt: maybeTime(x.ExpiresAt), IsExpiring: x.Expiring(now, warning), ExpireOnFix: x.ExpireOnFix,
			State: string(x.State(now)), EndedAt: maybeTime(x.EndedAt), Version: x.Version, CreatedByKeyID: orNull(x.KeyID), Designator: designators[x.UserID], Approved: wireReach(x.Approved)}
		if x.State(now) == check.ExclusionExpired {
			out[i].EndedAt = maybeTime(x.ExpiresAt)
		}
		if !c.expands("connection") {
			continue
		}
		id := x.Resource.ConnectionID
		view, seen := known[id]
		if !seen {
			found, err := a.Connections.Get(c.ctx(), id)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
			if err == nil {
				view = compactView(found, a.Now())
			}
			known[id] = view
		}
		out[i].Connection = view
	}
	return out, nil
}

func objectOrNone(text []byte) *wireObject {
	if text == nil {
		return nil
	}
	o := wireObject(text)
	return &o
}

func (a *api) exclusionAnswer(c *call, status int, x check.Exclusion) (answer, error) {
	views, err := a.exclusionViews(c, []check.Exclusion{x})
	if err != nil {
		return answer{}, err
	}
	return reply(status, views[0])
}

func (a *api) listExclusions(c *call) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	return a.exclusionList(c, check.ExclusionFilter{WorkspaceID: workspace}, number)
}

func (a *api) listAllExclusions(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	f := check.ExclusionFilter{WorkspaceID: workspace}
	category, err := c.choice("category", exclusionCategories...)
	if err != nil {
		return answer{}, err
	}
	f.Category = check.ExclusionCategory(category)
	if f.Search, err = c.searchText(); err != nil {
		return answer{}, err
	}
	kind, err := c.choice("kind", exclusionKinds...)
	if err != nil {
		return answer{}, err
	}
	if kind != "" {
		selects := kind == "SELECTOR"
		f.BySelector = &selects
	}
	if f.ResourceID, _, err = c.idOrNull("resourceId"); err != nil {
		return answer{}, err
	}
	number, _, err := c.idOrNull("testId")
	if err != nil {
		return answer{}, err
	}
	return a.exclusionList(c, f, number)
}

const maxTarget = 30000

func (a *api) exclusionList(c *call, f check.ExclusionFilter, number int64) (answer, error) {
	r, err := c.paging(exclusionSorts...)
	if err != nil {
		return answer{}, err
	}
	state, err := c.choice("state", exclusionStates...)
	if err != nil {
		return answer{}, err
	}
	switch state {
	case "":
		f.State = check.ExclusionActive
	case "ALL":
	default:
		f.State = check.ExclusionState(state)
	}
	if f.Key, err = c.text("targetId"); err != nil {
		return answer{}, err
	}
	if len(f.Key) > maxTarget {
		return answer{}, fault.New(fault.CodeValidation, "`targetId` may have at most %d bytes", maxTarget)
	}
	p, err := a.Checks.Exclusions(c.ctx(), f, number, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.exclusionViews(c, p.Items)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireExclusion]{views, paginationOf(p.Next, p.Total)})
}

func (a *api) auditExclusions(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(exclusionSorts...)
	if err != nil {
		return answer{}, err
	}
	problem, err := c.choice("problem", exclusionProblems...)
	if err != nil {
		return answer{}, err
	}
	p, counts, err := a.Checks.AuditExclusions(c.ctx(), workspace, check.ExclusionProblem(problem), r)
	if err != nil {
		return answer{}, err
	}
	list := make([]check.Exclusion, len(p.Items))
	for i := range p.Items {
		list[i] = p.Items[i].Exclusion
	}
	views, err := a.exclusionViews(c, list)
	if err != nil {
		return answer{}, err
	}
	for i, x := range p.Items {
		views[i].looked(x)
	}
	out := wireExclusionAudit{Data: views, Pagination: paginationOf(p.Next, p.Total)}
	if counts != nil {
		out.Counts = &wireProblemCounts{counts[check.ProblemExpired], counts[check.ProblemUnused], counts[check.ProblemMore], counts[check.ProblemExpiring]}
	}
	return reply(http.StatusOK, out)
}

// wireExclusionAudit is a page of the audit.
type wireExclusionAudit struct {
	Data       []wireExclusion    `json:"data"`
	Pagination wirePagination     `json:"pagination"`
	Counts     *wireProblemCounts `json:"counts,omitempty" doc:"With includeTotalCount, on the first page: how many exclusions have each problem, whichever is listed."`
}

type wireProblemCounts struct {
	Expired     int64 `json:"EXPIRED"`
	Unused      int64 `json:"UNUSED"`
	MatchesMore int64 `json:"MATCHES_MORE"`
	Expiring    int64 `json:"EXPIRING"`
}

// looked adds what the audit says.
func (w *wireExclusion) looked(x check.Audited) {
	now := wireReach(x.Now)
	w.Now = &now
	for _, problem := range x.Problems {
		w.Problems = append(w.Problems, string(problem))
	}
}

func (a *api) getExclusion(c *call) (answer, error) {
	workspace, number, id, err := c.exclusion()
	if err != nil {
		return answer{}, err
	}
	x, versions, err := a.Checks.Exclusion(c.ctx(), workspace, number, id)
	if err != nil {
		return answer{}, err
	}
	views, err := a.exclusionViews(c, []check.Exclusion{x})
	if err != nil {
		return answer{}, err
	}
	if c.expands("now") {
		looked, err := a.Checks.Look(c.ctx(), x)
		if err != nil {
			return answer{}, err
		}
		views[0].looked(looked)
	}
	said, who := make([]wireExclusionVersion, len(versions)), make([]author, len(versions))
	for i, v := range versions {
		who[i] = author{v.KeyID, v.UserID}
	}
	names, err := a.names(c, who)
	if err != nil {
		return answer{}, err
	}
	for i, v := range versions {
		said[i] = wireExclusionVersion{Version: v.Number, ValidFrom: wireTime(v.ValidFrom), ValidTo: maybeTime(v.ValidTo), Selector: objectOrNone(v.Selector),
			Reason: v.Reason, Category: string(v.Category), Approver: orNull(v.Approver), TicketURL: orNull(v.TicketURL), ExpiresAt: maybeTime(v.ExpiresAt),
			ExpireOnFix: v.ExpireOnFix, KeyID: orNull(v.KeyID), Author: names.of(who[i])}
	}
	views[0].Versions = &said
	return reply(http.StatusOK, views[0])
}

// exclusion are the ids in the path of one exclusion.
func (c *call) exclusion() (workspace, number, id int64, err error) {
	return c.nested("workspaceId", "testId", "exclusionId")
}

// newExclusion is what an exclusion is created from.
type newExclusion struct {
	_           struct{}   `additionalProperties:"true"`
	TargetID    string     `json:"targetId,omitempty" maxLength:"30000" doc:"The id of the record."`
	Selector    wireObject `json:"selector,omitempty" doc:"A condition that all records to be excluded satisfy, instead of targetId."`
	ResourceID  int64      `json:"resourceId,omitempty" doc:"Needed for a test over several resources."`
	Reason      string     `json:"reason" minLength:"1" maxLength:"2000"`
	Category    string     `json:"category" enum:"ACCEPTED_RISK,FALSE_POSITIVE,COMPENSATING_CONTROL,OUT_OF_SCOPE"`
	Approver    string     `json:"approver,omitempty" maxLength:"191" doc:"Who allowed it."`
	TicketURL   string     `json:"ticketUrl,omitempty" maxLength:"2000" format:"uri"`
	ExpiresAt   string     `json:"expiresAt,omitempty" doc:"Its end: a time, or a date, whose beginning in UTC it is. Required unless the settings say otherwise."`
	ExpireOnFix bool       `json:"expireOnFix,omitempty" doc:"End it once the record does not fail any more; not with a selector."`
}

func (a *api) createExclusion(c *call) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	wait, err := c.waitsFor()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[newExclusion](c)
	if err != nil {
		return answer{}, err
	}
	until, err := endOf(body.ExpiresAt)
	if err != nil {
		return answer{}, err
	}
	x, err := a.Checks.Exclude(c.ctx(), c.actor(), workspace, number, check.NewExclusion{Key: body.TargetID, Selector: given(body.Selector), ResourceID: body.ResourceID,
		Reason: body.Reason, Category: body.Category, Approver: body.Approver, TicketURL: body.TicketURL, ExpiresAt: until, ExpireOnFix: body.ExpireOnFix})
	if err != nil {
		return answer{}, err
	}
	ans, err := a.exclusionAnswer(c, http.StatusCreated, x)
	if err != nil {
		return answer{}, err
	}
	return a.effective(c, wait, ans, workspace, number)
}

// endOf reads `expiresAt`.
func endOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := parseMoment(text); err == nil {
		return t.Truncate(time.Microsecond), nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1970 {
		return t, fault.New(fault.CodeValidation, "`expiresAt` (/expiresAt) is %q; it must be a time such as 2026-01-31T10:00:00Z or a date such as 2026-01-31", cutText(text, 80))
	}
	return t, nil
}

// waitsFor reads how long the answer waits for the effect of a change.
func (c *call) waitsFor() (wait, error) {
	seconds, err := c.within("waitSeconds", 0, maxWait, maxWait)
	return wait{seconds > 0, time.Duration(seconds) * time.Second}, err
}

// effective answers once the verdicts follow a change of an exclusion. The
// change is made: that they cannot be looked at does not undo it.
func (a *api) effective(c *call, wait wait, ans answer, workspace, number int64) (answer, error) {
	return wait.until(c, ans, func(ctx context.Context) (check.Waited, error) {
		return a.Waiter.WaitTest(ctx, workspace, number)
	})
}

// exclusionChange is what may change of an exclusion; absent properties stay.
type exclusionChange struct {
	_           struct{}   `additionalProperties:"true"`
	Selector    wireObject `json:"selector,omitempty" doc:"Another condition, of an exclusion that has one."`
	Reason      *string    `json:"reason,omitempty" minLength:"1" maxLength:"2000"`
	Category    *string    `json:"category,omitempty" enum:"ACCEPTED_RISK,FALSE_POSITIVE,COMPENSATING_CONTROL,OUT_OF_SCOPE"`
	Approver    *string    `json:"approver,omitempty" nullable:"true" maxLength:"191"`
	TicketURL   *string    `json:"ticketUrl,omitempty" nullable:"true" maxLength:"2000"`
	ExpiresAt   *string    `json:"expiresAt,omitempty" nullable:"true" doc:"Another end; null takes it away, if the settings allow that."`
	ExpireOnFix *bool      `json:"expireOnFix,omitempty"`
}

func (a *api) putExclusion(c *call) (answer, error) {
	workspace, number, id, err := c.exclusion()
	if err != nil {
		return answer{}, err
	}
	wait, err := c.waitsFor()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[exclusionChange](c)
	if err != nil {
		return answer{}, err
	}
	for _, fixed := range []string{"targetId", "resourceId"} {
		if sent(c, fixed, struct{}{}) != nil {
			return answer{}, fault.New(fault.CodeValidation, "`%s` (/%s) of an exclusion cannot be changed: delete it and create another one", fixed, fixed)
		}
	}
	change := check.ExclusionChange{Selector: given(body.Selector), Reason: body.Reason, Category: body.Category, Approver: emptyForNull(c, "approver", body.Approver),
		TicketURL: emptyForNull(c, "ticketUrl", body.TicketURL), ExpireOnFix: body.ExpireOnFix}
	if text := emptyForNull(c, "expiresAt", body.ExpiresAt); text != nil {
		until, err := endOf(*text)
		if err != nil {
			return answer{}, err
		}
		change.ExpiresAt = &until
	}
	x, err := a.Checks.ChangeExclusion(c.ctx(), c.actor(), workspace, number, id, change)
	if err != nil {
		return answer{}, err
	}
	ans, err := a.exclusionAnswer(c, http.StatusOK, x)
	if err != nil {
		return answer{}, err
	}
	return a.effective(c, wait, ans, workspace, number)
}

func (a *api) deleteExclusion(c *call) (answer, error) {
	workspace, number, id, err := c.exclusion()
	if err != nil {
		return answer{}, err
	}
	wait, err := c.waitsFor()
	if err != nil {
		return answer{}, err
	}
	if err := a.Checks.DeleteExclusion(c.ctx(), c.actor(), workspace, number, id); err != nil {
		return answer{}, err
	}
	return a.effective(c, wait, noContent(), workspace, number)
}

// selectorBody is a selector to be tried.
type selectorBody struct {
	_          struct{}   `additionalProperties:"true"`
	Selector   wireObject `json:"selector" doc:"A condition."`
	ResourceID int64      `json:"resourceId,omitempty" doc:"Needed for a test over several resources."`
}

type wireSelectorPreview struct {
	InScope           int64         `json:"inScope" doc:"The records in scope of the test."`
	Matching          int64         `json:"matching" doc:"Those of them that would be excluded."`
	Failing           int64         `json:"failing" doc:"Those of these that fail now, or cannot be evaluated."`
	MatchesEverything bool          `json:"matchesEverything" doc:"All records in scope match; such an exclusion is refused."`
	Sentence          string        `json:"sentence" doc:"The condition in words."`
	Examples          []wireCovered `json:"examples" doc:"The first 20 of the matching records."`
	Lint              []wireRemark  `json:"lint" doc:"What the condition hardly means."`
}

type wireCovered struct {
	RecordID     string `json:"recordId"`
	ResourceName string `json:"resourceName"`
	IsFailing    bool   `json:"isFailing"`
}

func (a *api) previewExclusion(c *call) (answer, error) {
	workspace, number, err := c.numbers("workspaceId", "testId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[selectorBody](c)
	if err != nil {
		return answer{}, err
	}
	if given(body.Selector) == nil {
		return answer{}, fault.New(fault.CodeValidation, "`selector` (/selector) is required: the condition that the records to be excluded satisfy")
	}
	p, err := a.Checks.PreviewSelector(c.ctx(), workspace, number, body.ResourceID, body.Selector)
	if err != nil {
		return answer{}, err
	}
	out := wireSelectorPreview{InScope: p.InScope, Matching: p.Matching, Failing: p.Failing, MatchesEverything: p.Everything, Sentence: p.Sentence,
		Examples: make([]wireCovered, len(p.Examples)), Lint: make([]wireRemark, len(p.Lint))}
	for i, e := range p.Examples {
		out.Examples[i] = wireCovered{e.RecordID, e.ResourceName, e.Fails}
	}
	for i, r := range p.Lint {
		out.Lint[i] = wireRemark{r.Pointer, r.Message, string(r.Severity)}
	}
	return reply(http.StatusOK, out)
}
