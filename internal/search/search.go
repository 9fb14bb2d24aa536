// Package search finds things by what they are called: the first letters that
// somebody types are enough.
package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// Kind is what a hit is.
type Kind string

// The kinds, in the order in which hits are shown.
const (
	Test        Kind = "test"
	Control     Kind = "control"
	Requirement Kind = "requirement"
	Framework   Kind = "framework"
	Connection  Kind = "connection"
	Resource    Kind = "resource"
	Record      Kind = "record"
	Exclusion   Kind = "exclusion"
	Person      Kind = "person"
	Device      Kind = "device"
	Asset       Kind = "asset"
)

// Kinds lists every kind once.
var Kinds = []Kind{Test, Control, Requirement, Framework, Connection, Resource, Record, Exclusion, Person, Device, Asset}

// Limits of a search.
const (
	// PerKind is how many hits of a kind there are at most.
	PerKind = 8
	// MaxText is how many characters may be searched for, and maxWords how many
	// words of them count.
	MaxText  = 200
	maxWords = 6
	// Candidates is how many objects of a kind are looked at that have the words
	// in their name, those that begin with the text first.
	Candidates = 200
	// MaxResources is in how many resources records are looked for: those first
	// that were fed last.
	MaxResources = 200
	// PerResource is how many records of a resource are looked at from the place on
	// where an id with the text would stand.
	PerResource = 32
	// NamedResources is in how many resources records are looked for by their
	// display name, among the newest, Named records in all.
	NamedResources = 40
	Named          = 2000
)

// Hit is something that was found. Ids that do not apply are 0.
type Hit struct {
	Kind Kind
	// ID is that of the object, the number of a test; records have Key.
	ID  int64
	Key string
	// Code and Detail are empty where there are none; Detail says what the object
	// belongs to.
	Code, Title, Detail string

	ConnectionID, ResourceID, TestID, FrameworkID int64
}

// Candidate is a record that may be a hit.
type Candidate struct {
	Hit
	// NameKey is the property with the display name, in Body.
	NameKey string
	Body    []byte
}

// Query is what a store is asked for.
type Query struct {
	WorkspaceID int64
	// Text is what was typed, Words are its parts, in lower case. All of them must
	// occur in code or title.
	Text  string
	Words []string
	Kinds []Kind
}

// Store finds candidates.
type Store interface {
	// Search gives those of the kinds that have the words, records by their id, and
	// more records than that by their bodies.
	Search(ctx context.Context, q Query) ([]Hit, []Candidate, error)
}

// Service searches.
type Service struct{ store Store }

// NewService makes the service over a store.
func NewService(s Store) *Service { return &Service{s} }

// Find gives the best hits of some kinds in a workspace, by kind and then the
// best first: what is called exactly so, what begins so, what has a word that
// begins so, and the rest. No text, or too long a one, is a CodeValidation.
func (s *Service) Find(ctx context.Context, workspaceID int64, text string, kinds []Kind) ([]Hit, error) {
	text = strings.Join(strings.Fields(text), " ")
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return nil, fault.New(fault.CodeValidation, "`q` is empty: say what to look for")
	case n > MaxText:
		return nil, fault.New(fault.CodeValidation, "`q` has %d characters; %d are the most", n, MaxText)
	}
	if len(kinds) == 0 {
		return nil, nil
	}
	words := strings.Fields(strings.ToLower(text))
	hits, candidates, err := s.store.Search(ctx, Query{workspaceID, text, words[:min(len(words), maxWords)], kinds})
	if err != nil {
		return nil, err
	}
	for _, c := range candidates {
		c.Title = displayName(c)
		hits = append(hits, c.Hit)
	}
	return best(hits, text, kinds), nil
}

// displayName is what people call a record, its key if it has no name.
func displayName(c Candidate) string {
	v, ok := strictjson.Member(c.Body, c.NameKey)
	if !ok || v[0] == '{' || v[0] == '[' || string(v) == "null" {
		return c.Key
	}
	if text, ok := strictjson.Text(v); ok {
		return cmp.Or(text, c.Key)
	}
	return string(v)
}

type ranked struct {
	Hit
	rank int
}

func best(hits []Hit, text string, kinds []Kind) []Hit {
	byKind := map[Kind][]ranked{}
	type place struct {
		kind Kind
		id   int64
		key  string
		in   int64
	}
	seen := map[place]bool{}
	for _, h := range hits {
		p := place{h.Kind, h.ID, h.Key, h.ResourceID}
		if r := rank(h, text); r < none && !seen[p] {
			seen[p] = true
			byKind[h.Kind] = append(byKind[h.Kind], ranked{h, r})
		}
	}
	out := []Hit{}
	for _, k := range Kinds {
		if !slices.Contains(kinds, k) {
			continue
		}
		list := byKind[k]
		slices.SortStableFunc(list, func(a, b ranked) int {
			if a.rank != b.rank {
				return a.rank - b.rank
			}
			if a.Code != b.Code {
				return strings.Compare(a.Code, b.Code)
			}
			return strings.Compare(a.Title, b.Title)
		})
		for _, r := range list[:min(len(list), PerKind)] {
			out = append(out, r.Hit)
		}
	}
	return out
}

// The ranks, the best first.
const (
	exact = iota
	prefix
	wordPrefix
	within
	none
)

// rank says how well a hit fits a text.
func rank(h Hit, text string) int {
	out := none
	for _, name := range []string{h.Code, h.Key, h.Title} {
		out = min(out, fit(strings.ToLower(name), strings.ToLower(text)))
	}
	if out < none {
		return out
	}
	all := strings.ToLower(h.Code + " " + h.Key + " " + h.Title)
	out = wordPrefix
	for w := range strings.FieldsSeq(strings.ToLower(text)) {
		out = max(out, fit(all, w))
	}
	return out
}

func fit(name, text string) int {
	switch {
	case name == "" || !strings.Contains(name, text):
		return none
	case name == text:
		return exact
	case strings.HasPrefix(name, text):
		return prefix
	}
	for at := 0; ; {
		i := strings.Index(name[at:], text)
		if i < 0 {
			return within
		}
		at += i
		if before, _ := utf8.DecodeLastRuneInString(name[:at]); !unicode.IsLetter(before) && !unicode.IsDigit(before) {
			return wordPrefix
		}
		at++
	}
}
