//go:build unix

package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/plumbline-dev/plumbline/internal/store/pgserver"
)

// cluster is a throw-away PostgreSQL server with fsync on. It is the one of
// the tests, for which it stands in as the test that uses it.
type cluster struct {
	testing.TB
	url    string
	ends   []func()
	failed []error
}

// fatal is what ends the start of a cluster.
type fatal struct{ error }

func startCluster() (c *cluster, err error) {
	c = &cluster{}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case fatal:
			err = errors.Join(p.error, c.stop())
		default:
			panic(p)
		}
	}()
	c.url = pgserver.StartDurable(c).URL()
	return c, nil
}

func (c *cluster) Helper()                           {}
func (c *cluster) Cleanup(f func())                  { c.ends = append(c.ends, f) }
func (c *cluster) Error(args ...any)                 { c.failed = append(c.failed, errors.New(fmt.Sprint(args...))) }
func (c *cluster) Errorf(format string, args ...any) { c.Error(fmt.Errorf(format, args...)) }
func (c *cluster) Fatal(args ...any)                 { panic(fatal{errors.New(fmt.Sprint(args...))}) }
func (c *cluster) Fatalf(format string, args ...any) { c.Fatal(fmt.Errorf(format, args...)) }

// stop ends the server and removes its files.
func (c *cluster) stop() error {
	for len(c.ends) > 0 {
		last := len(c.ends) - 1
		end := c.ends[last]
		c.ends = c.ends[:last]
		end()
	}
	return errors.Join(c.failed...)
}
