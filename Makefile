# Two commands set everything up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/pip --disable-pip-version-check -q

.PHONY: demo test check lint clean

# torch first and exactly: left to the resolver, it would fetch gigabytes
$(VENV)/installed: pyproject.toml constraints.txt
	@echo "Installation dans $(VENV) : environ 2,2 Go, quelques minutes…"
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt setuptools
	$(PIP) install -c constraints.txt torch
	$(PIP) install -c constraints.txt -e '.[dev]'
	touch $@

demo: $(VENV)/installed
	$(VENV)/bin/python -m flows.demo

test: $(VENV)/installed
	$(VENV)/bin/python -m pytest

lint: $(VENV)/installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/python -m pytest -q --doctest-modules taxonomy curation

clean:
	rm -rf $(VENV) state
