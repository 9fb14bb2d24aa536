package connection

import (
	"testing"
	"time"
)

// The schemas of resources that are gone do not stay for ever.
func TestCompiledSchemasAreBounded(t *testing.T) {
	s := NewService(nil, time.Now)
	text := []byte(`{"properties":{"n":{"type":"number"}}}`)
	for id := range int64(2*maxCompiled + 1) {
		first, err := s.Schema(Resource{ID: id, Schema: text, SchemaVersion: 1})
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.Schema(Resource{ID: id, Schema: text, SchemaVersion: 1}); err != nil || again != first {
			t.Fatal("the same schema is compiled twice")
		}
		if len(s.compiled) > maxCompiled {
			t.Fatalf("%d schemas are kept", len(s.compiled))
		}
	}
}
