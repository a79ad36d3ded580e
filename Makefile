# Linli. `make help` lists what can be done; CONTRIBUTING.md says when to do what.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 10s
# Extra arguments, for example: make run ARGS="--data /srv/linli"
ARGS ?=

export GOFLAGS ?= -buildvcs=false

GOLANGCI := go tool -modfile=tools/go.mod golangci-lint

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## Build, then start a living sample county on this machine (loopback only)
	bin/linli demo $(ARGS)

.PHONY: run
run: build ## Build, then serve with the configuration at hand
	bin/linli serve $(ARGS)

.PHONY: build
build: web ## Build the faces and the program into bin/linli; fails when the client of the faces is not that of the API
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/linli ./cmd/linli
	scripts/web.sh drift

.PHONY: web
web: ## Build the faces (portal, field app, desk), when their sources changed
	scripts/web.sh build

.PHONY: web-api
web-api: ## Write the client of the faces anew from the program's API document
	scripts/web.sh api

.PHONY: test-web
test-web: build ## Check the faces and run their browser tests (ARGS="portal" for one face)
	scripts/web.sh test $(ARGS)

.PHONY: lighthouse
lighthouse: build ## Measure the residents' portal as a cheap phone sees it (Lighthouse); fails under the bars
	cd web && node scripts/lighthouse.mjs

.PHONY: longlist
longlist: build ## Measure the desk's worklist with 100,000 cases in a browser (built once into data/list, some minutes)
	cd web && node scripts/longlist.mjs

.PHONY: screenshots
screenshots: build ## Take every screen as a picture, into docs/images (phone and desktop, light and dark, both languages)
	scripts/web.sh screenshots

.PHONY: test
test: ## Run every test, on both database engines; installs what it needs
	scripts/test.sh

.PHONY: test-go
test-go: ## Run the Go tests on both engines (LINLI_TEST_POSTGRES=off: the embedded one only)
	scripts/with-postgres.sh go test ./...

.PHONY: test-store
test-store: ## Run only the tests that touch a database, on both engines
	scripts/with-postgres.sh scripts/store-tests.sh

.PHONY: lint
lint: ## Check formatting, vet, and the linters with the direction of imports
	@unformatted=$$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 -r gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted (run gofmt -w):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(GOLANGCI) run

.PHONY: bench
bench: build ## Measure against the bars, both engines, into docs/benchmarks.md (BENCH=short: a few minutes)
	scripts/bench.sh $(ARGS)

.PHONY: bench-go
bench-go: ## Run the Go benchmarks, on both engines
	scripts/bench-go.sh

.PHONY: torture
torture: ## Kill it, cut it off, fill its disk, flood it, let it run: the long form, half an hour
	scripts/torture.sh

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME each (default 10s)
	scripts/fuzz.sh $(FUZZTIME)

.PHONY: verify
verify: lint test ## Everything a change must pass: lint, test, tidy go.mod
	go mod tidy -diff

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin
