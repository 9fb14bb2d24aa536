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

// stretch is a span of a person, as table person_compliance has it: so a list can
// be narrowed to those who stand so at the moment of the look.
type stretch struct {
	person int64
	// employment is the person's status, synced whether they follow an identity.
	employment asset.EmploymentStatus
	synced     bool
	span       asset.Span
}

func insertStretches(q querier, list []stretch) error {
	return insertRows(q, list, "INSERT INTO person_compliance (person_id, employment, synced, status, passing, since, until) VALUES ", "(?, ?, ?, ?, ?, ?, ?)", "", func(s *stretch) []any {
		since, until := bounds(s.span.Since, s.span.Until)
		return []any{s.person, string(s.employment), s.synced, string(s.span.Status), int64(s.span.Passing), since, until}
	})
}

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
// end of a transaction that changed a device or a document of theirs. It locks the person's row: of two such
// transactions the later one sees what the earlier one did.
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
	if _, err := q.exec("DELETE FROM person_compliance WHERE person_id = $1", personID); err != nil {
		return err
	}
	var list []stretch
	for _, s := range (asset.Person{Evidence: found[personID]}).Spans(devices, at) {
		list = append(list, stretch{personID, asset.EmploymentStatus(employment), identity != 0, s})
	}
	if err := insertStretches(q, list); err != nil {
		return err
	}
	if err := putNewest(q, personID, devices); err != nil {
		return err
	}
	return standDevices(q, personID, devices, at)
}

// standNew notes how people stand of whom nothing is known yet.
func standNew(q querier, people []asset.Person, at time.Time) error {
	spans := asset.Person{}.Spans(nil, at)
	var list []stretch
	for _, p := range people {
		for _, s := range spans {
			list = append(list, stretch{p.ID, p.Status, p.IdentityID != 0, s})
		}
	}
	return insertStretches(q, list)
}

// employ keeps how people stand in step with their employment status and their
// identity; cond is about person_id.
func employ(q querier, cond string, args ...any) error {
	_, err := q.exec(number(`UPDATE person_compliance SET employment = (SELECT p.status FROM personnel p WHERE p.id = person_id),
		synced = (SELECT CASE WHEN p.identity_id IS NULL THEN 0 ELSE 1 END FROM personnel p WHERE p.id = person_id) WHERE `+cond), args...)
	return err
}

// putNewest keeps what people are ordered by of the device that was reported last.
func putNewest(q querier, personID int64, devices []asset.Device) error {
	var system, serial string
	var apps int64
	if len(devices) > 0 {
		newest := slices.MaxFunc(devices, func(a, b asset.Device) int {
			return cmp.Or(a.LastCheckedAt.Compare(b.LastCheckedAt), cmp.Compare(a.ID, b.ID))
		})
		system, apps = access.Folded(string(newest.Platform)+" "+newest.PlatformVersion), int64(newest.AppsCount)
		if newest.SerialNumber != nil {
			serial = access.Folded(*newest.SerialNumber)
		}
	}
	_, err := q.exec(`UPDATE personnel SET device_system = $2, device_serial = $3, device_apps = $4
		WHERE id = $1 AND (device_system <> $2 OR device_serial <> $3 OR device_apps <> $4)`, personID, system, serial, apps)
	return err
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
