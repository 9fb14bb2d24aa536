// Package config turns flags, PLUMBLINE_* variables and a settings file into
// one struct. A flag wins over a variable, a variable over the file, the file
// over the default.
package config

import (
	"log/slog"
	"net/netip"
	"time"
)

// Config is every setting of the server.
type Config struct {
	// Addr is the host and port to listen on; port 0 takes a free one.
	Addr string
	// DataDir is the folder of the embedded database.
	DataDir string
	// DatabaseURL names a PostgreSQL database (postgres://…); empty means the
	// embedded one.
	DatabaseURL string
	// RateLimit is how many requests one source may make in a minute, 0: no
	// limit.
	RateLimit int
	// TrustedProxies are the addresses whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// SessionIdle is how long an open session may rest before a newcomer
	// cancels it.
	SessionIdle time.Duration
	// MaxBody is the largest body of a request in bytes, after decompression.
	MaxBody int64
	// ShutdownGrace is how long requests in flight may go on after a stop was
	// asked for.
	ShutdownGrace time.Duration
	// TLSCert and TLSKey are PEM files; both or neither.
	TLSCert, TLSKey string
	LogLevel        slog.Level
	// SecretKeyFile holds the key that seals secrets in the database; empty:
	// secret.key in DataDir.
	SecretKeyFile string
	// PublicURL is the address under which people reach the web app, for links;
	// empty: no links.
	PublicURL string
	// MailHost and the others say how mail is sent; empty: none is.
	MailHost, MailUser, MailPassword, MailFrom string
	MailPort                                   int
	// MailTLS is "starttls", "tls" or "none".
	MailTLS string
	// NotifyWindow is how long a change waits for one that takes it back.
	NotifyWindow time.Duration
	// NotifyNetworks are networks besides the public ones that messages may be
	// sent to.
	NotifyNetworks []netip.Prefix
	// CollectLocal: collections may run programs and read files of this machine.
	CollectLocal bool
	// AINetworks are networks besides the public ones in which the AI provider may
	// be.
	AINetworks []netip.Prefix
	// LogFormat is "json" or "text".
	LogFormat string
}

// Setting describes one setting for people. Name is its flag and its key in
// the file, Env its variable.
type Setting struct {
	Name, Env, Default, Usage string

	read func(*Config, string) error
}

// Names of the settings.
const (
	Addr           = "addr"
	Data           = "data"
	DatabaseURL    = "database-url"
	RateLimit      = "rate-limit"
	TrustedProxies = "trusted-proxies"
	SessionIdle    = "session-idle"
	MaxBody        = "max-body"
	ShutdownGrace  = "shutdown-grace"
	TLSCert        = "tls-cert"
	TLSKey         = "tls-key"
	SecretKeyFile  = "secret-key-file"
	PublicURL      = "public-url"
	MailHost       = "mail-host"
	MailPort       = "mail-port"
	MailUser       = "mail-user"
	MailPassword   = "mail-password"
	MailFrom       = "mail-from"
	MailTLS        = "mail-tls"
	NotifyWindow   = "notify-window"
	NotifyNetworks = "notify-networks"
	CollectLocal   = "collect-local"
	AINetworks     = "ai-networks"
	LogLevel       = "log-level"
	LogFormat      = "log-format"
)

// Settings lists every setting, in the order of the documentation.
func Settings() []Setting { return settings }

var settings = []Setting{
	{Addr, "PLUMBLINE_ADDR", "127.0.0.1:8080", "address to listen on; port 0 takes a free one",
		address(func(c *Config) *string { return &c.Addr })},
	{Data, "PLUMBLINE_DATA", "plumbline-data", "folder of the embedded database; made if absent",
		text(func(c *Config) *string { return &c.DataDir })},
	{DatabaseURL, "PLUMBLINE_DATABASE_URL", "", "PostgreSQL to use in place of the embedded database, as postgres://user:password@host/name",
		postgres(func(c *Config) *string { return &c.DatabaseURL })},
	{RateLimit, "PLUMBLINE_RATE_LIMIT", "500", "requests a minute from one source; 0 = no limit",
		number(0, 1_000_000_000, func(c *Config, n int64) { c.RateLimit = int(n) })},
	{TrustedProxies, "PLUMBLINE_TRUSTED_PROXIES", "", "addresses or networks (CIDR), separated by commas, whose X-Forwarded-For is believed",
		prefixes(func(c *Config) *[]netip.Prefix { return &c.TrustedProxies })},
	{SessionIdle, "PLUMBLINE_SESSION_IDLE", "15m", "how long an open session may rest before a newcomer cancels it",
		duration(time.Second, 24*time.Hour, func(c *Config) *time.Duration { return &c.SessionIdle })},
	{MaxBody, "PLUMBLINE_MAX_BODY", "5242880", "largest body of a request in bytes, after decompression",
		number(1024, 100<<20, func(c *Config, n int64) { c.MaxBody = n })},
	{ShutdownGrace, "PLUMBLINE_SHUTDOWN_GRACE", "30s", "how long requests in flight may go on after SIGTERM",
		duration(0, time.Hour, func(c *Config) *time.Duration { return &c.ShutdownGrace })},
	{TLSCert, "PLUMBLINE_TLS_CERT", "", "PEM file with the certificate chain; serves HTTPS together with --tls-key",
		text(func(c *Config) *string { return &c.TLSCert })},
	{TLSKey, "PLUMBLINE_TLS_KEY", "", "PEM file with the private key of --tls-cert",
		text(func(c *Config) *string { return &c.TLSKey })},
	{SecretKeyFile, "PLUMBLINE_SECRET_KEY_FILE", "", "file with the key that seals secrets in the database, the same for all nodes; made if absent; secret.key in the data folder if empty",
		text(func(c *Config) *string { return &c.SecretKeyFile })},
	{PublicURL, "PLUMBLINE_PUBLIC_URL", "", "address under which people reach the web app, for links in notifications",
		webAddress(func(c *Config) *string { return &c.PublicURL })},
	{MailHost, "PLUMBLINE_MAIL_HOST", "", "mail server (SMTP) for notifications; empty: no mail is sent",
		text(func(c *Config) *string { return &c.MailHost })},
	{MailPort, "PLUMBLINE_MAIL_PORT", "587", "port of the mail server",
		number(1, 65535, func(c *Config, n int64) { c.MailPort = int(n) })},
	{MailUser, "PLUMBLINE_MAIL_USER", "", "name to log in to the mail server with; empty: no login",
		text(func(c *Config) *string { return &c.MailUser })},
	{MailPassword, "PLUMBLINE_MAIL_PASSWORD", "", "password of --mail-user; better given by its variable or the file",
		text(func(c *Config) *string { return &c.MailPassword })},
	{MailFrom, "PLUMBLINE_MAIL_FROM", "", "mail address that notifications come from",
		mailAddress(func(c *Config) *string { return &c.MailFrom })},
	{MailTLS, "PLUMBLINE_MAIL_TLS", "starttls", "encryption to the mail server: starttls, tls (from the first byte, usually port 465) or none",
		oneOf(func(c *Config) *string { return &c.MailTLS }, "starttls", "tls", "none")},
	{NotifyWindow, "PLUMBLINE_NOTIFY_WINDOW", "60s", "how long a notification waits for a change that takes it back",
		duration(0, time.Hour, func(c *Config) *time.Duration { return &c.NotifyWindow })},
	{NotifyNetworks, "PLUMBLINE_NOTIFY_NETWORKS", "", "networks (CIDR) besides the public ones, separated by commas, that Slack, Teams and webhook channels and collections may lead to",
		prefixes(func(c *Config) *[]netip.Prefix { return &c.NotifyNetworks })},
	{CollectLocal, "PLUMBLINE_COLLECT_LOCAL", "false", "whether recipes that the server runs may start programs and read files of its machine",
		boolean(func(c *Config) *bool { return &c.CollectLocal })},
	{AINetworks, "PLUMBLINE_AI_NETWORKS", "", "networks (CIDR) besides the public ones, separated by commas, in which the AI provider may be; 127.0.0.0/8 for one on this machine",
		prefixes(func(c *Config) *[]netip.Prefix { return &c.AINetworks })},
	{LogLevel, "PLUMBLINE_LOG_LEVEL", "info", "debug, info, warn or error",
		level(func(c *Config) *slog.Level { return &c.LogLevel })},
	{LogFormat, "PLUMBLINE_LOG_FORMAT", "json", "json or text",
		oneOf(func(c *Config) *string { return &c.LogFormat }, "json", "text")},
}
