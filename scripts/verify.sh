#!/bin/sh
# Fails when something that is made from something else differs from its source.
set -eu
cd "$(dirname "$0")/.."
failed=0

fail() {
    echo "verify: $1" >&2
    failed=1
}

unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || fail "not formatted, run gofmt -w: $(echo "$unformatted" | tr '\n' ' ')"

go mod tidy -diff >/dev/null 2>&1 || fail "go.mod is not tidy, run go mod tidy"

types=ui/src/shared/api/schema.d.ts
kept=$(mktemp)
trap 'rm -f "$kept"' EXIT
cp "$types" "$kept"
npm --prefix ui run --silent api >/dev/null || fail "npm run api failed in ui"
cmp -s "$types" "$kept" || fail "$types differs from internal/httpapi/openapi.json: commit what npm run api made of it"

if git grep -lE '"resolved": "https?://' -- '*package-lock.json'; then
    fail "a lock file names the host that packages came from"
fi

exit "$failed"
