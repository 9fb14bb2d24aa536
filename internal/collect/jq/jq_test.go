package jq

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func run(t *testing.T, text, input string, values map[string]any) (string, error) {
	t.Helper()
	names := []string{}
	for name := range values {
		names = append(names, name)
	}
	c, err := Compile(text, names)
	if err != nil {
		return "", err
	}
	in, err := Decode([]byte(input))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	err = c.Run(t.Context(), in, values, func(v any) error {
		text, err := Encode(nil, v, 1000)
		out = append(out, string(text))
		return err
	})
	return strings.Join(out, " "), err
}

func TestRun(t *testing.T) {
	for _, c := range []struct{ text, input, want string }{
		{".", `{"b":1,"a":[1.50,12345678901234567890,1e400,"é\u0000<"]}`, `{"a":[1.50,12345678901234567890,1e400,"é\u0000<"],"b":1}`},
		{".[]", `[1,2]`, "1 2"},
		{"empty", `1`, ""},
		{"$who + .a", `{"a":"b"}`, `"abcb"`},
		{".id", `{"id":9007199254740993}`, "9007199254740993"},
		{".id + 1", `{"id":9007199254740993}`, "9007199254740994"},
		{"tojson", `{"a":[1,{"b":null}]}`, `"{\"a\":[1,{\"b\":null}]}"`},
		{"[.[] | tojson | fromjson]", `[1.0,"x"]`, `[1.0,"x"]`},
		{"nan", `1`, "null"},
	} {
		if got, err := run(t, c.text, c.input, map[string]any{"who": "abc"}); err != nil || got != c.want {
			t.Errorf("%s over %s: %s, %v; want %s", c.text, c.input, got, err, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		".[":                           "this is not jq",
		"$nobody":                      "variable not defined: $nobody",
		"env":                          "`env` cannot be used here",
		"[1 | {a: $ENV.HOME}]":         "`$ENV` cannot be used here",
		"map(input)":                   "`input` cannot be used here",
		"def f: debug; f":              "`debug` cannot be used here",
		`import "a" as a; .`:           "has no modules",
		strings.Repeat(" ", MaxText+1): "longer than 16 KB",
		".a.b":                         "the expression failed: ",
		`error("why")`:                 "the expression failed: error: why",
		`reduce range(200000) as $i (1; [.]) | length | [.]`:   "",
		`def f($x): if $x > 0 then f($x - 1) else . end; f(9)`: "",
	} {
		_, err := run(t, text, `1`, nil)
		if want == "" {
			if err != nil {
				t.Errorf("%.60s: %v", text, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
}

// Whatever an expression does, it comes to an end within its bounds.
func TestBounds(t *testing.T) {
	for _, text := range []string{
		"def f: f; f", "repeat(1)", "reduce range(60) as $i (1; [., .]) | tojson", "reduce range(60) as $i (1; [., .])",
		`reduce range(50) as $i ("0123456789abcdef"; . + .)`, `[repeat("0123456789abcdef" * 1e6)]`, "[range(1e12)]",
	} {
		c, err := Compile(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.within = 300 * time.Millisecond
		var bad *Error
		err = c.Run(t.Context(), nil, nil, func(v any) error {
			_, err := Encode(nil, v, 1000)
			return err
		})
		if !errors.As(err, &bad) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What ends a run from outside is told as it is.
func TestEnded(t *testing.T) {
	c, err := Compile("repeat(1)", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err = c.Run(ctx, nil, nil, func(any) error {
		if n++; n == 3 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	full := errors.New("full")
	if err := c.Run(t.Context(), nil, nil, func(any) error { return full }); !errors.Is(err, full) {
		t.Error(err)
	}
}
