package record

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/schema"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// maxKey is the longest record id in bytes.
const maxKey = 512

// Item is what became of one record of a push, in the order of the input.
type Item struct {
	// Key is empty when the record was refused.
	Key     string
	Written Written
	// Data is the stored text, or the text as it came when it was refused.
	Data []byte
	// Err is why the record was refused, nil when it was stored.
	Err error
}

// batch is the prepared form of a push: the items in input order and the
// distinct rows to store, with the row of each item.
type batch struct {
	items []Item
	rows  []Row
	rowOf []int
}

// prepare checks, keys and hashes the records of a push. A record that is
// refused stands in its item; the others go on. The last of several records
// with one key is the one to store.
func prepare(records [][]byte, sch *schema.Schema) batch {
	b := batch{items: make([]Item, len(records)), rows: make([]Row, 0, len(records)), rowOf: make([]int, len(records))}
	prepared := make([]Row, len(records))
	share(len(records), func(i int) {
		var err error
		if prepared[i], err = prepareOne(records[i], sch); err != nil {
			b.items[i] = Item{Data: records[i], Err: err}
		}
	})
	seen := make(map[string]int, len(records))
	for i, row := range prepared {
		b.rowOf[i] = -1
		if b.items[i].Err != nil {
			continue
		}
		at, dup := seen[row.Key]
		if dup {
			b.rows[at] = row
		} else {
			at = len(b.rows)
			seen[row.Key] = at
			b.rows = append(b.rows, row)
		}
		b.rowOf[i] = at
		b.items[i] = Item{Key: row.Key, Data: row.Body}
	}
	return b
}

// intake is what a batch brings to its sync run.
func (b *batch) intake(a event.Actor, begun time.Time) syncrun.Intake {
	in := syncrun.Intake{Actor: a, At: begun, Received: int64(len(b.items))}
	for i, item := range b.items {
		if item.Err == nil {
			continue
		}
		in.Rejected++
		if len(in.Refused) < syncrun.MaxRefused {
			in.Refused = append(in.Refused, refusal(i, item))
		}
	}
	return in
}

// maxRefusal is the most of a refusal's text that is kept with a run, in bytes.
const maxRefusal = 500

func refusal(position int, item Item) syncrun.RefusedRecord {
	out := syncrun.RefusedRecord{ID: item.Key, Position: int64(position), Message: fault.Sentence(item.Err)}
	if key, given, err := keyOf(item.Data); out.ID == "" && given && err == nil {
		out.ID = key
	}
	var f *fault.Error
	if errors.As(item.Err, &f) {
		out.Pointer = f.Pointer
	}
	if faults := schema.Faults(item.Err); len(faults) > 0 {
		out.Pointer, out.Message = faults[0].Pointer, faults[0].Message
		if len(faults) > 1 {
			out.Message += fmt.Sprintf(" (and %d more)", len(faults)-1)
		}
	}
	if len(out.Message) > maxRefusal {
		out.Message = strings.ToValidUTF8(out.Message[:maxRefusal], "") + "…"
	}
	return out
}

// Records are handed out to the cores in blocks, and a push of few is not worth
// a second one.
const (
	block    = 32
	maxCores = 4
)

// share calls do for 0 to n-1, on several cores where there are many. A panic
// in do is passed on to the caller.
func share(n int, do func(i int)) {
	cores := min(runtime.GOMAXPROCS(0), maxCores, n/(2*block))
	var next atomic.Int64
	work := func() {
		for {
			end := int(next.Add(block))
			for i := end - block; i < min(end, n); i++ {
				do(i)
			}
			if end >= n {
				return
			}
		}
	}
	var others sync.WaitGroup
	var failed atomic.Value
	for range cores - 1 {
		others.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					failed.Store(fmt.Sprintf("%v\n%s", p, debug.Stack()))
				}
			}()
			work()
		})
	}
	work()
	others.Wait()
	if p := failed.Load(); p != nil {
		panic(p)
	}
}

// settle puts what the store did into the items.
func (b *batch) settle(written []Written) {
	for i, at := range b.rowOf {
		if at >= 0 {
			b.items[i].Written = written[at]
		}
	}
}

func prepareOne(text []byte, sch *schema.Schema) (Row, error) {
	key, given, err := keyOf(text)
	if err != nil {
		return Row{}, err
	}
	body := strictjson.AppendCompact(make([]byte, 0, len(text)), text)
	if !given {
		key = uuid.NewString()
		quoted := []byte(`"` + key + `"`)
		if sch.Requires("id") {
			body = strictjson.Set(body, "id", quoted)
		} else if sch.Allows("id") {
			// A schema may declare an id that no UUID satisfies; the record is
			// then kept without one.
			if with := strictjson.Set(body, "id", quoted); !sch.Has("id") || sch.Check(with) == nil {
				body = with
			}
		}
	}
	if err := sch.Check(body); err != nil {
		return Row{}, err
	}
	return Row{Key: key, Body: body, Hash: strictjson.Fingerprint(body)}, nil
}

// keyOf is the record's `id` as a key, if it has one.
func keyOf(text []byte) (key string, given bool, err error) {
	value, ok := strictjson.Member(text, "id")
	if !ok {
		return "", false, nil
	}
	switch c := value[0]; {
	case c == '"':
		key, _ = strictjson.Text(value)
	case (c == '-' || c >= '0' && c <= '9') && !bytes.ContainsAny(value, ".eE"):
		key = string(value)
	default:
		return "", true, fault.New(fault.CodeInvalidRecordID, "the record's `id` (/id) must be a string or an integer")
	}
	return key, true, CheckKey(key)
}

// CheckKey reports why a text cannot be a record's key (contract decision 6),
// nil when it can.
func CheckKey(key string) error {
	bad := func(why string) error {
		return fault.New(fault.CodeInvalidRecordID, "the record's `id` (/id) %s", why)
	}
	switch {
	case key == "":
		return bad("is empty")
	case len(key) > maxKey:
		return bad("is longer than 512 bytes")
	case key == "." || key == "..":
		return bad("may not be `.` or `..`")
	case !utf8.ValidString(key):
		return bad("is not valid UTF-8")
	case strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }):
		return bad("has a control character")
	}
	return nil
}
