package agent

import (
	"slices"
	"strings"
)

// managerExtensions are the browser extensions of password managers, by their
// ids in the stores of Chrome and Edge and in that of Firefox.
var managerExtensions = map[string]string{
	"aeblfdkhhhdcdjpifhhbdiojplfjncoa":           "1Password",
	"dppgmdbiimibapkepcbdbmkaabgiofem":           "1Password",
	"{d634138d-c276-4fc8-924b-40a0ea21d284}":     "1Password",
	"nngceckbapebfimnlniiiahkandclblb":           "Bitwarden",
	"jbkfoedolllekgbhcbcoahefnbanhhlh":           "Bitwarden",
	"{446900e4-71c2-419f-a6a7-df9c091e268b}":     "Bitwarden",
	"hdokiejnpimakedhajhdlcegeplioahd":           "LastPass",
	"bbcinlkgjjkejfdpemiealijmmooekmp":           "LastPass",
	"support@lastpass.com":                       "LastPass",
	"fdjamakpfbbddfjaooikfcpapjohcfmg":           "Dashlane",
	"gehmmocbbkpblljhkekmfhjpfbkclbph":           "Dashlane",
	"jetpack-extension@dashlane.com":             "Dashlane",
	"bfogiafebfohielmmehodmfbbebbbpei":           "Keeper",
	"lfochlioelphaglamdcakfjemolpichk":           "Keeper",
	"KeeperFFStoreExtension@KeeperSecurityInc":   "Keeper",
	"oboonakemofpalcgghocfoadofidjkkk":           "KeePassXC",
	"pdffhmdngciaglkoonimfcmckehcpafo":           "KeePassXC",
	"keepassxc-browser@keepassxc.org":            "KeePassXC",
	"eiaeiblijfjekdanodkjadfinkhbfgcd":           "NordPass",
	"nordpassStandalone@nordsecurity.com":        "NordPass",
	"ghmbeldphafepmbegfdlkpapadhbakde":           "Proton Pass",
	"78272b6fa58f4a1abaac99321d503a20@proton.me": "Proton Pass",
	"pnlccmojcmeohlpggmfnbbiapkmbliob":           "RoboForm",
	"ljfpcifpgbbchoddpjefaipoiigpdmag":           "RoboForm",
	"kmcfomidfpdkfieipokbalgegidffkal":           "Enpass",
	"didegimhafipceonhjepacocaffmoppf":           "Passbolt",
	"passbolt@passbolt.com":                      "Passbolt",
	"naepdomgkenhinolocfifgehidddafch":           "Browserpass",
	"browserpass@maximbaz.com":                   "Browserpass",
	"igkpcodhieompeloncfnbekccinhapdb":           "Zoho Vault",
}

// managerApps are password managers by the names of packages and applications, in
// lower case. What a desktop or a browser keeps by itself is none.
var managerApps = map[string]string{
	"1password": "1Password", "1password-cli": "1Password", "com.onepassword.onepassword": "1Password", "1password 7": "1Password", "1password 8": "1Password", "1password for mac": "1Password",
	"bitwarden": "Bitwarden", "com.bitwarden.desktop": "Bitwarden", "bitwarden-desktop": "Bitwarden",
	"keepassxc": "KeePassXC", "keepassxc-full": "KeePassXC", "keepassxc-minimal": "KeePassXC", "org.keepassxc.keepassxc": "KeePassXC",
	"keepass2": "KeePass", "keepass": "KeePass", "keepassx": "KeePassX", "keepass password safe": "KeePass", "macpass": "MacPass", "strongbox": "Strongbox", "strongbox pro": "Strongbox",
	"pass": "pass", "password-store": "pass", "gopass": "gopass", "passwordsafe": "Password Safe", "password safe": "Password Safe",
	"org.gnome.world.secrets": "Secrets", "gnome-passwordsafe": "Secrets",
	"enpass": "Enpass", "io.enpass.enpass": "Enpass", "lastpass": "LastPass", "lastpass-cli": "LastPass", "dashlane": "Dashlane",
	"keeperpasswordmanager": "Keeper", "keeper-password-manager": "Keeper", "keeper password manager": "Keeper", "com.keepersecurity.passwordmanager": "Keeper",
	"nordpass": "NordPass", "com.nordpass.nordpass": "NordPass", "proton-pass": "Proton Pass", "proton pass": "Proton Pass", "me.proton.pass": "Proton Pass", "roboform": "RoboForm",
	"buttercup": "Buttercup", "buttercup-desktop": "Buttercup", "com.zoho.vault": "Zoho Vault",
}

// managersOf are the password managers among applications, in words.
func managersOf(apps []Program) []string {
	var out []string
	for _, a := range apps {
		name := strings.ToLower(strings.TrimSpace(a.Name))
		known, is := managerApps[name]
		if !is {
			// Installers on Windows and macOS write the version, or more, behind it.
			for _, begin := range []string{"1password ", "bitwarden ", "keepassxc ", "keepass password safe ", "roboform ", "enpass ", "dashlane ", "lastpass ", "nordpass ", "proton pass "} {
				if rest, ok := strings.CutPrefix(name, begin); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
					known, is = strings.TrimSpace(a.Name[:len(begin)]), true
				}
			}
		}
		if !is {
			continue
		}
		text := known
		if a.Description != "" {
			text += " (" + a.Description + ")"
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
