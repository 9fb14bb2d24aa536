package host

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxRecords = 100_000
	maxText    = 2048
	maxID      = 512
)

// draft is a dataset in the making.
type draft struct {
	Dataset
	// ids holds the ids in use, and the next number for one that is wished for
	// again.
	ids     map[string]int
	dropped bool
	err     error
}

// add appends the record that make builds for an id near to the one wished
// for: made acceptable as a key, and told apart from an equal one by a number.
func (d *draft) add(wish string, make func(id string) any) {
	if len(d.Records) >= maxRecords {
		d.dropped = true
		return
	}
	if d.ids == nil {
		d.ids = map[string]int{}
	}
	id := recordID(wish)
	for base := id; d.ids[id] > 0; {
		d.ids[base]++
		id = recordID(wish + "#" + strconv.Itoa(d.ids[base]))
	}
	d.ids[id] = 1
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(make(id)); err != nil && d.err == nil {
		d.err = fmt.Errorf("encode record %q of %s: %w", id, d.Slug, err)
	}
	d.Records = append(d.Records, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// omit notes something left out, once.
func (d *draft) omit(what, why string) {
	o := Omission{What: text(what), Why: text(why)}
	for _, have := range d.Omitted {
		if have == o {
			return
		}
	}
	if len(d.Omitted) < 100 {
		d.Omitted = append(d.Omitted, o)
	}
}

// malformed notes lines of a file that are not in its form.
func (d *draft) malformed(n int, name string) {
	if n > 0 {
		d.omit(count(n, "line", "lines")+" of "+name, "They are not in the form that such a file has.")
	}
}

func (d *draft) finish() (Dataset, error) {
	if d.dropped {
		d.omit(fmt.Sprintf("Records beyond the first %d", maxRecords), "The collector keeps no more of one kind.")
	}
	return d.Dataset, d.err
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// recordID turns any text into an acceptable record id: 1 to 512 bytes of
// UTF-8 without control characters, neither "." nor "..".
func recordID(s string) string {
	clean := s == strings.ToValidUTF8(s, "") && strings.IndexFunc(s, unicode.IsControl) < 0
	if clean && s != "" && s != "." && s != ".." && len(s) <= maxID {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	// The fingerprint keeps ids apart that look alike after the cleaning.
	return cut(s, maxID-17) + "~" + hex.EncodeToString(sum[:8])
}

// text makes a value from the machine fit to be stored and shown.
func text(s string) string { return cut(strings.ToValidUTF8(s, "\uFFFD"), maxText) }

// cut shortens s to at most n bytes, never within a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func compactJSON(raw json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}
