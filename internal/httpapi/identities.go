package httpapi

import (
	"net/http"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// wireIdentity is the contract's HRIS user identity (section 2.4).
type wireIdentity struct {
	ID             int64     `json:"id"`
	IdentityID     string    `json:"identityId"`
	Email          *string   `json:"email"`
	SecondaryEmail *string   `json:"secondaryEmail"`
	FirstName      *string   `json:"firstName"`
	LastName       *string   `json:"lastName"`
	JobTitle       *string   `json:"jobTitle"`
	ManagerID      *string   `json:"managerId"`
	ManagerName    *string   `json:"managerName"`
	StartedAt      maybeTime `json:"startedAt"`
	SeparatedAt    maybeTime `json:"separatedAt"`
	IsContractor   *bool     `json:"isContractor"`
	CreatedAt      wireTime  `json:"createdAt"`
	UpdatedAt      wireTime  `json:"updatedAt"`

	ConnectionID int64     `json:"connectionId"`
	DeletedAt    maybeTime `json:"deletedAt" doc:"Since when the system knows the person no more; of the identity of a person, and null elsewhere."`
	PersonnelID  *int64    `json:"personnelId,omitempty" doc:"In lists, the person who follows it; absent when nobody does."`
}

// newIdentity is one item of a bulk; what it leaves out stays as it is.
type newIdentity struct {
	_              struct{} `additionalProperties:"true"`
	IdentityID     string   `json:"identityId" minLength:"1" maxLength:"191" doc:"What the system calls the person."`
	Email          *string  `json:"email,omitempty" nullable:"true" maxLength:"191" format:"email" doc:"Absent: stays. null: cleared. So it is with all that follow."`
	SecondaryEmail *string  `json:"secondaryEmail,omitempty" nullable:"true" maxLength:"191" format:"email"`
	FirstName      *string  `json:"firstName,omitempty" nullable:"true" maxLength:"191"`
	LastName       *string  `json:"lastName,omitempty" nullable:"true" maxLength:"191"`
	JobTitle       *string  `json:"jobTitle,omitempty" nullable:"true" maxLength:"191"`
	ManagerID      *string  `json:"managerId,omitempty" nullable:"true" maxLength:"191"`
	ManagerName    *string  `json:"managerName,omitempty" nullable:"true" maxLength:"191"`
	StartedAt      *string  `json:"startedAt,omitempty" nullable:"true" doc:"A day or a point in time."`
	SeparatedAt    *string  `json:"separatedAt,omitempty" nullable:"true" doc:"A day or a point in time, written once: clear it with null before you send another one."`
	IsContractor   *bool    `json:"isContractor,omitempty" nullable:"true"`
}

type wireIdentityResult struct {
	StatusCode int                  `json:"statusCode" doc:"201 created, 200 updated or as it was, 400 refused."`
	Data       orNone[wireIdentity] `json:"data" doc:"null when nothing changed, or the item was refused."`
	Error      *wireItemText        `json:"error,omitempty"`
}

type wireItemText struct {
	Message string `json:"message"`
}

func identityView(i asset.Identity) wireIdentity {
	return wireIdentity{ID: i.ID, IdentityID: i.Key, Email: i.Email, SecondaryEmail: i.SecondaryEmail, FirstName: i.FirstName, LastName: i.LastName,
		JobTitle: i.JobTitle, ManagerID: i.ManagerID, ManagerName: i.ManagerName, StartedAt: maybeTime(i.StartedAt), SeparatedAt: maybeTime(i.SeparatedAt),
		IsContractor: i.Contractor, CreatedAt: wireTime(i.CreatedAt), UpdatedAt: wireTime(i.UpdatedAt),
		ConnectionID: i.ConnectionID, DeletedAt: maybeTime(i.DeletedAt)}
}

func (a *api) listIdentities(c *call) (answer, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(bothSorts...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.Identities(c.ctx(), id, r)
	if err != nil {
		return answer{}, err
	}
	ids := make([]int64, len(p.Items))
	for i, each := range p.Items {
		ids[i] = each.ID
	}
	followers, err := a.People.Followers(c.ctx(), ids)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, listOf(p, func(i asset.Identity) wireIdentity {
		view := identityView(i)
		view.PersonnelID = orNull(followers[i.ID])
		return view
	}))
}

func (a *api) putIdentities(c *call) (answer, error) {
	id, err := c.number("connectionId")
	if err != nil {
		return answer{}, err
	}
	if err := strictjson.Check(c.body); err != nil {
		return answer{}, err
	}
	body := c.body[strictjson.SkipSpace(c.body, 0):]
	if len(body) == 0 || body[0] != '[' {
		return answer{}, fault.New(fault.CodeValidation, "the body must be an array of 1 to %d identities", asset.MaxIdentities)
	}
	var objects [][]byte
	strictjson.Elements(body, func(value []byte) bool {
		objects = append(objects, value)
		return len(objects) <= asset.MaxIdentities
	})
	results, err := a.People.PutIdentities(c.ctx(), c.actor(), id, objects)
	if err != nil {
		return answer{}, err
	}
	status := http.StatusCreated
	out := make([]wireIdentityResult, len(results))
	for i, r := range results {
		view := identityView(r.Identity)
		switch {
		case r.Err != nil:
			out[i] = wireIdentityResult{StatusCode: http.StatusBadRequest, Error: &wireItemText{r.Err.Error()}}
			status = http.StatusMultiStatus
		case r.Outcome == asset.Created:
			out[i] = wireIdentityResult{StatusCode: http.StatusCreated, Data: orNone[wireIdentity]{&view}}
		case r.Outcome == asset.Updated:
			out[i] = wireIdentityResult{StatusCode: http.StatusOK, Data: orNone[wireIdentity]{&view}}
		default:
			out[i] = wireIdentityResult{StatusCode: http.StatusOK}
		}
		if out[i].StatusCode == http.StatusOK && status == http.StatusCreated {
			status = http.StatusOK
		}
	}
	return reply(status, out)
}

// identityRef is the identity of the path: its number, or identity-id: and what
// the system calls the person.
func (c *call) identityRef() (connectionID int64, ref asset.IdentityRef, err error) {
	if connectionID, err = c.number("connectionId"); err != nil {
		return 0, ref, err
	}
	if key, ok := strings.CutPrefix(c.r.PathValue("userIdentityId"), "identity-id:"); ok {
		if key == "" {
			return 0, ref, fault.New(fault.CodeValidation, "`userIdentityId` in the path is %q; what the system calls the person stands behind the colon", "identity-id:")
		}
		return connectionID, asset.IdentityRef{Key: key}, nil
	}
	ref.ID, err = c.number("userIdentityId")
	return connectionID, ref, err
}

func (a *api) getIdentity(c *call) (answer, error) {
	id, ref, err := c.identityRef()
	if err != nil {
		return answer{}, err
	}
	i, err := a.People.Identity(c.ctx(), id, ref)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, identityView(i))
}

func (a *api) deleteIdentity(c *call) (answer, error) {
	id, ref, err := c.identityRef()
	if err != nil {
		return answer{}, err
	}
	if err := a.People.DeleteIdentity(c.ctx(), c.actor(), id, ref); err != nil {
		return answer{}, err
	}
	return noContent(), nil
}
