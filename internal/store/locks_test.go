package store

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// A step that brings a test into force does not wait for whoever has locked the
// resource, who may be about to wait for the step. Only PostgreSQL has two
// transactions at once.
func TestAStepDoesNotWaitForTheResource(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	s, err := Open(ctx, Options{URL: pgserver.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	actor := event.System(event.SourceApp)
	if _, err := connection.NewService(s, time.Now).Create(ctx, actor, connection.New{Name: "c", ProviderTypes: []string{"CUSTOM"},
		WorkspaceIDs: []int64{1}, Schema: []byte(`{"type":"object","properties":{"id":{"type":"string"}}}`), DisplayNameKey: "id"}); err != nil {
		t.Fatal(err)
	}
	if _, err := check.NewService(s, check.Options{Now: time.Now}).Create(ctx, actor, 1,
		check.Draft{Name: "x", Logic: []byte(`{"groups":[{"resourceId":1,"evaluator":{"all":[]}}]}`), Publish: true}); err != nil {
		t.Fatal(err)
	}
	evaluator := check.NewEvaluator(s, check.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err := s.db.write(ctx, func(q querier) error {
		if _, err := lockResource(q, 1); err != nil {
			return err
		}
		_, err := evaluator.Step(ctx, 1)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Test(ctx, 1, 1)
	if err != nil || len(got.Groups) != 1 || got.Groups[0].State != check.Live {
		t.Errorf("%+v, %v", got.Groups, err)
	}
}

// Who is about to join a group does not come to stand otherwise before they have
// joined: the group would know them as they were.
func TestWhoJoinsStandsStill(t *testing.T) {
	ctx := await.Context(t)
	s, err := Open(ctx, Options{URL: pgserver.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	d := newStaff(t, s)
	d.hire(1)
	d.sync()
	name := "Group"
	g, err := d.people.CreatePeopleGroup(ctx, benchActor, asset.GroupChange{Name: &name})
	d.must(err)
	p, err := d.people.Person(ctx, asset.PersonRef{Email: "p0@example.com"})
	d.must(err)
	for what, join := range map[string]func(q querier) error{
		"by hand": func(q querier) error {
			_, err := q.exec(joinGroup(q.dialect()), g.ID, p.ID)
			return err
		},
		"by rule": func(q querier) error {
			_, _, err := putMembers(q, map[member]bool{{g.ID, p.ID}: true}, "group_id = ?", []any{g.ID})
			return err
		},
	} {
		changed := make(chan error, 1)
		d.must(s.db.write(ctx, func(q querier) error {
			if err := join(q); err != nil {
				return err
			}
			go func() {
				status, why := asset.OutOfScope, &what
				_, err := d.people.UpdatePerson(ctx, benchActor, asset.PersonRef{ID: p.ID}, asset.PersonChange{Status: &status, Reason: &why})
				changed <- err
			}()
			for waiting := int64(0); waiting == 0 && len(changed) == 0 && ctx.Err() == nil; {
				if err := s.db.read(ctx, func(q querier) error {
					return one(q, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", nil, &waiting)
				}); err != nil {
					return err
				}
			}
			return nil
		}))
		d.must(<-changed)
		if wrong, err := s.Contradictions(ctx); err != nil || wrong != "" {
			t.Errorf("who joins %s: %s %v", what, wrong, err)
		}
		d.must(s.Spoil(ctx, "DELETE FROM personnel_group_member"))
		status := asset.CurrentEmployee
		_, err = d.people.UpdatePerson(ctx, benchActor, asset.PersonRef{ID: p.ID}, asset.PersonChange{Status: &status})
		d.must(err)
	}
}
