package host

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestSudoers(t *testing.T) {
	yes, no := ptr(true), ptr(false)
	for _, c := range []struct {
		name, rules    string
		more           memory
		may, all, free *bool
	}{
		{"nothing", "", nil, no, no, no},
		{"by name", "ada ALL=(ALL:ALL) ALL", nil, yes, yes, no},
		{"another name", "bob ALL=(ALL:ALL) ALL", nil, no, no, no},
		{"by group", "%ops ALL = NOPASSWD: ALL", nil, yes, yes, yes},
		{"by gid and uid", "%#2000 ALL = /bin/a\n#1000 ALL = NOPASSWD: /bin/b", nil, yes, no, yes},
		{"everybody", "ALL ALL = (ALL) /bin/ls", nil, yes, no, no},
		{"everybody but her", "ALL, !ada ALL = NOPASSWD: ALL", nil, no, no, no},
		{"not not her", "!!ada ALL = /bin/ls", nil, yes, no, no},
		{"her group but not her", "%ops, !ada ALL = ALL", nil, no, no, no},
		{"her again after all", "ALL, !%ops, ada ALL = ALL", nil, yes, yes, no},
		{"user alias in an alias", "User_Alias A = B : B = bob, ada\nA ALL = ALL", nil, yes, yes, no},
		{"alias of itself", "User_Alias A = A, B\nUser_Alias B = A\nA ALL = ALL", nil, no, no, no},
		{"negated alias", "User_Alias A = ada\nALL, !A ALL = ALL", nil, no, no, no},
		{"command alias with ALL", "Cmnd_Alias X = Y : Y = /bin/ls, ALL\nada ALL = X", nil, yes, yes, no},
		{"command alias without", "Cmnd_Alias X = /bin/ls, /bin/cat\nada ALL = X", nil, yes, no, no},
		{"password asked again", "ada ALL = NOPASSWD: /bin/ls, PASSWD: /bin/cat", nil, yes, no, yes},
		{"PASSWD is not NOPASSWD", "ada ALL = PASSWD: ALL", nil, yes, yes, no},
		{"blanks before the colon", "ada ALL = (root) NOPASSWD : ALL", nil, yes, yes, yes},
		{"tag after tag", "ada ALL = NOEXEC: NOPASSWD: SETENV: ALL", nil, yes, yes, yes},
		{"option before the tag", "ada ALL = (root) CWD=/srv NOPASSWD: ALL", nil, yes, yes, yes},
		{"second host list", "ada one = /bin/ls : two = (root) NOPASSWD: ALL", nil, yes, yes, yes},
		{"only refusals", "ada ALL = !/bin/sh", nil, no, no, no},
		{"all but one", "ada ALL = ALL, !/bin/sh", nil, yes, yes, no},
		{"runas list with ALL", "ada ALL = (ALL, !root : ALL) /bin/ls", nil, yes, no, no},
		{"escaped comma and colon", `ada ALL = /bin/echo a\, ALL\: b`, nil, yes, no, no},
		{"quoted name", `"ada" ALL = ALL`, nil, yes, yes, no},
		{"escaped name", `a\da ALL = ALL`, nil, yes, yes, no},
		{"list with blanks", "bob , ada  ALL , other = ALL", nil, yes, yes, no},
		{"comment", "# ada ALL=ALL\nada ALL=/bin/ls # NOPASSWD: ALL", nil, yes, no, no},
		{"comment with a backslash", "# old: \\\nada ALL = ALL", nil, yes, yes, no},
		{"line goes on", "ada ALL = \\\n NOPASSWD: \\\n ALL", nil, yes, yes, yes},
		{"password off for all", "Defaults !authenticate\nada ALL = /bin/ls", nil, yes, no, yes},
		{"password off for her", "Defaults:bob,ada  env_reset, !authenticate\nada ALL = /bin/ls", nil, yes, no, yes},
		{"password off for another", "Defaults:bob !authenticate\nada ALL = /bin/ls", nil, yes, no, no},
		{"password off without a rule", "Defaults !authenticate", nil, no, no, no},
		{"exempt group", `Defaults exempt_group="ops"` + "\nada ALL = ALL", nil, yes, yes, yes},
		{"include", "@include more", memory{"/etc/more": "ada ALL = ALL"}, yes, yes, no},
		{"old include", "#include /etc/more", memory{"/etc/more": "ada ALL = ALL"}, yes, yes, no},
		{"include by host", "@include /etc/sudoers.%h", memory{"/etc/sudoers.fuzz": "ada ALL = ALL"}, yes, yes, no},
		{"folder", "#includedir /etc/s.d", memory{"/etc/s.d/one": "ada ALL = /bin/ls", "/etc/s.d/two~": "ada ALL = ALL", "/etc/s.d/a.b": "ada ALL = ALL"}, yes, no, no},
		{"absent folder", "@includedir /etc/none", nil, no, no, no},
		{"absent include", "@include /etc/none\nada ALL = /bin/ls", nil, yes, nil, nil},
		{"endless include", "@include /etc/sudoers\nbob ALL = ALL", nil, nil, nil, nil},
		{"netgroup", "+people ALL = ALL", nil, nil, nil, nil},
		{"nonsense", "ada\nada ALL\n", nil, nil, nil, nil},
		{"nonsense beside a rule", "nonsense\nada ALL = NOPASSWD: ALL", nil, yes, yes, yes},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := memory{
				"/etc/sudoers": c.rules + "\n", "/etc/passwd": "ada:x:1000:1000::/:/bin/sh\n", "/etc/group": "ada:x:1000:\nops:x:2000:ada\n",
			}
			for name, data := range c.more {
				files[name] = data
			}
			m, d := files.machine(), &draft{}
			a := account{}
			m.sudoRules(t.Context(), d).apply(&a, subject{
				name: "ada", uid: 1000, groups: map[string]bool{"ada": true, "ops": true},
				gids: map[uint32]bool{1000: true, 2000: true}, aliases: map[string]bool{},
			})
			for _, f := range []struct {
				name      string
				got, want *bool
			}{{"sudo", a.Sudo, c.may}, {"sudoAll", a.SudoAll, c.all}, {"sudoNoPassword", a.SudoNoPasswd, c.free}} {
				if (f.got == nil) != (f.want == nil) || f.got != nil && *f.got != *f.want {
					t.Errorf("%s: got %v, want %v", f.name, shown(f.got), shown(f.want))
				}
			}
			if c.all == nil && len(d.Omitted) == 0 {
				t.Error("something is unknown and nothing says so")
			}
		})
	}
}

func shown(b *bool) string {
	switch {
	case b == nil:
		return "unknown"
	case *b:
		return "true"
	}
	return "false"
}

// A rule may double its work with every alias; the answer must not.
func TestAliasesOfAliasesCostNoMoreThanTheirText(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		name := func(n int) string {
			return "A" + strings.Repeat("X", n%7) + string(rune('A'+n%26)) + strings.Repeat("Y", n/182)
		}
		b.WriteString("User_Alias " + name(i) + " = " + name(i+1) + ", " + name(i+1) + "\n")
		b.WriteString("Cmnd_Alias " + name(i) + " = " + name(i+1) + ", " + name(i+1) + "\n")
	}
	b.WriteString("AA ALL = AA\n")
	files := memory{"/etc/sudoers": b.String(), "/etc/passwd": "ada:x:1000:1000::/:/bin/sh\n"}
	d := &draft{}
	collectAccounts(t.Context(), files.machine(), d)
	if a := fields(t, d.Dataset)["ada"]; a["sudo"] != false {
		t.Errorf("got %v", a)
	}
}

func TestSSHLine(t *testing.T) {
	for in, want := range map[string][]string{
		"":                                    {""},
		"  # PermitRootLogin yes":             {""},
		"PermitRootLogin yes":                 {"permitrootlogin", "yes"},
		"PermitRootLogin=yes":                 {"permitrootlogin", "yes"},
		"\tPermitRootLogin =\tyes  ":          {"permitrootlogin", "yes"},
		`PermitRootLogin "yes"`:               {"permitrootlogin", "yes"},
		`PermitRootLogin"yes"`:                {"permitrootlogin", "yes"},
		"PermitRootLogin yes # for now":       {"permitrootlogin", "yes"},
		`AllowUsers "two words" 'b c' d\ e`:   {"allowusers", "two words", "b c", "d e"},
		`SetEnv A="x#y" # z`:                  {"setenv", "A=x#y"},
		`Banner ""`:                           {"banner", ""},
		"UsePAM":                              {"usepam"},
		`Match User "a b" Host *.example.org`: {"match", "User", "a b", "Host", "*.example.org"},
		"=":                                   {""},
	} {
		keyword, args := sshLine(in)
		if got := append([]string{keyword}, args...); !slices.Equal(got, want) {
			t.Errorf("sshLine(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSSHConfig(t *testing.T) {
	const top = "/etc/ssh/sshd_config"
	for _, c := range []struct {
		name  string
		files memory
		want  string
		over  int
		whole bool
	}{
		{"absent", memory{}, "", 0, true},
		{"the first counts", memory{top: "MaxAuthTries 3\nmaxauthtries 9"}, "3", 0, true},
		{"in a block", memory{top: "Match User a\nMaxAuthTries 3\n"}, "", 1, true},
		{"after Match all", memory{top: "Match User a\nMaxAuthTries 3\nMatch all\nMaxAuthTries 4"}, "4", 1, true},
		{"included first", memory{top: "Include sshd_config.d/*.conf\nMaxAuthTries 3", "/etc/ssh/sshd_config.d/b.conf": "MaxAuthTries 8", "/etc/ssh/sshd_config.d/a.conf": "MaxAuthTries 7"}, "7", 0, true},
		{"a block ends with its file", memory{top: "Include /etc/ssh/x\nMaxAuthTries 3", "/etc/ssh/x": "Match User a\n"}, "3", 0, true},
		{"included in a block", memory{top: "Match User a\nInclude /etc/ssh/x", "/etc/ssh/x": "MaxAuthTries 5"}, "", 1, true},
		{"wildcard in a folder", memory{top: "Include /etc/*/x", "/etc/ssh/x": "MaxAuthTries 5"}, "5", 0, true},
		{"hidden files", memory{top: "Include /etc/ssh/d/*", "/etc/ssh/d/.x": "MaxAuthTries 5"}, "", 0, true},
		{"bad pattern", memory{top: "Include /etc/[\nMaxAuthTries 3"}, "3", 0, true},
		{"absent include", memory{top: "Include /etc/none\nMaxAuthTries 3"}, "3", 0, true},
		{"endless", memory{top: "MaxAuthTries 3\nInclude /etc/ssh/sshd_config"}, "3", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &draft{}
			got, whole := c.files.machine().sshConfig(t.Context(), d)
			if v := strings.Join(got.settings["maxauthtries"].values, "|"); v != c.want || len(got.overrides["maxauthtries"]) != c.over || whole != c.whole {
				t.Errorf("got %q, %d overrides, whole %v, left out %v", v, len(got.overrides["maxauthtries"]), whole, d.Omitted)
			}
			if whole != (len(d.Omitted) == 0) {
				t.Errorf("whole %v, left out %v", whole, d.Omitted)
			}
		})
	}
}

func TestSSHValue(t *testing.T) {
	for _, c := range [][3]string{
		{"permitrootlogin", "without-password", "prohibit-password"},
		{"permitrootlogin", "Yes", "yes"},
		{"logingracetime", "1h30M", "5400"},
		{"logingracetime", "2x", "2x"},
		{"logingracetime", "9999999999", "9999999999"},
		{"clientaliveinterval", "15", "15"},
		{"loglevel", "verbose", "VERBOSE"},
		{"setenv", "A=secret words=too", "A"},
		{"forcecommand", "/bin/x --token secret", "/bin/x"},
		{"forcecommand", "TOKEN=secret /bin/x", "TOKEN=(hidden)"},
		{"banner", "/etc/Issue", "/etc/Issue"},
	} {
		if got := sshValue(c[0], c[1]); got != c[2] {
			t.Errorf("sshValue(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestPasswordSchemes(t *testing.T) {
	for hash, want := range map[string]string{
		"$y$j9T$a$b": "yescrypt", "$6$a$b": "sha512", "$5$a$b": "sha256", "$1$a$b": "md5", "$2b$12$x": "bcrypt", "$gy$x": "gost-yescrypt",
		"$argon2id$v=19$": "argon2id", "$3$$x": "nthash", "$7$x": "scrypt", "abcdefghijklm": "des", "$new$x": "other", "x": "other", "$": "other",
		"": "", "!": "", "*": "", "!!": "", "!$6$a$b": "", "*LK*": "",
	} {
		if got := passwordOf(hash); got.Scheme != want || *got.Locked != strings.ContainsAny(hash[:min(1, len(hash))], "!*") || *got.Empty != (hash == "") {
			t.Errorf("passwordOf(%q) = %q, locked %v, empty %v", hash, got.Scheme, *got.Locked, *got.Empty)
		}
	}
}

func TestEndpoint(t *testing.T) {
	// /proc writes the address in the machine's own byte order.
	if parsed, ok := parseEndpoint("0100007F:1F90"); ok && parsed.Addr() == netip.MustParseAddr("1.0.0.127") {
		t.Skip("the cases are those of a little-endian machine")
	}
	for in, want := range map[string]string{
		"0100007F:1F90": "127.0.0.1:8080", "00000000:0000": "0.0.0.0:0",
		"B80D01200000000067452301EFCDAB89:01BB": "[2001:db8::123:4567:89ab:cdef]:443",
		"":                                      "", "0100007F": "", "0100007F:": "", "0100007F:12345": "", "01007F:0016": "", "0100007G:0016": "", "0100007F:-001": "",
	} {
		got, ok := parseEndpoint(in)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("parseEndpoint(%q) = %v, %v", in, got, ok)
		}
	}
}

func TestMountText(t *testing.T) {
	for in, want := range map[string]string{`a\040b`: "a b", `\134\134`: `\\`, `\`: `\`, `\04`: `\04`, `\999`: `\999`, `\400`: `\400`, `\303\251`: "é"} {
		if got := unescapeMount(in); got != want {
			t.Errorf("unescapeMount(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"//a:b@host/x": "//host/x", "https://a:b@c@host/@x": "https://host/@x", "host:/a@b": "host:/a@b", "//host/a@b": "//host/a@b", "//a@host": "//host",
	} {
		if got := withoutCredentials(in); got != want {
			t.Errorf("withoutCredentials(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"password=x": "password=(hidden)", "APIKey=a=b": "APIKey=(hidden)", "size=5": "size=5", "keyring": "keyring"} {
		if got := withoutSecret(in); got != want {
			t.Errorf("withoutSecret(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUsedPercent(t *testing.T) {
	for _, c := range [][3]int64{{100, 100, 0}, {100, 0, 100}, {1000, 999, 1}, {3, 1, 67}, {100, 500, 0}, {100, -1, 100}, {1 << 62, 1, 100}} {
		if got := usedPercent(c[0], c[1]); got != int(c[2]) {
			t.Errorf("usedPercent(%d, %d) = %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

// FuzzCollectors gives hostile files to every collector: nothing panics, every
// record is valid, every secret stays out.
func FuzzCollectors(f *testing.F) {
	for _, name := range []string{"debian", "alpine", "broken"} {
		a := archive(f, name)
		f.Add(uint8(0), a["etc/passwd"], a["etc/shadow"], a["etc/group"], a["etc/sudoers"])
		f.Add(uint8(1), a["etc/ssh/sshd_config"], a["etc/ssh/sshd_config.d/50-cloud-init.conf"], a["$ /usr/sbin/sshd -T"], "")
		f.Add(uint8(2), a["proc/net/tcp"], a["proc/net/tcp6"], a["proc/net/udp"], a["etc/passwd"])
		f.Add(uint8(3), a["var/lib/dpkg/status"], a["lib/apk/db/installed"], a["$ /usr/bin/rpm -qa"], "")
		f.Add(uint8(4), a["proc/self/mountinfo"], "", "", "")
		f.Add(uint8(5), a["proc/sys/kernel/randomize_va_space"], "-1", "1 2", "\x00")
	}
	layouts := [][4]string{
		{"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers"},
		{"/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/50-cloud-init.conf", "answer", "/usr/sbin/sshd"},
		{"/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/etc/passwd"},
		{"/var/lib/dpkg/status", "/lib/apk/db/installed", "answer", "/usr/bin/rpm"},
		{"/proc/self/mountinfo", "/unused1", "/unused2", "/unused3"},
		{"/proc/sys/kernel/randomize_va_space", "/proc/sys/kernel/sysrq", "/proc/sys/vm/mmap_min_addr", "/proc/sys/fs/suid_dumpable"},
	}
	f.Fuzz(func(t *testing.T, which uint8, a, b, c, d string) {
		n := int(which) % len(collectors)
		files := memory{}
		for i, data := range []string{a, b, c, d} {
			files[layouts[n][i]] = data
		}
		m := files.machine()
		if n == 1 || n == 3 {
			m.run = func(context.Context, string, ...string) ([]byte, error) { return []byte(c), nil }
		}
		got, err := m.dataset(t.Context(), collectors[n])
		if err != nil {
			t.Fatal(err)
		}
		valid(t, got)
	})
}
