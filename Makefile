# `make` alone lists what there is. The first target that needs it makes .venv, with everything in it pinned.

PYTHON  ?= python3
STUDY   ?= data/studies/demo.toml
PROFILE ?= quick
# Steps at a time, each with one thread: numbers do not depend on how many there are.
JOBS    ?= 2
# More options for `reportgen build`, such as --public or --no-pdf.
OPTIONS ?=
# Which torch, and pip's options for getting it: README, "Which torch".
TORCH     ?= $(shell grep '^torch==' constraints.txt)
PIP_EXTRA ?=

venv := .venv/bin/python -m
pip  := $(venv) pip install -qq --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help report serve test lint types golden bench clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 16

report: .venv/installed ## build the demonstration study: site/index.html and site/report.pdf (PROFILE=full: all of it)
	@.venv/bin/reportgen build $(STUDY) --profile $(PROFILE) --jobs $(JOBS) --threads 1 $(OPTIONS)

serve: .venv/installed ## build, show in the browser, rebuild on changes
	@.venv/bin/reportgen serve $(STUDY) --profile $(PROFILE)

test: .venv/installed ## run the whole test suite
	@$(venv) pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: .venv/installed ## check style and formatting
	@$(venv) ruff check .
	@$(venv) ruff format --check .

types: .venv/installed ## check types
	@$(venv) mypy

golden: .venv/installed ## accept the pages as they are rendered now as the expected ones; look at the diff
	@$(venv) pytest --golden

bench: .venv/installed ## print the ratio tables of benchmarks/
	@for table in cli lime cam road builds eeg_features folds; do .venv/bin/python benchmarks/$$table.py || exit 1; done

clean: ## remove what was rendered; results (data/store) and .venv stay
	@rm -rf build dist site/* .mypy_cache .pytest_cache .ruff_cache

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("reportgen needs Python 3.11 or newer, this is %d.%d: make PYTHON=python3.11" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@echo "Installing into .venv: once, some minutes."
	@$(PYTHON) -m venv .venv
	@grep -v '^torch==' constraints.txt > .venv/constraints.txt
	@echo "  1/2 $(TORCH)"
	@$(pip) -c .venv/constraints.txt '$(TORCH)' $(PIP_EXTRA)
	@echo "  2/2 everything else"
	@$(pip) -c .venv/constraints.txt -e '.[run,dev]'
	@touch $@
