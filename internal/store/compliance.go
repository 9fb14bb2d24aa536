package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/asset"
)

// bounds are those of a span; a zero time is open.
func bounds(since, until time.Time) (from, to int64) {
	from, to = math.MinInt64, math.MaxInt64
	if !since.IsZero() {
		from = since.UnixMicro()
	}
	if !until.IsZero() {
		to = until.UnixMicro()
	}
	return from, to
}

// stand makes anew how a person stands, and which device is their newest, at the
// end of a transaction that changed a device or a document of theirs: by the first
// span in the person's row and the groups', by those that follow in a table of their
// own. It locks the person's row: of two such transactions the later one sees what
// the earlier one did.
func stand(q querier, personID int64, at time.Time) error {
	var employment string
	var identity int64
	if err := one(q, "SELECT status, identity_id FROM personnel WHERE id = $1"+q.dialect().forUpdate, []any{personID}, &employment, &identity); err != nil {
		return absentIf(err, "person", personID)
	}
	devices, err := selectDevices(q, "d.person_id = ?", personID)
	if err != nil {
		return err
	}
	found, err := evidence(q, "person_id", " AND device_id IS NULL", []int64{personID})
	if err != nil {
		return err
	}
	spans := asset.Person{Evidence: found[personID]}.Spans(devices, at)
	so := int64(asset.StandingOf(asset.Person{Status: asset.EmploymentStatus(employment), IdentityID: identity}, spans[0]))
	_, until := bounds(time.Time{}, spans[0].Until)
	system, serial, apps := newest(devices)
	if _, err := q.exec(`UPDATE personnel SET standing = $2, stands_until = $3, device_system = $4, device_serial = $5, device_apps = $6
		WHERE id = $1 AND (standing <> $2 OR stands_until <> $3 OR device_system <> $4 OR device_serial <> $5 OR device_apps <> $6)`, personID, so, until, system, serial, apps); err != nil {
		return err
	}
	if err := standInGroups(q, []int64{personID}); err != nil {
		return err
	}
	if _, err := q.exec("DELETE FROM person_compliance WHERE person_id = $1", personID); err != nil {
		return err
	}
	if err := insertRows(q, spans[1:], "INSERT INTO person_compliance (person_id, since, until, standing) VALUES ", "(?, ?, ?, ?)", "", func(s *asset.Span) []any {
		since, until := bounds(s.Since, s.Until)
		return []any{personID, since, until, int64(asset.StandingOf(asset.Person{}, *s) & asset.StandingByChecks)}
	}); err != nil {
		return err
	}
	return standDevices(q, personID, devices, at)
}

// standingOfNew is how a person stands of whom nothing is known yet: for ever.
func standingOfNew(p asset.Person) int64 {
	return int64(asset.StandingOf(p, asset.Person{}.Spans(nil, p.CreatedAt)[0]))
}

// standInGroups brings how people stand as members of groups in step with their rows.
func standInGroups(q querier, people []int64) error {
	return inParts(people, "person_id", func(cond string, args []any) error {
		const theirs = "(SELECT p.standing FROM personnel p WHERE p.id = person_id)"
		_, err := q.exec(number("UPDATE personnel_group_member SET standing = "+theirs+" WHERE "+cond+" AND standing <> "+theirs), args...)
		return err
	})
}

// newest is what people are ordered by of the device that was reported last.
func newest(devices []asset.Device) (system, serial string, apps int64) {
	if len(devices) == 0 {
		return "", "", 0
	}
	d := slices.MaxFunc(devices, func(a, b asset.Device) int {
		return cmp.Or(a.LastCheckedAt.Compare(b.LastCheckedAt), cmp.Compare(a.ID, b.ID))
	})
	if d.SerialNumber != nil {
		serial = access.Folded(*d.SerialNumber)
	}
	return access.Folded(string(d.Platform) + " " + d.PlatformVersion), serial, int64(d.AppsCount)
}

// standAll makes anew how all people stand, if the rules by which it was made are
// not those of this program.
func (s *Store) standAll(ctx context.Context) error {
	var edition int64
	if err := s.db.read(ctx, func(q querier) error {
		return one(q, "SELECT edition FROM compliance_edition WHERE id = 1", nil, &edition)
	}); err != nil || edition == asset.SpansEdition {
		return err
	}
	for after, more := int64(0), true; more; {
		if err := s.db.write(ctx, func(q querier) error {
			people, err := idList(q, "SELECT id FROM personnel WHERE id > $1 ORDER BY id LIMIT $2", after, perList)
			if err != nil {
				return err
			}
			for _, id := range people {
				if err := stand(q, id, s.now()); err != nil {
					return err
				}
			}
			if more = len(people) > 0; more {
				after = people[len(people)-1]
				return nil
			}
			_, err = q.exec("UPDATE compliance_edition SET edition = $1 WHERE id = 1", int64(asset.SpansEdition))
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
