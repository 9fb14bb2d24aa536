package collect

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
	"github.com/plumbline-dev/plumbline/internal/document"
)

// pager asks for one reply after the other.
type pager struct {
	*httpRun
	url *url.URL
	// page and offset are those of the request that comes next; cursor is what
	// goes into its body, empty for the first.
	page, offset int64
	cursor       any
	seen         map[[sha256.Size]byte]bool
}

func (h *httpRun) pages(ctx context.Context) error {
	p := &pager{httpRun: h, url: h.base, seen: map[[sha256.Size]byte]bool{}}
	if h.source.pages != nil {
		p.page = h.source.pages.first
	}
	for n := int64(1); ; n++ {
		if n > h.limits.Pages {
			return failed(StepFetch, CodeTooManyPages, []string{"host", h.base.Host, "limit", strconv.FormatInt(h.limits.Pages, 10)}, "%s has more than %d pages.", h.base.Host, h.limits.Pages)
		}
		more, err := p.next(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// next asks for a page, hands on its items and finds out what comes after it.
func (p *pager) next(ctx context.Context) (more bool, err error) {
	r, err := p.request()
	if err != nil {
		return false, err
	}
	if err := p.fresh(r.method, r.url.String(), string(r.body)); err != nil {
		return false, err
	}
	got, err := p.send(ctx, r)
	if err != nil {
		return false, err
	}
	p.enter()
	p.begin(StepParse)
	p.count(StepFetch, CountPages, 1)
	value, err := p.decode(got)
	if err != nil {
		return false, err
	}
	items, err := p.listOf(ctx, p.source.items, value)
	if err != nil {
		return false, err
	}
	if err := p.same(items); err != nil {
		return false, err
	}
	p.told()
	if err := p.process(ctx, items); err != nil {
		return false, err
	}
	p.told()
	return p.turn(ctx, got, value, int64(len(items)))
}

// fresh refuses what came before: such a walk has no end.
func (p *pager) fresh(parts ...string) error {
	key := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	if p.seen[key] {
		return failed(StepFetch, CodeLoop, []string{"host", p.base.Host, "url", plainURL(p.url)}, "%s leads back to a page that was seen already.", p.base.Host)
	}
	p.seen[key] = true
	return nil
}

// same refuses items that came before where the server counts the pages: it does
// not heed the number.
func (p *pager) same(items []any) error {
	s := p.source.pages
	if s == nil || len(items) == 0 || s.kind != byPage && s.kind != byOffset {
		return nil
	}
	text, err := jq.Encode(nil, items, int(p.limits.ReplyBytes)*2)
	if err != nil {
		return nil
	}
	return p.fresh("items", string(text))
}

// request is that for the next page.
func (p *pager) request() (request, error) {
	r := request{method: p.source.method, url: p.url}
	s := p.source.pages
	query := p.url.Query()
	set := false
	put := func(name, value string) {
		if name != "" {
			query.Set(name, value)
			set = true
		}
	}
	if s != nil {
		switch s.kind {
		case byPage:
			put(s.parameter, strconv.FormatInt(p.page, 10))
		case byOffset:
			put(s.parameter, strconv.FormatInt(p.offset, 10))
		case byCursor:
			if text, ok := cursorText(p.cursor); ok && s.inBody == nil && !s.isURL {
				put(s.parameter, text)
			}
		}
		if s.size > 0 {
			put(s.sizeParameter, strconv.FormatInt(s.size, 10))
		}
	}
	if set {
		u := *p.url
		u.RawQuery = query.Encode()
		r.url = &u
	}
	if p.source.method != http.MethodPost {
		return r, nil
	}
	var value any = map[string]any{}
	if p.source.body != nil {
		value = p.source.body.fill(p.values)
	}
	if s != nil && s.inBody != nil && p.cursor != nil {
		putAt(value, s.inBody, p.cursor)
	}
	text, err := jq.Encode([]byte{}, value, document.MaxFile*2)
	r.body = text
	return r, err
}

// putAt sets a value in an object, which gets the objects on the way.
func putAt(in any, path []string, value any) {
	object, ok := in.(map[string]any)
	if !ok {
		return
	}
	if len(path) == 1 {
		object[path[0]] = value
		return
	}
	if _, ok := object[path[0]].(map[string]any); !ok {
		object[path[0]] = map[string]any{}
	}
	putAt(object[path[0]], path[1:], value)
}

// fill makes the body with the values in its texts.
func (b *body) fill(values map[string]string) any {
	switch b.node.Kind {
	case document.IsText:
		return b.text.fill(values)
	case document.IsList:
		out := make([]any, len(b.kids))
		for i, k := range b.kids {
			out[i] = k.fill(values)
		}
		return out
	case document.IsMapping:
		out := make(map[string]any, len(b.kids))
		for i, k := range b.kids {
			out[b.node.Keys[i].Name] = k.fill(values)
		}
		return out
	}
	switch b.node.Text {
	case "null":
		return nil
	case "true", "false":
		return b.node.Text == "true"
	}
	return json.Number(b.node.Text)
}

// cursorText is a cursor as text; ok is false where there is none.
func cursorText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, v != ""
	case json.Number:
		return v.String(), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case *big.Int:
		return v.String(), true
	}
	return "", false
}

// turn finds what comes after a reply with so many items.
func (p *pager) turn(ctx context.Context, got *reply, value any, items int64) (bool, error) {
	s := p.source.pages
	if s == nil {
		return false, nil
	}
	switch s.kind {
	case byLink:
		to := nextLink(got.header.Values("Link"))
		if to == "" {
			return false, nil
		}
		return true, p.lead(got, to)
	case byPage:
		p.page++
		return items > 0 && items >= s.size, nil
	case byOffset:
		p.offset += max(items, s.size)
		return items > 0 && items >= s.size, nil
	}
	var cursor any
	err := s.from.Run(ctx, value, p.open, func(v any) error {
		if cursor == nil {
			cursor = v
		}
		return nil
	})
	if err != nil {
		return false, expressionError("from", 0, err)
	}
	text, ok := cursorText(cursor)
	if !ok {
		return false, nil
	}
	p.cursor = cursor
	if s.isURL {
		return true, p.lead(got, text)
	}
	return true, nil
}

// lead makes the URL that a reply names the next one.
func (p *pager) lead(got *reply, text string) error {
	to, err := got.url.Parse(text)
	if err != nil || !p.mayFollow(p.base, to) {
		host := ""
		if err == nil {
			host = to.Host
		}
		return failed(StepFetch, CodeRedirect, []string{"host", p.base.Host, "to", host}, "The next page is at %s, where the recipe does not lead.", either(host, "an address that cannot be read"))
	}
	to.Fragment = ""
	p.url = to
	return nil
}

// nextLink finds the target of rel=next in Link headers (RFC 8288).
func nextLink(headers []string) string {
	for _, h := range headers {
		for h != "" {
			_, rest, ok := strings.Cut(h, "<")
			if !ok {
				break
			}
			target, after, ok := strings.Cut(rest, ">")
			if !ok {
				break
			}
			parameters, next := after, ""
			if i := strings.Index(after, "<"); i >= 0 {
				parameters, next = after[:i], after[i:]
			}
			for _, one := range strings.FieldsFunc(parameters, func(c rune) bool { return c == ';' || c == ',' }) {
				name, value, _ := strings.Cut(one, "=")
				relations := strings.Fields(strings.ToLower(strings.Trim(strings.TrimSpace(value), `"`)))
				if strings.EqualFold(strings.TrimSpace(name), "rel") && slices.Contains(relations, "next") {
					return target
				}
			}
			h = next
		}
	}
	return ""
}

// process hands on the items of a page in their order, with what the requests for
// their details gave.
func (p *pager) process(ctx context.Context, items []any) error {
	if len(p.source.details) == 0 {
		for _, item := range items {
			if err := p.item(ctx, item, nil); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	for chunk := range slices.Chunk(items, sideBySide) {
		found, err := p.detailsOf(ctx, chunk)
		if err != nil {
			return err
		}
		for i, item := range chunk {
			if err := p.item(ctx, item, found[i]); err != nil {
				return err
			}
		}
		p.told()
	}
	return ctx.Err()
}

// detailsOf asks for the details of some items side by side. The first failure
// ends the others.
func (p *pager) detailsOf(ctx context.Context, items []any) ([]map[string]any, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := make([]map[string]any, len(items))
	var all sync.WaitGroup
	for i, item := range items {
		all.Go(func() {
			found, err := p.details(ctx, item, p.engine.items+int64(i)+1)
			if err != nil {
				cancel(err)
			}
			out[i] = found
		})
	}
	all.Wait()
	return out, context.Cause(ctx)
}

// details asks for those of one item, the n-th of the run.
func (p *pager) details(ctx context.Context, item any, n int64) (map[string]any, error) {
	out := map[string]any{}
	variables := map[string]any{}
	for name, value := range p.open {
		variables[name] = value
	}
	for _, d := range p.source.details {
		var to any
		err := d.url.Run(ctx, item, variables, func(v any) error {
			to = v
			return nil
		})
		if err != nil {
			return nil, expressionError("details.url", n, err)
		}
		var value any
		if to != nil {
			if value, err = p.detail(ctx, d, to, n); err != nil {
				return nil, err
			}
		}
		out[d.as], variables[d.as] = value, value
	}
	return out, nil
}

func (p *pager) detail(ctx context.Context, d detail, to any, n int64) (any, error) {
	text, ok := to.(string)
	u, err := p.base.Parse(text)
	at := strconv.FormatInt(n, 10)
	switch {
	case !ok || err != nil:
		return nil, failed(StepParse, CodeExpression, []string{"expression", "details.url", "item", at}, "The expression `details.url` made no URL of item %s.", at)
	case !p.mayFollow(p.base, u):
		return nil, failed(StepFetch, CodeRedirect, []string{"host", p.base.Host, "to", u.Host, "item", at}, "The details of item %s are at %s, where the recipe does not lead.", at, u.Host)
	}
	got, err := p.send(ctx, request{method: http.MethodGet, url: u}, d.absent...)
	if err != nil {
		return nil, err
	}
	if slices.Contains(d.absent, got.status) {
		return nil, nil
	}
	value, err := p.decode(got)
	if err != nil || d.items == nil {
		return value, err
	}
	list, err := p.listOf(ctx, d.items, value)
	if list == nil {
		list = []any{}
	}
	return list, err
}
