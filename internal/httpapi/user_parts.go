package httpapi

import "github.com/plumbline-dev/plumbline/internal/access"

// withDocuments puts the documents of people into what is told of them, if they
// are asked for and the caller may list them.
func (a *api) withDocuments(c *call, users ...*wireUser) error {
	if !c.expands("documents") || !c.principal.Has(access.DocumentsGet) {
		return nil
	}
	ids := make([]int64, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	found, err := a.People.DocumentsOfUsers(c.ctx(), ids)
	for _, u := range users {
		u.Documents = plainDocuments(found[u.ID], a.Now())
	}
	return err
}

// withPersonnel puts what users are as personnel into what is told of them, and
// the identities that they follow.
func (a *api) withPersonnel(c *call, users ...*wireUser) error {
	person := c.expands("personnel") && c.principal.Has(access.PersonnelGetOne)
	identity := c.expands("identities") && c.principal.Has(access.IdentitiesGet)
	if !person && !identity {
		return nil
	}
	ids := make([]int64, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	found, err := a.People.PeopleOfUsers(c.ctx(), ids)
	if err != nil {
		return err
	}
	var follow []int64
	for _, p := range found {
		if p.IdentityID != 0 {
			follow = append(follow, p.IdentityID)
		}
	}
	identities, err := a.People.IdentitiesByID(c.ctx(), follow)
	for _, u := range users {
		p, is := found[u.ID]
		if is && person {
			view := plainPerson(p)
			u.Personnel = &view
		}
		if i, is := identities[p.IdentityID]; is && identity {
			u.Identities = &[]wireIdentity{identityView(i)}
		}
	}
	return err
}
