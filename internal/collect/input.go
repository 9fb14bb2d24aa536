package collect

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/document"
)

// Input is one thing that a person fills in.
type Input struct {
	// Name is how the recipe refers to it: ${name}, $name.
	Name string
	// Label, Help and Example are for the form.
	Label, Help, Example string
	// Default is the value where none is given.
	Default string
	// Pattern is an expression (RE2) that the whole value must match, or empty.
	Pattern string
	// Required says that there is no run without a value.
	Required bool
	// Secret values occur in no step, error or expression.
	Secret bool
}

const (
	maxInputs = 50
	maxValue  = 64 << 10
	// minSecret is the length below which a secret could not be kept out of
	// sentences without destroying them.
	minSecret = 4
)

var (
	inputName   = regexp.MustCompile(`^[a-z][A-Za-z0-9]{0,59}$`)
	placeholder = regexp.MustCompile(`\$\{([^}]*)(\}?)`)
)

// InputError says which input cannot be used, and why.
type InputError struct {
	// Name is that of the input.
	Name    string
	Message string
}

func (e *InputError) Error() string { return "`" + e.Name + "` " + e.Message }

// Check is nil if the recipe can run with the inputs. Else it is an
// [*InputError] about the first that is missing, unknown or does not match.
func (r *Recipe) Check(inputs map[string]string) error {
	for _, i := range r.inputs {
		if err := i.check(inputs[i.Name]); err != nil {
			return err
		}
	}
	names := make([]string, len(r.inputs))
	for i := range r.inputs {
		names[i] = r.inputs[i].Name
	}
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		if !slices.Contains(names, name) {
			message := "is no input of this recipe"
			if near := document.Nearest(name, names); near != "" {
				message += "; did you mean `" + near + "`?"
			}
			return &InputError{document.Clip(name, 60), message}
		}
	}
	v := r.values(inputs)
	if r.http != nil {
		return r.http.check(v)
	}
	return nil
}

func (i Input) check(value string) error {
	value = cmp.Or(value, i.Default)
	switch {
	case value == "" && i.Required:
		return &InputError{i.Name, "is missing"}
	case value == "":
		return nil
	case len(value) > maxValue:
		return &InputError{i.Name, fmt.Sprintf("is longer than %d KB", maxValue>>10)}
	case strings.ContainsRune(value, 0):
		return &InputError{i.Name, "holds a character that cannot be used"}
	case i.Secret && len(value) < minSecret:
		return &InputError{i.Name, fmt.Sprintf("is too short for a secret: it has fewer than %d characters", minSecret)}
	case i.Pattern != "" && !regexp.MustCompile(`^(?:`+i.Pattern+`)$`).MatchString(value):
		message := "does not have the form that is asked for"
		if i.Example != "" {
			message += ", such as " + i.Example
		}
		return &InputError{i.Name, message}
	}
	return nil
}

// values are those of the inputs with the defaults filled in.
func (r *Recipe) values(inputs map[string]string) map[string]string {
	out := make(map[string]string, len(r.inputs))
	for _, i := range r.inputs {
		out[i.Name] = cmp.Or(inputs[i.Name], i.Default)
	}
	return out
}

// open are the values that expressions may see.
func (r *Recipe) open(values map[string]string) map[string]any {
	out := make(map[string]any, len(r.inputs)+1)
	for _, i := range r.inputs {
		if !i.Secret {
			out[i.Name] = values[i.Name]
		}
	}
	return out
}

// template is a text with placeholders.
type template struct{ parts []part }

// part is a text, or the value of an input.
type part struct {
	text  string
	input string
}

// readTemplate cuts a text at its placeholders. known reports whether an input
// of a name exists.
func readTemplate(text string, known func(string) bool) (template, error) {
	var t template
	end := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		switch {
		case m[4] == m[5]:
			return t, fmt.Errorf("`${` has no closing brace")
		case !known(name):
			return t, fmt.Errorf("there is no input `%s`", document.Clip(name, 60))
		}
		if m[0] > end {
			t.parts = append(t.parts, part{text: text[end:m[0]]})
		}
		t.parts = append(t.parts, part{input: name})
		end = m[1]
	}
	if end < len(text) {
		t.parts = append(t.parts, part{text: text[end:]})
	}
	return t, nil
}

func (t template) empty() bool { return len(t.parts) == 0 }

// fill puts the values in as they are.
func (t template) fill(values map[string]string) string {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.text)
		b.WriteString(values[p.input])
	}
	return b.String()
}

// only is the input that the whole text stands for, or empty.
func (t template) only() string {
	if len(t.parts) == 1 {
		return t.parts[0].input
	}
	return ""
}

var hostPart = regexp.MustCompile(`^[A-Za-z0-9._:-]*$`)

// fillURL puts the values into a URL: escaped in its path and its query, as they
// are where the URL begins with one. An [*InputError] where one is no part of a
// host.
func (t template) fillURL(values map[string]string) (string, error) {
	if name := t.only(); name != "" {
		return values[name], nil
	}
	var b strings.Builder
	for i, p := range t.parts {
		value := values[p.input]
		switch done := b.String(); {
		case p.input == "":
			if i == 1 && t.parts[0].input != "" && strings.HasPrefix(p.text, "/") {
				// An address is often given with the slash at its end.
				b.Reset()
				b.WriteString(strings.TrimRight(done, "/"))
			}
			b.WriteString(p.text)
		case i == 0:
			b.WriteString(value)
		case strings.Contains(done, "?"):
			b.WriteString(url.QueryEscape(value))
		case !strings.Contains(strings.TrimPrefix(strings.TrimPrefix(done, "https://"), "http://"), "/"):
			if !hostPart.MatchString(value) {
				return "", &InputError{p.input, "cannot be a part of a host name"}
			}
			b.WriteString(value)
		default:
			b.WriteString(url.PathEscape(value))
		}
	}
	return b.String(), nil
}
