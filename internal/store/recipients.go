package store

import (
	"context"
	"slices"
	"strconv"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/notify"
)

// withUsers fills in the people of channels.
func withUsers(q querier, channels []notify.Channel) error {
	at := make(map[int64]*notify.Channel, len(channels))
	var ids []int64
	for i := range channels {
		if c := &channels[i]; c.Kind == notify.Mail {
			at[c.ID] = c
			ids = append(ids, c.ID)
		}
	}
	for part := range slices.Chunk(ids, perList) {
		cond, args := in("channel_id", part)
		if err := q.query(number("SELECT channel_id, user_id FROM notification_channel_user WHERE "+cond+" ORDER BY channel_id, position"), func(r row) error {
			var channel, user int64
			err := r.scan(&channel, &user)
			at[channel].UserIDs = append(at[channel].UserIDs, user)
			return err
		}, args...); err != nil {
			return err
		}
	}
	return nil
}

// putChannelUsers stores the people of a channel, and refuses who is newly named
// and could look at nothing in its workspace.
func putChannelUsers(q querier, c notify.Channel, was []int64) error {
	if slices.Equal(c.UserIDs, was) {
		return nil
	}
	people, err := recipients(q, c.WorkspaceID, c.UserIDs)
	if err != nil {
		return err
	}
	type place struct{ position, user int64 }
	places := make([]place, len(c.UserIDs))
	for i, id := range c.UserIDs {
		p, found := people[id]
		if !slices.Contains(was, id) && (!found || p.Absence == notify.Gone || !p.Tests && !p.Connections) {
			return fault.New(fault.CodeValidation, "there is no user %d who may look at this workspace (/userIds/%d)", id, i)
		}
		places[i] = place{int64(i), id}
	}
	if _, err := q.exec("DELETE FROM notification_channel_user WHERE channel_id = $1", c.ID); err != nil {
		return err
	}
	return insertRows(q, places, "INSERT INTO notification_channel_user (channel_id, position, user_id) VALUES ", "(?, ?, ?)", "",
		func(p *place) []any { return []any{c.ID, p.position, p.user} })
}

// Recipients implements notify.Store.
func (s *Store) Recipients(ctx context.Context, workspaceID int64, ids []int64) (out map[int64]notify.Person, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var err error
		out, err = recipients(q, workspaceID, ids)
		return err
	})
	return out, err
}

// recipients reads people as they are in a workspace.
func recipients(q querier, workspaceID int64, ids []int64) (map[int64]notify.Person, error) {
	out := map[int64]notify.Person{}
	for part := range slices.Chunk(ids, perList) {
		cond, args := in("u.id", part)
		found, err := selectUsers(q, number(cond), args...)
		if err != nil {
			return nil, err
		}
		for _, u := range found {
			out[u.ID] = notify.Person{ID: u.ID, Name: u.DisplayName(), Address: u.Email, Absence: absences[u.State()],
				Tests: u.May(access.MonitorsGet, workspaceID), Connections: u.May(access.ConnectionsGet, workspaceID)}
		}
	}
	return out, nil
}

var absences = map[access.UserState]notify.Absence{access.UserInvited: notify.Invited, access.UserDisabled: notify.Disabled, access.UserDeleted: notify.Gone,
	access.UserNoAccount: notify.NoAccess}

// audience reads who the people of channels are, and the owners of the controls
// of tests (their numbers) if a channel asks for them.
func audience(q querier, workspaceID int64, channels map[int64]notify.Channel, tests []int64) (notify.Audience, error) {
	a := notify.Audience{Owners: map[int64][]int64{}}
	var ids []int64
	owners := false
	for _, c := range channels {
		ids = append(ids, c.UserIDs...)
		owners = owners || c.ControlOwners
	}
	if owners {
		slices.Sort(tests)
		for part := range slices.Chunk(slices.Compact(tests), perList) {
			cond, args := in("t.number", part)
			if err := q.query(number(`SELECT DISTINCT t.number, o.user_id FROM test t JOIN control_test m ON m.test_id = t.id JOIN control c ON c.id = m.control_id
				JOIN control_owner o ON o.control_id = c.id WHERE t.workspace_id = ? AND c.archived_at IS NULL AND `+cond+" ORDER BY t.number, o.user_id"), func(r row) error {
				var test, user int64
				err := r.scan(&test, &user)
				a.Owners[test], ids = append(a.Owners[test], user), append(ids, user)
				return err
			}, append([]any{workspaceID}, args...)...); err != nil {
				return a, err
			}
		}
	}
	slices.Sort(ids)
	var err error
	a.People, err = recipients(q, workspaceID, slices.Compact(ids))
	return a, err
}

// targetKey is what a delivery is told once: an address, or a person whatever
// their address is.
func targetKey(d notify.Delivery) string {
	if d.UserID != 0 {
		return "user:" + strconv.FormatInt(d.UserID, 10)
	}
	return d.Target
}
