# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# The slow ones first; most of those wait for processes, hence more workers than cores. The tests of a file stay together.
PYTEST := $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder
# What these pages ask of a database, others ask as well: on PostgreSQL they are left out, so that the tests end in time.
PAGES := contracts run intake
PORT ?= 8000
# The other web process of `make cluster`, and where its PostgreSQL keeps its data.
SECOND_PORT ?= 8001
CLUSTER_FOLDER ?= var/postgres
# The NetSuite sandbox that starts with `make run`.
NETSUITE_SANDBOX_PORT ?= 8090

.DELETE_ON_ERROR:
.PHONY: screenshots help run cluster cluster-parts test test-sqlite test-postgres demo lint bench install prepare port constraints

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

run: port prepare ## Start web, cluster and NetSuite sandbox, and print where to log in (PORT=8000)
	@echo
	@echo "Countersign:  http://127.0.0.1:$(PORT)/   user mike, first password $$(sed -n 's/^MIKE_PASSWORD=//p' .env)"
	@echo "NetSuite:     a sandbox on http://127.0.0.1:$(NETSUITE_SANDBOX_PORT)/sandbox/"
	@echo "Stop with Ctrl-C."
	@echo
	@PORT=$(PORT) NETSUITE_SANDBOX_PORT=$(NETSUITE_SANDBOX_PORT) $(BIN)/honcho start --no-colour --env /dev/null

cluster: port second-port install ## The same as several machines would: PostgreSQL, two web processes, three clusters
	@$(BIN)/python -m tests.postgres --keep $(CLUSTER_FOLDER) $(MAKE) --no-print-directory cluster-parts

# Inside a PostgreSQL with the logins of docs/postgresql_roles.sql.
cluster-parts: export NETSUITE_SANDBOX_FOLDER ?= $(CLUSTER_FOLDER)-netsuite
cluster-parts:
	@DATABASE_URL=$$DATABASE_OWNER_URL $(MANAGE) migrate --verbosity 0
	@DATABASE_URL=$$DATABASE_OWNER_URL $(MANAGE) grant_access
	@$(MANAGE) load_contracts
	@$(MANAGE) load_demo
	@$(MANAGE) set_up
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@echo
	@echo "Countersign:  http://127.0.0.1:$(PORT)/ and http://127.0.0.1:$(SECOND_PORT)/"
	@echo "              user mike, first password $${MIKE_PASSWORD:-$$(sed -n 's/^MIKE_PASSWORD=//p' .env)}"
	@echo "NetSuite:     a sandbox on http://127.0.0.1:$(NETSUITE_SANDBOX_PORT)/sandbox/"
	@echo "PostgreSQL:   $$DATABASE_URL"
	@echo "Three clusters. Stop with Ctrl-C; the data stay in $(CLUSTER_FOLDER)."
	@echo
	@export PORT=$(PORT) SECOND_PORT=$(SECOND_PORT) NETSUITE_SANDBOX_PORT=$(NETSUITE_SANDBOX_PORT); \
	exec $(BIN)/honcho start --no-colour --env /dev/null --procfile Procfile.cluster

second-port:
	@$(PYTHON) -c "import socket, sys; \
	sys.exit(socket.socket().connect_ex(('127.0.0.1', $(SECOND_PORT))) == 0 \
	and 'Port $(SECOND_PORT) is in use: choose another one: make cluster SECOND_PORT=8002')"

port:
	@$(PYTHON) -c "import socket, sys; \
	sys.exit(socket.socket().connect_ex(('127.0.0.1', $(PORT))) == 0 \
	and 'Port $(PORT) is in use: stop what runs there, or choose another one: make run PORT=8001')"
	@$(PYTHON) -c "import socket, sys; \
	sys.exit(socket.socket().connect_ex(('127.0.0.1', $(NETSUITE_SANDBOX_PORT))) == 0 \
	and 'Port $(NETSUITE_SANDBOX_PORT) is in use: choose another one: make run NETSUITE_SANDBOX_PORT=8091')"

demo: install ## Take all five workflows from trigger to verify, in a database of its own
	@$(MANAGE) demo

lint: install ## Style, types and the arrows between packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint test-sqlite test-postgres ## Lint, then every test on SQLite and the database tests on PostgreSQL

test-sqlite: install
	$(PYTEST) tests/functional tests/integration tests/unit tests/house

test-postgres: install
	CRASH_KILLS=$${CRASH_KILLS:-2} $(BIN)/python -m tests.postgres $(PYTEST) tests/functional tests/integration -m "not once" $(PAGES:%=--ignore=tests/integration/admin/%)

bench: install ## How fast it is, how that changes with what is stored, and bulk approval while clusters are killed
	$(BIN)/python -m tests.bench.quotes
	$(BIN)/python -m tests.bench.sync
	$(BIN)/python -m tests.bench.latency
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.bench.quotes
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.bench.sync --sizes 3000 30000
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.bench.latency
	$(BIN)/python -m tests.bench.growth
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.bench.growth
	$(BIN)/python -m tests.postgres $(BIN)/python -m tests.bench.gated --runs 200

screenshots: install ## Picture every page, light, dark and on a phone, into var/screenshots
	SCREENSHOTS=var/screenshots $(BIN)/python -m pytest tests/functional/console

constraints: ## Write down the newest versions that pyproject.toml allows, for reproducible installs
	rm -rf var/constraints && $(PYTHON) -m venv var/constraints
	var/constraints/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	var/constraints/bin/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools > constraints.txt
	rm -rf var/constraints
	! grep -E '@|://' constraints.txt
