package rule

import (
	"encoding/json"
	"slices"
)

// operators is the one table of the language's operators: the parser, the
// evaluator, the sentences and what is told to editors come from it.
var operators = func() []operatorEntry {
	scalars := []string{"string", "number", "boolean", "null"}
	everything := append(slices.Clone(scalars), "array", "object", "missing")
	texts, lists := []string{"string"}, []string{"array"}
	datable, holders := []string{"string", "number"}, []string{"array", "string"}
	lookable := []string{"string", "number", "boolean"}
	moments, addresses := []string{"date-time", "date"}, []string{"ipv4", "ipv6"}
	return []operatorEntry{
		{opEqual, valueScalar, OperatorInfo{
			Name: "equal", Group: "equality", Words: "is", Phrase: "is {value}",
			Input: "one", Reference: true, FactTypes: scalars,
			Help:    "Compares value and type: 22 and 22.0 are the same number, 22 and \"22\" are not.",
			Example: json.RawMessage(`{"fact":"port","operator":"equal","value":22}`),
			Passes:  json.RawMessage(`{"port":22}`), Fails: json.RawMessage(`{"port":"22"}`),
		}},
		{opNotEqual, valueScalar, OperatorInfo{
			Name: "notEqual", Group: "equality", Words: "is not", Phrase: "is not {value}",
			Input: "one", Reference: true, FactTypes: everything,
			Help:    "The opposite of `equal`. It is also true where the attribute is missing.",
			Example: json.RawMessage(`{"fact":"shell","operator":"notEqual","value":"/bin/sh"}`),
			Passes:  json.RawMessage(`{"shell":"/usr/sbin/nologin"}`), Fails: json.RawMessage(`{"shell":"/bin/sh"}`),
		}},
		{opIn, valueArray, OperatorInfo{
			Name: "in", Group: "membership", Words: "is one of", Phrase: "is one of {value}",
			Input: "list", Reference: true, FactTypes: scalars,
			Help:    "True when the list has this value, of the same type.",
			Example: json.RawMessage(`{"fact":"region","operator":"in","value":["eu-west-1","eu-north-1"]}`),
			Passes:  json.RawMessage(`{"region":"eu-west-1"}`), Fails: json.RawMessage(`{"region":"us-east-1"}`),
		}},
		{opNotIn, valueArray, OperatorInfo{
			Name: "notIn", Group: "membership", Words: "is none of", Phrase: "is none of {value}",
			Input: "list", Reference: true, FactTypes: everything,
			Help:    "The opposite of `in`. It is also true where the attribute is missing.",
			Example: json.RawMessage(`{"fact":"state","operator":"notIn","value":["public","unknown"]}`),
			Passes:  json.RawMessage(`{"state":"private"}`), Fails: json.RawMessage(`{"state":"public"}`),
		}},
		{opContains, valueScalar, OperatorInfo{
			Name: "contains", Group: "membership", Words: "contains", Phrase: "contains {value}",
			Input: "one", Reference: true, FactTypes: holders,
			Help:    "A list contains the value as an element, a text contains it as a part of it.",
			Example: json.RawMessage(`{"fact":"groups","operator":"contains","value":"security"}`),
			Passes:  json.RawMessage(`{"groups":["dev","security"]}`), Fails: json.RawMessage(`{"groups":["dev"]}`),
		}},
		{opDoesNotContain, valueScalar, OperatorInfo{
			Name: "doesNotContain", Group: "membership", Words: "does not contain", Phrase: "does not contain {value}",
			Input: "one", Reference: true, FactTypes: holders,
			Help:    "True of a list without this element and of a text without this part. It is false where the attribute is missing.",
			Example: json.RawMessage(`{"fact":"groups","operator":"doesNotContain","value":"wheel"}`),
			Passes:  json.RawMessage(`{"groups":["dev"]}`), Fails: json.RawMessage(`{"groups":["wheel"]}`),
		}},
		{opLessThan, valueAny, OperatorInfo{
			Name: "lessThan", Group: "numbers", Words: "is less than", Phrase: "is less than {value}",
			Input: "number", Reference: true, FactTypes: datable,
			Help:    "Compares numbers. A text that is a number counts as that number.",
			Example: json.RawMessage(`{"fact":"failedLogins","operator":"lessThan","value":5}`),
			Passes:  json.RawMessage(`{"failedLogins":4}`), Fails: json.RawMessage(`{"failedLogins":5}`),
		}},
		{opLessThanInclusive, valueAny, OperatorInfo{
			Name: "lessThanInclusive", Group: "numbers", Words: "is at most", Phrase: "is at most {value}",
			Input: "number", Reference: true, FactTypes: datable,
			Help:    "Compares numbers; the value itself is allowed.",
			Example: json.RawMessage(`{"fact":"maxAge","operator":"lessThanInclusive","value":90}`),
			Passes:  json.RawMessage(`{"maxAge":90}`), Fails: json.RawMessage(`{"maxAge":91}`),
		}},
		{opGreaterThan, valueAny, OperatorInfo{
			Name: "greaterThan", Group: "numbers", Words: "is greater than", Phrase: "is greater than {value}",
			Input: "number", Reference: true, FactTypes: datable,
			Help:    "Compares numbers. A text that is a number counts as that number.",
			Example: json.RawMessage(`{"fact":"keyBits","operator":"greaterThan","value":2047}`),
			Passes:  json.RawMessage(`{"keyBits":2048}`), Fails: json.RawMessage(`{"keyBits":1024}`),
		}},
		{opGreaterThanInclusive, valueAny, OperatorInfo{
			Name: "greaterThanInclusive", Group: "numbers", Words: "is at least", Phrase: "is at least {value}",
			Input: "number", Reference: true, FactTypes: datable,
			Help:    "Compares numbers; the value itself is allowed.",
			Example: json.RawMessage(`{"fact":"minLength","operator":"greaterThanInclusive","value":12}`),
			Passes:  json.RawMessage(`{"minLength":12}`), Fails: json.RawMessage(`{"minLength":8}`),
		}},
		{opStartsWith, valueString, OperatorInfo{
			Name: "startsWith", Group: "text", Words: "starts with", Phrase: "starts with {value}",
			Input: "text", Reference: true, FactTypes: texts,
			Help:    "Upper and lower case count.",
			Example: json.RawMessage(`{"fact":"name","operator":"startsWith","value":"prod-"}`),
			Passes:  json.RawMessage(`{"name":"prod-db"}`), Fails: json.RawMessage(`{"name":"test-db"}`),
		}},
		{opEndsWith, valueString, OperatorInfo{
			Name: "endsWith", Group: "text", Words: "ends with", Phrase: "ends with {value}",
			Input: "text", Reference: true, FactTypes: texts,
			Help:    "Upper and lower case count.",
			Example: json.RawMessage(`{"fact":"email","operator":"endsWith","value":"@example.com"}`),
			Passes:  json.RawMessage(`{"email":"ada@example.com"}`), Fails: json.RawMessage(`{"email":"ada@example.org"}`),
		}},
		{opMatches, valueRegex, OperatorInfo{
			Name: "matches", Group: "text", Words: "matches the pattern", Phrase: "matches the pattern {value}",
			Input: "pattern", Reference: false, FactTypes: texts,
			Help:    "A regular expression (RE2) that finds something in the text. To match the whole text begin it with ^ and end it with $.",
			Example: json.RawMessage(`{"fact":"key","operator":"matches","value":"^AKIA[A-Z0-9]{16}$"}`),
			Passes:  json.RawMessage(`{"key":"AKIAABCDEFGHIJKLMNOP"}`), Fails: json.RawMessage(`{"key":"none"}`),
		}},
		{opDoesNotMatch, valueRegex, OperatorInfo{
			Name: "doesNotMatch", Group: "text", Words: "does not match the pattern", Phrase: "does not match the pattern {value}",
			Input: "pattern", Reference: false, FactTypes: texts,
			Help:    "A regular expression (RE2) that finds nothing in the text. It is false where the attribute is missing or no text.",
			Example: json.RawMessage(`{"fact":"name","operator":"doesNotMatch","value":"(?i)temp"}`),
			Passes:  json.RawMessage(`{"name":"billing"}`), Fails: json.RawMessage(`{"name":"Temporary"}`),
		}},
		{opEqualIgnoreCase, valueString, OperatorInfo{
			Name: "equalIgnoreCase", Group: "text", Words: "is, in upper or lower case,", Phrase: "is, in upper or lower case, {value}",
			Input: "text", Reference: true, FactTypes: texts,
			Help:    "Compares two texts; upper and lower case are the same.",
			Example: json.RawMessage(`{"fact":"email","operator":"equalIgnoreCase","value":"ada@example.com"}`),
			Passes:  json.RawMessage(`{"email":"Ada@Example.com"}`), Fails: json.RawMessage(`{"email":"grace@example.com"}`),
		}},
		{opExists, valueBoolean, OperatorInfo{
			Name: "exists", Group: "presence", Words: "is there", Choices: []ChoiceWords{{true, "is there"}, {false, "is not there"}},
			Input: "choice", Reference: true, FactTypes: everything,
			Help:    "Whether the record has the attribute at all. One that is null is there.",
			Example: json.RawMessage(`{"fact":"owner","operator":"exists","value":true}`),
			Passes:  json.RawMessage(`{"owner":null}`), Fails: json.RawMessage(`{}`),
		}},
		{opIsEmpty, valueBoolean, OperatorInfo{
			Name: "isEmpty", Group: "presence", Words: "is empty", Choices: []ChoiceWords{{true, "is empty"}, {false, "is not empty"}},
			Input: "choice", Reference: true, FactTypes: everything,
			Help:    "Empty is what is missing or null, a text without characters, a list or an object with nothing in it.",
			Example: json.RawMessage(`{"fact":"tags","operator":"isEmpty","value":false}`),
			Passes:  json.RawMessage(`{"tags":["prod"]}`), Fails: json.RawMessage(`{"tags":[]}`),
		}},
		{opWithinLastHours, valueNumber, OperatorInfo{
			Name: "withinLastHours", Group: "dates", Words: "is within the last hours", Phrase: "is within the last {value} hours",
			Input: "duration", Unit: "hours", Reference: true, FactTypes: datable, Formats: moments,
			Help:    "From that many hours ago until now. A moment that is still to come is not within.",
			Example: json.RawMessage(`{"fact":"seenAt","operator":"withinLastHours","value":24}`),
			Passes:  json.RawMessage(`{"seenAt":"2026-10-01T00:00:00Z"}`), Fails: json.RawMessage(`{"seenAt":"2026-09-29T00:00:00Z"}`),
		}},
		{opWithinLastDays, valueNumber, OperatorInfo{
			Name: "withinLastDays", Group: "dates", Words: "is within the last days", Phrase: "is within the last {value} days",
			Input: "duration", Unit: "days", Reference: true, FactTypes: datable, Formats: moments,
			Help:    "From that many days ago, to the second, until now. A moment that is still to come is not within.",
			Example: json.RawMessage(`{"fact":"reviewedAt","operator":"withinLastDays","value":90}`),
			Passes:  json.RawMessage(`{"reviewedAt":"2026-08-01"}`), Fails: json.RawMessage(`{"reviewedAt":"2026-01-01"}`),
		}},
		{opWithinNextHours, valueNumber, OperatorInfo{
			Name: "withinNextHours", Group: "dates", Words: "is within the next hours", Phrase: "is within the next {value} hours",
			Input: "duration", Unit: "hours", Reference: true, FactTypes: datable, Formats: moments,
			Help:    "From now on for that many hours. A moment that has passed is not within.",
			Example: json.RawMessage(`{"fact":"startsAt","operator":"withinNextHours","value":12}`),
			Passes:  json.RawMessage(`{"startsAt":"2026-10-01T18:00:00Z"}`), Fails: json.RawMessage(`{"startsAt":"2026-10-03T18:00:00Z"}`),
		}},
		{opWithinNextDays, valueNumber, OperatorInfo{
			Name: "withinNextDays", Group: "dates", Words: "is within the next days", Phrase: "is within the next {value} days",
			Input: "duration", Unit: "days", Reference: true, FactTypes: datable, Formats: moments,
			Help:    "From now on for that many days. A moment that has passed is not within.",
			Example: json.RawMessage(`{"fact":"expiresAt","operator":"withinNextDays","value":30}`),
			Passes:  json.RawMessage(`{"expiresAt":"2026-10-20T00:00:00Z"}`), Fails: json.RawMessage(`{"expiresAt":"2026-12-24T00:00:00Z"}`),
		}},
		{opOlderThanHours, valueNumber, OperatorInfo{
			Name: "olderThanHours", Group: "dates", Words: "is older in hours than", Phrase: "is older than {value} hours",
			Input: "duration", Unit: "hours", Reference: true, FactTypes: datable, Formats: moments,
			Help:    "Longer ago than that many hours. What is missing or no date is not older.",
			Example: json.RawMessage(`{"fact":"backupAt","operator":"olderThanHours","value":48}`),
			Passes:  json.RawMessage(`{"backupAt":"2026-09-28T00:00:00Z"}`), Fails: json.RawMessage(`{"backupAt":"2026-10-01T00:00:00Z"}`),
		}},
		{opOlderThanDays, valueNumber, OperatorInfo{
			Name: "olderThanDays", Group: "dates", Words: "is older in days than", Phrase: "is older than {value} days",
			Input: "duration", Unit: "days", Reference: true, FactTypes: datable, Formats: moments,
			Help:    "Longer ago than that many days, to the second. What is missing or no date is not older.",
			Example: json.RawMessage(`{"fact":"createdAt","operator":"olderThanDays","value":365}`),
			Passes:  json.RawMessage(`{"createdAt":"2024-01-01"}`), Fails: json.RawMessage(`{"createdAt":"2026-09-01"}`),
		}},
		{opBefore, valueDate, OperatorInfo{
			Name: "before", Group: "dates", Words: "is before", Phrase: "is before {value}",
			Input: "date", Reference: true, FactTypes: datable, Formats: moments,
			Help:    "A date alone is its beginning in UTC.",
			Example: json.RawMessage(`{"fact":"startedAt","operator":"before","value":"2026-01-01"}`),
			Passes:  json.RawMessage(`{"startedAt":"2025-12-31T23:59:59Z"}`), Fails: json.RawMessage(`{"startedAt":"2026-01-01T00:00:00Z"}`),
		}},
		{opAfter, valueDate, OperatorInfo{
			Name: "after", Group: "dates", Words: "is after", Phrase: "is after {value}",
			Input: "date", Reference: true, FactTypes: datable, Formats: moments,
			Help:    "A date alone is its beginning in UTC.",
			Example: json.RawMessage(`{"fact":"validUntil","operator":"after","value":"2026-12-31"}`),
			Passes:  json.RawMessage(`{"validUntil":"2027-06-30"}`), Fails: json.RawMessage(`{"validUntil":"2026-06-30"}`),
		}},
		{opAll, valueCondition, OperatorInfo{
			Name: "all", Group: "quantifiers", Words: "has only elements where", Phrase: "has only elements where {value}",
			Input: "condition", Reference: false, FactTypes: lists,
			Help:    "Every element of the list satisfies the condition. It is true of an empty list.",
			Example: json.RawMessage(`{"fact":"disks","operator":"all","value":{"fact":"encrypted","operator":"equal","value":true}}`),
			Passes:  json.RawMessage(`{"disks":[{"encrypted":true}]}`), Fails: json.RawMessage(`{"disks":[{"encrypted":true},{"encrypted":false}]}`),
		}},
		{opAny, valueCondition, OperatorInfo{
			Name: "any", Group: "quantifiers", Words: "has an element where", Phrase: "has an element where {value}",
			Input: "condition", Reference: false, FactTypes: lists,
			Help:    "At least one element of the list satisfies the condition. It is false of an empty list.",
			Example: json.RawMessage(`{"fact":"accounts","operator":"any","value":{"fact":"role","operator":"equal","value":"admin"}}`),
			Passes:  json.RawMessage(`{"accounts":[{"role":"admin"}]}`), Fails: json.RawMessage(`{"accounts":[{"role":"user"}]}`),
		}},
		{opNoElement, valueCondition, OperatorInfo{
			Name: "none", Group: "quantifiers", Words: "has no element where", Phrase: "has no element where {value}",
			Input: "condition", Reference: false, FactTypes: lists,
			Help:    "No element of the list satisfies the condition. It is true of an empty list.",
			Example: json.RawMessage(`{"fact":"ports","operator":"none","value":{"fact":"$","operator":"in","value":[21,23]}}`),
			Passes:  json.RawMessage(`{"ports":[22,443]}`), Fails: json.RawMessage(`{"ports":[22,23]}`),
		}},
		{opInCidr, valueCidr, OperatorInfo{
			Name: "inCidr", Group: "network", Words: "is in the network", Phrase: "is in the network {value}",
			Input: "network", Reference: true, FactTypes: texts, Formats: addresses,
			Help:    "An address or a network that lies wholly within one of the networks, such as 10.0.0.0/8.",
			Example: json.RawMessage(`{"fact":"address","operator":"inCidr","value":"10.0.0.0/8"}`),
			Passes:  json.RawMessage(`{"address":"10.1.2.3"}`), Fails: json.RawMessage(`{"address":"192.0.2.7"}`),
		}},
		{opNotInCidr, valueCidr, OperatorInfo{
			Name: "notInCidr", Group: "network", Words: "is not in the network", Phrase: "is not in the network {value}",
			Input: "network", Reference: true, FactTypes: texts, Formats: addresses,
			Help:    "An address or a network that lies in none of the networks. It is false of a text that is neither.",
			Example: json.RawMessage(`{"fact":"source","operator":"notInCidr","value":["10.0.0.0/8","fd00::/8"]}`),
			Passes:  json.RawMessage(`{"source":"192.0.2.7"}`), Fails: json.RawMessage(`{"source":"10.1.2.3"}`),
		}},
		{opVersionAtLeast, valueVersion, OperatorInfo{
			Name: "versionAtLeast", Group: "versions", Words: "is at least version", Phrase: "is at least version {value}",
			Input: "version", Reference: true, FactTypes: datable,
			Help:    "Compares dotted numbers part by part, so 10.15 is above 10.9. A suffix such as -beta does not count.",
			Example: json.RawMessage(`{"fact":"osVersion","operator":"versionAtLeast","value":"14.2"}`),
			Passes:  json.RawMessage(`{"osVersion":"14.10"}`), Fails: json.RawMessage(`{"osVersion":"14.1.9"}`),
		}},
		{opVersionBelow, valueVersion, OperatorInfo{
			Name: "versionBelow", Group: "versions", Words: "is below version", Phrase: "is below version {value}",
			Input: "version", Reference: true, FactTypes: datable,
			Help:    "Compares dotted numbers part by part, so 10.9 is below 10.15. A suffix such as -beta does not count.",
			Example: json.RawMessage(`{"fact":"tls","operator":"versionBelow","value":"1.2"}`),
			Passes:  json.RawMessage(`{"tls":"1.1"}`), Fails: json.RawMessage(`{"tls":"1.2"}`),
		}},
		{opExistsIn, valueLookup, OperatorInfo{
			Name: "existsIn", Group: "other records", Words: "is found in", Phrase: "is found in {value}",
			Input: "lookup", Reference: false, FactTypes: lookable,
			Help:    "Whether the records of another resource have this value at a path; `where` picks some of them.",
			Example: json.RawMessage(`{"fact":"email","operator":"existsIn","value":{"resource":"people","path":"email"}}`),
			Passes:  json.RawMessage(`{"email":"ada@example.com"}`), Fails: json.RawMessage(`{"email":"grace@example.com"}`),
		}},
		{opNotExistsIn, valueLookup, OperatorInfo{
			Name: "notExistsIn", Group: "other records", Words: "is not found in", Phrase: "is not found in {value}",
			Input: "lookup", Reference: false, FactTypes: lookable,
			Help:    "The opposite of `existsIn`; both are false where the attribute is missing, null, a list or an object.",
			Example: json.RawMessage(`{"fact":"email","operator":"notExistsIn","value":{"resource":"leavers","path":"email"}}`),
			Passes:  json.RawMessage(`{"email":"ada@example.com"}`), Fails: json.RawMessage(`{"email":"grace@example.com"}`),
		}},
	}
}()
