package diagnosis

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

// Provider says which language model is asked, by the chat completions protocol
// of OpenAI that many servers speak.
type Provider struct {
	// Enabled: summaries may be asked for. It is off at first.
	Enabled bool
	// URL is the base to which /chat/completions is added, such as
	// https://api.openai.com/v1.
	URL   string
	Model string
	// MaxTokens bounds an answer, and with it what it costs.
	MaxTokens int
	// Sealed is the key as it is stored; empty: none.
	Sealed    []byte
	UpdatedAt time.Time
}

// KeySet reports whether a key is stored.
func (p Provider) KeySet() bool { return len(p.Sealed) > 0 }

// The bounds of Provider.MaxTokens, and what it is at first.
const (
	MinTokens     = 100
	MaxTokens     = 8000
	DefaultTokens = 1000
)

const (
	maxURL   = 1000
	maxModel = 200
	maxKey   = 2000
)

// ProviderChange is what changes of a provider; nil leaves a field as it is. An
// empty key takes the key away.
type ProviderChange struct {
	Enabled   *bool
	URL       *string
	Model     *string
	MaxTokens *int
	Key       *string
}

// Sealer seals secrets at rest; secret.Box is one.
type Sealer interface {
	Seal(plain []byte, purpose string) ([]byte, error)
	Open(sealed []byte, purpose string) ([]byte, error)
}

const keyPurpose = "key of the AI provider"

func invalid(name, format string, args ...any) error {
	return fault.New(fault.CodeValidation, "`"+name+"` (/"+name+") "+format, args...).At("/" + name)
}

const chatPath = "/chat/completions"

// checkURL is the base URL as it is stored.
func checkURL(text string) (string, error) {
	text = strings.TrimSuffix(strings.TrimRight(strings.TrimSpace(text), "/"), chatPath)
	text = strings.TrimRight(text, "/")
	u, err := url.Parse(text)
	switch {
	case text == "":
		return "", nil
	case len(text) > maxURL:
		return "", invalid("url", "may have at most %d characters", maxURL)
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Hostname() == "":
		return "", invalid("url", "must begin with https:// (or http:// for a server of your own) and name a host, such as https://api.openai.com/v1")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(text, "?#"):
		return "", invalid("url", "must have no password, query or fragment: the key has a field of its own")
	}
	return text, nil
}

// origin is scheme and host of a URL that was checked.
func origin(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

func (s *Service) apply(c ProviderChange, p *Provider) error {
	was := p.URL
	if c.URL != nil {
		u, err := checkURL(*c.URL)
		if err != nil {
			return err
		}
		p.URL = u
	}
	if c.Model != nil {
		p.Model = strings.TrimSpace(*c.Model)
		if utf8.RuneCountInString(p.Model) > maxModel || plain(p.Model, maxModel) != p.Model {
			return invalid("model", "must be one line of at most %d characters", maxModel)
		}
	}
	if c.MaxTokens != nil {
		p.MaxTokens = *c.MaxTokens
	}
	if p.MaxTokens < MinTokens || p.MaxTokens > MaxTokens {
		return invalid("maxTokens", "must be from %d to %d", MinTokens, MaxTokens)
	}
	if c.Key != nil {
		if err := s.setKey(p, strings.TrimSpace(*c.Key)); err != nil {
			return err
		}
	} else if p.KeySet() && was != "" && origin(was) != origin(p.URL) {
		// A key must not go to somebody it was not given for.
		return invalid("key", "must be given anew with another address, or null to go without: a key is only sent to the host it was given for")
	}
	if c.Enabled != nil {
		p.Enabled = *c.Enabled
	}
	if p.Enabled && p.URL == "" {
		return invalid("url", "is needed before summaries can be switched on")
	}
	if p.Enabled && p.Model == "" {
		return invalid("model", "is needed before summaries can be switched on")
	}
	return nil
}

func (s *Service) setKey(p *Provider, key string) error {
	if key == "" {
		p.Sealed = nil
		return nil
	}
	if len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return r < 0x21 || r > 0x7e }) {
		return invalid("key", "must have at most %d visible ASCII characters", maxKey)
	}
	sealed, err := s.Sealer.Seal([]byte(key), keyPurpose)
	if err != nil {
		return err
	}
	p.Sealed = sealed
	return nil
}

// Provider reads the settings.
func (s *Service) Provider(ctx context.Context) (Provider, error) { return s.store.AIProvider(ctx) }

// UpdateProvider changes the settings.
func (s *Service) UpdateProvider(ctx context.Context, a event.Actor, c ProviderChange) (Provider, error) {
	return s.store.ChangeAIProvider(ctx, func(p *Provider) (event.Event, error) {
		if err := s.apply(c, p); err != nil {
			return event.Event{}, err
		}
		p.UpdatedAt = s.Now()
		return event.New(a, p.UpdatedAt, event.AIProviderUpdated, event.CategoryCompany, "The settings of the AI provider were changed",
			map[string]any{"enabled": p.Enabled, "url": p.URL, "model": p.Model, "maxTokens": p.MaxTokens, "keySet": p.KeySet(), "keyChanged": c.Key != nil}), nil
	})
}

// errSealed is what people read where the key cannot be opened.
var errSealed = fault.New(fault.CodeUnprocessable, "the key cannot be read, because the server's key file is another one: give the key anew in the settings of the AI provider")

// question is what a provider is asked.
func (s *Service) question(p Provider) (Question, error) {
	q := Question{URL: p.URL + chatPath, Model: p.Model, MaxTokens: p.MaxTokens}
	if !p.KeySet() {
		return q, nil
	}
	key, err := s.Sealer.Open(p.Sealed, keyPurpose)
	if err != nil {
		return q, errSealed
	}
	q.Key = string(key)
	return q, nil
}

// Trial is what a try of the settings came to.
type Trial struct {
	OK      bool
	Latency time.Duration
	Model   string
	// Message says in a sentence what happened.
	Message string
}

// Try asks the provider a trivial question, whether it is enabled or not.
func (s *Service) Try(ctx context.Context, a event.Actor) (Trial, error) {
	p, err := s.store.AIProvider(ctx)
	if err != nil {
		return Trial{}, err
	}
	if p.URL == "" || p.Model == "" {
		return Trial{}, fault.New(fault.CodeUnprocessable, "set the address and the model first: there is nothing to try yet")
	}
	q, err := s.question(p)
	if err != nil {
		return Trial{}, err
	}
	if err := s.store.SpendAIRequest(ctx, s.Now(), hourly, event.New(a, s.Now(), event.AIProviderTested, event.CategoryCompany, "The AI provider was tried", nil)); err != nil {
		return Trial{}, err
	}
	q.System, q.User = "You are tested. Answer with one word.", "Say: ready"
	began := s.Now()
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	answer, err := s.Model.Ask(ctx, q, func(string) error { return nil })
	out := Trial{Latency: s.Now().Sub(began), Model: answer.Model}
	switch {
	case err != nil:
		out.Message = sentence(err.Error())
	case answer.Called || answer.Refused:
		out.Message = "The model answered, but not with text."
	default:
		out.OK, out.Message = true, "The model answered."
	}
	return out, nil
}
