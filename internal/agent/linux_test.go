package agent

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// is holds an answer against what it must be.
func is(t *testing.T, got Answer, state State, part string) {
	t.Helper()
	if got.State != state || !strings.Contains(got.Text, part) {
		t.Errorf("got %s: %s\nwant %s with %q", got.State, got.Text, state, part)
	}
}

const disk = "-- /sys/class/block/sda1/dev --\n8:1\n-- /sys/class/block/sdb1/dev --\n8:17\n"

func mapped(name, target, uuid string, slaves ...string) string {
	out := "-- /sys/class/block/" + name + "/dm/name --\n" + target + "\n-- /sys/class/block/" + name + "/dm/uuid --\n" + uuid + "\n"
	for _, s := range slaves {
		out += "-- /sys/class/block/" + name + "/slaves/" + s + "/dev --\n0:0\n"
	}
	return out
}

func mounted(lines ...string) string {
	return "-- /proc/self/mountinfo --\n" + strings.Join(lines, "\n") + "\n"
}

func TestDiskEncryption(t *testing.T) {
	root, crypt := "22 1 253:0 / / rw - ext4 /dev/mapper/root rw", mapped("dm-0", "root", "CRYPT-LUKS2-1-root", "sda1")
	for name, c := range map[string]struct {
		machine string
		state   State
		part    string
	}{
		"LUKS":                      {mounted(root) + crypt + disk, Yes, "/ is encrypted with LUKS2 (root)"},
		"plain":                     {mounted("22 1 8:1 / / rw - ext4 /dev/sda1 rw") + disk, No, "/ is on sda1 without encryption"},
		"by a link":                 {mounted("22 1 8:1 / / rw - ext4 /dev/disk/by-uuid/1 rw") + "-- link /dev/disk/by-uuid/1 --\n../../sda1\n" + disk, No, "sda1"},
		"home in the open":          {mounted(root, "23 22 8:17 / /home rw - xfs /dev/sdb1 rw") + crypt + disk, No, "/home is on sdb1 without encryption; / is encrypted"},
		"a home of its own":         {mounted(root, "23 22 8:17 / /home/ada rw - xfs /dev/sdb1 rw") + crypt + disk, No, "/home/ada"},
		"home below a service":      {mounted(root, "23 22 8:17 / /home rw - xfs /dev/sdb1 rw", "24 23 0:99 / /home ro - tmpfs tmpfs ro") + crypt + disk, No, "/home is on sdb1"},
		"boot in the open":          {mounted(root, "23 22 8:17 / /boot rw - ext4 /dev/sdb1 rw", "24 22 8:18 / /media/stick rw - vfat /dev/sdc1 rw") + crypt + disk, Yes, "LUKS2"},
		"home on another machine":   {mounted(root, "23 22 0:50 / /home rw - nfs4 server:/home rw") + crypt + disk, Yes, "LUKS2"},
		"integrity encrypts not":    {mounted(root) + mapped("dm-0", "root", "CRYPT-INTEGRITY-1-root", "sda1") + disk, No, "sda1 without"},
		"verity encrypts not":       {mounted(root) + mapped("dm-0", "root", "CRYPT-VERITY-1-root", "sda1") + disk, No, "sda1 without"},
		"half of a mirror":          {mounted("22 1 9:0 / / rw - ext4 /dev/md0 rw") + "-- /sys/class/block/md0/slaves/dm-0/dev --\n1\n-- /sys/class/block/md0/slaves/sdb1/dev --\n2\n" + crypt + disk, No, "sdb1"},
		"below a mirror":            {mounted(root) + mapped("dm-0", "root", "CRYPT-LUKS2-1-root", "md0") + disk, Yes, "LUKS2"},
		"swap in the open":          {mounted(root) + crypt + disk + "-- /proc/swaps --\nFilename Type Size\n/dev/sdb1 partition 1 0 -2\n", No, "swap is on sdb1"},
		"swap in memory":            {mounted(root) + crypt + disk + "-- /sys/class/block/zram0/dev --\n1\n-- /proc/swaps --\nFilename Type Size\n/dev/zram0 partition 1 0 -2\n", Yes, "swap is in memory"},
		"a swap file elsewhere":     {mounted(root, "23 22 8:17 / /mnt rw - ext4 /dev/sdb1 rw") + crypt + disk + "-- /proc/swaps --\nFilename Type Size\n/mnt/swap file 1 0 -2\n", No, "swap is on sdb1"},
		"layers without end":        {mounted(root) + mapped("dm-0", "root", "LVM-1", "dm-0"), Unknown, "layers"},
		"btrfs of two":              {mounted("22 1 0:30 / / rw - btrfs /dev/mapper/root rw") + crypt + disk + "-- /sys/fs/btrfs/u/devices/dm-0/x --\n-- /sys/fs/btrfs/u/devices/sdb1/x --\n", No, "sdb1"},
		"a device that is not told": {mounted("22 1 8:1 / / rw - ext4 /dev/sdz9 rw") + disk, Unknown, "not in /sys/class/block"},
		"a loop":                    {mounted("22 1 7:0 / / rw - ext4 /dev/loop0 rw") + "-- /sys/class/block/loop0/loop/backing_file --\n/host/disk.img\n", Unknown, "/host/disk.img"},
		"a container":               {mounted("22 1 0:50 / / rw - overlay overlay rw"), Unknown, "overlay"},
		"no root":                   {mounted("23 22 8:17 / /home rw - xfs /dev/sdb1 rw") + disk, Unknown, "/proc/self/mountinfo"},
		"ZFS":                       {mounted("22 1 0:50 / / rw - zfs rpool/ROOT rw") + "-- run zfs get -H -o value encryption rpool/ROOT --\naes-256-gcm\n", Yes, "aes-256-gcm"},
		"ZFS in the open":           {mounted("22 1 0:50 / / rw - zfs rpool/ROOT rw") + "-- run zfs get -H -o value encryption rpool/ROOT --\noff\n", No, "without encryption"},
		"ZFS of a new kind":         {mounted("22 1 0:50 / / rw - zfs rpool/ROOT rw") + "-- run zfs get -H -o value encryption rpool/ROOT --\n-\n", Unknown, "does not know"},
		"ZFS that does not answer":  {mounted("22 1 0:50 / / rw - zfs rpool/ROOT rw"), Unknown, "zfs is not on this machine"},
	} {
		t.Run(name, func(t *testing.T) { is(t, linuxOf(t, c.machine).diskEncryption(t.Context()), c.state, c.part) })
	}
}

func nft(parts ...string) string {
	return "-- run nft -j list ruleset --\n{\"nftables\":[" + strings.Join(parts, ",") + "]}\n"
}

func nftChain(family, name, hook, policy string) string {
	if hook == "" {
		return `{"chain":{"family":"` + family + `","table":"t","name":"` + name + `"}}`
	}
	return `{"chain":{"family":"` + family + `","table":"t","name":"` + name + `","type":"filter","hook":"` + hook + `","policy":"` + policy + `"}}`
}

func nftSays(family, name, statements string) string {
	return `{"rule":{"family":"` + family + `","table":"t","chain":"` + name + `","expr":[` + statements + `]}}`
}

const (
	nftMatch = `{"match":{"op":"==","left":1,"right":2}}`
	nftDrop  = `{"counter":null},{"drop":null}`
	usesIPv6 = "-- /proc/net/if_inet6 --\nfe80 02 40 20 80 eth0\n"
)

func TestFirewall(t *testing.T) {
	tables := func(v4, v6 string) string {
		return "-- run iptables-save -t filter --\n" + v4 + "\n-- run ip6tables-save -t filter --\n" + v6 + "\n"
	}
	ufw := func(policy, active string) string {
		return "-- /etc/ufw/ufw.conf --\nENABLED=yes\n-- /etc/default/ufw --\nDEFAULT_INPUT_POLICY=\"" + policy + "\"\n-- run systemctl show --no-pager --property=Id,LoadState,ActiveState,UnitFileState ufw.service --\nId=ufw.service\nLoadState=loaded\nActiveState=" + active + "\nUnitFileState=enabled\n"
	}
	for name, c := range map[string]struct {
		machine string
		state   State
		part    string
	}{
		"policy":                    {nft(nftChain("inet", "input", "input", "drop")) + usesIPv6, Yes, "refused unless"},
		"at the end":                {nft(nftChain("inet", "input", "input", "accept"), nftSays("inet", "input", nftMatch+`,{"accept":null}`), nftSays("inet", "input", `{"reject":{"type":"icmpx"}}`)) + usesIPv6, Yes, ""},
		"in a chain below":          {nft(nftChain("inet", "input", "input", "accept"), nftChain("inet", "below", "", ""), nftSays("inet", "input", `{"jump":{"target":"below"}}`), nftSays("inet", "below", nftDrop)) + usesIPv6, Yes, ""},
		"back from a chain":         {nft(nftChain("inet", "input", "input", "accept"), nftChain("inet", "below", "", ""), nftSays("inet", "input", `{"jump":{"target":"below"}}`), nftSays("inet", "below", `{"return":null}`), nftSays("inet", "below", nftDrop)) + usesIPv6, No, "may come in"},
		"chains in a ring":          {nft(nftChain("inet", "input", "input", "accept"), nftSays("inet", "input", `{"jump":{"target":"input"}}`)) + usesIPv6, No, "may come in"},
		"on a condition only":       {nft(nftChain("inet", "input", "input", "accept"), nftSays("inet", "input", nftMatch+","+nftDrop)) + usesIPv6, No, "may come in"},
		"all let in before":         {nft(nftChain("inet", "input", "input", "drop"), nftSays("inet", "input", `{"accept":null}`)) + usesIPv6, No, "may come in"},
		"what is forwarded only":    {nft(nftChain("ip", "FORWARD", "forward", "drop")), No, "no rules for what comes in"},
		"IPv6 forgotten":            {nft(nftChain("ip", "input", "input", "drop")) + usesIPv6, No, "not over IPv6"},
		"IPv6 not in use":           {nft(nftChain("ip", "input", "input", "drop")) + "-- /proc/net/if_inet6 --\n01 01 80 10 80 lo\n", Yes, "IPv6 is not in use"},
		"IPv4 forgotten":            {nft(nftChain("ip6", "input", "input", "drop")), No, "IPv6 only"},
		"two hooks":                 {nft(nftChain("inet", "a", "input", "accept"), nftChain("inet", "b", "input", "drop")) + usesIPv6, Yes, ""},
		"not JSON":                  {"-- run nft -j list ruleset --\nnonsense\n", Unknown, "not JSON"},
		"iptables":                  {tables(":INPUT DROP [0:0]", ":INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment \"the end\" -j REJECT") + usesIPv6, Yes, "iptables-save"},
		"iptables on a condition":   {tables(":INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j DROP", ":INPUT DROP [0:0]") + usesIPv6, No, "IPv6 only"},
		"iptables below":            {tables(":INPUT ACCEPT [0:0]\n:below - [0:0]\n-A INPUT -j below\n-A below -i lo -j ACCEPT\n-A below -j DROP", ":INPUT DROP [0:0]") + usesIPv6, Yes, ""},
		"nft empty, iptables not":   {nft() + "-- /proc/net/ip_tables_names --\nfilter\n" + tables(":INPUT DROP [0:0]", ":INPUT DROP [0:0]"), Yes, "iptables-save"},
		"nft empty, iptables shut":  {nft() + "-- /proc/net/ip_tables_names --\nfilter\n-- fail iptables-save -t filter --\nno\n-- fail ip6tables-save -t filter --\nno\n", Unknown, "cannot be read"},
		"ufw":                       {ufw("DROP", "active"), Yes, "ufw is switched on"},
		"ufw that stopped":          {ufw("DROP", "inactive"), No, "not active"},
		"ufw that lets in":          {ufw("ACCEPT", "active"), No, "DEFAULT_INPUT_POLICY"},
		"ufw without systemd":       {"-- /etc/ufw/ufw.conf --\nENABLED=yes\n-- /etc/default/ufw --\nDEFAULT_INPUT_POLICY=REJECT\n", Unknown, "whether it runs is not known"},
		"firewalld that trusts all": {"-- /etc/firewalld/firewalld.conf --\nDefaultZone=trusted\n-- run systemctl show --no-pager --property=Id,LoadState,ActiveState,UnitFileState firewalld.service --\nId=firewalld.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n", No, "trusted"},
		"no filter in the kernel":   {"-- /sys/module/ext4/version --\n1\n", No, "no packet filter"},
	} {
		t.Run(name, func(t *testing.T) { is(t, linuxOf(t, c.machine).firewall(t.Context()), c.state, c.part) })
	}
}

const person = "-- /etc/passwd --\nada:x:1000:1000::/home/ada:/bin/bash\n-- /home/ada/.profile --\n"

func session(name string) string { return "-- /usr/share/wayland-sessions/" + name + ".desktop --\n" }

func TestScreenLock(t *testing.T) {
	gnome := session("gnome") + person
	dconf := func(lines ...string) string {
		return "-- gvdb /home/ada/.config/dconf/user --\n" + strings.Join(lines, "\n") + "\n"
	}
	const locked = "-- /etc/dconf/profile/user --\nuser-db:user\nsystem-db:local\n-- gvdb /etc/dconf/db/local --\n/org/gnome/desktop/session/idle-delay u 120\n-- /etc/dconf/db/local.d/locks/screen --\n/org/gnome/desktop/session/idle-delay\n"
	xfce := session("xfce") + person + "-- /usr/bin/xfce4-screensaver --\n"
	xfconf := func(body string) string {
		return "-- /home/ada/.config/xfce4/xfconf/xfce-perchannel-xml/xfce4-screensaver.xml --\n<channel name=\"xfce4-screensaver\" version=\"1.0\">" + body + "</channel>\n"
	}
	for name, c := range map[string]struct {
		machine string
		state   State
		part    string
		after   time.Duration
	}{
		"no desktop":                {person, Unknown, "Not applicable", 0},
		"another desktop":           {session("cinnamon") + person, Unknown, "cinnamon", 0},
		"GNOME as it comes":         {gnome, Yes, "ada (5m0s)", 5 * time.Minute},
		"GNOME without a lock":      {gnome + dconf("/org/gnome/desktop/screensaver/lock-enabled b 0"), No, "For ada: the lock of GNOME is off", 0},
		"GNOME that never blanks":   {gnome + dconf("/org/gnome/desktop/session/idle-delay u 0"), No, "never blanks", 0},
		"GNOME as the office wants": {gnome + locked + dconf("/org/gnome/desktop/session/idle-delay u 0"), Yes, "2m0s", 2 * time.Minute},
		"the office's default":      {gnome + strings.Replace(locked, "/locks/", "/other/", 1) + dconf("/org/gnome/desktop/session/idle-delay u 0"), No, "never blanks", 0},
		"the distribution's way":    {gnome + "-- /usr/share/glib-2.0/schemas/10.gschema.override --\n[org.gnome.desktop.session:GNOME]\nidle-delay=uint32 0\n", No, "never blanks", 0},
		"a setting of another kind": {gnome + dconf("/org/gnome/desktop/session/idle-delay s 0"), Unknown, "of the kind", 0},
		"a broken database":         {gnome + "-- /home/ada/.config/dconf/user --\nGVariantbroken and too short\n", Unknown, "not a database of dconf", 0},
		"a shut database":           {gnome + "-- denied /home/ada/.config/dconf --\n", Unknown, "without more rights", 0},
		"two people":                {gnome + "-- /home/ben/.profile --\n-- gvdb /home/ben/.config/dconf/user --\n/org/gnome/desktop/session/idle-delay u 0\n", No, "For ben", 0},
		"a shut home":               {gnome + "-- denied /home/ben --\n-- /home/ben/x --\n", Unknown, "home folder of ben", 0},
		"shut homes":                {session("gnome") + "-- /etc/passwd --\nada:x:1000:1000::/home/ada:/bin/bash\n-- denied /home --\n", Unknown, "home folder of ada", 0},
		"nobody":                    {session("gnome") + "-- /etc/passwd --\nroot:x:0:0::/root:/bin/bash\n", Unknown, "No person", 0},
		"two desktops":              {gnome + session("plasma"), Unknown, "Several desktops", 0},
		"two desktops, one in use":  {gnome + session("plasma") + "-- /proc/9/comm --\nplasmashell\n", Yes, "KDE Plasma", 5*time.Minute + 5*time.Second},
		"Plasma without a lock":     {session("plasma") + person + "-- /etc/xdg/kscreenlockerrc --\n[Daemon]\nAutolock=false\n", No, "Autolock", 0},
		"Plasma's own":              {session("plasmax11") + person + "-- /home/ada/.config/kscreenlockerrc --\n[Other]\nTimeout=1\n[Daemon]\nTimeout=20\nLockGrace=0\n", Yes, "ada", 20 * time.Minute},
		"Plasma that never locks":   {session("plasma") + person + "-- /home/ada/.config/kscreenlockerrc --\n[Daemon]\nTimeout=0\n", No, "Timeout", 0},
		"Plasma in words":           {session("plasma") + person + "-- /home/ada/.config/kscreenlockerrc --\n[Daemon]\nTimeout=soon\n", Unknown, "soon", 0},
		"Xfce as it comes":          {xfce, Yes, "ada", 5 * time.Minute},
		"Xfce without a lock":       {xfce + xfconf(`<property name="lock" type="empty"><property name="enabled" type="bool" value="false"/></property>`), No, "/lock/enabled", 0},
		"Xfce later":                {xfce + xfconf(`<property name="saver"><property name="idle-activation"><property name="delay" type="int" value="10"/></property></property>`), Yes, "", 10 * time.Minute},
		"Xfce that is broken":       {xfce + xfconf(`<property`), Unknown, "form", 0},
		"Xfce without a saver":      {session("xfce") + person, Unknown, "not installed", 0},
		"Sway":                      {session("sway") + person + "-- /home/ada/.config/sway/config --\nexec swayidle -w \\\n  timeout 300 'swaylock -f' \\\n  timeout 600 'swaymsg output dpms off' resume 'swaymsg on'\n", Yes, "ada", 5 * time.Minute},
		"Sway that only goes dark":  {session("sway") + person + "-- /home/ada/.config/swayidle/config --\ntimeout 300 'swaymsg \"output * dpms off\"' resume 'swaylock'\n# timeout 60 swaylock\n", No, "no timeout", 0},
	} {
		t.Run(name, func(t *testing.T) {
			a, after := linuxOf(t, c.machine).screenLock(t.Context())
			is(t, a, c.state, c.part)
			if after != c.after {
				t.Errorf("after %s, want %s", after, c.after)
			}
		})
	}
}

func TestAutoUpdate(t *testing.T) {
	const ask = "-- run systemctl show --no-pager --property=Id,LoadState,ActiveState,UnitFileState apt-daily.timer apt-daily-upgrade.timer dnf-automatic.timer dnf-automatic-install.timer dnf5-automatic.timer transactional-update.timer rpm-ostreed-automatic.timer nixos-upgrade.timer --\n"
	on := func(names ...string) string {
		out := ask
		for _, n := range names {
			out += "Id=" + n + "\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n\n"
		}
		return out + "Id=other.timer\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n"
	}
	debian := "-- /usr/bin/apt-get --\n-- /usr/bin/unattended-upgrade --\n-- run apt-config dump --\n"
	both, set := on("apt-daily.timer", "apt-daily-upgrade.timer"), "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n"
	for name, c := range map[string]struct {
		machine string
		state   State
		part    string
	}{
		"Debian":              {both + debian + set, Yes, "unattended-upgrades"},
		"not installed":       {both + "-- /usr/bin/apt-get --\n", No, "not installed"},
		"off":                 {both + debian + strings.Replace(set, `Upgrade "1"`, `Upgrade "0"`, 1), No, "Unattended-Upgrade is not on"},
		"no lists":            {both + debian + "APT::Periodic::Unattended-Upgrade \"1\";\n", No, "Update-Package-Lists"},
		"all off":             {both + debian + set + "APT::Periodic::Enable \"0\";\n", No, "Enable is 0"},
		"timer off":           {on("apt-daily.timer") + debian + set, No, "not on"},
		"settings shut":       {both + "-- /usr/bin/apt-get --\n-- /usr/bin/unattended-upgrade --\n", Unknown, "apt-config"},
		"no user of its own":  {"-- fail" + strings.TrimSuffix(strings.TrimPrefix(ask, "-- run"), "\n") + "\nFailed to get properties: Transport endpoint is not connected\n", Unknown, "make the user plumbline-agent"},
		"dnf that installs":   {on("dnf-automatic-install.timer"), Yes, "dnf-automatic-install"},
		"dnf with a setting":  {on("dnf-automatic.timer") + "-- /etc/dnf/automatic.conf --\n[commands]\napply_updates = yes\n", Yes, "apply_updates"},
		"dnf that fetches":    {on("dnf-automatic.timer"), No, "not installed"},
		"transactional":       {on("transactional-update.timer"), Yes, ""},
		"NixOS":               {on("nixos-upgrade.timer"), Yes, ""},
		"OSTree":              {on("rpm-ostreed-automatic.timer") + "-- /etc/rpm-ostreed.conf --\n[Daemon]\nAutomaticUpdatePolicy=stage\n", Yes, "stage"},
		"OSTree that checks":  {on("rpm-ostreed-automatic.timer") + "-- /etc/rpm-ostreed.conf --\n[Daemon]\nAutomaticUpdatePolicy=check\n", No, "does not install"},
		"Fedora with nothing": {on() + "-- /etc/os-release --\nID=fedora\n", No, "PackageKit"},
		"another system":      {on() + "-- /etc/os-release --\nID=arch\nNAME=Arch\n", Unknown, "Arch"},
		"a masked timer":      {ask + "Id=transactional-update.timer\nLoadState=masked\nActiveState=inactive\nUnitFileState=masked\n-- /etc/os-release --\nID=opensuse\n", No, ""},
	} {
		t.Run(name, func(t *testing.T) { is(t, linuxOf(t, c.machine).autoUpdate(t.Context()), c.state, c.part) })
	}
}

func TestAntivirus(t *testing.T) {
	process := func(pid, name, uid string) string {
		return "-- /proc/1/status --\nName:\tsystemd\nUid:\t0\t0\t0\t0\n-- /proc/" + pid + "/status --\nName:\t" + name + "\nUid:\t" + uid + "\t0\t0\t0\n"
	}
	clam, defender := process("8", "clamd", "112"), process("8", "wdavdaemon", "0")+"-- /usr/bin/mdatp --\n-- run /usr/bin/mdatp health --output json --\n"
	signatures := func(day string) string {
		return "-- /var/lib/clamav/daily.cld --\nClamAV-VDB:" + day + " 2026 09-31 +0000:27462:1:90:a:b:c:1:binary\n"
	}
	for name, c := range map[string]struct {
		machine string
		state   State
		part    string
	}{
		"none":                    {process("8", "bash", "0"), No, "No process"},
		"hidden processes":        {"-- /proc/8/status --\nName:\tclamd\nUid:\t0\n", Unknown, "hidden"},
		"ClamAV":                  {clam + signatures("15 Nov"), Yes, "2026-11-15"},
		"old signatures":          {clam + signatures("13 Nov"), No, "2026-11-13"},
		"no signatures":           {clam, No, "no daily signatures"},
		"signatures that are not": {clam + "-- /var/lib/clamav/daily.cld --\nhello\n", Unknown, "form"},
		"shut signatures":         {clam + "-- denied /var/lib/clamav/daily.cld --\n", Unknown, "age"},
		"a person's clamd":        {process("8", "clamd", "1000") + signatures("20 Nov"), No, "No process"},
		"CrowdStrike":             {process("8", "falcon-sensor", "0"), Yes, "CrowdStrike"},
		"a vague name":            {process("8", "av", "0"), No, "No process"},
		"a vague name, installed": {process("8", "av", "0") + "-- /opt/sophos-spl/base --\n", Yes, "Sophos"},
		"Defender":                {defender + `{"healthy":true,"realTimeProtectionEnabled":{"value":true,"managed":false},"definitionsStatus":{"$type":"upToDate"}}` + "\n", Yes, "real-time"},
		"Defender, plain":         {defender + `{"healthy":true,"realTimeProtectionEnabled":true,"definitionsStatus":"upToDate"}` + "\n", Yes, "real-time"},
		"Defender that is off":    {defender + `{"healthy":true,"realTimeProtectionEnabled":{"value":false}}` + "\n", No, "is off"},
		"Defender that is ill":    {defender + `{"healthy":false,"realTimeProtectionEnabled":true}` + "\n", No, "not healthy"},
		"Defender of last year":   {defender + `{"healthy":true,"realTimeProtectionEnabled":true,"definitionsStatus":{"$type":"outOfDate"}}` + "\n", No, "out of date"},
		"Defender in riddles":     {defender + "ok\n", Unknown, "not JSON"},
		"one of two is fine":      {clam + "-- /proc/9/status --\nName:\tkesl\nUid:\t0\n", Yes, "Kaspersky"},
	} {
		t.Run(name, func(t *testing.T) { is(t, linuxOf(t, c.machine).antivirus(t.Context()), c.state, c.part) })
	}
}

func TestCompareVersions(t *testing.T) {
	list := []string{"1.10.0_0", "1.9.2_0", "1.9.10_0", "1.9", "x"}
	slices.SortFunc(list, compareVersions)
	if got := strings.Join(list[1:], " "); !strings.HasSuffix(got, "1.9.2_0 1.9.10_0 1.10.0_0") {
		t.Error(got)
	}
}

// No database, however broken, does more than be refused.
func FuzzGVDB(f *testing.F) {
	whole := gvdb(f, "/org/gnome/desktop/session/idle-delay u 600\n/a/b b 1\n")
	f.Add(whole)
	f.Add(whole[:40])
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = parseGVDB(b)
	})
}

func TestGVDB(t *testing.T) {
	got, err := parseGVDB(gvdb(t, "/a/b/c u 70000\n/a/b/d b 1\n/a/text s 0\n"))
	if err != nil || got["/a/b/c"] != (variant{"u", 70000}) || got["/a/b/d"] != (variant{"b", 1}) || got["/a/text"].kind != "s" || len(got) != 3 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"GVariant", "not a database of dconf at all", strings.Repeat("GVariant", 10)} {
		if _, err := parseGVDB([]byte(bad)); err == nil {
			t.Errorf("%q passes for a database", bad)
		}
	}
}
