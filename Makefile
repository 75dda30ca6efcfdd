# Everything sets itself up: a .venv in the checkout, from Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: steady help demo test check proof robustness load sample bench clean

help:  ## Say what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("status-conformance needs Python 3.11 or newer; set PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $(STAMP)

demo: $(STAMP)  ## Run all contracts against the reference deployment
	$(BIN)/status-conformance demo

test: $(STAMP)  ## Run the tests, in parallel
	$(BIN)/python -m pytest -n auto --dist worksteal

check: $(STAMP)  ## Lint, check types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layering.py

proof: $(STAMP)  ## Run the suite against every fault and oddity, and write docs/proof.md
	$(BIN)/python -m conformance.proof

robustness: $(STAMP)  ## Meet hostile servers, files and circumstances, and write docs/robustness.md
	$(BIN)/python -m tests.hostile

load: $(STAMP)  ## Load the reference deployment, kill it in the middle, and see what it kept
	$(BIN)/python -m tests.load

sample: $(STAMP)  ## Make the committed sample of the reports, in reports/sample
	$(BIN)/status-conformance demo --output reports/sample --overwrite

steady: $(STAMP)  ## Judge what used to be a matter of luck ten times, on a quiet and on a busy machine
	$(BIN)/python -m tests.steady

clean:  ## Remove what was made
	rm -rf $(VENV) .mypy_cache .ruff_cache build dist

bench: $(STAMP)  ## Measure, side by side with schemathesis, and write docs/performance.md
	$(BIN)/python benchmarks
