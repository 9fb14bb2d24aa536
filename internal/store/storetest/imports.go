package storetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/customfield"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// RunImports proves that files do what their preview says, once, after any
// history.
func RunImports(t *testing.T, open Open) {
	for name, test := range map[string]func(*fielded){"personnel": importedPeople, "assets": importedAssets, "a field that is deleted meanwhile": importedMeanwhile} {
		t.Run(name, func(t *testing.T) {
			clock := NewClock()
			d := newDirectory(&suite{t, await.Context(t), open(t, clock.Now), clock})
			test(&fielded{d, customfield.NewService(d.s, clock.Now)})
		})
	}
}

// importFields are custom fields of a kind for files: the names of their columns,
// cells for them, and what stands in an object by column.
func (f *fielded) importFields(k customfield.Kind) (columns []string, cell func(r *rand.Rand, column string) string, stands func(map[string]string, []customfield.Value)) {
	f.define(k, "Level", "Low", "High")
	f.define(k, "Cost (a.b)")
	// One that is called like a column.
	f.define(k, "ID")
	return []string{"level", "customFields.Cost (a.b)", "customfields.id"}, func(r *rand.Rand, column string) string {
			if column == "level" {
				return []string{"", "", "null", "low", "High", "LOW", "Middle"}[r.IntN(7)]
			}
			return []string{"", "null", "x", "'=x", "'+1", "é"}[r.IntN(6)]
		}, func(cells map[string]string, values []customfield.Value) {
			for _, v := range values {
				cells[customfield.Column(v.Name)] = v.Text
			}
		}
}

// importedMeanwhile: nothing of a file is taken that sets a field which is deleted
// after it was looked up.
func importedMeanwhile(f *fielded) {
	f.hire(1)
	desk := f.define(customfield.Person, "Desk")
	_, err := f.fields.Delete(f.ctx, f.actor, desk.ID)
	f.must(err)
	late := asset.NewService(outdated{f.s, []customfield.Field{desk}}, nil, f.clock.Now)
	_, err = late.ImportPeople(f.ctx, f.actor, []byte("email,desk,employmentStatus\nnew@example.com,,\np0@example.com,1,FORMER_EMPLOYEE"), asset.ImportOptions{})
	f.refused(err, fault.CodeValidation)
	contains(f.suite, err.Error(), "deleted meanwhile")
	found, err := f.people.People(f.ctx, asset.PersonFilter{}, page.Request{})
	f.must(err)
	equal(f.suite, "people", len(found.Items), 1)
	if found.Items[0].Status == "FORMER_EMPLOYEE" {
		f.t.Error("a part of the file was taken")
	}
}

// files is one kind of import for the test of any history.
type files struct {
	take func(text string, o asset.ImportOptions) (asset.Import, error)
	// state is all that is there: by number, the cells by column.
	state func() map[int64]map[string]string
}

// withoutIDs is what an import tells, but for the numbers of what is new.
func withoutIDs(i asset.Import) string {
	i.Lines = slices.Clone(i.Lines)
	for n := range i.Lines {
		if i.Lines[n].Outcome == asset.Created {
			i.Lines[n].ID = 0
		}
	}
	var lines []string
	for _, l := range i.Lines {
		lines = append(lines, fmt.Sprint(l.Line, l.Outcome, l.ID, l.Name, changesOf(l), l.Kept))
	}
	return fmt.Sprint(i.Rows, i.Created, i.Updated, i.Unchanged, i.Refused, i.Takes, i.Problems, i.MoreLines, i.MoreProblems, lines)
}

func changesOf(l asset.ImportLine) map[string]string {
	out := map[string]string{}
	for _, c := range l.Changes {
		text := ""
		if c.New != nil {
			text = *c.New
		}
		out[c.Column] = text
	}
	return out
}

// check takes a file in every way, and tells what it did.
func (f files) check(d *directory, seed uint64, text string) asset.Import {
	d.t.Helper()
	fail := func(what string, got, want any) {
		d.t.Helper()
		d.t.Fatalf("seed %d: %s: got\n%v\nwant\n%v\nfile\n%s", seed, what, got, want, text)
	}
	before := f.state()
	all := asset.ImportOptions{SkipRefused: true, Limit: 1000}
	look := all
	look.Preview = true
	preview, err := f.take(text, look)
	d.must(err)
	strict, err := f.take(text, asset.ImportOptions{Preview: true, Limit: 1000})
	d.must(err)
	if preview.Refused > 0 {
		if strict.Takes {
			fail("a preview of a file with a refused row", strict.Takes, false)
		}
		_, err = f.take(text, asset.ImportOptions{Limit: 1000})
		if fault.CodeOf(err) != fault.CodeValidation {
			fail("a file with a refused row", err, "a refusal")
		}
	}
	if now := f.state(); fmt.Sprint(now) != fmt.Sprint(before) {
		fail("a preview changed something", now, before)
	}
	taken, err := f.take(text, all)
	d.must(err)
	if got, want := withoutIDs(taken), withoutIDs(preview); got != want {
		fail("an import does not do what its preview said", got, want)
	}
	want := maps.Clone(before)
	for _, l := range taken.Lines {
		cells := maps.Clone(before[l.ID])
		if cells == nil {
			cells = map[string]string{}
		}
		maps.Copy(cells, changesOf(l))
		want[l.ID] = cells
	}
	after := f.state()
	for id, cells := range after {
		for column, cell := range cells {
			if want[id][column] != cell {
				fail(fmt.Sprintf("column %s of %d", column, id), cell, want[id][column])
			}
		}
		for column, cell := range want[id] {
			if strings.HasPrefix(column, customfield.ColumnPrefix) && cells[column] != cell {
				fail(fmt.Sprintf("column %s of %d", column, id), cells[column], cell)
			}
		}
	}
	if len(after) != len(want) || len(after) != len(before)+taken.Created {
		fail("how many there are", len(after), len(want))
	}
	again, err := f.take(text, all)
	d.must(err)
	if again.Created+again.Updated != 0 || again.Refused != taken.Refused || fmt.Sprint(f.state()) != fmt.Sprint(after) {
		fail("the file once more", withoutIDs(again), "nothing")
	}
	return taken
}

// any takes files of random rows.
func (f files) any(d *directory, columns []string, cell func(r *rand.Rand, column string) string) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 13))
	d.t.Logf("seed %d", seed)
	var sum asset.Import
	for range 60 {
		d.clock.Advance(time.Duration(r.IntN(48)) * time.Hour)
		some := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c != columns[1] && r.IntN(6) == 0 })
		rows := []string{strings.Join(some, ",")}
		for range 1 + r.IntN(5) {
			cells := make([]string, len(some))
			for i, column := range some {
				cells[i] = cell(r, column)
			}
			if row := strings.Join(cells, ","); strings.Trim(row, ",") != "" {
				rows = append(rows, row)
			}
		}
		if len(rows) == 1 {
			continue
		}
		got := f.check(d, seed, strings.Join(rows, "\n"))
		sum.Created += got.Created
		sum.Updated += got.Updated
		sum.Refused += got.Refused
	}
	if sum.Created < 3 || sum.Updated < 3 || sum.Refused < 3 {
		d.t.Fatalf("seed %d: %+v proves little", seed, sum)
	}
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func importedPeople(fd *fielded) {
	d := fd.directory
	more, fieldCell, stands := fd.importFields(customfield.Person)
	d.put(`{"identityId":"1","email":"p1@example.com","firstName":"Follows","startedAt":"2020-07-06"}`)
	d.sync()
	f := files{take: func(text string, o asset.ImportOptions) (asset.Import, error) {
		return d.people.ImportPeople(d.ctx, d.actor, []byte(text), o)
	}, state: func() map[int64]map[string]string {
		found, err := d.people.People(d.ctx, asset.PersonFilter{}, page.Request{Size: page.MaxSize})
		d.must(err)
		out := map[int64]map[string]string{}
		for _, p := range found.Items {
			out[p.ID] = map[string]string{"email": p.User.Email, "firstName": p.User.FirstName, "jobTitle": p.User.JobTitle, "employmentStatus": string(p.Status),
				"startedAt": dayOf(p.StartedAt), "separatedAt": dayOf(p.SeparatedAt), "notHumanReason": textOf(p.Reason)}
			stands(out[p.ID], p.Fields)
		}
		return out
	}}
	one := func(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }
	columns := append([]string{"id", "email", "firstName", "jobTitle", "employmentStatus", "startedAt", "separatedAt", "notHumanReason"}, more...)
	f.any(d, columns, func(r *rand.Rand, column string) string {
		if slices.Contains(more, column) {
			return fieldCell(r, column)
		}
		switch column {
		case "id":
			return one(r, "", "", "", "", "1", "999999", "x")
		case "email":
			return one(r, fmt.Sprintf("p%d@example.com", r.IntN(12)), fmt.Sprintf("P%d@Example.com", r.IntN(12)), fmt.Sprintf("p%d@example.com", r.IntN(12)), "")
		case "firstName":
			return one(r, "", "Ada", "=Eve")
		case "jobTitle":
			return one(r, "", "Cook")
		case "employmentStatus":
			return one(r, "", "", "current_employee", "OUT_OF_SCOPE", "FORMER_CONTRACTOR", "BOSS")
		case "notHumanReason":
			return one(r, "", "", "", "a mailbox", "null")
		}
		return one(r, "", "", "null", "2026-01-01", "2026-06-01", "2020-02-03", "soon")
	})
	// A reason goes with its status, also one that stands there already.
	for _, row := range []string{"OUT_OF_SCOPE,a mailbox", "CURRENT_EMPLOYEE,a mailbox", "CURRENT_EMPLOYEE,"} {
		f.check(d, 0, "email,employmentStatus,notHumanReason\nmailbox@example.com,"+row)
	}
	// A device is found by what its owner is called.
	called := func(name string) {
		_, err := f.take("email,firstName\nowner@example.com,"+name, asset.ImportOptions{})
		d.must(err)
	}
	found := func(name string) {
		p, err := d.people.Devices(d.ctx, asset.DeviceFilter{Text: name}, page.Request{Size: page.MaxSize})
		d.must(err)
		equal(d.suite, "devices of "+name, len(p.Items), 1)
	}
	called("Bea")
	serial := "C02"
	_, err := d.people.ReportDevice(d.ctx, d.actor, d.mdm(), asset.Report{Owner: asset.PersonRef{Email: "owner@example.com"}, Device: asset.Device{Platform: "LINUX", PlatformVersion: "6", SerialNumber: &serial}})
	d.must(err)
	found("bea")
	called("Cleo")
	found("cleo")
}

func importedAssets(fd *fielded) {
	d := fd.directory
	more, fieldCell, stands := fd.importFields(customfield.Asset)
	d.put(`{"identityId":"1","email":"p1@example.com"}`, `{"identityId":"2","email":"p2@example.com"}`)
	d.sync()
	f := files{take: func(text string, o asset.ImportOptions) (asset.Import, error) {
		return d.people.ImportAssets(d.ctx, d.actor, []byte(text), o)
	}, state: func() map[int64]map[string]string {
		found, err := d.people.Assets(d.ctx, asset.AssetFilter{}, page.Request{Size: page.MaxSize})
		d.must(err)
		out := map[int64]map[string]string{}
		for _, a := range found.Items {
			var classes []string
			for _, c := range a.Classes {
				classes = append(classes, string(c.Class))
			}
			slices.Sort(classes)
			owners, err := d.s.UsersByID(d.ctx, []int64{a.OwnerID})
			d.must(err)
			out[a.ID] = map[string]string{"externalId": textOf(a.ExternalID), "name": a.Name, "description": a.Description, "assetType": string(a.Type),
				"assetClassTypes": strings.Join(classes, "; "), "ownerEmail": owners[a.OwnerID].Email, "notes": textOf(a.Notes), "removedAt": dayOf(a.RemovedAt)}
			stands(out[a.ID], a.Fields)
		}
		return out
	}}
	for _, id := range []*string{nil, ptr("a1"), ptr("a1")} {
		_, err := d.people.CreateAsset(d.ctx, d.actor, asset.AssetChange{Name: ptr("By hand"), Description: ptr("x"), Classes: &[]string{"CODE"}, Type: ptr("VIRTUAL"),
			OwnerID: ptr(d.person("p1@example.com").UserID), ExternalID: &id})
		d.must(err)
	}
	one := func(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }
	columns := append([]string{"id", "externalId", "name", "description", "assetType", "assetClassTypes", "ownerEmail", "notes", "removedAt"}, more...)
	f.any(d, columns, func(r *rand.Rand, column string) string {
		if slices.Contains(more, column) {
			return fieldCell(r, column)
		}
		bad := r.IntN(40) == 0
		switch column {
		case "id":
			return one(r, "", "", "", "", "", "", "1", "2", "999999")
		case "externalId":
			if bad {
				return one(r, "", "null")
			}
			return fmt.Sprint("a", r.IntN(20))
		case "name":
			return one(r, "Rack", "Server", "'=Server")
		case "description":
			return one(r, "Runs", "Stores")
		case "assetType":
			if bad {
				return "OTHER"
			}
			return one(r, "VIRTUAL", "physical")
		case "assetClassTypes":
			return one(r, "CODE", "storage; CODE", "HARDWARE")
		case "ownerEmail":
			if bad {
				return "p9@example.com"
			}
			return one(r, "P1@example.com", "p2@example.com")
		case "notes":
			return one(r, "", "null", "+1")
		}
		return one(r, "", "", "", "null", "2026-01-01")
	})
}
