package httpapi_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/access"
)

var (
	pngFile = func() string {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 3))); err != nil {
			panic(err)
		}
		return b.String()
	}()
	pdfFile = "%PDF-1.4\n" + strings.Repeat("% much text\n", 60_000) + "%%EOF"
	eicar   = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`
)

// fileForm is a form with a file, as a browser sends it.
func fileForm(kind, name, media, content string, more ...string) (string, option) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if kind != "" {
		_ = w.WriteField("type", kind)
	}
	for i := 0; i < len(more); i += 2 {
		_ = w.WriteField(more[i], more[i+1])
	}
	head := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name))}}
	if media != "" {
		head.Set("Content-Type", media)
	}
	part, _ := w.CreatePart(head)
	_, _ = part.Write([]byte(content))
	_ = w.Close()
	return b.String(), with("Content-Type", w.FormDataContentType())
}

// inBase64 is the JSON body with a file.
func inBase64(kind, name, media, content string) string {
	filename, _ := json.Marshal(name)
	inner := `{"base64String":"data:` + media + `;base64,` + base64.StdEncoding.EncodeToString([]byte(content)) + `","filename":` + string(filename) + `}`
	return `{"type":"` + kind + `","base64File":"` + strings.ReplaceAll(strings.ReplaceAll(inner, `\`, `\\`), `"`, `\"`) + `"}`
}

// laptop makes a person with a device of which nothing is reported, and tells the
// paths of both, under which documents are.
func (s *server) laptop(t testing.TB, email string) (device, person string) {
	t.Helper()
	id := s.staff(t, email)[0]
	made := s.call(t, "POST", s.mdm(t), fmt.Sprintf(`{"personnelId":%s,"platformName":"LINUX","platformVersion":"6","serialNumber":%q}`, id, email)).is(201)
	return "/devices/" + made.text("id"), "/devices/" + id
}

// follow asks for a signed link, without a key.
func (s *server) follow(t testing.TB, signed string, more ...string) got {
	t.Helper()
	u, err := url.Parse(signed)
	if err != nil || u.Scheme != "http" || u.Host != "example.com" && u.Host != "127.0.0.1:8080" {
		t.Fatalf("%s is no address of the server", signed)
	}
	return s.call(t, "GET", u.RequestURI()+strings.Join(more, ""), "", without("Authorization"))
}

func documentsCase(t *testing.T, s *server) {
	device, person := s.laptop(t, "paula@documents.example")
	at := device + "/documents"
	s.call(t, "GET", at, "").is(200).has(map[string]any{"documents": "[]"})
	body, form := fileForm("HARD_DRIVE_ENCRYPTION_EVIDENCE", "Größe „disk“.pdf", "application/pdf", pdfFile)
	first := s.call(t, "POST", at, body, form).is(201).
		has(map[string]any{"type": "HARD_DRIVE_ENCRYPTION_EVIDENCE", "name": "Größe „disk“.pdf", "fileUrl": nil, "mediaType": "application/pdf", "size": len(pdfFile), "inline": true,
			"deviceId": strings.TrimPrefix(device, "/devices/"), "personnelId": strings.TrimPrefix(person, "/devices/"), "createdById": nil, "downloadUrl": absent})
	second := s.call(t, "POST", at, inBase64("LOCK_SCREEN_EVIDENCE", "excellent-filename", "image/png", pngFile)).is(201).has(map[string]any{"name": "excellent-filename", "mediaType": "image/png"})
	s.call(t, "POST", at, strings.NewReplacer(`"{`, `{`, `}"`, `}`, `\"`, `"`).Replace(inBase64("LOCK_SCREEN_EVIDENCE", "again.png", "image/png", pngFile))).is(201)
	form64, contentType := formOf("type", "ANTIVIRUS_EVIDENCE", "base64File", `{"base64String":"`+base64.StdEncoding.EncodeToString([]byte(pngFile))+`","filename":"plain.png"}`)
	s.call(t, "POST", at, form64, contentType).is(201).has(map[string]any{"name": "plain.png"})
	s.call(t, "GET", at, "").is(200).has(map[string]any{"documents.0.name": "plain.png", "documents.3.id": first.at("id"), "documents.4": absent})
	s.call(t, "GET", at+"?type=LOCK_SCREEN_EVIDENCE", "").is(200).has(map[string]any{"documents.1.id": second.at("id"), "documents.2": absent})
	s.call(t, "GET", "/devices/0/documents/"+first.text("id"), "").refused(404, 40401, "")
	s.call(t, "DELETE", "/devices/0/documents/"+first.text("id"), "").refused(404, 40401, "")
	s.call(t, "GET", at+"?type=LOCK", "").refused(400, 40001, "LOCK_SCREEN_EVIDENCE")

	// What is downloaded is what was sent, piece by piece.
	one := at + "/" + first.text("id")
	link := s.call(t, "GET", one+"?expand[]=downloadUrl", "").is(200).has(map[string]any{"downloadUrl.fileBuffer": nil, "downloadUrl.fileName": "Größe „disk“.pdf"}).text("downloadUrl.signedUrl")
	file := s.follow(t, link).is(200)
	if string(file.body) != pdfFile || file.header.Get("Content-Length") != fmt.Sprint(len(pdfFile)) {
		t.Errorf("%d bytes of %d came back", len(file.body), len(pdfFile))
	}
	for name, want := range map[string]string{"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"} {
		if have := file.header.Get(name); have != want {
			t.Errorf("%s is %q", name, have)
		}
	}
	if d := file.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment;") {
		t.Errorf("it is sent as %s", d)
	}
	shown := s.call(t, "GET", at+"/"+second.text("id")+"?expand[]=downloadUrl", "").is(200)
	seen := s.follow(t, shown.text("downloadUrl.signedUrl"), "&disposition=inline").is(200)
	if d, p := seen.header.Get("Content-Disposition"), seen.header.Get("Content-Security-Policy"); d != "inline; filename=excellent-filename.png" || !strings.Contains(p, "sandbox") || string(seen.body) != pngFile {
		t.Errorf("it is shown as %s with %s", d, p)
	}

	// The same content is deleted with the last document that has it.
	s.call(t, "DELETE", at+"/"+second.text("id"), "").is(200)
	s.call(t, "DELETE", at+"/"+second.text("id"), "").refused(404, 40401, "")
	s.follow(t, shown.text("downloadUrl.signedUrl")).refused(404, 40401, "")
	again := s.call(t, "GET", at+"?type=LOCK_SCREEN_EVIDENCE&expand[]=downloadUrl", "").is(200)
	if g := s.follow(t, again.text("documents.0.downloadUrl.signedUrl")).is(200); string(g.body) != pngFile {
		t.Error("the content went with another document")
	}

	s.call(t, "GET", "/events?type=DEVICE_DOCUMENT_ADDED&sortDir=ASC&expand[]=metadata", "").is(200).
		has(map[string]any{"data.0.category": "DEVICE", "data.0.metadata.documentId": first.at("id"), "data.0.metadata.sha256": first.at("sha256")})
	s.call(t, "GET", "/events?type=DEVICE_DOCUMENT_DELETED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.metadata.documentId": second.at("id"), "data.0.metadata.name": "excellent-filename"})
	s.call(t, "GET", "/events?type=DEVICE_DOCUMENT_DOWNLOADED&expand[]=metadata&sortDir=ASC", "").is(200).has(map[string]any{"data.0.metadata.documentId": first.at("id"), "data.0.keyId": 1})

	// Documents are of one device, and go with it.
	s.call(t, "GET", person+"/documents/"+first.text("id"), "").refused(404, 40401, "")
	s.call(t, "DELETE", person+"/documents/"+first.text("id"), "").refused(404, 40401, "")
	connection := s.call(t, "GET", device, "").text("connectionId")
	s.call(t, "DELETE", "/custom-connections/"+connection+device, "").is(204)
	s.call(t, "GET", at, "").refused(404, 40401, "device or person")
	s.call(t, "GET", one, "").refused(404, 40401, "")
	s.follow(t, link).refused(404, 40401, "")
}

func personDocumentsCase(t *testing.T, s *server) {
	id := s.staff(t, "nora@documents.example")[0]
	at := "/devices/" + id + "/documents"
	body, form := fileForm("ANTIVIRUS_EVIDENCE", "antivirus.png", "image/png", pngFile)
	manager, manages := s.signedIn(t, everywhere(access.PersonnelManager))
	made := manager.ask(t, "POST", at+"?expand[]=createdBy", body, form).is(201).has(map[string]any{"deviceId": nil, "personnelId": spelt(id), "createdById": manages.ID, "createdBy.id": manages.ID})
	link := manager.ask(t, "GET", at+"?expand[]=downloadUrl", "").is(200).has(map[string]any{"documents.0.id": made.at("id")}).text("documents.0.downloadUrl.signedUrl")
	s.follow(t, link).is(200)
	s.call(t, "GET", "/events?category=PERSONNEL&type=DEVICE_DOCUMENT_DOWNLOADED&expand[]=metadata", "").is(200).has(map[string]any{"data.0.userId": manages.ID, "data.0.metadata.deviceId": absent})
	manager.ask(t, "DELETE", at+"/"+made.text("id"), "").is(200)
	s.call(t, "GET", at, "").is(200).has(map[string]any{"documents": "[]"})
	s.call(t, "GET", "/devices/999999/documents", "").refused(404, 40401, "999999")
	s.call(t, "GET", "/devices/x/documents", "").refused(400, 40001, "deviceId")
	s.call(t, "POST", "/devices/999999/documents", body, form).refused(404, 40401, "999999")

	auditor, _ := s.signedIn(t, everywhere(access.Auditor))
	auditor.ask(t, "GET", at, "").is(200)
	auditor.ask(t, "POST", at, body, form).refused(403, 40301, "")
	for scope, method := range map[access.Scope]string{access.DevicesGet: "GET", access.DocumentsGet: "POST", access.DocumentsPost: "GET"} {
		s.call(t, method, at, body, form, as(s.newKey(scope))).refused(403, 40301, "")
	}
	s.call(t, "DELETE", at+"/1", "", as(s.newKey(access.DocumentsGetOne, access.DocumentsGet))).refused(403, 40301, "devices-delete-document")
}

func documentRefusals(t *testing.T, s *server) {
	at := "/devices/" + s.staff(t, "rita@documents.example")[0] + "/documents"
	const kind = "LOCK_SCREEN_EVIDENCE"
	var bad bytes.Buffer
	w := zip.NewWriter(&bad)
	part, _ := w.Create("word/virus.com")
	_, _ = part.Write([]byte(eicar))
	_ = w.Close()
	for _, c := range []struct{ kind, name, media, content, why, pointer string }{
		{"", "a.png", "image/png", pngFile, "`type` is required", "/type"},
		{"SELFIE", "a.png", "image/png", pngFile, "SELFIE", "/type"},
		{"LOCK\xff", "a.png", "image/png", pngFile, "LOCK", "/type"},
		{kind, "a.png", "image/png", "", "empty", "/file"},
		{kind, "", "image/png", pngFile, "missing", "/file"},
		{kind, "../../etc/passwd.png", "image/png", pngFile, "path", "/file"},
		{kind, `C:\Users\me\a.png`, "image/png", pngFile, "path", "/file"},
		{kind, "a\tb.png", "image/png", pngFile, "cannot be seen", "/file"},
		{kind, strings.Repeat("n", 192) + ".png", "image/png", pngFile, "191", "/file"},
		{kind, "a.svg", "image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>", "no kind", "/file"},
		{kind, "a.html", "text/html", "<html>", "no kind", "/file"},
		{kind, "a.png", "image/png", "<html>", "no kind", "/file"},
		{kind, "a.pdf", "application/pdf", pngFile, "PNG", "/file"},
		{kind, "a.png", "application/pdf", pngFile, "sent as", "/file"},
		{kind, "a.com", "", eicar, "EICAR", "/file"},
		{kind, "a.pdf", "application/pdf", pdfFile + eicar, "EICAR", "/file"},
		{kind, "a.docx", "", bad.String(), "EICAR", "/file"},
	} {
		body, form := fileForm(c.kind, c.name, c.media, c.content)
		s.call(t, "POST", at, body, form).refused(400, 40001, c.why).has(map[string]any{"pointer": c.pointer})
	}
	large := tooLarge()
	s.call(t, "POST", at, large.form, formType(large.form)).refused(413, 41301, "25 MB").has(map[string]any{"pointer": "/file"})
	s.call(t, "POST", at, large.base64).refused(413, 41301, "25 MB").has(map[string]any{"pointer": "/base64File"})
	s.call(t, "POST", at, large.longerBase64).refused(413, 41301, "25 MB")
	s.call(t, "POST", at, large.longerForm, formType(large.longerForm)).refused(413, 41301, "25 MB")
	s.call(t, "POST", at, large.longerForm, formType(large.longerForm), func(r *http.Request) { r.ContentLength = -1 }).refused(413, 41301, "25 MB")
	// Other routes keep their limit.
	s.call(t, "POST", "/assets", `{"name":"`+strings.Repeat("x", 6<<20)+`"}`).refused(413, 41301, "")

	both, contentType := fileForm(kind, "a.png", "", pngFile, "base64File", `{"base64String":"aGk=","filename":"a.png"}`)
	s.call(t, "POST", at, both, contentType).refused(400, 40001, "two files")
	twice, contentType := fileForm(kind, "a.png", "", pngFile, "type", kind)
	s.call(t, "POST", at, twice, contentType).refused(400, 40001, "twice")
	none, contentType := formOf("type", kind)
	s.call(t, "POST", at, none, contentType).refused(400, 40001, "there is no file").has(map[string]any{"pointer": "/file"})
	cut, contentType := fileForm(kind, "a.png", "", pngFile)
	s.call(t, "POST", at, cut[:len(cut)-30], contentType).refused(400, 40001, "not whole")
	s.call(t, "POST", at, "--x\r\nbroken", with("Content-Type", "multipart/form-data; boundary=x")).refused(400, 40001, "not a whole form")
	s.call(t, "POST", at, cut, with("Content-Type", "multipart/form-data")).refused(400, 40001, "")
	s.call(t, "POST", at, pngFile, with("Content-Type", "image/png")).refused(400, 40009, "multipart/form-data")
	for body, why := range map[string]string{`{"type":"` + kind + `"}`: "there is no file", `{"type":7}`: "", `{`: "", `{"type":"` + kind + `","file":"x"}`: "multipart",
		`{"type":"` + kind + `","base64File":7}`: "base64String", `{"type":"` + kind + `","base64File":"{}"}`: "base64String", `{"type":"` + kind + `","base64File":"not JSON"}`: "JSON object",
		`{"type":"` + kind + `","base64File":{"base64String":"data:image/png,hi","filename":"a.png"}}`: "data URI", `{"type":"` + kind + `","base64File":{"base64String":"data:image/png;base64,???","filename":"a.png"}}`: "not base64",
		`{"type":"` + kind + `","base64File":{"base64String":"","filename":"a.png"}}`: "empty"} {
		if g := s.call(t, "POST", at, body); g.status != 400 || !strings.Contains(string(g.body), why) {
			t.Errorf("%s: %d %s", body, g.status, g.body)
		}
	}
	s.call(t, "GET", at, "").is(200).has(map[string]any{"documents": "[]"})
}

// tooLarge are bodies with a file that is over the limit by a little, and ones that are
// so themselves. To make them takes longer than to refuse them.
var tooLarge = sync.OnceValue(func() (b struct{ form, longerForm, base64, longerBase64 string }) {
	const kind, media = "LOCK_SCREEN_EVIDENCE", "application/pdf"
	large := pdfFile + strings.Repeat("x", 26<<20-len(pdfFile))
	b.form, _ = fileForm(kind, "large.pdf", media, large)
	b.longerForm, _ = fileForm(kind, "larger.pdf", media, strings.Repeat("x", 40<<20))
	b.base64 = inBase64(kind, "large.pdf", media, large[:25<<20+5])
	b.longerBase64 = inBase64(kind, "larger.pdf", media, large)
	return b
})

func documentLinks(t *testing.T, s *server) {
	device, person := s.laptop(t, "lena@documents.example")
	body, form := fileForm("ANTIVIRUS_EVIDENCE", "a.png", "", pngFile)
	s.call(t, "POST", device+"/documents", body, form).is(201)
	other := s.call(t, "POST", person+"/documents", body, form).is(201)
	link := s.call(t, "GET", device+"/documents?expand[]=downloadUrl", "").is(200).text("documents.0.downloadUrl.signedUrl")
	s.follow(t, link).is(200)
	if w := s.call(t, "HEAD", strings.TrimPrefix(link, "http://example.com"), "", without("Authorization")); w.status != 200 || len(w.body) > 0 || w.header.Get("Content-Length") != fmt.Sprint(len(pngFile)) {
		t.Errorf("HEAD: %d %v", w.status, w.header)
	}
	u, _ := url.Parse(link)
	change := func(name, value string) string {
		q := u.Query()
		q.Set(name, value)
		return u.Path + "?" + q.Encode()
	}
	for _, path := range []string{change("expires", "99999999999"), change("signature", ""), change("signature", "zz"), change("signature", strings.Repeat("0", 64)), change("user", "1"), change("key", "777"), u.Path,
		"/public/v2" + person + "/documents/" + other.text("id") + "/content?" + u.RawQuery} {
		s.call(t, "GET", path, "", without("Authorization")).refused(403, 40301, "not a link")
		s.call(t, "GET", path, "").refused(403, 40301, "not a link")
	}
	s.follow(t, link, "&disposition=open").refused(400, 40001, "disposition")
	s.clock.advance(5 * time.Minute)
	s.follow(t, link).refused(403, 40301, "five minutes")

	b, _ := fileForm("ANTIVIRUS_EVIDENCE", "a.odt", "", odt())
	made := s.call(t, "POST", device+"/documents", b, formType(b)).is(201)
	text := s.call(t, "GET", device+"/documents/"+made.text("id")+"?expand[]=downloadUrl", "").is(200).text("downloadUrl.signedUrl")
	s.follow(t, text, "&disposition=inline").refused(400, 40001, "images and PDF")
	s.follow(t, text).is(200)
}

func odt() string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	part, _ := w.Create("mimetype")
	_, _ = part.Write([]byte("application/vnd.oasis.opendocument.text"))
	_ = w.Close()
	return b.String()
}

// formType is the content type of a form, whose boundary is its first line.
func formType(body string) option {
	first, _, _ := strings.Cut(body, "\r\n")
	return with("Content-Type", "multipart/form-data; boundary="+strings.TrimPrefix(first, "--"))
}

var proofTypes = []string{"PASSWORD_MANAGER_EVIDENCE", "HARD_DRIVE_ENCRYPTION_EVIDENCE", "ANTIVIRUS_EVIDENCE", "AUTO_UPDATES_EVIDENCE", "LOCK_SCREEN_EVIDENCE"}

func (s *server) prove(t testing.TB, holder string, types ...string) (last got) {
	t.Helper()
	for _, kind := range types {
		body, form := fileForm(kind, "proof.png", "image/png", pngFile)
		last = s.call(t, "POST", holder+"/documents", body, form).is(201)
	}
	return last
}

func proofCase(t *testing.T, s *server) {
	device, person := s.laptop(t, "prue@documents.example")
	who := strings.Replace(person, "/devices", "/personnel", 1) + "?expand[]=complianceChecks"
	stands := func(want map[string]any) { s.call(t, "GET", who, "").is(200).has(want) }
	checks := func(want map[string]any) got {
		return s.call(t, "GET", device+"?expand[]=complianceChecks&expand[]=documents", "").is(200).has(want)
	}
	// Documents of the personnel record prove nothing of a device.
	s.prove(t, person, proofTypes...)
	checks(map[string]any{"isDeviceCompliant": false, "complianceChecks.0.status": "MISCONFIGURED", "documents": "[]"})
	stands(map[string]any{"complianceChecks.0.status": "MISCONFIGURED", "complianceChecks.1.status": "PASS"})
	s.prove(t, device, proofTypes[1:]...)
	checks(map[string]any{"isDeviceCompliant": false, "complianceChecks.0.status": "MISCONFIGURED", "complianceChecks.1.status": "PASS", "complianceChecks.1.checkFrequency": "YEARLY"})
	proof := s.prove(t, device, proofTypes[0])
	shown := checks(map[string]any{"isDeviceCompliant": true, "complianceChecks.0.type": "PASSWORD_MANAGER", "complianceChecks.0.status": "PASS", "complianceChecks.0.documentId": proof.at("id"),
		"complianceChecks.0.expiresAt": proof.at("expiresAt"), "complianceChecks.0.completionDate": proof.at("createdAt"), "documents.0.id": proof.at("id"), "documents.4.type": "HARD_DRIVE_ENCRYPTION_EVIDENCE", "documents.0.downloadUrl": absent})
	if proof.text("expiresAt")[:4] == proof.text("createdAt")[:4] || proof.text("expiresAt")[4:] != proof.text("createdAt")[4:] {
		t.Errorf("a document of %v expires at %v", proof.at("createdAt"), proof.at("expiresAt"))
	}
	stands(map[string]any{"complianceChecks.0.type": "FULL_COMPLIANCE", "complianceChecks.0.status": "PASS"})

	// A report of the contrary that comes later counts more, until there is a newer document.
	path := "/custom-connections/" + shown.text("connectionId") + "/devices"
	report := func(what string) {
		s.call(t, "POST", path, fmt.Sprintf(`{"personnelId":%s,"platformName":"LINUX","platformVersion":"6","serialNumber":"prue@documents.example"%s}`, shown.text("personnelId"), what)).is(201)
	}
	report(`,"passwordManagerEnabled":false`)
	checks(map[string]any{"complianceChecks.0.status": "FAIL", "complianceChecks.0.documentId": nil, "complianceChecks.4.status": "PASS"})
	stands(map[string]any{"complianceChecks.0.status": "FAIL"})
	proof = s.prove(t, device, proofTypes[0])
	stands(map[string]any{"complianceChecks.0.status": "PASS"})
	s.call(t, "DELETE", device+"/documents/"+proof.text("id"), "").is(200)
	checks(map[string]any{"complianceChecks.0.status": "FAIL"})
	report(`,"passwordManagerEnabled":true`)
	stands(map[string]any{"complianceChecks.0.status": "PASS"})

	// What is a year old proves nothing, however recent the report is.
	checks(map[string]any{"documents.0.state": "VALID"})
	s.clock.advance(340 * 24 * time.Hour)
	checks(map[string]any{"documents.0.state": "EXPIRES_SOON"})
	s.clock.advance(26 * 24 * time.Hour)
	report(`,"passwordManagerEnabled":true`)
	checks(map[string]any{"documents.0.state": "EXPIRED", "isDeviceCompliant": false, "complianceChecks.0.status": "PASS", "complianceChecks.1.status": "MISCONFIGURED"})
	stands(map[string]any{"complianceChecks.0.status": "MISCONFIGURED"})
}

func personProofCase(t *testing.T, s *server) {
	id := s.staff(t, "nina@documents.example")[0]
	who := "/personnel/" + id + "?expand[]=complianceChecks"
	stands := func(want map[string]any) got { return s.call(t, "GET", who, "").is(200).has(want) }
	stands(map[string]any{"complianceChecks.0.status": "FAIL", "complianceChecks.1.type": "AGENT_INSTALLED", "complianceChecks.1.status": "FAIL", "complianceChecks.2.status": "MISCONFIGURED"})
	s.prove(t, "/devices/"+id, proofTypes[:4]...)
	stands(map[string]any{"complianceChecks.0.status": "MISCONFIGURED", "complianceChecks.1.status": "EXCLUDED", "complianceChecks.2.status": "PASS", "complianceChecks.6.status": "MISCONFIGURED"})
	last := s.prove(t, "/devices/"+id, proofTypes[4])
	user := stands(map[string]any{"complianceChecks.0.status": "PASS", "complianceChecks.6.documentId": last.at("id"), "complianceChecks.6.expiresAt": last.at("expiresAt")}).text("userId")
	s.call(t, "GET", "/users/"+user+"?expand[]=documents", "").is(200).has(map[string]any{"documents.0.id": last.at("id"), "documents.5": absent})
	s.call(t, "GET", "/users?q=nina@documents&expand[]=documents", "").is(200).has(map[string]any{"data.0.documents.4.type": proofTypes[0]})
	s.call(t, "GET", "/users/"+user+"?expand[]=documents", "", as(s.newKey(access.UsersGetOne))).is(200).has(map[string]any{"documents": "[]"})
	listed := func(status string, want any) {
		t.Helper()
		s.call(t, "GET", "/personnel?q=nina@documents&complianceStatus[]="+status, "").is(200).has(map[string]any{"data.0.id": want, "data.1": absent})
		s.call(t, "GET", "/personnel-search?q=nina@documents&complianceStatus%5B%5D="+status, "").is(200).has(map[string]any{"data.0.id": want})
	}
	listed("PASS", id)
	listed("FAIL", absent)
	s.clock.advance(366 * 24 * time.Hour)
	stands(map[string]any{"complianceChecks.0.status": "FAIL", "complianceChecks.1.status": "FAIL", "complianceChecks.6.status": "MISCONFIGURED", "complianceChecks.6.documentId": nil})
	listed("PASS", absent)
	listed("PASS&complianceStatus[]=FAIL", id)
	s.call(t, "PUT", "/personnel/"+id, `{"employmentStatus":"OUT_OF_SCOPE","notHumanReason":"a robot"}`).is(200)
	listed("FAIL", absent)
	listed("EXCLUDED", id)
	s.call(t, "GET", "/personnel?complianceStatus[]=GREEN", "").refused(400, 40001, "MISCONFIGURED")
}

// nullDeviceCase reads what stands for the device of somebody who has none.
func nullDeviceCase(t *testing.T, s *server) {
	id := s.staff(t, "olga@documents.example")[0]
	at, parts := "/devices/"+id, "?expand[]=complianceChecks&expand[]=documents&expand[]=identifiers&expand[]=asset&expand[]=deviceApps&expand[]=owner"
	person := s.call(t, "GET", "/personnel/"+id, "").is(200)
	nothing := map[string]any{"id": person.at("id"), "personnelId": person.at("id"), "userId": person.at("userId"), "sourceType": "UNKNOWN", "osVersion": nil,
		"serialNumber": nil, "lastCheckedAt": nil, "appsCount": nil, "antivirusEnabled": nil, "createdAt": person.at("createdAt")}
	s.call(t, "GET", at+parts, "").is(200).has(nothing).has(map[string]any{"connectionId": nil, "assetId": nil, "platformName": absent, "displayName": "No device", "identifiers": "[]", "documents": "[]",
		"asset": absent, "apps": absent, "owner.email": "olga@documents.example", "isDeviceCompliant": false, "complianceChecks.1.type": "HDD_ENCRYPTION", "complianceChecks.1.status": "MISCONFIGURED",
		"complianceChecks.1.expiresAt": nil, "complianceChecks.1.lastCheckedAt": nil, "complianceChecks.5": absent})
	s.call(t, "GET", "/public"+at, "").is(200).has(nothing)
	proof := s.prove(t, at, proofTypes...)
	s.call(t, "GET", at+parts, "").is(200).has(map[string]any{"isDeviceCompliant": true, "documents.0.id": proof.at("id"), "documents.4.type": proofTypes[0], "complianceChecks.4.documentId": proof.at("id")})
	s.call(t, "GET", "/public"+at+"?expand[]=documents&expand[]=complianceChecks", "").is(200).has(map[string]any{"isDeviceCompliant": true, "documents.0.id": proof.at("id")})
	// It is there for what is proven, and no device.
	for _, list := range []string{"/personnel/" + id + "/devices", "/devices?personnelId=" + id} {
		s.call(t, "GET", list, "").is(200).has(map[string]any{"data": "[]"})
	}
	s.call(t, "GET", at+"/apps", "").refused(404, 40401, id)
	s.call(t, "GET", at+"/history", "").refused(404, 40401, id)
	made := s.call(t, "POST", s.mdm(t), fmt.Sprintf(`{"personnelId":%s,"platformName":"LINUX","platformVersion":"6","serialNumber":"olga"}`, id)).is(201)
	s.call(t, "GET", at, "").refused(404, 40401, "/personnel/"+id+"/devices")
	s.call(t, "GET", "/public"+at, "").refused(404, 40401, "/personnel/"+id+"/devices")
	s.call(t, "GET", "/devices/"+made.text("id"), "").is(200)
	s.call(t, "GET", "/devices/999999999", "").refused(404, 40401, "device 999999999")
}

func documentsV1(t *testing.T, s *server) {
	id := s.staff(t, "vera@documents.example")[0]
	at := "/public/devices/" + id + "/documents"
	made := s.call(t, "POST", at, inBase64("LOCK_SCREEN_EVIDENCE", "lock.png", "image/png", pngFile)).is(201).has(map[string]any{"name": "lock.png", "fileUrl": nil})
	body, form := fileForm("ANTIVIRUS_EVIDENCE", "a.png", "", pngFile)
	s.call(t, "POST", at, body, form).is(201)
	s.call(t, "POST", at, `{"type":"LOCK_SCREEN_EVIDENCE"}`).refused(400, 40001, "no file")
	s.call(t, "GET", at+"?type=LOCK_SCREEN_EVIDENCE", "").is(200).has(map[string]any{"documents.0.id": made.at("id"), "documents.1": absent})
	one := "/public/devices/documents/" + made.text("id")
	s.follow(t, s.call(t, "GET", one+"/download", "").is(200).has(map[string]any{"fileBuffer": nil}).text("signedUrl")).is(200)
	s.call(t, "GET", one+"/download", "", as(s.newKey(access.DocumentsGet))).refused(403, 40301, "devices-get-download-document")
	s.call(t, "DELETE", one, "").is(200)
	s.call(t, "DELETE", one, "").refused(404, 40401, "")
	s.call(t, "GET", one+"/download", "").refused(404, 40401, "")
	s.call(t, "DELETE", "/public/devices/other/1", "").refused(404, 40402, "")
	s.call(t, "GET", "/public/devices/documents/documents", "").refused(400, 40001, "deviceId")
}
