package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

type wireReview struct {
	ID          int64              `json:"id"`
	Name        string             `json:"name"`
	State       string             `json:"state" enum:"IN_PROGRESS,OVERDUE,SIGNED_OFF"`
	Filter      wireReviewFilter   `json:"filter" doc:"What chose the accounts."`
	Reviewers   []wireActor        `json:"reviewers" doc:"Who decides; nobody: everybody who may."`
	DueAt       maybeTime          `json:"dueAt"`
	CreatedAt   wireTime           `json:"createdAt" doc:"The accounts are as they were then."`
	UpdatedAt   wireTime           `json:"updatedAt"`
	CreatedBy   wireActor          `json:"createdBy"`
	Progress    wireReviewProgress `json:"progress"`
	SignOff     *wireSignOff       `json:"signOff" doc:"null until somebody has; nothing changes after it."`
	MayDecide   bool               `json:"mayDecide" doc:"You may decide about its accounts now."`
	MaySignOff  bool               `json:"maySignOff" doc:"You may sign it off, once everything is decided."`
	AllDecided  bool               `json:"allDecided"`
	AllRevoked  bool               `json:"allRevoked" doc:"Nothing that is to be revoked is still in the data without evidence."`
	WorkspaceID int64              `json:"workspaceId"`
}

// TransformSchema implements huma.SchemaTransformer.
func (wireReview) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return nullable(s, "signOff")
}

type wireReviewFilter struct {
	ConnectionIDs []int64 `json:"connectionIds,omitempty"`
	ResourceID    *int64  `json:"resourceId,omitempty"`
	Category      string  `json:"category,omitempty" enum:"USER_ACCESS_REVIEW,BACKGROUND_CHECK,INFRASTRUCTURE,OBSERVABILITY,VERSION_CONTROL"`
	Status        string  `json:"status,omitempty" enum:"ACTIVE,INACTIVE"`
	Linked        *bool   `json:"linked,omitempty"`
	Service       *bool   `json:"serviceAccount,omitempty"`
	MFA           *bool   `json:"mfa,omitempty"`
	Leaver        *bool   `json:"leaver,omitempty"`
	Text          string  `json:"q,omitempty"`
}

type wireReviewProgress struct {
	Total   int64 `json:"total"`
	Decided int64 `json:"decided"`
	Pending int64 `json:"pending"`
	Keep    int64 `json:"keep"`
	Revoke  int64 `json:"revoke"`
	Change  int64 `json:"change"`
	Open    int64 `json:"openRevocations" doc:"Accounts to be revoked that are still in the data, without evidence."`
}

type wireSignOff struct {
	At   wireTime  `json:"at"`
	By   wireActor `json:"by"`
	Note *string   `json:"note"`
}

type wireReviewItem struct {
	ID             int64            `json:"id"`
	AccountID      int64            `json:"accountId"`
	ConnectionID   int64            `json:"connectionId"`
	ConnectionName string           `json:"connectionName"`
	ResourceID     int64            `json:"resourceId"`
	ResourceName   string           `json:"resourceName"`
	RecordID       string           `json:"recordId"`
	Name           string           `json:"name"`
	Email          *string          `json:"email"`
	DisplayName    *string          `json:"displayName"`
	Kind           *string          `json:"kind"`
	Roles          []string         `json:"roles"`
	Active         *bool            `json:"active" doc:"null: the record does not tell."`
	MFA            *bool            `json:"mfa" doc:"null: the record does not tell."`
	LastActiveAt   maybeTime        `json:"lastActiveAt"`
	Person         *wireHolder      `json:"person"`
	Service        *wireService     `json:"serviceAccount"`
	Decision       string           `json:"decision" enum:"PENDING,KEEP,REVOKE,CHANGE"`
	Note           *string          `json:"note"`
	DecidedAt      maybeTime        `json:"decidedAt"`
	DecidedBy      *wireActor       `json:"decidedBy"`
	Revocation     *wireRevocation  `json:"revocation" doc:"What became of the decision to revoke."`
	Evidence       *wireAccountNote `json:"evidence" doc:"Proof of the revocation that was given since the review began."`
}

// TransformSchema implements huma.SchemaTransformer.
func (wireReviewItem) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return nullable(s, "person", "serviceAccount", "decidedBy", "revocation", "evidence")
}

type wireRevocation struct {
	State string    `json:"state" enum:"OPEN,REMOVED,EVIDENCED,UNTRACKED" doc:"REMOVED: the account vanished from the data. UNTRACKED: its connection is deleted."`
	Since maybeTime `json:"since" doc:"When access was revoked."`
}

func reviewFilterView(f account.Filter) wireReviewFilter {
	out := wireReviewFilter{ConnectionIDs: f.ConnectionIDs, ResourceID: orNull(f.ResourceID), Category: string(f.View), Linked: f.Linked, Service: f.Service, MFA: f.MFA, Leaver: f.Leaver, Text: f.Text}
	if len(f.Status) == 1 {
		out.Status = string(f.Status[0])
	}
	return out
}

func (a *api) reviewsView(c *call, list []account.Review) ([]wireReview, error) {
	var who []author
	for _, r := range list {
		who = append(who, author{r.KeyID, r.UserID})
		if r.SignedOff != nil {
			who = append(who, author{r.SignedOff.KeyID, r.SignedOff.UserID})
		}
		for _, id := range r.Reviewers {
			who = append(who, author{0, id})
		}
	}
	names, err := a.names(c, who)
	if err != nil {
		return nil, err
	}
	now := a.Now()
	out := make([]wireReview, len(list))
	for i, r := range list {
		p := r.Progress
		w := wireReview{ID: r.ID, WorkspaceID: r.WorkspaceID, Name: r.Name, State: string(r.State(now)), Filter: reviewFilterView(r.Filter), Reviewers: []wireActor{}, DueAt: maybeTime(r.DueAt),
			CreatedAt: wireTime(r.CreatedAt), UpdatedAt: wireTime(r.UpdatedAt), CreatedBy: names.of(author{r.KeyID, r.UserID}),
			Progress:   wireReviewProgress{Total: p.Total, Decided: p.Total - p.Pending, Pending: p.Pending, Keep: p.Keep, Revoke: p.Revoke, Change: p.Change, Open: p.Open},
			AllDecided: p.Pending == 0, AllRevoked: p.Open == 0}
		for _, id := range r.Reviewers {
			w.Reviewers = append(w.Reviewers, names.of(author{0, id}))
		}
		if s := r.SignedOff; s != nil {
			w.SignOff = &wireSignOff{wireTime(s.At), names.of(author{s.KeyID, s.UserID}), orNull(s.Note)}
		}
		w.MayDecide = r.SignedOff == nil && c.principal.HasIn(access.ReviewsPut, r.WorkspaceID) && (!c.principal.IsPerson() || r.Decides(c.principal.User.ID))
		w.MaySignOff = r.SignedOff == nil && c.principal.HasIn(access.ReviewsSignOff, r.WorkspaceID)
		out[i] = w
	}
	return out, nil
}

func (a *api) reviewAnswer(c *call, status int, r account.Review) (answer, error) {
	views, err := a.reviewsView(c, []account.Review{r})
	if err != nil {
		return answer{}, err
	}
	return reply(status, views[0])
}

func (a *api) listAccessReviews(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	f := account.ReviewFilter{WorkspaceID: workspace}
	state, err := c.choice("state", "IN_PROGRESS", "OVERDUE", "SIGNED_OFF")
	if err != nil {
		return answer{}, err
	}
	f.State = account.ReviewState(state)
	if f.Text, err = c.searchText(); err != nil {
		return answer{}, err
	}
	p, err := a.Accounts.Reviews(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.reviewsView(c, p.Items)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireReview]{views, paginationOf(p.Next, p.Total)})
}

type newReview struct {
	_             struct{}          `additionalProperties:"true"`
	Name          string            `json:"name"`
	ConnectionIDs []int64           `json:"connectionIds,omitempty" doc:"The accounts of these connections; of all if absent."`
	Filter        *wireReviewFilter `json:"filter,omitempty" doc:"Only the accounts that a list with these parameters has."`
	ReviewerIDs   []int64           `json:"reviewerIds,omitempty" doc:"The users who decide; everybody who may if absent."`
	DueAt         *string           `json:"dueAt,omitempty" nullable:"true" doc:"A time, or a date with that whole day."`
}

// due reads the end of a review.
func due(text *string) (time.Time, error) {
	if text == nil || *text == "" {
		return time.Time{}, nil
	}
	if day, err := time.Parse(time.DateOnly, *text); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	t, err := parseMoment(*text)
	if err != nil {
		return t, refusedAt("/dueAt", "`dueAt` must be a date such as 2026-01-31 or a time such as 2026-01-31T10:00:00.000Z")
	}
	return t, nil
}

func (b newReview) filter() (account.Filter, error) {
	f := account.Filter{ConnectionIDs: b.ConnectionIDs}
	if b.Filter == nil {
		return f, nil
	}
	w := *b.Filter
	f.View, f.Linked, f.Service, f.MFA, f.Leaver, f.Text = account.View(w.Category), w.Linked, w.Service, w.MFA, w.Leaver, w.Text
	f.ConnectionIDs = append(f.ConnectionIDs, w.ConnectionIDs...)
	if w.ResourceID != nil {
		f.ResourceID = *w.ResourceID
	}
	const most = 500
	switch {
	case w.Category != "" && !slices.Contains(accountViews, w.Category):
		return f, refusedAt("/filter/category", "`category` must be one of the views of accounts, such as USER_ACCESS_REVIEW")
	case w.Status != "" && w.Status != string(account.Active) && w.Status != string(account.Inactive):
		return f, refusedAt("/filter/status", "`status` must be ACTIVE or INACTIVE")
	case len(f.ConnectionIDs) > most:
		return f, refusedAt("/connectionIds", "`connectionIds` may name at most 500 connections")
	case len(w.Text) > maxSearch:
		return f, refusedAt("/filter/q", "`q` is too long")
	case w.Status != "":
		f.Status = []account.Status{account.Status(w.Status)}
	}
	return f, nil
}

// reviewers proves that users may decide in a workspace.
func (a *api) reviewers(ctx context.Context, workspace int64, ids []int64) error {
	found, err := a.Access.People(ctx, ids)
	if err != nil {
		return err
	}
	for i, id := range ids {
		u, known := found[id]
		switch {
		case !known || !u.DeletedAt.IsZero() || !u.DisabledAt.IsZero():
			return refusedAt(fmt.Sprintf("/reviewerIds/%d", i), fmt.Sprintf("there is no user %d, or the user is disabled", id))
		case !u.May(access.ReviewsPut, workspace):
			return refusedAt(fmt.Sprintf("/reviewerIds/%d", i), u.DisplayName()+" may not decide about access reviews in this workspace: give them a role that does, or choose somebody else")
		}
	}
	return nil
}

func (a *api) createAccessReview(c *call) (answer, error) {
	workspace, err := c.number("workspaceId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[newReview](c)
	if err != nil {
		return answer{}, err
	}
	n := account.NewReview{Name: body.Name, Reviewers: body.ReviewerIDs}
	if n.Filter, err = body.filter(); err != nil {
		return answer{}, err
	}
	if n.DueAt, err = due(body.DueAt); err != nil {
		return answer{}, err
	}
	if err := a.reviewers(c.ctx(), workspace, body.ReviewerIDs); err != nil {
		return answer{}, err
	}
	r, err := a.Accounts.CreateReview(c.ctx(), c.actor(), workspace, n)
	if err != nil {
		return answer{}, err
	}
	return a.reviewAnswer(c, http.StatusCreated, r)
}

func (a *api) getAccessReview(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "reviewId")
	if err != nil {
		return answer{}, err
	}
	r, err := a.Accounts.Review(c.ctx(), workspace, id)
	if err != nil {
		return answer{}, err
	}
	return a.reviewAnswer(c, http.StatusOK, r)
}

type reviewChange struct {
	_           struct{} `additionalProperties:"true"`
	Name        *string  `json:"name,omitempty"`
	ReviewerIDs *[]int64 `json:"reviewerIds,omitempty"`
	DueAt       *string  `json:"dueAt,omitempty" nullable:"true" doc:"null: no end."`
}

func (a *api) putAccessReview(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "reviewId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[reviewChange](c)
	if err != nil {
		return answer{}, err
	}
	change := account.ReviewChange{Name: body.Name, Reviewers: body.ReviewerIDs}
	if sent(c, "dueAt", 0) != nil {
		at, err := due(body.DueAt)
		if err != nil {
			return answer{}, err
		}
		change.DueAt = &at
	}
	if body.ReviewerIDs != nil {
		if err := a.reviewers(c.ctx(), workspace, *body.ReviewerIDs); err != nil {
			return answer{}, err
		}
	}
	r, err := a.Accounts.ChangeReview(c.ctx(), c.actor(), workspace, id, change)
	if err != nil {
		return answer{}, err
	}
	return a.reviewAnswer(c, http.StatusOK, r)
}

func (a *api) deleteAccessReview(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "reviewId")
	if err != nil {
		return answer{}, err
	}
	return noContent(), a.Accounts.DeleteReview(c.ctx(), c.actor(), workspace, id)
}

type reviewAction struct {
	_      struct{} `additionalProperties:"true"`
	Action string   `json:"action" enum:"signOff"`
	Note   string   `json:"note,omitempty"`
}

func (a *api) actOnAccessReview(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "reviewId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[reviewAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action != "signOff" {
		return answer{}, fault.New(fault.CodeValidation, "`action` is %q; it must be signOff", cutText(body.Action, 80))
	}
	r, err := a.Accounts.SignOff(c.ctx(), c.actor(), workspace, id, body.Note)
	if err != nil {
		return answer{}, err
	}
	return a.reviewAnswer(c, http.StatusOK, r)
}

func (a *api) reviewItemsView(c *call, list []account.Item) ([]wireReviewItem, error) {
	who := make([]author, 0, len(list))
	for _, i := range list {
		who = append(who, author{i.KeyID, i.UserID})
		if e := i.Account.Evidence; e != nil {
			who = append(who, author{e.KeyID, e.UserID})
		}
	}
	names, err := a.names(c, who)
	if err != nil {
		return nil, err
	}
	out := make([]wireReviewItem, len(list))
	for n, i := range list {
		x, f := i.Account, factsView(i.Account.Facts)
		w := wireReviewItem{ID: i.ID, AccountID: x.ID, ConnectionID: x.ConnectionID, ConnectionName: x.ConnectionName, ResourceID: x.ResourceID, ResourceName: x.ResourceName, RecordID: x.RecordID,
			Name: f.Name, Email: f.Email, DisplayName: f.DisplayName, Kind: f.Kind, Roles: f.Roles, Active: f.Active, MFA: f.MFA, LastActiveAt: f.LastActiveAt,
			Person: holderView(x.Person), Decision: string(i.Decision), Note: orNull(i.Note), DecidedAt: maybeTime(i.DecidedAt), Evidence: evidenceView(x.Evidence, names)}
		if x.Service != nil {
			w.Service = &wireService{x.Service.Owner, x.Service.Reason}
		}
		if !i.DecidedAt.IsZero() {
			by := names.of(author{i.KeyID, i.UserID})
			w.DecidedBy = &by
		}
		if state, since := i.Revocation(); state != "" {
			w.Revocation = &wireRevocation{string(state), maybeTime(since)}
		}
		out[n] = w
	}
	return out, nil
}

func (a *api) listAccessReviewItems(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "reviewId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(page.CreatedAt)
	if err != nil {
		return answer{}, err
	}
	var f account.ItemFilter
	decision, err := c.choice("decision", "PENDING", "KEEP", "REVOKE", "CHANGE")
	if err != nil {
		return answer{}, err
	}
	f.Decision = account.Decision(decision)
	revocation, err := c.choice("revocation", "OPEN")
	if err != nil {
		return answer{}, err
	}
	f.Open = revocation != ""
	if f.Text, err = c.searchText(); err != nil {
		return answer{}, err
	}
	p, err := a.Accounts.Items(c.ctx(), workspace, id, f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.reviewItemsView(c, p.Items)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireReviewItem]{views, paginationOf(p.Next, p.Total)})
}

func (a *api) reviewItemAnswer(c *call, i account.Item) (answer, error) {
	views, err := a.reviewItemsView(c, []account.Item{i})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, views[0])
}

func (a *api) getAccessReviewItem(c *call) (answer, error) {
	workspace, id, item, err := c.nested("workspaceId", "reviewId", "itemId")
	if err != nil {
		return answer{}, err
	}
	i, err := a.Accounts.Item(c.ctx(), workspace, id, item)
	if err != nil {
		return answer{}, err
	}
	return a.reviewItemAnswer(c, i)
}

type itemDecision struct {
	_        struct{} `additionalProperties:"true"`
	Decision string   `json:"decision" enum:"KEEP,REVOKE,CHANGE,PENDING" doc:"PENDING takes a decision back."`
	Note     string   `json:"note,omitempty" doc:"Required with CHANGE: what is to be changed."`
}

func (a *api) putAccessReviewItem(c *call) (answer, error) {
	workspace, id, item, err := c.nested("workspaceId", "reviewId", "itemId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[itemDecision](c)
	if err != nil {
		return answer{}, err
	}
	list, err := a.Accounts.Decide(c.ctx(), c.actor(), workspace, id, []int64{item}, account.Decision(body.Decision), body.Note)
	if err != nil {
		return answer{}, err
	}
	if list[0].Err != nil {
		return answer{}, list[0].Err
	}
	return a.reviewItemAnswer(c, *list[0].Now)
}

type itemsDecision struct {
	_        struct{} `additionalProperties:"true"`
	Decision string   `json:"decision" enum:"KEEP,REVOKE,CHANGE,PENDING" doc:"PENDING takes a decision back."`
	Note     string   `json:"note,omitempty" doc:"Required with CHANGE: what is to be changed."`
	ItemIDs  []int64  `json:"itemIds" doc:"1 to 500 accounts of the review."`
}

type wireItemOutcomes struct {
	Data []wireItemOutcome `json:"data" doc:"In the order of itemIds."`
}

type wireItemOutcome struct {
	ItemID     int64           `json:"itemId"`
	StatusCode int             `json:"statusCode"`
	Item       *wireReviewItem `json:"item,omitempty"`
	Error      *wireItemError  `json:"error,omitempty"`
}

func (a *api) decideAccessReviewItems(c *call) (answer, error) {
	workspace, id, err := c.numbers("workspaceId", "reviewId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[itemsDecision](c)
	if err != nil {
		return answer{}, err
	}
	list, err := a.Accounts.Decide(c.ctx(), c.actor(), workspace, id, body.ItemIDs, account.Decision(body.Decision), body.Note)
	if err != nil {
		return answer{}, err
	}
	out, err := outcomes(c, list, a.reviewItemsView, func(id int64, status int, item *wireReviewItem, refused *wireItemError) wireItemOutcome {
		return wireItemOutcome{id, status, item, refused}
	})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireItemOutcomes{out})
}
