package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

const frameworkColumns = `SELECT f.id, f.workspace_id, f.slug, f.tag, f.name, f.short_name, f.pill, f.description, f.color, f.bg_color,
	f.source, f.licence, f.shipped, f.enabled, f.edited, f.created_at, f.updated_at FROM framework f`

func scanFramework(r row, f *control.Framework) error {
	var tag string
	err := r.scan(&f.ID, &f.WorkspaceID, &f.Slug, &tag, &f.Name, &f.ShortName, &f.Pill, &f.Description, &f.Color, &f.BgColor,
		&f.Source, &f.Licence, &f.Shipped, &f.Enabled, &f.Edited, &f.CreatedAt, &f.UpdatedAt)
	f.Tag = control.Tag(tag)
	return err
}

func selectFrameworks(q querier, where string, args ...any) ([]control.Framework, error) {
	var out []control.Framework
	err := q.query(frameworkColumns+" WHERE "+where+" ORDER BY f.id", func(r row) error {
		var f control.Framework
		err := scanFramework(r, &f)
		out = append(out, f)
		return err
	}, args...)
	return out, err
}

// Frameworks implements control.Store.
func (s *Store) Frameworks(ctx context.Context, workspaceIDs ...int64) ([]control.Framework, error) {
	var out []control.Framework
	err := s.db.read(ctx, func(q querier) error {
		if err := workspacesExist(q, workspaceIDs); err != nil {
			return err
		}
		cond, args := in("f.workspace_id", workspaceIDs)
		var err error
		out, err = selectFrameworks(q, number(cond), args...)
		return err
	})
	return out, err
}

// workspacesExist refuses workspaces of which one is absent.
func workspacesExist(q querier, ids []int64) error {
	cond, args := in("id", ids)
	found, err := idList(q, number("SELECT id FROM workspace WHERE "+cond), args...)
	if err == nil && len(found) < len(ids) {
		err = absent("workspace", ids[0])
	}
	return err
}

func workspaceExists(q querier, id int64) error {
	var same int64
	return absentIf(one(q, "SELECT id FROM workspace WHERE id = $1", []any{id}, &same), "workspace", id)
}

// lockWorkspace keeps frameworks and controls of a workspace from being changed
// by others, and channels and rules from being added.
func lockWorkspace(q querier, id int64) error {
	var found int64
	return absentIf(one(q, "SELECT id FROM workspace WHERE id = $1"+q.dialect().forUpdate, []any{id}, &found), "workspace", id)
}

// Framework implements control.Store.
func (s *Store) Framework(ctx context.Context, workspaceID, id int64) (control.Framework, error) {
	var f control.Framework
	err := s.db.read(ctx, func(q querier) error {
		var err error
		f, err = readFramework(q, workspaceID, id)
		return err
	})
	return f, err
}

func readFramework(q querier, workspaceID, id int64) (control.Framework, error) {
	found, err := selectFrameworks(q, "f.id = $1 AND f.workspace_id = $2", id, workspaceID)
	if err == nil && len(found) == 0 {
		err = absent("framework", id)
	}
	if err != nil {
		return control.Framework{}, err
	}
	return found[0], nil
}

// lockFramework reads a framework. What changes frameworks, requirements,
// controls and their mapping locks the workspace, so that no row of a mapping is
// made for what is being deleted.
func lockFramework(q querier, workspaceID, id int64) (control.Framework, error) {
	if err := lockWorkspace(q, workspaceID); err != nil {
		return control.Framework{}, err
	}
	return readFramework(q, workspaceID, id)
}

// CreateFramework implements control.Store.
func (s *Store) CreateFramework(ctx context.Context, f control.Framework, items []control.Item, e func(control.Framework) event.Event) (control.Framework, error) {
	out := f
	err := s.db.write(ctx, func(q querier) error {
		out = f
		if err := lockWorkspace(q, f.WorkspaceID); err != nil {
			return err
		}
		for n := 2; ; n++ {
			var taken int64
			if err := one(q, "SELECT count(*) FROM framework WHERE workspace_id = $1 AND slug = $2", []any{f.WorkspaceID, out.Slug}, &taken); err != nil {
				return err
			}
			if taken == 0 {
				break
			}
			out.Slug = fmt.Sprintf("%s-%d", f.Slug, n)
		}
		if err := insertFramework(q, &out); err != nil {
			return err
		}
		if _, err := insertItems(q, out, items); err != nil {
			return err
		}
		return s.append(q, e(out))
	})
	return out, err
}

func duplicateFramework(name string) error {
	return fault.New(fault.CodeDuplicateName, "a framework named %q exists in this workspace: choose another name", name)
}

func insertFramework(q querier, f *control.Framework) error {
	var held, same int64
	if err := one(q, "SELECT count(*), coalesce(sum(CASE WHEN name = $2 THEN 1 ELSE 0 END), 0) FROM framework WHERE workspace_id = $1",
		[]any{f.WorkspaceID, f.Name}, &held, &same); err != nil {
		return err
	}
	switch {
	case same > 0:
		return duplicateFramework(f.Name)
	case held >= control.MaxFrameworks:
		return fault.New(fault.CodeConflict, "a workspace has at most %d frameworks", control.MaxFrameworks)
	}
	return one(q, `INSERT INTO framework (workspace_id, slug, tag, name, short_name, pill, description, color, bg_color, source, licence, shipped,
		enabled, edited, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $14) RETURNING id`,
		[]any{f.WorkspaceID, f.Slug, string(f.Tag), f.Name, f.ShortName, f.Pill, f.Description, f.Color, f.BgColor, nullText(f.Source), nullText(f.Licence),
			nullText(f.Shipped), f.Enabled, f.CreatedAt}, &f.ID)
}

func updateFramework(q querier, f control.Framework) error {
	_, err := q.exec(`UPDATE framework SET name = $2, short_name = $3, pill = $4, description = $5, color = $6, bg_color = $7, source = $8, licence = $9,
		shipped = $10, enabled = $11, edited = $12, updated_at = $13 WHERE id = $1`, f.ID, f.Name, f.ShortName, f.Pill, f.Description, f.Color, f.BgColor,
		nullText(f.Source), nullText(f.Licence), nullText(f.Shipped), f.Enabled, f.Edited, f.UpdatedAt)
	if errors.Is(err, errDuplicate) {
		return duplicateFramework(f.Name)
	}
	return err
}

// UpdateFramework implements control.Store.
func (s *Store) UpdateFramework(ctx context.Context, workspaceID, id int64, change func(*control.Framework) (event.Event, error)) (control.Framework, error) {
	var f control.Framework
	err := s.db.write(ctx, func(q querier) error {
		var err error
		if f, err = lockFramework(q, workspaceID, id); err != nil {
			return err
		}
		e, err := change(&f)
		if err != nil {
			return err
		}
		if err := updateFramework(q, f); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return f, err
}

// DeleteFramework implements control.Store.
func (s *Store) DeleteFramework(ctx context.Context, workspaceID, id int64, e func(control.Framework) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		f, err := lockFramework(q, workspaceID, id)
		if err != nil {
			return err
		}
		for _, sql := range []string{
			"DELETE FROM control_requirement WHERE requirement_id IN (SELECT id FROM requirement WHERE framework_id = $1)",
			"DELETE FROM shipped_mapping WHERE requirement_id IN (SELECT id FROM requirement WHERE framework_id = $1)",
			"DELETE FROM requirement WHERE framework_id = $1",
			"DELETE FROM framework WHERE id = $1",
		} {
			if _, err := q.exec(sql, id); err != nil {
				return err
			}
		}
		return s.append(q, e(f))
	})
}

// Install implements control.Store.
func (s *Store) Install(ctx context.Context, workspaceID int64, b control.Bundle, at time.Time, e func(control.Delta) event.Event) (control.Delta, error) {
	var d control.Delta
	err := s.db.write(ctx, func(q querier) error {
		d = control.Delta{}
		if err := lockWorkspace(q, workspaceID); err != nil {
			return err
		}
		fresh, changed, err := installFramework(q, workspaceID, b.Framework, at, &d)
		if err != nil {
			return err
		}
		requirements, err := installRequirements(q, b.Requirements, at, &d)
		if err != nil {
			return err
		}
		if err := installControls(q, workspaceID, b.Controls, requirements, at, &d); err != nil {
			return err
		}
		if d.Nothing() && !fresh && !changed {
			return nil
		}
		return s.append(q, e(d))
	})
	return d, err
}

// BringControls implements control.Store.
func (s *Store) BringControls(ctx context.Context, workspaceID int64, list []control.BundledControl, at time.Time, e func(created int) event.Event) error {
	return s.db.write(ctx, func(q querier) error {
		if err := lockWorkspace(q, workspaceID); err != nil {
			return err
		}
		var d control.Delta
		if err := installControls(q, workspaceID, list, nil, at, &d); err != nil || d.ControlsCreated == 0 {
			return err
		}
		return s.append(q, e(d.ControlsCreated))
	})
}

// installFramework makes or updates the row of a shipped framework.
func installFramework(q querier, workspaceID int64, f control.Framework, at time.Time, d *control.Delta) (fresh, changed bool, err error) {
	found, err := selectFrameworks(q, "f.workspace_id = $1 AND f.slug = $2", workspaceID, f.Slug)
	if err != nil {
		return false, false, err
	}
	if len(found) == 0 {
		f.WorkspaceID, f.CreatedAt, f.UpdatedAt = workspaceID, at, at
		err := insertFramework(q, &f)
		d.Framework = f
		return true, false, err
	}
	d.Framework = found[0]
	if d.Framework.Shipped == "" {
		return false, false, fault.New(fault.CodeConflict, "framework %d “%s” of your own has the slug %q already: rename or delete it first", d.Framework.ID, d.Framework.Name, f.Slug)
	}
	if d.Framework.Shipped == f.Shipped {
		return false, false, nil
	}
	now := &d.Framework
	now.Shipped, now.Source, now.Licence, now.UpdatedAt = f.Shipped, f.Source, f.Licence, at
	if !now.Edited {
		now.Name, now.ShortName, now.Pill, now.Description, now.Color, now.BgColor = f.Name, f.ShortName, f.Pill, f.Description, f.Color, f.BgColor
	}
	return false, true, updateFramework(q, *now)
}

// installRequirements makes and updates the requirements of d's framework; ids
// are by code.
func installRequirements(q querier, list []control.Requirement, at time.Time, d *control.Delta) (ids map[string]int64, err error) {
	there := map[string]control.Requirement{}
	rows, err := selectRequirements(q, "r.framework_id = $1", d.Framework.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		there[r.Code] = r
	}
	ids = make(map[string]int64, len(list))
	for _, r := range list {
		is, ok := there[r.Code]
		switch {
		case !ok:
			r.FrameworkID, r.CreatedAt, r.UpdatedAt = d.Framework.ID, at, at
			if err := insertRequirement(q, &r); err != nil {
				return nil, err
			}
			ids[r.Code] = r.ID
			d.RequirementsCreated++
			continue
		case !is.Edited && (is.Name != r.Name || is.Description != r.Description || is.Category != r.Category):
			is.Name, is.Description, is.Category, is.UpdatedAt = r.Name, r.Description, r.Category, at
			if err := updateRequirement(q, is); err != nil {
				return nil, err
			}
			d.RequirementsUpdated++
		}
		ids[r.Code] = is.ID
	}
	return ids, nil
}

func installControls(q querier, workspaceID int64, list []control.BundledControl, requirements map[string]int64, at time.Time, d *control.Delta) error {
	there, codes := map[int64]control.Control{}, map[string]control.Control{}
	rows, err := selectControls(q, "c.workspace_id = $1 AND (c.template_id IS NOT NULL OR c.code LIKE 'PLB-%')", workspaceID)
	if err != nil {
		return err
	}
	for _, c := range rows {
		codes[c.Code] = c
		if c.TemplateID != 0 {
			there[c.TemplateID] = c
		}
	}
	for _, each := range list {
		c, ok := there[each.Control.TemplateID]
		if !ok {
			if other, taken := codes[each.Control.Code]; taken {
				return fault.New(fault.CodeConflict, "the code %s is that of control “%s” of your own: give that another code first", other.Code, other.Name)
			}
			c = each.Control
			c.WorkspaceID, c.CreatedAt, c.UpdatedAt = workspaceID, at, at
			if err := insertControl(q, &c); err != nil {
				return err
			}
			d.ControlsCreated++
		} else if n := each.Control; !c.Edited && (c.Name != n.Name || c.Description != n.Description || c.Question != n.Question || c.Activity != n.Activity) {
			c.Name, c.Description, c.Question, c.Activity, c.UpdatedAt = n.Name, n.Description, n.Question, n.Activity, at
			if err := updateControl(q, c); err != nil {
				return err
			}
			d.ControlsUpdated++
		}
		for _, code := range each.Requirements {
			n, err := q.exec("INSERT INTO shipped_mapping (control_id, requirement_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", c.ID, requirements[code])
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			if n, err = q.exec("INSERT INTO control_requirement (control_id, requirement_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", c.ID, requirements[code]); err != nil {
				return err
			}
			d.MappingsCreated += int(n)
		}
	}
	return nil
}
