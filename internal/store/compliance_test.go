package store

import (
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/upload"
)

// How people stand is made anew when the rules are those of another edition.
func TestStandingIsMadeAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx, actor := t.Context(), event.System(event.SourceApp)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		connections := connection.NewService(s, time.Now)
		people := asset.NewService(s, connections, time.Now)
		c, err := connections.Create(ctx, actor, connection.New{Name: "HR", ProviderTypes: []string{"HRIS"}})
		must(err)
		_, err = people.PutIdentities(ctx, actor, c.ID, [][]byte{[]byte(`{"identityId":"1","email":"a@example.com"}`), []byte(`{"identityId":"2","email":"b@example.com"}`)})
		must(err)
		_, err = people.StartSync(ctx, actor)
		must(err)
		for more := true; more; {
			more, err = people.Step(ctx)
			must(err)
		}
		a, err := people.Person(ctx, asset.PersonRef{Email: "a@example.com"})
		must(err)
		for _, kind := range asset.DocumentTypes {
			_, err := people.AddDocument(ctx, actor, a.ID, kind, upload.File{Name: "a.pdf", Content: []byte("%PDF-1.4")}, "")
			must(err)
		}
		compliant := func(status asset.CheckStatus) int {
			p, err := people.People(ctx, asset.PersonFilter{Standing: []asset.CheckStatus{status}}, page.Request{})
			must(err)
			return len(p.Items)
		}
		must(s.Spoil(ctx, "UPDATE personnel SET standing = standing - standing % 1048576"))
		must(s.standAll(ctx))
		if compliant(asset.CheckPass) != 0 {
			t.Error("what is of this edition is made anew")
		}
		must(s.Spoil(ctx, "UPDATE compliance_edition SET edition = 0"))
		must(s.standAll(ctx))
		if compliant(asset.CheckPass) != 1 || compliant(asset.CheckFail) != 1 {
			t.Error("it is not made anew")
		}
	})
}
