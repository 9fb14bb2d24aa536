//go:build unix

package pgserver

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// adminVariable names the environment variable with an administrator's URL of a
// running server.
const adminVariable = "PLUMBLINE_TEST_POSTGRES"

// databaseTimeout bounds the making and the dropping of one database.
const databaseTimeout = 2 * time.Minute

var shared = sync.OnceValues(func() (*cluster, error) { return newCluster(false) })

// Start returns the URL of a new, empty database, which is dropped at the end of
// tb with whoever is still connected. It lies on the server that
// PLUMBLINE_TEST_POSTGRES names, else on a cluster that the test process shares;
// that cluster keeps nothing in a crash of the machine.
func Start(tb testing.TB) (url string) {
	tb.Helper()
	admin := os.Getenv(adminVariable)
	if admin == "" {
		c, err := shared()
		if err != nil {
			tb.Fatal(err)
		}
		admin = c.url("postgres")
	}
	return newDatabase(tb, admin, "template0")
}

// Copier gives databases that are copies of one that was filled once: a copy costs
// less than to fill another. The zero value is of no use; see [NewCopier].
type Copier struct {
	fill func(url string) error
	once sync.Once
	name string
	err  error
}

// NewCopier makes copies of what fill makes of an empty database. fill must leave
// no connection behind.
func NewCopier(fill func(url string) error) *Copier { return &Copier{fill: fill} }

// Start is as [Start], with a database that is filled. On a server that
// PLUMBLINE_TEST_POSTGRES names each is filled by itself, because the one to copy
// from would stay there.
func (c *Copier) Start(tb testing.TB) (url string) {
	tb.Helper()
	if os.Getenv(adminVariable) != "" {
		url := Start(tb)
		if err := c.fill(url); err != nil {
			tb.Fatal(err)
		}
		return url
	}
	server, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	admin := server.url("postgres")
	c.once.Do(func() {
		c.name = newName()
		if c.err = administer(admin, createStatement(c.name, "template0")); c.err == nil {
			c.err = c.fill(server.url(c.name))
		}
	})
	if c.err != nil {
		tb.Fatal(c.err)
	}
	return newDatabase(tb, admin, c.name)
}

// Durable is a cluster of one test, which keeps what it acknowledged when its
// server is killed. It ends with its test.
type Durable struct {
	tb      testing.TB
	cluster *cluster
	url     string
}

// StartDurable starts a cluster for tb alone, with fsync on, and an empty
// database in it. It always needs the server programs on this machine.
func StartDurable(tb testing.TB) *Durable {
	tb.Helper()
	c, err := newCluster(true)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.remove(); err != nil {
			tb.Error(err)
		}
	})
	const name = "plumbline"
	if err := administer(c.url("postgres"), createStatement(name, "template0")); err != nil {
		tb.Fatal(err)
	}
	return &Durable{tb: tb, cluster: c, url: c.url(name)}
}

// URL is that of the database. It stays the same through Kill and Restart.
func (d *Durable) URL() string { return d.url }

// Kill ends the server with SIGKILL and returns when its process is gone.
func (d *Durable) Kill() {
	d.tb.Helper()
	if err := d.cluster.kill(); err != nil {
		d.tb.Fatal(err)
	}
}

// Restart starts the server after Kill and returns when it has recovered and
// takes connections.
func (d *Durable) Restart() {
	d.tb.Helper()
	if err := d.cluster.start(); err != nil {
		d.tb.Fatal(err)
	}
}

// newDatabase makes a database on the server at admin, as a copy of another one to
// which nobody is connected.
func newDatabase(tb testing.TB, admin, template string) string {
	tb.Helper()
	u, err := url.Parse(admin)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		tb.Fatalf("%s must be a URL such as postgres://user:password@host:5432/postgres", adminVariable)
	}
	name := newName()
	if err := administer(admin, createStatement(name, template)); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := administer(admin, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	u.Path = "/" + name
	return u.String()
}

func newName() string { return "plumbline_test_" + strings.ReplaceAll(uuid.NewString(), "-", "") }

// createStatement copies template0 to get an empty database: nobody ever connects
// to it.
func createStatement(name, template string) string {
	return "CREATE DATABASE " + name + " TEMPLATE " + template
}

// administer runs one statement on the server at admin, which must be new enough.
func administer(admin, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), databaseTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return fmt.Errorf("reach the PostgreSQL server of the tests: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var version int
	if err := conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int / 10000").Scan(&version); err != nil {
		return fmt.Errorf("ask the PostgreSQL server of the tests for its version: %w", err)
	}
	if version < minVersion {
		return fmt.Errorf("the PostgreSQL server of the tests is version %d: at least %d is needed", version, minVersion)
	}
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
