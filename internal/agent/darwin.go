package agent

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// darwin reads a Mac, with the tools that macOS comes with.
type darwin struct{ Options }

func (d *darwin) run(ctx context.Context, program string, args ...string) (string, error) {
	out, err := d.System.Run(ctx, program, args...)
	return strings.TrimSpace(string(out)), err
}

func (d *darwin) identity(ctx context.Context) (Identity, []string) {
	var notes []string
	i := Identity{Platform: "MACOS", Version: "unknown", Name: clean(d.Host, maxName)}
	if out, err := d.run(ctx, "sw_vers"); err == nil {
		i.Version = parseSwVers(out)
	} else {
		notes = append(notes, "The version: "+because("sw_vers", err))
	}
	if out, err := d.run(ctx, "system_profiler", "SPHardwareDataType", "-json"); err == nil {
		i.Model, i.Serial, i.InstallationID = parseHardware([]byte(out))
	} else {
		notes = append(notes, "Model and serial number: "+because("system_profiler", err))
	}
	if out, err := d.run(ctx, "networksetup", "-listallhardwareports"); err == nil {
		i.MACs = parsePorts(out)
	}
	return i, notes
}

// parseSwVers reads sw_vers(1).
func parseSwVers(out string) string {
	v := fields(out, ":")
	version := strings.TrimSpace(v["ProductVersion"] + " " + v["ProductVersionExtra"])
	if version == "" {
		return "unknown"
	}
	if b := v["BuildVersion"]; b != "" {
		version += " (" + b + ")"
	}
	return clean(version, maxName)
}

// fields are lines of a name and a value.
func fields(out, by string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(out) {
		if k, v, ok := strings.Cut(line, by); ok {
			all[strings.TrimSpace(k)] = strings.TrimSpace(v)
		}
	}
	return all
}

// parseHardware reads `system_profiler SPHardwareDataType -json`.
func parseHardware(out []byte) (model, serial, id string) {
	var all struct {
		Hardware []struct {
			Name   string `json:"machine_name"`
			Model  string `json:"machine_model"`
			Serial string `json:"serial_number"`
			UUID   string `json:"platform_UUID"`
		} `json:"SPHardwareDataType"`
	}
	if json.Unmarshal(out, &all) != nil || len(all.Hardware) == 0 {
		return "", "", ""
	}
	h := all.Hardware[0]
	if h.Model != "" && h.Name != "" {
		h.Name += " (" + h.Model + ")"
	}
	if h.UUID != "" {
		id = installation("macos", h.UUID)
	}
	return clean(h.Name, maxName), told(h.Serial), id
}

// parsePorts reads `networksetup -listallhardwareports`: Wi-Fi and built-in
// Ethernet, not the adapters that go from desk to desk.
func parsePorts(out string) []string {
	var macs []string
	for part := range strings.SplitSeq(out, "\n\n") {
		v := fields(part, ":")
		port, mac := v["Hardware Port"], strings.ToLower(v["Ethernet Address"])
		if port != "Wi-Fi" && port != "Ethernet" && port != "AirPort" || !usableMAC(mac) || slices.Contains(macs, mac) {
			continue
		}
		macs = append(macs, mac)
	}
	return macs
}

func (d *darwin) diskEncryption(ctx context.Context) Answer {
	out, err := d.run(ctx, "fdesetup", "status")
	if err != nil {
		return unknown("%s", because("fdesetup", err))
	}
	return parseFileVault(out)
}

// parseFileVault reads `fdesetup status`.
func parseFileVault(out string) Answer {
	switch {
	case strings.Contains(out, "Encryption in progress"), strings.Contains(out, "Decryption in progress"):
		return no("fdesetup says that FileVault is not done: %s", strings.ReplaceAll(out, "\n", " "))
	case strings.Contains(out, "FileVault is On"):
		return yes("fdesetup says that FileVault is on.")
	case strings.Contains(out, "FileVault is Off"):
		return no("fdesetup says that FileVault is off.")
	}
	return unknown("fdesetup answers what the agent does not know: %s", clean(out, 200))
}

func (d *darwin) firewall(ctx context.Context) Answer {
	out, err := d.run(ctx, "socketfilterfw", "--getglobalstate")
	if err != nil {
		return unknown("%s", because("socketfilterfw", err))
	}
	return parseSocketFilter(out)
}

// parseSocketFilter reads `socketfilterfw --getglobalstate`.
func parseSocketFilter(out string) Answer {
	switch {
	case strings.Contains(out, "State = 1"), strings.Contains(out, "State = 2"):
		return yes("socketfilterfw says that the application firewall is on.")
	case strings.Contains(out, "State = 0"):
		return no("socketfilterfw says that the application firewall is off.")
	}
	return unknown("socketfilterfw answers what the agent does not know: %s", clean(out, 200))
}

const managedPreferences = "/Library/Managed Preferences/"

// screenLock reads what a profile of the organisation demands, which nobody can
// change; else the settings of the account that the agent runs as.
func (d *darwin) screenLock(ctx context.Context) (Answer, time.Duration) {
	managed := d.plist(ctx, managedPreferences+"com.apple.screensaver.plist")
	if idle, ask := managed.number("idleTime"), managed["askForPassword"]; idle > 0 && (ask == "true" || ask == "1") {
		return yes("A configuration profile locks the screen (com.apple.screensaver: idleTime, askForPassword)."), seconds(idle + managed.number("askForPasswordDelay"))
	}
	if minutes := d.plist(ctx, managedPreferences+"com.apple.mobiledevice.passwordpolicy.plist").number("maxInactivity"); minutes > 0 {
		return yes("A configuration profile locks the screen (com.apple.mobiledevice.passwordpolicy: maxInactivity)."), seconds(minutes * 60)
	}
	if d.UID == 0 {
		return unknown("No configuration profile demands a screen lock, and the agent runs as root: run it as the person to read their own settings."), 0
	}
	out, err := d.run(ctx, "sysadminctl", "-screenLock", "status")
	if err != nil {
		return unknown("%s", because("sysadminctl", err)), 0
	}
	delay, on, known := parseScreenLock(out)
	switch {
	case !known:
		return unknown("sysadminctl answers what the agent does not know: %s", clean(out, 200)), 0
	case !on:
		return no("sysadminctl says that no password is asked after the screen saver."), 0
	}
	idle, err := d.run(ctx, "defaults", "-currentHost", "read", "com.apple.screensaver", "idleTime")
	after, perr := strconv.ParseFloat(idle, 64)
	sleep := 0.0
	if power, err := d.run(ctx, "pmset", "-g"); err == nil {
		sleep = parseDisplaySleep(power)
	}
	switch {
	case err == nil && perr == nil && after > 0 && (sleep <= 0 || after < sleep):
		return yes("A password is asked after the screen saver, which starts by itself (sysadminctl, com.apple.screensaver idleTime)."), seconds(after + delay)
	case sleep > 0:
		return yes("A password is asked when the display was asleep, which it goes by itself (sysadminctl, pmset)."), seconds(sleep + delay)
	case err == nil && perr == nil:
		return no("Neither the screen saver nor the sleep of the display starts by itself."), 0
	}
	return unknown("A password is asked after the screen saver, but whether that starts by itself is not known."), 0
}

func seconds(n float64) time.Duration {
	return time.Duration(min(max(n, 0), 1e7) * float64(time.Second))
}

// parseScreenLock reads `sysadminctl -screenLock status`: seconds.
func parseScreenLock(out string) (delay float64, on, known bool) {
	if strings.Contains(out, "screenLock is off") {
		return 0, false, true
	}
	_, text, found := strings.Cut(out, "screenLock delay is ")
	if !found {
		return 0, false, false
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	first = strings.Trim(first, ".")
	if first == "immediate" {
		return 0, true, true
	}
	n, err := strconv.ParseFloat(first, 64)
	return n, err == nil, err == nil
}

// parseDisplaySleep reads the line displaysleep of `pmset -g`: seconds.
func parseDisplaySleep(out string) float64 {
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "displaysleep" {
			if n, err := strconv.ParseFloat(f[1], 64); err == nil {
				return n * 60
			}
		}
	}
	return 0
}

func (d *darwin) autoUpdate(ctx context.Context) Answer {
	own, managed := d.plist(ctx, "/Library/Preferences/com.apple.SoftwareUpdate.plist"), d.plist(ctx, managedPreferences+"com.apple.SoftwareUpdate.plist")
	if own == nil && managed == nil {
		return unknown("The settings com.apple.SoftwareUpdate cannot be read.")
	}
	var unset []string
	for _, key := range []string{"AutomaticCheckEnabled", "AutomaticDownload", "AutomaticallyInstallMacOSUpdates", "CriticalUpdateInstall"} {
		v, set := managed[key]
		if !set {
			v, set = own[key]
		}
		switch {
		case !set:
			unset = append(unset, key)
		case v != "true" && v != "1":
			return no("%s is off in com.apple.SoftwareUpdate.", key)
		}
	}
	if len(unset) > 0 {
		return unknown("%s is not set in com.apple.SoftwareUpdate.", listed(unset, 4))
	}
	return yes("macOS finds, fetches and installs updates by itself (com.apple.SoftwareUpdate).")
}

// plist is the top level of a file of preferences: numbers, texts, true and
// false.
type plist map[string]string

func (p plist) number(key string) float64 {
	n, err := strconv.ParseFloat(p[key], 64)
	if err != nil {
		return 0
	}
	return n
}

// plist is a file of preferences, nil if it cannot be read.
func (d *darwin) plist(ctx context.Context, name string) plist {
	if _, there := exists(d.System, name); !there {
		return nil
	}
	out, err := d.run(ctx, "plutil", "-convert", "xml1", "-o", "-", name)
	if err != nil {
		return nil
	}
	p, err := parsePlist(out)
	if err != nil {
		return nil
	}
	return p
}

// parsePlist reads a property list in XML; what is nested is passed over.
func parsePlist(text string) (plist, error) {
	type value struct {
		XMLName xml.Name
		Text    string `xml:",chardata"`
	}
	var list struct {
		Dict *struct {
			All []value `xml:",any"`
		} `xml:"dict"`
	}
	if err := xml.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	if list.Dict == nil {
		return nil, fmt.Errorf("it is no dictionary")
	}
	out, key := plist{}, ""
	for _, v := range list.Dict.All {
		switch v.XMLName.Local {
		case "key":
			key = strings.TrimSpace(v.Text)
			continue
		case "true", "false":
			out[key] = v.XMLName.Local
		case "integer", "real", "string", "date":
			out[key] = strings.TrimSpace(v.Text)
		}
	}
	return out, nil
}

// protectors are the system extensions of antivirus products, by the beginning
// of their ids.
var protectors = []product{
	{"com.crowdstrike.falcon", "CrowdStrike Falcon"}, {"com.microsoft.wdav", "Microsoft Defender for Endpoint"}, {"com.sentinelone", "SentinelOne"}, {"com.sophos.endpoint", "Sophos"},
	{"com.jamf.protect", "Jamf Protect"}, {"com.eset", "ESET"}, {"com.bitdefender", "Bitdefender"}, {"com.trendmicro", "Trend Micro"}, {"com.paloaltonetworks.traps", "Cortex XDR"},
	{"com.malwarebytes", "Malwarebytes"}, {"com.kaspersky", "Kaspersky"}, {"com.vmware.carbonblack", "Carbon Black Cloud"}, {"com.avast", "Avast"}, {"com.f-secure", "WithSecure"},
}

func (d *darwin) antivirus(ctx context.Context) Answer {
	out, err := d.run(ctx, "systemextensionsctl", "list")
	if err == nil {
		if name, found := parseSystemExtensions(out); found {
			return yes("%s is active (systemextensionsctl).", name)
		}
	}
	// XProtect comes with macOS and works where Gatekeeper does.
	if _, there := exists(d.System, "/Library/Apple/System/Library/CoreServices/XProtect.app", "/Library/Apple/System/Library/CoreServices/XProtect.bundle"); !there {
		return unknown("No antivirus that the agent knows is active, and XProtect is not where macOS keeps it.")
	}
	out, err = d.run(ctx, "spctl", "--status")
	switch {
	case strings.Contains(out, "assessments enabled"):
		return yes("XProtect, which comes with macOS, is there, and Gatekeeper is on (spctl). No other antivirus that the agent knows is active.")
	case strings.Contains(out, "assessments disabled"):
		return no("Gatekeeper is off (spctl), and no antivirus that the agent knows is active.")
	case err != nil:
		return unknown("%s", because("spctl", err))
	}
	return unknown("spctl answers what the agent does not know: %s", clean(out, 200))
}

// parseSystemExtensions reads `systemextensionsctl list`.
func parseSystemExtensions(out string) (name string, found bool) {
	for line := range strings.Lines(out) {
		if !strings.Contains(line, "[activated enabled]") {
			continue
		}
		for _, p := range protectors {
			for _, w := range strings.Fields(line) {
				if strings.HasPrefix(strings.ToLower(w), p.process) {
					return p.name, true
				}
			}
		}
	}
	return "", false
}

func (d *darwin) software(ctx context.Context) software {
	var s software
	out, err := d.System.Run(ctx, "system_profiler", "SPApplicationsDataType", "-json")
	if err == nil {
		s.apps, err = parseApplications(out)
	}
	if err != nil {
		s.omitted = append(s.omitted, "Applications: "+because("system_profiler", err))
	}
	s.managers = managersOf(s.apps)
	names, err := d.System.Names("/Users")
	if err != nil {
		s.omitted = append(s.omitted, because("/Users", err))
	}
	var dirs []browserDir
	for _, name := range names {
		home := "/Users/" + name
		if name == "Shared" || strings.HasPrefix(name, ".") {
			continue
		}
		const support = "/Library/Application Support/"
		if _, err := d.System.Names(home + support); err != nil {
			if !absent(err) {
				s.omitted = append(s.omitted, "The browser extensions of "+name+" cannot be read without more rights.")
			}
			continue
		}
		for _, b := range [][2]string{{"Google Chrome", "Google/Chrome"}, {"Chromium", "Chromium"}, {"Brave", "BraveSoftware/Brave-Browser"}, {"Microsoft Edge", "Microsoft Edge"}, {"Vivaldi", "Vivaldi"}, {"Arc", "Arc/User Data"}} {
			dirs = append(dirs, browserDir{b[0], home + support + b[1], false})
		}
		dirs = append(dirs, browserDir{"Firefox", home + support + "Firefox/Profiles", true})
	}
	found := extensions(d.System, dirs)
	s.extensions, s.managers, s.omitted = found.all, append(s.managers, found.managers...), append(s.omitted, found.omitted...)
	return s
}

// parseApplications reads `system_profiler SPApplicationsDataType -json`: what
// stands in the folders for applications, without the parts of macOS.
func parseApplications(out []byte) ([]Program, error) {
	var all struct {
		Applications []struct {
			Name    string `json:"_name"`
			Version string `json:"version"`
			Path    string `json:"path"`
		} `json:"SPApplicationsDataType"`
	}
	if err := json.Unmarshal(out, &all); err != nil {
		return nil, fmt.Errorf("what is not JSON (%w)", err)
	}
	var apps []Program
	for _, a := range all.Applications {
		if strings.HasPrefix(a.Path, "/System/") || strings.HasPrefix(a.Path, "/Library/Apple/") {
			continue
		}
		apps = append(apps, Program{Name: a.Name, Version: a.Version})
	}
	return apps, nil
}
