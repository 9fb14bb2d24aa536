package asset

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/sheet"
)

// assetColumns are those of a file of assets; see peopleColumns.
var assetColumns = sheet.Columns{
	Taken: []string{"id", "externalId", "name", "description", "assetType", "assetClassTypes", "ownerEmail", "ownerId", "notes", "removedAt", "externalOwnerId", "uniqueId"},
	Passed: []string{"assetProvider", "assetReferenceType", "associatedId", "createdAt", "updatedAt", "device", "owner", "complianceChecks", "identifiers",
		"customFields"},
	Needed: [][]string{{"externalId", "id"}}, MaxRows: MaxImportRows}

// AssetTemplate is a file of assets with examples, and with a column for each
// custom field.
func (s *Service) AssetTemplate(ctx context.Context) ([]byte, error) {
	columns := slices.DeleteFunc(slices.Clone(assetColumns.Taken[1:]), func(c string) bool { return c == "ownerId" })
	return s.template(ctx, customfield.Asset, [][]string{columns,
		{"srv-001", "Billing server", "Runs the billing system", string(Physical), "HARDWARE; COMPUTE", "ada@example.com", "In the rack by the door", "", "", "SN-1815"},
		{"repo-web", "Web application", "Source of the web application", string(Virtual), "CODE", "ada@example.com", "", "", "", ""}})
}

// AssetRef is what a row names: the asset by number or by external id, and an
// owner by address or number. What is empty is not named.
type AssetRef struct {
	ID         int64
	ExternalID string
	OwnerEmail string
	OwnerID    int64
}

// AssetMatch is what a row names.
type AssetMatch struct {
	// Found are the assets: none, one, or several with the same external id.
	Found []Asset
	// Was is the owner of the first of them.
	Was *access.User
	// Owner is whom the row names; nil: there is nobody.
	Owner *access.User
}

// AssetImport is what a file changes.
type AssetImport struct {
	New, Old []*Asset
	// Fielded are those of both whose custom fields change.
	Fielded []*Asset
	// Event gets the numbers of all of them; nil: nothing is stored.
	Event func(ids []int64) event.Event
}

// assetRow is a row of a file of assets.
type assetRow struct {
	ref    AssetRef
	change AssetChange
	sets   []customfield.Set
}

func readAssetRow(r sheet.Row, fields []fieldColumn) (out assetRow, err error) {
	var wrong faults
	for _, n := range []struct {
		column string
		into   *int64
	}{{"id", &out.ref.ID}, {"ownerId", &out.ref.OwnerID}} {
		if cell := r.Cell(n.column); cell != "" {
			if *n.into, err = strconv.ParseInt(cell, 10, 64); err != nil || *n.into <= 0 {
				wrong.add(invalid("/"+n.column, "`%s` is %q; it must be a number, or empty", n.column, fault.Short(cell, maxCell)))
			}
		}
	}
	if cell := r.Cell("ownerEmail"); cell != "" {
		out.ref.OwnerEmail, out.ref.OwnerID = cell, 0
	}
	c := &out.change
	c.ExternalID = cellText(r, "externalId")
	switch named := c.ExternalID != nil && *c.ExternalID != nil; {
	case out.ref.ID != 0 || r.Cell("id") != "":
	case named:
		out.ref.ExternalID = **c.ExternalID
	default:
		wrong.add(invalid("/externalId", "`externalId` is empty: the asset is recognised by it when the file is imported again"))
	}
	c.Name, c.Description, c.Type = plainText(r, "name"), plainText(r, "description"), word(r, "assetType")
	c.Notes, c.ExternalOwnerID, c.UniqueID = cellText(r, "notes"), cellText(r, "externalOwnerId"), cellText(r, "uniqueId")
	if cell := r.Cell("assetClassTypes"); cell != "" {
		classes := strings.FieldsFunc(strings.ToUpper(cell), func(r rune) bool { return r == ';' || r == ',' || r == ' ' || r == '\n' })
		c.Classes = &classes
	}
	c.RemovedAt, err = cellDay(r, "removedAt")
	wrong.add(err)
	// What is wrong with the cells is so for every asset.
	wrong.add(c.apply(&Asset{Name: "-", Description: "-"}, time.Time{}))
	out.sets = cellSets(r, fields, &wrong)
	return out, wrong.err()
}

// ImportAssets makes assets of a file, or changes them; they are recognised by
// number or external id. An empty cell leaves a field as it is, null clears it.
func (s *Service) ImportAssets(ctx context.Context, a event.Actor, text []byte, o ImportOptions) (Import, error) {
	columns, fields, err := s.importColumns(ctx, customfield.Asset, assetColumns)
	if err != nil {
		return Import{}, err
	}
	m := newImporting(text, columns, fields, o, readAssetRow)
	now := s.now()
	refs := make([]AssetRef, len(m.rows))
	for i := range m.rows {
		refs[i] = m.rows[i].ref
	}
	return m.answer(s.store.ImportAssets(ctx, refs, !o.Preview, func(found []AssetMatch) AssetImport {
		var out AssetImport
		seen := seenAssets{byID: map[int64]int{}, byExternalID: map[string]int{}}
		m.judge(func(i int) error {
			_, err := applySets(found[i].first().Fields, m.rows[i].sets)
			return err
		}, func(i, line int) (ImportLine, func() *int64, error) {
			if err := seen.once(m.rows[i], found[i], line); err != nil {
				return ImportLine{}, nil, err
			}
			v, does, err := m.rows[i].apply(found[i], now)
			return does, func() *int64 {
				if does.Outcome == Created {
					out.New = append(out.New, v)
				} else {
					out.Old = append(out.Old, v)
				}
				if len(does.fields) > 0 {
					out.Fielded = append(out.Fielded, v)
				}
				return &v.ID
			}, err
		})
		if !m.writes() {
			return AssetImport{}
		}
		out.Event = func(ids []int64) event.Event {
			return m.event(a, now, event.AssetsImported, event.CategoryAsset, "assets", "assetIds", ids)
		}
		return out
	}))
}

// first is the asset that a row names; an empty one if there is none.
func (m AssetMatch) first() Asset {
	if len(m.Found) == 0 {
		return Asset{}
	}
	return m.Found[0]
}

// seenAssets are those that the rows above concern. What a file recognises assets
// by stays as it is, and stands in it once: so it changes nothing the second time.
type seenAssets struct {
	byID         map[int64]int
	byExternalID map[string]int
}

func (s seenAssets) once(r assetRow, m AssetMatch, line int) error {
	if len(m.Found) == 0 && r.ref.ID != 0 {
		return invalid("/id", "there is no asset %d", r.ref.ID)
	}
	// The number comes first: a row that is refused by it uses up no external id,
	// which the next import could see otherwise.
	if len(m.Found) == 1 {
		column := "id"
		if r.ref.ID == 0 {
			column = "externalId"
		}
		if err := once(s.byID, m.Found[0].ID, line, column, "asset"); err != nil {
			return err
		}
	}
	given := r.ref.ID == 0 || m.Found[0].ExternalID == nil
	if c := r.change.ExternalID; given && c != nil && *c != nil {
		if err := once(s.byExternalID, **c, line, "externalId", "asset"); err != nil {
			return err
		}
	}
	if len(m.Found) > 1 {
		return invalid("/externalId", "several assets have this `externalId`, such as %d and %d: name one by its `id`", m.Found[0].ID, m.Found[1].ID)
	}
	return nil
}

// apply is what a row makes of an asset, which is a copy.
func (r assetRow) apply(m AssetMatch, now time.Time) (*Asset, ImportLine, error) {
	var wrong faults
	line := ImportLine{}
	c := r.change
	fields, unfit := applySets(m.first().Fields, r.sets)
	owner, was := m.Owner, m.Was
	switch {
	case owner != nil:
		c.OwnerID = &owner.ID
	case r.ref.OwnerEmail != "":
		wrong.add(invalid("/ownerEmail", "nobody has the address %s", fault.Short(r.ref.OwnerEmail, maxCell)))
		c.OwnerID = new(int64)
	case r.ref.OwnerID != 0:
		wrong.add(invalid("/ownerId", "there is no user %d", r.ref.OwnerID))
		c.OwnerID = new(int64)
	default:
		owner = was
	}
	if len(m.Found) == 0 {
		line.Outcome = Created
		made, err := c.create(now)
		wrong.add(inFile(err))
		wrong.add(unfit)
		if err := wrong.err(); err != nil {
			return nil, line, err
		}
		made.Fields = fields
		line.Name, line.Changes = made.Name, differences(Asset{}.fields(nil), made.fields(owner))
		line.fieldChanges(nil, fields)
		return &made, line, nil
	}
	old := m.Found[0]
	v := old
	c = c.asWritten(old)
	if c.ExternalID != nil && old.ExternalID != nil && !sameText(*c.ExternalID, old.ExternalID) {
		wrong.add(invalid("/externalId", "the external id of asset %d is %s: an import does not change it", old.ID, *old.ExternalID))
	}
	v.Classes = slices.Clone(old.Classes)
	c.RemovedAt = asListed(c.RemovedAt, v.RemovedAt)
	if len(wrong) == 0 {
		wrong.add(inFile(c.change(&v, now)))
	}
	wrong.add(unfit)
	if err := wrong.err(); err != nil {
		return nil, line, err
	}
	v.Fields = fields
	line.ID, line.Name, line.Changes = v.ID, v.Name, differences(old.fields(was), v.fields(owner))
	line.fieldChanges(old.Fields, fields)
	return &v, line, nil
}

// asWritten leaves texts as they are that a list would tell like that.
func (c AssetChange) asWritten(a Asset) AssetChange {
	if c.Description != nil && *c.Description == written(a.Description) {
		c.Description = nil
	}
	c.Notes, c.ExternalID = asWritten(c.Notes, a.Notes), asWritten(c.ExternalID, a.ExternalID)
	c.ExternalOwnerID, c.UniqueID = asWritten(c.ExternalOwnerID, a.ExternalOwnerID), asWritten(c.UniqueID, a.UniqueID)
	return c
}

// inFile is an error with the column that names an owner in files.
func inFile(err error) error {
	var out faults
	out.add(err)
	for i, err := range out {
		if f := faultOf(err); f != nil && f.Pointer == "/ownerId" {
			out[i] = invalid("/ownerEmail", "`ownerEmail` is empty: a new asset needs an owner")
		}
	}
	return out.err()
}

// fields are what an import can change of an asset.
func (a Asset) fields(owner *access.User) []field {
	classes := make([]string, len(a.Classes))
	for i, c := range a.classTypes() {
		classes[i] = string(c)
	}
	slices.Sort(classes)
	address := ""
	if owner != nil {
		address = owner.Email
	}
	return []field{{"externalId", orEmpty(a.ExternalID)}, {"name", a.Name}, {"description", a.Description}, {"assetType", string(a.Type)},
		{"assetClassTypes", strings.Join(classes, "; ")}, {"ownerEmail", address}, {"notes", orEmpty(a.Notes)}, {"removedAt", dayText(a.RemovedAt)},
		{"externalOwnerId", orEmpty(a.ExternalOwnerID)}, {"uniqueId", orEmpty(a.UniqueID)}}
}
