package command

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestConfirmed(t *testing.T) {
	for in, want := range map[string]bool{"yes\n": true, " YES \n": true, "yes": true, "y\n": false, "\n": false, "": false, "yes please\n": false} {
		var out bytes.Buffer
		if got, err := Confirmed(strings.NewReader(in), &out); got != want || err != nil || out.Len() == 0 {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	if _, err := Confirmed(strings.NewReader("yes\n"), failing{}); err == nil {
		t.Error("the question was not heard")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("closed") }
