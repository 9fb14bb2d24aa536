// Package agent reads the posture of the machine that it runs on: what it is,
// and whether its disk is encrypted, a firewall is on, the screen locks, updates
// install by themselves, an antivirus runs and a password manager is there.
//
// Each probe answers yes, no or unknown with a sentence that says where it was
// seen. What cannot be known is unknown, never yes. It changes nothing, opens no
// connection, runs no shell, and reads no document, password or history of
// anybody.
package agent

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// State is what a probe found.
type State string

// The states.
const (
	Yes     State = "yes"
	No      State = "no"
	Unknown State = "unknown"
)

// Answer is what a probe found, with where it was seen in sentences.
type Answer struct {
	State State  `json:"state"`
	Text  string `json:"text"`
}

func yes(format string, args ...any) Answer     { return Answer{Yes, sentence(format, args...)} }
func no(format string, args ...any) Answer      { return Answer{No, sentence(format, args...)} }
func unknown(format string, args ...any) Answer { return Answer{Unknown, sentence(format, args...)} }

const maxSentence = 2000

// sentence makes text from a machine fit to be shown.
func sentence(format string, args ...any) string {
	return clean(fmt.Sprintf(format, args...), maxSentence)
}

// clean is a text of at most n characters, without what would steer a terminal.
func clean(text string, n int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.TrimSpace(text)
	count := 0
	for i := range text {
		if count == n {
			return text[:i]
		}
		count++
	}
	return text
}

// Program is an application, a browser extension or a service.
type Program struct {
	Name        string `json:"name"`
	Version     string `json:"version,omitempty"`
	Description string `json:"description,omitempty"`
	StartType   string `json:"startType,omitempty"`
	Status      string `json:"status,omitempty"`
}

// Identity is what the machine is.
type Identity struct {
	// Platform is LINUX, MACOS or WINDOWS, Version that of the system.
	Platform string `json:"platform"`
	Version  string `json:"version"`
	// Name is what the machine calls itself.
	Name   string `json:"name,omitempty"`
	Model  string `json:"model,omitempty"`
	Serial string `json:"serialNumber,omitempty"`
	// MACs are those of built-in network cards, in lower case with colons.
	MACs []string `json:"macAddresses,omitempty"`
	// InstallationID tells this installation of the system from all others.
	InstallationID string `json:"installationId,omitempty"`
}

// Posture is all that was read.
type Posture struct {
	Identity
	DiskEncryption  Answer `json:"diskEncryption"`
	Firewall        Answer `json:"firewall"`
	ScreenLock      Answer `json:"screenLock"`
	AutoUpdate      Answer `json:"automaticUpdates"`
	Antivirus       Answer `json:"antivirus"`
	PasswordManager Answer `json:"passwordManager"`
	// LockAfter is after how long without a touch the screen locks, 0 if that is
	// not known.
	LockAfter  time.Duration `json:"-"`
	Apps       []Program     `json:"applications"`
	Extensions []Program     `json:"browserExtensions"`
	Services   []Program     `json:"services,omitempty"`
	// Notes say what was left out.
	Notes []string `json:"notes,omitempty"`
}

// Options are the surroundings of a reading.
type Options struct {
	System System
	// OS is the system as runtime.GOOS names it.
	OS string
	// Host is what the machine calls itself, UID the number of the account that
	// the agent runs as, 0 for root, -1 where there are none.
	Host string
	UID  int
	Now  time.Time
	// Patience is how long one probe may take; two minutes by default.
	Patience time.Duration
}

// platform reads one kind of system.
type platform interface {
	identity(context.Context) (Identity, []string)
	diskEncryption(context.Context) Answer
	firewall(context.Context) Answer
	screenLock(context.Context) (Answer, time.Duration)
	autoUpdate(context.Context) Answer
	antivirus(context.Context) Answer
	software(context.Context) software
}

// software is what is installed.
type software struct {
	apps, extensions, services []Program
	// managers are the password managers among them, in words.
	managers []string
	// omitted says what could not be read: a password manager may be in it.
	omitted []string
}

// Read reads the machine. It fails only for a system that it does not know.
func Read(ctx context.Context, o Options) (Posture, error) {
	var p platform
	switch o.OS {
	case "linux":
		p = newLinux(o)
	case "darwin":
		p = &darwin{o}
	case "windows":
		p = &windows{o}
	default:
		return Posture{}, fmt.Errorf("the agent reads Linux, macOS and Windows; this machine runs %s", o.OS)
	}
	if o.Patience <= 0 {
		o.Patience = 2 * time.Minute
	}
	return read(ctx, p, o), ctx.Err()
}

// read asks all probes at the same time.
func read(ctx context.Context, p platform, o Options) Posture {
	ask := func(probe func(context.Context) Answer) <-chan Answer {
		return bounded(ctx, o.Patience, probe, func(why string) Answer { return unknown("%s", why) })
	}
	type lock struct {
		Answer
		after time.Duration
	}
	type who struct {
		Identity
		notes []string
	}
	identity := bounded(ctx, o.Patience, func(ctx context.Context) who { i, notes := p.identity(ctx); return who{i, notes} },
		func(why string) who { return who{notes: []string{"What this machine is: " + why}} })
	disk, wall, update, virus := ask(p.diskEncryption), ask(p.firewall), ask(p.autoUpdate), ask(p.antivirus)
	screen := bounded(ctx, o.Patience, func(ctx context.Context) lock { a, after := p.screenLock(ctx); return lock{a, after} },
		func(why string) lock { return lock{Answer: unknown("%s", why)} })
	installed := bounded(ctx, o.Patience, p.software, func(why string) software { return software{omitted: []string{"Installed software: " + why}} })

	i, s, all := <-identity, <-screen, <-installed
	out := Posture{Identity: i.Identity, DiskEncryption: <-disk, Firewall: <-wall, ScreenLock: s.Answer, AutoUpdate: <-update, Antivirus: <-virus,
		PasswordManager: all.passwordManager(), Apps: fit(all.apps), Extensions: fit(all.extensions), Services: fit(all.services), Notes: append(i.notes, all.omitted...)}
	if s.State == Yes {
		out.LockAfter = s.after
	}
	for _, each := range []struct {
		name string
		list []Program
	}{{"applications", all.apps}, {"browser extensions", all.extensions}, {"services", all.services}} {
		if len(each.list) > maxPrograms {
			out.Notes = append(out.Notes, fmt.Sprintf("Of %d %s the first %d are reported.", len(each.list), each.name, maxPrograms))
		}
	}
	return out
}

// bounded runs a probe that may panic, or never come back; failed is what then
// stands in place of its result.
func bounded[T any](ctx context.Context, patience time.Duration, probe func(context.Context) T, failed func(why string) T) <-chan T {
	ctx, cancel := context.WithTimeout(ctx, patience)
	done, out := make(chan T, 1), make(chan T, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				done <- failed(fmt.Sprintf("The agent came to a fault of its own here: %v.", v))
			}
		}()
		done <- probe(ctx)
	}()
	go func() {
		defer cancel()
		select {
		case v := <-done:
			out <- v
		case <-ctx.Done():
			out <- failed(fmt.Sprintf("There was no answer within %s.", patience))
		}
	}()
	return out
}

// Limits of a report, those of the API.
const (
	maxPrograms = 10000
	maxName     = 191
)

// fit makes programs fit for a report.
func fit(list []Program) []Program {
	out := make([]Program, 0, len(list))
	for _, p := range list {
		p.Name, p.Version, p.Description = clean(p.Name, maxName), clean(p.Version, maxName), clean(p.Description, maxName)
		if p.Name != "" && len(out) < maxPrograms {
			out = append(out, p)
		}
	}
	return out
}

// passwordManager judges what is installed.
func (s software) passwordManager() Answer {
	switch {
	case len(s.managers) > 0:
		return yes("Installed: %s.", listed(s.managers, 5))
	case len(s.omitted) > 0:
		return unknown("No password manager was seen, but not everything could be looked at. %s", strings.Join(s.omitted, " "))
	}
	return no("None of the password managers that the agent knows is among the applications and browser extensions. What browsers keep themselves does not count.")
}

// listed joins the first n of a list.
func listed(all []string, n int) string {
	if len(all) > n {
		return strings.Join(all[:n], ", ") + fmt.Sprintf(" and %d more", len(all)-n)
	}
	return strings.Join(all, ", ")
}
