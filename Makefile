# What the README names. Everything else these need they fetch themselves, or
# say in one line how to get it.

CARGO ?= cargo
POSTGRES_URL ?=

.PHONY: help run test lint bench bench-quick fuzz test-faults test-interop test-n8n test-postgres test-fuzz openapi fmt

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

run: ## Server with sandbox, embedded SQLite, on 127.0.0.1:7700
	$(CARGO) run -p sparkbot --features sandbox -- serve --sandbox

test: ## Every test: units, both builds of the certificate guard, end to end, foreign clients, the n8n package
	./scripts/nextest.sh
	INTEROP_BINARY=$${CARGO_TARGET_DIR:-target}/debug/sparkbot ./scripts/interop.sh
	INTEROP_BINARY=$${CARGO_TARGET_DIR:-target}/debug/sparkbot ./scripts/n8n.sh short
	./scripts/guard.sh

test-faults: ## Every fault for long: 1,000 kills, a dead day… (KILLS=1000 CYCLES=10 FAULT_SEED=1); about an hour
	./scripts/faults.sh

test-interop: ## Baileys and whatsmeow against the sandbox and a SparkBot number
	./scripts/interop.sh

test-n8n: ## The n8n package, also in a real n8n
	./scripts/n8n.sh

test-postgres: ## Storage suites and some end-to-end tests on a PostgreSQL of their own
	./scripts/postgres.sh

test-fuzz: ## Made-up input for every operation of the API (EXAMPLES=5 for each, SEED=1)
	$(CARGO) build -q -p sparkbot --features sandbox
	./scripts/fuzz_api.py --binary $${CARGO_TARGET_DIR:-target}/debug/sparkbot --examples $${EXAMPLES:-5} --seed $${SEED:-1}

fuzz: ## Every fuzz target for ten minutes (FUZZ_SECONDS=600, FUZZ_SEED=1, FUZZ_JOBS=2)
	./scripts/fuzz.sh

lint: ## Formatting, clippy, licences, unused dependencies, documentation
	./scripts/lint.sh

bench: ## What it costs and how that grows, beside Baileys and whatsmeow; checks the targets (15 minutes)
	./scripts/bench.sh full

bench-quick: ## The same on a small scale, without the others (2 minutes)
	./scripts/bench.sh quick

openapi: ## Write openapi.json from the code
	$(CARGO) run -q -p sparkbot --features sandbox -- openapi --output openapi.json

fmt: ## Format
	$(CARGO) fmt --all
