package schema

import (
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// formats is a set of the formats that all strings seen so far have.
type formats byte

const (
	fDateTime formats = 1 << iota
	fEmail
	fURI
	fUUID
	fIPv4
	allFormats = fDateTime | fEmail | fURI | fUUID | fIPv4
)

const maxFormatBytes = 2048

func (f formats) name() string {
	switch {
	case f&fDateTime != 0:
		return "date-time"
	case f&fEmail != 0:
		return "email"
	case f&fUUID != 0:
		return "uuid"
	case f&fIPv4 != 0:
		return "ipv4"
	case f&fURI != 0:
		return "uri"
	}
	return ""
}

// formatsOf are those of the wanted formats that text has.
func formatsOf(text string, wanted formats) (has formats) {
	if len(text) > maxFormatBytes {
		return 0
	}
	for _, one := range formatTests {
		if wanted&one.format != 0 && one.is(text) {
			has |= one.format
		}
	}
	return has
}

var formatTests = []struct {
	format formats
	is     func(string) bool
}{{fDateTime, isDateTime}, {fEmail, isEmail}, {fURI, isURI}, {fUUID, isUUID}, {fIPv4, isIPv4}}

// isDateTime: RFC 3339.
func isDateTime(s string) bool {
	_, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s))
	return err == nil
}

// isEmail: one address without a display name, with a dotted domain.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || strings.ContainsAny(s, " \t\r\n<>(),;:\\\"[]") || strings.Count(s, "@") != 1 {
		return false
	}
	domain := s[at+1:]
	if !strings.Contains(domain, ".") {
		return false
	}
	for _, label := range strings.Split(domain, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

// isURI: absolute, with an authority, or one of the schemes that have none.
func isURI(s string) bool {
	if strings.ContainsAny(s, " \"<>\\^`{|}") {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" {
		return false
	}
	return u.Host != "" || u.Scheme == "file" || (u.Opaque != "" && (u.Scheme == "urn" || u.Scheme == "mailto" || u.Scheme == "tel"))
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if c-'0' > 9 && (c|0x20)-'a' > 5 {
			return false
		}
	}
	return true
}

func isIPv4(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}
