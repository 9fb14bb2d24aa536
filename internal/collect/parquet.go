package collect

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquetBatch is how many rows are read at once.
const parquetBatch = 64

// parquet reads a Parquet file and hands on the records of its rows.
func (e *engine) parquet(ctx context.Context, in io.ReaderAt, length int64, what string) (err error) {
	e.begin(StepParse)
	defer func() {
		// The library panics over some files that are broken.
		if p := recover(); p != nil {
			err = unreadable(what, "Parquet", fmt.Errorf("it is broken (%v)", p))
		}
	}()
	f, err := parquet.OpenFile(in, length)
	if err != nil {
		return unreadable(what, "Parquet", err)
	}
	rows := parquet.NewGenericReader[any](f)
	defer func() { _ = rows.Close() }()
	batch := make([]any, parquetBatch)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		clear(batch)
		n, rerr := rows.Read(batch)
		for _, row := range batch[:n] {
			if err := e.item(ctx, parquetValue(f.Schema(), row), nil); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(rerr, io.EOF):
			return nil
		case rerr != nil:
			return unreadable(what, "Parquet", rerr)
		case n == 0:
			return unreadable(what, "Parquet", io.ErrUnexpectedEOF)
		}
	}
}

// parquetValue is a value as JSON has it: times in RFC 3339, bytes that are no
// text in base64.
func parquetValue(n parquet.Node, v any) any {
	switch v := v.(type) {
	case map[string]any:
		return parquetGroup(n, v)
	case []any:
		element := parquetElement(n)
		out := make([]any, len(v))
		for i := range v {
			out[i] = parquetValue(element, v[i])
		}
		return out
	case int64:
		return parquetInteger(n, v)
	case int32:
		return parquetInteger(n, int64(v))
	case uint32:
		return json.Number(strconv.FormatUint(uint64(v), 10))
	case uint64:
		return json.Number(strconv.FormatUint(v, 10))
	case float32:
		return json.Number(strconv.FormatFloat(float64(v), 'g', -1, 32))
	case []byte:
		if kind, ok := logical(n).(*format.UUIDType); ok && kind != nil && len(v) == 16 {
			return uuid.UUID(v).String()
		}
		return parquetText(string(v))
	case string:
		return parquetText(v)
	case nil, bool, float64, json.Number:
		return v
	}
	return fmt.Sprint(v)
}

func parquetText(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return base64.StdEncoding.EncodeToString([]byte(text))
}

func logical(n parquet.Node) format.LogicalTypeValue {
	if n == nil || !n.Leaf() {
		return nil
	}
	if t := n.Type().LogicalType(); t != nil {
		return t.Value
	}
	return nil
}

func parquetInteger(n parquet.Node, v int64) any {
	switch kind := logical(n).(type) {
	case *format.DateType:
		return time.Unix(v*86400, 0).UTC().Format(time.DateOnly)
	case *format.TimestampType:
		switch kind.Unit.Value.(type) {
		case *format.MilliSeconds:
			return time.UnixMilli(v).UTC().Format(time.RFC3339Nano)
		case *format.MicroSeconds:
			return time.UnixMicro(v).UTC().Format(time.RFC3339Nano)
		}
		return time.Unix(0, v).UTC().Format(time.RFC3339Nano)
	}
	return json.Number(strconv.FormatInt(v, 10))
}

func child(n parquet.Node, name string) parquet.Node {
	if n == nil || n.Leaf() {
		return nil
	}
	for _, f := range n.Fields() {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

// parquetElement is the node of the elements of a list.
func parquetElement(n parquet.Node) parquet.Node {
	if n == nil || n.Leaf() || n.Repeated() {
		return n
	}
	if fields := n.Fields(); len(fields) == 1 && fields[0].Repeated() && !fields[0].Leaf() && len(fields[0].Fields()) == 1 {
		return fields[0].Fields()[0]
	}
	return n
}

func parquetGroup(n parquet.Node, v map[string]any) any {
	out := make(map[string]any, len(v))
	// A map is a group of one repeated group with a key and a value.
	entry := child(n, "key_value")
	for name, value := range v {
		node := child(n, name)
		if node == nil {
			node = child(entry, "value")
		}
		out[name] = parquetValue(node, value)
	}
	return out
}
