package main

import (
	"fmt"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

func newExpr(tests []test) (engine, error) {
	e := engine{name: "expr", version: moduleVersion("github.com/expr-lang/expr")}
	unix := expr.Function("unix", func(params ...any) (any, error) { return unixSeconds(params[0]), nil }, new(func(any) float64))
	programs := make([]*vm.Program, len(tests))
	for i, t := range tests {
		var err error
		if programs[i], err = expr.Compile(moments(t.expr, unixLiteral), unix); err != nil {
			return e, fmt.Errorf("%s: %w", t.about, err)
		}
	}
	var machine vm.VM
	e.variants = []namedVariant{{"a program per test", &decoding{
		tests:  len(tests),
		decode: decodeMap,
		decide: func(record any, verdicts []bool) error {
			for i, p := range programs {
				v, err := machine.Run(p, record)
				verdicts[i] = err == nil && v == true
			}
			return nil
		},
	}}}
	return e, nil
}
