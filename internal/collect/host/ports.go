package host

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// listener is a port on which a process waits. Several sockets on the same
// address and port are one record.
type listener struct {
	ID       string `json:"id"`
	Host     string `json:"host"`
	Endpoint string `json:"endpoint"`
	Protocol string `json:"protocol"`
	Family   string `json:"family"`
	Address  string `json:"address"`
	Port     uint16 `json:"port"`
	Public   bool   `json:"public"`
	Sockets  int    `json:"sockets"`
	Process  string `json:"process,omitempty"`
	UID      uint32 `json:"uid"`
	User     string `json:"user,omitempty"`
}

// socket is one line of /proc/net/{tcp,udp}[6] that listens.
type socket struct {
	address netip.AddrPort
	uid     uint32
	inode   uint64
}

const (
	maxSocketFile = 256 << 20
	maxSockets    = 100_000
	maxOpenFiles  = 5_000_000
)

func collectPorts(ctx context.Context, m *reader, d *draft) {
	type key struct {
		protocol string
		address  netip.AddrPort
	}
	var order []key
	sockets := map[key][]socket{}
	total := 0
	for _, table := range []struct{ protocol, name string }{{"tcp", "tcp"}, {"tcp", "tcp6"}, {"udp", "udp"}, {"udp", "udp6"}} {
		name := "/proc/net/" + table.name
		bad := 0
		err := m.lines(ctx, name, maxSocketFile, func(line string) {
			s, listens, ok := parseSocket(table.protocol, line)
			if !ok && !strings.HasPrefix(strings.TrimSpace(line), "sl ") {
				bad++
			}
			if !ok || !listens {
				return
			}
			if total++; total > maxSockets {
				return
			}
			k := key{table.protocol, s.address}
			if sockets[k] == nil {
				order = append(order, k)
			}
			sockets[k] = append(sockets[k], s)
		})
		d.malformed(bad, name)
		// A kernel without IPv6 has no such files.
		if err != nil && !(strings.HasSuffix(name, "6") && isAbsent(err)) {
			d.omit("Listening ports of "+table.name, machine.Reason(name, err))
		}
	}
	if total > maxSockets {
		d.omit(count(total-maxSockets, "listening socket", "listening sockets"), "The collector keeps at most "+strconv.Itoa(maxSockets)+" of them.")
	}
	slices.SortFunc(order, func(a, b key) int {
		if c := strings.Compare(a.protocol, b.protocol); c != 0 {
			return c
		}
		return a.address.Compare(b.address)
	})

	wanted := map[uint64]string{}
	for _, group := range sockets {
		for _, s := range group {
			wanted[s.inode] = ""
		}
	}
	denied := m.socketOwners(ctx, wanted)
	users := m.userNames(ctx)
	nameless := 0
	for _, k := range order {
		group := sockets[k]
		ap := k.address
		l := listener{
			Host: m.host, Endpoint: ap.String() + "/" + k.protocol, Protocol: k.protocol, Family: "ipv4",
			Address: ap.Addr().String(), Port: ap.Port(), Public: !ap.Addr().Unmap().IsLoopback(),
			Sockets: len(group), UID: group[0].uid, User: text(users[group[0].uid]),
		}
		if ap.Addr().Is6() {
			l.Family = "ipv6"
		}
		var names []string
		for _, s := range group {
			if p := wanted[s.inode]; p != "" {
				names = append(names, p)
			}
		}
		slices.Sort(names)
		l.Process = text(strings.Join(slices.Compact(names), ", "))
		if l.Process == "" {
			nameless++
		}
		d.add(k.protocol+":"+ap.String(), func(id string) any { l.ID = id; return l })
	}
	if nameless > 0 {
		why := "No process that the collector can see holds the socket; it may belong to the kernel or to a container."
		switch {
		case m.live && os.Geteuid() != 0:
			why = "Only root may see which sockets the processes of other accounts hold."
		case denied:
			why = "The collector may not look into every process."
		}
		d.omit("The process behind "+count(nameless, "listening port", "listening ports"), why)
	}
}

// parseSocket reads a line of /proc/net/tcp and its kin, see proc(5).
func parseSocket(protocol, line string) (s socket, listens, ok bool) {
	f := strings.Fields(line)
	if len(f) < 10 {
		return s, false, false
	}
	local, ok1 := parseEndpoint(f[1])
	remote, ok2 := parseEndpoint(f[2])
	uid, err1 := strconv.ParseUint(f[7], 10, 32)
	inode, err2 := strconv.ParseUint(f[9], 10, 64)
	if !ok1 || !ok2 || err1 != nil || err2 != nil {
		return s, false, false
	}
	switch protocol {
	case "tcp":
		listens = f[3] == "0A"
	case "udp":
		// A UDP socket that is tied to no peer takes datagrams from anybody.
		listens = f[3] == "07" && remote.Port() == 0 && local.Port() != 0
	}
	return socket{local, uint32(uid), inode}, listens, true
}

// parseEndpoint reads "0100007F:1F90": the address in 32-bit words of the
// machine's own byte order, the port as a number.
func parseEndpoint(s string) (netip.AddrPort, bool) {
	address, port, ok := strings.Cut(s, ":")
	n, err := strconv.ParseUint(port, 16, 16)
	raw, err2 := hex.DecodeString(address)
	if !ok || err != nil || err2 != nil || len(raw) != 4 && len(raw) != 16 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	a, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(a, uint16(n)), true
}

// socketOwners fills in the names of the processes that hold the sockets. The
// process with the lowest number gets a shared one: it handed it to the others.
// denied reports whether some process could not be looked into.
func (m *reader) socketOwners(ctx context.Context, wanted map[uint64]string) (denied bool) {
	entries, err := m.files.Names("/proc")
	if err != nil {
		return true
	}
	var pids []int
	for _, e := range entries {
		if n, err := strconv.ParseUint(e, 10, 31); err == nil {
			pids = append(pids, int(n))
		}
	}
	slices.Sort(pids)
	missing := len(wanted)
	looked := 0
	for _, pid := range pids {
		if missing == 0 || looked > maxOpenFiles || ctx.Err() != nil {
			return denied
		}
		dir := fmt.Sprintf("/proc/%d", pid)
		open, err := m.files.Names(dir + "/fd")
		if err != nil {
			denied = denied || errors.Is(err, fs.ErrPermission)
			continue
		}
		name := ""
		for _, fd := range open {
			looked++
			target, err := m.files.Readlink(dir + "/fd/" + fd)
			if err != nil {
				denied = denied || errors.Is(err, fs.ErrPermission)
				continue
			}
			id, ok := strings.CutPrefix(target, "socket:[")
			inode, err := strconv.ParseUint(strings.TrimSuffix(id, "]"), 10, 64)
			if !ok || err != nil {
				continue
			}
			if have, want := wanted[inode]; !want || have != "" {
				continue
			}
			if name == "" {
				if name, err = m.word(dir + "/comm"); err != nil || name == "" {
					name = "unknown"
				}
			}
			wanted[inode] = name
			missing--
		}
	}
	return denied
}

func (m *reader) userNames(ctx context.Context) map[uint32]string {
	names := map[uint32]string{}
	// A uid without a name is shown as the number it is.
	all, _, _ := m.identities(ctx)
	for _, i := range all {
		if _, have := names[i.uid]; !have && i.uid != math.MaxUint32 {
			names[i.uid] = i.name
		}
	}
	return names
}
