package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/internal/config"
	"github.com/plumbline-dev/plumbline/internal/store"
)

// Level says how bad a finding of [Examine] is.
type Level string

// The levels. A note is neither good nor bad.
const (
	Fine    Level = "ok"
	Note    Level = "note"
	Warning Level = "warning"
	Problem Level = "problem"
)

// Finding is one thing that was looked at.
type Finding struct {
	// Name is one word for it, such as "data" or "tls".
	Name  string `json:"name"`
	Level Level  `json:"level"`
	// Message is a sentence: what is so, and what to do about it.
	Message string `json:"message"`
}

const (
	// littleRoom is below how many bytes of free space there is a warning, noRoom a
	// problem.
	littleRoom, noRoom = 2 << 30, 200 << 20
	// soonOver is how long before its end a certificate is warned about.
	soonOver = 21 * 24 * time.Hour
	// reachTime is how long another machine may take to answer.
	reachTime = 5 * time.Second
)

// Examine looks at what a server with these settings would find on this machine.
// It changes nothing and starts nothing.
func Examine(ctx context.Context, c config.Config, now time.Time) []Finding {
	var out []Finding
	if c.DatabaseURL != "" {
		out = append(out, examineDatabase(ctx, c), examineKeyFile(c))
	} else {
		found := examineData(c.DataDir)
		out = append(out, found)
		if found.Level == Note {
			return append(out, examineNetworks(c))
		}
		out = append(out, examineKeyFile(c))
	}
	return append(out, examineTLS(c, now), examineMail(ctx, c), examineNetworks(c))
}

func examineDatabase(ctx context.Context, c config.Config) Finding {
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	version, err := store.Reach(ctx, c.DatabaseURL)
	if err != nil {
		return Finding{"database", Problem, "The PostgreSQL database cannot be used: " + err.Error() + "."}
	}
	return Finding{"database", Fine, "The PostgreSQL database answers (version " + version + ")."}
}

func examineData(dir string) Finding {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Finding{"data", Note, "There is no data folder " + dir + ": no server was started here yet, or its folder is another (--data)."}
	case err != nil:
		return Finding{"data", Problem, "The data folder " + dir + " cannot be looked at: " + plainError(err) + "."}
	case !info.IsDir():
		return Finding{"data", Problem, dir + " is no folder: give another with --data."}
	}
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return Finding{"data", Problem, "Nothing can be written to the data folder " + dir + ": " + plainError(err) + ". Run this as the user of the server, or give that user the folder."}
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return Finding{"data", Problem, "Nothing can be deleted in the data folder " + dir + ": " + plainError(err) + "."}
	}
	free, known := freeSpace(dir)
	switch {
	case !known:
		return Finding{"data", Fine, "The data folder " + dir + " can be written to."}
	case free < noRoom:
		return Finding{"data", Problem, "The disk of the data folder " + dir + " is full but for " + size(free) + ": make room, or writes will fail."}
	case free < littleRoom:
		return Finding{"data", Warning, "The disk of the data folder " + dir + " has " + size(free) + " left: make room soon."}
	}
	return Finding{"data", Fine, "The data folder " + dir + " can be written to, and its disk has " + size(free) + " left."}
}

func size(n int64) string {
	if n < 1<<30 {
		return strconv.FormatInt(n>>20, 10) + " MB"
	}
	return strconv.FormatInt(n>>30, 10) + " GB"
}

// plainError is the last part of an error of the file system, without the path.
func plainError(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func examineKeyFile(c config.Config) Finding {
	path := c.SecretKeyFile
	if path == "" {
		path = filepath.Join(c.DataDir, keyFile)
	}
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.DatabaseURL != "" && c.SecretKeyFile == "":
		return Finding{"key-file", Warning, "Each node would make a key file of its own, and none could read the secrets of another: name one file for all with --secret-key-file."}
	case errors.Is(err, fs.ErrNotExist):
		return Finding{"key-file", Note, "There is no key file " + path + " yet: the first secret that is stored makes it."}
	case err != nil:
		return Finding{"key-file", Problem, "The key file " + path + " cannot be read: " + plainError(err) + ". Without it no stored secret can be used."}
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Mode().Perm()&0o077 != 0 {
		return Finding{"key-file", Warning, fmt.Sprintf("Others than its owner may read the key file %s (mode %04o): chmod 600 it.", path, info.Mode().Perm())}
	}
	return Finding{"key-file", Fine, "The key file " + path + " is there, for its owner only. Keep a copy of it apart from those of the database."}
}

func examineTLS(c config.Config, now time.Time) Finding {
	if c.TLSCert == "" {
		if addr, err := netip.ParseAddrPort(c.Addr); err == nil && addr.Addr().IsLoopback() || strings.HasPrefix(c.Addr, "localhost:") || strings.HasPrefix(c.PublicURL, "https://") {
			return Finding{"tls", Fine, "The server needs no certificate of its own: it listens on this machine, or people reach it through a proxy by " + orWord(c.PublicURL, "no public address") + "."}
		}
		return Finding{"tls", Warning, "The server listens on " + c.Addr + " without TLS, so nobody can sign in from another machine: give --tls-cert and --tls-key, or put a proxy in front (--public-url, --trusted-proxies)."}
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return Finding{"tls", Problem, "The certificate cannot be used: " + strings.TrimPrefix(err.Error(), "tls: ") + "."}
	}
	leaf := pair.Leaf
	if leaf == nil {
		if leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return Finding{"tls", Problem, "The certificate cannot be read."}
		}
	}
	day := leaf.NotAfter.UTC().Format("2 January 2006")
	switch {
	case now.After(leaf.NotAfter):
		return Finding{"tls", Problem, "The certificate ended on " + day + ": renew it, and start the server again."}
	case now.Before(leaf.NotBefore):
		return Finding{"tls", Problem, "The certificate is not valid yet: look at the clock of this machine."}
	case now.Add(soonOver).After(leaf.NotAfter):
		return Finding{"tls", Warning, "The certificate ends on " + day + ": renew it soon."}
	}
	if u, err := url.Parse(c.PublicURL); err == nil && u.Hostname() != "" && leaf.VerifyHostname(u.Hostname()) != nil {
		return Finding{"tls", Problem, "The certificate is not for " + u.Hostname() + ", the name in --public-url: browsers will refuse it."}
	}
	return Finding{"tls", Fine, "The certificate is good until " + day + "."}
}

func orWord(text, word string) string {
	if text == "" {
		return word
	}
	return text
}

func examineMail(ctx context.Context, c config.Config) Finding {
	if c.MailHost == "" {
		return Finding{"mail", Note, "No mail server is set (--mail-host), so no mail is sent: invitations are links to pass on."}
	}
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	at := net.JoinHostPort(c.MailHost, strconv.Itoa(c.MailPort))
	line, err := (&net.Dialer{}).DialContext(ctx, "tcp", at)
	if err != nil {
		return Finding{"mail", Problem, "The mail server " + at + " does not answer: check --mail-host and --mail-port, and whether a firewall is in the way."}
	}
	_ = line.Close()
	return Finding{"mail", Fine, "The mail server " + at + " answers."}
}

func examineNetworks(c config.Config) Finding {
	open := func(setting string, list []netip.Prefix) string {
		if len(list) == 0 {
			return "none"
		}
		texts := make([]string, len(list))
		for i, p := range list {
			texts[i] = p.String()
		}
		return strings.Join(texts, ", ") + " (" + setting + ")"
	}
	return Finding{"networks", Note, "The server reaches public addresses only, over TLS. Private networks that are open: for messages and collections " + open("--"+config.NotifyNetworks, c.NotifyNetworks) +
		"; for the AI provider " + open("--"+config.AINetworks, c.AINetworks) + "."}
}
