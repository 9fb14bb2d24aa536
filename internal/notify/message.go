package notify

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Notice is what a delivery tells: one signal, or a digest of several.
type Notice struct {
	// Test is true for a message that somebody asked for to try a channel.
	Test bool `json:"test,omitempty"`
	// Digest is true for a digest; From and Until bound it.
	Digest bool      `json:"digest,omitempty"`
	From   time.Time `json:"from,omitzero"`
	Until  time.Time `json:"until,omitzero"`
	// Zone is the time zone of the texts, UTC if empty.
	Zone string `json:"zone,omitempty"`
	// Rule is the name of the rule that asked for it, or of the first of them.
	Rule string `json:"rule,omitempty"`
	// Counts are in the order of Topics; Signals are the latest of them, in the
	// order of time.
	Counts  []Count  `json:"counts,omitempty"`
	Signals []Signal `json:"signals"`
}

// Count is how many signals of a topic a digest has.
type Count struct {
	Topic Topic `json:"topic"`
	N     int   `json:"n"`
}

// Message is a notice in words.
type Message struct {
	// Subject is one line of at most 200 characters.
	Subject string
	// Sections are what Text and HTML say, for channels with a form of their own.
	Sections []Section
	// Text is the whole as plain text, HTML as a whole document.
	Text string
	HTML string
}

// Section is a part of a message.
type Section struct {
	Title string
	Lines []Line
}

// Line is one line of a section: a value with a name, or an entry of a list.
// Link is empty where there is none.
type Line struct{ Name, Value, Link string }

const (
	maxSubject = 200
	maxValue   = 300
	// maxListed bounds the entries of a topic in a digest's texts.
	maxListed = 50
)

// headings are how a digest names its topics, with one and with several.
var headings = map[Topic][2]string{
	TestFailed: {"test fails", "tests fail"}, TestError: {"test cannot be decided", "tests cannot be decided"},
	TestRecovered: {"test passes again", "tests pass again"}, ConnectionStale: {"resource without fresh data", "resources without fresh data"},
	ConnectionUnhealthy: {"unhealthy connection", "unhealthy connections"}, ConnectionRecovered: {"connection healthy again", "connections healthy again"},
	ConnectionFresh:   {"resource with fresh data again", "resources with fresh data again"},
	ExclusionExpiring: {"exclusion ends soon", "exclusions end soon"}, ExclusionExpired: {"exclusion has ended", "exclusions have ended"},
	Drift: {"test with results that differed", "tests with results that differed"},
}

// reasons are the words for the reasons of a verdict.
var reasons = map[string]string{
	"STALE": "its data is too old", "NO_DATA": "there is no data", "SCHEMA_DRIFT": "the schema lost a property that it needs",
	"RULE_ERROR": "its logic cannot be evaluated",
}

// title is a signal in a few words.
func (s Signal) title() string {
	test, data := "Test "+quoted(s.TestName), quoted(s.ResourceName)
	switch s.Topic {
	case TestFailed:
		return test + " fails"
	case TestError:
		return test + " cannot be decided"
	case TestRecovered:
		return test + " passes again"
	case ConnectionUnhealthy:
		return data + " is unhealthy: its data does not come in as it should"
	case ConnectionRecovered:
		return data + " is healthy again"
	case ConnectionStale:
		return data + " has no fresh data"
	case ConnectionFresh:
		return data + " has fresh data again"
	case ExclusionExpiring:
		return "An exclusion of test " + quoted(s.TestName) + " ends soon"
	case ExclusionExpired:
		return "An exclusion of test " + quoted(s.TestName) + " has ended"
	case Drift:
		return "Stored results of test " + quoted(s.TestName) + " differed from a full pass"
	}
	return "Something changed"
}

// lines are the facts of a signal.
func (s Signal) lines(zone *time.Location, base string) []Line {
	var out []Line
	add := func(name, value string) {
		if value != "" {
			out = append(out, Line{Name: name, Value: fault.Short(oneLine(value), maxValue)})
		}
	}
	if s.From != "" && s.TestID != 0 {
		add("Before", s.From)
		add("Now", s.To)
	}
	if s.ExclusionID != 0 {
		add("Excluded", s.Excluded)
		add("Ends", moment(s.ExpiresAt, zone))
	}
	add("Reason", reasonWords(s))
	add("Last data", moment(s.FreshAt, zone))
	if s.FreshnessHours > 0 {
		add("Limit", strconv.FormatInt(s.FreshnessHours, 10)+" hours")
	}
	if s.Drift > 0 {
		add("Corrected", strconv.FormatInt(s.Drift, 10)+" verdicts")
	}
	add("At", moment(s.At, zone))
	if link := s.link(base); link != "" {
		out = append(out, Line{Name: "Look", Value: link, Link: link})
	}
	return out
}

func reasonWords(s Signal) string {
	if s.ExclusionID != 0 || s.TestID == 0 {
		return s.Reason
	}
	var words []string
	for code := range strings.SplitSeq(s.Reason, ",") {
		if w, ok := reasons[code]; ok {
			code = w
		}
		words = append(words, code)
	}
	return strings.Join(words, "; ")
}

// link leads to the page of what a signal is about.
func (s Signal) link(base string) string {
	switch {
	case base == "":
		return ""
	case s.TestID != 0:
		return base + "/tests/" + strconv.FormatInt(s.TestID, 10)
	case s.Topic == ConnectionUnhealthy, s.Topic == ConnectionRecovered:
		return base + "/connections/" + strconv.FormatInt(s.ConnectionID, 10)
	case s.ConnectionID != 0 && s.ResourceID != 0:
		return base + "/connections/" + strconv.FormatInt(s.ConnectionID, 10) + "/resources/" + strconv.FormatInt(s.ResourceID, 10)
	}
	return ""
}

func quoted(name string) string { return "“" + fault.Short(oneLine(name), maxName) + "”" }

// oneLine is a text without what could end a line, be it a header's.
func oneLine(s string) string {
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if control(r) || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s), "�")
}

func moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04 MST")
}

// Message writes a notice. base is the address of the web app, empty if it is
// not known.
func (n Notice) Message(base string) Message {
	zone := Schedule{Zone: n.Zone}.location()
	var m Message
	switch {
	case n.Test:
		m.Subject = "A test message of Plumbline"
		m.Sections = []Section{{Lines: []Line{{Value: "This channel works: whatever its rules ask for will come this way."}}}}
	case n.Digest:
		m.Subject, m.Sections = n.digest(zone, base)
	case len(n.Signals) > 0:
		s := n.Signals[0]
		m.Subject = s.title()
		m.Sections = []Section{{Lines: s.lines(zone, base)}}
	}
	m.Subject = fault.Short(m.Subject, maxSubject)
	m.Text = m.plain(n.Rule)
	m.HTML = m.html(n.Rule)
	return m
}

func (n Notice) digest(zone *time.Location, base string) (subject string, sections []Section) {
	var parts []string
	for _, c := range n.Counts {
		words := headings[c.Topic][1]
		if c.N == 1 {
			words = headings[c.Topic][0]
		}
		parts = append(parts, strconv.Itoa(c.N)+" "+words)
	}
	sections = []Section{{Lines: []Line{{Name: "From", Value: moment(n.From, zone)}, {Name: "Until", Value: moment(n.Until, zone)}}}}
	for i, c := range n.Counts {
		s := Section{Title: parts[i]}
		listed := slices.DeleteFunc(slices.Clone(n.Signals), func(s Signal) bool { return s.Topic != c.Topic })
		listed = listed[max(0, len(listed)-maxListed):]
		if more := c.N - len(listed); more > 0 {
			s.Lines = append(s.Lines, Line{Value: fmt.Sprintf("%d earlier ones", more)})
		}
		for _, each := range listed {
			s.Lines = append(s.Lines, Line{Value: each.entry(zone), Link: each.link(base)})
		}
		sections = append(sections, s)
	}
	return "Digest: " + strings.Join(parts, ", "), sections
}

// entry is a signal as a line of a digest.
func (s Signal) entry(zone *time.Location) string {
	text := moment(s.At, zone) + ": " + s.title()
	switch {
	case s.ExclusionID != 0 && s.Excluded != "":
		text += " (" + fault.Short(oneLine(s.Excluded), maxName) + ")"
	case s.Reason != "":
		text += " (" + fault.Short(oneLine(reasonWords(s)), maxName) + ")"
	}
	return text
}

func (m Message) plain(rule string) string {
	var b strings.Builder
	b.WriteString(m.Subject + "\n")
	for _, s := range m.Sections {
		b.WriteString("\n")
		if s.Title != "" {
			b.WriteString(s.Title + "\n")
		}
		for _, l := range s.Lines {
			switch {
			case l.Name != "":
				b.WriteString(l.Name + ": " + l.Value + "\n")
			case s.Title != "":
				b.WriteString("- " + l.Value + "\n")
			default:
				b.WriteString(l.Value + "\n")
			}
		}
	}
	if rule != "" {
		b.WriteString("\nPlumbline sent this because of the rule " + quoted(rule) + ".\n")
	}
	return b.String()
}

var layout = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Subject}}</title></head>
<body style="font-family:sans-serif;line-height:1.4;color:#222">
<h1 style="font-size:1.2em">{{.Subject}}</h1>
{{range .Sections}}{{if .Title}}<h2 style="font-size:1em">{{.Title}}</h2>
<ul>
{{range .Lines}}<li>{{if .Link}}<a href="{{.Link}}">{{.Value}}</a>{{else}}{{.Value}}{{end}}</li>
{{end}}</ul>
{{else}}{{range .Lines}}<p style="margin:0">{{if .Name}}<b>{{.Name}}:</b> {{end}}{{if .Link}}<a href="{{.Link}}">{{.Value}}</a>{{else}}{{.Value}}{{end}}</p>
{{end}}{{end}}{{end}}{{if .Rule}}<p style="color:#666;font-size:.9em">Plumbline sent this because of the rule {{.Rule}}.</p>
{{end}}</body></html>
`))

func (m Message) html(rule string) string {
	if rule != "" {
		rule = quoted(rule)
	}
	var b strings.Builder
	// The template and its values are of this package.
	_ = layout.Execute(&b, struct {
		Message
		Rule string
	}{m, rule})
	return b.String()
}
