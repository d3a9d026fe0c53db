# Youli: `make run` serves it, `make test` tests it; both prepare what they need, once.
# ARGS passes options through:      make test ARGS="-k quiz -x"
# PYTHON chooses the interpreter:   make run PYTHON=python3.12
# Settings are in docs/settings.md: YOULI_PORT=8001 make run

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && exit; \
	done; echo python3)
# A Python that was asked for by name must also be the one in .venv.
SETUP = python=$(PYTHON); command -v $$python >/dev/null || { \
	echo "Youli needs Python 3.11 or newer, and there is no $$python here. Install it, or: make run PYTHON=…" >&2; \
	exit 1; }; $$python -m setup $(if $(filter command line environment,$(origin PYTHON)),--same-python)
BIN = .venv/bin

# What a process allocates lies all over its memory: where Linux gives huge pages on request, glibc asks for them (docs/operating.md).
# Other systems pass over the word.
export GLIBC_TUNABLES ?= glibc.malloc.hugetlb=1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test lint types check lock bench fuzz audit clean

help:  ## Show what can be done here
	@echo "Youli: a chatbot for civic education. Start with:  make run"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@sed -n '2,4s/^# /  /p' Makefile

setup:  ## Make .venv with all that Youli needs to run
	@$(SETUP)

setup-dev:  ## The same with all that the tests need
	@$(SETUP) --dev

run: setup  ## Serve Youli and say where to find the chat
	@exec $(BIN)/python main.py run $(ARGS)

# Bytecode is kept even where the environment says not to: else each of the suite's many processes compiles the house
# anew, and each worker rewrites every assert. With PYTHONMALLOC=malloc Python's small objects lie in huge pages, too: a
# third less of a worker's processor time where memory is slow.
test: setup-dev  ## Run the whole test suite
	@env -u PYTHONDONTWRITEBYTECODE PYTHONMALLOC=malloc \
		$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

# All but the tests, which ruff looks at by the same rules. What need not be said of a folder is left out of ruff's rules
# in pyproject.toml as well, where the reason stands.
BANDIT = $(BIN)/bandit --quiet --configfile pyproject.toml --recursive
SERVED = actions backup bot civic commands content db handlers web $(wildcard *.py)

lint: setup-dev  ## Check style and likely bugs
	@$(BIN)/ruff check .
	@mkdir -p build
	@{ $(BANDIT) $(SERVED) && $(BANDIT) --skip B603 setup && $(BANDIT) --skip B311 demo \
		&& $(BANDIT) --skip B105,B311,B603,B608 bench; } 2>build/bandit.log \
		|| { cat build/bandit.log >&2; exit 1; }  # its log is mostly about lines where an exception stands

types: setup-dev  ## Check types
	@$(BIN)/mypy

check: lint types test  ## Lint, types and tests, in this order

# One of those bots needs other versions of what Youli uses: it has an environment of its own.
build/peers/complete: requirements-peers.lock
	@$(BIN)/python -m venv --clear build/peers
	@build/peers/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-peers.lock
	@touch $@

bench: setup-dev build/peers/complete  ## Measure speed against other bots
	@$(BIN)/python -m bench $(ARGS)

fuzz: setup-dev  ## Send made-up input to every parser; ARGS="--seconds 600"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-fuzz.lock
	@$(BIN)/python -m bench fuzz $(ARGS)

build/audit/bin/pip-audit: requirements-audit.lock
	@$(BIN)/python -m venv --clear build/audit
	@build/audit/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-audit.lock
	@touch $@

audit: setup build/audit/bin/pip-audit  ## Ask advisories about our packages, write build/sbom.json
	@build/audit/bin/cyclonedx-py requirements requirements.lock --output-file build/sbom.json && echo "build/sbom.json: written"
	@build/audit/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip --strict --progress-spinner off \
		|| { echo "Not clean, or not audited: without a network nothing can be asked." >&2; exit 1; }

# uv resolves for every platform and Python at once, which pip cannot; only those who change dependencies need it.
LOCK = build/lock/bin/uv pip compile $(ARGS) --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: setup  ## Write the lock files anew after a change; ARGS=--upgrade takes newer versions
	@$(BIN)/python -m venv build/lock && build/lock/bin/pip install --quiet --disable-pip-version-check uv
	@$(LOCK) --output-file requirements.lock pyproject.toml
	@$(LOCK) --output-file requirements-dev.lock --extra dev --extra telemetry --constraint requirements.lock pyproject.toml
	@$(LOCK) --output-file requirements-telemetry.lock --extra telemetry --constraint requirements.lock pyproject.toml
	@$(LOCK) --output-file requirements-node.lock --group node
	@$(LOCK) --output-file requirements-peers.lock --group peers
	@$(LOCK) --output-file requirements-fuzz.lock --group fuzz
	@$(LOCK) --output-file requirements-audit.lock --group audit
	@npm install --package-lock-only
	@! grep -nE '/simple|\.whl|\.tgz|\.tar\.gz' requirements*.lock package-lock.json

clean:  ## Remove what set-up and tests made (never data/)
	@rm -rf .venv build node_modules web/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +
