// Package send sends notifications: mail over SMTP, Slack, Teams and signed
// webhooks over HTTP. Nothing is opened before the first message.
package send

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/netip"
	"time"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/notify"
	"github.com/plumbline-dev/plumbline/internal/outbound"
)

// Options are what a Sender needs.
type Options struct {
	// Mail is the mail server; without a host no mail can be sent.
	Mail MailServer
	// Networks are the networks besides the public ones that channels may lead
	// to. Only there http is taken for https.
	Networks []netip.Prefix
	// Roots are the certificate authorities; nil: those of the system.
	Roots *x509.CertPool
	// Now is the clock.
	Now func() time.Time
}

// Sender implements notify.Sender.
type Sender struct {
	o      Options
	policy outbound.Policy
	client *http.Client
}

var _ notify.Sender = (*Sender)(nil)

// New makes a sender.
func New(o Options) *Sender {
	p := outbound.Policy{Networks: o.Networks, Roots: o.Roots}
	return &Sender{o: o, policy: p, client: p.Client(outbound.Options{HeaderBytes: maxReplyHeader, Once: true})}
}

// Check implements notify.Sender.
func (s *Sender) Check(c notify.Channel, v notify.Secrets) error {
	if c.Kind == notify.Mail {
		if s.o.Mail.Host == "" {
			return fault.New(fault.CodeUnprocessable, "this server has no mail server: whoever runs it sets --mail-host and --mail-from")
		}
		return nil
	}
	return checkURL(s.policy, v.URL)
}

// Send implements notify.Sender.
func (s *Sender) Send(ctx context.Context, p notify.Parcel) error {
	switch p.Channel.Kind {
	case notify.Mail:
		return s.o.Mail.send(ctx, p, s.o.Now(), s.o.Roots)
	case notify.Slack:
		return s.post(ctx, p, slackBody(p.Message), nil)
	case notify.Teams:
		return s.post(ctx, p, teamsBody(p.Message), nil)
	}
	body := webhookBody(p)
	return s.post(ctx, p, body, map[string]string{
		SignatureHeader: Sign(p.Secrets.SigningKey, s.o.Now(), body), DeliveryHeader: p.UID})
}
