package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// windows reads a Windows machine through PowerShell: each question is one
// fixed command that answers in JSON.
type windows struct{ Options }

// The commands. Enumerations are turned into their names, so that JSON does not
// have their numbers.
const (
	psSystem = `[pscustomobject]@{os=Get-CimInstance Win32_OperatingSystem | Select-Object Caption,Version,ProductType; bios=Get-CimInstance Win32_BIOS | Select-Object SerialNumber; ` +
		`computer=Get-CimInstance Win32_ComputerSystem | Select-Object Manufacturer,Model; product=Get-CimInstance Win32_ComputerSystemProduct | Select-Object UUID; ` +
		`guid=(Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Cryptography').MachineGuid; ` +
		`release=(Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion').DisplayVersion; ` +
		`cards=@(Get-NetAdapter -Physical | Select-Object MacAddress,PnPDeviceID)} | ConvertTo-Json -Compress -Depth 4`
	psBitLocker = `@(Get-BitLockerVolume -ErrorAction Stop | Select-Object MountPoint,@{n='Type';e={"$($_.VolumeType)"}},@{n='Protection';e={"$($_.ProtectionStatus)"}},@{n='Status';e={"$($_.VolumeStatus)"}},@{n='Method';e={"$($_.EncryptionMethod)"}}) | ConvertTo-Json -Compress`
	psFirewall  = `@(Get-NetFirewallProfile -PolicyStore ActiveStore -ErrorAction Stop | Select-Object Name,@{n='Enabled';e={"$($_.Enabled)"}},@{n='Inbound';e={"$($_.DefaultInboundAction)"}}) | ConvertTo-Json -Compress`
	psDefender  = `[pscustomobject]@{defender=Get-MpComputerStatus -ErrorAction SilentlyContinue | Select-Object AMServiceEnabled,AntivirusEnabled,RealTimeProtectionEnabled,AntivirusSignatureAge,AMRunningMode; ` +
		`center=@(Get-CimInstance -Namespace root/SecurityCenter2 -ClassName AntiVirusProduct -ErrorAction SilentlyContinue | Select-Object displayName,productState)} | ConvertTo-Json -Compress -Depth 3`
	psUpdates = `[pscustomobject]@{type=(Get-CimInstance Win32_OperatingSystem).ProductType; policy=Get-ItemProperty 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU' -ErrorAction SilentlyContinue | Select-Object NoAutoUpdate,AUOptions; ` +
		`paused=(Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\WindowsUpdate\UX\Settings' -ErrorAction SilentlyContinue).PauseUpdatesExpiryTime; service="$((Get-Service wuauserv).StartType)"} | ConvertTo-Json -Compress -Depth 3`
	psLock = `[pscustomobject]@{machine=(Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System' -ErrorAction SilentlyContinue).InactivityTimeoutSecs; ` +
		`people=@(Get-ChildItem Registry::HKEY_USERS | Where-Object PSChildName -Match '^S-1-(5-21|12-1)-[\d-]+$' | ForEach-Object { $p=Get-ItemProperty "Registry::$($_.Name)\Software\Policies\Microsoft\Windows\Control Panel\Desktop" -ErrorAction SilentlyContinue; ` +
		`$d=Get-ItemProperty "Registry::$($_.Name)\Control Panel\Desktop" -ErrorAction SilentlyContinue; [pscustomobject]@{sid=$_.PSChildName; policy=$p | Select-Object ScreenSaveActive,ScreenSaverIsSecure,ScreenSaveTimeOut; own=$d | Select-Object ScreenSaveActive,ScreenSaverIsSecure,ScreenSaveTimeOut,SCRNSAVE.EXE} })} | ConvertTo-Json -Compress -Depth 4`
	psApps = `@(Get-ItemProperty 'HKLM:\Software\Microsoft\Windows\CurrentVersion\Uninstall\*','HKLM:\Software\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*','Registry::HKEY_USERS\*\Software\Microsoft\Windows\CurrentVersion\Uninstall\*' -ErrorAction SilentlyContinue | ` +
		`Where-Object { $_.DisplayName -and -not $_.SystemComponent } | Select-Object DisplayName,DisplayVersion,Publisher) | ConvertTo-Json -Compress`
	psServices = `@(Get-Service | Select-Object Name,DisplayName,@{n='Status';e={"$($_.Status)"}},@{n='StartType';e={"$($_.StartType)"}}) | ConvertTo-Json -Compress`
)

// ask asks PowerShell, and reads the JSON of the answer into a value.
func (w *windows) ask(ctx context.Context, command string, into any) error {
	out, err := w.System.Run(ctx, "powershell", "-NoProfile", "-NonInteractive", "-Command", "[Console]::OutputEncoding=[Text.Encoding]::UTF8; "+command)
	if err != nil {
		return err
	}
	return readJSON(out, into)
}

// readJSON reads what ConvertTo-Json wrote.
func readJSON(out []byte, into any) error {
	text := strings.TrimSpace(string(trimBOM(out)))
	if text == "" {
		return fmt.Errorf("nothing")
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("what is not the JSON that was asked for (%w)", err)
	}
	return nil
}

// many are the items of an array, of which ConvertTo-Json writes a single one
// without the brackets.
type many[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (m *many[T]) UnmarshalJSON(b []byte) error {
	switch text := strings.TrimSpace(string(b)); {
	case text == "null":
		*m = nil
		return nil
	case strings.HasPrefix(text, "["):
		var list []T
		err := json.Unmarshal(b, &list)
		*m = list
		return err
	}
	var one T
	err := json.Unmarshal(b, &one)
	*m = many[T]{one}
	return err
}

// number is a number that the registry may hold as a text.
type number struct {
	set   bool
	value int64
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseInt(strings.Trim(string(b), `" `), 10, 64)
	n.set, n.value = err == nil, v
	return nil
}

type windowsSystem struct {
	OS       struct{ Caption, Version string }
	Bios     struct{ SerialNumber string }
	Computer struct{ Manufacturer, Model string }
	Product  struct{ UUID string }
	GUID     string
	Release  string
	Cards    many[struct{ MacAddress, PnPDeviceID string }]
}

func (w *windows) identity(ctx context.Context) (Identity, []string) {
	i := Identity{Platform: "WINDOWS", Version: "unknown", Name: clean(w.Host, maxName)}
	var s windowsSystem
	if err := w.ask(ctx, psSystem, &s); err != nil {
		return i, []string{"What this machine is: " + because("PowerShell", err)}
	}
	return s.identity(i), nil
}

func (s windowsSystem) identity(i Identity) Identity {
	version := strings.TrimPrefix(s.OS.Caption, "Microsoft ")
	if s.Release != "" {
		version += " " + s.Release
	}
	if s.OS.Version != "" {
		version += " (" + s.OS.Version + ")"
	}
	i.Version = cmp.Or(clean(version, maxName), "unknown")
	i.Model, i.Serial = named(told(s.Computer.Manufacturer), told(s.Computer.Model)), told(s.Bios.SerialNumber)
	if id := cmp.Or(s.GUID, s.Product.UUID); told(id) != "" {
		i.InstallationID = installation("windows", id)
	}
	for _, c := range s.Cards {
		mac := strings.ToLower(strings.ReplaceAll(c.MacAddress, "-", ":"))
		if usableMAC(mac) && !strings.HasPrefix(strings.ToUpper(c.PnPDeviceID), "USB") && !slices.Contains(i.MACs, mac) && len(i.MACs) < 8 {
			i.MACs = append(i.MACs, mac)
		}
	}
	return i
}

type bitLocker struct{ MountPoint, Type, Protection, Status, Method string }

func (w *windows) diskEncryption(ctx context.Context) Answer {
	var all many[bitLocker]
	if err := w.ask(ctx, psBitLocker, &all); err != nil {
		return unknown("%s BitLocker tells its state to administrators only.", because("Get-BitLockerVolume", err))
	}
	return judgeBitLocker(all)
}

// judgeBitLocker wants the volume of the system and all fixed ones protected.
func judgeBitLocker(all []bitLocker) Answer {
	system := false
	var good []string
	for _, v := range all {
		if !strings.HasSuffix(v.MountPoint, ":") {
			// Without a letter: what Windows starts and recovers from.
			continue
		}
		if v.Protection != "On" || v.Status != "FullyEncrypted" {
			return no("%s is not protected by BitLocker: protection %s, %s.", v.MountPoint, cmp.Or(v.Protection, "unknown"), cmp.Or(v.Status, "state unknown"))
		}
		system = system || v.Type == "OperatingSystem"
		good = append(good, v.MountPoint+" ("+v.Method+")")
	}
	if !system {
		return unknown("Get-BitLockerVolume does not name the volume of the system.")
	}
	return yes("Protected by BitLocker: %s.", listed(good, 8))
}

type firewallProfile struct{ Name, Enabled, Inbound string }

func (w *windows) firewall(ctx context.Context) Answer {
	var all many[firewallProfile]
	if err := w.ask(ctx, psFirewall, &all); err != nil {
		return unknown("%s", because("Get-NetFirewallProfile", err))
	}
	return judgeProfiles(all)
}

func judgeProfiles(all []firewallProfile) Answer {
	for _, name := range []string{"Domain", "Private", "Public"} {
		i := slices.IndexFunc(all, func(p firewallProfile) bool { return p.Name == name })
		switch {
		case i < 0:
			return unknown("Get-NetFirewallProfile does not name the profile %s.", name)
		case all[i].Enabled != "True":
			return no("The profile %s of Windows Firewall is off.", name)
		case all[i].Inbound == "Allow":
			return no("The profile %s of Windows Firewall lets everything in.", name)
		}
	}
	return yes("Windows Firewall is on in all three profiles (Domain, Private, Public).")
}

type lockSettings struct{ ScreenSaveActive, ScreenSaverIsSecure, ScreenSaveTimeOut number }

type windowsLock struct {
	Machine number
	People  many[struct {
		SID         string
		Policy, Own lockSettings
	}]
}

func (w *windows) screenLock(ctx context.Context) (Answer, time.Duration) {
	var s windowsLock
	if err := w.ask(ctx, psLock, &s); err != nil {
		return unknown("%s", because("PowerShell", err)), 0
	}
	return s.judge()
}

func (s windowsLock) judge() (Answer, time.Duration) {
	if s.Machine.value > 0 {
		return yes("The machine locks itself (InactivityTimeoutSecs is %d).", s.Machine.value), seconds(float64(s.Machine.value))
	}
	if len(s.People) == 0 {
		return unknown("InactivityTimeoutSecs is not set, and nobody is signed in whose screen saver could be looked at."), 0
	}
	var last time.Duration
	for _, p := range s.People {
		pick := func(policy, own number) int64 {
			if policy.set {
				return policy.value
			}
			return own.value
		}
		active, secure := pick(p.Policy.ScreenSaveActive, p.Own.ScreenSaveActive), pick(p.Policy.ScreenSaverIsSecure, p.Own.ScreenSaverIsSecure)
		after := pick(p.Policy.ScreenSaveTimeOut, p.Own.ScreenSaveTimeOut)
		if active != 1 || secure != 1 || after <= 0 {
			return no("InactivityTimeoutSecs is not set, and the screen saver of a person who is signed in does not lock (ScreenSaveActive %d, ScreenSaverIsSecure %d, ScreenSaveTimeOut %d).", active, secure, after), 0
		}
		last = max(last, seconds(float64(after)))
	}
	return yes("The screen saver of everybody who is signed in asks for the password."), last
}

type windowsUpdates struct {
	Type    number
	Policy  struct{ NoAutoUpdate, AUOptions number }
	Paused  string
	Service string
}

func (w *windows) autoUpdate(ctx context.Context) Answer {
	var s windowsUpdates
	if err := w.ask(ctx, psUpdates, &s); err != nil {
		return unknown("%s", because("PowerShell", err))
	}
	return s.judge(w.Now)
}

func (s windowsUpdates) judge(now time.Time) Answer {
	switch until, err := time.Parse(time.RFC3339, s.Paused); {
	case s.Service == "Disabled":
		return no("The service of Windows Update is disabled.")
	case s.Policy.NoAutoUpdate.value == 1:
		return no("A policy switches automatic updates off (NoAutoUpdate).")
	case err == nil && until.After(now):
		return no("Updates are paused until %s.", until.Format(time.DateOnly))
	case s.Policy.AUOptions.set && s.Policy.AUOptions.value == 4:
		return yes("A policy has updates installed on a schedule (AUOptions is 4).")
	case s.Policy.AUOptions.set:
		return no("A policy does not have updates installed by themselves (AUOptions is %d, not 4).", s.Policy.AUOptions.value)
	case s.Type.value == 1:
		return yes("Windows Update installs updates by itself: no policy changes that, and they are not paused.")
	}
	return unknown("No policy says whether this server installs updates by itself.")
}

type windowsAntivirus struct {
	Defender *struct {
		AMServiceEnabled, AntivirusEnabled, RealTimeProtectionEnabled bool
		AntivirusSignatureAge                                         number
		AMRunningMode                                                 string
	}
	Center many[struct {
		DisplayName  string
		ProductState number
	}]
}

func (w *windows) antivirus(ctx context.Context) Answer {
	var s windowsAntivirus
	if err := w.ask(ctx, psDefender, &s); err != nil {
		return unknown("%s", because("PowerShell", err))
	}
	return s.judge()
}

func (s windowsAntivirus) judge() Answer {
	for _, p := range s.Center {
		if strings.Contains(p.DisplayName, "Defender") {
			// Its own answer says more.
			continue
		}
		// The middle byte says whether it watches, the low one whether its
		// signatures are of today.
		if state := p.ProductState.value; state>>8&0xf0 == 0x10 {
			if state&0xff != 0 {
				return no("%s watches, but its signatures are out of date (Windows Security Center).", p.DisplayName)
			}
			return yes("%s watches, with current signatures (Windows Security Center).", p.DisplayName)
		}
	}
	d := s.Defender
	switch {
	case d == nil:
		return unknown("Get-MpComputerStatus does not answer, and Windows Security Center names no other antivirus that watches.")
	case !d.AMServiceEnabled || !d.AntivirusEnabled || !d.RealTimeProtectionEnabled:
		return no("Microsoft Defender does not watch (Get-MpComputerStatus), and Windows Security Center names no other antivirus that does.")
	case !d.AntivirusSignatureAge.set:
		return unknown("Microsoft Defender watches, but does not tell the age of its signatures.")
	case d.AntivirusSignatureAge.value > int64(maxSignatureAge/(24*time.Hour)):
		return no("Microsoft Defender watches, but its signatures are %d days old.", d.AntivirusSignatureAge.value)
	}
	return yes("Microsoft Defender watches, with signatures of %d days ago at most (Get-MpComputerStatus).", d.AntivirusSignatureAge.value)
}

func (w *windows) software(ctx context.Context) software {
	var s software
	var apps many[struct{ DisplayName, DisplayVersion, Publisher string }]
	if err := w.ask(ctx, psApps, &apps); err != nil {
		s.omitted = append(s.omitted, "Applications: "+because("PowerShell", err))
	}
	for _, a := range apps {
		p := Program{Name: a.DisplayName, Version: a.DisplayVersion, Description: a.Publisher}
		if !slices.Contains(s.apps, p) {
			s.apps = append(s.apps, p)
		}
	}
	var services many[struct{ Name, DisplayName, Status, StartType string }]
	if err := w.ask(ctx, psServices, &services); err == nil {
		for _, v := range services {
			s.services = append(s.services, Program{Name: v.Name, Description: v.DisplayName, Status: v.Status, StartType: v.StartType})
		}
	}
	s.managers = managersOf(s.apps)
	users := "C:/Users"
	names, err := w.System.Names(users)
	if err != nil {
		s.omitted = append(s.omitted, because(users, err))
	}
	var dirs []browserDir
	for _, name := range names {
		local := users + "/" + name + "/AppData/Local/"
		if _, err := w.System.Names(local); err != nil {
			if !absent(err) && name != "Default User" && name != "All Users" {
				s.omitted = append(s.omitted, "The browser extensions of "+name+" cannot be read without more rights.")
			}
			continue
		}
		for _, b := range [][2]string{{"Google Chrome", "Google/Chrome/User Data"}, {"Chromium", "Chromium/User Data"}, {"Brave", "BraveSoftware/Brave-Browser/User Data"}, {"Microsoft Edge", "Microsoft/Edge/User Data"}, {"Vivaldi", "Vivaldi/User Data"}} {
			dirs = append(dirs, browserDir{b[0], local + b[1], false})
		}
		dirs = append(dirs, browserDir{"Firefox", users + "/" + name + "/AppData/Roaming/Mozilla/Firefox/Profiles", true})
	}
	found := extensions(w.System, dirs)
	s.extensions, s.managers, s.omitted = found.all, append(s.managers, found.managers...), append(s.omitted, found.omitted...)
	return s
}
