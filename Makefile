# The only door: `make help`. CI calls the same targets.
#
# The first target that needs Python makes a virtual environment in .venv from the lock file, every file checked by its hash;
# a stamp remembers which lock it was, so the next time nothing is installed. Nothing outside this folder is changed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help up test check fix bench chaos fuzz openapi examples lock clean
MAKEFLAGS += --no-print-directory

ARGS ?=
TESTS ?=
RUN := .venv/bin/python -m
# What is measured by the clock, or starts whole products, has the machine for itself; all other tests run side by side.
BESIDE := tests/unit tests/property tests/integration/api_stub tests/integration/db tests/integration/services
ALONE := tests/integration/scheduler tests/integration/worker tests/integration/launcher tests/e2e tests/chaos
SPREAD := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# The two pure floors, by their own unit tests alone: not a line or branch may be missed.
COVERED := --cov=recurrence --cov=lifecycle --cov-branch --cov-fail-under=100

help: ## what there is
	@echo 'make up       everything on this machine until Ctrl-C: PostgreSQL, Valkey, API, workers, beat, lifeline, Flower'
	@echo '              ARGS="--port 8080 --no-demo --data-dir DIR"'
	@echo 'make test     all tests: unit, property, integration, end to end   TESTS=tests/unit  ARGS="-k weekly"'
	@echo 'make check    style, types, floors, lock files, every branch of recurrence and lifecycle: what CI asks for first'
	@echo 'make fix      repair what of the style can be repaired'
	@echo 'make bench    the measurements      ARGS="expand --json"'
	@echo 'make chaos    everything killed, again and again, while sessions have to start on time'
	@echo '              ARGS="--list", ARGS="--seed 7 --seconds 60 --faults worker,flush --json", ARGS="--self-test"'
	@echo 'make fuzz     the property tests, and the API by its own schema, for longer'
	@echo 'make openapi  docs/openapi.json anew, as the API tells it'
	@echo 'make examples the answers in docs/api.md anew, from a real server'
	@echo 'make lock     new lock files from pyproject.toml and requirements.in'

up: .venv/run.stamp ## every process on this machine
	@exec $(RUN) launcher up $(ARGS)

test: .venv/dev.stamp ## all tests, or those that are asked for
ifeq ($(strip $(TESTS)$(ARGS)),)
	$(RUN) pytest $(SPREAD) $(BESIDE)
	$(RUN) pytest $(ALONE)
else
	@exec $(RUN) pytest $(TESTS) $(ARGS)
endif

check: .venv/dev.stamp ## style, types, floors, locks, branches
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	.venv/bin/lint-imports --no-cache
	$(RUN) pytest -q tests/unit/project/test_lock.py
	$(RUN) pytest -q tests/unit/recurrence tests/unit/lifecycle $(COVERED)

fix: .venv/dev.stamp ## repair the style
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

bench: .venv/dev.stamp ## measurements
	@exec $(RUN) launcher bench $(ARGS)

chaos: .venv/dev.stamp ## faults
	@exec $(RUN) tests.chaos $(ARGS)

fuzz: .venv/dev.stamp ## property tests and the API, longer
	@exec env HYPOTHESIS_PROFILE=fuzz $(RUN) pytest tests/property tests/integration/api_stub/test_schema.py $(ARGS)

openapi: .venv/dev.stamp ## docs/openapi.json
	@$(RUN) api_stub >docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

examples: .venv/dev.stamp ## the answers in docs/api.md
	@exec env REWRITE_EXAMPLES=1 $(RUN) pytest tests/integration/api_stub/test_docs.py $(ARGS)

lock: .venv/dev.stamp ## new lock files
	@sh .ci/lock

clean: ## the virtual environment and caches; never data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage *.egg-info

# `up` needs the runtime and the servers, everything else the tools as well. The larger one serves both.
.venv/run.stamp: requirements.lock pyproject.toml
	@if [ -e .venv/dev.stamp ]; then exec sh .ci/venv dev; else exec sh .ci/venv run; fi

.venv/dev.stamp: requirements-dev.lock pyproject.toml
	@exec sh .ci/venv dev
