// Package upload judges files that people send: by their name, by what they are
// said to be, and by what they are.
package upload

import (
	"bytes"
	"mime"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

// MaxSize is how many bytes a file has at most.
const MaxSize = 25 << 20

// maxName is how many characters the name of a file has at most.
const maxName = 191

// quoted is how much of a text a message quotes.
const quoted = 80

// File is a file as it was sent.
type File struct {
	Name string
	// Declared is the media type that the sender gave it; empty when none.
	Declared string
	Content  []byte
}

// Kind is a kind of file that is taken.
type Kind struct {
	// Media is its media type.
	Media string
	// Extensions are the endings of its names; a file without one gets the first.
	Extensions []string
	// Words are what people call it, with an article.
	Words string
	// Inline kinds may be shown in place, because nothing in them can run: raster
	// images and PDF.
	Inline bool
	// also are other media types that senders give it.
	also []string
}

// Kinds are all that are taken (contract section 2.7).
var Kinds = []Kind{
	{pdf, []string{".pdf"}, "a PDF document", true, []string{"application/x-pdf"}},
	{"image/png", []string{".png"}, "a PNG image", true, nil},
	{"image/jpeg", []string{".jpg", ".jpeg"}, "a JPEG image", true, []string{"image/jpg", "image/pjpeg"}},
	{"image/gif", []string{".gif"}, "a GIF image", true, nil},
	{openXML + "wordprocessingml.document", []string{".docx"}, "a Word document", false, nil},
	{openXML + "spreadsheetml.sheet", []string{".xlsx"}, "an Excel workbook", false, nil},
	{openXML + "presentationml.presentation", []string{".pptx"}, "a PowerPoint presentation", false, nil},
	{"application/msword", []string{".doc"}, "a Word document of the old kind", false, []string{"application/vnd.ms-word"}},
	{openDocument + "text", []string{".odt"}, "an OpenDocument text", false, nil},
	{openDocument + "spreadsheet", []string{".ods"}, "an OpenDocument spreadsheet", false, nil},
	{openDocument + "presentation", []string{".odp"}, "an OpenDocument presentation", false, nil},
}

const (
	pdf          = "application/pdf"
	openXML      = "application/vnd.openxmlformats-officedocument."
	openDocument = "application/vnd.oasis.opendocument."
)

func kindOf(media string) Kind {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Media == media })
	if i < 0 {
		return Kind{}
	}
	return Kinds[i]
}

// Inline reports whether a file of a media type may be shown in place.
func Inline(media string) bool { return kindOf(media).Inline }

// NameOf is a name for the file of a kind: one without an ending gets one.
func NameOf(name, media string) string {
	if k := kindOf(media); extension(name) == "" && k.Media != "" {
		return name + k.Extensions[0]
	}
	return name
}

func endings() string {
	var out []string
	for _, k := range Kinds {
		out = append(out, k.Extensions...)
	}
	return strings.Join(out, " ")
}

func extension(name string) string { return strings.ToLower(path.Ext(name)) }

// TooLarge refuses a file, or a body, for its size.
func TooLarge() *fault.Error {
	return fault.New(fault.CodeTooLarge, "the file is larger than 25 MB (%d bytes)", MaxSize)
}

// Check tells what kind of file f is, or refuses it. pointer names the property
// that brought it.
func Check(f File, pointer string) (Kind, error) {
	if err := checkName(f.Name); err != nil {
		return Kind{}, err.At(pointer)
	}
	if len(f.Content) == 0 {
		return Kind{}, fault.New(fault.CodeValidation, "the file %q is empty", f.Name).At(pointer)
	}
	if len(f.Content) > MaxSize {
		return Kind{}, TooLarge().At(pointer)
	}
	if bytes.Contains(f.Content, eicar) {
		return Kind{}, infected(f.Name).At(pointer)
	}
	k, err := look(f)
	if err == nil {
		err = k.agrees(f)
	}
	if err != nil {
		return Kind{}, err.At(pointer)
	}
	return k, nil
}

// checkName refuses names that would mean something else elsewhere: nothing is
// taken out of a name, for then it would be another one.
func checkName(name string) *fault.Error {
	refuse := func(why string) *fault.Error {
		return fault.New(fault.CodeValidation, "the name of the file %s", why)
	}
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return refuse("is missing: send it as `filename`")
	case !utf8.ValidString(name):
		return refuse("is not UTF-8 text")
	case n > maxName:
		return refuse("may have at most 191 characters")
	case strings.ContainsAny(name, `/\`):
		return refuse("has a path in it: send the name alone, without / and \\")
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || steers(r) }):
		return refuse("has characters that cannot be seen")
	case strings.Trim(name, ". ") == "" || strings.TrimSpace(name) != name:
		return refuse("may not begin or end with a space, or have nothing but dots")
	}
	return nil
}

// steers reports whether a character changes the direction or the line of text,
// so that a name looks like another one.
func steers(r rune) bool {
	return r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029 || r == 0xfeff
}

// agrees refuses a file that is said to be of another kind than it is.
func (k Kind) agrees(f File) *fault.Error {
	ext := extension(f.Name)
	declared, _, err := mime.ParseMediaType(f.Declared)
	if f.Declared != "" && err != nil {
		return fault.New(fault.CodeValidation, "the media type of the file, %q, cannot be read", fault.Short(f.Declared, quoted))
	}
	if declared == "application/octet-stream" {
		declared = ""
	}
	switch {
	case ext == "" && declared == "":
		return fault.New(fault.CodeValidation, "the name of the file must have one of these endings: %s", endings())
	case ext != "" && !slices.Contains(k.Extensions, ext):
		return fault.New(fault.CodeValidation, "the file is %s, but its name ends in %s", k.Words, fault.Short(ext, quoted))
	case declared != "" && declared != k.Media && !slices.Contains(k.also, declared):
		return fault.New(fault.CodeValidation, "the file is %s, but it was sent as %s", k.Words, fault.Short(declared, quoted))
	}
	return nil
}
