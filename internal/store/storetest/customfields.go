package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunCustomFields proves that fields and their values change together with their
// events, and go without a trace but these.
func RunCustomFields(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*fielded)
	}{
		{"values", fieldValues},
		{"a field that is deleted meanwhile", fieldGoneMeanwhile},
		{"what is purged", fieldsPurged},
		{"how many there may be", fieldLimit},
		{"all at once", fieldsAtOnce},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := NewClock()
			d := newDirectory(&suite{t, await.Context(t), open(t, clock.Now), clock})
			c.test(&fielded{d, customfield.NewService(d.s, clock.Now)})
		})
	}
}

// fielded is a directory whose people have custom fields.
type fielded struct {
	*directory

	fields *customfield.Service
}

func (f *fielded) define(k customfield.Kind, name string, choices ...string) customfield.Field {
	f.t.Helper()
	made, err := f.fields.Create(f.ctx, f.actor, k, customfield.Change{Name: &name, Choices: &choices})
	f.must(err)
	return made
}

// hire makes n people.
func (f *fielded) hire(n int) {
	f.t.Helper()
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"identityId":"%d","email":"p%d@example.com"}`, i, i))
	}
	f.put(list...)
	f.sync()
}

func (f *fielded) set(people *asset.Service, email string, field customfield.Field, value string) error {
	_, err := people.UpdatePerson(f.ctx, f.actor, asset.PersonRef{Email: email}, asset.PersonChange{Fields: []customfield.Setting{{ID: &field.ID, Value: &value}}})
	return err
}

// values are those of a person, NAME=VALUE.
func (f *fielded) values(email string) string {
	var out []any
	for _, v := range f.person(email).Fields {
		out = append(out, v.Name+"="+v.Text)
	}
	return words(out...)
}

func fieldValues(f *fielded) {
	f.hire(2)
	team, desk := f.define(customfield.Person, "Team", "Red", "Blue"), f.define(customfield.Person, "Desk")
	f.must(f.set(f.people, "p0@example.com", desk, "12"))
	f.must(f.set(f.people, "p0@example.com", team, "red"))
	equal(f.suite, "values", f.values("p0@example.com"), "Team=Red Desk=12")
	equal(f.suite, "of another", f.values("p1@example.com"), "")
	f.must(f.set(f.people, "p0@example.com", desk, ""))
	equal(f.suite, "one is cleared", f.values("p0@example.com"), "Team=Red")
	// The sync, and a reset, leave them alone.
	f.put(`{"identityId":"0","email":"p0@example.com","firstName":"Pia"}`)
	f.sync()
	_, err := f.people.ResetAll(f.ctx, f.actor)
	f.must(err)
	equal(f.suite, "after the sync", f.values("p0@example.com"), "Team=Red")
	f.refused(f.set(f.people, "p0@example.com", team, "Green"), fault.CodeValidation)
	name := "Crew"
	_, err = f.fields.Update(f.ctx, f.actor, team.ID, customfield.Change{Name: &name})
	f.must(err)
	equal(f.suite, "under the new name", f.values("p0@example.com"), "Crew=Red")
	// A refusal changes nothing: neither the values nor the rest.
	gone := asset.PersonChange{Fields: []customfield.Setting{{Name: &name, Value: ptr("Blue")}}}
	gone.Reason = ptr(ptr("why"))
	_, err = f.people.UpdatePerson(f.ctx, f.actor, asset.PersonRef{Email: "p0@example.com"}, gone)
	f.refused(err, fault.CodeValidation)
	equal(f.suite, "after a refusal", f.values("p0@example.com"), "Crew=Red")
}

// outdated knows the fields as they were.
type outdated struct {
	asset.Store
	known []customfield.Field
}

func (o outdated) CustomFieldsOf(context.Context, customfield.Kind) ([]customfield.Field, error) {
	return o.known, nil
}

func fieldGoneMeanwhile(f *fielded) {
	f.hire(1)
	desk := f.define(customfield.Person, "Desk")
	f.must(f.set(f.people, "p0@example.com", desk, "1"))
	_, err := f.fields.Delete(f.ctx, f.actor, desk.ID)
	f.must(err)
	late := asset.NewService(outdated{f.s, []customfield.Field{desk}}, nil, f.clock.Now)
	err = f.set(late, "p0@example.com", desk, "2")
	f.refused(err, fault.CodeValidation)
	contains(f.suite, err.Error(), "deleted meanwhile")
	equal(f.suite, "values", f.values("p0@example.com"), "")
}

func fieldsPurged(f *fielded) {
	f.hire(5)
	desk, team := f.define(customfield.Person, "Desk"), f.define(customfield.Person, "Team")
	for i := range 5 {
		f.must(f.set(f.people, fmt.Sprintf("p%d@example.com", i), desk, "x"))
	}
	f.must(f.set(f.people, "p0@example.com", team, "Red"))
	n, err := f.fields.Delete(f.ctx, f.actor, desk.ID)
	f.must(err)
	equal(f.suite, "values that go", n, 5)
	again := f.define(customfield.Person, "Desk")
	equal(f.suite, "nobody sees them", f.values("p0@example.com"), "Team=Red")
	f.heard()
	var purged []int64
	for {
		n, err := f.s.PurgeCustomFields(f.ctx, 2)
		f.must(err)
		if n == 0 {
			break
		}
		purged = append(purged, n)
	}
	equal(f.suite, "purged", words(purged), "[2 2 1]")
	_, err = f.fields.Get(f.ctx, desk.ID)
	f.refused(err, fault.CodeNotFound)
	f.must(f.set(f.people, "p1@example.com", again, "7"))
	equal(f.suite, "the new one", f.values("p1@example.com"), "Desk=7")
	equal(f.suite, "the other one", f.values("p0@example.com"), "Team=Red")
}

// heard stands for the projector, which is told of each change.
func (f *fielded) heard() {
	f.t.Helper()
	for {
		changes, err := f.s.DirectoryChanges(f.ctx, 1000)
		f.must(err)
		if len(changes) == 0 {
			return
		}
		ids := make([]int64, len(changes))
		for i, c := range changes {
			ids[i] = c.ID
		}
		f.must(f.s.DropChanges(f.ctx, ids))
	}
}

func fieldLimit(f *fielded) {
	for i := range customfield.MaxFields {
		f.define(customfield.Asset, fmt.Sprint("Field ", i))
	}
	name := "One more"
	_, err := f.fields.Create(f.ctx, f.actor, customfield.Asset, customfield.Change{Name: &name})
	f.refused(err, fault.CodeConflict)
	f.define(customfield.Person, name)
	all, err := f.fields.Of(f.ctx, customfield.Asset)
	f.must(err)
	equal(f.suite, "fields", len(all), customfield.MaxFields)
	_, err = f.fields.Delete(f.ctx, f.actor, all[0].ID)
	f.must(err)
	f.define(customfield.Asset, name)
}

// fieldsAtOnce: several define the same field, set it and delete it. One of each
// name is there at a time, and no value is left of one that is gone.
func fieldsAtOnce(f *fielded) {
	f.hire(4)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var odd []error
	for i := range 4 {
		wg.Go(func() {
			for range 6 {
				name := "Desk"
				made, err := f.fields.Create(f.ctx, f.actor, customfield.Person, customfield.Change{Name: &name})
				if err == nil {
					err = f.set(f.people, fmt.Sprintf("p%d@example.com", i), made, "x")
				}
				if err == nil && i%2 == 0 {
					_, err = f.fields.Delete(f.ctx, f.actor, made.ID)
				}
				if err != nil && !slices.Contains([]fault.Code{fault.CodeDuplicateName, fault.CodeNotFound, fault.CodeValidation}, fault.CodeOf(err)) {
					mu.Lock()
					odd = append(odd, err)
					mu.Unlock()
				}
				_ = f.set(f.people, fmt.Sprintf("p%d@example.com", i), made, "y")
				list, err := f.fields.Of(f.ctx, customfield.Person)
				if err == nil && len(list) > 0 {
					err = f.set(f.people, fmt.Sprintf("p%d@example.com", (i+1)%4), list[0], "z")
				}
				if err == nil && len(list) > 0 {
					_, err = f.fields.Delete(f.ctx, f.actor, list[0].ID)
				}
				if err != nil && !slices.Contains([]fault.Code{fault.CodeNotFound, fault.CodeValidation}, fault.CodeOf(err)) {
					mu.Lock()
					odd = append(odd, err)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	f.must(errors.Join(odd...))
	live, err := f.fields.Of(f.ctx, customfield.Person)
	f.must(err)
	if len(live) > 1 {
		f.t.Fatalf("%d fields have one name", len(live))
	}
	for _, each := range live {
		_, err := f.fields.Delete(f.ctx, f.actor, each.ID)
		f.must(err)
	}
	f.heard()
	f.must(f.fields.Sweep(f.ctx))
	for i := range 4 {
		equal(f.suite, "values", f.values(fmt.Sprintf("p%d@example.com", i)), "")
	}
	events, err := f.s.Events(f.ctx, event.Filter{Type: event.CustomFieldCreated}, page.Request{Size: page.MaxSize})
	f.must(err)
	gone, err := f.s.Events(f.ctx, event.Filter{Type: event.CustomFieldDeleted}, page.Request{Size: page.MaxSize})
	f.must(err)
	equal(f.suite, "each that was made was deleted once", len(gone.Items), len(events.Items))
}
