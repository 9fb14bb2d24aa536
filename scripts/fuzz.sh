#!/bin/sh
# Runs each fuzz target of the module for FUZZTIME (20s). An input that fails is
# kept below the package's testdata/fuzz and is part of its tests from then on.
# With FUZZ_FOUND set, what fails is written to that file, with its input, and the
# other targets have their turn; without it the first one ends the run.
set -eu
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT

fuzz() {
    rc=0
    go test -run '^$' -fuzz "^$1\$" -fuzztime "${FUZZTIME:-20s}" "$2" >"$log" 2>&1 </dev/null || rc=$?
    # The first lines name what failed; of the counts the last says enough.
    if [ "$rc" -ne 0 ]; then cat "$log"; else tail -n 3 "$log"; fi
    return "$rc"
}

# Go's fuzzer can end with this word at the end of its time though no input
# failed (golang/go#75804).
ended_late() {
    grep -q '^ *context deadline exceeded$' "$log" && ! grep -qE 'Failing input|panic:|_test\.go:[0-9]' "$log"
}

# found tells of an input that failed, once, and takes it away;
# anything else that went wrong is not told so.
found() {
    input=$(sed -n 's|^ *Failing input written to \(testdata/fuzz/.*\)|\1|p' "$log")
    [ -n "${FUZZ_FOUND:-}" ] && [ -n "$input" ] || return 1
    { echo "$1 in $2" && cat "$log" "$2/$input"; } >>"$FUZZ_FOUND"
    # The tests that follow would meet it.
    rm "$2/$input"
}

git grep -l --untracked '^func Fuzz' -- '*_test.go' | sort | while read -r file; do
    package=./$(dirname "$file")
    sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
        echo "$target in $package"
        if ! fuzz "$target" "$package"; then
            if ended_late; then
                echo "$target in $package: again, no input failed"
                fuzz "$target" "$package" && continue
            fi
            found "$target" "$package" || exit 1
        fi
    done
done
