//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// partSpan is how long a part is repeated for one of its five values.
const partSpan = 200 * time.Millisecond

// nanos is the time of one call of each function: five values each, the
// functions taking turns.
func nanos(of ...func()) [][]float64 {
	out := make([][]float64, len(of))
	for range 5 {
		for i, f := range of {
			calls, begin := 0, time.Now()
			for time.Since(begin) < partSpan {
				for range 16 {
					f()
				}
				calls += 16
			}
			out[i] = append(out[i], float64(time.Since(begin).Nanoseconds())/float64(calls))
		}
	}
	return out
}

// faster is how many times as fast as the slow values those of the same turn
// are.
func faster(fast, slow []float64) string {
	ratios := make([]float64, len(fast))
	for i := range fast {
		ratios[i] = slow[i] / fast[i]
	}
	return spread(ratios)
}

// parts measures the steps of the ingest path one by one, on one core.
func parts(r *report) error {
	text := bodies(sequential(0, batch), 0)[0]
	if _, err := strictjson.Split(text); err != nil {
		return fmt.Errorf("split a body of the benchmark: %w", err)
	}
	bytesPer := float64(len(text))
	took := nanos(func() { _, _ = strictjson.Split(text) }, func() { json.Valid(text) })
	r.add(fmt.Sprintf("strict split of a body of %d records", batch), fmt.Sprintf("%.2f GB/s", bytesPer/median(took[0])),
		fmt.Sprintf("encoding/json.Valid %.2f GB/s", bytesPer/median(took[1])), faster(took[0], took[1]))
	rec := small("k", 1)
	for _, c := range []struct {
		name string
		text []byte
	}{{"small", rec}, {"medium", medium("k", 1)}} {
		if err := validation(r, c.name, c.text); err != nil {
			return err
		}
	}
	hash := nanos(func() { strictjson.Fingerprint(rec) })[0]
	r.add(fmt.Sprintf("fingerprint of a small record (%d bytes)", len(rec)), fmt.Sprintf("%.0f ns", median(hash)), "", "")
	return nil
}

// validation compares the check of a record with the library that it spares.
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
	decoded := func() error {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(rec))
		if err != nil {
			return err
		}
		return library.Validate(v)
	}
	if err := ours.Check(rec); err != nil {
		return fmt.Errorf("a record of the benchmark is refused: %w", err)
	}
	if err := decoded(); err != nil {
		return fmt.Errorf("a record of the benchmark is refused by the library: %w", err)
	}
	took := nanos(func() { _ = ours.Check(rec) }, func() { _ = decoded() })
	r.add(fmt.Sprintf("schema check of a %s record (%d bytes)", name, len(rec)), fmt.Sprintf("%.0f ns", median(took[0])),
		fmt.Sprintf("the library with decoding %.0f ns", median(took[1])), faster(took[0], took[1]))
	return nil
}
