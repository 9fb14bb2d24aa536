package asset

import (
	"context"

	"github.com/plumbline-dev/plumbline/internal/customfield"
)

// FieldStore knows the custom fields; see customfield.Store.
type FieldStore interface {
	CustomFieldsOf(ctx context.Context, k customfield.Kind) ([]customfield.Field, error)
}

// sets finds the custom fields that a change sets.
func (s *Service) sets(ctx context.Context, k customfield.Kind, list []customfield.Setting) ([]customfield.Set, error) {
	if len(list) == 0 {
		return nil, nil
	}
	known, err := s.store.CustomFieldsOf(ctx, k)
	if err != nil {
		return nil, err
	}
	return k.Sets(known, list, "/customFields")
}

// withFields adds what changed of custom fields to the metadata of an event.
func withFields(metadata map[string]any, fields []customfield.Difference) map[string]any {
	if len(fields) > 0 {
		metadata["customFields"] = fields
	}
	return metadata
}
