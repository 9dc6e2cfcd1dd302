# Every target makes .venv from the locked requirements when it is missing; python3 and pip are enough.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: sandbox test check lint bench simulate lock clean

sandbox: .venv/made
	$(BIN)/bridge sandbox $(ARGS)

# Everything, on SQLite and PostgreSQL, with real processes that are really killed; which worker
# runs what is decided by tests/support/scheduling.py.
test: .venv/made
	$(BIN)/python -m pytest -n 4 $(ARGS)

# For whoever is changing something: lint, types, and the tests that aren't slow, in less than a
# minute. Slow, and left to `make test`, are tests/stories, tests/browser, tests/hostile,
# tests/fault_places, tests/simulation, tests/dialing, tests/commands, tests/test_cli.py, and what runs
# on PostgreSQL (most of it runs here on SQLite).
check: lint
	$(BIN)/python -m pytest -n 2 -m "not slow" -q $(ARGS)

lint: .venv/made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/made
	$(BIN)/python -m tests.benchmarks $(ARGS)

# A firm's month, by seed: SEEDS=200 plays so many, SEED=4711 one with its story, CASES=12 a smaller
# town than 300, FAULTS=1 finds the planted faults (docs/explanation/simulation.md).
simulate: .venv/made
	$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(CASES),--cases $(CASES)) $(if $(FAULTS),--faults) $(ARGS)

lock: .venv/made
	$(BIN)/uv pip compile --quiet --universal --generate-hashes \
		--custom-compile-command 'make lock' --extra sentry pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes \
		--custom-compile-command 'make lock' --extra sentry --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt

.venv/made: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf .venv var
