package host

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// sshSetting is one keyword of sshd_config(5) with the value in force.
type sshSetting struct {
	ID             string     `json:"id"`
	Host           string     `json:"host"`
	Keyword        string     `json:"keyword"`
	Value          string     `json:"value"`
	Values         []string   `json:"values"`
	Number         *int64     `json:"number,omitempty"`
	Source         string     `json:"source"`
	Default        *bool      `json:"default,omitempty"`
	ReadBy         string     `json:"readBy"`
	MatchOverrides []override `json:"matchOverrides,omitzero"`
}

// override is a value that replaces the setting for the sessions that a Match
// block selects.
type override struct {
	Match  string `json:"match"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

const (
	sshConfigFile   = "/etc/ssh/sshd_config"
	builtIn         = "built-in default"
	maxSSHOutput    = 4 << 20
	maxSSHSettings  = 2000
	maxSSHValues    = 500
	maxSSHOverrides = 500
)

// sshKeyword renames what newer versions call otherwise.
var sshKeyword = map[string]string{
	"challengeresponseauthentication": "kbdinteractiveauthentication",
	"skeyauthentication":              "kbdinteractiveauthentication",
	"dsaauthentication":               "pubkeyauthentication",
	"pubkeyacceptedkeytypes":          "pubkeyacceptedalgorithms",
	"hostbasedacceptedkeytypes":       "hostbasedacceptedalgorithms",
}

// sshAdds are the keywords that add up when they stand several times; of all
// others the first value counts.
var sshAdds = []string{
	"port", "listenaddress", "hostkey", "hostcertificate", "acceptenv", "subsystem",
	"allowusers", "denyusers", "allowgroups", "denygroups",
}

// sshDefaults are the values that OpenSSH 9 has built in, without those that
// hang on how it was compiled. Source: sshd_config(5).
var sshDefaults = map[string]string{
	"addressfamily": "any", "allowagentforwarding": "yes", "allowstreamlocalforwarding": "yes",
	"allowtcpforwarding": "yes", "authenticationmethods": "any",
	"authorizedkeysfile": ".ssh/authorized_keys .ssh/authorized_keys2", "banner": "none",
	"clientalivecountmax": "3", "clientaliveinterval": "0", "disableforwarding": "no",
	"gatewayports": "no", "gssapiauthentication": "no", "hostbasedauthentication": "no",
	"ignorerhosts": "yes", "ignoreuserknownhosts": "no", "kbdinteractiveauthentication": "yes",
	"logingracetime": "120", "loglevel": "INFO", "maxauthtries": "6", "maxsessions": "10",
	"maxstartups": "10:30:100", "passwordauthentication": "yes", "permitemptypasswords": "no",
	"permitrootlogin": "prohibit-password", "permittty": "yes", "permittunnel": "no",
	"permituserenvironment": "no", "permituserrc": "yes", "port": "22", "printlastlog": "yes",
	"printmotd": "yes", "pubkeyauthentication": "yes", "strictmodes": "yes",
	"syslogfacility": "AUTH", "tcpkeepalive": "yes", "usedns": "no", "usepam": "no",
	"x11displayoffset": "10", "x11forwarding": "no", "x11uselocalhost": "yes",
}

func collectSSH(ctx context.Context, m *reader, d *draft) {
	program, installed := m.first("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd", "/usr/bin/sshd", "/run/current-system/sw/bin/sshd")
	if !installed {
		d.omit("SSH daemon settings", "No SSH daemon (sshd) is installed on this machine.")
		return
	}
	configured, whole := m.sshConfig(ctx, d)
	effective, err := m.sshEffective(ctx, program)
	readBy := "sshd -T"
	if err != nil {
		refusal := "`sshd -T` did not answer (" + strings.TrimRight(err.Error(), ".") + ")"
		if !whole {
			// A setting in the part that nobody could read may contradict all
			// the others, so none of them is known.
			d.omit("SSH daemon settings", refusal+", and the configuration files could not be read whole.")
			return
		}
		d.omit("The daemon's own account of its settings", refusal+"; the settings come from the configuration files and, where these are silent, from the defaults of OpenSSH 9, which a distribution may have changed.")
		readBy = "configuration files"
		effective = map[string][]string{}
		for keyword, value := range sshDefaults {
			effective[keyword] = []string{value}
		}
		for keyword, s := range configured.settings {
			effective[keyword] = s.values
		}
	}
	for keyword := range configured.overrides {
		// A keyword that stands in Match blocks only and has no default here.
		if _, have := effective[keyword]; !have {
			effective[keyword] = nil
		}
	}
	keywords := make([]string, 0, len(effective))
	for k := range effective {
		keywords = append(keywords, k)
	}
	slices.Sort(keywords)
	if len(keywords) > maxSSHSettings {
		d.omit("Settings beyond the first "+strconv.Itoa(maxSSHSettings), "The collector keeps no more of them.")
		keywords = keywords[:maxSSHSettings]
	}
	for _, k := range keywords {
		s := sshSetting{
			Host: m.host, Keyword: text(k), Source: "unknown", ReadBy: readBy, Values: []string{},
		}
		at, ok := configured.settings[k]
		switch {
		case ok:
			s.Source, s.Default = text(at.source), ptr(false)
		case whole:
			s.Source, s.Default = builtIn, ptr(true)
		}
		// Nil, an absent property, where a file that nobody could read may hold
		// Match blocks.
		if whole {
			s.MatchOverrides = []override{}
		}
		for _, v := range effective[k] {
			if len(s.Values) < maxSSHValues {
				s.Values = append(s.Values, text(sshValue(k, v)))
			}
		}
		s.Value = text(strings.Join(s.Values, " "))
		if n, err := strconv.ParseInt(s.Value, 10, 64); err == nil {
			s.Number = &n
		}
		s.MatchOverrides = append(s.MatchOverrides, configured.overrides[k]...)
		d.add(k, func(id string) any { s.ID = id; return s })
	}
}

// sshEffective asks the daemon itself.
func (m *reader) sshEffective(ctx context.Context, program string) (map[string][]string, error) {
	if m.run == nil {
		return nil, errors.New("this is a copy of a machine, where no programs are run")
	}
	out, err := m.run(ctx, program, "-T")
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	err = machine.EachLine(ctx, bytes.NewReader(out), maxSSHOutput, func(line string) {
		keyword, value := splitWord(line)
		if keyword = sshName(keyword); keyword != "" && len(all[keyword]) < maxSSHValues {
			all[keyword] = append(all[keyword], value)
		}
	})
	if err == nil && len(all["permitrootlogin"]) == 0 {
		err = errors.New("its answer is not a list of settings")
	}
	return all, err
}

func sshName(keyword string) string {
	keyword = strings.ToLower(keyword)
	if now, ok := sshKeyword[keyword]; ok {
		return now
	}
	return keyword
}

// sshValue writes a value the same way wherever it was read, and keeps what
// may be secret out of it: the values of environment variables and the
// arguments of commands.
func sshValue(keyword, v string) string {
	switch keyword {
	case "permitrootlogin":
		if strings.EqualFold(v, "without-password") {
			return "prohibit-password"
		}
	case "setenv":
		// What follows the first name may belong to its value.
		name, _, _ := strings.Cut(v, "=")
		return name
	case "forcecommand", "authorizedkeyscommand", "authorizedprincipalscommand":
		program, _ := splitWord(v)
		if name, _, ok := strings.Cut(program, "="); ok {
			return name + "=(hidden)"
		}
		return program
	case "logingracetime", "clientaliveinterval":
		if n, ok := sshSeconds(v); ok {
			return strconv.FormatInt(n, 10)
		}
	case "loglevel", "syslogfacility":
		return strings.ToUpper(v)
	}
	if strings.EqualFold(v, "yes") || strings.EqualFold(v, "no") {
		return strings.ToLower(v)
	}
	return v
}

// sshSeconds reads the time format of sshd_config(5), such as "1h30m".
func sshSeconds(s string) (int64, bool) {
	units := map[byte]int64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}
	var total, n int64
	digits := 0
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		switch {
		case s[i] >= '0' && s[i] <= '9':
			if digits++; digits > 9 {
				return 0, false
			}
			n = n*10 + int64(s[i]-'0')
		case digits > 0 && units[c] > 0 && total < 1e15:
			total += n * units[c]
			n, digits = 0, 0
		default:
			return 0, false
		}
	}
	return total + n, s != ""
}

func isAbsent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
