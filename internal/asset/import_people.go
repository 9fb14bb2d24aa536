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

// peopleColumns are those of a file of personnel. What a list of personnel has
// besides is passed over, so that its file can be changed and imported.
var peopleColumns = sheet.Columns{
	Taken: []string{"id", "email", "firstName", "lastName", "jobTitle", "employmentStatus", "startedAt", "separatedAt", "notHumanReason"},
	Passed: []string{"userId", "reasonProvider", "statusUpdatedAt", "createdAt", "updatedAt", "displayName", "byHand", "identityId", "syncStatus", "identity", "user", "complianceChecks",
		"customFields", "groups", "workspaces"},
	Needed: [][]string{{"email", "id"}}, MaxRows: MaxImportRows}

// PeopleTemplate is a file of personnel with examples, and with a column for each
// custom field.
func (s *Service) PeopleTemplate(ctx context.Context) ([]byte, error) {
	return s.template(ctx, customfield.Person, [][]string{slices.Clone(peopleColumns.Taken[1:]),
		{"ada@example.com", "Ada", "Lovelace", "Engineer", string(CurrentEmployee), "2024-03-01", "", ""},
		{"print@example.com", "Print", "Room", "", string(OutOfScope), "", "", "A mailbox that several people read"}})
}

// PersonMatch is whom a row names. Without a person, User may be an account that
// nobody is the personnel of.
type PersonMatch struct {
	Person *Person
	User   *access.User
}

// PeopleImport is what a file changes. New people whose User has no id get an
// account.
type PeopleImport struct {
	NewUsers, OldUsers   []*access.User
	NewPeople, OldPeople []*Person
	// Fielded are those of both whose custom fields change.
	Fielded []*Person
	// Event gets the numbers of all of them; nil: nothing is stored.
	Event func(ids []int64) event.Event
}

// personRow is a row of a file of personnel.
type personRow struct {
	ref     PersonRef
	email   string
	profile access.Profile
	change  PersonChange
	sets    []customfield.Set
}

func readPersonRow(r sheet.Row, fields []fieldColumn) (out personRow, err error) {
	var wrong faults
	if cell := r.Cell("id"); cell != "" {
		if out.ref.ID, err = strconv.ParseInt(cell, 10, 64); err != nil || out.ref.ID <= 0 {
			wrong.add(invalid("/id", "`id` is %q; it must be the number of a person, or empty", fault.Short(cell, maxCell)))
		}
	}
	if cell := r.Cell("email"); cell != "" {
		if out.email, err = access.ParseEmail(cell); err != nil {
			wrong.add(invalid("/email", "`email` is %q; it must be a mail address such as ann@example.com", fault.Short(cell, maxCell)))
		}
	}
	if out.ref.ID == 0 {
		if out.ref.Email = out.email; out.email == "" && len(wrong) == 0 {
			wrong.add(invalid("/email", "`email` is empty: it says whom the row is of"))
		}
	}
	out.profile = access.Profile{FirstName: plainText(r, "firstName"), LastName: plainText(r, "lastName"), JobTitle: plainText(r, "jobTitle")}
	wrong.add(out.profile.Apply(&access.User{}))
	if status := word(r, "employmentStatus"); status != nil {
		out.change.Status = (*EmploymentStatus)(status)
	}
	out.change.StartedAt, err = cellDay(r, "startedAt")
	wrong.add(err)
	out.change.SeparatedAt, err = cellDay(r, "separatedAt")
	wrong.add(err)
	out.change.Reason = cellText(r, "notHumanReason")
	wrong.add(out.change.check())
	out.sets = cellSets(r, fields, &wrong)
	return out, wrong.err()
}

// ImportPeople makes personnel of a file, or changes them by hand: people are
// recognised by number or address, new ones get an account that nobody was
// invited to. An empty cell leaves a field as it is, null clears it. Names are
// taken for those only who neither sign in nor follow an identity.
func (s *Service) ImportPeople(ctx context.Context, a event.Actor, text []byte, o ImportOptions) (Import, error) {
	columns, fields, err := s.importColumns(ctx, customfield.Person, peopleColumns)
	if err != nil {
		return Import{}, err
	}
	m := newImporting(text, columns, fields, o, readPersonRow)
	now := s.now()
	refs := make([]PersonRef, len(m.rows))
	for i := range m.rows {
		refs[i] = m.rows[i].ref
	}
	return m.answer(s.store.ImportPeople(ctx, refs, !o.Preview, func(found []PersonMatch) PeopleImport {
		var out PeopleImport
		seen := seenPeople{byID: map[int64]int{}, byAddress: map[string]int{}}
		m.judge(func(i int) error {
			_, err := applySets(found[i].values(), m.rows[i].sets)
			return err
		}, func(i, line int) (ImportLine, func() *int64, error) {
			if err := seen.once(m.rows[i], found[i], line); err != nil {
				return ImportLine{}, nil, err
			}
			p, does, err := m.rows[i].apply(found[i], a, now)
			return does, func() *int64 {
				out.add(p, does)
				return &p.ID
			}, err
		})
		if !m.writes() {
			return PeopleImport{}
		}
		out.Event = func(ids []int64) event.Event {
			return m.event(a, now, event.PeopleImported, event.CategoryPersonnel, "people", "personnelIds", ids)
		}
		return out
	}))
}

// values are those of the custom fields of the person, if there is one.
func (m PersonMatch) values() []customfield.Value {
	if m.Person == nil {
		return nil
	}
	return m.Person.Fields
}

// seenPeople are those whom the rows above concern.
type seenPeople struct {
	byID      map[int64]int
	byAddress map[string]int
}

func (s seenPeople) once(r personRow, m PersonMatch, line int) error {
	switch {
	case m.Person != nil:
		return once(s.byID, m.Person.ID, line, "id", "person")
	case r.ref.ID != 0:
		return invalid("/id", "there is no person %d", r.ref.ID)
	}
	return once(s.byAddress, access.Folded(r.email), line, "email", "person")
}

// add notes what is to be stored of a row.
func (i *PeopleImport) add(p *Person, line ImportLine) {
	if line.Outcome == Created {
		i.NewPeople = append(i.NewPeople, p)
	} else {
		i.OldPeople = append(i.OldPeople, p)
	}
	renamed := slices.ContainsFunc(line.Changes, func(c FieldChange) bool { return slices.Contains(profileColumns, c.Column) })
	if len(line.fields) > 0 {
		i.Fielded = append(i.Fielded, p)
	}
	switch {
	case p.UserID == 0:
		i.NewUsers = append(i.NewUsers, &p.User)
	case renamed:
		i.OldUsers = append(i.OldUsers, &p.User)
	}
}

var profileColumns = []string{"firstName", "lastName", "jobTitle"}

// apply is what a row makes of a person, who is a copy.
func (r personRow) apply(m PersonMatch, a event.Actor, now time.Time) (*Person, ImportLine, error) {
	p := &Person{CreatedAt: now, UpdatedAt: now}
	line := ImportLine{}
	old := p.fields()
	switch {
	case m.Person != nil:
		own := *m.Person
		p, old = &own, own.fields()
		if r.email != "" && access.Folded(r.email) != access.Folded(p.User.Email) {
			return nil, line, invalid("/email", "the address of person %d is %s: an import does not change it", p.ID, p.User.Email)
		}
	case m.User != nil:
		line.Outcome = Created
		p.UserID, p.User = m.User.ID, *m.User
	default:
		line.Outcome = Created
		p.User = access.User{Email: r.email, NoAccount: true, CreatedAt: now, UpdatedAt: now}
	}
	if err := r.rename(p, &line, now); err != nil {
		return nil, line, err
	}
	c := r.change
	c.StartedAt, c.SeparatedAt = asListed(c.StartedAt, p.StartedAt), asListed(c.SeparatedAt, p.SeparatedAt)
	c.Reason = asWritten(c.Reason, p.Reason)
	var wrong faults
	_, err := c.apply(p, a, now)
	wrong.add(err)
	had := p.Fields
	p.Fields, err = applySets(had, r.sets)
	wrong.add(err)
	if err := wrong.err(); err != nil {
		return nil, line, err
	}
	if p.Status == "" {
		p.setStatus(Identity{StartedAt: p.StartedAt, SeparatedAt: p.SeparatedAt}.Status(now), now)
	}
	line.ID, line.Name, line.Changes = p.ID, p.User.DisplayName(), differences(old, p.fields())
	line.fieldChanges(had, p.Fields)
	if len(line.Changes) > 0 {
		p.UpdatedAt = now
	}
	return p, line, nil
}

// rename gives a person the names of a row, or tells that they keep theirs.
func (r personRow) rename(p *Person, line *ImportLine, now time.Time) error {
	named := p.User
	if err := r.profile.Apply(&named); err != nil {
		return err
	}
	for i, differs := range []bool{named.FirstName != p.User.FirstName, named.LastName != p.User.LastName, named.JobTitle != p.User.JobTitle} {
		if differs {
			line.Kept = append(line.Kept, profileColumns[i])
		}
	}
	if len(line.Kept) > 0 && p.User.NoAccount && p.IdentityID == 0 {
		line.Kept = nil
		p.User, p.User.UpdatedAt = named, now
	}
	return nil
}

// fields are what an import can change of a person.
func (p *Person) fields() []field {
	return []field{{"email", p.User.Email}, {"firstName", p.User.FirstName}, {"lastName", p.User.LastName}, {"jobTitle", p.User.JobTitle},
		{"employmentStatus", string(p.Status)}, {"startedAt", dayText(p.StartedAt)}, {"separatedAt", dayText(p.SeparatedAt)},
		{"notHumanReason", strings.TrimSpace(orEmpty(p.Reason))}}
}
