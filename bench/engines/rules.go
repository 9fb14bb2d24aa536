package main

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// test is one rule in the language of each engine, written as somebody who knows
// the engine would write it. JSON is that of Plumbline and of json-rules-engine.
// Several texts of rego are alternatives. A text that ends in an error of types
// counts as false. {now} and {now-30d} stand for a moment, written as the
// fastest literal of the language.
type test struct {
	about string
	json  string
	cel   string
	rego  []string
	expr  string
	jq    string
}

var momentPattern = regexp.MustCompile(`\{now(-[0-9]+d)?\}`)

// moments puts moments in their places.
func moments(text string, literal func(time.Time) string) string {
	return momentPattern.ReplaceAllStringFunc(text, func(s string) string {
		t := now
		if len(s) > len("{now}") {
			days, err := strconv.Atoi(s[len("{now-") : len(s)-len("d}")])
			if err != nil {
				panic(err)
			}
			t = t.AddDate(0, 0, -days)
		}
		return literal(t)
	})
}

// unixLiteral and nanoLiteral write a moment as a number.
func unixLiteral(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func nanoLiteral(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

func celLiteral(t time.Time) string { return fmt.Sprintf("timestamp(%q)", t.Format(time.RFC3339)) }

// unixSeconds is what expr and gojq, whose own dates are slow, are given as a
// function `unix`. What is no date is no number, and so neither before nor after
// anything.
func unixSeconds(v any) float64 {
	if s, ok := v.(string); ok {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			return float64(t.Unix())
		}
	}
	return math.NaN()
}
