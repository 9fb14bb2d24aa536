package agent

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// recorded is a machine as a text: files, links, what may not be read, and what
// programs answer. The sections of the text are
//
//	-- /path --              a file
//	-- base64 /path --       a file in base64
//	-- gvdb /path --         a database of dconf, made of lines KEY KIND NUMBER
//	-- link /path --         a link, to what the text says
//	-- denied /path --       what may not be read without more rights
//	-- run PROGRAM ARGS --   the answer of a program
//	-- fail PROGRAM ARGS --  the error of a program
type recorded struct {
	files, links, answers, failures map[string]string
	denied                          []string
}

func record(t testing.TB, text string) *recorded {
	t.Helper()
	r := &recorded{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, nil}
	for _, f := range txtar.Parse([]byte(text)).Files {
		kind, rest, _ := strings.Cut(f.Name, " ")
		data := string(f.Data)
		switch kind {
		case "base64":
			b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(data))
			if err != nil {
				t.Fatal(err)
			}
			r.files[rest] = string(b)
		case "gvdb":
			r.files[rest] = string(gvdb(t, data))
		case "link":
			r.links[rest] = strings.TrimSpace(data)
		case "denied":
			r.denied = append(r.denied, rest)
		case "run":
			r.answers[rest] = data
		case "fail":
			r.failures[rest] = strings.TrimSpace(data)
		default:
			if !path.IsAbs(f.Name) && !strings.HasPrefix(f.Name, "C:/") {
				continue
			}
			r.files[f.Name] = data
		}
	}
	return r
}

func (r *recorded) refused(name string) error {
	if slices.ContainsFunc(r.denied, func(d string) bool { return name == d || strings.HasPrefix(name, d+"/") }) {
		return &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return nil
}

func missing(name string) error { return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist} }

func (r *recorded) Open(name string) (io.ReadCloser, error) {
	if err := r.refused(name); err != nil {
		return nil, err
	}
	if data, is := r.files[name]; is {
		return io.NopCloser(strings.NewReader(data)), nil
	}
	return nil, missing(name)
}

func (r *recorded) Names(dir string) ([]string, error) {
	if err := r.refused(dir); err != nil {
		return nil, err
	}
	var out []string
	prefix := strings.TrimSuffix(dir, "/") + "/"
	found := false
	for _, all := range []map[string]string{r.files, r.links} {
		for name := range all {
			if rest, below := strings.CutPrefix(name, prefix); below {
				found = true
				if first, _, _ := strings.Cut(rest, "/"); first != "" && !slices.Contains(out, first) {
					out = append(out, first)
				}
			}
		}
	}
	if !found {
		return nil, missing(dir)
	}
	slices.Sort(out)
	return out, nil
}

func (r *recorded) Readlink(name string) (string, error) {
	if to, is := r.links[name]; is {
		return to, nil
	}
	return "", missing(name)
}

func (r *recorded) Stat(name string) (fs.FileInfo, error) {
	if _, is := r.files[name]; is {
		return fs.Stat(fstest.MapFS{"f": {Data: []byte(r.files[name]), Mode: 0o644}}, "f")
	}
	if _, is := r.links[name]; is {
		return fs.Stat(fstest.MapFS{"f": {}}, "f")
	}
	if _, err := r.Names(name); err == nil || errors.Is(err, fs.ErrPermission) {
		return fs.Stat(fstest.MapFS{"d/f": {}}, "d")
	}
	return nil, missing(name)
}

func (r *recorded) Close() {}

func (r *recorded) Run(_ context.Context, program string, args ...string) ([]byte, error) {
	call := strings.Join(append([]string{program}, args...), " ")
	if out, is := r.answers[call]; is {
		return []byte(out), nil
	}
	if why, is := r.failures[call]; is {
		return nil, errors.New(why)
	}
	return nil, fmt.Errorf("%s: %w", call, fs.ErrNotExist)
}

// gvdb makes a database of dconf of lines KEY KIND NUMBER. Keys hang below the
// folders that they share, as dconf writes them.
func gvdb(t testing.TB, text string) []byte {
	t.Helper()
	type item struct {
		parent uint32
		name   string
		kind   byte
		value  []byte
	}
	var items []item
	at := map[string]uint32{}
	var folder func(string) uint32
	folder = func(dir string) uint32 {
		if dir == "" {
			return 1<<32 - 1
		}
		if i, have := at[dir]; have {
			return i
		}
		above := dir[:strings.LastIndex(strings.TrimSuffix(dir, "/"), "/")+1]
		parent := folder(above)
		items = append(items, item{parent, strings.TrimPrefix(dir, above), 'L', nil})
		at[dir] = uint32(len(items) - 1)
		return at[dir]
	}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		var n uint32
		if _, err := fmt.Sscan(f[2], &n); err != nil {
			t.Fatal(err)
		}
		value := binary.LittleEndian.AppendUint32(nil, n)
		switch f[1] {
		case "b":
			value = value[:1]
		case "s":
			value = []byte("text\x00")
		}
		dir := f[0][:strings.LastIndex(f[0], "/")+1]
		items = append(items, item{folder(dir), strings.TrimPrefix(f[0], dir), 'v', append(append(value, 0), f[1]...)})
	}
	const head, buckets = 24, 1
	table := 8 + 4*buckets + 24*len(items)
	out := []byte("GVariant\x00\x00\x00\x00\x00\x00\x00\x00")
	out = binary.LittleEndian.AppendUint32(out, head)
	out = binary.LittleEndian.AppendUint32(out, uint32(head+table))
	out = binary.LittleEndian.AppendUint32(out, 0)
	out = binary.LittleEndian.AppendUint32(out, buckets)
	out = binary.LittleEndian.AppendUint32(out, 0)
	var tail []byte
	place := func(b []byte) uint32 {
		for (head+table+len(tail))%8 != 0 {
			tail = append(tail, 0)
		}
		start := head + table + len(tail)
		tail = append(tail, b...)
		return uint32(start)
	}
	for _, i := range items {
		out = binary.LittleEndian.AppendUint32(out, 5381)
		out = binary.LittleEndian.AppendUint32(out, i.parent)
		out = binary.LittleEndian.AppendUint32(out, place([]byte(i.name)))
		out = binary.LittleEndian.AppendUint16(out, uint16(len(i.name)))
		out = append(out, i.kind, 0)
		start := place(i.value)
		out = binary.LittleEndian.AppendUint32(out, start)
		out = binary.LittleEndian.AppendUint32(out, start+uint32(len(i.value)))
	}
	return append(out, tail...)
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// linuxOf is the reader of a recorded Linux machine, for root.
func linuxOf(t testing.TB, text string) *linux {
	return newLinux(Options{System: record(t, text), OS: "linux", Host: "box", Now: noon})
}
