package httpapi

import (
	"cmp"
	"context"
	"crypto/sha256"
	"hash/crc32"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/access"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// call is one request on its way through a route.
type call struct {
	api       *api
	r         *http.Request
	route     *route
	trace     *trace
	principal access.Principal
	// again is set when it is asked once more who asks: that is no use of a session.
	again bool
	// body is the whole request body, decompressed. It is not valid after the
	// reply: nothing may keep parts of it.
	body []byte

	values  url.Values
	buffers []*[]byte
	// uploading is set while the request holds one of the turns to read a file.
	uploading bool
}

func (c *call) ctx() context.Context { return c.r.Context() }
func (c *call) actor() event.Actor   { return c.principal.Actor }

// detached is a context that outlives the request, for what must be finished.
func detached(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// digest identifies the request for its idempotency key.
func (c *call) digest() [sha256.Size]byte {
	h := sha256.New()
	for _, part := range []string{c.r.Method, c.r.URL.EscapedPath(), c.r.URL.RawQuery} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Write(c.body)
	return [sha256.Size]byte(h.Sum(nil))
}

// number is a numeric id of the path. A number that no object can have is as
// absent as any other.
func (c *call) number(name string) (int64, error) {
	text := c.r.PathValue(name)
	n, err := strconv.ParseInt(text, 10, 64)
	switch digits := strings.TrimLeft(text, "0123456789"); {
	case err == nil && n > 0 && text[0] != '+':
		return n, nil
	case err == nil && text[0] == '-', text != "" && digits == "":
		// In filters 0 stands for all: an object of that number must not become them.
		return 0, fault.New(fault.CodeNotFound, "there is no such object")
	}
	return 0, fault.New(fault.CodeValidation, "`%s` in the path is %q; it must be a number", name, cutText(text, 80))
}

// numbers reads several numeric ids of the path.
func (c *call) numbers(a, b string) (int64, int64, error) {
	first, err := c.number(a)
	if err != nil {
		return 0, 0, err
	}
	second, err := c.number(b)
	return first, second, err
}

// nested reads three numeric ids of the path, those of an object within another
// one of a workspace.
func (c *call) nested(workspaceID, ownerID, ownID string) (workspace, owner, own int64, err error) {
	if workspace, owner, err = c.numbers(workspaceID, ownerID); err == nil {
		own, err = c.number(ownID)
	}
	return workspace, owner, own, err
}

// query is the first value of a query parameter; an empty one counts as
// absent.
func (c *call) query(name string) string {
	if c.r.URL.RawQuery == "" {
		return ""
	}
	if c.values == nil {
		c.values = c.r.URL.Query()
	}
	return c.values.Get(name)
}

// all are the values of a repeated query parameter.
func (c *call) all(name string) []string {
	c.query(name)
	return c.values[name]
}

// expands reports whether `expand[]` asks for a part, complianceChecks or, as the
// examples of v1 have it, COMPLIANCE_CHECKS. Values that an operation does not know
// are ignored. A key for reporting devices reads nothing.
func (c *call) expands(part string) bool {
	return !c.principal.Key.Reports() && slices.ContainsFunc(c.all("expand[]"), func(v string) bool {
		return v == part || strings.EqualFold(strings.ReplaceAll(v, "_", ""), part)
	})
}

// storable reports whether a database can hold a text: UTF-8 without NUL.
func storable(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// parameter is a query parameter with where its value goes.
type parameter[T any] struct {
	name string
	into T
}

// text is a query parameter that may be any text.
func (c *call) text(name string) (string, error) {
	v := c.query(name)
	if !storable(v) {
		return "", fault.New(fault.CodeValidation, "`%s` is not UTF-8 text", name)
	}
	return v, nil
}

// choice is a query parameter that must be one of some words.
func (c *call) choice(name string, words ...string) (string, error) {
	v := c.query(name)
	if v == "" || slices.Contains(words, v) {
		return v, nil
	}
	return "", fault.New(fault.CodeValidation, "`%s` is %q; it must be one of %s", name, cutText(v, 80), strings.Join(words, ", "))
}

// boolean is a query parameter that is true or false in any case (Python
// writes True); absent means false.
func (c *call) boolean(name string) (bool, error) {
	switch v := strings.ToLower(c.query(name)); v {
	case "true", "1":
		return true, nil
	case "", "false", "0":
		return false, nil
	default:
		return false, fault.New(fault.CodeValidation, "`%s` is %q; it must be true or false", name, cutText(v, 80))
	}
}

// within is an integer query parameter with bounds.
func (c *call) within(name string, low, high, absent int64) (int64, error) {
	v := c.query(name)
	if v == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < low || n > high {
		return 0, fault.New(fault.CodeValidation, "`%s` is %q; it must be a whole number from %d to %d", name, cutText(v, 80), low, high)
	}
	return n, nil
}

// id is a query parameter that is a numeric id; 0 when it is absent.
func (c *call) id(name string) (int64, error) {
	id, null, err := c.idOrNull(name)
	if err != nil || null {
		return 0, fault.New(fault.CodeValidation, "`%s` is %q; it must be a number above 0", name, cutText(c.query(name), 80))
	}
	return id, nil
}

// idOrNull is a query parameter that is a numeric id or the word null.
func (c *call) idOrNull(name string) (id int64, null bool, err error) {
	switch v := c.query(name); v {
	case "":
		return 0, false, nil
	case "null":
		return 0, true, nil
	default:
		id, err = strconv.ParseInt(v, 10, 64)
		if err != nil || id <= 0 {
			return 0, false, fault.New(fault.CodeValidation, "`%s` is %q; it must be a number above 0, or null", name, cutText(v, 80))
		}
		return id, false, nil
	}
}

var momentForms = []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999"}

// moment is a query parameter that is a date or a point in time. A plain date
// means its beginning in UTC, or with wholeDay its end.
func (c *call) moment(name string, wholeDay bool) (time.Time, error) {
	v := c.query(name)
	if v == "" {
		return time.Time{}, nil
	}
	if t, err := parseMoment(v); err == nil {
		return t, nil
	}
	if t, err := time.Parse(time.DateOnly, v); err == nil {
		if wholeDay {
			t = t.AddDate(0, 0, 1)
		}
		return t, nil
	}
	return time.Time{}, fault.New(fault.CodeValidation, "`%s` is %q; it must be a date such as 2026-01-31 or a time such as 2026-01-31T10:00:00.000Z", name, cutText(v, 80))
}

func parseMoment(text string) (t time.Time, err error) {
	for _, form := range momentForms {
		if t, err = time.Parse(form, text); err == nil {
			return t.UTC(), nil
		}
	}
	return t, err
}

// paging reads the five parameters of a list (contract section 1.4). sorts are
// the orders that the list knows.
func (c *call) paging(sorts ...page.Sort) (page.Request, error) {
	var r page.Request
	words := make([]string, len(sorts))
	for i, s := range sorts {
		words[i] = string(s)
	}
	size, err := c.within("size", 1, page.MaxSize, page.DefaultSize)
	if err != nil {
		return r, err
	}
	sort, err := c.choice("sort", words...)
	if err != nil {
		return r, err
	}
	dir, err := c.choice("sortDir", "ASC", "DESC")
	if err != nil {
		return r, err
	}
	total, err := c.boolean("includeTotalCount")
	if err != nil {
		return r, err
	}
	ascending := dir == "ASC"
	if !slices.Contains(sorts, page.CreatedAt) {
		// A list that knows no times has an order of its own.
		ascending = dir != "DESC"
		sort = cmp.Or(sort, words[0])
	}
	r = page.Request{Sort: page.Sort(sort), Ascending: ascending, Size: int(size), WantTotal: total, List: crc32.ChecksumIEEE([]byte(c.r.URL.Path))}
	r, err = r.WithCursor(c.query("cursor"))
	if err == nil && (!slices.Contains(sorts, r.Order()) || r.After != nil && !storable(r.After.Text)) {
		err = fault.New(fault.CodeInvalidCursor, "`cursor` is not one that this list gave: repeat the list without it")
	}
	return r, err
}

// bothSorts are the orders of most lists.
var bothSorts = []page.Sort{page.CreatedAt, page.UpdatedAt}

// decode reads the request body into a value of a wire type, through the
// strict gate.
func decode[T any](c *call) (T, error) {
	var v T
	err := strictjson.Decode(c.body, &v)
	return v, err
}

// decodeKnown is decode for a body of which nothing may be ignored.
func decodeKnown[T any](c *call) (T, error) {
	var v T
	err := strictjson.DecodeKnown(c.body, &v)
	return v, err
}

// sent is a pointer to v if the body has the property at all, else nil: it
// tells null from absent.
func sent[T any](c *call, property string, v T) *T {
	if _, ok := strictjson.Member(c.body, property); !ok {
		return nil
	}
	return &v
}

// cutText shortens a text that goes into a message or the log.
func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
