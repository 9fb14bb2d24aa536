package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/access"
)

// reporter makes a key that reports devices to the connection of a path as mdm
// tells it.
func (s *server) reporter(t testing.TB, path string) (key, connectionID string) {
	t.Helper()
	connectionID = strings.Split(path, "/")[2]
	made := s.call(t, "POST", "/api-keys", fmt.Sprintf(`{"name":%q,"scopes":["devices-report"],"connectionIds":[%s]}`, s.name("laptops"), connectionID)).is(201).
		has(map[string]any{"scopes.0": "devices-report", "scopes.1": absent, "connectionIds.0": spelt(connectionID), "connectionIds.1": absent})
	return made.text("key"), connectionID
}

func reportingCase(t *testing.T, s *server) {
	ids := s.staff(t, "rita@agents.example")
	path, other := s.mdm(t), s.mdm(t)
	key, id := s.reporter(t, path)
	report := `{"personnelId":"email:rita@agents.example","platformName":"LINUX","platformVersion":"Debian 12","serialNumber":"AG-1","encryptionEnabled":true}`
	made := s.call(t, "POST", path+"?expand[]=asset&expand[]=complianceChecks&expand[]=identifiers", report, as(key)).is(201).
		has(map[string]any{"sourceType": "AGENT", "personnelId": spelt(ids[0]), "serialNumber": "AG-1", "asset": absent, "complianceChecks": absent, "identifiers": absent})
	s.call(t, "GET", "/assets/"+made.text("assetId"), "").is(200).has(map[string]any{"assetProvider": "AGENT"})
	s.call(t, "GET", "/devices?sourceType=AGENT&serialNumber=ag-1", "").is(200).has(map[string]any{"data.0.id": made.at("id")})
	s.call(t, "GET", "/events?type=DEVICE_LINKED&q=AG-1", "").is(200)

	// To another connection, whether or not it exists, and by any other call: the same refusal.
	for _, p := range []string{other, "/custom-connections/999999/devices", "/custom-connections/99999999999999999999/devices", "/custom-connections/x/devices"} {
		s.call(t, "POST", p, report, as(key)).refused(403, 40301, "reports devices to connection "+id+", and may do nothing else")
	}
	s.call(t, "DELETE", path+"/"+made.text("id"), "", as(key)).refused(403, 40301, "nothing else")
	s.call(t, "GET", "/me", "", as(key)).refused(403, 40301, "nothing else")
	s.call(t, "GET", path, "", as(key)).is(405)

	// It ends as every key does.
	keys := s.call(t, "GET", "/api-keys?size=1", "").is(200).has(map[string]any{"data.0.connectionIds.0": spelt(id)})
	s.call(t, "DELETE", "/api-keys/"+keys.text("data.0.id"), "").is(204)
	s.call(t, "POST", path, report, as(key)).is(401)

	hris := strings.Split(s.hris(t), "/")[2]
	for body, pointer := range map[string]string{
		`"scopes":["devices-report"]`: "/connectionIds", `"scopes":["devices-report"],"connectionIds":[]`: "/connectionIds",
		`"scopes":["devices-report"],"connectionIds":[` + id + `,999999]`: "/connectionIds/1", `"scopes":["devices-report"],"connectionIds":[` + hris + `]`: "/connectionIds/0",
		`"scopes":["devices-report","devices-get"],"connectionIds":[` + id + `]`: "/scopes", `"scopes":["all"],"connectionIds":[` + id + `]`: "/connectionIds",
		`"scopes":["devices-report"],"connectionIds":[` + strings.Repeat(id+",", 100) + id + `]`: "/connectionIds",
	} {
		s.call(t, "POST", "/api-keys", `{"name":"x",`+body+`}`).refused(400, 40001, "").has(map[string]any{"pointer": pointer})
	}
	// Nobody gives what they may not do; who runs the fleet may.
	b, _ := s.signedIn(t, everywhere(access.DevOpsEngineer))
	b.ask(t, "POST", "/api-keys", `{"name":"fleet","scopes":["devices-report"],"connectionIds":[`+id+`]}`).is(201)
	s.call(t, "POST", "/api-keys", `{"name":"x","scopes":["devices-report"],"connectionIds":[`+id+`]}`, as(s.newKey(access.KeysPost))).refused(403, 40301, "devices-report")
}

// A key for reporting devices is refused by every operation but one, with its
// own connection in the path.
func TestReportingKeyMayNothingElse(t *testing.T) {
	s := newServer(t, sqlite)
	path := s.mdm(t)
	key, id := s.reporter(t, path)
	asked := 0
	for _, d := range ours() {
		for _, number := range []string{id, "1", "999999"} {
			at := pathParameter.ReplaceAllString(d.path, number)
			if open, ok := d.operation["security"].([]any); ok && len(open) == 1 && len(object(open[0])) == 0 {
				// It asks nobody who they are.
				continue
			}
			asked++
			g := s.raw(t, d.method, at, "", as(key))
			if d.method == http.MethodPost && at == "/public/v2"+path {
				g.is(400)
				continue
			}
			g.refused(403, 40301, "may do nothing else")
		}
	}
	if asked < 300 {
		t.Errorf("only %d calls were tried", asked)
	}
}
