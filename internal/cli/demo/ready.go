package demo

import (
	"fmt"
	"io"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/cli/command"
)

// ready is what the demo tells once it can be used.
type ready struct {
	URL string `json:"url"`
	// Link opens the web app signed in, once. Its token is in the fragment, which
	// browsers keep to themselves.
	Link string `json:"link"`
	// Login is nil where the person was made by an earlier start.
	Login       *login       `json:"login,omitempty"`
	Key         string       `json:"key"`
	Try         try          `json:"try"`
	Connections []connection `json:"connections"`
	// People, Devices and Assets are how many there are; each device is an asset.
	People  int `json:"people"`
	Devices int `json:"devices"`
	Assets  int `json:"assets"`
	Tests   struct {
		Total  int `json:"total"`
		Passed int `json:"passed"`
		Failed int `json:"failed"`
		Error  int `json:"error"`
	} `json:"tests"`
	Frameworks []framework `json:"frameworks"`
	Omitted    []omission  `json:"omitted"`
	// Kept is the folder that stays, empty when nothing does.
	Kept string `json:"kept,omitempty"`
}

// login is who signs in.
type login struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// try is a call that changes a verdict.
type try struct {
	Curl   string `json:"curl"`
	Person string `json:"person"`
	// Test is the one that passes afterwards.
	Test string `json:"test"`
	// FailingBefore and FailingAfter are the number of failing tests over the
	// users.
	FailingBefore int `json:"failingBefore"`
	FailingAfter  int `json:"failingAfter"`
}

type connection struct {
	Name    string `json:"name"`
	Records int64  `json:"records"`
}

// framework is how much of one is proved.
type framework struct {
	Name         string `json:"name"`
	Ready        int64  `json:"readyRequirements"`
	Requirements int64  `json:"requirements"`
}

// omission is what could not be read of this machine.
type omission struct {
	Dataset string `json:"dataset"`
	What    string `json:"what"`
	Why     string `json:"why"`
}

func (r *ready) text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nPlumbline is ready at %s\n\n", r.URL)
	fmt.Fprintf(&b, "  Open this link:  %s\n", r.Link)
	if r.Login != nil {
		fmt.Fprintf(&b, "  Sign in later:   %s  %s\n", r.Login.Email, r.Login.Password)
	}
	fmt.Fprintf(&b, "  API key:         %s\n", r.Key)
	fmt.Fprintf(&b, "  API reference:   %s/docs\n\n", r.URL)
	records := make([]command.Field, len(r.Connections))
	for i, c := range r.Connections {
		records[i] = command.Field{Name: "  " + c.Name, Value: fmt.Sprintf("%d records", c.Records)}
	}
	if err := command.Fields(&b, records...); err != nil {
		return err
	}
	fmt.Fprintf(&b, "  %d people, %d devices, %d assets\n", r.People, r.Devices, r.Assets)
	fmt.Fprintf(&b, "  %d tests: %d passed, %d failed, %d in error\n", r.Tests.Total, r.Tests.Passed, r.Tests.Failed, r.Tests.Error)
	for _, each := range r.Frameworks {
		fmt.Fprintf(&b, "  %s: %d of %d requirements ready\n", each.Name, each.Ready, each.Requirements)
	}
	if len(r.Omitted) > 0 {
		fmt.Fprintf(&b, "\nLeft out of this machine:\n")
		for _, o := range r.Omitted {
			fmt.Fprintf(&b, "  %s: %s: %s\n", o.Dataset, o.What, o.Why)
		}
	}
	if r.Try.Curl != "" {
		fmt.Fprintf(&b, "\nTry it: give %s multi-factor authentication, and wait for the verdict.\n\n%s\n\n", r.Try.Person, r.Try.Curl)
		fmt.Fprintf(&b, "The answer says X-Tests-Failing: %d (now it is %d), and the test “%s” passes.\n",
			r.Try.FailingAfter, r.Try.FailingBefore, r.Try.Test)
	}
	if r.Kept == "" {
		b.WriteString("\nCtrl+C ends the demo and removes its data.\n")
	} else {
		fmt.Fprintf(&b, "\nCtrl+C ends the demo; its data stays in %s.\n", r.Kept)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
