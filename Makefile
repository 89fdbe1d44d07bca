# What you can type. `make run` needs Python 3.11 or newer and nothing else: no account, no
# network but the package index. Everything it makes lies in .venv, .factory and .dagster.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
ROWS ?= 1048575
FAULTS ?= 1200
LOCKED := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run dev check test coverage faults lint docs bench clean lock audit

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: $(INSTALLED) ## load made-up rows of the covid pipeline, from fetch to table, in this folder
	@$(BIN)/factory run covid --sample $(ROWS)

dev: $(INSTALLED) ## start the Dagster UI and its scheduler on http://127.0.0.1:3000
	@$(BIN)/factory dev

check: $(INSTALLED) ## say whether the YAML files are right
	@$(BIN)/factory check

test: $(INSTALLED_DEV) ## run every test, with what they need installed first
	@$(BIN)/python -m tests.standins.install & standins=$$!; \
	$(BIN)/python -m tests.e2e.install && $(BIN)/python -m tests.editors.install && \
	$(BIN)/python -m tests.faults.install; others=$$?; \
	wait $$standins && exit $$others
	$(if $(ARGS),,$(BIN)/factory test)
	$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

coverage: ## run every test, and say which lines of factory/ none of them reaches (a third slower)
	@rm -f .coverage .coverage.*
	@$(MAKE) test ARGS="--cov --cov-report=term"

faults: $(INSTALLED_DEV) ## break runs in a thousand ways, and see that no row is lost, doubled or half there
	$(BIN)/python -m tests.standins.install
	$(BIN)/python -m tests.faults.install
	$(BIN)/python -m tests.faults --count $(FAULTS)

lint: $(INSTALLED_DEV) ## ruff, mypy, the floors of the architecture, and our own checker
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/factory check

docs: $(INSTALLED_DEV) ## write the generated documents again, and the outputs that README.md shows
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.transcripts

bench: $(INSTALLED_DEV) ## measure against other tools, in turns: hours; ARGS="covid --times 3" tries a part
	$(BIN)/python -m benchmarks.data $(if $(ARGS),$(ARGS),--write)

lock: $(INSTALLED_DEV) ## pin every package of the image, and what builds it, with their hashes
	@$(BIN)/uv pip compile $(LOCKED) --extra postgres pyproject.toml -o requirements.lock
	@$(BIN)/python -c "import tomllib; \
		print(*tomllib.load(open('pyproject.toml', 'rb'))['build-system']['requires'])" \
		| $(BIN)/uv pip compile $(LOCKED) - -o requirements-build.lock

audit: | $(BIN)/python ## ask the advisory databases about requirements.lock (needs the internet)
	@$(BIN)/python -m venv .test-tools/audit
	@.test-tools/audit/bin/python -m pip --disable-pip-version-check install -qq 'pip-audit>=2.7'
	.test-tools/audit/bin/pip-audit --require-hashes --disable-pip \
		-r requirements.lock -r requirements-build.lock

clean: ## remove what the commands above made, the loaded data included
	rm -rf $(VENV) .bench .factory .dagster .test-tools build dist *.egg-info .coverage .coverage.* \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(INSTALLED): pyproject.toml setup.py | $(BIN)/python
	@echo "installing the factory into $(VENV) (a minute or two, once)"
	@$(PIP) install -qq --editable .
	@touch $@

$(INSTALLED_DEV): pyproject.toml setup.py | $(BIN)/python
	@echo "installing the factory and its development tools into $(VENV) (minutes, once)"
	@$(PIP) install -qq --editable '.[dev]'
	@touch $@ $(INSTALLED)

# PYTHON=/path/to/python chooses; else the first that is new enough and starts (a pyenv shim may not).
$(BIN)/python:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
		"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null || continue; \
		echo "making $(VENV) with $$("$$python" --version) ($$(command -v "$$python"))"; \
		exec "$$python" -m venv $(VENV); \
	done; \
	echo "no Python 3.11 or newer with venv was found. Install one (Debian and Ubuntu:" >&2; \
	echo "apt install python3 python3-venv), or name one: make run PYTHON=/path/to/python3.12" >&2; \
	exit 2
