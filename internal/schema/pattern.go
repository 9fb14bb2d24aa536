package schema

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	maxPatternBytes = 5000
	maxPatternSteps = 2000 // instructions of the compiled expression
)

// pattern is a regular expression (RE2 syntax, linear time) with its size.
type pattern struct {
	*regexp.Regexp
	steps int
}

// compilePattern refuses what RE2 cannot run and what would be slow or large
// because of counted repetition.
func compilePattern(expression string) (*pattern, error) {
	if len(expression) > maxPatternBytes {
		return nil, fmt.Errorf("the regular expression is longer than %d bytes", maxPatternBytes)
	}
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		var e *syntax.Error
		if errors.As(err, &e) {
			return nil, fmt.Errorf("the regular expression is not RE2 syntax (%s: %q)", e.Code, cut(e.Expr, maxShown))
		}
		return nil, errors.New("the regular expression is not RE2 syntax")
	}
	steps := stepsOf(tree)
	if steps > maxPatternSteps {
		return nil, errors.New("the regular expression is too large when its repetitions are written out")
	}
	re, err := regexp.Compile(expression)
	if err != nil {
		return nil, errors.New("the regular expression is not RE2 syntax")
	}
	return &pattern{re, steps}, nil
}

// stepsOf estimates the number of instructions, saturated above the limit.
func stepsOf(re *syntax.Regexp) int {
	n := 0
	for _, sub := range re.Sub {
		n = min(n+stepsOf(sub), maxPatternSteps+1)
	}
	switch re.Op {
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpCapture:
		n += 2
	case syntax.OpConcat:
	case syntax.OpRepeat:
		copies := re.Max
		if copies < 0 {
			copies = re.Min + 1
		}
		n = n*copies + copies - re.Min + 1
	default:
		n++
	}
	return min(n, maxPatternSteps+1)
}

// patternEngine is compilePattern in the form that the library wants.
func patternEngine(expression string) (jsonschema.Regexp, error) {
	p, err := compilePattern(expression)
	if err != nil {
		return nil, err
	}
	return p, nil
}
