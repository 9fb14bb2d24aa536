package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"
)

// blobPiece is how many bytes of a file one row holds: what is read at a time.
const blobPiece = 512 << 10

// blob is a file's content in the database.
type blob struct {
	id   int64
	hash [sha256.Size]byte
	size int64
}

// putBlob stores a content, or finds that it is stored. The row is locked, so
// that nobody takes it away before something refers to it.
func putBlob(q querier, content []byte, at time.Time) (blob, error) {
	b := blob{hash: sha256.Sum256(content), size: int64(len(content))}
	for {
		err := one(q, "INSERT INTO blob (hash, size, created_at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING RETURNING id", []any{b.hash[:], b.size, at}, &b.id)
		if err == nil {
			break
		}
		if !errors.Is(err, errNoRow) {
			return b, err
		}
		err = one(q, "SELECT id FROM blob WHERE hash = $1"+q.dialect().forUpdate, []any{b.hash[:]}, &b.id)
		if !errors.Is(err, errNoRow) {
			return b, err
		}
		// It was taken away in between.
	}
	position := 0
	for piece := range slices.Chunk(content, blobPiece) {
		if _, err := q.exec("INSERT INTO blob_piece (blob_id, position, content) VALUES ($1, $2, $3)", b.id, position, piece); err != nil {
			return b, err
		}
		position++
	}
	return b, nil
}

// dropBlob deletes a content that no document has any more.
func dropBlob(q querier, id int64) error {
	var found, kept int64
	if err := one(q, "SELECT id FROM blob WHERE id = $1"+q.dialect().forUpdate, []any{id}, &found); err != nil {
		return err
	}
	if err := one(q, "SELECT count(*) FROM document WHERE blob_id = $1", []any{id}, &kept); err != nil || kept > 0 {
		return err
	}
	for _, statement := range []string{"DELETE FROM blob_piece WHERE blob_id = $1", "DELETE FROM blob WHERE id = $1"} {
		if _, err := q.exec(statement, id); err != nil {
			return err
		}
	}
	return nil
}

// Piece implements asset.DocumentStore.
func (s *Store) Piece(ctx context.Context, blobID, position int64) ([]byte, error) {
	var piece []byte
	err := s.db.read(ctx, func(q querier) error {
		err := one(q, "SELECT content FROM blob_piece WHERE blob_id = $1 AND position = $2", []any{blobID, position}, &piece)
		if errors.Is(err, errNoRow) {
			return nil
		}
		return err
	})
	return piece, err
}
