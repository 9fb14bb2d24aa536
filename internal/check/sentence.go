package check

import (
	"fmt"
	"strings"

	"github.com/plumbline-dev/plumbline/rule"
)

// Sentences say the logic in words: what each group demands, and how they
// combine where there are several.
func (e *Evidence) Sentences() []string {
	var out []string
	for i := range e.Groups {
		out = append(out, e.Groups[i].sentence())
	}
	if len(out) > 1 {
		out = append(out, map[rule.Logic]string{
			rule.AllGroups: "Every group must pass.", rule.AnyGroup: "One group that passes is enough.", rule.AtMostOneFails: "At most one group may fail.",
		}[e.Logic])
	}
	return out
}

// sentence says what the group demands.
func (g *Group) sentence() string { return Words(&g.Rule, g.Resource.Name) }

// Words say what a group demands of the records of a resource.
func Words(g *rule.Group, resource string) string {
	whom := "“" + resource + "”"
	if f := g.Filter; f != nil && f.Mode == rule.Inclusion {
		whom += " where " + f.Evaluator.Sentence()
	} else if f != nil {
		whom += ", except where " + f.Evaluator.Sentence()
	}
	demand, text := g.Evaluator.Sentence(), ""
	switch a := g.Assertion; a.Kind {
	case rule.MaxFailing:
		text = fmt.Sprintf("of %s all but at most %v records satisfy: %s", whom, a.Value, demand)
	case rule.MinPassingPercent:
		text = fmt.Sprintf("of %s at least %v %% of the records satisfy: %s", whom, a.Value, demand)
	case rule.Count:
		text = fmt.Sprintf("of %s %s satisfy: %s", whom, bounds(a), demand)
	case rule.Unique:
		text = fmt.Sprintf("of %s every record satisfies: %s; and no two of them have the same `%s`", whom, demand, a.Path)
	default:
		text = fmt.Sprintf("of %s every record satisfies: %s", whom, demand)
	}
	if g.Name != "" {
		return g.Name + ": " + text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// bounds says how many records an assertion asks for.
func bounds(a rule.Assertion) string {
	switch {
	case a.Min != nil && a.Max != nil && *a.Min == *a.Max:
		return fmt.Sprintf("exactly %d records", *a.Min)
	case a.Min != nil && a.Max != nil:
		return fmt.Sprintf("%d to %d records", *a.Min, *a.Max)
	case a.Min != nil:
		return fmt.Sprintf("at least %d records", *a.Min)
	case a.Max != nil:
		return fmt.Sprintf("at most %d records", *a.Max)
	}
	return "any number of records"
}
