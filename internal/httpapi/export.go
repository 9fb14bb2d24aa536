package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/page"
)

const linesMedia = "application/x-ndjson"

// exportMedia are the content types of whole lists as files by format (ADR 22).
var exportMedia = map[string]string{"csv": csvMedia + "; charset=utf-8", "ndjson": linesMedia, "json": "application/json"}

const exportText = "With `format` a list comes as a whole, as a file: `json` is one long page, `ndjson` has a line for each object, and `csv` a column for each property: " +
	"nested ones with dots, arrays as JSON, custom fields that are asked for as customFields.NAME, the classes of an asset with semicolons between them, what the schema of the records does not name as JSON in a column `_other`. " +
	"A text that a spreadsheet would take for a formula has an apostrophe before it. What stays as it is while the file is written stands in it once."

// pages tells whether the operation is a list that is read page by page.
func (o operation) pages() bool {
	t := reflect.TypeOf(o.replies[http.StatusOK])
	if t == nil || t.Kind() != reflect.Struct || !slices.ContainsFunc(o.params, func(p *huma.Param) bool { return p.Name == "cursor" }) {
		return false
	}
	_, data := t.FieldByName("Data")
	_, pagination := t.FieldByName("Pagination")
	return data && pagination
}

// handle answers a request that may: lists also as a whole.
func (a *api) handle(c *call) (answer, error) {
	if c.query("format") != "" && operations[c.route.id].pages() {
		return a.export(c)
	}
	return c.route.handle(a, c)
}

// exportPage is a page of a list as its route answers it.
type exportPage struct {
	Data       []json.RawMessage
	Pagination struct{ Cursor *string }
	// rest are the other properties.
	rest map[string]json.RawMessage
}

// exportPage asks the route for the page after a cursor, empty for the first.
func (c *call) exportPage(cursor string) (exportPage, error) {
	var p exportPage
	values := maps.Clone(c.values)
	for _, name := range []string{"format", "includeTotalCount", "cursor"} {
		values.Del(name)
	}
	values.Set("size", strconv.Itoa(page.MaxSize))
	if cursor != "" {
		values.Set("cursor", cursor)
	}
	r := c.r.WithContext(c.ctx())
	r.URL = &url.URL{Path: c.r.URL.Path, RawPath: c.r.URL.RawPath, RawQuery: values.Encode()}
	one := *c
	one.r, one.values, one.buffers = r, nil, nil
	defer one.recycle()
	ans, err := c.route.handle(c.api, &one)
	if err != nil {
		return p, err
	}
	if ans.status != http.StatusOK {
		return p, errors.New("a list answered with " + strconv.Itoa(ans.status))
	}
	if err := json.Unmarshal(ans.body, &p); err != nil {
		return p, err
	}
	if cursor == "" {
		if err := json.Unmarshal(ans.body, &p.rest); err != nil {
			return p, err
		}
		delete(p.rest, "data")
		delete(p.rest, "pagination")
	}
	return p, nil
}

// exporter writes a list in one form.
type exporter interface {
	begin(w io.Writer, first exportPage) error
	object(w io.Writer, text json.RawMessage) error
	end(w io.Writer, objects int) error
}

// export answers with the whole list. The first page is read before anything is
// sent, so that what the route refuses is refused here in the same words.
func (a *api) export(c *call) (answer, error) {
	format, err := c.choice("format", "csv", "ndjson", "json")
	if err != nil {
		return answer{}, err
	}
	if c.query("cursor") != "" {
		return answer{}, fault.New(fault.CodeValidation, "`cursor` cannot be used with `format`: a file holds the whole list")
	}
	first, err := c.exportPage("")
	if err != nil {
		return answer{}, err
	}
	var to exporter
	switch format {
	case "csv":
		if to, err = a.newTable(c); err != nil {
			return answer{}, err
		}
	case "ndjson":
		to = lineFile{}
	default:
		to = &longPage{}
	}
	return streamed(exportName(c.r.URL.EscapedPath(), a.Now(), format), exportMedia[format], func(ctx context.Context, w io.Writer) error {
		c.r = c.r.WithContext(ctx)
		if err := to.begin(w, first); err != nil {
			return err
		}
		objects := 0
		for p := first; ; {
			for _, text := range p.Data {
				if err := to.object(w, text); err != nil {
					return err
				}
			}
			objects += len(p.Data)
			if p.Pagination.Cursor == nil {
				return to.end(w, objects)
			}
			// A client that is gone, and a file that takes too long, end here.
			if err := ctx.Err(); err != nil {
				return err
			}
			if p, err = c.exportPage(*p.Pagination.Cursor); err != nil {
				return err
			}
		}
	}), nil
}

// exportName is the name of the file: what the escaped path names last, and the
// day.
func exportName(path string, now time.Time, format string) string {
	segments := strings.Split(strings.TrimPrefix(path, v2+"/"), "/")
	if segments[0] == "workspaces" && len(segments) > 2 {
		segments = segments[2:]
	}
	return slug(strings.Join(segments[max(0, len(segments)-3):], "-")) + "-" + now.UTC().Format(time.DateOnly) + "." + format
}

// lineFile is NDJSON.
type lineFile struct{}

func (lineFile) begin(io.Writer, exportPage) error { return nil }
func (lineFile) end(io.Writer, int) error          { return nil }

func (lineFile) object(w io.Writer, text json.RawMessage) error {
	if _, err := w.Write(text); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// longPage is the reply of the list, as if one page held it all.
type longPage struct{ further bool }

func (l *longPage) begin(w io.Writer, first exportPage) error {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, name := range slices.Sorted(maps.Keys(first.rest)) {
		key, err := encode(name)
		if err != nil {
			return err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(first.rest[name])
		b.WriteByte(',')
	}
	b.WriteString(`"data":[`)
	_, err := w.Write(b.Bytes())
	return err
}

func (l *longPage) object(w io.Writer, text json.RawMessage) error {
	between := "\n"
	if l.further {
		between = ",\n"
	}
	l.further = true
	if _, err := io.WriteString(w, between); err != nil {
		return err
	}
	_, err := w.Write(text)
	return err
}

func (l *longPage) end(w io.Writer, objects int) error {
	_, err := io.WriteString(w, "\n],\"pagination\":{\"cursor\":null,\"totalCount\":"+strconv.Itoa(objects)+"}}\n")
	return err
}
