// Package rule parses, checks, compiles, runs and explains the rules of tests:
// one record in, one outcome out, with the reason. It does no I/O, reads no
// clock and keeps no global state, so it can be used on its own.
//
// # Grammar
//
//	evaluator := {"all":[cond...]} | {"any":[cond...]} | {"not":cond}
//	cond      := evaluator | leaf | {"condition":name}
//	leaf      := {"fact":key, "path"?:p, "operator":[decorator:]*op, "value":v}
//	v         := any JSON | {"fact":key,"path"?:p} | cond (for all, any, none)
//	           | {"resource":name or id,"path":p,"where"?:cond} (for existsIn, notExistsIn)
//
// The root of a rule is an evaluator. name (text), priority (integer) and params
// (anything) are accepted on every condition and kept; nothing else is. The
// other refusals are an empty text, a key that stands twice, a leaf without
// fact, operator or value, an operator or decorator that is not known, a value
// that the operator cannot use, conditions deeper than 64 or more than 10,000.
// Every refusal is an [*Error] with line, column, JSON Pointer, a sentence and
// often a suggestion.
//
// A fact is a top-level property of the record, or of the element inside a
// quantifier; "$" is the record or the element itself. A fact that is not there
// is undefined, which is not null and equal only to another undefined value. A path goes on from
// the fact: a.b[0].c, or JSONPath (RFC 9535) from "$". A path on a text, number,
// boolean or null gives that value; length measures arrays and texts (in UTF-16
// units). A path of names and indexes gives the value; a query with a wildcard,
// slice, filter, several selectors or a descent gives the array of its matches;
// without a match the value is undefined.
//
// [NewLanguage] describes the language and its operators, docs/rules.md shows each
// with an example. For editors [Inspect] reads a text as it is typed, [Format]
// lays it out, and package complete proposes how it goes on.
// The decorators, which can be stacked from left to right, are
//
//	someFact:   the fact is an array and one element satisfies the rest
//	everyFact:  the fact is an array and all elements satisfy the rest
//	someValue:  one element of the value satisfies the rest
//	everyValue: all elements of the value satisfy the rest
//	swap:       fact and value change places
//	not:        the rest is not true
//
// A named condition ([ParseConditions]) stands for itself wherever it is referred
// to, with the reference's priority.
//
// existsIn and notExistsIn ask the records of another resource. The engine sees
// none but the record at hand, so somebody has to answer: [Program.Lookups] lists
// the questions, [Machine.Provide] takes an answer, [Values] is one in memory.
// A text, number or boolean is looked up; on anything else both are false.
//
// Where "in", someValue and everyValue meet a value from the record that is no
// array, the rule cannot be evaluated on this record: the outcome is [Errored],
// never a pass. Conditions of one priority are then evaluated together, so that
// an error among them counts even if another already decides.
//
// Dates are RFC 3339, the same with a space for the T or without an offset (then
// UTC), a date alone (UTC midnight), unix seconds, or from 10^11 on unix
// milliseconds. Versions are dotted numbers after an optional v, up to a suffix
// that begins with "-", "+", "~", "(" or a space and does not count.
//
// # Differences from json-rules-engine
//
// The base of the language is json-rules-engine 7 of npm with undefined facts
// allowed. A rule written for it means the same here, except for this table. A
// differential test (build tag oracle) compares the two on random pairs.
//
//	what                          there                        here
//	contains, doesNotContain on   always false                 whether the one text
//	text with a text as value                                  is part of the other
//	an object or array compared   equal, being one object      not equal
//	with itself
//	integers beyond 2^53          rounded to a float64         exact within int64
//	path length on a fact that    the text itself              its length
//	is a text
//	length of an empty text       undefined                    0
//	inside a fact
//	index into a text             the character                undefined
//	fact "$"                      a property called $          the record or element
//	fact with an empty name       an error                     a property like others
//	JSONPath: filters             JavaScript                   RFC 9535
//	JSONPath: slices              end 0 means the end, a       RFC 9535
//	                              negative step never ends
//	JSONPath: negative index      undefined                    counts from the end
//	JSONPath: descent             the value, if only the       always an array
//	                              root matches
//	JSONPath: * over an object    numeric keys first           order of the record
//	JSONPath: ^ ~ @type() (expr)  extensions                   refused
//	unknown or double keys        ignored                      refused
//	unknown operator or           an error when evaluated      refused
//	decorator
//	value of in that is no array  text is searched, else an    refused in the rule; in
//	                              error when evaluated         the record as there
//	numbers beyond float64 in     infinity                     refused
//	the rule
//	priority                      converted with parseInt      an integer, else refused
//	a named condition that is     an error when evaluated      refused
//	not there, or a circle
//	a rule that cannot be         fails all rules of the run   the outcome of that rule
//	evaluated                                                  is an error
package rule
