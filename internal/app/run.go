package app

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Run answers requests until ctx ends, or none can be taken. Then it takes no new ones, lets those in
// flight finish (as long as the grace allows), stops the worker and the collections, and
// closes the database.
func (a *App) Run(ctx context.Context) error {
	working, stopWorking := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorking()
	worked := make(chan error, 2)
	go func() { worked <- a.worker.Run(working) }()
	go func() { worked <- a.collector.Run(working) }()
	served := make(chan error, 1)
	go func() { served <- a.serve() }()

	var err error
	select {
	case err = <-served:
		// It takes no more connections; those that are there go on.
		a.shutDown(ctx)
	case <-ctx.Done():
		a.shutDown(ctx)
		err = <-served
	}
	stopWorking()
	return errors.Join(err, <-worked, <-worked, a.Close())
}

func (a *App) serve() error {
	var err error
	if a.server.TLSConfig != nil {
		err = a.server.ServeTLS(a.listener, "", "")
	} else {
		err = a.server.Serve(a.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (a *App) shutDown(ctx context.Context) {
	a.stopping.Store(true)
	a.log.Info("stopping: requests in flight are finished first", "grace", a.config.ShutdownGrace.String())
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.config.ShutdownGrace)
	defer cancel()
	if err := a.server.Shutdown(grace); err == nil {
		return
	}
	a.log.Warn("the grace is over: the requests that are left are cut off")
	a.cut()
	_ = a.server.Close()
	done := make(chan struct{})
	go func() {
		a.inFlight.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(cutTimeout):
		a.log.Error("requests that were cut off have not ended")
	}
}

// Close gives back what New took. It is for an App that does not run.
func (a *App) Close() error {
	a.cut()
	var err error
	if a.listener != nil {
		// A server that ran has closed it.
		_ = a.listener.Close()
	}
	if a.live != nil {
		a.live.Close()
	}
	if a.checks != nil {
		a.checks.Close()
	}
	if a.store != nil {
		err = a.store.Close()
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.release())
	}
	return err
}
