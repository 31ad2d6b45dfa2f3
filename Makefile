# iamd. `make help` lists what there is.

.DEFAULT_GOAL := help
.PHONY: build console demo test race check fmt vet staticcheck generated console-check console-test screenshots bench bench-policy bench-load bench-gateway bench-stores soak clean help tools FORCE

SHELL := /bin/bash

# What is shipped: one static program, the same from every checkout. vet and the
# end-to-end tests build it likewise, and so share the work.
SHIPPED     := CGO_ENABLED=0 GOFLAGS='$(GOFLAGS) -trimpath'
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Code that no two goroutines share: what runs it at once is tested with the doors
# and the store, under the race detector, which would make these take five times
# as long. `make race` has it look at all.
ALONE := ^iamd/(api|iam|org|policy|portable|analyzer|catalog|wire|saml|e2e|cmd/iamd)(/|$$)

# Go keeps its caches at home, and bare containers have none.
ifeq ($(HOME),)
export HOME := $(shell mktemp -d /tmp/iamd-home-XXXXXX)
endif

build: bin/iamd ## build bin/iamd, one static program with the console inside

bin/iamd: console FORCE
	$(SHIPPED) go build -ldflags='-s -w' -o $@ ./cmd/iamd

console: ## build the console, if its sources have changed, into web/dist
	@scripts/console.sh

demo: build ## show the main job; STAND_IN=1 the Selling Partner API too, ONCE=1 ends after it, DATA_DIR=d keeps what it made in d
	@$(SHIPPED) go build -o bin/iamd-demo ./demo
	@bin/iamd-demo -iamd bin/iamd $(if $(filter-out 0,$(ONCE)),-once) $(if $(DATA_DIR),-data-dir '$(DATA_DIR)') $(if $(filter-out 0,$(STAND_IN)),-stand-in)

test: tools fmt console-check vet ## install what the tests need, and run them all
	go test -race -timeout 14m $$(go list ./... | grep -vE '$(ALONE)')
	go test -timeout 14m $$(go list ./... | grep -E '$(ALONE)')
	go test -run TestMillionKeys ./gateway
	cd bench && go vet ./gateway ./load ./stores/... && go test ./stores/...
	@$(MAKE) --no-print-directory console-test

race: tools console ## run all of Go's tests under the race detector
	go test -race -timeout 60m ./...

check: fmt vet staticcheck generated test ## all that a change must pass

tools:
	@scripts/tools.sh

fmt: ## fail when a file is not as gofmt writes it
	@out=$$(find . -name node_modules -prune -o -name '*.go' -print0 | xargs -0 gofmt -l); [ -z "$$out" ] || { echo "gofmt -w these files:"; echo "$$out"; exit 1; }

vet:
	$(SHIPPED) go vet ./...

staticcheck: ## look for faults that vet does not know
	go run $(STATICCHECK) ./...

console-check: console ## check the types of the console's source, and test its parts
	cd web && npx --no-install tsc --noEmit && npx --no-install vitest run

console-test: build ## drive the console in a browser, against the program
	cd web && npx --no-install playwright test

screenshots: build ## take the pictures of docs/screenshots anew
	cd web && SCREENSHOTS=../docs/screenshots npx --no-install playwright test workflow

generated: ## fail when go generate, offline, would change a file
	@scripts/generated.sh

bench: ## measure; figures come with ratios where one stands beside the other
	go test -run '^$$' -bench . -benchmem $$(grep -rl '^func Benchmark' --include='*_test.go' --exclude-dir=node_modules . | xargs -n1 dirname | sort -u)

bench-load: ## fill an organization of 200 accounts through the front door, and time it
	@cd bench && go run ./load

bench-gateway: ## put load on the gateway, beside itself without authorization, nginx and httputil; eight minutes
	@cd bench && go run ./gateway

bench-stores: build ## put load on iamd on each of its stores, beside what the machine can do; ten minutes, QUICK=1 less than two
	@cd bench && go run ./stores -iamd ../bin/iamd $(if $(filter-out 0,$(QUICK)),-quick) $(if $(STORES),-stores '$(STORES)')

MINUTES ?= 10
STORE   ?= embedded

soak: build ## a mixed load for MINUTES=10 on STORE=embedded, postgres, etcd or etcd3; fails when iamd grows
	@cd bench && go run ./stores/soak -iamd ../bin/iamd -minutes $(MINUTES) -store $(STORE)

bench-policy: ## time the policy engine beside others at the same work, in a module of its own
	@cd bench && go test . && go run .

clean: ## remove what was built
	rm -rf bin web/test-results web/playwright-report
	find web/dist -mindepth 1 ! -name .gitkeep -delete

help: ## list the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 22
