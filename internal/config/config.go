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
	{LogLevel, "PLUMBLINE_LOG_LEVEL", "info", "debug, info, warn or error",
		level(func(c *Config) *slog.Level { return &c.LogLevel })},
	{LogFormat, "PLUMBLINE_LOG_FORMAT", "json", "json or text",
		oneOf(func(c *Config) *string { return &c.LogFormat }, "json", "text")},
}
