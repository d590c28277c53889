# `make run` and `make test` are all a new user needs; both install what is missing (tools/setup).

# Outside the checkout: a fresh one finds the compiled dependencies again.
XDG_CACHE_HOME ?= $(HOME)/.cache
CARGO_TARGET_DIR ?= $(XDG_CACHE_HOME)/latchkey/target
export CARGO_TARGET_DIR

# What is passed on and what is measured is compiled for speed, all else in half the time
# (Cargo.toml). LATCHKEY_PROFILE=release spares whoever only tries it the long build;
# tools/common.sh goes by the same.
FOR_SPEED := deb container tarball release bench bench-scale bench-mixed
# Where it is set to nothing as well, as tools/common.sh has it.
$(FOR_SPEED): override export LATCHKEY_PROFILE := $(or $(LATCHKEY_PROFILE),dist)
PROFILE = $(or $(LATCHKEY_PROFILE),release)
FIRST_release := compiling the server; SurrealDB and RocksDB take up to half an hour, once
FIRST_dist := compiling the server for speed; the first time it takes longer than make build

BINARY = $(CARGO_TARGET_DIR)/$(PROFILE)/latchkey
LISTEN ?= 127.0.0.1:3000

.PHONY: help run build where test test-all test-api test-crash test-firefox test-integrations \
	test-directory test-deb test-container dev bench bench-scale bench-mixed size lighthouse lint \
	update fmt book clean deb container tarball release advisories

help: ## what there is
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26
	@echo '* compiled for speed, longer the first time; LATCHKEY_PROFILE=release takes what'
	@echo '  make build makes'

run: build ## serve with demo accounts on http://127.0.0.1:3000
	$(BINARY) serve --demo --store rocksdb://demo-data --listen $(LISTEN)

# One profile and one choice of crates (the workspace's default members) for daily work: SurrealDB
# is compiled once for it.
build: ## the optimised one-file binary
	@tools/setup
	@tools/site >/dev/null
	@test -e $(BINARY) || echo "== $(FIRST_$(PROFILE))" >&2
	cargo build --profile $(PROFILE)

where: ## print the binary's path
	@echo $(BINARY)

test: ## what every change has to pass; the last line is the total
	@tools/setup test lint api metrics
	@tools/test

test-all: ## everything there is, Firefox, directories and Request Tracker too: some two hours
	@tools/setup test lint api metrics firefox directory syslog mail packages
	@LATCHKEY_TEST_ROUNDS=all tools/test gates build size lint rust rocksdb ws browser api \
		metrics scanners syslog mail proxies tls firefox directory integrations tarball deb \
		systemd production container crash mixed

test-api: ## the machine API against its description, by schemathesis
	@tools/setup api
	@$(MAKE) --no-print-directory build
	@tools/test-api

test-crash: ## the server killed two hundred times, disks that fail, bytes that change
	@tools/setup
	@tools/site >/dev/null
	@tools/test-crash

test-firefox: ## what is shown once, log-out and passwords, in Firefox
	@tools/setup test firefox
	@$(MAKE) --no-print-directory build
	@tools/test-firefox

test-integrations: ## behind the real nginx, Caddy, Request Tracker and directories
	@tools/setup test directory
	@$(MAKE) --no-print-directory build
	@tools/test-integrations

test-directory: ## behind the real OpenLDAP, an OpenID provider and nginx
	@tools/setup test directory
	@$(MAKE) --no-print-directory build
	@tools/test-integrations directory nginx-sign-on

test-deb: ## the Debian package: installed, upgraded, purged, and set up under a real systemd
	@tools/setup packages
	@$(MAKE) --no-print-directory build
	@tools/test-deb
	@tools/test-systemd
	@tools/test-production

test-container: ## the image, built and run as an engine would
	@tools/setup packages
	@$(MAKE) --no-print-directory build
	@tools/test-container

dev: ## build and start again whenever a source file changes
	@tools/setup
	@tools/dev --listen $(LISTEN)

bench: ## * what verify costs, against a bare axum route
	@tools/setup bench
	@$(MAKE) --no-print-directory build
	@tools/bench

bench-scale: ## * what a large campus costs, at ten thousand people, a hundred thousand, a million
	@tools/setup bench
	@$(MAKE) --no-print-directory build
	@tools/bench-scale

bench-mixed: ## * ten minutes of everything at once, with backups, stops and kills: what it shows
	@tools/setup bench
	@$(MAKE) --no-print-directory build
	@tools/bench-mixed

size: ## what the browser loads; fails over the budget
	@$(MAKE) --no-print-directory build
	@tools/size

lighthouse: ## what Lighthouse says of the pages; fails where one falls short
	@tools/setup test lighthouse
	@$(MAKE) --no-print-directory build
	@tools/with-demo bash -c 'node tools/lighthouse/run.mjs "$$LATCHKEY_URL"'

deb: ## * the Debian package, in dist
	@tools/setup packages
	@$(MAKE) --no-print-directory build
	@tools/deb

container: ## * the image latchkey:VERSION, by buildah, podman or docker
	@$(MAKE) --no-print-directory build
	@tools/container

tarball: ## * the program with its unit, manual and documents, in dist
	@$(MAKE) --no-print-directory build
	@tools/tarball

release: ## * everything that a release consists of, with an SBOM and sums, in dist
	@tools/setup lint packages release
	@$(MAKE) --no-print-directory build
	@tools/release

advisories: ## whether a weakness is known of one of the crates; needs the network
	@tools/setup lint
	@tools/advisories

lint: ## formatting, the shape of the sources, clippy, documentation, dependencies
	@tools/setup lint
	@tools/lint

update: ## write generated documents and the tests' whole answers anew; read what changed
	@tools/setup
	@tools/site >/dev/null
	@tools/update

book: ## the documents as pages, in target/book
	@tools/setup book
	@tools/book

# cargo does not see the folders that a macro declares (app/src/page_set.rs).
fmt: ## format the Rust sources
	cargo fmt --all
	rustfmt --edition 2024 tools/surreal/src/main.rs app/src/admin/*.rs app/src/settings/*.rs \
		app/src/*/*/mod.rs

clean: ## remove the site and our own crates, not the compiled dependencies
	rm -rf $(CARGO_TARGET_DIR)/site $(CARGO_TARGET_DIR)/site-dev
	for profile in release dist; do \
		test ! -d $(CARGO_TARGET_DIR)/$$profile || cargo clean --profile $$profile \
			--package desk --package app --package server --package testkit || exit; \
	done
