package customfields

import (
	"bytes"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

func TestAsk(t *testing.T) {
	for _, c := range []struct {
		field        client.CustomField
		answer, said string
		agreed       bool
	}{
		{client.CustomField{ID: 3, Kind: "ASSET", Name: "Criticality", ValueCount: new(int64(2))}, "yes\n", "Custom field 3 (Criticality) will be deleted, and its value of 2 assets.\n", true},
		{client.CustomField{ID: 4, Kind: "PERSONNEL", Name: "Desk", ValueCount: new(int64(1))}, "no\n", "Custom field 4 (Desk) will be deleted, and its value of 1 person.\n", false},
		{client.CustomField{ID: 5, Kind: "PERSONNEL", Name: "Desk"}, "", "Custom field 5 (Desk) will be deleted; it has no values.\n", false},
	} {
		var out bytes.Buffer
		err := ask(command.Env{In: strings.NewReader(c.answer), Err: &out}, c.field)
		if (err == nil) != c.agreed || !strings.HasPrefix(out.String(), c.said) {
			t.Errorf("%q after\n%s%v", c.answer, out.String(), err)
		}
	}
}
