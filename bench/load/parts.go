package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// batch is how many records a request carries.
const batch = 500

// small is a record of about 250 bytes.
func small(key string, n int) []byte {
	return fmt.Appendf(nil, `{"id":%q,"name":"User %07d","email":"user%07d@example.com","mfa":%t,"age":%d,"lastSeen":"2026-01-01T00:00:00Z","department":"engineering","groups":["staff","on-call"],"note":"%040d"}`,
		key, n, n, n%50 != 0, n%90, n)
}

// medium is a record of about 1.3 KB with nested objects and arrays.
func medium(key string, n int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"id":%q,"name":"Instance %07d","region":"eu-west-1","account":{"id":"1234","name":"production","owner":{"email":"owner%d@example.com","team":"platform"}},"disks":[`, key, n, n)
	for i := range 5 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"disk-%d","sizeGb":%d,"encrypted":%t,"tags":{"backup":"daily","tier":"gold","purpose":"data volume of the database"}}`, i, 100*i, i != 3)
	}
	b.WriteString(`],"ports":[22,80,443],"tags":[`)
	for i := range 10 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"key":"label-%d","value":"some value %d"}`, i, i)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// body is a push of records first to first+batch-1.
func body(prefix string, first, salt int) []byte {
	return bodyOf(first, salt, func(n int) string { return fmt.Sprintf("%s-%09d", prefix, n) })
}

// bodyOf is body with keys of the caller's.
func bodyOf(first, salt int, key func(n int) string) []byte {
	var b bytes.Buffer
	b.WriteString(`{"data":[`)
	for i := range batch {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(small(key(first+i), first+i+salt))
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// nanos is the time of one operation; it is the median of three benchmarks.
func nanos(f func()) float64 {
	v, _ := median(func() (float64, error) {
		res := testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
		return float64(res.T.Nanoseconds()) / float64(res.N), nil
	})
	return v
}

// parts measures the steps of the ingest path one by one, on one core.
func parts(r *report) error {
	text := body("k", 0, 0)
	bytesPer := float64(len(text))
	split := nanos(func() {
		if _, err := strictjson.Split(text); err != nil {
			panic(err)
		}
	})
	valid := nanos(func() { json.Valid(text) })
	r.add("strict split of a body of 500 records", fmt.Sprintf("%.2f GB/s", bytesPer/split), fmt.Sprintf("encoding/json.Valid %.2f GB/s", bytesPer/valid), times(valid, split))
	for _, c := range []struct {
		name string
		make func(string, int) []byte
	}{{"small", small}, {"medium", medium}} {
		if err := validation(r, c.name, c.make("k", 1)); err != nil {
			return err
		}
	}
	rec := small("k", 1)
	r.add("fingerprint of a small record", fmt.Sprintf("%.0f ns", nanos(func() { strictjson.Fingerprint(rec) })), "", "")
	return nil
}

func validation(r *report, name string, rec []byte) error {
	inferred, err := schema.Infer(rec)
	if err != nil {
		return err
	}
	ours, err := schema.Compile(inferred.Schema)
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(inferred.Schema))
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mem:///schema", doc); err != nil {
		return err
	}
	library, err := c.Compile("mem:///schema")
	if err != nil {
		return err
	}
	fast := nanos(func() {
		if ours.Check(rec) != nil {
			panic("refused")
		}
	})
	slow := nanos(func() {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(rec))
		if err != nil || library.Validate(v) != nil {
			panic("refused")
		}
	})
	r.add(fmt.Sprintf("schema check of a %s record (%d bytes)", name, len(rec)), fmt.Sprintf("%.0f ns", fast), fmt.Sprintf("the library with decoding %.0f ns", slow), times(slow, fast))
	return nil
}
