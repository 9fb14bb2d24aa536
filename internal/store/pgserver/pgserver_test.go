//go:build unix

package pgserver

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/plumbline-dev/plumbline/internal/await"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func ask[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func TestStart(t *testing.T) {
	var names []string
	t.Run("each has a database of its own", func(t *testing.T) {
		a, b := connect(t, Start(t)), connect(t, Start(t))
		run(t, a, "CREATE TABLE only_in_a (id int)")
		if ask[bool](t, b, "SELECT to_regclass('only_in_a') IS NOT NULL") {
			t.Error("the table of one database is in the other")
		}
		for _, conn := range []*pgx.Conn{a, b} {
			names = append(names, ask[string](t, conn, "SELECT current_database()"))
		}
	})
	conn := connect(t, Start(t))
	if left := ask[int](t, conn, "SELECT count(*) FROM pg_database WHERE datname = ANY($1)", names); left != 0 || len(names) != 2 {
		t.Errorf("of the databases %v %d were not dropped with their test", names, left)
	}
}

// The variable leads to another server, here a second cluster.
func TestCopies(t *testing.T) {
	filled := 0
	c := NewCopier(func(url string) error {
		filled++
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			return err
		}
		if _, err := conn.Exec(t.Context(), "CREATE TABLE full_once (n) AS VALUES (7)"); err != nil {
			return err
		}
		return conn.Close(t.Context())
	})
	a, b := connect(t, c.Start(t)), connect(t, c.Start(t))
	run(t, a, "UPDATE full_once SET n = 8")
	if n := ask[int](t, b, "SELECT n FROM full_once"); n != 7 {
		t.Errorf("a copy has %d, want 7", n)
	}
	if want := 1; os.Getenv(adminVariable) == "" && filled != want {
		t.Errorf("filled %d times, want %d", filled, want)
	}
}

func TestAdministratorURL(t *testing.T) {
	other := StartDurable(t)
	t.Setenv(adminVariable, other.URL())
	t.Run("on that server", func(t *testing.T) {
		conn := connect(t, Start(t))
		if got := ask[string](t, conn, "SHOW unix_socket_directories"); got != other.cluster.dir {
			t.Errorf("the database lies on %s, want %s", got, other.cluster.dir)
		}
	})
	if left := ask[int](t, connect(t, other.URL()), "SELECT count(*) FROM pg_database WHERE datname LIKE 'plumbline_test%'"); left != 0 {
		t.Errorf("%d databases are left", left)
	}
}

func TestDurable(t *testing.T) {
	d := StartDurable(t)
	conn := connect(t, d.URL())
	if got := ask[string](t, conn, "SHOW fsync"); got != "on" {
		t.Fatalf("fsync is %s", got)
	}
	run(t, conn, "CREATE TABLE kept (id int)")
	for i := range 3 {
		run(t, conn, "INSERT INTO kept VALUES ("+strconv.Itoa(i)+")")
		d.Kill()
		if c, err := pgx.Connect(t.Context(), d.URL()); err == nil {
			t.Fatal("a killed server takes connections", c.Close(t.Context()))
		}
		d.Restart()
		conn = connect(t, d.URL())
		if got := ask[int](t, conn, "SELECT count(*) FROM kept"); got != i+1 {
			t.Fatalf("after crash %d the table holds %d rows", i+1, got)
		}
	}
}

// childVariable makes this test binary start a cluster, say where it is, and
// wait to be killed.
const childVariable = "PLUMBLINE_TEST_PGSERVER_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		c, err := newCluster(false)
		if err != nil {
			panic(err)
		}
		_, _ = os.Stdout.WriteString(c.dir + " " + strconv.Itoa(c.server.Process.Pid) + "\n")
		select {}
	}
	os.Exit(m.Run())
}

func TestKilledTestLeavesNothing(t *testing.T) {
	child := exec.CommandContext(await.Context(t), os.Args[0])
	child.Env = append(os.Environ(), childVariable+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	dir, pidText, _ := strings.Cut(strings.TrimSpace(line), " ")
	pid, err := strconv.Atoi(pidText)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	await.Until(t, "the folder is removed", func() bool {
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist)
	})
	await.Until(t, "the server is gone", func() bool { return gone(pid) })
}

// gone also counts a process that ended but that nobody has waited for, as in a
// container whose first process reaps none.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestFindPrograms(t *testing.T) {
	root := t.TempDir()
	install := func(folder, version string) string {
		t.Helper()
		dir := filepath.Join(root, folder)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"initdb", "postgres"} {
			script := "#!/bin/sh\necho '" + name + " (PostgreSQL) " + version + "'\n"
			if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	old := install("old", "14.20")
	fifteen := install("lib/15/bin", "15.18 (Debian 15.18-0+deb12u1)")
	beta := install("lib/19/bin", "19beta2")
	half := install("half", "20.1")
	if err := os.Remove(filepath.Join(half, "initdb")); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name     string
		path     string
		packaged []string
		want     string
	}{
		{"on the PATH", old + ":" + fifteen, nil, fifteen},
		{"the newest wins", fifteen, []string{filepath.Join(root, "lib/*/bin")}, beta},
		{"half an installation is none", half + ":" + fifteen, nil, fifteen},
		{"too old", old, nil, ""},
		{"absent", "", []string{filepath.Join(root, "nowhere/*/bin")}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := findPrograms(c.path, c.packaged)
			if c.want == "" {
				if !errors.Is(err, errNoPrograms) {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			if err != nil || filepath.Dir(got.postgres) != c.want || filepath.Dir(got.initdb) != c.want {
				t.Errorf("got %+v, %v, want those of %s", got, err, c.want)
			}
		})
	}
}
