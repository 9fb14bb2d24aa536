package store_test

import (
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/store"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
	"github.com/plumbline-dev/plumbline/internal/store/storetest"
)

func openSQLite(t *testing.T, now func() time.Time) *store.Store {
	return open(t, store.Options{Dir: t.TempDir(), Now: now})
}

func openPostgres(t *testing.T, now func() time.Time) *store.Store {
	return open(t, store.Options{URL: pgserver.Start(t), Now: now})
}

func open(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSQLite(t *testing.T)   { storetest.Run(t, openSQLite) }
func TestPostgres(t *testing.T) { storetest.Run(t, openPostgres) }

func TestEvaluatorSQLite(t *testing.T)   { storetest.RunEvaluator(t, openSQLite) }
func TestEvaluatorPostgres(t *testing.T) { storetest.RunEvaluator(t, openPostgres) }

func TestVerdictsSQLite(t *testing.T)   { storetest.RunVerdicts(t, openSQLite) }
func TestVerdictsPostgres(t *testing.T) { storetest.RunVerdicts(t, openPostgres) }
