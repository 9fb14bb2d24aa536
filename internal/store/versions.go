package store

import (
	"context"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const versionColumns = "SELECT v.version, v.logic, coalesce(v.pinned, v.logic), v.note, v.key_id, v.user_id, v.created_at, v.published_at FROM test_version v"

func scanVersion(r row, v *check.Version) error {
	return r.scan(&v.Number, &v.Logic, &v.Pinned, &v.Note, &v.KeyID, &v.UserID, &v.CreatedAt, &v.PublishedAt)
}

// TestVersions implements check.Store.
func (s *Store) TestVersions(ctx context.Context, testID int64, r page.Request) (page.Page[check.Version], error) {
	l := list[check.Version]{sql: versionColumns, id: "v.version", columns: map[page.Sort]string{page.CreatedAt: "v.version"},
		body: "v.logic", size: func(v *check.Version) int { return len(v.Logic) + len(v.Pinned) }, scan: scanVersion,
		position: func(v check.Version) page.Position { return page.Position{ID: v.Number} }}
	l.and("v.test_id = ?", testID)
	return l.run(ctx, s, r)
}

// TestVersion implements check.Store.
func (s *Store) TestVersion(ctx context.Context, testID, number int64) (check.Version, error) {
	var v check.Version
	err := s.db.read(ctx, func(q querier) error {
		found := false
		err := q.query(versionColumns+" WHERE v.test_id = $1 AND v.version = $2", func(r row) error {
			found = true
			return scanVersion(r, &v)
		}, testID, number)
		if err == nil && !found {
			return absent("version", number)
		}
		return err
	})
	return v, err
}
