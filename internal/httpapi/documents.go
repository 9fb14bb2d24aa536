package httpapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/asset"
	"github.com/plumbline-dev/plumbline/internal/event"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
	"github.com/plumbline-dev/plumbline/internal/upload"
)

// wireDocument is the contract's document of a device (section 2.7).
type wireDocument struct {
	ID          int64          `json:"id"`
	Type        string         `json:"type" enum:"PASSWORD_MANAGER_EVIDENCE,AUTO_UPDATES_EVIDENCE,HARD_DRIVE_ENCRYPTION_EVIDENCE,ANTIVIRUS_EVIDENCE,LOCK_SCREEN_EVIDENCE"`
	Name        string         `json:"name" doc:"The name of the file."`
	FileURL     *string        `json:"fileUrl" doc:"null: a file has no lasting address. Ask for downloadUrl."`
	CreatedAt   wireTime       `json:"createdAt"`
	UpdatedAt   wireTime       `json:"updatedAt"`
	DownloadURL *wireSignedURL `json:"downloadUrl,omitempty" doc:"With expand[]=downloadUrl."`

	DeviceID    *int64    `json:"deviceId" doc:"null: the document is of the personnel record."`
	PersonnelID int64     `json:"personnelId"`
	MediaType   string    `json:"mediaType" doc:"What the content is, whatever it was said to be."`
	Size        int64     `json:"size" doc:"In bytes."`
	SHA256      string    `json:"sha256"`
	Inline      bool      `json:"inline" doc:"It can be shown in place: an image or a PDF document."`
	ExpiresAt   wireTime  `json:"expiresAt" doc:"From then on it proves nothing any more."`
	State       string    `json:"state" enum:"VALID,EXPIRES_SOON,EXPIRED" doc:"EXPIRES_SOON: within 30 days."`
	CreatedByID *int64    `json:"createdById" doc:"The person who sent it; null when a key did."`
	CreatedBy   *wireUser `json:"createdBy,omitempty" doc:"With expand[]=createdBy, when a person sent it."`
}

// wireSignedURL is an address that needs no sign-in.
type wireSignedURL struct {
	SignedURL  string     `json:"signedUrl" doc:"Good for five minutes, for this document alone, without key or sign-in. With &disposition=inline it is shown instead of saved, if it is an image or a PDF document. Pages of this server use its path and query."`
	FileBuffer wireBuffer `json:"fileBuffer" doc:"The contract's; always null."`
	FileName   *string    `json:"fileName"`
}

// wireBuffer is always null: contents are downloaded, not sent within JSON.
type wireBuffer struct{}

// MarshalJSON implements json.Marshaler.
func (wireBuffer) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// Schema implements huma.SchemaProvider.
func (wireBuffer) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Nullable: true}
}

type wireDocuments struct {
	Documents []wireDocument `json:"documents"`
}

var documentParts = []string{"downloadUrl", "createdBy"}

func documentView(d asset.Document, now time.Time) wireDocument {
	return wireDocument{ID: d.ID, Type: string(d.Type), Name: d.Name, CreatedAt: wireTime(d.CreatedAt), UpdatedAt: wireTime(d.CreatedAt), DeviceID: orNull(d.DeviceID),
		PersonnelID: d.PersonID, MediaType: d.Media, Size: d.Size, SHA256: hex.EncodeToString(d.Hash), Inline: upload.Inline(d.Media), ExpiresAt: wireTime(d.ExpiresAt()), State: string(d.State(now)), CreatedByID: orNull(d.CreatedBy)}
}

// plainDocuments are documents as a part of something else: without links.
func plainDocuments(list []asset.Document, now time.Time) *[]wireDocument {
	out := make([]wireDocument, len(list))
	for i, d := range list {
		out[i] = documentView(d, now)
	}
	return &out
}

func (a *api) documentViews(c *call, list ...asset.Document) ([]wireDocument, error) {
	by, err := people(a, c, "createdBy", list, func(d asset.Document) int64 { return d.CreatedBy })
	if err != nil {
		return nil, err
	}
	out := make([]wireDocument, len(list))
	for i, d := range list {
		out[i] = documentView(d, a.Now())
		out[i].CreatedBy = by[d.CreatedBy]
		if c.expands("downloadUrl") {
			if out[i].DownloadURL, err = a.signedURL(c, d); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// signedURL is a link to a document for the caller.
func (a *api) signedURL(c *call, d asset.Document) (*wireSignedURL, error) {
	k, err := a.Links.To(d, c.actor())
	if err != nil {
		return nil, err
	}
	q := url.Values{"expires": {strconv.FormatInt(k.Expires, 10)}, "signature": {k.Signature}}
	for name, id := range map[string]int64{"user": k.UserID, "key": k.KeyID} {
		if id != 0 {
			q.Set(name, strconv.FormatInt(id, 10))
		}
	}
	base := strings.TrimSuffix(a.PublicURL, "/")
	if base == "" {
		base = "http://" + c.r.Host
		if a.safe(c.r) {
			base = "https://" + c.r.Host
		}
	}
	name := upload.NameOf(d.Name, d.Media)
	path := v2 + "/devices/" + strconv.FormatInt(k.HolderID, 10) + "/documents/" + strconv.FormatInt(k.DocumentID, 10) + "/content"
	return &wireSignedURL{SignedURL: base + path + "?" + q.Encode(), FileName: &name}, nil
}

func (a *api) listDocuments(c *call) (answer, error) {
	id, err := c.number("deviceId")
	if err != nil {
		return answer{}, err
	}
	kind := asset.DocumentType("")
	if text := c.query("type"); text != "" {
		if kind, err = asset.ParseDocumentType(text); err != nil {
			return answer{}, err
		}
	}
	list, err := a.People.Documents(c.ctx(), id, kind)
	if err != nil {
		return answer{}, err
	}
	views, err := a.documentViews(c, list...)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireDocuments{views})
}

func (a *api) oneDocument(c *call, status int, d asset.Document) (answer, error) {
	views, err := a.documentViews(c, d)
	if err != nil {
		return answer{}, err
	}
	return reply(status, views[0])
}

func (a *api) getDocument(c *call) (answer, error) {
	holder, id, err := c.numbers("deviceId", "documentId")
	if err != nil {
		return answer{}, err
	}
	d, err := a.People.Document(c.ctx(), holder, id)
	if err != nil {
		return answer{}, err
	}
	return a.oneDocument(c, http.StatusOK, d)
}

func (a *api) deleteDocument(c *call) (answer, error) {
	holder, id, err := c.numbers("deviceId", "documentId")
	if err != nil {
		return answer{}, err
	}
	if err := a.People.DeleteDocument(c.ctx(), c.actor(), holder, id); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK}, nil
}

// documentUpload is a document that is sent.
type documentUpload struct {
	_          struct{} `additionalProperties:"true"`
	Type       string   `json:"type" enum:"PASSWORD_MANAGER_EVIDENCE,AUTO_UPDATES_EVIDENCE,HARD_DRIVE_ENCRYPTION_EVIDENCE,ANTIVIRUS_EVIDENCE,LOCK_SCREEN_EVIDENCE" doc:"What it proves."`
	File       string   `json:"file,omitempty" format:"binary" doc:"The file, in a form only: .pdf .png .jpg .jpeg .gif .docx .xlsx .pptx .doc .odt .ods .odp, 25 MB at most."`
	Base64File string   `json:"base64File,omitempty" doc:"The file in place of file: the text of a JSON object with base64String, such as data:image/jpeg;base64,…, and filename."`
}

func (a *api) createDocument(c *call) (answer, error) {
	holder, err := c.number("deviceId")
	if err != nil {
		return answer{}, err
	}
	sent, err := c.sentFile()
	if err != nil {
		return answer{}, err
	}
	kind, err := asset.ParseDocumentType(sent.kind)
	if err != nil {
		return answer{}, err
	}
	if sent.pointer == "" {
		return answer{}, fault.New(fault.CodeValidation, "there is no file: send it as `file` in a form (multipart/form-data), or as `base64File`").At("/file")
	}
	d, err := a.People.AddDocument(c.ctx(), c.actor(), holder, kind, sent.File, sent.pointer)
	if err != nil {
		return answer{}, err
	}
	return a.oneDocument(c, http.StatusCreated, d)
}

// downloadDocument serves the content to whoever has a link.
func (a *api) downloadDocument(c *call) (answer, error) {
	k, err := c.link()
	if err != nil {
		return answer{}, err
	}
	inline, err := c.choice("disposition", "attachment", "inline")
	if err != nil {
		return answer{}, err
	}
	if err := a.Links.Prove(k); err != nil {
		return answer{}, err
	}
	d, err := a.People.Document(c.ctx(), k.HolderID, k.DocumentID)
	if err != nil {
		return answer{}, err
	}
	name := upload.NameOf(d.Name, d.Media)
	ans := answer{status: http.StatusOK, media: d.Media}
	disposition := "attachment"
	if inline == "inline" {
		if !upload.Inline(d.Media) {
			return answer{}, fault.New(fault.CodeValidation, "`disposition` can be inline for images and PDF documents only; this is %s", d.Media)
		}
		disposition = "inline"
	}
	ans.set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name}))
	ans.set("Content-Length", strconv.FormatInt(d.Size, 10))
	ans.set("Content-Security-Policy", contentPolicy(d.Media))
	ans.set("Cross-Origin-Resource-Policy", "same-origin")
	by := event.Actor{Source: event.SourceAPI, UserID: k.UserID, KeyID: k.KeyID, Request: c.r.Method + " " + c.r.URL.Path}
	if c.r.Method == http.MethodHead {
		ans.stream = func(context.Context, io.Writer) error { return nil }
		return ans, nil
	}
	content, err := a.People.Download(c.ctx(), by, d)
	ans.stream = func(ctx context.Context, w io.Writer) error {
		return content(ctx, func(piece []byte) error {
			_, err := w.Write(piece)
			return err
		})
	}
	return ans, err
}

// contentPolicy lets nothing in a file run or load. The PDF viewers of browsers
// do not start in a sandbox; they have one of their own.
func contentPolicy(media string) string {
	const nothing = "default-src 'none'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
	if media == "application/pdf" {
		return nothing + "; object-src 'self'; style-src 'unsafe-inline'"
	}
	return nothing + "; sandbox"
}

func (a *api) deleteDocumentV1(c *call) (answer, error) {
	id, err := c.number("documentId")
	if err != nil {
		return answer{}, err
	}
	if err := a.People.DeleteDocument(c.ctx(), c.actor(), 0, id); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK}, nil
}

func (a *api) downloadDocumentV1(c *call) (answer, error) {
	id, err := c.number("documentId")
	if err != nil {
		return answer{}, err
	}
	d, err := a.People.Document(c.ctx(), 0, id)
	if err != nil {
		return answer{}, err
	}
	link, err := a.signedURL(c, d)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, link)
}

// onlyBelow serves what is below a word that stands at a place of the path, and
// nothing else.
func (a *api) onlyBelow(place, word string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue(place) != word {
			a.noEndpoint(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// link reads the link that a request came by.
func (c *call) link() (k asset.Link, err error) {
	if k.HolderID, k.DocumentID, err = c.numbers("deviceId", "documentId"); err != nil {
		return k, err
	}
	k.Signature = c.query("signature")
	for name, into := range map[string]*int64{"expires": &k.Expires, "user": &k.UserID, "key": &k.KeyID} {
		// A text that is no number makes a link that nobody signed.
		*into, _ = strconv.ParseInt(c.query(name), 10, 64)
	}
	return k, nil
}

// sentFile is a file with what it is sent as.
type sentFile struct {
	upload.File

	kind string
	// pointer names the property that brought the file, empty without one.
	pointer string
}

func (s *sentFile) take(pointer string, f upload.File) error {
	if s.pointer != "" {
		return fault.New(fault.CodeValidation, "there are two files: send one of `file` and `base64File`, once").At(pointer)
	}
	s.pointer, s.File = pointer, f
	return nil
}

// sentFile reads a file out of a form or of JSON.
func (c *call) sentFile() (sentFile, error) {
	media, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err == nil && media == multipartForm {
		return fileOfForm(c.body, params["boundary"])
	}
	body, err := decode[struct {
		Type       string `json:"type"`
		File       any    `json:"file"`
		Base64File any    `json:"base64File"`
	}](c)
	if err != nil {
		return sentFile{}, err
	}
	out := sentFile{kind: body.Type}
	if body.File != nil {
		return out, fault.New(fault.CodeValidation, "`file` comes in a form (multipart/form-data); in JSON the file is `base64File`").At("/file")
	}
	switch v := body.Base64File.(type) {
	case nil:
	case string:
		err = out.takeBase64([]byte(v))
	default:
		text, encodeErr := encode(v)
		if encodeErr != nil {
			return out, encodeErr
		}
		err = out.takeBase64(text)
	}
	return out, err
}

// formParts is how many parts a form with a file has.
const formParts = 20

func fileOfForm(body []byte, boundary string) (sentFile, error) {
	var out sentFile
	typed := false
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for n := 0; ; n++ {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil || n == formParts {
			return out, fault.New(fault.CodeValidation, "the body is not a whole form of at most %d parts, although `Content-Type` says so", formParts)
		}
		name := part.FormName()
		content, err := io.ReadAll(part)
		if err != nil {
			return out, fault.New(fault.CodeValidation, "`%s` is not whole", cutText(strings.ToValidUTF8(name, ""), 80))
		}
		switch name {
		case "type":
			if typed {
				return out, fault.New(fault.CodeValidation, "`type` comes twice").At("/type")
			}
			typed = true
			out.kind = strings.ToValidUTF8(cutText(string(content), 100), "?")
		case "file":
			// FileName would take a path off the name, which is refused instead.
			_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
			if err != nil {
				return out, fault.New(fault.CodeValidation, "the name of the file cannot be read").At("/file")
			}
			if err := out.take("/file", upload.File{Name: params["filename"], Declared: part.Header.Get("Content-Type"), Content: content}); err != nil {
				return out, err
			}
		case "base64File":
			if err := out.takeBase64(content); err != nil {
				return out, err
			}
		}
	}
}

// takeBase64 reads the text of a base64File.
func (s *sentFile) takeBase64(text []byte) error {
	const at = "/base64File"
	refuse := func(why string) error {
		return fault.New(fault.CodeValidation, "`base64File` %s", why).At(at)
	}
	var v struct {
		Base64String *string `json:"base64String"`
		Filename     *string `json:"filename"`
	}
	if err := strictjson.Decode(text, &v); err != nil {
		return refuse("must be the text of a JSON object with `base64String` and `filename`")
	}
	if v.Base64String == nil || v.Filename == nil {
		return refuse("must have `base64String` and `filename`")
	}
	data, declared := *v.Base64String, ""
	if head, ok := strings.CutPrefix(data, "data:"); ok {
		kind, rest, found := strings.Cut(head, ",")
		media, encoded := strings.CutSuffix(kind, ";base64")
		if !found || !encoded {
			return refuse("has a `base64String` that is no data URI: it must begin with data:, a media type and ;base64, such as data:image/jpeg;base64,")
		}
		data, declared = rest, media
	}
	if base64.StdEncoding.DecodedLen(len(data)) > upload.MaxSize+4 {
		return upload.TooLarge().At(at)
	}
	content, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return refuse("has a `base64String` that is not base64 (RFC 4648, section 4)")
	}
	return s.take(at, upload.File{Name: *v.Filename, Declared: declared, Content: content})
}
