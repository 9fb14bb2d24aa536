package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const userColumns = `SELECT u.id, u.email, u.first_name, u.last_name, u.job_title, u.password, u.no_account, u.disabled_at, u.deleted_at, u.last_sign_in_at, u.created_at, u.updated_at FROM app_user u`

func scanUser(r row, u *access.User) error {
	return r.scan(&u.ID, &u.Email, &u.FirstName, &u.LastName, &u.JobTitle, &u.Password, &u.NoAccount, &u.DisabledAt, &u.DeletedAt, &u.LastSignInAt, &u.CreatedAt, &u.UpdatedAt)
}

// selectUsers reads users with their grants.
func selectUsers(q querier, where string, args ...any) ([]access.User, error) {
	var out []access.User
	if err := q.query(userColumns+" WHERE "+where, func(r row) error {
		var u access.User
		err := scanUser(r, &u)
		out = append(out, u)
		return err
	}, args...); err != nil {
		return nil, err
	}
	return out, fillGrants(q, out)
}

func fillGrants(q querier, users []access.User) error {
	at := make(map[int64]*access.User, len(users))
	ids := make([]int64, len(users))
	for i := range users {
		ids[i] = users[i].ID
		at[ids[i]] = &users[i]
	}
	for part := range slices.Chunk(ids, perList) {
		cond, args := in("user_id", part)
		if err := q.query(number("SELECT user_id, role, workspace_id FROM user_role WHERE "+cond+" ORDER BY workspace_id, role"), func(r row) error {
			var id int64
			var role string
			var g access.Grant
			err := r.scan(&id, &role, &g.WorkspaceID)
			g.Role = access.Role(role)
			at[id].Grants = append(at[id].Grants, g)
			return err
		}, args...); err != nil {
			return err
		}
	}
	return nil
}

// oneUser reads a user by a condition.
func oneUser(q querier, name any, where string, args ...any) (access.User, error) {
	found, err := selectUsers(q, where, args...)
	if err == nil && len(found) == 0 {
		err = absent("user", name)
	}
	if err != nil {
		return access.User{}, err
	}
	return found[0], nil
}

func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// Users implements access.UserStore.
func (s *Store) Users(ctx context.Context, f access.UserFilter, r page.Request) (page.Page[access.User], error) {
	l := list[access.User]{sql: userColumns, id: "u.id", columns: map[page.Sort]string{page.CreatedAt: "u.created_at", page.UpdatedAt: "u.updated_at"},
		scan: scanUser, where: []string{"u.deleted_at IS NULL"}, own: 1, position: func(u access.User) page.Position {
			if r.Order() == page.UpdatedAt {
				return page.Position{Value: u.UpdatedAt.UnixMicro(), ID: u.ID}
			}
			return page.Position{Value: u.CreatedAt.UnixMicro(), ID: u.ID}
		}}
	var so clauses
	for _, c := range []struct{ column, text string }{{"u.first_key", f.FirstName}, {"u.last_key", f.LastName}} {
		if c.text != "" {
			so.and(c.column+` LIKE ? ESCAPE '\'`, escaped(access.Folded(c.text))+"%")
		}
	}
	if f.Text != "" {
		like := "%" + escaped(access.Folded(f.Text)) + "%"
		so.and(`(u.email_key LIKE ? ESCAPE '\' OR u.first_key || ' ' || u.last_key LIKE ? ESCAPE '\')`, like, like)
	}
	if f.Role != "" {
		l.and("u.id IN (SELECT user_id FROM user_role WHERE role = ?)", string(f.Role))
	}
	if f.Within != nil {
		cond, args := in("workspace_id", append([]int64{0}, f.Within...))
		l.where = append(l.where, "u.id IN (SELECT user_id FROM user_role WHERE "+cond+")")
		l.args = append(l.args, args...)
	}
	switch f.State {
	case access.UserActive:
		l.where = append(l.where, "u.disabled_at IS NULL AND u.password IS NOT NULL")
	case access.UserInvited:
		l.where = append(l.where, "u.disabled_at IS NULL AND u.password IS NULL AND u.no_account = 0")
	case access.UserNoAccount:
		l.where = append(l.where, "u.disabled_at IS NULL AND u.no_account = 1")
	case access.UserDisabled:
		l.where = append(l.where, "u.disabled_at IS NOT NULL")
	}
	l.kinds("app_user", "u", "app_user_names", so)
	l.fill = fillGrants
	return l.run(ctx, s, r)
}

// User implements access.UserStore.
func (s *Store) User(ctx context.Context, id int64) (u access.User, err error) {
	err = s.db.read(ctx, func(q querier) error {
		u, err = oneUser(q, id, "u.id = $1 AND u.deleted_at IS NULL", id)
		return err
	})
	return u, err
}

// UserByEmail implements access.UserStore.
func (s *Store) UserByEmail(ctx context.Context, key string) (u access.User, err error) {
	err = s.db.read(ctx, func(q querier) error {
		u, err = oneUser(q, key, "u.email_key = $1 AND u.deleted_at IS NULL", key)
		return err
	})
	return u, err
}

// UsersByID implements access.UserStore.
func (s *Store) UsersByID(ctx context.Context, ids []int64) (map[int64]access.User, error) {
	out := map[int64]access.User{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		for part := range slices.Chunk(ids, perList) {
			cond, args := in("u.id", part)
			found, err := selectUsers(q, number(cond), args...)
			if err != nil {
				return err
			}
			for _, u := range found {
				out[u.ID] = u
			}
		}
		return nil
	})
	return out, err
}

// AnyUser implements access.UserStore.
func (s *Store) AnyUser(ctx context.Context) (bool, error) {
	var n int64
	err := s.db.read(ctx, func(q querier) error { return one(q, "SELECT count(*) FROM app_user WHERE no_account = 0", nil, &n) })
	return n > 0, err
}

// lockUsers keeps other changes of users out: how many administrators there are
// must hold until the transaction ends.
func lockUsers(q querier) error {
	lock := q.dialect().forUpdate
	if lock == "" {
		return nil
	}
	var id int64
	return one(q, "SELECT id FROM company WHERE id = 1"+lock, nil, &id)
}

// CreateUser implements access.UserStore.
func (s *Store) CreateUser(ctx context.Context, u access.User, l *access.Link, first *access.Digest, at time.Time, e event.Event) (access.User, error) {
	out := u
	err := s.db.write(ctx, func(q querier) error {
		out = u
		if err := lockUsers(q); err != nil {
			return err
		}
		if first != nil {
			var n int64
			if err := one(q, "SELECT count(*) FROM app_user WHERE no_account = 0", nil, &n); err != nil {
				return err
			}
			if n > 0 {
				return fault.New(fault.CodeConflict, "somebody else has set this installation up: sign in, or ask for an invitation")
			}
			if err := useUp(q, *first, at, access.SetUp); err != nil {
				return err
			}
		}
		err := knownUser(q, &out)
		if errors.Is(err, errNoRow) {
			err = one(q, `INSERT INTO app_user (email, email_key, first_name, first_key, last_name, last_key, job_title, password, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING id`, []any{u.Email, access.Folded(u.Email), nullText(u.FirstName), access.Folded(u.FirstName),
				nullText(u.LastName), access.Folded(u.LastName), nullText(u.JobTitle), nullText(u.Password), u.CreatedAt}, &out.ID)
		}
		if errors.Is(err, errDuplicate) {
			return duplicateUser(u.Email)
		}
		if err != nil {
			return err
		}
		if err := putGrants(q, out); err != nil {
			return err
		}
		if err := linkUser(q, out.ID, foldedKey(u.Email)); err != nil {
			return err
		}
		if l != nil {
			link := *l
			link.UserID = out.ID
			if err := putLink(q, link); err != nil {
				return err
			}
		}
		return s.append(q, aboutUser(e, out.ID))
	})
	return out, err
}

// knownUser gives an account to somebody whom a directory made known; errNoRow
// when the address is not that of one.
func knownUser(q querier, u *access.User) error {
	err := one(q, `UPDATE app_user SET no_account = 0, first_name = COALESCE($2, first_name), last_name = COALESCE($3, last_name),
		job_title = COALESCE($4, job_title), password = $5, updated_at = $6 WHERE email_key = $1 AND deleted_at IS NULL AND no_account = 1
		RETURNING id, first_name, last_name, job_title, created_at`, []any{access.Folded(u.Email), nullText(u.FirstName), nullText(u.LastName),
		nullText(u.JobTitle), nullText(u.Password), u.UpdatedAt}, &u.ID, &u.FirstName, &u.LastName, &u.JobTitle, &u.CreatedAt)
	if err != nil {
		return err
	}
	if _, err := q.exec("UPDATE app_user SET first_key = $2, last_key = $3 WHERE id = $1", u.ID, access.Folded(u.FirstName), access.Folded(u.LastName)); err != nil {
		return err
	}
	return renamePerson(q, *u)
}

// aboutUser puts the id of a new user into the event of their creation.
func aboutUser(e event.Event, id int64) event.Event {
	e.Metadata = withMember(e.Metadata, "userId", id)
	return e
}

func duplicateUser(email string) error {
	err := fault.New(fault.CodeDuplicateName, "there is a user with the address %q (/email) already", email)
	err.Pointer = "/email"
	return err
}

func putGrants(q querier, u access.User) error {
	if _, err := q.exec("DELETE FROM user_role WHERE user_id = $1", u.ID); err != nil {
		return err
	}
	for i, g := range u.Grants {
		if g.WorkspaceID != 0 {
			var found int64
			if err := one(q, "SELECT id FROM workspace WHERE id = $1", []any{g.WorkspaceID}, &found); errors.Is(err, errNoRow) {
				return access.UnknownWorkspace(i, g.WorkspaceID)
			} else if err != nil {
				return err
			}
		}
		if _, err := q.exec("INSERT INTO user_role (user_id, role, workspace_id) VALUES ($1, $2, $3)", u.ID, string(g.Role), g.WorkspaceID); err != nil {
			return err
		}
	}
	return nil
}

const otherAdministrators = `SELECT count(*) FROM app_user u JOIN user_role g ON g.user_id = u.id
	WHERE g.role = $1 AND g.workspace_id = 0 AND u.id <> $2 AND u.disabled_at IS NULL AND u.deleted_at IS NULL AND u.password IS NOT NULL`

// ChangeUser implements access.UserStore.
func (s *Store) ChangeUser(ctx context.Context, id int64, change func(u *access.User, others int) (access.Aftermath, error)) (access.User, error) {
	var u access.User
	err := s.db.write(ctx, func(q querier) error {
		if err := lockUsers(q); err != nil {
			return err
		}
		var err error
		if u, err = oneUser(q, id, "u.id = $1 AND u.deleted_at IS NULL", id); err != nil {
			return err
		}
		was := slices.Clone(u.Grants)
		var others int64
		if err := one(q, otherAdministrators, []any{string(access.Administrator), id}, &others); err != nil {
			return err
		}
		then, err := change(&u, int(others))
		if err != nil {
			return err
		}
		if _, err := q.exec(`UPDATE app_user SET first_name = $2, first_key = $3, last_name = $4, last_key = $5, job_title = $6, password = $7, disabled_at = $8,
			deleted_at = $9, last_sign_in_at = $10, updated_at = $11, no_account = $12 WHERE id = $1`, id, nullText(u.FirstName), access.Folded(u.FirstName), nullText(u.LastName),
			access.Folded(u.LastName), nullText(u.JobTitle), nullText(u.Password), u.DisabledAt, u.DeletedAt, u.LastSignInAt, u.UpdatedAt, u.NoAccount); err != nil {
			return err
		}
		if err := renamePerson(q, u); err != nil {
			return err
		}
		if !slices.Equal(was, u.Grants) {
			if err := putGrants(q, u); err != nil {
				return err
			}
		}
		if !u.DeletedAt.IsZero() {
			for _, table := range []string{"control_owner", "notification_channel_user"} {
				if _, err := q.exec("DELETE FROM "+table+" WHERE user_id = $1", id); err != nil {
					return err
				}
			}
		}
		if err := aftermath(q, u, &then); err != nil {
			return err
		}
		if err := s.append(q, then.Event); err != nil || then.KeyRevoked == nil {
			return err
		}
		return s.revokeKeysOf(q, id, then.Event.CreatedAt, then.KeyRevoked)
	})
	return u, err
}

// aftermath does what follows from a change of a user.
func aftermath(q querier, u access.User, then *access.Aftermath) error {
	if then.UseUp != nil {
		if err := useUp(q, *then.UseUp, then.Event.CreatedAt, then.Purpose...); err != nil {
			return err
		}
	}
	if then.EndSessions {
		if _, err := q.exec("DELETE FROM web_session WHERE user_id = $1 AND id <> $2", u.ID, then.Keep); err != nil {
			return err
		}
	}
	if then.EndLinks {
		if _, err := q.exec("DELETE FROM one_time_link WHERE user_id = $1", u.ID); err != nil {
			return err
		}
	}
	if then.Link != nil {
		link := *then.Link
		link.UserID = u.ID
		if err := putLink(q, link); err != nil {
			return err
		}
	}
	if then.Session != nil {
		return putSession(q, then.Session)
	}
	return nil
}
