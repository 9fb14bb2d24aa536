package schema

import (
	"bytes"
	"strconv"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

const (
	maxInferredPlaces = 2000
	maxInferredDepth  = 20 // objects and arrays inside each other that are described
	maxExamples       = 3
	maxExampleBytes   = 100
)

// Inference is the schema that samples suggest, and what was seen in them.
type Inference struct {
	Schema     []byte // draft 7, indented, the same for the same samples
	Properties []PropertyStats
	Samples    int
}

// PropertyStats tells what was seen at one place of the samples.
type PropertyStats struct {
	// Path is a JSON Pointer in which the token * stands for every element of
	// an array.
	Path     string
	Types    []TypeCount // in the order string, integer, number, boolean, object, array, null
	Present  int         // how often the place was there
	Nullable bool        // null was seen
	Examples []string    // at most 3 different scalars, each cut at 100 bytes
	Format   string      // date-time, email, uri, uuid or ipv4 if every string has that form
}

// TypeCount says how often a type was seen.
type TypeCount struct {
	Type  string
	Count int
}

// Infer makes a schema that every sample satisfies. samples is one object, an
// array of objects, or one object a line (NDJSON). A refusal is a *[fault.Error]
// with CodeInvalidSample.
func Infer(samples []byte) (*Inference, error) {
	in := &inferrer{root: newShape()}
	count, err := eachSample(samples, func(sample []byte) { in.see(in.root, sample, 1) })
	if err != nil {
		return nil, err
	}
	if count == 0 {
		return nil, fault.New(fault.CodeInvalidSample, "The sample data hold no object.")
	}
	if in.places > maxInferredPlaces {
		return nil, fault.New(fault.CodeInvalidSample,
			"The samples have more than %d different properties; where names are really values, make them a list of objects.", maxInferredPlaces)
	}
	usable := false
	for _, name := range in.root.names {
		p := in.root.members[name]
		usable = usable || p.counts[tString]+p.counts[tInteger]+p.counts[tNumber] > 0
	}
	if !usable {
		return nil, fault.New(fault.CodeInvalidSample,
			"The samples have no top-level property that is a string or a number, so records could not be named or compared.")
	}
	result := &Inference{Schema: in.root.schema(), Samples: count}
	in.root.stats("", &result.Properties)
	if _, err := Compile(result.Schema); err != nil {
		return nil, fault.Wrap(err, fault.CodeInvalidSample, "The samples are too large or too deep to infer a schema from them.")
	}
	return result, nil
}

// eachSample finds out the form of the samples and checks every document.
func eachSample(samples []byte, see func(sample []byte)) (count int, err error) {
	whole := strictjson.Check(samples)
	first := strictjson.SkipSpace(samples, 0)
	switch {
	case whole == nil && samples[first] == '{':
		see(samples[first:])
		return 1, nil
	case whole == nil && samples[first] == '[':
		strictjson.Elements(samples, func(element []byte) bool {
			if element[0] != '{' {
				err = fault.New(fault.CodeInvalidSample, "The samples must be objects, but the element at /%d is %s.", count, nameOf(element))
				return false
			}
			see(element)
			count++
			return true
		})
		return count, err
	case whole == nil:
		return 0, fault.New(fault.CodeInvalidSample, "A sample must be an object, but it is %s.", nameOf(samples[first:]))
	case first < len(samples) && samples[first] == '{' && isLines(samples[first:]):
		return eachLine(samples, see)
	}
	return 0, fault.New(fault.CodeInvalidSample, "%s", whole.Error())
}

// isLines tells whether the first line is a whole document, with others below.
func isLines(text []byte) bool {
	line, rest, more := bytes.Cut(text, []byte("\n"))
	return more && len(bytes.TrimSpace(rest)) > 0 && strictjson.Check(line) == nil
}

func eachLine(text []byte, see func(sample []byte)) (count int, err error) {
	for number := 1; len(text) > 0; number++ {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if err := strictjson.Check(line); err != nil {
			return 0, fault.New(fault.CodeInvalidSample, "Line %d of the samples: %s", number, err.Error())
		}
		if line[0] != '{' {
			return 0, fault.New(fault.CodeInvalidSample, "Line %d of the samples must be an object, but it is %s.", number, nameOf(line))
		}
		see(line)
		count++
	}
	return count, nil
}

func nameOf(value []byte) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// The types in the order in which they are listed.
const (
	tString = iota
	tInteger
	tNumber
	tBoolean
	tObject
	tArray
	tNull
	typeCount
)

var typeNames = [typeCount]string{"string", "integer", "number", "boolean", "object", "array", "null"}

// shape is everything seen at one place.
type shape struct {
	counts   [typeCount]int
	names    []string // members in order of first sight
	members  map[string]*shape
	elements *shape // nil until an element was seen
	examples []string
	formats  formats
	cut      bool // lies so deep that its inside is not described
}

func newShape() *shape { return &shape{formats: allFormats} }

func (s *shape) present() (n int) {
	for _, c := range s.counts {
		n += c
	}
	return n
}

type inferrer struct {
	root   *shape
	places int // properties and array elements told apart so far
}

// see adds a value of checked JSON.
func (in *inferrer) see(s *shape, value []byte, depth int) {
	switch value[0] {
	case '{':
		s.counts[tObject]++
		if s.cut = depth > maxInferredDepth; !s.cut {
			in.seeMembers(s, value, depth)
		}
	case '[':
		s.counts[tArray]++
		if s.cut = depth > maxInferredDepth; !s.cut {
			strictjson.Elements(value, func(element []byte) bool {
				if s.elements == nil {
					if in.places++; in.places > maxInferredPlaces {
						return false
					}
					s.elements = newShape()
				}
				in.see(s.elements, element, depth+1)
				return true
			})
		}
	case '"':
		s.counts[tString]++
		text, _ := strictjson.Text(value)
		s.formats &= formatsOf(text, s.formats)
		s.example(text)
	case 't', 'f':
		s.counts[tBoolean]++
		s.example(string(value[:strictjson.SkipValue(value, 0)]))
	case 'n':
		s.counts[tNull]++
	default:
		if number, _ := scanNumber(value, 0); number.plain {
			s.counts[tInteger]++
		} else {
			s.counts[tNumber]++
		}
		s.example(string(value[:strictjson.SkipValue(value, 0)]))
	}
}

func (in *inferrer) seeMembers(s *shape, object []byte, depth int) {
	strictjson.Members(object, func(key, value []byte) bool {
		member := s.members[string(key)]
		if member == nil {
			// Above the limit the samples are refused; more need not be kept.
			if in.places++; in.places > maxInferredPlaces {
				return false
			}
			if s.members == nil {
				s.members = map[string]*shape{}
			}
			member = newShape()
			s.members[string(key)] = member
			s.names = append(s.names, string(key))
		}
		in.see(member, value, depth+1)
		return true
	})
}

func (s *shape) example(text string) {
	text = cut(text, maxExampleBytes-len("…"))
	if len(s.examples) == maxExamples {
		return
	}
	for _, e := range s.examples {
		if e == text {
			return
		}
	}
	s.examples = append(s.examples, text)
}

// stats lists the members of s, and what lies under them, in order.
func (s *shape) stats(path string, out *[]PropertyStats) {
	for _, name := range s.names {
		s.members[name].list(path+"/"+escapeToken(name), out)
	}
	if s.elements != nil {
		s.elements.list(path+"/*", out)
	}
}

func (s *shape) list(path string, out *[]PropertyStats) {
	p := PropertyStats{
		Path: path, Present: s.present(), Nullable: s.counts[tNull] > 0,
		Examples: s.examples, Format: s.format(),
	}
	for t, n := range s.counts {
		if n > 0 {
			p.Types = append(p.Types, TypeCount{typeNames[t], n})
		}
	}
	*out = append(*out, p)
	s.stats(path, out)
}

func (s *shape) format() string {
	if s.counts[tString] == 0 {
		return ""
	}
	return s.formats.name()
}

// types are the type names for a schema: integers among numbers are numbers.
func (s *shape) types() (names []string) {
	for t, n := range s.counts {
		switch {
		case n == 0 && (t != tNumber || s.counts[tInteger] == 0):
		case t == tInteger && s.counts[tNumber] > 0:
		case t == tNumber && s.counts[tNumber] == 0:
		case t == tNull && s.present() == n:
		default:
			names = append(names, typeNames[t])
		}
	}
	return names
}

// schema is the whole schema text.
func (s *shape) schema() []byte {
	w := &writer{}
	w.open()
	w.member("$schema", strconv.Quote("http://json-schema.org/draft-07/schema#"))
	w.shape(s)
	w.close()
	return append(w.out, '\n')
}
