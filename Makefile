.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := samples/snapshots/contoso

.PHONY: help demo dev check format lint test policies docs sample golden mutate parity package-check bench backtest

help:           ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/demo      ## install acr-scan and scan a sample company (which has findings)
	$(BIN)/acr-scan --snapshot $(SAMPLE) --fail-on never

dev: $(VENV)/dev        ## make .venv with everything that development needs

test: $(VENV)/dev       ## run all tests; make test T=tests/engine K=count
	$(BIN)/python -m pytest $(T) $(if $(K),-k '$(K)')

.PHONY: coverage
coverage: $(VENV)/dev   ## run all tests, and say which lines none of them runs: twice as slow
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

check: lint policies docs-check test    ## all that CI runs

lint: $(VENV)/dev       ## ruff and mypy
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/dev     ## rewrite code in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

policies: $(VENV)/dev   ## lint the policies and run their cases; make policies P=policies/tasks
	$(BIN)/acr-scan policy lint $(P)
	$(BIN)/acr-scan policy test $(P)

.PHONY: docs-check
docs-check: $(VENV)/dev
	$(BIN)/acr-scan policy docs --check

docs: $(VENV)/dev       ## regenerate the policies' pages
	$(BIN)/acr-scan policy docs

sample: $(VENV)/dev     ## regenerate samples/snapshots from samples/contoso.py
	$(BIN)/python samples/contoso.py

golden: sample          ## rewrite samples/reports from samples/snapshots, then show what changed
	$(BIN)/python samples/reports.py
	@git --no-pager diff --stat -- samples

mutate: $(VENV)/dev     ## flip each operator, default and seenIn of policies and catalogue; a test must notice
	$(BIN)/acr-scan policy test --mutate
	$(BIN)/python tests/mutate.py

parity: $(VENV)/dev     ## our verdicts beside Azure Policy's own on recorded registries (ACR_SCAN_DATA), each difference with its reason
	$(BIN)/python tests/policies/parity.py

bench: $(VENV)/dev      ## judge generated registries, against parsing the same bytes; make bench SIZES=1000,100000 ROUNDS=1
	PYTHONPATH=.:tests $(BIN)/python -m bench --into $(or $(INTO),build/bench) $(if $(SIZES),--sizes $(SIZES)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only '$(ONLY)')

PEERS := build/peers
$(PEERS)/cloud_custodian/made: WANTED = c7n
$(PEERS)/rego/made: WANTED = regopy
$(PEERS)/checkov_arm/made: WANTED = checkov
$(PEERS)/%/made:
	$(PYTHON) -m venv $(PEERS)/$*
	$(PEERS)/$*/bin/python -m pip install --quiet --disable-pip-version-check $(WANTED) && touch $@ || rm -rf $(PEERS)/$*

.PHONY: bench-peers
bench-peers: $(VENV)/dev $(PEERS)/cloud_custodian/made $(PEERS)/rego/made $(PEERS)/checkov_arm/made  ## acr-scan beside Cloud Custodian, rego-cpp and Checkov
	PYTHONPATH=.:tests $(BIN)/python -m bench.peers --venvs $(PEERS) --into $(or $(INTO),build/bench)

backtest: $(VENV)/dev   ## replay years of weekly service tag files: does tags diff warn in time?
	$(BIN)/python tests/backtest.py

package-check: $(VENV)/dev  ## build the wheel, install it elsewhere, scan the sample with it
	rm -rf build dist && $(BIN)/python -m pip -q wheel --no-deps -w dist .
	rm -rf build/elsewhere && $(PYTHON) -m venv build/elsewhere
	build/elsewhere/bin/pip -q install dist/*.whl
	cd build && elsewhere/bin/acr-scan --snapshot ../$(SAMPLE) --quiet --fail-on never

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/demo
