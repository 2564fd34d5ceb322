# Portside. `make run` and `make test` need Go and make, and install the rest.
.DEFAULT_GOAL := help
.PHONY: help run test lab soak check bench build build-windows package clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

run: ## Install what is missing, build, and open Portside on its demo server
	@scripts/run.sh

test: ## Run every test: units, fuzzing, real servers, the real window
	@scripts/test.sh

lab: ## Try portside-cli and its diagnosis in networks with faults; SCENE=NAME for one
	@scripts/lab.sh

soak: ## Kill the program 500 times, queue a million entries, move 100,000 files
	@scripts/soak.sh

check: ## Format, vet, lint, known vulnerabilities
	@scripts/check.sh

bench: ## Measure Portside against curl, lftp and rclone
	@scripts/bench.sh

build: ## Build bin/portside and bin/portside-cli
	@scripts/build.sh

build-windows: ## Build the programs for Windows with mingw-w64
	@scripts/package.sh windows

package: ## Build the archives for Linux and Windows into dist/
	@scripts/package.sh linux windows

clean: ## Remove what was built; .cache/ keeps tools and servers
	@rm -rf bin dist
