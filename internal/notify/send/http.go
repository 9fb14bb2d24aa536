package send

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/notify"
)

const (
	// maxReply bounds what is read of a reply.
	maxReply       = 4 << 10
	maxReplyHeader = 16 << 10
)

func (s *Sender) post(ctx context.Context, p notify.Parcel, body []byte, header map[string]string) error {
	kind, to := p.Channel.Kind, p.Secrets.URL
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return errors.New("the channel's URL cannot be used")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Plumbline")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	reply, err := s.client.Do(r)
	if err != nil {
		return failure(err)
	}
	defer func() { _ = reply.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(reply.Body, maxReply))
	if err != nil {
		text = nil
	}
	if reply.StatusCode/100 == 2 {
		// The connectors of Teams say 200 to what they do not take.
		if kind == notify.Teams && bytes.HasPrefix(text, []byte("Webhook message delivery failed")) {
			return &notify.Refusal{Text: "Teams answered that it did not deliver the message"}
		}
		return nil
	}
	return &notify.Refusal{Text: "the other side answered " + answered(reply.StatusCode, text), After: retryAfter(reply.Header.Get("Retry-After"))}
}

// plainCode is what Slack answers, such as channel_is_archived. Nothing else of
// a reply is shown: it might repeat the URL.
var plainCode = regexp.MustCompile(`^[a-z][a-z_]{1,60}$`)

func answered(status int, text []byte) string {
	out := strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
	if status/100 == 3 {
		out += " (redirects are not followed)"
	}
	if code := bytes.TrimSpace(text); plainCode.Match(code) {
		out += ": " + string(code)
	}
	return out
}

func retryAfter(text string) time.Duration {
	seconds, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// failure is an error of the transport in words that hold no part of the URL
// beyond its host.
func failure(err error) error {
	if known := guardError(err); known != nil {
		return known
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var timeout interface{ Timeout() bool }
	var name *net.DNSError
	var op *net.OpError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("the other side did not answer in time")
	case errors.As(err, &name):
		return fmt.Errorf("the name %s cannot be resolved", name.Name)
	case errors.As(err, &authority), errors.As(err, &host), errors.As(err, &certificate):
		return errors.New("the certificate of the other side is not valid for its name")
	case errors.As(err, &op) && op.Op == "dial":
		return errors.New("the other side cannot be reached")
	}
	return errors.New("the connection to the other side failed")
}
