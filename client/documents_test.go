package client

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
)

func TestDocuments(t *testing.T) {
	s, c := newScript(t, answer(200, `{"documents":[{"id":3,"name":"disk.png","size":9}]}`), answer(201, `{"id":3}`), answer(200, `{"id":3}`),
		answer(200, `{"id":3,"downloadUrl":{"signedUrl":"https://elsewhere.test/base/public/v2/devices/6/documents/3/content?expires=1&signature=s"}}`), answer(200, "content"), answer(200, ``))
	all, err := c.Documents(t.Context(), 6, "ANTIVIRUS_EVIDENCE")
	if err != nil || len(all) != 1 || all[0].Name != "disk.png" {
		t.Errorf("%+v, %v", all, err)
	}
	if d, err := c.AddDocument(t.Context(), 6, NewDocument{Type: "ANTIVIRUS_EVIDENCE", Name: "a \"b\".png", Content: []byte("\x89PNG")}); err != nil || d.ID != 3 {
		t.Errorf("%+v, %v", d, err)
	}
	sent := s.asked[1]
	media, params, err := mime.ParseMediaType(sent.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" || sent.Header.Get("Idempotency-Key") == "" {
		t.Fatal(sent.Header, err)
	}
	form, err := multipart.NewReader(strings.NewReader(s.bodies[1]), params["boundary"]).ReadForm(1 << 20)
	if err != nil || form.Value["type"][0] != "ANTIVIRUS_EVIDENCE" || form.File["file"][0].Filename != `a "b".png` {
		t.Fatalf("%+v, %v", form, err)
	}
	f, err := form.File["file"][0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(f); err != nil || string(content) != "\x89PNG" {
		t.Errorf("%q, %v", content, err)
	}
	s.bodies[1] = ""
	if d, err := c.Document(t.Context(), 6, 3); err != nil || d.ID != 3 {
		t.Errorf("%+v, %v", d, err)
	}
	var out bytes.Buffer
	if err := c.DownloadDocument(t.Context(), 6, 3, &out); err != nil || out.String() != "content" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if err := c.DeleteDocument(t.Context(), 6, 3); err != nil {
		t.Error(err)
	}
	const at = "/devices/6/documents"
	s.wants([3]string{"GET", at + "?type=ANTIVIRUS_EVIDENCE"}, [3]string{"POST", at}, [3]string{"GET", at + "/3"}, [3]string{"GET", at + "/3?expand%5B%5D=downloadUrl"},
		[3]string{"GET", at + "/3/content?expires=1&signature=s"}, [3]string{"DELETE", at + "/3"})
	if s.asked[4].URL.Host != "plumbline.test" {
		t.Error(s.asked[4].URL)
	}
}

func TestLinkToElsewhere(t *testing.T) {
	for _, link := range []string{"", "::", "https://elsewhere.test/public/v2/devices/6/documents/4/content?signature=s"} {
		_, c := newScript(t, answer(200, `{"id":3,"downloadUrl":{"signedUrl":"`+link+`"}}`))
		if err := c.DownloadDocument(t.Context(), 6, 3, io.Discard); err == nil {
			t.Errorf("%q was followed", link)
		}
	}
}

func TestConnections(t *testing.T) {
	s, c := newScript(t, answer(200, `{"data":[{"id":1,"clientAlias":"HR","health":"STALE","recordCount":4}],"pagination":{"cursor":null}}`))
	for conn, err := range c.Connections(t.Context(), ConnectionFilter{Text: "h", WorkspaceID: 1, ProviderType: "HRIS", DataStatus: "STALE"}, List{}) {
		if err != nil || conn.Name != "HR" || *conn.Health != "STALE" || conn.RecordCount != 4 {
			t.Errorf("%+v, %v", conn, err)
		}
	}
	s.wants([3]string{"GET", "/custom-connections?dataStatus=STALE&expand%5B%5D=customResources&providerType=HRIS&q=h&size=500&workspaceId=1"})
}
