package diagnosis

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/connection/syncrun"
)

// flaw is one thing that is wrong with a refused record.
type flaw struct {
	// pointer is where, in the record; what is in the words of the schema's check.
	pointer, what string
}

// faultsOf reads what the check of a schema said of a record (schema.Schema.Check).
func faultsOf(r syncrun.RefusedRecord) []flaw {
	_, list, found := strings.Cut(r.Message, "Schema validation failed for data: ")
	if !found {
		return []flaw{{r.Pointer, r.Message}}
	}
	var entries []map[string]string
	if err := json.Unmarshal([]byte(list), &entries); err != nil {
		return []flaw{{r.Pointer, r.Message}}
	}
	var out []flaw
	for _, e := range entries {
		for pointer, what := range e {
			out = append(out, flaw{pointer, what})
		}
	}
	return out
}

var (
	missingProperty = regexp.MustCompile(`^must have required property '(.+)'$`)
	otherType       = regexp.MustCompile(`^must be (string|number|integer|boolean|object|array|null)(,(string|number|integer|boolean|object|array|null))*$`)
)

const extraProperty = "must NOT have additional properties"

// kindOf says what sort of fault it is, and which property it is of.
func (f flaw) kindOf() (kind, property string) {
	if m := missingProperty.FindStringSubmatch(f.what); m != nil {
		return "missing", propertyAt(f.pointer, m[1])
	}
	switch {
	case f.what == extraProperty:
		return "extra", propertyAt(f.pointer, "")
	case otherType.MatchString(f.what):
		return "type", propertyAt(f.pointer, "")
	}
	return "value", propertyAt(f.pointer, "")
}

// propertyAt is a pointer as people write a path, without places in lists.
func propertyAt(pointer, name string) string {
	var parts []string
	for _, token := range strings.Split(pointer, "/") {
		if _, err := strconv.ParseUint(token, 10, 32); token == "" || err == nil {
			continue
		}
		parts = append(parts, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	if name != "" {
		parts = append(parts, name)
	}
	return strings.Join(parts, ".")
}

// maxExamples is how many refused records are named.
const maxExamples = 3

// refusals are the facts of records that were refused.
func refusals(e *syncrun.Error, counts map[string]int64) facts {
	total := max(counts["rejected"], int64(len(e.Records)))
	out := facts{}
	if total > 0 {
		out["refused"], out["wereRefused"] = strconv.FormatInt(total, 10), counted(total, "record")+" were refused"
		if total == 1 {
			out["wereRefused"] = "1 record was refused"
		}
	}
	if counts["accepted"] > 0 {
		out["kept"] = "The other records were taken."
	}
	type sort struct{ kind, property string }
	seen, order, words := map[sort]int{}, []sort{}, map[sort]string{}
	var examples []string
	for _, rec := range e.Records {
		if len(examples) < maxExamples && rec.ID != "" {
			examples = append(examples, plain(rec.ID, 60))
		}
		noted := map[sort]bool{}
		for _, f := range faultsOf(rec) {
			s := sort{}
			s.kind, s.property = f.kindOf()
			if noted[s] {
				continue
			}
			noted[s] = true
			if seen[s] == 0 {
				order = append(order, s)
				words[s] = f.what
			}
			seen[s]++
		}
	}
	out["examples"] = strings.Join(examples, ", ")
	if len(order) == 0 {
		return out
	}
	// The fault that most records have, the first of those that are as common.
	main := slices.MaxFunc(order, func(a, b sort) int { return seen[a] - seen[b] })
	if i := slices.IndexFunc(order, func(s sort) bool { return seen[s] == seen[main] && s.kind == "missing" }); i >= 0 {
		main = order[i]
	}
	out["likely"] = main.kind
	if main.property != "" {
		out["property"] = "“" + plain(main.property, 100) + "”"
	}
	switch main.kind {
	case "missing":
		// Where every record that came lacks it, it is gone at the source.
		if counts["accepted"] == 0 && seen[main] == len(e.Records) && len(e.Records) > 1 {
			out["likely"] = "gone"
		}
		if slices.ContainsFunc(order, func(s sort) bool { return s.kind == "extra" }) {
			out["likely"] = "renamed"
		}
	case "type", "value":
		out["expected"] = plain(words[main], 120)
	}
	return out
}
