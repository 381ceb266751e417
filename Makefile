# The README's commands. `make demo` and `make test` do all their set-up themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SCENARIO ?= incident-v11

.PHONY: demo test check screenshots bench servers clean

demo: $(STAMP)
	$(BIN)/opsportal-tui --sandbox $(SCENARIO)

test: $(STAMP) servers
	$(BIN)/python -m pytest

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

screenshots: $(STAMP) servers
	$(BIN)/python screenshots/make.py

# Figures for the budgets: start, bytes to the terminal, event loop. Best on a quiet machine.
bench: $(STAMP) servers
	$(BIN)/python -m benchmarks

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# The real Prometheus and PostgreSQL that the tests run against, where we may install them.
servers:
	@sh tests/install-servers.sh

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
