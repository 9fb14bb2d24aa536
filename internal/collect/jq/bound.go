package jq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"runtime/metrics"
	"slices"
	"time"

	"github.com/itchyny/gojq"
)

// ErrTooLarge is what [Encode] answers for a value beyond its limit.
var ErrTooLarge = errors.New("the value is too large")

const (
	// maxText bounds what an expression makes a text of.
	maxText = 16 << 20
	// maxGrowth is by how much the memory of the process may grow while an
	// expression runs, beside what it had: as much as that again may lie about
	// until it is collected.
	maxGrowth = 256 << 20
	lookEvery = 5 * time.Millisecond
)

var errMemory = errors.New("the expression needs too much memory")

// watched ends an expression that eats up the memory. Few run long enough for a
// look.
func watched(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	before := uint64(0)
	var timer *time.Timer
	made := make(chan struct{})
	timer = time.AfterFunc(lookEvery, func() {
		<-made
		now := heap()
		switch {
		case ctx.Err() != nil:
			return
		case before == 0:
			before = max(now, 1)
		case now > 2*before+maxGrowth:
			cancel(errMemory)
			return
		}
		timer.Reset(lookEvery)
	})
	close(made)
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}

func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// tojson is the bounded stand-in for the function of that name: a value whose
// parts are shared has a text that grows without end in one step.
const tojson = "plumbline_tojson"

var bounded = gojq.WithFunction(tojson, 0, 0, func(v any, _ []any) any {
	text, err := Encode(nil, v, maxText)
	if err != nil {
		return fmt.Errorf("a text of more than %d MB", maxText>>20)
	}
	return string(text)
})

// tame refuses functions that reach out of an expression and replaces those that
// have no bound.
func tame(q *gojq.Query) error { return walk(reflect.ValueOf(q)) }

var funcType = reflect.TypeFor[gojq.Func]()

func walk(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return walk(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if err := walk(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if f, ok := v.Addr().Interface().(*gojq.Func); ok && v.Type() == funcType {
			if err := tameFunc(f); err != nil {
				return err
			}
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				if err := walk(v.Field(i)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func tameFunc(f *gojq.Func) error {
	switch f.Name {
	case "env", "$ENV", "input", "inputs", "debug", "stderr", "input_line_number", "input_filename", "get_search_list", "modulemeta", "halt", "halt_error":
		return &Error{fmt.Sprintf("`%s` cannot be used here: an expression sees its input and the variables, nothing else", f.Name)}
	case "tojson":
		if len(f.Args) == 0 {
			f.Name = tojson
		}
	}
	return nil
}

// Encode appends a value as JSON. [ErrTooLarge] where it comes to more than limit
// bytes: a value whose parts are shared can be much larger than the memory it
// lies in.
func Encode(dst []byte, v any, limit int) ([]byte, error) {
	e := encoder{out: dst, limit: len(dst) + limit}
	if err := e.value(v, 0); err != nil {
		return dst, err
	}
	return e.out, nil
}

type encoder struct {
	out   []byte
	limit int
}

// maxDepth is far beyond what a record may have.
const maxDepth = 10_000

func (e *encoder) value(v any, depth int) error {
	if depth > maxDepth {
		return ErrTooLarge
	}
	switch v := v.(type) {
	case []any:
		e.out = append(e.out, '[')
		for i, c := range v {
			if i > 0 {
				e.out = append(e.out, ',')
			}
			if err := e.value(c, depth+1); err != nil {
				return err
			}
		}
		e.out = append(e.out, ']')
	case map[string]any:
		return e.object(v, depth)
	case json.Number:
		e.out = append(e.out, v...)
	case nil, bool, int, float64, *big.Int, string:
		text, err := gojq.Marshal(v)
		if err != nil {
			return err
		}
		e.out = append(e.out, text...)
	default:
		return fmt.Errorf("a value of type %T has no form in JSON", v)
	}
	if len(e.out) > e.limit {
		return ErrTooLarge
	}
	return nil
}

func (e *encoder) object(v map[string]any, depth int) error {
	e.out = append(e.out, '{')
	for i, name := range slices.Sorted(maps.Keys(v)) {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		if err := e.value(name, depth); err != nil {
			return err
		}
		e.out = append(e.out, ':')
		if err := e.value(v[name], depth+1); err != nil {
			return err
		}
	}
	e.out = append(e.out, '}')
	return nil
}
