package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/plumbline-dev/plumbline/internal/check"
	"github.com/plumbline-dev/plumbline/internal/fault"
	"github.com/plumbline-dev/plumbline/rule"
)

const attributesText = "From the schema, and from a sample of records that is taken from everywhere. An attribute inside an array has two addresses: " +
	"`own` is for the condition of a quantifier (all, any, none) over that array, `from` for a condition over the record, where it gives the values of all elements."

type wireAttributes struct {
	ResourceID int64           `json:"resourceId"`
	Sample     wireSample      `json:"sample" doc:"The records that were looked at."`
	Attributes []wireAttribute `json:"attributes" doc:"The properties of a record: those of the schema in its order, then those that were only seen."`
	Truncated  bool            `json:"truncated" doc:"There are more attributes, or deeper ones, than are listed."`
}

type wireAttribute struct {
	Name        string            `json:"name" doc:"The property; empty for the elements of an array."`
	Own         wireAddress       `json:"own"`
	From        wireAddress       `json:"from"`
	Pointer     string            `json:"pointer" doc:"A JSON Pointer in which * stands for every element of an array."`
	Types       []string          `json:"types" doc:"The JSON types that are declared or were seen; empty if nothing is known." enum:"string,integer,number,boolean,object,array,null"`
	Declared    bool              `json:"declared" doc:"The schema names it; else it was only seen."`
	Required    bool              `json:"required"`
	Title       string            `json:"title,omitempty"`
	Description string            `json:"description,omitempty"`
	Format      string            `json:"format,omitempty" doc:"Declared, or one that all texts in the sample have."`
	Enum        []json.RawMessage `json:"enum" doc:"The only values that the schema allows; empty where it allows others."`
	Present     int               `json:"present" doc:"In how many records of the sample it is."`
	Nulls       int               `json:"nulls" doc:"In how many of them it is null."`
	Values      []json.RawMessage `json:"values" doc:"At most five different short values that were seen."`
	Operators   []string          `json:"operators" doc:"Those that fit, the likely ones first."`
	Children    []wireAttribute   `json:"children" doc:"The properties of an object."`
	Elements    *wireAttribute    `json:"elements,omitempty" doc:"What an array holds."`
}

type wireAddress struct {
	Fact string `json:"fact"`
	Path string `json:"path,omitempty" doc:"Absent where the fact itself is meant."`
}

type wireKnownValues struct {
	ResourceID int64            `json:"resourceId"`
	Sample     wireSample       `json:"sample" doc:"The records that were looked at."`
	Present    int64            `json:"present" doc:"In how many records of the sample the address finds something."`
	Different  int              `json:"different" doc:"How many different values they have, before the prefix."`
	Values     []wireKnownValue `json:"values" doc:"The most frequent first."`
}

type wireKnownValue struct {
	Value   json.RawMessage `json:"value" doc:"A text, a number, a boolean or null; of an array its elements."`
	Records int64           `json:"records" doc:"In how many records of the sample it is."`
}

func (a *api) getRuleLanguage(*call) (answer, error) { return reply(http.StatusOK, rule.NewLanguage()) }

func attributeView(a check.Attribute) wireAttribute {
	out := wireAttribute{Name: a.Name, Own: wireAddress(a.Own), From: wireAddress(a.From), Pointer: a.Pointer, Types: append([]string{}, a.Types...),
		Declared: a.Declared, Required: a.Required, Title: a.Title, Description: a.Description, Format: a.LikelyFormat(),
		Enum: append([]json.RawMessage{}, a.Enum...), Present: a.Present, Nulls: a.Nulls, Values: append([]json.RawMessage{}, a.Values...),
		Operators: a.Operators, Children: attributeViews(a.Children)}
	if a.Elements != nil {
		e := attributeView(*a.Elements)
		out.Elements = &e
	}
	return out
}

func attributeViews(list []check.Attribute) []wireAttribute {
	out := make([]wireAttribute, len(list))
	for i, a := range list {
		out[i] = attributeView(a)
	}
	return out
}

func sampleView(s check.Sample) wireSample { return wireSample{s.Records, &s.Of} }

func (a *api) listAttributes(c *call) (answer, error) {
	r, err := a.resourceOf(c)
	if err != nil {
		return answer{}, err
	}
	found, err := a.Checks.Attributes(c.ctx(), r)
	if err != nil {
		return answer{}, err
	}
	return reply(http.StatusOK, wireAttributes{ResourceID: r.ID, Sample: sampleView(found.Sample), Attributes: attributeViews(found.List), Truncated: found.Cut})
}

const (
	maxListedValues     = 200
	defaultListedValues = 20
)

func (a *api) listAttributeValues(c *call) (answer, error) {
	t, err := c.target()
	if err != nil {
		return answer{}, err
	}
	var at rule.Address
	var prefix string
	for _, p := range []parameter[*string]{{"fact", &at.Fact}, {"path", &at.Path}, {"prefix", &prefix}} {
		if *p.into, err = c.text(p.name); err != nil {
			return answer{}, err
		}
	}
	if !c.r.URL.Query().Has("fact") {
		return answer{}, fault.New(fault.CodeValidation, "`fact` is required: the attribute, as a condition names it")
	}
	size, err := c.within("size", 1, maxListedValues, defaultListedValues)
	if err != nil {
		return answer{}, err
	}
	r, err := a.Connections.Resource(c.ctx(), t.ConnectionID, t.ResourceID)
	if err != nil {
		return answer{}, err
	}
	found, err := a.Checks.ValuesOf(c.ctx(), r, at, prefix, int(size))
	if err != nil {
		return answer{}, err
	}
	out := wireKnownValues{ResourceID: r.ID, Sample: sampleView(found.Sample), Present: found.Present, Different: found.Different,
		Values: make([]wireKnownValue, len(found.List))}
	for i, v := range found.List {
		out.Values[i] = wireKnownValue(v)
	}
	return reply(http.StatusOK, out)
}
