package host

import (
	"context"
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// sshConfig is what the configuration files of the SSH daemon say.
type sshConfig struct {
	settings  map[string]configured
	overrides map[string][]override
	count     int
}

type configured struct {
	values []string
	source string
}

const (
	maxSSHFile  = 4 << 20
	maxSSHFiles = 256
)

// sshConfig reads the main file and what it includes. whole is false if some
// part could not be read.
func (m *reader) sshConfig(ctx context.Context, d *draft) (c *sshConfig, whole bool) {
	r := sshReader{m: m, d: d, whole: true, c: &sshConfig{settings: map[string]configured{}, overrides: map[string][]override{}}}
	r.file(ctx, sshConfigFile, "", 0)
	return r.c, r.whole
}

type sshReader struct {
	m     *reader
	d     *draft
	c     *sshConfig
	files int
	whole bool
}

// file reads one file. match is the Match block around its Include, empty
// outside of one; a block that begins in a file ends with it.
func (r *sshReader) file(ctx context.Context, name, match string, depth int) {
	if r.files++; r.files > maxSSHFiles || depth > maxNesting {
		r.whole = false
		r.d.omit("SSH settings of files included too deep or too often", "The collector follows at most "+strconv.Itoa(maxNesting)+" levels and "+strconv.Itoa(maxSSHFiles)+" files.")
		return
	}
	err := r.m.lines(ctx, name, maxSSHFile, func(line string) {
		keyword, args := sshLine(line)
		switch keyword {
		case "":
		case "include":
			for _, pattern := range args {
				if !path.IsAbs(pattern) {
					pattern = path.Join(path.Dir(sshConfigFile), pattern)
				}
				files, err := r.m.glob(pattern)
				if err != nil {
					r.whole = false
					r.d.omit("SSH daemon configuration", machine.Reason("A folder of "+pattern, err))
				}
				for _, file := range files {
					r.file(ctx, file, match, depth+1)
				}
			}
		case "match":
			match = text(strings.Join(args, " "))
			if strings.EqualFold(match, "all") {
				// "Match all" ends a block in all but name, and what follows
				// still gives way to what came first.
				match = ""
			}
		default:
			r.set(name, match, sshName(keyword), args)
		}
	})
	if err != nil && (depth > 0 || !isAbsent(err)) {
		r.whole = false
		r.d.omit("SSH daemon configuration", machine.Reason(name, err))
	}
}

func (r *sshReader) set(file, match, keyword string, args []string) {
	if r.c.count++; r.c.count > maxSSHSettings {
		r.whole = false
		r.d.omit("SSH settings beyond the first "+strconv.Itoa(maxSSHSettings), "The collector keeps no more of them.")
		return
	}
	if keyword == "setenv" {
		for i, a := range args {
			args[i], _, _ = strings.Cut(a, "=")
		}
	}
	value := strings.Join(args, " ")
	if match != "" {
		if all := r.c.overrides[keyword]; len(all) < maxSSHOverrides {
			r.c.overrides[keyword] = append(all, override{match, text(sshValue(keyword, value)), text(file)})
		}
		return
	}
	have, set := r.c.settings[keyword]
	switch {
	case !set:
		r.c.settings[keyword] = configured{[]string{value}, file}
	case slices.Contains(sshAdds, keyword):
		have.values = append(have.values, value)
		r.c.settings[keyword] = have
	}
}

// sshLine reads "Keyword value", "Keyword=value" and quoted values; a word
// that begins with # ends the line.
func sshLine(line string) (keyword string, args []string) {
	line = strings.TrimSpace(line)
	end := strings.IndexAny(line, " \t=\"")
	if end < 0 {
		end = len(line)
	}
	keyword = strings.ToLower(line[:end])
	if keyword == "" || keyword[0] == '#' {
		return "", nil
	}
	rest := strings.TrimLeft(line[end:], " \t")
	rest = strings.TrimLeft(strings.TrimPrefix(rest, "="), " \t")
	for rest != "" && rest[0] != '#' {
		var b strings.Builder
		quote := byte(0)
		i := 0
	word:
		for ; i < len(rest); i++ {
			switch c := rest[i]; {
			case c == '\\' && i+1 < len(rest) && strings.IndexByte(`"'\ `, rest[i+1]) >= 0:
				i++
				b.WriteByte(rest[i])
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			case c == quote && quote != 0:
				quote = 0
			case quote == 0 && (c == ' ' || c == '\t'):
				break word
			default:
				b.WriteByte(c)
			}
		}
		args = append(args, b.String())
		rest = strings.TrimLeft(rest[i:], " \t")
	}
	return keyword, args
}

// glob finds the files that a pattern with wildcards in any part names, in
// lexical order.
func (m *reader) glob(pattern string) (found []string, unreadable error) {
	found = []string{"/"}
	for _, part := range strings.Split(strings.Trim(path.Clean(pattern), "/"), "/") {
		var next []string
		for _, dir := range found {
			if !strings.ContainsAny(part, `*?[\`) {
				next = append(next, path.Join(dir, part))
				continue
			}
			names, err := m.files.Names(dir)
			if err != nil {
				if !isAbsent(err) && !errors.Is(err, syscall.ENOTDIR) {
					unreadable = err
				}
				continue
			}
			for _, name := range names {
				hidden := strings.HasPrefix(name, ".") && !strings.HasPrefix(part, ".")
				if ok, err := path.Match(part, name); err == nil && ok && !hidden && len(next) <= maxSSHFiles {
					next = append(next, path.Join(dir, name))
				}
			}
		}
		found = next
	}
	return slices.DeleteFunc(found, func(name string) bool {
		_, err := m.files.Stat(name)
		return isAbsent(err)
	}), unreadable
}
