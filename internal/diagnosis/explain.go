// Package diagnosis explains why a connection is unhealthy: always by known
// patterns of failures, and where somebody set up a language model, in its words
// too.
package diagnosis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/connection"
	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
)

// Case is what an explanation is made from.
type Case struct {
	Connection connection.Connection
	// Runs are the last runs of each resource, newest first.
	Runs []syncrun.Run
	Now  time.Time
}

// Cause is why a connection, or one of its resources, is unhealthy.
type Cause struct {
	// Pattern is the id of the pattern that fits.
	Pattern string
	// Code is that of the failed step, or one of ours.
	Code  string
	Title string
	// Text is one or a few sentences.
	Text  string
	Steps []Advice
	Facts []Fact
	// ResourceID and RunID are 0 where none is concerned.
	ResourceID   int64
	ResourceName string
	RunID        int64
	// Step is the failed step, empty if none failed; At is when.
	Step syncrun.Name
	At   time.Time
}

// Advice is one thing to do.
type Advice struct {
	Text string
	// Page leads there, Button is what the link says; both may be empty.
	Page   Page
	Button string
}

// Fact is something that is known of a failure.
type Fact struct {
	Name, Label, Value string
	// Time says that the value is a moment in RFC 3339.
	Time bool
}

// failure is what is looked for among the patterns.
type failure struct {
	code     string
	step     syncrun.Name
	facts    facts
	run      syncrun.Run
	resource connection.Resource
	at       time.Time
}

// Explain tells why a connection is unhealthy; nothing if it is not.
func Explain(c Case) []Cause {
	if at := c.Connection.DisconnectedAt; !at.IsZero() {
		// Whatever else there is of it, nothing is expected to come.
		return []Cause{c.cause(failure{code: CodeDisconnected, facts: facts{"since": stamp(at)}, at: at})}
	}
	var out []Cause
	for _, r := range c.Connection.Resources {
		if f, ok := c.failureOf(r); ok {
			out = append(out, c.cause(f))
		}
	}
	return out
}

// failureOf is what is wrong with a resource.
func (c Case) failureOf(r connection.Resource) (failure, bool) {
	runs := runsOf(c.Runs, r.ID)
	if r.Sync.Failed != "" {
		run, step := lastFailure(r, runs)
		return c.failed(r, runs, run, step), true
	}
	f := failure{resource: r, facts: facts{}}
	if len(runs) > 0 {
		f.facts["trigger"] = string(runs[0].Trigger)
		f.facts["rhythm"] = rhythm(runs)
	}
	switch r.DataStatus(c.Now) {
	case connection.DataStale:
		f.code = CodeStale
		f.facts["lastData"], f.facts["freshness"] = stamp(r.FreshAt), hours(*r.FreshnessHours)
		f.facts["records"] = strconv.FormatInt(r.RecordCount, 10)
		f.at = r.StaleAt()
	case connection.DataMissing:
		f.code = CodeNoData
		f.facts["since"] = stamp(r.CreatedAt)
	default:
		return f, false
	}
	return f, true
}

// runsOf are the runs of a resource, newest first.
func runsOf(all []syncrun.Run, resourceID int64) []syncrun.Run {
	var out []syncrun.Run
	for _, r := range all {
		if r.ResourceID == resourceID {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b syncrun.Run) int { return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(b.ID, a.ID)) })
	return out
}

// lastFailure is the failed step for which a resource is unhealthy, with its run.
// Of a run that is no longer kept there is what the resource remembers.
func lastFailure(r connection.Resource, runs []syncrun.Run) (syncrun.Run, syncrun.Step) {
	i := slices.IndexFunc(runs, func(run syncrun.Run) bool { return run.ID == r.Sync.RunID })
	if i >= 0 {
		if s := failedStep(runs[i]); s != nil {
			return runs[i], *s
		}
	}
	return syncrun.Run{ID: r.Sync.RunID, EndedAt: r.Sync.At}, syncrun.Step{Name: r.Sync.Failed, Error: &syncrun.Error{Message: r.Sync.Reason}}
}

// tells reports whether a run says something already.
func tells(r syncrun.Run) bool { return r.Status != syncrun.Running || failedStep(r) != nil }

// failedStep is the step for which a run failed.
func failedStep(r syncrun.Run) *syncrun.Step {
	for i := range slices.Backward(r.Steps) {
		if r.Steps[i].Status == syncrun.StepFailed {
			return &r.Steps[i]
		}
	}
	return nil
}

// stepWords are the names of the steps for people.
var stepWords = map[syncrun.Name]string{
	syncrun.Authenticate: "sign in", syncrun.Fetch: "fetch", syncrun.Parse: "read", syncrun.Validate: "validate", syncrun.Stage: "stage",
	syncrun.Compare: "compare", syncrun.Complete: "complete", syncrun.Evaluate: "evaluate",
}

// maxFact bounds the value of a fact in characters.
const maxFact = 300

func (c Case) failed(r connection.Resource, runs []syncrun.Run, run syncrun.Run, s syncrun.Step) failure {
	f := failure{step: s.Name, run: run, resource: r, facts: facts{"trigger": string(run.Trigger)}, at: orTime(orTime(s.EndedAt, run.EndedAt), run.StartedAt)}
	e := s.Error
	if e == nil {
		e = &syncrun.Error{}
	}
	f.code = e.Code
	for name, value := range e.Facts {
		f.facts[name] = plain(value, maxFact)
	}
	for name, n := range s.Counts {
		if f.facts[name] == "" && n > 0 {
			f.facts[name] = strconv.FormatInt(n, 10)
		}
	}
	for name, word := range map[string]string{"retryAfter": "%s seconds", "exitCode": "exit code %s"} {
		if v := f.facts[name]; smallNumber.MatchString(v) {
			f.facts[name] = fmt.Sprintf(word, v)
		}
	}
	f.facts["message"] = sentence(plain(e.Message, 2*maxFact))
	if f.code == syncrun.CodeSchema {
		maps.Copy(f.facts, refusals(e, s.Counts))
		if run.Trigger == syncrun.Collection {
			f.facts["kept"] = "None was taken, and what was stored before stays."
		}
	}
	failures := 0
	for _, each := range runs {
		switch {
		case failedStep(each) != nil:
			failures++
			continue
		case each.Status != syncrun.Completed:
			continue
		}
		f.facts["lastGood"] = stamp(orTime(each.EndedAt, each.StartedAt))
		break
	}
	if failures > 1 {
		f.facts["failures"] = strconv.Itoa(failures)
	}
	return f
}

func orTime(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

func (c Case) cause(f failure) Cause {
	b := book()
	f.facts["connection"], f.facts["resource"] = quoted(c.Connection.Name), quoted(f.resource.Name)
	f.facts["step"] = stepWords[f.step]
	p := b.find(f)
	out := Cause{Pattern: p.ID, Code: f.code, Title: p.Title, ResourceID: f.resource.ID, ResourceName: f.resource.Name, RunID: f.run.ID, Step: f.step, At: f.at,
		Steps: []Advice{}, Facts: []Fact{}}
	var text []string
	for _, each := range p.Cause {
		if s, ok := b.fill(each, f.facts); ok {
			text = append(text, s)
		}
	}
	out.Text = strings.Join(text, " ")
	for _, each := range p.Do {
		if s, ok := b.fill(each.Text, f.facts); ok {
			out.Steps = append(out.Steps, Advice{Text: s, Page: each.Page, Button: each.Button})
		}
	}
	for _, w := range b.Words {
		if v := f.facts[w.name]; v != "" && w.Label != "" {
			out.Facts = append(out.Facts, Fact{Name: w.name, Label: w.Label, Value: v, Time: w.Kind == "time"})
		}
	}
	return out
}

// quoted is a name within a sentence.
func quoted(name string) string {
	if name == "" {
		return ""
	}
	return "“" + plain(name, 100) + "”"
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// moment is a moment of the facts in words.
func moment(value string) string {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return value
	}
	return t.UTC().Format("15:04 UTC on 2 January 2006")
}

func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(n, 10) + " " + noun + "s"
}

func hours(n int64) string {
	if n%24 == 0 {
		return counted(n/24, "day")
	}
	return counted(n, "hour")
}

// enoughRuns is of how many runs a rhythm is read.
const enoughRuns = 4

// rhythm is how often runs begin as a rule, in words; empty if there is none to
// be seen.
func rhythm(newestFirst []syncrun.Run) string {
	if len(newestFirst) < enoughRuns {
		return ""
	}
	gaps := make([]time.Duration, len(newestFirst)-1)
	for i := range gaps {
		gaps[i] = newestFirst[i].StartedAt.Sub(newestFirst[i+1].StartedAt)
	}
	slices.Sort(gaps)
	middle := gaps[len(gaps)/2]
	switch {
	case middle <= 0:
		return ""
	case middle < 90*time.Second:
		return "about every minute"
	case middle < 90*time.Minute:
		return fmt.Sprintf("about every %d minutes", int64(middle.Round(time.Minute)/time.Minute))
	case middle < 36*time.Hour:
		if h := int64(middle.Round(time.Hour) / time.Hour); h < 23 {
			return fmt.Sprintf("about every %d hours", h)
		}
		return "about once a day"
	}
	return fmt.Sprintf("about every %d days", int64(middle.Round(24*time.Hour)/(24*time.Hour)))
}

// plain is a text on one line, cut to a number of characters.
func plain(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// sentence is a text that begins with a capital letter and ends with a full stop.
func sentence(text string) string { return ended(capital(strings.TrimSpace(text))) }

func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// ended is a text that ends with a full stop unless it ends with something like it.
func ended(text string) string {
	text = strings.TrimSpace(text)
	if last, size := utf8.DecodeLastRuneInString(text); size == 0 || strings.ContainsRune(".!?…:", last) {
		return text
	}
	return text + "."
}
