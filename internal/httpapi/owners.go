package httpapi

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const (
	// maxOwnersShown is how many owners a control shows (contract section 2.8).
	maxOwnersShown = 10
	// maxOwnersAsked bounds a filter.
	maxOwnersAsked = 100
)

// owners are the people who own controls, if they are asked for.
func (a *api) owners(c *call, part string, list ...control.Control) (map[int64]*wireUser, error) {
	var ids []int64
	for _, v := range list {
		ids = append(ids, v.Owners...)
	}
	return people(a, c, part, ids, func(id int64) int64 { return id })
}

func ownerViews(v control.Control, known map[int64]*wireUser) []wireUser {
	out := []wireUser{}
	for _, id := range v.Owners {
		if u := known[id]; u != nil {
			out = append(out, *u)
		}
	}
	return out
}

// ownerIDs is the filter by owner: ids, or me.
func (c *call) ownerIDs() ([]int64, error) {
	values := c.all("ownerIds[]")
	if len(values) == 0 {
		return nil, nil
	}
	if len(values) > maxOwnersAsked {
		return nil, fault.New(fault.CodeValidation, "`ownerIds[]` may be given at most %d times", maxOwnersAsked)
	}
	out := make([]int64, 0, len(values))
	for _, v := range values {
		if v == "me" {
			if !c.principal.IsPerson() {
				return nil, fault.New(fault.CodeValidation, "`ownerIds[]` is me, but an API key owns nothing: give the id of a user")
			}
			out = append(out, c.principal.User.ID)
			continue
		}
		id, err := strconv.ParseInt(v, 10, 64)
		if err != nil || id <= 0 {
			return nil, fault.New(fault.CodeValidation, "`ownerIds[]` is %q; it must be the id of a user, or me", cutText(v, 80))
		}
		out = append(out, id)
	}
	return out, nil
}

// knownOwners refuses who is no user.
func (a *api) knownOwners(c *call, field string, ids []int64) error {
	if len(ids) > control.MaxOwners {
		return fault.New(fault.CodeValidation, "`%s` (/%s) may name at most %d users", field, field, control.MaxOwners)
	}
	found, err := a.Access.People(c.ctx(), slices.Clone(ids))
	if err != nil {
		return err
	}
	for i, id := range ids {
		if u, ok := found[id]; !ok || u.State() == access.UserDeleted {
			err := fault.New(fault.CodeValidation, "`%s` (/%s/%d) names user %d, who does not exist", field, field, i, id)
			err.Pointer = "/" + field + "/" + strconv.Itoa(i)
			return err
		}
	}
	return nil
}

func (a *api) ownerList(c *call, v control.Control, total bool) (answer, error) {
	known, err := a.owners(c, "", v)
	if err != nil {
		return answer{}, err
	}
	p := page.Page[wireUser]{Items: ownerViews(v, known)}
	if total {
		n := int64(len(p.Items))
		p.Total = &n
	}
	return reply(http.StatusOK, listOf(p, func(u wireUser) wireUser { return u }))
}

func (a *api) listOwners(c *call) (answer, error) {
	ref, err := c.controlRef()
	if err != nil {
		return answer{}, err
	}
	if _, err := c.paging(bothSorts...); err != nil {
		return answer{}, err
	}
	count, err := c.boolean("includeTotalCount")
	if err != nil {
		return answer{}, err
	}
	found, err := a.Controls.Get(c.ctx(), ref)
	if err != nil {
		return answer{}, err
	}
	return a.ownerList(c, found, count)
}

// newOwners are the people who own a control.
type newOwners struct {
	_            struct{} `additionalProperties:"true"`
	OwnerUserIDs []int64  `json:"ownerUserIds" maxItems:"50" doc:"Ids of users; each must exist."`
}

func (a *api) putOwners(c *call) (answer, error) {
	ref, err := c.controlRef()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[newOwners](c)
	if err != nil {
		return answer{}, err
	}
	if err := a.knownOwners(c, "ownerUserIds", body.OwnerUserIDs); err != nil {
		return answer{}, err
	}
	changed, err := a.Controls.SetOwners(c.ctx(), c.actor(), ref, body.OwnerUserIDs)
	if err != nil {
		return answer{}, err
	}
	return a.ownerList(c, changed, false)
}

// newOwner is who owns a control, too.
type newOwner struct {
	_       struct{} `additionalProperties:"true"`
	OwnerID int64    `json:"ownerId" doc:"The id of a user."`
}

func (a *api) addOwner(c *call) (answer, error) {
	ref, err := c.controlRef()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[newOwner](c)
	if err != nil {
		return answer{}, err
	}
	found, err := a.Access.People(c.ctx(), []int64{body.OwnerID})
	if err != nil {
		return answer{}, err
	}
	if u, ok := found[body.OwnerID]; !ok || u.State() == access.UserDeleted {
		err := fault.New(fault.CodeValidation, "`ownerId` (/ownerId) names user %d, who does not exist", body.OwnerID)
		err.Pointer = "/ownerId"
		return answer{}, err
	}
	changed, err := a.Controls.AddOwner(c.ctx(), c.actor(), ref, body.OwnerID)
	if err != nil {
		return answer{}, err
	}
	return a.ownerList(c, changed, false)
}

func (a *api) removeOwner(c *call) (answer, error) {
	ref, err := c.controlRef()
	if err != nil {
		return answer{}, err
	}
	id, err := c.number("ownerId")
	if err != nil {
		return answer{}, err
	}
	changed, err := a.Controls.RemoveOwner(c.ctx(), c.actor(), ref, id)
	if err != nil {
		return answer{}, err
	}
	return a.ownerList(c, changed, false)
}
