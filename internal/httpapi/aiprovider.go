package httpapi

import (
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/diagnosis"
	"github.com/plumbline-dev/plumbline/internal/fault"
)

type wireAIProvider struct {
	Enabled   bool      `json:"enabled" doc:"Summaries may be asked for. Off at first."`
	URL       string    `json:"url" doc:"The base address, to which /chat/completions is added; empty: none."`
	Model     string    `json:"model"`
	MaxTokens int       `json:"maxTokens" doc:"The bound on an answer."`
	KeySet    bool      `json:"keySet" doc:"A key is stored. It is never shown."`
	UpdatedAt maybeTime `json:"updatedAt"`
}

func providerView(p diagnosis.Provider) wireAIProvider {
	return wireAIProvider{Enabled: p.Enabled, URL: p.URL, Model: p.Model, MaxTokens: p.MaxTokens, KeySet: p.KeySet(), UpdatedAt: maybeTime(p.UpdatedAt)}
}

func (a *api) getAIProvider(c *call) (answer, error) {
	p, err := a.Diagnosis.Provider(c.ctx())
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, providerView(p))
}

// aiProviderChange is what may change of the provider; absent properties stay. A
// name that is misspelt must not leave a key as it was.
type aiProviderChange struct {
	_         struct{} `additionalProperties:"false"`
	Enabled   *bool    `json:"enabled,omitempty"`
	URL       *string  `json:"url,omitempty" maxLength:"1000" doc:"Such as https://api.openai.com/v1, or http://127.0.0.1:11434/v1 where the server's setting ai-networks allows it."`
	Model     *string  `json:"model,omitempty" maxLength:"200"`
	MaxTokens *int     `json:"maxTokens,omitempty" minimum:"100" maximum:"8000"`
	Key       *string  `json:"key,omitempty" nullable:"true" maxLength:"2000" doc:"null takes it away. It must be given anew with an address on another host."`
}

func (a *api) putAIProvider(c *call) (answer, error) {
	body, err := decodeKnown[aiProviderChange](c)
	if err != nil {
		return answer{}, err
	}
	p, err := a.Diagnosis.UpdateProvider(c.ctx(), c.actor(), diagnosis.ProviderChange{Enabled: body.Enabled, URL: body.URL, Model: body.Model, MaxTokens: body.MaxTokens,
		Key: emptyForNull(c, "key", body.Key)})
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, providerView(p))
}

type aiProviderAction struct {
	_      struct{} `additionalProperties:"false"`
	Action string   `json:"action" enum:"test"`
}

type wireAITrial struct {
	OK        bool    `json:"ok" doc:"The model answered with text."`
	LatencyMs int64   `json:"latencyMs"`
	Model     *string `json:"model" doc:"The name that the other side gives the model."`
	Message   string  `json:"message" doc:"What happened, in a sentence."`
}

func (a *api) actOnAIProvider(c *call) (answer, error) {
	body, err := decodeKnown[aiProviderAction](c)
	if err != nil {
		return answer{}, err
	}
	if body.Action != "test" {
		return answer{}, fault.New(fault.CodeValidation, "`action` (/action) is %q; it must be test", cutText(body.Action, 80))
	}
	t, err := a.Diagnosis.Try(c.ctx(), c.actor())
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireAITrial{OK: t.OK, LatencyMs: t.Latency.Milliseconds(), Model: orNull(t.Model), Message: t.Message})
}
