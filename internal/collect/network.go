package collect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/plumbline-dev/plumbline/internal/outbound"
)

// networkFailure is what went wrong on the way to a host. transient says that it
// may be better in a moment.
func networkFailure(step, host string, err error) (f *StepError, transient bool) {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	facts := []string{"host", host}
	var name *net.DNSError
	var timeout interface{ Timeout() bool }
	switch reason := tlsReason(err); {
	case errors.Is(err, outbound.ErrPrivate):
		return failed(step, CodeAddressNotAllowed, append(facts, "reason", "private"), "%s is an address of a private network, which may not be reached from here.", host), false
	case errors.Is(err, outbound.ErrPlain):
		return failed(step, CodeAddressNotAllowed, append(facts, "reason", "plain"), "%s would be reached without encryption: use https://.", host), false
	case errors.As(err, &name) && name.IsNotFound:
		return failed(step, CodeDNS, append(facts, "name", name.Name), "There is no host with the name %s.", name.Name), false
	case errors.As(err, &name):
		return failed(step, CodeDNS, append(facts, "name", name.Name), "The name %s cannot be looked up.", name.Name), true
	case reason != "":
		return failed(step, CodeTLS, append(facts, "reason", reason), "The encrypted connection to %s cannot be made: %s.", host, reason), false
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failed(step, CodeTimeout, facts, "%s did not answer in time.", host), true
	case errors.Is(err, syscall.ECONNREFUSED):
		return failed(step, CodeConnectionRefused, append(facts, "reason", "refused"), "%s refuses the connection.", host), true
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return failed(step, CodeConnectionRefused, append(facts, "reason", "cut off"), "%s cut the connection off.", host), true
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return failed(step, CodeConnectionRefused, append(facts, "reason", "unreachable"), "%s cannot be reached.", host), true
	}
	return failed(step, CodeConnectionRefused, append(facts, "reason", strings.ToValidUTF8(err.Error(), "")), "The connection to %s failed.", host), true
}

// tlsReason says what is wrong with an encrypted connection, empty where it is
// something else.
func tlsReason(err error) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &authority):
		return "its certificate is signed by an authority that is not known here"
	case errors.As(err, &host):
		return "its certificate is made out for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired, or is not valid yet"
	case errors.As(err, &invalid), errors.As(err, &certificate):
		return "its certificate is not valid"
	case errors.As(err, &record):
		return "it does not speak TLS there"
	case errors.As(err, &alert):
		return "it broke off the handshake (" + alert.Error() + ")"
	case err != nil && strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "it does not speak TLS there"
	}
	return ""
}
