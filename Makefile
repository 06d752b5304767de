# The two commands to know: `make demo` and `make test`. Each sets up what it needs; nothing else has to be done before.
#
#   make setup                        the environment in .venv (and Debian's packages when run as root)
#   make test                         style, types, dependency rule, tests: what CI runs
#   make demo                         makes a phantom and predicts on it
#   make demo CT=FILE_OR_FOLDER [HEART_MASK=FILE]
#   make lint                         the checks of `make test` without its tests
#   make federation-setup             the environment of Fed-BioMed in .venv-federation (Python 3.11; 7 GB, most of it torch)
#   make federation                   a federation on this machine: a coordinator and three sites over phantoms, all stages
#   make bench                        seconds and memory, beside the reference procedure; how accurate and quick measuring is
#   make screenshots                  takes the pictures of Docs/tutorial.md anew; looks at every step on the way
#   make cmake-lists                  lists new files for Slicer's packaging in FedKDSlicer/CMakeLists.txt
#   make schemas                      writes the schemas of our JSON files anew
#   make lock                         pins requirements/*.txt anew from requirements/*.in
#   make clean                        removes what the targets made

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# 3.11 is what the locks are made for; any later one that the pinned wheels support works too.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements/engine.txt requirements/slicer.txt requirements/dev.txt
# Fed-BioMed needs older versions than the engine likes, and Python below 3.12: it lives apart.
FEDERATION_VENV := .venv-federation
FEDERATION_BIN := $(FEDERATION_VENV)/bin

.PHONY: help setup federation-setup federation test lint demo bench screenshots cmake-lists schemas lock clean

help:
	@sed -n '3,/^$$/s/^# \{0,1\}//p' Makefile

# ---------------------------------------------------------------- set-up

setup: $(VENV)/installed

$(VENV)/debian-packages: Tools/install_debian_packages.sh
	PYTHON="$(PYTHON)" Tools/install_debian_packages.sh
	mkdir -p $(VENV)
	touch $@

$(BIN)/python: | $(VENV)/debian-packages
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

# Only pinned versions are installed, so the project itself goes in last and without dependencies.
$(VENV)/installed: $(LOCKS) pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --quiet $(LOCKS:%=-r %)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	touch $@

federation-setup: $(FEDERATION_VENV)/installed

$(FEDERATION_BIN)/python: | $(VENV)/debian-packages
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Fed-BioMed needs Python 3.11: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(FEDERATION_VENV)

$(FEDERATION_VENV)/installed: requirements/federation.txt pyproject.toml | $(FEDERATION_BIN)/python
	$(FEDERATION_BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements/federation.txt
	$(FEDERATION_BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	$(FEDERATION_BIN)/python -c 'import fedbiomed, fedkd, fedkd_federation'
	touch $@

# ---------------------------------------------------------------- checks

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# One process for each folder: a process that held every library (torch, OpenVINO, ONNX Runtime, a browser's driver) was
# ended by a SIGSEGV without address after some minutes, in a different test each time. Folders run side by side and share
# the processors: one for each, but four at the most, as one may need 3 GB of memory. The longest come first, so that none
# of them is left alone at the end. A folder that fails does not stop the others, and is named again at the end.
LONGEST := $(addprefix Testing/,fedkd/cohort fedkd/prediction fedkd_federation tools fedkd_slicer/panel/tabs fedkd_slicer/panel)
ALL_TEST_FOLDERS := $(patsubst %/,%,$(sort $(dir $(shell find Testing -name 'test_*.py'))))
TEST_FOLDERS ?= $(filter $(LONGEST),$(ALL_TEST_FOLDERS)) $(filter-out $(LONGEST),$(ALL_TEST_FOLDERS))
TESTED := $(TEST_FOLDERS:%=tested/%)
FAILED := build/failed-tests
CORES := $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
# Hundreds of processes are started, and none should have to compile what another has compiled.
unexport PYTHONDONTWRITEBYTECODE
TEST_JOBS ?= $(shell echo $$(($(CORES) < 4 ? $(CORES) : 4)))

test: lint federation-setup
	mkdir -p $(dir $(FAILED)) && rm -f $(FAILED)
	OMP_NUM_THREADS=$$(($(CORES) / $(TEST_JOBS))) \
		$(MAKE) --no-print-directory --jobs=$(TEST_JOBS) --output-sync --keep-going $(TESTED) \
		|| { printf 'Tests failed in:\n'; cat $(FAILED); exit 1; }

.PHONY: $(TESTED)
$(TESTED): PYTEST := $(BIN)/pytest
$(filter tested/Testing/fedkd_federation%,$(TESTED)): PYTEST := $(FEDERATION_BIN)/pytest
$(TESTED): tested/%:
	$(PYTEST) $*/test_*.py || { echo "  $*" >> $(FAILED); exit 1; }

# ---------------------------------------------------------------- demo

# Without CT the demo makes a phantom of its own. Results of an earlier demo are replaced.
CT ?=
HEART_MASK ?=
DEMO_CT = $(or $(CT),demo/phantom)

demo: setup
	$(if $(CT),,$(BIN)/fedkd phantom make demo/phantom --cases 1 --seed 7)
	$(BIN)/fedkd predict "$(DEMO_CT)" --output demo/results --overwrite $(if $(HEART_MASK),--heart-mask "$(HEART_MASK)")
	@echo "Open demo/results/<case>/scene.mrb in 3D Slicer, demo/results/<case>/*.mps in MITK. All files:"
	@find demo/results -type f -not -path "*/.*" | sort

# Goes on where an earlier run stopped; `make clean` removes it.
federation: setup federation-setup
	$(BIN)/python Tools/federation.py demo/federation

bench: demo federation-setup
	$(BIN)/python Tools/bench_speed.py
	$(BIN)/python Tools/bench.py demo/results
	$(BIN)/python Tools/bench_backends.py "$(or $(CT),$(firstword $(wildcard demo/phantom/*/ct.nii.gz)))" --json demo/bench_backends.json
	$(BIN)/python Tools/measurement_accuracy.py
	$(BIN)/python Tools/bench_measurement.py
	$(BIN)/python Tools/bench_federation.py --json demo/bench_federation.json
	PYTHONPATH=Testing $(BIN)/python Tools/bench_panel.py

# ---------------------------------------------------------------- upkeep

screenshots: setup
	$(BIN)/python Tools/screenshots.py

cmake-lists:
	$(PYTHON) Tools/cmake_lists.py

schemas: setup
	$(BIN)/python Tools/write_schemas.py

# The locks name versions only: no hashes and no index, so that any mirror serves, and torch's CPU build where one is offered.
PIP_COMPILE := $(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --annotation-style=line --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

lock:
	$(PIP_COMPILE) --output-file requirements/engine.txt requirements/engine.in
	sed -i 's/^\(torch==[0-9.]*\)+[a-z0-9]*/\1/' requirements/engine.txt
	$(PIP_COMPILE) --constraint requirements/engine.txt --output-file requirements/slicer.txt requirements/slicer.in
	$(PIP_COMPILE) --constraint requirements/engine.txt --constraint requirements/slicer.txt \
		--output-file requirements/dev.txt requirements/dev.in
	$(PIP_COMPILE) --output-file requirements/federation.txt requirements/federation.in
	sed -i 's/^\(torch==[0-9.]*\)+[a-z0-9]*/\1/' requirements/dev.txt

clean:
	rm -rf $(VENV) $(FEDERATION_VENV) demo build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
