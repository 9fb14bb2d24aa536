package rule

import (
	"regexp"
	"regexp/syntax"
	"slices"
)

// matcher is a regular expression; for most there is an automaton over ASCII
// text besides, which gives the same answer many times faster.
type matcher struct {
	re   *regexp.Regexp
	auto *automaton
}

// Match reports whether some part of the text matches.
func (p *matcher) Match(text []byte) bool {
	if p.auto != nil {
		if is, known := p.auto.match(text); known {
			return is
		}
	}
	return p.re.Match(text)
}

// Limits of an automaton. Work is counted in steps of the construction, for all
// patterns of a program together, so that no set of rules compiles slowly.
const (
	maxAutoStates = 200
	maxAutoInsts  = 400
	maxAutoWork   = 8 << 20
)

// automaton is a deterministic automaton over bytes below 0x80, made from the
// program of package regexp/syntax. It knows the beginning and the end of the
// text, but neither lines nor words.
type automaton struct {
	next [][128]uint8 // of each state, the state after a byte
	// atEnd tells of each state whether the text may end there.
	atEnd []bool
}

// The first two states end the run.
const (
	autoMatch uint8 = iota // a match was found
	autoDead               // none can be found any more
	autoStart
)

// match runs the automaton; known is false when the text has other bytes than
// ASCII.
func (a *automaton) match(text []byte) (is, known bool) {
	state := autoStart
	for _, c := range text {
		if c >= 0x80 {
			return false, false
		}
		state = a.next[state][c]
		if state <= autoDead {
			return state == autoMatch, true
		}
	}
	return a.atEnd[state], true
}

// newMatcher compiles a pattern; work is what is left to spend on automata.
func newMatcher(pattern string, work *int) (*matcher, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	p := &matcher{re: re}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err == nil && len(prog.Inst) <= maxAutoInsts {
		p.auto = (&determiner{prog: prog, work: work}).build()
	}
	return p, nil
}

// determiner makes an automaton by the subset construction.
type determiner struct {
	prog   *syntax.Prog
	work   *int
	auto   *automaton
	states map[string]uint8
	class  [128]uint8 // of bytes that no instruction tells apart
	sets   [][]uint32 // of the states, from autoStart on
	seen   []uint32   // generation in which an instruction was reached
	round  uint32
}

const (
	emptyBegin = syntax.EmptyBeginText
	emptyEnd   = syntax.EmptyEndText
)

func (d *determiner) build() *automaton {
	if *d.work < 0 {
		return nil
	}
	for i := range d.prog.Inst {
		if in := &d.prog.Inst[i]; in.Op == syntax.InstEmptyWidth && syntax.EmptyOp(in.Arg)&^(emptyBegin|emptyEnd) != 0 {
			return nil
		}
	}
	d.auto = &automaton{}
	d.classify()
	d.states = map[string]uint8{}
	d.seen = make([]uint32, len(d.prog.Inst))
	start, found := d.closure([]uint32{uint32(d.prog.Start)}, emptyBegin)
	if found {
		return nil // it matches any text, also that which is not ASCII
	}
	d.auto.next = make([][128]uint8, autoStart)
	d.auto.atEnd = make([]bool, autoStart)
	d.sets = append(d.sets, start)
	d.auto.atEnd = append(d.auto.atEnd, d.ends(start, emptyBegin))
	// The start is no other state's successor: what begins the text is over.
	for at := 0; at < len(d.sets); at++ {
		var row, byClass [128]uint8
		var done [128]bool
		for c, class := range d.class {
			if !done[class] {
				done[class] = true
				to, ok := d.step(d.sets[at], rune(c))
				if !ok {
					return nil
				}
				byClass[class] = to
			}
			row[c] = byClass[class]
		}
		d.auto.next = append(d.auto.next, row)
	}
	return d.auto
}

// classify puts bytes that no instruction tells apart into one class.
func (d *determiner) classify() {
	keys := map[string]uint8{}
	for c := range 128 {
		key := make([]byte, 0, len(d.prog.Inst))
		for i := range d.prog.Inst {
			*d.work--
			if in := &d.prog.Inst[i]; consumes(in) {
				bit := byte('0')
				if in.MatchRune(rune(c)) {
					bit = '1'
				}
				key = append(key, bit)
			}
		}
		class, ok := keys[string(key)]
		if !ok {
			class = uint8(len(keys))
			keys[string(key)] = class
		}
		d.class[c] = class
	}
}

func consumes(in *syntax.Inst) bool {
	switch in.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

// step gives the state after a byte.
func (d *determiner) step(set []uint32, c rune) (uint8, bool) {
	from := []uint32{uint32(d.prog.Start)} // a match may begin anywhere
	for _, pc := range set {
		*d.work--
		if in := &d.prog.Inst[pc]; consumes(in) && in.MatchRune(c) {
			from = append(from, in.Out)
		}
	}
	next, found := d.closure(from, 0)
	switch {
	case *d.work < 0:
		return 0, false
	case found:
		return autoMatch, true
	case len(next) == 0:
		return autoDead, true
	}
	key := make([]byte, 0, 2*len(next))
	for _, pc := range next {
		key = append(key, byte(pc), byte(pc>>8))
	}
	if state, ok := d.states[string(key)]; ok {
		return state, true
	}
	if len(d.sets) == maxAutoStates {
		return 0, false
	}
	state := autoStart + uint8(len(d.sets))
	d.states[string(key)] = state
	d.sets = append(d.sets, next)
	d.auto.atEnd = append(d.auto.atEnd, d.ends(next, 0))
	return state, true
}

// closure follows what consumes nothing, with the empty-width conditions that
// hold. The set has the instructions that consume, and those that wait for the
// end of the text; found means that the match is reached.
func (d *determiner) closure(from []uint32, holds syntax.EmptyOp) (set []uint32, found bool) {
	d.round++
	stack := slices.Clone(from)
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if *d.work--; d.seen[pc] == d.round {
			continue
		}
		d.seen[pc] = d.round
		switch in := &d.prog.Inst[pc]; in.Op {
		case syntax.InstMatch:
			return nil, true
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, in.Out)
		case syntax.InstEmptyWidth:
			switch missing := syntax.EmptyOp(in.Arg) &^ holds; missing {
			case 0:
				stack = append(stack, in.Out)
			case emptyEnd:
				set = append(set, pc)
			}
		case syntax.InstFail:
		default:
			set = append(set, pc)
		}
	}
	slices.Sort(set)
	return set, false
}

// ends reports whether the match is reached when the text ends in a state.
func (d *determiner) ends(set []uint32, holds syntax.EmptyOp) bool {
	var waiting []uint32
	for _, pc := range set {
		if d.prog.Inst[pc].Op == syntax.InstEmptyWidth {
			waiting = append(waiting, pc)
		}
	}
	_, found := d.closure(waiting, holds|emptyEnd)
	return found
}
