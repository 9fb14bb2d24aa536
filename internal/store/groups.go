package store

import (
	"time"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/rule"
)

func createGroup(q querier, testID, version int64, g check.Group) error {
	h, err := lockResource(q, g.Resource.ID)
	if err != nil {
		return err
	}
	if err := ensureEvaluation(q, g.Resource.ID, h.changeSeq); err != nil {
		return err
	}
	slot, err := freeSlot(q, g.Resource.ID)
	if err != nil {
		return err
	}
	first, _ := recordRange(g.Resource.ID)
	single := rule.Test{Logic: rule.AllGroups, Groups: []rule.Group{g.Rule}}
	var id int64
	if err := one(q, `INSERT INTO test_group (test_id, version, position, name, resource_id, slot, state, cursor_id, out_of_scope, passing, failing, errors,
		declared, problem, rule) VALUES ($1, $2, $3, $4, $5, $6, 'building', $7, 0, 0, 0, 0, $8, '', $9) RETURNING id`,
		[]any{testID, version, g.Position, g.Name, g.Resource.ID, slot, first, toJSON(g.Declared), text(single.JSON())}, &id); err != nil {
		return err
	}
	return createAsks(q, id, g.Asks)
}

// freeSlot is the smallest slot of a resource that no group has.
func freeSlot(q querier, resourceID int64) (int64, error) {
	var slot int64
	err := q.query("SELECT slot FROM test_group WHERE resource_id = $1 AND state <> 'retired' ORDER BY slot", func(r row) error {
		var taken int64
		if err := r.scan(&taken); err != nil {
			return err
		}
		if taken == slot {
			slot++
		}
		return nil
	}, resourceID)
	return slot, err
}

// fenceTest keeps out the steps that have read the groups of a test and not
// applied yet: they would write states of groups that are over. It comes before
// the change of the groups, so that what a step applied before is seen.
func fenceTest(q querier, testID int64) error {
	_, err := q.exec(`UPDATE evaluation SET epoch = epoch + 1 WHERE resource_id IN
		(SELECT resource_id FROM test_group WHERE test_id = $1 AND state <> 'retired')`, testID)
	return err
}

// dropGroups ends the groups of a test that are not in force: what they found so
// far never counted.
func dropGroups(q querier, testID int64) error {
	if _, err := q.exec("UPDATE test_group SET state = 'retired', unswept = 1 WHERE test_id = $1 AND state IN ('building', 'built')", testID); err != nil {
		return err
	}
	return retireLookups(q, testID)
}

// endGroups ends the groups of a test that are in force. Their findings are seen
// no more; [Store.SweepGroups] closes them.
func endGroups(q querier, testID int64, why check.CloseReason, at time.Time) error {
	_, err := q.exec("UPDATE test_group SET state = 'retired', unswept = 1, ended_at = $2, ended_why = $3 WHERE test_id = $1 AND state = 'live'",
		testID, at, string(why))
	return err
}
