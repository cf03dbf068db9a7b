# One command for each habit. Every target sets up .venv first: Python 3.11 or newer and make are enough.

PYTHON ?= python3
VENV := .venv
SEED := 0
INVOICES := 50000
SCHEDULES := 10000
BIN := $(VENV)/bin
READY := $(VENV)/ready
LOCK := constraints.txt
DATA := constraints-data.txt
PEERS := build/peers
TRYTON := build/tryton/ready

.PHONY: demo test servers e2e check judges mutants real sim peers bench lock clean

demo: $(READY) ## a sample MSP's quarter, from exports to reconciled cash, in build/demo
	@$(BIN)/tallystick demo build/demo

test: $(READY) ## every test
	@$(BIN)/pytest -q -n logical --dist worksteal

servers: $(TRYTON) ## Redmine and Zabbix, from Debian's packages, and Tryton, for make e2e; their tests say when they are not there
	@test -e /usr/share/redmine -a -e /usr/share/zabbix || { apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			redmine redmine-sqlite puma zabbix-server-pgsql zabbix-frontend-php postgresql-client \
			php-pgsql php-cli php-bcmath php-mbstring php-gd php-xml php-curl >/dev/null; } || \
		echo "Redmine and Zabbix could not be installed; their tests are skipped." >&2

e2e: $(READY) servers ## the real command line over Redmine, Zabbix, Tryton and localstripe; what each held is in build/e2e
	@$(BIN)/pytest -q -m e2e $$(grep -rl mark.e2e tests --include=test_*.py | grep -v ^tests/e2e/)
	@TALLYSTICK_SERVERS=1 $(BIN)/pytest -q -n 2 --dist loadfile tests/e2e
	@TALLYSTICK_KILLS=25 $(BIN)/pytest -q -n 2 tests/demo/test_kill.py

check: $(READY) ## style, types and the floors of the house
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

judges: ## hledger, from Debian's packages, to judge the books beside bean-check; tests do without it where there is none
	@command -v hledger >/dev/null || { apt-get update -qq && apt-get install -y -qq hledger >/dev/null; } || \
		echo "hledger could not be installed; bean-check judges the books alone." >&2

mutants: $(READY) ## what billing could do wrong unnoticed; one room: make mutants ROOM=billing/tax
	@$(BIN)/python tests/mutants/run.py $(ROOM)

real: $(READY) ## the line over a real service desk's data
	@$(BIN)/python examples/servicenow/run.py

sim: $(READY) ## random clients billed against an independent oracle; the line to cash in a world that fails
	@$(BIN)/python -m tests.sim.run $(SEED) $(INVOICES)
	@$(BIN)/python -m tallystick.testing.simulate --seed $(SEED) --seeds $(SCHEDULES)
	@$(BIN)/python -m tests.cash.measure
	@TALLYSTICK_WORKERS=50 TALLYSTICK_ROUNDS=200 $(BIN)/pytest -q tests/cycle/test_workers.py -k one_client
	@TALLYSTICK_INVOICES=2000 TALLYSTICK_KILL_EVERY_S=5 $(BIN)/pytest -q tests/engine/test_workers.py -k killed

# What is only measured against: a venv of its own, never .venv, and the bench goes on without it.
peers: constraints-peers.txt ## dlt and a Singer target, which make bench syncs beside ours
	@test $(PEERS)/ready -nt $< || { $(PYTHON) -m venv $(PEERS) && \
		$(PEERS)/bin/python -m pip install -qq --require-hashes --requirement $< && touch $(PEERS)/ready; } || \
		echo "dlt and Singer could not be installed; make bench goes on without them." >&2

bench: $(READY) peers ## the numbers to hold
	@$(BIN)/python tests/bench/run.py

lock: $(READY) ## newest allowed version of every dependency into the lock file
	@$(BIN)/python -m venv build/lock
	@build/lock/bin/python -m pip install --quiet uv
	@build/lock/bin/uv pip compile pyproject.toml --output-file $(LOCK) --quiet --upgrade \
		--extra postgres --extra serve --extra pdf --extra xlsx --group build --group dev --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock"
	@printf '%s~=8.2.0\n' trytond trytond_account_invoice proteus > build/tryton.in
	@build/lock/bin/uv pip compile build/tryton.in --output-file constraints-tryton.txt --quiet --upgrade \
		--universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
		--custom-compile-command "make lock"
	@printf '%s\n' 'dlt[parquet,postgres,sqlalchemy]' 'adbc-driver-manager' 'adbc-driver-postgresql' \
		'singer-sdk[msgspec]' 'meltanolabs-target-postgres' > build/peers.in
	@build/lock/bin/uv pip compile build/peers.in --output-file constraints-peers.txt --quiet --upgrade \
		--universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
		--custom-compile-command "make lock"

clean:
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find core mappings plugins tests examples -name __pycache__ -prune -exec rm -rf {} +

# Everything is installed from the lock file with its hash checked, so two machines hold the same bytes.
$(READY): pyproject.toml $(LOCK) $(DATA)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Tallystick needs Python 3.11 or newer, and $(PYTHON) is not." \
			"Install one and say which: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) from $(LOCK) (once, about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --require-hashes --requirement $(LOCK)
	@$(BIN)/python -m pip install -qq --no-deps --require-hashes --requirement $(DATA)
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

# Tryton lives beside the line, never inside it; without it its tests are skipped.
$(TRYTON): constraints-tryton.txt
	@$(PYTHON) -m venv --clear build/tryton && \
		build/tryton/bin/python -m pip install -qq --require-hashes --requirement constraints-tryton.txt && touch $@ || \
		{ rm -rf build/tryton; echo "Tryton could not be installed; its tests are skipped." >&2; }
