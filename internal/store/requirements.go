package store

import (
	"context"
	"errors"

	"github.com/plumbline-dev/plumbline/internal/control"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const requirementColumns = `SELECT r.id, r.framework_id, r.code, r.name, r.description, r.category, r.additional_info, r.in_scope, r.rationale,
	r.edited, r.created_at, r.updated_at FROM requirement r`

func scanRequirement(r row, v *control.Requirement) error {
	return r.scan(&v.ID, &v.FrameworkID, &v.Code, &v.Name, &v.Description, &v.Category, &v.AdditionalInfo, &v.InScope, &v.Rationale,
		&v.Edited, &v.CreatedAt, &v.UpdatedAt)
}

// selectRequirements reads requirements in the order of their creation.
func selectRequirements(q querier, where string, args ...any) ([]control.Requirement, error) {
	var out []control.Requirement
	err := q.query(requirementColumns+" WHERE "+where+" ORDER BY r.id", func(r row) error {
		var v control.Requirement
		err := scanRequirement(r, &v)
		out = append(out, v)
		return err
	}, args...)
	return out, err
}

// Requirements implements control.Store.
func (s *Store) Requirements(ctx context.Context, f control.RequirementFilter, r page.Request) (page.Page[control.Requirement], error) {
	l := list[control.Requirement]{sql: requirementColumns + " JOIN framework f ON f.id = r.framework_id", id: "r.id", scan: scanRequirement,
		columns:  map[page.Sort]string{page.CreatedAt: "r.created_at", page.UpdatedAt: "r.updated_at"},
		texts:    map[page.Sort]string{page.Code: "r.code"},
		position: func(v control.Requirement) page.Position { return v.Position(r.Order()) }}
	l.search(f.Search, "r.code", "r.name", "coalesce(r.category, '')", "coalesce(r.description, '')")
	if f.InScope != nil {
		l.and("r.in_scope = ?", *f.InScope)
	}
	if f.FrameworkID != 0 {
		l.and("r.framework_id = ?", f.FrameworkID)
	}
	if f.WorkspaceID != 0 {
		l.and("f.workspace_id = ?", f.WorkspaceID)
	}
	if f.ControlID != 0 {
		l.and("r.id IN (SELECT requirement_id FROM control_requirement WHERE control_id = ?)", f.ControlID)
	}
	if f.Slug != "" {
		l.and("f.slug = ?", f.Slug)
	}
	if len(f.Tags) > 0 {
		cond, args := inTexts("f.tag", f.Tags)
		l.where, l.args = append(l.where, cond), append(l.args, args...)
	}
	if len(f.Exclude) > 0 {
		cond, args := in("r.id", f.Exclude)
		l.where, l.args = append(l.where, "NOT "+cond), append(l.args, args...)
	}
	var p page.Page[control.Requirement]
	err := s.db.read(ctx, func(q querier) error {
		if f.WorkspaceID != 0 {
			if err := workspacesExist(q, []int64{f.WorkspaceID}); err != nil {
				return err
			}
		}
		if f.FrameworkID != 0 {
			var n int64
			if err := absentIf(one(q, "SELECT id FROM framework WHERE id = $1 AND ($2 = 0 OR workspace_id = $2)", []any{f.FrameworkID, f.WorkspaceID}, &n), "framework", f.FrameworkID); err != nil {
				return err
			}
		}
		var err error
		p, err = l.page(s, q, r)
		return err
	})
	return p, err
}

// inTexts is in for texts.
func inTexts(column string, texts []string) (string, []any) {
	cond, args := in(column, make([]int64, len(texts)))
	for i, t := range texts {
		args[i] = t
	}
	return cond, args
}

// Requirement implements control.Store.
func (s *Store) Requirement(ctx context.Context, workspaceID, frameworkID, id int64) (control.Requirement, error) {
	var r control.Requirement
	err := s.db.read(ctx, func(q querier) error {
		var err error
		r, err = readRequirement(q, workspaceID, frameworkID, id)
		return err
	})
	return r, err
}

// readRequirement reads one with its framework.
func readRequirement(q querier, workspaceID, frameworkID, id int64) (control.Requirement, error) {
	found, err := selectRequirements(q, "r.id = $1 AND ($2 = 0 OR r.framework_id = $2)", id, frameworkID)
	if err == nil && len(found) == 0 {
		err = absent("requirement", id)
	}
	if err != nil {
		return control.Requirement{}, err
	}
	r := found[0]
	frameworks, err := selectFrameworks(q, "f.id = $1 AND ($2 = 0 OR f.workspace_id = $2)", r.FrameworkID, workspaceID)
	if err == nil && len(frameworks) == 0 {
		err = absent("requirement", id)
	}
	if err != nil {
		return control.Requirement{}, err
	}
	r.Framework = frameworks[0]
	return r, nil
}

func insertRequirement(q querier, r *control.Requirement) error {
	return one(q, `INSERT INTO requirement (framework_id, code, name, description, category, additional_info, in_scope, rationale, edited, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9) RETURNING id`, []any{r.FrameworkID, r.Code, r.Name, nullText(r.Description), nullText(r.Category),
		nullText(r.AdditionalInfo), r.InScope, nullText(r.Rationale), r.CreatedAt}, &r.ID)
}

func updateRequirement(q querier, r control.Requirement) error {
	_, err := q.exec(`UPDATE requirement SET code = $2, name = $3, description = $4, category = $5, additional_info = $6, in_scope = $7, rationale = $8,
		edited = $9, updated_at = $10 WHERE id = $1`, r.ID, r.Code, r.Name, nullText(r.Description), nullText(r.Category), nullText(r.AdditionalInfo),
		r.InScope, nullText(r.Rationale), r.Edited, r.UpdatedAt)
	if errors.Is(err, errDuplicate) {
		return fault.New(fault.CodeDuplicateName, "the framework has a requirement with the code %q (/code) already", r.Code)
	}
	return err
}

// insertItems adds requirements with their mapping to a framework that is
// locked.
func insertItems(q querier, f control.Framework, items []control.Item) ([]control.Requirement, error) {
	if len(items) == 0 {
		return nil, nil
	}
	there, err := selectRequirements(q, "r.framework_id = $1", f.ID)
	if err != nil {
		return nil, err
	}
	if n := len(there) + len(items); n > control.MaxRequirements {
		return nil, fault.New(fault.CodeUnprocessable, "the framework would have %d requirements; at most %d are kept", n, control.MaxRequirements)
	}
	taken := make(map[string]bool, len(there))
	for _, r := range there {
		taken[r.Code] = true
	}
	known, byCode, err := mappable(q, f.WorkspaceID, items)
	if err != nil {
		return nil, err
	}
	out := make([]control.Requirement, len(items))
	var links []control.Link
	for i, item := range items {
		r := item.Requirement
		r.FrameworkID, r.Framework = f.ID, f
		if taken[r.Code] {
			return nil, fault.New(fault.CodeUnprocessable, "the framework has a requirement with the code %q (%s/code) already", r.Code, item.At)
		}
		if err := insertRequirement(q, &r); err != nil {
			return nil, err
		}
		mapped := map[int64]bool{}
		for j, id := range item.Controls {
			if !known[id] {
				return nil, fault.New(fault.CodeUnprocessable, "`controlIds` (%s/controlIds/%d) names control %d, which does not exist in this workspace", item.At, j, id)
			}
			mapped[id] = true
		}
		for _, code := range item.ControlCodes {
			id, ok := byCode[code]
			if !ok {
				return nil, fault.New(fault.CodeUnprocessable, "%s names control %s, which does not exist in this workspace", item.At, code)
			}
			mapped[id] = true
		}
		for id := range mapped {
			links = append(links, control.Link{RequirementID: r.ID, ControlID: id})
		}
		out[i] = r
	}
	return out, insertLinks(q, links)
}

func insertLinks(q querier, links []control.Link) error {
	return insertRows(q, links, "INSERT INTO control_requirement (control_id, requirement_id) VALUES ", "(?, ?)", " ON CONFLICT DO NOTHING",
		func(l *control.Link) []any { return []any{l.ControlID, l.RequirementID} })
}

// mappable reads the controls of a workspace that items name.
func mappable(q querier, workspaceID int64, items []control.Item) (ids map[int64]bool, byCode map[string]int64, err error) {
	ids, byCode = map[int64]bool{}, map[string]int64{}
	wanted := false
	for _, item := range items {
		wanted = wanted || len(item.Controls)+len(item.ControlCodes) > 0
	}
	if !wanted {
		return ids, byCode, nil
	}
	err = q.query("SELECT id, code FROM control WHERE workspace_id = $1", func(r row) error {
		var id int64
		var code string
		err := r.scan(&id, &code)
		ids[id], byCode[code] = true, id
		return err
	}, workspaceID)
	return ids, byCode, err
}

// CreateRequirements implements control.Store.
func (s *Store) CreateRequirements(ctx context.Context, workspaceID, frameworkID int64, items []control.Item, e event.Event) ([]control.Requirement, error) {
	var out []control.Requirement
	err := s.db.write(ctx, func(q querier) error {
		f, err := lockFramework(q, workspaceID, frameworkID)
		if err != nil {
			return err
		}
		if out, err = insertItems(q, f, items); err != nil {
			return err
		}
		return s.append(q, e)
	})
	return out, err
}

// UpdateRequirement implements control.Store.
func (s *Store) UpdateRequirement(ctx context.Context, workspaceID, frameworkID, id int64,
	change func(*control.Requirement) (control.Links, event.Event, error)) (control.Requirement, error) {
	var r control.Requirement
	err := s.db.write(ctx, func(q querier) error {
		var err error
		if r, err = readRequirement(q, workspaceID, frameworkID, id); err != nil {
			return err
		}
		if err := lockWorkspace(q, r.Framework.WorkspaceID); err != nil {
			return err
		}
		if r, err = readRequirement(q, workspaceID, frameworkID, id); err != nil {
			return err
		}
		links, e, err := change(&r)
		if err != nil {
			return err
		}
		if err := updateRequirement(q, r); err != nil {
			return err
		}
		if links.Controls != nil {
			if err := knownIDs(q, "control", "/controlIds", *links.Controls, r.Framework.WorkspaceID); err != nil {
				return err
			}
			if _, err := q.exec("DELETE FROM control_requirement WHERE requirement_id = $1", id); err != nil {
				return err
			}
			all := make([]control.Link, len(*links.Controls))
			for i, c := range *links.Controls {
				all[i] = control.Link{RequirementID: id, ControlID: c}
			}
			if err := insertLinks(q, all); err != nil {
				return err
			}
		}
		return s.append(q, e)
	})
	return r, err
}

// DeleteRequirement implements control.Store.
func (s *Store) DeleteRequirement(ctx context.Context, workspaceID, frameworkID, id int64, e func(control.Requirement) (event.Event, error)) error {
	return s.db.write(ctx, func(q querier) error {
		if err := lockWorkspace(q, workspaceID); err != nil {
			return err
		}
		r, err := readRequirement(q, workspaceID, frameworkID, id)
		if err != nil {
			return err
		}
		ev, err := e(r)
		if err != nil {
			return err
		}
		for _, sql := range []string{"DELETE FROM control_requirement WHERE requirement_id = $1", "DELETE FROM shipped_mapping WHERE requirement_id = $1",
			"DELETE FROM requirement WHERE id = $1"} {
			if _, err := q.exec(sql, id); err != nil {
				return err
			}
		}
		return s.append(q, ev)
	})
}
