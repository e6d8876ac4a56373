# Köprü: every command a person needs. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.12 >/dev/null 2>&1 && python3.12 -c '' 2>/dev/null && echo python3.12 || (command -v python3.11 >/dev/null 2>&1 && python3.11 -c '' 2>/dev/null && echo python3.11) || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
ONLY ?=
TESTS ?= tests
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help run test lint format bench lock clean

help:  ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

run: $(VENV)/.run-stamp  ## start everything with the demo's data (PORT=8000)
	@exec $(BIN)/kopru up --demo --port $(PORT)

# A run starts Python hundreds of times: where nothing may be kept compiled, each would compile the product anew.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.dev-stamp  ## run every test with its own PostgreSQL and Redis (TESTS=tests/oauth for some)
	$(BIN)/python -m pytest $(TESTS)

lint: $(VENV)/.dev-stamp  ## ruff, mypy --strict and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev-stamp  ## let ruff arrange the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev-stamp  ## measure against the floors and write benchmarks/results.json (ONLY=sync for some)
	$(BIN)/python -m benchmarks $(ONLY)

lock:  ## pin every requirement again, with hashes (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--upgrade --extra build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--upgrade --extra build --extra test --extra lint pyproject.toml -c requirements.lock -o requirements-dev.lock

clean:  ## remove the virtual environment and the demo's data
	rm -rf $(VENV) var build *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 12) else "Köprü runs on Python 3.11 or 3.12, and $(PYTHON) is " + sys.version.split()[0] + ". Name another one: make PYTHON=/path/to/python3.12")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.run-stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	@$(PIP) install --require-hashes -r requirements.lock || { echo "The requirements could not be installed. If a package had to be built, install a C compiler (Debian: apt-get install build-essential python3-dev), or use Linux x86_64 with Python 3.11 or 3.12, where every one comes built."; exit 1; }
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev-stamp: requirements-dev.lock $(VENV)/.run-stamp
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
