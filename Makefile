# make help lists what there is to make.

SHELL := bash
GOLANGCI := v2.15.0
export CGO_ENABLED ?= 1

.DEFAULT_GOAL := help
.PHONY: help run test check lint fmt tools schema bench prove clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The newcomer's setting: loopback, a database of its own, the sample, reading
# open. Everything it keeps is in .data/.
run: export DATA_DIR ?= $(CURDIR)/.data
run: export PUBLIC_READ ?= true
run: export SAMPLE ?= true
run: ## start the service with its own PostgreSQL and the sample
	@mkdir -p bin && go build -o bin/server ./cmd/server && exec bin/server

test: ## run all tests on a real PostgreSQL (container, else installed programs)
	go test -race -shuffle=on -count=1 -timeout 20m $(GOTESTFLAGS) ./...

check: fmt lint ## format, vet and lint: nothing may be left to say
	go vet ./...
	go mod verify >/dev/null

fmt:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi

lint: tools
	$$(go env GOPATH)/bin/golangci-lint run ./...

tools: ## install the linter, at the version that CI uses
	@$$(go env GOPATH)/bin/golangci-lint version 2>/dev/null | grep -q '$(GOLANGCI:v%=%)' || go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)

schema: ## write what reviews read: docs/schema.sql, and the views in docs/reporting.md
	ONRECORD_WRITE_SCHEMA=1 go test -count=1 -run 'TestSchemaIsDumped|TestViewsAreDocumented' ./internal/store

bench: ## measure against the database's own rate and the bare HTTP stack
	go run ./bench $(BENCHFLAGS)

prove: ## every test at its full scale, hours; PROVE='Race|Gap|Cut|Kill|AsIf' for races, kills and cut connections alone
	ONRECORD_PROVE=1 go test -count=1 -timeout 24h -v -run '$(or $(PROVE),.)' ./...

clean: ## remove what make run keeps: its database too
	rm -rf bin .data
