package schema

// maxBranches bounds how often a scalar is looked at.
const maxBranches = 8

// union is anyOf or oneOf. What it can do is settled when all nodes are known,
// for a branch may refer to a node that is being made.
type union struct {
	node *node
	// exclusive is oneOf: a second branch must not accept the value too.
	exclusive bool
}

// union understands a subschema that is nothing but anyOf or oneOf, which is
// what generators write for a value that may be null, and an allOf of one.
func (c *fastCompiler) union(n *node, object map[string]any, pointer string) (*node, bool) {
	keyword := ""
	for name := range object {
		switch {
		case name == "anyOf" || name == "oneOf" || name == "allOf":
			if keyword != "" {
				return nil, false
			}
			keyword = name
		case !notes[name]:
			return nil, false
		}
	}
	list, _ := object[keyword].([]any)
	if pointer == "" || len(list) == 0 || len(list) > maxBranches {
		return nil, false
	}
	if keyword == "allOf" {
		if len(list) > 1 {
			return nil, false
		}
		return c.node(list[0], pointer+"/allOf/0"), true
	}
	n.mode = modeUnion
	for i, one := range list {
		n.branches = append(n.branches, c.node(one, pointer+"/"+keyword+"/"+string(rune('0'+i))))
	}
	c.unions = append(c.unions, union{n, keyword == "oneOf"})
	return n, true
}

// settle finds the branch for objects and arrays, or leaves the union to the
// library: if there are several, or if one value might satisfy two branches of
// oneOf.
func (u union) settle() {
	n := u.node
	var seen kinds
	for _, b := range n.branches {
		nested := b.mode == modeUnion
		if nested || u.exclusive && (b.mode != modeTest || seen&b.types != 0) {
			*n = node{mode: modeAsk}
			return
		}
		seen |= b.types
		if b.mode == modeAsk || b.mode == modeTest && b.types&(isArray|isObject) == 0 {
			continue
		}
		if n.container != nil {
			*n = node{mode: modeAsk}
			return
		}
		n.container = b
	}
}
