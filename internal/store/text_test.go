package store

import (
	"context"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// heard is a database that keeps the texts of what is read.
type heard struct {
	database
	texts string
}

func (h *heard) read(ctx context.Context, fn func(querier) error) error {
	return h.database.read(ctx, func(q querier) error { return fn(&hearing{q, h}) })
}

type hearing struct {
	querier
	to *heard
}

func (q *hearing) query(sql string, each func(row) error, args ...any) error {
	q.to.texts += sql + "\n"
	return q.querier.query(sql, each, args...)
}

// One question has one text, which is prepared once.
func TestOneTextForOneQuestion(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		inside := s.db
		defer func() { s.db = inside }()
		yes, no := true, false
		for name, ask := range map[string]func() error{
			"people": func() error {
				_, err := s.People(t.Context(), asset.PersonFilter{FirstName: "a", LastName: "b", DevicesPass: &yes, Passing: map[asset.CheckType]bool{
					asset.AgentInstalled: true, asset.EncryptionCheck: false, asset.AntivirusCheck: true, "BG_CHECK": true}}, page.Request{})
				return err
			},
			"users": func() error {
				_, err := s.Users(t.Context(), access.UserFilter{FirstName: "a", LastName: "b"}, page.Request{})
				return err
			},
			"controls": func() error {
				_, err := s.Controls(t.Context(), 1, control.ControlFilter{Tested: &yes, Monitored: &no, Enabled: &yes, Archived: &no}, page.Request{})
				return err
			},
		} {
			first := ""
			for range 20 {
				h := &heard{database: inside}
				s.db = h
				if err := ask(); err != nil {
					t.Fatal(err)
				}
				if first == "" {
					first = h.texts
				}
				if h.texts != first || first == "" {
					t.Fatalf("%s are asked for by\n%s\nand by\n%s", name, first, h.texts)
				}
			}
		}
	})
}
