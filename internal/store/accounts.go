package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

// linkedByEmail is how an account comes to its person by itself; it is MANUAL where
// people said so.
const linkedByEmail = "AUTO"

// decided is what people decided about an account, as it is stored.
type decided struct {
	Service    *account.Service  `json:"service,omitempty"`
	OutOfScope *string           `json:"outOfScope,omitempty"`
	Evidence   *account.Evidence `json:"evidence,omitempty"`
}

// Mapping implements account.Store.
func (s *Store) Mapping(ctx context.Context, resourceID int64) (set account.Set, ok bool, err error) {
	err = s.db.read(ctx, func(q querier) error {
		set, ok = account.Set{}, false
		var body json.RawMessage
		var seq, id, changeSeq, present int64
		var building bool
		if err := q.query(`SELECT m.body, m.created_at, m.updated_at, m.key_id, m.user_id, m.building, m.watermark_seq, m.watermark_id, r.change_seq
			FROM account_mapping m JOIN resource r ON r.id = m.resource_id WHERE m.resource_id = $1`, func(r row) error {
			ok = true
			return r.scan(&body, &set.CreatedAt, &set.UpdatedAt, &set.KeyID, &set.UserID, &building, &seq, &id, &changeSeq)
		}, resourceID); err != nil || !ok {
			return err
		}
		set.ResourceID, set.Current = resourceID, !building && seq >= changeSeq && id == wholeChange
		if err := json.Unmarshal(body, &set.Mapping); err != nil {
			return err
		}
		return q.query("SELECT CAST(CASE WHEN removed_at IS NULL THEN 1 ELSE 0 END AS BIGINT), count(*) FROM account WHERE resource_id = $1 GROUP BY 1", func(r row) error {
			var n int64
			err := r.scan(&present, &n)
			if present == 1 {
				set.Accounts = n
			} else {
				set.Removed = n
			}
			return err
		}, resourceID)
	})
	return set, ok, err
}

// PutMapping implements account.Store.
func (s *Store) PutMapping(ctx context.Context, m account.Set, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		if _, err := q.exec(`INSERT INTO account_mapping (resource_id, body, epoch, watermark_seq, watermark_id, building, build_after, build_from,
			moved_added, moved_changed, moved_removed, key_id, user_id, created_at, updated_at) VALUES ($1, $2, 1, 0, 0, 1, 0, 0, 0, 0, 0, $3, $4, $5, $5)
			ON CONFLICT (resource_id) DO UPDATE SET body = excluded.body, epoch = account_mapping.epoch + 1, building = 1, build_after = 0,
			key_id = excluded.key_id, user_id = excluded.user_id, updated_at = excluded.updated_at`,
			m.ResourceID, m.Mapping.Text(), nullID(m.KeyID), nullID(m.UserID), m.UpdatedAt); err != nil {
			return err
		}
		// The row is what a node leases while it takes the accounts out.
		if _, err := q.exec(`INSERT INTO evaluation (resource_id, epoch, watermark_seq, watermark_id)
			SELECT id, 1, change_seq, CAST($2 AS BIGINT) FROM resource WHERE id = $1 ON CONFLICT (resource_id) DO NOTHING`, m.ResourceID, int64(wholeChange)); err != nil {
			return err
		}
		return s.append(q, e)
	})
}

// DeleteMapping implements account.Store.
func (s *Store) DeleteMapping(ctx context.Context, resourceID int64, e event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		n, err := q.exec("DELETE FROM account_mapping WHERE resource_id = $1", resourceID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeNotFound, "the resource has no account mapping")
		}
		return s.append(q, e)
	})
}

// AccountSources implements account.Store.
func (s *Store) AccountSources(ctx context.Context, workspaceID int64) ([]account.Source, error) {
	var out []account.Source
	err := s.db.read(ctx, func(q querier) error {
		out = nil
		if err := workspaceExists(q, workspaceID); err != nil {
			return err
		}
		return q.query(`SELECT c.id, c.name, c.provider_types, r.id, r.name FROM connection_workspace w JOIN connection c ON c.id = w.connection_id
			JOIN resource r ON r.connection_id = c.id JOIN account_mapping m ON m.resource_id = r.id
			WHERE w.workspace_id = $1 AND c.deleted_at IS NULL AND r.deleted_at IS NULL ORDER BY r.id`, func(r row) error {
			var each account.Source
			var types json.RawMessage
			if err := r.scan(&each.ConnectionID, &each.ConnectionName, &types, &each.ResourceID, &each.ResourceName); err != nil {
				return err
			}
			out = append(out, each)
			return json.Unmarshal(types, &out[len(out)-1].Types)
		}, workspaceID)
	})
	return out, err
}

var accountColumns = `SELECT a.id, a.resource_id, a.record_key, a.facts, a.search, a.removed_at, a.created_at, a.updated_at, a.link, a.user_id, a.decided,
	coalesce(u.email, a.person_email), ` + personName + ", " + absence + ` FROM account a`

// personName and absence are of the user u, who is h in personnel; absence is one
// of the values of personStates.
const personName = "coalesce(nullif(trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, '')), ''), u.email, '')"

var absence = "CASE WHEN u.disabled_at IS NOT NULL OR u.deleted_at IS NOT NULL THEN 1 WHEN h.status IN " + left + " THEN 2 ELSE 0 END"

var personStates = []account.PersonState{account.PersonHere, account.PersonGone, account.PersonLeft}

var left = employed(asset.EmploymentStatus.Left)

const accountPerson = " LEFT JOIN app_user u ON u.id = a.user_id LEFT JOIN personnel h ON h.user_id = u.id"

// accountAccess is how the accounts of a resource are got at: where they are
// searched, by the index that has what is searched, in whatever order; where they
// are those of few people, by these.
func accountAccess(q querier, f account.Filter) (condition, hint string) {
	switch {
	case f.UserID != 0 || f.Leaver != nil && *f.Leaver:
		return "+a.resource_id = ?", ""
	case f.Text != "" && !q.dialect().postgres:
		return "a.resource_id = ?", " INDEXED BY account_by_name"
	}
	return "a.resource_id = ?", ""
}

// listedAccount is an account with the key of its name.
type listedAccount struct {
	account.Account
	key string
}

func scanAccount(r row, a *listedAccount) error {
	var facts, says json.RawMessage
	var key []byte
	var p account.Person
	var link string
	var away int64
	if err := r.scan(&a.ID, &a.ResourceID, &a.RecordID, &facts, &key, &a.RemovedAt, &a.CreatedAt, &a.UpdatedAt, &link, &p.UserID, &says,
		&p.Email, &p.Name, &away); err != nil {
		return err
	}
	a.key = string(key)
	if err := json.Unmarshal(facts, &a.Facts); err != nil {
		return err
	}
	if err := readDecided(says, &a.Decided); err != nil {
		return err
	}
	a.Person = linked(link, p, away)
	return nil
}

func readDecided(text []byte, into *account.Decided) error {
	var d decided
	err := json.Unmarshal(text, &d)
	into.Service, into.OutOfScope, into.Evidence = d.Service, d.OutOfScope, d.Evidence
	return err
}

// linked is the person of an account, nil if it has none.
func linked(link string, p account.Person, away int64) *account.Person {
	if link == "" {
		return nil
	}
	p.State, p.Automatic = personStates[away], link == linkedByEmail
	if p.UserID == 0 {
		p.State, p.Automatic = account.PersonUnknown, false
	}
	return &p
}

// gone are the users who are disabled or deleted, or work here no more.
var gone = "(SELECT id FROM app_user WHERE disabled_at IS NOT NULL OR deleted_at IS NOT NULL UNION SELECT user_id FROM personnel WHERE status IN " + left + ")"

// accountConditions are those of a filter, with placeholders ?.
func accountConditions(q querier, f account.Filter) (where []string, args []any) {
	and := func(cond string, more ...any) {
		where, args = append(where, cond), append(args, more...)
	}
	asked := func(v *bool, yes, no string) {
		switch {
		case v == nil:
		case *v:
			and(yes)
		default:
			and(no)
		}
	}
	if len(f.Status) > 0 {
		var either []string
		for _, s := range f.Status {
			either = append(either, map[account.Status]string{account.Active: "a.removed_at IS NULL AND coalesce(a.active, 1) = 1",
				account.Inactive: "a.removed_at IS NULL AND a.active = 0", account.Removed: "a.removed_at IS NOT NULL"}[s])
		}
		and("(" + strings.Join(either, " OR ") + ")")
	}
	asked(f.Linked, "a.link IS NOT NULL", "a.link IS NULL")
	asked(f.Service, "a.service = 1", "a.service = 0")
	asked(f.InScope, "a.out_of_scope = 0", "a.out_of_scope = 1")
	asked(f.MFA, "a.mfa = 1", "a.mfa = 0")
	leaving := "a.removed_at IS NULL AND coalesce(a.active, 1) = 1 AND a.user_id IN " + gone
	asked(f.Leaver, leaving, "NOT coalesce("+leaving+", FALSE)")
	if f.UserID != 0 {
		and("a.user_id = ?", f.UserID)
	}
	if f.Text != "" {
		and(q.dialect().within("a.search"), []byte(access.Folded(f.Text)))
	}
	return where, args
}

// accountOrders are the orders of accounts, each an index.
var accountOrders = map[page.Sort]string{page.CreatedAt: "a.created_at", page.UpdatedAt: "a.updated_at", page.Name: "a.search", account.LastActiveAt: "a.last_active_at"}

// Accounts implements account.Store. A page is merged from one of each resource,
// so that it costs the same however many there are of others.
func (s *Store) Accounts(ctx context.Context, from []account.Source, f account.Filter, r page.Request) (page.Page[account.Account], error) {
	var p page.Page[account.Account]
	column, order, than := accountOrders[r.Order()], "DESC", "<"
	if r.Ascending {
		order, than = "ASC", ">"
	}
	err := s.db.read(ctx, func(q querier) error {
		where, args := accountConditions(q, f)
		of, hint := accountAccess(q, f)
		p = page.Page[account.Account]{}
		var list []listedAccount
		for _, source := range from {
			cond := slices.Concat([]string{of}, where)
			with := slices.Concat([]any{source.ResourceID}, args)
			if r.After != nil {
				cond = append(cond, "("+column+", a.id) "+than+" (?, ?)")
				value := any(r.After.Value)
				if r.Order() == page.Name {
					value = []byte(r.After.Text)
				}
				with = append(with, value, r.After.ID)
			}
			if err := q.query(number(accountColumns+hint+accountPerson+condition(cond)+" ORDER BY "+column+" "+order+", a.id "+order+" LIMIT ?"), func(row row) error {
				var a listedAccount
				err := scanAccount(row, &a)
				a.ConnectionID, a.ConnectionName, a.ResourceName = source.ConnectionID, source.ConnectionName, source.ResourceName
				list = append(list, a)
				return err
			}, append(with, r.Limit()+1)...); err != nil {
				return err
			}
		}
		slices.SortFunc(list, func(a, b listedAccount) int {
			x, y := a.Position(r.Order(), a.key), b.Position(r.Order(), b.key)
			way := cmp.Or(cmp.Compare(x.Value, y.Value), bytes.Compare([]byte(x.Text), []byte(y.Text)), cmp.Compare(x.ID, y.ID))
			if !r.Ascending {
				way = -way
			}
			return way
		})
		cut := page.Cut(r, list, func(a listedAccount) page.Position { return a.Position(r.Order(), a.key) })
		for _, a := range cut.Items {
			p.Items = append(p.Items, a.Account)
		}
		p.Next = cut.Next
		if !r.WantTotal || r.After != nil {
			return nil
		}
		var total int64
		for _, source := range from {
			var n int64
			if err := one(q, number("SELECT count(*) FROM account a"+hint+condition(slices.Concat([]string{of}, where))), slices.Concat([]any{source.ResourceID}, args), &n); err != nil {
				return err
			}
			total += n
		}
		p.Total = &total
		return nil
	})
	return p, err
}

// CountAccounts implements account.Store.
func (s *Store) CountAccounts(ctx context.Context, from []account.Source) (map[int64]account.Tally, error) {
	out := map[int64]account.Tally{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		for _, source := range from {
			var t account.Tally
			for cond, into := range map[string]*int64{"a.removed_at IS NULL": &t.Present, "a.removed_at IS NOT NULL": &t.Removed,
				"a.removed_at IS NULL AND a.link IS NULL AND a.service = 0 AND a.out_of_scope = 0": &t.Unlinked,
				"a.removed_at IS NULL AND coalesce(a.active, 1) = 1 AND a.mfa = 0":                 &t.WithoutMFA} {
				if err := one(q, "SELECT count(*) FROM account a WHERE a.resource_id = $1 AND "+cond, []any{source.ResourceID}, into); err != nil {
					return err
				}
			}
			if err := one(q, "SELECT count(*) FROM account a WHERE +a.resource_id = $1 AND a.removed_at IS NULL AND coalesce(a.active, 1) = 1 AND a.user_id IN "+gone,
				[]any{source.ResourceID}, &t.Leavers); err != nil {
				return err
			}
			out[source.ResourceID] = t
		}
		return nil
	})
	return out, err
}

const accountOfWorkspace = ` JOIN resource r ON r.id = a.resource_id JOIN connection c ON c.id = r.connection_id
	WHERE a.id = $1 AND c.deleted_at IS NULL AND r.deleted_at IS NULL AND EXISTS (SELECT 1 FROM account_mapping m WHERE m.resource_id = r.id)
	AND EXISTS (SELECT 1 FROM connection_workspace w WHERE w.connection_id = c.id AND w.workspace_id = $2)`

func readAccount(q querier, workspaceID, id int64) (account.Account, error) {
	var a listedAccount
	found := false
	if err := q.query(accountColumns+accountPerson+accountOfWorkspace, func(r row) error {
		found = true
		return scanAccount(r, &a)
	}, id, workspaceID); err != nil {
		return a.Account, err
	}
	if !found {
		return a.Account, absent("account", id)
	}
	err := one(q, "SELECT r.name, c.id, c.name FROM resource r JOIN connection c ON c.id = r.connection_id WHERE r.id = $1", []any{a.ResourceID},
		&a.ResourceName, &a.ConnectionID, &a.ConnectionName)
	return a.Account, err
}

// Account implements account.Store.
func (s *Store) Account(ctx context.Context, workspaceID, id int64) (a account.Account, err error) {
	err = s.db.read(ctx, func(q querier) error {
		var err error
		a, err = readAccount(q, workspaceID, id)
		return err
	})
	return a, err
}

// ChangeAccount implements account.Store.
func (s *Store) ChangeAccount(ctx context.Context, workspaceID, id int64, c account.Change, at time.Time, e func(account.Account) event.Event) (account.Account, error) {
	var out account.Account
	err := s.db.write(ctx, func(q querier) error {
		var found int64
		if err := absentIf(one(q, "SELECT id FROM account WHERE id = $1"+q.dialect().forUpdate, []any{id}, &found), "account", id); err != nil {
			return err
		}
		before, err := readAccount(q, workspaceID, id)
		if err != nil {
			return err
		}
		if c.Person != nil {
			if err := linkByHand(q, id, *c.Person); err != nil {
				return err
			}
		}
		says := decided{Service: before.Service, OutOfScope: before.OutOfScope, Evidence: before.Evidence}
		if c.Service != nil {
			says.Service = *c.Service
		}
		if c.OutOfScope != nil {
			says.OutOfScope = *c.OutOfScope
		}
		if c.Evidence != nil {
			says.Evidence = *c.Evidence
		}
		var evidenceAt any
		if says.Evidence != nil {
			evidenceAt = says.Evidence.RecordedAt
		}
		if _, err := q.exec("UPDATE account SET decided = $2, service = $3, out_of_scope = $4, evidence_at = $5, updated_at = "+later("updated_at", "$6")+" WHERE id = $1",
			id, toJSON(says), says.Service != nil, says.OutOfScope != nil, evidenceAt, at); err != nil {
			return err
		}
		if out, err = readAccount(q, workspaceID, id); err != nil {
			return err
		}
		return s.append(q, e(before))
	})
	return out, err
}

// linkByHand links an account to a person; to nobody: to whom its address leads.
func linkByHand(q querier, id int64, to *account.Link) error {
	if to == nil {
		if _, err := q.exec("UPDATE account SET link = NULL, user_id = NULL, person_email = NULL, person_key = NULL WHERE id = $1", id); err != nil {
			return err
		}
		return linkByEmail(q, "id = $1", id)
	}
	if to.UserID != 0 {
		var found int64
		err := one(q, "SELECT id FROM app_user WHERE id = $1 AND deleted_at IS NULL", []any{to.UserID}, &found)
		if errors.Is(err, errNoRow) {
			refused := fault.New(fault.CodeValidation, "there is no user %d", to.UserID)
			refused.Pointer = "/person/userId"
			return refused
		}
		if err != nil {
			return err
		}
		_, err = q.exec("UPDATE account SET link = 'MANUAL', user_id = $2, person_email = NULL, person_key = NULL WHERE id = $1", id, to.UserID)
		return err
	}
	key := foldedKey(to.Email)
	_, err := q.exec("UPDATE account SET link = 'MANUAL', person_email = $2, person_key = $3, user_id = "+userWith("CAST($3 AS TEXT)")+" WHERE id = $1", id, to.Email, key)
	return err
}

// userWith is the user with an address: the one who is here, else the last one
// who was.
func userWith(key string) string {
	return "(SELECT u.id FROM app_user u WHERE u.email_key = " + key + " ORDER BY CASE WHEN u.deleted_at IS NULL THEN 0 ELSE 1 END, u.id DESC LIMIT 1)"
}

// linkByEmail links accounts of nobody to the users with their addresses.
func linkByEmail(q querier, where string, args ...any) error {
	_, err := q.exec("UPDATE account SET user_id = "+userWith("account.email_key")+", link = CASE WHEN "+userWith("account.email_key")+
		" IS NULL THEN NULL ELSE 'AUTO' END WHERE (link IS NULL OR link = 'AUTO') AND "+where, args...)
	return err
}

// linkUsers links the accounts with the addresses of new users, by their keys.
func linkUsers(q querier, keys []string) error {
	if err := linkByEmail(q, "email_key IN "+texts(len(keys), 0), arguments(nil, keys)...); err != nil {
		return err
	}
	_, err := q.exec("UPDATE account SET user_id = "+userWith("account.person_key")+" WHERE link = 'MANUAL' AND user_id IS NULL AND person_key IN "+
		texts(len(keys), 0), arguments(nil, keys)...)
	return err
}

// linkUser links the accounts with the address of a new user.
func linkUser(q querier, id int64, key string) error {
	if _, err := q.exec("UPDATE account SET user_id = $1, link = 'AUTO' WHERE email_key = $2 AND (link IS NULL OR link = 'AUTO')", id, key); err != nil {
		return err
	}
	_, err := q.exec("UPDATE account SET user_id = $1 WHERE person_key = $2 AND link = 'MANUAL'", id, key)
	return err
}
