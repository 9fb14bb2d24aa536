package upload

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/fault"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// picture is an image of four pixels.
func picture(encode func(*bytes.Buffer, image.Image) error) []byte {
	var b bytes.Buffer
	if err := encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// archive is a zip file with parts, name and content in turn.
func archive(parts ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		_ = must(must(w.Create(parts[i])).Write([]byte(parts[i+1])))
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func office(main string, more ...string) []byte {
	return archive(append([]string{"[Content_Types].xml", `<Types><Override PartName="/x" ContentType="` + main + `.main+xml"/></Types>`}, more...)...)
}

const word = openXML + "wordprocessingml.document"

// samples are a file of each kind, by its ending.
var samples = map[string][]byte{
	".pdf":  []byte("%PDF-1.7\n1 0 obj\n%%EOF"),
	".png":  picture(func(b *bytes.Buffer, i image.Image) error { return png.Encode(b, i) }),
	".jpg":  picture(func(b *bytes.Buffer, i image.Image) error { return jpeg.Encode(b, i, nil) }),
	".jpeg": picture(func(b *bytes.Buffer, i image.Image) error { return jpeg.Encode(b, i, nil) }),
	".gif":  picture(func(b *bytes.Buffer, i image.Image) error { return gif.Encode(b, i, nil) }),
	".docx": office(word, "word/document.xml", "<w/>"),
	".xlsx": office(openXML + "spreadsheetml.sheet"),
	".pptx": office(openXML + "presentationml.presentation"),
	".doc":  []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 W\x00o\x00r\x00d\x00D\x00o\x00c\x00u\x00m\x00e\x00n\x00t\x00"),
	".odt":  archive("mimetype", openDocument+"text", "content.xml", "<a/>"),
	".ods":  archive("mimetype", openDocument+"spreadsheet"),
	".odp":  archive("mimetype", openDocument+"presentation"),
}

func TestKindsAreKnownByTheirContent(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds {
		for _, ext := range k.Extensions {
			content, ok := samples[ext]
			if !ok {
				t.Errorf("no sample of %s", ext)
			}
			for _, f := range []File{{"a" + ext, "", content}, {"A" + strings.ToUpper(ext), "application/octet-stream", content}, {"no ending", k.Media + "; x=y", content},
				{strings.Repeat("ä", 186) + ext, k.Media, content}} {
				got, err := Check(f, "/file")
				if err != nil || got.Media != k.Media {
					t.Errorf("%q as %q: %q, %v", f.Name, f.Declared, got.Media, err)
				}
			}
			// It is taken for no other one.
			for other := range samples {
				if _, err := Check(File{"a" + other, "", content}, ""); (err == nil) != (kindOf(k.Media).has(other)) {
					t.Errorf("%s named %s: %v", ext, other, err)
				}
			}
			seen[ext] = true
		}
	}
	if len(seen) != len(samples) {
		t.Errorf("samples of %d endings, kinds have %d", len(samples), len(seen))
	}
}

func (k Kind) has(ext string) bool {
	return strings.Contains(strings.Join(k.Extensions, " ")+" ", ext+" ")
}

func TestRefusals(t *testing.T) {
	encrypted := bytes.Replace(samples[".docx"], []byte("PK\x01\x02\x14\x00\x14\x00\x08\x00"), []byte("PK\x01\x02\x14\x00\x14\x00\x09\x00"), 1)
	if bytes.Equal(encrypted, samples[".docx"]) {
		t.Fatal("nothing is marked as encrypted")
	}
	var many []string
	for i := range maxParts + 1 {
		many = append(many, fmt.Sprint(i), "")
	}
	for _, c := range []struct {
		what string
		file File
		code fault.Code
		why  string
	}{
		{"no name", File{"", "image/png", samples[".png"]}, fault.CodeValidation, "missing"},
		{"a path", File{"a/b.png", "", samples[".png"]}, fault.CodeValidation, "path"},
		{"a path out", File{"../b.png", "", samples[".png"]}, fault.CodeValidation, "path"},
		{"a path of Windows", File{`C:\b.png`, "", samples[".png"]}, fault.CodeValidation, "path"},
		{"a control character", File{"a\x00.png", "", samples[".png"]}, fault.CodeValidation, "cannot be seen"},
		{"a line", File{"a\r\nX: y.png", "", samples[".png"]}, fault.CodeValidation, "cannot be seen"},
		{"a name that reads backwards", File{"a\u202egnp.pdf", "", samples[".pdf"]}, fault.CodeValidation, "cannot be seen"},
		{"a name of bytes", File{"a\xff.png", "", samples[".png"]}, fault.CodeValidation, "UTF-8"},
		{"dots", File{"..", "image/png", samples[".png"]}, fault.CodeValidation, "dots"},
		{"a space at the end", File{"a.png ", "", samples[".png"]}, fault.CodeValidation, "space"},
		{"a long name", File{strings.Repeat("x", 188) + ".png", "", samples[".png"]}, fault.CodeValidation, "191"},
		{"no content", File{"a.png", "", nil}, fault.CodeValidation, "empty"},
		{"26 MB", File{"a.pdf", "", append([]byte("%PDF-"), make([]byte, 26<<20)...)}, fault.CodeTooLarge, "25 MB"},
		{"a page", File{"a.html", "text/html", []byte("<html><script>alert(1)</script>")}, fault.CodeValidation, "no kind"},
		{"a page as an image", File{"a.png", "image/png", []byte("<html><script>alert(1)</script>")}, fault.CodeValidation, "no kind"},
		{"SVG", File{"a.svg", "image/svg+xml", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")}, fault.CodeValidation, "no kind"},
		{"a program", File{"a.pdf", "", []byte("MZ\x90\x00")}, fault.CodeValidation, "no kind"},
		{"an image as a document", File{"a.pdf", "", samples[".png"]}, fault.CodeValidation, "the file is a PNG image, but its name ends in .pdf"},
		{"another type", File{"a.png", "application/pdf", samples[".png"]}, fault.CodeValidation, "was sent as application/pdf"},
		{"an unreadable type", File{"a.png", "; =", samples[".png"]}, fault.CodeValidation, "media type"},
		{"nothing said", File{"a", "", samples[".png"]}, fault.CodeValidation, "endings"},
		{"an ending of another", File{"a.png.exe", "image/png", samples[".png"]}, fault.CodeValidation, ".exe"},
		{"half an image", File{"a.png", "", samples[".png"][:20]}, fault.CodeValidation, "not a whole image"},
		{"a plain archive", File{"a.docx", "", archive("a.txt", "x")}, fault.CodeValidation, "archive"},
		{"an archive that says what it is not", File{"a.pdf", "", archive("mimetype", "application/pdf")}, fault.CodeValidation, "archive"},
		{"a template", File{"a.docx", "", office(openXML + "wordprocessingml.template")}, fault.CodeValidation, "archive"},
		{"half an archive", File{"a.docx", "", samples[".docx"][:60]}, fault.CodeValidation, "damaged"},
		{"macros", File{"a.docx", "", office(word, "word/vbaProject.bin", "x")}, fault.CodeValidation, "macros"},
		{"a password", File{"a.docx", "", encrypted}, fault.CodeValidation, "password"},
		{"too many parts", File{"a.docx", "", archive(many...)}, fault.CodeValidation, "parts"},
		{"the test virus", File{"a.pdf", "", append([]byte("%PDF-"), eicar...)}, fault.CodeValidation, "EICAR"},
		{"the test virus alone", File{"eicar.com", "", eicar}, fault.CodeValidation, "EICAR"},
		{"the test virus in a part", File{"a.docx", "", office(word, "word/a.bin", string(eicar))}, fault.CodeValidation, "EICAR"},
	} {
		_, err := Check(c.file, "/there")
		if f, ok := err.(*fault.Error); !ok || f.Code != c.code || !strings.Contains(f.Message, c.why) || f.Pointer != "/there" { //nolint:errorlint // as it comes
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// A part that would fill the memory is read to its bound.
func TestBombs(t *testing.T) {
	bomb := office(word, "a", strings.Repeat("\x00", 80<<20))
	if len(bomb) > MaxSize {
		t.Fatal("the bomb is too large to be one")
	}
	if _, err := Check(File{"a.docx", "", bomb}, ""); err != nil {
		t.Fatal(err)
	}
}

func TestNames(t *testing.T) {
	for _, c := range [][3]string{{"a", "image/png", "a.png"}, {"a.png", "image/png", "a.png"}, {"a.JPEG", "image/jpeg", "a.JPEG"}, {"a", "", "a"}} {
		if got := NameOf(c[0], c[1]); got != c[2] {
			t.Errorf("%v: %s", c, got)
		}
	}
	if Inline("image/svg+xml") || Inline(word) || !Inline("image/png") || !Inline("application/pdf") {
		t.Error("what may be shown in place is wrong")
	}
}

// Whatever comes is judged, and what is taken is a kind that its name fits.
func FuzzCheck(f *testing.F) {
	for ext, content := range samples {
		f.Add("a"+ext, "", content)
		f.Add("a"+ext, "application/zip", content[:len(content)/2])
	}
	broken := bytes.Clone(samples[".odt"])
	binary.LittleEndian.PutUint32(broken[len(broken)-10:], 0xffffffff)
	f.Add("a.odt", "", broken)
	f.Add("../a.pdf", "image/jpg", eicar)
	f.Fuzz(func(t *testing.T, name, declared string, content []byte) {
		k, err := Check(File{name, declared, content}, "/file")
		if err == nil && (k.Media == "" || strings.ContainsAny(name, "/\\\x00\n") || bytes.Contains(content, eicar) || extension(name) != "" && !k.has(extension(name))) {
			t.Errorf("%q sent as %q is taken as %q", name, declared, k.Media)
		}
		if f, ok := err.(*fault.Error); err != nil && (!ok || f.Code == fault.CodeInternal) { //nolint:errorlint // as it comes
			t.Errorf("%q: %v", name, err)
		}
	})
}
