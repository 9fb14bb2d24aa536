package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate brings the database to the newest version. It goes forward only and
// is safe when several nodes start together: each step runs with all other
// writers kept out and looks again at what is done.
func (s *Store) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return err
	}
	return s.db.exclusive(ctx, func(q querier) error {
		if _, err := q.exec("CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"); err != nil {
			return err
		}
		var done int64
		if err := one(q, "SELECT coalesce(max(version), 0) FROM migration", nil, &done); err != nil {
			return err
		}
		if done > int64(len(names)) {
			return fmt.Errorf("the database is of a newer Plumbline (version %d, this program knows %d): start that one", done, len(names))
		}
		for i, name := range names[done:] {
			if err := apply(q, name, done+int64(i)+1, s.now()); err != nil {
				return fmt.Errorf("migration %s: %w", name, err)
			}
		}
		return nil
	})
}

func apply(q querier, name string, version int64, now time.Time) error {
	body, err := migrationFiles.ReadFile(name)
	if err != nil {
		return err
	}
	for _, statement := range statements(string(body), q.dialect().words) {
		if _, err := q.exec(statement); err != nil {
			return fmt.Errorf("%s: %w", firstLine(statement), err)
		}
	}
	_, err = q.exec("INSERT INTO migration (version, name, applied_at) VALUES ($1, $2, $3)", version, name, now)
	return err
}

// statements splits a migration at its semicolons, without comments and with
// the dialect's words. Migrations hold no semicolon inside a statement.
func statements(body string, words map[string]string) []string {
	var lines []string
	for line := range strings.Lines(body) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			lines = append(lines, line)
		}
	}
	body = strings.Join(lines, "")
	for name, word := range words {
		body = strings.ReplaceAll(body, "{{"+name+"}}", word)
	}
	var out []string
	for _, statement := range strings.Split(body, ";") {
		if statement = strings.TrimSpace(statement); statement != "" {
			out = append(out, statement)
		}
	}
	return out
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
