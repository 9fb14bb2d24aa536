package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/internal/strictjson"
)

// The parts of an OSCAL catalog that are read and written (OSCAL 1.1, JSON).
type (
	oscalDocument struct {
		Catalog *oscalCatalog `json:"catalog"`
	}
	oscalCatalog struct {
		UUID     string         `json:"uuid"`
		Metadata oscalMetadata  `json:"metadata"`
		Params   []oscalParam   `json:"params,omitempty"`
		Groups   []oscalGroup   `json:"groups,omitempty"`
		Controls []oscalControl `json:"controls,omitempty"`
	}
	oscalMetadata struct {
		Title        string `json:"title"`
		LastModified string `json:"last-modified"`
		Version      string `json:"version"`
		OSCALVersion string `json:"oscal-version"`
		Remarks      string `json:"remarks,omitempty"`
	}
	oscalGroup struct {
		ID       string         `json:"id,omitempty"`
		Title    string         `json:"title"`
		Params   []oscalParam   `json:"params,omitempty"`
		Groups   []oscalGroup   `json:"groups,omitempty"`
		Controls []oscalControl `json:"controls,omitempty"`
	}
	oscalControl struct {
		ID       string         `json:"id"`
		Title    string         `json:"title"`
		Params   []oscalParam   `json:"params,omitempty"`
		Props    []oscalProp    `json:"props,omitempty"`
		Parts    []oscalPart    `json:"parts,omitempty"`
		Controls []oscalControl `json:"controls,omitempty"`
	}
	oscalParam struct {
		ID     string   `json:"id"`
		Label  string   `json:"label,omitempty"`
		Values []string `json:"values,omitempty"`
		Select *struct {
			HowMany string   `json:"how-many,omitempty"`
			Choice  []string `json:"choice,omitempty"`
		} `json:"select,omitempty"`
	}
	oscalProp struct {
		Name  string `json:"name"`
		NS    string `json:"ns,omitempty"`
		Value string `json:"value"`
		Class string `json:"class,omitempty"`
	}
	oscalPart struct {
		ID    string      `json:"id,omitempty"`
		Name  string      `json:"name"`
		Title string      `json:"title,omitempty"`
		Props []oscalProp `json:"props,omitempty"`
		Prose string      `json:"prose,omitempty"`
		Parts []oscalPart `json:"parts,omitempty"`
	}
)

const (
	oscalVersion = "1.1.3"
	// oscalNS is the namespace of our own properties: `control` is the code of a
	// control that serves the requirement, `code` the requirement's own where its
	// label could be taken for something else.
	oscalNS = "https://github.com/plumbline-dev/plumbline/ns/oscal"
	// A parameter is written out in few words, its choices to some depth, and a
	// catalog with all of them to some size.
	maxParam      = 500
	maxParamDepth = 4
	maxWrittenOut = 40 << 20
	maxGroupDepth = 20
)

// catalogReader turns a catalog into requirements.
type catalogReader struct {
	*reading
	params map[string]oscalParam
	// known are the words of parameters that were asked for.
	known   map[string]string
	written int
}

// readOSCAL reads a catalog; what is no JSON or no catalog is refused as a
// whole.
func readOSCAL(text []byte) (*reading, error) {
	var doc oscalDocument
	if err := strictjson.Decode(text, &doc); err != nil {
		return nil, err
	}
	if doc.Catalog == nil {
		return nil, fault.New(fault.CodeValidation, "the document has no `catalog` (/catalog): an OSCAL catalog as JSON is expected")
	}
	c := doc.Catalog
	if v := c.Metadata.OSCALVersion; !strings.HasPrefix(strings.TrimPrefix(v, "v"), "1.") {
		return nil, fault.New(fault.CodeValidation, "`oscal-version` (/catalog/metadata/oscal-version) is %q; catalogs of OSCAL 1 are read", fault.Short(v, 80))
	}
	r := &catalogReader{reading: &reading{title: c.Metadata.Title, description: c.Metadata.Remarks}, params: map[string]oscalParam{}, known: map[string]string{}}
	r.learn(c.Params)
	for i := range c.Groups {
		r.learnGroup(&c.Groups[i])
	}
	r.learnControls(c.Controls)
	for i := range c.Groups {
		r.group(&c.Groups[i], nil, fmt.Sprintf("/catalog/groups/%d", i))
	}
	r.controls(c.Controls, nil, "/catalog/controls")
	if r.written > maxWrittenOut {
		return nil, fault.New(fault.CodeValidation, "with its parameters written out the catalog is larger than %d MB", maxWrittenOut>>20)
	}
	return r.reading, nil
}

func (r *catalogReader) learn(list []oscalParam) {
	for _, p := range list {
		r.params[p.ID] = p
	}
}

func (r *catalogReader) learnGroup(g *oscalGroup) {
	r.learn(g.Params)
	for i := range g.Groups {
		r.learnGroup(&g.Groups[i])
	}
	r.learnControls(g.Controls)
}

func (r *catalogReader) learnControls(list []oscalControl) {
	for i := range list {
		r.learn(list[i].Params)
		r.learnControls(list[i].Controls)
	}
}

func (r *catalogReader) group(g *oscalGroup, path []string, at string) {
	path = append(path[:len(path):len(path)], strings.TrimSpace(g.Title))
	if len(path) > maxGroupDepth {
		r.refuse(Problem{Pointer: at, Message: fmt.Sprintf("groups are nested deeper than %d", maxGroupDepth)})
		return
	}
	for i := range g.Groups {
		r.group(&g.Groups[i], path, fmt.Sprintf("%s/groups/%d", at, i))
	}
	r.controls(g.Controls, path, at+"/controls")
}

func (r *catalogReader) controls(list []oscalControl, path []string, at string) {
	for i := range list {
		if r.written > maxWrittenOut || len(r.items) > MaxRequirements {
			return
		}
		c, here := &list[i], fmt.Sprintf("%s/%d", at, i)
		if c.prop("status", "") == "withdrawn" {
			r.skipped++
		} else {
			r.items = append(r.items, r.item(c, path, here))
		}
		r.controls(c.Controls, path, here+"/controls")
	}
}

// prop is the value of a property in a namespace; one without a class is
// preferred.
func (c *oscalControl) prop(name, ns string) string {
	found := ""
	for _, p := range c.Props {
		ours := p.NS == ns || ns == "" && strings.Contains(p.NS, "://csrc.nist.gov/ns/")
		if p.Name == name && ours && (found == "" || p.Class == "") {
			found = p.Value
		}
	}
	return strings.TrimSpace(found)
}

// withoutTitle is the code in a label such as "Account Management (03.01.01)",
// which some catalogs have; else the label.
func withoutTitle(label, title string) (code string, titled bool) {
	rest, titled := strings.CutPrefix(label, strings.TrimSpace(title)+" (")
	if !titled || !strings.HasSuffix(rest, ")") {
		return label, false
	}
	return strings.TrimSuffix(rest, ")"), true
}

func (r *catalogReader) item(c *oscalControl, path []string, at string) Item {
	code := c.prop("code", oscalNS)
	if code == "" {
		code, _ = withoutTitle(c.prop("label", ""), c.Title)
	}
	if code == "" {
		code = c.ID
	}
	out := Item{At: at, Requirement: Requirement{Code: code, Name: c.Title, Category: strings.Join(path, " / ")}}
	var statement, guidance []string
	for _, p := range c.Parts {
		switch p.Name {
		case "statement":
			r.prose(&p, &statement)
		case "guidance":
			r.prose(&p, &guidance)
		}
	}
	out.Requirement.Description, out.Requirement.AdditionalInfo = strings.Join(statement, "\n"), strings.Join(guidance, "\n")
	for _, p := range c.Props {
		if p.NS == oscalNS && p.Name == "control" {
			out.ControlCodes = append(out.ControlCodes, strings.TrimSpace(p.Value))
		}
	}
	return out
}

// prose appends the lines of a part and of those within it.
func (r *catalogReader) prose(p *oscalPart, lines *[]string) {
	label := ""
	for _, each := range p.Props {
		if each.Name == "label" && (label == "" || each.Class == "") {
			label = each.Value + " "
		}
	}
	if p.Prose != "" {
		text := r.insert(p.Prose, 0, 4*maxText)
		if label != "" {
			text = label + strings.TrimSpace(text)
		}
		r.written += len(text)
		*lines = append(*lines, text)
	}
	for i := range p.Parts {
		if r.written > maxWrittenOut {
			return
		}
		r.prose(&p.Parts[i], lines)
	}
}

var insertion = regexp.MustCompile(`\{\{\s*(?:insert:\s*param,\s*)?([^\s{},]+)\s*\}\}`)

// insert writes the parameters of a text out, up to a size in bytes; those that
// the catalog does not define stay as they are.
func (r *catalogReader) insert(text string, depth, most int) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	var b strings.Builder
	from := 0
	for _, m := range insertion.FindAllStringSubmatchIndex(text, -1) {
		if b.Len() > most {
			break
		}
		p, ok := r.params[text[m[2]:m[3]]]
		if !ok {
			continue
		}
		b.WriteString(text[from:m[0]])
		if depth > 0 {
			b.WriteString(r.words(p, depth))
		} else {
			words, ok := r.known[p.ID]
			if !ok {
				words = r.words(p, depth)
				r.known[p.ID] = words
			}
			b.WriteString(words)
		}
		from = m[1]
	}
	b.WriteString(text[from:])
	return b.String()
}

// words is what stands for a parameter: its values, else its label, else its
// choices.
func (r *catalogReader) words(p oscalParam, depth int) string {
	words := p.ID
	switch {
	case len(p.Values) > 0:
		return cutBytes(strings.Join(p.Values, ", "), maxParam)
	case p.Label != "":
		words = p.Label
	case p.Select != nil && len(p.Select.Choice) > 0 && depth < maxParamDepth:
		var choices []string
		size := 0
		for _, c := range p.Select.Choice {
			if size > maxParam {
				break
			}
			choices = append(choices, r.insert(cutBytes(c, maxParam), depth+1, maxParam))
			size += len(choices[len(choices)-1])
		}
		words = "one of: "
		if p.Select.HowMany == "one-or-more" {
			words = "one or more of: "
		}
		words += strings.Join(choices, "; ")
	}
	return "[" + cutBytes(words, maxParam) + "]"
}

func cutBytes(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}

// writeOSCAL writes a framework as a catalog, one group for each category.
func writeOSCAL(f Framework, list []Requirement) ([]byte, error) {
	c := oscalCatalog{Metadata: oscalMetadata{Title: f.Name, OSCALVersion: oscalVersion, Remarks: f.Description}}
	last := f.UpdatedAt
	ids, groups := map[string]bool{}, map[string]int{}
	for _, r := range list {
		if r.UpdatedAt.After(last) {
			last = r.UpdatedAt
		}
		made := oscalControl{ID: token(r.Code, ids), Title: r.Name, Props: []oscalProp{{Name: "label", Value: r.Code}}}
		if _, titled := withoutTitle(r.Code, r.Name); titled {
			made.Props = append(made.Props, oscalProp{Name: "code", NS: oscalNS, Value: r.Code})
		}
		for _, each := range r.Controls {
			made.Props = append(made.Props, oscalProp{Name: "control", NS: oscalNS, Value: each.Code})
		}
		for _, part := range []struct{ name, prose string }{{"statement", r.Description}, {"guidance", r.AdditionalInfo}} {
			if part.prose != "" {
				made.Parts = append(made.Parts, oscalPart{Name: part.name, Prose: part.prose})
			}
		}
		if r.Category == "" {
			c.Controls = append(c.Controls, made)
			continue
		}
		at, ok := groups[r.Category]
		if !ok {
			at = len(c.Groups)
			groups[r.Category] = at
			c.Groups = append(c.Groups, oscalGroup{ID: token("group-"+r.Category, ids), Title: r.Category})
		}
		c.Groups[at].Controls = append(c.Groups[at].Controls, made)
	}
	c.Metadata.LastModified = last.UTC().Format(time.RFC3339)
	c.Metadata.Version = c.Metadata.LastModified
	body, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	// The same catalog has the same id.
	c.UUID = uuid.NewSHA1(uuid.NameSpaceURL, append([]byte(oscalNS+"/"), body...)).String()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(oscalDocument{&c})
	return out.Bytes(), err
}

// token is a text as an id of OSCAL (a letter or _, then letters, digits, dots,
// dashes and _), other than those that are taken.
func token(text string, taken map[string]bool) string {
	id := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), slices.Contains([]rune(".-_"), r):
			return unicode.ToLower(r)
		}
		return '-'
	}, text)
	if first := []rune(id); len(first) == 0 || !unicode.IsLetter(first[0]) && first[0] != '_' {
		id = "r-" + id
	}
	free := id
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s-%d", id, n)
	}
	taken[free] = true
	return free
}
