package client

import "testing"

func TestControls(t *testing.T) {
	s, c := newScript(t,
		answer(200, `{"data":[{"id":1,"code":"PLB-001","name":"n","isReady":true,"archivedAt":null}],"pagination":{"cursor":"next"}}`),
		answer(200, `{"data":[{"id":2,"code":"PLB-002","isReady":false,"archivedAt":"2026-03-01T12:00:00.000Z"}],"pagination":{"cursor":null}}`),
		answer(200, `{"data":[{"id":7,"slug":"soc-2","numInScopeControls":3,"numInScopeRequirements":61,"numReadyInScopeRequirements":4,"isEnabled":true}],"pagination":{"cursor":null}}`),
		answer(200, `{"framework":{"id":7,"name":"SOC 2","tag":"SOC_2"},"requirementsCreated":61}`))
	var codes string
	for each, err := range c.Controls(t.Context(), 1, List{}) {
		if err != nil {
			t.Fatal(err)
		}
		codes += each.Code
		if each.Ready == (each.ArchivedAt != nil) {
			t.Errorf("%+v", each)
		}
	}
	if codes != "PLB-001PLB-002" || s.asked[1].URL.Query().Get("cursor") != "next" || s.asked[0].URL.Path != "/public/v2/workspaces/1/controls" {
		t.Errorf("%s by %v", codes, s.asked)
	}
	for each, err := range c.Frameworks(t.Context(), 1, List{}) {
		if err != nil || each.Controls != 3 || each.Requirements != 61 || each.ReadyRequirements != 4 || !each.Enabled || each.Ready {
			t.Errorf("%+v, %v", each, err)
		}
	}
	f, err := c.InstallFramework(t.Context(), 1, "soc-2")
	if err != nil || f.ID != 7 || f.Tag != "SOC_2" {
		t.Errorf("%+v, %v", f, err)
	}
	if s.asked[3].Method != "POST" || s.asked[3].URL.Path != "/public/v2/workspaces/1/frameworks/actions" || s.bodies[3] != `{"action":"install","slug":"soc-2"}` {
		t.Errorf("%s %s %s", s.asked[3].Method, s.asked[3].URL, s.bodies[3])
	}
}
