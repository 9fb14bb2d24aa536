package client

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"strconv"
)

// List says how a list is walked. The zero value walks it newest first, in
// pages of 500.
type List struct {
	// Size is the number of objects a page, 1 to 500.
	Size int
	// Sort is createdAt (default) or updatedAt; some lists have more.
	Sort string
	// Ascending walks from the oldest to the newest.
	Ascending bool
}

func (l List) values() url.Values {
	v := url.Values{"size": {"500"}}
	if l.Size > 0 {
		v.Set("size", strconv.Itoa(l.Size))
	}
	if l.Sort != "" {
		v.Set("sort", l.Sort)
	}
	if l.Ascending {
		v.Set("sortDir", "ASC")
	}
	return v
}

// set sets a parameter if it has a value.
func set(v url.Values, name, value string) {
	if value != "" {
		v.Set(name, value)
	}
}

func setID(v url.Values, name string, id int64) {
	if id != 0 {
		v.Set(name, strconv.FormatInt(id, 10))
	}
}

func setEither(v url.Values, name string, is *bool) {
	if is != nil {
		v.Set(name, strconv.FormatBool(*is))
	}
}

var errRepeatedCursor = errors.New("the server gave the same page twice: the list has no end")

// walk yields the objects of a list and fetches a page when it needs one. After
// an error nothing more comes.
func walk[T any](ctx context.Context, c *Client, path string, query url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		q := url.Values{}
		for k, v := range query {
			q[k] = v
		}
		for {
			var page struct {
				Data       []T `json:"data"`
				Pagination struct {
					Cursor *string `json:"cursor"`
				} `json:"pagination"`
			}
			if err := c.get(ctx, path, q, &page); err != nil {
				yield(none, err)
				return
			}
			for _, item := range page.Data {
				if !yield(item, nil) {
					return
				}
			}
			next := page.Pagination.Cursor
			if next == nil || *next == "" {
				return
			}
			if *next == q.Get("cursor") {
				yield(none, errRepeatedCursor)
				return
			}
			q.Set("cursor", *next)
		}
	}
}
