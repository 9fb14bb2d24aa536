package strictjson

import "errors"

// Envelope is the body of a write of records.
type Envelope struct {
	// Single tells that "data" was one object, not an array.
	Single bool
	// Records are the texts of the objects, in order. They are parts of the
	// body, not copies.
	Records [][]byte
}

// Split checks body and cuts it into records in one pass. The body must be an
// object whose member "data" is an object or an array of objects; its other
// members are checked and ignored. Errors: [ErrNoData], else a *[SyntaxError].
func Split(body []byte) (Envelope, error) {
	var envelope Envelope
	s := scanners.Get().(*scanner)
	defer s.release()
	s.text, s.envelope = body, &envelope
	if i := skipSpace(body, 0); i < len(body) && body[i] != '{' && Check(body) == nil {
		return Envelope{}, &SyntaxError{Offset: i, Reason: `the body must be an object with the member "data"`}
	}
	if err := s.document(); err != nil {
		return Envelope{}, err
	}
	if !s.hasData {
		return Envelope{}, ErrNoData
	}
	return envelope, nil
}

// IsRefusal tells whether err says that a text from outside was not acceptable
// JSON: a *[SyntaxError] or [ErrNoData].
func IsRefusal(err error) bool {
	var syntax *SyntaxError
	return errors.As(err, &syntax) || errors.Is(err, ErrNoData)
}

const maxExpected = 4096

// data reads the value of the member "data" at i.
func (s *scanner) data(i int) int {
	const objectDepth = 2
	t := s.text
	s.hasData = true
	if i < len(t) && t[i] == '{' {
		end := s.object(i, objectDepth)
		if end >= 0 {
			s.envelope.Single = true
			s.envelope.Records = [][]byte{t[i:end:end]}
		}
		return end
	}
	if i >= len(t) || t[i] != '[' {
		from := i
		if i = s.value(i, objectDepth); i >= 0 {
			return s.fail(from, "an object or an array of objects is expected")
		}
		return -1
	}
	i = s.space(i + 1)
	if i < len(t) && t[i] == ']' {
		return i + 1
	}
	for n := 0; ; n++ {
		from := i
		if i < len(t) && t[i] == '{' {
			i = s.object(i, objectDepth+1)
		} else if i = s.value(i, objectDepth+1); i >= 0 {
			i = s.fail(from, "an object is expected")
		}
		if i < 0 {
			s.path = append(s.path, step{index: n})
			return -1
		}
		if n == 0 {
			s.envelope.Records = make([][]byte, 0, min((len(t)-i)/(i-from)+1, maxExpected))
		}
		s.envelope.Records = append(s.envelope.Records, t[from:i:i])
		i = s.space(i)
		switch {
		case i < len(t) && t[i] == ',':
			i = s.space(i + 1)
		case i < len(t) && t[i] == ']':
			return i + 1
		default:
			return s.fail(i, `"," or "]" is expected in an array`)
		}
	}
}
