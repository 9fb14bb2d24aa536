package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/page"
)

// answer is a whole reply. Unless it is a stream, or follows what happens, it is complete before the first
// byte is sent, so that no failure can come in the middle of one.
type answer struct {
	status int
	header []header
	// body is JSON text, or what media says; nil means no body.
	body []byte
	// media is the content type of a body that is no JSON.
	media string
	// keep, if set, is what an idempotency key keeps in place of body.
	keep []byte
	// stream, if set, writes the body while it is sent, see [api.send].
	stream func(ctx context.Context, w io.Writer) error
	// follow, if set, sends everything, headers too, and returns at the end.
	follow func(w http.ResponseWriter)
}

type header struct{ name, value string }

func (ans *answer) set(name, value string) { ans.header = append(ans.header, header{name, value}) }

func (ans answer) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for _, each := range ans.header {
		h.Set(each.name, each.value)
	}
	h.Set("Cache-Control", "no-store")
	if ans.body == nil {
		if ans.status != http.StatusNoContent {
			h.Set("Content-Length", "0")
		}
		w.WriteHeader(ans.status)
		return
	}
	h.Set("Content-Type", cmp.Or(ans.media, "application/json"))
	h.Set("Content-Length", strconv.Itoa(len(ans.body)))
	w.WriteHeader(ans.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(ans.body)
	}
}

// reply is an answer with a value of a wire type as body.
func reply(status int, v any) (answer, error) {
	text, err := encode(v)
	return answer{status: status, body: text}, err
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// noContent is the answer of a deletion.
func noContent() answer { return answer{status: http.StatusNoContent} }

// wireList is a page of a list (contract section 1.4).
type wireList[T any] struct {
	Data       []T            `json:"data"`
	Pagination wirePagination `json:"pagination"`
}

type wirePagination struct {
	Cursor     *string `json:"cursor" doc:"Leads to the next page; null at the end of the list."`
	TotalCount *int64  `json:"totalCount" required:"false" doc:"The length of the whole list, when includeTotalCount asked for it."`
}

func paginationOf(next string, total *int64) wirePagination {
	p := wirePagination{TotalCount: total}
	if next != "" {
		p.Cursor = &next
	}
	return p
}

// listOf turns a page into its wire form.
func listOf[T, W any](p page.Page[T], one func(T) W) wireList[W] {
	out := wireList[W]{Data: make([]W, len(p.Items)), Pagination: paginationOf(p.Next, p.Total)}
	for i, item := range p.Items {
		out.Data[i] = one(item)
	}
	return out
}

// pageOf is a page of a list that is at hand whole, in the order of its ids.
func pageOf[T any](r page.Request, all []T, id func(T) int64) page.Page[T] {
	total, list := int64(len(all)), slices.Clone(all)
	if !r.Ascending {
		slices.Reverse(list)
	}
	if r.After != nil {
		list = slices.DeleteFunc(list, func(v T) bool { return id(v) == r.After.ID || (id(v) < r.After.ID) == r.Ascending })
	}
	p := page.Cut(r, list, func(v T) page.Position { return page.Position{ID: id(v)} })
	if r.WantTotal && r.After == nil {
		p.Total = &total
	}
	return p
}

const momentForm = "2006-01-02T15:04:05.000Z"

func appendMoment(dst []byte, t time.Time) []byte { return t.UTC().AppendFormat(dst, momentForm) }

// wireTime is a moment on the wire: RFC 3339, UTC, milliseconds.
type wireTime time.Time

// MarshalJSON implements json.Marshaler.
func (t wireTime) MarshalJSON() ([]byte, error) {
	return append(appendMoment([]byte{'"'}, time.Time(t)), '"'), nil
}

// Schema implements huma.SchemaProvider.
func (wireTime) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Examples: []any{"2026-01-31T16:45:55.246Z"}}
}

// maybeTime is a wireTime whose zero value is null.
type maybeTime time.Time

// MarshalJSON implements json.Marshaler.
func (t maybeTime) MarshalJSON() ([]byte, error) {
	if time.Time(t).IsZero() {
		return []byte("null"), nil
	}
	return wireTime(t).MarshalJSON()
}

// Schema implements huma.SchemaProvider.
func (maybeTime) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true}
}

// wireObject is the text of any JSON object.
type wireObject json.RawMessage

// MarshalJSON implements json.Marshaler.
func (o wireObject) MarshalJSON() ([]byte, error) {
	if len(o) == 0 {
		return []byte("{}"), nil
	}
	return o, nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *wireObject) UnmarshalJSON(text []byte) error {
	*o = append((*o)[:0], text...)
	return nil
}

// Schema implements huma.SchemaProvider.
func (wireObject) Schema(huma.Registry) *huma.Schema { return anyObject() }

func anyObject() *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// orNull is nil for the zero value.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// maxKept bounds the buffers that are kept for later requests.
const maxKept = 8 << 20

var bufferPool = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// buffer is an empty buffer that lives until the reply is sent.
func (c *call) buffer() *[]byte {
	b := bufferPool.Get().(*[]byte)
	*b = (*b)[:0]
	c.buffers = append(c.buffers, b)
	return b
}

// recycle gives back the buffers, and the turn to read a file, once the reply is
// sent.
func (c *call) recycle() {
	for _, b := range c.buffers {
		if cap(*b) <= maxKept {
			bufferPool.Put(b)
		}
	}
	c.buffers = nil
	if c.uploading {
		<-c.api.uploads
	}
}

// orNone is an object, or null.
type orNone[T any] struct{ value *T }

// MarshalJSON implements json.Marshaler.
func (o orNone[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.value) }

// Schema implements huma.SchemaProvider.
func (orNone[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[T](), true, ""), {Type: "null"}}}
}
