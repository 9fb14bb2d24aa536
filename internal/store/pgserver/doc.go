// Package pgserver gives tests a real PostgreSQL: a throw-away cluster that
// starts with the first test that asks for it and is gone, files and all, when
// the test process ends, however it ends.
//
// It needs the server programs of PostgreSQL 15 or newer on this machine, or an
// administrator's URL of a running server in PLUMBLINE_TEST_POSTGRES. Where it
// finds neither, a test fails; it never skips.
package pgserver
