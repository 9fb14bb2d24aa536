package store

import (
	"testing"

	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// onBoth runs a test that looks inside the store on each of the databases.
func onBoth(t *testing.T, test func(t *testing.T, s *Store)) {
	for name, o := range map[string]func(t *testing.T) Options{
		"SQLite":     func(t *testing.T) Options { return Options{Dir: t.TempDir()} },
		"PostgreSQL": func(t *testing.T) Options { return Options{URL: pgserver.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), o(t))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			test(t, s)
		})
	}
}
