package main

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

// celRecord binds the variable r without a map around it.
type celRecord struct{ value any }

func (r *celRecord) ResolveName(name string) (any, bool) { return r.value, name == "r" }

func (r *celRecord) Parent() cel.Activation { return nil }

func newCel(tests []test) (engine, error) {
	e := engine{name: "cel-go", version: moduleVersion("cel.dev/cel-go")}
	env, err := cel.NewEnv(cel.Variable("r", cel.MapType(cel.StringType, cel.DynType)), ext.Bindings())
	if err != nil {
		return e, err
	}
	programs := make([]cel.Program, len(tests))
	for i, t := range tests {
		ast, issues := env.Compile(moments(t.cel, celLiteral))
		if err := issues.Err(); err != nil {
			return e, fmt.Errorf("%s: %w", t.about, err)
		}
		if programs[i], err = env.Program(ast, cel.EvalOptions(cel.OptOptimize)); err != nil {
			return e, fmt.Errorf("%s: %w", t.about, err)
		}
	}
	var record celRecord
	e.variants = []namedVariant{{"a program per test", &decoding{
		tests:  len(tests),
		decode: decodeMap,
		decide: func(decoded any, verdicts []bool) error {
			record.value = decoded
			for i, p := range programs {
				v, _, err := p.Eval(&record)
				verdicts[i] = err == nil && v == types.True
			}
			return nil
		},
	}}}
	return e, nil
}
