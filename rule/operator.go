package rule

import (
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

// OperatorInfo describes an operator for the API and the documentation. Words
// is how a person would say it between fact and value. ValueType is what the
// value must be: any, scalar, array, string, regex, boolean, number, date,
// condition, cidr, version, lookup. FactTypes are the JSON types of facts (string,
// number, boolean, null, array, object) on which it can be true; those of the
// presence operators include "missing".
type OperatorInfo struct {
	Name      string   `json:"name"`
	Group     string   `json:"group"`
	Words     string   `json:"words"`
	ValueType string   `json:"valueType"`
	FactTypes []string `json:"factTypes"`
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

var operators = func() []operatorEntry {
	scalars := []string{"string", "number", "boolean", "null"}
	text := []string{"string"}
	dates := []string{"string", "number"}
	lists := []string{"array"}
	var list []operatorEntry
	add := func(code opcode, name, group, words string, v valueType, facts []string) {
		list = append(list, operatorEntry{code, v, OperatorInfo{name, group, words, string(v), facts}})
	}
	add(opEqual, "equal", "equality", "is", valueScalar, scalars)
	add(opNotEqual, "notEqual", "equality", "is not", valueScalar, append(slices.Clone(scalars), "array", "object", "missing"))
	add(opIn, "in", "membership", "is one of", valueArray, scalars)
	add(opNotIn, "notIn", "membership", "is none of", valueArray, append(slices.Clone(scalars), "array", "object", "missing"))
	add(opContains, "contains", "membership", "contains", valueScalar, []string{"array", "string"})
	add(opDoesNotContain, "doesNotContain", "membership", "does not contain", valueScalar, []string{"array", "string"})
	add(opLessThan, "lessThan", "numbers", "is less than", valueAny, dates)
	add(opLessThanInclusive, "lessThanInclusive", "numbers", "is at most", valueAny, dates)
	add(opGreaterThan, "greaterThan", "numbers", "is greater than", valueAny, dates)
	add(opGreaterThanInclusive, "greaterThanInclusive", "numbers", "is at least", valueAny, dates)
	add(opStartsWith, "startsWith", "text", "starts with", valueString, text)
	add(opEndsWith, "endsWith", "text", "ends with", valueString, text)
	add(opMatches, "matches", "text", "matches the pattern", valueRegex, text)
	add(opDoesNotMatch, "doesNotMatch", "text", "does not match the pattern", valueRegex, text)
	add(opEqualIgnoreCase, "equalIgnoreCase", "text", "is, in upper or lower case,", valueString, text)
	add(opExists, "exists", "presence", "is there", valueBoolean, append(slices.Clone(scalars), "array", "object", "missing"))
	add(opIsEmpty, "isEmpty", "presence", "is empty", valueBoolean, append(slices.Clone(scalars), "array", "object", "missing"))
	add(opWithinLastHours, "withinLastHours", "dates", "is within the last hours", valueNumber, dates)
	add(opWithinLastDays, "withinLastDays", "dates", "is within the last days", valueNumber, dates)
	add(opWithinNextHours, "withinNextHours", "dates", "is within the next hours", valueNumber, dates)
	add(opWithinNextDays, "withinNextDays", "dates", "is within the next days", valueNumber, dates)
	add(opOlderThanHours, "olderThanHours", "dates", "is older in hours than", valueNumber, dates)
	add(opOlderThanDays, "olderThanDays", "dates", "is older in days than", valueNumber, dates)
	add(opBefore, "before", "dates", "is before", valueDate, dates)
	add(opAfter, "after", "dates", "is after", valueDate, dates)
	add(opAll, "all", "quantifiers", "has only elements where", valueCondition, lists)
	add(opAny, "any", "quantifiers", "has an element where", valueCondition, lists)
	add(opNoElement, "none", "quantifiers", "has no element where", valueCondition, lists)
	add(opInCidr, "inCidr", "network", "is in the network", valueCidr, text)
	add(opNotInCidr, "notInCidr", "network", "is not in the network", valueCidr, text)
	add(opVersionAtLeast, "versionAtLeast", "versions", "is at least version", valueVersion, dates)
	add(opVersionBelow, "versionBelow", "versions", "is below version", valueVersion, dates)
	add(opExistsIn, "existsIn", "other records", "is found in", valueLookup, []string{"string", "number", "boolean"})
	add(opNotExistsIn, "notExistsIn", "other records", "is not found in", valueLookup, []string{"string", "number", "boolean"})
	return list
}()

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

var decoratorNames = []string{"someFact", "everyFact", "someValue", "everyValue", "swap", "not"}

func init() {
	for i := range operators {
		e := &operators[i]
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
		out[i].FactTypes = slices.Clone(e.FactTypes)
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
