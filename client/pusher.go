package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// Limits of a batch: the server takes 5 MB a request.
const (
	BatchRecords = 500
	BatchBytes   = 4_000_000
)

// Pusher sends a stream of records in batches of up to [BatchRecords] records
// and [BatchBytes] bytes. A record that is larger than that goes alone.
//
//	p := c.NewPusher(target, client.PusherOptions{})
//	for … { if err := p.Add(ctx, record); err != nil { … } }
//	if err := p.Flush(ctx); err != nil { … }
type Pusher struct {
	c    *Client
	path string
	o    PusherOptions

	batch []json.RawMessage
	size  int
	// first is the number of the first record of the batch in the stream.
	first int
	total Pushed
}

// PusherOptions change how a Pusher works.
type PusherOptions struct {
	// SessionID, if set, stages the records in a session in place of storing
	// them.
	SessionID string
	// OnItem, if set, is told what became of each record, in order; n counts
	// the added records from 0.
	OnItem func(n int, item Item)
	// OnBatch, if set, is told after each batch how many records were sent.
	OnBatch func(records int)
}

// NewPusher makes a Pusher for a resource.
func (c *Client) NewPusher(t Target, o PusherOptions) *Pusher {
	p := &Pusher{c: c, path: t.path("records"), o: o}
	if o.SessionID != "" {
		p.path = t.path("sessions", o.SessionID)
	}
	return p
}

// Add takes a record, which must not be changed afterwards, and sends a batch
// when one is full. An error is that of the batch; after one, the records of
// the batch count as not sent.
func (p *Pusher) Add(ctx context.Context, record json.RawMessage) error {
	size := len(record) + 1
	if len(p.batch) == BatchRecords || len(p.batch) > 0 && p.size+size > BatchBytes {
		if err := p.Flush(ctx); err != nil {
			return err
		}
	}
	p.batch = append(p.batch, record)
	p.size += size
	return nil
}

// Flush sends what has not been sent.
func (p *Pusher) Flush(ctx context.Context) error {
	if len(p.batch) == 0 {
		return nil
	}
	batch := p.batch
	p.batch, p.size = nil, 0
	return p.send(ctx, batch)
}

func (p *Pusher) send(ctx context.Context, batch []json.RawMessage) error {
	done, err := p.c.push(ctx, p.path, nil, batch)
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusRequestEntityTooLarge {
		// The server, or a proxy before it, has a lower limit than we think.
		if n := len(batch); n > 1 {
			if err := p.send(ctx, batch[:n/2]); err != nil {
				return err
			}
			return p.send(ctx, batch[n/2:])
		}
		item := Item{Status: e.Status, Error: &ItemError{Message: e.Message, Code: e.Code}}
		done, err = Pushed{Items: []Item{item}, Failed: 1}, nil
	}
	if err != nil {
		return err
	}
	p.total.Created += done.Created
	p.total.Updated += done.Updated
	p.total.Unchanged += done.Unchanged
	p.total.Failed += done.Failed
	for i, item := range done.Items {
		if p.o.OnItem != nil {
			p.o.OnItem(p.first+i, item)
		}
	}
	p.first += len(batch)
	if p.o.OnBatch != nil {
		p.o.OnBatch(p.first)
	}
	return nil
}

// Total sums up what was sent; its Items are empty.
func (p *Pusher) Total() Pushed { return p.total }
