package main

import (
	"fmt"
	"strings"

	"github.com/itchyny/gojq"
)

func newGojq(tests []test) (engine, error) {
	e := engine{name: "gojq", version: moduleVersion("github.com/itchyny/gojq")}
	unix := gojq.WithFunction("unix", 0, 0, func(v any, _ []any) any { return unixSeconds(v) })
	compile := func(text string) (*gojq.Code, error) {
		query, err := gojq.Parse(text)
		if err != nil {
			return nil, err
		}
		return gojq.Compile(query, unix)
	}
	each := make([]*gojq.Code, len(tests))
	texts := make([]string, len(tests))
	for i, t := range tests {
		texts[i] = "(" + moments(t.jq, unixLiteral) + ")"
		var err error
		if each[i], err = compile(texts[i]); err != nil {
			return e, fmt.Errorf("%s: %w", t.about, err)
		}
	}
	together, err := compile("[" + strings.Join(texts, ",\n") + "]")
	if err != nil {
		return e, err
	}
	e.variants = []namedVariant{
		{"one program for all tests", &decoding{
			tests:  len(tests),
			decode: decodeMap,
			decide: func(record any, verdicts []bool) error {
				v, _ := together.Run(record).Next()
				list, ok := v.([]any)
				if !ok || len(list) != len(verdicts) {
					return fmt.Errorf("gojq answered %v", v)
				}
				for i, v := range list {
					verdicts[i] = v == true
				}
				return nil
			},
		}},
		{"a program per test", &decoding{
			tests:  len(tests),
			decode: decodeMap,
			decide: func(record any, verdicts []bool) error {
				for i, code := range each {
					v, _ := code.Run(record).Next()
					if err, ok := v.(error); ok {
						return err
					}
					verdicts[i] = v == true
				}
				return nil
			},
		}},
	}
	return e, nil
}
