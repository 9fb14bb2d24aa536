package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const controlColumns = `SELECT c.id, c.workspace_id, c.code, c.slug, c.name, c.description, c.question, c.activity, c.rationale, c.template_id,
	c.edited, c.archived_at, c.created_at, c.updated_at FROM control c`

func controlDestinations(c *control.Control) []any {
	return []any{&c.ID, &c.WorkspaceID, &c.Code, &c.Slug, &c.Name, &c.Description, &c.Question, &c.Activity, &c.Rationale, &c.TemplateID,
		&c.Edited, &c.ArchivedAt, &c.CreatedAt, &c.UpdatedAt}
}

func scanControl(r row, c *control.Control) error { return r.scan(controlDestinations(c)...) }

// selectControls reads controls in order of their codes.
func selectControls(q querier, where string, args ...any) ([]control.Control, error) {
	var out []control.Control
	err := q.query(controlColumns+" WHERE "+where+" ORDER BY c.code, c.id", func(r row) error {
		var c control.Control
		err := scanControl(r, &c)
		out = append(out, c)
		return err
	}, args...)
	return out, err
}

// tested are the controls that a test is mapped to, monitored those that a
// published, enabled test proves, enabled those that serve a requirement of an
// enabled framework.
const (
	testedControl    = `EXISTS (SELECT 1 FROM control_test m JOIN test t ON t.id = m.test_id WHERE m.control_id = c.id AND t.deleted_at IS NULL)`
	monitoredControl = `EXISTS (SELECT 1 FROM control_test m JOIN test t ON t.id = m.test_id
		WHERE m.control_id = c.id AND t.deleted_at IS NULL AND t.enabled = 1 AND t.published IS NOT NULL)`
	enabledControl = `EXISTS (SELECT 1 FROM control_requirement m JOIN requirement r ON r.id = m.requirement_id JOIN framework f ON f.id = r.framework_id
		WHERE m.control_id = c.id AND f.enabled = 1)`
)

// Controls implements control.Store.
func (s *Store) Controls(ctx context.Context, workspaceID int64, f control.ControlFilter, r page.Request) (page.Page[control.Control], error) {
	l := list[control.Control]{sql: controlColumns, id: "c.id", scan: scanControl,
		columns:  map[page.Sort]string{page.CreatedAt: "c.created_at", page.UpdatedAt: "c.updated_at"},
		texts:    map[page.Sort]string{page.Code: "c.code", page.Name: "c.name"},
		position: func(c control.Control) page.Position { return c.Position(r.Order()) }}
	l.and("c.workspace_id = ?", workspaceID)
	l.search(f.Search, "c.code", "c.name", "c.description")
	if f.RequirementID != 0 {
		l.and("c.id IN (SELECT control_id FROM control_requirement WHERE requirement_id = ?)", f.RequirementID)
	}
	if f.FrameworkID != 0 {
		l.and("c.id IN (SELECT m.control_id FROM control_requirement m JOIN requirement r ON r.id = m.requirement_id WHERE r.framework_id = ?)", f.FrameworkID)
	}
	for _, c := range []struct {
		cond   string
		wanted *bool
	}{{testedControl, f.Tested}, {monitoredControl, f.Monitored}, {enabledControl, f.Enabled}, {"(c.archived_at IS NOT NULL)", f.Archived}} {
		switch {
		case c.wanted == nil:
		case *c.wanted:
			l.where = append(l.where, c.cond)
		default:
			l.where = append(l.where, "NOT "+c.cond)
		}
	}
	if f.Owners != nil {
		cond, args := in("user_id", f.Owners)
		if len(f.Owners) == 0 {
			cond = "1 = 0"
		}
		l.where, l.args = append(l.where, "c.id IN (SELECT control_id FROM control_owner WHERE "+cond+")"), append(l.args, args...)
	}
	if f.Owned != nil {
		not := ""
		if !*f.Owned {
			not = "NOT "
		}
		l.where = append(l.where, not+"EXISTS (SELECT 1 FROM control_owner o WHERE o.control_id = c.id)")
	}
	if f.Nothing {
		l.where = append(l.where, "1 = 0")
	}
	l.fill = fillOwners
	return l.runIn(ctx, s, workspaceID, r)
}

// Control implements control.Store.
func (s *Store) Control(ctx context.Context, ref control.Ref) (control.Control, error) {
	var c control.Control
	err := s.db.read(ctx, func(q querier) error {
		var err error
		c, err = readControl(q, ref)
		return err
	})
	return c, err
}

func readControl(q querier, ref control.Ref) (control.Control, error) {
	var found []control.Control
	var err error
	var name any = ref.ID
	if ref.Code != "" {
		name = ref.Code
		found, err = selectControls(q, "c.workspace_id = $1 AND c.code = $2", ref.WorkspaceID, ref.Code)
	} else {
		found, err = selectControls(q, "c.workspace_id = $1 AND c.id = $2", ref.WorkspaceID, ref.ID)
	}
	if err == nil && len(found) == 0 {
		err = absent("control", name)
	}
	if err == nil {
		err = fillOwners(q, found)
	}
	if err != nil {
		return control.Control{}, err
	}
	return found[0], nil
}

// fillOwners reads the owners of controls.
func fillOwners(q querier, list []control.Control) error {
	at := make(map[int64]*control.Control, len(list))
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = list[i].ID
		at[ids[i]] = &list[i]
	}
	for part := range slices.Chunk(ids, perList) {
		cond, args := in("control_id", part)
		if err := q.query(number("SELECT control_id, user_id FROM control_owner WHERE "+cond+" ORDER BY created_at, user_id"), func(r row) error {
			var id, user int64
			err := r.scan(&id, &user)
			at[id].Owners = append(at[id].Owners, user)
			return err
		}, args...); err != nil {
			return err
		}
	}
	return nil
}

// putOwners makes the owners of a control those of a list; those who stay keep
// their place.
func putOwners(q querier, c *control.Control, owners []int64) error {
	known := map[int64]bool{}
	for part := range slices.Chunk(owners, perList) {
		cond, args := in("id", part)
		found, err := idList(q, number("SELECT id FROM app_user WHERE deleted_at IS NULL AND "+cond), args...)
		if err != nil {
			return err
		}
		for _, id := range found {
			known[id] = true
		}
	}
	for i, id := range owners {
		if !known[id] {
			return fault.New(fault.CodeValidation, "the owner at place %d is user %d, who does not exist", i, id)
		}
	}
	for _, id := range c.Owners {
		if slices.Contains(owners, id) {
			continue
		}
		if _, err := q.exec("DELETE FROM control_owner WHERE control_id = $1 AND user_id = $2", c.ID, id); err != nil {
			return err
		}
	}
	if err := insertRows(q, owners, "INSERT INTO control_owner (control_id, user_id, created_at) VALUES ", "(?, ?, ?)", " ON CONFLICT DO NOTHING",
		func(each *int64) []any { return []any{c.ID, *each, c.UpdatedAt} }); err != nil {
		return err
	}
	list := []control.Control{{ID: c.ID}}
	err := fillOwners(q, list)
	c.Owners = list[0].Owners
	return err
}

// ControlsByCode implements control.Store.
func (s *Store) ControlsByCode(ctx context.Context, workspaceID int64, codes []string) (map[string]control.Control, error) {
	out := map[string]control.Control{}
	err := s.db.read(ctx, func(q querier) error {
		clear(out)
		if err := workspacesExist(q, []int64{workspaceID}); err != nil {
			return err
		}
		for part := range slices.Chunk(codes, perList) {
			cond, args := inTexts("c.code", part)
			found, err := selectControls(q, number("c.workspace_id = ? AND "+cond), append([]any{workspaceID}, args...)...)
			if err != nil {
				return err
			}
			for _, c := range found {
				out[c.Code] = c
			}
		}
		return nil
	})
	return out, err
}

func insertControl(q querier, c *control.Control) error {
	var held, same int64
	if err := one(q, "SELECT count(*), coalesce(sum(CASE WHEN code = $2 THEN 1 ELSE 0 END), 0) FROM control WHERE workspace_id = $1",
		[]any{c.WorkspaceID, c.Code}, &held, &same); err != nil {
		return err
	}
	switch {
	case same > 0:
		return duplicateControl(c.Code)
	case held >= control.MaxControls:
		return fault.New(fault.CodeConflict, "a workspace has at most %d controls", control.MaxControls)
	}
	return one(q, `INSERT INTO control (workspace_id, code, slug, name, description, question, activity, template_id, edited, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9) RETURNING id`, []any{c.WorkspaceID, c.Code, nullText(c.Slug), c.Name, c.Description,
		nullText(c.Question), nullText(c.Activity), nullID(c.TemplateID), c.CreatedAt}, &c.ID)
}

func duplicateControl(code string) error {
	return fault.New(fault.CodeDuplicateName, "a control with the code %q (/code) exists in this workspace: choose another code", code)
}

func updateControl(q querier, c control.Control) error {
	_, err := q.exec(`UPDATE control SET code = $2, name = $3, description = $4, question = $5, activity = $6, rationale = $7, edited = $8, archived_at = $9,
		updated_at = $10 WHERE id = $1`, c.ID, c.Code, c.Name, c.Description, nullText(c.Question), nullText(c.Activity), nullText(c.Rationale), c.Edited,
		c.ArchivedAt, c.UpdatedAt)
	if errors.Is(err, errDuplicate) {
		return duplicateControl(c.Code)
	}
	return err
}

// CreateControl implements control.Store.
func (s *Store) CreateControl(ctx context.Context, c control.Control, links control.Links, e func(control.Control) event.Event) (control.Control, error) {
	out := c
	err := s.db.write(ctx, func(q querier) error {
		out = c
		if err := lockWorkspace(q, c.WorkspaceID); err != nil {
			return err
		}
		if err := insertControl(q, &out); err != nil {
			return err
		}
		if err := putLinks(q, &out, links); err != nil {
			return err
		}
		return s.append(q, e(out))
	})
	return out, err
}

// UpdateControl implements control.Store.
func (s *Store) UpdateControl(ctx context.Context, ref control.Ref, change func(*control.Control) (control.Links, event.Event, error)) (control.Control, error) {
	var c control.Control
	err := s.db.write(ctx, func(q querier) error {
		if err := lockWorkspace(q, ref.WorkspaceID); err != nil {
			return err
		}
		var err error
		if c, err = readControl(q, ref); err != nil {
			return err
		}
		links, e, err := change(&c)
		if err != nil {
			return err
		}
		if err := updateControl(q, c); err != nil {
			return err
		}
		if err := putLinks(q, &c, links); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return c, err
}

// putLinks replaces what a control is mapped to.
func putLinks(q querier, c *control.Control, links control.Links) error {
	if links.Owners != nil {
		if err := putOwners(q, c, *links.Owners); err != nil {
			return err
		}
	}
	if links.Requirements != nil {
		if err := knownIDs(q, "requirement", "/requirementIds", *links.Requirements, c.WorkspaceID); err != nil {
			return err
		}
		if err := replaceRows(q, "control_requirement", "control_id", "requirement_id", c.ID, *links.Requirements); err != nil {
			return err
		}
	}
	if links.Tests == nil {
		return nil
	}
	ids, err := testIDs(q, c.WorkspaceID, *links.Tests)
	if err != nil {
		return err
	}
	return replaceRows(q, "control_test", "control_id", "test_id", c.ID, ids)
}

// replaceRows makes the rows of a mapping for one side those of a list.
func replaceRows(q querier, table, side, other string, id int64, list []int64) error {
	if _, err := q.exec("DELETE FROM "+table+" WHERE "+side+" = $1", id); err != nil {
		return err
	}
	return insertRows(q, list, "INSERT INTO "+table+" ("+side+", "+other+") VALUES ", "(?, ?)", " ON CONFLICT DO NOTHING", func(each *int64) []any { return []any{id, *each} })
}

// perList is how many ids one statement carries.
const perList = 500

var ofWorkspace = map[string]string{
	"control":     "SELECT c.id FROM control c WHERE c.workspace_id = ? AND ",
	"requirement": "SELECT c.id FROM requirement c JOIN framework f ON f.id = c.framework_id WHERE f.workspace_id = ? AND ",
}

// knownIDs refuses a list in which an id is not of the workspace, with its
// place.
func knownIDs(q querier, what, pointer string, ids []int64, workspaceID int64) error {
	known := make(map[int64]bool, len(ids))
	for part := range slices.Chunk(ids, perList) {
		cond, args := in("c.id", part)
		found, err := idList(q, number(ofWorkspace[what]+cond), append([]any{workspaceID}, args...)...)
		if err != nil {
			return err
		}
		for _, id := range found {
			known[id] = true
		}
	}
	for i, id := range ids {
		if !known[id] {
			return unknownID(fmt.Sprintf("%s/%d", pointer, i), what, id)
		}
	}
	return nil
}

func unknownID(pointer, what string, id int64) error {
	return fault.New(fault.CodeValidation, "%s names %s %d, which does not exist in this workspace", pointer, what, id)
}

// testIDs are the ids of tests of a workspace by their numbers.
func testIDs(q querier, workspaceID int64, numbers []int64) ([]int64, error) {
	known := make(map[int64]int64, len(numbers))
	for part := range slices.Chunk(numbers, perList) {
		cond, args := in("number", part)
		if err := q.query(number("SELECT number, id FROM test WHERE workspace_id = ? AND deleted_at IS NULL AND "+cond), func(r row) error {
			var n, id int64
			err := r.scan(&n, &id)
			known[n] = id
			return err
		}, append([]any{workspaceID}, args...)...); err != nil {
			return nil, err
		}
	}
	out := make([]int64, len(numbers))
	for i, n := range numbers {
		if known[n] == 0 {
			return nil, unknownID(fmt.Sprintf("/testIds/%d", i), "test", n)
		}
		out[i] = known[n]
	}
	return out, nil
}

// putTestControls makes the controls of a test those of a list; nil leaves them.
func putTestControls(q querier, workspaceID, testID int64, controls *[]int64) error {
	if controls == nil {
		return nil
	}
	if err := knownIDs(q, "control", "/controlIds", *controls, workspaceID); err != nil {
		return err
	}
	return replaceRows(q, "control_test", "test_id", "control_id", testID, *controls)
}

// ResetMapping implements control.Store.
func (s *Store) ResetMapping(ctx context.Context, controlID int64, e func(control.Control) (event.Event, error)) error {
	return s.db.write(ctx, func(q querier) error {
		var workspaceID int64
		if err := absentIf(one(q, "SELECT workspace_id FROM control WHERE id = $1", []any{controlID}, &workspaceID), "control", controlID); err != nil {
			return err
		}
		if err := lockWorkspace(q, workspaceID); err != nil {
			return err
		}
		c, err := readControl(q, control.Ref{WorkspaceID: workspaceID, ID: controlID})
		if err != nil {
			return err
		}
		ev, err := e(c)
		if err != nil {
			return err
		}
		if _, err := q.exec("DELETE FROM control_requirement WHERE control_id = $1", controlID); err != nil {
			return err
		}
		if _, err := q.exec("INSERT INTO control_requirement (control_id, requirement_id) SELECT control_id, requirement_id FROM shipped_mapping WHERE control_id = $1", controlID); err != nil {
			return err
		}
		return s.append(q, ev)
	})
}
