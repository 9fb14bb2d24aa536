package send

import (
	"encoding/json"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/notify"
)

const (
	// Slack cuts a text after 40,000 characters, Teams refuses a message of more
	// than 28 kB.
	maxSlack = 12_000
	maxTeams = 18_000
	cutShort = "… and more: this message was cut."
)

// slackEscape is all that Slack wants escaped in its markup.
var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// slackBody is a message for an incoming webhook of Slack.
func slackBody(m notify.Message) []byte {
	var b strings.Builder
	b.WriteString("*" + slackEscape.Replace(m.Subject) + "*\n")
	full := eachLine(m, maxSlack, func(title string, l notify.Line) int {
		before := b.Len()
		if title != "" {
			b.WriteString("\n*" + slackEscape.Replace(title) + "*\n")
			return b.Len() - before
		}
		value := slackEscape.Replace(l.Value)
		if l.Link != "" {
			value = "<" + slackEscape.Replace(l.Link) + "|" + strings.ReplaceAll(value, "|", "¦") + ">"
		}
		if l.Name != "" {
			value = l.Name + ": " + value
		}
		b.WriteString(value + "\n")
		return b.Len() - before
	})
	if !full {
		b.WriteString(cutShort + "\n")
	}
	return encode(map[string]any{"text": b.String(), "unfurl_links": false})
}

// eachLine shows titles and lines until they are too long together; then it is
// false.
func eachLine(m notify.Message, most int, show func(title string, l notify.Line) int) bool {
	for _, s := range m.Sections {
		if s.Title != "" {
			most -= show(s.Title, notify.Line{})
		}
		for _, l := range s.Lines {
			if most <= 0 {
				return false
			}
			most -= show("", l)
		}
	}
	return true
}

// run is a piece of text of an Adaptive Card. Other than in a TextBlock nothing
// in it is markup.
type run struct {
	Type         string            `json:"type"`
	Text         string            `json:"text"`
	Weight       string            `json:"weight,omitempty"`
	SelectAction map[string]string `json:"selectAction,omitempty"`
}

type richText struct {
	Type    string `json:"type"`
	Inlines []run  `json:"inlines"`
	Spacing string `json:"spacing,omitempty"`
}

func paragraph(spacing string, runs ...run) richText {
	for i := range runs {
		runs[i].Type = "TextRun"
	}
	return richText{Type: "RichTextBlock", Inlines: runs, Spacing: spacing}
}

// teamsBody is a message with an Adaptive Card, for the webhook of a Teams
// workflow (trigger “When a Teams webhook request is received”) and for the
// older connectors.
func teamsBody(m notify.Message) []byte {
	body := []richText{paragraph("", run{Text: m.Subject, Weight: "Bolder"})}
	add := func(p richText) int {
		body = append(body, p)
		return len(encode(p))
	}
	full := eachLine(m, maxTeams, func(title string, l notify.Line) int {
		if title != "" {
			return add(paragraph("Medium", run{Text: title, Weight: "Bolder"}))
		}
		value := run{Text: l.Value}
		if l.Link != "" {
			value.SelectAction = map[string]string{"type": "Action.OpenUrl", "url": l.Link}
		}
		if l.Name != "" {
			return add(paragraph("None", run{Text: l.Name + ": ", Weight: "Bolder"}, value))
		}
		return add(paragraph("None", value))
	})
	if !full {
		add(paragraph("None", run{Text: cutShort}))
	}
	return encode(map[string]any{"type": "message", "attachments": []any{map[string]any{
		"contentType": "application/vnd.microsoft.card.adaptive",
		"contentUrl":  nil,
		"content": map[string]any{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.2",
			"body": body, "fallbackText": m.Subject},
	}}})
}

// encode writes values of this package, which always can be.
func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
