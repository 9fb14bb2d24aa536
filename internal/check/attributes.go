package check

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
	"github.com/plumbline-dev/plumbline/rule"
)

const (
	// attributeSample is how many records are read to find attributes, valueSample
	// to find the values of one.
	attributeSample = 200
	valueSample     = 1000
	// sampleBytes is after how many bytes of records a sample ends.
	sampleBytes = 16 << 20
	// maxKnownValues is how many different values are counted, maxKnownValue how
	// many bytes one has at most, as JSON text.
	maxKnownValues = 5000
	maxKnownValue  = 300
)

// Attributes are what conditions over a resource can look at.
type Attributes struct {
	Resource connection.Resource
	// Sample says which records were looked at.
	Sample Sample
	// List are the top-level properties.
	List []Attribute
	// Cut is true where there are more than are described.
	Cut bool
}

// Attribute is a property of records or of what is in them, or the elements of an
// array.
type Attribute struct {
	*schema.Attribute
	// Own is its address within what conditions look at there: the record, or
	// inside an array the element of a quantifier. From is its address from the
	// record, which inside an array gives the values in all elements.
	Own, From rule.Address
	// Pointer is a JSON Pointer in which * stands for all elements.
	Pointer string
	// Operators are those that fit, the likely ones first.
	Operators []string
	Children  []Attribute
	// Elements are what an array holds, nil if nothing is known of it.
	Elements *Attribute
}

// Attributes describes the attributes of a resource from its schema and a sample
// of its records.
func (s *Service) Attributes(ctx context.Context, r connection.Resource) (Attributes, error) {
	o := schema.NewOutline(r.Schema)
	size := 0
	if err := s.store.Sample(ctx, r.ID, attributeSample, func(body []byte) bool {
		o.See(body)
		size += len(body)
		return size < sampleBytes
	}); err != nil {
		return Attributes{}, err
	}
	out := Attributes{Resource: r, Sample: Sample{Records: int64(o.Samples), Of: max(r.RecordCount, int64(o.Samples))}, Cut: o.Cut}
	root := addressed{out: &out}
	out.List = root.children(&o.Root)
	return out, nil
}

// addressed is the way to an attribute.
type addressed struct {
	out *Attributes
	// own begins at the record or the last element, from at the record.
	own, from []rule.Segment
	pointer   string
}

func (w addressed) to(s rule.Segment, token string) addressed {
	w.own = append(slices.Clip(w.own), s)
	w.from = append(slices.Clip(w.from), s)
	w.pointer += "/" + token
	return w
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

func (w addressed) children(a *schema.Attribute) []Attribute {
	out := []Attribute{}
	for _, c := range a.Children {
		if child, ok := w.to(rule.Segment{Name: c.Name}, pointerEscaper.Replace(c.Name)).attribute(c); ok {
			out = append(out, child)
		} else {
			w.out.Cut = true
		}
	}
	return out
}

func (w addressed) attribute(a *schema.Attribute) (out Attribute, ok bool) {
	out = Attribute{Attribute: a, Pointer: w.pointer, Operators: rule.Fitting(a.Types, a.LikelyFormat())}
	if out.Own, ok = rule.NewAddress(w.own); !ok {
		return out, false
	}
	if out.From, ok = rule.NewAddress(w.from); !ok {
		return out, false
	}
	out.Children = w.children(a)
	if a.Elements != nil {
		inner := w.to(rule.Segment{Each: true}, "*")
		inner.own = nil
		if e, ok := inner.attribute(a.Elements); ok {
			out.Elements = &e
		} else {
			w.out.Cut = true
		}
	}
	return out, true
}

// KnownValues are values of one attribute in a sample of records.
type KnownValues struct {
	Sample Sample
	// Present is in how many records of the sample the address finds something.
	Present int64
	// Different is how many different values the sample has; more than 5,000 are
	// not told apart.
	Different int
	List      []KnownValue
}

// KnownValue is a value and in how many records of the sample it is.
type KnownValue struct {
	// Value is JSON text.
	Value   json.RawMessage
	Records int64
}

// ValuesOf lists the values at an address in a sample of records of a resource,
// the most frequent first, at most limit of them. With a prefix only those whose
// text begins with it, in upper or lower case.
func (s *Service) ValuesOf(ctx context.Context, r connection.Resource, at rule.Address, prefix string, limit int) (KnownValues, error) {
	probe, err := rule.NewProbe(at)
	if err != nil {
		return KnownValues{}, fault.New(fault.CodeValidation, "`path`: %s", err)
	}
	found := map[string]*valueCount{}
	out := KnownValues{List: []KnownValue{}}
	size := 0
	if err := s.store.Sample(ctx, r.ID, valueSample, func(body []byte) bool {
		out.Sample.Records++
		if probe.Values(body, func(value []byte) { note(found, value, out.Sample.Records) }) {
			out.Present++
		}
		size += len(body)
		return size < sampleBytes
	}); err != nil {
		return out, err
	}
	out.Sample.Of = max(r.RecordCount, out.Sample.Records)
	out.Different = len(found)
	for text, c := range found {
		if begins([]byte(text), prefix) {
			out.List = append(out.List, KnownValue{json.RawMessage(text), c.records})
		}
	}
	slices.SortFunc(out.List, func(a, b KnownValue) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), bytes.Compare(a.Value, b.Value))
	})
	out.List = out.List[:min(len(out.List), limit)]
	return out, nil
}

type valueCount struct{ records, last int64 }

// note counts a value once for each record.
func note(found map[string]*valueCount, value []byte, record int64) {
	c := found[string(value)]
	if c == nil {
		if len(found) == maxKnownValues || len(value) > maxKnownValue {
			return
		}
		c = &valueCount{}
		found[string(value)] = c
	}
	if c.last != record {
		c.last = record
		c.records++
	}
}

// begins is whether the text of a value, without its quotes, begins with a prefix.
func begins(value []byte, prefix string) bool {
	text, ok := strictjson.Text(value)
	if !ok {
		text = string(value)
	}
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}
