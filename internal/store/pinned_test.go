package store

import (
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
)

// Versions that were published before logic was pinned are evaluated by their
// logic.
func TestVersionsWithoutPinnedLogic(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		actor := event.System(event.SourceApp)
		if _, err := connection.NewService(s, time.Now).Create(ctx, actor, connection.New{Name: "c", ProviderTypes: []string{"CUSTOM"},
			WorkspaceIDs: []int64{1}, Schema: []byte(`{"type":"object","properties":{"id":{"type":"string"}}}`), DisplayNameKey: "id"}); err != nil {
			t.Fatal(err)
		}
		checks := check.NewService(s, check.Options{Now: time.Now})
		const logic = `{"groups":[{"resourceId":1,"evaluator":{"all":[]}}]}`
		if _, err := checks.Create(ctx, actor, 1, check.Draft{Name: "x", Logic: []byte(logic), Publish: true}); err != nil {
			t.Fatal(err)
		}
		if err := s.db.write(ctx, func(q querier) error {
			for _, sql := range []string{"UPDATE test_version SET pinned = NULL", "UPDATE test_group SET state = 'live'"} {
				if n, err := q.exec(sql); err != nil || n != 1 {
					t.Errorf("%s: %d rows, %v", sql, n, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		// A version that is published while the old one is in force.
		for _, drafts := range []string{"", logic} {
			if drafts != "" {
				if _, err := checks.Update(ctx, actor, 1, 1, check.Change{Logic: []byte(drafts)}); err != nil {
					t.Fatal(err)
				}
				if _, err := checks.Act(ctx, actor, 1, 1, check.Publish, ""); err != nil {
					t.Fatal(err)
				}
			}
			got, err := s.Test(ctx, 1, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.InForce) == 0 || len(got.Published.Pinned) == 0 || drafts == "" && string(got.InForce) != string(got.Published.Logic) {
				t.Errorf("in force %q, pinned %q, logic %q", got.InForce, got.Published.Pinned, got.Published.Logic)
			}
		}
	})
}
