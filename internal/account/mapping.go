package account

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
	"github.com/plumbline-dev/plumbline/rule"
)

// Limits of a mapping.
const (
	maxAnswers = 20
	maxAnswer  = 200
)

// Mapping says which attributes of a resource's records are what of an account.
// Each is a path from the record on, as rules have them; an empty one says that
// the records do not tell. Name is required.
type Mapping struct {
	Name         string    `json:"name"`
	Email        string    `json:"email,omitempty"`
	DisplayName  string    `json:"displayName,omitempty"`
	Kind         string    `json:"kind,omitempty"`
	Roles        string    `json:"roles,omitempty"`
	Active       *Question `json:"active,omitempty"`
	MFA          *Question `json:"mfa,omitempty"`
	LastActiveAt string    `json:"lastActiveAt,omitempty"`
}

// Question is an attribute that answers yes or no.
type Question struct {
	Path string `json:"path"`
	// Is are the values that mean yes, as JSON texts, numbers, booleans or null;
	// without any true does.
	Is []json.RawMessage `json:"is,omitempty"`
}

// Parse reads a mapping; what is wrong is a CodeValidation with its pointer.
func Parse(text []byte) (Mapping, error) {
	var m Mapping
	if err := strictjson.DecodeKnown(text, &m); err != nil {
		return m, err
	}
	_, err := NewExtractor(m)
	return m, err
}

// place is one attribute of a mapping.
type place struct {
	pointer, path string
}

func (m Mapping) places() []place {
	out := []place{{"/name", m.Name}, {"/email", m.Email}, {"/displayName", m.DisplayName}, {"/kind", m.Kind}, {"/roles", m.Roles}, {"/lastActiveAt", m.LastActiveAt}}
	if m.Active != nil {
		out = append(out, place{"/active/path", m.Active.Path})
	}
	if m.MFA != nil {
		out = append(out, place{"/mfa/path", m.MFA.Path})
	}
	return slices.DeleteFunc(out, func(p place) bool { return p.path == "" })
}

func invalid(pointer, form string, args ...any) error {
	err := fault.New(fault.CodeValidation, form, args...)
	err.Pointer = pointer
	return err
}

// check proves that a mapping can be used, whatever the records.
func (m Mapping) check() error {
	if m.Name == "" {
		return invalid("/name", "`name` is required: the attribute that says what the account is called")
	}
	for _, asked := range []struct {
		pointer string
		*Question
	}{{"/active", m.Active}, {"/mfa", m.MFA}} {
		pointer, q := asked.pointer, asked.Question
		if q == nil {
			continue
		}
		if q.Path == "" {
			return invalid(pointer+"/path", "`%s` needs a `path`: the attribute that answers", pointer[1:])
		}
		if len(q.Is) > maxAnswers {
			return invalid(pointer+"/is", "`is` may name at most %d values", maxAnswers)
		}
		for _, v := range q.Is {
			if len(v) > maxAnswer || v[0] == '{' || v[0] == '[' {
				return invalid(pointer+"/is", "`is` holds texts, numbers, booleans and null of at most %d bytes", maxAnswer)
			}
		}
	}
	return nil
}

// fits proves that the records of a resource can have what a mapping names: the
// schema declares it, or a sample of the records has it.
func (m Mapping) fits(o *schema.Outline) error {
	for _, p := range m.places() {
		top, ok := topOf(p.path)
		if !ok || len(o.Root.Children) == 0 || slices.ContainsFunc(o.Root.Children, func(a *schema.Attribute) bool { return a.Name == top }) {
			continue
		}
		err := fault.New(fault.CodeValidation, "the records have no attribute `%s`", clip(top, 80))
		if i := slices.IndexFunc(o.Root.Children, func(a *schema.Attribute) bool { return strings.EqualFold(a.Name, top) }); i >= 0 {
			err = fault.New(fault.CodeValidation, "the records have no attribute `%s`; did you mean `%s`?", clip(top, 80), o.Root.Children[i].Name)
		}
		err.Pointer = p.pointer
		return err
	}
	return nil
}

// topOf is the property of the record with which a path begins; false where it
// begins with something else, such as a wildcard.
func topOf(path string) (string, bool) {
	rest, rooted := strings.CutPrefix(path, "$")
	switch {
	case rooted && strings.HasPrefix(rest, "['"):
		name, _, ok := strings.Cut(rest[2:], "']")
		return name, ok && !strings.Contains(name, `\`)
	case rooted && (!strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "..")):
		return "", false
	}
	rest = strings.TrimPrefix(rest, ".")
	if end := strings.IndexAny(rest, ".["); end >= 0 {
		rest = rest[:end]
	}
	return rest, rest != "" && !strings.ContainsAny(rest, "*'\"")
}

// maxAttributes is how many attributes are offered for a mapping.
const maxAttributes = 300

// Attribute is one that a mapping can name.
type Attribute struct {
	Path string
	// Types are the JSON types that are declared or were seen.
	Types []string
	// Values are some that were seen, as JSON text.
	Values []json.RawMessage
}

// attributesOf are the attributes that hold texts, numbers and booleans, or lists
// of them.
func attributesOf(o *schema.Outline) []Attribute {
	out := []Attribute{}
	var walk func(a *schema.Attribute, way []rule.Segment)
	walk = func(a *schema.Attribute, way []rule.Segment) {
		if len(out) == maxAttributes {
			return
		}
		holds := a
		if a.Elements != nil && len(a.Elements.Children) == 0 && a.Elements.Elements == nil {
			holds = a.Elements
		}
		if at, ok := rule.NewAddress(way); ok && len(way) > 0 && !way[len(way)-1].Each && len(holds.Children) == 0 && holds.Elements == nil {
			out = append(out, Attribute{Path: at.Rooted(), Types: append([]string{}, a.Types...), Values: append([]json.RawMessage{}, holds.Values...)})
		}
		for _, child := range a.Children {
			walk(child, append(slices.Clip(way), rule.Segment{Name: child.Name}))
		}
		if holds == a && a.Elements != nil {
			walk(a.Elements, append(slices.Clip(way), rule.Segment{Each: true}))
		}
	}
	walk(&o.Root, nil)
	return out
}

// proposals are the names that attributes of accounts often have, the surest
// first, in lower case and without marks.
var proposals = struct{ name, email, display, kind, roles, active, mfa, seen []string }{
	name:    []string{"login", "username", "accountname", "useremail", "primaryemail", "userprincipalname", "samaccountname", "email", "mail", "name", "id"},
	email:   []string{"email", "mail", "primaryemail", "useremail", "emailaddress", "userprincipalname"},
	display: []string{"displayname", "fullname", "realname", "name"},
	kind:    []string{"accounttype", "usertype", "kind", "type"},
	roles:   []string{"roles", "role", "groups", "permissions", "entitlements"},
	active:  []string{"active", "enabled", "isactive", "accountenabled"},
	mfa:     []string{"mfa", "mfaenabled", "mfaenrolled", "twofactor", "twofactorenabled", "ismfaenabled"},
	seen:    []string{"lastactiveat", "lastlogin", "lastloginat", "lastloginattime", "lastseen", "lastsignin", "lastsigninat", "lastactivityat"},
}

var unmarked = strings.NewReplacer("_", "", "-", "", " ", "", ".", "")

// Propose guesses a mapping from what attributes are called. Its name is empty
// where nothing looks like one.
func Propose(o *schema.Outline) Mapping {
	find := func(names []string, types ...string) string {
		for _, name := range names {
			for _, a := range o.Root.Children {
				if unmarked.Replace(strings.ToLower(a.Name)) != name || len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return slices.Contains(a.Types, t) }) {
					continue
				}
				way := []rule.Segment{{Name: a.Name}}
				if a.Elements != nil && slices.ContainsFunc(a.Elements.Children, func(e *schema.Attribute) bool { return e.Name == "name" }) {
					way = append(way, rule.Segment{Each: true}, rule.Segment{Name: "name"})
				}
				if at, ok := rule.NewAddress(way); ok {
					return at.Rooted()
				}
			}
		}
		return ""
	}
	m := Mapping{Name: find(proposals.name, "string", "integer"), Email: find(proposals.email, "string"), DisplayName: find(proposals.display, "string"),
		Kind: find(proposals.kind, "string"), Roles: find(proposals.roles, "string", "array"), LastActiveAt: find(proposals.seen, "string", "integer")}
	if m.DisplayName == m.Name {
		m.DisplayName = ""
	}
	for into, names := range map[**Question][]string{&m.Active: proposals.active, &m.MFA: proposals.mfa} {
		if path := find(names, "boolean"); path != "" {
			*into = &Question{Path: path}
		}
	}
	return m
}
