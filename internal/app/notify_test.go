package app

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/await"
)

// api calls the API of an App and gives what it answers.
func api(t *testing.T, a *App, key, method, path, body string) map[string]any {
	t.Helper()
	r, err := http.NewRequest(method, a.URL()+"/public/v2"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %s %v", method, path, resp.Status, text, err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// From a record that fails a test to a signed message, through the whole
// program; the secrets of the channel are not in the database.
func TestNotification(t *testing.T) {
	const path, signingKey = "/hook/T0PSECRET-OF-THE-URL", "k3y-that-n0body-may-read"
	got := make(chan *http.Request, 10)
	bodies := make(chan []byte, 10)
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies <- body
		got <- r
	}))
	defer sink.Close()
	c := settings(t)
	c.NotifyNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	c.PublicURL = "https://plumbline.example.com"
	a, stop := running(t, c)
	key := adminKey(t, a)
	channel := api(t, a, key, "POST", "/workspaces/1/notifications/channels", fmt.Sprintf(`{"kind":"webhook","name":"hook","url":%q,"signingKey":%q}`, sink.URL+path, signingKey))
	api(t, a, key, "POST", "/workspaces/1/notifications/rules", fmt.Sprintf(`{"name":"failing","events":["TEST_FAILED"],"channelIds":[%v]}`, channel["id"]))
	conn := api(t, a, key, "POST", "/custom-connections", `{"name":"Users","providerTypes":["CUSTOM"],"workspaceIds":[1],"schema":{"type":"object","properties":{"id":{"type":"string"},"mfa":{"type":"boolean"}}},"displayNameKey":"id"}`)
	resource := conn["customResources"].([]any)[0].(map[string]any)["id"]
	api(t, a, key, "POST", fmt.Sprintf("/custom-connections/%v/resources/%v/records", conn["id"], resource), `{"data":{"id":"bob","mfa":false}}`)
	api(t, a, key, "POST", "/workspaces/1/monitoring-tests", fmt.Sprintf(`{"name":"MFA","publish":true,"logic":{"groups":[{"name":"g","resourceId":%v,"evaluator":{"all":[{"fact":"mfa","operator":"equal","value":true}]}}]}}`, resource))
	r := await.Receive(t, "the message", got)
	body := <-bodies
	at, signature, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Plumbline-Signature"), "t="), ",v1=")
	mac := hmac.New(sha256.New, []byte(signingKey))
	mac.Write(append([]byte(at+"."), body...))
	if r.RequestURI != path || signature != hex.EncodeToString(mac.Sum(nil)) || !bytes.Contains(body, []byte("https://plumbline.example.com/tests/1")) {
		t.Errorf("%s %v\n%s", r.RequestURI, r.Header, body)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if len(got) != 0 {
		t.Error("the message came more than once")
	}
	info, err := os.Stat(filepath.Join(c.DataDir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}
	files, err := filepath.Glob(filepath.Join(c.DataDir, "plumbline.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"T0PSECRET", signingKey} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %s", filepath.Base(f), secret)
			}
		}
	}
}
