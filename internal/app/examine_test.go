package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/config"
	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// lasting writes one for plumbline.example.com.
func lasting(t *testing.T, from, to time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to, DNSNames: []string{"plumbline.example.com"}}
	text, err := x509.CreateCertificate(rand.Reader, form, form, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: text}, key: {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func finding(t *testing.T, c config.Config, now time.Time, name string) Finding {
	t.Helper()
	for _, f := range Examine(t.Context(), c, now) {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("nothing of %s", name)
	return Finding{}
}

func TestExamineCertificates(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	cert, key := lasting(t, now.AddDate(0, -1, 0), now.AddDate(0, 2, 0))
	for _, c := range []struct {
		name   string
		now    time.Time
		public string
		level  Level
		want   string
	}{
		{"good", now, "https://plumbline.example.com", Fine, "good until 1 May 2026"},
		{"ends soon", now.AddDate(0, 1, 20), "", Warning, "ends on 1 May 2026"},
		{"ended", now.AddDate(0, 3, 0), "", Problem, "ended on 1 May 2026"},
		{"not yet", now.AddDate(0, -2, 0), "", Problem, "clock"},
		{"another name", now, "https://other.example.com", Problem, "is not for other.example.com"},
	} {
		f := finding(t, config.Config{DataDir: t.TempDir(), TLSCert: cert, TLSKey: key, PublicURL: c.public}, c.now, "tls")
		if f.Level != c.level || !strings.Contains(f.Message, c.want) {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

func TestExamineKeyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, keyFile)
	if f := finding(t, config.Config{DataDir: dir}, time.Time{}, "key-file"); f.Level != Note {
		t.Errorf("none yet: %+v", f)
	}
	if f := finding(t, config.Config{DatabaseURL: "postgres://127.0.0.1:1/x", DataDir: dir}, time.Time{}, "key-file"); f.Level != Warning || !strings.Contains(f.Message, "Each node") {
		t.Errorf("one for each node: %+v", f)
	}
	for mode, level := range map[os.FileMode]Level{0o600: Fine, 0o644: Warning} {
		if err := os.WriteFile(path, []byte("k"), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if f := finding(t, config.Config{DataDir: dir}, time.Time{}, "key-file"); f.Level != level {
			t.Errorf("mode %o: %+v", mode, f)
		}
	}
}

func TestExaminePostgres(t *testing.T) {
	good := pgserver.Start(t)
	if f := finding(t, config.Config{DatabaseURL: good, DataDir: t.TempDir()}, time.Time{}, "database"); f.Level != Fine || !strings.Contains(f.Message, "version") {
		t.Errorf("%+v", f)
	}
	other, err := url.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	other.Path = "/no_such_database"
	if f := finding(t, config.Config{DatabaseURL: other.String(), DataDir: t.TempDir()}, time.Time{}, "database"); f.Level != Problem || !strings.Contains(f.Message, "no such database") {
		t.Errorf("%+v", f)
	}
	if f := finding(t, config.Config{DatabaseURL: "postgres://u:hunter2@no.such.host.invalid/d", DataDir: t.TempDir()}, time.Time{}, "database"); f.Level != Problem ||
		!strings.Contains(f.Message, "cannot be resolved") || strings.Contains(f.Message, "hunter2") {
		t.Errorf("%+v", f)
	}
}
