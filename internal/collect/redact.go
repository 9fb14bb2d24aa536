package collect

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// hidden stands where a secret stood.
const hidden = "•••"

// redactor takes secrets out of texts, in the forms in which they travel.
type redactor struct {
	mu    sync.Mutex
	forms map[string]bool
	match *regexp.Regexp
}

// hide adds secrets.
func (r *redactor) hide(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forms == nil {
		r.forms = map[string]bool{}
	}
	for _, s := range secrets {
		for _, part := range parts(s) {
			for _, f := range forms(part) {
				r.forms[f] = true
			}
		}
	}
	r.match = nil
}

// parts are a secret and what it holds that is a secret by itself: the password
// of an address, the lines of a key, the texts of a JSON file.
func parts(s string) []string {
	s = strings.TrimSpace(s)
	if len(s) < minSecret {
		return nil
	}
	out := []string{s}
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); len(line) >= 2*minSecret && !strings.HasPrefix(line, "-----") {
			out = append(out, line)
		}
	}
	out = append(append(out, urlPassword(s)...), passwords(s)...)
	var file map[string]any
	if json.Unmarshal([]byte(s), &file) == nil {
		for _, v := range file {
			if text, ok := v.(string); ok && len(text) >= 4*minSecret {
				out = append(out, parts(text)...)
			}
		}
	}
	return out
}

var (
	// MySQL's user:password@tcp(host), and the key=value form of PostgreSQL.
	mysqlPassword    = regexp.MustCompile(`^[^:/@]*:(.+)@[a-z]*(?:\(|/)`)
	postgresPassword = regexp.MustCompile(`(?i)\b(?:password|passwd|pwd)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s;&]+))`)
)

// urlPassword is the password in a URL, if there is one.
func urlPassword(s string) []string {
	if u, err := url.Parse(s); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok && len(password) >= minSecret {
			return []string{password}
		}
	}
	return nil
}

// passwords are those in addresses of databases that are no URLs.
func passwords(s string) []string {
	var out []string
	for _, m := range append(mysqlPassword.FindAllStringSubmatch(s, 1), postgresPassword.FindAllStringSubmatch(s, -1)...) {
		for _, password := range m[1:] {
			if len(password) >= minSecret {
				out = append(out, password)
			}
		}
	}
	return out
}

// forms are the ways in which a text may be written.
func forms(s string) []string {
	quoted, _ := json.Marshal(s)
	out := []string{s, url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s), strings.Trim(string(quoted), `"`), hex.EncodeToString([]byte(s))}
	out = append(out, strings.ReplaceAll(strings.Trim(string(quoted), `"`), "/", `\/`))
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		whole := e.EncodeToString([]byte(s))
		out = append(out, whole, url.QueryEscape(whole))
		// Within the form of a longer text a secret stands at one of three
		// places; what its neighbours have a part in is left off.
		for shift := range 3 {
			if text := e.EncodeToString(append(make([]byte, shift), s...)); len(s) >= 2*minSecret {
				from := []int{0, 2, 3}[shift]
				to := len(text)
				if (len(s)+shift)%3 != 0 {
					to--
				}
				out = append(out, text[from:to])
			}
		}
	}
	return out
}

// text is a text without secrets.
func (r *redactor) text(s string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.forms) == 0 || s == "" {
		return s
	}
	if r.match == nil {
		all := make([]string, 0, len(r.forms))
		for f := range r.forms {
			all = append(all, regexp.QuoteMeta(f))
		}
		// The longest first, so that no end of one is left standing.
		slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
		r.match = regexp.MustCompile(`(?i)(?:` + strings.Join(all, "|") + `)`)
	}
	return r.match.ReplaceAllString(s, hidden)
}

// clean takes the secrets out of a failure.
func (r *redactor) clean(e *StepError) *StepError {
	out := &StepError{Code: e.Code, Message: r.text(e.Message), Facts: make(map[string]string, len(e.Facts)), step: e.step}
	for name, value := range e.Facts {
		out.Facts[name] = r.text(value)
	}
	return out
}

// snippet is the beginning of a text for a fact.
func (r *redactor) snippet(text string) string {
	const most = 300
	if len(text) > 64<<10 {
		text = text[:64<<10]
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(r.text(text), "")), " ")
	text = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			return -1
		}
		return c
	}, text)
	// Once more: a secret may have come together just now.
	if cut := []rune(r.text(text)); len(cut) > most {
		return string(cut[:most]) + "…"
	}
	return r.text(text)
}
