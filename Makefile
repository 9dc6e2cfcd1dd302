# Every target makes .venv from the locked requirements when it is missing; python3 and pip are enough.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: sandbox test lint bench lock clean

sandbox: .venv/made
	$(BIN)/bridge sandbox $(ARGS)

test: .venv/made
	$(BIN)/python -m pytest -n 4 --dist loadgroup $(ARGS)

lint: .venv/made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/made
	$(BIN)/python -m tests.benchmarks $(ARGS)

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
