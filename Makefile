# Two commands matter: `make quickstart` and `make test`. Both install what is missing first.

SWIFT ?= swift
# The import table of docs/architecture.md is enforced at every build.
FLAGS := -c release --explicit-target-dependency-import-check error
BINARY = $(shell $(SWIFT) build -c release --show-bin-path)/descent

.PHONY: help setup build quickstart test lint chaos soak bench-train bench-dispatch install clean

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: ## Install the system packages that are missing (apt-get), or name them.
	@scripts/setup.sh

build: setup ## Build the descent command in release mode.
	$(SWIFT) build $(FLAGS) --product descent

quickstart: build ## Train the 576 networks of sweeps/quickstart.yaml and draw the double descent.
	@$(BINARY) run sweeps/quickstart.yaml

test: setup lint ## Run every test (release mode).
	$(SWIFT) build $(FLAGS) --build-tests
	@scripts/test.sh
	@$(BINARY) simulate --seeds 2000

lint: ## Check the format of all Swift code.
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Package.swift

chaos: build ## Storm real processes for ten minutes, and compare the bytes with a calm run.
	@$(BINARY) chaos sweeps/quickstart.yaml --minutes $(or $(MINUTES),10) --output runs/chaos

soak: build ## Simulate 20,000 clusters under faults (minutes).
	@$(BINARY) simulate --seeds 20000

bench-train: build ## Measure training steps and Jacobians of the MLP.
	@$(BINARY) bench train --model mlp --width 1,8,64 --batch 100 --input 1x8x8

bench-dispatch: build ## Measure how fast tasks that do nothing are dispatched.
	@$(BINARY) bench dispatch --tasks 20000 --workers 8

install: build ## Copy descent to $(PREFIX)/bin (default /usr/local).
	install -D $(BINARY) $(DESTDIR)$(or $(PREFIX),/usr/local)/bin/descent

clean: ## Remove build products; runs stay.
	rm -rf .build
