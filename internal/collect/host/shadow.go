package host

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// password is the state of an account's password. All of it is absent where
// the shadow file could not be read.
type password struct {
	Locked     *bool  `json:"passwordLocked,omitempty"`
	Empty      *bool  `json:"passwordEmpty,omitempty"`
	Scheme     string `json:"passwordScheme,omitempty"`
	ChangedOn  string `json:"passwordChangedOn,omitempty"`
	AgeDays    *int64 `json:"passwordAgeDays,omitempty"`
	MaxDays    *int64 `json:"passwordMaxDays,omitempty"`
	MustChange *bool  `json:"passwordMustChange,omitempty"`
	ExpiresOn  string `json:"accountExpiresOn,omitempty"`
	Expired    *bool  `json:"accountExpired,omitempty"`
}

// passwords reads shadow(5) into the state per account name. The hash itself
// goes no further than passwordOf.
func (m *reader) passwords(ctx context.Context, d *draft) (map[string]password, error) {
	all, bad := map[string]password{}, 0
	today := m.now.Unix() / 86400
	err := m.lines(ctx, "/etc/shadow", maxAccountFile, func(line string) {
		if blankOrComment(line) || strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
			return
		}
		f := strings.Split(line, ":")
		if len(f) < 2 || len(f) > 9 || f[0] == "" {
			bad++
			return
		}
		if _, have := all[f[0]]; have {
			return
		}
		p := passwordOf(f[1])
		field := func(n int) (int64, bool) {
			if n >= len(f) || f[n] == "" {
				return 0, false
			}
			v, err := strconv.ParseInt(f[n], 10, 64)
			// Nine digits of days reach past the year 2 million.
			return v, err == nil && v >= 0 && v < 1e9
		}
		if changed, ok := field(2); ok {
			p.MustChange = ptr(changed == 0)
			if changed > 0 {
				p.ChangedOn = day(changed)
				// The age of a password that nobody can use would only make a
				// new version of the record every day.
				if !*p.Locked && !*p.Empty {
					p.AgeDays = ptr(max(0, today-changed))
				}
			}
		}
		if n, ok := field(4); ok {
			p.MaxDays = ptr(n)
		}
		p.Expired = ptr(false)
		if n, ok := field(7); ok {
			p.ExpiresOn = day(n)
			p.Expired = ptr(n <= today)
		}
		all[f[0]] = p
	})
	d.malformed(bad, "/etc/shadow")
	return all, err
}

// day writes a count of days since 1970; empty beyond the years that a date
// has four digits for.
func day(n int64) string {
	const lastOf9999 = 2932896
	if n > lastOf9999 {
		return ""
	}
	return time.Unix(n*86400, 0).UTC().Format(time.DateOnly)
}

func passwordOf(hash string) password {
	locked := strings.HasPrefix(hash, "!") || strings.HasPrefix(hash, "*")
	p := password{Locked: ptr(locked), Empty: ptr(hash == "")}
	if !locked && hash != "" {
		p.Scheme = schemeOf(hash)
	}
	return p
}

// schemeOf names the way a password was hashed, see crypt(5).
func schemeOf(hash string) string {
	if rest, ok := strings.CutPrefix(hash, "$"); ok {
		tag, _, _ := strings.Cut(rest, "$")
		switch tag {
		case "1":
			return "md5"
		case "2", "2a", "2b", "2x", "2y":
			return "bcrypt"
		case "3":
			return "nthash"
		case "5":
			return "sha256"
		case "6":
			return "sha512"
		case "7":
			return "scrypt"
		case "y":
			return "yescrypt"
		case "gy":
			return "gost-yescrypt"
		case "argon2i", "argon2d", "argon2id":
			return tag
		}
		return "other"
	}
	if len(hash) == 13 {
		return "des"
	}
	return "other"
}
