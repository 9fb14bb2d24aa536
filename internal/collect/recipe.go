// Package collect gets the records of one resource from another system as a
// recipe says: over HTTP, from a database, a program, files or osquery. A recipe
// is data; docs/collectors.md describes its language. Records are handed on as
// they come, and everything is bounded: time, pages, bytes, items.
package collect

import (
	"context"
	"slices"
	"time"

	"github.com/plumbline-dev/plumbline/internal/collect/jq"
	"github.com/plumbline-dev/plumbline/internal/outbound"
)

// The collectors.
const (
	HTTP    = "http"
	SQL     = "sql"
	Command = "command"
	File    = "file"
	Osquery = "osquery"
)

// collectors are those that there are.
var collectors = []string{HTTP, SQL, Command, File, Osquery}

// Recipe says how the records of one resource are got. It is immutable and may
// be used by many at once.
type Recipe struct {
	collector string
	inputs    []Input
	// One of these is there.
	http    *httpSource
	sql     *sqlSource
	command *commandSource
	file    *fileSource
	osquery *osquerySource
	// record makes the records of an item.
	record *jq.Code
}

// Collector is how the recipe collects: [HTTP], [SQL], [Command], [File] or
// [Osquery].
func (r *Recipe) Collector() string { return r.collector }

// Inputs are what a person fills in, in the order of the recipe.
func (r *Recipe) Inputs() []Input { return slices.Clone(r.inputs) }

// Run is one run of a recipe.
type Run struct {
	// Inputs are the values of the inputs by name.
	Inputs map[string]string
	// Outbound says which addresses may be dialled.
	Outbound outbound.Policy
	// Now is the start of the run, $now of its expressions.
	Now time.Time
	// Local says that command, file and osquery may read this machine.
	Local bool
	// Limits bound the run; what is zero is as [DefaultLimits] says.
	Limits Limits
	// Emit takes one record, a JSON object; its error ends the run and is
	// returned as it is. The bytes are the receiver's. It is never called by two
	// at once.
	Emit func(record []byte) error
	// Step is told when a step begins (EndedAt is zero), gets on, and ends. It
	// is never called by two at once; nil: nobody listens.
	Step func(Step)
	// Clock tells the time for steps and waits; nil: the system's.
	Clock func() time.Time
	// Sleep waits, or errs once ctx is done; nil: by the system's clock.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Limits bound a run.
type Limits struct {
	// ReplyBytes bounds one reply of an HTTP server, decompressed, or one JSON
	// text of a program or a file that has to be read whole.
	ReplyBytes int64
	// TotalBytes bounds all that is read.
	TotalBytes int64
	// Pages bounds the replies with items, or the files.
	Pages int64
	// Items bounds the items, and the records made of them.
	Items int64
	// RecordBytes bounds one record.
	RecordBytes int
	// Request bounds one request with its reply.
	Request time.Duration
	// Time bounds the run.
	Time time.Duration
}

// DefaultLimits are the limits of a run that names none.
var DefaultLimits = Limits{
	ReplyBytes: 32 << 20, TotalBytes: 8 << 30, Pages: 20_000, Items: 5_000_000, RecordBytes: 1 << 20,
	Request: 2 * time.Minute, Time: time.Hour,
}

func (l Limits) filled() Limits {
	d := DefaultLimits
	return Limits{
		ReplyBytes: either(l.ReplyBytes, d.ReplyBytes), TotalBytes: either(l.TotalBytes, d.TotalBytes), Pages: either(l.Pages, d.Pages),
		Items: either(l.Items, d.Items), RecordBytes: either(l.RecordBytes, d.RecordBytes),
		Request: either(l.Request, d.Request), Time: either(l.Time, d.Time),
	}
}

func either[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
