package record

import (
	"fmt"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/schema"
)

// BenchmarkPrepare is the share of a push of 500 small records that belongs to
// checking, keying and hashing.
func BenchmarkPrepare(b *testing.B) {
	sch, err := schema.Compile([]byte(`{"type":"object","properties":{"id":{"type":"string"},"email":{"type":"string"},"mfa":{"type":"boolean"},
		"role":{"type":"string"},"lastLogin":{"type":"string"},"failedLogins":{"type":"integer"},"department":{"type":"string"},"status":{"enum":["active","suspended"]},
		"manager":{"type":["string","null"]},"groups":{"type":"integer"}},"required":["id","email"]}`))
	if err != nil {
		b.Fatal(err)
	}
	records := make([][]byte, 500)
	for i := range records {
		records[i] = fmt.Appendf(nil, `{"id":"user-%06d","email":"person.%06d@example.com","mfa":true,"role":"engineer","lastLogin":"2026-10-01T12:00:00Z",`+
			`"failedLogins":3,"department":"storage and search","status":"active","manager":"person.000001@example.com","groups":17}`, i, i)
	}
	b.SetBytes(int64(500 * len(records[0])))
	b.ReportAllocs()
	for b.Loop() {
		prepare(records, sch)
	}
}
