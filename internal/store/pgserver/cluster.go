//go:build unix

package pgserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// startTimeout bounds initdb, and each start of the server with its recovery.
const startTimeout = 2 * time.Minute

// port names the socket file; nothing listens on TCP.
const port = "5432"

// watchdogScript waits until the test process is gone, which closes its standard
// input, then ends the server of folder $1 and removes the folder.
const watchdogScript = `
cat >/dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do
	pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null && sleep 0.2
	rm -rf "$1" && exit 0
	sleep 1
done`

// cluster is one server with a folder of its own.
type cluster struct {
	dir      string
	programs programs
	settings []string
	attr     *syscall.SysProcAttr
	watchdog *exec.Cmd
	hold     io.Closer

	server *exec.Cmd
	exited chan struct{}
}

// newCluster makes and starts a cluster. Durable ones survive a crash of the
// machine; the others trade that for speed.
func newCluster(durable bool) (*cluster, error) {
	found, err := findPrograms(os.Getenv("PATH"), packagedFolders)
	if err != nil {
		return nil, err
	}
	// A socket's path has a limit of about 100 bytes, so not os.TempDir().
	parent := "/tmp"
	if !durable {
		parent = folder()
	}
	dir, err := os.MkdirTemp(parent, "plumbline-pg-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	c := &cluster{dir: dir, programs: found, attr: &syscall.SysProcAttr{Setsid: true}}
	if err := c.watch(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := c.initialize(durable); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	if err := c.start(); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

// watch starts the watchdog before there is anything to leave behind.
func (c *cluster) watch() error {
	c.watchdog = exec.Command("/bin/sh", "-c", watchdogScript, "watchdog", c.dir)
	c.watchdog.SysProcAttr = c.attr
	pipe, err := c.watchdog.StdinPipe()
	if err != nil {
		return fmt.Errorf("start the watchdog of PostgreSQL: %w", err)
	}
	c.hold = pipe
	if err := c.watchdog.Start(); err != nil {
		return fmt.Errorf("start the watchdog of PostgreSQL: %w", err)
	}
	return nil
}

// remove stops the server and removes its folder.
func (c *cluster) remove() error {
	if err := c.hold.Close(); err != nil {
		return fmt.Errorf("let the watchdog of PostgreSQL go: %w", err)
	}
	if err := c.watchdog.Wait(); err != nil {
		return fmt.Errorf("remove the PostgreSQL in %s: %w", c.dir, err)
	}
	return nil
}

func (c *cluster) initialize(durable bool) error {
	if os.Geteuid() == 0 {
		// The server refuses to run as root.
		owner, err := serverUser()
		if err != nil {
			return err
		}
		if err := os.Chown(c.dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return fmt.Errorf("hand over %s: %w", c.dir, err)
		}
		c.attr = &syscall.SysProcAttr{Setsid: true, Credential: owner}
	}
	c.settings = []string{
		"listen_addresses=", "unix_socket_directories=" + c.dir, "port=" + port,
		"max_connections=200",
		// In the folder, so that a killed server leaves nothing in /dev/shm.
		"dynamic_shared_memory_type=mmap",
		"jit=off",
	}
	if !durable {
		c.settings = append(c.settings, "fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=128MB", "min_wal_size=32MB")
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	// A linguistic collation, as most servers have one, shows a statement that
	// takes the order of bytes for granted.
	initdb := c.command(ctx, c.programs.initdb, "--pgdata="+c.data(), "--username=postgres", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("make a PostgreSQL cluster with %s: %w\n%s", c.programs.initdb, err, out)
	}
	return nil
}

// serverUser is whom the server runs as when the tests run as root.
func serverUser() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL refuses to run as root and there is neither a user `postgres` nor `nobody`: run the tests as another user")
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }
func (c *cluster) log() string  { return filepath.Join(c.dir, "log") }

func (c *cluster) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = c.dir
	// Without the PG* variables of whoever runs the tests.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "HOME=" + c.dir}
	cmd.SysProcAttr = c.attr
	return cmd
}

// start starts the server and waits until it takes connections. After a kill
// the first attempts may find backends that have not seen their server die yet.
func (c *cluster) start() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		err := c.startOnce(ctx)
		if err == nil {
			return nil
		}
		log, readErr := os.ReadFile(c.log())
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		if ctx.Err() != nil || !bytes.Contains(log, []byte("is still in use")) {
			return fmt.Errorf("start PostgreSQL: %w\n%s", err, log)
		}
	}
}

func (c *cluster) startOnce(ctx context.Context) error {
	log, err := os.Create(c.log())
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-D", c.data()}
	for _, s := range c.settings {
		args = append(args, "-c", s)
	}
	// Its life is that of the cluster, not of this call.
	server := c.command(context.Background(), c.programs.postgres, args...)
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		_ = server.Wait()
		close(exited)
	}()
	c.server, c.exited = server, exited
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		if conn, err := pgx.Connect(ctx, c.url("postgres")); err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-exited:
			return errors.New("the server ended")
		case <-ctx.Done():
			return errors.Join(ctx.Err(), server.Process.Kill())
		case <-poll.C:
		}
	}
}

// kill ends the server like a crash of the process: no shutdown, no checkpoint.
func (c *cluster) kill() error {
	if err := c.server.Process.Signal(syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	<-c.exited
	return nil
}

// url is that of one database of the cluster.
func (c *cluster) url(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User("postgres"), Path: "/" + database,
		RawQuery: url.Values{"host": {c.dir}, "port": {port}}.Encode(),
	}
	return u.String()
}
