package host

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// kernelSetting is one setting of the running kernel, named as sysctl(8) does.
type kernelSetting struct {
	ID      string `json:"id"`
	Host    string `json:"host"`
	Name    string `json:"name"`
	Value   int64  `json:"value"`
	Area    string `json:"area"`
	Purpose string `json:"purpose"`
}

// kernelSettings is what we look at. The purposes say what the values do, so
// that a finding can be understood without a manual.
var kernelSettings = []struct{ name, purpose string }{
	{"dev.tty.ldisc_autoload", "1 lets every account load terminal line disciplines, 0 leaves it to root."},
	{"fs.protected_fifos", "Above 0, named pipes of others in shared folders are not opened by mistake."},
	{"fs.protected_hardlinks", "1 forbids hard links to files that the account could not write anyway."},
	{"fs.protected_regular", "Above 0, files of others in shared folders are not written to by mistake."},
	{"fs.protected_symlinks", "1 stops following planted symbolic links in shared folders."},
	{"fs.suid_dumpable", "0 writes no memory dump of a program that runs with more rights than its caller."},
	{"kernel.core_uses_pid", "1 gives every memory dump a name of its own."},
	{"kernel.ctrl-alt-del", "0 turns the three keys into an orderly restart, 1 into an immediate one."},
	{"kernel.dmesg_restrict", "1 lets only root read the kernel's messages, which hold addresses."},
	{"kernel.io_uring_disabled", "0 lets every account use io_uring, 1 a chosen group, 2 nobody."},
	{"kernel.kexec_load_disabled", "1 forbids to load another kernel until the next start."},
	{"kernel.kptr_restrict", "Above 0, kernel addresses are hidden from ordinary accounts; at 2 from root too."},
	{"kernel.modules_disabled", "1 forbids to load kernel modules until the next start."},
	{"kernel.panic_on_oops", "1 stops the machine on a kernel fault instead of going on damaged."},
	{"kernel.perf_event_paranoid", "The higher, the less of the processor's counters ordinary accounts may use."},
	{"kernel.randomize_va_space", "2 places stack, libraries and heap at random addresses, 0 switches that off."},
	{"kernel.sysrq", "Which commands the magic key combination takes; 0 is none."},
	{"kernel.unprivileged_bpf_disabled", "Above 0, only root may load programs into the kernel's BPF machine."},
	{"kernel.unprivileged_userns_clone", "1 lets every account create user namespaces."},
	{"kernel.yama.ptrace_scope", "Above 0, a process may not look into any other of the same account."},
	{"net.core.bpf_jit_harden", "Above 0, constants in compiled BPF programs are blinded."},
	{"net.ipv4.conf.all.accept_redirects", "0 ignores messages that would change the route to a destination."},
	{"net.ipv4.conf.all.accept_source_route", "0 refuses packets whose sender chooses their route."},
	{"net.ipv4.conf.all.log_martians", "1 notes packets with impossible addresses in the log."},
	{"net.ipv4.conf.all.rp_filter", "1 drops packets that come from where their sender cannot be, 2 is laxer, 0 is off."},
	{"net.ipv4.conf.all.secure_redirects", "0 ignores redirects even when they come from a known gateway."},
	{"net.ipv4.conf.all.send_redirects", "0 sends no redirects; only routers need to."},
	{"net.ipv4.conf.default.accept_redirects", "The same as for `all`, for interfaces to come: 0 ignores redirects."},
	{"net.ipv4.conf.default.accept_source_route", "The same as for `all`, for interfaces to come: 0 refuses source routes."},
	{"net.ipv4.conf.default.log_martians", "The same as for `all`, for interfaces to come: 1 notes impossible addresses."},
	{"net.ipv4.conf.default.rp_filter", "The same as for `all`, for interfaces to come: 1 drops forged senders."},
	{"net.ipv4.conf.default.send_redirects", "The same as for `all`, for interfaces to come: 0 sends no redirects."},
	{"net.ipv4.icmp_echo_ignore_broadcasts", "1 does not answer a ping to a whole network."},
	{"net.ipv4.icmp_ignore_bogus_error_responses", "1 keeps broken error messages out of the log."},
	{"net.ipv4.ip_forward", "1 passes packets on between networks, as routers and container hosts do."},
	{"net.ipv4.tcp_rfc1337", "1 protects connections that are being closed from stray resets."},
	{"net.ipv4.tcp_syncookies", "1 keeps accepting connections while flooded with false openings."},
	{"net.ipv4.tcp_timestamps", "1 sends the time stamps that guard against old packets of fast connections."},
	{"net.ipv6.conf.all.accept_ra", "0 ignores routers that announce themselves."},
	{"net.ipv6.conf.all.accept_redirects", "0 ignores messages that would change the route to a destination."},
	{"net.ipv6.conf.all.accept_source_route", "0 or less refuses packets whose sender chooses their route."},
	{"net.ipv6.conf.all.disable_ipv6", "1 switches IPv6 off."},
	{"net.ipv6.conf.all.forwarding", "1 passes IPv6 packets on between networks."},
	{"net.ipv6.conf.default.accept_ra", "The same as for `all`, for interfaces to come: 0 ignores announcements."},
	{"net.ipv6.conf.default.accept_redirects", "The same as for `all`, for interfaces to come: 0 ignores redirects."},
	{"net.ipv6.conf.default.accept_source_route", "The same as for `all`, for interfaces to come: 0 refuses source routes."},
	{"user.max_user_namespaces", "How many user namespaces an account may create; 0 is none."},
	{"vm.mmap_min_addr", "The lowest address that a program may map; above 0, null pointers cannot be abused."},
	{"vm.overcommit_memory", "Whether programs may be promised more memory than there is: 0 by judgement, 1 always, 2 never."},
	{"vm.unprivileged_userfaultfd", "1 lets every account hold up the kernel at a page fault of its choice."},
}

func collectKernel(ctx context.Context, m *reader, d *draft) {
	var lacking, denied []string
	for _, k := range kernelSettings {
		if ctx.Err() != nil {
			return
		}
		name := "/proc/sys/" + strings.ReplaceAll(k.name, ".", "/")
		raw, err := m.word(name)
		switch {
		case isAbsent(err):
			lacking = append(lacking, k.name)
			continue
		case errors.Is(err, fs.ErrPermission):
			denied = append(denied, k.name)
			continue
		case err != nil:
			d.omit("The kernel setting "+k.name, machine.Reason(name, err))
			continue
		}
		value, err := strconv.ParseInt(raw, 10, 64)
		if err != nil {
			d.omit("The kernel setting "+k.name, "Its value is not one whole number.")
			continue
		}
		area, _, _ := strings.Cut(k.name, ".")
		d.add(k.name, func(id string) any {
			return kernelSetting{id, m.host, k.name, value, area, k.purpose}
		})
	}
	if len(lacking) > 0 {
		d.omit("Kernel settings "+strings.Join(lacking, ", "), "The running kernel has no such settings, or does not show them here.")
	}
	if len(denied) > 0 {
		d.omit("Kernel settings "+strings.Join(denied, ", "), "Only root may read them.")
	}
}
