# make all    the demo: trains, measures and reports (results/demo/, reports/demo/)
# make test   the tests
# Each makes the virtual environment .venv first, if it is not there; run either first, and as often as you like.

PYTHON ?= python3
CORES ?= $(shell nproc)
BIN := .venv/bin
READY := .venv/.ready
# public data sets and published weights that lie beside the checkout; elsewhere, set the variables yourself
ifneq ($(wildcard ../shared/data),)
export HITSR_DATA ?= $(abspath ../shared/data)
endif
ifneq ($(wildcard ../shared/weights),)
export HITSR_WEIGHTS ?= $(abspath ../shared/weights)
endif
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES)

.PHONY: all test attacks exports complexity table2 official lint clean-reports help

all: $(READY)
	$(SNAKEMAKE) all
	@if [ ! reports/demo/workflow.html -nt reports/demo/report.html ]; then \
		$(BIN)/snakemake --cores 1 --report reports/demo/workflow.html all; fi
	@echo "Open reports/demo/report.html; Snakemake's own report is reports/demo/workflow.html."

test: $(READY)
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile

# kills, full disks, odd files, changed inputs, hostile names, flipped bits: each must be survived; takes an hour or two
attacks: $(READY)
	$(BIN)/python tests/attacks $(ATTACKS)

# every network at full size in ONNX Runtime and OpenVINO against PyTorch: two exports each, 6 minutes
exports: $(READY)
	$(BIN)/pip install --disable-pip-version-check --quiet -e '.[onnx,openvino]'
	$(BIN)/python benchmarks/exports.py $(EXPORTS)

complexity: $(READY)
	$(SNAKEMAKE) --configfile config/complexity.yaml -- all

table2: $(READY)
	$(SNAKEMAKE) --configfile config/table2.yaml -- all

official: $(READY)
	$(SNAKEMAKE) --configfile config/official.yaml -- all

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/python workflow/lint.py
	$(BIN)/mypy

help:
	@sed -n '1,3s/^# //p' Makefile

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || \
		{ echo "The venv module is missing: on Debian or Ubuntu, apt install python3-venv"; rm -rf .venv; exit 1; }
	$(BIN)/pip install --disable-pip-version-check --quiet -r requirements.lock
	$(BIN)/pip install --disable-pip-version-check --quiet --no-deps -e .
	@touch $@
