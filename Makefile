# make repro: set up and run the sample profile.   make paper: the paper's setting.   make test: set up and run every test.   make bench: how fast?
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SOURCES := $(wildcard $(shell git ls-files -co --exclude-standard 2>/dev/null))

.PHONY: help install repro paper test audit bench lab docs clean
help:
	@echo "make repro   set up, then run the sample profile (dvc repro): data, prompts, network, tables"
	@echo "make paper   set up, then the paper's setting (BAID, DIV2K, Backlit300, OpenAI's CLIP; a GPU): says what is missing"
	@echo "make test    set up, then run every notebook and tests/; does nothing if nothing changed since they passed"
	@echo "make audit   set up, then look for insecure code (bandit) and, where its service can be reached, for dependencies with known holes (pip-audit)"
	@echo "make bench   set up, then measure the speed on this machine beside a plain implementation; writes benchmarks/results"
	@echo "make lab     set up, then open the notebooks in JupyterLab"
	@echo "make docs    set up, then build the documentation into _docs: open _docs/index.html, no network needed"
	@echo "make clean   remove the virtual environment"

install: .venv/.installed
.venv/.installed: settings.ini setup.py requirements.lock
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("clip_lit needs Python 3.11 or newer; name one with make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -c requirements.lock -e '.[dev]'
	touch $@

repro: .venv/.installed
	source $(BIN)/activate && clip-lit check --clip params.yaml && dvc repro

# the paper's parameters take the place of params.yaml, which is what dvc reads; git checkout params.yaml brings the sample profile back
paper: .venv/.installed
	source $(BIN)/activate && clip-lit paper
	cmp -s profiles/paper.yaml params.yaml || git diff --quiet HEAD -- params.yaml || { echo "params.yaml has changes of yours that make paper would lose: commit them, or undo them with git checkout params.yaml"; exit 1; }
	cp profiles/paper.yaml params.yaml
	source $(BIN)/activate && clip-lit check --clip params.yaml && dvc repro evaluate

# two at once, a thread each: quicker than one after the other on two cores
test: .venv/.installed
	$(MAKE) --no-print-directory -j2 .venv/.tested-rooms .venv/.tested-pytest .venv/.tested-tutorials
.venv/.tested-rooms .venv/.tested-tutorials: .venv/.tested-%: .venv/.installed $(SOURCES)
	source $(BIN)/activate && OMP_NUM_THREADS=1 nbdev_test --n_workers 0 --do_print --path nbs$(if $(filter tutorials,$*),/tutorials) --skip_folder_re '^([_.]|stages|tutorials)'
	touch $@
.venv/.tested-pytest: .venv/.installed $(SOURCES)
	source $(BIN)/activate && OMP_NUM_THREADS=1 python -m pytest
	touch $@

# pip-audit asks PyPI about every package: without the network, or behind a mirror that has no such answers, that is said and is no failure
audit: .venv/.installed
	source $(BIN)/activate && bandit -q -r clip_lit
	source $(BIN)/activate && timeout 300 pip-audit -r requirements.lock --no-deps --disable-pip --progress-spinner off > .venv/audit.txt 2>&1 || true
	! grep -q 'Found .* known vulnerabilit' .venv/audit.txt || { cat .venv/audit.txt; exit 1; }
	grep -q 'No known vulnerabilities' .venv/audit.txt && ! grep -q 'could not be audited' .venv/audit.txt || echo "pip-audit: its service cannot be reached, or does not know every package: dependencies are not, or not all, audited (.venv/audit.txt)"

bench: .venv/.installed
	source $(BIN)/activate && python benchmarks/bench.py --full

README.md: nbs/index.ipynb .venv/.installed
	source $(BIN)/activate && jupyter nbconvert --log-level ERROR --to markdown --execute --no-input --stdout nbs/index.ipynb | sed 's#(\.\./#(#g' > README.md.tmp && mv README.md.tmp README.md

lab: .venv/.installed
	source $(BIN)/activate && jupyter lab --ServerApp.root_dir=nbs nbs/tutorials/0_start_here.ipynb

docs: .venv/.installed
	rm -rf _docs && source $(BIN)/activate && sphinx-build -q -W --keep-going -d _docs/.doctrees -c docs . _docs && rm -rf _docs/.doctrees _docs/.buildinfo

clean:
	rm -rf .venv
