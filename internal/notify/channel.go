package notify

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Kind says what a channel leads to.
type Kind string

// The kinds of channel.
const (
	Mail    Kind = "mail"
	Slack   Kind = "slack"
	Teams   Kind = "teams"
	Webhook Kind = "webhook"
)

// Kinds lists every kind once.
var Kinds = []Kind{Mail, Slack, Teams, Webhook}

// Limits of a workspace and of a channel.
const (
	MaxChannels   = 100
	maxAddresses  = 50
	maxUsers      = 50
	maxURL        = 2048
	minSigningKey = 24
	maxSigningKey = 256
)

// Channel leads to people, or to a program of theirs.
type Channel struct {
	ID          int64
	WorkspaceID int64
	Name        string
	Kind        Kind
	// To are the addresses of a mail channel; each gets a message of its own.
	To []string
	// UserIDs are people whom a mail channel reaches at the address that they
	// have, for as long as they may see what is told.
	UserIDs []int64
	// ControlOwners has a mail channel reach the owners of the controls that a
	// test proves, in events of that test.
	ControlOwners bool
	// URLHint and KeyHint tell people which secrets the channel has: the host
	// and the last four characters.
	URLHint string
	KeyHint string
	// Sealed holds the Secrets.
	Sealed    []byte
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Secrets are what a channel needs and never shows.
type Secrets struct {
	// URL is where messages are posted to; whoever knows it can post.
	URL string `json:"url,omitempty"`
	// SigningKey signs the messages of a webhook.
	SigningKey string `json:"signingKey,omitempty"`
}

// Sealer closes secrets; secret.Box is one.
type Sealer interface {
	Seal(plain []byte, purpose string) ([]byte, error)
	Open(sealed []byte, purpose string) ([]byte, error)
}

// ChannelChange is what may change of a channel; nil leaves a field as it is.
type ChannelChange struct {
	Name          *string
	To            *[]string
	UserIDs       *[]int64
	ControlOwners *bool
	URL           *string
	SigningKey    *string
}

// purpose binds the secrets of a channel to its workspace.
func (c Channel) purpose() string {
	return fmt.Sprintf("notification channel of workspace %d", c.WorkspaceID)
}

// open reads the secrets of a channel.
func (c Channel) open(s Sealer) (Secrets, error) {
	var out Secrets
	if len(c.Sealed) == 0 {
		return out, nil
	}
	plain, err := s.Open(c.Sealed, c.purpose())
	if err != nil {
		return out, fmt.Errorf("open the secrets of channel %d: %w", c.ID, err)
	}
	if err := json.Unmarshal(plain, &out); err != nil {
		return out, fmt.Errorf("the secrets of channel %d are damaged", c.ID)
	}
	return out, nil
}

// seal puts secrets into a channel.
func (c *Channel) seal(s Sealer, v Secrets) error {
	c.Sealed, c.URLHint, c.KeyHint = nil, "", ""
	if v == (Secrets{}) {
		return nil
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if c.Sealed, err = s.Seal(plain, c.purpose()); err != nil {
		return err
	}
	c.URLHint, c.KeyHint = hintOfURL(v.URL), hint(v.SigningKey)
	return nil
}

func hintOfURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || text == "" {
		return ""
	}
	return u.Host + hint(text)
}

func hint(text string) string {
	const shown = 4
	if text == "" {
		return ""
	}
	return "…" + text[len(text)-shown:]
}

// apply changes a channel and its secrets.
func (ch ChannelChange) apply(c *Channel, s *Secrets) error {
	if ch.Name != nil {
		c.Name = strings.TrimSpace(*ch.Name)
	}
	if err := checkName(c.Name); err != nil {
		return err
	}
	for _, p := range []struct {
		property string
		given    bool
		kinds    []Kind
	}{
		{"to", ch.To != nil, []Kind{Mail}}, {"userIds", ch.UserIDs != nil, []Kind{Mail}}, {"controlOwners", ch.ControlOwners != nil, []Kind{Mail}},
		{"url", ch.URL != nil, []Kind{Slack, Teams, Webhook}}, {"signingKey", ch.SigningKey != nil, []Kind{Webhook}},
	} {
		if p.given && !contains(p.kinds, c.Kind) {
			return fault.New(fault.CodeValidation, "`%s` (/%s) does not go with a channel of the kind %s", p.property, p.property, c.Kind)
		}
	}
	set(&c.To, ch.To)
	set(&c.UserIDs, ch.UserIDs)
	set(&c.ControlOwners, ch.ControlOwners)
	set(&s.URL, ch.URL)
	set(&s.SigningKey, ch.SigningKey)
	switch c.Kind {
	case Mail:
		return c.checkRecipients()
	case Slack, Teams:
		return checkURL(s.URL)
	case Webhook:
		if err := checkURL(s.URL); err != nil {
			return err
		}
		return checkSigningKey(s.SigningKey)
	}
	return fault.New(fault.CodeValidation, "`kind` (/kind) is %q; it must be mail, slack, teams or webhook", fault.Short(string(c.Kind), 40))
}

func contains(kinds []Kind, k Kind) bool {
	for _, each := range kinds {
		if each == k {
			return true
		}
	}
	return false
}

func (c *Channel) checkRecipients() error {
	switch {
	case len(c.To) == 0 && len(c.UserIDs) == 0 && !c.ControlOwners:
		return fault.New(fault.CodeValidation, "nobody would get mail: give addresses in `to` (/to), people in `userIds`, or set `controlOwners`")
	case len(c.To) > maxAddresses:
		return fault.New(fault.CodeValidation, "`to` (/to) may have at most %d mail addresses", maxAddresses)
	case len(c.UserIDs) > maxUsers:
		return fault.New(fault.CodeValidation, "`userIds` (/userIds) may name at most %d people", maxUsers)
	}
	c.UserIDs = distinct(c.UserIDs)
	for i, text := range c.To {
		text = strings.TrimSpace(text)
		a, err := mail.ParseAddress(text)
		if err != nil || a.Address != text || len(text) > 254 || strings.ContainsFunc(text, control) {
			return fault.New(fault.CodeValidation, "`to` (/to/%d) is %q; it must be a mail address such as ann@example.com", i, fault.Short(text, 80))
		}
		// The domain is the same in any case.
		at := strings.LastIndexByte(text, '@')
		c.To[i] = text[:at] + strings.ToLower(text[at:])
	}
	c.To = distinct(c.To)
	return nil
}

// checkURL never repeats the address, which is a secret.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" ||
		len(text) > maxURL || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fault.New(fault.CodeValidation, "`url` (/url) must be a URL that begins with https:// and has at most %d characters, without a user or a fragment", maxURL)
	}
	return nil
}

func checkSigningKey(key string) error {
	if len(key) < minSigningKey || len(key) > maxSigningKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fault.New(fault.CodeValidation, "`signingKey` (/signingKey) must have %d to %d visible ASCII characters: choose them at random", minSigningKey, maxSigningKey)
	}
	return nil
}
