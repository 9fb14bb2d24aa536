package store

import (
	"errors"
	"fmt"
	"sync"

	"zombiezen.com/go/sqlite"
)

// The write-ahead log of SQLite is copied into the database by a connection of
// its own while the writer goes on: done by the writer, it holds up everybody
// for tens of milliseconds. The writer still does it where the log outgrows
// logPages in spite of that.
const (
	checkpointCommits = 64    // commits after which the log is copied
	logPages          = 16000 // of 8 KB: 128 MB
)

// checkpointer copies the log in the background.
type checkpointer struct {
	conn    *sqlite.Conn
	commits int // of the writer since the last wake-up
	wake    chan struct{}
	done    sync.WaitGroup
}

func newCheckpointer(path string) (*checkpointer, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, fmt.Errorf("open the database for checkpoints: %w", err)
	}
	if err := pragmas(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c := &checkpointer{conn: conn, wake: make(chan struct{}, 1)}
	c.done.Go(c.run)
	return c, nil
}

// committed is told by the writer after each commit; it never blocks.
func (c *checkpointer) committed() {
	if c.commits++; c.commits < checkpointCommits {
		return
	}
	c.commits = 0
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *checkpointer) run() {
	q := &sqliteQuerier{c.conn}
	for range c.wake {
		// A checkpoint that fails, or does not come to the end for a reader in
		// its way, leaves the log as it is: the next one goes on.
		_ = q.query("PRAGMA wal_checkpoint(PASSIVE)", func(row) error { return nil })
	}
}

// close ends the checkpoints; the writer must have ended.
func (c *checkpointer) close() error {
	close(c.wake)
	c.done.Wait()
	return c.conn.Close()
}
