package agent

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestMacTools(t *testing.T) {
	for out, want := range map[string]State{"FileVault is On.": Yes, "FileVault is Off.": No, "FileVault is On.\nEncryption in progress: Percent completed = 40": No, "FileVault is Off.\nDecryption in progress": No, "Error": Unknown} {
		is(t, parseFileVault(out), want, "")
	}
	for out, want := range map[string]State{"Firewall is enabled. (State = 1)": Yes, "Firewall is set to block all non-essential incoming connections. (State = 2)": Yes, "Firewall is disabled. (State = 0)": No, "": Unknown} {
		is(t, parseSocketFilter(out), want, "")
	}
	for out, want := range map[string][3]any{"x screenLock delay is immediate": {0.0, true, true}, "screenLock delay is 300 seconds": {300.0, true, true}, "screenLock is off": {0.0, false, true}, "hello": {0.0, false, false}, "screenLock delay is soon": {0.0, false, false}} {
		if delay, on, known := parseScreenLock(out); want != [3]any{delay, on, known} {
			t.Errorf("%q: %v %v %v", out, delay, on, known)
		}
	}
	if _, found := parseSystemExtensions("*\t*\tX\tcom.crowdstrike.falcon.Agent (7)\tCSFalconAgent\t[terminated waiting to uninstall on reboot]"); found {
		t.Error("an extension that ended counts")
	}
	for text, bad := range map[string]bool{"<plist><dict><key>a</key><true/></dict></plist>": false, "<plist><array/></plist>": true, "x": true} {
		if _, err := parsePlist(text); (err != nil) != bad {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func mac(t *testing.T, uid int, text string) *darwin {
	return &darwin{Options{System: record(t, text), OS: "darwin", UID: uid, Now: noon}}
}

func TestMacSettings(t *testing.T) {
	plist := func(name, body string) string {
		return "-- " + name + " --\n-- run plutil -convert xml1 -o - " + name + " --\n<plist><dict>" + body + "</dict></plist>\n"
	}
	const own = "/Library/Preferences/com.apple.SoftwareUpdate.plist"
	all := "<key>AutomaticCheckEnabled</key><true/><key>AutomaticDownload</key><true/><key>AutomaticallyInstallMacOSUpdates</key><integer>1</integer><key>CriticalUpdateInstall</key><true/>"
	is(t, mac(t, 501, plist(own, all)).autoUpdate(t.Context()), Yes, "")
	is(t, mac(t, 501, plist(own, strings.Replace(all, "<integer>1</integer>", "<false/>", 1))).autoUpdate(t.Context()), No, "AutomaticallyInstallMacOSUpdates")
	is(t, mac(t, 501, plist(own, strings.Replace(all, "<key>CriticalUpdateInstall</key><true/>", "", 1))).autoUpdate(t.Context()), Unknown, "CriticalUpdateInstall")
	is(t, mac(t, 501, plist(own, all)+plist("/Library/Managed Preferences/com.apple.SoftwareUpdate.plist", "<key>AutomaticDownload</key><false/>")).autoUpdate(t.Context()), No, "AutomaticDownload")

	lock := func(uid int, text string, state State, part string, want time.Duration) {
		t.Helper()
		a, after := mac(t, uid, text).screenLock(t.Context())
		is(t, a, state, part)
		if after != want {
			t.Errorf("after %s, want %s", after, want)
		}
	}
	lock(0, "", Unknown, "as root", 0)
	lock(0, plist("/Library/Managed Preferences/com.apple.screensaver.plist", "<key>idleTime</key><integer>300</integer><key>askForPassword</key><integer>1</integer><key>askForPasswordDelay</key><integer>5</integer>"), Yes, "configuration profile", 305*time.Second)
	lock(0, plist("/Library/Managed Preferences/com.apple.screensaver.plist", "<key>idleTime</key><integer>300</integer><key>askForPassword</key><integer>0</integer>"), Unknown, "", 0)
	lock(0, plist("/Library/Managed Preferences/com.apple.mobiledevice.passwordpolicy.plist", "<key>maxInactivity</key><integer>15</integer>"), Yes, "maxInactivity", 15*time.Minute)
	asks, idle := "-- run sysadminctl -screenLock status --\nscreenLock delay is immediate\n", "-- run defaults -currentHost read com.apple.screensaver idleTime --\n"
	lock(501, "-- run sysadminctl -screenLock status --\nscreenLock is off\n", No, "no password", 0)
	lock(501, asks, Unknown, "whether that starts", 0)
	lock(501, asks+idle+"0\n-- run pmset -g --\n displaysleep 0\n", No, "Neither", 0)
	lock(501, asks+idle+"300\n-- run pmset -g --\n displaysleep 10\n", Yes, "screen saver", 5*time.Minute)
	lock(501, asks+idle+"0\n-- run pmset -g --\n displaysleep 10\n", Yes, "display", 10*time.Minute)

	xprotect := "-- /Library/Apple/System/Library/CoreServices/XProtect.bundle/x --\n-- run spctl --status --\n"
	is(t, mac(t, 0, xprotect+"assessments enabled\n").antivirus(t.Context()), Yes, "XProtect")
	is(t, mac(t, 0, xprotect+"assessments disabled\n").antivirus(t.Context()), No, "Gatekeeper")
	is(t, mac(t, 0, xprotect+"what\n").antivirus(t.Context()), Unknown, "")
}

// parsed is a value of JSON as PowerShell writes it.
func parsed[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := readJSON([]byte("\ufeff"+text+"\r\n"), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWindowsAnswers(t *testing.T) {
	volume := func(point, kind, protection, status string) string {
		return `{"MountPoint":"` + point + `","Type":"` + kind + `","Protection":"` + protection + `","Status":"` + status + `","Method":"XtsAes256"}`
	}
	c := volume("C:", "OperatingSystem", "On", "FullyEncrypted")
	for text, want := range map[string]State{
		c: Yes, "[" + c + "]": Yes, "[" + c + "," + volume("D:", "Data", "Off", "FullyDecrypted") + "]": No, volume("C:", "OperatingSystem", "Off", "FullyEncrypted"): No,
		volume("C:", "OperatingSystem", "On", "EncryptionInProgress"): No, "[]": Unknown, volume("D:", "Data", "On", "FullyEncrypted"): Unknown, "null": Unknown,
	} {
		is(t, judgeBitLocker(parsed[many[bitLocker]](t, text)), want, "")
	}
	profile := func(name, on, inbound string) string {
		return `{"Name":"` + name + `","Enabled":"` + on + `","Inbound":"` + inbound + `"}`
	}
	two := profile("Domain", "True", "Block") + "," + profile("Private", "True", "NotConfigured")
	for text, want := range map[string]State{"[" + two + "," + profile("Public", "True", "Block") + "]": Yes, "[" + two + "]": Unknown, "[" + two + "," + profile("Public", "True", "Allow") + "]": No, "[" + two + "," + profile("Public", "NotConfigured", "Block") + "]": No} {
		is(t, judgeProfiles(parsed[many[firewallProfile]](t, text)), want, "")
	}
	for text, want := range map[string]State{
		`{"type":1,"policy":null,"paused":null,"service":"Manual"}`: Yes, `{"type":3,"policy":null,"paused":null,"service":"Manual"}`: Unknown, `{"type":1,"service":"Disabled"}`: No,
		`{"type":3,"policy":{"AUOptions":4},"service":"Manual"}`: Yes, `{"type":1,"policy":{"AUOptions":3},"service":"Manual"}`: No, `{"type":1,"policy":{"NoAutoUpdate":1,"AUOptions":4},"service":"Manual"}`: No,
		`{"type":1,"paused":"2026-11-20T00:00:00Z","service":"Manual"}`: Yes, `{"type":1,"paused":"2026-11-22T00:00:00Z","service":"Manual"}`: No,
	} {
		is(t, parsed[windowsUpdates](t, text).judge(noon), want, "")
	}
	defender := func(watch string, age string) string {
		return `{"defender":{"AMServiceEnabled":true,"AntivirusEnabled":true,"RealTimeProtectionEnabled":` + watch + `,"AntivirusSignatureAge":` + age + `},"center":null}`
	}
	for text, want := range map[string]State{
		defender("true", "1"): Yes, defender("true", "9"): No, defender("false", "1"): No, defender("true", "null"): Unknown, `{"defender":null,"center":[]}`: Unknown,
		`{"defender":null,"center":{"displayName":"ESET Security","productState":266240}}`: Yes, `{"defender":null,"center":[{"displayName":"ESET Security","productState":266256}]}`: No,
		`{"defender":null,"center":[{"displayName":"ESET Security","productState":262144}]}`: Unknown,
	} {
		is(t, parsed[windowsAntivirus](t, text).judge(), want, "")
	}
	for text, want := range map[string]time.Duration{
		`{"machine":600,"people":[]}`: 10 * time.Minute, `{"machine":null,"people":null}`: 0,
		`{"machine":0,"people":{"sid":"S","policy":null,"own":{"ScreenSaveActive":"1","ScreenSaverIsSecure":"1","ScreenSaveTimeOut":"300"}}}`:                          5 * time.Minute,
		`{"machine":0,"people":[{"sid":"S","policy":null,"own":{"ScreenSaveActive":"1","ScreenSaverIsSecure":"0","ScreenSaveTimeOut":"300"}}]}`:                        0,
		`{"machine":0,"people":[{"sid":"S","policy":{"ScreenSaverIsSecure":"0"},"own":{"ScreenSaveActive":"1","ScreenSaverIsSecure":"1","ScreenSaveTimeOut":"300"}}]}`: 0,
	} {
		a, after := parsed[windowsLock](t, text).judge()
		if after != want || (a.State == Yes) != (want > 0) {
			t.Errorf("%s: %+v after %s", text, a, after)
		}
	}
	if err := readJSON([]byte("  \r\n"), new(json.RawMessage)); err == nil {
		t.Error("an empty answer passes for JSON")
	}
}
