package control

import (
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/sheet"
)

// csvHeader are the columns of a file of requirements. additionalInfo may be
// absent, and is written only where there is any.
var csvHeader = []string{"code", "name", "description", "category", "controls", "additionalInfo"}

// CSVTemplate is an empty file of requirements with an example.
func CSVTemplate() []byte {
	return sheet.Write([][]string{csvHeader[:5],
		{"AC-1", "Second factor", "Everybody signs in with a second factor.", "Access", ""}})
}

func writeCSV(list []Requirement) []byte {
	columns := 5
	if slices.ContainsFunc(list, func(r Requirement) bool { return r.AdditionalInfo != "" }) {
		columns = 6
	}
	rows := [][]string{csvHeader[:columns]}
	for _, r := range list {
		codes := make([]string, len(r.Controls))
		for i, c := range r.Controls {
			codes[i] = c.Code
		}
		row := []string{r.Code, r.Name, r.Description, r.Category, strings.Join(codes, "; "), r.AdditionalInfo}[:columns]
		rows = append(rows, row)
	}
	return sheet.Write(rows)
}

// readCSV reads a file of requirements.
func readCSV(text []byte) *reading {
	out := &reading{}
	s := sheet.Read(text, sheet.Columns{Taken: csvHeader, Needed: [][]string{{"code"}, {"name"}}, MaxRows: MaxRequirements})
	for _, p := range s.Problems {
		if p.Column != "" {
			p.Message = "column " + p.Column + ": " + p.Message
		}
		out.refuse(Problem{Row: p.Line, Message: p.Message})
	}
	for _, row := range s.Rows {
		item := Item{At: fmt.Sprintf("line %d", row.Line), Requirement: Requirement{Code: row.Text("code"), Name: row.Text("name"), Description: row.Text("description"),
			Category: row.Text("category"), AdditionalInfo: row.Text("additionalInfo")}}
		for code := range strings.SplitSeq(row.Text("controls"), ";") {
			if code = strings.TrimSpace(code); code != "" {
				item.ControlCodes = append(item.ControlCodes, code)
			}
		}
		out.items = append(out.items, item)
	}
	return out
}
