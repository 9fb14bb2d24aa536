package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// wireAsset is the contract's asset (section 2.6).
type wireAsset struct {
	ID                 int64              `json:"id"`
	Name               string             `json:"name"`
	Description        string             `json:"description"`
	AssetType          string             `json:"assetType" enum:"PHYSICAL,VIRTUAL"`
	AssetProvider      string             `json:"assetProvider" enum:"DRATA,AGENT" doc:"DRATA, the contract's word: made by hand, by a script or by an MDM connection."`
	RemovedAt          maybeTime          `json:"removedAt"`
	Notes              *string            `json:"notes"`
	AssetReferenceType *string            `json:"assetReferenceType" enum:"WORKSTATION,OTHER,VIRTUAL"`
	AssociatedID       *int64             `json:"associatedId" doc:"The device that it stands for."`
	CreatedAt          wireTime           `json:"createdAt"`
	UpdatedAt          wireTime           `json:"updatedAt"`
	Device             orNone[wireDevice] `json:"device" doc:"With expand[]=device, the device that it stands for, with its checks and identifiers if they are asked for, too; else null."`
	ExternalID         *string            `json:"externalId"`
	ExternalOwnerID    *string            `json:"externalOwnerId"`
	UniqueID           *string            `json:"uniqueId"`
	OwnerID            int64              `json:"ownerId"`
	AssetClassTypes    *[]wireAssetClass  `json:"assetClassTypes,omitempty" doc:"With expand[]=assetClassTypes."`
	Owner              *wireUser          `json:"owner,omitempty" doc:"With expand[]=owner."`
	ComplianceChecks   *[]wireCheck       `json:"complianceChecks,omitempty" doc:"With expand[]=complianceChecks, those of the device."`
	Identifiers        *[]wireIdentifier  `json:"identifiers,omitempty" doc:"With expand[]=identifiers, those of the device."`
	CustomFields       *[]wireFieldValue  `json:"customFields,omitempty" doc:"With expand[]=customFields: all that are defined for assets."`
}

// wireAssetCompact is an asset as a part of its device.
type wireAssetCompact struct {
	ID                 int64     `json:"id"`
	Name               string    `json:"name"`
	Description        string    `json:"description"`
	AssetType          string    `json:"assetType" enum:"PHYSICAL,VIRTUAL"`
	AssetProvider      string    `json:"assetProvider" enum:"DRATA,AGENT" doc:"DRATA, the contract's word: by an MDM connection."`
	ApprovedAt         wireTime  `json:"approvedAt" doc:"When the server made it: nobody need approve it here."`
	RemovedAt          maybeTime `json:"removedAt"`
	Company            string    `json:"company" doc:"The organisation's name."`
	Notes              *string   `json:"notes"`
	AssetReferenceType *string   `json:"assetReferenceType" enum:"WORKSTATION,OTHER,VIRTUAL"`
	UniqueID           string    `json:"uniqueId" doc:"The first that there is: serial number, MAC address, external id."`
	ExternalID         *string   `json:"externalId,omitempty"`
	ExternalOwnerID    *string   `json:"externalOwnerId,omitempty"`
	OwnerID            int64     `json:"ownerId"`
	CreatedAt          wireTime  `json:"createdAt"`
	UpdatedAt          wireTime  `json:"updatedAt"`
}

func assetOfDevice(v asset.Asset, of asset.Device, company string) *wireAssetCompact {
	unique := ""
	for _, text := range []*string{v.UniqueID, of.MACAddress, v.ExternalID} {
		if text != nil && unique == "" {
			unique = *text
		}
	}
	return &wireAssetCompact{ID: v.ID, Name: v.Name, Description: v.Description, AssetType: string(v.Type), AssetProvider: string(v.Provider), ApprovedAt: wireTime(v.CreatedAt),
		RemovedAt: maybeTime(v.RemovedAt), Company: company, Notes: v.Notes, AssetReferenceType: orNull(string(v.Reference)), UniqueID: unique, ExternalID: v.ExternalID,
		ExternalOwnerID: v.ExternalOwnerID, OwnerID: v.OwnerID, CreatedAt: wireTime(v.CreatedAt), UpdatedAt: wireTime(v.UpdatedAt)}
}

type wireAssetClass struct {
	ID             int64    `json:"id"`
	AssetClassType string   `json:"assetClassType"`
	CreatedAt      wireTime `json:"createdAt"`
	UpdatedAt      wireTime `json:"updatedAt"`
}

var assetParts = []string{"assetClassTypes", "complianceChecks", "customFields", "device", "identifiers", "owner"}

func assetView(v asset.Asset) wireAsset {
	return wireAsset{ID: v.ID, Name: v.Name, Description: v.Description, AssetType: string(v.Type), AssetProvider: string(v.Provider), RemovedAt: maybeTime(v.RemovedAt),
		Notes: v.Notes, AssetReferenceType: orNull(string(v.Reference)), AssociatedID: orNull(v.DeviceID), CreatedAt: wireTime(v.CreatedAt), UpdatedAt: wireTime(v.UpdatedAt),
		ExternalID: v.ExternalID, ExternalOwnerID: v.ExternalOwnerID, UniqueID: v.UniqueID, OwnerID: v.OwnerID}
}

func classViews(list []asset.Class) []wireAssetClass {
	out := make([]wireAssetClass, len(list))
	for i, k := range list {
		out[i] = wireAssetClass{k.ID, string(k.Class), wireTime(k.CreatedAt), wireTime(k.CreatedAt)}
	}
	return out
}

func (a *api) assetViews(c *call, list ...asset.Asset) ([]wireAsset, error) {
	owners, err := people(a, c, "owner", list, func(v asset.Asset) int64 { return v.OwnerID })
	if err != nil {
		return nil, err
	}
	var devices map[int64]asset.Device
	if c.expands("device") || c.expands("complianceChecks") || c.expands("identifiers") {
		ids := make([]int64, len(list))
		for i, v := range list {
			ids[i] = v.ID
		}
		if devices, err = a.People.DevicesByAsset(c.ctx(), ids); err != nil {
			return nil, err
		}
	}
	identifiers, err := a.identifiers(c, devices)
	if err != nil {
		return nil, err
	}
	fields, err := a.fieldValues(c, customfield.Asset)
	if err != nil {
		return nil, err
	}
	out := make([]wireAsset, len(list))
	for i, v := range list {
		out[i] = assetView(v)
		out[i].CustomFields = fields(v.Fields)
		out[i].Owner = owners[v.OwnerID]
		if c.expands("assetClassTypes") {
			classes := classViews(v.Classes)
			out[i].AssetClassTypes = &classes
		}
		d, is := devices[v.ID]
		if is && c.expands("device") {
			view := deviceView(d)
			a.withChecks(c, &view, d, identifiers[d.ID])
			out[i].Device = orNone[wireDevice]{&view}
		}
		if c.expands("complianceChecks") {
			out[i].ComplianceChecks = &[]wireCheck{}
			if is {
				checks := checkViews(d.Checks(a.Now()))
				out[i].ComplianceChecks = &checks
			}
		}
		if c.expands("identifiers") {
			views := identifierViews(identifiers[d.ID])
			out[i].Identifiers = &views
		}
	}
	return out, nil
}

// identifiers are what devices are recognised by, if they are asked for.
func (a *api) identifiers(c *call, devices map[int64]asset.Device) (map[int64][]asset.Identifier, error) {
	if !c.expands("identifiers") {
		return nil, nil
	}
	var ids []int64
	for _, d := range devices {
		ids = append(ids, d.ID)
	}
	return a.People.Identifiers(c.ctx(), ids)
}

func (a *api) oneAsset(c *call, status int, v asset.Asset) (answer, error) {
	views, err := a.assetViews(c, v)
	if err != nil {
		return answer{}, err
	}
	return reply(status, views[0])
}

func (a *api) listAssets(c *call) (answer, error) {
	var f asset.AssetFilter
	class, err := c.choice("assetClassType", choices(asset.ClassTypes)...)
	if err != nil {
		return answer{}, err
	}
	kind, err := c.choice("assetType", choices(asset.Types)...)
	if err != nil {
		return answer{}, err
	}
	status, err := c.choice("employmentStatus", choices(asset.EmploymentStatuses)...)
	if err != nil {
		return answer{}, err
	}
	if f.OwnerID, err = c.within("userId", 1, maxOwnerID, 0); err != nil {
		return answer{}, err
	}
	if f.Text, err = c.text("q"); err != nil {
		return answer{}, err
	}
	if f.Removed, err = c.eitherWay("removed"); err != nil {
		return answer{}, err
	}
	if f.OfDevices, err = c.eitherWay("ofDevices"); err != nil {
		return answer{}, err
	}
	provider, err := c.choice("assetProvider", providerNames...)
	if err != nil {
		return answer{}, err
	}
	f.Class, f.Type, f.OwnerStatus, f.Provider = asset.ClassType(class), asset.Type(kind), asset.EmploymentStatus(status), asset.Provider(provider)
	if f.Fields, err = a.wantedFields(c, customfield.Asset); err != nil {
		return answer{}, err
	}
	r, err := c.paging(asset.AssetSorts...)
	if err != nil {
		return answer{}, err
	}
	p, err := a.People.Assets(c.ctx(), f, r)
	if err != nil {
		return answer{}, err
	}
	views, err := a.assetViews(c, p.Items...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireList[wireAsset]{Data: views, Pagination: paginationOf(p.Next, p.Total)})
}

func (a *api) getAsset(c *call) (answer, error) {
	id, err := c.number("assetId")
	if err != nil {
		return answer{}, err
	}
	v, err := a.People.Asset(c.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	return a.oneAsset(c, http.StatusOK, v)
}

// newAsset is what an asset is created from.
type newAsset struct {
	_               struct{} `additionalProperties:"true"`
	Name            *string  `json:"name" minLength:"1" maxLength:"191"`
	Description     *string  `json:"description" minLength:"1" maxLength:"191"`
	AssetClassTypes []string `json:"assetClassTypes" minItems:"1" enum:"HARDWARE,POLICY,DOCUMENT,PERSONNEL,SOFTWARE,CODE,CONTAINER,COMPUTE,NETWORKING,DATABASE,STORAGE"`
	AssetType       *string  `json:"assetType" enum:"PHYSICAL,VIRTUAL"`
	OwnerID         *int64   `json:"ownerId" doc:"A user."`
	Notes           *string  `json:"notes,omitempty" nullable:"true" maxLength:"191"`
	RemovedAt       *string  `json:"removedAt,omitempty" nullable:"true"`
	ExternalID      *string  `json:"externalId,omitempty" nullable:"true" maxLength:"191"`
	ExternalOwnerID *string  `json:"externalOwnerId,omitempty" nullable:"true" maxLength:"191"`
	UniqueID        *string  `json:"uniqueId,omitempty" nullable:"true" maxLength:"191"`

	CustomFields []wireFieldSetting `json:"customFields,omitempty" maxItems:"100"`
}

// assetChange is what may change of an asset; absent properties stay.
type assetChange struct {
	_               struct{} `additionalProperties:"true"`
	Name            *string  `json:"name,omitempty" minLength:"1" maxLength:"191"`
	Description     *string  `json:"description,omitempty" minLength:"1" maxLength:"191"`
	AssetClassTypes []string `json:"assetClassTypes,omitempty" minItems:"1" enum:"HARDWARE,POLICY,DOCUMENT,PERSONNEL,SOFTWARE,CODE,CONTAINER,COMPUTE,NETWORKING,DATABASE,STORAGE"`
	AssetType       *string  `json:"assetType,omitempty" enum:"PHYSICAL,VIRTUAL"`
	OwnerID         *int64   `json:"ownerId,omitempty" doc:"A user."`
	Notes           *string  `json:"notes,omitempty" nullable:"true" maxLength:"191"`
	RemovedAt       *string  `json:"removedAt,omitempty" nullable:"true"`
	ExternalID      *string  `json:"externalId,omitempty" nullable:"true" maxLength:"191"`
	ExternalOwnerID *string  `json:"externalOwnerId,omitempty" nullable:"true" maxLength:"191"`
	UniqueID        *string  `json:"uniqueId,omitempty" nullable:"true" maxLength:"191"`

	CustomFields []wireFieldSetting `json:"customFields,omitempty" maxItems:"100"`
}

func (b assetChange) change(c *call) (asset.AssetChange, error) {
	out := asset.AssetChange{Name: b.Name, Description: b.Description, Type: b.AssetType, OwnerID: b.OwnerID, Notes: sent(c, "notes", b.Notes),
		Classes: sent(c, "assetClassTypes", b.AssetClassTypes), ExternalID: sent(c, "externalId", b.ExternalID),
		ExternalOwnerID: sent(c, "externalOwnerId", b.ExternalOwnerID), UniqueID: sent(c, "uniqueId", b.UniqueID)}
	var err error
	if out.Fields, err = fieldSettings(b.CustomFields); err != nil {
		return out, err
	}
	out.RemovedAt, err = c.day("removedAt", b.RemovedAt)
	return out, err
}

func (a *api) createAsset(c *call) (answer, error) {
	v, err := a.madeAsset(c)
	if err != nil {
		return answer{}, err
	}
	return a.oneAsset(c, http.StatusCreated, v)
}

// madeAsset is the asset that the request makes.
func (a *api) madeAsset(c *call) (asset.Asset, error) {
	body, err := decode[newAsset](c)
	if err != nil {
		return asset.Asset{}, err
	}
	change, err := assetChange(body).change(c)
	if err != nil {
		return asset.Asset{}, err
	}
	return a.People.CreateAsset(c.ctx(), c.actor(), change)
}

func (a *api) putAsset(c *call) (answer, error) {
	id, err := c.number("assetId")
	if err != nil {
		return answer{}, err
	}
	body, err := decode[assetChange](c)
	if err != nil {
		return answer{}, err
	}
	change, err := body.change(c)
	if err != nil {
		return answer{}, err
	}
	v, err := a.People.UpdateAsset(c.ctx(), c.actor(), id, change)
	if err != nil {
		return answer{}, err
	}
	return a.oneAsset(c, http.StatusOK, v)
}

func (a *api) deleteAsset(c *call) (answer, error) {
	id, err := c.number("assetId")
	if err != nil {
		return answer{}, err
	}
	if err := a.People.DeleteAsset(c.ctx(), c.actor(), id); err != nil {
		return answer{}, err
	}
	return noContent(), nil
}

// assetAction is what can be done with an asset.
type assetAction struct {
	_      struct{} `additionalProperties:"false"`
	Action string   `json:"action" enum:"restore" doc:"restore: bring back what was deleted, as it was."`
}

func (a *api) actOnAsset(c *call) (answer, error) {
	id, err := c.number("assetId")
	if err != nil {
		return answer{}, err
	}
	body, err := decodeKnown[assetAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action != "restore" {
		return answer{}, fault.New(fault.CodeValidation, "`action` (/action) is %q; it must be restore", cutText(body.Action, 80)).At("/action")
	}
	v, err := a.People.RestoreAsset(c.ctx(), c.actor(), id)
	if err != nil {
		return answer{}, err
	}
	return a.oneAsset(c, http.StatusOK, v)
}

// wireCheck is the contract's compliance check (section 2.3).
type wireCheck struct {
	ID             int64     `json:"id"`
	Type           string    `json:"type" enum:"FULL_COMPLIANCE,AGENT_INSTALLED,PASSWORD_MANAGER,HDD_ENCRYPTION,ANTIVIRUS,AUTO_UPDATES,LOCK_SCREEN"`
	Status         string    `json:"status" enum:"PASS,FAIL,MISCONFIGURED,EXCLUDED" doc:"MISCONFIGURED: nothing is known, or nothing recent."`
	CheckFrequency string    `json:"checkFrequency" enum:"DAILY,YEARLY" doc:"YEARLY: a document proves it, for a year."`
	CompletionDate maybeTime `json:"completionDate" doc:"When the protection was last seen."`
	ExpiresAt      maybeTime `json:"expiresAt" doc:"After this the last report, or the document, does not count any more."`
	LastCheckedAt  maybeTime `json:"lastCheckedAt"`
	CreatedAt      wireTime  `json:"createdAt"`
	UpdatedAt      wireTime  `json:"updatedAt"`
	Basis          *string   `json:"basis,omitempty" enum:"REPORTED,NOT_REPORTED,REPORT_EXPIRED,DOCUMENT" doc:"Of a device: what the status follows from. The last report says so, it says nothing of it, it is too old, or a document proves it."`
	Since          maybeTime `json:"since" doc:"From when on a device stands so, where it was noted; null for a person."`
	Problem        *string   `json:"problem" doc:"What is wrong in a few words, such as No device reports; null when nothing is, and for FULL_COMPLIANCE."`
	DocumentID     *int64    `json:"documentId" doc:"The document by which it passes; null when a report says so."`
}

func checkViews(list []asset.Check) []wireCheck {
	out := make([]wireCheck, len(list))
	for i, k := range list {
		out[i] = wireCheck{ID: k.ID, Type: string(k.Type), Status: string(k.Status), CheckFrequency: k.Frequency, CompletionDate: maybeTime(k.CompletedAt),
			ExpiresAt: maybeTime(k.ExpiresAt), LastCheckedAt: maybeTime(k.LastCheckedAt), CreatedAt: wireTime(k.CreatedAt), UpdatedAt: wireTime(k.UpdatedAt),
			Basis: orNull(string(k.Basis)), Since: maybeTime(k.Since), DocumentID: orNull(k.DocumentID), Problem: orNull(k.Problem())}
	}
	return out
}
