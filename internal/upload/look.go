package upload

import (
	"archive/zip"
	"bytes"
	"errors"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// eicar is the signature that every virus scanner knows, for trying whether one
// looks at all. It stands here in two parts, so that none objects to us.
var eicar = []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`)

func infected(name string) *fault.Error {
	return fault.New(fault.CodeValidation, "the file %q carries the signature of the EICAR test virus", fault.Short(name, quoted))
}

const (
	// maxParts bounds the parts of a container, which are all held in memory.
	maxParts = 10_000
	// maxLook is how much of one part is looked at, and maxLooks of all together.
	maxLook  = 4 << 20
	maxLooks = 64 << 20
)

// look tells a file's kind by its content alone.
func look(f File) (Kind, *fault.Error) {
	c := f.Content
	has := func(prefix string) bool { return bytes.HasPrefix(c, []byte(prefix)) }
	var err error
	var unsupported jpeg.UnsupportedError
	switch {
	case has("%PDF-"):
		return kindOf(pdf), nil
	case has("\x89PNG\r\n\x1a\n"):
		_, err = png.DecodeConfig(bytes.NewReader(c))
		return sound("image/png", f, err)
	case has("\xff\xd8\xff"):
		if _, err = jpeg.DecodeConfig(bytes.NewReader(c)); errors.As(err, &unsupported) {
			err = nil
		}
		return sound("image/jpeg", f, err)
	case has("GIF87a"), has("GIF89a"):
		_, err = gif.DecodeConfig(bytes.NewReader(c))
		return sound("image/gif", f, err)
	case has("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		// The name of the stream that a Word document has, in UTF-16.
		if bytes.Contains(c, []byte("W\x00o\x00r\x00d\x00D\x00o\x00c\x00u\x00m\x00e\x00n\x00t\x00")) {
			return kindOf("application/msword"), nil
		}
	case has("PK\x03\x04"):
		return container(f)
	}
	return Kind{}, fault.New(fault.CodeValidation, "the content of %q is of no kind that is taken; it must be that of a file with one of these endings: %s", fault.Short(f.Name, quoted), endings())
}

func sound(media string, f File, err error) (Kind, *fault.Error) {
	if err != nil {
		return Kind{}, fault.Wrap(err, fault.CodeValidation, "the file %q is not a whole image", fault.Short(f.Name, quoted))
	}
	return kindOf(media), nil
}

// container looks into a zip archive, which is what modern office documents are.
func container(f File) (Kind, *fault.Error) {
	damaged := func(err error) (Kind, *fault.Error) {
		return Kind{}, fault.Wrap(err, fault.CodeValidation, "the file %q is damaged: its parts cannot be read", fault.Short(f.Name, quoted))
	}
	// Each part has an entry in the directory at the end; a crafted one could have
	// hundreds of thousands.
	if bytes.Count(f.Content, []byte("PK\x01\x02")) > maxParts {
		return Kind{}, fault.New(fault.CodeValidation, "the file %q has more than %d parts", fault.Short(f.Name, quoted), maxParts)
	}
	z, err := zip.NewReader(bytes.NewReader(f.Content), int64(len(f.Content)))
	if err != nil {
		return damaged(err)
	}
	var kind Kind
	left := int64(maxLooks)
	for _, part := range z.File {
		if part.Flags&1 != 0 {
			return Kind{}, fault.New(fault.CodeValidation, "the file %q is protected with a password: what nobody can read proves nothing", fault.Short(f.Name, quoted))
		}
		if strings.HasSuffix(strings.ToLower(part.Name), "vbaproject.bin") {
			return Kind{}, fault.New(fault.CodeValidation, "the file %q has macros in it: save it without them", fault.Short(f.Name, quoted))
		}
		if left <= 0 && part.Name != contentTypes && part.Name != mimeType {
			continue
		}
		text, err := read(part)
		if err != nil {
			return damaged(err)
		}
		left -= int64(len(text))
		if bytes.Contains(text, eicar) {
			return Kind{}, infected(f.Name)
		}
		switch part.Name {
		case contentTypes:
			kind = openXMLKind(text)
		case mimeType:
			if k := kindOf(string(text)); strings.HasPrefix(k.Media, openDocument) {
				kind = k
			}
		}
	}
	if kind.Media == "" {
		return Kind{}, fault.New(fault.CodeValidation, "the file %q is an archive, not a document; it must be a file with one of these endings: %s", fault.Short(f.Name, quoted), endings())
	}
	return kind, nil
}

// Where containers say what they are.
const (
	contentTypes = "[Content_Types].xml"
	mimeType     = "mimetype"
)

func read(part *zip.File) ([]byte, error) {
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	return io.ReadAll(io.LimitReader(r, maxLook))
}

// openXMLKind is the kind of a document by the type of its main part.
func openXMLKind(types []byte) Kind {
	for _, media := range []string{openXML + "wordprocessingml.document", openXML + "spreadsheetml.sheet", openXML + "presentationml.presentation"} {
		if bytes.Contains(types, []byte(`"`+media+`.main+xml"`)) {
			return kindOf(media)
		}
	}
	return Kind{}
}
