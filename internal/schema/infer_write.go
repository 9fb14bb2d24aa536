package schema

import "github.com/plumbline-dev/plumbline/internal/strictjson"

// writer writes an inferred schema with two blanks a level.
type writer struct {
	out   []byte
	level int
	empty bool // nothing stands in the open object or array yet
}

func (w *writer) open() {
	w.out = append(w.out, '{')
	w.level++
	w.empty = true
}

func (w *writer) close() {
	w.level--
	if !w.empty {
		w.line()
	}
	w.out = append(w.out, '}')
	w.empty = false
}

func (w *writer) line() {
	w.out = append(w.out, '\n')
	for range w.level {
		w.out = append(w.out, ' ', ' ')
	}
}

func (w *writer) name(name string) {
	if !w.empty {
		w.out = append(w.out, ',')
	}
	w.empty = false
	w.line()
	w.out = strictjson.AppendText(w.out, name)
	w.out = append(w.out, ':', ' ')
}

func (w *writer) member(name, value string) {
	w.name(name)
	w.out = append(w.out, value...)
}

func (w *writer) list(name string, values []string) {
	w.name(name)
	w.out = append(w.out, '[')
	for i, v := range values {
		if i > 0 {
			w.out = append(w.out, ',', ' ')
		}
		w.out = strictjson.AppendText(w.out, v)
	}
	w.out = append(w.out, ']')
}

// shape writes the keywords for one place.
func (w *writer) shape(s *shape) {
	switch types := s.types(); len(types) {
	case 0:
		return
	case 1:
		w.name("type")
		w.out = strictjson.AppendText(w.out, types[0])
	default:
		w.list("type", types)
	}
	if format := s.format(); format != "" {
		w.name("format")
		w.out = strictjson.AppendText(w.out, format)
	}
	if s.elements != nil && !s.cut {
		w.name("items")
		w.open()
		w.shape(s.elements)
		w.close()
	}
	if len(s.names) == 0 || s.cut {
		return
	}
	w.name("properties")
	w.open()
	var required []string
	for _, name := range s.names {
		w.name(name)
		w.open()
		w.shape(s.members[name])
		w.close()
		if s.members[name].present() == s.counts[tObject] {
			required = append(required, name)
		}
	}
	w.close()
	if len(required) > 0 {
		w.list("required", required)
	}
}
