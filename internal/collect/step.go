package collect

import (
	"fmt"
	"maps"
	"sync"
	"time"
)

// The steps of a run. A collector that asks nobody for admission has no
// [StepAuthenticate].
const (
	StepAuthenticate = "authenticate"
	StepFetch        = "fetch"
	StepParse        = "parse"
)

// What is counted in a step.
const (
	CountRequests = "requests"
	CountPages    = "pages"
	CountBytes    = "bytes"
	CountItems    = "items"
	CountRecords  = "records"
)

// Step is a part of a run as it stands at the moment.
type Step struct {
	Name string
	// StartedAt is when it began. EndedAt is zero while it goes on.
	StartedAt, EndedAt time.Time
	// Counts are what was done so far: requests, pages, bytes, items, records.
	Counts map[string]int64
	// Err is why it failed, nil if it did not.
	Err *StepError
}

// The codes of failures.
const (
	CodeDNS               = "DNS"
	CodeConnectionRefused = "CONNECTION_REFUSED"
	CodeAddressNotAllowed = "ADDRESS_NOT_ALLOWED"
	CodeTimeout           = "TIMEOUT"
	CodeTLS               = "TLS"
	CodeUnauthorized      = "UNAUTHORIZED"
	CodeForbidden         = "FORBIDDEN"
	CodeNotFound          = "NOT_FOUND"
	CodeRateLimited       = "RATE_LIMITED"
	CodeServerError       = "SERVER_ERROR"
	CodeHTTPStatus        = "HTTP_STATUS"
	CodeNotJSON           = "NOT_JSON"
	CodeBadJSON           = "BAD_JSON"
	CodeTooLarge          = "TOO_LARGE"
	CodeTooManyPages      = "TOO_MANY_PAGES"
	CodeLoop              = "LOOP"
	CodeRedirect          = "REDIRECT"
	CodeTokenRefused      = "TOKEN_REFUSED"
	CodeExpression        = "EXPRESSION"
	CodeNotAnObject       = "NOT_AN_OBJECT"
	CodeQuery             = "QUERY"
	CodeCommandFailed     = "COMMAND_FAILED"
	CodeCommandNotFound   = "COMMAND_NOT_FOUND"
	CodeFileNotFound      = "FILE_NOT_FOUND"
	CodeLocalNotAllowed   = "LOCAL_NOT_ALLOWED"
	CodeCanceled          = "CANCELED"
	CodeInternal          = "INTERNAL"
)

// StepError says why a step failed. No part of it holds a secret.
type StepError struct {
	// Code is one of the codes above.
	Code string
	// Message is one plain sentence.
	Message string
	// Facts are what is known besides: status, host, url (without its query),
	// retryAfter (seconds), contentType, snippet, reason, and what the code
	// tells more.
	Facts map[string]string

	// step is the one that failed.
	step string
}

func (e *StepError) Error() string { return e.Message }

// failed makes the failure of a step. facts are names and values in turn.
func failed(step, code string, facts []string, format string, args ...any) *StepError {
	e := &StepError{Code: code, Message: fmt.Sprintf(format, args...), Facts: map[string]string{}, step: step}
	for i := 0; i+1 < len(facts); i += 2 {
		if facts[i+1] != "" {
			e.Facts[facts[i]] = facts[i+1]
		}
	}
	return e
}

// progress tells the steps of a run.
type progress struct {
	clock func() time.Time
	tell  func(Step)

	mu    sync.Mutex
	steps []*Step
	// ahead is what was counted for steps that have not begun.
	ahead map[string]map[string]int64
}

func (p *progress) find(name string) *Step {
	for _, s := range p.steps {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// say tells how a step stands. The receiver gets a copy.
func (p *progress) say(s *Step) {
	if p.tell != nil {
		c := *s
		c.Counts = maps.Clone(s.Counts)
		p.tell(c)
	}
}

// begin begins a step, unless it has begun.
func (p *progress) begin(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.find(name) == nil {
		s := &Step{Name: name, StartedAt: p.clock(), Counts: map[string]int64{}}
		maps.Copy(s.Counts, p.ahead[name])
		p.steps = append(p.steps, s)
		p.say(s)
	}
}

// count adds to what a step has done and returns what it comes to.
func (p *progress) count(name, what string, n int64) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := p.ahead[name]
	if s := p.find(name); s != nil {
		counts = s.Counts
	} else if counts == nil {
		counts = map[string]int64{}
		p.ahead[name] = counts
	}
	counts[what] += n
	return counts[what]
}

// current is the name of the first step that is open.
func (p *progress) current() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.steps {
		if s.EndedAt.IsZero() {
			return s.Name
		}
	}
	return StepFetch
}

// told tells how far the open steps are.
func (p *progress) told() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.steps {
		if s.EndedAt.IsZero() {
			p.say(s)
		}
	}
}

// end ends a step that is open.
func (p *progress) end(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.find(name); s != nil && s.EndedAt.IsZero() {
		s.EndedAt = p.clock()
		p.say(s)
	}
}

// finish ends what is open; the step of err fails, also one that had not begun or
// was done already, such as the admission that is asked for once more.
func (p *progress) finish(err *StepError) {
	if err != nil {
		p.begin(err.step)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.steps {
		broken := err != nil && s.Name == err.step
		if broken {
			s.Err = err
		}
		if broken || s.EndedAt.IsZero() {
			s.EndedAt = p.clock()
			p.say(s)
		}
	}
}
