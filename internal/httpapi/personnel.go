package httpapi

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wirePerson is the contract's personnel (section 2.14).
type wirePerson struct {
	ID               int64             `json:"id"`
	UserID           int64             `json:"userId"`
	EmploymentStatus string            `json:"employmentStatus" enum:"CURRENT_EMPLOYEE,FORMER_EMPLOYEE,CURRENT_CONTRACTOR,FORMER_CONTRACTOR,OUT_OF_SCOPE,UNKNOWN,SPECIAL_FORMER_EMPLOYEE,SPECIAL_FORMER_CONTRACTOR,FUTURE_HIRE,SERVICE_ACCOUNT"`
	NotHumanReason   *string           `json:"notHumanReason" doc:"Why the person is OUT_OF_SCOPE."`
	ReasonProvider   *orNone[wireUser] `json:"reasonProvider,omitempty" doc:"With expand[]=reasonProvider, who gave the reason; null unless a person did."`
	StartedAt        maybeTime         `json:"startedAt"`
	SeparatedAt      maybeTime         `json:"separatedAt"`
	StatusUpdatedAt  maybeTime         `json:"statusUpdatedAt"`
	CreatedAt        wireTime          `json:"createdAt"`
	UpdatedAt        wireTime          `json:"updatedAt"`

	DisplayName string `json:"displayName" doc:"The name, or the address of somebody without one."`
	Email       string `json:"email"`
	ByHand      bool   `json:"byHand" doc:"Status or dates were decided here: the identity sync leaves them alone until they are reset."`
	IdentityID  *int64 `json:"identityId" doc:"The HRIS identity that the person follows."`
	SyncStatus  string `json:"syncStatus" enum:"SYNCED,NOT_SYNCED" doc:"SYNCED: the person follows an HRIS identity."`

	User             *wireUser         `json:"user,omitempty" doc:"With expand[]=user."`
	Identity         *wireIdentity     `json:"identity,omitempty" doc:"With expand[]=identity, the one that the person follows."`
	ComplianceChecks *[]wireCheck      `json:"complianceChecks,omitempty" doc:"With expand[]=complianceChecks: each protection on all devices of the person, and all of them as FULL_COMPLIANCE."`
	CustomFields     *[]wireFieldValue `json:"customFields,omitempty" doc:"With expand[]=customFields: all that are defined for personnel."`

	Groups     *wireGroupsOf        `json:"groups,omitempty" doc:"With expand[]=groups."`
	Workspaces *[]wireWorkspaceName `json:"workspaces,omitempty" doc:"With expand[]=workspaces, those within reach in whose personnel scope the person is."`
}

var personParts = []string{"complianceChecks", "customFields", "groups", "identity", "reasonProvider", "user", "workspaces"}

func syncStatus(follows bool) string {
	if follows {
		return "SYNCED"
	}
	return "NOT_SYNCED"
}

// plainPerson is a person without the parts that are asked for.
func plainPerson(p asset.Person) wirePerson {
	return wirePerson{ID: p.ID, UserID: p.UserID, EmploymentStatus: string(p.Status), NotHumanReason: p.Reason, StartedAt: maybeTime(p.StartedAt),
		SeparatedAt: maybeTime(p.SeparatedAt), StatusUpdatedAt: maybeTime(p.StatusAt), CreatedAt: wireTime(p.CreatedAt), UpdatedAt: wireTime(p.UpdatedAt),
		DisplayName: p.User.DisplayName(), Email: p.User.Email, ByHand: p.ManualStatus || p.ManualDates, IdentityID: orNull(p.IdentityID),
		SyncStatus: syncStatus(p.IdentityID != 0)}
}

func (a *api) personViews(c *call, list ...asset.Person) ([]wirePerson, error) {
	providers, err := people(a, c, "reasonProvider", list, func(p asset.Person) int64 { return p.ReasonBy })
	if err != nil {
		return nil, err
	}
	var identities map[int64]asset.Identity
	if c.expands("identity") {
		var ids []int64
		for _, p := range list {
			if p.IdentityID != 0 {
				ids = append(ids, p.IdentityID)
			}
		}
		if identities, err = a.People.IdentitiesByID(c.ctx(), ids); err != nil {
			return nil, err
		}
	}
	var devices map[int64][]asset.Device
	if c.expands("complianceChecks") {
		ids := make([]int64, len(list))
		for i, p := range list {
			ids[i] = p.ID
		}
		if devices, err = a.People.DevicesOf(c.ctx(), ids); err != nil {
			return nil, err
		}
	}
	of, err := a.belongings(c, list)
	if err != nil {
		return nil, err
	}
	fields, err := a.fieldValues(c, customfield.Person)
	if err != nil {
		return nil, err
	}
	out := make([]wirePerson, len(list))
	for i, p := range list {
		out[i] = plainPerson(p)
		if c.expands("groups") {
			out[i].Groups = groupsOfView(of.groups[p.ID])
		}
		if c.expands("workspaces") {
			out[i].Workspaces = of.workspaces(p.ID)
		}
		out[i].CustomFields = fields(p.Fields)
		if c.expands("reasonProvider") {
			out[i].ReasonProvider = &orNone[wireUser]{providers[p.ReasonBy]}
		}
		if c.expands("user") {
			view := personView(p.User)
			out[i].User = &view
		}
		if follows, is := identities[p.IdentityID]; is {
			view := identityView(follows)
			out[i].Identity = &view
		}
		if c.expands("complianceChecks") {
			checks := checkViews(p.Checks(devices[p.ID], a.Now()))
			out[i].ComplianceChecks = &checks
		}
	}
	return out, nil
}

func (a *api) onePerson(c *call, p asset.Person) (answer, error) {
	views, err := a.personViews(c, p)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, views[0])
}

// personFilter is the filter of a list; excluded are further words for EXCLUDED.
func (c *call) personFilter(excluded ...string) (f asset.PersonFilter, err error) {
	known := choices(asset.EmploymentStatuses)
	for _, v := range c.all("employmentStatus[]") {
		status := asset.EmploymentStatus(v)
		if !slices.Contains(asset.EmploymentStatuses, status) {
			return f, fault.New(fault.CodeValidation, "`employmentStatus[]` is %q; it must be one of %s", cutText(v, 80), strings.Join(known, ", "))
		}
		f.Statuses = append(f.Statuses, status)
	}
	if f.Standing, err = c.standing(asset.CheckStatuses, excluded...); err != nil {
		return f, err
	}
	if f.ByHand, err = c.boolean("byHand"); err != nil {
		return f, err
	}
	if c.query("hasDevice") != "" {
		has, err := c.boolean("hasDevice")
		if err != nil {
			return f, err
		}
		f.HasDevice = &has
	}
	if f.GroupIDs, err = c.groupIDs("groupIds[]"); err != nil {
		return f, err
	}
	if f.WorkspaceID, err = c.id("workspaceId"); err != nil {
		return f, err
	}
	f.Text, err = c.text("q")
	return f, err
}

func (a *api) listPersonnel(c *call) (answer, error) {
	f, err := c.personFilter()
	if err != nil {
		return answer{}, err
	}
	r, err := c.paging(asset.PersonSorts...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.People(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.personViews(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wirePerson]{Data: views, Pagination: paginationOf(p.Next, p.Total)})
}

// wirePeopleSummary counts people.
type wirePeopleSummary struct {
	Total         int64             `json:"total"`
	Current       int64             `json:"current" doc:"Employees and contractors who work here now."`
	Former        int64             `json:"former"`
	Statuses      []wireStatusCount `json:"statuses" doc:"All of them, in the order of their list."`
	Compliance    []wireStanding    `json:"compliance" doc:"Current employees and contractors by FULL_COMPLIANCE."`
	ByHand        int64             `json:"byHand" doc:"Those of whom something was decided by hand."`
	WithoutDevice int64             `json:"withoutDevice" doc:"Current employees and contractors without a device."`
	NextSyncAt    maybeTime         `json:"nextSyncAt" doc:"When the next identity sync begins by itself; null while there is no identity."`
}

type wireStatusCount struct {
	EmploymentStatus string `json:"employmentStatus" enum:"CURRENT_EMPLOYEE,FORMER_EMPLOYEE,CURRENT_CONTRACTOR,FORMER_CONTRACTOR,OUT_OF_SCOPE,UNKNOWN,SPECIAL_FORMER_EMPLOYEE,SPECIAL_FORMER_CONTRACTOR,FUTURE_HIRE,SERVICE_ACCOUNT"`
	Count            int64  `json:"count"`
}

func (a *api) getPersonnelSummary(c *call) (answer, error) {
	s, err := a.People.PeopleSummary(c.ctx())
	if err != nil {
		return answer{}, err
	}
	out := wirePeopleSummary{Total: s.People, Current: s.Current, Former: s.Former, ByHand: s.ByHand, WithoutDevice: s.WithoutDevice, NextSyncAt: maybeTime(s.NextSyncAt)}
	for _, status := range asset.EmploymentStatuses {
		out.Statuses = append(out.Statuses, wireStatusCount{string(status), s.Statuses[status]})
	}
	out.Compliance = standingCounts(s.Standing)
	return reply(http.StatusOK, out)
}

// personRef is the person of the path: the number, or email: and the address.
func (c *call) personRef() (asset.PersonRef, error) {
	if email, ok := strings.CutPrefix(c.r.PathValue("personnelId"), "email:"); ok {
		if email == "" {
			return asset.PersonRef{}, fault.New(fault.CodeValidation, "`personnelId` in the path is %q; an address stands behind the colon", "email:")
		}
		return asset.PersonRef{Email: email}, nil
	}
	id, err := c.number("personnelId")
	return asset.PersonRef{ID: id}, err
}

func (a *api) getPersonnel(c *call) (answer, error) {
	ref, err := c.personRef()
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.Person(c.ctx(), ref)
	if err != nil {
		return answer{}, err
	}
	return a.onePerson(c, p)
}

// personChange is what may be changed by hand; absent properties stay.
type personChange struct {
	_                struct{} `additionalProperties:"true"`
	StartedAt        *string  `json:"startedAt,omitempty" nullable:"true" doc:"A day such as 2026-01-31, or a point in time."`
	SeparatedAt      *string  `json:"separatedAt,omitempty" nullable:"true" doc:"A day such as 2026-01-31, or a point in time."`
	EmploymentStatus *string  `json:"employmentStatus,omitempty" enum:"CURRENT_EMPLOYEE,FORMER_EMPLOYEE,CURRENT_CONTRACTOR,FORMER_CONTRACTOR,OUT_OF_SCOPE,UNKNOWN,SPECIAL_FORMER_EMPLOYEE,SPECIAL_FORMER_CONTRACTOR,FUTURE_HIRE,SERVICE_ACCOUNT"`
	NotHumanReason   *string  `json:"notHumanReason,omitempty" nullable:"true" maxLength:"30000" doc:"Needed with OUT_OF_SCOPE."`

	CustomFields []wireFieldSetting `json:"customFields,omitempty" maxItems:"100"`
}

// day is a property that is a day or a point in time; nil when it was not sent,
// and the zero time for null.
func (c *call) day(property string, text *string) (*time.Time, error) {
	if sent(c, property, 0) == nil {
		return nil, nil
	}
	if text == nil {
		return &time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, *text)
	if err != nil {
		t, err = parseMoment(*text)
	}
	if err != nil || t.Year() < 1900 || t.Year() > 2300 {
		return nil, fault.New(fault.CodeValidation, "`%s` is %q; it must be a day such as 2026-01-31, or null", property, cutText(*text, 80)).At("/" + property)
	}
	return &t, nil
}

func (a *api) putPersonnel(c *call) (answer, error) {
	ref, err := c.personRef()
	if err != nil {
		return answer{}, err
	}
	body, err := decode[personChange](c)
	if err != nil {
		return answer{}, err
	}
	change := asset.PersonChange{Reason: sent(c, "notHumanReason", body.NotHumanReason)}
	if change.StartedAt, err = c.day("startedAt", body.StartedAt); err != nil {
		return answer{}, err
	}
	if change.SeparatedAt, err = c.day("separatedAt", body.SeparatedAt); err != nil {
		return answer{}, err
	}
	if change.Fields, err = fieldSettings(body.CustomFields); err != nil {
		return answer{}, err
	}
	if body.EmploymentStatus != nil {
		status := asset.EmploymentStatus(*body.EmploymentStatus)
		change.Status = &status
	}
	p, err := a.People.UpdatePerson(c.ctx(), c.actor(), ref, change)
	if err != nil {
		return answer{}, err
	}
	return a.onePerson(c, p)
}

type personnelAction struct {
	_            struct{} `additionalProperties:"true"`
	Action       string   `json:"action" enum:"reset-sync,reset-sync-all" doc:"Status and dates follow the identity sync again: of the people that are named, or of all."`
	PersonnelIDs []int64  `json:"personnelIds,omitempty" maxItems:"1000"`
}

type wireCount struct {
	Count int `json:"count"`
}

func (a *api) actOnPersonnel(c *call) (answer, error) {
	body, err := decode[personnelAction](c)
	if err != nil {
		return answer{}, err
	}
	var n int
	switch body.Action {
	case "reset-sync":
		n, err = a.People.ResetPeople(c.ctx(), c.actor(), body.PersonnelIDs)
	case "reset-sync-all":
		if len(body.PersonnelIDs) > 0 {
			return answer{}, fault.New(fault.CodeValidation, "`personnelIds` goes with reset-sync; reset-sync-all is about everybody").At("/personnelIds")
		}
		n, err = a.People.ResetAll(c.ctx(), c.actor())
	default:
		err = fault.New(fault.CodeValidation, "`action` is %q; it must be reset-sync or reset-sync-all", cutText(body.Action, 80)).At("/action")
	}
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusCreated, wireCount{n})
}

// wireSync is an identity sync.
type wireSync struct {
	ID             int64     `json:"id"`
	Status         string    `json:"status" enum:"RUNNING,COMPLETED,CANCELED"`
	Trigger        string    `json:"trigger" enum:"SCHEDULED,REQUEST" doc:"SCHEDULED: the one of the night."`
	Total          int64     `json:"total" doc:"How many identities there were at its beginning."`
	Done           int64     `json:"done" doc:"How many of them were looked at."`
	Created        int64     `json:"created" doc:"People who are new."`
	Updated        int64     `json:"updated"`
	Unchanged      int64     `json:"unchanged"`
	WithoutAddress int64     `json:"withoutAddress" doc:"Identities passed over: nobody is made of one without an address."`
	Taken          int64     `json:"taken" doc:"Identities passed over: the person with the address follows another one."`
	StartedByID    *int64    `json:"startedById" doc:"The person who asked for it."`
	StartedBy      *wireUser `json:"startedBy,omitempty" doc:"With expand[]=startedBy, when a person asked for it."`
	StartedAt      wireTime  `json:"startedAt"`
	EndedAt        maybeTime `json:"endedAt"`
}

func (a *api) syncViews(c *call, list ...asset.Sync) ([]wireSync, error) {
	by, err := people(a, c, "startedBy", list, func(y asset.Sync) int64 { return y.UserID })
	if err != nil {
		return nil, err
	}
	out := make([]wireSync, len(list))
	for i, y := range list {
		n := y.Counts
		out[i] = wireSync{ID: y.ID, Status: string(y.Status), Trigger: "REQUEST", Total: y.Total, Done: n.Done(), Created: n.Created, Updated: n.Updated,
			Unchanged: n.Unchanged, WithoutAddress: n.WithoutAddress, Taken: n.Taken, StartedByID: orNull(y.UserID), StartedBy: by[y.UserID],
			StartedAt: wireTime(y.StartedAt), EndedAt: maybeTime(y.EndedAt)}
		if y.Scheduled {
			out[i].Trigger = "SCHEDULED"
		}
	}
	return out, nil
}

func (a *api) oneSync(c *call, status int, y asset.Sync) (answer, error) {
	views, err := a.syncViews(c, y)
	if err != nil {
		return answer{}, err
	}
	return reply(status, views[0])
}

func (a *api) listSyncs(c *call) (answer, error) {
	r, err := c.paging(bothSorts[0])
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.Syncs(c.ctx(), r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.syncViews(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireSync]{Data: views, Pagination: paginationOf(p.Next, p.Total)})
}

func (a *api) startSync(c *call) (answer, error) {
	y, err := a.People.StartSync(c.ctx(), c.actor())
	if err != nil {
		return answer{}, err
	}
	return a.oneSync(c, http.StatusAccepted, y)
}

func (a *api) getSync(c *call) (answer, error) {
	id, err := c.number("syncId")
	if err != nil {
		return answer{}, err
	}
	y, err := a.People.Sync(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	return a.oneSync(c, http.StatusOK, y)
}

type syncAction struct {
	_      struct{} `additionalProperties:"true"`
	Action string   `json:"action" enum:"cancel" doc:"What was applied stays."`
}

func (a *api) actOnSync(c *call) (answer, error) {
	id, err := c.number("syncId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[syncAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action != "cancel" {
		return answer{}, fault.New(fault.CodeValidation, "`action` is %q; it must be cancel", cutText(body.Action, 80)).At("/action")
	}
	y, err := a.People.CancelSync(c.ctx(), c.actor(), id)
	if err != nil {
		return answer{}, err
	}
	return a.oneSync(c, http.StatusOK, y)
}
