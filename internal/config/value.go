package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The readers below make a value of a text. Their errors go on after "… is …:".

func text(into func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		if strings.ContainsRune(s, 0) {
			return errors.New("it must not have a NUL")
		}
		*into(c) = s
		return nil
	}
}

func address(into func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		_, port, err := net.SplitHostPort(s)
		if n, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || n > 65535 {
			return errors.New("it must be HOST:PORT, such as 127.0.0.1:8080 or :8080")
		}
		*into(c) = s
		return nil
	}
}

func postgres(into func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		u, err := url.Parse(s)
		if s != "" && (err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql") {
			return errors.New("it must be a URL that begins with postgres://")
		}
		*into(c) = s
		return nil
	}
}

// webAddress keeps an http or https URL without a / at its end.
func webAddress(into func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		u, err := url.Parse(s)
		if s != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil) {
			return errors.New("it must be a URL such as https://plumbline.example.com")
		}
		*into(c) = strings.TrimRight(s, "/")
		return nil
	}
}

func mailAddress(into func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		a, err := mail.ParseAddress(s)
		if s != "" && (err != nil || a.Address != s) {
			return errors.New("it must be a mail address such as plumbline@example.com")
		}
		*into(c) = s
		return nil
	}
}

func number(from, to int64, set func(*Config, int64)) func(*Config, string) error {
	return func(c *Config, s string) error {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < from || n > to {
			return fmt.Errorf("it must be a whole number from %d to %d", from, to)
		}
		set(c, n)
		return nil
	}
}

func duration(from, to time.Duration, into func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, s string) error {
		d, err := time.ParseDuration(s)
		if err != nil || d < from || d > to {
			return fmt.Errorf("it must be a time such as 90s, 15m or 2h, from %s to %s", from, to)
		}
		*into(c) = d
		return nil
	}
}

func prefixes(into func(*Config) *[]netip.Prefix) func(*Config, string) error {
	return func(c *Config, s string) error {
		var all []netip.Prefix
		for _, part := range strings.Split(s, ",") {
			part = strings.TrimSpace(part)
			if part == "" {
				continue
			}
			p, err := ParsePrefix(part)
			if err != nil {
				return err
			}
			all = append(all, p)
		}
		*into(c) = all
		return nil
	}
}

// ParsePrefix reads an address (10.0.0.1) or a network in CIDR form
// (10.0.0.0/8).
func ParsePrefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%q is neither an address such as 10.0.0.1 nor a network such as 10.0.0.0/8", s)
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

func level(into func(*Config) *slog.Level) func(*Config, string) error {
	return func(c *Config, s string) error {
		for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
			if strings.EqualFold(s, l.String()) {
				*into(c) = l
				return nil
			}
		}
		return errors.New("it must be debug, info, warn or error")
	}
}

func boolean(into func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, v string) error {
		is, err := strconv.ParseBool(v)
		if err != nil {
			return errors.New("it must be true or false")
		}
		*into(c) = is
		return nil
	}
}

func oneOf(into func(*Config) *string, values ...string) func(*Config, string) error {
	return func(c *Config, s string) error {
		for _, v := range values {
			if s == v {
				*into(c) = s
				return nil
			}
		}
		return fmt.Errorf("it must be %s", strings.Join(values, " or "))
	}
}
