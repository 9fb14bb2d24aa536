package agent

import (
	"context"
	"encoding/xml"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// desktop is a desktop whose lock the agent can judge.
type desktop struct {
	name string
	// sessions are the beginnings of the names of its session files, process that
	// of the process that runs while somebody is signed in.
	sessions []string
	process  string
	judge    func(l *linux, h home) (Answer, time.Duration)
}

var desktops = []desktop{
	{"GNOME", []string{"gnome", "ubuntu"}, "gnome-shell", (*linux).gnome},
	{"KDE Plasma", []string{"plasma"}, "plasmashell", (*linux).plasma},
	{"Xfce", []string{"xfce"}, "xfce4-session", (*linux).xfce},
	{"Sway", []string{"sway"}, "sway", (*linux).sway},
}

// screenLock judges the desktop of each person on the machine: one whose screen
// does not lock is enough for no.
func (l *linux) screenLock(context.Context) (Answer, time.Duration) {
	found, other := l.installedDesktops()
	switch {
	case len(found) == 0 && len(other) == 0:
		return unknown("Not applicable: this machine has no desktop (nothing in /usr/share/xsessions and /usr/share/wayland-sessions)."), 0
	case len(other) > 0:
		return unknown("The desktop %s is installed, whose lock the agent cannot judge.", listed(other, 3)), 0
	case len(found) > 1:
		running := l.runningDesktops()
		found = slices.DeleteFunc(found, func(d desktop) bool { return !slices.Contains(running, d.process) })
		if len(found) != 1 {
			return unknown("Several desktops are installed, and which one is in use is not clear: nobody, or more than one, is signed in."), 0
		}
	}
	all, err := l.homes()
	switch {
	case err != nil:
		return unknown("%s", machine.Reason("/etc/passwd", err)), 0
	case all.unread() != "":
		return unknown("%s has settings of its own for each person. %s", found[0].name, all.unread()), 0
	case len(all.open) == 0:
		return unknown("No person with a home folder was found on this machine."), 0
	}
	var last time.Duration
	var good []string
	for _, h := range all.open {
		a, after := found[0].judge(l, h)
		if a.State != Yes {
			a.Text = "For " + clean(h.user, 60) + ": " + a.Text
			return a, 0
		}
		last, good = max(last, after), append(good, h.user+" ("+after.String()+")")
	}
	return yes("%s locks the screen of %s.", found[0].name, listed(good, 5)), last
}

// installedDesktops are those that somebody can choose when they sign in.
func (l *linux) installedDesktops() (known []desktop, other []string) {
	for _, dir := range []string{"/usr/share/xsessions", "/usr/share/wayland-sessions"} {
		names, _ := l.System.Names(dir)
		for _, file := range names {
			name, is := strings.CutSuffix(file, ".desktop")
			if !is {
				continue
			}
			i := slices.IndexFunc(desktops, func(d desktop) bool {
				return slices.ContainsFunc(d.sessions, func(s string) bool { return strings.HasPrefix(strings.ToLower(name), s) })
			})
			switch {
			case i < 0 && !slices.Contains(other, name):
				other = append(other, name)
			case i >= 0 && !slices.ContainsFunc(known, func(d desktop) bool { return d.name == desktops[i].name }):
				known = append(known, desktops[i])
			}
		}
	}
	return known, other
}

// runningDesktops are the processes of desktops.
func (l *linux) runningDesktops() []string {
	names, _ := l.System.Names("/proc")
	var out []string
	for _, pid := range names[:min(len(names), maxProcesses)] {
		if _, err := strconv.Atoi(pid); err != nil {
			continue
		}
		name := word(l.System, "/proc/"+pid+"/comm")
		if slices.ContainsFunc(desktops, func(d desktop) bool { return d.process == name }) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

const maxDconf = 16 << 20

// gnome reads the database of dconf: what the person set, what the
// administrator set or locked, and else what GNOME comes with.
func (l *linux) gnome(h home) (Answer, time.Duration) {
	const enabledKey, delayKey, idleKey = "/org/gnome/desktop/screensaver/lock-enabled", "/org/gnome/desktop/screensaver/lock-delay", "/org/gnome/desktop/session/idle-delay"
	s, err := l.dconf(h)
	if err != nil {
		return unknown("%s", err), 0
	}
	enabled, err1 := s.value(enabledKey, variant{kind: "b", number: 1})
	delay, err2 := s.value(delayKey, variant{kind: "u"})
	idle, err3 := s.value(idleKey, variant{kind: "u", number: 300})
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return unknown("%s", err), 0
		}
	}
	switch {
	case enabled.number == 0:
		return no("the lock of GNOME is off (org.gnome.desktop.screensaver lock-enabled)."), 0
	case idle.number == 0:
		return no("GNOME never blanks the screen by itself (org.gnome.desktop.session idle-delay is 0)."), 0
	}
	return yes("GNOME"), time.Duration(idle.number+delay.number) * time.Second
}

// settings are layers of dconf, the first of which has the first word.
type settings struct {
	layers []map[string]variant
	// locked are the paths that the person cannot set.
	locked    map[string]bool
	overrides map[string]string
}

// value is a setting; builtin is what it is when nobody set it.
func (s settings) value(key string, builtin variant) (variant, error) {
	for i, layer := range s.layers {
		if v, set := layer[key]; set && (i > 0 || !s.locked[key]) {
			if v.kind != builtin.kind {
				return v, fmt.Errorf("the setting %s is of the kind %q", key, v.kind)
			}
			return v, nil
		}
	}
	if text, set := s.overrides[key]; set {
		text = strings.TrimSpace(strings.TrimPrefix(text, "uint32"))
		switch n, err := strconv.ParseUint(text, 10, 32); {
		case text == "true":
			builtin.number = 1
		case text == "false":
			builtin.number = 0
		case err != nil:
			return builtin, fmt.Errorf("the setting %s of the distribution is %q", key, clean(text, 40))
		default:
			builtin.number = uint32(n)
		}
	}
	return builtin, nil
}

func (l *linux) dconf(h home) (settings, error) {
	s := settings{locked: map[string]bool{}, overrides: l.schemaOverrides()}
	files := []string{h.dir + "/.config/dconf/user"}
	profile, err := text(l.System, "/etc/dconf/profile/user")
	if err != nil && !absent(err) {
		return s, fmt.Errorf("%s", machine.Reason("/etc/dconf/profile/user", err))
	}
	for line := range strings.Lines(profile) {
		if db, ok := strings.CutPrefix(strings.TrimSpace(line), "system-db:"); ok && !strings.Contains(db, "/") {
			files = append(files, "/etc/dconf/db/"+db)
			locks := "/etc/dconf/db/" + db + ".d/locks"
			names, _ := l.System.Names(locks)
			for _, name := range names {
				all, _ := text(l.System, locks+"/"+name)
				for key := range strings.Lines(all) {
					s.locked[strings.TrimSpace(key)] = true
				}
			}
		}
	}
	for _, name := range files {
		b, err := machine.Read(l.System, name, maxDconf)
		if absent(err) {
			s.layers = append(s.layers, nil)
			continue
		}
		if err != nil {
			return s, fmt.Errorf("%s", machine.Reason(name, err))
		}
		layer, err := parseGVDB(b)
		if err != nil {
			return s, fmt.Errorf("%s is not a database of dconf: %w", name, err)
		}
		s.layers = append(s.layers, layer)
	}
	return s, nil
}

// schemaOverrides are what the distribution changed of the defaults that matter
// here, by path.
func (l *linux) schemaOverrides() map[string]string {
	const dir = "/usr/share/glib-2.0/schemas"
	names, _ := l.System.Names(dir)
	out := map[string]string{}
	for _, name := range names {
		if !strings.HasSuffix(name, ".gschema.override") {
			continue
		}
		all, _ := text(l.System, dir+"/"+name)
		section := ""
		for line := range strings.Lines(all) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "[") {
				section, _, _ = strings.Cut(strings.Trim(line, "[]"), ":")
			} else if key, value, ok := strings.Cut(line, "="); ok && (section == "org.gnome.desktop.screensaver" || section == "org.gnome.desktop.session") {
				out["/"+strings.ReplaceAll(section, ".", "/")+"/"+strings.TrimSpace(key)] = strings.TrimSpace(value)
			}
		}
	}
	return out
}

// ini is a value of a section of a file of settings, the last one if there are
// several.
func ini(text, section, key string) (string, bool) {
	in, out, found := "", "", false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			in = strings.Trim(line, "[]")
		} else if k, v, ok := strings.Cut(line, "="); ok && in == section && strings.TrimSpace(k) == key {
			out, found = strings.TrimSpace(v), true
		}
	}
	return out, found
}

// plasma reads the settings of KDE's screen locker: minutes, five by default.
func (l *linux) plasma(h home) (Answer, time.Duration) {
	values := map[string]string{"Autolock": "true", "Timeout": "5", "LockGrace": "5"}
	for _, name := range []string{"/etc/xdg/kscreenlockerrc", h.dir + "/.config/kscreenlockerrc"} {
		all, err := text(l.System, name)
		if err != nil && !absent(err) {
			return unknown("%s", machine.Reason(name, err)), 0
		}
		for key := range values {
			if v, set := ini(all, "Daemon", key); set {
				values[key] = v
			}
		}
	}
	if !strings.EqualFold(values["Autolock"], "true") {
		return no("Plasma does not lock the screen by itself (Autolock in kscreenlockerrc)."), 0
	}
	minutes, err := strconv.Atoi(values["Timeout"])
	if err != nil || minutes > 100000 {
		return unknown("Timeout in kscreenlockerrc is %q.", values["Timeout"]), 0
	}
	if minutes <= 0 {
		return no("Plasma never locks the screen by itself (Timeout in kscreenlockerrc is %d).", minutes), 0
	}
	grace, _ := strconv.Atoi(values["LockGrace"])
	return yes("Plasma"), time.Duration(minutes)*time.Minute + time.Duration(min(max(grace, 0), 3600))*time.Second
}

// xfce reads the settings of xfce4-screensaver: minutes, five by default.
func (l *linux) xfce(h home) (Answer, time.Duration) {
	if _, there := exists(l.System, "/usr/bin/xfce4-screensaver"); !there {
		return unknown("xfce4-screensaver, whose lock the agent can judge, is not installed."), 0
	}
	name := h.dir + "/.config/xfce4/xfconf/xfce-perchannel-xml/xfce4-screensaver.xml"
	all, err := text(l.System, name)
	if err != nil && !absent(err) {
		return unknown("%s", machine.Reason(name, err)), 0
	}
	values := map[string]string{"/saver/enabled": "true", "/saver/idle-activation/enabled": "true", "/saver/idle-activation/delay": "5",
		"/lock/enabled": "true", "/lock/saver-activation/enabled": "true", "/lock/saver-activation/delay": "0"}
	if err == nil {
		if err := xfconf(all, values); err != nil {
			return unknown("%s is not in the form of Xfce's settings.", name), 0
		}
	}
	for _, key := range []string{"/saver/enabled", "/saver/idle-activation/enabled", "/lock/enabled", "/lock/saver-activation/enabled"} {
		if values[key] != "true" {
			return no("Xfce does not lock the screen by itself (%s of xfce4-screensaver is %s).", key, values[key]), 0
		}
	}
	idle, err1 := strconv.Atoi(values["/saver/idle-activation/delay"])
	delay, err2 := strconv.Atoi(values["/lock/saver-activation/delay"])
	if err1 != nil || err2 != nil || idle <= 0 || idle > 100000 || delay < 0 || delay > 100000 {
		return unknown("the delays of xfce4-screensaver are not numbers of minutes."), 0
	}
	return yes("Xfce"), time.Duration(idle+delay) * time.Minute
}

// xfconf reads a channel of xfconf: properties within properties.
func xfconf(text string, into map[string]string) error {
	type property struct {
		Name     string     `xml:"name,attr"`
		Value    string     `xml:"value,attr"`
		Property []property `xml:"property"`
	}
	var channel struct {
		Property []property `xml:"property"`
	}
	if err := xml.Unmarshal([]byte(text), &channel); err != nil {
		return err
	}
	var walk func(string, []property)
	walk = func(at string, list []property) {
		for _, p := range list {
			key := at + "/" + p.Name
			if _, wanted := into[key]; wanted && p.Value != "" {
				into[key] = p.Value
			}
			walk(key, p.Property)
		}
	}
	walk("", channel.Property)
	return nil
}

// lockers are the programs that lock a screen of Sway.
var lockers = []string{"swaylock", "gtklock", "waylock", "hyprlock"}

// sway looks for the timeouts of swayidle, in its own file and in that of Sway.
func (l *linux) sway(h home) (Answer, time.Duration) {
	var soonest time.Duration
	for _, name := range []string{h.dir + "/.config/swayidle/config", "/etc/swayidle/config", h.dir + "/.config/sway/config", "/etc/sway/config"} {
		all, err := text(l.System, name)
		if absent(err) {
			continue
		}
		if err != nil {
			return unknown("%s", machine.Reason(name, err)), 0
		}
		idle := path.Base(path.Dir(name)) == "swayidle"
		for line := range strings.Lines(strings.ReplaceAll(all, "\\\n", " ")) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "#") || !idle && !strings.Contains(line, "swayidle") {
				continue
			}
			if after := swayTimeout(line); after > 0 && (soonest == 0 || after < soonest) {
				soonest = after
			}
		}
	}
	if soonest == 0 {
		return no("no timeout of swayidle locks the screen of Sway."), 0
	}
	return yes("Sway"), soonest
}

// swayTimeout is the shortest timeout of a line that locks the screen, 0 if none
// does.
func swayTimeout(line string) time.Duration {
	var out time.Duration
	for i, part := range strings.Split(line, "timeout ") {
		if i == 0 {
			continue
		}
		number, rest, _ := strings.Cut(part, " ")
		seconds, err := strconv.Atoi(number)
		// Up to the word that begins the next step.
		for _, next := range []string{" resume ", " before-sleep ", " after-resume ", " lock ", " unlock ", " idlehint "} {
			rest, _, _ = strings.Cut(rest, next)
		}
		if locks := slices.ContainsFunc(lockers, func(each string) bool { return strings.Contains(rest, each) }) || strings.Contains(rest, "loginctl lock-session"); err != nil || !locks || seconds <= 0 || seconds > 1e7 {
			continue
		}
		if after := time.Duration(seconds) * time.Second; out == 0 || after < out {
			out = after
		}
	}
	return out
}
