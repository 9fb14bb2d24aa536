package store

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const reviewColumns = `SELECT v.id, v.workspace_id, v.name, v.filter, v.due_at, v.key_id, v.user_id, v.signed_off_at, v.signed_note, v.signed_key_id, v.signed_user_id,
	v.created_at, v.updated_at FROM access_review v`

func scanReview(r row, v *account.Review) error {
	var filter json.RawMessage
	var end account.SignOff
	if err := r.scan(&v.ID, &v.WorkspaceID, &v.Name, &filter, &v.DueAt, &v.KeyID, &v.UserID, &end.At, &end.Note, &end.KeyID, &end.UserID, &v.CreatedAt, &v.UpdatedAt); err != nil {
		return err
	}
	if !end.At.IsZero() {
		v.SignedOff = &end
	}
	return json.Unmarshal(filter, &v.Filter)
}

// openItem is true of an account to be revoked that is still there.
const openItem = `i.decision = 'REVOKE' AND EXISTS (SELECT 1 FROM account a JOIN resource s ON s.id = a.resource_id
	WHERE a.id = i.account_id AND a.removed_at IS NULL AND s.deleted_at IS NULL
	AND NOT coalesce(a.evidence_at >= (SELECT v.created_at FROM access_review v WHERE v.id = i.review_id), FALSE))`

// fillReviews reads what belongs to reviews.
func fillReviews(q querier, list []account.Review) error {
	for n := range list {
		v := &list[n]
		var err error
		if v.Reviewers, err = idList(q, "SELECT user_id FROM access_reviewer WHERE review_id = $1 ORDER BY user_id", v.ID); err != nil {
			return err
		}
		p := &v.Progress
		*p = account.Progressed{}
		if err := q.query("SELECT decision, count(*) FROM access_review_item WHERE review_id = $1 GROUP BY decision", func(r row) error {
			var decision string
			var count int64
			err := r.scan(&decision, &count)
			*map[account.Decision]*int64{account.Pending: &p.Pending, account.Keep: &p.Keep, account.Revoke: &p.Revoke, account.Alter: &p.Change}[account.Decision(decision)] = count
			p.Total += count
			return err
		}, v.ID); err != nil {
			return err
		}
		if p.Revoke == 0 {
			continue
		}
		if err := one(q, "SELECT count(*) FROM access_review_item i WHERE i.review_id = $1 AND "+openItem, []any{v.ID}, &p.Open); err != nil {
			return err
		}
	}
	return nil
}

func readReview(q querier, workspaceID, id int64, lock string) (account.Review, error) {
	var list []account.Review
	if err := q.query(reviewColumns+" WHERE v.id = $1 AND v.workspace_id = $2"+lock, func(r row) error {
		var v account.Review
		err := scanReview(r, &v)
		list = append(list, v)
		return err
	}, id, workspaceID); err != nil {
		return account.Review{}, err
	}
	if len(list) == 0 {
		return account.Review{}, absent("access review", id)
	}
	return list[0], fillReviews(q, list)
}

// CreateReview implements account.ReviewStore.
func (s *Store) CreateReview(ctx context.Context, v account.Review, from []account.Source, e func(account.Review) event.Event) (account.Review, error) {
	out := v
	err := s.db.write(ctx, func(q querier) error {
		out = v
		if err := one(q, `INSERT INTO access_review (workspace_id, name, filter, due_at, key_id, user_id, overdue_told, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7) RETURNING id`, []any{v.WorkspaceID, v.Name, toJSON(v.Filter), micros(v.DueAt), nullID(v.KeyID), nullID(v.UserID), v.CreatedAt}, &out.ID); err != nil {
			return err
		}
		if err := putReviewers(q, out); err != nil {
			return err
		}
		if err := freeze(q, out, from); err != nil {
			return err
		}
		var err error
		if out, err = readReview(q, v.WorkspaceID, out.ID, ""); err != nil {
			return err
		}
		return s.append(q, e(out))
	})
	return out, err
}

func putReviewers(q querier, v account.Review) error {
	if _, err := q.exec("DELETE FROM access_reviewer WHERE review_id = $1", v.ID); err != nil {
		return err
	}
	for _, id := range v.Reviewers {
		if _, err := q.exec("INSERT INTO access_reviewer (review_id, user_id) VALUES ($1, $2)", v.ID, id); err != nil {
			return err
		}
	}
	return nil
}

// freeze copies the accounts of a review as they are.
func freeze(q querier, v account.Review, from []account.Source) error {
	where, args := accountConditions(q, v.Filter)
	where = append(where, "a.removed_at IS NULL", "a.out_of_scope = 0")
	ids := make([]int64, len(from))
	for i, source := range from {
		ids[i] = source.ResourceID
	}
	if len(ids) == 0 {
		ids = []int64{0}
	}
	cond, with := in("a.resource_id", ids)
	where, args = append([]string{cond}, where...), slices.Concat(with, args)
	var total int64
	if err := one(q, number("SELECT count(*) FROM account a"+condition(where)), args, &total); err != nil {
		return err
	}
	switch {
	case total == 0:
		return fault.New(fault.CodeValidation, "there is no account to review: none in the data and in scope is what the review asks for")
	case total > account.MaxItems:
		return fault.New(fault.CodeValidation, "these are %d accounts, and a review has at most %d: make one for each connection", total, account.MaxItems)
	}
	_, err := q.exec(number(`INSERT INTO access_review_item (review_id, account_id, connection_id, connection_name, resource_id, resource_name, record_key, facts, search, decided,
		link, person_id, person_email, person_name, person_gone, decision)
		SELECT CAST(? AS BIGINT), a.id, c.id, c.name, r.id, r.name, a.record_key, a.facts, a.search, a.decided, a.link, a.user_id, coalesce(u.email, a.person_email),
		`+personName+", "+absence+`, 'PENDING'
		FROM account a JOIN resource r ON r.id = a.resource_id JOIN connection c ON c.id = r.connection_id`+accountPerson+
		condition(where)+" ORDER BY a.search, a.id"), append([]any{v.ID}, args...)...)
	return err
}

// Reviews implements account.ReviewStore.
func (s *Store) Reviews(ctx context.Context, f account.ReviewFilter, r page.Request) (page.Page[account.Review], error) {
	l := list[account.Review]{sql: reviewColumns, id: "v.id", scan: scanReview, columns: map[page.Sort]string{page.CreatedAt: "v.created_at", page.UpdatedAt: "v.updated_at"},
		position: func(v account.Review) page.Position { return v.Position(r.Order()) }}
	l.and("v.workspace_id = ?", f.WorkspaceID)
	switch f.State {
	case "":
	case account.SignedOff:
		l.where = append(l.where, "v.signed_off_at IS NOT NULL")
	case account.Overdue:
		l.and("v.signed_off_at IS NULL AND v.due_at < ?", f.Now)
	case account.InProgress:
		l.and("v.signed_off_at IS NULL AND (v.due_at IS NULL OR v.due_at >= ?)", f.Now)
	}
	l.search(f.Text, "v.name")
	l.fill = fillReviews
	return l.runIn(ctx, s, f.WorkspaceID, r)
}

// Review implements account.ReviewStore.
func (s *Store) Review(ctx context.Context, workspaceID, id int64) (v account.Review, err error) {
	err = s.db.read(ctx, func(q querier) error {
		v, err = readReview(q, workspaceID, id, "")
		return err
	})
	return v, err
}

// ChangeReview implements account.ReviewStore.
func (s *Store) ChangeReview(ctx context.Context, workspaceID, id int64, change func(*account.Review) (event.Event, error)) (account.Review, error) {
	var out account.Review
	err := s.db.write(ctx, func(q querier) error {
		v, err := readReview(q, workspaceID, id, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		was := v
		e, err := change(&v)
		if err != nil {
			return err
		}
		end := account.SignOff{}
		if v.SignedOff != nil {
			end = *v.SignedOff
		}
		if _, err := q.exec("UPDATE access_review SET name = $2, due_at = $3, signed_off_at = $4, signed_note = $5, signed_key_id = $6, signed_user_id = $7, updated_at = "+
			later("updated_at", "$8")+", overdue_told = CASE WHEN $9 = 1 THEN 0 ELSE overdue_told END WHERE id = $1",
			id, v.Name, micros(v.DueAt), micros(end.At), nullText(end.Note), nullID(end.KeyID), nullID(end.UserID), v.UpdatedAt, !v.DueAt.Equal(was.DueAt)); err != nil {
			return err
		}
		if !slices.Equal(v.Reviewers, was.Reviewers) {
			if err := putReviewers(q, v); err != nil {
				return err
			}
		}
		if out, err = readReview(q, workspaceID, id, ""); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return out, err
}

// DeleteReview implements account.ReviewStore.
func (s *Store) DeleteReview(ctx context.Context, workspaceID, id int64, check func(account.Review) (event.Event, error)) error {
	return s.db.write(ctx, func(q querier) error {
		v, err := readReview(q, workspaceID, id, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		e, err := check(v)
		if err != nil {
			return err
		}
		for _, sql := range []string{"DELETE FROM access_review_item WHERE review_id = $1", "DELETE FROM access_reviewer WHERE review_id = $1", "DELETE FROM access_review WHERE id = $1"} {
			if _, err := q.exec(sql, id); err != nil {
				return err
			}
		}
		return s.append(q, e)
	})
}

const itemColumns = `SELECT i.id, i.review_id, i.account_id, i.connection_id, i.connection_name, i.resource_id, i.resource_name, i.record_key, i.facts, i.decided,
	i.link, i.person_id, i.person_email, i.person_name, i.person_gone, i.decision, i.note, i.key_id, i.user_id, i.decided_at,
	a.removed_at, a.decided, CASE WHEN s.id IS NOT NULL AND s.deleted_at IS NULL THEN 1 ELSE 0 END, v.created_at FROM access_review_item i
	JOIN access_review v ON v.id = i.review_id LEFT JOIN account a ON a.id = i.account_id LEFT JOIN resource s ON s.id = a.resource_id`

func scanItem(r row, i *account.Item) error {
	var facts, then, now json.RawMessage
	var link, decision string
	var p account.Person
	var away int64
	var began time.Time
	a := &i.Account
	if err := r.scan(&i.ID, &i.ReviewID, &a.ID, &a.ConnectionID, &a.ConnectionName, &a.ResourceID, &a.ResourceName, &a.RecordID, &facts, &then,
		&link, &p.UserID, &p.Email, &p.Name, &away, &decision, &i.Note, &i.KeyID, &i.UserID, &i.DecidedAt, &a.RemovedAt, &now, &i.Tracked, &began); err != nil {
		return err
	}
	i.Decision = account.Decision(decision)
	if err := json.Unmarshal(facts, &a.Facts); err != nil {
		return err
	}
	if err := readDecided(then, &a.Decided); err != nil {
		return err
	}
	a.Evidence = nil
	if len(now) > 0 {
		var since account.Decided
		if err := readDecided(now, &since); err != nil {
			return err
		}
		// Evidence of an earlier review says nothing of this one.
		if since.Evidence != nil && !since.Evidence.RecordedAt.Before(began) {
			a.Evidence = since.Evidence
		}
	}
	a.Person = linked(link, p, away)
	return nil
}

// ReviewItems implements account.ReviewStore.
func (s *Store) ReviewItems(ctx context.Context, workspaceID, id int64, f account.ItemFilter, r page.Request) (page.Page[account.Item], error) {
	l := list[account.Item]{sql: itemColumns, id: "i.id", scan: scanItem, columns: map[page.Sort]string{page.CreatedAt: "i.id"},
		position: func(i account.Item) page.Position { return page.Position{ID: i.ID} }}
	l.and("i.review_id = ?", id)
	if f.Decision != "" {
		l.and("i.decision = ?", string(f.Decision))
	}
	if f.Open {
		l.where = append(l.where, openItem)
	}
	var p page.Page[account.Item]
	err := s.db.read(ctx, func(q querier) error {
		l := l
		if f.Text != "" {
			l.and(q.dialect().within("i.search"), []byte(access.Folded(f.Text)))
		}
		var found int64
		err := absentIf(one(q, "SELECT id FROM access_review WHERE id = $1 AND workspace_id = $2", []any{id, workspaceID}, &found), "access review", id)
		if err != nil {
			return err
		}
		p, err = l.page(s, q, r)
		return err
	})
	return p, err
}

func readItem(q querier, reviewID, itemID int64) (account.Item, error) {
	var out account.Item
	found := false
	err := q.query(itemColumns+" WHERE i.id = $1 AND i.review_id = $2", func(r row) error {
		found = true
		return scanItem(r, &out)
	}, itemID, reviewID)
	if err == nil && !found {
		err = errNoRow
	}
	return out, err
}

// ReviewItem implements account.ReviewStore.
func (s *Store) ReviewItem(ctx context.Context, workspaceID, id, itemID int64) (i account.Item, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var found int64
		if err := absentIf(one(q, "SELECT id FROM access_review WHERE id = $1 AND workspace_id = $2", []any{id, workspaceID}, &found), "access review", id); err != nil {
			return err
		}
		var err error
		i, err = readItem(q, id, itemID)
		return absentIf(err, "account of the access review with the number", itemID)
	})
	return i, err
}

// Decide implements account.ReviewStore.
func (s *Store) Decide(ctx context.Context, workspaceID, id int64, items []int64, d account.Verdict, allowed func(account.Review) error,
	e func(account.Review, []account.Item) event.Event,
) ([]account.Item, error) {
	var out []account.Item
	err := s.db.write(ctx, func(q querier) error {
		out = nil
		v, err := readReview(q, workspaceID, id, q.dialect().forUpdate)
		if err != nil {
			return err
		}
		if err := allowed(v); err != nil {
			return err
		}
		decidedAt := micros(d.At)
		if d.Decision == account.Pending {
			decidedAt, d.KeyID, d.UserID = nil, 0, 0
		}
		for _, item := range slices.Compact(slices.Sorted(slices.Values(items))) {
			n, err := q.exec("UPDATE access_review_item SET decision = $3, note = $4, key_id = $5, user_id = $6, decided_at = $7 WHERE id = $1 AND review_id = $2",
				item, id, string(d.Decision), nullText(d.Note), nullID(d.KeyID), nullID(d.UserID), decidedAt)
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			got, err := readItem(q, id, item)
			if err != nil {
				return err
			}
			out = append(out, got)
		}
		if len(out) == 0 {
			return nil
		}
		if _, err := q.exec("UPDATE access_review SET updated_at = "+later("updated_at", "$2")+" WHERE id = $1", id, d.At); err != nil {
			return err
		}
		return s.append(q, e(v, out))
	})
	return out, err
}

// TellOverdue implements account.ReviewStore.
func (s *Store) TellOverdue(ctx context.Context, now time.Time, limit int, e func(account.Review) event.Event) (int64, error) {
	var n int64
	err := s.db.write(ctx, func(q querier) error {
		n = 0
		var list []account.Review
		if err := q.query(reviewColumns+" WHERE v.signed_off_at IS NULL AND v.overdue_told = 0 AND v.due_at < $1 ORDER BY v.due_at LIMIT $2"+q.dialect().skipLocked, func(r row) error {
			var v account.Review
			err := scanReview(r, &v)
			list = append(list, v)
			return err
		}, now, limit); err != nil {
			return err
		}
		if err := fillReviews(q, list); err != nil {
			return err
		}
		for _, v := range list {
			if _, err := q.exec("UPDATE access_review SET overdue_told = 1 WHERE id = $1", v.ID); err != nil {
				return err
			}
			if err := s.append(q, e(v)); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

var _ account.Store = (*Store)(nil)
