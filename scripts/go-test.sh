#!/bin/sh
# Runs go test:   scripts/go-test.sh FLAG ... -- PACKAGE ...
#
# With GO_RETRIES a test that fails is run again, up to so often. What passes
# then is flaky: it is named, here and in the file GO_FLAKY if that is set, and
# mended. A data race, a hang, and more than ten failures are no accident and
# are not tried again.
set -eu

flags=''
while [ "$#" -gt 0 ] && [ "$1" != -- ]; do
    flags="$flags $1"
    shift
done
shift

# The flags are words to be split.
# shellcheck disable=SC2086
if [ "${GO_RETRIES:-0}" -eq 0 ]; then
    exec go test $flags "$@"
fi

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
# shellcheck disable=SC2086
go tool -modfile=tools/go.mod gotestsum --format pkgname --format-icons text --no-color --hide-summary skipped \
    --rerun-fails="$GO_RETRIES" --rerun-fails-run-root-test --rerun-fails-abort-on-data-race --rerun-fails-report "$report" \
    --packages "$*" -- $flags || status=$?
if [ "$status" -eq 0 ] && [ -s "$report" ]; then
    echo "Flaky, and to be mended:"
    cat "$report"
    [ -z "${GO_FLAKY:-}" ] || cat "$report" >>"$GO_FLAKY"
fi
exit "$status"
