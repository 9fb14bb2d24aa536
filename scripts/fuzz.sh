#!/bin/sh
# Runs each fuzz target of the module for FUZZTIME (20s). An input that fails is
# kept below the package's testdata/fuzz and is part of its tests from then on.
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

git grep -l --untracked '^func Fuzz' -- '*_test.go' | sort | while read -r file; do
    package=./$(dirname "$file")
    sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
        echo "$target in $package"
        if ! fuzz "$target" "$package"; then
            ended_late || exit 1
            echo "$target in $package: again, no input failed"
            fuzz "$target" "$package"
        fi
    done
done
