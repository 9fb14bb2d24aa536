package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/machine"
)

// System is what the probes read: files, and what programs answer.
type System interface {
	machine.Files
	// Run runs a program and gives what it answers, standard error included where
	// a tool tells its result there. A name without a slash is looked up in the
	// system's own folders, never in those of a user; one that is not there is an
	// fs.ErrNotExist.
	Run(ctx context.Context, program string, args ...string) ([]byte, error)
}

// ThisSystem is the machine that the program runs on.
func ThisSystem(goos string) System {
	s := live{Files: machine.ThisMachine(), limits: machine.Limits{Time: time.Minute, Output: 32 << 20}}
	switch goos {
	case "windows":
		root := os.Getenv("SystemRoot")
		if root == "" {
			root = `C:\Windows`
		}
		s.folders = []string{root + "/System32", root + "/System32/WindowsPowerShell/v1.0"}
		s.suffix = ".exe"
		for _, name := range []string{"SystemRoot", "SystemDrive", "TEMP", "TMP", "ProgramData", "ProgramFiles", "windir", "PSModulePath", "USERPROFILE"} {
			if v := os.Getenv(name); v != "" {
				s.limits.Env = append(s.limits.Env, name+"="+v)
			}
		}
	case "darwin":
		s.folders = []string{"/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/libexec/ApplicationFirewall"}
		s.limits.Env = []string{"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + os.Getenv("HOME")}
	default:
		s.folders = []string{"/usr/sbin", "/usr/bin", "/sbin", "/bin", "/run/current-system/sw/bin"}
		s.limits.Env = []string{"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin"}
	}
	return s
}

type live struct {
	machine.Files
	folders []string
	suffix  string
	limits  machine.Limits
}

func (s live) Run(ctx context.Context, program string, args ...string) ([]byte, error) {
	limits := s.limits
	// They tell their result there.
	limits.Both = program == "sysadminctl" || program == "spctl"
	if strings.ContainsRune(program, '/') {
		return machine.Run(ctx, limits, program, args...)
	}
	for _, dir := range s.folders {
		name := path.Join(dir, program+s.suffix)
		if info, err := s.Stat(name); err == nil && info.Mode().IsRegular() {
			return machine.Run(ctx, limits, name, args...)
		}
	}
	return nil, fmt.Errorf("%s is not on this machine: %w", program, fs.ErrNotExist)
}

func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// because is the reason why a program gave no answer.
func because(program string, err error) string {
	switch {
	case absent(err):
		return program + " is not on this machine."
	case program == "systemctl" && strings.Contains(err.Error(), "Transport endpoint is not connected"):
		// https://github.com/systemd/systemd/issues/22737
		return "systemctl is refused, for the agent runs as a user that exists only meanwhile: make the user plumbline-agent."
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return program + " did not answer in time."
	case errors.Is(err, fs.ErrPermission):
		return program + " cannot be run without more rights."
	}
	return clean(program+" answers: "+err.Error(), 300) + "."
}

// word is a file that holds one short value, empty if it cannot be read.
func word(s System, name string) string {
	b, err := machine.Read(s, name, 4096)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.TrimRight(string(b), "\x00"))
}

// text is a file of at most a megabyte.
func text(s System, name string) (string, error) {
	b, err := machine.Read(s, name, 1<<20)
	return string(b), err
}

// exists reports whether one of some files or folders is there, and which.
func exists(s System, names ...string) (string, bool) {
	for _, name := range names {
		if _, err := s.Stat(name); err == nil {
			return name, true
		}
	}
	return "", false
}
