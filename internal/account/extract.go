package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/strictjson"
	"github.com/plumbline-dev/plumbline/rule"
)

// Limits of what is taken out of a record; the rest of longer texts is left out.
const (
	maxText  = 300
	maxRoles = 100
)

// Facts are what a record tells of its account.
type Facts struct {
	Name        string   `json:"name"`
	Email       string   `json:"email,omitempty"`
	DisplayName string   `json:"displayName,omitempty"`
	Kind        string   `json:"kind,omitempty"`
	Roles       []string `json:"roles,omitempty"`
	// Active and MFA are nil where the record does not tell.
	Active *bool `json:"active,omitempty"`
	MFA    *bool `json:"mfa,omitempty"`
	// LastActiveAt is zero where the record does not tell.
	LastActiveAt time.Time `json:"lastActiveAt,omitzero"`
}

// Extractor takes accounts out of records. It must not be used by several
// goroutines at a time.
type Extractor struct {
	name, email, display, kind, roles, seen *rule.Probe
	active, mfa                             *asked
}

// asked is a question with what it takes to be answered.
type asked struct {
	probe *rule.Probe
	is    [][]byte
}

// NewExtractor makes the extractor of a mapping; a mapping that cannot be used is
// a CodeValidation with its pointer.
func NewExtractor(m Mapping) (*Extractor, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	x := &Extractor{}
	for _, p := range []struct {
		into          **rule.Probe
		pointer, path string
	}{{&x.name, "/name", m.Name}, {&x.email, "/email", m.Email}, {&x.display, "/displayName", m.DisplayName}, {&x.kind, "/kind", m.Kind},
		{&x.roles, "/roles", m.Roles}, {&x.seen, "/lastActiveAt", m.LastActiveAt}} {
		var err error
		if *p.into, err = probe(p.pointer, p.path); err != nil {
			return nil, err
		}
	}
	for _, q := range []struct {
		into    **asked
		pointer string
		of      *Question
	}{{&x.active, "/active/path", m.Active}, {&x.mfa, "/mfa/path", m.MFA}} {
		if q.of == nil {
			continue
		}
		p, err := probe(q.pointer, q.of.Path)
		if err != nil {
			return nil, err
		}
		*q.into = &asked{probe: p}
		for _, v := range q.of.Is {
			(*q.into).is = append((*q.into).is, canonical(v))
		}
	}
	return x, nil
}

func probe(pointer, path string) (*rule.Probe, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // nothing is asked
	}
	p, err := rule.NewProbe(rule.Address{Fact: "$", Path: path})
	var wrong *rule.Error
	if errors.As(err, &wrong) {
		return nil, invalid(pointer, "%s", wrong.Message)
	}
	return p, err
}

// canonical writes a value as a probe gives it.
func canonical(value []byte) []byte {
	record := slices.Concat([]byte(`{"v":`), value, []byte("}"))
	p, err := rule.NewProbe(rule.Address{Fact: "v"})
	out := value
	if err == nil {
		p.Values(record, func(v []byte) { out = bytes.Clone(v) })
	}
	return out
}

// Extract reads the account of a record; false where the record has no name.
func (x *Extractor) Extract(record []byte) (Facts, bool) {
	f := Facts{Name: first(x.name, record)}
	if f.Name == "" {
		return f, false
	}
	f.Email, f.DisplayName, f.Kind = first(x.email, record), first(x.display, record), first(x.kind, record)
	if !strings.Contains(f.Email, "@") {
		f.Email = ""
	}
	if x.roles != nil {
		x.roles.Values(record, func(v []byte) {
			if role := textOf(v); role != "" && len(f.Roles) < maxRoles && !slices.Contains(f.Roles, role) {
				f.Roles = append(f.Roles, role)
			}
		})
	}
	f.Active, f.MFA = x.active.answer(record), x.mfa.answer(record)
	if x.seen != nil {
		x.seen.Values(record, func(v []byte) {
			if at := momentOf(v); at.After(f.LastActiveAt) {
				f.LastActiveAt = at
			}
		})
	}
	return f, true
}

func first(p *rule.Probe, record []byte) string {
	text := ""
	if p != nil {
		p.Values(record, func(v []byte) {
			if text == "" {
				text = textOf(v)
			}
		})
	}
	return text
}

// textOf is a value as people read it, at most maxText characters of it.
func textOf(v []byte) string {
	text, ok := strictjson.Text(v)
	if !ok {
		if text = string(v); text == "null" {
			return ""
		}
	}
	return clip(strings.TrimSpace(text), maxText)
}

func clip(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

func (a *asked) answer(record []byte) *bool {
	if a == nil {
		return nil
	}
	yes := false
	found := a.probe.Values(record, func(v []byte) {
		if len(a.is) == 0 {
			yes = yes || string(v) == "true"
			return
		}
		yes = yes || slices.ContainsFunc(a.is, func(is []byte) bool { return bytes.Equal(is, v) })
	})
	if !found {
		return nil
	}
	return &yes
}

var momentForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05Z0700", time.DateOnly}

// momentOf reads a moment: a text as most programs write it, or a number of
// seconds or milliseconds since 1970. It is zero for anything else.
func momentOf(v []byte) time.Time {
	text, ok := strictjson.Text(v)
	if ok {
		for _, form := range momentForms {
			if at, err := time.Parse(form, text); err == nil {
				return within(at.UTC())
			}
		}
		v = []byte(text)
	}
	var n json.Number
	if json.Unmarshal(v, &n) != nil {
		return time.Time{}
	}
	seconds, err := strconv.ParseFloat(n.String(), 64)
	if err != nil || seconds <= 0 {
		return time.Time{}
	}
	const milliseconds = 1e11 // in seconds the year 5138
	if seconds >= milliseconds {
		seconds /= 1000
	}
	if seconds >= milliseconds {
		return time.Time{}
	}
	return within(time.UnixMicro(int64(seconds * 1e6)).UTC())
}

// within is zero for what no database holds and no account means.
func within(at time.Time) time.Time {
	if y := at.Year(); y < 1971 || y > 9999 {
		return time.Time{}
	}
	return at.Truncate(time.Microsecond)
}
