package host

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// sudoers is what sudoers(5) grants. Rules limited to certain hosts count for
// every host, and a rule with NOPASSWD counts even if a later one asks for the
// password again: too strict is the safe side.
type sudoers struct {
	rules []sudoRule
	// readable is false when the main file could not be read, complete when
	// some part could not.
	readable, complete bool

	users, commands map[string][]string
	// everyCommand remembers which command aliases hold ALL.
	everyCommand map[string]bool
}

type sudoRule struct {
	users      []string
	commands   []string
	noPassword bool
	// grants is false for Defaults, which change how a granted command runs.
	grants bool
	source string
}

// subject is an account as sudo sees it.
type subject struct {
	name   string
	uid    uint32
	groups map[string]bool
	gids   map[uint32]bool
	// aliases remembers the answer for a user alias, so that aliases of
	// aliases cost no more than their text.
	aliases map[string]bool
}

const (
	maxSudoersFile  = 4 << 20
	maxSudoersFiles = 256
	maxSudoRules    = 5000
	maxAliases      = 10000
	maxSources      = 50
	maxNesting      = 16
)

func (m *reader) sudoRules(ctx context.Context, d *draft) *sudoers {
	s := &sudoers{readable: true, complete: true, users: map[string][]string{}, commands: map[string][]string{}, everyCommand: map[string]bool{}}
	r := sudoersReader{m: m, d: d, s: s}
	r.file(ctx, "/etc/sudoers", 0)
	if len(s.rules) > maxSudoRules {
		s.rules, s.complete = s.rules[:maxSudoRules], false
		d.omit("Sudo rules beyond the first "+strconv.Itoa(maxSudoRules), "The collector keeps no more of them.")
	}
	return s
}

type sudoersReader struct {
	m     *reader
	d     *draft
	s     *sudoers
	files int
}

func (r *sudoersReader) file(ctx context.Context, name string, depth int) {
	if r.files++; r.files > maxSudoersFiles || depth > maxNesting {
		r.s.complete = false
		r.d.omit("Sudo rules of files included too deep or too often", "The collector follows at most "+strconv.Itoa(maxNesting)+" levels and "+strconv.Itoa(maxSudoersFiles)+" files.")
		return
	}
	var pending strings.Builder
	flush := func() {
		line := strings.TrimSpace(pending.String())
		pending.Reset()
		if line != "" {
			r.line(ctx, name, line, depth)
		}
	}
	err := r.m.lines(ctx, name, maxSudoersFile, func(line string) {
		if pending.Len() == 0 && strings.HasPrefix(strings.TrimSpace(line), "#") {
			pending.WriteString(line)
			flush()
			return
		}
		if body, more := strings.CutSuffix(line, `\`); more && pending.Len() < machine.MaxLine {
			pending.WriteString(body)
			pending.WriteByte(' ')
			return
		}
		pending.WriteString(line)
		flush()
	})
	flush()
	switch {
	case err == nil:
	case depth == 0 && errors.Is(err, fs.ErrNotExist):
		r.d.omit("Sudo rules", "There is no /etc/sudoers, so sudo is not set up on this machine.")
	case depth == 0:
		r.s.readable, r.s.complete = false, false
		r.d.omit("Sudo rules", machine.Reason(name, err))
	default:
		r.s.complete = false
		r.d.omit("Sudo rules of an included file", machine.Reason(name, err))
	}
}

func (r *sudoersReader) line(ctx context.Context, file, line string, depth int) {
	first, rest := splitWord(line)
	switch first {
	case "#include", "@include":
		r.file(ctx, r.included(file, rest), depth+1)
		return
	case "#includedir", "@includedir":
		r.dir(ctx, r.included(file, rest), depth)
		return
	}
	line = strings.TrimSpace(stripSudoComment(line))
	if line == "" {
		return
	}
	first, rest = splitWord(line)
	switch {
	case strings.HasSuffix(first, "_Alias") && len(r.s.users)+len(r.s.commands) >= maxAliases:
		r.s.complete = false
		r.d.omit("Sudo aliases beyond the first "+strconv.Itoa(maxAliases), "The collector keeps no more of them.")
	case first == "User_Alias":
		aliases(r.s.users, rest)
	case first == "Cmnd_Alias" || first == "Cmd_Alias":
		aliases(r.s.commands, rest)
	case first == "Host_Alias" || first == "Runas_Alias":
	case strings.HasPrefix(first, "Defaults"):
		r.defaults(file, first, rest)
	default:
		r.grant(file, line)
	}
}

func (r *sudoersReader) included(from, to string) string {
	to = strings.Trim(strings.TrimSpace(to), `"`)
	short, _, _ := strings.Cut(r.m.host, ".")
	to = strings.ReplaceAll(strings.ReplaceAll(to, "%h", short), `\ `, " ")
	if !path.IsAbs(to) {
		to = path.Join(path.Dir(from), to)
	}
	return path.Clean(to)
}

func (r *sudoersReader) dir(ctx context.Context, dir string, depth int) {
	names, err := r.m.files.Names(dir)
	if err != nil {
		// sudo itself passes over a folder that is not there.
		if !errors.Is(err, fs.ErrNotExist) {
			r.s.complete = false
			r.d.omit("Sudo rules of an included folder", machine.Reason(dir, err))
		}
		return
	}
	for _, name := range names {
		if !strings.Contains(name, ".") && !strings.HasSuffix(name, "~") {
			r.file(ctx, path.Join(dir, name), depth+1)
		}
	}
}

// defaults reads the two Defaults that let people do without a password.
func (r *sudoersReader) defaults(file, first, rest string) {
	users := []string{"ALL"}
	if list, ok := strings.CutPrefix(first, "Defaults:"); ok {
		// "Defaults:alice, bob !authenticate" has blanks within the list.
		words := listWords(list + " " + rest)
		if len(words) < 2 {
			return
		}
		users, rest = splitList(words[0]), strings.Join(words[1:], " ")
	}
	for _, setting := range splitList(rest) {
		key, value, _ := strings.Cut(setting, "=")
		switch strings.Trim(key, " +\t") {
		case "!authenticate":
			r.add(sudoRule{users: users, noPassword: true, source: file})
		case "exempt_group":
			r.add(sudoRule{users: []string{"%" + strings.Trim(value, ` "`)}, noPassword: true, source: file})
		}
	}
}

// grant reads "users hosts = (runas) TAG: commands : hosts = commands".
func (r *sudoersReader) grant(file, line string) {
	left, right, ok := cutUnquoted(line, '=')
	words := listWords(left)
	if !ok || len(words) < 2 {
		r.s.complete = false
		r.d.omit("A line of "+file, "It is not in the form of a sudo rule.")
		return
	}
	rule := sudoRule{users: splitList(words[0]), source: file, grants: true}
	rule.commands, rule.noPassword = sudoCommands(right), noPasswordTag.MatchString(right)
	r.add(rule)
}

func (r *sudoersReader) add(rule sudoRule) {
	if len(r.s.rules) <= maxSudoRules {
		r.s.rules = append(r.s.rules, rule)
	}
	for _, u := range rule.users {
		u = strings.TrimLeft(u, "!")
		if strings.HasPrefix(u, "+") || strings.HasPrefix(u, "%:") {
			r.s.complete = false
			r.d.omit("Sudo rules for `"+u+"`", "Who belongs to it is known to a directory service only.")
		}
	}
}

var sudoTags = []string{
	"EXEC", "NOEXEC", "FOLLOW", "NOFOLLOW", "INTERCEPT", "NOINTERCEPT", "LOG_INPUT", "NOLOG_INPUT",
	"LOG_OUTPUT", "NOLOG_OUTPUT", "MAIL", "NOMAIL", "PASSWD", "NOPASSWD", "SETENV", "NOSETENV",
}

// noPasswordTag finds the tag anywhere in the right side of a rule.
var noPasswordTag = regexp.MustCompile(`(^|[^A-Za-z0-9_])NOPASSWD\s*:`)

// sudoCommands takes the commands out of the right side of a rule, without
// runas lists, options and tags.
func sudoCommands(right string) (commands []string) {
	var b strings.Builder
	depth := 0
	for _, c := range right {
		switch {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
			b.WriteByte(' ')
		case depth == 0:
			b.WriteRune(c)
		}
	}
	for _, part := range splitRaw(b.String(), ',') {
		for _, c := range splitRaw(part, ':') {
			if slices.Contains(sudoTags, c) {
				continue
			}
			if !strings.HasPrefix(c, "/") && !strings.HasPrefix(c, "!") {
				// "CWD=/srv ALL", and "host = ALL" after a colon.
				words := strings.Fields(c[strings.LastIndexByte(c, '=')+1:])
				if len(words) == 0 {
					continue
				}
				c = words[len(words)-1]
			}
			if !slices.Contains(sudoTags, c) {
				commands = append(commands, plain(c))
			}
		}
	}
	return commands
}

// apply writes what sudo lets the account do into its record.
func (s *sudoers) apply(a *account, who subject) {
	var may, all, free bool
	for _, rule := range s.rules {
		if !s.matches(rule.users, who) {
			continue
		}
		free = free || rule.noPassword
		if !rule.grants || !slices.ContainsFunc(rule.commands, func(c string) bool { return !strings.HasPrefix(c, "!") }) {
			continue
		}
		may = true
		all = all || s.everything(rule.commands)
		if len(a.SudoSources) < maxSources && !slices.Contains(a.SudoSources, rule.source) {
			a.SudoSources = append(a.SudoSources, text(rule.source))
		}
	}
	// Without the rules, the group that carries them by custom is the best
	// witness that somebody has sudo; nothing witnesses that he has not.
	if !s.readable && a.AdminGroup {
		may = true
	}
	if may || s.complete {
		a.Sudo = ptr(may)
	}
	if all || s.complete {
		a.SudoAll = ptr(all)
	}
	if may && free || s.complete {
		a.SudoNoPasswd = ptr(may && free)
	}
}

// matches tells whether a list of users names the account; the last word of
// the list that does so decides.
func (s *sudoers) matches(users []string, who subject) (in bool) {
	for _, u := range users {
		name := strings.TrimLeft(u, "!")
		yes := (len(u)-len(name))%2 == 0
		if s.names(name, who) {
			in = yes
		}
	}
	return in
}

func (s *sudoers) names(u string, who subject) bool {
	if id, ok := strings.CutPrefix(u, "%#"); ok {
		n, err := strconv.ParseUint(id, 10, 32)
		return err == nil && who.gids[uint32(n)]
	}
	if g, ok := strings.CutPrefix(u, "%"); ok {
		return who.groups[g]
	}
	if id, ok := strings.CutPrefix(u, "#"); ok {
		n, err := strconv.ParseUint(id, 10, 32)
		return err == nil && who.uid == uint32(n)
	}
	if u == "ALL" || u == who.name {
		return true
	}
	if in, known := who.aliases[u]; known {
		return in
	}
	list, alias := s.users[u]
	if !alias {
		return false
	}
	who.aliases[u] = false // an alias that leads back to itself adds nobody
	who.aliases[u] = s.matches(list, who)
	return who.aliases[u]
}

func (s *sudoers) everything(commands []string) bool {
	return slices.ContainsFunc(commands, func(c string) bool {
		if c == "ALL" {
			return true
		}
		if all, known := s.everyCommand[c]; known {
			return all
		}
		list, alias := s.commands[c]
		if !alias {
			return false
		}
		s.everyCommand[c] = false
		s.everyCommand[c] = s.everything(list)
		return s.everyCommand[c]
	})
}

// aliases reads "A = x, y : B = z".
func aliases(into map[string][]string, line string) {
	for {
		name, rest, ok := cutUnquoted(line, '=')
		if !ok {
			return
		}
		list, next, more := cutUnquoted(rest, ':')
		// A command may hold a colon; only "NAME =" after it begins an alias.
		if more {
			if word, _, ok := cutUnquoted(next, '='); !ok || strings.ContainsAny(strings.TrimSpace(word), " \t/,") {
				list, more = rest, false
			}
		}
		if name = strings.TrimSpace(name); name != "" && name != "ALL" {
			into[name] = splitList(list)
		}
		if !more {
			return
		}
		line = next
	}
}
