package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/plumbline-dev/plumbline/client"
)

// A program pushes two users and asks what the tests say of them.
func Example() {
	server := standIn()
	defer server.Close()

	c, err := client.New(server.URL, "plk_example", client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	users := client.Target{ConnectionID: 1, ResourceID: 1}
	pushed, err := c.Push(context.Background(), users, []json.RawMessage{
		json.RawMessage(`{"id":"ada","mfa":true}`),
		json.RawMessage(`{"id":"bob","mfa":"soon"}`),
	}, &client.Wait{})
	if err != nil {
		log.Fatal(err)
	}
	for _, item := range pushed.Items {
		if item.Error != nil {
			fmt.Println("refused:", item.Error.Message)
		}
	}
	fmt.Printf("%d created, %d tests failing\n", pushed.Created, pushed.Verdict.Failing)
	// Output:
	// refused: Schema validation failed for data: [{"/mfa":"must be boolean"}]
	// 1 created, 0 tests failing
}

// standIn answers as a server would, so that the example runs without one.
func standIn() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Tests-Failing", "0")
		fmt.Fprint(w, `[{"id":"ada","statusCode":201},
			{"statusCode":400,"error":{"message":"Schema validation failed for data: [{\"/mfa\":\"must be boolean\"}]","code":28022}}]`)
	}))
}
