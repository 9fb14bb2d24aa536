package command

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/client"
)

// Word is one of the server's words as the server writes it: out-of-scope is
// OUT_OF_SCOPE.
func Word(text string) string { return strings.ToUpper(strings.ReplaceAll(text, "-", "_")) }

// Words are several of them.
func Words(list []string) []string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = Word(text)
	}
	return out
}

// ID reads a number that an argument names something by. What is the thing, and
// listed the command that shows the numbers.
func ID(text, what, listed string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, Usagef("%q is not the id of %s: `plumbline %s` shows them", text, what, listed)
	}
	return id, nil
}

// Person reads whom an argument names: a number, or an address with or without
// email: before it. It is given as the server takes it.
func Person(text string) (string, error) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 {
		return text, nil
	}
	address := strings.TrimPrefix(text, "email:")
	if !strings.Contains(strings.Trim(address, "@"), "@") || strings.ContainsAny(address, " \t\r\n") {
		return "", Usagef("%q names nobody: give the id of a person, or an address such as email:ada@example.com", text)
	}
	return "email:" + address, nil
}

// Day is a day, or none where there is no time.
func Day(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return t.Format(time.DateOnly)
}

// Moment is a point in time to the minute, or none where there is none.
func Moment(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return t.Format("2006-01-02 15:04 MST")
}

// WorkspaceNames are workspaces as one line.
func WorkspaceNames(of []client.WorkspaceName) string {
	names := make([]string, len(of))
	for i, each := range of {
		names[i] = OneLine(each.Name)
	}
	return strings.Join(names, ", ")
}

// Maybe is the text that a pointer leads to, fit for one line; none for nil.
func Maybe(text *string) string {
	if text == nil {
		return ""
	}
	return OneLine(*text)
}

// Number is the number that a pointer leads to; nothing for nil.
func Number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// Value is JSON as a person reads it, in one line: texts without their quotation
// marks, and nothing for null.
func Value(value json.RawMessage) string {
	var text string
	switch {
	case len(value) == 0 || string(value) == "null":
		return ""
	case json.Unmarshal(value, &text) == nil:
		return OneLine(text)
	}
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return OneLine(string(value))
	}
	return OneLine(b.String())
}

// Clearable is the JSON of a text that a flag sets; none, the word, takes the
// field away.
func Clearable(text string) json.RawMessage {
	if text == "none" {
		return json.RawMessage("null")
	}
	quoted, _ := json.Marshal(text) // a text always can be
	return quoted
}

// Standing paints a status of a check or a test, and the health of a connection.
func Standing(p Paint, status string) string {
	switch strings.TrimRight(status, "…") {
	case "PASS", "HEALTHY":
		return p.Good(status)
	case "FAIL", "UNHEALTHY":
		return p.Bad(status)
	case "MISCONFIGURED", "STALE":
		return p.Odd(status)
	case "DISCONNECTED":
		return p.Faint(status)
	}
	return status
}
