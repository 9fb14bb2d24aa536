package rule

import "slices"

// Language is what a builder or an editor has to know of the rule language, from
// the tables that the parser and the evaluator use.
type Language struct {
	Operators  []OperatorInfo  `json:"operators"`
	Decorators []DecoratorInfo `json:"decorators"`
	// Conditions are what can stand where a condition is expected, by its key.
	Conditions []WordInfo      `json:"conditions"`
	Logics     []WordInfo      `json:"logics"`
	Filters    []WordInfo      `json:"filters"`
	Assertions []AssertionInfo `json:"assertions"`
	OnEmpty    []WordInfo      `json:"onEmpty"`
	Limits     Limits          `json:"limits"`
}

// WordInfo describes a word of the language. Words is how it reads in a form,
// Help a sentence, Default whether it holds where nothing is said.
type WordInfo struct {
	Name    string `json:"name"`
	Words   string `json:"words"`
	Help    string `json:"help"`
	Default bool   `json:"default"`
}

// DecoratorInfo describes a decorator. On says whether it goes through the
// elements of the fact or the value, or changes what comes after it.
type DecoratorInfo struct {
	Name  string `json:"name"`
	Words string `json:"words"`
	Help  string `json:"help"`
	On    string `json:"on" enum:"fact,value,rest"`
}

// AssertionInfo describes an assertion over the records in scope.
type AssertionInfo struct {
	WordInfo
	Parameters []ParameterInfo `json:"parameters"`
}

// ParameterInfo describes a parameter of an assertion. Type is count (a number of
// records), percentage (0 to 100) or path.
type ParameterInfo struct {
	Name     string `json:"name"`
	Words    string `json:"words"`
	Type     string `json:"type" enum:"count,percentage,path"`
	Required bool   `json:"required"`
}

// Limits are the bounds of a rule's text. Duration is that of date operators, in
// their unit.
type Limits struct {
	Groups       int   `json:"groups"`
	Conditions   int   `json:"conditions"`
	Depth        int   `json:"depth"`
	Decorators   int   `json:"decorators"`
	PatternBytes int   `json:"patternBytes"`
	PathBytes    int   `json:"pathBytes"`
	Duration     int64 `json:"duration"`
}

// NewLanguage describes the language. The caller may change what it gets.
func NewLanguage() Language {
	l := Language{
		Operators: OperatorInfos(), Decorators: slices.Clone(decorators), Conditions: slices.Clone(conditionWords), Logics: slices.Clone(logics),
		Filters: slices.Clone(filterModes), Assertions: slices.Clone(assertions), OnEmpty: slices.Clone(emptyWords),
		Limits: Limits{Groups: maxGroups, Conditions: maxConditions, Depth: maxConditionDepth, Decorators: maxDecorators, PatternBytes: maxPattern, PathBytes: maxPath, Duration: maxSpan},
	}
	for i := range l.Assertions {
		l.Assertions[i].Parameters = slices.Clone(l.Assertions[i].Parameters)
	}
	return l
}

var decorators = []DecoratorInfo{
	decSomeFact:   {"someFact", "some element", "The attribute is a list, and at least one element satisfies the rest.", "fact"},
	decEveryFact:  {"everyFact", "every element", "The attribute is a list, and every element satisfies the rest.", "fact"},
	decSomeValue:  {"someValue", "for some value", "The value is a list, and at least one element of it satisfies the rest.", "value"},
	decEveryValue: {"everyValue", "for every value", "The value is a list, and every element of it satisfies the rest.", "value"},
	decSwap:       {"swap", "swapped", "The attribute and the value change places.", "rest"},
	decNot:        {"not", "not", "The rest is not true.", "rest"},
}

var conditionWords = []WordInfo{
	{Name: isAll.String(), Words: "All of these", Help: "Every condition in it is true. An empty one is always true.", Default: true},
	{Name: isAny.String(), Words: "At least one of these", Help: "One condition in it is true, or more. An empty one is always true."},
	{Name: isNot.String(), Words: "Not", Help: "The one condition in it is false."},
	{Name: isNamed.String(), Words: "A named condition", Help: "A condition of the workspace that several tests share, by its name."},
}

var logics = []WordInfo{
	{string(AllGroups), "All groups must pass", "The test fails when a group fails.", true},
	{string(AnyGroup), "Only one group needs to pass", "The test passes when a group passes.", false},
	{string(AtMostOneFails), "Only one group can fail", "The test fails when two groups fail.", false},
}

var filterModes = []WordInfo{
	{string(Inclusion), "Only records where", "Records that satisfy the filter are tested, the others are out of scope.", false},
	{string(Exclusion), "All records except where", "Records that satisfy the filter are out of scope, the others are tested.", true},
}

var assertions = []AssertionInfo{
	{WordInfo{string(NoFail), "Every record must satisfy it", "One record in scope that does not satisfy the conditions fails the group.", true}, []ParameterInfo{}},
	{WordInfo{string(MaxFailing), "Some records may fail", "The group passes while no more than this number of records do not satisfy the conditions.", false},
		[]ParameterInfo{{"value", "records that may fail", "count", true}}},
	{WordInfo{string(MinPassingPercent), "A share of the records must satisfy it", "The group passes while at least this share of the records in scope satisfies the conditions.", false},
		[]ParameterInfo{{"value", "percent", "percentage", true}}},
	{WordInfo{string(Count), "A number of records must satisfy it", "How many records satisfy the conditions, such as at least one, at most three, or none. No single record is failing.", false},
		[]ParameterInfo{{"min", "at least", "count", false}, {"max", "at most", "count", false}}},
	{WordInfo{string(Unique), "A value must be unique", "Every record must satisfy the conditions, and no two of them may have the same value.", false},
		[]ParameterInfo{{"path", "attribute", "path", true}}},
}

var emptyWords = []WordInfo{
	{string(EmptyError), "Error", "Nothing to test is reported as an error, so that missing data is never a pass.", true},
	{string(EmptyPass), "Pass", "Nothing to test is a pass.", false},
	{string(EmptyFail), "Fail", "Nothing to test is a failure.", false},
}

func wordNames(list []WordInfo) []string {
	names := make([]string, len(list))
	for i, w := range list {
		names[i] = w.Name
	}
	return names
}

// Fitting lists the operators that can be true of an attribute with some JSON
// types (number and integer are the same; none means any), those that its format
// or type is made for first.
func Fitting(types []string, format string) []string {
	var first, then, last []string
	has := func(name string) bool {
		return len(types) == 0 || slices.Contains(types, name) || name == "number" && slices.Contains(types, "integer")
	}
	for i := range operators {
		o := &operators[i]
		switch {
		case !slices.ContainsFunc(o.FactTypes, has):
		case slices.Contains(o.Formats, format):
			first = append(first, o.Name)
		case o.Formats != nil || o.code.looks() || o.Group == "versions" || o.Group == "numbers" && !has("number"):
			last = append(last, o.Name)
		default:
			then = append(then, o.Name)
		}
	}
	return slices.Concat(first, then, last)
}
