#!/bin/sh
# Finds what the tests need beyond Go, Node and git, or installs it with the
# system's package manager when it may. Otherwise says what to install and fails.
#
#   scripts/test-deps.sh            find or install everything
#   scripts/test-deps.sh browser    print the path of Chromium
#   scripts/test-deps.sh folder     print where the tests shall keep their files
set -eu

min_postgres=15

browser() {
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        if [ -n "$name" ] && command -v "$name"; then
            return
        fi
    done
    return 1
}

# The folders are those of internal/store/pgserver.
postgres() {
    for program in "$(command -v postgres || true)" /usr/lib/postgresql/*/bin/postgres /usr/libexec/postgresql*/postgres \
        /usr/pgsql-*/bin/postgres /usr/local/pgsql/bin/postgres /opt/homebrew/opt/postgresql*/bin/postgres \
        /usr/local/opt/postgresql*/bin/postgres; do
        [ -x "$program" ] && [ -x "$(dirname "$program")/initdb" ] || continue
        version=$("$program" --version 2>/dev/null | sed -n 's/^postgres (PostgreSQL) \([0-9]*\).*/\1/p')
        if [ "${version:-0}" -ge "$min_postgres" ]; then
            return
        fi
    done
    return 1
}

# The race detector is linked by a C compiler.
compiler() {
    echo 'int main(void) { return 0; }' | "${CC:-cc}" -x c -o /dev/null - 2>/dev/null
}

# Databases by the hundred are made, synced and removed much faster in memory.
# There must be room in it, and programs must be allowed to run there.
folder() {
    if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] &&
        [ "$(df -k /dev/shm | awk 'NR == 2 {print $4}')" -ge 4194304 ] &&
        probe=$(mktemp /dev/shm/plumbline-XXXXXX 2>/dev/null); then
        echo '#!/bin/sh' >"$probe"
        chmod 700 "$probe"
        if "$probe" 2>/dev/null; then
            rm -f "$probe"
            echo /dev/shm
            return
        fi
        rm -f "$probe"
    fi
    echo "${TMPDIR:-/tmp}"
}

# missing sets what is missing, in words, and the packages of each system.
missing() {
    words='' apt='' apk='' dnf=''
    if ! postgres; then
        words="$words, the server programs of PostgreSQL $min_postgres or newer"
        apt="$apt postgresql" apk="$apk postgresql" dnf="$dnf postgresql-server"
    fi
    if ! browser >/dev/null; then
        words="$words, Chromium"
        apt="$apt chromium" apk="$apk chromium" dnf="$dnf chromium"
    fi
    if ! compiler; then
        words="$words, a C compiler"
        apt="$apt gcc libc6-dev" apk="$apk gcc musl-dev" dnf="$dnf gcc"
    fi
    words=${words#, }
    [ -n "$words" ]
}

# The lists of packages are words to be split.
# shellcheck disable=SC2086
install() {
    as_root=''
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || return
        as_root='sudo -n'
    fi
    echo "Installing $words ..."
    if command -v apt-get >/dev/null; then
        $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $apt
    elif command -v apk >/dev/null; then
        $as_root apk add $apk
    elif command -v dnf >/dev/null; then
        $as_root dnf install -y $dnf
    fi
}

case "${1:-}" in
browser | folder)
    "$1"
    exit
    ;;
esac

for program in go node npm git; do
    if ! command -v "$program" >/dev/null; then
        echo "The tests need $program: install it and run this again." >&2
        exit 1
    fi
done
if missing; then
    install </dev/null || true
    if missing; then
        echo "The tests need $words: install it (on Debian: apt-get install$apt) and run this again." >&2
        exit 1
    fi
fi
