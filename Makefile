SHELL := /bin/sh
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
MODULE := github.com/plumbline-dev/plumbline
LDFLAGS := -X $(MODULE)/internal/cli/version.number=$(VERSION)

# How long each fuzz target runs in test-all, and how many rules are compared with the base engine.
FUZZTIME ?= 20s
ORACLE_PAIRS ?= 100000

# The tests make databases by the hundred: in memory, where there is room. What Go builds stays where it was.
IN_MEMORY = GOTMPDIR="$${TMPDIR:-/tmp}" TMPDIR="$$(scripts/test-deps.sh folder)"

# The race detector watches our code, not the embedded database, which is C made into Go and twenty times slower under it,
# nor the hashing of passwords.
RACE = $(IN_MEMORY) CGO_ENABLED=1 scripts/go-test.sh -race -gcflags=modernc.org/...=-race=false -gcflags=golang.org/x/crypto/...=-race=false -timeout 10m
RACED := $(patsubst %,./%/...,$(wildcard client rule $(addprefix internal/,access asset check config connection control \
	event evidence fault httpapi notify page record schema store strictjson worker)))

UI_SOURCES := $(shell find ui/src ui/public ui/scripts -type f 2>/dev/null) $(wildcard ui/*.html ui/*.json ui/*.ts)

# The steps of a target follow one another.
.NOTPARALLEL:

export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.PHONY: help
help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: build ## Build and start the demo on this machine's own settings; ARGS="--addr 127.0.0.1:9000" for another address
	bin/plumbline demo $(ARGS)

.PHONY: build
build: ui/dist/index.html ## Build bin/plumbline, the one binary with the web app embedded
	CGO_ENABLED=0 go build -tags ui -trimpath -ldflags "$(LDFLAGS)" -o bin/plumbline ./cmd/plumbline

ui/dist/index.html: ui/node_modules/.package-lock.json $(UI_SOURCES)
	npm --prefix ui run build
	@touch $@

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund
	@touch $@

.PHONY: test
test: test-deps build test-go test-race test-ui test-e2e ## Run all tests on both databases, the race detector included (minutes)

.PHONY: test-deps
test-deps: ## Find or install what the tests need: PostgreSQL, Chromium, a C compiler
	@scripts/test-deps.sh

.PHONY: test-go
test-go: ## Run the Go tests of the packages that test-race leaves out, and what of the others is too much there
	go vet ./...
	$(IN_MEMORY) scripts/go-test.sh -vet=off -timeout 10m -- $$(go list ./... | grep -vxF "$$(go list $(RACED))") ./rule ./internal/strictjson
	$(IN_MEMORY) scripts/go-test.sh -vet=off -timeout 10m -run OfManyRecords -- ./internal/httpapi

.PHONY: test-race
test-race: ## Run the Go tests of most packages under the race detector
	$(RACE) -vet=off -short -- $(RACED)

.PHONY: test-ui
test-ui: ui/node_modules/.package-lock.json ## Check and test the web app
	@scripts/side-by-side.sh 'npm --prefix ui run lint' \
		'npm --prefix ui run types && npm --prefix ui run formatted && npm --prefix ui test'

.PHONY: test-e2e
test-e2e: build e2e/node_modules/.package-lock.json ## Drive the pages in Chromium against the real binary
	npm --prefix e2e run check
	$(IN_MEMORY) CHROMIUM="$$(scripts/test-deps.sh browser)" PLUMBLINE_BIN="$(CURDIR)/bin/plumbline" npm --prefix e2e test

.PHONY: screenshots
screenshots: build e2e/node_modules/.package-lock.json ## Make the pictures of docs/images anew
	CHROMIUM="$$(scripts/test-deps.sh browser)" PLUMBLINE_BIN="$(CURDIR)/bin/plumbline" PICTURES="$(CURDIR)/docs/images" \
		npm --prefix e2e test -- tests/screenshots.spec.ts

.PHONY: test-all
test-all: test test-long ## Run all tests and the long ones: fuzz targets, crash matrices, more random rounds, the base engine as oracle

.PHONY: test-long
test-long: ## Run what test-all adds to test
	FUZZTIME=$(FUZZTIME) scripts/fuzz.sh
	PLUMBLINE_TEST_PAIRS=$(ORACLE_PAIRS) scripts/go-test.sh -tags oracle -timeout 15m -- ./rule
	$(RACE) -run 'Evaluator|AgainstSlow|EvidenceOfMany' -- ./rule ./internal/store ./internal/httpapi
	PLUMBLINE_TEST_ROUNDS=12 $(IN_MEMORY) scripts/go-test.sh -timeout 15m -run Evaluator -- ./internal/store
	PLUMBLINE_TEST_ROUNDS=1000 scripts/go-test.sh -timeout 15m -run AgainstSlow -- ./rule
	scripts/go-test.sh -tags crash -timeout 15m -- ./e2e/...

.PHONY: lint
lint: ## Run the linters of .golangci.yml
	go tool -modfile=tools/go.mod golangci-lint run

.PHONY: verify
verify: ui/node_modules/.package-lock.json ## Fail when go.mod, formats or generated files are not as their sources make them
	@scripts/verify.sh

.PHONY: golden
golden: ## Write the golden files anew; read the difference before you commit it
	go test $$(git grep -l --untracked 'flag.Bool("update"' -- '*_test.go' | xargs -n 1 dirname | sort -u | sed 's|^|./|') -update

.PHONY: bench
bench: build e2e/node_modules/.package-lock.json ## Measure: Go benchmarks, the load over HTTP as ratios to the raw limits of the same run, and Home in a browser
	go test -run '^$$' -bench . -benchmem \
		$$(git grep -l --untracked '^func Benchmark' -- 'internal/*_test.go' 'rule/*_test.go' | xargs -n 1 dirname | sort -u | sed 's|^|./|')
	go run ./bench/load
	go run ./bench/load -people 100000
	PLUMBLINE_BIN="$(CURDIR)/bin/plumbline" CHROMIUM="$$(scripts/test-deps.sh browser)" node bench/pages/pages.mjs

.PHONY: bench-peers
bench-peers: bench/engines/node/node_modules/.package-lock.json ## Measure other products on the same records in the same run
	cd bench/peers && go run .
	cd bench/engines && go run .

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin ui/dist e2e/test-results e2e/playwright-report
