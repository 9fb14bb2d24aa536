package app

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-dev/plumbline/internal/await"
	"github.com/plumbline-dev/plumbline/internal/config"
)

func settings(t *testing.T) config.Config {
	return config.Config{Addr: "127.0.0.1:0", DataDir: filepath.Join(t.TempDir(), "data"), MaxBody: 5 << 20,
		SessionIdle: 15 * time.Minute, ShutdownGrace: time.Minute}
}

// running is an App that runs until stop is called, which gives Run's error.
func running(t *testing.T, c config.Config) (a *App, stop func() error) {
	t.Helper()
	a, err := New(t.Context(), Options{Config: c, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	stopped := false
	stop = func() error {
		stopped = true
		cancel()
		return await.Receive(t, "the end of the server", ended)
	}
	t.Cleanup(func() {
		if !stopped {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
	})
	return a, stop
}

func status(t *testing.T, url string) int {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func TestStartAndStop(t *testing.T) {
	c := settings(t)
	for round := range 2 {
		a, stop := running(t, c)
		for _, path := range []string{"/healthz", "/readyz"} {
			if got := status(t, a.URL()+path); got != http.StatusOK {
				t.Errorf("round %d: %s answered %d", round, path, got)
			}
		}
		if err := stop(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if _, err := http.Get(a.URL()); err == nil {
			t.Errorf("round %d: it still answers", round)
		}
	}
}

func TestOneServerAFolder(t *testing.T) {
	c := settings(t)
	a, stop := running(t, c)
	_, err := New(t.Context(), Options{Config: c})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) || !strings.Contains(err.Error(), c.DataDir) {
		t.Errorf("got %v", err)
	}
	if got := status(t, a.URL()+"/readyz"); got != http.StatusOK {
		t.Errorf("the first one answers %d", got)
	}
	// Keys need no lock.
	k, err := OpenKeys(t.Context(), c, time.Now, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.Create(t.Context(), NewKey{Name: "n", Scopes: []string{"read"}}); err != nil {
		t.Error(err)
	}
	if err := errors.Join(k.Close(), stop()); err != nil {
		t.Fatal(err)
	}
	_, stop = running(t, c)
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// What New took before it failed is given back.
func TestFailedStartLeavesNothing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	c := settings(t)
	c.Addr = taken.Addr().String()
	if _, err := New(t.Context(), Options{Config: c}); !errors.Is(err, ErrAddrInUse) {
		t.Fatalf("got %v", err)
	}
	c.Addr = "127.0.0.1:0"
	c.DatabaseURL = ""
	c.TLSCert, c.TLSKey = "nothing.pem", "nothing.pem"
	if _, err := New(t.Context(), Options{Config: c}); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
	c.TLSCert, c.TLSKey = "", ""
	running(t, c)
}

func TestDatabaseThatDoesNotAnswer(t *testing.T) {
	c := settings(t)
	c.DatabaseURL = "postgres://plumbline:hunter2@127.0.0.1:1/plumbline"
	_, err := New(t.Context(), Options{Config: c})
	if err == nil || !strings.Contains(err.Error(), "the database cannot be opened") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

// hanging opens a request whose body the server waits for.
func hanging(t *testing.T, a *App, key string) (conn net.Conn, r *bufio.Reader) {
	t.Helper()
	addr := strings.TrimPrefix(a.URL(), "http://")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(await.Patience)); err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "POST /public/v2/custom-connections HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", addr, key, len(connectionBody))
	if err != nil {
		t.Fatal(err)
	}
	r = bufio.NewReader(conn)
	if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("got %q, %v", line, err)
	}
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return conn, r
}

const connectionBody = `{"name":"C","providerTypes":["MDM"]}`

func adminKey(t *testing.T, a *App) string {
	t.Helper()
	_, secret, err := a.Keys().Create(t.Context(), NewKey{Name: "n", Scopes: []string{"all"}})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// That no more connections come says nothing of those that are there.
func TestServeThatFailsFinishesWhatIsInFlight(t *testing.T) {
	a, stop := running(t, settings(t))
	conn, r := hanging(t, a, adminKey(t, a))
	if err := a.listener.Close(); err != nil {
		t.Fatal(err)
	}
	await.Until(t, "the server's own end", func() bool {
		if err := a.store.Ping(t.Context()); err != nil {
			_ = stop()
			t.Fatalf("the database is closed with a request in flight: %v", err)
		}
		return a.stopping.Load()
	})
	if _, err := io.WriteString(conn, connectionBody); err != nil {
		t.Fatal(err)
	}
	if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, "201") {
		t.Errorf("got %q, %v", line, err)
	}
	if err := stop(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestStopFinishesWhatIsInFlight(t *testing.T) {
	a, stop := running(t, settings(t))
	conn, r := hanging(t, a, adminKey(t, a))
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	await.Until(t, "a refused connection", func() bool {
		probe, err := net.Dial("tcp", conn.RemoteAddr().String())
		if err == nil {
			_ = probe.Close()
		}
		return err != nil
	})
	select {
	case err := <-ended:
		t.Fatalf("it ended with a request in flight: %v", err)
	default:
	}
	if _, err := io.WriteString(conn, connectionBody); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusCreated {
		t.Errorf("the request in flight was answered with %s", resp.Status)
	}
	if err := await.Receive(t, "the end of the server", ended); err != nil {
		t.Error(err)
	}
}

// Streams go on for ever, so that they must not be waited for.
func TestStopEndsStreams(t *testing.T) {
	a, stop := running(t, settings(t))
	r, err := http.NewRequestWithContext(await.Context(t), http.MethodGet, a.URL()+"/public/v2/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+adminKey(t, a))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(text), "event: resync\n") || !strings.HasSuffix(string(text), "event: end\ndata: {\"reason\":\"stopping\"}\n\n") {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestGraceEnds(t *testing.T) {
	c := settings(t)
	c.ShutdownGrace = 0
	a, stop := running(t, c)
	_, r := hanging(t, a, adminKey(t, a))
	if err := stop(); err != nil {
		t.Error(err)
	}
	if resp, err := http.ReadResponse(r, nil); err == nil {
		_ = resp.Body.Close()
		if resp.StatusCode < 400 {
			t.Errorf("a request without a body was answered with %s", resp.Status)
		}
	}
}

func TestTLS(t *testing.T) {
	c := settings(t)
	pool := certificate(t, &c)
	a, stop := running(t, c)
	h := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	resp, err := h.Get(a.URL() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(a.URL(), "https://") {
		t.Errorf("%s answered %s", a.URL(), resp.Status)
	}
	h.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// certificate makes a certificate for the loopback address and sets it.
func certificate(t *testing.T, c *config.Config) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, made, made, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c.TLSCert, c.TLSKey = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	err = errors.Join(os.WriteFile(c.TLSCert, certPEM, 0o600),
		os.WriteFile(c.TLSKey, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return pool
}

func TestURL(t *testing.T) {
	for _, c := range []struct{ addr, want string }{
		{"127.0.0.1:0", "http://127.0.0.1:"}, {":0", "http://127.0.0.1:"}, {"0.0.0.0:0", "http://127.0.0.1:"}, {"localhost:0", "http://"},
	} {
		l, err := net.Listen("tcp", c.addr)
		if err != nil {
			t.Fatal(err)
		}
		a := &App{listener: l}
		if got := a.URL(); !strings.HasPrefix(got, c.want) || strings.HasSuffix(got, ":0") {
			t.Errorf("%s: %s", c.addr, got)
		}
		_ = l.Close()
	}
}
