//go:build crash && linux

package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/await"
)

const recipe = "collector: http\ninputs: [{name: url}]\nhttp: {url: \"${url}\"}\n"

// A server that is killed while it collects leaves the old records, and the next
// one ends what it began and collects anew.
func TestKilledWhileCollecting(t *testing.T) {
	t.Setenv("PLUMBLINE_NOTIFY_NETWORKS", "127.0.0.0/8")
	asked := make(chan bool)
	answer := make(chan bool)
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case asked <- true:
		case <-r.Context().Done():
			return
		}
		select {
		case <-answer:
			_, _ = io.WriteString(w, `[{"id":"old"},{"id":"new"}]`)
		case <-r.Context().Done():
		}
	}))
	defer system.Close()

	s := newServer(t, "--data", t.TempDir())
	made, err := s.c.CreateConnection(t.Context(), client.NewConnection{Name: "Collected", ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1},
		Schema: json.RawMessage(`{"type":"object","properties":{"id":{"type":"string"}}}`), DisplayNameKey: "id"})
	if err != nil {
		t.Fatal(err)
	}
	target := client.Target{ConnectionID: made.ID, ResourceID: made.Resources[0].ID}
	if _, err := s.c.Push(t.Context(), target, []json.RawMessage{json.RawMessage(`{"id":"old"}`)}, nil); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/public/v2/custom-connections/%d/resources/%d", target.ConnectionID, target.ResourceID)
	s.ask(http.MethodPut, path+"/collection", map[string]any{"recipe": recipe, "inputs": map[string]string{"url": system.URL}})
	await.Receive(t, "a request for records", asked)
	s.kill()
	s.start()
	s.until(path+"/collection", func(c collectionState) bool { return c.LastRun.Error.Code == "INTERRUPTED" && c.Running == nil })
	if n := s.records(path); n != 1 {
		t.Fatalf("%d records after the kill", n)
	}
	s.ask(http.MethodPost, path+"/collection/actions", map[string]any{"action": "run"})
	await.Receive(t, "a request for records", asked)
	await.Send(t, "the answer", answer, true)
	s.until(path+"/collection", func(c collectionState) bool { return c.LastRun.Status == "COMPLETED" })
	if n := s.records(path); n != 2 {
		t.Errorf("%d records in the end", n)
	}
}

type collectionState struct {
	Running *struct{} `json:"running"`
	LastRun struct {
		Status string `json:"status"`
		Error  struct {
			Code string `json:"code"`
		} `json:"error"`
	} `json:"lastRun"`
}

// ask calls the API and gives the body of a success.
func (s *server) ask(method, path string, body any) []byte {
	s.tb.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		s.tb.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.tb.Context(), method, s.c.BaseURL()+path, bytes.NewReader(text))
	if err != nil {
		s.tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	req.Header.Set("Content-Type", "application/json")
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	got, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode >= http.StatusMultipleChoices {
		s.tb.Fatalf("%s %s: %s %s %v", method, path, reply.Status, got, err)
	}
	return got
}

// until waits until a collection is as it should be.
func (s *server) until(path string, is func(collectionState) bool) {
	s.tb.Helper()
	for deadline := time.Now().Add(await.Patience); ; time.Sleep(50 * time.Millisecond) {
		var c collectionState
		text := s.ask(http.MethodGet, path, nil)
		if err := json.Unmarshal(text, &c); err != nil {
			s.tb.Fatal(err)
		}
		if is(c) {
			return
		}
		if time.Now().After(deadline) {
			s.tb.Fatalf("the collection stays %s\n%s", text, s.log)
		}
	}
}

func (s *server) records(path string) int {
	s.tb.Helper()
	var list struct {
		Data []json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(s.ask(http.MethodGet, path+"/records", nil), &list); err != nil {
		s.tb.Fatal(err)
	}
	return len(list.Data)
}
