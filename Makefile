# make repro: set up and run the sample profile.   make test: set up and run every test.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SOURCES := $(shell git ls-files 2>/dev/null -- nbs tests clip_lit settings.ini params.yaml dvc.yaml)

.PHONY: help install repro test lab clean
help:
	@echo "make repro   set up, then run the sample profile (dvc repro): data, prompts, network, tables"
	@echo "make test    set up, then run every notebook and tests/; does nothing if nothing changed since they passed"
	@echo "make lab     set up, then open the notebooks in JupyterLab"
	@echo "make clean   remove the virtual environment"

install: .venv/.installed
.venv/.installed: settings.ini setup.py requirements.lock
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("clip_lit needs Python 3.11 or newer; name one with make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -c requirements.lock -e '.[dev]'
	touch $@

repro: .venv/.installed
	source $(BIN)/activate && clip-lit check params.yaml && dvc repro

test: .venv/.tested
.venv/.tested: .venv/.installed $(SOURCES)
	source $(BIN)/activate && nbdev_test --n_workers 0 --do_print --skip_folder_re '^([_.]|stages)' && python -m pytest
	touch $@

README.md: nbs/index.ipynb .venv/.installed
	source $(BIN)/activate && jupyter nbconvert --log-level ERROR --to markdown --execute --no-input --stdout nbs/index.ipynb | sed 's#(\.\./#(#g' > README.md.tmp && mv README.md.tmp README.md

lab: .venv/.installed
	source $(BIN)/activate && jupyter lab nbs

clean:
	rm -rf .venv
