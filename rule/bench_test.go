package rule

import (
	"fmt"
	"testing"
)

// smallRecord is 250 bytes with 10 fields.
var smallRecord = []byte(`{"id":"usr-004211","email":"ada.lovelace@example.com","name":"Ada Lovelace","mfa":true,"admin":false,"status":"active","role":"engineer","loginCount":421,"lastSeen":"2026-09-21T08:15:30Z","groups":["engineering","on-call","security-champions","all"]}`)

var smallRules = []string{
	`{"all":[{"fact":"mfa","operator":"equal","value":true}]}`,
	`{"all":[{"fact":"status","operator":"equal","value":"active"},{"fact":"mfa","operator":"equal","value":true}]}`,
	`{"all":[{"fact":"admin","operator":"equal","value":false}]}`,
	`{"any":[{"fact":"role","operator":"equal","value":"owner"},{"fact":"role","operator":"equal","value":"engineer"}]}`,
	`{"all":[{"fact":"role","operator":"in","value":["engineer","manager","auditor"]}]}`,
	`{"all":[{"fact":"loginCount","operator":"greaterThan","value":10}]}`,
	`{"all":[{"fact":"loginCount","operator":"lessThanInclusive","value":1000}]}`,
	`{"all":[{"fact":"email","operator":"endsWith","value":"@example.com"}]}`,
	`{"all":[{"fact":"email","operator":"notEqual","value":""}]}`,
	`{"all":[{"fact":"id","operator":"startsWith","value":"usr-"}]}`,
	`{"not":{"fact":"status","operator":"equal","value":"suspended"}}`,
	`{"all":[{"fact":"name","operator":"exists","value":true}]}`,
	`{"all":[{"fact":"name","operator":"isEmpty","value":false}]}`,
	`{"all":[{"fact":"groups","operator":"contains","value":"engineering"}]}`,
	`{"all":[{"fact":"status","operator":"notIn","value":["deleted","suspended"]}]}`,
	`{"any":[{"fact":"admin","operator":"equal","value":false},{"fact":"mfa","operator":"equal","value":true}]}`,
	`{"all":[{"fact":"lastSeen","operator":"withinLastDays","value":30}]}`,
	`{"all":[{"fact":"lastSeen","operator":"after","value":"2026-01-01"}]}`,
	`{"all":[{"fact":"role","operator":"notEqual","value":"guest"},{"fact":"loginCount","operator":"greaterThanInclusive","value":1}]}`,
	`{"not":{"all":[{"fact":"admin","operator":"equal","value":true},{"fact":"mfa","operator":"equal","value":false}]}}`,
}

func compileTexts(t testing.TB, texts []string) *Program {
	t.Helper()
	var rules []Rule
	for _, text := range texts {
		c, err := ParseEvaluator([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, Rule{Evaluator: c})
	}
	p, err := Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func benchmark(b *testing.B, record []byte, texts []string) {
	m := compileTexts(b, texts).Machine()
	m.Run(record, testNow)
	b.ReportAllocs()
	b.SetBytes(int64(len(record)))
	for b.Loop() {
		m.Run(record, testNow)
	}
	b.ReportMetric(float64(b.N)*float64(len(texts))/b.Elapsed().Seconds()/1e6, "Mtests/s")
}

func BenchmarkRunSmall(b *testing.B) { benchmark(b, smallRecord, smallRules) }

func BenchmarkScanSmall(b *testing.B) { benchmark(b, smallRecord, smallRules[:1]) }

// BenchmarkRunNested has quantifiers over an array of objects.
func BenchmarkRunNested(b *testing.B) {
	record := `{"id":"i-1","disks":[`
	for i := range 10 {
		if i > 0 {
			record += ","
		}
		record += fmt.Sprintf(`{"device":"/dev/sd%d","encrypted":true,"size":%d,"tags":{"owner":"team-%d"}}`, i, i*100, i)
	}
	record += `],"tags":{"env":"prod","owner":"platform"},"region":"eu-west-1"}`
	benchmark(b, []byte(record), []string{
		`{"all":[{"fact":"disks","operator":"all","value":{"fact":"encrypted","operator":"equal","value":true}}]}`,
		`{"all":[{"fact":"disks","path":"length","operator":"lessThan","value":20}]}`,
		`{"all":[{"fact":"tags","path":"owner","operator":"exists","value":true}]}`,
		`{"all":[{"fact":"disks","path":"$[*].size","operator":"someFact:greaterThan","value":800}]}`,
	})
}

func TestRunAllocatesNothing(t *testing.T) {
	m := compileTexts(t, smallRules).Machine()
	m.Run(smallRecord, testNow)
	for i, text := range smallRules {
		if m.Outcome(i) != Pass {
			t.Errorf("outcome %s: %s", m.Outcome(i), text)
		}
	}
	if n := testing.AllocsPerRun(100, func() { m.Run(smallRecord, testNow) }); n > 0 {
		t.Errorf("%v allocations per record", n)
	}
}
