package httpapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// table reads CSV as RFC 4180 has it, and nothing more liberal.
func table(t *testing.T, text []byte) (rows [][]string) {
	t.Helper()
	row, rest := []string{}, string(text)
	for rest != "" {
		var cell string
		cell, rest = cellOf(t, rest)
		row = append(row, cell)
		switch {
		case strings.HasPrefix(rest, ","):
			rest = rest[1:]
		case strings.HasPrefix(rest, "\r\n"):
			rest = rest[2:]
			rows = append(rows, row)
			row = []string{}
		default:
			t.Fatalf("after the cell %q comes %.20q", cell, rest)
		}
	}
	for i, r := range rows {
		if len(r) != len(rows[0]) {
			t.Fatalf("row %d has %d cells, the first %d", i, len(r), len(rows[0]))
		}
	}
	return rows
}

func cellOf(t *testing.T, rest string) (cell, after string) {
	t.Helper()
	if !strings.HasPrefix(rest, `"`) {
		end := strings.IndexAny(rest, ",\r\n")
		if end < 0 {
			t.Fatalf("the last row does not end: %q", rest)
		}
		if cell = rest[:end]; strings.Contains(cell, `"`) {
			t.Fatalf("the cell %q is not quoted", cell)
		}
		return cell, rest[end:]
	}
	var b strings.Builder
	for rest = rest[1:]; ; rest = rest[1:] {
		part, more, ok := strings.Cut(rest, `"`)
		if !ok {
			t.Fatal("a quoted cell does not end")
		}
		b.WriteString(part)
		if rest = more; !strings.HasPrefix(rest, `"`) {
			return b.String(), rest
		}
		b.WriteByte('"')
	}
}

// risky is what a program for tables might take for a formula.
func risky(text string) bool { return text != "" && strings.ContainsAny(text[:1], "=+-@\t\r\n") }

// structured is what a cell holds that is a list, an object or a negative number.
func structured(cell string) (any, bool) {
	if !strings.ContainsAny(cell[:1], "[{-") {
		return nil, false
	}
	v, err := parse([]byte(cell))
	return v, err == nil
}

// fromRow makes an object of a row as a reader of the documentation would: with
// all scalars as texts, and without what is empty.
func fromRow(t *testing.T, names, cells []string) any {
	t.Helper()
	out := map[string]any{}
	for i, name := range names {
		cell := cells[i]
		if cell == "" {
			continue
		}
		var value any = cell
		switch v, ok := structured(cell); {
		case ok:
			value = bare(v)
		case risky(cell):
			t.Errorf("%s is a formula: %q", name, cell)
		case cell[0] == '\'' && risky(strings.TrimLeft(cell, "'")):
			value = cell[1:]
		}
		steps := stepsOf(t, name)
		at := out
		for _, step := range steps[:len(steps)-1] {
			if at[step] == nil {
				at[step] = map[string]any{}
			}
			at = object(at[step])
		}
		if last := steps[len(steps)-1]; last != "_other" || strings.HasSuffix(name, `["_other"]`) {
			at[last] = value
		} else {
			merge(at, object(value))
		}
	}
	return bare(out)
}

func merge(into, more map[string]any) {
	for key, v := range more {
		if have, ok := into[key].(map[string]any); ok {
			merge(have, object(v))
			continue
		}
		into[key] = v
	}
}

// stepsOf are the properties that the name of a column leads through.
func stepsOf(t *testing.T, name string) (steps []string) {
	t.Helper()
	if field, ok := strings.CutPrefix(name, "customFields."); ok {
		return []string{"customFields", field}
	}
	for name != "" {
		if strings.HasPrefix(name, "[") {
			d := json.NewDecoder(strings.NewReader(name[1:]))
			var step string
			if err := d.Decode(&step); err != nil {
				t.Fatalf("column %s: %v", name, err)
			}
			steps, name = append(steps, step), strings.TrimPrefix(name[1+int(d.InputOffset()):], "]")
		} else {
			end := strings.IndexAny(name, ".[")
			if end < 0 {
				end = len(name)
			}
			steps, name = append(steps, name[:end]), name[end:]
		}
		name = strings.TrimPrefix(name, ".")
	}
	return steps
}

// byField are the values of custom fields as columns have them: by name.
func byField(values any) any {
	list, ok := values.([]any)
	if !ok {
		return values
	}
	out := map[string]any{}
	for _, v := range list {
		if f := object(v); f["customFieldId"] != nil {
			out[fmt.Sprint(f["name"])] = f["value"]
		}
	}
	return out
}

// words are the classes of an asset as a column has them.
func words(classes any) any {
	list, ok := classes.([]any)
	if !ok {
		return classes
	}
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprint(object(v)["assetClassType"]))
	}
	return strings.Join(out, "; ")
}

// bare is a value without what no cell tells: null, empty texts and objects, and
// whether a scalar is a text.
func bare(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, each := range v {
			switch key {
			case "customFields":
				each = byField(each)
			case "assetClassTypes":
				each = words(each)
			}
			if each = bare(each); each != nil {
				out[key] = each
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, each := range v {
			out[i] = bare(each)
		}
		return out
	case nil:
		return nil
	case string:
		if v == "" {
			return nil
		}
		return v
	}
	return fmt.Sprint(v)
}
