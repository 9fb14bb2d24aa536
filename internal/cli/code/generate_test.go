package code

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/client"
	"github.com/plumbline-dev/plumbline/internal/document"
)

// asJSON writes a file as JSON with the keys in another order.
func asJSON(t *testing.T, text string) string {
	t.Helper()
	n, err := document.Read("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(sorted(n).JSON())
}

// generator fills a workspace with all sorts of objects.
type generator struct {
	t *testing.T
	r *rand.Rand
	c *client.Client

	resources  []client.Resource
	targets    []client.Target
	conditions []string
	controls   []client.Control
	mapped     []int64
}

// odd are texts that a file may get wrong.
var odd = []string{"true", "No", "null", "~", "1", "1.0", "0x1F", "2026-01-31", "1e3", " padded ", "two\nlines", "two\nlines\n", "a: b", "a #b", "- a", "é\u2028ü", "\"quoted\"",
	"it's", "<a> & b", "tab\there", "back\\slash", "🧵", "line\r\nend", "=", "<<", "{a}", "[a]", "*a", "&a", "!a", "%a", "@a", "`a`", "trailing:", "\u00a0", strings.Repeat("long ", 20)}

func (g *generator) text() string { return odd[g.r.IntN(len(odd))] }

// maybe is a text, or none.
func (g *generator) maybe() string {
	if g.r.IntN(2) == 0 {
		return ""
	}
	return g.text()
}

// name is one that nothing else has.
func (g *generator) name(what string, i int) string {
	return strings.TrimSpace(fmt.Sprintf("%s %d %s", what, i, strings.Join(strings.Fields(g.text()), " ")))
}

func (g *generator) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

func (g *generator) fill() {
	ctx := g.t.Context()
	for i := range 2 + g.r.IntN(3) {
		n := client.NewConnection{Name: g.name("Connection", i), ProviderTypes: []string{"CUSTOM"}, WorkspaceIDs: []int64{1}, DisplayNameKey: "id",
			Schema: json.RawMessage(`{"type":"object","title":` + quote(g.text()) + `,"properties":{"z":{"type":"number","maximum":1.0,"minimum":-1e2},"id":{"type":"string"},"a":{"enum":[1.0,"1",null,123456789012345678901234567890,true]},` + quote(g.text()) + `:{}}}`)}
		if d := g.maybe(); d != "" {
			n.Description = &d
		}
		if g.r.IntN(2) == 0 {
			n.ResourceName = g.name("Resource", i)
		}
		if g.r.IntN(2) == 0 {
			h := int64(1 + g.r.IntN(100))
			n.FreshnessHours = &h
		}
		if g.r.IntN(3) == 0 {
			n.ProviderTypes = []string{"MDM", "CUSTOM"}
		}
		c, err := g.c.CreateConnection(ctx, n)
		g.must(err)
		target := client.Target{ConnectionID: c.ID, ResourceID: c.Resources[0].ID}
		if d := g.maybe(); d != "" {
			_, err := g.c.UpdateResource(ctx, target, client.ResourceChange{Description: &d})
			g.must(err)
		}
		g.resources, g.targets = append(g.resources, c.Resources[0]), append(g.targets, target)
	}
	g.records(g.c)
	for i := range g.r.IntN(4) {
		name := fmt.Sprintf("Condition %d", i)
		_, err := g.c.PutCondition(ctx, 1, name, json.RawMessage(g.condition(2)))
		g.must(err)
		g.conditions = append(g.conditions, name)
	}
	g.frameworks()
	for i := range 2 + g.r.IntN(5) {
		g.test(i)
	}
}

// records puts the same records into each resource.
func (g *generator) records(c *client.Client) {
	ids := map[string]client.Target{}
	for each, err := range c.Connections(g.t.Context(), client.ConnectionFilter{}, client.List{}) {
		g.must(err)
		for _, r := range each.Resources {
			ids[r.Name] = client.Target{ConnectionID: each.ID, ResourceID: r.ID}
		}
	}
	for _, r := range g.resources {
		_, err := c.Push(g.t.Context(), ids[r.Name], []json.RawMessage{json.RawMessage(`{"id":"1","z":0.5,"a":1}`), json.RawMessage(`{"id":"true","z":0}`)}, nil)
		g.must(err)
	}
}

func quote(text string) string {
	return string(document.TextNode(text).JSON())
}

func (g *generator) frameworks() {
	ctx := g.t.Context()
	if g.r.IntN(2) == 0 {
		f, err := g.c.InstallFramework(ctx, 1, "soc-2")
		g.must(err)
		if g.r.IntN(2) == 0 {
			off := false
			_, err := g.c.UpdateFramework(ctx, 1, f.ID, client.FrameworkChange{Enabled: &off})
			g.must(err)
		}
		for r, err := range g.c.Requirements(ctx, 1, f.ID, client.List{Size: 5}) {
			g.must(err)
			g.mapped = append(g.mapped, r.ID)
			if len(g.mapped) == 5 {
				break
			}
		}
	}
	for i := range g.r.IntN(3) {
		f, err := g.c.CreateFramework(ctx, 1, g.name("Framework", i), fmt.Sprintf("F%d", i), "x"+g.text())
		g.must(err)
		pill, color, enabled := "P", "#123456", g.r.IntN(2) == 0
		_, err = g.c.UpdateFramework(ctx, 1, f.ID, client.FrameworkChange{Pill: &pill, Color: &color, Enabled: &enabled})
		g.must(err)
		var list []client.NewRequirement
		for j := range g.r.IntN(4) {
			list = append(list, client.NewRequirement{Code: fmt.Sprintf("R.%d", 9-j), Name: g.name("Requirement", j), Description: g.maybe(), AdditionalInfo: g.maybe()})
		}
		if len(list) == 0 {
			continue
		}
		made, err := g.c.CreateRequirements(ctx, 1, f.ID, list)
		g.must(err)
		for _, r := range made {
			g.mapped = append(g.mapped, r.ID)
		}
		out, why := false, g.text()
		if len(why) > 100 {
			why = "why"
		}
		_, err = g.c.UpdateRequirement(ctx, 1, f.ID, made[0].ID, client.RequirementChange{InScope: &out, Rationale: &why})
		g.must(err)
	}
	for i := range g.r.IntN(4) {
		n := client.NewControl{Code: fmt.Sprintf("C-%d", i), Name: g.name("Control", i), Description: "d" + g.text(), Question: g.maybe()}
		if len(g.mapped) > 0 && g.r.IntN(2) == 0 {
			n.RequirementIDs = []int64{g.mapped[g.r.IntN(len(g.mapped))]}
		}
		c, err := g.c.CreateControl(ctx, 1, n)
		g.must(err)
		if g.r.IntN(3) == 0 {
			_, err := g.c.ScopeControl(ctx, 1, c.ID, g.r.IntN(2) == 0, "why")
			g.must(err)
		}
		g.controls = append(g.controls, c)
	}
}

func (g *generator) test(i int) {
	ctx := g.t.Context()
	n := client.NewTest{Name: g.name("Test", i), Description: g.maybe(), Logic: json.RawMessage(g.logic()), Publish: true}
	for _, c := range g.controls {
		if g.r.IntN(2) == 0 {
			n.ControlIDs = append(n.ControlIDs, c.ID)
		}
	}
	t, err := g.c.CreateTest(ctx, 1, n)
	g.must(err)
	if g.r.IntN(2) == 0 {
		schedule := fmt.Sprintf("%d 5 * * 1-5", g.r.IntN(60))
		_, err := g.c.UpdateTest(ctx, 1, t.TestID, 0, client.TestChange{Schedule: &schedule})
		g.must(err)
	}
	for _, id := range []string{"1", "true"} {
		if g.r.IntN(3) > 0 {
			continue
		}
		end := time.Now().Add(time.Duration(1+g.r.IntN(300)) * time.Hour)
		var logic struct {
			Groups []struct {
				ResourceID int64 `json:"resourceId"`
			} `json:"groups"`
		}
		g.must(json.Unmarshal(n.Logic, &logic))
		_, err := g.c.Exclude(ctx, 1, t.TestID, client.NewExclusion{TargetID: id, ResourceID: logic.Groups[0].ResourceID, Reason: "r" + g.text(), Category: "ACCEPTED_RISK",
			Approver: g.maybe(), ExpiresAt: &end})
		g.must(err)
	}
	if g.r.IntN(4) == 0 {
		end := time.Now().AddDate(0, 1, 0)
		var logic struct {
			Groups []struct {
				ResourceID int64 `json:"resourceId"`
			} `json:"groups"`
		}
		g.must(json.Unmarshal(n.Logic, &logic))
		_, err := g.c.Exclude(ctx, 1, t.TestID, client.NewExclusion{Selector: json.RawMessage(`{"all":[{"fact":"id","operator":"equal","value":"17"}]}`),
			ResourceID: logic.Groups[0].ResourceID, Reason: "s", Category: "OUT_OF_SCOPE", ExpiresAt: &end})
		g.must(err)
	}
	if g.r.IntN(4) == 0 {
		_, err := g.c.Act(ctx, 1, t.TestID, "disable", "", nil)
		g.must(err)
	}
	if g.r.IntN(4) == 0 {
		// A draft beside it counts for nothing.
		_, err := g.c.UpdateTest(ctx, 1, t.TestID, 0, client.TestChange{Logic: json.RawMessage(g.logic())})
		g.must(err)
	}
}

func (g *generator) resource() client.Resource { return g.resources[g.r.IntN(len(g.resources))] }

func (g *generator) logic() string {
	var groups []string
	for range 1 + g.r.IntN(3) {
		b := fmt.Sprintf(`{"name":%s,"resourceId":%d,"evaluator":%s`, quote(g.maybe()), g.resource().ID, g.root(2))
		switch g.r.IntN(4) {
		case 0:
			b += `,"filteringCriteria":` + g.root(1)
		case 1:
			b += `,"filteringCriteria":{"mode":"inclusion","evaluator":` + g.root(1) + `}`
		case 2:
			b += `,"filteringCriteria":null`
		}
		b += []string{"", `,"assertion":{"kind":"nofail"}`, `,"assertion":{"kind":"count","min":0,"max":5}`, `,"assertion":{"kind":"unique","path":"id"}`,
			`,"assertion":{"kind":"minPassingPercent","value":99.50}`, `,"assertion":{"kind":"maxFailing","value":3}`}[g.r.IntN(6)]
		b += []string{"", `,"onEmpty":"pass"`, `,"onEmpty":"error"`}[g.r.IntN(3)]
		groups = append(groups, b+"}")
	}
	combine := []string{"", `"logic":"ANY_GROUP",`, `"logic":"ALL_GROUPS",`, `"logic":"AT_MOST_ONE_FAILS",`}[g.r.IntN(4)]
	return `{` + combine + `"groups":[` + strings.Join(groups, ",") + `]}`
}

// root is a condition that may stand at the root.
func (g *generator) root(depth int) string {
	return `{"` + []string{"all", "any"}[g.r.IntN(2)] + `":[` + g.condition(depth) + `,` + g.condition(depth) + `]}`
}

func (g *generator) condition(depth int) string {
	if depth > 0 {
		switch g.r.IntN(4) {
		case 0:
			return g.root(depth - 1)
		case 1:
			return `{"name":` + quote(g.text()) + `,"priority":2,"not":` + g.condition(depth-1) + `}`
		}
	}
	switch g.r.IntN(7) {
	case 0:
		if len(g.conditions) > 0 {
			return `{"condition":` + quote(g.conditions[g.r.IntN(len(g.conditions))]) + `}`
		}
	case 1:
		r := g.resource()
		resource := fmt.Sprint(r.ID)
		if g.r.IntN(2) == 0 {
			resource = quote(r.Name)
		}
		return `{"fact":"id","operator":"` + []string{"existsIn", "notExistsIn"}[g.r.IntN(2)] + `","value":{"resource":` + resource +
			`,"path":"id","where":{"fact":"z","operator":"greaterThan","value":-0.50}}}`
	case 2:
		return `{"fact":"list","operator":"any","value":{"all":[{"fact":"x","path":"$.y","operator":"equal","value":` + quote(g.text()) + `}]}}`
	case 3:
		return `{"fact":"z","operator":"lessThan","value":{"fact":"a","path":"$.b"}}`
	case 4:
		return `{"fact":"a","operator":"in","value":["1",1,1.0,1e2,123456789012345678901,-0,true,null,` + quote(g.text()) + `]}`
	}
	return `{"fact":"a","operator":"equal","value":` + []string{"1", "1.0", "1.50e+10", "12345678901234567890", "true", "null", quote(g.text())}[g.r.IntN(7)] + `}`
}

var idsInLogic = regexp.MustCompile(`"(resourceId|resource)":([0-9]+)`)

// picture is all that files say of a workspace as the server says it, with names
// in the place of ids. It knows nothing of files.
func picture(t *testing.T, c *client.Client) []string {
	t.Helper()
	ctx := t.Context()
	var lines []string
	add := func(err error, format string, args ...any) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf(format, args...))
	}
	names := map[string]string{}
	for v, err := range c.Connections(ctx, client.ConnectionFilter{}, client.List{}) {
		add(err, "connection %q %q %q", v.Name, deref(v.Description), slices.Sorted(slices.Values(v.ProviderTypes)))
		for _, r := range v.Resources {
			names[fmt.Sprint(r.ID)] = r.Name
			hours := int64(0)
			if r.FreshnessHours != nil {
				hours = *r.FreshnessHours
			}
			add(nil, "resource %q of %q %q %q %d %s", r.Name, v.Name, deref(r.Description), r.DisplayNameKey, hours, r.Schema)
		}
	}
	logic := func(text json.RawMessage) string {
		return idsInLogic.ReplaceAllStringFunc(string(text), func(s string) string {
			m := idsInLogic.FindStringSubmatch(s)
			return `"` + m[1] + `":` + quote(names[m[2]])
		})
	}
	for v, err := range c.Conditions(ctx, 1) {
		add(err, "condition %q %s", v.Name, logic(v.Logic))
	}
	frameworks := map[int64]string{}
	for v, err := range c.Frameworks(ctx, 1, client.List{}) {
		frameworks[v.ID] = v.Name
		add(err, "framework %q %q %q %q %q %q %v %v", v.Name, v.ShortName, strings.TrimSpace(v.Description), v.Pill, v.Color, v.BgColor, v.Enabled, v.Shipped)
		for r, err := range c.Requirements(ctx, 1, v.ID, client.List{}) {
			add(err, "requirement %q of %q %q %q %q %q %v %q", r.Code, v.Name, r.Name, deref(r.Description), deref(r.Category), deref(r.AdditionalInfo), r.InScope, deref(r.Rationale))
		}
	}
	for v, err := range c.Controls(ctx, 1, client.List{}) {
		add(err, "control %q %q %q %q %q %v %q", v.Code, v.Name, deref(v.Description), deref(v.Question), deref(v.Activity), v.InScope, deref(v.Rationale))
		for _, r := range v.Requirements {
			add(nil, "control %q serves %q of %q", v.Code, r.Code, frameworks[r.FrameworkID])
		}
	}
	for v, err := range c.TestDefinitions(ctx, 1, client.List{}) {
		add(err, "test %q %q %q %q %s", v.Name, v.Description, v.Status, v.Schedule, logic(v.Logic))
		for _, x := range v.Controls {
			add(nil, "test %q proves %q", v.Name, x.Code)
		}
	}
	slices.Sort(lines)
	return lines
}
