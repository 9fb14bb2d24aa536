package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/plumbline-dev/plumbline/internal/record"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// form is how a written record stands in a reply (contract decision 3).
type form bool

const (
	// wrapped is v2: the record in `data`.
	wrapped form = false
	// flattened is v1: the record's own properties beside ours.
	flattened form = true
)

// writtenAnswer is the reply to a push. It is built by appending to one
// buffer: a push has hundreds of records, and this is the hot path.
func writtenAnswer(c *call, single bool, result record.Result, f form) (answer, error) {
	if single && result.Items[0].Err != nil {
		return answer{}, result.Items[0].Err
	}
	held := c.buffer()
	w := replyWriter{b: *held, form: f}
	ans := answer{status: http.StatusOK}
	if single {
		w.single(&result.Items[0])
		ans.status = statusOf(result.Items[0].Written.Outcome)
	} else {
		w.b = append(w.b, '[')
		for i := range result.Items {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.item(&result.Items[i])
		}
		w.b = append(w.b, ']')
	}
	*held, ans.body = w.b, w.b
	setCounts(&ans, result)
	return ans, nil
}

// setCounts tells in headers what a push did, so that a failure that hides in
// a long reply cannot be missed (contract decision 2).
func setCounts(ans *answer, r record.Result) {
	ans.set("X-Records-Created", strconv.FormatInt(r.Counts.Created, 10))
	ans.set("X-Records-Updated", strconv.FormatInt(r.Counts.Updated, 10))
	ans.set("X-Records-Unchanged", strconv.FormatInt(r.Counts.Unchanged, 10))
	ans.set("X-Records-Failed", strconv.FormatInt(r.Failed, 10))
}

func statusOf(o record.Outcome) int {
	if o == record.Created {
		return http.StatusCreated
	}
	return http.StatusOK
}

// replyWriter appends replies. The records of a push share their times, so the
// last one that was written out is kept.
type replyWriter struct {
	b    []byte
	form form
	last time.Time
	text []byte
}

func (w *replyWriter) moment(t time.Time) {
	if w.text == nil || !t.Equal(w.last) {
		w.last, w.text = t, appendMoment(w.text[:0], t)
	}
	w.b = append(w.b, w.text...)
}

// item is one element of a bulk reply.
func (w *replyWriter) item(item *record.Item) {
	if item.Err != nil {
		w.refused(item)
		return
	}
	w.head(item)
	w.status(statusOf(item.Written.Outcome))
	w.tail(item, true)
}

// single is the whole reply to a single record.
func (w *replyWriter) single(item *record.Item) {
	w.head(item)
	if w.form == wrapped {
		w.status(statusOf(item.Written.Outcome))
	}
	w.tail(item, w.form == wrapped)
}

func (w *replyWriter) head(item *record.Item) {
	w.b = append(w.b, `{"id":`...)
	w.b = strictjson.AppendText(w.b, item.Key)
	w.b = append(w.b, `,"createdAt":"`...)
	w.moment(item.Written.CreatedAt)
	w.b = append(w.b, `","updatedAt":"`...)
	w.moment(item.Written.UpdatedAt)
	w.b = append(w.b, '"')
}

func (w *replyWriter) status(code int) {
	w.b = append(w.b, `,"statusCode":`...)
	w.b = strconv.AppendInt(w.b, int64(code), 10)
}

func (w *replyWriter) tail(item *record.Item, hasStatus bool) {
	if w.form == wrapped {
		w.b = append(w.b, `,"data":`...)
		w.b = append(w.b, item.Data...)
		w.b = append(w.b, '}')
		return
	}
	strictjson.Members(item.Data, func(key, value []byte) bool {
		switch name := string(key); {
		case name == "id", name == "createdAt", name == "updatedAt", hasStatus && name == "statusCode":
			// Ours stand there; two of one name would be read differently by
			// different readers.
		default:
			w.b = append(w.b, ',')
			w.b = strictjson.AppendText(w.b, name)
			w.b = append(w.b, ':')
			w.b = append(w.b, value...)
		}
		return true
	})
	w.b = append(w.b, '}')
}

// refused is an element whose record was not stored; it echoes what came
// (contract decision 1).
func (w *replyWriter) refused(item *record.Item) {
	b, _, known := errorOf(item.Err)
	w.b = append(w.b, `{"statusCode":`...)
	w.b = strconv.AppendInt(w.b, int64(b.StatusCode), 10)
	w.b = append(w.b, `,"data":`...)
	if known {
		w.b = append(w.b, item.Data...)
	} else {
		w.b = append(w.b, "{}"...)
	}
	w.b = append(w.b, `,"error":{"message":`...)
	w.b = strictjson.AppendText(w.b, b.Message)
	w.b = append(w.b, `,"code":`...)
	w.b = strconv.AppendInt(w.b, int64(b.Code), 10)
	w.b = append(w.b, "}}"...)
}
