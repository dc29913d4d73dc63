# Two commands do everything on a fresh machine: `make bench` and `make test`.
PYTHON ?= python3
VENV ?= .venv
ARGS ?=

# Tests start hundreds of processes, each of which would compile the package's modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: bench test test-all check docs setup clean

bench: setup  ## set up, then run the benchmarks; ARGS="-k lstm --gpu" narrows or changes them
	$(VENV)/bin/python -m pytest benchmarks --benchmark-quiet $(ARGS)

test: check  ## set up, then lint, check types and run the tests, in as many processes as there are cores, four at most
	$(VENV)/bin/python -m pytest tests -m "not long" -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

test-all: check  ## the same with the tests that take longest, and with more examples
	$(VENV)/bin/python -m pytest tests --hypothesis-profile=thorough -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy --num-workers 2

docs: setup  ## rewrite what pages take from the code and the baseline, and build the site: build/docs/index.html
	$(VENV)/bin/python docs/generate.py
	$(VENV)/bin/python -m sphinx -q -W --keep-going -b html docs build/docs

setup: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,docs,plugins]'
	touch $@

clean:
	rm -rf $(VENV)
