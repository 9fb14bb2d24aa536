#!/bin/sh
# Runs commands at the same time, each a word to be given to sh, and prints what
# each wrote when it ended. Fails if one of them does.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
lane=0
for command in "$@"; do
    lane=$((lane + 1))
    (sh -c "$command" >"$folder/$lane" 2>&1 </dev/null && echo 0 || echo 1) >"$folder/$lane.status" &
done
wait
failed=0
lane=0
for command in "$@"; do
    lane=$((lane + 1))
    printf '== %s\n' "$command"
    cat "$folder/$lane"
    [ "$(cat "$folder/$lane.status")" = 0 ] || failed=1
done
exit "$failed"
