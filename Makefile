# Everything a person does here. `make demo` and `make test` set up what they need.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint unit bench control-plane engines-test runtime-test format clean

# npm scripts run on the pinned Node of node_modules, whatever Node started npm.
NPM := npm --silent
PYTHON ?= python3
VENV := .venv
ENGINES_PYTHON ?= python3.12
ENGINES_VENV ?= .venv-engines
RUNTIME_VENV := runtime/.venv

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

node_modules/.package-lock.json: package.json package-lock.json
	@echo "Installing the Node packages (about 20 seconds)"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/.installed: requirements-dev.txt
	@echo "Installing the Python linters into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@

$(RUNTIME_VENV)/.installed: runtime/requirements.txt runtime/requirements-dev.txt runtime/pyproject.toml
	@echo "Installing PyTorch into $(RUNTIME_VENV) (5 GB, about a minute)"
	@$(PYTHON) -m venv $(RUNTIME_VENV)
	@$(RUNTIME_VENV)/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
	@# Compiled at once: ranks that each compile what they import take longer to start.
	@$(RUNTIME_VENV)/bin/uv pip install --quiet --python $(RUNTIME_VENV) --compile-bytecode \
		--requirement runtime/requirements-dev.txt --editable runtime
	@touch $@

setup: node_modules/.package-lock.json $(VENV)/.installed ## Install what the other targets need

control-plane: node_modules/.package-lock.json ## Build the test control plane (Kubernetes, etcd, kwok, Prometheus; once, about 8 minutes)
	@$(NPM) run control-plane

demo: control-plane $(RUNTIME_VENV)/.installed ## A TrainingJob from kubectl apply to a trained model, planned beside actual
	@$(NPM) run demo

test: control-plane lint runtime-test ## Linters, then the runtime's, unit, property and control-plane tests
	@npm run --silent test

$(ENGINES_VENV)/.installed: test/plan/engines/requirements.txt
	@echo "Installing Galvatron, Megatron-LM, torchtitan and PyTorch into $(ENGINES_VENV) (5 GB)"
	@$(ENGINES_PYTHON) -m venv $(ENGINES_VENV)
	@$(ENGINES_VENV)/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(ENGINES_VENV)/bin/uv pip install --quiet --python $(ENGINES_VENV) --requirement test/plan/engines/requirements.txt
	@touch $@

engines-test: $(ENGINES_VENV)/.installed ## Check exported plans with the engines' own parsers (needs Python 3.12; not in `make test`)
	@$(ENGINES_VENV)/bin/python test/plan/engines/check.py

lint: setup ## Linters, type check, layering, generated files up to date
	@$(NPM) run typecheck
	@$(NPM) run lint
	@$(NPM) run generate:check
	@$(VENV)/bin/ruff check test bench && $(VENV)/bin/ruff format --check test bench
	@$(VENV)/bin/mypy test && $(VENV)/bin/mypy bench
	@$(VENV)/bin/yamllint --strict crds deploy examples charts/uniap-operator/*.yaml
	@$(VENV)/bin/hadolint deploy/Dockerfile deploy/runtime.Dockerfile
	@# The flags of the build, so that vet takes what it compiled.
	@cd test/cluster/control-plane && test -z "$$(gofmt -l .)" && CGO_ENABLED=0 go vet -trimpath ./...

unit: node_modules/.package-lock.json ## Only the tests that need no control plane
	@$(NPM) run test:unit

runtime-test: $(RUNTIME_VENV)/.installed ## The Python runtime: linters, types, and training under many plans (about 2 minutes)
	@cd runtime && .venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/pytest

bench: node_modules/.package-lock.json ## Measure planning beside other planners; writes docs/benchmarks.md (about half an hour)
	@$(NPM) run bench

format: node_modules/.package-lock.json ## Format the code
	@$(NPM) run format

clean: ## Remove what was installed and built here (the control plane stays cached)
	@rm -rf node_modules dist $(VENV) $(ENGINES_VENV) $(RUNTIME_VENV) .mypy_cache .ruff_cache
