package httpapi

import (
	"maps"
	"net/http"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// wireAssetV1 is an asset in v1.
type wireAssetV1 struct {
	ID                 int64                `json:"id"`
	Name               string               `json:"name"`
	Description        string               `json:"description"`
	AssetType          string               `json:"assetType" enum:"PHYSICAL,VIRTUAL"`
	AssetProvider      string               `json:"assetProvider" enum:"DRATA,AGENT" doc:"DRATA, the contract's word: made by hand, by a script or by an MDM connection."`
	ApprovedAt         wireTime             `json:"approvedAt" doc:"Assets need no approval here: when it was made."`
	RemovedAt          maybeTime            `json:"removedAt"`
	AssetClassTypes    []wireAssetClass     `json:"assetClassTypes"`
	Company            string               `json:"company" doc:"The name of the organisation."`
	Owner              wireUserV1           `json:"owner"`
	EmploymentStatus   *string              `json:"employmentStatus,omitempty" enum:"CURRENT_EMPLOYEE,FORMER_EMPLOYEE,CURRENT_CONTRACTOR,FORMER_CONTRACTOR,OUT_OF_SCOPE,UNKNOWN,SPECIAL_FORMER_EMPLOYEE,SPECIAL_FORMER_CONTRACTOR,FUTURE_HIRE,SERVICE_ACCOUNT" doc:"That of the owner; absent for a user who is not personnel."`
	Notes              *string              `json:"notes"`
	AssetReferenceType *string              `json:"assetReferenceType" enum:"WORKSTATION,OTHER,VIRTUAL"`
	UniqueID           *string              `json:"uniqueId"`
	CreatedAt          wireTime             `json:"createdAt"`
	UpdatedAt          wireTime             `json:"updatedAt"`
	Device             orNone[wireDeviceV1] `json:"device" doc:"The device that it stands for; else null."`
	ExternalID         *string              `json:"externalId"`
	ExternalOwnerID    *string              `json:"externalOwnerId"`
}

func (a *api) assetViewsV1(c *call, list ...asset.Asset) ([]wireAssetV1, error) {
	company, err := a.Access.Company(c.ctx())
	if err != nil {
		return nil, err
	}
	ids, owners := make([]int64, len(list)), make([]int64, len(list))
	for i, v := range list {
		ids[i], owners[i] = v.ID, v.OwnerID
	}
	users, err := a.Access.People(c.ctx(), owners)
	if err != nil {
		return nil, err
	}
	people, err := a.People.PeopleOfUsers(c.ctx(), owners)
	if err != nil {
		return nil, err
	}
	devices, err := a.People.DevicesByAsset(c.ctx(), ids)
	if err != nil {
		return nil, err
	}
	whole, err := a.wholeV1(c, slices.Collect(maps.Values(devices)))
	if err != nil {
		return nil, err
	}
	out := make([]wireAssetV1, len(list))
	for i, v := range list {
		w := assetView(v)
		out[i] = wireAssetV1{ID: w.ID, Name: w.Name, Description: w.Description, AssetType: w.AssetType, AssetProvider: w.AssetProvider, ApprovedAt: w.CreatedAt,
			RemovedAt: w.RemovedAt, AssetClassTypes: classViews(v.Classes), Company: company.Name, Owner: c.userV1(users[v.OwnerID]), Notes: w.Notes,
			AssetReferenceType: w.AssetReferenceType, UniqueID: w.UniqueID, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, ExternalID: w.ExternalID, ExternalOwnerID: w.ExternalOwnerID}
		if owner, is := people[v.OwnerID]; is {
			out[i].EmploymentStatus = orNull(string(owner.Status))
		}
		if d, is := devices[v.ID]; is {
			view := whole[d.ID]
			out[i].Device = orNone[wireDeviceV1]{&view}
		}
	}
	return out, nil
}

func (a *api) oneAssetV1(c *call, status int, v asset.Asset) (answer, error) {
	views, err := a.assetViewsV1(c, v)
	if err != nil {
		return answer{}, err
	}
	return reply(status, views[0])
}

// maxAssetPageV1 is the contract's.
const maxAssetPageV1 = 1000

// assetOrdersV1 are the words of `sort`. All assets are those of one company.
var assetOrdersV1 = map[string]page.Sort{"NAME": asset.ByName, "ASSET_TYPE": asset.ByType, "COMPANY_NAME": page.CreatedAt, "DESCRIPTION": asset.ByDescription,
	"ASSET_PROVIDER": asset.ByProvider, "USER": asset.ByOwner, "APPROVED_AT": page.CreatedAt, "REMOVED_AT": asset.ByRemovedAt, "CREATED": page.CreatedAt,
	"UPDATED": page.UpdatedAt, "EMPLOYMENT_STATUS": asset.ByOwnerStatus}

func (a *api) listAssetsV1(c *call) (answer, error) {
	var class, kind, provider, status string
	for _, p := range []struct {
		name  string
		words []string
		into  *string
	}{{"assetClassType", choices(asset.ClassTypes), &class}, {"assetType", choices(asset.Types), &kind}, {"assetProvider", providerNames, &provider},
		{"employmentStatus", choices(asset.EmploymentStatuses), &status}} {
		var err error
		if *p.into, err = c.choice(p.name, p.words...); err != nil {
			return answer{}, err
		}
	}
	f := asset.AssetFilter{Class: asset.ClassType(class), Type: asset.Type(kind), Provider: asset.Provider(provider), OwnerStatus: asset.EmploymentStatus(status)}
	var err error
	if f.OwnerID, err = c.within("userId", 1, maxOwnerID, 0); err != nil {
		return answer{}, err
	}
	if f.Text, err = c.text("q"); err != nil {
		return answer{}, err
	}
	r, err := c.numbered(maxAssetPageV1, assetOrdersV1)
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.Assets(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.assetViewsV1(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, numberedPage(r, p, views))
}

func (a *api) createAssetV1(c *call) (answer, error) {
	v, err := a.madeAsset(c)
	if err != nil {
		return answer{}, err
	}
	return a.oneAssetV1(c, http.StatusCreated, v)
}

// deleteAssetV1 answers with the asset as it was.
func (a *api) deleteAssetV1(c *call) (answer, error) {
	id, err := c.number("id")
	if err != nil {
		return answer{}, err
	}
	v, err := a.People.Asset(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	ans, err := a.oneAssetV1(c, http.StatusOK, v)
	if err != nil {
		return answer{}, err
	}
	return ans, a.People.DeleteAsset(c.ctx(), c.actor(), id)
}
