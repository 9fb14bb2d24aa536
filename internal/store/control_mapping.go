package store

import (
	"context"
	"slices"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/control"
)

func newMapping() control.Mapping {
	return control.Mapping{Frameworks: map[int64]control.Framework{}, Requirements: map[int64]control.Requirement{},
		Controls: map[int64]control.Control{}, Tests: map[int64][]check.Test{}}
}

// readMapping reads a mapping in one moment.
func (s *Store) readMapping(ctx context.Context, fill func(querier, *control.Mapping) error) (control.Mapping, error) {
	var m control.Mapping
	err := s.db.read(ctx, func(q querier) error {
		m = newMapping()
		return fill(q, &m)
	})
	return m, err
}

// FrameworkMapping implements control.Store.
func (s *Store) FrameworkMapping(ctx context.Context, frameworkIDs []int64) (control.Mapping, error) {
	return s.readMapping(ctx, func(q querier, m *control.Mapping) error {
		cond, args := in("r.framework_id", frameworkIDs)
		if err := q.query(number("SELECT r.id, r.framework_id, r.code, r.in_scope FROM requirement r WHERE "+cond), func(r row) error {
			var v control.Requirement
			err := r.scan(&v.ID, &v.FrameworkID, &v.Code, &v.InScope)
			m.Requirements[v.ID] = v
			return err
		}, args...); err != nil {
			return err
		}
		if err := q.query(number(`SELECT m.requirement_id, c.id, c.code, c.archived_at FROM control_requirement m JOIN requirement r ON r.id = m.requirement_id
			JOIN control c ON c.id = m.control_id WHERE `+cond), func(r row) error {
			var l control.Link
			var c control.Control
			err := r.scan(&l.RequirementID, &c.ID, &c.Code, &c.ArchivedAt)
			l.ControlID = c.ID
			m.Controls[c.ID] = c
			m.Links = append(m.Links, l)
			return err
		}, args...); err != nil {
			return err
		}
		return s.fillTestsOf(q, m)
	})
}

// RequirementMapping implements control.Store.
func (s *Store) RequirementMapping(ctx context.Context, requirements []control.Requirement) (control.Mapping, error) {
	return s.readMapping(ctx, func(q querier, m *control.Mapping) error {
		var ids, frameworks []int64
		for _, r := range requirements {
			m.Requirements[r.ID] = r
			ids, frameworks = append(ids, r.ID), append(frameworks, r.FrameworkID)
		}
		for part := range slices.Chunk(ids, perList) {
			cond, args := in("m.requirement_id", part)
			links, err := selectLinks(q, "control_requirement", cond, args)
			if err != nil {
				return err
			}
			m.Links = append(m.Links, links...)
		}
		if err := fillControls(q, m); err != nil {
			return err
		}
		if err := fillFrameworks(q, m, frameworks); err != nil {
			return err
		}
		return s.fillTestsOf(q, m)
	})
}

// ControlMapping implements control.Store.
func (s *Store) ControlMapping(ctx context.Context, controlIDs []int64, requirements bool) (control.Mapping, error) {
	return s.readMapping(ctx, func(q querier, m *control.Mapping) error {
		if requirements {
			return s.fillFrom(q, m, "control_requirement", controlIDs)
		}
		for _, id := range controlIDs {
			m.Controls[id] = control.Control{ID: id}
		}
		return s.fillTestsOf(q, m)
	})
}

// ShippedMapping implements control.Store.
func (s *Store) ShippedMapping(ctx context.Context, controlIDs []int64) (control.Mapping, error) {
	return s.readMapping(ctx, func(q querier, m *control.Mapping) error { return s.fillFrom(q, m, "shipped_mapping", controlIDs) })
}

// fillFrom reads controls with what a table maps them to.
func (s *Store) fillFrom(q querier, m *control.Mapping, table string, controlIDs []int64) error {
	for part := range slices.Chunk(controlIDs, perList) {
		cond, args := in("m.control_id", part)
		links, err := selectLinks(q, table, cond, args)
		if err != nil {
			return err
		}
		m.Links = append(m.Links, links...)
	}
	for _, id := range controlIDs {
		m.Controls[id] = control.Control{ID: id}
	}
	if err := fillControls(q, m); err != nil {
		return err
	}
	var ids, frameworks []int64
	for _, l := range m.Links {
		ids = append(ids, l.RequirementID)
	}
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), perList) {
		cond, args := in("r.id", part)
		found, err := selectRequirements(q, number(cond), args...)
		if err != nil {
			return err
		}
		for _, r := range found {
			m.Requirements[r.ID] = r
			frameworks = append(frameworks, r.FrameworkID)
		}
	}
	if err := fillFrameworks(q, m, frameworks); err != nil {
		return err
	}
	return s.fillTestsOf(q, m)
}

// selectLinks reads pairs of a mapping, by the framework of the requirement, its
// place there and the code of the control.
func selectLinks(q querier, table, cond string, args []any) ([]control.Link, error) {
	var out []control.Link
	err := q.query(number("SELECT m.requirement_id, m.control_id FROM "+table+` m JOIN requirement r ON r.id = m.requirement_id JOIN control c ON c.id = m.control_id
		WHERE `+cond+" ORDER BY r.framework_id, r.id, c.code, c.id"), func(r row) error {
		var l control.Link
		err := r.scan(&l.RequirementID, &l.ControlID)
		out = append(out, l)
		return err
	}, args...)
	return out, err
}

// fillControls reads the controls that a mapping names, and drops those that
// are not there.
func fillControls(q querier, m *control.Mapping) error {
	for _, l := range m.Links {
		m.Controls[l.ControlID] = control.Control{ID: l.ControlID}
	}
	ids := keys(m.Controls)
	clear(m.Controls)
	for part := range slices.Chunk(ids, perList) {
		cond, args := in("c.id", part)
		found, err := selectControls(q, number(cond), args...)
		if err != nil {
			return err
		}
		for _, c := range found {
			m.Controls[c.ID] = c
		}
	}
	return nil
}

func fillFrameworks(q querier, m *control.Mapping, ids []int64) error {
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), perList) {
		cond, args := in("f.id", part)
		found, err := selectFrameworks(q, number(cond), args...)
		if err != nil {
			return err
		}
		for _, f := range found {
			m.Frameworks[f.ID] = f
		}
	}
	return nil
}

// keys are the keys of a map in order.
func keys[V any](m map[int64]V) []int64 {
	out := make([]int64, 0, len(m))
	for id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// fillTestsOf reads the tests of a mapping's controls, each once.
func (s *Store) fillTestsOf(q querier, m *control.Mapping) error {
	controlsOf := map[int64][]int64{}
	for part := range slices.Chunk(keys(m.Controls), perList) {
		cond, args := in("m.control_id", part)
		if err := q.query(number("SELECT m.control_id, m.test_id FROM control_test m WHERE "+cond+" ORDER BY m.control_id"), func(r row) error {
			var c, t int64
			err := r.scan(&c, &t)
			controlsOf[t] = append(controlsOf[t], c)
			return err
		}, args...); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(keys(controlsOf), perList) {
		cond, args := in("t.id", part)
		tests, err := s.selectTests(q, number("t.deleted_at IS NULL AND "+cond+" ORDER BY t.number"), args...)
		if err != nil {
			return err
		}
		for _, t := range tests {
			for _, c := range controlsOf[t.ID] {
				m.Tests[c] = append(m.Tests[c], t)
			}
		}
	}
	return nil
}

// TestMapping implements control.Store.
func (s *Store) TestMapping(ctx context.Context, testIDs []int64) (map[int64][]control.Control, control.Mapping, error) {
	out := map[int64][]control.Control{}
	m, err := s.readMapping(ctx, func(q querier, m *control.Mapping) error {
		clear(out)
		for part := range slices.Chunk(testIDs, perList) {
			cond, args := in("m.test_id", part)
			if err := q.query(number("SELECT m.test_id, "+controlColumns[len("SELECT "):]+" JOIN control_test m ON m.control_id = c.id WHERE "+cond+" ORDER BY c.code, c.id"), func(r row) error {
				var t int64
				var c control.Control
				err := r.scan(append([]any{&t}, controlDestinations(&c)...)...)
				out[t] = append(out[t], c)
				m.Controls[c.ID] = c
				return err
			}, args...); err != nil {
				return err
			}
		}
		return s.fillTestsOf(q, m)
	})
	return out, m, err
}
