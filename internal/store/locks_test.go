package store

import (
	"context"
	"log/slog"
	"testing"
	"time"

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
