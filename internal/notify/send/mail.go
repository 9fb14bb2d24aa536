package send

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	mail "github.com/wneessen/go-mail"

	"github.com/plumbline-dev/plumbline/internal/notify"
)

// The ways in which a connection to a mail server is encrypted.
const (
	StartTLS = "starttls"
	TLS      = "tls"
	NoTLS    = "none"
)

// mailTimeout bounds the dialogue with a mail server up to the message, and
// once more the message.
const mailTimeout = 15 * time.Second

// MailServer says how mail is sent. It is the server's own, so that no network
// is closed to it.
type MailServer struct {
	// Host is empty where no mail can be sent.
	Host string
	Port int
	// User and Password are empty for a server that asks for none.
	User, Password string
	// From is the sender's address.
	From string
	// Encryption is StartTLS, TLS or NoTLS.
	Encryption string
}

// line is the connection of one dialogue: the library leaves it open where the
// dialogue fails before the message.
type line struct{ conn net.Conn }

func (l *line) close() {
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

func (s MailServer) client(roots *x509.CertPool) (*mail.Client, *line, error) {
	config := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, RootCAs: roots}
	policy, dial := mail.TLSMandatory, (&net.Dialer{}).DialContext
	switch s.Encryption {
	case NoTLS:
		policy = mail.NoTLS
	case TLS:
		// Encrypted it is; a server does not offer STARTTLS once more.
		policy, dial = mail.TLSOpportunistic, (&tls.Dialer{Config: config}).DialContext
	}
	l := &line{}
	options := []mail.Option{mail.WithPort(s.Port), mail.WithTimeout(mailTimeout), mail.WithoutNoop(), mail.WithTLSConfig(config), mail.WithTLSPolicy(policy),
		mail.WithDialContextFunc(func(ctx context.Context, network, address string) (_ net.Conn, err error) {
			l.conn, err = dial(ctx, network, address)
			return l.conn, err
		})}
	if s.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password))
	}
	c, err := mail.NewClient(s.Host, options...)
	return c, l, err
}

func (s MailServer) message(p notify.Parcel, now time.Time) (*mail.Msg, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.FromFormat("Plumbline", s.From); err != nil {
		return nil, errors.New("the server's setting mail-from is no mail address")
	}
	if err := m.To(p.Target); err != nil {
		return nil, errors.New("the mail address cannot be used")
	}
	domain := s.From[strings.LastIndexByte(s.From, '@')+1:]
	m.Subject(p.Message.Subject)
	m.SetMessageIDWithValue(p.UID + "@" + domain)
	m.SetDateWithValue(now)
	// RFC 3834: nothing shall answer by itself.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(mail.TypeTextPlain, p.Message.Text)
	m.AddAlternativeString(mail.TypeTextHTML, p.Message.HTML)
	return m, nil
}

func (s MailServer) send(ctx context.Context, p notify.Parcel, now time.Time, roots *x509.CertPool) error {
	if s.Host == "" {
		return errors.New("this server has no mail server any more: its settings mail-host and mail-from are not set")
	}
	m, err := s.message(p, now)
	if err != nil {
		return err
	}
	c, l, err := s.client(roots)
	if err != nil {
		return errors.New("the server's settings for mail cannot be used")
	}
	defer l.close()
	conn, err := c.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return mailFailure("reach", err)
	}
	broken := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer broken()
	err = c.SendWithSMTPClient(conn, m)
	// The message is taken or not by now, however the dialogue ends.
	_ = c.CloseWithSMTPClient(conn)
	if err != nil {
		return mailFailure("hand the message to", err)
	}
	return nil
}

// mailFailure says what a mail server answered, without what we said to it.
func mailFailure(what string, err error) error {
	var answer *textproto.Error
	var unknown x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	var refused *mail.SendError
	switch {
	case errors.As(err, &answer):
		return fmt.Errorf("cannot %s the mail server: it answered %d %s", what, answer.Code, strings.ToValidUTF8(answer.Msg, ""))
	case errors.As(err, &unknown), errors.As(err, &certificate):
		return fmt.Errorf("cannot %s the mail server: its certificate is not valid for its name", what)
	case errors.As(err, &refused) && refused.ErrorCode() != 0:
		return fmt.Errorf("cannot %s the mail server: it answered %d", what, refused.ErrorCode())
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("cannot %s the mail server: it did not answer in time", what)
	}
	return fmt.Errorf("cannot %s the mail server: %w", what, err)
}
