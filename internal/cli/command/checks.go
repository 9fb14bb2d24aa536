package command

import (
	"cmp"
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
	sorted := slices.Clone(checks)
	slices.SortStableFunc(sorted, func(a, b client.Check) int {
		return cmp.Compare(rank(a), rank(b))
	})
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	columns := []Column[client.Check]{{Head: "CHECK", Cell: func(k client.Check) string { return k.Type }},
		{Head: "STATUS", Cell: func(k client.Check) string { return k.Status }, Paint: Standing}}
	// Of a person only the status is told, of a device also what it follows from.
	for _, c := range []Column[client.Check]{{Head: "BY", Cell: basis}, {Head: "SINCE", Cell: func(k client.Check) string { return Day(k.Since, "") }}, {Head: "UNTIL", Cell: until}} {
		if slices.ContainsFunc(sorted, func(k client.Check) bool { return c.Cell(k) != "" }) {
			columns = append(columns, c)
		}
	}
	return Table(env, w, sorted, columns...)
}

// until is how long what was proven counts; what was not proven does not count at
// all.
func until(k client.Check) string {
	if k.Status != "PASS" {
		return ""
	}
	return Day(k.ExpiresAt, "")
}

// rank puts the check over all others before them.
func rank(k client.Check) int {
	if k.Type == client.FullCompliance {
		return 0
	}
	return 1
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
