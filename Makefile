# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
PORT ?= 8000

.PHONY: help run test test-sqlite test-postgres demo lint bench install prepare constraints

help: ## Show the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

install: .venv/installed .env ## Install everything into .venv

.venv/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

.env:
	@umask 077; $(PYTHON) -c "import secrets as s; print(f'SECRET_KEY={s.token_urlsafe(50)}\nMIKE_PASSWORD={s.token_urlsafe(12)}')" > $@

prepare: install ## Migrate, load contracts and (into an empty database) the demo data, create mike
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_contracts
	@$(MANAGE) load_demo
	@$(MANAGE) set_up
	@$(MANAGE) collectstatic --noinput --verbosity 0

run: prepare ## Start web and qcluster, and print where to log in
	@echo
	@echo "Countersign:  http://127.0.0.1:$(PORT)/   user mike, password $$(sed -n 's/^MIKE_PASSWORD=//p' .env)"
	@echo "Stop with Ctrl-C."
	@echo
	@PORT=$(PORT) $(BIN)/honcho start --no-colour

demo: install ## Take all five workflows from trigger to verify, in a database of its own
	@$(MANAGE) demo

lint: install ## Style, types and the arrows between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint test-sqlite test-postgres ## Lint, then every test on SQLite and the database tests on PostgreSQL

test-sqlite: install
	$(BIN)/python -m pytest tests -n 2

test-postgres: install
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest tests/integration tests/functional -n 2

bench: install ## Speed of quote runs beside a raw-SQL floor, on both databases
	$(BIN)/python -m tests.bench.quotes
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.bench.quotes

constraints: install ## Write down the installed versions
	$(BIN)/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools > constraints.txt
