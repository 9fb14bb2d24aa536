#!/bin/sh
# Runs each fuzz target of the module for FUZZTIME (20s). An input that fails is
# kept below the package's testdata/fuzz and is part of its tests from then on.
set -eu
cd "$(dirname "$0")/.."

git grep -l --untracked '^func Fuzz' -- '*_test.go' | sort | while read -r file; do
    sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
        echo "$target in ./$(dirname "$file")"
        go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-20s}" "./$(dirname "$file")" </dev/null
    done
done
