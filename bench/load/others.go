//go:build unix

package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clock is where the counters of processor time stood at a time.
type clock struct {
	at         time.Time
	total, own time.Duration
}

// readClock knows only Linux.
func readClock() (c clock, known bool, err error) {
	if runtime.GOOS != "linux" {
		return clock{}, false, nil
	}
	total, err := totalTime()
	if err != nil {
		return clock{}, false, err
	}
	own, err := ownTime()
	return clock{time.Now(), total, own}, true, err
}

// others adds which share of all cores went to others since then: programs
// other than this one and its children, which must have ended, and neighbours
// on the same hardware. The bare loop with its one thread loses more to them
// than a server with many, so that ratios count only where the share is small.
func (c clock) others(r *report) error {
	now, known, err := readClock()
	if err != nil || !known {
		return err
	}
	others := (now.total - c.total) - (now.own - c.own)
	share := max(0, others.Seconds()/now.at.Sub(c.at).Seconds()/float64(runtime.NumCPU()))
	r.add("processor time of the machine that went to other programs during the run", fmt.Sprintf("%.0f %%", 100*share), "", "")
	return nil
}

// tick is the unit of /proc/stat.
const tick = 10 * time.Millisecond

// totalTime is what programs on all cores have used, or were kept from by other
// guests of the hardware, since the start of the machine.
func totalTime() (time.Duration, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, fmt.Errorf("/proc/stat begins with %q, not with the line of all cores", line)
	}
	var sum time.Duration
	for _, f := range []string{fields[1], fields[2], fields[3], fields[8]} { // user, nice, system, steal
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read /proc/stat: %w", err)
		}
		sum += time.Duration(n) * tick
	}
	return sum, nil
}

// ownTime is what this process and its ended children have used.
func ownTime() (time.Duration, error) {
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			return 0, err
		}
		sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return sum, nil
}
