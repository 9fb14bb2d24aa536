package rule

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// change of one value that would make a leaf come out as wanted. A nil to
// removes the value.
type repair struct {
	leaf  *leaf
	words string
	to    json.RawMessage
}

const maxPlans = 8

// counterfactual looks for the smallest set of changed values with which the
// record would pass, and tries it before saying so.
func (m *Machine) counterfactual(i int, record []byte, now time.Time) string {
	g := m.program.rules[i].evaluator
	plans := m.plans(g.tree, &m.frames[0], true, 0)
	slices.SortStableFunc(plans, func(a, b []repair) int { return len(a) - len(b) })
	trial := m.program.Machine()
	copy(trial.answers, m.answers)
	for _, plan := range plans {
		if len(plan) == 0 || len(plan) > 3 {
			continue
		}
		changed, ok := patch(record, plan)
		if !ok {
			continue
		}
		trial.Run(changed, now)
		if trial.Outcome(i) != Pass {
			continue
		}
		var words []string
		for _, r := range plan {
			if !slices.Contains(words, r.words) {
				words = append(words, r.words)
			}
		}
		return "would pass if " + strings.Join(words, " and ")
	}
	return ""
}

// plans gives ways to make a condition come out as wanted, cheapest first, none
// when there is no known one. A condition that already does needs no change.
func (m *Machine) plans(t *tree, f *frame, want bool, depth int) [][]repair {
	if m.walk(t, f) == truthOf(want) {
		return [][]repair{nil}
	}
	switch t.kind {
	case isLeaf:
		if r, ok := m.repair(t.leaf, f, want); ok {
			return [][]repair{{r}}
		}
		return nil
	case isNot:
		return m.plans(t.children[0], f, !want, depth+1)
	}
	if (t.kind == isAll) != want {
		var out [][]repair
		for _, child := range t.children {
			out = append(out, m.plans(child, f, want, depth+1)...)
		}
		slices.SortStableFunc(out, func(a, b []repair) int { return len(a) - len(b) })
		return out[:min(len(out), maxPlans)]
	}
	out := [][]repair{nil}
	for _, child := range t.children {
		ways := m.plans(child, f, want, depth+1)
		var next [][]repair
		for _, head := range out {
			for _, tail := range ways {
				if joined := append(slices.Clone(head), tail...); len(joined) <= 3 {
					next = append(next, joined)
				}
			}
		}
		slices.SortStableFunc(next, func(a, b []repair) int { return len(a) - len(b) })
		if out = next[:min(len(next), maxPlans)]; len(out) == 0 {
			return nil
		}
	}
	return out
}

// repair finds a value that makes a leaf come out as wanted, and says it.
func (m *Machine) repair(l *leaf, f *frame, want bool) (r repair, ok bool) {
	r.leaf = l
	src := l.src
	if src.fact == "$" || src.where != nil && (src.where.query != nil || src.where.isLength()) {
		return r, false
	}
	for _, d := range l.decs {
		if d != decNot {
			return r, false
		}
		want = !want
	}
	b := &l.literal
	if l.fromRecord {
		b = m.load(f, &l.right)
	}
	a := m.load(f, &l.left)
	name := subject(src)
	text := string(appendShort(nil, b))
	set := func(words string, to string) (repair, bool) {
		r.words, r.to = name+" "+words, json.RawMessage(to)
		return r, true
	}
	op := l.op
	if !want {
		if op = opposite(op); op == opUnknown {
			return r, false
		}
	}
	switch op {
	case opEqual:
		if b.kind > kindFailed && b.scalar() {
			return set("= "+text, string(appendValue(nil, b)))
		}
	case opNotEqual:
		switch {
		case a.isBool() && a.kind == kindTrue:
			return set("= false", "false")
		case a.isBool():
			return set("= true", "true")
		case b.kind > kindFailed && b.scalar():
			return set("is not "+text, `"another value"`)
		}
	case opIn:
		if b.kind == kindArray {
			e := elementsOf(b.s)
			var v value
			var arena []byte
			if e.next(&v, &arena) && v.scalar() {
				return set("is one of "+text, string(appendValue(nil, &v)))
			}
		}
	case opNotIn:
		if b.kind == kindArray {
			return set("is none of "+text, `"another value"`)
		}
	case opContains:
		if b.kind > kindFailed && b.scalar() && a.kind == kindArray {
			return set("contains "+text, "["+string(appendValue(nil, b))+"]")
		}
	case opDoesNotContain:
		if a.kind == kindArray {
			return set("does not contain "+text, "[]")
		}
	case opStartsWith, opEndsWith, opEqualIgnoreCase:
		if b.kind == kindString {
			return set(map[opcode]string{opStartsWith: "starts with ", opEndsWith: "ends with ", opEqualIgnoreCase: "= "}[op]+text, string(appendQuoted(nil, b.s)))
		}
	case opExists, opIsEmpty:
		return presence(r, op, name, b.kind == kindTrue, set)
	case opLessThan, opLessThanInclusive, opGreaterThan, opGreaterThanInclusive:
		if b.isNumber() {
			sign := map[opcode]string{opLessThan: "<", opLessThanInclusive: "<=", opGreaterThan: ">", opGreaterThanInclusive: ">="}[op]
			step := map[opcode]float64{opLessThan: -1, opGreaterThan: 1}[op]
			return set(sign+" "+text, string(appendNumber(nil, b.number()+step)))
		}
	case opVersionAtLeast:
		if _, ok := versionText(b); ok {
			return set(">= "+text, string(appendValue(nil, b)))
		}
	case opInCidr:
		if list, ok := networks(b); ok && len(list) > 0 {
			return set("is in "+text, strconv.Quote(list[0].Addr().String()))
		}
	}
	return m.repairDate(r, op, b, name)
}

func opposite(op opcode) opcode {
	switch op {
	case opEqual:
		return opNotEqual
	case opNotEqual:
		return opEqual
	case opIn:
		return opNotIn
	case opNotIn:
		return opIn
	case opContains:
		return opDoesNotContain
	case opDoesNotContain:
		return opContains
	case opLessThan:
		return opGreaterThanInclusive
	case opLessThanInclusive:
		return opGreaterThan
	case opGreaterThan:
		return opLessThanInclusive
	case opGreaterThanInclusive:
		return opLessThan
	case opVersionBelow:
		return opVersionAtLeast
	}
	return opUnknown
}

func presence(r repair, op opcode, name string, positive bool, set func(words, to string) (repair, bool)) (repair, bool) {
	there := (op == opExists) == positive
	switch {
	case there && op == opExists:
		return set("is there", `"a value"`)
	case there:
		return set("is not empty", `"a value"`)
	}
	r.words = name + " is not there"
	if op == opIsEmpty {
		r.words = name + " is empty"
	}
	return r, true
}

// repairDate says which dates would do.
func (m *Machine) repairDate(r repair, op opcode, b *value, name string) (repair, bool) {
	now := m.now
	span, spanned := readSpan(op, b)
	set := func(sign string, bound, witness instant) (repair, bool) {
		r.words = name + " " + sign + " " + formatInstant(bound)
		r.to = appendQuoted(nil, formatInstant(witness))
		return r, true
	}
	switch op {
	case opWithinLastHours, opWithinLastDays:
		if spanned {
			return set(">=", now.minus(span), now.minus(span))
		}
	case opWithinNextHours, opWithinNextDays:
		if spanned {
			return set("<=", now.plus(span), now.plus(span))
		}
	case opOlderThanHours, opOlderThanDays:
		if spanned {
			return set("<", now.minus(span), now.minus(span).minus(instant{1, 0}))
		}
	case opBefore, opAfter:
		at, ok := readInstant(b)
		switch {
		case ok && op == opBefore:
			return set("<", at, at.minus(instant{1, 0}))
		case ok:
			return set(">", at, at.plus(instant{1, 0}))
		}
	}
	return r, false
}

// patch gives the record with the changes made; false when a place does not
// exist or two changes meet.
func patch(record []byte, plan []repair) ([]byte, bool) {
	decoder := json.NewDecoder(bytes.NewReader(record))
	decoder.UseNumber()
	var root map[string]any
	if decoder.Decode(&root) != nil {
		return nil, false
	}
	for _, r := range plan {
		src := r.leaf.src
		names := []string{src.fact}
		if src.where != nil {
			for _, s := range src.where.steps {
				names = append(names, s.name)
			}
		}
		if !put(root, names, r.to) {
			return nil, false
		}
	}
	out, err := json.Marshal(root)
	return out, err == nil
}

// put sets or removes a value; objects that are not there are made.
func put(in any, names []string, to json.RawMessage) bool {
	name := names[0]
	last := len(names) == 1
	switch x := in.(type) {
	case map[string]any:
		if last {
			if to == nil {
				delete(x, name)
			} else {
				x[name] = to
			}
			return true
		}
		child, ok := x[name]
		if !ok {
			child = map[string]any{}
			x[name] = child
		}
		return put(child, names[1:], to)
	case []any:
		i := nameStep(name).index
		switch {
		case i < 0 || i >= len(x):
			return false
		case !last:
			return put(x[i], names[1:], to)
		case to == nil:
			return false
		}
		x[i] = to
		return true
	}
	return false
}
