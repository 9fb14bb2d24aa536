package rule

import "time"

// pairs remarks on two conditions side by side that contradict or repeat each
// other.
func (l *linter) pairs(c *Condition, where *place) {
	seen := map[string]int{}
	trials := make([]*trial, len(c.children))
	for i, x := range c.children {
		if x.kind == isLeaf && x.value != nil && len(x.decs) == 0 && !x.op.code.dated() {
			trials[i] = &trial{leaf: x}
		}
	}
	for i, x := range c.children {
		if x.kind == isBroken {
			continue
		}
		text := string(x.JSON())
		if j, twice := seen[text]; twice {
			l.info(where.at(i), "this repeats condition %d", j)
			continue
		}
		seen[text] = i
		for j := range i {
			y := c.children[j]
			if x.kind != isLeaf || y.kind != isLeaf || x.value == nil || y.value == nil ||
				len(x.decs)+len(y.decs) > 0 || x.fact != y.fact || x.path != y.path {
				continue
			}
			switch {
			case c.kind == isAll && (contradict(x, y) || trials[i].refuses(trials[j], opEqual, opIn) || trials[j].refuses(trials[i], opEqual, opIn)):
				l.warn(where.at(i), "this and condition %d can never be true together", j)
			case c.kind == isAny && (complete(x, y) || trials[i].takes(trials[j], opNotEqual, opNotIn) || trials[j].takes(trials[i], opNotEqual, opNotIn)):
				l.warn(where.at(i), "this or condition %d is always true", j)
			}
		}
	}
}

// contradict is whether no value satisfies both leaves.
func contradict(x, y *Condition) bool {
	a, b := x.value.literal(), y.value.literal()
	same := equalValues(&a, &b)
	switch {
	case x.op.code == opEqual && y.op.code == opEqual:
		return !same
	case x.op.code == opEqual && y.op.code == opNotEqual, x.op.code == opNotEqual && y.op.code == opEqual:
		return same
	case x.op.code == opExists && y.op.code == opExists:
		return !same
	}
	if y.op.code == opGreaterThan || y.op.code == opGreaterThanInclusive {
		x, y, a, b = y, x, b, a
	}
	low := x.op.code == opGreaterThan || x.op.code == opGreaterThanInclusive
	high := y.op.code == opLessThan || y.op.code == opLessThanInclusive
	if !low || !high || !a.isNumber() || !b.isNumber() {
		return false
	}
	strict := x.op.code == opGreaterThan || y.op.code == opLessThan
	return a.number() > b.number() || strict && a.number() == b.number()
}

// complete is whether every value satisfies one of the leaves.
func complete(x, y *Condition) bool {
	a, b := x.value.literal(), y.value.literal()
	switch {
	case x.op.code == opNotEqual && y.op.code == opNotEqual:
		return a.scalar() && b.scalar() && !equalValues(&a, &b)
	case x.op.code == opEqual && y.op.code == opNotEqual, x.op.code == opNotEqual && y.op.code == opEqual:
		return equalValues(&a, &b)
	case x.op.code == opExists && y.op.code == opExists:
		return !equalValues(&a, &b)
	}
	return false
}

// trial runs one leaf on values that another one names.
type trial struct {
	leaf    *Condition
	machine *Machine
}

const maxTrialValues = 50

// named are the values of a leaf with one of two operators: one, or a list.
func (t *trial) named(one, list opcode) []*item {
	switch t.leaf.op.code {
	case one:
		return []*item{t.leaf.value}
	case list:
		return t.leaf.value.elems
	}
	return nil
}

// on is whether the leaf is true of a value.
func (t *trial) on(v *item) bool {
	if t.machine == nil {
		leaf := *t.leaf
		leaf.fact, leaf.path, leaf.where = "v", "", nil
		p, err := Compile([]Rule{{Evaluator: &leaf}})
		if err != nil {
			return false
		}
		t.machine = p.Machine()
	}
	t.machine.Run(append(v.appendJSON([]byte(`{"v":`)), '}'), time.Time{})
	return t.machine.Outcome(0) == Pass
}

// refuses is whether the leaf is false of every value that the other one asks
// for, so that both are never true.
func (t *trial) refuses(other *trial, one, list opcode) bool {
	return t.agrees(other, one, list, false)
}

// takes is whether the leaf is true of every value that the other one excludes,
// so that one of them is always true.
func (t *trial) takes(other *trial, one, list opcode) bool {
	return t.agrees(other, one, list, true)
}

func (t *trial) agrees(other *trial, one, list opcode, want bool) bool {
	if t == nil || other == nil {
		return false
	}
	values := other.named(one, list)
	if len(values) == 0 || len(values) > maxTrialValues {
		return false
	}
	for _, v := range values {
		if v.kind == kindArray || v.kind == kindObject || t.on(v) != want {
			return false
		}
	}
	return true
}
