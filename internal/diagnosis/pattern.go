package diagnosis

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Page is a page of the web app to which a step leads.
type Page string

// The pages. All but Keys and Events are of the connection.
const (
	PageCollection Page = "collection"
	PageRecords    Page = "records"
	PageSchema     Page = "schema"
	PageSessions   Page = "sessions"
	PageAPI        Page = "api"
	PageSettings   Page = "settings"
	PageKeys       Page = "keys"
	PageEvents     Page = "events"
)

// Pages lists every page once.
var Pages = []Page{PageCollection, PageRecords, PageSchema, PageSessions, PageAPI, PageSettings, PageKeys, PageEvents}

// The codes of states in which no step failed. The codes of failed steps come with the
// step.
const (
	CodeStale        = "STALE_DATA"
	CodeNoData       = "NO_DATA"
	CodeDisconnected = "DISCONNECTED"
)

//go:embed patterns.yaml
var shipped []byte

// book are the patterns that are shipped.
var book = sync.OnceValue(func() *patterns {
	b, err := readPatterns(shipped)
	if err != nil {
		panic("diagnosis: patterns.yaml: " + err.Error())
	}
	return b
})

// patterns are what is known of failures.
type patterns struct {
	Words    words      `yaml:"words"`
	Patterns []*pattern `yaml:"patterns"`
}

// word is a fact that texts may name.
type word struct {
	name string
	// Label is what people call it; without one it is not shown by itself.
	Label string `yaml:"label"`
	// Else stands in texts where the fact is not known.
	Else string `yaml:"else"`
	// Kind is "time" for a moment, else empty.
	Kind string `yaml:"kind"`
}

// words keep the order of the file.
type words []word

// UnmarshalYAML implements yaml.Unmarshaler.
func (w *words) UnmarshalYAML(n *yaml.Node) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		each := word{name: n.Content[i].Value}
		if err := n.Content[i+1].Decode(&each); err != nil {
			return err
		}
		if each.Else == "" {
			return fmt.Errorf("the word %s has nothing to stand in its place", each.name)
		}
		*w = append(*w, each)
	}
	return nil
}

func (w words) find(name string) (word, bool) {
	i := slices.IndexFunc(w, func(each word) bool { return each.name == name })
	if i < 0 {
		return word{}, false
	}
	return w[i], true
}

// pattern is a failure that is known.
type pattern struct {
	ID    string            `yaml:"id"`
	Codes []string          `yaml:"codes"`
	When  map[string]string `yaml:"when"`
	Title string            `yaml:"title"`
	Cause []string          `yaml:"cause"`
	Do    []advice          `yaml:"steps"`

	conditions []condition
}

type advice struct {
	Text   string `yaml:"text"`
	Page   Page   `yaml:"page"`
	Button string `yaml:"button"`
}

type condition struct {
	fact string
	// how is '=' for a text, '/' for an expression, '*' for any value and '-' for
	// none.
	how        byte
	text       string
	expression *regexp.Regexp
}

func (c condition) holds(f facts) bool {
	value := f[c.fact]
	switch c.how {
	case '*':
		return value != ""
	case '-':
		return value == ""
	case '/':
		return c.expression.MatchString(value)
	}
	return value == c.text
}

func readPatterns(text []byte) (*patterns, error) {
	var out patterns
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&out); err != nil {
		return nil, err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is a second document")
	}
	for _, p := range out.Patterns {
		if err := p.prepare(out.Words); err != nil {
			return nil, fmt.Errorf("pattern %s: %w", p.ID, err)
		}
	}
	if n := len(out.Patterns); n == 0 || len(out.Patterns[n-1].Codes)+len(out.Patterns[n-1].When) > 0 {
		return nil, errors.New("the last pattern must fit everything")
	}
	return &out, nil
}

func (p *pattern) prepare(known words) error {
	for name, text := range p.When {
		c := condition{fact: name, how: '=', text: text}
		switch {
		case text == "*" || text == "-":
			c.how = text[0]
		case len(text) > 1 && text[0] == '/' && text[len(text)-1] == '/':
			x, err := regexp.Compile(text[1 : len(text)-1])
			if err != nil {
				return err
			}
			c.how, c.expression = '/', x
		}
		p.conditions = append(p.conditions, c)
	}
	if p.Title == "" || len(p.Cause) == 0 || len(p.Do) == 0 {
		return errors.New("title, cause and steps are needed")
	}
	for _, text := range p.texts() {
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if _, ok := known.find(m[1]); !ok {
				return fmt.Errorf("nobody knows {%s}", m[1])
			}
		}
	}
	for _, a := range p.Do {
		if (a.Page == "") != (a.Button == "") || a.Page != "" && !slices.Contains(Pages, a.Page) {
			return fmt.Errorf("page %q with button %q", a.Page, a.Button)
		}
	}
	return nil
}

// texts are all texts of a pattern that may have placeholders.
func (p *pattern) texts() []string {
	out := append([]string{p.Title}, p.Cause...)
	for _, a := range p.Do {
		out = append(out, a.Text)
	}
	return out
}

// fits tells how well a pattern fits a failure, -1 for not at all.
func (p *pattern) fits(f failure) int {
	score := 0
	if len(p.Codes) > 0 {
		if !slices.Contains(p.Codes, f.code) {
			return -1
		}
		score++
	}
	for _, c := range p.conditions {
		if !c.holds(f.facts) {
			return -1
		}
		score++
	}
	return score
}

// find is the pattern that fits a failure best.
func (b *patterns) find(f failure) *pattern {
	var best *pattern
	score := -1
	for _, p := range b.Patterns {
		if s := p.fits(f); s > score {
			best, score = p, s
		}
	}
	return best
}

// facts are what is known of a failure, by name. Moments are in RFC 3339.
type facts map[string]string

var placeholder = regexp.MustCompile(`\{([a-zA-Z]+)\}`)

// fill puts the facts into a text; it is false where a text that begins with ?
// lacks one.
func (b *patterns) fill(text string, f facts) (string, bool) {
	text, optional := strings.CutPrefix(text, "?")
	whole := true
	at := 0
	out := placeholder.ReplaceAllStringFunc(text, func(m string) string {
		name := m[1 : len(m)-1]
		value := f[name]
		w, _ := b.Words.find(name)
		begins := at == 0 && strings.HasPrefix(text, m)
		at++
		switch {
		case value == "":
			whole = false
			if begins {
				return capital(w.Else)
			}
			return w.Else
		case w.Kind == "time":
			return moment(value)
		}
		return value
	})
	return ended(out), whole || !optional
}
