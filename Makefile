# Two commands: `make demo` (see it) and `make test` (check it). Each builds what it needs on a fresh machine.
#   make demo ARGS=--no-serve     ends after writing the runs
#   make test ARGS="-k wire"      passes ARGS to pytest
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
STATIC := plugin/tensorboard_curveboard/static

.PHONY: demo test check-python check-frontend pytest bundle picture clean

demo: $(VENV)/.demo
	$(BIN)/curveboard demo $(ARGS)

test: check-python check-frontend pytest

# ---- environments: rebuilt when setup.py or the lock file changes

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo "curveboard needs Python 3.10 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip

$(VENV)/.demo: setup.py $(BIN)/python
	@echo "Installing curveboard and what the demo needs (TensorFlow is large: a few minutes the first time) ..."
	$(BIN)/python -m pip install -q -e ".[all]"
	@touch $@

$(VENV)/.dev: setup.py tools/prepare.py $(BIN)/python
	@echo "Installing curveboard and what the tests need (TensorFlow is large: a few minutes the first time) ..."
	$(BIN)/python -m pip install -q -e ".[dev]"
	$(BIN)/python tools/prepare.py
	@touch $@ $(VENV)/.demo

frontend/node_modules/.installed: frontend/package-lock.json $(VENV)/.dev
	. tools/path.sh && cd frontend && npm ci --no-audit --no-fund
	@touch $@

# ---- the checks, cheapest first

check-python: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check-frontend: frontend/node_modules/.installed
	. tools/path.sh && cd frontend && npm run check && npm run lint && npm test
	. tools/path.sh && cd frontend && npm run build
	@git diff --exit-code --stat -- $(STATIC) \
	  || { echo "The committed bundle differs from its source: run 'make bundle' and commit $(STATIC)."; exit 1; }

pytest: $(VENV)/.dev frontend/node_modules/.installed
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

# ---- for developers

bundle: frontend/node_modules/.installed
	. tools/path.sh && cd frontend && npm run build

picture: $(VENV)/.dev
	$(BIN)/python tools/picture.py

clean:
	rm -rf $(VENV) frontend/node_modules build dist artifacts
