package collection

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/collect"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/schedule"
)

// Sealer closes secrets; secret.Box is one.
type Sealer interface {
	Seal(plain []byte, purpose string) ([]byte, error)
	Open(sealed []byte, purpose string) ([]byte, error)
}

// Change is what may change of a collection; nil leaves a part as it is.
type Change struct {
	Recipe *string
	// Inputs are values by name, plain ones and secrets: nil clears, what is not
	// named stays.
	Inputs   map[string]*string
	Schedule *string
	Enabled  *bool
	Guards   GuardsChange
}

// GuardsChange is what may change of guards.
type GuardsChange struct {
	MaxDeletePercent *float64
	AllowEmpty       *bool
}

// purpose binds the secrets of a collection to its resource.
func (c Collection) purpose() string {
	return fmt.Sprintf("collection of resource %d", c.ResourceID)
}

// secrets opens those of a collection.
func (c Collection) secrets(s Sealer) (map[string]string, error) {
	out := map[string]string{}
	if len(c.Sealed) == 0 {
		return out, nil
	}
	plain, err := s.Open(c.Sealed, c.purpose())
	if err != nil {
		return out, fmt.Errorf("open the secrets of resource %d: %w", c.ResourceID, err)
	}
	if err := json.Unmarshal(plain, &out); err != nil {
		return map[string]string{}, fmt.Errorf("the secrets of resource %d are damaged", c.ResourceID)
	}
	return out, nil
}

func (c *Collection) seal(s Sealer, secrets map[string]string) error {
	c.Sealed = nil
	if len(secrets) == 0 {
		return nil
	}
	plain, err := json.Marshal(secrets)
	if err != nil {
		return err
	}
	c.Sealed, err = s.Seal(plain, c.purpose())
	return err
}

// parse reads a recipe; its faults name the place.
func parse(text string) (*collect.Recipe, error) {
	if len(text) > maxRecipe {
		return nil, fault.New(fault.CodeValidation, "`recipe` (/recipe) may have at most %d bytes", maxRecipe).At("/recipe")
	}
	r, err := collect.Parse([]byte(text))
	if err != nil {
		return nil, fault.New(fault.CodeValidation, "`recipe` (/recipe) cannot be used: %s", err).At("/recipe")
	}
	return r, nil
}

// apply changes a collection and its secrets. It reports whether what is
// collected, or how, is another now.
func (ch Change) apply(c *Collection, secrets map[string]string, now time.Time) (changed bool, err error) {
	if ch.Recipe != nil && *ch.Recipe != c.Recipe {
		c.Recipe, changed = *ch.Recipe, true
	}
	if c.Recipe == "" {
		return false, fault.New(fault.CodeValidation, "`recipe` (/recipe) is required: it says how the records are got").At("/recipe")
	}
	recipe, err := parse(c.Recipe)
	if err != nil {
		return false, err
	}
	filled, err := ch.fill(c, recipe, secrets, now)
	if err != nil {
		return false, err
	}
	if err := ch.settings(c); err != nil {
		return false, err
	}
	return changed || filled, nil
}

// fill puts inputs into a collection. What its recipe does not ask for, or asks
// for as the other sort, is dropped: a secret never becomes plain.
func (ch Change) fill(c *Collection, recipe *collect.Recipe, secrets map[string]string, now time.Time) (changed bool, err error) {
	known := map[string]collect.Input{}
	for _, in := range recipe.Inputs() {
		known[in.Name] = in
	}
	maps.DeleteFunc(c.Inputs, func(name, _ string) bool { in, ok := known[name]; return !ok || in.Secret })
	for name := range c.SecretsAt {
		if in, ok := known[name]; !ok || !in.Secret {
			delete(secrets, name)
			delete(c.SecretsAt, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ch.Inputs)) {
		value := ch.Inputs[name]
		in, ok := known[name]
		if !ok {
			return false, fault.New(fault.CodeValidation, "the recipe has no input %q (/inputs/%s)", fault.Short(name, 60), pointer(fault.Short(name, 60))).At("/inputs/" + pointer(fault.Short(name, 60)))
		}
		if value != nil && (len(*value) > maxInput || !utf8.ValidString(*value) || strings.ContainsRune(*value, 0)) {
			return false, fault.New(fault.CodeValidation, "%s (/inputs/%s) must be UTF-8 text of at most %d bytes", label(in), name, maxInput).At("/inputs/" + name)
		}
		switch {
		case in.Secret && value == nil:
			_, was := secrets[name]
			changed = changed || was
			delete(secrets, name)
			delete(c.SecretsAt, name)
		case in.Secret:
			changed = true
			secrets[name], c.SecretsAt[name] = *value, now
		case value == nil:
			_, was := c.Inputs[name]
			changed = changed || was
			delete(c.Inputs, name)
		default:
			was, had := c.Inputs[name]
			changed = changed || !had || was != *value
			c.Inputs[name] = *value
		}
	}
	return changed, nil
}

func label(in collect.Input) string {
	if in.Label != "" {
		return "“" + in.Label + "”"
	}
	return "`" + in.Name + "`"
}

// pointer writes a name as a part of a JSON pointer.
func pointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func at(err error, pointer string) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.At(pointer)
	}
	return err
}

func (ch Change) settings(c *Collection) error {
	if ch.Schedule != nil {
		s, err := schedule.Parse(*ch.Schedule)
		if err != nil {
			return at(err, "/schedule")
		}
		c.Schedule = s
	}
	if p := ch.Guards.MaxDeletePercent; p != nil {
		if !(*p >= 0 && *p <= 100) {
			return fault.New(fault.CodeValidation, "`maxDeletePercent` (/guards/maxDeletePercent) must be 0 to 100").At("/guards/maxDeletePercent")
		}
		c.Guards.MaxDeletePercent = *p
	}
	if e := ch.Guards.AllowEmpty; e != nil {
		c.Guards.AllowEmpty = *e
	}
	if ch.Enabled != nil {
		c.Enabled = *ch.Enabled
	}
	return nil
}

// values are the inputs of a recipe that are filled in.
func values(recipe *collect.Recipe, plain, secrets map[string]string) map[string]string {
	out := map[string]string{}
	for _, in := range recipe.Inputs() {
		from := plain
		if in.Secret {
			from = secrets
		}
		if v := from[in.Name]; v != "" {
			out[in.Name] = v
		}
	}
	return out
}

// complete refuses a collection that lacks an input, or has one that the recipe
// cannot use.
func complete(recipe *collect.Recipe, plain, secrets map[string]string) error {
	err := recipe.Check(values(recipe, plain, secrets))
	var bad *collect.InputError
	if !errors.As(err, &bad) {
		return err
	}
	name := "`" + bad.Name + "`"
	for _, in := range recipe.Inputs() {
		if in.Name == bad.Name {
			name = label(in)
		}
	}
	return fault.New(fault.CodeValidation, "%s (/inputs/%s) %s", name, pointer(bad.Name), bad.Message).At("/inputs/" + pointer(bad.Name))
}
