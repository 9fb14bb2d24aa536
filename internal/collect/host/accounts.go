package host

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// account is one record of the accounts. A nil pointer is a fact that could
// not be established.
type account struct {
	ID           string   `json:"id"`
	Host         string   `json:"host"`
	Name         string   `json:"name"`
	FullName     string   `json:"fullName,omitempty"`
	UID          uint32   `json:"uid"`
	GID          uint32   `json:"gid"`
	Kind         string   `json:"kind"`
	Home         string   `json:"home"`
	HomeExists   *bool    `json:"homeExists,omitempty"`
	Shell        string   `json:"shell"`
	LoginShell   bool     `json:"loginShell"`
	PrimaryGroup string   `json:"primaryGroup,omitempty"`
	Groups       []string `json:"groups"`
	AdminGroup   bool     `json:"adminGroup"`
	Sudo         *bool    `json:"sudo,omitempty"`
	SudoAll      *bool    `json:"sudoAll,omitempty"`
	SudoNoPasswd *bool    `json:"sudoNoPassword,omitempty"`
	SudoSources  []string `json:"sudoSources"`
	Shadowed     bool     `json:"passwordShadowed"`
	password
}

// identity is one line of passwd(5).
type identity struct {
	name, password, gecos, home, shell string
	uid, gid                           uint32
}

// group is one line of group(5).
type group struct {
	name    string
	gid     uint32
	members []string
}

const (
	maxAccountFile = 32 << 20
	maxGroups      = 500
)

var adminGroups = []string{"sudo", "wheel", "admin"}

func collectAccounts(ctx context.Context, m *reader, d *draft) {
	identities, bad, err := m.identities(ctx)
	d.malformed(bad.malformed, "/etc/passwd")
	if bad.compat > 0 {
		d.omit(count(bad.compat, "compat entry", "compat entries")+" of /etc/passwd", "The accounts behind a line with + or - are known to a directory service only.")
	}
	if err != nil {
		d.omit("Accounts", machine.Reason("/etc/passwd", err))
	}
	if len(identities) == 0 {
		return
	}
	passwords, err := m.passwords(ctx, d)
	if err != nil {
		d.omit("Password state and password ages", machine.Reason("/etc/shadow", err))
	}
	groups, badGroups, err := m.groups(ctx)
	d.malformed(badGroups, "/etc/group")
	if err != nil {
		d.omit("Group memberships", machine.Reason("/etc/group", err))
	}
	m.otherSources(ctx, d)

	byGID, memberOf := map[uint32]string{}, map[string][]string{}
	gids := map[string]uint32{}
	for _, g := range groups {
		if _, have := byGID[g.gid]; !have {
			byGID[g.gid] = g.name
		}
		gids[g.name] = g.gid
		for _, name := range g.members {
			memberOf[name] = append(memberOf[name], g.name)
		}
	}
	first, last := m.personRange(ctx)
	sudo := m.sudoRules(ctx, d)
	for _, i := range identities {
		if ctx.Err() != nil {
			return
		}
		a := account{
			Host: m.host, Name: text(i.name), UID: i.uid, GID: i.gid, Kind: "system",
			Home: text(i.home), Shell: text(i.shell), LoginShell: loginShell(i.shell),
			PrimaryGroup: text(byGID[i.gid]), Shadowed: i.password == "x",
			SudoSources: []string{},
		}
		// Above 65535 only directory services and people's own numbering reach.
		if i.uid >= first && i.uid <= last || i.uid > 65535 && i.uid < 1<<32-2 {
			a.Kind = "person"
		}
		full, _, _ := strings.Cut(i.gecos, ",")
		a.FullName = text(full)
		a.HomeExists = m.folderExists(i.home)
		names := slices.Clone(memberOf[i.name])
		if g := byGID[i.gid]; g != "" {
			names = append(names, g)
		}
		slices.Sort(names)
		names = slices.Compact(names)
		a.AdminGroup = slices.ContainsFunc(names, func(g string) bool { return slices.Contains(adminGroups, g) })
		s := subject{name: i.name, uid: i.uid, gids: map[uint32]bool{i.gid: true}, groups: map[string]bool{}, aliases: map[string]bool{}}
		for _, g := range names {
			s.groups[g] = true
			s.gids[gids[g]] = true
		}
		sudo.apply(&a, s)
		if len(names) > maxGroups {
			d.omit("Group memberships beyond the first "+strconv.Itoa(maxGroups)+" of an account", "A record lists no more of them.")
			names = names[:maxGroups]
		}
		a.Groups = make([]string, len(names))
		for n, g := range names {
			a.Groups[n] = text(g)
		}
		switch p, known := passwords[i.name]; {
		case i.password == "":
			a.password = password{Empty: ptr(true), Locked: ptr(false)}
		case i.password != "x":
			a.password = passwordOf(i.password)
		case known:
			a.password = p
		}
		d.add(i.name, func(id string) any { a.ID = id; return a })
	}
}

func ptr[T any](v T) *T { return &v }

// passedOver counts the lines of /etc/passwd that are no accounts of this
// machine.
type passedOver struct{ malformed, compat int }

func (m *reader) identities(ctx context.Context) (all []identity, bad passedOver, err error) {
	err = m.lines(ctx, "/etc/passwd", maxAccountFile, func(line string) {
		if blankOrComment(line) {
			return
		}
		if line[0] == '+' || line[0] == '-' {
			bad.compat++
			return
		}
		f := strings.Split(line, ":")
		if len(f) != 7 || f[0] == "" {
			bad.malformed++
			return
		}
		uid, err1 := strconv.ParseUint(f[2], 10, 32)
		gid, err2 := strconv.ParseUint(f[3], 10, 32)
		if err1 != nil || err2 != nil || len(all) > maxRecords {
			bad.malformed++
			return
		}
		all = append(all, identity{f[0], f[1], f[4], f[5], f[6], uint32(uid), uint32(gid)})
	})
	return all, bad, err
}

func (m *reader) groups(ctx context.Context) (all []group, bad int, err error) {
	err = m.lines(ctx, "/etc/group", maxAccountFile, func(line string) {
		if blankOrComment(line) || strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") {
			return
		}
		f := strings.Split(line, ":")
		if len(f) != 4 || f[0] == "" {
			bad++
			return
		}
		gid, err := strconv.ParseUint(f[2], 10, 32)
		if err != nil {
			bad++
			return
		}
		members := strings.FieldsFunc(f[3], func(r rune) bool { return r == ',' || r == ' ' })
		all = append(all, group{f[0], uint32(gid), members})
	})
	return all, bad, err
}

// otherSources says which accounts the files do not hold.
func (m *reader) otherSources(ctx context.Context, d *draft) {
	// A machine without this file uses the files only.
	_ = m.lines(ctx, "/etc/nsswitch.conf", 1<<20, func(line string) {
		line, _, _ = strings.Cut(line, "#")
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "passwd:")
		if !ok {
			return
		}
		for _, source := range strings.Fields(rest) {
			if strings.HasPrefix(source, "[") || strings.HasSuffix(source, "]") {
				continue
			}
			if !slices.Contains([]string{"files", "compat", "db", "systemd", "altfiles"}, source) {
				d.omit("Accounts that come from the name service `"+source+"`", "The collector reads the local files, not directories on the network.")
			}
		}
	})
}

// personRange is the range of uids that login.defs(5) gives to people.
func (m *reader) personRange(ctx context.Context) (first, last uint32) {
	first, last = 1000, 60000
	_ = m.lines(ctx, "/etc/login.defs", 1<<20, func(line string) {
		f := strings.Fields(line)
		if len(f) < 2 {
			return
		}
		n, err := strconv.ParseUint(f[1], 10, 32)
		switch {
		case err != nil:
		case f[0] == "UID_MIN" && n > 0:
			first = uint32(n)
		case f[0] == "UID_MAX":
			last = uint32(n)
		}
	})
	return first, last
}

func (m *reader) folderExists(name string) *bool {
	if !path.IsAbs(name) {
		return ptr(false)
	}
	info, err := m.files.Stat(name)
	switch {
	case err == nil:
		return ptr(info.IsDir())
	case errors.Is(err, fs.ErrNotExist):
		return ptr(false)
	}
	return nil
}

// loginShell reports whether the shell lets somebody in. An empty one means
// /bin/sh, see passwd(5).
func loginShell(shell string) bool {
	switch path.Base(shell) {
	case "nologin", "false", "true", "sync", "halt", "shutdown", "null":
		return false
	}
	return true
}

func blankOrComment(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}
