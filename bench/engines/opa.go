package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/cache"
)

// newOpa has one prepared query that gives the verdicts of all tests: as an array
// of rules with defaults, or as the set of the numbers of those that hold. The
// result is read from OPA's own values, without turning it into JSON, and the
// store's transaction, the cancellation and the cache of regular expressions are
// shared by all evaluations.
func newOpa(ctx context.Context, tests []test) (engine, error) {
	e := engine{name: "OPA", version: moduleVersion("github.com/open-policy-agent/opa")}
	var array, set strings.Builder
	array.WriteString("package bench\n")
	set.WriteString("package bench\n")
	var names []string
	for i, t := range tests {
		name := fmt.Sprintf("t%02d", i)
		names = append(names, name)
		fmt.Fprintf(&array, "default %s := false\n", name)
		for _, body := range t.rego {
			body = moments(body, nanoLiteral)
			fmt.Fprintf(&array, "%s if { %s }\n", name, body)
			fmt.Fprintf(&set, "verdicts contains %d if { %s }\n", i, body)
		}
	}
	fmt.Fprintf(&array, "verdicts := [%s]\n", strings.Join(names, ", "))
	for _, way := range []struct {
		name, module string
		options      []rego.PrepareOption
		read         func(v ast.Value, verdicts []bool) error
	}{
		{"an array", array.String(), nil, readArray},
		{"an array, partially evaluated", array.String(), []rego.PrepareOption{rego.WithPartialEval()}, readArray},
		{"a set", set.String(), nil, readSet},
		{"a set, partially evaluated", set.String(), []rego.PrepareOption{rego.WithPartialEval()}, readSet},
	} {
		v, err := prepareOpa(ctx, way.module, way.options, way.read)
		if err != nil {
			return e, fmt.Errorf("%s: %w", way.name, err)
		}
		v.tests = len(tests)
		e.variants = append(e.variants, namedVariant{way.name, v})
	}
	return e, nil
}

func prepareOpa(ctx context.Context, module string, options []rego.PrepareOption, read func(ast.Value, []bool) error) (*decoding, error) {
	store := inmem.New()
	prepared, err := rego.New(
		rego.Query("data.bench.verdicts"),
		rego.Module("bench.rego", module),
		rego.Store(store),
		rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil }),
	).PrepareForEval(ctx, options...)
	if err != nil {
		return nil, err
	}
	txn, err := store.NewTransaction(ctx, storage.TransactionParams{})
	if err != nil {
		return nil, err
	}
	shared := []rego.EvalOption{
		rego.EvalTransaction(txn),
		rego.EvalExternalCancel(topdown.NewCancel()),
		rego.EvalInterQueryBuiltinValueCache(cache.NewInterQueryValueCache(ctx, nil)),
	}
	return &decoding{
		decode: func(text []byte) (any, error) {
			var m map[string]any
			if err := json.Unmarshal(text, &m); err != nil {
				return nil, err
			}
			return ast.InterfaceToValue(m)
		},
		decide: func(record any, verdicts []bool) error {
			results, err := prepared.Eval(ctx, append(shared[:len(shared):len(shared)], rego.EvalParsedInput(record.(ast.Value)))...)
			if err != nil {
				return err
			}
			if len(results) != 1 {
				return fmt.Errorf("OPA gave %d results", len(results))
			}
			return read(results[0].Expressions[0].Value.(ast.Value), verdicts)
		},
	}, nil
}

func readArray(v ast.Value, verdicts []bool) error {
	list, ok := v.(*ast.Array)
	if !ok || list.Len() != len(verdicts) {
		return fmt.Errorf("OPA answered %v", v)
	}
	for i := range verdicts {
		verdicts[i] = list.Elem(i).Value == ast.Boolean(true)
	}
	return nil
}

func readSet(v ast.Value, verdicts []bool) error {
	set, ok := v.(ast.Set)
	if !ok {
		return fmt.Errorf("OPA answered %v", v)
	}
	clear(verdicts)
	set.Foreach(func(t *ast.Term) {
		if n, ok := t.Value.(ast.Number); ok {
			if i, ok := n.Int(); ok && i < len(verdicts) {
				verdicts[i] = true
			}
		}
	})
	return nil
}
