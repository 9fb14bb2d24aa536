package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

const (
	maxConditionName = 100
	// A list of conditions is one page, and all of a workspace are parsed
	// together.
	maxConditions     = 500
	maxConditionBytes = 4 << 20
	// conditionTries is how often a change of a condition begins anew when tests
	// or other conditions change under it.
	conditionTries = 5
)

// Condition is a named condition of a workspace.
type Condition struct {
	Name string
	// Logic is the canonical text of the condition, see package rule.
	Logic     json.RawMessage
	CreatedAt time.Time
	UpdatedAt time.Time
	// KeyID and UserID are the key or the person who wrote it last, 0 if none did.
	KeyID, UserID int64

	// Sentence says the condition in words.
	Sentence string
	// UsedBy are the numbers of the tests that refer to it in their published
	// version or their draft, directly or through other conditions, in order.
	UsedBy []int64
}

// Book are the conditions of a workspace and the tests that refer to any, as of
// one moment.
type Book struct {
	WorkspaceID int64
	// Revision counts the changes of the conditions, TestsRevision those of the
	// workspace's tests.
	Revision, TestsRevision int64
	// Conditions are in no order.
	Conditions []Condition
	Uses       []Use
}

// Use is a version of a test, published or draft, that refers to conditions.
type Use struct {
	Number int64
	Name   string
	// InForce is true for the published version of an enabled test.
	InForce bool
	Logic   json.RawMessage
}

// Build is a version of a test on its way into force.
type Build struct {
	Test    Test
	Version Version
	Groups  []Group
	Event   event.Event
}

// shelf is a book that has been read.
type shelf struct {
	Book
	known *rule.Conditions
	// refers are the names to which each of Uses refers.
	refers [][]string
}

// Conditions lists the named conditions of a workspace by name.
func (s *Service) Conditions(ctx context.Context, workspaceID int64) ([]Condition, error) {
	b, err := s.openBook(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	out := make([]Condition, 0, len(b.Conditions))
	for _, c := range b.Conditions {
		out = append(out, b.describe(c))
	}
	slices.SortFunc(out, func(x, y Condition) int { return strings.Compare(x.Name, y.Name) })
	return out, nil
}

// Condition reads one by its name; an absent one is a NotFound.
func (s *Service) Condition(ctx context.Context, workspaceID int64, name string) (Condition, error) {
	b, err := s.openBook(ctx, workspaceID)
	if err != nil {
		return Condition{}, err
	}
	c, ok := b.find(name)
	if !ok {
		return c, noCondition(name)
	}
	return b.describe(c), nil
}

// PutCondition creates a condition or replaces its logic. Every test in force
// that refers to it, directly or through other conditions, gets a new version
// in the same transaction; their number is republished. A test that would not
// be acceptable any more refuses the change. The same logic changes nothing.
func (s *Service) PutCondition(ctx context.Context, a event.Actor, workspaceID int64, name string, logic []byte) (c Condition, republished int, err error) {
	if !conditionName(name) {
		return c, 0, fault.New(fault.CodeValidation, "the name of a condition has 1 to %d letters, digits, spaces, dots, dashes and underscores, and at least one letter or digit", maxConditionName)
	}
	err = persist(func() (err error) {
		c, republished, err = s.putCondition(ctx, a, workspaceID, name, logic)
		return err
	})
	return c, republished, err
}

// DeleteCondition deletes a condition to which nothing refers.
func (s *Service) DeleteCondition(ctx context.Context, a event.Actor, workspaceID int64, name string) error {
	return persist(func() error {
		b, err := s.openBook(ctx, workspaceID)
		if err != nil {
			return err
		}
		if _, ok := b.find(name); !ok {
			return noCondition(name)
		}
		if who := b.referrers(name); len(who) > 0 {
			return fault.New(fault.CodeConflict, "the condition “%s” is in use by %s: take it out there first", name, listed(who))
		}
		return s.store.DeleteCondition(ctx, b.Book, name, s.conditionEvent(a, event.ConditionDeleted, workspaceID, name, "was deleted", nil))
	})
}

// persist does again what failed because something else changed meanwhile.
func persist(do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if try == conditionTries || fault.CodeOf(err) != fault.CodeEditConflict {
			return err
		}
	}
}

func conditionName(name string) bool {
	if n := utf8.RuneCountInString(name); n > maxConditionName || !utf8.ValidString(name) {
		return false
	}
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return strings.ContainsFunc(name, word) && !strings.ContainsFunc(name, func(r rune) bool { return !word(r) && !strings.ContainsRune(" .-_", r) })
}

func noCondition(name string) error {
	return fault.New(fault.CodeNotFound, "there is no condition named %q in this workspace", name)
}

func (s *Service) conditionEvent(a event.Actor, ty event.Type, workspaceID int64, name, what string, republished []int64) event.Event {
	metadata := map[string]any{"condition": name}
	if republished != nil {
		metadata["republished"] = republished
	}
	e := event.New(a, s.now(), ty, event.CategoryMonitor, "Condition “"+name+"” "+what, metadata)
	e.WorkspaceID = workspaceID
	return e
}

func (s *Service) putCondition(ctx context.Context, a event.Actor, workspaceID int64, name string, text []byte) (c Condition, republished int, err error) {
	b, err := s.openBook(ctx, workspaceID)
	if err != nil {
		return c, 0, err
	}
	c, exists := b.find(name)
	if b.known, err = b.with(name, text); err != nil {
		return c, 0, err
	}
	now := s.now()
	logic := b.known.Condition(name).JSON()
	switch {
	case exists && bytes.Equal(c.Logic, logic):
		return b.describe(c), 0, nil
	case !exists:
		c = Condition{Name: name, CreatedAt: now}
	}
	c.Logic, c.UpdatedAt, c.KeyID, c.UserID = logic, now, a.KeyID, a.UserID
	if err := b.readUses(); err != nil {
		return c, 0, err
	}
	builds, err := s.republish(ctx, a, b, name)
	if err != nil {
		return c, 0, err
	}
	e := s.conditionEvent(a, event.ConditionCreated, workspaceID, name, "was created", nil)
	if exists {
		numbers := make([]int64, len(builds))
		for i := range builds {
			numbers[i] = builds[i].Test.Number
		}
		e = s.conditionEvent(a, event.ConditionUpdated, workspaceID, name, "was changed; tests published anew: "+strconv.Itoa(len(builds)), numbers)
	}
	if err := s.store.PutCondition(ctx, b.Book, c, builds, e); err != nil {
		return c, 0, err
	}
	for _, each := range builds {
		s.wake(each.Groups)
	}
	return b.describe(c), len(builds), nil
}

// republish compiles the tests in force that refer to a condition.
func (s *Service) republish(ctx context.Context, a event.Actor, b *shelf, name string) ([]Build, error) {
	var out []Build
	for i, use := range b.Uses {
		if !use.InForce || !slices.Contains(b.refers[i], name) {
			continue
		}
		t, err := s.store.Test(ctx, b.WorkspaceID, use.Number)
		if err == nil && t.Published == nil || fault.KindOf(err) == fault.NotFound {
			return nil, fault.New(fault.CodeEditConflict, "test %d changed at the same moment: try again", use.Number)
		}
		if err != nil {
			return nil, err
		}
		made, err := s.compileWith(ctx, b.WorkspaceID, b.known, t.Published.Logic)
		if err != nil {
			return nil, use.unacceptable(err)
		}
		v := made.version(Version{Number: t.LastVersion + 1, CreatedAt: s.now(), Note: "condition “" + name + "” changed", KeyID: a.KeyID, UserID: a.UserID})
		e := s.event(a, event.TestPublished, t, "Test “"+t.Name+"” was published, because condition “"+name+"” changed",
			map[string]any{"version": v.Number, "note": v.Note})
		out = append(out, Build{Test: t, Version: v, Groups: made.groups, Event: e})
	}
	return out, nil
}

// unacceptable is the refusal of a change that a test does not bear; failures
// of our own stay what they are.
func (u Use) unacceptable(err error) error {
	var invalid *rule.Error
	if !errors.As(err, &invalid) && fault.KindOf(err) == fault.Internal {
		return err
	}
	return fault.New(fault.CodeInvalidRule, "the test %s would not be acceptable any more: %s", u, err)
}

func (u Use) String() string { return fmt.Sprintf("%d “%s”", u.Number, u.Name) }

func (s *Service) openBook(ctx context.Context, workspaceID int64) (*shelf, error) {
	b, err := s.store.Book(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	out := &shelf{Book: b}
	if out.known, err = parseStored(b.Conditions); err != nil {
		return nil, err
	}
	if err := out.readUses(); err != nil {
		return nil, fmt.Errorf("parse the stored tests: %s", err.Error()) // not wrapped: it is no fault of the caller
	}
	return out, nil
}

// parseStored reads conditions that were accepted when they were stored.
func parseStored(list []Condition) (*rule.Conditions, error) {
	known, err := rule.ParseConditions(textsOf(list))
	if err != nil {
		return nil, fmt.Errorf("parse the stored conditions: %s", err.Error()) // not wrapped, as above
	}
	return known, nil
}

func textsOf(list []Condition) map[string]json.RawMessage {
	texts := make(map[string]json.RawMessage, len(list)+1)
	for _, c := range list {
		texts[c.Name] = c.Logic
	}
	return texts
}

// with parses the conditions with one text replaced or added. An error in that
// text has its place there, as one in the logic of a test has.
func (b *shelf) with(name string, text []byte) (*rule.Conditions, error) {
	texts := textsOf(b.Conditions)
	texts[name] = text
	size := 0
	for _, t := range texts {
		size += len(t)
	}
	if len(texts) > maxConditions || size > maxConditionBytes {
		return nil, fault.New(fault.CodeValidation, "a workspace has at most %d conditions, of %d MB together", maxConditions, maxConditionBytes>>20)
	}
	known, err := rule.ParseConditions(texts)
	var invalid *rule.Error
	if !errors.As(err, &invalid) {
		return known, err
	}
	// A name has no character that a pointer escapes.
	where, rest, below := strings.Cut(strings.TrimPrefix(invalid.Pointer, "/"), "/")
	if where != name {
		return nil, fault.New(fault.CodeInvalidRule, "the condition “%s” would not be acceptable any more: %s", where, invalid.Message)
	}
	at := *invalid
	at.Pointer = ""
	if below {
		at.Pointer = "/" + rest
	}
	return nil, &at
}

// readUses finds what the tests refer to under the conditions as known.
func (b *shelf) readUses() error {
	b.refers = make([][]string, len(b.Uses))
	for i, use := range b.Uses {
		t, err := b.known.ParseTest(use.Logic)
		if err != nil {
			return use.unacceptable(err)
		}
		b.refers[i] = t.References()
	}
	return nil
}

func (b *shelf) find(name string) (Condition, bool) {
	i := slices.IndexFunc(b.Conditions, func(c Condition) bool { return c.Name == name })
	if i < 0 {
		return Condition{}, false
	}
	return b.Conditions[i], true
}

// describe fills what follows from the rest of the book.
func (b *shelf) describe(c Condition) Condition {
	c.Sentence = b.known.Condition(c.Name).Sentence()
	c.UsedBy = []int64{}
	for i, use := range b.Uses {
		if slices.Contains(b.refers[i], c.Name) && !slices.Contains(c.UsedBy, use.Number) {
			c.UsedBy = append(c.UsedBy, use.Number)
		}
	}
	return c
}

// referrers name the conditions and tests that refer to a condition.
func (b *shelf) referrers(name string) []string {
	var who []string
	for _, c := range b.known.Names() {
		if slices.Contains(b.known.Condition(c).References(), name) {
			who = append(who, "condition “"+c+"”")
		}
	}
	for i, use := range b.Uses {
		text := "test " + use.String()
		if slices.Contains(b.refers[i], name) && !slices.Contains(who, text) {
			who = append(who, text)
		}
	}
	return who
}

// listed is a list of names, cut where it becomes long.
func listed(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
