package rule

import (
	"encoding/json"
	"slices"
	"strings"
)

// opcode is an operator without its decorators.
type opcode uint8

const (
	opUnknown opcode = iota
	opEqual
	opNotEqual
	opIn
	opNotIn
	opContains
	opDoesNotContain
	opLessThan
	opLessThanInclusive
	opGreaterThan
	opGreaterThanInclusive
	opStartsWith
	opEndsWith
	opMatches
	opDoesNotMatch
	opEqualIgnoreCase
	opExists
	opIsEmpty
	opWithinLastHours
	opWithinLastDays
	opWithinNextHours
	opWithinNextDays
	opOlderThanHours
	opOlderThanDays
	opBefore
	opAfter
	opAll
	opAny
	opNoElement
	opInCidr
	opNotInCidr
	opVersionAtLeast
	opVersionBelow
	opExistsIn
	opNotExistsIn
)

// quantifier is whether the value of the operator is a condition.
func (o opcode) quantifier() bool { return o >= opAll && o <= opNoElement }

// looks is whether the operator asks the records of another resource.
func (o opcode) looks() bool { return o == opExistsIn || o == opNotExistsIn }

// dated is whether the result depends on the clock.
func (o opcode) dated() bool { return o >= opWithinLastHours && o <= opOlderThanDays }

// OperatorInfo describes an operator for the API and the documentation.
type OperatorInfo struct {
	Name  string `json:"name"`
	Group string `json:"group"`
	// Words is how a person would say it between fact and value, as in a list of
	// operators; Phrase is what follows the fact in a sentence, with {value} where
	// the value is said.
	Words  string `json:"words"`
	Phrase string `json:"phrase"`
	// Choices say the values of an operator that takes only true or false, in
	// place of Phrase.
	Choices []ChoiceWords `json:"choices,omitempty"`
	// ValueType is what the value must be: any, scalar, array, string, regex,
	// boolean, number, date, condition, cidr, version, lookup.
	ValueType string `json:"valueType" enum:"any,scalar,array,string,regex,boolean,number,date,condition,cidr,version,lookup"`
	// Input is what to ask a person for: choice (see Choices), one, list, text,
	// pattern, number, duration, date, condition, network, version, lookup. Unit
	// is that of a duration: hours or days.
	Input string `json:"input" enum:"choice,one,list,text,pattern,number,duration,date,condition,network,version,lookup"`
	Unit  string `json:"unit,omitempty" enum:"hours,days"`
	// Reference is true where the value may be taken from the same record.
	Reference bool `json:"reference"`
	// FactTypes are the JSON types of facts (string, number, boolean, null, array,
	// object) on which it is meant to be true, and "missing". That an array of one
	// number counts as this number, as in the base engine, is left out.
	FactTypes []string `json:"factTypes"`
	// Formats are the formats of a JSON Schema for whose texts it is made.
	Formats []string `json:"formats,omitempty"`
	// Help is a sentence or two.
	Help string `json:"help"`
	// Example is a condition; Passes and Fails are records of which it is true and
	// false. The moment of a dated one is 2026-10-01T12:00:00Z.
	Example json.RawMessage `json:"example"`
	Passes  json.RawMessage `json:"passes"`
	Fails   json.RawMessage `json:"fails"`
}

// ChoiceWords is how the sentence goes on with one value.
type ChoiceWords struct {
	Value bool   `json:"value"`
	Words string `json:"words"`
}

type operatorEntry struct {
	code  opcode
	value valueType
	OperatorInfo
}

// valueType is what an operator asks of its value.
type valueType string

const (
	valueAny       valueType = "any"
	valueScalar    valueType = "scalar"
	valueArray     valueType = "array"
	valueString    valueType = "string"
	valueRegex     valueType = "regex"
	valueBoolean   valueType = "boolean"
	valueNumber    valueType = "number"
	valueDate      valueType = "date"
	valueCondition valueType = "condition"
	valueCidr      valueType = "cidr"
	valueVersion   valueType = "version"
	valueLookup    valueType = "lookup"
)

var (
	operatorByName = map[string]*operatorEntry{}
	operatorByCode = map[opcode]*operatorEntry{}
	operatorNames  []string
)

// decorator changes what an operator is applied to.
type decorator uint8

const (
	decSomeFact decorator = iota
	decEveryFact
	decSomeValue
	decEveryValue
	decSwap
	decNot
)

var decoratorNames []string

func init() {
	for _, d := range decorators {
		decoratorNames = append(decoratorNames, d.Name)
	}
	for i := range operators {
		e := &operators[i]
		e.ValueType = string(e.value)
		operatorByName[e.Name] = e
		operatorByCode[e.code] = e
		operatorNames = append(operatorNames, e.Name)
	}
}

// OperatorInfos lists every operator once, group by group.
func OperatorInfos() []OperatorInfo {
	out := make([]OperatorInfo, len(operators))
	for i, e := range operators {
		out[i] = e.OperatorInfo
		out[i].FactTypes, out[i].Formats, out[i].Choices = slices.Clone(e.FactTypes), slices.Clone(e.Formats), slices.Clone(e.Choices)
	}
	return out
}

// aliases are words from other languages for which no spelling is near.
var aliases = map[string]string{
	"=": "equal", "==": "equal", "===": "equal", "eq": "equal", "is": "equal",
	"!=": "notEqual", "!==": "notEqual", "<>": "notEqual", "ne": "notEqual", "neq": "notEqual", "isnot": "notEqual",
	"<": "lessThan", "lt": "lessThan", "<=": "lessThanInclusive", "lte": "lessThanInclusive", "le": "lessThanInclusive",
	">": "greaterThan", "gt": "greaterThan", ">=": "greaterThanInclusive", "gte": "greaterThanInclusive", "ge": "greaterThanInclusive",
	"lessthanorequal": "lessThanInclusive", "greaterthanorequal": "greaterThanInclusive",
	"lessthanorequalto": "lessThanInclusive", "greaterthanorequalto": "greaterThanInclusive",
	"includes": "contains", "has": "contains", "notcontains": "doesNotContain", "excludes": "doesNotContain",
	"oneof": "in", "anyof": "in", "nin": "notIn", "noneof": "notIn",
	"regex": "matches", "match": "matches", "like": "matches", "notmatches": "doesNotMatch",
	"prefix": "startsWith", "suffix": "endsWith", "present": "exists", "isnull": "isEmpty", "empty": "isEmpty",
	"some": "any", "every": "all", "notequals": "notEqual", "equalto": "equal", "cidr": "inCidr",
}

func suggestOperator(name string) string {
	if s := aliases[strings.ToLower(name)]; s != "" {
		return s
	}
	return nearest(name, operatorNames)
}

// splitOperator takes the decorators off an operator's name. On failure it
// returns a message and a suggestion.
func splitOperator(name string) (decs []decorator, op *operatorEntry, message, suggestion string) {
	parts := strings.Split(name, ":")
	last := parts[len(parts)-1]
	if len(parts) > maxDecorators+1 {
		return nil, nil, "the operator has more than 16 decorators", ""
	}
	for i, p := range parts[:len(parts)-1] {
		d := slices.Index(decoratorNames, p)
		if d < 0 {
			s := nearest(p, decoratorNames)
			if s != "" {
				parts[i] = s
				s = strings.Join(parts, ":")
			}
			return nil, nil, "unknown decorator `" + clip(p, 60) + "`", s
		}
		decs = append(decs, decorator(d))
	}
	op = operatorByName[last]
	if op != nil {
		return decs, op, "", ""
	}
	if last == "" {
		return nil, nil, "the operator is empty", ""
	}
	s := suggestOperator(last)
	if s != "" {
		parts[len(parts)-1] = s
		s = strings.Join(parts, ":")
	}
	return nil, nil, "unknown operator `" + clip(last, 60) + "`", s
}

const maxDecorators = 16
