PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The short ones first.
BENCHMARKS := crontab fetching $(if $(TRACKER_TEST_DATA),extraction) schema bookkeeping costs chaos
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run demo test lint bench clean

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp ## Set everything up and start the worker (tracker up)
	$(BIN)/tracker up

demo: $(VENV)/run.stamp ## Track a small shop on this machine, end to end, in under a minute
	$(BIN)/tracker demo

test: $(VENV)/test.stamp ## Run all tests; nothing needs to be installed but Python 3.11+
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(VENV)/dev.stamp ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp ## Run every benchmark, for an hour or so; ratios are measured side by side
	$(if $(TRACKER_TEST_DATA),,@echo "Without TRACKER_TEST_DATA there are no pages: extraction is left out.")
	for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python benchmarks/$$name.py || exit 1; done

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: setup.cfg pyproject.toml | $(VENV)/pyvenv.cfg
	$(PIP) --editable '.[embedded,worker]'
	@touch $@

$(VENV)/test.stamp: setup.cfg pyproject.toml | $(VENV)/pyvenv.cfg
	$(PIP) --editable '.[test]'
	@touch $@

$(VENV)/dev.stamp: setup.cfg pyproject.toml | $(VENV)/pyvenv.cfg
	$(PIP) --editable '.[dev]'
	@touch $@
