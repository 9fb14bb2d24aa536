// Package catalog holds the providers that come with the program: entries of
// data that say how the records of a system are got, what they look like and
// which tests prove something with them. To use one makes the connection with
// all of it.
package catalog

import (
	"embed"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/plumbline-dev/plumbline/internal/account"
	"github.com/plumbline-dev/plumbline/internal/connection"
)

//go:embed entries
var shipped embed.FS

// Category is a type of provider with its name for people.
type Category struct {
	Type connection.ProviderType
	Name string
	// Entries is how many the catalogue has.
	Entries int
}

// names are the categories by their names for people, in that order.
var names = []Category{
	{Type: "AUTOMATION_TOOLS", Name: "Automation"},
	{Type: "BACKGROUND_CHECK", Name: "Background check"},
	{Type: "CODEBASE", Name: "Codebase"},
	{Type: "COMMUNICATION", Name: "Communication"},
	{Type: "CRM", Name: "CRM"},
	{Type: "CSPM", Name: "CSPM"},
	{Type: "CUSTOM", Name: "Custom"},
	{Type: "CYBER_INSURANCE", Name: "Cyber insurance"},
	{Type: "DIGITAL_SIGNATURE", Name: "Digital signature"},
	{Type: "EDR", Name: "EDR"},
	{Type: "ENTERPRISE_SSO", Name: "Enterprise SSO"},
	{Type: "EXTERNAL_POLICY", Name: "External policy"},
	{Type: "HRIS", Name: "HRIS"},
	{Type: "IDENTITY", Name: "Identity"},
	{Type: "INFRASTRUCTURE", Name: "Infrastructure"},
	{Type: "MDM", Name: "MDM"},
	{Type: "OBSERVABILITY", Name: "Observability"},
	{Type: "SECURITY_REVIEWS", Name: "Security reviews"},
	{Type: "SECURITY_TRAINING", Name: "Security training"},
	{Type: "TICKETING", Name: "Ticketing"},
	{Type: "USER_ACCESS_REVIEW", Name: "User access review"},
	{Type: "VERSION_CONTROL", Name: "Version control"},
	{Type: "VULNERABILITY", Name: "Vulnerability"},
}

// CategoryNames are the types of the categories, in the order of their names.
func CategoryNames() []string {
	out := make([]string, len(names))
	for i, c := range names {
		out[i] = string(c.Type)
	}
	return out
}

// Entry is a provider of the catalogue.
type Entry struct {
	// Slug is the name of its folder, which stands for it for ever.
	Slug string
	Name string
	// Category is one of the types that [CategoryNames] lists.
	Category connection.ProviderType
	Kind     connection.Kind
	// Description is one sentence; Proves says what the data is evidence of.
	Description, Proves string
	// Recommended is its place in the order for a newcomer, from 1; 0: none.
	Recommended int
	// Account says in whose name data is read, Access what that needs.
	Account string
	Access  []Permission
	// DisplayNameKey is the property that names a record for people, and
	// FreshnessHours the age after which the data is stale.
	DisplayNameKey string
	FreshnessHours int64
	// Schedule is when data is pulled unless somebody says otherwise: a cron
	// expression in UTC. Empty where nothing is pulled.
	Schedule string
	// Accounts says which accounts the records tell of, nil: of none.
	Accounts *account.Mapping
	// Guide is the text of the set-up guide, in Markdown.
	Guide string
	// Schema is the JSON Schema of a record, and Samples are a few invented ones.
	Schema  json.RawMessage
	Samples []json.RawMessage
	// Recipe is how the records are got, the text of package collect; empty where
	// somebody else makes them.
	Recipe []byte
	// Collector is that of the recipe, such as http, and Inputs are what a person
	// fills in.
	Collector string
	Inputs    []Input
	Tests     []Test
}

// Permission is something that the account of an entry needs, and why.
type Permission struct {
	Name string `yaml:"permission"`
	Why  string `yaml:"why"`
}

// Input is something that a person fills in before data can be pulled.
type Input struct {
	Name, Label, Help, Example, Default string
	Required, Secret                    bool
}

// Test is a test that an entry recommends.
type Test struct {
	Name, Description string
	// Controls are codes of controls that come with the program.
	Controls []string
	// Logic is the test of package rule, whose group names no resource, and Words
	// say it.
	Logic json.RawMessage
	Words string
}

// Library is what comes with the program, in order: first what is recommended,
// then by name.
type Library struct {
	entries []*Entry
	bySlug  map[string]*Entry
}

// Shipped is the catalogue of the program. It is the same for every call.
var Shipped = sync.OnceValue(func() *Library {
	folder, err := fs.Sub(shipped, "entries")
	if err == nil {
		var l *Library
		if l, err = Read(folder); err == nil {
			return l
		}
	}
	panic(err) // only files of this package
})

// Entry finds one by its slug, nil if there is none.
func (l *Library) Entry(slug string) *Entry { return l.bySlug[slug] }

// Categories are all of them with the number of their entries, by name.
func (l *Library) Categories() []Category {
	out := slices.Clone(names)
	for i := range out {
		for _, e := range l.entries {
			if e.Category == out[i].Type {
				out[i].Entries++
			}
		}
	}
	return out
}

// CategoryName is a category's name for people.
func CategoryName(t connection.ProviderType) string {
	for _, c := range names {
		if c.Type == t {
			return c.Name
		}
	}
	return string(t)
}

// Filter narrows the catalogue; zero fields do not.
type Filter struct {
	Category connection.ProviderType
	Kind     connection.Kind
	// Text is a part of the name, of the category's name or of what an entry is
	// for, in any case.
	Text string
}

func (f Filter) matches(e *Entry) bool {
	if f.Category != "" && f.Category != e.Category || f.Kind != "" && f.Kind != e.Kind {
		return false
	}
	text := strings.ToLower(f.Text)
	return slices.ContainsFunc([]string{e.Name, e.Slug, CategoryName(e.Category), e.Description, e.Proves}, func(s string) bool {
		return strings.Contains(strings.ToLower(s), text)
	})
}
