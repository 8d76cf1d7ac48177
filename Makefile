.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := samples/snapshots/contoso
# all cores, unless some tests are named: those are few, and their output is wanted as it comes
SPREAD = $(if $(T)$(K),,--numprocesses=$(or $(JOBS),auto) --dist=worksteal)
PYTEST = -m pytest $(SPREAD) $(if $(STRICT),--no-skips) $(T) $(if $(K),-k '$(K)')
# compiled modules are kept: the tests start some hundred processes, and each would compile all anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo dev check format lint test quick policies docs sample golden mutate parity package-check bench backtest

help:           ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/demo      ## install acr-scan and scan a sample company (which has findings)
	$(BIN)/acr-scan --snapshot $(SAMPLE) --fail-on never

dev: $(VENV)/dev        ## make .venv with everything that development needs

test: $(VENV)/dev       ## run all tests; make test T=tests/engine K=count
	$(BIN)/python $(PYTEST)

quick: $(VENV)/dev      ## run the tests that take no second each
	$(BIN)/python $(PYTEST) -m 'not slow'

.PHONY: test-lowest test-newest
test-lowest test-newest: test-%: $(VENV)/dev    ## run all tests on the lowest releases that pyproject.toml allows
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) build/$*
	$(RANGE_$*)
	build/$*/bin/python $(PYTEST)

# what we name at its floor, what that needs at its newest
define RANGE_lowest
$(BIN)/uv pip compile --quiet --no-deps --resolution lowest-direct --all-extras pyproject.toml -o build/lowest.txt
	$(BIN)/uv pip install --quiet --python build/lowest -c build/lowest.txt --group dev -e '.[dask,history]'
endef
# no lock, no pre-releases: what anybody gets who installs today
RANGE_newest = $(BIN)/uv pip install --quiet --python build/newest --refresh --group dev -e '.[dask,history]'

.PHONY: coverage
coverage: $(VENV)/dev   ## run all tests, and say which lines none of them runs: twice as slow
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

check: lint policies docs-check test    ## all that CI runs

lint: $(VENV)/dev       ## ruff, mypy, codespell, zizmor
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/zizmor --offline --quiet .github

format: $(VENV)/dev     ## rewrite code in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

policies: $(VENV)/dev   ## lint the policies and run their cases; make policies P=policies/tasks
	$(BIN)/acr-scan policy lint $(P)
	$(BIN)/acr-scan policy test $(P)

.PHONY: docs-check
docs-check: $(VENV)/dev
	$(BIN)/acr-scan policy docs --check

docs: $(VENV)/dev       ## regenerate the policies' pages and the schema of results
	$(BIN)/acr-scan policy docs
	$(BIN)/python -c '$(WRITE_SCHEMA)' > scanner/result/results.schema.json

WRITE_SCHEMA = import json; from scanner.result.results_format import json_schema as schema; \
	print(json.dumps(schema(), indent=1, ensure_ascii=False))

sample: $(VENV)/dev     ## regenerate samples/snapshots from samples/contoso.py
	$(BIN)/python samples/contoso.py

golden: sample          ## rewrite samples/reports from samples/snapshots, then show what changed
	$(BIN)/python samples/reports.py
	@git --no-pager diff --stat -- samples

mutate: $(VENV)/dev     ## flip each operator, default and seenIn of policies and catalogue; a test must notice
	$(BIN)/acr-scan policy test --mutate
	$(BIN)/python tests/mutate.py

parity: $(VENV)/dev     ## our verdicts beside Azure Policy's own on recorded registries (ACR_SCAN_DATA), each difference with its reason
	PYTHONPATH=tests $(BIN)/python tests/policies/parity.py

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
	rm -rf dist build/elsewhere && $(BIN)/python -m pip -q wheel --no-deps -w dist .
	$(PYTHON) -m venv build/elsewhere
	build/elsewhere/bin/pip -q install dist/*.whl
	cd build && elsewhere/bin/acr-scan --snapshot ../$(SAMPLE) --quiet --fail-on never

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo: requirements/demo.txt pyproject.toml | $(VENV)/bin/python
	$(call install,requirements/demo.txt)
	@touch $@

$(VENV)/dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(call install,requirements/dev.txt)
	@touch $@ $(VENV)/demo

# what is in a lock, each file by its hash, and then this checkout, for which nothing more is fetched
define install
$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endef

.PHONY: corpus
corpus: $(VENV)/dev     ## write tests/corpus anew: made-up answers in the shapes of Azure's
	PYTHONPATH=tests $(BIN)/python -m corpus

.PHONY: lock audit licenses
lock: $(VENV)/dev       ## write requirements/*.txt anew from pyproject.toml; make lock UPGRADE=1 takes the newest of everything
	$(LOCK) --all-extras --group dev pyproject.toml -o requirements/dev.txt
	$(LOCK) pyproject.toml requirements/build.in -c requirements/dev.txt -o requirements/demo.txt

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

audit: $(VENV)/dev      ## ask PyPI for known vulnerabilities of what the lock names
	$(BIN)/pip-audit --progress-spinner off --strict --disable-pip --require-hashes -r requirements/dev.txt

# psycopg (LGPL) comes with the extra `history` alone, and is imported as it is; tools are not shipped
licenses: $(VENV)/dev   ## list the licences of what an installation brings; one that is new to us fails
	$(BIN)/pip-licenses --from=mixed --partial-match --order=license --allow-only='$(LICENSES)' \
		--packages $$(sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' requirements/demo.txt)

LICENSES = MIT;BSD;Apache;MPL-2.0;Mozilla Public License 2.0;PSF-2.0;Python Software Foundation
