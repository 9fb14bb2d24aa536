package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// firewall asks whether what comes in is refused unless a rule lets it in. The
// rules of the kernel say it, where they can be read; else the settings of ufw
// and firewalld do, with their services running.
func (l *linux) firewall(ctx context.Context) Answer {
	var why []string
	var empty Answer
	for _, ask := range []func(context.Context) (filter, string, error){l.nftables, l.iptables} {
		f, program, err := ask(ctx)
		if err != nil {
			why = append(why, because(program, err))
			continue
		}
		a, any := f.answer(program, l.hasIPv6())
		// Where nft shows nothing, iptables may still have rules of the old kind.
		if any || program == "iptables-save" {
			return a
		}
		empty = a
	}
	for _, ask := range []func(context.Context) (Answer, bool){l.ufw, l.firewalld} {
		if a, found := ask(ctx); found {
			return a
		}
	}
	if empty.State != "" {
		if old, err := text(l.System, "/proc/net/ip_tables_names"); absent(err) || err == nil && strings.TrimSpace(old) == "" {
			return empty
		}
	}
	if modules, err := l.System.Names("/sys/module"); err == nil && len(modules) > 0 {
		if !slices.ContainsFunc(modules, func(m string) bool { return m == "nf_tables" || m == "ip_tables" || m == "iptable_filter" }) {
			return no("The kernel has no packet filter loaded (neither nf_tables nor ip_tables is in /sys/module).")
		}
	}
	return unknown("The rules of the kernel cannot be read, and neither ufw nor firewalld is in use. %s", strings.Join(why, " "))
}

func (l *linux) hasIPv6() bool {
	all, err := text(l.System, "/proc/net/if_inet6")
	if err != nil {
		return !absent(err)
	}
	for line := range strings.Lines(all) {
		if f := strings.Fields(line); len(f) == 6 && f[5] != "lo" {
			return true
		}
	}
	return false
}

// filter is a set of rules for what comes in.
type filter struct {
	// chains by family, table and name.
	chains map[string]*chain
	// input are the keys of the chains at which packets come in.
	input []string
}

type chain struct {
	family, policy string
	rules          []rule
}

// rule is one of a chain: what happens to a packet, always or on a condition.
type rule struct {
	conditional bool
	// verdict is accept, drop, reject, return, jump, goto, or empty.
	verdict string
	// target is the key of the chain for jump and goto.
	target string
}

const maxJumps = 32

// end is what happens to a packet on which no condition holds: accept, drop,
// reject, or empty when the chain has no word on it.
func (f filter) end(key string, jumps int) string {
	c := f.chains[key]
	if c == nil || jumps > maxJumps {
		return ""
	}
	for _, r := range c.rules {
		if r.conditional {
			continue
		}
		switch r.verdict {
		case "accept", "drop", "reject":
			return r.verdict
		case "return":
			return c.policy
		case "jump":
			if v := f.end(r.target, jumps+1); v != "" {
				return v
			}
		case "goto":
			if v := f.end(r.target, jumps+1); v != "" {
				return v
			}
			return c.policy
		}
	}
	return c.policy
}

// answer judges a filter; any is false when it holds no rule for what comes in.
func (f filter) answer(program string, ipv6 bool) (a Answer, any bool) {
	refused := map[string]bool{}
	for _, key := range f.input {
		if v := f.end(key, 0); v == "drop" || v == "reject" {
			switch family := f.chains[key].family; family {
			case "inet":
				refused["ip"], refused["ip6"] = true, true
			default:
				refused[family] = true
			}
		}
	}
	switch {
	case len(f.input) == 0:
		return no("%s shows no rules for what comes in.", program), false
	case !refused["ip"] && !refused["ip6"]:
		return no("%s shows rules, but what no rule names may come in.", program), true
	case !refused["ip"]:
		return no("%s shows that what comes in is refused over IPv6 only, not over IPv4.", program), true
	case !refused["ip6"] && ipv6:
		return no("%s shows that what comes in is refused over IPv4, but not over IPv6, which this machine uses.", program), true
	case !refused["ip6"]:
		return yes("%s shows that what comes in over IPv4 is refused unless a rule lets it in; IPv6 is not in use.", program), true
	}
	return yes("%s shows that what comes in is refused unless a rule lets it in.", program), true
}

func (l *linux) nftables(ctx context.Context) (filter, string, error) {
	out, err := l.System.Run(ctx, "nft", "-j", "list", "ruleset")
	if err != nil {
		return filter{}, "nft", err
	}
	f, err := parseNft(out)
	return f, "nft", err
}

// parseNft reads `nft -j list ruleset`, see libnftables-json(5).
func parseNft(out []byte) (filter, error) {
	var all struct {
		Nftables []struct {
			Chain *struct{ Family, Table, Name, Type, Hook, Policy string }
			Rule  *struct {
				Family, Table, Chain string
				Expr                 []map[string]json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(out, &all); err != nil {
		return filter{}, fmt.Errorf("what is not JSON (%w)", err)
	}
	f := filter{chains: map[string]*chain{}}
	for _, each := range all.Nftables {
		if c := each.Chain; c != nil {
			key := c.Family + " " + c.Table + " " + c.Name
			f.chains[key] = &chain{family: c.Family, policy: c.Policy}
			if c.Hook == "input" && c.Type == "filter" && (c.Family == "inet" || c.Family == "ip" || c.Family == "ip6") {
				f.input = append(f.input, key)
			}
		}
	}
	for _, each := range all.Nftables {
		if r := each.Rule; r != nil {
			if c := f.chains[r.Family+" "+r.Table+" "+r.Chain]; c != nil {
				c.rules = append(c.rules, nftRule(r.Family+" "+r.Table+" ", r.Expr))
			}
		}
	}
	return f, nil
}

// nftRule reads the statements of a rule. What the agent does not know counts as
// a condition.
func nftRule(table string, statements []map[string]json.RawMessage) rule {
	var r rule
	for _, s := range statements {
		for what, about := range s {
			switch what {
			case "counter", "log", "comment", "notrack", "meta", "mangle":
			case "accept", "drop", "reject", "return":
				r.verdict = what
			case "jump", "goto":
				var to struct{ Target string }
				if json.Unmarshal(about, &to) == nil {
					r.verdict, r.target = what, table+to.Target
				}
			default:
				r.conditional = true
			}
		}
	}
	return r
}

func (l *linux) iptables(ctx context.Context) (filter, string, error) {
	f := filter{chains: map[string]*chain{}}
	// In their order: what cannot be read is named, and is the same in each report.
	for _, each := range [][2]string{{"ip", "iptables-save"}, {"ip6", "ip6tables-save"}} {
		family, program := each[0], each[1]
		out, err := l.System.Run(ctx, program, "-t", "filter")
		if err != nil {
			return filter{}, program, err
		}
		parseIptables(&f, family, string(out))
	}
	return f, "iptables-save", nil
}

// parseIptables reads what iptables-save(8) writes.
func parseIptables(f *filter, family, out string) {
	targets := map[string]string{"ACCEPT": "accept", "DROP": "drop", "REJECT": "reject", "RETURN": "return"}
	var rules []string
	for line := range strings.Lines(out) {
		w := strings.Fields(line)
		switch {
		case len(w) >= 2 && strings.HasPrefix(w[0], ":"):
			key := family + " " + w[0][1:]
			f.chains[key] = &chain{family: family, policy: targets[w[1]]}
			if w[0] == ":INPUT" {
				f.input = append(f.input, key)
			}
		case len(w) >= 2 && w[0] == "-A":
			rules = append(rules, strings.TrimSpace(line))
		}
	}
	for _, line := range rules {
		w := strings.Fields(line)
		c := f.chains[family+" "+w[1]]
		if c == nil {
			continue
		}
		r := rule{}
		for i := 2; i < len(w); i++ {
			if (w[i] == "-j" || w[i] == "-g") && i+1 < len(w) {
				r.verdict = targets[w[i+1]]
				if key := family + " " + w[i+1]; r.verdict == "" && f.chains[key] != nil {
					r.target = key
					r.verdict = map[string]string{"-j": "jump", "-g": "goto"}[w[i]]
				}
				break
			}
			// Anything before the target narrows the rule, but for a comment.
			if w[i] == "-m" && i+1 < len(w) && w[i+1] == "comment" {
				i += 2
				for i+1 < len(w) && w[i+1] != "-j" && w[i+1] != "-g" && !strings.HasPrefix(w[i+1], "-m") {
					i++
				}
				continue
			}
			r.conditional = true
		}
		c.rules = append(c.rules, r)
	}
}

// setting is a value of a file of NAME=value lines.
func (l *linux) setting(file, name string) string {
	all, err := text(l.System, file)
	if err != nil {
		return ""
	}
	out := ""
	for line := range strings.Lines(all) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && strings.TrimSpace(key) == name {
			out = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return out
}

func (l *linux) ufw(ctx context.Context) (Answer, bool) {
	if !strings.EqualFold(l.setting("/etc/ufw/ufw.conf", "ENABLED"), "yes") {
		// Another firewall may be in use.
		return Answer{}, false
	}
	if policy := l.setting("/etc/default/ufw", "DEFAULT_INPUT_POLICY"); strings.ToLower(policy) != "drop" && strings.ToLower(policy) != "reject" {
		return no("ufw is on, but lets in what no rule names (DEFAULT_INPUT_POLICY in /etc/default/ufw is %q).", policy), true
	}
	units, err := l.units(ctx, "ufw.service")
	if err != nil {
		return unknown("ufw is switched on in /etc/ufw/ufw.conf, but whether it runs is not known: %s", because("systemctl", err)), true
	}
	if units["ufw.service"].active != "active" {
		return no("ufw is switched on in /etc/ufw/ufw.conf, but its service is not active."), true
	}
	return yes("ufw is switched on in /etc/ufw/ufw.conf, refuses what no rule names, and its service is active."), true
}

func (l *linux) firewalld(ctx context.Context) (Answer, bool) {
	zone := l.setting("/etc/firewalld/firewalld.conf", "DefaultZone")
	if zone == "" {
		return Answer{}, false
	}
	units, err := l.units(ctx, "firewalld.service")
	switch {
	case err != nil:
		return unknown("firewalld is installed, but whether it runs is not known: %s", because("systemctl", err)), true
	case units["firewalld.service"].active != "active":
		return Answer{}, false
	case zone == "trusted":
		return no("firewalld is active, but its default zone is trusted, which lets everything in."), true
	}
	return yes("firewalld is active, with the default zone %s.", zone), true
}
