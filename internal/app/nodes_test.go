//go:build unix

package app

import (
	"net/http"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

func TestTwoNodesOnOneDatabase(t *testing.T) {
	c := settings(t)
	c.DatabaseURL = pgserver.Start(t)
	first, stopFirst := running(t, c)
	second, _ := running(t, c)
	key := adminKey(t, first)
	if err := stopFirst(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodGet, second.URL()+"/public/v2/company", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the second node answered %s to a key of the first", resp.Status)
	}
}
