package command

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/client"
)

// What was not proven has no end.
func TestChecksTellUntilWhenTheyPass(t *testing.T) {
	day := time.Date(2026, 12, 22, 0, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	if err := Checks(Env{Out: &out}, &out, []client.Check{{Type: "ANTIVIRUS", Status: "MISCONFIGURED", ExpiresAt: &day}, {Type: "LOCK_SCREEN", Status: "PASS", ExpiresAt: &day}}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if head := strings.Fields(lines[1]); strings.Join(head, " ") != "CHECK STATUS UNTIL" {
		t.Errorf("columns that say nothing are there: %v", head)
	}
	if strings.Contains(lines[2], "2026") || !strings.Contains(lines[3], "2026-12-22") {
		t.Errorf("got\n%s", out.String())
	}
}
