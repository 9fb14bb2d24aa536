package collect

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
	"github.com/plumbline-dev/plumbline/internal/document"
)

// Fault says why a text is no recipe.
type Fault struct {
	// Pointer is the JSON Pointer of the value, empty for the whole recipe.
	Pointer string
	// Line and Column count from 1, 0 where there is none.
	Line, Column int
	Message      string
	// Suggestion is what was probably meant, or empty.
	Suggestion string
}

func (f *Fault) Error() string {
	text := f.Message
	if f.Suggestion != "" {
		text += "; did you mean `" + f.Suggestion + "`?"
	}
	if f.Pointer != "" {
		text = f.Pointer + ": " + text
	}
	if f.Line > 0 {
		text = fmt.Sprintf("line %d, %s", f.Line, text)
	}
	return text
}

// field is a value of the recipe with its pointer. Its node is nil where there is
// none.
type field struct {
	*document.Node
	pointer string
}

func (f field) get(name string) field { return field{f.Get(name), f.pointer + "/" + name} }

func (f field) item(i int) field { return field{f.Items[i], f.pointer + "/" + strconv.Itoa(i)} }

// member is the i-th member of a mapping.
func (f field) member(i int) (string, field) {
	name := f.Keys[i].Name
	return name, field{f.Items[i], f.pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)}
}

func (f field) absent() bool { return f.Node == nil || f.IsNull() }

// reader reads the parts of a recipe. It keeps the first fault, after which what
// it answers does not matter.
type reader struct {
	inputs []Input
	fault  *Fault
}

func (r *reader) fail(f field, format string, args ...any) {
	if r.fault != nil {
		return
	}
	r.fault = &Fault{Pointer: f.pointer, Message: fmt.Sprintf(format, args...)}
	if f.Node != nil {
		r.fault.Line, r.fault.Column = f.Line, f.Column
	}
}

// mapping refuses what is no mapping, and unknown fields of one.
func (r *reader) mapping(f field, allowed ...string) bool {
	if f.Node == nil || f.Kind != document.IsMapping {
		if f.Node == nil {
			r.fail(f, "is missing")
		} else {
			r.fail(f, "must be a mapping, not %s", f.Describe())
		}
		return false
	}
	for i, k := range f.Keys {
		if !slices.Contains(allowed, k.Name) {
			_, at := f.member(i)
			r.fail(at, "unknown field `%s`: the fields here are %s", document.Clip(k.Name, 60), strings.Join(allowed, ", "))
			r.fault.Line, r.fault.Column, r.fault.Suggestion = k.Line, k.Column, document.Nearest(k.Name, allowed)
			return false
		}
	}
	return r.fault == nil
}

func (r *reader) list(f field, most int) []field {
	switch {
	case f.absent():
		return nil
	case f.Kind != document.IsList:
		r.fail(f, "must be a list, not %s", f.Describe())
		return nil
	case len(f.Items) > most:
		r.fail(f, "has %d elements: there may be %d", len(f.Items), most)
		return nil
	}
	out := make([]field, len(f.Items))
	for i := range out {
		out[i] = f.item(i)
	}
	return out
}

// text is a text, or how a number, true or false is written.
func (r *reader) text(f field) string {
	switch {
	case f.absent():
		return ""
	case f.Kind == document.IsList || f.Kind == document.IsMapping:
		r.fail(f, "must be a text, not %s", f.Describe())
		return ""
	case len(f.Text) > maxValue:
		r.fail(f, "is longer than %d KB", maxValue>>10)
	}
	return f.Text
}

// needed is a text that must be there.
func (r *reader) needed(f field) string {
	text := r.text(f)
	if text == "" {
		r.fail(f, "is missing")
	}
	return text
}

func (r *reader) flag(f field, otherwise bool) bool {
	switch {
	case f.absent():
		return otherwise
	case f.Kind != document.IsLiteral || f.Text != "true" && f.Text != "false":
		r.fail(f, "must be true or false, not %s", f.Describe())
	}
	return f.Text == "true"
}

func (r *reader) whole(f field, otherwise, least, most int64) int64 {
	if f.absent() {
		return otherwise
	}
	n, err := strconv.ParseInt(f.Text, 10, 64)
	if err != nil || f.Kind == document.IsList || f.Kind == document.IsMapping || n < least || n > most {
		r.fail(f, "must be a whole number from %d to %d", least, most)
	}
	return n
}

func (r *reader) oneOf(f field, otherwise string, allowed ...string) string {
	text := r.text(f)
	if text == "" {
		text = otherwise
	}
	if !slices.Contains(allowed, text) {
		r.fail(f, "must be one of %s", strings.Join(allowed, ", "))
	}
	return text
}

func (r *reader) known(name string) bool {
	return slices.ContainsFunc(r.inputs, func(i Input) bool { return i.Name == name })
}

// template is a text with placeholders.
func (r *reader) template(f field) template {
	t, err := readTemplate(r.text(f), r.known)
	if err != nil {
		r.fail(f, "%v", err)
	}
	return t
}

func (r *reader) neededTemplate(f field) template {
	r.needed(f)
	return r.template(f)
}

// pairs are the members of a mapping of texts. A list gives a name several times.
func (r *reader) pairs(f field, most int) []pair {
	switch {
	case f.absent():
		return nil
	case f.Kind != document.IsMapping:
		r.fail(f, "must be a mapping, not %s", f.Describe())
		return nil
	case len(f.Keys) > most:
		r.fail(f, "has %d members: there may be %d", len(f.Keys), most)
		return nil
	}
	var out []pair
	for i := range f.Keys {
		name, value := f.member(i)
		if value.Kind == document.IsList {
			for _, v := range r.list(value, most) {
				out = append(out, pair{name, r.template(v)})
			}
			continue
		}
		out = append(out, pair{name, r.template(value)})
	}
	return out
}

// pair is a name with a value.
type pair struct {
	name  string
	value template
}

// expression compiles one over the inputs, $now and more variables; nil where
// there is none.
func (r *reader) expression(f field, more ...string) *jq.Code {
	text := r.text(f)
	if text == "" {
		return nil
	}
	variables := append([]string{"now"}, more...)
	for _, i := range r.inputs {
		if !i.Secret {
			variables = append(variables, i.Name)
		}
	}
	code, err := jq.Compile(text, variables)
	if err != nil {
		message := err.Error()
		for _, i := range r.inputs {
			if i.Secret && strings.Contains(message, "$"+i.Name) {
				message += " (an expression never sees a secret)"
			}
		}
		r.fail(f, "%s", message)
		return nil
	}
	return code
}

// Parse reads a recipe, YAML or JSON. What is wrong with one is a [*Fault].
func Parse(text []byte) (*Recipe, error) {
	root, derr := document.Read("recipe", text)
	if derr != nil {
		return nil, &Fault{Line: derr.Line, Column: derr.Column, Message: derr.Message, Suggestion: derr.Suggestion}
	}
	r := &reader{}
	recipe := r.recipe(field{Node: root})
	if r.fault != nil {
		return nil, r.fault
	}
	return recipe, nil
}

func (r *reader) recipe(f field) *Recipe {
	if !r.mapping(f, append([]string{"collector", "inputs", "items", "record"}, collectors...)...) {
		return nil
	}
	out := &Recipe{collector: r.oneOf(f.get("collector"), "", collectors...)}
	for _, name := range collectors {
		if has := f.Get(name) != nil; name != out.collector && has {
			r.fail(f.get(name), "does not go with the collector %s", out.collector)
		}
	}
	r.readInputs(f.get("inputs"))
	out.inputs = r.inputs
	section := f.get(out.collector)
	items := f.get("items")
	var details []string
	switch {
	case r.fault != nil:
		return nil
	case out.collector == Command:
		out.command = r.commandSource(section, items)
	case out.collector == File:
		out.file = r.fileSource(section, items)
	case !items.absent() && out.collector == HTTP:
		r.fail(items, "stands within `http`")
	case !items.absent():
		r.fail(items, "there is nothing to find: every row of %s is an item", out.collector)
	case out.collector == SQL:
		out.sql = r.sqlSource(section)
	case out.collector == Osquery:
		out.osquery = r.osquerySource(section)
	case out.collector == HTTP:
		out.http = r.httpSource(section)
		if out.http != nil {
			for _, d := range out.http.details {
				details = append(details, d.as)
			}
		}
	}
	record := f.get("record")
	out.record = r.expression(record, details...)
	if out.record == nil && r.fault == nil {
		out.record, _ = jq.Compile(".", nil)
	}
	return out
}

func (r *reader) readInputs(f field) {
	for _, in := range r.list(f, maxInputs) {
		if !r.mapping(in, "name", "label", "help", "example", "default", "pattern", "required", "secret") {
			return
		}
		i := Input{Name: r.needed(in.get("name")), Label: r.text(in.get("label")), Help: r.text(in.get("help")), Example: r.text(in.get("example")),
			Default: r.text(in.get("default")), Pattern: r.text(in.get("pattern")), Required: r.flag(in.get("required"), true), Secret: r.flag(in.get("secret"), false)}
		_, err := regexp.Compile(`^(?:` + i.Pattern + `)$`)
		switch {
		case !inputName.MatchString(i.Name):
			r.fail(in.get("name"), "must begin with a small letter and hold letters and digits only")
		case i.Name == "now":
			r.fail(in.get("name"), "`now` is the start of the run: give the input another name")
		case r.known(i.Name):
			r.fail(in.get("name"), "there are two inputs `%s`", i.Name)
		case err != nil:
			r.fail(in.get("pattern"), "is no expression of the kind RE2: %v", err)
		case i.Secret && i.Default != "":
			r.fail(in.get("default"), "a secret has no default")
		}
		if err := i.check(i.Default); r.fault == nil && i.Default != "" && err != nil {
			r.fail(in.get("default"), "%v", err)
		}
		if r.fault != nil {
			return
		}
		r.inputs = append(r.inputs, i)
	}
}
