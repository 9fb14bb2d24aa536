package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// MaxDocumentBytes is how large a document may be.
const MaxDocumentBytes = 25 << 20

// Document is a file that proves a protection of a device, or of somebody without
// one.
type Document struct {
	ID int64 `json:"id"`
	// Type is PASSWORD_MANAGER_EVIDENCE, AUTO_UPDATES_EVIDENCE,
	// HARD_DRIVE_ENCRYPTION_EVIDENCE, ANTIVIRUS_EVIDENCE or LOCK_SCREEN_EVIDENCE.
	Type string `json:"type"`
	// Name is that of the file.
	Name      string `json:"name"`
	MediaType string `json:"mediaType"`
	// Size is in bytes.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// DeviceID is nil for a document of the person alone.
	DeviceID    *int64 `json:"deviceId"`
	PersonnelID int64  `json:"personnelId"`
	// ExpiresAt is from when on it proves nothing any more.
	ExpiresAt time.Time `json:"expiresAt"`
	CreatedAt time.Time `json:"createdAt"`
}

// NewDocument is a document to be added; Type is as of [Document].
type NewDocument struct {
	Type, Name string
	Content    []byte
}

// Documents are those of a device or of a person, by number: the two never share
// one. A type, if it is not empty, narrows them.
func (c *Client) Documents(ctx context.Context, holderID int64, kind string) ([]Document, error) {
	q := url.Values{}
	set(q, "type", kind)
	var out struct {
		Documents []Document `json:"documents"`
	}
	return out.Documents, c.get(ctx, path("devices", holderID, "documents"), q, &out)
}

// AddDocument adds a document to a device or a person.
func (c *Client) AddDocument(ctx context.Context, holderID int64, n NewDocument) (Document, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("type", n.Type)
	var part io.Writer
	if err == nil {
		part, err = form.CreateFormFile("file", n.Name)
	}
	if err == nil {
		_, err = part.Write(n.Content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return Document{}, err
	}
	var out Document
	_, err = c.send(ctx, request{method: http.MethodPost, path: path("devices", holderID, "documents"), body: body.Bytes(),
		header: http.Header{"Content-Type": {form.FormDataContentType()}}}, &out)
	return out, err
}

// Document reads what is known of one.
func (c *Client) Document(ctx context.Context, holderID, id int64) (Document, error) {
	var out Document
	return out, c.get(ctx, path("devices", holderID, "documents", id), nil, &out)
}

// DownloadDocument writes the content of a document to w.
func (c *Client) DownloadDocument(ctx context.Context, holderID, id int64, w io.Writer) error {
	var out struct {
		Link struct {
			URL string `json:"signedUrl"`
		} `json:"downloadUrl"`
	}
	at := path("devices", holderID, "documents", id)
	if err := c.get(ctx, at, url.Values{"expand[]": {"downloadUrl"}}, &out); err != nil {
		return err
	}
	// The server may call itself by another address than the one that leads here.
	link, err := url.Parse(out.Link.URL)
	if err != nil || !strings.HasSuffix(link.Path, prefix+at+"/content") {
		return fmt.Errorf("the server's link to document %d is not what this client understands", id)
	}
	return c.download(ctx, request{method: http.MethodGet, path: at + "/content", query: link.Query(), file: true}, w)
}

// DeleteDocument deletes a document; what it proved it proves no more.
func (c *Client) DeleteDocument(ctx context.Context, holderID, id int64) error {
	return c.delete(ctx, path("devices", holderID, "documents", id))
}
