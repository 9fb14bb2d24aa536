package chat

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/outbound"
)

var errSlow = failed("the AI provider did not answer in time")

// refusal says in words what a status means. The text of the reply is not
// repeated: it may be anything.
func refusal(reply *http.Response) error {
	switch status := reply.StatusCode; {
	case status == http.StatusUnauthorized:
		return failed("the AI provider does not accept the key (status 401)")
	case status == http.StatusForbidden:
		return failed("the key may not use this model (status 403)")
	case status == http.StatusNotFound:
		return failed("the AI provider knows no such model, or the address is wrong (status 404)")
	case status == http.StatusPaymentRequired:
		return failed("the AI provider wants to be paid first (status 402)")
	case status == http.StatusTooManyRequests:
		if s, err := strconv.ParseUint(strings.TrimSpace(reply.Header.Get("Retry-After")), 10, 16); err == nil && s > 0 {
			return failed("the AI provider takes no more requests for now and asks to wait %d seconds (status 429)", s)
		}
		return failed("the AI provider takes no more requests for now, or the money of the account is used up (status 429)")
	case status/100 == 3:
		return failed("the AI provider sends on to another address, which is not followed (status %d)", status)
	case status/100 == 5:
		return failed("the AI provider failed (status %d)", status)
	default:
		return failed("the AI provider refused the question (status %d)", status)
	}
}

// broken says in words why a request came to nothing.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ended(ctx.Err())
	}
	var timeout interface{ Timeout() bool }
	var name *net.DNSError
	var op *net.OpError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, outbound.ErrPrivate):
		return failed("the address of the AI provider leads to a private network: the server's setting ai-networks says which may be used")
	case errors.Is(err, outbound.ErrPlain):
		return failed("http:// can be used in the networks of the server's setting ai-networks only: use https://")
	case errors.As(err, &name):
		return failed("the name of the AI provider's host cannot be resolved")
	case errors.As(err, &authority), errors.As(err, &host), errors.As(err, &certificate):
		return failed("the certificate of the AI provider is not valid for its name")
	case errors.As(err, &timeout) && timeout.Timeout():
		return errSlow
	case errors.As(err, &op) && op.Op == "dial":
		return failed("the AI provider cannot be reached")
	}
	return failed("the connection to the AI provider failed")
}
