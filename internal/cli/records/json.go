package records

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// values reads one JSON array of records, or records one after the other.
type values struct {
	in  *counted
	dec *json.Decoder
	// began is set once the first token was looked at, array if it was a [.
	began, array bool
}

func newValues(r io.Reader) *values {
	in := &counted{r: r}
	return &values{in: in, dec: json.NewDecoder(in)}
}

func (v *values) Next() (Entry, error) {
	if !v.began {
		v.began = true
		if err := v.begin(); err != nil {
			return Entry{}, v.fault(err)
		}
	}
	v.in.allow(v.dec.InputOffset())
	if v.array && !v.dec.More() {
		if _, err := v.dec.Token(); err != nil {
			return Entry{}, v.fault(err)
		}
		if _, err := v.dec.Token(); err != io.EOF {
			at := v.in.lineAt(v.in.base + v.dec.InputOffset())
			return Entry{}, fmt.Errorf("line %d: there is something after the end of the JSON array", at)
		}
		return Entry{}, io.EOF
	}
	var text json.RawMessage
	if err := v.dec.Decode(&text); err != nil {
		if err == io.EOF && !v.array {
			return Entry{}, io.EOF
		}
		return Entry{}, v.fault(err)
	}
	line := v.in.lineAt(v.in.base + v.dec.InputOffset() - int64(len(text)))
	return Entry{Line: line, Text: text, Err: check(text)}, nil
}

func (v *values) begin() error {
	// The decoder cannot look ahead by itself: read one byte that is no space.
	var first [1]byte
	for {
		if _, err := io.ReadFull(v.in, first[:]); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		if c := first[0]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			break
		}
	}
	v.in.unread(first[0])
	v.dec = json.NewDecoder(v.in)
	if first[0] != '[' {
		return nil
	}
	v.array = true
	_, err := v.dec.Token()
	return err
}

// fault says in which record the input stops being JSON.
func (v *values) fault(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the JSON ends before it is complete")
	}
	// The decoder stands before the comma and the space before the record.
	at := v.in.base + v.dec.InputOffset()
	if rest, ok := v.dec.Buffered().(*bytes.Reader); ok {
		for b, err := rest.ReadByte(); err == nil && strings.IndexByte(" \t\r\n,", b) >= 0; b, err = rest.ReadByte() {
			at++
		}
	}
	var s *json.SyntaxError
	if errors.As(err, &s) {
		err = fmt.Errorf("the input is not JSON from here on: %w", err)
	}
	return fmt.Errorf("line %d: %w", v.in.lineAt(at), err)
}

// counted counts lines, and refuses to read on when one value becomes too
// large.
type counted struct {
	r io.Reader
	// base is how many bytes were read before the decoder began.
	base int64
	// read is how many bytes were read.
	read int64
	// limit is how far may be read.
	limit int64
	back  []byte

	// lines is how many line breaks lie before the queue, whose positions
	// follow in order.
	lines int
	queue []int64
}

func (c *counted) Read(p []byte) (int, error) {
	if len(c.back) > 0 {
		n := copy(p, c.back)
		c.back = c.back[n:]
		return n, nil
	}
	if c.limit > 0 && c.read >= c.limit {
		return 0, errLong
	}
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.queue = append(c.queue, c.read+int64(i))
		}
	}
	c.read += int64(n)
	return n, err
}

// unread gives a byte back and makes it the decoder's first.
func (c *counted) unread(b byte) {
	c.back = []byte{b}
	c.base = c.read - 1
}

// allow lets one more value be read after the decoder's offset.
func (c *counted) allow(offset int64) {
	c.limit = c.base + offset + maxRecord + peek
}

// lineAt is the line of a position after base; positions must not go back.
func (c *counted) lineAt(offset int64) int {
	for len(c.queue) > 0 && c.queue[0] < offset {
		c.queue = c.queue[1:]
		c.lines++
	}
	return c.lines + 1
}
