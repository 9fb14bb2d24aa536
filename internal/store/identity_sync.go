package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/directory"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const syncColumns = `SELECT id, status, scheduled, user_id, key_id, position, total, created, updated, unchanged, without_address, taken, started_at, ended_at FROM identity_sync`

func scanSync(r row, y *asset.Sync) error {
	var status string
	c := &y.Counts
	err := r.scan(&y.ID, &status, &y.Scheduled, &y.UserID, &y.KeyID, &y.Position, &y.Total, &c.Created, &c.Updated, &c.Unchanged, &c.WithoutAddress, &c.Taken,
		&y.StartedAt, &y.EndedAt)
	y.Status = asset.SyncStatus(status)
	return err
}

func readSync(q querier, where string, args ...any) (y asset.Sync, err error) {
	err = errNoRow
	if fault := q.query(syncColumns+" WHERE "+where, func(r row) error {
		err = scanSync(r, &y)
		return err
	}, args...); fault != nil {
		err = fault
	}
	return y, err
}

// BeginSync implements asset.SyncStore.
func (s *Store) BeginSync(ctx context.Context, y asset.Sync, ev event.Event) (asset.Sync, error) {
	err := s.db.write(ctx, func(q querier) error {
		if err := one(q, "SELECT count(*) FROM hris_identity", nil, &y.Total); err != nil {
			return err
		}
		err := one(q, `INSERT INTO identity_sync (status, scheduled, user_id, key_id, position, total, created, updated, unchanged, without_address, taken, started_at)
			VALUES ($1, $2, $3, $4, 0, $5, 0, 0, 0, 0, 0, $6) RETURNING id`, []any{string(y.Status), y.Scheduled, nullID(y.UserID), nullID(y.KeyID), y.Total, y.StartedAt}, &y.ID)
		if errors.Is(err, errDuplicate) {
			return asset.ErrSyncRunning
		}
		if err != nil {
			return err
		}
		return s.append(q, ev)
	})
	return y, err
}

// Syncs implements asset.SyncStore.
func (s *Store) Syncs(ctx context.Context, r page.Request) (page.Page[asset.Sync], error) {
	l := list[asset.Sync]{sql: syncColumns, id: "id", columns: map[page.Sort]string{page.CreatedAt: "id"}, scan: scanSync, position: asset.Sync.Place}
	return l.run(ctx, s, r)
}

// Sync implements asset.SyncStore.
func (s *Store) Sync(ctx context.Context, id int64) (y asset.Sync, err error) {
	err = s.db.read(ctx, func(q querier) error {
		y, err = readSync(q, "id = $1", id)
		return absentIf(err, "identity sync", id)
	})
	return y, err
}

// RunningSync implements asset.SyncStore.
func (s *Store) RunningSync(ctx context.Context) (y asset.Sync, ok bool, err error) {
	err = s.db.read(ctx, func(q querier) error {
		y, err = readSync(q, "status = 'RUNNING'")
		ok = err == nil
		if errors.Is(err, errNoRow) {
			return nil
		}
		return err
	})
	return y, ok, err
}

// LastScheduled implements asset.SyncStore.
func (s *Store) LastScheduled(ctx context.Context) (at time.Time, err error) {
	err = s.db.read(ctx, func(q querier) error {
		return one(q, "SELECT max(started_at) FROM identity_sync WHERE scheduled = 1", nil, &at)
	})
	return at, err
}

// AnyIdentity implements asset.SyncStore.
func (s *Store) AnyIdentity(ctx context.Context) (bool, error) {
	n := int64(0)
	err := s.db.read(ctx, func(q querier) error {
		return one(q, "SELECT count(*) FROM (SELECT id FROM hris_identity LIMIT 1) i", nil, &n)
	})
	return n > 0, err
}

// EndSync implements asset.SyncStore.
func (s *Store) EndSync(ctx context.Context, id int64, status asset.SyncStatus, at time.Time, ev func(asset.Sync) event.Event) (asset.Sync, error) {
	var y asset.Sync
	err := s.db.write(ctx, func(q querier) error {
		var err error
		if y, err = readSync(q, "id = $1"+q.dialect().forUpdate, id); err != nil {
			return absentIf(err, "identity sync", id)
		}
		if y.Status != asset.SyncRunning {
			return asset.ErrSyncOver
		}
		y.Status, y.EndedAt = status, at
		if err := putSync(q, y); err != nil {
			return err
		}
		return s.append(q, ev(y))
	})
	return y, err
}

func putSync(q querier, y asset.Sync) error {
	_, err := q.exec(`UPDATE identity_sync SET status = $2, position = $3, created = $4, updated = $5, unchanged = $6, without_address = $7, taken = $8, ended_at = $9
		WHERE id = $1`, y.ID, string(y.Status), y.Position, y.Counts.Created, y.Counts.Updated, y.Counts.Unchanged, y.Counts.WithoutAddress, y.Counts.Taken, y.EndedAt)
	return err
}

// StepSync implements asset.SyncStore.
func (s *Store) StepSync(ctx context.Context, id int64, limit int, judge func(*asset.Match) asset.Verdict, ev func(before, after asset.Sync) *event.Event,
	now time.Time) (asset.Sync, error) {
	var y asset.Sync
	err := s.db.write(ctx, func(q querier) error {
		var err error
		if y, err = readSync(q, "id = $1"+q.dialect().forUpdate, id); err != nil || y.Status != asset.SyncRunning {
			return absentIf(err, "identity sync", id)
		}
		before := y
		if err := lockUsers(q); err != nil {
			return err
		}
		identities, err := selectIdentities(q, "i.id > ? ORDER BY i.id LIMIT ?", y.Position, limit)
		if err != nil {
			return err
		}
		step := syncStep{q: q}
		if err := step.gather(identities); err != nil {
			return err
		}
		for _, i := range identities {
			step.apply(i, judge, &y.Counts)
			y.Position = i.ID
		}
		if err := step.write(); err != nil {
			return err
		}
		if len(identities) < limit {
			y.Status, y.EndedAt = asset.SyncCompleted, now
		}
		if err := putSync(q, y); err != nil {
			return err
		}
		e := ev(before, y)
		if e == nil {
			return nil
		}
		if err := touch(q, step.touched, e.ID); err != nil {
			return err
		}
		return s.append(q, *e)
	})
	return y, err
}

// syncStep is a part of the identities with the people and accounts that they
// may concern, and what becomes of these.
type syncStep struct {
	q           querier
	byIdentity  map[int64]*asset.Person
	byUser      map[int64]*asset.Person
	users       map[int64]*access.User
	byAddress   map[string]*access.User
	others      map[int64]*asset.Identity
	newUsers    []*access.User
	oldUsers    []*access.User
	newPeople   []*asset.Person
	oldPeople   []*asset.Person
	newAccounts map[*asset.Person]*access.User
	people      map[*access.User]*asset.Person
	// touched are the people who were written.
	touched []directory.Object
}

func (t *syncStep) gather(identities []asset.Identity) error {
	*t = syncStep{q: t.q, byIdentity: map[int64]*asset.Person{}, byUser: map[int64]*asset.Person{}, users: map[int64]*access.User{},
		byAddress: map[string]*access.User{}, others: map[int64]*asset.Identity{}, newAccounts: map[*asset.Person]*access.User{},
		people: map[*access.User]*asset.Person{}}
	var ids []int64
	var addresses []string
	for _, i := range identities {
		ids = append(ids, i.ID)
		if i.Email != nil {
			addresses = append(addresses, access.Folded(*i.Email))
		}
	}
	if err := t.addPeople("p.identity_id", ids); err != nil {
		return err
	}
	var userIDs []int64
	found, err := usersByAddress(t.q, addresses)
	if err != nil {
		return err
	}
	for _, u := range found {
		t.users[u.ID] = &u
		t.byAddress[access.Folded(u.Email)] = &u
		userIDs = append(userIDs, u.ID)
	}
	if err := t.addPeople("p.user_id", userIDs); err != nil {
		return err
	}
	var followed []int64
	for _, p := range t.byUser {
		if p.IdentityID != 0 {
			followed = append(followed, p.IdentityID)
		}
	}
	for part := range slices.Chunk(followed, perList) {
		cond, args := in("i.id", part)
		found, err := selectIdentities(t.q, cond, args...)
		if err != nil {
			return err
		}
		for _, i := range found {
			t.others[i.ID] = &i
		}
	}
	return nil
}

// addPeople reads people by their identities or accounts.
func (t *syncStep) addPeople(column string, ids []int64) error {
	for part := range slices.Chunk(ids, perList) {
		cond, args := in(column, part)
		found, err := selectPeople(t.q, cond, args...)
		if err != nil {
			return err
		}
		for _, p := range found {
			if t.byUser[p.UserID] != nil {
				continue
			}
			t.byUser[p.UserID] = &p
			if p.IdentityID != 0 {
				t.byIdentity[p.IdentityID] = &p
			}
			if t.users[p.UserID] == nil {
				u := p.User
				t.users[u.ID] = &u
			}
		}
	}
	return nil
}

// match finds whom an identity concerns.
func (t *syncStep) match(i asset.Identity) asset.Match {
	m := asset.Match{Identity: i}
	var addressed *access.User
	if i.Email != nil {
		addressed = t.byAddress[access.Folded(*i.Email)]
	}
	if p := t.byIdentity[i.ID]; p != nil {
		m.Person = p
		if u := t.account(p); u != nil && u.DeletedAt.IsZero() {
			m.User = u
		} else if addressed != nil && t.personOf(addressed) == nil {
			m.User = addressed
		}
		m.AddressTaken = addressed != nil && addressed != m.User
		return m
	}
	m.User = addressed
	if addressed == nil {
		return m
	}
	if m.Person = t.personOf(addressed); m.Person != nil && m.Person.IdentityID != 0 {
		m.Follows = t.others[m.Person.IdentityID]
	}
	return m
}

// account is the account of a person, also one that is yet to be made.
func (t *syncStep) account(p *asset.Person) *access.User {
	if u := t.newAccounts[p]; u != nil {
		return u
	}
	return t.users[p.UserID]
}

func (t *syncStep) personOf(u *access.User) *asset.Person {
	if p := t.people[u]; p != nil || u.ID == 0 {
		return p
	}
	return t.byUser[u.ID]
}

func (t *syncStep) apply(i asset.Identity, judge func(*asset.Match) asset.Verdict, counts *asset.SyncCounts) {
	m := t.match(i)
	known := m.User
	var address string
	if known != nil {
		address = access.Folded(known.Email)
	}
	verdict := judge(&m)
	switch verdict {
	case asset.AsItWas:
		counts.Unchanged++
		return
	case asset.NoAddress:
		counts.WithoutAddress++
		return
	case asset.PersonTaken:
		counts.Taken++
		return
	case asset.NewPerson:
		counts.Created++
		t.newPeople = append(t.newPeople, m.Person)
	case asset.Changed:
		counts.Updated++
		if m.Person.ID != 0 && !slices.Contains(t.oldPeople, m.Person) {
			t.oldPeople = append(t.oldPeople, m.Person)
		}
	}
	own := i
	t.byIdentity[i.ID], t.others[i.ID] = m.Person, &own
	if m.User == nil {
		return
	}
	if m.User.ID == 0 && m.User != known {
		t.newUsers = append(t.newUsers, m.User)
	} else if m.User.ID != 0 && !slices.Contains(t.oldUsers, m.User) {
		t.oldUsers = append(t.oldUsers, m.User)
	}
	if known == m.User && address != access.Folded(m.User.Email) {
		delete(t.byAddress, address)
	}
	t.byAddress[access.Folded(m.User.Email)] = m.User
	t.newAccounts[m.Person], t.people[m.User] = m.User, m.Person
}

// write stores accounts first, whose ids people carry.
func (t *syncStep) write() error {
	for _, u := range t.oldUsers {
		if _, err := t.q.exec(`UPDATE app_user SET email = $2, email_key = $3, first_name = $4, first_key = $5, last_name = $6, last_key = $7, job_title = $8,
			updated_at = $9 WHERE id = $1`, u.ID, u.Email, access.Folded(u.Email), nullText(u.FirstName), access.Folded(u.FirstName), nullText(u.LastName),
			access.Folded(u.LastName), nullText(u.JobTitle), u.UpdatedAt); err != nil {
			return err
		}
	}
	if err := insertAccounts(t.q, t.newUsers); err != nil {
		return err
	}
	var owners []int64
	for _, u := range t.oldUsers {
		owners = append(owners, u.ID)
	}
	for p, u := range t.newAccounts {
		// The assets of the account that the person leaves are nobody's of the
		// personnel any more.
		if p.UserID != 0 && p.UserID != u.ID {
			t.touched = append(t.touched, directory.Object{Kind: directory.Account, ID: p.UserID})
			owners = append(owners, p.UserID)
		}
		p.UserID, p.User = u.ID, *u
	}
	people := make([]asset.Person, len(t.newPeople))
	for i, p := range t.newPeople {
		people[i] = *p
	}
	if err := insertPeople(t.q, people); err != nil {
		return err
	}
	for _, p := range people {
		t.touched = append(t.touched, directory.Object{Kind: directory.Person, ID: p.ID})
	}
	var called, written []int64
	for _, p := range t.oldPeople {
		if err := updatePerson(t.q, *p); err != nil {
			return err
		}
		called = append(called, p.ID)
		t.touched = append(t.touched, directory.Object{Kind: directory.Person, ID: p.ID})
	}
	if err := callOwners(t.q, called); err != nil {
		return err
	}
	for _, o := range t.touched {
		if o.Kind == directory.Person {
			written = append(written, o.ID)
		}
	}
	if err := ownedBy(t.q, owners); err != nil {
		return err
	}
	return regroup(t.q, written)
}

// insertAccounts makes accounts that nobody is invited to, and learns their ids.
func insertAccounts(q querier, users []*access.User) error {
	if err := insertRows(q, users, `INSERT INTO app_user (email, email_key, first_name, first_key, last_name, last_key, job_title, no_account,
		created_at, updated_at) VALUES `, "(?, ?, ?, ?, ?, ?, ?, 1, ?, ?)", "", func(at **access.User) []any {
		u := *at
		return []any{u.Email, access.Folded(u.Email), nullText(u.FirstName), access.Folded(u.FirstName), nullText(u.LastName), access.Folded(u.LastName),
			nullText(u.JobTitle), u.CreatedAt, u.UpdatedAt}
	}); err != nil {
		return err
	}
	for part := range slices.Chunk(users, perList) {
		byKey := map[string]*access.User{}
		keys, linked := make([]string, len(part)), make([]string, len(part))
		for i, u := range part {
			keys[i], linked[i] = access.Folded(u.Email), foldedKey(u.Email)
			byKey[keys[i]] = u
		}
		if err := q.query(number("SELECT id, email_key FROM app_user WHERE deleted_at IS NULL AND email_key IN ("+marks(len(keys))+")"), func(r row) error {
			var id int64
			var key string
			err := r.scan(&id, &key)
			byKey[key].ID = id
			return err
		}, arguments(nil, keys)...); err != nil {
			return err
		}
		if err := linkUsers(q, linked); err != nil {
			return err
		}
	}
	return nil
}
