package store

import (
	"context"
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// Reach connects to a PostgreSQL database, changes nothing there, and tells its
// version. An error is a sentence without the password.
func Reach(ctx context.Context, url string) (version string, err error) {
	db, err := openPostgres(ctx, url)
	if err != nil {
		return "", unreachable(err)
	}
	defer func() { _ = db.close() }()
	err = db.read(ctx, func(q querier) error { return one(q, "SHOW server_version", nil, &version) })
	return version, err
}

// unreachable says in words why a PostgreSQL server cannot be used.
func unreachable(err error) error {
	var refused *pgconn.PgError
	var name *net.DNSError
	var op *net.OpError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "28P01", "28000":
			return errors.New("the server does not accept the user or the password")
		case "3D000":
			return errors.New("the server has no such database: create it first")
		case "53300":
			return errors.New("the server has no connection left")
		case "42501":
			return errors.New("the user may not connect to the database")
		}
		return errors.New("the server refused the connection with code " + refused.Code)
	}
	switch {
	case errors.As(err, &name):
		return errors.New("the name of the host cannot be resolved")
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("the server does not answer in time")
	case errors.As(err, &op) && op.Op == "dial":
		return errors.New("nobody answers at the address: is the server running, and its port open?")
	}
	return errors.New("the database URL cannot be used: expected postgres://user:password@host:port/database")
}
