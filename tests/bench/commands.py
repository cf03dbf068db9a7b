"""What reading commands take, each through the real command line in a process of its own, compiled
as an installed one is.

Their world is that of `profit_world` with what else people look at: four bookings to a ticket,
kinds of tickets and work, ten devices a client, an invoice for every fee with its charge and its
entries, nine in ten approved by policy; one in twenty is still open, the others' payments are
booked.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from profit_world import by_hand, contracts_of, kept_world

from tallystick.engine.installation import open_installation
from tallystick.insight.dimensions import By
from tallystick.store.profit.cells import keep_from_now

CONFIG = """
[msp]
name = "Bench"
country = "DE"
zone = "Europe/Berlin"
[store]
url = "sqlite:///reading-{rows}.db"
[connection.psa]
connector = "files"
home = ["client", "contract", "contract_line", "booking", "cost_rate", "ticket", "cost", "usage",
    "asset"]
mapping = "psa.toml"
[connection.psa.settings]
folder = "."
files = {{ client = "clients.csv" }}
[[tax]]
category = "standard"
percent = "19"
"""
NUMBERS = "WITH RECURSIVE one(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM one WHERE n < {} - 1) "
TICKET_OF = "({n} % {contracts} * 50 + {n} / {contracts} / 4)"
FURTHER = (
    NUMBERS.format("{contracts} * 50")
    + """INSERT INTO ticket (connection, id, version, title, client, asset, type, opened_at,
    content_hash, stored_at) SELECT 'psa', CAST(n AS TEXT), 0, 'Ticket ' || n, 'C' || (n / 50),
    'A' || (n / 5), substr('incidentrequestalert', n % 3 * 7 + 1, 7), '2026-01-01', '', '2026-10-01'
    FROM one""",
    NUMBERS.format("{contracts} * 10")
    + """INSERT INTO asset (connection, id, version, name, client, type, tags, active_from,
    content_hash, stored_at) SELECT 'psa', 'A' || n, 0, 'Device ' || n, 'C' || (n / 10), 'laptop',
    '[]', date('2025-01-01', (n * 13 % 600) || ' days'), '', '2026-10-01' FROM one""",
    """UPDATE booking SET ticket = CAST({ticket_of_booking} AS TEXT),
    work_type = substr('remoteonsite', id % 2 * 6 + 1, 6)""",
    """UPDATE effort SET ticket = 'psa:' || {ticket_of_effort},
    ticket_type = substr('incidentrequestalert', {ticket_of_effort} % 3 * 7 + 1, 7),
    asset = 'psa:A' || ({ticket_of_effort} / 5),
    work_type = substr('remoteonsite', substr(booking, 5) % 2 * 6 + 1, 6)""",
    """INSERT INTO proposal (id, client, currency, "group", sequence, period_start, period_end,
    content_hash, net_minor, tax_minor, gross_minor, body, objections, state, prepared_by,
    prepared_at, approved_by)
    SELECT entry, client, 'EUR', '', entry, reported_in, date(reported_in, '1 month'), '', 10000,
    1900, 11900, '{{}}', '[]', 'issued', 'kim', '2026-10-01',
    CASE entry % 10 WHEN 0 THEN 'sam' ELSE 'standing policy' END
    FROM posting WHERE reported_in < '2026-11-01'""",
    """INSERT INTO invoice (number, kind, client, currency, "group", sequence, proposal,
    period_start, period_end, issued_on, due_on, net_minor, tax_minor, gross_minor, settled_minor,
    state, parties, payment_terms_days, contracts, detailed)
    SELECT 'R-' || p.id, 'invoice', p.client, p.currency, '', p.id, p.id, period_start, period_end,
    period_start, date(period_start, '14 days'), 10000, 1900, 11900,
    CASE WHEN p.id % 20 THEN 11900 ELSE 0 END, CASE WHEN p.id % 20 THEN 'paid' ELSE 'posted' END,
    '{{"buyer": {{"name": "' || p.client || '"}}, "seller": {{"name": "Bench"}}}}', 14, '[]', 0
    FROM proposal p""",
    """INSERT INTO charge (invoice, "index", position, contract, line, basis, service_start,
    service_end, "group", quantity, unit, unit_price, amount_minor, currency, account, tax_included,
    included_tax_minor, deferred, reason, corrects)
    SELECT i.number, 0, 1, p.contract, p.line, 'fee:' || i.period_start, i.period_start,
    i.period_end, '', '1', 'month', '100', 10000, 'EUR', 'Income:Fixed', 0, 0, 1, '["a fee"]', '[]'
    FROM invoice i JOIN posting p ON p.entry = i.proposal""",
    """INSERT INTO invoice_line (invoice, position, contract, line, text, service_start,
    service_end, quantity, unit, unit_price, net_minor, tax_category, account, corrects)
    SELECT invoice, 1, contract, line, 'Fee', service_start, service_end, quantity, unit,
    unit_price, amount_minor, 'standard', account, '[]' FROM charge""",
    """INSERT INTO invoice_tax (invoice, category, percent, net_minor, amount_minor, code,
    exemption) SELECT number, 'standard', '19', net_minor, tax_minor, 'S', '' FROM invoice""",
    """INSERT INTO settlement (connection, bank_transaction, part, content_hash, kind, account,
    invoice, amount_minor, currency, moved_minor, moved_currency, fee_minor, booked_on, rule)
    SELECT 'bank', number, 0, '', 'payment', 'Assets:Receivable', number, gross_minor, currency,
    gross_minor, currency, 0, due_on, 'number' FROM invoice WHERE state = 'paid'""",
    "UPDATE entry SET source = 'recognise:' || source",
    """INSERT INTO posting (entry, position, account, amount_minor, currency, client, contract)
    SELECT entry, 2, 'Liabilities:Deferred', -amount_minor, currency, client, contract
    FROM posting""",
    """INSERT INTO entry (id, source, booked_on, narration, recorded_at, hash)
    SELECT 1000000 + sequence, 'invoice:' || number, issued_on, number, '2026-10-01', ''
    FROM invoice UNION ALL
    SELECT 2000000 + sequence, 'bank:bank:' || number || ':0', due_on, number, '2026-10-01', ''
    FROM invoice WHERE state = 'paid'""",
    """INSERT INTO posting (entry, position, account, amount_minor, currency, client, contract)
    SELECT 1000000 + i.sequence, 1, 'Assets:Receivable', gross_minor, i.currency, client, NULL
    FROM invoice i UNION ALL
    SELECT 1000000 + i.sequence, 2, 'Liabilities:Tax', -tax_minor, i.currency, client, NULL
    FROM invoice i UNION ALL
    SELECT 1000000 + i.sequence, 3, 'Liabilities:Deferred', -amount_minor, i.currency, client,
    contract FROM invoice i JOIN charge ON charge.invoice = number UNION ALL
    SELECT 2000000 + i.sequence, 1, 'Assets:Bank', gross_minor, i.currency, client, NULL
    FROM invoice i WHERE state = 'paid' UNION ALL
    SELECT 2000000 + i.sequence, 2, 'Assets:Receivable', -gross_minor, i.currency, client, NULL
    FROM invoice i WHERE state = 'paid'""",
)


def reading_world(folder: Path, rows: int) -> Path:
    """The config of an installation over that world, which is made where it is not there yet."""
    config, file = folder / f"reading-{rows}.toml", folder / f"reading-{rows}.db"
    if config.exists():
        return config
    kept_world(folder, rows).close()
    hand = by_hand(folder, rows)
    hand.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    hand.connection.close()
    shutil.copy(folder / f"profit-{rows}.db", file)
    contracts = contracts_of(rows)
    named = {
        "contracts": contracts,
        "ticket_of_booking": TICKET_OF.format(n="id", contracts=contracts),
        "ticket_of_effort": TICKET_OF.format(n="substr(booking, 5)", contracts=contracts),
    }
    with sqlite3.connect(file) as database:
        for statement in FURTHER:
            database.execute(statement.format(**named))
    database.close()
    (folder / "psa.toml").touch()
    config.write_text(CONFIG.format(rows=rows))
    with open_installation(config) as opened, opened.database.write() as connection:
        keep_from_now(connection, opened.cells.hash)
    return config


DIMENSIONS: tuple[By, ...] = (
    *("client", "line", "ticket", "ticket-type", "technician", "asset", "work-type"),
    *("month", "quarter", "year"),
)
COMMANDS = (
    *("profit 2026-09", "profit 2026", "profit 2026 --client psa:C7"),
    *(f"profit 2026 --by {by}" for by in DIMENSIONS),
    *("explain profit KC7 2026-09", "explain booking 4711", "explain invoice R-4711"),
    *("advise", "advise KC7", "balance C7", "reconcile assets", "reconcile counts"),
    *("status", "quarantine", "links show", "bill list", "bill review 2026-10", "bill holes"),
    *("cash show", "cash review list", "cash escalations", "cash write-offs list"),
    *("books trial-balance", "books ageing", "books deferred 2026-09", "books periods"),
)


def _reading(command: str) -> Callable[[Path, int], Callable[[], None]]:
    def prepare(folder: Path, rows: int) -> Callable[[], None]:
        config = reading_world(folder, rows)
        line = [sys.executable, "-m", "tallystick.cli", *command.split(), "--config", str(config)]
        compiled = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        compiled.pop("PYTHONDONTWRITEBYTECODE", None)

        def work() -> None:
            done = subprocess.run(line, capture_output=True, text=True, check=False, env=compiled)
            if done.returncode > 1:  # 1: it found something, which is an answer
                raise SystemExit(done.stderr)

        work()  # what a first reading keeps, is kept; and compiled once
        return work

    return prepare


FIGURES = {f"reading_{one.replace(' ', '_')}": _reading(one) for one in COMMANDS}
