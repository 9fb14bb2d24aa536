package agent

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// browserDir is a folder in which a browser keeps its profiles.
type browserDir struct {
	browser, dir string
	firefox      bool
}

// linuxBrowsers are the folders of browsers below a home folder, with those of
// Flatpak and Snap.
func linuxBrowsers(home string) []browserDir {
	var out []browserDir
	for _, b := range [][2]string{
		{"Google Chrome", ".config/google-chrome"}, {"Google Chrome", ".var/app/com.google.Chrome/config/google-chrome"},
		{"Chromium", ".config/chromium"}, {"Chromium", "snap/chromium/common/chromium"}, {"Chromium", ".var/app/org.chromium.Chromium/config/chromium"},
		{"Brave", ".config/BraveSoftware/Brave-Browser"}, {"Brave", ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser"}, {"Brave", "snap/brave/current/.config/BraveSoftware/Brave-Browser"},
		{"Microsoft Edge", ".config/microsoft-edge"}, {"Microsoft Edge", ".var/app/com.microsoft.Edge/config/microsoft-edge"}, {"Vivaldi", ".config/vivaldi"},
	} {
		out = append(out, browserDir{b[0], home + "/" + b[1], false})
	}
	for _, dir := range []string{".mozilla/firefox", ".config/mozilla/firefox", "snap/firefox/common/.mozilla/firefox", ".var/app/org.mozilla.firefox/.mozilla/firefox"} {
		out = append(out, browserDir{"Firefox", home + "/" + dir, true})
	}
	return out
}

// foundExtensions are the extensions of all browsers.
type foundExtensions struct {
	all      []Program
	managers []string
	omitted  []string
}

const (
	maxProfiles    = 100
	maxExtensions  = 1000
	maxManifest    = 2 << 20
	maxPreferences = 64 << 20
)

// extensions reads the extensions of browsers, of all their profiles. The same
// one in several profiles is one.
func extensions(s System, dirs []browserDir) foundExtensions {
	var out foundExtensions
	for _, d := range dirs {
		names, err := s.Names(d.dir)
		if err != nil {
			if errors.Is(err, fs.ErrPermission) {
				out.omitted = append(out.omitted, machine.Reason(d.dir, err))
			}
			continue
		}
		for _, profile := range names[:min(len(names), maxProfiles)] {
			at := d.dir + "/" + profile
			if d.firefox {
				out.firefox(s, d.browser, at)
			} else {
				out.chromium(s, d.browser, at)
			}
		}
	}
	return out
}

// add notes an extension; one that is switched off protects nobody.
func (f *foundExtensions) add(browser, id, name, version string, off bool) {
	about := browser + ", " + id
	if off {
		about += ", switched off"
	}
	p := Program{Name: name, Version: version, Description: about}
	if slices.Contains(f.all, p) {
		return
	}
	f.all = append(f.all, p)
	if known, is := managerExtensions[id]; is && !off {
		if text := known + " in " + browser; !slices.Contains(f.managers, text) {
			f.managers = append(f.managers, text)
		}
	}
}

// chromium reads a profile of Chrome and its relatives: folders ID/VERSION, each
// with a manifest.
func (f *foundExtensions) chromium(s System, browser, profile string) {
	dir := profile + "/Extensions"
	ids, err := s.Names(dir)
	if err != nil {
		return
	}
	off := switchedOff(s, profile)
	for _, id := range ids[:min(len(ids), maxExtensions)] {
		if len(id) != 32 {
			continue
		}
		versions, err := s.Names(dir + "/" + id)
		if err != nil || len(versions) == 0 {
			continue
		}
		at := dir + "/" + id + "/" + slices.MaxFunc(versions, compareVersions)
		b, err := machine.Read(s, at+"/manifest.json", maxManifest)
		if err != nil {
			continue
		}
		var m struct {
			Name          string `json:"name"`
			Version       string `json:"version"`
			DefaultLocale string `json:"default_locale"`
		}
		if json.Unmarshal(trimBOM(b), &m) != nil || m.Name == "" {
			continue
		}
		f.add(browser, id, localised(s, at, m.DefaultLocale, m.Name), m.Version, off[id])
	}
}

// switchedOff are the extensions that the person, or the browser, switched off.
func switchedOff(s System, profile string) map[string]bool {
	out := map[string]bool{}
	for _, name := range []string{"Preferences", "Secure Preferences"} {
		b, err := machine.Read(s, profile+"/"+name, maxPreferences)
		if err != nil {
			continue
		}
		var p struct {
			Extensions struct {
				Settings map[string]struct {
					State          *int            `json:"state"`
					DisableReasons json.RawMessage `json:"disable_reasons"`
				} `json:"settings"`
			} `json:"extensions"`
		}
		if json.Unmarshal(b, &p) != nil {
			continue
		}
		for id, v := range p.Extensions.Settings {
			reasons := strings.TrimSpace(string(v.DisableReasons))
			if v.State != nil && *v.State == 0 || reasons != "" && reasons != "0" && reasons != "[]" && reasons != "null" {
				out[id] = true
			}
		}
	}
	return out
}

// localised is a name that may stand in the messages of an extension:
// __MSG_appName__ in _locales/LOCALE/messages.json.
func localised(s System, dir, locale, name string) string {
	key, is := strings.CutPrefix(name, "__MSG_")
	if key, is2 := strings.CutSuffix(key, "__"); is && is2 {
		for _, each := range []string{locale, "en", "en_US"} {
			if each == "" || strings.ContainsAny(each, `/\`) || path.Clean(each) != each {
				continue
			}
			b, err := machine.Read(s, dir+"/_locales/"+each+"/messages.json", maxManifest)
			if err != nil {
				continue
			}
			var messages map[string]struct {
				Message string `json:"message"`
			}
			if json.Unmarshal(trimBOM(b), &messages) != nil {
				continue
			}
			for k, m := range messages {
				if strings.EqualFold(k, key) && m.Message != "" {
					return m.Message
				}
			}
		}
	}
	return name
}

func trimBOM(b []byte) []byte { return []byte(strings.TrimPrefix(string(b), "\ufeff")) }

// compareVersions compares 1.10.2_0 and the like by their numbers.
func compareVersions(a, b string) int {
	split := func(r rune) bool { return r == '.' || r == '_' }
	x, y := strings.FieldsFunc(a, split), strings.FieldsFunc(b, split)
	for i := range min(len(x), len(y)) {
		m, err1 := strconv.Atoi(x[i])
		n, err2 := strconv.Atoi(y[i])
		if err1 == nil && err2 == nil && m != n {
			return m - n
		}
	}
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(a, b)
}

// firefox reads the list that a profile keeps of its add-ons.
func (f *foundExtensions) firefox(s System, browser, profile string) {
	b, err := machine.Read(s, profile+"/extensions.json", maxPreferences)
	if err != nil {
		return
	}
	var list struct {
		Addons []struct {
			ID            string `json:"id"`
			Version       string `json:"version"`
			Type          string `json:"type"`
			Location      string `json:"location"`
			Active        bool   `json:"active"`
			DefaultLocale struct {
				Name string `json:"name"`
			} `json:"defaultLocale"`
		} `json:"addons"`
	}
	if json.Unmarshal(b, &list) != nil {
		return
	}
	for _, a := range list.Addons[:min(len(list.Addons), maxExtensions)] {
		// What Firefox comes with is not what somebody installed.
		if a.Type != "extension" || a.Location == "app-builtin" || a.Location == "app-system-defaults" || a.Location == "app-builtin-addons" || a.Location == "app-system-addons" {
			continue
		}
		name := a.DefaultLocale.Name
		if name == "" {
			name = a.ID
		}
		f.add(browser, a.ID, name, a.Version, !a.Active)
	}
}
