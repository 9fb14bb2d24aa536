package command

import (
	"fmt"
	"io"
	"slices"

	"github.com/plumbline-dev/plumbline/client"
)

// Checks writes how each protection stands, if there is any, as a part of what is
// told of a person, a device or an asset; those for all others come first.
func Checks(env Env, w io.Writer, checks []client.Check) error {
	if len(checks) == 0 {
		return nil
	}
	t := newTable(env, w, []Column[client.Check]{
		{Head: "CHECK", Cell: func(k client.Check) string { return k.Type }},
		{Head: "STATUS", Cell: func(k client.Check) string { return k.Status }, Paint: Standing},
		{Head: "BY", Cell: basis},
		{Head: "SINCE", Cell: func(k client.Check) string { return Day(k.Since, "") }},
		{Head: "UNTIL", Cell: func(k client.Check) string { return Day(k.ExpiresAt, "") }},
	})
	_ = t.w.WriteByte('\n')
	for _, k := range slices.Backward(checks) {
		if k.Type == client.FullCompliance {
			t.add(k)
		}
	}
	for _, k := range checks {
		if k.Type != client.FullCompliance {
			t.add(k)
		}
	}
	return t.flush()
}

// basis is what a status follows from.
func basis(k client.Check) string {
	switch {
	case k.DocumentID != nil:
		return fmt.Sprintf("document %d", *k.DocumentID)
	case k.Basis == nil:
		return ""
	}
	return map[string]string{"REPORTED": "report", "NOT_REPORTED": "not reported", "REPORT_EXPIRED": "report too old", "DOCUMENT": "document"}[*k.Basis]
}
