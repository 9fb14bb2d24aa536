//go:build unix

package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// minVersion is the oldest major version that Plumbline supports.
const minVersion = 15

// errNoPrograms says what to install.
var errNoPrograms = fmt.Errorf("the tests need PostgreSQL %d or newer: install its server programs (on Debian `apt-get install postgresql`), "+
	"or set PLUMBLINE_TEST_POSTGRES to an administrator's URL of a running server", minVersion)

// packagedFolders are where distributions put the server programs, which are
// rarely on the PATH.
var packagedFolders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/libexec/postgresql*",
	"/usr/pgsql-*/bin",
	"/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
}

// programs are the server programs of one installation.
type programs struct {
	initdb, postgres string
	version          int
}

// findPrograms returns the newest installation in the folders of path, a list
// like that of the PATH variable, and in those that match packaged.
func findPrograms(path string, packaged []string) (programs, error) {
	folders := filepath.SplitList(path)
	for _, pattern := range packaged {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return programs{}, fmt.Errorf("look for PostgreSQL in %s: %w", pattern, err)
		}
		folders = append(folders, found...)
	}
	var best programs
	for _, folder := range folders {
		p := programs{initdb: filepath.Join(folder, "initdb"), postgres: filepath.Join(folder, "postgres")}
		if !filepath.IsAbs(folder) || !executable(p.initdb) || !executable(p.postgres) {
			continue
		}
		out, err := exec.Command(p.postgres, "--version").Output()
		if err != nil {
			continue
		}
		if p.version, err = majorVersion(string(out)); err == nil && p.version > best.version {
			best = p
		}
	}
	if best.version < minVersion {
		return programs{}, errNoPrograms
	}
	return best, nil
}

func executable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

var versionText = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d{1,4})`)

// majorVersion reads what `postgres --version` prints, such as
// "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" or
// "postgres (PostgreSQL) 18beta1".
func majorVersion(text string) (int, error) {
	m := versionText.FindStringSubmatch(text)
	if m == nil {
		return 0, errors.New("not the version line of PostgreSQL")
	}
	return strconv.Atoi(m[1])
}
