package store

import (
	"context"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

const documentColumns = `SELECT c.id, c.person_id, c.device_id, c.type, c.name, c.media, c.blob_id, b.hash, b.size, c.created_by, c.created_at
	FROM document c JOIN blob b ON b.id = c.blob_id`

// selectDocuments reads documents; those of devices that are deleted went with
// them.
func selectDocuments(q querier, where string, args ...any) ([]asset.Document, error) {
	out := []asset.Document{}
	err := q.query(number(documentColumns+" WHERE "+where+" ORDER BY c.id DESC"), func(r row) error {
		var d asset.Document
		var kind string
		err := r.scan(&d.ID, &d.PersonID, &d.DeviceID, &kind, &d.Name, &d.Media, &d.BlobID, &d.Hash, &d.Size, &d.CreatedBy, &d.CreatedAt)
		d.Type = asset.DocumentType(kind)
		out = append(out, d)
		return err
	}, args...)
	return out, err
}

// evidence reads what documents say, by the column that names their holders.
func evidence(q querier, column, and string, holders []int64) (map[int64][]asset.Evidence, error) {
	out := map[int64][]asset.Evidence{}
	for part := range slices.Chunk(holders, perList) {
		cond, args := in(column, part)
		if err := q.query(number("SELECT "+column+", id, type, created_at FROM document WHERE "+cond+and), func(r row) error {
			var holder int64
			var e asset.Evidence
			var kind string
			err := r.scan(&holder, &e.DocumentID, &kind, &e.At)
			e.Type = asset.DocumentType(kind)
			out[holder] = append(out[holder], e)
			return err
		}, args...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readHolder reads what documents are of, and locks the person's row while they
// change.
func readHolder(q querier, id int64, lock bool) (asset.Holder, error) {
	h := asset.Holder{PersonID: id}
	devices, err := selectDevices(q, "d.id = ?", id)
	if err != nil {
		return h, err
	}
	if len(devices) == 1 {
		h.Device, h.PersonID = &devices[0], devices[0].PersonID
	}
	sql := "SELECT id FROM personnel WHERE id = $1"
	if lock {
		sql += q.dialect().forUpdate
	}
	if err := one(q, sql, []any{h.PersonID}, &h.PersonID); err != nil {
		return h, absentIf(err, "device or person", id)
	}
	if lock && h.Device != nil {
		// It may have been deleted while we waited.
		if _, err := readDevice(q, "d.id = ?", id); err != nil {
			return h, err
		}
	}
	where, arg := ofHolder(h)
	return h, one(q, number("SELECT count(*) FROM document c WHERE "+where), []any{arg}, &h.Documents)
}

func ofHolder(h asset.Holder) (where string, id int64) {
	if h.Device != nil {
		return "c.device_id = ?", h.Device.ID
	}
	return "c.person_id = ? AND c.device_id IS NULL", h.PersonID
}

// Documents implements asset.DocumentStore.
func (s *Store) Documents(ctx context.Context, holderID int64) (list []asset.Document, err error) {
	err = s.db.read(ctx, func(q querier) error {
		h, err := readHolder(q, holderID, false)
		if err != nil {
			return err
		}
		where, id := ofHolder(h)
		list, err = selectDocuments(q, where, id)
		return err
	})
	return list, err
}

// DocumentsOfDevices implements asset.DocumentStore.
func (s *Store) DocumentsOfDevices(ctx context.Context, deviceIDs []int64) (map[int64][]asset.Document, error) {
	out := map[int64][]asset.Document{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		for part := range slices.Chunk(deviceIDs, perList) {
			cond, args := in("c.device_id", part)
			found, err := selectDocuments(q, cond, args...)
			if err != nil {
				return err
			}
			for _, d := range found {
				out[d.DeviceID] = append(out[d.DeviceID], d)
			}
		}
		return nil
	})
	return out, err
}

// DocumentsOfUsers implements asset.DocumentStore.
func (s *Store) DocumentsOfUsers(ctx context.Context, userIDs []int64) (map[int64][]asset.Document, error) {
	out := map[int64][]asset.Document{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		for part := range slices.Chunk(userIDs, perList) {
			users, people := map[int64]int64{}, []int64{}
			cond, args := in("user_id", part)
			if err := q.query(number("SELECT id, user_id FROM personnel WHERE "+cond), func(r row) error {
				var person, user int64
				err := r.scan(&person, &user)
				users[person], people = user, append(people, person)
				return err
			}, args...); err != nil {
				return err
			}
			if len(people) == 0 {
				continue
			}
			cond, args = in("c.person_id", people)
			found, err := selectDocuments(q, cond, args...)
			if err != nil {
				return err
			}
			for _, d := range found {
				out[users[d.PersonID]] = append(out[users[d.PersonID]], d)
			}
		}
		return nil
	})
	return out, err
}

// readDocument reads a document; holder 0 stands for any.
func readDocument(q querier, holder, id int64) (asset.Document, error) {
	found, err := selectDocuments(q, "c.id = ?", id)
	if err != nil {
		return asset.Document{}, err
	}
	if len(found) == 0 || holder != 0 && found[0].HolderID() != holder {
		return asset.Document{}, absent("document", id)
	}
	return found[0], nil
}

// Document implements asset.DocumentStore.
func (s *Store) Document(ctx context.Context, holderID, id int64) (d asset.Document, err error) {
	err = s.db.read(ctx, func(q querier) error {
		d, err = readDocument(q, holderID, id)
		return err
	})
	return d, err
}

// AddDocument implements asset.DocumentStore.
func (s *Store) AddDocument(ctx context.Context, holderID int64, d asset.Document, content []byte, fill func(asset.Holder) error,
	ev func(asset.Holder, asset.Document) event.Event) (asset.Document, error) {
	err := s.db.write(ctx, func(q querier) error {
		h, err := readHolder(q, holderID, true)
		if err != nil {
			return err
		}
		if err := fill(h); err != nil {
			return err
		}
		b, err := putBlob(q, content, d.CreatedAt)
		if err != nil {
			return err
		}
		d.PersonID, d.BlobID, d.Hash, d.Size = h.PersonID, b.id, b.hash[:], b.size
		if h.Device != nil {
			d.DeviceID = h.Device.ID
		}
		if err := one(q, `INSERT INTO document (person_id, device_id, type, name, media, blob_id, created_by, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`, []any{d.PersonID, nullID(d.DeviceID), string(d.Type), d.Name, d.Media, d.BlobID,
			nullID(d.CreatedBy), d.CreatedAt}, &d.ID); err != nil {
			return err
		}
		if err := stand(q, d.PersonID, s.now()); err != nil {
			return err
		}
		return s.append(q, ev(h, d))
	})
	return d, err
}

// DeleteDocument implements asset.DocumentStore.
func (s *Store) DeleteDocument(ctx context.Context, holderID, id int64, ev func(asset.Holder, asset.Document) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		d, err := readDocument(q, holderID, id)
		if err != nil {
			return err
		}
		h, err := readHolder(q, d.HolderID(), true)
		if err != nil {
			if fault.KindOf(err) == fault.NotFound {
				err = absent("document", id)
			}
			return err
		}
		n, err := q.exec("DELETE FROM document WHERE id = $1", id)
		if err == nil && n == 0 {
			err = absent("document", id)
		}
		if err != nil {
			return err
		}
		if err := dropBlob(q, d.BlobID); err != nil {
			return err
		}
		if err := stand(q, d.PersonID, s.now()); err != nil {
			return err
		}
		return s.append(q, ev(h, d))
	})
}

// dropDocuments deletes all documents of a device.
func dropDocuments(q querier, deviceID int64) error {
	list, err := selectDocuments(q, "c.device_id = ?", deviceID)
	if err != nil {
		return err
	}
	if _, err := q.exec("DELETE FROM document WHERE device_id = $1", deviceID); err != nil {
		return err
	}
	dropped := map[int64]bool{}
	for _, d := range list {
		if !dropped[d.BlobID] {
			dropped[d.BlobID] = true
			if err := dropBlob(q, d.BlobID); err != nil {
				return err
			}
		}
	}
	return nil
}

// DownloadedDocument implements asset.DocumentStore.
func (s *Store) DownloadedDocument(ctx context.Context, d asset.Document, ev func(asset.Holder, asset.Document) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		h, err := readHolder(q, d.HolderID(), false)
		if err != nil {
			return err
		}
		return s.append(q, ev(h, d))
	})
}
